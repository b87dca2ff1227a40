# SPDX-License-Identifier: Apache-2.0
"""The format `wfc`: a run as report.json of Web Fuzzing Commons, which its web report shows.

It owns that form, and which of its categories of faults a check belongs to; a check that fits none has a
category of ours, in the range that is left to tools. A test case is the case that shows a finding best. It
refuses to decide what fails a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..events import Reported
from .escape import printable
from .recorded import RecordedRun, at_end

__all__ = ["begin", "wfc"]

_NAME = "aws-conformance"
_VERSION = "0.12.0"
# Categories by the beginnings of check ids; the first that fits counts.
_CATEGORIES: tuple[tuple[str, str, int], ...] = (
    ("server.crash", "HTTP_STATUS_500", 100),
    ("server.timeout", "SECURITY_CALL_TIMEOUT", 312),
    ("server.unsupported", "SCHEMA_STATUS_NO_501_IF_IMPLEMENTED", 205),
    ("request.invalid", "SCHEMA_VALIDATION_BYPASS", 206),
    ("request.nonexistent", "SCHEMA_VALIDATION_BYPASS", 206),
    ("request.", "SCHEMA_VALID_INPUT_REJECTED", 207),
    ("signature.", "SECURITY_DECLARED_AUTH_NOT_ENFORCED", 311),
    ("response.", "SCHEMA_INVALID_RESPONSE", 200),
    ("error.", "SCHEMA_INVALID_RESPONSE", 200),
    ("lifecycle.", "AWS_CONFORMANCE_LIFECYCLE", 900),
    ("", "AWS_CONFORMANCE_OTHER", 901),
)


def wfc(run: RecordedRun) -> dict[str, Any]:
    """The run as a report of Web Fuzzing Commons."""
    summary = run.summary
    started = summary.started
    names = list(dict.fromkeys((*(item.operation for item in summary.operations), *summary.unfinished)))
    findings = summary.findings
    # What several operations show alike may stand at an operation that no run selected.
    named = dict.fromkeys((*names, *(finding.violation.operation for finding in findings)))
    cases = dict.fromkeys(finding.reproduction.case.id for finding in findings)
    cases |= dict.fromkeys(run.statuses.values())
    return {
        "schemaVersion": _VERSION,
        "toolName": _NAME,
        "toolVersion": started.versions.get(_NAME, "unknown") if started else "unknown",
        "creationTime": started.started if started else "1970-01-01T00:00:00Z",
        "faults": {"totalNumber": len(findings), "foundFaults": list(_faults(findings))},
        "problemDetails": {
            "rest": {
                "outputHttpCalls": len(findings),
                "evaluatedHttpCalls": summary.totals["cases"],
                "endpointIds": [printable(name) for name in named],
                "coveredHttpStatus": [
                    {"endpointId": printable(name), "testCaseId": case, "httpStatus": [status]}
                    for (name, status), case in run.statuses.items()
                    if status < 600
                ],
            }
        },
        "totalTests": len(cases),
        "testFilePaths": [],
        "testCases": [{"id": case, "name": case} for case in cases],
        "executionTimeInSeconds": int(run.elapsed),
        "extra": [
            {
                "toolName": _NAME,
                "criteria": [
                    {"name": item.what, "covered": item.judged, "total": item.there}
                    for item in run.coverage.kinds
                ],
            }
        ],
    }


def _faults(findings: Iterable[Reported]) -> Iterable[dict[str, Any]]:
    by_case: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for finding in findings:
        place = (printable(finding.violation.operation), finding.reproduction.case.id)
        by_case.setdefault(place, {})[finding.violation.id] = _category(finding)
    for (operation, case), categories in by_case.items():
        yield {
            "operationId": operation,
            "testCaseId": case,
            "faultCategories": list(categories.values()),
        }


def _category(finding: Reported) -> Mapping[str, Any]:
    violation = finding.violation
    name, code = next((row[1], row[2]) for row in _CATEGORIES if violation.check.startswith(row[0]))
    return {
        "id": name,
        "code": code,
        "context": printable(f"{violation.check} {violation.id} {violation.message}"),
    }


begin = at_end(lambda run: json.dumps(wfc(run), indent=1, ensure_ascii=True) + "\n")
