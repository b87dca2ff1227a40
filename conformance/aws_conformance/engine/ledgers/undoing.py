# SPDX-License-Identifier: Apache-2.0
"""What takes away what a request has made, worked out from the request, its answer and the models.

It owns the request that undoes another. It refuses to send anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...cases.contract import OperationContract
from ...cases.prerequisites import modelled_prerequisites
from ...cases.setup import SetupStep
from ...cases.symbols import substitute
from ..shown_texts import ShownTexts, value_of

__all__ = ["undo_of"]


def undo_of(contract: OperationContract, sent: Any, document: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The operation, with its input, that undoes a request; None where nothing is known to.

    `document` is what it was answered with, None where that is not known: then its own names have to do.
    """
    return _by_recipe(contract, sent, document) or _by_texts(contract, sent, document)


def _by_recipe(contract: OperationContract, sent: Any, document: Any) -> tuple[str, Mapping[str, Any]] | None:
    recipe = modelled_prerequisites(contract)
    own = recipe.own
    if own is None or own.undo is None or ":" in own.undo.operation:
        return None
    beside = {
        str(symbol["$from"]): sent.get(member)
        for member, symbol in recipe.bind.items()
        if "$from" in symbol and isinstance(sent, Mapping)
    }

    def resolve(symbol: Mapping[str, str]) -> Any:
        source = symbol.get("$from", "")
        value = value_of(source, {own.name: document}, {own.name: sent})
        value = beside.get(source) if value is None else value
        if value is None:
            raise LookupError(source)
        return value

    try:
        return own.undo.operation, substitute(own.undo.input, resolve)
    except LookupError:
        return None


def _by_texts(contract: OperationContract, sent: Any, document: Any) -> tuple[str, Mapping[str, Any]] | None:
    texts = ShownTexts()
    step = SetupStep(contract.name, contract.name, sent)
    texts.add(contract.service_contract, step, document, sent)
    undo = texts.undo(contract.service_contract, step)
    if undo is None:
        return None
    values = {contract.name: document}, {contract.name: sent}
    return undo.operation, substitute(undo.input, lambda symbol: value_of(symbol["$from"], *values))
