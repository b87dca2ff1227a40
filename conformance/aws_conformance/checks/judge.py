"""An answer judged: all checks over it, and a violation for each breach.

It owns how a breach becomes a violation, with severity, path and scope. It refuses to know which checks there
are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..results.events import Answers, Violation
from ..results.terms import Severity
from .response import Check, DecodedResponse, place

__all__ = ["judge"]


def judge(
    answer: DecodedResponse,
    *,
    checks: Iterable[Check],
    severities: Mapping[str, str] | None = None,
    general: bool = True,
) -> list[Violation]:
    """All violations in an answer, in the order of the checks.

    `severities` maps a check's id to another severity or to "off". With `general`, paths are generalised
    over list indices and map keys, so that one cause has one path; without, they are exact.
    """
    overrides = severities or {}
    name = f"{answer.service.name}:{answer.operation.name}"
    broken = answer.expectation
    everywhere = broken is not None and broken.protocol_level
    garbage_in = (
        broken is not None
        and broken.earns in ("refused", "unknown")
        and (broken.protocol_level or not broken.codes)
    )
    # Most answers are in order: what could only find fault with bytes or document is then not asked.
    quiet = not answer.findings and not answer.unfit
    violations = []
    for check in checks:
        if (quiet and check.looks_at != "answer") or (garbage_in and check.looks_at == "document"):
            continue
        severity = overrides.get(check.id, check.severity)
        if severity == "off":
            continue
        for breach in check.run(answer):
            where = place(answer.service, answer.root, breach.path)
            scope = "target" if everywhere or breach.everywhere else check.scope
            violations.append(
                Violation(
                    check=check.id,
                    severity=_severity(severity),
                    provenance=breach.provenance or check.provenance,
                    operation=name,
                    path=_pretty(where.general if general else where.exact),
                    requirement=check.requirement,
                    expected=breach.expected,
                    got="(a sensitive value)" if where.sensitive else breach.got,
                    cause=breach.cause,
                    scope=scope,
                    answers=_answers(answer) if scope == "target" else "",
                )
            )
    return violations


def _answers(answer: DecodedResponse) -> Answers:
    """The kind of an answer: whoever mends what all of a kind show has often not mended the others."""
    if answer.kind == "success":
        return "successes"
    return "modelled errors" if answer.root is not None else "answers below the document"


def _pretty(path: str) -> str:
    """Places outside of the body are not members of it: `(status)`, not `$["(status)"]`."""
    return path[3:-2] if path.startswith('$["(') else path


def _severity(name: str) -> Severity:
    return name if name in ("error", "warning", "note") else "error"  # type: ignore[return-value]
