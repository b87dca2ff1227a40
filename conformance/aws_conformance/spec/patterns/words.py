# SPDX-License-Identifier: Apache-2.0
"""Strings of a language by their length: which lengths there are, and a walk to a string of each.

It owns graphs of states with the question "from where is the end reached in exactly n more characters?". It
knows neither patterns nor readings.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from ...choices import Choices
from .charset import ASTRAL, CharSet
from .palette import palette, rank

__all__ = ["Edge", "Graph", "Run"]

# So many characters of a string are decided; behind them the simplest follow, however long it gets.
_DECIDED = 64


@dataclass(frozen=True, slots=True)
class Edge:
    """One character of `charset`, and the state behind it."""

    charset: CharSet
    target: int


@dataclass(frozen=True, slots=True)
class _Way:
    """An edge with the characters to write for it: any of them, or only those up to U+FFFF if there are."""

    target: int
    characters: tuple[str, ...]
    narrow: tuple[str, ...]


class Run:
    """Strings of `low` to `high` characters out of one class: no automaton is needed for these."""

    __slots__ = ("_charset", "_high", "_low")

    def __init__(self, charset: CharSet, low: int, high: int | None) -> None:
        self._charset = charset
        self._low = low
        self._high = high if charset else 0

    def at_or_above(self, length: int, limit: int) -> int | None:
        """The shortest length that some string has, from `length` to `limit`."""
        shortest = max(length, self._low)
        most = limit if self._high is None else min(limit, self._high)
        return shortest if shortest <= most and (self._charset or shortest == 0) else None

    def at_or_below(self, length: int, limit: int) -> int | None:
        """The longest length that some string has, from `length` down to `limit`."""
        longest = length if self._high is None else min(length, self._high)
        return longest if longest >= max(limit, self._low) and (self._charset or longest == 0) else None

    def word(self, choices: Choices, length: int, spare: int) -> str:
        """A string of exactly `length` characters, of which at most `spare` are beyond U+FFFF."""
        characters, narrow = palette(self._charset), palette(_bmp(self._charset))
        written = []
        for _ in range(min(length, _DECIDED)):
            options = characters if spare > 0 else narrow
            character = options[choices.integer(0, len(options) - 1)]
            spare -= character > "\uffff"
            written.append(character)
        rest = length - len(written)
        return "".join(written) + (narrow[0] * rest if rest else "")


class Graph:
    """A graph of states, of which state 0 is where every string begins."""

    __slots__ = ("_cycle", "_levels", "_numbers", "_shifts", "_ways")

    def __init__(self, edges: Sequence[Sequence[Edge]], accepting: int) -> None:
        self._ways = tuple(
            tuple(
                _Way(edge.target, palette(edge.charset), palette(_bmp(edge.charset)))
                for edge in sorted(outgoing, key=lambda edge: (rank(edge.charset), edge.target))
            )
            for outgoing in edges
        )
        # Numbered breadth first, most edges lead as far ahead as their neighbours' do. States that lie one
        # step before a set of states are then a few shifts of its bits, however long a counted repeat is.
        shifts: dict[int, bytearray] = {}
        width = len(edges) // 8 + 1
        for state, outgoing in enumerate(edges):
            for edge in outgoing:
                bits = shifts.setdefault(edge.target - state, bytearray(width))
                bits[state >> 3] |= 1 << (state & 7)
        self._shifts = tuple(
            (shift, int.from_bytes(bits, "little")) for shift, bits in sorted(shifts.items())
        )
        self._levels = [accepting]
        self._numbers = {accepting: 0}
        self._cycle: tuple[int, int] | None = None

    def level(self, length: int) -> int:
        """The states, as bits, from which some string of exactly `length` characters is accepted."""
        while self._cycle is None and len(self._levels) <= length:
            following, level = self._levels[-1], 0
            for shift, mask in self._shifts:
                level |= (following >> shift if shift >= 0 else following << -shift) & mask
            if level in self._numbers:
                first = self._numbers[level]
                self._cycle = (first, len(self._levels) - first)
            else:
                self._numbers[level] = len(self._levels)
                self._levels.append(level)
        if length < len(self._levels) or self._cycle is None:
            return self._levels[length]
        first, period = self._cycle
        return self._levels[first + (length - first) % period]

    def _has(self, length: int) -> bool:
        return bool(self.level(length) & 1)

    def at_or_above(self, length: int, limit: int) -> int | None:
        """The shortest length that some string has, from `length` to `limit`."""
        candidate = length
        while candidate <= limit:
            if self._has(candidate):
                return candidate
            candidate += 1
            if self._cycle is not None and candidate > max(length, self._cycle[0]) + sum(self._cycle):
                return None
        return None

    def at_or_below(self, length: int, limit: int) -> int | None:
        """The longest length that some string has, from `length` down to `limit`."""
        candidate = length
        while candidate >= limit:
            if self._has(candidate):
                return candidate
            candidate -= 1
            if self._cycle is not None and sum(self._cycle) < candidate < length - self._cycle[1]:
                # A whole period without any: only lengths before the cycle are left.
                candidate = sum(self._cycle)
        return None

    def word(self, choices: Choices, length: int, spare: int) -> str:
        """A string of exactly `length` characters, of which at most `spare` are beyond U+FFFF."""
        state = 0
        characters = []
        undecided = max(0, length - _DECIDED)
        for remaining in range(length - 1, undecided - 1, -1):
            level = self.level(remaining)
            ways = [way for way in self._ways[state] if level >> way.target & 1]
            way = ways[choices.integer(0, len(ways) - 1)]
            options = way.characters if spare > 0 else way.narrow
            character = options[choices.integer(0, len(options) - 1)]
            spare -= character > "\uffff"
            characters.append(character)
            state = way.target
        return "".join(characters) + (_rest(self, state, undecided) if undecided else "")

    def simplest(self, state: int, length: int) -> str:
        """The simplest string of exactly `length` characters that leads from a state to the end."""
        characters = []
        for remaining in range(length - 1, -1, -1):
            level = self.level(remaining)
            way = next(way for way in self._ways[state] if level >> way.target & 1)
            characters.append(way.narrow[0])
            state = way.target
        return "".join(characters)


@functools.lru_cache(maxsize=256)
def _rest(graph: Graph, state: int, length: int) -> str:
    """What stands behind the characters that are decided: long, and the same for many strings."""
    return graph.simplest(state, length)


@functools.lru_cache(maxsize=4096)
def _bmp(charset: CharSet) -> CharSet:
    """The characters up to U+FFFF; if there are none, those beyond it."""
    narrow = charset & ~ASTRAL
    return narrow or charset
