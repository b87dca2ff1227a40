# SPDX-License-Identifier: Apache-2.0
"""The format `markdown`: a run in a comment on a pull request: what is new, what is fixed, what hurts most.

It owns the text and what is folded or left out of it. Whatever a target or a request says stands in spans of
code, where it is neither markup nor a name that somebody is notified by. It refuses to know what a baseline
is: what one excuses says so in the events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from ...errors import UsageError
from ..causes import Cause
from ..events import Event, Reported
from ..sdk_effects import sdk_breaks, sdk_words
from ..terms import Severity
from .escape import printable, single_line
from .plain_text import unrepeated_text
from .recorded import RecordedRun, at_end, recorded
from .summary import SEVERITIES

__all__ = ["begin", "compared", "together"]

_WORST = 5
_LISTED = 20
_LONGEST_VALUE = 300
_LONGEST_BLOCK = 3_000
# GitHub refuses a comment of more than 65,536 characters.
_LONGEST = 60_000
_MARKS: dict[Severity, str] = {"error": "🔴", "warning": "🟡", "note": "🔵"}


def compared(run: RecordedRun, before: RecordedRun | None = None) -> str:
    """The run as Markdown; with a run `before` it, new and fixed are told by what that run had.

    Without one, new is what no baseline excuses. Fixed is what this run judged again and did not see:
    findings of operations that it did not reach are told apart.
    """
    sections = (
        _head(run, before),
        _changes(run, before),
        _worst(run),
        _unreached(run),
        _unrepeated(run),
    )
    text = "\n".join(line for section in sections for line in section) + "\n"
    return (
        text
        if len(text) <= _LONGEST
        else f"{text[:_LONGEST].rsplit(chr(10), 1)[0]}\n\n_Cut: see the reports._\n"
    )


def _head(run: RecordedRun, before: RecordedRun | None) -> Iterator[str]:
    totals, figures = run.summary.totals, run.coverage
    verdict = "cut off" if run.exit is None else f"exit {run.exit}"
    yield f"## {'✅' if run.exit == 0 else '❌'} Conformance of {_code(run.target)}: {verdict}"
    yield ""
    yield "| | reached | coverage | divergence | errors | warnings | notes | causes |"
    yield "|---|---|---|---|---|---|---|---|"
    rows = [("now", run)] if before is None else [("before", before), ("now", run)]
    for name, shown in rows:
        totals, figures = shown.summary.totals, shown.coverage
        counts = " | ".join(str(number) for number in shown.summary.severities.values())
        yield (
            f"| {name} | {totals['reached']} of {totals['implemented']} | {_percent(figures.coverage)} | "
            f"{_percent(figures.divergence)} | {counts} | {len(shown.summary.causes)} |"
        )
    yield ""
    if run.summary.finished is not None and run.exit:
        reasons = [reason for reason in run.summary.finished.reasons if " was not reached: " not in reason]
        yield from (f"- {_code(reason)}" for reason in reasons[:_WORST])
        yield ""


def _changes(run: RecordedRun, before: RecordedRun | None) -> Iterator[str]:
    findings = {finding.violation.id: finding for finding in run.summary.findings}
    if before is None:
        new = [finding for finding in findings.values() if not finding.baseline]
        known = len(findings) - len(new)
        yield f"**{len(new)} new** by the baseline, {known} known"
        yield ""
        yield from _folded(f"New ({len(new)})", new)
        return
    earlier = {finding.violation.id: finding for finding in before.summary.findings}
    reached = {item.operation for item in run.summary.operations if item.reached}
    phases = run.summary.started.phases if run.summary.started else ()
    new = [finding for key, finding in findings.items() if key not in earlier]
    gone = [finding for key, finding in earlier.items() if key not in findings]
    judged = [
        finding.reproduction.case.phase in phases and not reached.isdisjoint(_operations(finding))
        for finding in gone
    ]
    fixed = [finding for finding, again in zip(gone, judged, strict=True) if again]
    unjudged = [finding for finding, again in zip(gone, judged, strict=True) if not again]
    rest = f", {len(unjudged)} not judged again" if unjudged else ""
    yield f"**{len(new)} new**, **{len(fixed)} fixed**{rest}"
    yield ""
    yield from _folded(f"New ({len(new)})", new)
    yield from _folded(f"Fixed ({len(fixed)})", fixed)
    yield from _folded(f"Not judged again ({len(unjudged)})", unjudged)


def _operations(finding: Reported) -> Sequence[str]:
    return finding.operations or (finding.violation.operation,)


def _folded(title: str, findings: Sequence[Reported]) -> Iterator[str]:
    if not findings:
        return
    yield f"<details><summary>{title}</summary>"
    yield ""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.violation.severity))
    for finding in ordered[:_LISTED]:
        violation = finding.violation
        words = sdk_words(sdk_breaks(violation))
        yield (
            f"- {_MARKS[violation.severity]} {_code(violation.operation)} {_code(violation.check)} "
            f"{_code(violation.message)} {_code(violation.id)}{f' ({words})' if words else ''}"
        )
    if ordered[_LISTED:]:
        yield f"- and {len(ordered) - _LISTED} more"
    yield ""
    yield "</details>"
    yield ""


def _worst(run: RecordedRun) -> Iterator[str]:
    causes = sorted(run.summary.causes, key=lambda cause: cause.known == cause.places)
    if not causes:
        return
    worst = "The worst of " if causes[_WORST:] else ""
    yield f"### {worst}{len(causes)} cause{'' if len(causes) == 1 else 's'}"
    yield ""
    for number, cause in enumerate(causes[:_WORST], 1):
        yield from _cause(number, cause)
    if causes[_WORST:]:
        yield from _others(causes[_WORST:])


def _cause(number: int, cause: Cause) -> Iterator[str]:
    places = f"{cause.places} place{'' if cause.places == 1 else 's'}"
    known = ", known" if cause.known == cause.places else ""
    finding = cause.representative
    violation, shown = finding.violation, finding.reproduction
    title = f"{_MARKS[cause.severity]} {_code(cause.title)}"
    yield f"{number}. {title}: {cause.kind}, {places}{known}, `{cause.id}`"
    yield ""
    yield "   <details><summary>Example</summary>"
    yield ""
    yield f"   {_code(violation.operation)} {_code(violation.message)}"
    yield ""
    yield f"   {_code(violation.requirement)}"
    if words := sdk_words(sdk_breaks(violation)):
        yield ""
        yield f"   SDKs: {words}"
    blocks = (
        "\n".join(shown.transcript),
        shown.request and f"{shown.request}\n\n{shown.response}",
        shown.curl or shown.aws,
    )
    for block in filter(None, blocks):
        yield ""
        yield from _block(block)
    yield ""
    yield f"   `aws-conformance reproduce REPORT {cause.id}`"
    yield ""
    yield "   </details>"
    yield ""


def _others(causes: Sequence[Cause]) -> Iterator[str]:
    yield f"<details><summary>{len(causes)} more</summary>"
    yield ""
    for cause in causes:
        yield f"- {_MARKS[cause.severity]} {_code(cause.title)}: {cause.places}, `{cause.id}`"
    yield ""
    yield "</details>"
    yield ""


def _unreached(run: RecordedRun) -> Iterator[str]:
    lacking = [item for item in run.summary.operations if item.implemented and not item.reached]
    if not lacking:
        return
    yield f"<details><summary>Not reached ({len(lacking)})</summary>"
    yield ""
    yield from (
        f"- {_code(item.operation)}: {_code(item.unreached or 'no 2xx was seen')}" for item in lacking
    )
    yield ""
    yield "</details>"


def _unrepeated(run: RecordedRun) -> Iterator[str]:
    doubtful = [item for operation in run.summary.operations for item in operation.unrepeated]
    if not doubtful:
        return
    yield f"<details><summary>Seen once, and not again ({len(doubtful)})</summary>"
    yield ""
    for item in doubtful[:_LISTED]:
        violation = item.violation
        yield f"- {item.outcome}: {_code(violation.operation)} {_code(violation.check)} {_code(item.reason)}"
        yield ""
        yield from _block(unrepeated_text(item))
        yield ""
    if doubtful[_LISTED:]:
        yield f"- and {len(doubtful) - _LISTED} more"
    yield "</details>"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def _code(text: str) -> str:
    """The text as a span of code on one line."""
    line = single_line(text)
    line = line if len(line) <= _LONGEST_VALUE else f"{line[: _LONGEST_VALUE - 3]}..."
    fence = "`" * (1 + _longest_run(line))
    blank = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{blank}{line or '(nothing)'}{blank}{fence}"


def _block(text: str) -> Iterator[str]:
    """The text as a block of code, within an item of a list."""
    shown = text if len(text) <= _LONGEST_BLOCK else f"{text[:_LONGEST_BLOCK]}\n..."
    fence = "`" * max(3, 1 + _longest_run(shown))
    yield f"   {fence}text"
    yield from (f"   {printable(line)}" for line in shown.split("\n"))
    yield f"   {fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def together(stream: TextIO, runs: Sequence[Iterable[Event]]) -> None:
    """Writes the second of two runs, compared with the first. Raises UsageError for more."""
    if len(runs) != 2:
        raise UsageError("Markdown compares two runs.", "Name the run before and the run after.")
    before, after = (recorded(events) for events in runs)
    stream.write(compared(after, before))


begin = at_end(compared)
