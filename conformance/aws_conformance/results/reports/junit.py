# SPDX-License-Identifier: Apache-2.0
"""The format `junit`: a run as CI systems show it, one test case for each operation and phase.

It owns the XML. A test case per request would be thousands of lines that nobody reads and some systems
cut off; one per operation and phase is what a person acts upon, and carries the same name as the pytest
plugin gives it. It fails by the findings that fail the run, with their check ids; what a baseline covers
is named in its output. The case `verdict` fails if the run does, for whatever reason. It refuses to decide
what fails a run: that stands in the events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TextIO
from xml.etree import ElementTree as ET

from ..events import (
    CaseFinished,
    Event,
    OperationFinished,
    OperationStarted,
    Phase,
    Reported,
    RunFinished,
    RunStarted,
    tallied_as,
)
from ..sdk_effects import sdk_breaks, sdk_words
from ..terms import Severity, at_least
from .escape import printable
from .plain_text import unrepeated_text
from .summary import Summary

__all__ = ["begin"]

_SUITE = "aws-conformance"


@dataclass(slots=True)
class _Tally:
    """What came of the cases of one operation in one phase; `elapsed` in seconds."""

    outcomes: Counter[str] = field(default_factory=Counter)
    elapsed: float = 0.0


def begin(stream: TextIO) -> Callable[[Event], None]:
    """Writes the file once the run is over; cases are counted as they come."""
    events: list[Event] = []
    tallies: dict[tuple[str, Phase], _Tally] = {}

    def consume(event: Event) -> None:
        match event:
            case CaseFinished(case=case):
                tally = tallies.setdefault((case.operation, case.phase), _Tally())
                tally.outcomes[tallied_as(event.outcome).replace("_", " ")] += 1
                tally.elapsed += event.elapsed
            case RunStarted() | OperationStarted() | OperationFinished() | Reported():
                events.append(event)
            case RunFinished():
                events.append(event)
                root = _suite(Summary.from_events(events), tallies)
                ET.indent(root)
                stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
                stream.write(ET.tostring(root, encoding="unicode"))
                stream.write("\n")

    return consume


def _suite(summary: Summary, tallies: dict[tuple[str, Phase], _Tally]) -> ET.Element:
    started, finished = summary.started, summary.finished
    fail_on: Severity = started.settings.get("fail_on", "error") if started else "error"
    suites = ET.Element("testsuites", name=_SUITE)
    suite = ET.SubElement(suites, "testsuite", name=_SUITE)
    if started is not None:
        suite.set("timestamp", started.started)
        properties = ET.SubElement(suite, "properties")
        labels = {"target": started.target, "seed": str(started.seed), **started.versions}
        for name, value in labels.items():
            ET.SubElement(properties, "property", name=name, value=_clean(value))
    phases = started.phases if started else ()
    names = {operation.operation for operation in summary.operations}
    for operation in summary.operations:
        for phase in phases:
            tally = tallies.get((operation.operation, phase), _Tally())
            findings = [
                finding
                for finding in summary.findings
                if _stands_at(finding, names) == (operation.operation, phase)
            ]
            _operation(suite, operation, phase, tally, findings, fail_on)
    for name in summary.unfinished:
        _case(suite, name, "unfinished", 0.0, error="The run ended before this operation was through.")
    if finished is not None:
        failure = "" if finished.exit == 0 else "\n".join(finished.reasons)
        _case(suite, _SUITE, "verdict", 0.0, failure=failure, output="\n".join(finished.reasons))
    _count(suite, finished.elapsed if finished else 0.0)
    _count(suites, finished.elapsed if finished else 0.0)
    return suites


def _stands_at(finding: Reported, names: Collection[str]) -> tuple[str, Phase]:
    """The operation and the phase that a finding is told under, once.

    A history may show what is wrong with an operation that was not selected: that stands where the history
    does.
    """
    case, shown_by = finding.reproduction.case, finding.violation.operation
    return (shown_by if shown_by in names else case.operation), case.phase


def _operation(
    suite: ET.Element,
    operation: OperationFinished,
    phase: Phase,
    tally: _Tally,
    findings: Sequence[Reported],
    fail_on: Severity,
) -> None:
    grave = [item for item in findings if at_least(item.violation.severity, fail_on) and not item.baseline]
    others = [item for item in findings if item not in grave]
    counts = ", ".join(f"{number} {word}" for word, number in tally.outcomes.items())
    output = [f"{sum(tally.outcomes.values())} cases: {counts}" if counts else "no cases"]
    output += [_finding(item) for item in others]
    output += [
        f"seen once, and not again, {unrepeated_text(item)}"
        for item in operation.unrepeated
        if item.reproduction.case.phase == phase
    ]
    error = skipped = ""
    if not operation.implemented:
        skipped = f"not implemented: {operation.evidence}"
    elif not operation.reached and not operation.excused:
        error = f"not reached: {operation.unreached}"
    _case(
        suite,
        operation.operation,
        phase,
        tally.elapsed,
        failure="\n\n".join(_finding(item) for item in grave),
        error=error if not grave else "",
        skipped=skipped if not grave else "",
        kinds=tuple(dict.fromkeys(item.violation.check for item in grave)),
        output="\n\n".join(output),
    )


def _finding(finding: Reported) -> str:
    violation = finding.violation
    lines = [
        f"{violation.check} ({violation.severity}, {violation.provenance}, id {violation.id})",
        f"  {violation.message}",
        f"  requirement: {violation.requirement}",
        *(f"  sdks: {words}" for words in (sdk_words(sdk_breaks(violation)),) if words),
        f"  seen {finding.count} times in {', '.join(finding.operations)}",
    ]
    if finding.baseline:
        lines.append(f"  in the baseline: {finding.baseline}")
    lines.append(f"  reproduce: {finding.reproduction.aws}")
    return "\n".join(lines)


def _case(
    suite: ET.Element,
    operation: str,
    name: str,
    elapsed: float,
    *,
    failure: str = "",
    error: str = "",
    skipped: str = "",
    kinds: tuple[str, ...] = (),
    output: str = "",
) -> None:
    # Systems group by the dots of a class name.
    case = ET.SubElement(
        suite, "testcase", classname=operation.replace(":", "."), name=name, time=f"{elapsed:.3f}"
    )
    for tag, text in (("failure", failure), ("error", error), ("skipped", skipped)):
        if text:
            element = ET.SubElement(case, tag)
            # The schema that Jenkins has for what is skipped knows its text alone.
            if tag != "skipped":
                element.set("message", _clean(", ".join(kinds) or text.split("\n", 1)[0]))
                element.set("type", kinds[0] if kinds else name)
            element.text = _clean(text)
    if output:
        ET.SubElement(case, "system-out").text = _clean(output)


def _count(element: ET.Element, elapsed: float) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(len(element.findall(f".//{tag}"))))
    if element.tag == "testsuites":
        # Its schema counts what is skipped by suite alone.
        del element.attrib["skipped"]
    element.set("time", f"{elapsed:.3f}")


def _clean(text: str) -> str:
    """The text with what XML has no way to write escaped: what a target sent may hold such characters."""
    return "\n".join(printable(line) for line in text.split("\n"))
