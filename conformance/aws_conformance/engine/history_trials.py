# SPDX-License-Identifier: Apache-2.0
"""The phase `stateful` of one operation: histories and scripts walked, their violations weighed and told.

It owns the story of an operation's histories within a run. It refuses to know of its other cases, and how a
history is walked (histories/, oracles/).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from ..cases.cases import enumerated_cases
from ..errors import UsageError
from ..results.events import Errored, Flaky, Inconclusive, NotImplementedByTarget, Reproduction, Violation
from ..results.terms import at_least
from .attempt import Attempter
from .environment import Environment
from .findings import Findings
from .histories.result import Execution, Unconfirmed, WalkedStory, outcome_of_walk
from .histories.walked import WalkPhase
from .parts import Part
from .tally import REQUIRED_WITNESSES, OperationTally

__all__ = ["HistoryTrials"]

_W = TypeVar("_W", bound=WalkedStory)
_UNCONFIRMED = "unconfirmed, because no repetition came as far"


@dataclass(slots=True)
class HistoryTrials(Generic[_W]):
    """The phase `stateful` of one operation. `ended` says why nothing more is to be sent, if so."""

    phase: WalkPhase[_W]
    tally: OperationTally
    findings: Findings
    attempter: Attempter
    ended: Callable[[], str]
    _walked: list[tuple[_W, Execution]] = field(default_factory=list)
    _replayed: set[str] = field(default_factory=set)

    def planned(self) -> int:
        """How many histories of this run's part of the operation there will be."""
        every = sum(1 for _ in self.phase.enumerated())
        by_chance = self.phase.planned() - every if self._part.last else 0
        return len(self._part.of(range(every))) + by_chance

    @property
    def _part(self) -> Part:
        return self.phase.plan.part(self.tally.name)

    def replay(self, environment: Environment, corpus: Sequence[Reproduction]) -> Iterator[None]:
        """Walk the histories of a corpus; `environment` is for other requests. Stops after each history.

        One that every run has is walked here, and not again; others only where cases begin to be cut.
        """
        ids = {shown.case.id for shown in corpus}
        stories = [pair for pair in self._mine() if pair[0].info.id in ids]
        ids -= {story.info.id for story, _ in stories}
        if self._part.start == 0:
            stories += self._written(shown for shown in corpus if shown.case.id in ids)
        yield from self._walk_all(stories, environment)

    def _written(self, corpus: Iterable[Reproduction]) -> Iterator[tuple[_W, Callable[[], Execution]]]:
        """What a corpus holds of this kind of history, but for what can't be made again any more."""
        for shown in corpus:
            with suppress(UsageError):
                story = self.phase.written(shown)
                if story is not None:
                    yield story

    def _mine(self) -> Sequence[tuple[_W, Callable[[], Execution]]]:
        """The histories that need no chance, of this run's part of the operation."""
        return self._part.of(tuple(self.phase.enumerated()))

    def run(self, environment: Environment) -> Iterator[None]:
        """Walk the histories that need no chance; `environment` is for other requests.

        Stops after each history. What was replayed is not walked again.
        """
        yield from self._walk_all(
            [pair for pair in self._mine() if pair[0].info.id not in self._replayed], environment
        )

    def run_random(self) -> None:
        """Walk the histories that are left to chance."""
        tally = self.tally
        if not self._part.last:
            return
        why = self.ended()
        if tally.absent or why:
            outcome = NotImplementedByTarget(tally.evidence) if tally.absent else self._unsent(why)
            for info in self.phase.chosen():
                tally.lived(info, outcome)
        else:
            self.phase.random(self._take)

    def _walk_all(
        self, stories: Iterable[tuple[_W, Callable[[], Execution]]], environment: Environment
    ) -> Iterator[None]:
        tally = self.tally
        for history, walk in stories:
            self._replayed.add(history.info.id)
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
            yield

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
                subject=self.phase.contract.name,
                reached=tally.reached,
                fail_on=self.phase.plan.fail_on,
            )
            tally.lived(history.info, outcome, execution.reason)

    def _take(self, history: _W, execution: Execution) -> None:
        own, tally = self.phase.contract.name, self.tally
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
        every = tuple(enumerated_cases(self.phase.contract))
        valid = (case for case in every if case.info.kind == "positive")
        broken = (
            case for case in every if case.info.kind == "negative" and not case.expectation.protocol_level
        )
        for case in itertools.chain(
            itertools.islice(valid, REQUIRED_WITNESSES), itertools.islice(broken, REQUIRED_WITNESSES)
        ):
            if self.ended():
                return
            self.tally.weigh(self.attempter.attempt(case, environment, doubtful=True))
            if self.tally.answered or self.tally.absent:
                return
