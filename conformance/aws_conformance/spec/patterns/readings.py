# SPDX-License-Identifier: Apache-2.0
"""One pattern, three readings: each a tree in which nothing is ambiguous any more.

It owns what a lookaround's negation does to a reading (what is surely excluded is what is possibly inside)
and the simplifications that keep a tree's language. It knows neither the engines that a translation is for
nor automata.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, assert_never

from .charset import ANYTHING, CharClass, CharSet
from .properties import LINE_ENDS, WORD
from .syntax import (
    EMPTY,
    NEVER,
    Chars,
    Choice,
    Either,
    End,
    Look,
    Node,
    Repeat,
    Sequence,
    Start,
    WordBoundary,
    nullable,
    zero_width,
)

__all__ = ["ANY", "Reading", "bounded", "read", "simplified"]

Reading: TypeAlias = Literal["exact", "sure", "maybe"]

_OPPOSITE: dict[Reading, Reading] = {"exact": "exact", "sure": "maybe", "maybe": "sure"}
ANY = Repeat(Chars(CharClass.of(ANYTHING)), 0, None)


def read(node: Node, reading: Reading) -> Node:
    """The tree under one reading, where every class has one meaning and boundaries are lookarounds."""
    match node:
        case Chars(members):
            return Chars(CharClass.of(_pick(members, reading)))
        case Sequence(parts):
            return Sequence(tuple(read(part, reading) for part in parts))
        case Choice(branches):
            return Choice(tuple(read(branch, reading) for branch in branches))
        case Repeat(body, low, high):
            return Repeat(read(body, reading), low, high)
        case Start():
            return node
        case End(loose):
            return _loose_end() if loose and reading == "maybe" else End(loose=False)
        case WordBoundary(inside):
            return _boundary(inside, reading)
        case Look(body, behind, negated):
            return Look(read(body, _OPPOSITE[reading] if negated else reading), behind, negated)
        case Either(narrow, wide):
            return read(wide if reading == "maybe" else narrow, reading)
        case _:
            assert_never(node)


def _pick(members: CharClass, reading: Reading) -> CharSet:
    match reading:
        case "exact":
            return members.exact
        case "sure":
            return members.sure
        case "maybe":
            return members.maybe
        case _:
            assert_never(reading)


def _set(charset: CharSet) -> Chars:
    return Chars(CharClass.of(charset))


def _loose_end() -> Node:
    """The end, or before a line end that closes the text, as in Java and, for a newline, Python."""
    pair = Sequence((_set(CharSet.characters("\r")), _set(CharSet.characters("\n"))))
    closing = Sequence((Choice((pair, _set(LINE_ENDS))), End(loose=False)))
    return Choice((End(loose=False), Look(closing, behind=False, negated=False)))


def _boundary(inside: bool, reading: Reading) -> Node:
    is_word = _set(_pick(WORD, reading))
    is_not = _set(_pick(WORD, _OPPOSITE[reading]))
    behind = (Look(is_word, behind=True, negated=False), Look(is_not, behind=True, negated=True))
    ahead = (Look(is_word, behind=False, negated=False), Look(is_not, behind=False, negated=True))
    if inside:
        return Choice((Sequence((behind[0], ahead[0])), Sequence((behind[1], ahead[1]))))
    return Choice((Sequence((behind[0], ahead[1])), Sequence((behind[1], ahead[0]))))


def simplified(node: Node, *, anchored: bool = True) -> Node:
    """The same language in fewer nodes; `anchored` if the tree must match a text from start to end.

    Anchors that a whole match satisfies anyway vanish, and nested repetitions that would make a
    backtracking engine slow are joined: `(a+)*` is `a*`.
    """
    slim = _slim(node)
    return _slim(_unanchored(slim, at_start=True, at_end=True)) if anchored else slim


def _slim(node: Node) -> Node:
    match node:
        case Chars(members):
            return node if members.exact else NEVER
        case Sequence(parts):
            return _sequence([_slim(part) for part in parts])
        case Choice(branches):
            return _choice([_slim(branch) for branch in branches])
        case Repeat(body, low, high):
            return _repeat(_slim(body), low, high)
        case Look(body, behind, negated):
            return _look(_slim(body), behind, negated)
        case Either(narrow, wide):
            return Either(_slim(narrow), _slim(wide))
        case Start() | End() | WordBoundary():
            return node
        case _:
            assert_never(node)


def _sequence(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        if part == NEVER:
            return NEVER
        flat.extend(part.parts if isinstance(part, Sequence) else (part,))
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def _choice(branches: list[Node]) -> Node:
    flat: list[Node] = []
    for branch in branches:
        flat.extend(branch.branches if isinstance(branch, Choice) else (branch,))
    distinct = list(dict.fromkeys(flat))
    singles = [branch for branch in distinct if isinstance(branch, Chars)]
    if len(singles) > 1:
        joined = singles[0].members
        for single in singles[1:]:
            joined |= single.members
        first = distinct.index(singles[0])
        distinct[first] = Chars(joined)
        distinct = [
            branch for index, branch in enumerate(distinct) if index <= first or not isinstance(branch, Chars)
        ]
    return distinct[0] if len(distinct) == 1 else Choice(tuple(distinct))


def _repeat(body: Node, low: int, high: int | None) -> Node:
    if high == 0 or body == EMPTY:
        return EMPTY
    if body == NEVER:
        return EMPTY if low == 0 else NEVER
    if zero_width(body):
        # Once is as good as often: `$+` is `$`, and `(?!a)*` says nothing.
        return body if low else EMPTY
    if (low, high) == (1, 1):
        return body
    if isinstance(body, Repeat) and body.high is None and body.low <= 1:
        # (x+)+ and (x*){2,3}: any number of repetitions of an unbounded run is an unbounded run.
        if body.low == 0:
            return body
        return Repeat(body.body, low, None)
    if isinstance(body, Repeat) and (body.low, body.high) == (0, 1):
        return Repeat(body.body, 0, high)
    return Repeat(body, low, high)


def _look(body: Node, behind: bool, negated: bool) -> Node:
    if body == NEVER:
        return EMPTY if negated else NEVER
    if body == EMPTY:
        return NEVER if negated else EMPTY
    return Look(body, behind, negated)


def _unanchored(node: Node, *, at_start: bool, at_end: bool) -> Node:
    """The tree without the anchors that hold at a place: `at_start` before, `at_end` behind the node."""
    match node:
        case Start():
            return EMPTY if at_start else node
        case End():
            return EMPTY if at_end else node
        case Choice(branches):
            return Choice(tuple(_unanchored(branch, at_start=at_start, at_end=at_end) for branch in branches))
        case Sequence(parts):
            return Sequence(_unanchored_parts(parts, at_start=at_start, at_end=at_end))
        case Repeat(body, 0, 1):
            return Repeat(_unanchored(body, at_start=at_start, at_end=at_end), 0, 1)
        case Look(body, False, negated) if at_start:
            return Look(_unanchored(body, at_start=True, at_end=False), False, negated)
        case Chars() | Repeat() | WordBoundary() | Look() | Either():
            return node
        case _:
            assert_never(node)


def _unanchored_parts(parts: tuple[Node, ...], *, at_start: bool, at_end: bool) -> tuple[Node, ...]:
    before = 0
    while before < len(parts) and zero_width(parts[before]):
        before += 1
    behind = len(parts)
    while behind > 0 and zero_width(parts[behind - 1]):
        behind -= 1
    unanchored: list[Node] = []
    for index, part in enumerate(parts):
        starts, ends = at_start and index <= before, at_end and index >= behind - 1
        if isinstance(part, Start) and not starts and not all(nullable(other) for other in parts[:index]):
            # Something was taken already, so this is not the start.
            return (NEVER,)
        if isinstance(part, End) and not ends and not all(nullable(other) for other in parts[index:]):
            return (NEVER,)
        unanchored.append(_unanchored(part, at_start=starts, at_end=ends))
    return tuple(unanchored)


def bounded(node: Node) -> tuple[Node, int, int | None]:
    """A tree that must match a text whole, without a lookahead that counts its characters, and the counts.

    `(?=.{20,2048}$)` at the beginning is common. Counting beside the rest of the pattern would multiply the
    states of an automaton by two thousand; a bound on the length costs nothing.
    """
    match node:
        case Sequence((Look(Sequence((Repeat(Chars(members), low, high), End())), False, False), *rest)):
            allowed = members.exact
            body, inner_low, inner_high = bounded(_within(_sequence(list(rest)), allowed))
            highs = [count for count in (high, inner_high) if count is not None]
            return body, max(low, inner_low), min(highs, default=None)
        case _:
            return node, 0, None


def _within(node: Node, allowed: CharSet) -> Node:
    """The tree where only allowed characters are taken; what lookarounds see is not narrowed."""
    match node:
        case Chars(members):
            return _slim(_set(members.exact & allowed))
        case Sequence(parts):
            return _sequence([_within(part, allowed) for part in parts])
        case Choice(branches):
            return _choice([_within(branch, allowed) for branch in branches])
        case Repeat(body, low, high):
            return _repeat(_within(body, allowed), low, high)
        case Start() | End() | WordBoundary() | Look() | Either():
            return node
        case _:
            assert_never(node)
