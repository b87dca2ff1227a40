# SPDX-License-Identifier: Apache-2.0
"""Runs as reports show them side by side: each with its summary, its name, and when it first saw what.

It owns the fold of a run's events, single cases included, in bounded room. It refuses to know how runs are
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from ..coverage import RunCoverage, run_coverage
from ..events import CaseFinished, Event, RunFinished, Violated
from .summary import Summary

__all__ = ["RecordedRun", "RunCollector", "at_end", "recorded"]


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run that is over, or was cut off.

    `first_seen` says of findings, by id, after which share of the run's work they were seen first: 0 at its
    beginning, 1 at its end. `spent` are the seconds that an operation's cases took, `statuses` the HTTP
    statuses that it was answered with and the first case of each.
    """

    summary: Summary
    first_seen: Mapping[str, float] = field(default_factory=dict)
    spent: Mapping[str, float] = field(default_factory=dict)
    statuses: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """What was checked, with its version where it has one."""
        return self.summary.started.target if self.summary.started else ""

    @property
    def elapsed(self) -> float:
        """How long the run took, in seconds; 0 where it has no end."""
        return self.summary.finished.elapsed if self.summary.finished else 0.0

    @property
    def exit(self) -> int | None:
        """The exit code; None of a run that was cut off."""
        return self.summary.finished.exit if self.summary.finished else None

    @property
    def coverage(self) -> RunCoverage:
        """The two figures of the run, with what they are made of."""
        return run_coverage(self.summary.operations)

    @property
    def score(self) -> float | None:
        """Of all that was asked for, the share that was reached and conforms; None where nobody counted.

        It is reach times what does not diverge. Reach is the share of the selected operations that were
        reached, times the share of the values of valid requests that were judged: so what refuses, or says
        that it is not there, earns nothing by it.
        """
        figures = self.coverage
        totals = self.summary.totals
        if figures.divergence is None or not totals["operations"]:
            return None
        kinds = {kind.what: kind for kind in figures.kinds}
        values = kinds.get("input values")
        accepted = values.judged / values.there if values and values.there else 1.0
        return totals["reached"] / totals["operations"] * accepted * (1 - figures.divergence)


class RunCollector:
    """A consumer of a run's events; `run` is the run so far."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._spent = 0.0
        self._cases = 0
        self._by_operation: dict[str, float] = {}
        self._statuses: dict[tuple[str, int], str] = {}
        self._seen: dict[str, tuple[float, int]] = {}

    def __call__(self, event: Event) -> None:
        # There may be a million of single cases; what they first showed is all that is remembered of them.
        if not isinstance(event, CaseFinished):
            self._events.append(event)
            return
        self._cases += 1
        self._spent += event.elapsed
        name = event.case.operation
        self._by_operation[name] = self._by_operation.get(name, 0.0) + event.elapsed
        if event.answered:
            self._statuses.setdefault((name, event.answered), event.case.id)
        if isinstance(event.outcome, Violated):
            for violation in event.outcome.violations:
                self._seen.setdefault(violation.id, (self._spent, self._cases))

    def run(self) -> RecordedRun:
        """The run whose events were consumed."""
        # Workers run side by side, so what their cases took is a share of the run, not its seconds; logs
        # that tell no times are counted by cases.
        shares = {
            key: spent / self._spent if self._spent else cases / self._cases
            for key, (spent, cases) in self._seen.items()
        }
        return RecordedRun(
            Summary.from_events(self._events), shares, dict(self._by_operation), dict(self._statuses)
        )


def recorded(events: Iterable[Event]) -> RecordedRun:
    """The run that these events tell."""
    collector = RunCollector()
    for event in events:
        collector(event)
    return collector.run()


def at_end(render: Callable[[RecordedRun], str]) -> Callable[[TextIO], Callable[[Event], None]]:
    """What begins a format that is written once, when the run is over."""

    def begin(stream: TextIO) -> Callable[[Event], None]:
        collector = RunCollector()

        def consume(event: Event) -> None:
            collector(event)
            if isinstance(event, RunFinished):
                stream.write(render(collector.run()))

        return consume

    return begin
