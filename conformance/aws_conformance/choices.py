# SPDX-License-Identifier: Apache-2.0
"""The one small interface through which generators make decisions, and its drivers.

A generator asks for integers in closed ranges and nothing else; what answers is a driver: a seeded
random source, a recorded sequence (for shrinking and replay), or Hypothesis (generate/strategies.py).
Smaller answers must mean simpler values: shrinking relies on it. Nothing here knows schemas.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

__all__ = [
    "Choices",
    "CountedChoices",
    "RecordedChoices",
    "SeededChoices",
    "by_parts",
    "flip",
    "group",
    "pick",
    "size",
]

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions."""

    def integer(self, low: int, high: int) -> int:
        """An integer between `low` and `high`, both included; `low` is the simplest answer."""
        ...


class SeededChoices:
    """Uniform decisions from a seed, keeping the sequence of answers so that a case can be shrunk."""

    __slots__ = ("_random", "answers")

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)
        self.answers: list[int] = []

    def integer(self, low: int, high: int) -> int:
        answer = low if low == high else low + int(self._random.random() * (high - low + 1))
        answer = min(answer, high)
        self.answers.append(answer - low)
        return answer


class RecordedChoices:
    """Answers from a recorded sequence of offsets above `low`; beyond its end the simplest answer.

    An offset that no longer fits its range is cut to the range, so every sequence makes a valid value.
    """

    __slots__ = ("_offsets", "_position", "answers")

    def __init__(self, offsets: Sequence[int]) -> None:
        self._offsets = offsets
        self._position = 0
        self.answers: list[int] = []

    def integer(self, low: int, high: int) -> int:
        offset = self._offsets[self._position] if self._position < len(self._offsets) else 0
        self._position += 1
        offset = min(offset, high - low)
        self.answers.append(offset)
        return low + offset


class CountedChoices:
    """Every sequence of answers once, the simplest first: `advance` moves on to the next, like an odometer.

    It lets a generator be asked for all of its values, one run after another.
    """

    __slots__ = ("_offsets", "_position", "_rooms")

    def __init__(self) -> None:
        self._offsets: list[int] = []
        self._rooms: list[int] = []
        self._position = 0

    def integer(self, low: int, high: int) -> int:
        if self._position == len(self._offsets):
            self._offsets.append(0)
            self._rooms.append(high - low)
        offset = self._offsets[self._position]
        self._position += 1
        return low + offset

    def advance(self) -> bool:
        """Whether there is a next sequence; it is then answered from its beginning."""
        del self._offsets[self._position :], self._rooms[self._position :]
        while self._offsets and self._offsets[-1] == self._rooms[-1]:
            self._offsets.pop()
            self._rooms.pop()
        self._position = 0
        if not self._offsets:
            return False
        self._offsets[-1] += 1
        return True


def pick(choices: Choices, options: Sequence[T]) -> T:
    """One of `options`; the first is the simplest. Raises IndexError if there is none."""
    return options[choices.integer(0, len(options) - 1)]


def flip(choices: Choices) -> bool:
    """True or False; False is the simplest."""
    return choices.integer(0, 1) == 1


def by_parts(choices: Choices) -> bool:
    """Whether the driver has a `grouped` method: it shrinks by leaving out whole parts."""
    return hasattr(choices, "grouped")


def group(choices: Choices, make: Callable[[], T]) -> T:
    """What `make` makes, marked for the driver as one part: shrinking may leave it out entirely."""
    grouped = getattr(choices, "grouped", None)
    result: T = grouped(make) if grouped is not None else make()
    return result


def size(choices: Choices, low: int, high: int, *, usual: int = 16) -> int:
    """A length between `low` and `high`: mostly within `usual` of `low`, now and then anywhere or an edge."""
    if high - low <= usual:
        return choices.integer(low, high)
    kind = choices.integer(0, 15)
    if kind == 15:
        return high
    if kind == 14:
        return choices.integer(low, high)
    return choices.integer(low, low + usual)
