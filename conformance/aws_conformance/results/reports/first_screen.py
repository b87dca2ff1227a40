# SPDX-License-Identifier: Apache-2.0
"""The first screen: the verdict, the target, two figures, and the causes that hurt most, in forty lines.

It owns what fits on it, and what is folded away with a number. It refuses to know how causes are grouped and
ranked (results/causes.py), and the whole of a finding (details.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from ..causes import Cause
from ..coverage import run_coverage
from ..events import OperationFinished
from ..generalised import generalised
from .escape import printable
from .finding_text import STYLES, Line, counted
from .summary import TALLIES, Summary

__all__ = ["first_screen", "verdict_lines"]

_LINES = 40
_WIDEST = 160
_EXIT_WORDS: Mapping[int, str] = {
    0: "conforms",
    1: "violations, or a stale baseline entry",
    2: "usage",
    3: "target unreachable",
    4: "nothing verified, or an operation unreached",
    130: "interrupted",
}
_REASONS = 4
_GROUPS = 5
_LEAST_CAUSES = 8
# Columns beside the title: number and severity, kind, smallest request, places, id.
_NUMBER = 4
_KIND = 8
_PLACES = 10
_ID = 8
_REQUEST = 20
_WIDE_REQUEST = 34
_WIDE = 110
# Below these widths, columns are left out: first the request, then the kind and the places.
_MEDIUM = 80
_NARROW = 60


def first_screen(summary: Summary, *, width: int, verdict: bool = True) -> tuple[Line, ...]:
    """The lines that stand on one screen; without `verdict` no exit code is told."""
    width = min(width, _WIDEST)
    head = [*(_verdict(summary) if verdict else ()), *_target(summary, width), *_reasons(summary, width)]
    tail = [*_unreached(summary, width), *_rest(summary, width)]
    room = max(_LEAST_CAUSES, _LINES - len(head) - len(tail) - 5)
    lines = (*head, *_causes(summary, room, width), *tail)
    return tuple(part for line in lines for part in _wrapped(line, width)) if width < _MEDIUM else lines


def verdict_lines(summary: Summary, *, width: int) -> tuple[Line, ...]:
    """The verdict and why, in a few lines."""
    width = min(width, _WIDEST)
    return (*_verdict(summary), *itertools.islice(_target(summary, width), 1), *_reasons(summary, width))


def _verdict(summary: Summary) -> Iterator[Line]:
    finished = summary.finished
    if finished is not None:
        style = "bold green" if finished.exit == 0 else "bold red"
        words = f"exit {finished.exit}: {_EXIT_WORDS.get(finished.exit, '')}"
        yield Text.assemble((words, style), f"   ({finished.elapsed:.1f} s)")


def _target(summary: Summary, width: int) -> Iterator[Line]:
    totals, started = summary.totals, summary.started
    services = dict.fromkeys(operation.operation.partition(":")[0] for operation in summary.operations)
    name = ", ".join(map(printable, (started.target if started else "", *services)))
    figures = [f"reached {totals['reached']:,} of {totals['implemented']:,}"]
    coverage = run_coverage(summary.operations)
    for what, share in (("coverage", coverage.coverage), ("divergence", coverage.divergence)):
        if share is not None:
            figures.append(f"{what} {share:.0%}".replace("%", " %"))
    name = _shorten(name, width - 60 if width >= _MEDIUM else width - 2)
    if width < _MEDIUM:
        yield Text.assemble((name, "bold"), ":")
        yield Text(", ".join(figures))
    else:
        yield Text.assemble((name, "bold"), ": ", ", ".join(figures))
    number = counted(totals["operations"], "operation")
    yield Text(f"{number}: {totals['implemented']:,} implemented, {totals['reached']:,} reached")
    counts = ", ".join(f"{totals[name]:,} {name.replace('_', ' ')}" for name in TALLIES if totals[name])
    yield Text(f"{counted(totals['cases'], 'case')}{': ' if counts else ''}{counts}")
    if totals["left_out"] or totals["places_left_out"]:
        left_out = f"{counted(totals['left_out'], 'case')}, {counted(totals['places_left_out'], 'place')}"
        yield Text(f"Left out by the budget: {left_out} of known shapes (--exhaustive)", style="dim")
    levels = ", ".join(counted(number, level) for level, number in summary.severities.items())
    yield Text(f"Findings: {levels}; {counted(len(summary.causes), 'cause')}")


def _reasons(summary: Summary, width: int) -> Iterator[Line]:
    """Why the run ended as it did, but for what is told of operations below."""
    reasons = [
        reason
        for reason in (summary.finished.reasons if summary.finished else ())
        if " was not reached: " not in reason
    ]
    for reason in reasons[:_REASONS]:
        yield Text(f"- {_shorten(printable(reason), width - 2)}")
    if reasons[_REASONS:]:
        yield Text(f"- and {counted(len(reasons) - _REASONS, 'more reason')} in the reports")


def _causes(summary: Summary, room: int, width: int) -> Iterator[Line]:
    causes = summary.causes
    # What a baseline excuses is known: it stands after all that is new.
    ordered = sorted(causes, key=lambda cause: cause.known == cause.places)
    if not ordered:
        return
    columns = _columns(width)
    yield Text()
    yield Text(columns.line("", "kind", "cause", "smallest request", "places", "id"), style="dim")
    for number, cause in enumerate(ordered[:room], 1):
        style = STYLES[cause.severity] if cause.known < cause.places else "dim"
        line = Text(
            columns.line(
                f"{number:>2} {cause.severity[0].upper()}",
                cause.kind,
                _fitted(printable(cause.title), columns.title),
                _shorten(_request(cause), columns.request),
                f"{cause.places:,} in {len(cause.operations)}",
                cause.id,
            )
        )
        line.stylize(style, 0, _NUMBER + (columns.kind and columns.kind + 1))
        yield line
    if ordered[room:]:
        left = {severity: sum(cause.severity == severity for cause in ordered[room:]) for severity in STYLES}
        words = ", ".join(f"{number} at {severity}" for severity, number in left.items() if number)
        yield Text(f"{'':<{_NUMBER}} and {counted(len(ordered) - room, 'more cause')} ({words})", style="dim")
    hint = "E error, W warning, N note. A script: `aws-conformance reproduce REPORT ID`. All findings: -v"
    yield Text(f"{'':<{_NUMBER}} {hint}", style="dim")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The widths of the columns beside a cause's number and id; what has none is left out."""

    kind: int
    title: int
    request: int
    places: int

    def line(self, number: str, kind: str, title: str, request: str, places: str, key: str) -> str:
        cells = ((kind, self.kind), (title, self.title), (request, self.request), (places, self.places))
        shown = [f"{text:<{width}}" for text, width in cells if width]
        return " ".join([f"{number:<{_NUMBER}}", *shown, key])


def _columns(width: int) -> _Columns:
    kind, places = (_KIND, _PLACES) if width >= _NARROW else (0, 0)
    request = _WIDE_REQUEST if width >= _WIDE else _REQUEST if width >= _MEDIUM else 0
    others = (kind, request, places)
    taken = _NUMBER + _ID + 2 + sum(other + 1 for other in others if other)
    return _Columns(kind, max(12, width - taken), request, places)


def _fitted(title: str, width: int) -> str:
    """The title cut to a column; the function that throws stays, because it tells crashes apart."""
    what, within, function = title.rpartition(" in ")
    if len(title) > width and within and " " not in function and len(function) < 2 * width // 3:
        return f"{_shorten(what, width - len(within) - len(function))}{within}{function}"
    return _shorten(title, width)


def _request(cause: Cause) -> str:
    """What the representative sends, in a few words."""
    case, shown = cause.representative.reproduction.case, cause.representative.reproduction
    operation = printable(cause.representative.violation.operation.partition(":")[2])
    if shown.transcript:
        return counted(len(shown.transcript), "step")
    if cause.valid:
        return f"valid {operation}"
    return f"{operation} {printable(case.pointer or case.title)}"


def _unreached(summary: Summary, width: int) -> Iterator[Line]:
    """Implemented operations that were not reached, in groups of one reason."""
    groups: dict[str, list[OperationFinished]] = {}
    for operation in summary.operations:
        if operation.implemented and not operation.reached:
            groups.setdefault(generalised(operation.unreached), []).append(operation)
    if not groups:
        return
    yield Text()
    yield Text("Not reached", style="bold")
    ordered = sorted(groups.values(), key=len, reverse=True)
    for group in ordered[:_GROUPS]:
        reason = _shorten(printable(group[0].unreached) or "no 2xx was seen", max(30, width - 50))
        yield from _named(
            f"  {len(group):>3} {reason}: ", [operation.operation for operation in group], width
        )
    if ordered[_GROUPS:]:
        number = sum(map(len, ordered[_GROUPS:]))
        yield Text(f"  {number:>3} for {counted(len(ordered) - _GROUPS, 'other reason')}: --verbose")


def _rest(summary: Summary, width: int) -> Iterator[Line]:
    """What else there is to know, a line each."""
    operations = summary.operations
    histories = [history for operation in operations for history in operation.histories]
    lines: list[Line] = []
    if histories:
        verified = sum(history.outcome == "verified" for history in histories)
        lines.append(Text(f"Histories: {verified} of {len(histories)} verified"))
    deaths = [death for operation in operations for death in operation.deaths]
    if deaths:
        lines.append(
            Text(f"The target died {counted(len(deaths), 'time')} of what does not kill it again: --verbose")
        )
    unrepeated = [item for operation in operations for item in operation.unrepeated]
    if unrepeated:
        lines.append(
            Text(f"Seen once, and not again: {counted(len(unrepeated), 'grave violation')}: --verbose")
        )
    if summary.unfinished:
        before = f"Not finished before the run ended: {len(summary.unfinished)}: "
        lines += _named(before, summary.unfinished, width)
    missing = [operation for operation in operations if not operation.implemented]
    if missing:
        evidence = _shorten(printable(missing[0].evidence), max(30, width - 60))
        before = f"Not implemented: {len(missing)} ({evidence}): "
        lines += _named(before, [operation.operation for operation in missing], width)
    if lines:
        yield Text()
        yield from lines


def _named(before: str, names: Sequence[str], width: int) -> Iterable[Line]:
    """One line that names operations, as many as fit, and counts the others."""
    short = [printable(name.partition(":")[2] or name) for name in names]
    text = before
    for index, name in enumerate(short):
        left = len(short) - index
        more = f"and {left} more"
        if index and len(text) + len(name) + len(more) + 3 > width:
            return [Text(text + more)]
        text += f"{name}{', ' if left > 1 else ''}"
    return [Text(_shorten(text, max(width, len(before) + 20)))]


def _wrapped(line: Line, width: int) -> Iterable[Line]:
    """The line in parts that a narrow window has room for, broken between words where that can be."""
    start, breaks, text = 0, [], line.plain
    while len(text) - start > width:
        blank = text.rfind(" ", start + width // 2, start + width + 1)
        start = blank + 1 if blank > 0 else start + width
        breaks.append(start)
    parts = line.divide(breaks)
    for part in parts:
        part.rstrip()
    return parts


def _shorten(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(0, width - 3)].rstrip()}..."
