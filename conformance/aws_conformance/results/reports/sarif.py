# SPDX-License-Identifier: Apache-2.0
"""The format `sarif`: findings in SARIF 2.1.0, as code scanning and editors read them.

It owns that form. A finding's fingerprint is its id, which is the same in every run, so that a reader tells
old findings from new ones. What stands at a place in a file elsewhere stands here at an operation. It refuses
to know what fails a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ..causes import Cause
from ..events import Reported
from ..sdk_effects import sdk_breaks, sdk_words
from ..terms import Severity
from .escape import printable
from .plain_text import unrepeated_text
from .recorded import RecordedRun, at_end

__all__ = ["begin", "sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_NAME = "aws-conformance"
# SARIF's own words.
_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}
# A run that was carried out tells of its target, be it right or wrong.
_CARRIED_OUT = (0, 1, 4)


def sarif(run: RecordedRun) -> dict[str, Any]:
    """The run as a SARIF log with one run."""
    summary = run.summary
    started = summary.started
    versions = started.versions if started else {}
    rules = list(_rules(summary.findings))
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    causes = {key: cause for cause in summary.causes for key in cause.findings}
    driver: dict[str, Any] = {"name": _NAME, "rules": rules}
    if _NAME in versions:
        driver["version"] = versions[_NAME]
    invocation: dict[str, Any] = {"executionSuccessful": run.exit in _CARRIED_OUT}
    if run.exit is not None:
        invocation["exitCode"] = run.exit
    if started is not None:
        invocation["startTimeUtc"] = started.started.replace("+00:00", "Z")
    doubtful = [item for operation in summary.operations for item in operation.unrepeated]
    if doubtful:
        # No results: readers would count them, and they may be the target's or nobody's.
        invocation["toolExecutionNotifications"] = [
            {"level": "note", "message": {"text": f"Seen once, and not again, {unrepeated_text(item)}"}}
            for item in doubtful
        ]
    log: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{_NAME}/{printable(run.target)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [
            _result(finding, places[finding.violation.check], causes[finding.violation.id])
            for finding in summary.findings
        ],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [log]}


def _rules(findings: Iterable[Reported]) -> Iterable[dict[str, Any]]:
    checks = {finding.violation.check: finding.violation for finding in findings}
    for check in sorted(checks):
        violation = checks[check]
        yield {
            "id": check,
            "shortDescription": {"text": violation.requirement},
            "help": {"text": f"{violation.requirement} `aws-conformance explain {check}` tells who says so."},
            "defaultConfiguration": {"level": _LEVELS[violation.severity]},
            "properties": {"tags": [violation.provenance]},
        }


def _result(finding: Reported, rule: int, cause: Cause) -> dict[str, Any]:
    violation, shown = finding.violation, finding.reproduction
    operation = printable(violation.operation)
    breaks = sdk_breaks(violation)
    words = f" SDKs: {sdk_words(breaks)}." if breaks else ""
    result: dict[str, Any] = {
        "ruleId": violation.check,
        "ruleIndex": rule,
        "level": _LEVELS[violation.severity],
        "message": {"text": f"{operation}: {printable(violation.message)}{words}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(operation.replace(":", "/"), errors="replace")},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": f"{operation} {printable(violation.path)}", "kind": "member"}
                ],
            }
        ],
        "partialFingerprints": {"awsConformanceFinding/v1": violation.id},
        "occurrenceCount": max(1, finding.count),
        "properties": {
            "provenance": violation.provenance,
            "sdks": {broken.sdk: broken.effect for broken in breaks},
            "operations": list(finding.operations),
            "cause": {"id": cause.id, "title": printable(cause.title)},
            "tried": printable(shown.case.title),
            "aws": shown.aws,
            "curl": shown.curl,
        },
    }
    if finding.baseline:
        result["suppressions"] = [{"kind": "external", "justification": printable(finding.baseline)}]
    return result


def _dumped(run: RecordedRun) -> str:
    # ASCII, because what a target sent need not be valid Unicode.
    return json.dumps(sarif(run), indent=1, ensure_ascii=True) + "\n"


begin = at_end(_dumped)
