# SPDX-License-Identifier: Apache-2.0
"""The cases of one operation weighed: what each answer shows, when it can be told, and whether it comes back.

It owns the story of an operation's cases within a run, as history_trials.py owns that of its histories. It
refuses to know which cases there are, and how one is sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..cases.case import Case
from ..cases.contract import OperationContract
from ..cases.lifecycles.registry import lifecycles_of
from ..cases.prerequisites import prerequisites_for
from ..reproduce.mask import without_secrets
from ..results.events import Flaky, Inconclusive, NotImplementedByTarget, Outcome, Verified, Violated
from ..results.terms import at_least
from .attempt import Attempt, Attempter, outcome_of
from .confirmation import Doubt
from .environment import Environment
from .findings import Findings
from .pauses import let_pass
from .plan import Plan
from .session import Session
from .tally import OperationTally

__all__ = ["CaseTrials"]

# So often, each time for twice as long, another resource is given time to come to rest.
_PAUSES = 5
# Operations of these names change nothing, marked so by the model or not.
_READERS = ("Describe", "Get", "List")


@dataclass(slots=True)
class CaseTrials:
    """The cases of one operation. `ended` says why nothing more is to be sent, if so."""

    session: Session
    contract: OperationContract
    plan: Plan
    attempter: Attempter
    findings: Findings
    standing: OperationTally
    ended: Callable[[], str]
    _pending: list[tuple[Case, Attempt]] = field(default_factory=list)
    _accepted: Case | None = None
    _repeated: bool = False

    def conclude(self) -> None:
        """The outcome of all cases that waited for the operation to be reached."""
        for case, attempt in self._pending:
            self._finish(case, attempt)

    def weigh(self, case: Case, attempt: Attempt, environment: Environment) -> None:
        """Take the attempt at a case for what it shows."""
        self.standing.weigh(attempt)
        if attempt.succeeds and case.info.kind == "positive":
            self.findings.accepted(case)
        self.session.tried_kinds.note(case, attempt.violations)
        self._take(case, attempt)
        self._repeat(case, attempt, environment)

    def note_success(self, attempt: Attempt) -> None:
        """An attempt may show that the operation succeeds; then what waited for that can be told."""
        self.standing.succeeded = self.standing.succeeded or attempt.succeeds
        if attempt.reaches and not self.standing.reached:
            self.standing.reached = True
            for earlier, waiting in self._pending:
                self._finish(earlier, waiting)
            self._pending.clear()

    def _take(self, case: Case, attempt: Attempt) -> None:
        if attempt.answer is not None:
            self._note_code(case, attempt)
            if self.standing.coverage is not None:
                self.standing.coverage.answered(attempt.answer, attempt.violations)
        self.note_success(attempt)
        if (attempt.evidence or self._unclear(attempt)) and not self.standing.answered:
            # Held back: if a later answer shows that the operation exists, this was a crash after all.
            self._pending.append((case, attempt))
            return
        doubts = [
            doubt
            for violation in attempt.violations
            if (doubt := self.findings.see(violation, case, attempt)) is not None
        ]
        if doubts:
            self.standing.count(case.info, self._doubted(attempt, doubts), attempt)
        elif isinstance(outcome_of(attempt, reached=True, fail_on=self.plan.fail_on), Verified):
            if self.standing.reached:
                self._finish(case, attempt)
            else:
                self._pending.append((case, attempt))
        else:
            self._finish(case, attempt)

    def _doubted(self, attempt: Attempt, doubts: Sequence[Doubt]) -> Outcome:
        """The outcome of a case of which something did not show again; what is sure weighs more."""
        doubtful = {doubt.violation.key for doubt in doubts}
        grave = tuple(item for item in attempt.violations if at_least(item.severity, self.plan.fail_on))
        sure = tuple(item for item in grave if item.key not in doubtful)
        if sure:
            return Violated(sure)
        unconfirmed = next((doubt for doubt in doubts if doubt.outcome == "unconfirmed"), None)
        if unconfirmed is not None:
            return Inconclusive(f"unconfirmed: {unconfirmed.violation.message}; {unconfirmed.reason}")
        return Flaky(grave)

    def _repeat(self, case: Case, attempt: Attempt, environment: Environment) -> None:
        """After a refused valid request, once: send again the one that was accepted before.

        Only where the same state can be had again: the operation reads, or its recipe renews what it
        uses up. What other operations did may be the very reason why they can't be done twice.
        """
        answer = attempt.answer
        if answer is None or case.info.kind != "positive" or not self._repeatable():
            return
        if answer.kind == "success":
            self._accepted = self._accepted or case
        elif answer.kind == "error" and self._accepted is not None and not self._repeated:
            self._repeated = True
            expectation = replace(self._accepted.expectation, accepted_before=True)
            again = replace(self._accepted, expectation=expectation, choices=())
            for pause in (*self._pauses(), None):
                attempt = self.attempter.attempt(again, environment)
                if environment.failed_steps():
                    # It met another state than the one it was accepted in: that confirms nothing.
                    return
                refused = [item for item in attempt.violations if item.check == "request.valid.refused"]
                if not refused:
                    return
                if pause is None:
                    self.findings.add(refused[0], attempt)
                elif self.ended() or let_pass(self.session, pause):
                    return

    def _pauses(self) -> Iterator[float]:
        """How long to wait, each time, for what other cases left behind to come to rest.

        Only where one resource at a time may be active: elsewhere nothing can be in the way.
        """
        left = math.inf if self.plan.max_wait is None else self.plan.max_wait
        for lifecycle in lifecycles_of(self.contract.service.name, self.plan.lifecycles):
            if not lifecycle.exclusive or self.contract.name not in lifecycle.operations:
                continue
            for number in range(_PAUSES):
                pause = min(lifecycle.waiting.pause * 2**number, left)
                if pause > 0:
                    yield pause
                left -= pause

    def _repeatable(self) -> bool:
        recipe = prerequisites_for(self.contract)
        return (
            self.contract.operation.readonly or self.contract.name.startswith(_READERS) or bool(recipe.fresh)
        )

    def _note_code(self, case: Case, attempt: Attempt) -> None:
        assert attempt.answer is not None
        code = attempt.answer.code
        if not code:
            valid = case.info.kind in ("positive", "unbound")
            if valid and attempt.answer.kind == "error" and not self.standing.first_refusal:
                self.standing.first_refusal = f"{attempt.answer.response.status}"
            return
        if case.info.kind in ("positive", "unbound") and not self.standing.first_refusal:
            said = attempt.answer.error.message if attempt.answer.error else ""
            secrets = self.attempter.secrets(attempt.exchange)
            refusal = without_secrets(f"{attempt.answer.response.status} {code}: {said or ''}", secrets)
            self.standing.first_refusal = refusal[:160]
        if not case.fault:
            self.standing.errors[code] = "request"
        else:
            self.standing.errors.setdefault(code, "fault injection")

    def _unclear(self, attempt: Attempt) -> str:
        """Why an attempt may show a crash or that there is no such operation, or the empty string."""
        doubt = self.standing.ambiguity or self.standing.evidence
        return attempt.ambiguous or (doubt if self.standing.leaves_open(attempt) else "")

    def _finish(self, case: Case, attempt: Attempt) -> None:
        if attempt.evidence and not self.standing.answered:
            self.standing.count(case.info, NotImplementedByTarget(attempt.evidence), attempt)
            return
        unclear = self._unclear(attempt)
        if unclear and self.standing.absent:
            self.standing.count(case.info, NotImplementedByTarget(self.standing.evidence), attempt)
            return
        if unclear and not self.standing.answered:
            self.standing.count(case.info, Inconclusive(unclear), attempt)
            return
        outcome = outcome_of(attempt, reached=self.standing.reached, fail_on=self.plan.fail_on)
        if (attempt.evidence or unclear) and isinstance(outcome, Violated):
            for violation in attempt.violations:
                self.findings.add(violation, attempt)
        self.standing.count(case.info, outcome, attempt)
