# SPDX-License-Identifier: Apache-2.0
"""One operation, from its first case to its tally: reach, evidence, findings, confirmation, shrinking.

An exploration can stop after any case, leave nothing behind, and go on later (schedule.py).

It owns the story of an operation within a run, cases and histories, and tells it in events. It refuses to
know of other operations and of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ..cases.case import Case, LeftOut
from ..cases.cases import first_case, random_case, shrunk_case
from ..cases.chains import frozen, thawed
from ..cases.compile import contract_of
from ..cases.contract import OperationContract
from ..cases.lifecycles.histories import History
from ..cases.oracles.script import Script
from ..cases.oracles.scripts import scripts_for
from ..cases.planned import DRAWN_AT_ONCE, PlannedCases, drawn_cases, first_cases, planned_cases
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..errors import UsageError
from ..reproduce.rebuild import rebuilt
from ..results.events import (
    Errored,
    Event,
    Inconclusive,
    NotImplementedByTarget,
    OperationStarted,
    Reproduction,
    WaitStarted,
)
from ..results.terms import at_least
from ..spec.shapes import Operation
from .attempt import GONE, Attempt, Attempter
from .case_trials import CaseTrials
from .coverage import OperationCoverage
from .deaths import Deaths
from .environment import Environment
from .findings import Findings
from .histories.harness import Judges
from .histories.phase import StatefulPhase
from .history_trials import HistoryTrials
from .masked_events import masked_events
from .mistakes import errored_case, is_ours
from .oracles.phase import OraclePhase
from .oracles.walk import ScriptJudges
from .plan import Plan
from .seen_ids import SeenIds
from .selection import selected_checks, selected_history_checks, selected_oracles, severities_for
from .session import Session
from .state_search import learned_prerequisites
from .tally import REQUIRED_WITNESSES, OperationTally

__all__ = ["Exploration", "exploration", "exploration_of", "explore"]

# So many requests in a row that nothing answers, and waiting for more would only cost time.
_PATIENCE = 3

# So many cases of each operation come before its stories where time is limited.
_NEWEST = 8


def explore(
    session: Session,
    contract: OperationContract,
    plan: Plan,
    emit: Callable[[Event], None],
    *,
    expired: Callable[[], bool] = lambda: False,
) -> None:
    """Run all cases of one operation and emit its events; `expired` tells when the run's time is up."""
    exploration(session, contract, plan, emit, expired=expired).advance()


def exploration(
    session: Session,
    contract: OperationContract,
    plan: Plan,
    emit: Callable[[Event], None],
    *,
    expired: Callable[[], bool] = lambda: False,
) -> Exploration:
    """The exploration of one operation, not begun yet."""
    # What is learned of this target is of this exploration alone.
    contract = contract.apart()
    emit = masked_events(emit, lambda: session.secrets(contract, None))
    name = contract.full_name
    if name in plan.chains:
        contract.service_contract.learned[contract.name] = thawed(contract, plan.chains[name])
    severities = severities_for(plan, contract.service.name)
    known = plan.baseline.keys(plan.target_name) if plan.baseline else frozenset()
    checks = selected_checks(plan)
    attempter = Attempter(session, contract, checks, severities, known)
    judges = Judges(checks, selected_history_checks(plan), severities)
    oracles = ScriptJudges(checks, selected_oracles(plan), severities)
    lives = StatefulPhase(session, contract, plan, judges, known, expired)
    findings = Findings(
        contract,
        plan,
        attempter,
        session.label,
        lambda: _environment(session, contract, plan.prefix("again", name), "again"),
        shrunk_case,
        expired,
    )
    standing = OperationTally(
        name,
        emit,
        compares=plan.compares,
        chain=plan.chains.get(name, {}),
        shown_by=findings.shown_by,
        partial=plan.part(name).number > 0,
    )

    def ended() -> str:
        return _ended(session, expired)

    def stories() -> tuple[Script, ...]:
        return scripts_for(contract) if oracles.oracles else ()

    def search(creator: Operation) -> Prerequisites | None:
        return next(
            learned_prerequisites(session, contract.service_contract.of(creator), "orl", expired), None
        )

    scripts = OraclePhase(session, contract, plan, oracles, stories, expired, search)
    trials = (
        HistoryTrials(lives, standing, findings, attempter, ended),
        HistoryTrials(scripts, standing, findings, attempter, ended),
    )
    deaths = Deaths(session.liveness, attempter, findings, standing.died)
    environment = _environment(session, contract, plan.prefix("run", name))
    return Exploration(
        session,
        contract,
        plan,
        emit,
        expired,
        attempter,
        findings,
        standing,
        trials,
        deaths,
        environment,
        CaseTrials(session, contract, plan, attempter, findings, standing, ended),
    )


def exploration_of(
    session: Session, plan: Plan, name: str, emit: Callable[[Event], None], expired: Callable[[], bool]
) -> Exploration:
    """The exploration of an operation of the plan, by its full name."""
    service, _, operation = name.partition(":")
    contract = contract_of(service, plan.protocol)
    return exploration(session, contract.of(contract.operation(operation)), plan, emit, expired=expired)


def _ended(session: Session, expired: Callable[[], bool]) -> str:
    """Why nothing more is to be sent, or the empty string."""
    if session.stopped:
        return session.stopped
    if expired():
        return "the time for the run was up"
    if session.liveness.gone:
        return GONE
    if session.too_slow:
        return "the target is too slow; --max-time S gives it S seconds"
    return "the target has stopped answering" if session.silences >= _PATIENCE else ""


def _environment(
    session: Session, contract: OperationContract, prefix: str, purpose: str = "run"
) -> Environment:
    return Environment(session, contract.service_contract, prerequisites_for(contract), prefix, purpose)


@dataclass(slots=True)
class Exploration:
    """All that a run does about one operation, in steps of one case or one history."""

    session: Session
    contract: OperationContract
    plan: Plan
    emit: Callable[[Event], None]
    expired: Callable[[], bool]
    attempter: Attempter
    findings: Findings
    standing: OperationTally
    trials: tuple[HistoryTrials[History] | HistoryTrials[Script], ...]
    deaths: Deaths
    environment: Environment
    weighing: CaseTrials
    _steps: Generator[None] | None = None
    _pause: Callable[[], bool] = lambda: False
    searched: bool = False
    replaying: bool = True
    telling: bool = True
    begun: bool = False

    def advance(self, pause: Callable[[], bool] = lambda: False) -> bool:
        """Go on until all is through, or until `pause` says so after a step; whether all is through.

        On a pause everything that was made on the target is undone: others have their turn.
        """
        name, emit = self.standing.name, self.emit
        self.session.begin(name, self.contract.protocol)
        self.session.waits = lambda what, seconds: emit(WaitStarted(name, what, seconds))
        self._pause = pause
        if self._steps is None:
            self._steps = self._explored()
        try:
            for _ in self._steps:
                if pause():
                    self.environment.reset()
                    self.findings.close()
                    return False
        except Exception as error:
            if not is_ours(error):
                raise
            self._give_up(error)
        return True

    def _begin(self, cases: int) -> None:
        """Say, before anything comes of it, that so many cases are known of the operation; once."""
        if not self.begun:
            self.begun = True
            self.emit(OperationStarted(self.standing.name, cases))

    def _give_up(self, error: Exception) -> None:
        """Tell what was seen until a mistake of ours, and that the rest is owed."""
        case, outcome = errored_case(self.standing.name, self.plan.phases[0], error)
        self._begin(1)
        self.standing.count(case, outcome)
        for reported in self.findings.events():
            self.emit(reported)
        self.standing.conclude(outcome.reason, self.findings.unrepeated())

    def close(self) -> None:
        """Undo what is left on the target of an exploration that does not come to its end."""
        if self._steps is not None:
            self._steps.close()

    def _explored(self) -> Generator[None]:
        """All steps: the first valid request, the other cases, the histories; then what came of them."""
        if self.session.liveness.gone or self.expired():
            self.emit(OperationStarted(self.standing.name, 0))
            late = f"not started: {self.session.stopped or 'the time was up'}"
            self.standing.conclude(GONE if self.session.liveness.gone else late)
            return
        try:
            opened = self._opened()
            # What the first request needed is there now, and would be made again in each turn.
            self._doubt_existence(opened)
            yield
            opened = self._learned(opened, self._over)
            yield
            # A turn may be too short for a search, and the next would begin anew: it takes what it needs.
            opened = self._learned(opened, self.expired)
            self._doubt_existence(opened)
            absent = _speaks_for_absence(opened, REQUIRED_WITNESSES)
            stateful = "stateful" in self.plan.phases and not self.expired() and not absent
            corpus = self.plan.corpus.get(self.standing.name, ())
            self.standing.coverage = self._coverage(opened, stateful=stateful)
            histories = sum(trial.planned() for trial in self.trials) if stateful else 0
            sent: frozenset[str] = frozenset()
            if stateful and self.plan.max_time is not None and not corpus:
                # Little time goes to what is new to the run and to what is told of a resource first; even
                # planning the rest takes some.
                newest = self._newest(opened)
                self.standing.coverage.tries(newest)
                self._begin(len(opened) + len(newest) + histories)
                sent = frozenset((*opened, *(case.info.id for case in newest)))
                yield from self._sent([attempts[-1].case for attempts in opened.values()], dict(opened))
                yield from self._sent(newest, {})
                self.deaths.settle()
                self.environment.reset()
                yield from self._stories()
                stateful = False
            self.telling = stateful
            planned = _no_more(opened) if absent else self._planned(opened)
            self.standing.coverage.tries(planned.cases, planned.left_out.constraints)
            planned = self._part(planned, opened)
            self.standing.left_out = planned.left_out
            self._begin(len(planned.cases) + len(planned.undrawn) + histories)
            others: Sequence[Case]
            first, others = self._replayed(planned, corpus)
            others = [case for case in others if case.info.id not in sent]
            yield from self._sent(first, opened)
            if stateful and corpus:
                self.environment.reset()
                for trial in self.trials:
                    yield from trial.replay(self.environment, corpus)
            self.replaying = False
            yield
            yield from self._sent(others, opened)
            yield from self._drawn(planned.undrawn, [*planned.cases, *first])
            self.deaths.settle()
            failed = next(iter(self.environment.failed_steps().values()), "")
            self.environment.reset()
            if stateful:
                yield from self._stories()
        finally:
            self.environment.reset()
            for trial in self.trials:
                trial.phase.close()
            self.findings.close()
        for trial in self.trials:
            trial.tell()
        self.weighing.conclude()
        for reported in self.findings.events():
            self.emit(reported)
        self.standing.conclude(failed, self.findings.unrepeated())

    def _stories(self) -> Iterator[None]:
        """All histories and scripts."""
        for trial in self.trials:
            yield from trial.run(self.environment)

    def _sent(self, cases: Sequence[Case], opened: dict[str, tuple[Attempt, ...]]) -> Iterator[None]:
        """Send cases and weigh their answers; stops after each."""
        for case in self._running(cases, opened):
            attempts = opened.pop(case.info.id, ()) or (self._attempt(case),)
            self.weighing.weigh(case, attempts[0], self.environment)
            for again in attempts[1:]:
                self.weighing.note_success(again)
            yield

    def _drawn(self, examples: range, sent: Sequence[Case]) -> Iterator[None]:
        """Send the random cases of these indices that are not among those sent; some are made at a time."""
        ids = SeenIds(case.info.id for case in sent)
        while examples and not (self.ended() or self.standing.absent or self.deaths.often):
            drawn = drawn_cases(self.contract, self.plan.seed, examples[:DRAWN_AT_ONCE])
            cases = [case for case in drawn if ids.add(case.info.id)]
            examples = examples[DRAWN_AT_ONCE:]
            yield from self._sent(cases, {})
            yield
        if not self.standing.absent:
            self.standing.unsent(len(examples))

    def _replayed(
        self, planned: PlannedCases, corpus: Sequence[Reproduction]
    ) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
        """The cases of a corpus, after the first valid request, and all others.

        What can't be made again of a corpus is left out: it may be older than the models.
        """
        phases = self.plan.phases
        ids = {shown.case.id for shown in corpus}
        own = {case.info.id for case in planned.cases}
        opening = planned.cases[:1] if corpus else ()
        first = [case for case in planned.cases[len(opening) :] if case.info.id in ids]
        if self.plan.part(self.standing.name).start == 0:
            for shown in corpus:
                if shown.case.phase in phases and shown.case.phase != "stateful" and shown.case.id not in own:
                    with suppress(UsageError):
                        claims = self.plan.target.claims
                        first.append(rebuilt(self.contract, shown, claims))
        others = planned.cases[len(opening) :]
        return (*opening, *first), tuple(case for case in others if case.info.id not in ids)

    def _attempt(self, case: Case) -> Attempt:
        return self.deaths.attempt(case, self.environment, doubtful=not self.standing.answered)

    def _first_case(self) -> Case | None:
        """The valid request that is sent before all others, which the plan's cases begin with."""
        plan = self.plan
        if "enumerated" in plan.phases:
            return first_case(self.contract)
        if "random" in plan.phases and plan.max_examples:
            return random_case(self.contract, plan.seed, plan.first_example)
        return None

    def _opened(self) -> dict[str, tuple[Attempt, ...]]:
        """The attempt at the operation's first valid request, by its case's id; none where there is none.

        It is asked before the rest is planned, so that a run over many operations asks each of them soon.
        """
        first = self._first_case()
        if first is None:
            return {}
        return {first.info.id: (self._attempt(first),)}

    def _learned(
        self, opened: Mapping[str, tuple[Attempt, ...]], over: Callable[[], bool]
    ) -> dict[str, tuple[Attempt, ...]]:
        """The same after a search for the state that the operation needs, where its first request failed.

        What is wrong with the first answer stays wrong, whatever is learned: then both attempts stand. Nobody
        has searched where the search was `over` before the run is.
        """
        attempt = next((attempts[0] for attempts in opened.values()), None)
        if attempt is None or not self._may_learn(attempt):
            return dict(opened)
        self.searched = True
        prefix = self.plan.prefix("run", self.standing.name)
        again: Attempt | None = None
        for learned in learned_prerequisites(self.session, self.contract, prefix, over):
            first = self._with_learned(learned, f"{prefix}n")
            if first is None:
                continue
            again = self._attempt(first)
            if again.succeeds:
                break
        if again is None:
            self.searched = self.expired() or not over()
            return dict(opened)
        grave = any(at_least(item.severity, self.plan.fail_on) for item in attempt.violations)
        return {again.case.info.id: (attempt, again) if grave else (again,)}

    def _doubt_existence(self, opened: dict[str, tuple[Attempt, ...]]) -> None:
        """Open as many cases as show an operation to be absent, as long as all answers speak for that.

        So an operation that a target lacks is known for that before the rest, for nothing, is planned.
        """
        if not opened or not _speaks_for_absence(opened, 1):
            return
        plan = self.plan
        examples = range(plan.first_example, plan.first_example + plan.max_examples)
        for case in first_cases(self.contract, plan.phases, plan.seed, examples):
            enough = len(opened) >= REQUIRED_WITNESSES
            if enough or self.ended() or not _speaks_for_absence(opened, 1):
                return
            if case.info.id not in opened:
                opened[case.info.id] = (self._attempt(case),)

    def _newest(self, opened: Mapping[str, tuple[Attempt, ...]]) -> tuple[Case, ...]:
        """A few enumerated cases, of kinds that were tried least on all operations."""
        plan = self.plan
        if "enumerated" not in plan.phases or not plan.part(self.standing.name).complete or self.expired():
            return ()
        planned = planned_cases(
            self.contract, ("enumerated",), plan.seed, 0, plan.target.claims, budget=plan.budget
        )
        cases = [
            case
            for case in planned.cases
            if case.info.id not in opened and (self.session.faults or not case.fault)
        ]
        return self.session.tried_kinds.newest(cases, _NEWEST)

    def _planned(self, opened: Mapping[str, tuple[Attempt, ...]]) -> PlannedCases:
        """The cases of the operation; where the time is up by now, no more than were opened."""
        if self.expired():
            return _no_more(opened)
        planned = planned_cases(
            self.contract,
            self.plan.phases,
            self.plan.seed,
            self.plan.max_examples,
            self.plan.target.claims,
            budget=None if self.plan.exhaustive else self.plan.budget,
            first_example=self.plan.first_example,
            # Of a part of an operation, only all cases tell which they are.
            drawn=DRAWN_AT_ONCE if self.plan.part(self.standing.name).complete else None,
        )
        if self.session.faults:
            return planned
        # Nobody can ask this target for an error.
        return replace(planned, cases=tuple(case for case in planned.cases if not case.fault))

    def _part(self, planned: PlannedCases, opened: Mapping[str, tuple[Attempt, ...]]) -> PlannedCases:
        """The cases that are this run's part of the operation, and those that are opened in any case."""
        part = self.plan.part(self.standing.name).of(planned.cases)
        ids = {case.info.id for case in part}
        first = [attempts[-1].case for attempts in opened.values() if attempts[-1].case.info.id not in ids]
        return replace(planned, cases=(*first, *part))

    def _may_learn(self, attempt: Attempt) -> bool:
        """Whether a valid request did not succeed, and nobody has looked for a state yet."""
        if self.searched or attempt.case.info.kind != "positive" or self.standing.succeeded:
            return False
        if attempt.evidence or attempt.ambiguous or attempt.unsent or self.ended():
            return False
        return attempt.answer is None or attempt.answer.kind == "error"

    def _over(self) -> bool:
        """Whether a search has no more time: the run's is up, or others have their turn."""
        return self.expired() or self._pause()

    def _with_learned(self, learned: Prerequisites, prefix: str) -> Case | None:
        """The operation's first valid request by what was learned, in an environment made by it.

        Its names have a prefix of their own: those that were used up may be refused for long.
        """
        self.environment.reset()
        self.contract.service_contract.learned[self.contract.name] = learned
        self.standing.chain = frozen(learned)
        self.environment = _environment(self.session, self.contract, prefix)
        return self._first_case()

    def _coverage(self, opened: Mapping[str, tuple[Attempt, ...]], *, stateful: bool) -> OperationCoverage:
        """What there is to judge of the operation before its cases are planned."""
        cases = [attempts[-1].case for attempts in opened.values()]
        coverage = OperationCoverage(self.contract.service, self.contract.operation, cases)
        if stateful:
            for trial in self.trials:
                coverage.lives(history.info for history, _ in trial.phase.enumerated())
        return coverage

    def ended(self) -> str:
        """Why nothing more is to be sent, or the empty string."""
        return _ended(self.session, self.expired)

    def _running(self, cases: Sequence[Case], opened: Mapping[str, tuple[Attempt, ...]]) -> Iterator[Case]:
        """The cases, until the operation proves not implemented or time is up; those `opened` in any case."""
        for index, case in enumerate(cases):
            # A silent target is asked once more by each operation: it may have woken up.
            first = index == 0
            if case.info.id in opened:
                yield case
            elif self.standing.absent:
                self.standing.count(case.info, NotImplementedByTarget(self.standing.evidence))
            elif self.session.liveness.gone:
                self.standing.count(case.info, Errored(GONE))
            elif self.deaths.often:
                self.standing.count(case.info, Inconclusive(self.deaths.often))
            elif self.ended() and (not first or self.expired() or self.session.stopped):
                self.standing.count(case.info, Inconclusive(self.ended()))
            else:
                yield case


def _no_more(opened: Mapping[str, tuple[Attempt, ...]]) -> PlannedCases:
    """The plan of an operation that is asked no more than it was."""
    return PlannedCases(tuple(attempts[-1].case for attempts in opened.values()), LeftOut())


def _speaks_for_absence(opened: Mapping[str, tuple[Attempt, ...]], number: int) -> bool:
    """Whether so many requests were sent, and every answer says that there is no such operation."""
    return len(opened) >= number and all(
        attempt.evidence for attempts in opened.values() for attempt in attempts
    )
