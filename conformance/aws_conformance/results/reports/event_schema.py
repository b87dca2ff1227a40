# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of a line of NDJSON, made from the classes of events; published as schemas/events.json.

It owns how a field's type becomes a schema. It refuses to know any event by name, so that the schema can
not say anything else than what is written.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal

from ..events import Event, Violation, WaitStarted

__all__ = ["events_schema"]

_SIMPLE: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


def events_schema() -> dict[str, Any]:
    """The schema of one line: any event, named by its `@`."""
    definitions: dict[str, Any] = {}
    alternatives = [_of(cls, definitions) for cls in typing.get_args(Event) if cls is not WaitStarted]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aws-conformance:events",
        "title": "a line of an aws-conformance NDJSON report",
        "description": "The first line is a RunStarted; the last, unless the run was cut off, a RunFinished.",
        "oneOf": alternatives,
        "$defs": dict(sorted(definitions.items())),
    }


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if is_dataclass(hint) and isinstance(hint, type):
        return _reference(hint, definitions)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is Mapping:
        values = _of(arguments[1], definitions)
        return {"type": "object"} | ({"additionalProperties": values} if values else {})
    if origin in (types.UnionType, typing.Union):
        return {"oneOf": [_of(argument, definitions) for argument in arguments]}
    if hint is Any:
        return {}
    raise TypeError(f"no schema for {hint!r}")  # pragma: no cover - a test would see it


def _reference(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = typing.get_type_hints(cls)
        properties: dict[str, Any] = {"@": {"const": name}}
        properties |= {item.name: _of(hints[item.name], definitions) for item in fields(cls)}
        if cls is Violation:
            # Computed, and written for readers that are not ours.
            properties |= {
                "id": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
                "message": {"type": "string"},
            }
        definitions[name] = {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}
