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
    Severity,
    Violated,
    Violation,
)
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

# How many findings of a severity are told in full before the rest is told by check.
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

    `verbose` tells every finding in full, with boto3 and curl. `live` and `width` are found out from the
    stream unless given. Call `close` when a run was cut off, or the cursor may stay hidden.
    """

    def __init__(
        self, stream: TextIO, *, verbose: bool = False, live: bool | None = None, width: int | None = None
    ) -> None:
        terminal = stream.isatty()
        if width is None and not terminal:
            # A log has no width of its own; rich would take 80 and break most lines.
            width = shutil.get_terminal_size((120, 24)).columns
        self._console = Console(
            file=stream, width=width, markup=False, highlight=False, emoji=False, force_terminal=terminal
        )
        self._verbose = verbose
        shows_live = terminal and os.environ.get("TERM") not in ("dumb", "unknown")
        self._live = _Live(self._console) if (shows_live if live is None else live) else None
        self._kept: list[Event] = []

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CaseFinished):
            self._kept.append(event)
        if self._live is not None:
            self._live(event)
        match event:
            case RunStarted():
                self._print(Text(_opening(event)))
            case OperationFinished() if self._live is None:
                self._print(Text(f"  {printable(event.operation)}: {_progress(event)}"))
            case RunFinished():
                self.close()
                self._print_end(Summary.from_events(self._kept))
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
            found = [one for one in summary.findings if one.violation.severity == severity]
            limit = len(found) if self._verbose else _IN_FULL[severity]
            for one in found[:limit]:
                self._print(Text(), *self._finding(one))
            if found[limit:]:
                self._print(Text(), *_condensed(severity, found[limit:]))
        self._print(Text())
        self._console.print(_table(summary.operations, self._console.width))
        self._print(*_remarks(summary, verbose=self._verbose, width=self._console.width))
        self._print(Text(), *_verdict(summary))

    def _finding(self, one: Reported) -> Iterable[Line]:
        yield from finding_lines(one.violation, width=self._console.width)
        yield _labelled("tried", one.reproduction.case.title)
        yield _labelled("seen", _seen(one))
        if one.baseline:
            yield _labelled("baseline", one.baseline)
        shown = one.reproduction
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
            yield _labelled("", f"{more}: --verbose, or {one.violation.id} in the JSON report")


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


def finding_lines(found: Violation, *, width: int = 120) -> Iterable[Line]:
    """What a violation says, without how often and how to see it again."""
    style = _STYLES[found.severity]
    yield Text.assemble(
        (printable(found.operation), "bold"),
        "   ",
        printable(found.check),
        "   ",
        (found.severity, style),
        f"   [{found.provenance}]",
    )
    yield from _hanging(f"  {'requirement':<{_LABEL_WIDTH - 2}}", printable(found.requirement), width)
    yield _labelled("at", found.path)
    yield Text.assemble(
        _label("expected"), _cut(found.expected), ("      got  ", "dim"), _cut(found.got), overflow="fold"
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


def _seen(one: Reported) -> str:
    times = "once" if one.count == 1 else f"{one.count:,} times"
    return f"{times}, in {len(one.operations)} operations" if len(one.operations) > 1 else times


def _condensed(severity: Severity, found: Sequence[Reported]) -> Iterable[Line]:
    """What is left over of a severity, one line per check."""
    by_check: dict[str, list[Reported]] = {}
    for one in found:
        by_check.setdefault(one.violation.check, []).append(one)
    yield Text.assemble(_counted(len(found), "more finding"), " at ", (severity, _STYLES[severity]), ":")
    for check, group in by_check.items():
        places = {one.violation.operation for one in group}
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


def _progress(one: OperationFinished) -> str:
    if not one.implemented:
        return "not implemented"
    counts = [f"{getattr(one, name):,} {_spoken(name)}" for name in TALLIES if getattr(one, name)]
    reached = "reached" if one.reached else "not reached"
    return f"{reached}; {_counted(one.cases, 'case')}{': ' if counts else ''}{', '.join(counts)}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _table(operations: Sequence[OperationFinished], width: int) -> Table:
    # Columns that most runs have no use for appear only when they hold something.
    columns = [name for name in TALLIES if name not in ("errored", "flaky")]
    columns += [name for name in ("errored", "flaky") if any(getattr(one, name) for one in operations)]
    headings = ["reached", "cases", *map(_spoken, columns)]
    names = [printable(one.operation) for one in operations]
    longest = max(map(len, names), default=0)
    if longest + sum(len(heading) + 2 for heading in headings) > width:
        headings = [_SHORT.get(heading, heading) for heading in headings]
        if len({name.partition(":")[0] for name in names}) == 1:
            names = [name.partition(":")[2] or name for name in names]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("operation", overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "reached" else "right", no_wrap=True)
    for name, one in zip(names, operations, strict=True):
        reached = "yes" if one.reached else "no" if one.implemented else "-"
        counts = [f"{getattr(one, column):,}" for column in ("cases", *columns)]
        style = "" if one.reached else "yellow" if one.implemented else "dim"
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
    provoked = [one for one in operations if one.errors]
    if provoked:
        yield from _title("Error codes provoked")
        # One operation's codes are of interest; those of a hundred are a number each.
        if verbose or len(provoked) <= _OPERATIONS_IN_FULL:
            for one in provoked:
                yield Text(f"  {printable(one.operation)}")
                yield from _ways(((code, way, "") for code, way in one.errors.items()), width)
        else:
            counted = Counter((code, way) for one in provoked for code, way in one.errors.items())
            yield from _ways(((code, way, f" ({number})") for (code, way), number in counted.items()), width)
    # An operation that a reason of the verdict names is not told twice.
    reasons = " ".join(summary.finished.reasons) if summary.finished else ""
    yield from _lives(operations, verbose=verbose)
    unreached = [
        one for one in operations if one.implemented and not one.reached and one.operation not in reasons
    ]
    if unreached:
        yield from _title("Not reached")
        for one in unreached:
            yield Text(f"  {printable(one.operation)}: {printable(one.unreached) or 'no 2xx was seen'}")
    deaths = [(one.operation, story) for one in operations for story in one.deaths]
    if deaths:
        yield from _title("The target died, and nothing that was sent kills it again")
        for name, story in deaths[:_OPERATIONS_IN_FULL]:
            yield Text(f"  {printable(name)}: {_cut(story)}")
        if deaths[_OPERATIONS_IN_FULL:]:
            yield Text(f"  and {len(deaths) - _OPERATIONS_IN_FULL} more")
    yield from _unrepeated(operations, verbose=verbose)
    if summary.unfinished:
        yield from _title("Not finished before the run ended")
        yield from _hanging("", ", ".join(map(printable, summary.unfinished)), width)
    missing = [one for one in operations if not one.implemented]
    if missing:
        shown = missing if verbose else missing[:_OPERATIONS_IN_FULL]
        yield from _title("Not implemented, by this evidence")
        for one in shown:
            yield Text(f"  {printable(one.operation)}: {_cut(one.evidence)}")
        if missing[len(shown) :]:
            names = ", ".join(printable(one.operation) for one in missing[len(shown) :])
            yield from _hanging("  and", names, width)


def _lives(operations: Sequence[OperationFinished], *, verbose: bool) -> Iterable[Line]:
    """Histories that need no chance: how many of each kind went as documented, and which did not and why."""
    lived = [one for operation in operations for one in operation.histories]
    if not lived:
        return
    yield from _title("Histories")
    for lifecycle in dict.fromkeys(one.case.lifecycle for one in lived):
        for kind, noun in _KINDS.items():
            own = [one for one in lived if (one.case.lifecycle, one.case.kind) == (lifecycle, kind)]
            if not own:
                continue
            verified = sum(one.outcome == "verified" for one in own)
            yield Text(f"  {printable(lifecycle)}: {verified} of {_counted(len(own), noun)} verified")
            if verbose:
                for one in own:
                    reason = f": {_cut(one.reason)}" if one.reason else ""
                    yield Text(f"    {one.outcome:<15} {printable(one.case.title)}{reason}")
                continue
            alike: dict[tuple[str, str], list[str]] = {}
            for one in own:
                if one.outcome != "verified":
                    alike.setdefault((one.outcome, one.reason), []).append(one.case.title)
            for (outcome, reason), titles in alike.items():
                told = f"{len(titles)}, such as {titles[0]}" if len(titles) > 1 else titles[0]
                yield Text(f"    {outcome:<15} {printable(told)}{f': {_cut(reason)}' if reason else ''}")


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


def _verdict(summary: Summary) -> Iterable[Line]:
    totals = summary.totals
    counts = ", ".join(f"{totals[name]:,} {_spoken(name)}" for name in TALLIES if totals[name])
    yield Text(
        f"{_counted(totals['operations'], 'operation')}: {totals['implemented']:,} implemented, "
        f"{totals['reached']:,} reached"
    )
    yield Text(f"{_counted(totals['cases'], 'case')}{': ' if counts else ''}{counts}")
    levels = ", ".join(_counted(number, level) for level, number in summary.severities.items())
    yield Text(f"Findings: {levels}")
    finished = summary.finished
    if finished is None:  # pragma: no cover - the verdict is told when the run has finished
        return
    for reason in finished.reasons:
        yield Text(f"- {printable(reason)}")
    words = _EXIT_WORDS.get(finished.exit, "")
    style = "bold green" if finished.exit == 0 else "bold red"
    yield Text.assemble((f"exit {finished.exit}: {words}", style), f"   ({finished.elapsed:.1f} s)")
