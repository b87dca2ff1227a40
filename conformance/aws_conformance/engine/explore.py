"""One operation, from its first case to its tally: reach, evidence, findings, confirmation, shrinking.

It owns the story of an operation within a run and tells it in events. It refuses to know of other
operations and of processes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ..cases import Case, cases_for, shrunk_case
from ..checks import CATALOGUE, Check
from ..compiled import CompiledService
from ..errors import UsageError
from ..expectations import Expectation
from ..outcomes import (
    CaseFinished,
    Event,
    Flaky,
    Inconclusive,
    NotImplementedByTarget,
    OperationFinished,
    OperationStarted,
    Outcome,
    Reported,
    Verified,
    Violated,
    Violation,
    at_least,
)
from ..plan import Plan
from ..reproduce import reproduction
from ..resources import recipe_for
from ..shapes import Operation
from .attempt import Attempt, Attempter, outcome_of
from .environment import Environment
from .session import Session
from .shrink import shrink

__all__ = ["explore", "selected_checks"]

# So many different requests must all earn the invented operation's answer before an operation counts as
# not implemented by that answer alone.
_WITNESSES = 3
# So many requests in a row that nothing answers, and waiting for more would only cost time.
_PATIENCE = 3


def selected_checks(plan: Plan) -> tuple[Check, ...]:
    """The checks that a plan asks for. Raises UsageError for an id that there isn't."""
    from ..errors import did_you_mean

    for name in (*plan.checks, *plan.excluded_checks):
        if name not in CATALOGUE:
            hint = did_you_mean(name, CATALOGUE) or "`aws-conformance checks` lists them."
            raise UsageError(f"There is no check {name!r}.", hint)
    wanted = plan.checks or tuple(CATALOGUE)
    return tuple(
        check for name, check in CATALOGUE.items() if name in wanted and name not in plan.excluded_checks
    )


@dataclass(slots=True)
class _Finding:
    """A violation seen in this operation, with its first witness."""

    violation: Violation
    attempt: Attempt
    count: int = 0


@dataclass(slots=True)
class _Tally:
    verified: int = 0
    violated: int = 0
    inconclusive: int = 0
    not_implemented: int = 0
    errored: int = 0
    flaky: int = 0

    def add(self, outcome: Outcome) -> None:
        match outcome:
            case Verified():
                self.verified += 1
            case Violated():
                self.violated += 1
            case Inconclusive():
                self.inconclusive += 1
            case NotImplementedByTarget():
                self.not_implemented += 1
            case Flaky():
                self.flaky += 1
            case _:
                self.errored += 1

    @property
    def total(self) -> int:
        return (
            self.verified
            + self.violated
            + self.inconclusive
            + self.not_implemented
            + self.errored
            + self.flaky
        )


def explore(
    session: Session,
    compiled: CompiledService,
    operation: Operation,
    plan: Plan,
    emit: Callable[[Event], None],
    *,
    expired: Callable[[], bool] = lambda: False,
) -> None:
    """Run all cases of one operation and emit its events; `expired` tells when the run's time is up."""
    _Exploration(session, compiled, operation, plan, emit, expired).run()


@dataclass(slots=True)
class _Exploration:
    session: Session
    compiled: CompiledService
    operation: Operation
    plan: Plan
    emit: Callable[[Event], None]
    expired: Callable[[], bool]
    reached: bool = False
    answered: int = 0
    witnesses: int = 0
    evidence: str = ""
    first_refusal: str = ""
    errors: dict[str, Literal["request", "fault injection"]] = field(default_factory=dict)
    findings: dict[tuple[str, ...], _Finding] = field(default_factory=dict)
    unconfirmed: set[tuple[str, ...]] = field(default_factory=set)
    pending: list[tuple[Case, Attempt]] = field(default_factory=list)
    tally: _Tally = field(default_factory=_Tally)
    fresh: Environment | None = None
    twins: dict[str, Violation | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.compiled.service.name}:{self.operation.name}"

    def run(self) -> None:
        environment = self._environment("run")
        severities = _severities(self.plan, self.compiled.service.name)
        attempter = Attempter(
            self.session, self.compiled, self.operation, selected_checks(self.plan), severities
        )
        cases = list(
            cases_for(self.compiled, self.operation, self.plan.phases, self.plan.seed, self.plan.max_examples)
        )
        self.emit(OperationStarted(self.name, len(cases)))
        try:
            for case in self._running(cases):
                attempt = attempter.attempt(case, environment, doubtful=not self.answered)
                if attempt.evidence and not self.answered:
                    self._witness(attempt)
                elif attempt.answer is not None:
                    self.answered += 1
                self._take(case, attempt, attempter)
        finally:
            for used in (environment, self.fresh):
                if used is not None:
                    used.reset()
        for case, attempt in self.pending:
            self._finish(case, attempt)
        for finding in self.findings.values():
            self._report(finding)
        self._conclude(environment)

    def _running(self, cases: list[Case]) -> Iterator[Case]:
        """The cases, until the operation proves not implemented or time is up."""
        for index, case in enumerate(cases):
            # A silent target is asked once more by each operation: it may have woken up.
            first = index == 0
            if self.witnesses >= _WITNESSES:
                self._count(case, NotImplementedByTarget(self.evidence))
            elif self.expired():
                self._count(case, Inconclusive("the time for the run was up"))
            elif self.session.silences >= _PATIENCE and not first:
                self._count(case, Inconclusive("the target has stopped answering"))
            else:
                yield case

    def _environment(self, word: str) -> Environment:
        recipe = recipe_for(self.compiled.service, self.operation)
        return Environment(self.session, self.compiled, recipe, f"{word}{self.plan.seed % 10_000}")

    def _witness(self, attempt: Attempt) -> None:
        # 501 and a target's own signature speak for themselves, the invented name's answer only together.
        self.witnesses += 1
        self.evidence = self.evidence or attempt.evidence

    def _take(self, case: Case, attempt: Attempt, attempter: Attempter) -> None:
        if attempt.answer is not None:
            self._note_code(case, attempt)
        if attempt.reaches and not self.reached:
            self.reached = True
            for earlier, waiting in self.pending:
                self._finish(earlier, waiting)
            self.pending.clear()
        if attempt.evidence and not self.answered:
            # Held back: if a later answer shows that the operation exists, this was a crash after all.
            self.pending.append((case, attempt))
            return
        flaky = False
        for violation in attempt.violations:
            flaky = self._see(violation, case, attempt, attempter) or flaky
        if flaky:
            self._count(case, Flaky(attempt.violations), attempt)
        elif isinstance(outcome_of(attempt, reached=True, fail_on=self.plan.fail_on), Verified):
            if self.reached:
                self._finish(case, attempt)
            else:
                self.pending.append((case, attempt))
        else:
            self._finish(case, attempt)

    def _note_code(self, case: Case, attempt: Attempt) -> None:
        assert attempt.answer is not None
        code = attempt.answer.code
        if not code:
            if attempt.answer.kind == "error" and not self.first_refusal:
                self.first_refusal = f"{attempt.answer.response.status}"
            return
        if case.info.kind in ("positive", "unbound") and not self.first_refusal:
            said = attempt.answer.error.message if attempt.answer.error else ""
            self.first_refusal = f"{attempt.answer.response.status} {code}: {said or ''}"[:160]
        if not case.fault:
            self.errors[code] = "request"
        else:
            self.errors.setdefault(code, "fault injection")

    def _see(self, violation: Violation, case: Case, attempt: Attempt, attempter: Attempter) -> bool:
        """Record a violation; True if it is grave and did not come back from fresh state."""
        violation = self._attributed(violation, case, attempter)
        known = self.findings.get(violation.key)
        if known is not None:
            known.count += 1
            return False
        if violation.key in self.unconfirmed:
            return True
        if at_least(violation.severity, self.plan.fail_on):
            confirmed = self._confirm(violation, case, attempter)
            if confirmed is None:
                self.unconfirmed.add(violation.key)
                return True
            attempt = confirmed
        self.findings[violation.key] = _Finding(violation, attempt, 1)
        return False

    def _attributed(self, violation: Violation, case: Case, attempter: Attempter) -> Violation:
        """The violation, or that of the case's twin: what breaks without the mutation isn't due to it."""
        if violation.check != "server.crash" or case.twin is None or case.expectation.protocol_level:
            return violation
        key = json.dumps(case.twin, sort_keys=True, default=str)
        if key not in self.twins:
            twin = _twin(case)
            found = attempter.attempt(twin, self._fresh()).violations
            self.twins[key] = next((item for item in found if item.check == "server.crash"), None)
        return self.twins[key] or violation

    def _fresh(self) -> Environment:
        """State apart from the run's, in which findings are confirmed."""
        if self.fresh is None:
            self.fresh = self._environment("again")
        return self.fresh

    def _confirm(self, violation: Violation, case: Case, attempter: Attempter) -> Attempt | None:
        """The shortest attempt that shows the violation again from freshly provisioned state."""
        fresh = self._fresh()
        if violation.cause == "" and case.twin is not None and violation.check == "server.crash":
            # What the twin showed is shown by the twin.
            case = _twin(case)
        again = _again(attempter, case, fresh, violation) or _again(attempter, case, fresh, violation)
        if again is None or not case.choices or again.answer is None:
            return again
        if again.answer.kind == "none":
            # Each try would cost a whole timeout.
            return again
        best = {case.choices: again}

        def fails(offsets: tuple[int, ...]) -> bool:
            candidate = shrunk_case(self.compiled, self.operation, case, offsets)
            found = _again(attempter, candidate, fresh, violation)
            if found is not None:
                best[offsets] = found
            return found is not None

        return best[shrink(case.choices, fails)]

    def _finish(self, case: Case, attempt: Attempt) -> None:
        if attempt.evidence and not self.answered:
            self._count(case, NotImplementedByTarget(attempt.evidence), attempt)
            return
        outcome = outcome_of(attempt, reached=self.reached, fail_on=self.plan.fail_on)
        if attempt.evidence and isinstance(outcome, Violated):
            for violation in attempt.violations:
                finding = self.findings.setdefault(violation.key, _Finding(violation, attempt))
                finding.count += 1
        self._count(case, outcome, attempt)

    def _count(self, case: Case, outcome: Outcome, attempt: Attempt | None = None) -> None:
        self.tally.add(outcome)
        answer = attempt.answer if attempt else None
        self.emit(
            CaseFinished(
                case.info,
                outcome,
                answered=answer.response.status if answer else 0,
                code=answer.code if answer else "",
                elapsed=answer.response.elapsed if answer else 0.0,
            )
        )

    def _report(self, finding: _Finding) -> None:
        self.emit(
            Reported(
                finding.violation,
                finding.count,
                reproduction(
                    self.compiled,
                    self.operation,
                    finding.attempt.case,
                    finding.attempt.exchange,
                    self.session.label,
                    self.plan.region,
                ),
                operations=(self.name,),
            )
        )

    def _conclude(self, environment: Environment) -> None:
        missing = self.tally.total > 0 and self.tally.not_implemented == self.tally.total
        implemented = not (self.witnesses and not self.answered) and not missing
        unreached = ""
        if implemented and not self.reached:
            failed = environment.failed_steps()
            unreached = next(iter(failed.values()), "") or self.first_refusal or "no valid request succeeded"
        self.emit(
            OperationFinished(
                operation=self.name,
                implemented=implemented,
                evidence=self.evidence if not implemented else "",
                reached=self.reached,
                cases=self.tally.total,
                verified=self.tally.verified,
                violated=self.tally.violated,
                inconclusive=self.tally.inconclusive,
                not_implemented=self.tally.not_implemented,
                errored=self.tally.errored,
                flaky=self.tally.flaky,
                errors=dict(sorted(self.errors.items())),
                unreached=unreached,
            )
        )


def _twin(case: Case) -> Case:
    """The case without its fault, as a case of its own."""
    info = replace(
        case.info, kind="positive", title="a valid request", pointer="", keyword="", value_class=""
    )
    return Case(info, case.twin, Expectation("accepted"))


def _again(
    attempter: Attempter, case: Case, environment: Environment, violation: Violation
) -> Attempt | None:
    """The case sent again from fresh state, if the same violation shows."""
    environment.renew()
    attempt = attempter.attempt(case, environment)
    shows = any(found.key == violation.key for found in attempt.violations)
    return replace(attempt, case=case) if shows else None


def _severities(plan: Plan, service: str) -> dict[str, str]:
    """Severities for one service: those for all, overridden by those of `service/check-id`."""
    everywhere = {key: value for key, value in plan.severities.items() if "/" not in key}
    prefix = f"{service}/"
    own = {
        key.removeprefix(prefix): value for key, value in plan.severities.items() if key.startswith(prefix)
    }
    return everywhere | own
