# SPDX-License-Identifier: Apache-2.0
"""Documents written as XML elements by their shapes; what does not fit is written as near as may be.

It owns the direction from values to text. It refuses to judge: negatives are written by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...spec.shapes import ListShape, MapShape, Member, Service, StructureShape, XmlNamespace
from ..lexical import write_text
from .plans import Field, item_name, key_name, plan_of, value_name
from .text import escape_text, write_element

__all__ = ["write_content", "write_members", "write_structure"]


def write_structure(
    service: Service, shape: str, tag: str, value: Any, namespace: XmlNamespace | None = None
) -> str:
    """An element with the members of a value of that structure; any other value as text."""
    own = namespace or service.structure(shape).xml_namespace
    if not isinstance(value, dict):
        return write_element(tag, escape_text(write_text(value)), namespace=own)
    attributes = [
        (field.name, write_text(value[field.member.name]))
        for field in plan_of(service, shape).attributes.values()
        if value.get(field.member.name) is not None
    ]
    return write_element(tag, write_members(service, shape, value), namespace=own, attributes=attributes)


def write_content(service: Service, shape: str, value: Any) -> str:
    """What stands within the element of a structure: elements of members, or text for any other value."""
    return write_members(service, shape, value) if isinstance(value, dict) else escape_text(write_text(value))


def write_members(service: Service, shape: str, value: Mapping[str, Any]) -> str:
    """The elements of a structure's members, without one around them; null is no element."""
    plan = plan_of(service, shape)
    parts: list[str] = []
    for name, field in plan.fields.items():
        item = value.get(name)
        if item is not None and not field.member.xml_attribute:
            parts += _field(service, field, item)
    for name, item in value.items():
        if name not in plan.fields:
            parts.append(write_element(name, escape_text(write_text(item))))
    return "".join(parts)


def _field(service: Service, field: Field, value: Any) -> Iterator[str]:
    match field.shape, value:
        case ListShape(member=member), list() if field.flattened:
            for item in value:
                yield _value(service, member, field.name, item, field.namespace)
        case MapShape(), dict() if field.flattened:
            for key, item in value.items():
                content = _entry(service, field.shape, key, item)
                yield write_element(field.name, content, namespace=field.namespace)
        case _:
            yield _value(service, field.member, field.name, value, field.namespace)


def _value(service: Service, member: Member, tag: str, value: Any, namespace: XmlNamespace | None) -> str:
    shape = service.shape(member.target)
    match shape, value:
        case StructureShape(), _:
            return write_structure(service, shape.name, tag, value, namespace)
        case ListShape(member=inner), list():
            name = item_name(shape)
            items = (_value(service, inner, name, item, inner.xml_namespace) for item in value)
            return write_element(tag, "".join(items), namespace=namespace)
        case MapShape(), dict():
            entries = (
                write_element("entry", _entry(service, shape, key, item)) for key, item in value.items()
            )
            return write_element(tag, "".join(entries), namespace=namespace)
        case _:
            return write_element(tag, escape_text(write_text(value)), namespace=namespace)


def _entry(service: Service, shape: MapShape, key: str, value: Any) -> str:
    written = write_element(key_name(shape), escape_text(key), namespace=shape.key.xml_namespace)
    return written + _value(service, shape.value, value_name(shape), value, shape.value.xml_namespace)
