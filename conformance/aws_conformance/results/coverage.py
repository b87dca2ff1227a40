# SPDX-License-Identifier: Apache-2.0
"""The two figures of a run, never added: how much of what there is was judged, and how much of that departs.

It owns the sums over operations. It refuses to know how an operation's parts are counted. What a target does
not implement is no part of what there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .events import CaseInfo, Covered, OperationFinished

__all__ = ["NAMED", "RunCoverage", "run_coverage", "subject_of"]

# Of what was not judged, so many are named; where it is more, an operation was hardly reached.
NAMED = 30


@dataclass(frozen=True, slots=True)
class RunCoverage:
    """What there is to judge of the implemented operations of a run, by kind; empty where nobody counted."""

    kinds: tuple[Covered, ...]

    @property
    def coverage(self) -> float | None:
        """Of what there is, the share that was judged; None if there is nothing."""
        return _share(self._sum("judged"), self._sum("there"))

    @property
    def divergence(self) -> float | None:
        """Of what was judged, the share that departs; None if nothing was."""
        return _share(self._sum("departing"), self._sum("judged"))

    def _sum(self, name: str) -> int:
        return sum(getattr(kind, name) for kind in self.kinds)


def run_coverage(operations: Iterable[OperationFinished]) -> RunCoverage:
    """The coverage of a run, summed over its operations by kind."""
    implemented = [operation for operation in operations if operation.implemented and operation.coverage]
    sums: dict[str, tuple[int, int, int]] = {}
    if implemented:
        answered = [operation for operation in implemented if operation.reached or operation.succeeded]
        unreached = sum(not operation.reached for operation in answered)
        sums["operations"] = (len(implemented), len(answered), unreached)
    for operation in implemented:
        for item in operation.coverage:
            there, judged, departing = sums.get(item.what, (0, 0, 0))
            sums[item.what] = (there + item.there, judged + item.judged, departing + item.departing)
    return RunCoverage(tuple(Covered(what, *numbers) for what, numbers in sums.items()))


def subject_of(info: CaseInfo) -> tuple[str, str] | None:
    """What a case is about, with its kind: a constraint that it breaks, a value that it tries, a history."""
    if info.phase == "stateful":
        return "histories", info.id
    if info.kind in ("negative", "tolerance") and info.keyword != "additionalProperties":
        return ("input constraints", f"{info.pointer} {info.keyword}") if info.pointer else None
    if info.kind in ("positive", "unbound") and info.pointer:
        return "input values", f"{info.pointer} {info.value_class}"
    return None


def _share(part: int, total: int) -> float | None:
    return part / total if total else None
