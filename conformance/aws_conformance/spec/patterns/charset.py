# SPDX-License-Identifier: Apache-2.0
"""Sets of characters as sorted ranges of code points.

It owns set algebra over Unicode scalar values and the division of the alphabet into classes that a group
of sets cannot tell apart; a class is three sets, one for each reading. It knows no Unicode property and no
regular expression. Surrogates belong to no set: they are no characters, and complements leave them out.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["ANYTHING", "ASTRAL", "NOTHING", "CharClass", "CharSet", "Partition"]

_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)


@dataclass(frozen=True, slots=True)
class CharSet:
    """A set of code points: disjoint, ascending, non-adjacent closed ranges without surrogates."""

    ranges: tuple[tuple[int, int], ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Sets key most tables here, and some have a thousand ranges: hash them once.
        object.__setattr__(self, "_hash", hash(self.ranges))

    def __hash__(self) -> int:
        return self._hash

    @staticmethod
    def of(*ranges: tuple[int, int]) -> CharSet:
        """The set of all code points in `ranges`, which may overlap and come in any order."""
        return _set_of(ranges)

    @staticmethod
    def characters(text: str) -> CharSet:
        """The set of the characters of `text`."""
        return _normal((ord(character), ord(character)) for character in text)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, point: int) -> bool:
        index = bisect_right(self.ranges, (point, _LAST + 1)) - 1
        return index >= 0 and point <= self.ranges[index][1]

    def __or__(self, other: CharSet) -> CharSet:
        if not other.ranges or self is other:
            return self
        return _union(self, other) if self.ranges else other

    def __and__(self, other: CharSet) -> CharSet:
        ranges = []
        left, right = 0, 0
        while left < len(self.ranges) and right < len(other.ranges):
            a, b = self.ranges[left], other.ranges[right]
            low, high = max(a[0], b[0]), min(a[1], b[1])
            if low <= high:
                ranges.append((low, high))
            if a[1] < b[1]:
                left += 1
            else:
                right += 1
        return CharSet(tuple(ranges))

    def __sub__(self, other: CharSet) -> CharSet:
        return self & ~other

    def __invert__(self) -> CharSet:
        gaps = []
        start = 0
        for low, high in self.ranges:
            if low > start:
                gaps.append((start, low - 1))
            start = high + 1
        if start <= _LAST:
            gaps.append((start, _LAST))
        return _normal(gaps)


# Few sets stand in the patterns of a model, each in many places.
@functools.lru_cache(maxsize=4096)
def _set_of(ranges: tuple[tuple[int, int], ...]) -> CharSet:
    return _normal(ranges)


@functools.lru_cache(maxsize=4096)
def _union(left: CharSet, right: CharSet) -> CharSet:
    return _normal((*left.ranges, *right.ranges))


def _normal(ranges: Iterable[tuple[int, int]]) -> CharSet:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return CharSet(tuple(_without_surrogates(merged)))


def _without_surrogates(ranges: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    first, last = _SURROGATES
    for low, high in ranges:
        if high < first or low > last:
            yield low, high
            continue
        if low < first:
            yield low, first - 1
        if high > last:
            yield last + 1, high


NOTHING = CharSet(())
ANYTHING = CharSet.of((0, _LAST))
ASTRAL = CharSet.of((0x10000, _LAST))


class Partition:
    """The alphabet divided into the coarsest classes that a group of sets cannot tell apart.

    A set of classes is an integer with a bit for each class, so that automata can work on integers.
    """

    __slots__ = ("_class_of", "_masks", "_starts", "all", "classes")

    def __init__(self, sets: Iterable[CharSet]) -> None:
        distinct = list(dict.fromkeys(sets))
        edges = {0, _SURROGATES[0], _SURROGATES[1] + 1}
        events: dict[int, int] = {}
        for number, charset in enumerate(distinct):
            for low, high in charset.ranges:
                events[low] = events.get(low, 0) ^ (1 << number)
                events[high + 1] = events.get(high + 1, 0) ^ (1 << number)
        edges.update(events)
        self._starts = sorted(edge for edge in edges if edge <= _LAST)
        self._class_of: list[int] = []
        members: list[list[tuple[int, int]]] = []
        numbers: dict[int, int] = {}
        signature = 0
        for index, start in enumerate(self._starts):
            signature ^= events.get(start, 0)
            end = self._starts[index + 1] - 1 if index + 1 < len(self._starts) else _LAST
            if start == _SURROGATES[0]:
                self._class_of.append(-1)
                continue
            number = numbers.setdefault(signature, len(members))
            if number == len(members):
                members.append([])
            members[number].append((start, end))
            self._class_of.append(number)
        self.classes: tuple[CharSet, ...] = tuple(_normal(ranges) for ranges in members)
        self.all: int = (1 << len(members)) - 1
        self._masks: dict[CharSet, int] = {}
        for bit, charset in enumerate(distinct):
            mask = 0
            for membership, number in numbers.items():
                if membership >> bit & 1:
                    mask |= 1 << number
            self._masks[charset] = mask

    def mask(self, charset: CharSet) -> int:
        """The classes that make up one of the sets that the partition was made from."""
        return self._masks[charset]

    def union(self, mask: int) -> CharSet:
        """The characters of the classes in `mask`."""
        ranges: list[tuple[int, int]] = []
        for number, charset in enumerate(self.classes):
            if mask >> number & 1:
                ranges.extend(charset.ranges)
        return _normal(ranges)

    def class_mask(self, point: int) -> int:
        """The class of a code point, as a mask; 0 for a surrogate."""
        number = self._class_of[bisect_right(self._starts, point) - 1]
        return 0 if number < 0 else 1 << number


@dataclass(frozen=True, slots=True)
class CharClass:
    """A class under three readings; `sure` is within `exact`, and `exact` is within `maybe`."""

    exact: CharSet
    sure: CharSet
    maybe: CharSet

    @staticmethod
    def of(charset: CharSet) -> CharClass:
        """A class that every reading reads alike."""
        return CharClass(charset, charset, charset)

    def __or__(self, other: CharClass) -> CharClass:
        return CharClass(self.exact | other.exact, self.sure | other.sure, self.maybe | other.maybe)

    def __and__(self, other: CharClass) -> CharClass:
        return CharClass(self.exact & other.exact, self.sure & other.sure, self.maybe & other.maybe)

    def __invert__(self) -> CharClass:
        return CharClass(~self.exact, ~self.maybe, ~self.sure)

    def widened(self, charset: CharSet) -> CharClass:
        """The same class, which in some reading holds `charset` as well."""
        return CharClass(self.exact, self.sure, self.maybe | charset)
