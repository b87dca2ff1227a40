# SPDX-License-Identifier: Apache-2.0
"""What came of a history that was carried out, and the outcome of the case that it is.

It owns these values. It refuses to know how a history is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from ...cases.lifecycles.histories import (
    History,
    Step,
)
from ...cases.oracles.script import Script
from ...reproduce.transcript import Transcript
from ...results.events import (
    UNREACHED,
    Inconclusive,
    NotImplementedByTarget,
    Outcome,
    Verified,
    Violated,
    Violation,
)
from ...results.terms import Severity, at_least

__all__ = ["Execution", "Unconfirmed", "WalkedStory", "outcome_of_walk"]

# What is walked in the phase stateful: a history of a lifecycle, or a script of an oracle.
WalkedStory: TypeAlias = History | Script
# How reasons begin that no other state would help against.
_NOT_OF_STATE = ("HTTP can not carry", "no connection", "the answer is generated")


@dataclass(frozen=True, slots=True)
class Execution:
    """What came of a history.

    `violations` come with the index of the move that showed each, and the number of steps up to it.
    `reason` says why it was not walked as it was meant to be; `missing` names an operation that the target
    lacks, by that `evidence`. `reached` are operations that answered a legal request with a success in
    violation of nothing grave, `succeeded` with any; `refused` are error codes by operation. `met` is where
    the last action met the resource, `let_pass` tells that it was accepted although it is forbidden.
    """

    moves: tuple[Step, ...]
    transcript: Transcript
    violations: tuple[tuple[Violation, int, int], ...] = ()
    reason: str = ""
    missing: str = ""
    evidence: str = ""
    reached: frozenset[str] = frozenset()
    succeeded: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()
    requests: int = 0
    met: str = ""
    let_pass: bool = False

    def shows(self, key: tuple[str, ...]) -> int | None:
        """The index of the first move that shows a violation, or None."""
        return next((move for violation, move, _ in self.violations if violation.key == key), None)

    def is_stuck_before(self, operation: str) -> bool:
        """Whether it came no further than an operation that the target has, by answers of its own."""
        elsewhere = self.missing or self.reason.startswith(_NOT_OF_STATE)
        return operation not in self.succeeded and bool(self.reason) and not elsewhere

    def crashes_at(self, operation: str) -> bool:
        """Whether it ended where the target failed at an operation."""
        return self.reason.startswith(f"{operation} was refused with 5")

    def transcript_until(self, key: tuple[str, ...]) -> Transcript:
        """The transcript up to the step that shows a violation."""
        steps = next((count for violation, _, count in self.violations if violation.key == key), None)
        return replace(self.transcript, steps=self.transcript.steps[:steps])


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """No repetition of a history came as far as what it showed before; `reason` is what kept the last."""

    reason: str


def outcome_of_walk(
    history: WalkedStory, execution: Execution, *, subject: str, reached: bool, fail_on: Severity
) -> Outcome:
    """The outcome of a history, given whether its operation has been reached in this run."""
    grave = tuple(
        violation for violation, *_ in execution.violations if at_least(violation.severity, fail_on)
    )
    if grave:
        return Violated(tuple({violation.key: violation for violation in grave}.values()))
    if execution.missing == subject:
        return NotImplementedByTarget(execution.evidence)
    if execution.reason:
        return Inconclusive(execution.reason)
    if history.state and history.state != execution.met:
        return Inconclusive(f"{history.state} was not met, but {execution.met or 'nothing'}")
    if execution.let_pass:
        return Inconclusive("accepted; what AWS does here is not on record")
    if history.kind == "forbidden" and not reached:
        return Inconclusive(UNREACHED)
    return Verified()
