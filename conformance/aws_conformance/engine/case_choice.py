# SPDX-License-Identifier: Apache-2.0
"""Which cases of an operation a run sends, and in which order: planned, of its part, of a corpus, the newest.

It owns the choice. It refuses to know how a case is sent, and what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ..cases.case import Case, LeftOut
from ..cases.contract import OperationContract
from ..cases.planned import DRAWN_AT_ONCE, PlannedCases, planned_cases
from ..errors import UsageError
from ..reproduce.rebuild import rebuilt
from ..results.events import Reproduction
from .attempt import Attempt
from .plan import Plan
from .session import Session

__all__ = ["CaseChoice", "no_more"]

# Where time is limited, so many cases of an operation come before its stories: the more, the more there are.
_FEWEST, _MOST = 6, 16
_PART = 12
# So many of the others are chosen at a time.
_AT_A_TIME = 8


@dataclass(frozen=True, slots=True)
class CaseChoice:
    """The cases of one operation of a plan; `expired` tells when the run's time is up.

    What was `opened` are the attempts that were made before anything was planned, by their cases' ids.
    """

    session: Session
    contract: OperationContract
    plan: Plan
    expired: Callable[[], bool]

    @property
    def name(self) -> str:
        """The operation's full name."""
        return self.contract.full_name

    def newest(self, opened: Mapping[str, tuple[Attempt, ...]]) -> tuple[Case, ...]:
        """A few enumerated cases, of kinds that were tried least on all operations."""
        plan = self.plan
        if "enumerated" not in plan.phases or not plan.part(self.name).complete or self.expired():
            return ()
        planned = planned_cases(
            self.contract, ("enumerated",), plan.seed, 0, plan.target.claims, budget=plan.budget
        )
        cases = [
            case
            for case in planned.cases
            if case.info.id not in opened and (self.session.faults or not case.fault)
        ]
        return self.session.tried_kinds.newest(cases, max(_FEWEST, min(_MOST, len(cases) // _PART)))

    def by_turns(self, cases: Sequence[Case]) -> Iterable[Case]:
        """The cases in the order of sending: where time is limited, what was tried least first."""
        return cases if self.plan.max_time is None else self.session.tried_kinds.by_turns(cases, _AT_A_TIME)

    def planned(self, opened: Mapping[str, tuple[Attempt, ...]]) -> PlannedCases:
        """The cases of the operation; where the time is up by now, no more than were opened."""
        if self.expired():
            return no_more(opened)
        planned = planned_cases(
            self.contract,
            self.plan.phases,
            self.plan.seed,
            self.plan.max_examples,
            self.plan.target.claims,
            budget=None if self.plan.exhaustive else self.plan.budget,
            first_example=self.plan.first_example,
            # Of a part of an operation, only all cases tell which they are.
            drawn=DRAWN_AT_ONCE if self.plan.part(self.name).complete else None,
        )
        if self.session.faults:
            return planned
        # Nobody can ask this target for an error.
        return replace(planned, cases=tuple(case for case in planned.cases if not case.fault))

    def part(self, planned: PlannedCases, opened: Mapping[str, tuple[Attempt, ...]]) -> PlannedCases:
        """The cases that are this run's part of the operation, and those that are opened in any case."""
        part = self.plan.part(self.name).of(planned.cases)
        ids = {case.info.id for case in part}
        first = [attempts[-1].case for attempts in opened.values() if attempts[-1].case.info.id not in ids]
        return replace(planned, cases=(*first, *part))

    def replayed(
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
        if self.plan.part(self.name).start == 0:
            for shown in corpus:
                if shown.case.phase in phases and shown.case.phase != "stateful" and shown.case.id not in own:
                    with suppress(UsageError):
                        claims = self.plan.target.claims
                        first.append(rebuilt(self.contract, shown, claims))
        others = planned.cases[len(opening) :]
        return (*opening, *first), tuple(case for case in others if case.info.id not in ids)


def no_more(opened: Mapping[str, tuple[Attempt, ...]]) -> PlannedCases:
    """The plan of an operation that is asked no more than it was."""
    return PlannedCases(tuple(attempts[-1].case for attempts in opened.values()), LeftOut())
