# SPDX-License-Identifier: Apache-2.0
"""What checks say of their subject: all that apply are asked, and each breach becomes a violation.

It owns how a breach becomes a violation, with severity, path and scope, whatever was looked at. It refuses to
know which checks there are, and what an answer, a history or a command is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from ..results.events import Violation
from ..results.terms import Severity
from .check import Breach, Check, Subject

__all__ = ["judge", "judge_breaches"]

SubjectT = TypeVar("SubjectT", bound=Subject)


def judge(
    subject: SubjectT,
    *,
    checks: Iterable[Check[SubjectT]],
    severities: Mapping[str, str] | None = None,
    general: bool = True,
) -> list[Violation]:
    """All violations in what was looked at, in the order of the checks.

    `severities` maps a check's id to another severity or to "off". With `general`, paths are generalised
    over list indices and map keys, so that one cause has one path; without, they are exact.
    """
    return [
        violation
        for violation, _ in judge_breaches(subject, checks=checks, severities=severities, general=general)
    ]


def judge_breaches(
    subject: SubjectT,
    *,
    checks: Iterable[Check[SubjectT]],
    severities: Mapping[str, str] | None = None,
    general: bool = True,
) -> Iterator[tuple[Violation, Breach]]:
    """As `judge`, each violation with the breach that it is of."""
    overrides = severities or {}
    for check in _asked(tuple(checks), subject.topics):
        severity = overrides.get(check.id, check.severity)
        if severity == "off":
            continue
        for breach in check.run(subject):
            lowered = breach.doubtful and severity == "error" and check.id not in overrides
            yield _violation(subject, check, breach, "warning" if lowered else severity, general), breach


@functools.lru_cache(maxsize=256)
def _asked(checks: tuple[Check[Any], ...], topics: frozenset[str]) -> tuple[Check[Any], ...]:
    """The checks that have something to ask of a subject with these topics."""
    return tuple(check for check in checks if not check.about.isdisjoint(topics))


def _violation(
    subject: SubjectT, check: Check[SubjectT], breach: Breach, severity: str, general: bool
) -> Violation:
    place = subject.locate(breach)
    scope = "target" if subject.everywhere or breach.everywhere else check.scope
    hidden = place.sensitive and breach.quotes
    return Violation(
        check=check.id,
        severity=_severity(severity),
        provenance=breach.provenance or check.provenance,
        operation=f"{subject.service.name}:{(breach.shown_by or subject).operation.name}",
        path=place.general if general else place.exact,
        requirement=check.requirement,
        expected="the value shown before" if hidden else breach.expected,
        got="(a sensitive value)" if place.sensitive else breach.got,
        cause=breach.cause,
        scope=scope,
        answers=subject.answers if scope == "target" else "",
    )


def _severity(name: str) -> Severity:
    return name if name in ("error", "warning", "note") else "error"  # type: ignore[return-value]
