# SPDX-License-Identifier: Apache-2.0
"""What a look has to be asked for, so that it leaves out nothing of what it can show.

It owns the members that choose parts of an answer. It refuses to know whose look it is (families.py).
"""

from __future__ import annotations

import re
from typing import Any

from ...spec.shapes import BooleanShape, ListShape, Operation, Service, StringShape
from .places import structures
from .words import plain, verb_of

__all__ = ["whole_answer"]

_INCLUDES = re.compile(r"(?i)includes?_?(\w+)")


def whole_answer(service: Service, operation: Operation) -> dict[str, Any]:
    """The members of a look's input that ask for parts which it shows to nobody who does not ask.

    A service that has such a member (`include`) shows tags, settings or health on request alone: without it
    an answer that has none of them has lost nothing. So it is with a switch that is called after a member
    (`includeValue`).
    """
    structure = service.structure(operation.input)
    asked: dict[str, Any] = {}
    for name, member in structure.members.items() if verb_of(operation.name) in ("read", "list") else ():
        shape = service.shape(member.target)
        if isinstance(shape, BooleanShape) and _asks_for_member(service, operation, name):
            asked[name] = True
        if name.lower() != "include" or not isinstance(shape, ListShape):
            continue
        parts = service.shape(shape.member.target)
        if isinstance(parts, StringShape) and parts.enum and (not shape.max or len(parts.enum) <= shape.max):
            asked[name] = list(parts.enum)
    return asked


def _asks_for_member(service: Service, operation: Operation, switch: str) -> bool:
    """Whether a switch of a look is called after a member that its answer has."""
    match = _INCLUDES.match(switch)
    return match is not None and any(
        plain(name) == plain(match[1])
        for _, holder in structures(service, operation.output)
        for name in holder.members
    )
