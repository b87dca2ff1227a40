# SPDX-License-Identifier: Apache-2.0
"""The first requests of an operation: a valid one, the state that it needs, doubts that it exists.

It owns what is sent before anything is planned, and the environment in which cases are sent. It refuses to
know the other cases, and what comes of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..cases.case import Case
from ..cases.cases import first_case, random_case
from ..cases.chains import frozen
from ..cases.contract import OperationContract
from ..cases.planned import first_cases
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..results.terms import at_least
from .attempt import GONE, Attempt
from .environment import Environment
from .plan import Plan
from .session import Session
from .tally import REQUIRED_WITNESSES, OperationTally

__all__ = ["OpeningRequests", "ended_by", "provided_by", "speaks_for_absence"]

# So many requests in a row that nothing answers, and waiting for more would only cost time.
_PATIENCE = 3


def ended_by(session: Session, expired: Callable[[], bool]) -> str:
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


def provided_by(
    session: Session, contract: OperationContract, prefix: str, purpose: str = "run"
) -> Environment:
    """The environment that an operation's prerequisites provide, its names beginning with a prefix."""
    return Environment(session, contract.service_contract, prerequisites_for(contract), prefix, purpose)


def speaks_for_absence(opened: Mapping[str, tuple[Attempt, ...]], number: int) -> bool:
    """Whether so many requests were sent, and every answer says that there is no such operation."""
    return len(opened) >= number and all(
        attempt.evidence for attempts in opened.values() for attempt in attempts
    )


@dataclass(slots=True)
class OpeningRequests:
    """The first requests of one operation: `send` makes an attempt at a case.

    `search(prefix, over)` gives what the operation needs, as the target teaches it.
    `pause` tells when others have their turn. `environment` is where cases are sent; it is another one once
    something was learned of the target.
    """

    session: Session
    contract: OperationContract
    plan: Plan
    standing: OperationTally
    send: Callable[[Case, Environment], Attempt]
    search: Callable[[str, Callable[[], bool]], Iterator[Prerequisites]]
    expired: Callable[[], bool]
    environment: Environment
    pause: Callable[[], bool] = lambda: False
    searched: bool = False

    def opened(self) -> dict[str, tuple[Attempt, ...]]:
        """The attempt at the operation's first valid request, by its case's id; none where there is none.

        It is asked before the rest is planned, so that a run over many operations asks each of them soon.
        """
        first = self._first_case()
        if first is None:
            return {}
        return {first.info.id: (self.attempt(first),)}

    def learned(
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
        # What others have left there may be what the request was refused for.
        self.environment.change()
        prefix = self.plan.prefix("run", self.standing.name)
        again: Attempt | None = None
        for learned in self.search(prefix, over):
            first = self._with_learned(learned, f"{prefix}n")
            if first is None:
                continue
            again = self.attempt(first)
            if again.succeeds:
                break
        if again is None:
            self.searched = self.expired() or not over()
            return dict(opened)
        grave = any(at_least(item.severity, self.plan.fail_on) for item in attempt.violations)
        return {again.case.info.id: (attempt, again) if grave else (again,)}

    def doubt_existence(self, opened: dict[str, tuple[Attempt, ...]]) -> None:
        """Open as many cases as show an operation to be absent, as long as all answers speak for that.

        So an operation that a target lacks is known for that before the rest, for nothing, is planned.
        """
        if not opened or not speaks_for_absence(opened, 1):
            return
        plan = self.plan
        examples = range(plan.first_example, plan.first_example + plan.max_examples)
        for case in first_cases(self.contract, plan.phases, plan.seed, examples):
            enough = len(opened) >= REQUIRED_WITNESSES
            if enough or ended_by(self.session, self.expired) or not speaks_for_absence(opened, 1):
                return
            if case.info.id not in opened:
                opened[case.info.id] = (self.attempt(case),)

    def attempt(self, case: Case) -> Attempt:
        """The attempt at a case in the environment of the operation."""
        return self.send(case, self.environment)

    def _first_case(self) -> Case | None:
        """The valid request that is sent before all others, which the plan's cases begin with."""
        plan = self.plan
        if "enumerated" in plan.phases:
            return first_case(self.contract)
        if "random" in plan.phases and plan.max_examples:
            return random_case(self.contract, plan.seed, plan.first_example)
        return None

    def _may_learn(self, attempt: Attempt) -> bool:
        """Whether a valid request did not succeed, and nobody has looked for a state yet."""
        if self.searched or attempt.case.info.kind != "positive" or self.standing.succeeded:
            return False
        if attempt.evidence or attempt.ambiguous or attempt.unsent or ended_by(self.session, self.expired):
            return False
        return attempt.answer is None or attempt.answer.kind == "error"

    def over(self) -> bool:
        """Whether a search has no more time: the run's is up, or others have their turn."""
        return self.expired() or self.pause()

    def _with_learned(self, learned: Prerequisites, prefix: str) -> Case | None:
        """The operation's first valid request by what was learned, in an environment made by it.

        Its names have a prefix of their own: those that were used up may be refused for long.
        """
        self.environment.reset()
        self.contract.service_contract.learned[self.contract.name] = learned
        self.standing.chain = frozen(learned)
        self.environment = provided_by(self.session, self.contract, prefix)
        return self._first_case()
