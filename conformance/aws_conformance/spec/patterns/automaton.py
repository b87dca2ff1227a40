# SPDX-License-Identifier: Apache-2.0
"""A reading of a pattern as an automaton over partial derivatives.

It owns what may follow after each character: a state is a conjunction of continuations that the rest of the
text must match and others that it must not, so that lookaheads are exact wherever they stand; lookbehinds
are trackers that run along from the left. It knows neither lengths nor the choice of strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from .charset import ANYTHING, Partition
from .progress import progressive
from .readings import ANY
from .syntax import Chars, Choice, Either, End, Look, Node, Repeat, Sequence, Start, WordBoundary

__all__ = ["ACCEPT_ALL", "Automaton", "Goal", "Unbuildable"]

# Continuations are numbered: what is to be matched is interned as (node, continuation behind it).
_DONE = 0
_TRUE = 1

Goal: TypeAlias = tuple[frozenset[int], frozenset[int]]
"""Continuations that the rest must match, and others that it must not."""

ACCEPT_ALL: Goal = (frozenset(), frozenset())

_Moves: TypeAlias = tuple[tuple[int, frozenset[int], frozenset[int]], ...]
_Obligations: TypeAlias = tuple[tuple[bool, int], ...]
_Steps: TypeAlias = tuple[tuple[int, _Obligations, int], ...]


class Unbuildable(Exception):  # noqa: N818 - a reason for refusal, turned into one by the caller
    """The pattern has a construct that the automaton does not hold; the text says which."""


@dataclass(frozen=True, slots=True)
class _LookContext:
    """What lies to the left: whether nothing does, and how far each lookbehind has come."""

    at_start: bool
    trackers: tuple[frozenset[int], ...]


class Automaton:
    """Goals and the moves between them, computed when asked for and remembered.

    With `anywhere`, a text is accepted if any part of it matches, as in a search. Environments are numbers;
    a text begins with goal `initial` in environment 0.
    """

    __slots__ = (
        "_accepting",
        "_after",
        "_bodies",
        "_conts",
        "_environments",
        "_lefts",
        "_looks",
        "_masks",
        "_moves",
        "_must",
        "_must_not",
        "_next_environments",
        "_numbers",
        "_steps",
        "initial",
        "partition",
    )

    def __init__(self, node: Node, *, anywhere: bool = False) -> None:
        node = progressive(node)
        if anywhere:
            node = Sequence((ANY, node))
        every = tuple(_nodes(node))
        self.partition = Partition(
            [ANYTHING, *(part.members.exact for part in every if isinstance(part, Chars))]
        )
        # Trees are walked by identity: hashing a class of a thousand ranges takes longer than using it.
        self._masks = {
            id(part): self.partition.mask(part.members.exact) for part in every if isinstance(part, Chars)
        }
        self._conts: list[tuple[Node, int]] = [(node, -1), (node, -1)]
        self._numbers: dict[tuple[int, int, int, int], int] = {}
        looks = [part.body for part in every if isinstance(part, Look) and part.behind]
        for body in looks:
            if any(isinstance(inside, Look | End) for inside in _nodes(body)):
                raise Unbuildable("a lookaround inside a lookbehind")
        self._looks = {id(body): index for index, body in enumerate(looks)}
        self._bodies = tuple(self._cont(body, _DONE) for body in looks)
        self._environments: dict[_LookContext, int] = {}
        self._lefts: list[_LookContext] = []
        anchored = any(isinstance(part, Start) for part in every)
        self._number(_LookContext(anchored, tuple(frozenset((body,)) for body in self._bodies)))
        self._steps: dict[tuple[int, int], _Steps] = {}
        self._accepting: dict[tuple[int, int], bool] = {}
        self._after: dict[tuple[frozenset[Goal], int, int], tuple[frozenset[Goal], int]] = {}
        self._must: dict[tuple[int, int], _Moves] = {}
        self._must_not: dict[tuple[int, int], _Moves] = {}
        self._moves: dict[tuple[Goal, int], tuple[tuple[int, Goal], ...]] = {}
        self._next_environments: dict[int, tuple[tuple[int, int], ...]] = {}
        self.initial: Goal = _goal(self._cont(node, _TRUE if anywhere else _DONE))

    def _number(self, environment: _LookContext) -> int:
        number = self._environments.setdefault(environment, len(self._lefts))
        if number == len(self._lefts):
            self._lefts.append(environment)
        return number

    def accepts(self, goal: Goal, environment: int) -> bool:
        """Whether the goal is reached if the text ends here."""
        must, must_not = goal
        return all(self._ends(cont, environment) for cont in must) and not any(
            self._ends(cont, environment) for cont in must_not
        )

    def moves(self, goal: Goal, environment: int) -> tuple[tuple[int, Goal], ...]:
        """The goals that are left after one character, each with the classes of characters it needs."""
        key = (goal, environment)
        cached = self._moves.get(key)
        if cached is None:
            parts = [self._meet(cont, environment) for cont in sorted(goal[0])]
            parts.extend(self._avoid(cont, environment) for cont in sorted(goal[1]))
            moves: _Moves = parts[0] if parts else ((self.partition.all, frozenset(), frozenset()),)
            for part in parts[1:]:
                moves = _both(moves, part)
            cached = tuple((mask, (must, must_not)) for mask, must, must_not in moves)
            self._moves[key] = cached
        return cached

    def after(self, goals: frozenset[Goal], environment: int, character: int) -> tuple[frozenset[Goal], int]:
        """All goals that any of the goals leaves, after one character of a class (a mask of one bit)."""
        key = (goals, environment, character)
        cached = self._after.get(key)
        if cached is None:
            targets = frozenset(
                target for goal in goals for mask, target in self.moves(goal, environment) if mask & character
            )
            if ACCEPT_ALL in targets:
                targets = frozenset((ACCEPT_ALL,))
            next_environment = next(
                number for mask, number in self.next_environments(environment) if mask & character
            )
            cached = self._after[key] = (targets, next_environment)
        return cached

    def next_environments(self, environment: int) -> tuple[tuple[int, int], ...]:
        """The environments after one character, each with the classes of characters that lead to it."""
        cached = self._next_environments.get(environment)
        if cached is None:
            cached = self._next_environments[environment] = tuple(self._advance(environment))
        return cached

    def _advance(self, number: int) -> Iterator[tuple[int, int]]:
        environment = self._lefts[number]
        if not environment.trackers:
            yield self.partition.all, self._number(_LookContext(False, ()))
            return
        plain = self._number(_LookContext(environment.at_start, ()))
        masks: dict[_LookContext, int] = {}
        for index in range(len(self.partition.classes)):
            bit = 1 << index
            trackers = tuple(
                frozenset(
                    following
                    for cont in tracker
                    for mask, _, following in self._step(cont, plain)
                    if mask & bit
                )
                | {body}
                for tracker, body in zip(environment.trackers, self._bodies, strict=True)
            )
            following = _LookContext(False, trackers)
            masks[following] = masks.get(following, 0) | bit
        for following, mask in masks.items():
            yield mask, self._number(following)

    def _cont(self, node: Node, tail: int) -> int:
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                tail = self._cont(part, tail)
            return tail
        key = (id(node), -1, -1, tail)
        if isinstance(node, Repeat):
            if tail == _TRUE and _is_anything(node):
                return _TRUE
            key = (id(node.body), node.low, -1 if node.high is None else node.high, tail)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._conts)
            self._conts.append((node, tail))
        return number

    def _is_behind(self, body: Node, environment: int) -> bool:
        left = self._lefts[environment]
        plain = self._number(_LookContext(left.at_start, ()))
        tracker = left.trackers[self._looks[id(body)]]
        return any(self._ends(cont, plain) for cont in tracker)

    def _at_start(self, environment: int) -> bool:
        return self._lefts[environment].at_start

    def _step(self, cont: int, environment: int) -> _Steps:
        key = (cont, environment)
        cached = self._steps.get(key)
        if cached is None:
            cached = self._steps[key] = tuple(self._stepping(cont, environment))
        return cached

    def _stepping(self, cont: int, environment: int) -> Iterator[tuple[int, _Obligations, int]]:
        """Ways to take one character: its classes, lookaheads to be met from here, what then remains."""
        if cont == _DONE:
            return
        if cont == _TRUE:
            yield self.partition.all, (), _TRUE
            return
        node, tail = self._conts[cont]
        match node:
            case Chars():
                yield self._masks[id(node)], (), tail
            case Sequence() | Choice() | Repeat():
                for first in self._firsts(node, tail):
                    yield from self._step(first, environment)
            case Start():
                if self._at_start(environment):
                    yield from self._step(tail, environment)
            case End():
                return
            case Look():
                yield from self._looking(node, tail, environment)
            case WordBoundary() | Either():
                raise TypeError(f"{node} was not read")
            case _:
                assert_never(node)

    def _firsts(self, node: Sequence | Choice | Repeat, tail: int) -> Iterator[int]:
        """The continuations with one of which what the node is made of begins."""
        match node:
            case Sequence():
                yield self._cont(node, tail)
            case Choice(branches):
                for branch in branches:
                    yield self._cont(branch, tail)
            case Repeat(body, low):
                yield self._cont(body, self._again(node, tail))
                if low == 0:
                    yield tail
            case _:
                assert_never(node)

    def _looking(self, node: Look, tail: int, environment: int) -> Iterator[tuple[int, _Obligations, int]]:
        """The ways of what stands behind a lookaround, as far as it allows them."""
        match node:
            case Look(body, True, negated):
                if self._is_behind(body, environment) != negated:
                    yield from self._step(tail, environment)
            case Look(Chars() as next_character, _, negated):
                # A look at one character only narrows the next one.
                allowed = self._masks[id(next_character)]
                if negated:
                    allowed = self.partition.all & ~allowed
                for mask, obligations, following in self._step(tail, environment):
                    if mask & allowed:
                        yield mask & allowed, obligations, following
            case Look(body, _, negated):
                obligation = (negated, self._cont(body, _TRUE))
                for mask, obligations, following in self._step(tail, environment):
                    yield mask, (*obligations, obligation), following
            case _:
                assert_never(node)

    def _again(self, node: Repeat, tail: int) -> int:
        high = None if node.high is None else node.high - 1
        if high == 0:
            return tail
        return self._cont(Repeat(node.body, max(node.low - 1, 0), high), tail)

    def _ends(self, cont: int, environment: int) -> bool:
        if cont in (_DONE, _TRUE):
            return True
        key = (cont, environment)
        cached = self._accepting.get(key)
        if cached is None:
            cached = self._accepting[key] = self._ending(*self._conts[cont], environment)
        return cached

    def _ending(self, node: Node, tail: int, environment: int) -> bool:
        match node:
            case Chars():
                return False
            case Sequence():
                return self._ends(self._cont(node, tail), environment)
            case Choice(branches):
                return any(self._ends(self._cont(branch, tail), environment) for branch in branches)
            case Repeat(_, low, _):
                return low == 0 and self._ends(tail, environment)
            case Start():
                return self._at_start(environment) and self._ends(tail, environment)
            case End():
                return self._ends(tail, environment)
            case Look(body, True, negated):
                return self._is_behind(body, environment) != negated and self._ends(tail, environment)
            case Look(body, _, negated):
                ahead = self._ends(self._cont(body, _TRUE), environment)
                return ahead != negated and self._ends(tail, environment)
            case WordBoundary() | Either():
                raise TypeError(f"{node} was not read")
            case _:
                assert_never(node)

    def _meet(self, cont: int, environment: int) -> _Moves:
        key = (cont, environment)
        cached = self._must.get(key)
        if cached is None:
            moves: list[tuple[int, frozenset[int], frozenset[int]]] = []
            for mask, obligations, following in self._step(cont, environment):
                goal = frozenset() if following == _TRUE else frozenset((following,))
                ways: _Moves = ((mask, goal, frozenset()),)
                for negated, look in obligations:
                    ways = _both(ways, (self._avoid if negated else self._meet)(look, environment))
                moves.extend(ways)
            cached = self._must[key] = _merged(moves)
        return cached

    def _avoid(self, cont: int, environment: int) -> _Moves:
        key = (cont, environment)
        moves = self._must_not.get(key)
        if moves is None:
            moves = ((self.partition.all, frozenset(), frozenset()),)
            for mask, obligations, following in self._step(cont, environment):
                ways = [(self.partition.all & ~mask, frozenset[int](), frozenset[int]())]
                if following != _TRUE:
                    ways.append((mask, frozenset(), frozenset((following,))))
                for negated, look in obligations:
                    # The way is closed as well if one of its lookaheads fails.
                    ways.extend((self._meet if negated else self._avoid)(look, environment))
                moves = _both(moves, tuple(ways))
            self._must_not[key] = moves
        return moves


def _both(left: _Moves, right: _Moves) -> _Moves:
    """Moves that are in both: the product, without contradictions."""
    moves = []
    for mask_a, must_a, not_a in left:
        for mask_b, must_b, not_b in right:
            mask = mask_a & mask_b
            if not mask:
                continue
            must, must_not = must_a | must_b, not_a | not_b
            if must_not and not must.isdisjoint(must_not):
                continue
            moves.append((mask, must, must_not))
    return _merged(moves)


def _merged(moves: list[tuple[int, frozenset[int], frozenset[int]]]) -> _Moves:
    masks: dict[tuple[frozenset[int], frozenset[int]], int] = {}
    for mask, must, must_not in moves:
        if mask:
            masks[must, must_not] = masks.get((must, must_not), 0) | mask
    return tuple((mask, must, must_not) for (must, must_not), mask in masks.items())


def _is_anything(node: Repeat) -> bool:
    return node.low == 0 and node.high is None and node.body == ANY.body


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Sequence(parts) | Choice(parts):
            return parts
        case Repeat(body) | Look(body):
            return (body,)
        case _:
            return ()


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _goal(cont: int) -> Goal:
    return (frozenset() if cont == _TRUE else frozenset((cont,))), frozenset()
