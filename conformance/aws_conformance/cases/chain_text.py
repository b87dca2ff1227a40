# SPDX-License-Identifier: Apache-2.0
"""An operation's chain in words: what comes before it, what each member is had from, what nothing gives.

It owns these lines. It refuses to know any target: what the models leave open a run looks for there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..spec.shapes import StringShape
from .contract import OperationContract
from .links import Need, links_of
from .name_reading import is_left_alone
from .prerequisites import modelled_prerequisites

__all__ = ["chain_lines"]

_SHOWN = 3


def chain_lines(contract: OperationContract) -> Iterator[str]:
    """The chain of an operation, a line for each step and for each member that names something."""
    recipe = modelled_prerequisites(contract)
    for number, step in enumerate(recipe.steps, 1):
        undo = f", undone by {step.undo.operation}" if step.undo is not None else ""
        yield f"{number}. {step.name}{undo}"
    structure = contract.service.structure(contract.operation.input)
    for name in structure.required:
        target = structure.members[name].target
        shape = contract.service.shapes[target]
        symbol = recipe.bind.get(name)
        if symbol is not None:
            yield f"{name}: {symbol['$from']}" if "$from" in symbol else f"{name}: a new name"
            continue
        need = Need(name, target, contract.name)
        if not isinstance(shape, StringShape) or shape.enum or is_left_alone(name) or not need.is_identity:
            continue
        producers = links_of(contract.service).producers(need)[:_SHOWN]
        where = f"a run looks for it in {', '.join(producers)}" if producers else "a made-up text is sent"
        yield f"{name}: nothing is sure to give it; {where}"
