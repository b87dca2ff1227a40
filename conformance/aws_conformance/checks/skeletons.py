# SPDX-License-Identifier: Apache-2.0
"""Documents that the `aws` command prints, beside the shapes they should be of.

It owns how a skeleton and an output are walked together with a shape. It refuses to know which check asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from ..spec.shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)
from .check import Breach
from .command import breach_at
from .response import shorten

__all__ = ["Misfit", "differences", "misfits", "same"]

Kind: TypeAlias = Literal["type", "unknown", "missing", "required", "timestamp"]
SKELETON_TIME = "1970-01-01T00:00:00"
# Version 1 prints a timestamp as it came, version 2 as ISO 8601 to the microsecond.
_INSTANT = 0.001
_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where a skeleton does not fit its shape, and how."""

    kind: Kind
    place: str
    expected: str
    got: str


def misfits(
    service: Service, name: str | None, value: Any, place: str = "$", above: tuple[str, ...] = ()
) -> Iterator[Misfit]:
    """Every place where a printed skeleton is not of the shape (None: of an operation without that side).

    A structure that stands within itself may be cut off anywhere; members are expected up to there.
    """
    if name is None:
        if value != {}:
            yield Misfit("type", place, "{}", shorten(value))
        return
    shape = service.shape(name)
    if not _of_type(shape, value):
        yield Misfit("type", place, _type(shape), shorten(value))
        return
    if name in above:
        return
    below = (*above, name)
    match shape:
        case StructureShape():
            yield from _structure_misfits(service, shape, value, place, below)
        case ListShape(member=member):
            for item in value:
                yield from misfits(service, member.target, item, f"{place}[*]", below)
        case MapShape(value=member):
            for item in value.values():
                yield from misfits(service, member.target, item, f"{place}[*]", below)
        case TimestampShape() if value != SKELETON_TIME:
            yield Misfit("timestamp", place, json.dumps(SKELETON_TIME), shorten(value))
        case StringShape(enum=enum) if enum and place.startswith("$input") and value not in enum:
            yield Misfit("type", place, f"one of {', '.join(enum)}", shorten(value))
        case _:
            return


def _structure_misfits(
    service: Service, shape: StructureShape, value: Mapping[str, Any], place: str, above: tuple[str, ...]
) -> Iterator[Misfit]:
    for key, item in value.items():
        if key in shape.members:
            yield from misfits(service, shape.members[key].target, item, f"{place}.{key}", above)
        else:
            yield Misfit("unknown", f"{place}.{key}", "a member of the shape", shorten(key))
    if shape.union or shape.event_stream:
        # Of a tagged union a skeleton may show any one member, or all.
        return
    for key in shape.members:
        if key not in value:
            kind: Kind = "required" if key in shape.required else "missing"
            yield Misfit(kind, f"{place}.{key}", "the member", "nothing")


def _of_type(shape: Shape, value: Any) -> bool:
    match shape:
        case StructureShape() | MapShape():
            return isinstance(value, dict)
        case ListShape():
            return isinstance(value, list)
        case StringShape() | BlobShape() | TimestampShape():
            return isinstance(value, str)
        case BooleanShape():
            return isinstance(value, bool)
        case IntegerShape():
            return isinstance(value, int) and not isinstance(value, bool)
        case FloatShape():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case DocumentShape():
            return True


def _type(shape: Shape) -> str:
    match shape:
        case StructureShape() | MapShape():
            return "an object"
        case ListShape():
            return "a list"
        case BooleanShape():
            return "true or false"
        case IntegerShape() | FloatShape():
            return "a number"
        case _:
            return "a string"


def differences(
    service: Service, name: str | None, said: Any, printed: Any, known: Any, place: str = "$"
) -> Iterator[Breach]:
    """Where what the command printed is not what the service said.

    `known` is the command's own output skeleton: members that it does not have are newer than its model,
    and what it leaves out of them is no fault.
    """
    if len(place) > 20 * _DEPTH:
        return
    shape = service.shape(name) if name is not None else None
    if shape is not None and shape.sensitive:
        if not same(shape, said, printed):
            yield breach_at(place, "(a sensitive value)", "(another value)")
        return
    match shape, said, printed:
        case StructureShape(), dict(), dict():
            yield from _member_differences(service, shape, said, printed, known, place)
        case ListShape(member=member), list(), list() if len(said) == len(printed):
            below = known[0] if isinstance(known, list) and known else None
            for mine, theirs in zip(said, printed, strict=True):
                yield from differences(service, member.target, mine, theirs, below, f"{place}[*]")
        case MapShape(value=member), dict(), dict() if said.keys() == printed.keys():
            for key, item in said.items():
                yield from differences(service, member.target, item, printed[key], None, f"{place}[*]")
        case _:
            if not same(shape, said, printed):
                yield breach_at(place, shorten(said), shorten(printed))


def _member_differences(
    service: Service,
    shape: StructureShape,
    said: Mapping[str, Any],
    printed: Mapping[str, Any],
    known: Any,
    place: str,
) -> Iterator[Breach]:
    skeleton = known if isinstance(known, dict) else None
    for key, member in shape.members.items():
        if said.get(key) is None:
            continue
        if key in printed:
            below = skeleton.get(key) if skeleton is not None else None
            yield from differences(service, member.target, said[key], printed[key], below, f"{place}.{key}")
        elif skeleton is None or key in skeleton:
            yield breach_at(f"{place}.{key}", shorten(said[key]), "nothing")
    for key in printed:
        if said.get(key) is None:
            yield breach_at(f"{place}.{key}", "nothing: the service did not say it", shorten(printed[key]))


def same(shape: Shape | None, said: Any, printed: Any) -> bool:
    """Whether two values are the same; timestamps are compared as the instants that they name."""
    if isinstance(shape, TimestampShape):
        mine, theirs = _instant(said), _instant(printed)
        return mine is not None and theirs is not None and abs(mine - theirs) < _INSTANT
    if isinstance(said, bool) != isinstance(printed, bool):
        return False
    if isinstance(said, Mapping) and isinstance(printed, Mapping):
        return dict(said) == dict(printed)
    return bool(said == printed)


def _instant(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return None
    return None
