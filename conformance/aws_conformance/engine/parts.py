# SPDX-License-Identifier: Apache-2.0
"""A part of an operation's cases, so that runs apart can share an operation.

It owns how cases are cut. It refuses to know which operations there are, and who runs which part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

__all__ = ["UNCUT", "Part"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Part:
    """The cases of each phase from the share `start` of their number up to the share `end`.

    Shares are exact, so parts that meet have every case once, whatever number of cases there turns out to
    be. `number` tells parts of an operation apart in the names that they use up on a target; 0 is of a run
    that shares the operation with nobody.
    """

    start: Fraction = Fraction(0)
    end: Fraction = Fraction(1)
    number: int = 0

    def of(self, items: Sequence[_T]) -> Sequence[_T]:
        """Those of some items, in their order, that are of this part."""
        count = len(items)
        return items[math.ceil(self.start * count) : math.ceil(self.end * count)]

    @property
    def complete(self) -> bool:
        """Whether it is all there is."""
        return self.start == 0 and self.end == 1

    @property
    def last(self) -> bool:
        """Whether it holds what can't be cut: histories that are chosen by chance, one after the other."""
        return self.end == 1


UNCUT = Part()
