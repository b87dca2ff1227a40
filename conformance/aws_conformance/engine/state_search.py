# SPDX-License-Identifier: Apache-2.0
"""The search for a state in which an operation succeeds: producers carried out, refusals learned from.

It owns the order of tries, how many there may be, and what is remembered between searches on one target. It
refuses to judge: what it learns is how a request can succeed, and nothing of what a target does wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cases.contract import OperationContract
from ..cases.drafts import NOTHING, InputVariant, Path
from ..cases.lessons import with_new_names
from ..cases.name_reading import read_name
from ..cases.prerequisites import Prerequisites, modelled_prerequisites, salt_of
from ..cases.rejection import Rejection
from ..cases.setup import SetupStep, with_dependents
from ..cases.symbols import is_symbol
from .search_trial import SearchTarget, SearchTrial, new_name
from .session import Session
from .trial_chain import TrialChain

__all__ = ["LearnedChain", "StateSearch", "learned_prerequisites"]

_REQUESTS = 90
# So many places may get a new name where one is taken.
_RENEWALS = 3


@dataclass(frozen=True, slots=True)
class LearnedChain:
    """What a search came to: steps and an input that succeeded, or the refusal that came after most steps.

    `steps` are those that it stands on as far as can be told, `every` those that were carried out. `used_up`
    are those that a success uses up: none where the same request succeeded twice in a row, so that the steps
    serve many cases; else the last ones with which it succeeded once more, or all.
    """

    steps: tuple[SetupStep, ...] = ()
    every: tuple[SetupStep, ...] = ()
    input: Mapping[str, Any] | None = None
    undo: SetupStep | None = None
    used_up: frozenset[str] = frozenset()
    refusal: str = ""
    requests: int = 0


def learned_prerequisites(
    session: Session,
    contract: OperationContract,
    prefix: str,
    expired: Callable[[], bool] = lambda: False,
    refused: Callable[[str], None] = lambda reason: None,
) -> Iterator[Prerequisites]:
    """What an operation needs on this target, as a search of its own shows; nothing where none succeeds.

    Then the reason is `refused`, unless the search had no time to come to its end.
    First what it seems to stand on; then, for when that was not enough, all that was done.
    """
    chain = StateSearch(session, expired).search(contract, f"{prefix}{salt_of(contract.operation)}s")
    if chain.input is None:
        if chain.refusal and not expired():
            refused(chain.refusal)
        return
    modelled = modelled_prerequisites(contract)
    own = SetupStep(contract.name, contract.name, chain.input, undo=chain.undo) if chain.undo else None
    for steps in (chain.steps, chain.every):
        yield replace(
            modelled,
            steps=steps,
            bind={name: item for name, item in chain.input.items() if is_symbol(item)},
            base=chain.input,
            # What can't be done twice in one state gets a state for each case.
            fresh=with_dependents(steps, chain.used_up.intersection(step.name for step in steps)),
            after=(),
            own=own,
            salt=salt_of(contract.operation),
            fallback={},
        )
        if len(chain.every) == len(chain.steps):
            return


class StateSearch:
    """Searches on one target, which remember what earlier ones have learned of it."""

    def __init__(self, session: Session, expired: Callable[[], bool] = lambda: False) -> None:
        self._session = session
        self._target = SearchTarget(session, expired)

    def search(self, contract: OperationContract, prefix: str) -> LearnedChain:
        """A chain on which the operation succeeds, looked for in a state of its own."""
        chain = TrialChain(self._session, prefix)
        trial = SearchTrial(self._target, chain, _REQUESTS)
        try:
            return self._learned(trial, contract)
        finally:
            trial.clean(contract.service_contract)

    def _learned(self, trial: SearchTrial, contract: OperationContract) -> LearnedChain:
        """What a trial comes to."""
        outcome = trial.attained(contract, (), _REQUESTS)
        if isinstance(outcome, Rejection):
            return LearnedChain(refusal=_stopped_by(trial, outcome), requests=trial.chain.requests)
        variant, _ = outcome
        last = trial.chain.steps[-1]
        template = last.input
        likely = trial.chain.pruned(contract.name, template)
        every = tuple(trial.chain.steps[:-1])
        steps = tuple(step for step in likely if step is not last)
        again = None if self._target.is_over() else self._repeated(trial, contract, variant, template)
        used_up: frozenset[str] = frozenset()
        if again is None:
            used_up = self._used_up(trial, contract, template, steps, every)
        return LearnedChain(
            steps=steps,
            every=every,
            input=template if again is None else again,
            undo=last.undo,
            used_up=used_up,
            requests=trial.chain.requests,
        )

    def _used_up(
        self,
        trial: SearchTrial,
        contract: OperationContract,
        template: Any,
        steps: Sequence[SetupStep],
        every: Iterable[SetupStep],
    ) -> frozenset[str]:
        """The steps that have to be carried out anew before the operation succeeds once more: the fewest.

        What was done last is the likeliest to be used up: a token rather than whose it is. All that was done
        where that is not found out.
        """
        for number in range(1, len(steps)):
            if self._target.is_over():
                break
            last = steps[-number:]
            if not trial.chain.renew(contract.service_contract, last):
                continue
            document = trial.chain.send(contract, template)
            if not isinstance(document, Rejection):
                # It may have made one more of the same.
                trial.add(contract, template, document, (), "")
                return frozenset(step.name for step in last)
        return frozenset(step.name for step in every)

    def _repeated(
        self, trial: SearchTrial, contract: OperationContract, variant: InputVariant, template: Any
    ) -> Any:
        """The input with which an operation that has succeeded succeeds once more in the same state.

        That is the same, or one with a new name where that is taken by now; None where nothing is accepted.
        """
        twice = trial.chain.send(contract, template)
        renewed = template
        if isinstance(twice, Rejection):
            known = trial.places(contract)
            for other in itertools.islice(with_new_names(contract.name, known, variant, twice), _RENEWALS):
                # All else stays: what the first success has shown is no part of its own state.
                renewed = template
                for place in known:
                    if place.path in other.fresh - variant.fresh:
                        renewed = _put(template, place.path, new_name(place))
                twice = trial.chain.send(contract, renewed)
                if not isinstance(twice, Rejection):
                    break
        if isinstance(twice, Rejection):
            return None
        # It may have made one more of the same.
        trial.add(contract, renewed, twice, (), "")
        return renewed


def _stopped_by(trial: SearchTrial, refusal: Rejection) -> str:
    """Why a search came to nothing: the operation's refusal, and that of what should have come before it.

    Nothing where it was never asked, or nobody answered.
    """
    if not refusal.status:
        return ""
    makers = [name for name in trial.refused if read_name(name).verb == "create"]
    if not makers or trial.chain.steps:
        return refusal.in_short
    return f"{refusal.in_short}; before it {makers[-1]}: {trial.refused[makers[-1]].in_short}"


def _put(template: Any, path: Path, item: Any) -> Any:
    """The template with something else at a place, of a list in its first element."""
    match template, path:
        case _, ():
            return template if item is NOTHING else item
        case [first, *others], ("*", *rest):
            return [_put(first, tuple(rest), item), *others]
        case dict(), (str(name), *rest) if name in template:
            return {**template, name: _put(template[name], tuple(rest), item)}
        case _:
            return template
