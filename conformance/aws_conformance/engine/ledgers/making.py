# SPDX-License-Identifier: Apache-2.0
"""Which operations make what stays, which take it away, and which answers say that it is gone.

It owns the reading of names and codes. It refuses to know which request takes away what (undoing.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...cases.api_words import MAKING_VERBS
from ...cases.contract import OperationContract
from ...cases.links import links_of
from ...cases.name_reading import read_name
from ...spec.shapes import StringShape

__all__ = ["is_gone", "makes", "names_in", "takes_away"]

_LONGEST = 512
_GONE = ("NotFound", "NoSuch", "DoesNotExist", "NonExist", "NotExist", "Nonexistent", "UnknownResource")


def makes(contract: OperationContract) -> bool:
    """Whether an operation may make what stays until it is taken away."""
    reading = read_name(contract.name)
    if contract.operation.readonly or reading.verb != "create":
        return False
    return reading.word in MAKING_VERBS or bool(links_of(contract.service).undoers(contract.name))


def names_in(contract: OperationContract, sent: Any) -> dict[str, str]:
    """The texts of a request's input that may name something; none that is sensitive.

    A number in the place of a text counts as well: a lax server may take it for a name.
    """
    if contract.operation.input is None or not isinstance(sent, Mapping):
        return {}
    names = {}
    for name, member in contract.service.structure(contract.operation.input).members.items():
        shape, text = contract.service.shape(member.target), sent.get(name)
        telling = isinstance(shape, StringShape) and not shape.sensitive and not shape.enum
        if telling and isinstance(text, str | int | float) and 0 < len(str(text)) <= _LONGEST:
            names[name] = str(text)
    return names


def takes_away(operation: str) -> bool:
    """Whether an operation's name says that it takes something away, now or in time."""
    return read_name(operation).verb == "destroy" or operation.startswith("Schedule")


def is_gone(status: int, code: str) -> bool:
    """Whether a refusal to take something away says that it is not there."""
    return status in (404, 410) or any(word in code for word in _GONE)
