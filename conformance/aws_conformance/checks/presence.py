# SPDX-License-Identifier: Apache-2.0
"""A check of members that AWS has always sent, though its model calls them optional.

It owns the reading of data/presence.json, which tools/mine_presence.py counts over recorded answers. It
refuses to know of members that the model requires; documents are judged for these in body.py.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, TypeAlias

from ..http import header
from ..protocols.findings import Path
from ..spec.shapes import ListShape, MapShape, Operation, Service, StructureShape
from .check import SUCCESS, Breach, Check, Schema
from .citations import RECORDED
from .narrowing import and_meets
from .response import DecodedResponse

__all__ = ["ROWS", "Places", "absent_member", "structures"]

Places: TypeAlias = dict[str, dict[str, int]]
"""By the generalised place of a structure, its members that were never missing, with their counts."""

# Elements of a list beyond these show what the first ones show.
_ELEMENTS = 100
_DEEPEST = 16


@functools.cache
def _presence() -> Mapping[str, Places]:
    text = resources.files("aws_conformance").joinpath("data/presence.json").read_text("utf-8")
    counted: dict[str, Places] = json.loads(text)
    return counted


def absent_member(answer: DecodedResponse) -> Iterator[Breach]:
    """A member that was in every recorded answer of AWS, and is not in this one."""
    places = _presence().get(f"{answer.service.name}:{answer.operation.name}")
    if not places or answer.kind != "success" or answer.decoded is None or answer.decoded.document is None:
        return
    if header(answer.response.headers, "x-aws-conformance") is not None:
        # A generated answer has the members that chance gave it.
        return
    broken = answer.expectation
    if broken is not None and (broken.protocol_level or broken.earns in ("refused", "unknown")):
        # Whatever is odd there came with the request.
        return
    reported: set[tuple[str, str]] = set()
    document = answer.decoded.document
    for path, place, _, structure in structures(answer.service, answer.operation.output, document):
        if not structure:
            # An empty answer has a check of its own (response.document.hollow).
            continue
        for member, count in places.get(place, {}).items():
            if member not in structure and (place, member) not in reported:
                reported.add((place, member))
                expected = f"the member, which AWS sent {count} of {count} times"
                yield Breach((*path, member), expected, "no such member")


def structures(
    service: Service,
    name: str | None,
    document: Any,
    path: Path = (),
    place: str = "$",
) -> Iterator[tuple[Path, str, StructureShape, Mapping[str, Any]]]:
    """The structures of a document: path, generalised place (`$.Tables[*]`), shape and members of each."""
    shape = service.shapes.get(name) if name else None
    if len(path) > _DEEPEST:
        return
    match shape, document:
        case StructureShape(members=members), Mapping():
            yield path, place, shape, document
            for member, value in document.items():
                if member in members:
                    target = members[member].target
                    yield from structures(service, target, value, (*path, member), f"{place}.{member}")
        case ListShape(member=element), list():
            for index, value in enumerate(document[:_ELEMENTS]):
                yield from structures(service, element.target, value, (*path, index), f"{place}[*]")
        case MapShape(value=item), Mapping():
            for key, value in list(document.items())[:_ELEMENTS]:
                yield from structures(service, item.target, value, (*path, key), f"{place}[*]")


def _with_recorded_members(service: Service, operation: Operation, schema: Schema) -> Schema:
    """The schema with the members required that were never missing, wherever a structure has any."""
    for place, counts in _presence().get(f"{service.name}:{operation.name}", {}).items():
        required: Schema = {
            "if": {"type": "object", "minProperties": 1},
            "then": {"required": list(counts)},
        }
        for step in reversed(_STEP.findall(place)):
            inner = required
            required = (
                {"items": inner, "additionalProperties": inner}
                if step == "[*]"
                else {"properties": {step[1:]: inner}}
            )
        schema = and_meets(schema, required)
    return schema


# A member or an element of a place such as $.Tables[*].
_STEP = re.compile(r"\.[^.\[]+|\[\*\]")


ROWS = (
    Check(
        "response.member.absent",
        "A member that AWS sent in every recorded answer is there, though its model calls it optional.",
        "warning",
        "OBSERVED",
        f"{RECORDED}; data/presence.json has the counts",
        absent_member,
        about=SUCCESS,
        narrowed=_with_recorded_members,
    ),
)
