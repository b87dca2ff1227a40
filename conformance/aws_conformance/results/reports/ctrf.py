# SPDX-License-Identifier: Apache-2.0
"""The format `ctrf`: a run in the Common Test Report Format, a test for each operation and for the verdict.

It owns that form. It refuses to decide what fails a run: that stands in the events.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from ..events import OperationFinished, Reported
from ..terms import Severity, at_least
from .escape import printable
from .plain_text import unrepeated_text
from .recorded import RecordedRun, at_end

__all__ = ["begin", "ctrf"]

_NAME = "aws-conformance"
_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def ctrf(run: RecordedRun) -> dict[str, Any]:
    """The run as a CTRF document."""
    started = run.summary.started
    tests = list(_tests(run))
    begun = _milliseconds(started.started) if started else 0
    counts = {status: sum(test["status"] == status for test in tests) for status in _STATUSES}
    tool: dict[str, Any] = {"name": _NAME}
    if started and _NAME in started.versions:
        tool["version"] = started.versions[_NAME]
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": _NAME,
        "results": {
            "tool": tool,
            "summary": {
                "tests": len(tests),
                **counts,
                "start": begun,
                "stop": begun + round(run.elapsed * 1000),
            },
            "tests": tests,
            "environment": {"testEnvironment": printable(run.target)},
        },
    }


def _tests(run: RecordedRun) -> Iterator[dict[str, Any]]:
    started, finished = run.summary.started, run.summary.finished
    fail_on: Severity = started.settings.get("fail_on", "error") if started else "error"
    for operation in run.summary.operations:
        failing = [
            finding
            for finding in run.summary.findings
            if operation.operation in (finding.operations or (finding.violation.operation,))
            and at_least(finding.violation.severity, fail_on)
            and not finding.baseline
        ]
        yield _test(operation, failing, run.spent.get(operation.operation, 0.0))
    for name in run.summary.unfinished:
        yield {"name": printable(name), "status": "pending", "duration": 0, "message": "not finished"}
    if finished is not None:
        status = "passed" if finished.exit == 0 else "failed"
        message = printable("; ".join(finished.reasons))
        yield {"name": "verdict", "status": status, "duration": 0, "message": message}


def _test(operation: OperationFinished, failing: Sequence[Reported], seconds: float) -> dict[str, Any]:
    status, message = _status(operation, failing)
    test: dict[str, Any] = {
        "name": printable(operation.operation),
        "status": status,
        "duration": round(seconds * 1000),
        "suite": [operation.operation.partition(":")[0]],
        "tags": sorted({finding.violation.check for finding in failing}),
    }
    if message:
        test["message"] = printable(message)
    if operation.unrepeated:
        test["flaky"] = any(item.outcome == "flaky" for item in operation.unrepeated)
        test["extra"] = {"seenOnce": [unrepeated_text(item) for item in operation.unrepeated]}
    if failing:
        lines = (f"{item.violation.check} {item.violation.id}: {item.violation.message}" for item in failing)
        test["trace"] = "\n".join(map(printable, lines))
        test["snippet"] = failing[0].reproduction.boto3
    return test


def _status(
    operation: OperationFinished, failing: Sequence[Reported]
) -> tuple[Literal["passed", "failed", "skipped", "other"], str]:
    if failing:
        return "failed", f"{len(failing)} violation{'' if len(failing) == 1 else 's'}"
    if not operation.implemented:
        return "skipped", f"not implemented: {operation.evidence}"
    if not operation.reached and not operation.excused:
        return "other", f"not reached: {operation.unreached}"
    return "passed", ""


def _milliseconds(started: str) -> int:
    try:
        return round(datetime.datetime.fromisoformat(started).timestamp() * 1000)
    except ValueError:
        return 0


begin = at_end(lambda run: json.dumps(ctrf(run), indent=1, ensure_ascii=True) + "\n")
