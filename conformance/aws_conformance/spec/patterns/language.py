# SPDX-License-Identifier: Apache-2.0
"""The strings that a pattern surely accepts, and those that it refuses under every reading.

It owns the agreement zone: a positive string matches in full under the narrowest reading, a negative one
nowhere under the widest. Both are made by construction, by walks that cannot fail. What a pattern means was
settled in readings.py; the walks are in words.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeAlias

from ...choices import Choices, size
from .automaton import ACCEPT_ALL, Automaton, Goal, Unbuildable
from .charset import ANYTHING, ASTRAL, NOTHING, CharSet
from .palette import VISIBLE, WRITABLE
from .parser import parse
from .progress import ConditionallyEmpty
from .readings import bounded, read, simplified
from .refusal import PatternRefused
from .syntax import Chars, Node, Repeat, Sequence
from .words import Edge, Graph, Run

__all__ = ["Language", "language"]

_STATES = 20_000
_MOVES = 100_000
_PLAIN = WRITABLE & ~ASTRAL
_LAST_RESORT = ~(ASTRAL | CharSet.of((0, 0)))
# Where to look for a negative, in this order: which characters it may hold, and among how many states. As a
# rule one character that has no place in the pattern is enough, and it is a visible one.
_SEARCHES = (
    (VISIBLE, 16),
    (VISIBLE, 128),
    (_PLAIN, 16),
    (_PLAIN, 128),
    (_LAST_RESORT, 16),
    (_LAST_RESORT, 128),
    (VISIBLE, 1024),
)

_Words: TypeAlias = Graph | Run


@functools.lru_cache(maxsize=2048)
def language(source: str) -> Language:
    """The language of an AWS pattern. Raises PatternRefused if the pattern cannot be parsed."""
    return Language(source)


class Language:
    """What a pattern accepts and refuses; everything is computed when first asked for.

    Lengths are in characters, and bounds hold in code points and in UTF-16 units alike. Methods raise
    PatternRefused if the automaton gets too large or cannot express the pattern.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._node = parse(source).node
        self._explorations: dict[int, Graph] = {}
        self._refusing: dict[tuple[CharSet, int], Graph | None] = {}

    def lengths(self, min: int, max: int) -> tuple[int, int] | None:  # noqa: A002 - the model's own words
        """The shortest and the longest length of a positive string within the bounds, or None."""
        words, low, high, factor = self._positives(min, max)
        shortest = words.at_or_above(low, high // factor)
        longest = words.at_or_below(high // factor, low)
        return None if shortest is None or longest is None else (shortest, longest)

    def positive(self, choices: Choices, min: int, max: int) -> str | None:  # noqa: A002
        """A string that matches in full under every reading, or None if none is within the bounds."""
        words, low, high, factor = self._positives(min, max)
        return _word(words, choices, low, high // factor, high)

    def positive_of_length(self, choices: Choices, length: int) -> str | None:
        """A positive string of so many code points, all up to U+FFFF where that is possible."""
        _, low, high = self._bounded
        if low <= length and (high is None or length <= high):
            for words in (self._plain, self._full):
                if words.at_or_above(length, length) is not None:
                    return words.word(choices, length, 0)
        return None

    def negative(self, choices: Choices, min: int, max: int) -> str | None:  # noqa: A002
        """A string within the bounds no part of which matches under any reading, or None if there is none."""
        for alphabet, limit in _SEARCHES:
            graph = self._negatives(alphabet, limit)
            word = None if graph is None else _word(graph, choices, min, max, max)
            if word is not None:
                return word
        return None

    def accepts(self, text: str) -> bool:
        """Whether the text matches in full under every reading."""
        return _run(self._sure, text)

    def accepts_somehow(self, text: str) -> bool:
        """Whether some part of the text matches under some reading."""
        return _run(self._maybe, text)

    def _built(self, make: Callable[[], Automaton]) -> Automaton:
        try:
            return make()
        except Unbuildable as reason:
            raise PatternRefused(self.source, str(reason)) from None
        except ConditionallyEmpty:
            raise PatternRefused(self.source, "a repeated part that a lookaround lets be empty") from None

    @functools.cached_property
    def _sure_node(self) -> Node:
        return simplified(read(self._node, "sure"))

    @functools.cached_property
    def _bounded(self) -> tuple[Node, int, int | None]:
        return bounded(self._sure_node)

    @functools.cached_property
    def _sure(self) -> Automaton:
        return self._built(lambda: Automaton(self._sure_node))

    @functools.cached_property
    def _maybe(self) -> Automaton:
        node = simplified(read(self._node, "maybe"), anchored=False)
        return self._built(lambda: Automaton(node, anywhere=True))

    def _positives(self, low: int, high: int) -> tuple[_Words, int, int, int]:
        """The words to take positives from, the bounds, and how many UTF-16 units a character may take up.

        As a rule a pattern needs no character beyond U+FFFF, and then characters are units. If it does,
        every character counts as two, which may miss lengths at the upper bound but never exceeds it.
        """
        _, least, most = self._bounded
        low, high = max(low, least), high if most is None else min(high, most)
        if self._plain.at_or_above(low, high) is not None:
            return self._plain, low, high, 1
        return self._full, low, high, 2

    @functools.cached_property
    def _plain(self) -> _Words:
        return self._words(~ASTRAL)

    @functools.cached_property
    def _full(self) -> _Words:
        return self._words(ANYTHING)

    def _words(self, alphabet: CharSet) -> _Words:
        match self._bounded[0]:
            case Repeat(Chars(members), low, high):
                return Run(members.exact & alphabet, low, high)
            case Sequence(()):
                return Run(NOTHING, 0, 0)
            case node:
                return self._explored(node, alphabet)

    def _explored(self, node: Node, alphabet: CharSet) -> Graph:
        """Every state that characters of the alphabet lead to."""
        # Not kept: a graph is all that walks need, and large automata are large.
        automaton = self._built(lambda: Automaton(node))
        allowed = _allowed(automaton, alphabet)
        # Most patterns have no class that lies beyond U+FFFF as a whole: then all alphabets lead to the same.
        if allowed not in self._explorations:
            self._explorations[allowed] = self._walked(automaton, allowed)
        return self._explorations[allowed]

    def _walked(self, automaton: Automaton, allowed: int) -> Graph:
        """Every state that characters of the allowed classes lead to."""
        numbers: dict[tuple[Goal, int], int] = {(automaton.initial, 0): 0}
        queue = [(automaton.initial, 0)]
        edges: list[list[Edge]] = []
        accepting = bytearray()
        sets: dict[int, CharSet] = {}
        tried = 0
        for goal, environment in queue:
            accepting.append(automaton.accepts(goal, environment))
            masks: dict[int, int] = {}
            tried += len(automaton.moves(goal, environment))
            for allowing, following in automaton.next_environments(environment):
                for mask, target in automaton.moves(goal, environment):
                    if mask & allowing & allowed:
                        key = (target, following)
                        number = numbers.setdefault(key, len(queue))
                        if number == len(queue):
                            queue.append(key)
                        masks[number] = masks.get(number, 0) | (mask & allowing & allowed)
            if len(queue) > _STATES or tried > _MOVES:
                raise PatternRefused(self.source, f"an automaton of more than {_STATES} states")
            outgoing = []
            for number, mask in masks.items():
                if mask not in sets:
                    sets[mask] = automaton.partition.union(mask)
                outgoing.append(Edge(sets[mask], number))
            edges.append(outgoing)
        return Graph(edges, _bits(accepting))

    def _negatives(self, alphabet: CharSet, limit: int) -> Graph | None:
        """States of the widest search that has found nothing yet, up to a limit; None if it always finds."""
        key = (alphabet, limit)
        if key not in self._refusing:
            self._refusing[key] = self._unfound(alphabet, limit)
        return self._refusing[key]

    def _unfound(self, alphabet: CharSet, limit: int) -> Graph | None:
        automaton = self._maybe
        start = (frozenset((automaton.initial,)), 0)
        if ACCEPT_ALL in start[0]:
            return None
        numbers = {start: 0}
        queue = [start]
        edges: list[list[Edge]] = []
        refusing = bytearray()
        letters = [
            (1 << number, charset & alphabet)
            for number, charset in enumerate(automaton.partition.classes)
            if charset & alphabet
        ]
        for goals, environment in queue:
            refusing.append(not any(automaton.accepts(goal, environment) for goal in goals))
            joined: dict[int, CharSet] = {}
            for bit, charset in letters:
                key = automaton.after(goals, environment, bit)
                if ACCEPT_ALL in key[0]:
                    continue
                if key not in numbers and len(queue) >= limit:
                    continue
                number = numbers.setdefault(key, len(queue))
                if number == len(queue):
                    queue.append(key)
                joined[number] = joined.get(number, NOTHING) | charset
            edges.append([Edge(charset, number) for number, charset in joined.items()])
        return Graph(edges, _bits(refusing))


def _allowed(automaton: Automaton, alphabet: CharSet) -> int:
    """The classes that have characters in the alphabet."""
    return sum(
        1 << number for number, charset in enumerate(automaton.partition.classes) if charset & alphabet
    )


def _bits(flags: bytearray) -> int:
    return int("".join("1" if flag else "0" for flag in reversed(flags)) or "0", 2)


def _word(words: _Words, choices: Choices, low: int, high: int, units: int) -> str | None:
    shortest = words.at_or_above(low, high)
    if shortest is None:
        return None
    longest = words.at_or_below(high, shortest)
    target = size(choices, shortest, shortest if longest is None else longest)
    length = words.at_or_above(target, high)
    if length is None:
        length = shortest
    return words.word(choices, length, units - length)


def _run(automaton: Automaton, text: str) -> bool:
    goals, environment = frozenset((automaton.initial,)), 0
    for character in text:
        bit = automaton.partition.class_mask(ord(character))
        if not bit or not goals:
            return False
        if ACCEPT_ALL in goals:
            continue
        goals, environment = automaton.after(goals, environment, bit)
    return any(automaton.accepts(goal, environment) for goal in goals)
