# SPDX-License-Identifier: Apache-2.0
"""Which cases of an operation try what its run has tried the least, on whatever operations.

It owns the count of what was tried. It refuses to know how a case is made and what came of it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from ..cases.case import Case
from ..cases.crash_rates import crash_weight

__all__ = ["TriedKinds"]


class _Kind(NamedTuple):
    """What cases have in common of which one tries what another does."""

    kind: str
    keyword: str
    value_class: str
    place_kind: str

    @property
    def weight(self) -> int:
        """How much sooner than others it is worth another try."""
        return crash_weight(self.keyword, self.value_class, self.place_kind)


@dataclass(slots=True)
class TriedKinds:
    """How often each kind of case was chosen in a run so far: what it breaks, of which kind, by what value.

    Most of what is wrong with a target is wrong with many of its operations: of the causes that all cases of
    cognito-idp show on moto, the eight newest cases of each operation show three fifths, its first eight one.
    What crashes implementations more often than other kinds is new for longer.
    """

    _tried: Counter[_Kind] = field(default_factory=Counter)

    def newest(self, cases: Iterable[Case], limit: int) -> tuple[Case, ...]:
        """So many of these cases, each of a kind that was chosen least; they count as chosen."""
        return next(self._chosen(cases, limit), ())

    def by_turns(self, cases: Iterable[Case], limit: int) -> Iterator[Case]:
        """All of these cases, always so many of the newest, which are chosen when it is their turn."""
        return chain.from_iterable(self._chosen(cases, limit))

    def _chosen(self, cases: Iterable[Case], limit: int) -> Iterator[tuple[Case, ...]]:
        """Always so many of the cases; of these those come first that leave whole what others need."""
        waiting: dict[_Kind, deque[tuple[int, Case]]] = {}
        for number, case in enumerate(cases):
            waiting.setdefault(_kind_of(case), deque()).append((number, case))
        while waiting:
            chosen: list[Case] = []
            while waiting and len(chosen) < limit:
                kind = min(waiting, key=lambda kind: (self._tried[kind] / kind.weight, waiting[kind][0][0]))
                chosen.append(waiting[kind].popleft()[1])
                self._tried[kind] += 1
                if not waiting[kind]:
                    del waiting[kind]
            yield tuple(sorted(chosen, key=lambda case: case.info.kind == "negative"))


def _kind_of(case: Case) -> _Kind:
    info = case.info
    word = info.keyword.partition(" ")[0]
    # Which value of an enumeration it is makes no kind of its own.
    keyword = word if info.kind in ("positive", "unbound") and word in ("enum", "key") else info.keyword
    return _Kind(info.kind, keyword, info.value_class, case.place_kind)
