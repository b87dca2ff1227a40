"""The console: how a run goes while it goes, and at its end the findings and the verdict.

It owns what a person reads, on a terminal (a live line) or in a log (plain lines). It refuses to know
how events come about, and trusts no text in them: most of it is the target's, so control characters are
shown escaped, and nothing is read as markup.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO, TypeAlias, assert_never

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
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
    Violation,
)
from ..terms import Severity
from .escape import printable
from .summary import TALLIES, Summary

__all__ = ["ConsoleReport", "finding_lines"]

_EXIT_WORDS: Mapping[int, str] = {
    0: "conforms",
    1: "violations, or a stale baseline entry",
    2: "usage",
    3: "target unreachable",
    4: "nothing verified, or an operation unreached",
    130: "interrupted",
}

# How many findings of a severity are shown in full before the rest is counted by check.
_IN_FULL: Mapping[Severity, int] = {"error": 20, "warning": 5, "note": 3}
_OPERATIONS_IN_FULL = 12
_STYLES: Mapping[str, str] = {"error": "bold red", "warning": "yellow", "note": "cyan"}
# Headings for a narrow terminal.
_SHORT: Mapping[str, str] = {"inconclusive": "inconcl.", "not implemented": "not impl."}
_LONGEST_VALUE = 300
_LONGEST_COMMAND = 2_000
_LABEL_WIDTH = 13
# What the kinds of histories are called.
_KINDS: Mapping[str, str] = {"path": "legal path", "forbidden": "illegal transition", "race": "race"}

Line: TypeAlias = Text


class ConsoleReport:
    """A consumer of events that writes to a stream for people.

    `verbose` shows every finding in full, with boto3 and curl. `live` and `width` depend on the stream
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
        self._live = _Live(self._console) if (shows_live if live is None else live) else None
        self._events: list[Event] = []

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CaseFinished):
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
            case OperationStarted() | OperationFinished() | CaseFinished() | Reported():
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
        for severity in summary.severities:
            findings = [finding for finding in summary.findings if finding.violation.severity == severity]
            limit = len(findings) if self._verbose else _IN_FULL[severity]
            for finding in findings[:limit]:
                self._print(Text(), *self._finding(finding))
            if findings[limit:]:
                self._print(Text(), *_condensed(severity, findings[limit:]))
        self._print(Text())
        self._console.print(_table(summary.operations, self._console.width))
        self._print(*_remarks(summary, verbose=self._verbose, width=self._console.width))
        self._print(Text(), *_totals(summary), *(_verdict(summary) if self._verdict else ()))

    def _finding(self, finding: Reported) -> Iterable[Line]:
        yield from finding_lines(finding.violation, width=self._console.width)
        yield _labelled("tried", finding.reproduction.case.title)
        yield _labelled("seen", _seen(finding))
        if finding.baseline:
            yield _labelled("baseline", finding.baseline)
        shown = finding.reproduction
        for number, line in enumerate(shown.transcript):
            yield _labelled("history" if number == 0 else "", line)
        if not shown.transcript or self._verbose:
            yield from _command("reproduce", shown.aws)
        if self._verbose:
            for number, step in enumerate(shown.steps, 1):
                yield _labelled("before" if number == 1 else "", step)
            yield from _command("boto3", shown.boto3)
            yield from _command("curl", shown.curl)
        else:
            more = "the steps before, boto3 and curl" if shown.steps else "boto3 and curl"
            more = "scripts of aws lines and of boto3" if shown.transcript else more
            yield _labelled("", f"{more}: --verbose, or {finding.violation.id} in the JSON report")


class _Live:
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


def finding_lines(violation: Violation, *, width: int = 120) -> Iterable[Line]:
    """What a violation says, without how often and how to see it again."""
    style = _STYLES[violation.severity]
    yield Text.assemble(
        (printable(violation.operation), "bold"),
        "   ",
        printable(violation.check),
        "   ",
        (violation.severity, style),
        f"   [{violation.provenance}]",
    )
    yield from _hanging(f"  {'requirement':<{_LABEL_WIDTH - 2}}", printable(violation.requirement), width)
    yield _labelled("at", violation.path)
    yield Text.assemble(
        _label("expected"),
        _cut(violation.expected),
        ("      got  ", "dim"),
        _cut(violation.got),
        overflow="fold",
    )


def _label(name: str) -> tuple[str, str]:
    return (f"  {name:<{_LABEL_WIDTH - 2}}  ", "dim")


def _labelled(name: str, text: str) -> Line:
    return Text.assemble(_label(name), printable(text))


def _command(name: str, text: str) -> Iterable[Line]:
    if not text:
        return
    if len(text) > _LONGEST_COMMAND:
        text = f"({len(text):,} characters: see the JSON report)"
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        yield _labelled(name if number == 0 else "", line)


def _cut(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[: _LONGEST_VALUE - 3]}..."


def _seen(finding: Reported) -> str:
    times = "once" if finding.count == 1 else f"{finding.count:,} times"
    return f"{times}, in {len(finding.operations)} operations" if len(finding.operations) > 1 else times


def _condensed(severity: Severity, findings: Sequence[Reported]) -> Iterable[Line]:
    """What is left over of a severity, one line per check."""
    by_check: dict[str, list[Reported]] = {}
    for finding in findings:
        by_check.setdefault(finding.violation.check, []).append(finding)
    yield Text.assemble(_counted(len(findings), "more finding"), " at ", (severity, _STYLES[severity]), ":")
    for check, group in by_check.items():
        places = {finding.violation.operation for finding in group}
        first = group[0].violation
        example = f"{first.operation} {first.path}"
        many = f"{len(group):,} in {_counted(len(places), 'operation')}"
        yield Text(f"  {printable(check)}   {many}, such as {printable(example)}")
    yield Text("  --verbose shows each in full, and so does the JSON report.", style="dim")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _opening(event: RunStarted) -> str:
    what = _counted(len(event.operations), "operation")
    return (
        f"Checking {what} of {printable(event.target)} "
        f"(phases {', '.join(event.phases) or 'none'}; seed {event.seed})"
    )


def _progress(operation: OperationFinished) -> str:
    if not operation.implemented:
        return "not implemented"
    counts = [f"{getattr(operation, name):,} {_spoken(name)}" for name in TALLIES if getattr(operation, name)]
    reached = "reached" if operation.reached else "not reached"
    return f"{reached}; {_counted(operation.cases, 'case')}{': ' if counts else ''}{', '.join(counts)}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _table(operations: Sequence[OperationFinished], width: int) -> Table:
    # Columns that most runs have no use for appear only when they hold something.
    columns = [name for name in TALLIES if name not in ("errored", "flaky")]
    columns += [
        name for name in ("errored", "flaky") if any(getattr(operation, name) for operation in operations)
    ]
    headings = ["reached", "cases", *map(_spoken, columns)]
    names = [printable(operation.operation) for operation in operations]
    longest = max(map(len, names), default=0)
    if longest + sum(len(heading) + 2 for heading in headings) > width:
        headings = [_SHORT.get(heading, heading) for heading in headings]
        if len({name.partition(":")[0] for name in names}) == 1:
            names = [name.partition(":")[2] or name for name in names]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("operation", overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "reached" else "right", no_wrap=True)
    for name, operation in zip(names, operations, strict=True):
        reached = "yes" if operation.reached else "no" if operation.implemented else "-"
        counts = [f"{getattr(operation, column):,}" for column in ("cases", *columns)]
        style = "" if operation.reached else "yellow" if operation.implemented else "dim"
        table.add_row(Text(name), reached, *counts, style=style)
    return table


def _unrepeated(operations: Sequence[OperationFinished], *, verbose: bool) -> Iterable[Line]:
    """Grave violations that are no findings, because they did not show again."""
    violations = [(operation.operation, item) for operation in operations for item in operation.unrepeated]
    if not violations:
        return
    yield from _title("Seen once, and not again")
    shown = violations if verbose else violations[:_OPERATIONS_IN_FULL]
    for name, item in shown:
        violation = item.violation
        yield Text(f"  {printable(name)} {violation.check} {_cut(violation.message)}: {item.outcome}")
        yield Text(f"    {_cut(item.reason)}")
        if verbose:
            for text in (item.reproduction.request, item.reproduction.response):
                yield from (Text(f"      {printable(line)}") for line in text.splitlines())
    if violations[len(shown) :]:
        yield Text(
            f"  and {len(violations) - len(shown)} more (the report json has them with their exchange)"
        )


def _remarks(summary: Summary, *, verbose: bool, width: int) -> Iterable[Line]:
    """What the table has no room for: error codes provoked, and why operations were not reached."""
    operations = summary.operations
    # An operation that a reason of the verdict names is not named twice.
    reasons = " ".join(summary.finished.reasons) if summary.finished else ""
    yield from _error_codes(operations, verbose=verbose, width=width)
    yield from _histories(operations, verbose=verbose)
    yield from _unreached(operations, reasons)
    yield from _deaths(operations)
    yield from _unrepeated(operations, verbose=verbose)
    if summary.unfinished:
        yield from _title("Not finished before the run ended")
        yield from _hanging("", ", ".join(map(printable, summary.unfinished)), width)
    yield from _not_implemented(operations, verbose=verbose, width=width)


def _error_codes(operations: Sequence[OperationFinished], *, verbose: bool, width: int) -> Iterable[Line]:
    provoked = [operation for operation in operations if operation.errors]
    if not provoked:
        return
    yield from _title("Error codes provoked")
    # One operation's codes are of interest; those of a hundred are a number each.
    if verbose or len(provoked) <= _OPERATIONS_IN_FULL:
        for operation in provoked:
            yield Text(f"  {printable(operation.operation)}")
            yield from _ways(((code, way, "") for code, way in operation.errors.items()), width)
    else:
        counted = Counter((code, way) for operation in provoked for code, way in operation.errors.items())
        yield from _ways(((code, way, f" ({number})") for (code, way), number in counted.items()), width)


def _unreached(operations: Sequence[OperationFinished], reasons: str) -> Iterable[Line]:
    """Implemented operations that were not reached, but for those that `reasons` names."""
    unreached = [
        operation
        for operation in operations
        if operation.implemented and not operation.reached and operation.operation not in reasons
    ]
    if unreached:
        yield from _title("Not reached")
    for operation in unreached:
        yield Text(
            f"  {printable(operation.operation)}: {printable(operation.unreached) or 'no 2xx was seen'}"
        )


def _deaths(operations: Sequence[OperationFinished]) -> Iterable[Line]:
    deaths = [(operation.operation, death) for operation in operations for death in operation.deaths]
    if deaths:
        yield from _title("The target died, and nothing that was sent kills it again")
    for name, death in deaths[:_OPERATIONS_IN_FULL]:
        yield Text(f"  {printable(name)}: {_cut(death)}")
    if deaths[_OPERATIONS_IN_FULL:]:
        yield Text(f"  and {len(deaths) - _OPERATIONS_IN_FULL} more")


def _not_implemented(operations: Sequence[OperationFinished], *, verbose: bool, width: int) -> Iterable[Line]:
    missing = [operation for operation in operations if not operation.implemented]
    if not missing:
        return
    shown = missing if verbose else missing[:_OPERATIONS_IN_FULL]
    yield from _title("Not implemented, by this evidence")
    for operation in shown:
        yield Text(f"  {printable(operation.operation)}: {_cut(operation.evidence)}")
    if missing[len(shown) :]:
        names = ", ".join(printable(operation.operation) for operation in missing[len(shown) :])
        yield from _hanging("  and", names, width)


def _histories(operations: Sequence[OperationFinished], *, verbose: bool) -> Iterable[Line]:
    """Histories that need no chance: how many of each kind went as documented, and which did not and why."""
    histories = [history for operation in operations for history in operation.histories]
    if not histories:
        return
    yield from _title("Histories")
    for lifecycle in dict.fromkeys(history.case.lifecycle for history in histories):
        for kind, noun in _KINDS.items():
            own = [
                history
                for history in histories
                if (history.case.lifecycle, history.case.kind) == (lifecycle, kind)
            ]
            if not own:
                continue
            verified = sum(history.outcome == "verified" for history in own)
            yield Text(f"  {printable(lifecycle)}: {verified} of {_counted(len(own), noun)} verified")
            if verbose:
                for history in own:
                    reason = f": {_cut(history.reason)}" if history.reason else ""
                    yield Text(f"    {history.outcome:<15} {printable(history.case.title)}{reason}")
                continue
            alike: dict[tuple[str, str], list[str]] = {}
            for history in own:
                if history.outcome != "verified":
                    alike.setdefault((history.outcome, history.reason), []).append(history.case.title)
            for (outcome, reason), titles in alike.items():
                example = f"{len(titles)}, such as {titles[0]}" if len(titles) > 1 else titles[0]
                yield Text(f"    {outcome:<15} {printable(example)}{f': {_cut(reason)}' if reason else ''}")


def _title(text: str) -> Iterable[Line]:
    yield Text()
    yield Text(text, style="bold")


def _ways(provoked: Iterable[tuple[str, str, str]], width: int) -> Iterable[Line]:
    """Error codes, each with what is to stand after it, by the way in which they were provoked."""
    ways: dict[str, list[str]] = {}
    for code, way, after in sorted(provoked):
        ways.setdefault(way, []).append(f"{printable(code)}{after}")
    for way in sorted(ways, reverse=True):
        yield from _hanging(f"    by {way:<15}", ", ".join(ways[way]), width)


def _hanging(label: str, text: str, width: int) -> Iterable[Line]:
    """The label and the text, wrapped into the column beside it."""
    indent = len(label) + 2
    for number, part in enumerate(textwrap.wrap(text, max(30, width - indent)) or [""]):
        yield Text.assemble((f"{label if number == 0 else '':<{indent}}", "dim"), part)


def _totals(summary: Summary) -> Iterable[Line]:
    """How much was tried and what came of it, with the reasons of the verdict."""
    totals = summary.totals
    counts = ", ".join(f"{totals[name]:,} {_spoken(name)}" for name in TALLIES if totals[name])
    yield Text(
        f"{_counted(totals['operations'], 'operation')}: {totals['implemented']:,} implemented, "
        f"{totals['reached']:,} reached"
    )
    yield Text(f"{_counted(totals['cases'], 'case')}{': ' if counts else ''}{counts}")
    levels = ", ".join(_counted(number, level) for level, number in summary.severities.items())
    yield Text(f"Findings: {levels}")
    for reason in summary.finished.reasons if summary.finished else ():
        yield Text(f"- {printable(reason)}")


def _verdict(summary: Summary) -> Iterable[Line]:
    finished = summary.finished
    if finished is None:  # pragma: no cover - the verdict is shown when the run has finished
        return
    words = _EXIT_WORDS.get(finished.exit, "")
    style = "bold green" if finished.exit == 0 else "bold red"
    yield Text.assemble((f"exit {finished.exit}: {words}", style), f"   ({finished.elapsed:.1f} s)")
