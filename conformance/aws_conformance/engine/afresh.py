# SPDX-License-Identifier: Apache-2.0
"""Whether a violation shows on a target that holds nothing yet, and which steps beside its own it takes.

What other cases have left may be what a request runs into. Then whoever runs the printed script on a target
of their own sees nothing, and where a wrong request that was accepted has left it, the fault is that one. It
owns what is tried on a fresh target, and in which order. It refuses to know how violations are confirmed on
the run's own target (findings.py), and how targets are started.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..cases.case import Case
from ..cases.contract import OperationContract
from ..cases.links import links_of
from ..cases.name_reading import read_name
from ..cases.prerequisites import Prerequisites, prerequisites_for, with_steps
from ..cases.setup import SetupStep
from ..cases.symbols import symbols
from ..errors import ConformanceError
from ..results.events import Violation
from ..spec.shapes import Operation
from .attempt import Attempt, Attempter
from .confirmation import Doubt
from .environment import Environment
from .fresh_targets import FreshTargets
from .search_trial import SearchTarget, SearchTrial
from .session import Session
from .trial_chain import TrialChain

__all__ = ["FreshLook"]

# So many kinds of things are made beside what a case needs, with so many requests for all and for each.
_MAKERS = 8
_REQUESTS, _EACH = 60, 15
# A request with more text than that is not put before another.
_LONGEST = 2_000
# Checks of what a target makes of a wrong request.
_OF_FORM = ("request.invalid.", "request.nonexistent.")
# What is said where nothing that was made has brought it about.
_LEFT_BY_OTHERS = "it takes what other cases had left there"


@dataclass(slots=True)
class FreshLook:
    """Looks for the violations of one operation on fresh targets.

    `attempter(session, contract)` sends cases to one; `prefix` begins the names of what is made there.
    """

    targets: FreshTargets
    contract: OperationContract
    attempter: Callable[[Session, OperationContract], Attempter]
    prefix: str
    expired: Callable[[], bool] = lambda: False
    # What was accepted and says most, which the operation may have to be sent before.
    _accepted: Case | None = None
    # What was looked for last, what a fresh target made of it, and what came of that.
    _last: tuple[Attempt, Attempt, Attempt] | None = None

    def accepted(self, case: Case) -> None:
        """A valid request was accepted on the run's own target."""
        size, before = len(repr(case.template)), self._accepted
        if size <= _LONGEST and (before is None or size > len(repr(before.template))):
            self._accepted = case

    def has_shown(self, cause: tuple[str, ...]) -> bool:
        """Whether a fresh target has shown a cause of that key."""
        return cause in self.targets.shown

    def shown(self, violation: Violation, attempt: Attempt, cause: tuple[str, ...]) -> Attempt | Doubt:
        """The attempt with the steps beside its own by which a fresh target shows it; a doubt if none does.

        As it is where there is none to look at, or where not even what the case needs could be made there.
        """
        if self._last is not None and self._last[0] is attempt and _shows(self._last[1], violation):
            return self._last[2]
        if not self.targets.left or self.expired():
            return attempt
        try:
            looked = self._looked(violation, attempt)
        except ConformanceError:
            # What can't be started says nothing of the violation.
            return attempt
        if looked is None:
            return attempt
        again, steps = looked
        if steps is None:
            said = f"{again.answer.response.status} {again.answer.code}".rstrip() if again.answer else ""
            reason = f"on a target that starts afresh it was answered with {said}: {_LEFT_BY_OTHERS}"
            return Doubt("unconfirmed", reason, violation, attempt)
        shown = replace(attempt, afresh=True, beside=steps)
        self.targets.shown.add(cause)
        self._last = (attempt, again, shown)
        return shown

    def _looked(
        self, violation: Violation, attempt: Attempt
    ) -> tuple[Attempt, tuple[SetupStep, ...] | None] | None:
        """How a fresh target answers, and the steps by which it shows it; None where that says nothing."""
        case = attempt.case
        with self.targets.started() as session:
            first = self._sent(session, case, ())
            if _shows(first, violation):
                return first, ()
            if first.unsent or (first.answer is not None and first.answer.response.fate != "answered"):
                return None
            # What is accepted or refused for its form needs nothing that others could have left, but where
            # its own steps look for that.
            alone = first.answer is not None and violation.check.startswith(_OF_FORM)
            ways = () if alone else self._ways(session, case, violation)
        for steps in ways:
            if not self.targets.left or self.expired():
                return None
            with self.targets.started() as session:
                again = self._sent(session, case, steps)
            if _shows(again, violation):
                return again, steps
        return (first, None) if first.answer is not None else None

    def _ways(self, session: Session, case: Case, violation: Violation) -> tuple[tuple[SetupStep, ...], ...]:
        """Steps that have brought a violation about, the fewest first; nothing where none has."""
        before = self._sent_before(case)
        if before and _shows(self._sent(session, case, before), violation):
            return (before,)
        contract = self.contract.apart()
        recipe = prerequisites_for(contract)
        chain = TrialChain(session, f"{self.prefix}b", frozenset(step.name for step in recipe.steps))
        trial = SearchTrial(SearchTarget(session, self.expired), chain, _REQUESTS)
        for maker in self._makers(recipe):
            if chain.requests >= _REQUESTS or self.expired():
                break
            before_it = len(chain.steps)
            trial.attained(contract.service_contract.of(maker), (contract.full_name,), _EACH)
            if len(chain.steps) == before_it:
                continue
            if _shows(self._sent(session, case, ()), violation):
                every = tuple(chain.steps)
                fewer = _standing_on(every, chain.gates)
                return (every,) if fewer == every else (fewer, every)
        return ()

    def _sent_before(self, case: Case) -> tuple[SetupStep, ...]:
        """The operation itself, by a valid request: what it does twice is not what it does once."""
        first = self._accepted
        if first is None or not isinstance(first.template, dict) or self.contract.operation.readonly:
            return ()
        name = self.contract.name
        needs = {
            str(symbol["$from"]).partition(".")[0] for symbol in symbols(first.template) if "$from" in symbol
        }
        names = {step.name for step in prerequisites_for(self.contract).steps}
        if name in names or not needs <= names or case.without:
            return ()
        return (SetupStep(name, name, first.template, needs=tuple(sorted(needs))),)

    def _makers(self, recipe: Prerequisites) -> Iterator[Operation]:
        """What makes something the operation may be about; then what makes anything else."""
        service = self.contract.service
        known = {self.contract.name, *(step.operation for step in recipe.steps)}
        gates = links_of(service).gates(self.contract.name)
        others = (name for name in service.operations if read_name(name).verb == "create")
        names = (name for name in dict.fromkeys((*gates, *others)) if name not in known)
        for name in itertools.islice(names, _MAKERS):
            yield service.operations[name]

    def _sent(self, session: Session, case: Case, beside: Sequence[SetupStep]) -> Attempt:
        """The case sent to a target with its own steps, and those beside them, carried out anew."""
        contract = with_steps(self.contract, beside)
        recipe = prerequisites_for(contract)
        environment = Environment(session, contract.service_contract, recipe, self.prefix)
        return self.attempter(session, contract).attempt(case, environment)


def _standing_on(steps: Sequence[SetupStep], gates: set[str]) -> tuple[SetupStep, ...]:
    """The last of the steps, and those that it stands on."""
    names = {steps[-1].name, *gates}
    for step in reversed(steps):
        if step.name in names:
            names.update(step.needs)
    return tuple(step for step in steps if step.name in names)


def _shows(attempt: Attempt, violation: Violation) -> bool:
    """Whether an attempt shows the same violation."""
    return any(item.key == violation.key for item in attempt.violations)
