"""One operation, from its first case to its tally: reach, evidence, findings, confirmation, shrinking.

It owns the story of an operation within a run, cases and histories, and tells it in events. It refuses to
know of other operations and of processes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..cases.case import Case
from ..cases.cases import cases_for, enumerated_cases, shrunk_case
from ..cases.contract import Contract
from ..cases.lifecycles.histories import History
from ..cases.prerequisites import prerequisites_for
from ..reproduce.mask import without_secrets
from ..results.events import (
    Errored,
    Event,
    Flaky,
    Inconclusive,
    NotImplementedByTarget,
    OperationStarted,
    Outcome,
    Verified,
    Violated,
    Violation,
    WaitStarted,
)
from ..results.terms import at_least
from ..spec.shapes import Operation
from .attempt import GONE, Attempt, Attempter, outcome_of
from .confirmation import Doubt
from .coverage import OperationCoverage
from .deaths import Deaths
from .environment import Environment
from .findings import Findings
from .histories.harness import Judges
from .histories.phase import StatefulPhase
from .histories.result import Execution, Unconfirmed, outcome_of_walk
from .histories.waiting import let_pass
from .plan import Plan
from .selection import selected_checks, selected_story_checks, severities_for
from .session import Session
from .tally import REQUIRED_WITNESSES, OperationTally

__all__ = ["HistoryTrials", "explore"]

# So many requests in a row that nothing answers, and waiting for more would only cost time.
_PATIENCE = 3
# So often, each time for twice as long, another resource is given time to come to rest.
_PAUSES = 5
# Operations of these names change nothing, marked so by the model or not.
_READERS = ("Describe", "Get", "List")


def explore(
    session: Session,
    contract: Contract,
    operation: Operation,
    plan: Plan,
    emit: Callable[[Event], None],
    *,
    expired: Callable[[], bool] = lambda: False,
) -> None:
    """Run all cases of one operation and emit its events; `expired` tells when the run's time is up."""
    severities = severities_for(plan, contract.service.name)
    known = plan.baseline.keys(plan.target_name) if plan.baseline else frozenset()
    checks = selected_checks(plan)
    attempter = Attempter(session, contract, operation, checks, severities, known)
    judges = Judges(checks, selected_story_checks(plan), severities)
    lives = StatefulPhase(session, contract, operation, plan, judges, known, expired)
    findings = Findings(
        contract,
        operation,
        plan,
        attempter,
        session.label,
        lambda: _environment(session, contract, operation, f"again{plan.seed % 10_000}"),
        shrunk_case,
        expired,
    )
    standing = OperationTally(f"{contract.service.name}:{operation.name}", emit)
    if session.liveness.gone:
        emit(OperationStarted(standing.name, 0))
        standing.conclude(GONE)
        return
    living = HistoryTrials(lives, standing, findings, attempter, lambda: _ended(session, expired))
    deaths = Deaths(session.liveness, attempter, findings, standing.died)
    _OperationExploration(
        session, contract, operation, plan, emit, expired, attempter, findings, standing, living, deaths
    ).run()


def _ended(session: Session, expired: Callable[[], bool]) -> str:
    """Why nothing more is to be sent, or the empty string."""
    if session.stopped:
        return session.stopped
    if expired():
        return "the time for the run was up"
    if session.liveness.gone:
        return GONE
    return "the target has stopped answering" if session.silences >= _PATIENCE else ""


def _environment(session: Session, contract: Contract, operation: Operation, prefix: str) -> Environment:
    return Environment(session, contract, prerequisites_for(contract, operation), prefix)


_UNCONFIRMED = "unconfirmed, because no repetition came as far"


@dataclass(slots=True)
class HistoryTrials:
    """The phase `stateful` of one operation. `ended` says why nothing more is to be sent, if so."""

    phase: StatefulPhase
    tally: OperationTally
    findings: Findings
    attempter: Attempter
    ended: Callable[[], str]
    _walked: list[tuple[History, Execution]] = field(default_factory=list)

    def run(self, environment: Environment) -> None:
        """Walk the histories that need no chance, then random ones; `environment` is for other requests."""
        tally = self.tally
        for history, walk in self.phase.enumerated():
            why = self.ended()
            if tally.absent:
                tally.lived(history.info, NotImplementedByTarget(tally.evidence))
            elif why:
                tally.lived(history.info, self._unsent(why))
            else:
                self._take(history, walk())
                if not tally.answered and not tally.absent:
                    # The history did not come as far as the operation.
                    self._ask(environment)
        why = self.ended()
        if tally.absent or why:
            outcome = NotImplementedByTarget(tally.evidence) if tally.absent else self._unsent(why)
            for info in self.phase.chosen():
                tally.lived(info, outcome)
        else:
            self.phase.random(self._take)

    def _unsent(self, why: str) -> Inconclusive | Errored:
        """The outcome of a history that is not walked."""
        return Errored(why) if self.phase.session.liveness.gone else Inconclusive(why)

    def tell(self) -> None:
        """The outcome of each history, now that it is known whether the operation was reached."""
        tally = self.tally
        for history, execution in self._walked:
            if tally.absent:
                tally.lived(history.info, NotImplementedByTarget(tally.evidence))
                continue
            outcome = outcome_of_walk(
                history,
                execution,
                subject=self.phase.operation.name,
                reached=tally.reached,
                fail_on=self.phase.plan.fail_on,
            )
            tally.lived(history.info, outcome, execution.reason)

    def _take(self, history: History, execution: Execution) -> None:
        own, tally = self.phase.operation.name, self.tally
        refused = [code for name, code in execution.refused if name == own]
        tally.errors.update(dict.fromkeys(refused, "request"))
        tally.succeeded = tally.succeeded or own in execution.succeeded
        tally.reached = tally.reached or own in execution.reached
        tally.answered += own in execution.succeeded or bool(refused)
        if execution.missing == own and not tally.answered:
            tally.missing(execution.evidence)
        doubts: list[tuple[Violation, Unconfirmed | None]] = []
        for violation, *_ in execution.violations:
            doubt = self.findings.see_history(violation, history, execution, self.phase)
            if doubt:
                doubts.append((violation, doubt if isinstance(doubt, Unconfirmed) else None))
        doubted = {violation.key for violation, _ in doubts}
        sure = tuple(shown for shown in execution.violations if shown[0].key not in doubted)
        blocked = [doubt.reason for _, doubt in doubts if doubt is not None]
        if not doubts or any(at_least(shown[0].severity, self.phase.plan.fail_on) for shown in sure):
            self._walked.append((history, replace(execution, violations=sure)))
        elif len(blocked) == len(doubts):
            tally.lived(history.info, Inconclusive(f"{_UNCONFIRMED}: {blocked[0]}"))
        else:
            tally.lived(history.info, Flaky(tuple(violation for violation, *_ in execution.violations)))

    def _ask(self, environment: Environment) -> None:
        """Whether the operation is implemented at all.

        Asked by valid requests, and where what they need can't be had, by ones that are sent without.
        """
        every = tuple(enumerated_cases(self.phase.contract, self.phase.operation))
        valid = (case for case in every if case.info.kind == "positive")
        broken = (
            case for case in every if case.info.kind == "negative" and not case.expectation.protocol_level
        )
        for case in itertools.chain(
            itertools.islice(valid, REQUIRED_WITNESSES), itertools.islice(broken, REQUIRED_WITNESSES)
        ):
            self.tally.weigh(self.attempter.attempt(case, environment, doubtful=True))
            if self.tally.answered or self.tally.absent:
                return


@dataclass(slots=True)
class _OperationExploration:
    session: Session
    contract: Contract
    operation: Operation
    plan: Plan
    emit: Callable[[Event], None]
    expired: Callable[[], bool]
    attempter: Attempter
    findings: Findings
    standing: OperationTally
    living: HistoryTrials
    deaths: Deaths
    pending: list[tuple[Case, Attempt]] = field(default_factory=list)
    accepted: Case | None = None
    repeated: bool = False

    def run(self) -> None:
        self.session.begin(self.standing.name, self.contract.protocol)
        name, emit = self.standing.name, self.emit
        self.session.waits = lambda what, seconds: emit(WaitStarted(name, what, seconds))
        prefix = f"run{self.plan.seed % 10_000}"
        environment = _environment(self.session, self.contract, self.operation, prefix)
        cases = list(
            cases_for(
                self.contract,
                self.operation,
                self.plan.phases,
                self.plan.seed,
                self.plan.max_examples,
                self.plan.target.claims,
            )
        )
        stateful = "stateful" in self.plan.phases
        self.standing.coverage = self._coverage(cases, stateful=stateful)
        histories = self.living.phase.planned() if stateful else 0
        self.emit(OperationStarted(self.standing.name, len(cases) + histories))
        late = self.session.stopped or "the time was up"
        started_late = f"not started: {late}" if self.expired() else ""
        try:
            for case in self._running(cases):
                attempt = self.deaths.attempt(case, environment, doubtful=not self.standing.answered)
                self.standing.weigh(attempt)
                self._take(case, attempt)
                self._repeat(case, attempt, environment)
            self.deaths.settle()
            failed = next(iter(environment.failed_steps().values()), started_late)
            environment.reset()
            if stateful:
                self.living.run(environment)
        finally:
            environment.reset()
            self.living.phase.close()
            self.findings.close()
        self.living.tell()
        for case, attempt in self.pending:
            self._finish(case, attempt)
        for reported in self.findings.events():
            self.emit(reported)
        self.standing.conclude(failed, self.findings.unrepeated())

    def _coverage(self, cases: Sequence[Case], *, stateful: bool) -> OperationCoverage:
        """What there is to judge of the operation in the phases of the plan."""
        coverage = OperationCoverage(self.contract.service, self.operation, cases)
        if stateful:
            coverage.lives(history.info for history, _ in self.living.phase.enumerated())
        return coverage

    def ended(self) -> str:
        """Why nothing more is to be sent, or the empty string."""
        return _ended(self.session, self.expired)

    def _running(self, cases: list[Case]) -> Iterator[Case]:
        """The cases, until the operation proves not implemented or time is up."""
        for index, case in enumerate(cases):
            # A silent target is asked once more by each operation: it may have woken up.
            first = index == 0
            if self.standing.absent:
                self.standing.count(case.info, NotImplementedByTarget(self.standing.evidence))
            elif self.session.liveness.gone:
                self.standing.count(case.info, Errored(GONE))
            elif self.deaths.often:
                self.standing.count(case.info, Inconclusive(self.deaths.often))
            elif self.ended() and (not first or self.expired()):
                self.standing.count(case.info, Inconclusive(self.ended()))
            else:
                yield case

    def _take(self, case: Case, attempt: Attempt) -> None:
        if attempt.answer is not None:
            self._note_code(case, attempt)
            if self.standing.coverage is not None:
                self.standing.coverage.answered(attempt.answer, attempt.violations)
        self.standing.succeeded = self.standing.succeeded or attempt.succeeds
        if attempt.reaches and not self.standing.reached:
            self.standing.reached = True
            for earlier, waiting in self.pending:
                self._finish(earlier, waiting)
            self.pending.clear()
        if (attempt.evidence or self._unclear(attempt)) and not self.standing.answered:
            # Held back: if a later answer shows that the operation exists, this was a crash after all.
            self.pending.append((case, attempt))
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
                self.pending.append((case, attempt))
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
            self.accepted = self.accepted or case
        elif answer.kind == "error" and self.accepted is not None and not self.repeated:
            self.repeated = True
            expectation = replace(self.accepted.expectation, accepted_before=True)
            again = replace(self.accepted, expectation=expectation, choices=())
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
        for lifecycle in self.living.phase.lifecycles:
            if not lifecycle.exclusive or self.operation.name not in lifecycle.operations:
                continue
            for number in range(_PAUSES):
                pause = min(lifecycle.waiting.pause * 2**number, left)
                if pause > 0:
                    yield pause
                left -= pause

    def _repeatable(self) -> bool:
        recipe = prerequisites_for(self.contract, self.operation)
        return self.operation.readonly or self.operation.name.startswith(_READERS) or bool(recipe.fresh)

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
        return attempt.ambiguous or (self.standing.ambiguity if attempt.below_document else "")

    def _finish(self, case: Case, attempt: Attempt) -> None:
        if attempt.evidence and not self.standing.answered:
            self.standing.count(case.info, NotImplementedByTarget(attempt.evidence), attempt)
            return
        unclear = self._unclear(attempt)
        if unclear and not self.standing.answered:
            self.standing.count(case.info, Inconclusive(unclear), attempt)
            return
        outcome = outcome_of(attempt, reached=self.standing.reached, fail_on=self.plan.fail_on)
        if (attempt.evidence or unclear) and isinstance(outcome, Violated):
            for violation in attempt.violations:
                self.findings.add(violation, attempt)
        self.standing.count(case.info, outcome, attempt)
