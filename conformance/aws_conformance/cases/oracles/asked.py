# SPDX-License-Identifier: Apache-2.0
"""What a look has to be asked for, so that it leaves out nothing of what it can show.

It owns the members that choose parts of an answer. It refuses to know whose look it is (families.py).
"""

from __future__ import annotations

from typing import Any

from ...spec.shapes import ListShape, Operation, Service, StringShape
from .words import verb_of

__all__ = ["whole_answer"]


def whole_answer(service: Service, operation: Operation) -> dict[str, Any]:
    """The members of a look's input that ask for parts which it shows to nobody who does not ask.

    A service that has such a member (`include`) shows tags, settings or health on request alone: without it
    an answer that has none of them has lost nothing.
    """
    structure = service.structure(operation.input)
    asked: dict[str, Any] = {}
    for name, member in structure.members.items() if verb_of(operation.name) in ("read", "list") else ():
        shape = service.shape(member.target)
        if name.lower() != "include" or not isinstance(shape, ListShape):
            continue
        parts = service.shape(shape.member.target)
        if isinstance(parts, StringShape) and parts.enum and (not shape.max or len(parts.enum) <= shape.max):
            asked[name] = list(parts.enum)
    return asked
