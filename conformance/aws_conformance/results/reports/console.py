# SPDX-License-Identifier: Apache-2.0
"""The console: how a run goes while it goes, and at its end what a maintainer needs first.

It owns the stream, a terminal (a live line) or a log (plain lines). It refuses to know how events come about,
what is told first (first_screen.py), and what only `--verbose` tells (details.py).
"""

from __future__ import annotations

import os
import shutil
from typing import TextIO, assert_never

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column
from rich.text import Text

from ..causes import cause_key
from ..events import (
    CaseFinished,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    RunFinished,
    RunStarted,
    WaitStarted,
)
from .details import cause_details, operation_table, remarks
from .escape import printable
from .finding_text import Line, counted
from .first_screen import first_screen, verdict_lines
from .summary import TALLIES, Summary

__all__ = ["ConsoleReport"]

# Narrower windows have no room for a bar and a clock.
_NARROW = 80
# Of the operations, the share after which the pace says something of the rest.
_EARLY = 0.03


class ConsoleReport:
    """A consumer of events that writes to a stream for people.

    `verbose` tells all there is before what a maintainer needs first, `quiet` the verdict alone.
    `live` and `width` depend on the stream
    unless set. Without `verdict` no exit code is printed: who asked for the run returns another. Call `close`
    when a run was cut off, or the cursor may stay hidden.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        verbose: bool = False,
        quiet: bool = False,
        color: bool = True,
        live: bool | None = None,
        width: int | None = None,
        verdict: bool = True,
    ) -> None:
        terminal = stream.isatty()
        if width is None and not terminal:
            # A log has no width of its own; rich would take 80 and break most lines.
            width = shutil.get_terminal_size((120, 24)).columns
        self._console = Console(
            file=stream,
            width=width,
            markup=False,
            highlight=False,
            emoji=False,
            force_terminal=terminal,
            # Where not told, rich decides, by the variable NO_COLOR among others.
            no_color=None if color else True,
        )
        self._verbose = verbose
        self._quiet = quiet
        self._verdict = verdict
        shows_live = terminal and not quiet and os.environ.get("TERM") not in ("dumb", "unknown")
        self._live = _LiveDisplay(self._console) if (shows_live if live is None else live) else None
        self._events: list[Event] = []

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CaseFinished | WaitStarted):
            self._events.append(event)
        if self._live is not None:
            self._live(event)
        match event:
            case RunStarted() if not self._quiet:
                self._print(Text(_opening(event)))
            case OperationFinished() if self._live is None and not self._quiet:
                self._print(Text(f"  {printable(event.operation)}: {_progress(event)}"))
            case RunFinished():
                self.close()
                self._print_end(Summary.from_events(self._events))
            case WaitStarted() if self._live is None and not self._quiet:
                said = f"{printable(event.operation)}: waits {event.seconds:.0f} s {printable(event.what)}"
                self._print(Text(f"  {said}"))
            case (
                RunStarted()
                | OperationStarted()
                | OperationFinished()
                | CaseFinished()
                | Reported()
                | WaitStarted()
            ):
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
        if self._quiet:
            self._print(*verdict_lines(summary, width=width))
            return
        if self._verbose:
            findings = {finding.violation.id: finding for finding in summary.findings}
            for cause in summary.causes:
                self._print(Text(), *cause_details(cause, findings, width=width))
            self._print(Text())
            self._console.print(operation_table(summary.operations, width))
            self._print(*remarks(summary, width=width))
        self._print(Text(), *first_screen(summary, width=width, verdict=self._verdict))


class _LiveDisplay:
    """The one line that moves while a run goes on: how far it is, how fast, how long still, causes so far."""

    def __init__(self, console: Console) -> None:
        narrow = console.width < _NARROW
        columns: list[ProgressColumn] = [
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
        ]
        if not narrow:
            columns.append(BarColumn(bar_width=16))
        columns.append(TextColumn("{task.fields[tally]}", markup=False, table_column=Column(no_wrap=True)))
        if not narrow:
            columns.append(TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._narrow = narrow
        self._task: TaskID | None = None
        self._cases = 0
        self._causes: set[tuple[str, ...]] = set()
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
                expected = self._expected.get(event.case.operation, 0)
                self._update(1 / expected if expected else 0.0)
            case WaitStarted():
                self._update(0.0, f"{printable(event.operation)}: waits {event.seconds:.0f} s")
            case OperationFinished():
                self._causes.update(map(cause_key, event.findings))
                self._update(0.0)
            case Reported() | RunFinished():
                pass
            case _:
                assert_never(event)

    def _update(self, advance: float, description: str | None = None) -> None:
        if self._task is not None:
            self._progress.update(self._task, advance=advance, tally=self._tally(), description=description)

    def _tally(self) -> str:
        causes = counted(len(self._causes), "cause")
        if self._narrow:
            return f"{self._cases:,}, {causes}"
        task = self._progress.tasks[0]
        rate = f", {self._cases / task.elapsed:,.0f}/s" if task.elapsed else ""
        return f"{self._cases:,} cases{rate}, {causes}{_left(task)}"

    def close(self) -> None:
        self._progress.stop()


def _left(task: Task) -> str:
    """How long it still takes at the pace so far, once that says something."""
    if not task.elapsed or not task.total or task.completed < task.total * _EARLY:
        return ""
    seconds = task.elapsed * (task.total - task.completed) / task.completed
    return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {max(0, seconds):.0f} s left"


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
