# SPDX-License-Identifier: Apache-2.0
"""Which cases of an operation try what its run has tried the least, on whatever operations.

It owns the count of what was tried. It refuses to know how a case is made and what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..cases.case import Case

__all__ = ["TriedKinds"]


@dataclass(slots=True)
class TriedKinds:
    """How often each kind of case was chosen in a run so far: what it breaks, and by what value.

    Most of what is wrong with a target is wrong with many of its operations: of the causes that all cases of
    cognito-idp show on moto, the eight newest cases of each operation show three fifths, its first eight one.
    """

    _tried: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def newest(self, cases: Iterable[Case], limit: int) -> tuple[Case, ...]:
        """So many of these cases, each of a kind that was chosen least; they count as chosen."""
        left = list(cases)
        chosen: list[Case] = []
        while left and len(chosen) < limit:
            case = left.pop(min(range(len(left)), key=lambda index: self._tried[_kind(left[index])]))
            self._tried[_kind(case)] += 1
            chosen.append(case)
        return tuple(chosen)


def _kind(case: Case) -> tuple[str, str, str]:
    return case.info.kind, case.info.keyword, case.info.value_class
