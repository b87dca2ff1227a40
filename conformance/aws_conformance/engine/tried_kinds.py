# SPDX-License-Identifier: Apache-2.0
"""Which cases of an operation try what its run has tried the least, on whatever operations.

It owns the count of what was tried. It refuses to know how a case is made and what came of it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from ..cases.case import Case
from ..cases.crash_rates import crash_weight, kind_of_boundary, kind_of_value
from ..results.events import Violation

__all__ = ["TriedKinds"]

_OF_REQUESTS = ("request.", "server.")
# A case that showed only what is known counts as so many more.
_REPEATED = 2


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
class _TriedKind:
    """How often a kind was chosen, and how many of its cases showed what was new, or only what was known."""

    chosen: int = 0
    new: int = 0
    known: int = 0


@dataclass(slots=True)
class TriedKinds:
    """How often each kind of case was chosen in a run so far: what it breaks, of which kind, by what value.

    Most of what is wrong with a target is wrong with many of its operations: of the causes that all cases of
    cognito-idp show on moto, the eight newest cases of each operation show three fifths, its first eight one.
    What crashes implementations more often than other kinds is new for longer, and so is what has shown
    something that no other case did; what has shown only what is known by now can wait.
    """

    _records: defaultdict[_Kind, _TriedKind] = field(default_factory=lambda: defaultdict(_TriedKind))
    _shown: set[tuple[str, str]] = field(default_factory=set)

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
                kind = min(waiting, key=lambda kind: (self._turn(kind), waiting[kind][0][0]))
                chosen.append(waiting[kind].popleft()[1])
                self._records[kind].chosen += 1
                if not waiting[kind]:
                    del waiting[kind]
            yield tuple(sorted(chosen, key=lambda case: case.info.kind == "negative"))

    def note(self, case: Case, violations: Iterable[Violation]) -> None:
        """Take note of what a case has shown."""
        # What is wrong with the form of answers is so whatever is asked.
        shown = {
            (violation.check, violation.site or violation.cause)
            for violation in violations
            if violation.check.startswith(_OF_REQUESTS)
        }
        record = self._records[_kind_of(case)]
        record.new += not shown <= self._shown
        record.known += bool(shown) and shown <= self._shown
        self._shown |= shown

    def _turn(self, kind: _Kind) -> float:
        """How long a kind can wait, beside others."""
        record = self._records[kind]
        return (record.chosen + _REPEATED * record.known) / (kind.weight + record.new)


def _kind_of(case: Case) -> _Kind:
    info = case.info
    valid = info.kind in ("positive", "unbound")
    keyword = kind_of_boundary(info.keyword) if valid else info.keyword
    return _Kind(info.kind, keyword, kind_of_value(keyword, info.value_class), case.place_kind)
