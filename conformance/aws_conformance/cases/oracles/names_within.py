# SPDX-License-Identifier: Apache-2.0
"""Names that are told within a structure: a connection's is ConnectionInput.Name.

It owns where such a name stands, and that it is a new one whatever else the structure is told. It refuses to
know what is asked for by it (families.py, scripts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...spec.shapes import Operation, Service, StringShape, StructureShape
from ..symbols import value_at, with_value
from .words import is_naming, plain

__all__ = ["names_within", "places_of_names", "with_own_names"]


def names_within(
    service: Service, creator: Operation, noun: str, template: Mapping[str, Any]
) -> Iterator[str]:
    """Paths of names that have to be told within a structure that describes what is to be made."""
    structure, thing = service.structure(creator.input), plain(noun)
    for outer in structure.required:
        holder, described = service.shape(structure.members[outer].target), template.get(outer)
        if not isinstance(holder, StructureShape) or not isinstance(described, Mapping):
            continue
        about = plain(outer) in thing or thing in plain(outer)
        for name in holder.required:
            shape = service.shape(holder.members[name].target)
            text = isinstance(shape, StringShape) and not shape.enum and isinstance(described.get(name), str)
            if text and is_naming(name, noun) and (about or plain(name) != "name"):
                yield f"{outer}.{name}"


def places_of_names(naming: Iterable[str]) -> frozenset[str]:
    """The places in an input, as pointers, that names within structures have."""
    return frozenset(f"/{name.replace('.', '/')}" for name in naming if "." in name)


def with_own_names(
    inputs: Mapping[str, Any], naming: Iterable[str], template: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A creation's input with a name of its own, as the template has it, wherever another stands."""
    for path in (name for name in naming if "." in name):
        if isinstance(value_at(inputs, path.split(".")), str):
            inputs = with_value(inputs, path, value_at(template, path.split(".")))
    return inputs
