# SPDX-License-Identifier: Apache-2.0
"""What an operation needs before it can succeed, and what is on record of the states that it can meet.

It owns this value, and whose word it is made of: what was learned of a target before what models and hints
tell (derivation.py). It refuses to know how a step is sent (engine/) and what its answer is worth.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..spec.shapes import Operation
from .contract import OperationContract
from .derivation import derived_chain
from .setup import NEW_STEP, SetupStep, StepWait, with_dependents
from .state_errors import Probe, state_errors_of
from .symbols import substitute

__all__ = [
    "Prerequisites",
    "modelled_prerequisites",
    "prerequisites_for",
    "salt_of",
    "with_steps",
    "with_waits",
]


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """What an operation needs: steps in order, and which members of its input they fill.

    `bind` maps top-level members to symbols; `fresh` are steps that an accepted request uses up; `own` is
    the operation itself as a step, if what it makes can be undone. `salt` tells its names from those of other
    operations, where what was made may outlive its undoing. `fallback` has a
    well-formed value, by the source of a symbol, for where the step that should make it does not succeed.
    `base` is an input that is known to be accepted, or hinted at: what a case is not about is taken from it.
    """

    steps: tuple[SetupStep, ...] = ()
    bind: Mapping[str, Any] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    after: tuple[SetupStep, ...] = ()
    omit: tuple[str, ...] = ()
    exclusive: str = ""
    probes: tuple[Probe, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    own: SetupStep | None = None
    salt: str = ""
    fallback: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] = field(default_factory=dict)


def prerequisites_for(contract: OperationContract) -> Prerequisites:
    """The recipe of an operation: what was learned of a target, else what models and hints tell."""
    learned = contract.service_contract.learned.get(contract.name)
    return learned if isinstance(learned, Prerequisites) else modelled_prerequisites(contract)


def modelled_prerequisites(contract: OperationContract) -> Prerequisites:
    """The recipe of an operation, whatever the target: its chain, and what is on record of its states."""
    chain = derived_chain(contract.service, contract.operation, contract.service_contract.minimal)
    on_record = state_errors_of(contract.service.name)
    return Prerequisites(
        steps=chain.steps,
        bind=chain.bind,
        fresh=chain.fresh,
        after=chain.after,
        omit=chain.omit,
        exclusive=on_record.exclusive.get(contract.name, ""),
        probes=on_record.probes.get(contract.name, ()),
        others=on_record.others,
        own=chain.own,
        salt=salt_of(contract.operation),
        fallback=chain.fallback,
    )


def with_steps(contract: OperationContract, steps: Iterable[SetupStep]) -> OperationContract:
    """The contract with steps that are carried out before those that its operation needs.

    After them where they stand on them.
    """
    contract, more = contract.apart(), tuple(steps)
    if more:
        recipe = prerequisites_for(contract)
        later = with_dependents(more, (step.name for step in recipe.steps))
        first = tuple(step for step in more if step.name not in later)
        last = tuple(step for step in more if step.name in later)
        learned = replace(recipe, steps=(*first, *recipe.steps, *last))
        contract.service_contract.learned[contract.name] = learned
    return contract


def with_waits(contract: OperationContract, waits: Mapping[str, StepWait]) -> OperationContract:
    """The contract in which steps are waited for, by the full names of their operations."""
    recipe = prerequisites_for(contract)
    names = {
        step.name: contract.service_contract.owner(step.operation).full_name
        for step in recipe.steps
        if step.operation
    }
    steps = tuple(
        replace(step, wait=_wait_after(step, waits[names[step.name]]))
        if names.get(step.name) in waits
        else step
        for step in recipe.steps
    )
    if steps == recipe.steps:
        return contract
    contract = contract.apart()
    contract.service_contract.learned[contract.name] = replace(recipe, steps=steps)
    return contract


def _wait_after(step: SetupStep, wait: StepWait) -> StepWait:
    """A wait for what a step brings about, in whose input it has its name."""

    def of_step(symbol: Mapping[str, str]) -> dict[str, str]:
        source, _, path = symbol.get("$from", "").partition(".")
        return {"$from": f"{step.name}.{path}"} if source == NEW_STEP else dict(symbol)

    return replace(wait, input=substitute(wait.input, of_step))


def salt_of(operation: Operation) -> str:
    """What tells the names of an operation's state from those of other operations."""
    return hashlib.sha256(operation.name.encode()).hexdigest()[:4]
