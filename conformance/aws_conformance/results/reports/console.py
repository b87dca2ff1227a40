"""The console: how a run goes while it goes, and at its end what a maintainer needs first.

It owns the stream, a terminal (a live line) or a log (plain lines). It refuses to know how events come about,
what is told first (first_screen.py), and what only `--verbose` tells (details.py).
"""

from __future__ import annotations

import os
import shutil
from typing import TextIO, assert_never

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..events import (
    CaseFinished,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    RunFinished,
    RunStarted,
    Violated,
    WaitStarted,
)
from .details import cause_details, operation_table, remarks
from .escape import printable
from .finding_text import Line, counted
from .first_screen import first_screen
from .summary import TALLIES, Summary

__all__ = ["ConsoleReport"]


class ConsoleReport:
    """A consumer of events that writes to a stream for people.

    `verbose` tells all there is before what a maintainer needs first. `live` and `width` depend on the stream
    unless set. Without `verdict` no exit code is printed: who asked for the run returns another. Call `close`
    when a run was cut off, or the cursor may stay hidden.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        verbose: bool = False,
        live: bool | None = None,
        width: int | None = None,
        verdict: bool = True,
    ) -> None:
        terminal = stream.isatty()
        if width is None and not terminal:
            # A log has no width of its own; rich would take 80 and break most lines.
            width = shutil.get_terminal_size((120, 24)).columns
        self._console = Console(
            file=stream, width=width, markup=False, highlight=False, emoji=False, force_terminal=terminal
        )
        self._verbose = verbose
        self._verdict = verdict
        shows_live = terminal and os.environ.get("TERM") not in ("dumb", "unknown")
        self._live = _LiveDisplay(self._console) if (shows_live if live is None else live) else None
        self._events: list[Event] = []

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CaseFinished | WaitStarted):
            self._events.append(event)
        if self._live is not None:
            self._live(event)
        match event:
            case RunStarted():
                self._print(Text(_opening(event)))
            case OperationFinished() if self._live is None:
                self._print(Text(f"  {printable(event.operation)}: {_progress(event)}"))
            case RunFinished():
                self.close()
                self._print_end(Summary.from_events(self._events))
            case WaitStarted() if self._live is None:
                said = f"{printable(event.operation)}: waits {event.seconds:.0f} s {printable(event.what)}"
                self._print(Text(f"  {said}"))
            case OperationStarted() | OperationFinished() | CaseFinished() | Reported() | WaitStarted():
                pass
            case _:
                assert_never(event)

    def close(self) -> None:
        """Takes the live display away; harmless when there is none."""
        if self._live is not None:
            self._live.close()

    def _print(self, *lines: Line) -> None:
        for line in lines:
            # A terminal may wrap a line by itself, but what is copied from it must be one line.
            self._console.print(line, soft_wrap=True)

    def _print_end(self, summary: Summary) -> None:
        width = self._console.width
        if self._verbose:
            findings = {finding.violation.id: finding for finding in summary.findings}
            for cause in summary.causes:
                self._print(Text(), *cause_details(cause, findings, width=width))
            self._print(Text())
            self._console.print(operation_table(summary.operations, width))
            self._print(*remarks(summary, width=width))
        self._print(Text(), *first_screen(summary, width=width, verdict=self._verdict))


class _LiveDisplay:
    """The one line that moves while a run goes on."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[tally]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._cases = self._violated = 0
        self._expected: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._task = self._progress.add_task("starting", total=len(event.operations), tally="")
                self._progress.start()
            case OperationStarted():
                self._expected[event.operation] = event.cases
                self._update(0.0, printable(event.operation))
            case CaseFinished():
                self._cases += 1
                self._violated += isinstance(event.outcome, Violated)
                expected = self._expected.get(event.case.operation, 0)
                self._update(1 / expected if expected else 0.0)
            case WaitStarted():
                self._update(0.0, f"{printable(event.operation)}: waits {event.seconds:.0f} s")
            case OperationFinished() | Reported() | RunFinished():
                pass
            case _:
                assert_never(event)

    def _update(self, advance: float, description: str | None = None) -> None:
        if self._task is not None:
            tally = f"{self._cases:,} cases, {self._violated:,} violated"
            self._progress.update(self._task, advance=advance, tally=tally, description=description)

    def close(self) -> None:
        self._progress.stop()


def _opening(event: RunStarted) -> str:
    what = counted(len(event.operations), "operation")
    return (
        f"Checking {what} of {printable(event.target)} "
        f"(phases {', '.join(event.phases) or 'none'}; seed {event.seed})"
    )


def _progress(operation: OperationFinished) -> str:
    if not operation.implemented:
        return "not implemented"
    counts = [
        f"{getattr(operation, name):,} {name.replace('_', ' ')}"
        for name in TALLIES
        if getattr(operation, name)
    ]
    reached = "reached" if operation.reached else "not reached"
    return f"{reached}; {counted(operation.cases, 'case')}{': ' if counts else ''}{', '.join(counts)}"
