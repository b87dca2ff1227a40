# SPDX-License-Identifier: Apache-2.0
"""Findings as text: what a failure says, in the words and the layout of the console.

It owns the text of several findings together, and refuses to know whose failure it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ...results.events import Reported, Violation
from ...results.terms import Severity

__all__ = ["by_check", "counted", "reported_text", "violations_text"]

_WIDTH = 110
_RANK: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}

T = TypeVar("T", bound=Reported | Violation)


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 case`, `2 cases`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def by_check(findings: Iterable[T]) -> list[T]:
    """Findings in the order in which they are told: the gravest first, and those of a check together."""

    def order(finding: T) -> tuple[int, str, str, str]:
        violation = finding.violation if isinstance(finding, Reported) else finding
        return (_RANK[violation.severity], violation.check, violation.operation, violation.path)

    return sorted(findings, key=order)


def violations_text(violations: Sequence[Violation]) -> str:
    """What the console says of each violation."""
    return "\n\n".join(_violation(violation) for violation in by_check(violations))


def reported_text(findings: Sequence[Reported]) -> str:
    """What the console says of each finding: with what was tried, how often it was seen, and the command."""
    return "\n\n".join(_reported(finding) for finding in by_check(findings))


def _violation(violation: Violation) -> str:
    from ...results.reports.finding_text import finding_lines

    return "\n".join(line.plain.rstrip() for line in finding_lines(violation, width=_WIDTH))


def _reported(finding: Reported) -> str:
    from ...results.reports.escape import printable

    shown = finding.reproduction
    times = "once" if finding.count == 1 else f"{finding.count:,} times"
    lines = [
        _violation(finding.violation),
        f"  tried        {printable(shown.case.title)}",
        f"  seen         {times}",
    ]
    if shown.aws:
        lines.append(f"  reproduce    {printable(shown.aws)}")
    return "\n".join([*lines, f"  id           {finding.violation.id} (case {shown.case.id})"])
