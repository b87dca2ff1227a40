# SPDX-License-Identifier: Apache-2.0
"""A run of the engine against a miniature, and what is wrong with its verdict.

It owns the plan of such a run and the comparison with what the row promises. It refuses to know rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_conformance.engine.plan import Claim, Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.results.events import Event, Reported, RunFinished
from aws_conformance.results.terms import Severity
from aws_conformance.targets.server import Handler, serve

if TYPE_CHECKING:
    from .table import Miniature

__all__ = ["Finding", "Verdict", "complaints", "findings_of", "verdict_on"]

# Real answers of AWS break their own documented constraints in these places, and so does the reference.
_KNOWN_NOTES = frozenset(
    {
        # Recorded: `UserImportJobs` is a list of 1..50, and a pool without jobs has none.
        ("response.constraint.length", "$.UserImportJobs"),
        # Recorded: `The Import Job was stopped by the developer.` against the documented `[\w]+`.
        ("response.constraint.pattern", "$.UserImportJob.CompletionMessage"),
        ("response.constraint.pattern", "$.UserImportJobs[*].CompletionMessage"),
        # Documented as a standard attribute, `phone_number_verified` is longer than the 20 characters
        # that the model allows the name of one.
        ("response.constraint.length", "$.UserPool.SchemaAttributes[*].Name"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A reported violation, as far as these tests care."""

    check: str
    path: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run said: its exit code with the reasons, and its findings but for the known notes."""

    exit: int
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]


def verdict_on(
    handler: Handler, operations: tuple[str, ...], timeout: float = 60.0, claims: tuple[Claim, ...] = ()
) -> Verdict:
    """The verdict on a server: every enumerated case and a handful of random ones, in this process."""
    events: list[Event] = []
    errors: list[str] = []
    with serve(handler, on_error=errors.append) as server:
        plan = Plan(operations, UrlTarget(server.url, claims), max_examples=6, timeout=timeout, seed=7)
        code = run(plan, events.append)
    if errors:
        # A miniature must be wrong in its one way, not by a mistake in how it is written.
        raise RuntimeError(f"the handler raised: {errors[0]}")
    finished = next(event for event in events if isinstance(event, RunFinished))
    violations = (event.violation for event in events if isinstance(event, Reported))
    findings = tuple(
        Finding(item.check, item.path, item.severity, item.message)
        for item in violations
        if (item.check, item.path) not in _KNOWN_NOTES
    )
    return Verdict(code, finished.reasons, findings)


def findings_of(miniature: Miniature) -> Verdict:
    """The verdict on a miniature."""
    return verdict_on(miniature.handler(), (miniature.operation,), miniature.timeout, miniature.claims)


def complaints(miniature: Miniature, severity: Severity) -> list[str]:
    """What is wrong with the verdict on a miniature whose check has that severity; nothing if it is right.

    Right is: the check is broken where the row says; no other check is, at whatever severity, but for
    those that the row names; and the exit code follows from the check's severity.
    """
    verdict = findings_of(miniature)
    messages = []
    places = [item.path for item in verdict.findings if item.check == miniature.breaks]
    if not places:
        messages.append(f"not caught by {miniature.breaks}")
    elif miniature.at not in places:
        messages.append(f"caught at {', '.join(places)} rather than at {miniature.at}")
    allowed = {miniature.breaks, *miniature.also}
    messages.extend(
        f"caught by {item.check} as well ({item.severity}): {item.message}"
        for item in verdict.findings
        if item.check not in allowed or (item.severity == "error" and item.check != miniature.breaks)
    )
    expected = 1 if severity == "error" else 0
    if verdict.exit != expected:
        messages.append(f"exit code {verdict.exit} rather than {expected}: {'; '.join(verdict.reasons)}")
    return messages
