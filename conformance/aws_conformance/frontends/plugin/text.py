"""Findings as text: what a failure says, in the words and the layout of the console.

It owns the text of several findings together, and refuses to know whose failure it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from ...results.events import Reported, Severity, Violation

__all__ = ["by_check", "counted", "reported_text", "violations_text"]

_WIDTH = 110
_RANK: Mapping[Severity, int] = {"error": 0, "warning": 1, "note": 2}

T = TypeVar("T", bound=Reported | Violation)


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 case`, `2 cases`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def by_check(found: Iterable[T]) -> list[T]:
    """Findings in the order in which they are told: the gravest first, and those of a check together."""

    def order(one: T) -> tuple[int, str, str, str]:
        violation = one.violation if isinstance(one, Reported) else one
        return (_RANK[violation.severity], violation.check, violation.operation, violation.path)

    return sorted(found, key=order)


def violations_text(violations: Sequence[Violation]) -> str:
    """What the console says of each violation."""
    return "\n\n".join(_violation(one) for one in by_check(violations))


def reported_text(found: Sequence[Reported]) -> str:
    """What the console says of each finding: with what was tried, how often it was seen, and the command."""
    return "\n\n".join(_reported(one) for one in by_check(found))


def _violation(one: Violation) -> str:
    from ...results.reports.console import finding_lines

    return "\n".join(line.plain.rstrip() for line in finding_lines(one, width=_WIDTH))


def _reported(one: Reported) -> str:
    from ...results.reports.escape import printable

    shown = one.reproduction
    times = "once" if one.count == 1 else f"{one.count:,} times"
    told = [
        _violation(one.violation),
        f"  tried        {printable(shown.case.title)}",
        f"  seen         {times}",
    ]
    if shown.aws:
        told.append(f"  reproduce    {printable(shown.aws)}")
    return "\n".join([*told, f"  id           {one.violation.id} (case {shown.case.id})"])
