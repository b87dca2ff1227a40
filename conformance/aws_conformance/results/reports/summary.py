# SPDX-License-Identifier: Apache-2.0
"""The summary of a run: its events, folded once, and their JSON form, whose fields are stable.

It owns the order in which findings and operations stand and what is counted. It refuses to know how
a summary looks to a person (console.py and the formats that come after it start from the same fold), and what
its schema says (summary_schema.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TextIO, get_args

from ..causes import Cause, causes
from ..coverage import run_coverage
from ..events import (
    CaseFinished,
    Covered,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    Reproduction,
    RunFinished,
    RunStarted,
    Tallied,
    UnrepeatedViolation,
    WaitStarted,
)
from ..sdk_effects import sdk_breaks
from ..terms import Severity

__all__ = [
    "SEVERITIES",
    "SUMMARY_VERSION",
    "TALLIES",
    "UNREPEATED",
    "Summary",
    "begin",
    "finding_order",
    "summary_to_json",
]

SUMMARY_VERSION = 1

# The counts of an operation that add up to its number of cases.
TALLIES: tuple[Tallied, ...] = get_args(Tallied)

# What is told of a violation that did not show again.
UNREPEATED = (
    "id",
    "outcome",
    "reason",
    "check",
    "severity",
    "path",
    "message",
    "case",
    "request",
    "response",
)

_LONGEST_REPRODUCTION = 60_000
# What of a case that is told in short its title says as well, and the phase that most are of.
_OF_TITLES = frozenset({"pointer", "value_class"})
_PHASE = "enumerated"

# Gravest first.
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run amounts to: operations in model order, findings with the gravest first.

    `causes` are the findings grouped by what a maintainer would mend, those that hurt most first.
    `started` is None for a run that never began, `finished` for one that was cut off; `unfinished` are
    selected operations of which nothing can be said, because the run ended before they were through.
    """

    started: RunStarted | None
    operations: tuple[OperationFinished, ...]
    unfinished: tuple[str, ...]
    findings: tuple[Reported, ...]
    finished: RunFinished | None
    causes: tuple[Cause, ...] = ()

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> Summary:
        """The fold of a run's events, which may come from several workers, in any order."""
        started: RunStarted | None = None
        finished: RunFinished | None = None
        operations: dict[str, OperationFinished] = {}
        findings: list[Reported] = []
        for event in events:
            match event:
                case RunStarted():
                    started = event
                case RunFinished():
                    finished = event
                case OperationFinished():
                    operations[event.operation] = event
                case Reported():
                    findings.append(event)
                case OperationStarted() | CaseFinished() | WaitStarted():
                    pass
        selected = started.operations if started else ()
        names = dict.fromkeys((*selected, *operations))
        findings.sort(key=finding_order)
        return cls(
            started,
            tuple(operations[name] for name in names if name in operations),
            tuple(name for name in names if name not in operations),
            tuple(findings),
            finished,
            causes(findings),
        )

    @property
    def totals(self) -> Mapping[str, int]:
        """Sums over all operations, by the names of the JSON form."""
        every = self.operations
        return {
            "operations": len(every) + len(self.unfinished),
            "implemented": sum(operation.implemented for operation in every),
            "reached": sum(operation.reached for operation in every),
            "cases": sum(operation.cases for operation in every),
            "left_out": sum(operation.left_out for operation in every),
            "places_left_out": sum(operation.places_left_out for operation in every),
        } | {name: sum(getattr(operation, name) for operation in every) for name in TALLIES}

    @property
    def severities(self) -> Mapping[Severity, int]:
        """The number of findings of each severity, the gravest first, zeros included."""
        counted = Counter(finding.violation.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES}


def finding_order(finding: Reported) -> tuple[Any, ...]:
    """What findings are sorted by: the gravest first, then by operation, check and place."""
    violation = finding.violation
    return (
        SEVERITIES.index(violation.severity),
        violation.operation,
        violation.check,
        violation.path,
        violation.cause,
    )


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """The summary as JSON values, as `report_schema` describes them."""
    started, finished = summary.started, summary.finished
    representatives = {cause.representative.violation.id for cause in summary.causes}
    # A check requires the same wherever it is broken: the first finding of each says what.
    first = {finding.violation.check: finding for finding in reversed(summary.findings)}
    return {
        "version": SUMMARY_VERSION,
        "exit": finished.exit if finished else None,
        "reasons": list(finished.reasons) if finished else [],
        "target": started.target if started else "",
        "seed": started.seed if started else 0,
        "phases": list(started.phases) if started else [],
        "started": started.started if started else "",
        "elapsed": round(finished.elapsed, 3) if finished else None,
        "versions": dict(started.versions) if started else {},
        "settings": dict(started.settings) if started else {},
        "operations": {operation.operation: _operation(operation) for operation in summary.operations},
        "unfinished": list(summary.unfinished),
        "totals": dict(summary.totals),
        "coverage": _coverage(summary.operations),
        "severities": dict(summary.severities),
        "causes": [_cause(cause) for cause in summary.causes],
        "violations": [
            _finding(
                finding,
                in_full=finding.violation.id in representatives and _fits(finding),
                requires=finding is first[finding.violation.check],
            )
            for finding in summary.findings
        ],
    }


def _coverage(operations: Sequence[OperationFinished]) -> dict[str, Any]:
    figures = run_coverage(operations)
    shares = {"coverage": figures.coverage, "divergence": figures.divergence}
    return {
        **{name: None if share is None else round(share, 4) for name, share in shares.items()},
        "kinds": _covered(figures.kinds),
    }


def _covered(kinds: Iterable[Covered]) -> dict[str, Any]:
    return {
        item.what: {"there": item.there, "judged": item.judged, "departing": item.departing} for item in kinds
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "id": cause.id,
        "kind": cause.kind,
        "title": cause.title,
        "severity": cause.severity,
        "checks": list(cause.checks),
        "places": cause.places,
        "cases": cause.cases,
        "known": cause.known,
        "operations": list(cause.operations),
        "sites": list(cause.sites),
        "valid_request": cause.valid,
        "reason": cause.reason,
        "representative": cause.representative.violation.id,
        "findings": list(cause.findings),
    }


def _operation(operation: OperationFinished) -> dict[str, Any]:
    return {
        "implemented": operation.implemented,
        "evidence": operation.evidence,
        "reached": operation.reached,
        "unreached": operation.unreached,
        "excused": operation.excused,
        "cases": operation.cases,
        **{name: getattr(operation, name) for name in TALLIES},
        "errors": dict(sorted(operation.errors.items())),
        "coverage": _covered(operation.coverage),
        "deaths": list(operation.deaths),
        "unrepeated": [_unrepeated(item) for item in operation.unrepeated],
        "histories": [
            {
                "id": history.case.id,
                "lifecycle": history.case.lifecycle,
                "kind": history.case.kind,
                "title": history.case.title,
                "outcome": history.outcome,
                "reason": history.reason,
            }
            for history in operation.histories
        ],
    }


def _unrepeated(item: UnrepeatedViolation) -> dict[str, Any]:
    violation, reproduction = item.violation, item.reproduction
    return {
        "id": violation.id,
        "outcome": item.outcome,
        "reason": item.reason,
        "check": violation.check,
        "severity": violation.severity,
        "path": violation.path,
        "message": violation.message,
        "case": reproduction.case.id,
        # Of a history the exchange is all of it.
        "request": reproduction.request or "\n".join(reproduction.transcript),
        "response": reproduction.response,
    }


def _finding(finding: Reported, *, in_full: bool, requires: bool) -> dict[str, Any]:
    violation = finding.violation
    return {
        "id": violation.id,
        "operation": violation.operation,
        "operations": list(finding.operations) or [violation.operation],
        "check": violation.check,
        "severity": violation.severity,
        "provenance": violation.provenance,
        "scope": violation.scope,
        "answers": violation.answers,
        "path": violation.path,
        "message": violation.message,
        "requirement": violation.requirement if in_full or requires else "",
        "expected": violation.expected,
        "got": violation.got,
        "cause": violation.cause,
        "site": violation.site,
        "thrown": violation.thrown,
        "sdks": [
            {"sdk": broken.sdk, "effect": broken.effect, "evidence": broken.evidence}
            for broken in sdk_breaks(violation)
        ],
        "count": finding.count,
        "baseline": finding.baseline,
        "cases": list(finding.cases),
        "reproduce": _reproduction(finding.reproduction) if in_full else _in_short(finding),
    }


def _fits(finding: Reported) -> bool:
    """Whether a reproduction is short enough to be told; a request of megabytes is made again by its case."""
    shown = finding.reproduction
    return len(shown.aws) + len(shown.boto3) + len(shown.curl) <= _LONGEST_REPRODUCTION


def _in_short(finding: Reported) -> dict[str, Any]:
    """What `replay` needs to make the case again by its id, its choices or its moves, and nothing else.

    A thousand findings of one cause would otherwise be told a thousand times; NDJSON has them all in full.
    What stands beside is left out: the operation that is the finding's, and the broken place of the title.
    """
    shown = finding.reproduction
    source = shown.source
    history = shown.case.phase == "stateful"
    short = {
        "sent": dict(source.sent) if history else {},
        "expectation": {key: source.expectation[key] for key in ("earns",) if key in source.expectation},
        "choices": list(source.choices),
    }
    beside = {"operation": finding.violation.operation, "phase": _PHASE}
    case = {
        name: value
        for name, value in _case(shown).items()
        if name not in _OF_TITLES and value != beside.get(name)
    }
    return {"case": _present(case), "source": _present(short)}


def _case(shown: Reproduction) -> dict[str, str]:
    return {item.name: getattr(shown.case, item.name) for item in fields(shown.case)}


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _reproduction(shown: Reproduction) -> dict[str, Any]:
    return {
        "aws": shown.aws,
        "boto3": shown.boto3,
        "curl": shown.curl,
        "case": _case(shown),
        "template": shown.template,
        "request": shown.request,
        "response": shown.response,
        "steps": list(shown.steps),
        "transcript": list(shown.transcript),
        "source": {
            "sent": dict(shown.source.sent),
            "expectation": dict(shown.source.expectation),
            "choices": list(shown.source.choices),
            "redacted": shown.source.redacted,
            "version": shown.source.version,
        },
    }


def _dumped(summary: Mapping[str, Any]) -> str:
    """The summary as JSON text with a line for each operation, cause and violation, so that it stays
    small."""
    sections = []
    for name, value in summary.items():
        match value:
            case dict():
                lines = [f"{_compact(key)}: {_compact(item)}" for key, item in value.items()]
                text = f"{{{_indented(lines)}}}"
            case list():
                text = f"[{_indented(list(map(_compact, value)))}]"
            case _:
                text = _compact(value)
        sections.append(f"  {_compact(name)}: {text}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _compact(value: Any) -> str:
    # ASCII, because what a target sent need not be valid Unicode.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _indented(lines: Sequence[str]) -> str:
    return "\n    " + ",\n    ".join(lines) + "\n  " if lines else ""


def begin(stream: TextIO) -> Callable[[Event], None]:
    """The format `json`: writes the summary once the run is over."""
    events: list[Event] = []

    def consume(event: Event) -> None:
        # Single cases say nothing to a summary, and there may be a million of them.
        if not isinstance(event, CaseFinished):
            events.append(event)
        if isinstance(event, RunFinished):
            stream.write(_dumped(summary_to_json(Summary.from_events(events))))

    return consume
