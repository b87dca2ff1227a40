"""One operation, from its first case to its tally: reach, evidence, findings, confirmation, shrinking.

It owns the story of an operation within a run and tells it in events. It refuses to know of other
operations and of processes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..cases import Case, cases_for, enumerated_cases
from ..checks import ALL_CHECKS, CATALOGUE, LIFECYCLE_CATALOGUE, Check, LifecycleCheck
from ..compiled import CompiledService
from ..errors import UsageError
from ..lifecycles.histories import History
from ..masking import without_secrets
from ..outcomes import (
    CaseFinished,
    CaseInfo,
    Event,
    Flaky,
    Inconclusive,
    Lived,
    NotImplementedByTarget,
    OperationFinished,
    OperationStarted,
    Outcome,
    Verified,
    Violated,
)
from ..plan import AwsCliTarget, Plan, target_name
from ..resources import recipe_for
from ..shapes import Operation
from .attempt import Attempt, Attempter, outcome_of
from .environment import Environment
from .findings import Findings
from .lives import Lives, outcome_of_walk
from .session import Session
from .stage import Judges
from .walk import Walk

__all__ = ["explore", "selected_checks", "selected_story_checks", "severities_for"]

# So many different requests must all earn the invented operation's answer before an operation counts as
# not implemented by that answer alone.
_WITNESSES = 3
# So many requests in a row that nothing answers, and waiting for more would only cost time.
_PATIENCE = 3
# Operations of these names change nothing, marked so by the model or not.
_READERS = ("Describe", "Get", "List")


def selected_checks(plan: Plan) -> tuple[Check, ...]:
    """The checks that a plan asks for. Raises UsageError for an id that there isn't."""
    from ..errors import did_you_mean

    for name in (*plan.checks, *plan.excluded_checks):
        if name not in ALL_CHECKS:
            hint = did_you_mean(name, ALL_CHECKS) or "`aws-conformance checks` lists them."
            raise UsageError(f"There is no check {name!r}.", hint)
    for name in plan.checks:
        if name.startswith("cli.") != isinstance(plan.target, AwsCliTarget):
            # A check that looks at nothing would let everything pass.
            hint = "Checks of the `aws` command go with --target aws-cli, and no others do."
            raise UsageError(f"The check {name!r} does not apply to this target.", hint)
    wanted = plan.checks or tuple(CATALOGUE)
    return tuple(
        check for name, check in CATALOGUE.items() if name in wanted and name not in plan.excluded_checks
    )


def selected_story_checks(plan: Plan) -> tuple[LifecycleCheck, ...]:
    """The checks of histories that a plan asks for."""
    wanted = plan.checks or tuple(LIFECYCLE_CATALOGUE)
    return tuple(
        check
        for name, check in LIFECYCLE_CATALOGUE.items()
        if name in wanted and name not in plan.excluded_checks
    )


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
    severities = severities_for(plan, compiled.service.name)
    known = plan.baseline.keys(target_name(plan.target)) if plan.baseline else frozenset()
    checks = selected_checks(plan)
    attempter = Attempter(session, compiled, operation, checks, severities, known)
    judges = Judges(checks, selected_story_checks(plan), severities)
    lives = Lives(session, compiled, operation, plan, judges, known, expired)
    findings = Findings(
        compiled,
        operation,
        plan,
        attempter,
        session.label,
        lambda: _environment(session, compiled, operation, f"again{plan.seed % 10_000}"),
    )
    _Exploration(session, compiled, operation, plan, emit, expired, attempter, findings, lives).run()


def _environment(
    session: Session, compiled: CompiledService, operation: Operation, prefix: str
) -> Environment:
    return Environment(session, compiled, recipe_for(compiled.service, operation), prefix)


@dataclass(slots=True)
class _Exploration:
    session: Session
    compiled: CompiledService
    operation: Operation
    plan: Plan
    emit: Callable[[Event], None]
    expired: Callable[[], bool]
    attempter: Attempter
    findings: Findings
    lives: Lives
    reached: bool = False
    succeeded: bool = False
    answered: int = 0
    witnesses: int = 0
    evidence: str = ""
    first_refusal: str = ""
    errors: dict[str, Literal["request", "fault injection"]] = field(default_factory=dict)
    pending: list[tuple[Case, Attempt]] = field(default_factory=list)
    tally: _Tally = field(default_factory=_Tally)
    accepted: Case | None = None
    repeated: bool = False
    failed_steps: Mapping[str, str] = field(default_factory=dict)
    histories: list[Lived] = field(default_factory=list)
    waiting: list[tuple[History, Walk]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.compiled.service.name}:{self.operation.name}"

    def run(self) -> None:
        self.session.begin(self.name)
        prefix = f"run{self.plan.seed % 10_000}"
        environment = _environment(self.session, self.compiled, self.operation, prefix)
        cases = list(
            cases_for(
                self.compiled,
                self.operation,
                self.plan.phases,
                self.plan.seed,
                self.plan.max_examples,
                self.plan.target.claims,
            )
        )
        stateful = "stateful" in self.plan.phases
        self.emit(OperationStarted(self.name, len(cases) + (self.lives.planned() if stateful else 0)))
        try:
            for case in self._running(cases):
                attempt = self.attempter.attempt(case, environment, doubtful=not self.answered)
                self._weigh(attempt)
                self._take(case, attempt)
                self._repeat(case, attempt, environment)
            if stateful and not cases:
                self._ask(environment)
            self.failed_steps = environment.failed_steps()
            environment.reset()
            if stateful:
                self._live()
        finally:
            environment.reset()
            self.lives.close()
            self.findings.close()
        for whole, walk in self.waiting:
            self._lived(whole, walk)
        for case, attempt in self.pending:
            self._finish(case, attempt)
        for reported in self.findings.events():
            self.emit(reported)
        self._conclude()

    def _running(self, cases: list[Case]) -> Iterator[Case]:
        """The cases, until the operation proves not implemented or time is up."""
        for index, case in enumerate(cases):
            # A silent target is asked once more by each operation: it may have woken up.
            first = index == 0
            if self.witnesses >= _WITNESSES:
                self._count(case.info, NotImplementedByTarget(self.evidence))
            elif self.expired():
                self._count(case.info, Inconclusive("the time for the run was up"))
            elif self.session.silences >= _PATIENCE and not first:
                self._count(case.info, Inconclusive("the target has stopped answering"))
            else:
                yield case

    def _ask(self, environment: Environment) -> None:
        """Without any case of its own: whether the operation is implemented at all.

        Asked by valid requests, and where what they need can't be had, by ones that are sent without.
        """
        every = tuple(enumerated_cases(self.compiled, self.operation))
        valid = (one for one in every if one.info.kind == "positive")
        broken = (one for one in every if one.info.kind == "negative" and not one.expectation.protocol_level)
        asked = itertools.chain(itertools.islice(valid, _WITNESSES), itertools.islice(broken, _WITNESSES))
        for case in asked:
            self._weigh(self.attempter.attempt(case, environment, doubtful=True))
            if self.answered or self.witnesses >= _WITNESSES:
                return

    def _live(self) -> None:
        """The histories of the operation: those that need no chance, then random ones."""
        for whole, walked in self.lives.enumerated():
            if self.witnesses >= _WITNESSES and not self.answered:
                self._lived(whole, None)
            elif self.expired() or self.session.silences >= _PATIENCE:
                why = "the time for the run was up" if self.expired() else "the target has stopped answering"
                self._count(whole.info, Inconclusive(why))
                self.histories.append(Lived(whole.info, "inconclusive", why))
            else:
                self._take_walk(whole, walked())
        if not (self.witnesses >= _WITNESSES and not self.answered):
            self.lives.random(self._take_walk)

    def _take_walk(self, whole: History, walk: Walk) -> None:
        own = self.operation.name
        if walk.missing == own and not self.answered:
            self.witnesses = _WITNESSES
            self.evidence = self.evidence or walk.evidence
        self.succeeded = self.succeeded or own in walk.succeeded
        self.reached = self.reached or own in walk.reached
        for name, code in walk.refused:
            if name == own:
                self.errors[code] = "request"
        if own in walk.succeeded or any(name == own for name, _ in walk.refused):
            self.answered += 1
        flaky = False
        for violation, *_ in walk.violations:
            flaky = self.findings.see_history(violation, whole, walk, self.lives) or flaky
        if flaky:
            violations = tuple(violation for violation, *_ in walk.violations)
            self._tell(whole, Flaky(violations))
        else:
            # Whether the operation is reached is known when all histories have been walked.
            self.waiting.append((whole, walk))

    def _lived(self, whole: History, walk: Walk | None) -> None:
        if walk is None:
            self._tell(whole, NotImplementedByTarget(self.evidence))
            return
        self._tell(
            whole,
            outcome_of_walk(
                whole, walk, subject=self.operation.name, reached=self.reached, fail_on=self.plan.fail_on
            ),
        )

    def _tell(self, whole: History, outcome: Outcome) -> None:
        self._count(whole.info, outcome)
        if whole.info.repeatable:
            word = "not implemented" if isinstance(outcome, NotImplementedByTarget) else _word(outcome)
            self.histories.append(Lived(whole.info, word, getattr(outcome, "reason", "")))

    def _weigh(self, attempt: Attempt) -> None:
        """Whether an attempt shows that there is such an operation, or that there is none."""
        if attempt.evidence and not self.answered:
            self._witness(attempt)
        elif attempt.answer is not None:
            self.answered += 1

    def _witness(self, attempt: Attempt) -> None:
        # 501 and a target's own signature speak for themselves, the invented name's answer only together.
        self.witnesses += 1
        self.evidence = self.evidence or attempt.evidence

    def _take(self, case: Case, attempt: Attempt) -> None:
        if attempt.answer is not None:
            self._note_code(case, attempt)
        self.succeeded = self.succeeded or attempt.succeeds
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
            flaky = self.findings.see(violation, case, attempt) or flaky
        if flaky:
            self._count(case.info, Flaky(attempt.violations), attempt)
        elif isinstance(outcome_of(attempt, reached=True, fail_on=self.plan.fail_on), Verified):
            if self.reached:
                self._finish(case, attempt)
            else:
                self.pending.append((case, attempt))
        else:
            self._finish(case, attempt)

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
            found = self.attempter.attempt(again, environment)
            for violation in found.violations:
                if violation.check == "request.valid.refused":
                    self.findings.add(violation, found)

    def _repeatable(self) -> bool:
        recipe = recipe_for(self.compiled.service, self.operation)
        return self.operation.readonly or self.operation.name.startswith(_READERS) or bool(recipe.fresh)

    def _note_code(self, case: Case, attempt: Attempt) -> None:
        assert attempt.answer is not None
        code = attempt.answer.code
        if not code:
            valid = case.info.kind in ("positive", "unbound")
            if valid and attempt.answer.kind == "error" and not self.first_refusal:
                self.first_refusal = f"{attempt.answer.response.status}"
            return
        if case.info.kind in ("positive", "unbound") and not self.first_refusal:
            said = attempt.answer.error.message if attempt.answer.error else ""
            secrets = self.attempter.secrets(attempt.exchange)
            told = without_secrets(f"{attempt.answer.response.status} {code}: {said or ''}", secrets)
            self.first_refusal = told[:160]
        if not case.fault:
            self.errors[code] = "request"
        else:
            self.errors.setdefault(code, "fault injection")

    def _finish(self, case: Case, attempt: Attempt) -> None:
        if attempt.evidence and not self.answered:
            self._count(case.info, NotImplementedByTarget(attempt.evidence), attempt)
            return
        outcome = outcome_of(attempt, reached=self.reached, fail_on=self.plan.fail_on)
        if attempt.evidence and isinstance(outcome, Violated):
            for violation in attempt.violations:
                self.findings.add(violation, attempt)
        self._count(case.info, outcome, attempt)

    def _count(self, case: CaseInfo, outcome: Outcome, attempt: Attempt | None = None) -> None:
        self.tally.add(outcome)
        answer = attempt.answer if attempt else None
        self.emit(
            CaseFinished(
                case,
                outcome,
                answered=answer.response.status if answer else 0,
                code=answer.code if answer else "",
                elapsed=answer.response.elapsed if answer else 0.0,
            )
        )

    def _conclude(self) -> None:
        missing = self.tally.total > 0 and self.tally.not_implemented == self.tally.total
        implemented = not (self.witnesses and not self.answered) and not missing
        unreached = ""
        if implemented and not self.reached:
            failed = next(iter(self.failed_steps.values()), "")
            wrong = "every success that was seen is in violation of something" if self.succeeded else ""
            unreached = failed or wrong or self.first_refusal or "no valid request succeeded"
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
                succeeded=self.succeeded,
                histories=tuple(self.histories),
            )
        )


def _word(outcome: Outcome) -> str:
    return type(outcome).__name__.lower()


def severities_for(plan: Plan, service: str) -> dict[str, str]:
    """Severities for one service: those for all, overridden by those of `service/check-id`."""
    everywhere = {key: value for key, value in plan.severities.items() if "/" not in key}
    prefix = f"{service}/"
    own = {
        key.removeprefix(prefix): value for key, value in plan.severities.items() if key.startswith(prefix)
    }
    return everywhere | own
