"""What was learned of a target as plain data: written to a plan file, and read by later runs.

It owns the form of that file. It refuses to know how a chain was come by, and whether it still holds: one
that does not is looked for anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..cases.contract import Contract
from ..cases.prerequisites import Prerequisites, modelled_prerequisites, salt_of
from ..cases.setup import SetupStep
from ..cases.symbols import is_symbol
from ..errors import UsageError
from ..spec.shapes import Operation

__all__ = ["frozen", "read_chains", "thawed", "write_chains"]

_VERSION = 1


def frozen(recipe: Prerequisites) -> dict[str, Any]:
    """A learned recipe as JSON values: its steps, the input that was accepted, what undoes it."""
    chain: dict[str, Any] = {
        "steps": [_step_to_json(step) for step in recipe.steps],
        "input": dict(recipe.base),
        "private": bool(recipe.fresh),
    }
    if recipe.own is not None and recipe.own.undo is not None:
        chain["undo"] = _step_to_json(recipe.own.undo)
    return chain


def thawed(contract: Contract, operation: Operation, chain: Mapping[str, Any]) -> Prerequisites:
    """The recipe that was frozen. Raises UsageError for one that does not fit the model."""
    try:
        steps = tuple(_step_from_json(item) for item in chain["steps"])
        base = dict(chain["input"])
        undo = _step_from_json(chain["undo"]) if "undo" in chain else None
        for step in (*steps, *(step.undo for step in steps if step.undo), *([undo] if undo else [])):
            contract.owner(step.operation)
    except (KeyError, TypeError, AttributeError) as error:
        name = f"{contract.service.name}:{operation.name}"
        raise UsageError(
            f"The plan file's chain of {name} can't be used ({type(error).__name__}: {error}).",
            "Remove it from the file; the next run looks for it anew.",
        ) from error
    return replace(
        modelled_prerequisites(contract, operation),
        steps=steps,
        bind={name: item for name, item in base.items() if is_symbol(item)},
        base=base,
        fresh=frozenset(step.name for step in steps) if chain.get("private") else frozenset(),
        after=(),
        own=SetupStep(operation.name, operation.name, base, undo=undo) if undo else None,
        salt=salt_of(operation),
        fallback={},
    )


def read_chains(path: Path) -> Mapping[str, Any]:
    """The chains of a plan file by operation; none where there is no such file yet.

    Raises UsageError for a file that is no plan file.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can't be read as a plan file: {error}.") from error
    chains = content.get("chains") if isinstance(content, dict) else None
    if not isinstance(chains, dict) or content.get("aws-conformance-plan") != _VERSION:
        raise UsageError(f"{path} is no plan file of this version.", "Name a new file; the run writes it.")
    return chains


def write_chains(path: Path, chains: Mapping[str, Any]) -> None:
    """Write a plan file. Raises UsageError where that is not possible."""
    content = {"aws-conformance-plan": _VERSION, "chains": dict(sorted(chains.items()))}
    try:
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error}.") from error


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
