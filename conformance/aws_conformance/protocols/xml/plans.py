# SPDX-License-Identifier: Apache-2.0
"""How structures are written as XML: the names and places of their members, made once for each structure.

It owns the reading of the model's XML traits. It refuses to know values and text.

Sources: Smithy, XML binding traits; botocore's parser for lists that are flat by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...spec.shapes import ListShape, MapShape, Member, Service, Shape, StructureShape, XmlNamespace

__all__ = [
    "ANY_NAMESPACE",
    "Field",
    "StructurePlan",
    "flat_name",
    "item_name",
    "key_name",
    "plan_of",
    "value_name",
]

ANY_NAMESPACE = "*"


@dataclass(frozen=True, slots=True)
class Field:
    """A member with its shape and the name that it has in XML."""

    member: Member
    shape: Shape
    name: str
    flattened: bool
    namespace: XmlNamespace | None


@dataclass(frozen=True, slots=True)
class StructurePlan:
    """The members of a structure: in the order in which they are written, and by their names in XML.

    Attributes are by local name and namespace. `twins` are members that share the elements of a list: what is
    alone in it, of a time when there was but one.
    """

    shape: StructureShape
    fields: Mapping[str, Field]
    elements: Mapping[str, Field]
    twins: Mapping[str, Field]
    attributes: Mapping[tuple[str, str | None], Field]


def item_name(shape: ListShape) -> str:
    """The name of an element of a list that is not flattened."""
    return shape.member.location_name or "member"


def key_name(shape: MapShape) -> str:
    """The name of the key within an entry of a map."""
    return shape.key.location_name or "key"


def value_name(shape: MapShape) -> str:
    """The name of the value within an entry of a map."""
    return shape.value.location_name or "value"


def flat_name(shape: Shape) -> str | None:
    """The name that a list gives to its elements wherever it stands, if it is flat by itself (SimpleDB).

    Where only a member is flattened, the elements have the member's name, and theirs says nothing.
    """
    return shape.member.location_name if isinstance(shape, ListShape) and shape.flattened else None


def plan_of(service: Service, name: str) -> StructurePlan:
    """The plan of the structure of that name."""
    plans = service.derived(_plans)
    if name not in plans:
        plans[name] = _plan(service, service.structure(name))
    return plans[name]


def _plans(_: Service) -> dict[str, StructurePlan]:
    return {}


def _plan(service: Service, shape: StructureShape) -> StructurePlan:
    ordered = [name for name in shape.xml_order if name in shape.members]
    names = dict.fromkeys([*ordered, *shape.members])
    fields = {name: _field(service, shape.members[name]) for name in names}
    elements: dict[str, Field] = {}
    twins: dict[str, Field] = {}
    attributes = {}
    for field in fields.values():
        if field.member.xml_attribute:
            prefix, _, local = field.name.rpartition(":")
            namespace = shape.xml_namespace
            qualified = namespace is not None and namespace.prefix == prefix
            # A prefix that only the member's reference declares may stand for any namespace.
            uri = namespace.uri if namespace is not None and qualified else ANY_NAMESPACE if prefix else None
            attributes[local, uri] = field
        elif field.name in elements:
            pair = sorted((elements[field.name], field), key=lambda member: not member.flattened)
            elements[field.name], twins[field.name] = pair
        else:
            elements[field.name] = field
    return StructurePlan(shape, fields, elements, twins, attributes)


def _field(service: Service, member: Member) -> Field:
    shape = service.shape(member.target)
    flattened = member.flattened and isinstance(shape, ListShape | MapShape)
    namespaced = shape.member if flattened and isinstance(shape, ListShape) else member
    name = flat_name(shape) or member.location_name or member.name
    return Field(member, shape, name, flattened, namespaced.xml_namespace)
