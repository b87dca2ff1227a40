# SPDX-License-Identifier: Apache-2.0
"""What was seen of a suite, as data: counted, merged over processes, and written for other programs.

It owns the record and its forms. It refuses to know how calls are judged (call_check.py) and how the record
is told to a person (observed_text.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...results.events import Violation

__all__ = ["OUTSIDE", "Observations", "TargetFault"]

OUTSIDE = "outside of any test"
_LONGEST_LINE = 300


@dataclass(slots=True)
class TargetFault:
    """A fault of the target, with how often it was seen and by which tests; plain data, for xdist."""

    severity: str
    line: str
    count: int = 0
    tests: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Observations:
    """What was seen in one process.

    `unvalidated` are calls that were not validated, by service and reason; `faults` the target's by id;
    `invalid` the texts of the faults of each test's own requests; `refused` what was refused as AWS refuses
    it; `returned` what is invalid and came from an answer of the target's; `outside` faults of requests
    outside of any test; `allowed` what a marker, the configuration or a baseline allows; `mistakes` where
    our own hooks failed, and how.
    """

    calls: int = 0
    validated: int = 0
    operations: set[str] = field(default_factory=set)
    unvalidated: Counter[str] = field(default_factory=Counter)
    faults: dict[str, TargetFault] = field(default_factory=dict)
    invalid: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    returned: Counter[str] = field(default_factory=Counter)
    outside: list[str] = field(default_factory=list)
    allowed: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[str] = field(default_factory=Counter)

    def plain(self) -> dict[str, Any]:
        """The same as data that travels between processes."""
        return {
            "calls": self.calls,
            "validated": self.validated,
            "operations": sorted(self.operations),
            "unvalidated": dict(self.unvalidated),
            "faults": {
                key: [fault.severity, fault.line, fault.count, fault.tests]
                for key, fault in self.faults.items()
            },
            "invalid": self.invalid,
            "refused": self.refused,
            "returned": dict(self.returned),
            "outside": self.outside,
            "allowed": dict(self.allowed),
            "mistakes": dict(self.mistakes),
        }

    def add(self, plain: dict[str, Any]) -> None:
        """Take in what another process saw."""
        self.calls += plain["calls"]
        self.validated += plain["validated"]
        self.operations |= set(plain["operations"])
        for key, (severity, line, count, tests) in plain["faults"].items():
            known = self.faults.setdefault(key, TargetFault(severity, line))
            known.count += count
            known.tests += (test for test in tests if test not in known.tests)
        for test, texts in plain["invalid"].items():
            self.blame(test, texts)
        self.refused += plain["refused"]
        self.outside += plain["outside"]
        for name in ("unvalidated", "returned", "allowed", "mistakes"):
            getattr(self, name).update(plain[name])

    def blame(self, test: str, texts: Sequence[str]) -> None:
        """Take in faults of a test's own requests; those of a rerun once."""
        self.invalid[test] = list(dict.fromkeys([*self.invalid.get(test, ()), *texts]))

    def count(self, violation: Violation, test: str, message: str) -> None:
        """Take in a fault of the target, seen by a test ("" for outside of any); `message` tells it."""
        line = f"{violation.operation}  {violation.check}  {message}"
        known = self.faults.setdefault(violation.id, TargetFault(violation.severity, line[:_LONGEST_LINE]))
        known.count += 1
        name = test or OUTSIDE
        if name not in known.tests:
            known.tests.append(name)

    def document(self) -> dict[str, Any]:
        """The whole record under the names that its file has."""
        return {
            "calls": self.calls,
            "validated": self.validated,
            "operations": sorted(self.operations),
            "not_validated": dict(sorted(self.unvalidated.items())),
            "invalid_requests": dict(sorted(self.invalid.items())),
            "outside_of_tests": self.outside,
            "refused_as_by_aws": self.refused,
            "values_of_the_target": dict(sorted(self.returned.items())),
            "allowed": dict(sorted(self.allowed.items())),
            "target_faults": [
                {
                    "id": key,
                    "severity": fault.severity,
                    "text": fault.line,
                    "count": fault.count,
                    "tests": fault.tests,
                }
                for key, fault in sorted(self.faults.items(), key=_by_severity)
            ],
            "mistakes": dict(self.mistakes),
        }

    def ordered(self) -> Iterable[TargetFault]:
        """The faults of the target, the gravest first."""
        return (fault for _, fault in sorted(self.faults.items(), key=_by_severity))


def _by_severity(item: tuple[str, TargetFault]) -> tuple[int, str]:
    return ("error", "warning", "note").index(item[1].severity), item[1].line
