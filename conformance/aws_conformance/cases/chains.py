# SPDX-License-Identifier: Apache-2.0
"""What was learned of a target so that an operation succeeds, as plain data, and back.

It owns the form of a chain: steps and the input that was accepted. It refuses to know how it was come by,
where it is kept, and whether it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import UsageError
from .contract import OperationContract
from .prerequisites import Prerequisites, modelled_prerequisites, salt_of
from .setup import SetupStep
from .symbols import is_symbol

__all__ = ["frozen", "frozen_steps", "thawed", "thawed_steps"]


def frozen(recipe: Prerequisites) -> dict[str, Any]:
    """A learned recipe as JSON values: its steps, the input that was accepted, what undoes it."""
    chain: dict[str, Any] = {
        "steps": frozen_steps(recipe.steps),
        "input": dict(recipe.base),
        "private": bool(recipe.fresh),
    }
    if recipe.fresh and len(recipe.fresh) < len(recipe.steps):
        chain["used_up"] = sorted(recipe.fresh)
    if recipe.own is not None and recipe.own.undo is not None:
        chain["undo"] = _step_to_json(recipe.own.undo)
    return chain


def thawed(contract: OperationContract, chain: Mapping[str, Any]) -> Prerequisites:
    """The recipe that was frozen. Raises UsageError for one that does not fit the model."""
    try:
        steps = tuple(_step_from_json(item) for item in chain["steps"])
        base = dict(chain["input"])
        undo = _step_from_json(chain["undo"]) if "undo" in chain else None
        for step in (*steps, *(step.undo for step in steps if step.undo), *([undo] if undo else [])):
            contract.service_contract.owner(step.operation)
    except (KeyError, TypeError, AttributeError) as error:
        name = contract.full_name
        raise UsageError(
            f"The chain of {name} can't be used ({type(error).__name__}: {error}).",
            "Remove it from the plan file, or make the report again: a run looks for it anew.",
        ) from error
    return replace(
        modelled_prerequisites(contract),
        steps=steps,
        bind={name: item for name, item in base.items() if is_symbol(item)},
        base=base,
        fresh=_used_up(chain, steps) if chain.get("private") else frozenset(),
        after=(),
        own=SetupStep(contract.name, contract.name, base, undo=undo) if undo else None,
        salt=salt_of(contract.operation),
        fallback={},
    )


def frozen_steps(steps: Iterable[SetupStep]) -> list[dict[str, Any]]:
    """Steps as JSON values."""
    return [_step_to_json(step) for step in steps]


def thawed_steps(contract: OperationContract, steps: Iterable[Mapping[str, Any]]) -> tuple[SetupStep, ...]:
    """The steps that were frozen. Raises UsageError for those that do not fit the model."""
    try:
        thawn = tuple(_step_from_json(item) for item in steps)
        for step in thawn:
            contract.service_contract.owner(step.operation)
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"Steps of {contract.full_name} can't be used ({type(error).__name__}: {error}).",
            "Make the report again.",
        ) from error
    return thawn


def _used_up(chain: Mapping[str, Any], steps: Iterable[SetupStep]) -> frozenset[str]:
    """The steps that a success uses up: all, unless it is said which."""
    names = frozenset(step.name for step in steps)
    return names.intersection(chain["used_up"]) if isinstance(chain.get("used_up"), list) else names


def _step_to_json(step: SetupStep) -> dict[str, Any]:
    item: dict[str, Any] = {"name": step.name, "operation": step.operation, "input": step.input}
    if step.needs:
        item["needs"] = list(step.needs)
    if step.undo is not None:
        item["undo"] = _step_to_json(step.undo)
    return item


def _step_from_json(item: Mapping[str, Any]) -> SetupStep:
    undo = item.get("undo")
    return SetupStep(
        name=str(item["name"]),
        operation=str(item["operation"]),
        input=item["input"],
        needs=tuple(map(str, item.get("needs", ()))),
        undo=_step_from_json(undo) if undo else None,
    )
