"""The two figures of a run, never added: how much of what there is was judged, and how much of that departs.

It owns the sums over operations. It refuses to know how an operation's parts are counted. What a target does
not implement is no part of what there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .events import Covered, OperationFinished

__all__ = ["RunCoverage", "run_coverage"]


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


def _share(part: int, total: int) -> float | None:
    return part / total if total else None
