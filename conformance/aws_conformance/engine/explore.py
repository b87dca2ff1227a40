# SPDX-License-Identifier: Apache-2.0
"""One operation, from its first case to its tally: reach, evidence, findings, confirmation, shrinking.

An exploration can stop after any case, leave nothing behind, and go on later (schedule.py).

It owns the story of an operation within a run, cases and histories, and tells it in events. It refuses to
know of other operations and of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..cases.case import Case
from ..cases.cases import shrunk_case
from ..cases.chains import thawed
from ..cases.compile import contract_of
from ..cases.contract import OperationContract
from ..cases.lifecycles.histories import History
from ..cases.oracles.script import Script
from ..cases.oracles.scripts import scripts_for
from ..cases.planned import DRAWN_AT_ONCE, drawn_cases
from ..cases.prerequisites import Prerequisites
from ..results.events import (
    Errored,
    Event,
    Inconclusive,
    NotImplementedByTarget,
    OperationStarted,
    WaitStarted,
)
from ..spec.shapes import Operation
from .afresh import FreshLook
from .attempt import GONE, Attempt, Attempter
from .case_choice import CaseChoice, no_more
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
from .opening_requests import OpeningRequests, ended_by, provided_by, speaks_for_absence
from .oracles.phase import OraclePhase
from .oracles.walk import ScriptJudges
from .plan import Plan
from .schedule import Stage
from .seen_ids import SeenIds
from .selection import selected_checks, selected_history_checks, selected_oracles, severities_for
from .session import Session
from .state_search import learned_prerequisites
from .tally import REQUIRED_WITNESSES, OperationTally

__all__ = ["Exploration", "exploration", "exploration_of", "explore"]


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

    def attempter_of(session: Session, contract: OperationContract) -> Attempter:
        return Attempter(session, contract, checks, severities, known)

    attempter = attempter_of(session, contract)
    judges = Judges(checks, selected_history_checks(plan), severities)
    oracles = ScriptJudges(checks, selected_oracles(plan), severities)
    lives = StatefulPhase(session, contract, plan, judges, known, expired)
    findings = Findings(
        contract,
        plan,
        attempter,
        session.label,
        lambda: provided_by(session, contract, plan.prefix("again", name), "again"),
        shrunk_case,
        expired,
        FreshLook(session.fresh_targets, contract, attempter_of, plan.prefix("afresh", name), expired),
        session.crash_places,
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
        return ended_by(session, expired)

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

    def taught(prefix: str, over: Callable[[], bool]) -> Iterator[Prerequisites]:
        return learned_prerequisites(session, contract, prefix, over, standing.refused)

    def attempted(case: Case, where: Environment) -> Attempt:
        return deaths.attempt(case, where, doubtful=not standing.answered)

    environment = provided_by(session, contract, plan.prefix("run", name))
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
        OpeningRequests(session, contract, plan, standing, attempted, taught, expired, environment),
        CaseChoice(session, contract, plan, expired),
        CaseTrials(session, contract, plan, attempter, findings, standing, ended),
    )


def exploration_of(
    session: Session, plan: Plan, name: str, emit: Callable[[Event], None], expired: Callable[[], bool]
) -> Exploration:
    """The exploration of an operation of the plan, by its full name."""
    service, _, operation = name.partition(":")
    contract = contract_of(service, plan.protocol)
    return exploration(session, contract.of(contract.operation(operation)), plan, emit, expired=expired)


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
    opening: OpeningRequests
    choice: CaseChoice
    weighing: CaseTrials
    _steps: Generator[None] | None = None
    replaying: bool = True
    stage: Stage = Stage.FIRST
    begun: bool = False

    def advance(self, pause: Callable[[], bool] = lambda: False) -> bool:
        """Go on until all is through, or until `pause` says so after a step; whether all is through.

        On a pause what was made on the target is undone or left to others, who have their turn, unless it is
        of use to nobody else.
        """
        name, emit = self.standing.name, self.emit
        self.session.begin(name, self.contract.protocol)
        self.session.waits = lambda what, seconds: emit(WaitStarted(name, what, seconds))
        self.opening.pause = pause
        if self._steps is None:
            self._steps = self._explored()
        try:
            for _ in self._steps:
                if pause():
                    self.opening.environment.rest()
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
            opened = self.opening.opened()
            # What the first request needed is there now, and would be made again in each turn.
            self.opening.doubt_existence(opened)
            yield
            self.stage = Stage.NEWEST
            opened = self.opening.learned(opened, self.opening.over)
            yield
            # A turn may be too short for a search, and the next would begin anew: it takes what it needs.
            opened = self.opening.learned(opened, self.expired)
            self.opening.doubt_existence(opened)
            absent = speaks_for_absence(opened, REQUIRED_WITNESSES)
            stateful = "stateful" in self.plan.phases and not self.expired() and not absent
            corpus = self.plan.corpus.get(self.standing.name, ())
            self.standing.coverage = self._coverage(opened, stateful=stateful)
            histories = sum(trial.planned() for trial in self.trials) if stateful else 0
            sent: frozenset[str] = frozenset()
            by_chance = False
            if stateful and self.plan.max_time is not None and not corpus:
                # Little time goes to what is new to the run and to what is told of a resource first; even
                # planning the rest takes some.
                newest = self.choice.newest(opened)
                self.standing.coverage.tries(newest)
                self._begin(len(opened) + len(newest) + histories)
                sent = frozenset((*opened, *(case.info.id for case in newest)))
                yield from self._sent([attempts[-1].case for attempts in opened.values()], dict(opened))
                yield from self._sent(newest, {})
                self.deaths.settle()
                self.stage = Stage.STORIES
                yield
                self.opening.environment.rest()
                yield from self._stories(by_chance=False)
                stateful = False
                # What is left to chance comes after what every run has.
                by_chance = True
            self.stage = Stage.OTHERS
            planned = no_more(opened) if absent else self.choice.planned(opened)
            self.standing.coverage.tries(planned.cases, planned.left_out.constraints)
            planned = self.choice.part(planned, opened)
            self.standing.left_out = planned.left_out
            self._begin(len(planned.cases) + len(planned.undrawn) + histories)
            others: Sequence[Case]
            first, others = self.choice.replayed(planned, corpus)
            others = [case for case in others if case.info.id not in sent]
            yield from self._sent(first, opened)
            if stateful and corpus:
                self.opening.environment.reset()
                for trial in self.trials:
                    yield from trial.replay(self.opening.environment, corpus)
            self.replaying = False
            yield
            yield from self._sent(self.choice.by_turns(others), opened)
            yield from self._drawn(planned.undrawn, [*planned.cases, *first])
            self.deaths.settle()
            failed = next(iter(self.opening.environment.failed_steps().values()), "")
            self.opening.environment.reset()
            if stateful:
                yield from self._stories(by_chance=True)
            elif by_chance:
                yield from self._random_histories()
        finally:
            self.opening.environment.reset()
            for trial in self.trials:
                trial.phase.close()
            self.findings.close()
        for trial in self.trials:
            trial.tell()
        self.weighing.conclude()
        for reported in self.findings.events():
            self.emit(reported)
        self.standing.conclude(failed, self.findings.unrepeated())

    def _stories(self, *, by_chance: bool) -> Iterator[None]:
        """All histories and scripts, or those that need no chance."""
        for trial in self.trials:
            yield from trial.run(self.opening.environment)
            if by_chance:
                trial.run_random()

    def _random_histories(self) -> Iterator[None]:
        """All histories that are left to chance; stops after those of a lifecycle."""
        for trial in self.trials:
            trial.run_random()
            yield

    def _sent(self, cases: Iterable[Case], opened: dict[str, tuple[Attempt, ...]]) -> Iterator[None]:
        """Send cases and weigh their answers; stops after each."""
        for case in self._running(cases, opened):
            attempts = opened.pop(case.info.id, ()) or (self.opening.attempt(case),)
            self.weighing.weigh(case, attempts[0], self.opening.environment)
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
        return ended_by(self.session, self.expired)

    def _running(self, cases: Iterable[Case], opened: Mapping[str, tuple[Attempt, ...]]) -> Iterator[Case]:
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
