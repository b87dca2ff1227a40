"""The summary of a run: its events, folded once, and their JSON form, whose fields are stable.

It owns the order in which findings and operations stand and what is counted. It refuses to know how
a summary looks to a person (console.py and the formats that come after it start from the same fold).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TextIO, get_args

from ..events import (
    Answers,
    CaseFinished,
    CaseInfo,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    RunFinished,
    RunStarted,
    Tallied,
    UnrepeatedViolation,
)
from ..terms import Provenance, Severity

__all__ = ["SUMMARY_VERSION", "TALLIES", "Summary", "begin", "report_schema", "summary_to_json"]

SUMMARY_VERSION = 1

# The counts of an operation that add up to its number of cases.
TALLIES: tuple[Tallied, ...] = get_args(Tallied)

# What is told of a violation that did not show again.
_UNREPEATED = (
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

# Gravest first.
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run amounts to: operations in model order, findings with the gravest first.

    `started` is None for a run that never began, `finished` for one that was cut off; `unfinished` are
    selected operations of which nothing can be said, because the run ended before they were through.
    """

    started: RunStarted | None
    operations: tuple[OperationFinished, ...]
    unfinished: tuple[str, ...]
    findings: tuple[Reported, ...]
    finished: RunFinished | None

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
                case OperationStarted() | CaseFinished():
                    pass
        selected = started.operations if started else ()
        names = dict.fromkeys((*selected, *operations))
        return cls(
            started,
            tuple(operations[name] for name in names if name in operations),
            tuple(name for name in names if name not in operations),
            tuple(sorted(findings, key=_order)),
            finished,
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
        } | {name: sum(getattr(operation, name) for operation in every) for name in TALLIES}

    @property
    def severities(self) -> Mapping[Severity, int]:
        """The number of findings of each severity, the gravest first, zeros included."""
        counted = Counter(finding.violation.severity for finding in self.findings)
        return {severity: counted[severity] for severity in _SEVERITIES}


def _order(finding: Reported) -> tuple[Any, ...]:
    violation = finding.violation
    return (
        _SEVERITIES.index(violation.severity),
        violation.operation,
        violation.check,
        violation.path,
        violation.cause,
    )


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """The summary as JSON values, as `report_schema` describes them."""
    started, finished = summary.started, summary.finished
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
        "severities": dict(summary.severities),
        "violations": [_finding(finding) for finding in summary.findings],
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
        "request": reproduction.request,
        "response": reproduction.response,
    }


def _finding(finding: Reported) -> dict[str, Any]:
    violation, shown = finding.violation, finding.reproduction
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
        "requirement": violation.requirement,
        "expected": violation.expected,
        "got": violation.got,
        "cause": violation.cause,
        "site": violation.site,
        "thrown": violation.thrown,
        "count": finding.count,
        "baseline": finding.baseline,
        "cases": list(finding.cases),
        "reproduce": {
            "aws": shown.aws,
            "boto3": shown.boto3,
            "curl": shown.curl,
            "case": {item.name: getattr(shown.case, item.name) for item in fields(shown.case)},
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
        },
    }


def begin(stream: TextIO) -> Callable[[Event], None]:
    """The format `json`: writes the summary once the run is over."""
    events: list[Event] = []

    def consume(event: Event) -> None:
        # Single cases say nothing to a summary, and there may be a million of them.
        if not isinstance(event, CaseFinished):
            events.append(event)
        if isinstance(event, RunFinished):
            # ASCII, because what a target sent need not be valid Unicode.
            json.dump(summary_to_json(Summary.from_events(events)), stream, indent=2, ensure_ascii=True)
            stream.write("\n")

    return consume


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _map(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": dict(values)}


def report_schema() -> dict[str, Any]:
    """The JSON Schema of the summary; published as schemas/report.json."""
    text, flag, count = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
    texts = {"type": "array", "items": text}
    tallies: dict[str, Any] = dict.fromkeys(TALLIES, count)
    operation = _object(
        {
            "implemented": flag,
            "evidence": text,
            "reached": flag,
            "unreached": text,
            "excused": flag,
            "cases": count,
            **tallies,
            "errors": _map({"enum": ["request", "fault injection"]}),
            "deaths": texts,
            "unrepeated": {"type": "array", "items": _object(dict.fromkeys(_UNREPEATED, text))},
            "histories": {
                "type": "array",
                "items": _object(
                    dict.fromkeys(("id", "lifecycle", "kind", "title", "outcome", "reason"), text)
                ),
            },
        }
    )
    case = _object(dict.fromkeys((item.name for item in fields(CaseInfo)), text))
    reproduce = _object(
        {
            "aws": text,
            "boto3": text,
            "curl": text,
            "case": case,
            "template": True,
            "request": text,
            "response": text,
            "steps": texts,
            "transcript": texts,
            "source": _object(
                {
                    "sent": {"type": "object"},
                    "expectation": {"type": "object"},
                    "choices": {"type": "array", "items": count},
                    "redacted": flag,
                    "version": {"type": "integer"},
                }
            ),
        }
    )
    violation = _object(
        {
            "id": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
            "operation": text,
            "operations": texts,
            "check": text,
            "severity": {"enum": list(_SEVERITIES)},
            "provenance": {"enum": list(get_args(Provenance))},
            "scope": {"enum": ["operation", "target"]},
            "answers": {"enum": ["", *get_args(Answers)]},
            "path": text,
            "message": text,
            "requirement": text,
            "expected": text,
            "got": text,
            "cause": text,
            "site": text,
            "thrown": text,
            "count": count,
            "baseline": text,
            "cases": texts,
            "reproduce": reproduce,
        }
    )
    totals = dict.fromkeys(("operations", "implemented", "reached", "cases"), count)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aws-conformance:report",
        "title": "aws-conformance summary of a run",
    } | _object(
        {
            "version": {"const": SUMMARY_VERSION},
            "exit": {"enum": [0, 1, 2, 3, 4, 130]},
            "reasons": texts,
            "target": text,
            "seed": {"type": "integer"},
            "phases": texts,
            "started": text,
            "elapsed": {"type": "number", "minimum": 0},
            "versions": _map(text),
            "settings": {"type": "object"},
            "operations": _map(operation),
            "unfinished": texts,
            "totals": _object(totals | tallies),
            "severities": _object(dict.fromkeys(_SEVERITIES, count)),
            "violations": {"type": "array", "items": violation},
        }
    )
