"""The histories of one operation within its exploration: walked one after the other, and told when all are.

It owns what each walk says of the operation's standing. It refuses to know the operation's other cases.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..cases.cases import enumerated_cases
from ..cases.lifecycles.histories import History
from ..results.events import Errored, Flaky, Inconclusive, NotImplementedByTarget, Violation, at_least
from .attempt import Attempter
from .environment import Environment
from .findings import Findings
from .histories.execute import Execution
from .histories.phase import StatefulPhase, Unconfirmed, outcome_of_walk
from .tally import REQUIRED_WITNESSES, OperationTally

__all__ = ["HistoryTrials"]

_UNCONFIRMED = "unconfirmed, because no repetition came as far"


@dataclass(slots=True)
class HistoryTrials:
    """The phase `stateful` of one operation. `ended` says why nothing more is to be sent, if so."""

    lives: StatefulPhase
    standing: OperationTally
    findings: Findings
    attempter: Attempter
    ended: Callable[[], str]
    _walked: list[tuple[History, Execution]] = field(default_factory=list)

    def run(self, environment: Environment) -> None:
        """Walk the histories that need no chance, then random ones; `environment` is for other requests."""
        standing = self.standing
        for whole, walk in self.lives.enumerated():
            why = self.ended()
            if standing.absent:
                standing.lived(whole.info, NotImplementedByTarget(standing.evidence))
            elif why:
                standing.lived(whole.info, self._unsent(why))
            else:
                self._take(whole, walk())
                if not standing.answered and not standing.absent:
                    # The history did not come as far as the operation.
                    self._ask(environment)
        why = self.ended()
        if standing.absent or why:
            outcome = NotImplementedByTarget(standing.evidence) if standing.absent else self._unsent(why)
            for info in self.lives.chosen():
                standing.lived(info, outcome)
        else:
            self.lives.random(self._take)

    def _unsent(self, why: str) -> Inconclusive | Errored:
        """The outcome of a history that is not walked."""
        return Errored(why) if self.lives.session.liveness.gone else Inconclusive(why)

    def tell(self) -> None:
        """The outcome of each history, now that it is known whether the operation was reached."""
        standing = self.standing
        for whole, walk in self._walked:
            if standing.absent:
                standing.lived(whole.info, NotImplementedByTarget(standing.evidence))
                continue
            outcome = outcome_of_walk(
                whole,
                walk,
                subject=self.lives.operation.name,
                reached=standing.reached,
                fail_on=self.lives.plan.fail_on,
            )
            standing.lived(whole.info, outcome, walk.reason)

    def _take(self, whole: History, walk: Execution) -> None:
        own, standing = self.lives.operation.name, self.standing
        refused = [code for name, code in walk.refused if name == own]
        standing.errors.update(dict.fromkeys(refused, "request"))
        standing.succeeded = standing.succeeded or own in walk.succeeded
        standing.reached = standing.reached or own in walk.reached
        standing.answered += own in walk.succeeded or bool(refused)
        if walk.missing == own and not standing.answered:
            standing.missing(walk.evidence)
        doubts: list[tuple[Violation, Unconfirmed | None]] = []
        for violation, *_ in walk.violations:
            doubt = self.findings.see_history(violation, whole, walk, self.lives)
            if doubt:
                doubts.append((violation, doubt if isinstance(doubt, Unconfirmed) else None))
        doubted = {violation.key for violation, _ in doubts}
        sure = tuple(shown for shown in walk.violations if shown[0].key not in doubted)
        blocked = [doubt.reason for _, doubt in doubts if doubt is not None]
        if not doubts or any(at_least(shown[0].severity, self.lives.plan.fail_on) for shown in sure):
            self._walked.append((whole, replace(walk, violations=sure)))
        elif len(blocked) == len(doubts):
            standing.lived(whole.info, Inconclusive(f"{_UNCONFIRMED}: {blocked[0]}"))
        else:
            standing.lived(whole.info, Flaky(tuple(violation for violation, *_ in walk.violations)))

    def _ask(self, environment: Environment) -> None:
        """Whether the operation is implemented at all.

        Asked by valid requests, and where what they need can't be had, by ones that are sent without.
        """
        every = tuple(enumerated_cases(self.lives.compiled, self.lives.operation))
        valid = (one for one in every if one.info.kind == "positive")
        broken = (one for one in every if one.info.kind == "negative" and not one.expectation.protocol_level)
        for case in itertools.chain(
            itertools.islice(valid, REQUIRED_WITNESSES), itertools.islice(broken, REQUIRED_WITNESSES)
        ):
            self.standing.weigh(self.attempter.attempt(case, environment, doubtful=True))
            if self.standing.answered or self.standing.absent:
                return
