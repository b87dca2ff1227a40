# SPDX-License-Identifier: Apache-2.0
"""Where a value of a decoded answer stands on the wire, in the form that picking.py reads.

It owns the way from members' names to those of elements, keys and headers. It refuses to know how a value is
taken out there, and what it is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..spec.shapes import ListShape, MapShape, Member, Operation, Service, StructureShape

__all__ = ["SENT", "is_header", "wire_path"]

# In the source of a symbol: of what a step sent, rather than of what it was answered with.
SENT = "$in"
_HEADER = "header:"


def wire_path(service: Service, operation: Operation, path: Sequence[str]) -> tuple[str, ...]:
    """The parts of a path in an operation's decoded answer, as they stand in its bytes.

    A part has each name that a protocol may use: some go by the model's location, some by the member.
    """
    output = service.structure(operation.output)
    member = output.members.get(path[0])
    if member is not None and member.location in ("header", "headers"):
        return (f"{_HEADER}{member.location_name or member.name}",)
    return tuple(_parts(service, output, path))


def is_header(path: Sequence[str]) -> bool:
    """Whether a value stands in the head of an answer."""
    return path[0].startswith(_HEADER)


def _parts(service: Service, output: StructureShape, path: Sequence[str]) -> Iterator[str]:
    shape = service.shape(output.name)
    flattened = False
    for name in path:
        if isinstance(shape, ListShape):
            yield f"={name}" if flattened or shape.flattened else f"[{name}]"
            shape, flattened = service.shape(shape.member.target), False
            continue
        if not isinstance(shape, StructureShape) or name not in shape.members:
            yield name
            if isinstance(shape, MapShape):
                shape = service.shape(shape.value.target)
            continue
        member = shape.members[name]
        target = service.shape(member.target)
        # The body is the payload itself.
        if shape is not output or name != output.payload:
            yield "|".join(dict.fromkeys((*_names(member, target), name)))
        shape, flattened = target, member.flattened


def _names(member: Member, target: object) -> Iterator[str]:
    if isinstance(target, ListShape) and target.flattened and target.member.location_name:
        yield target.member.location_name
    if member.location_name:
        yield member.location_name
