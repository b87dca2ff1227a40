# SPDX-License-Identifier: Apache-2.0
"""Where the structures of a document stand, by its shapes.

It owns the walk to them. It refuses to know what is looked for there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.shapes import ListShape, Operation, Service, StructureShape

__all__ = ["elements_of", "structures"]

_DEPTH = 3


def structures(service: Service, root: str | None) -> Iterator[tuple[tuple[str, ...], StructureShape]]:
    """The structures of a document that no list leads to, each with its path; those near the root first."""
    level: list[tuple[tuple[str, ...], str]] = [((), root)] if root else []
    for _ in range(_DEPTH):
        below: list[tuple[tuple[str, ...], str]] = []
        for path, name in level:
            shape = service.shapes.get(name)
            if not isinstance(shape, StructureShape) or shape.event_stream:
                continue
            yield path, shape
            below += [((*path, inner), member.target) for inner, member in shape.members.items()]
        level = below


def elements_of(service: Service, operation: Operation) -> Iterator[StructureShape]:
    """The structures that the lists at the root of an answer are of."""
    for member in service.structure(operation.output).members.values():
        shape = service.shape(member.target)
        element = service.shape(shape.member.target) if isinstance(shape, ListShape) else None
        if isinstance(element, StructureShape):
            yield element
