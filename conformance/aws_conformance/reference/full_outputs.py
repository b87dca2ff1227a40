# SPDX-License-Identifier: Apache-2.0
"""A schema of outputs made over for stubs: as documented, and as full as answers can be.

It owns that transformation of schemas: advisory constraints assert, every member is there, no list is
empty, no page is followed by another. It refuses to know what is generated from the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["full_schema", "hoisted"]

# Members by which an answer says that there is more to ask for. A consumer would ask for ever.
_MORE = re.compile(r"(?i)^(next|pagination|continuation).*(token|marker|key)$|^(next)?marker$|^nextpage.*$")
_TRUNCATED = re.compile(r"(?i)^(is)?truncated$|^has_?more.*$")
# Documents of more values than this are of no use to a reader, and slow to make.
_LARGEST = 2_000


def hoisted(schema: Any) -> Any:
    """The schema with what `x-aws-advisory` only remarks asserted."""
    if isinstance(schema, Mapping):
        result = {key: hoisted(value) for key, value in schema.items() if key != "x-aws-advisory"}
        return result | dict(schema.get("x-aws-advisory", {}))
    if isinstance(schema, list):
        return [hoisted(item) for item in schema]
    return schema


def full_schema(schema: Mapping[str, Any], *, advisory: bool = True) -> dict[str, Any]:
    """The schema of the fullest answers; all of them are valid by the schema that it is made of.

    With `advisory` they keep to documented patterns, lengths and ranges of outputs too.
    """
    result: dict[str, Any] = hoisted(schema) if advisory else dict(schema)
    definitions: dict[str, Any] = result.get("$defs", {})
    reach = {name: _reached(definitions, name) for name in definitions}
    sizes: dict[str, int] = {}
    for name in definitions:
        _size(definitions, reach, name, sizes)
    full = {name: _full(item, name, reach, sizes) for name, item in definitions.items()}
    return {**result, "$defs": full} if definitions else result


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield str(schema["$ref"]).rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _references(item)


def _reached(definitions: Mapping[str, Any], root: str) -> frozenset[str]:
    """The definitions that one leads to; itself only if it is recursive."""
    reached: set[str] = set()
    left = list(_references(definitions[root]))
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(_references(definitions[name]))
    return frozenset(reached)


def _size(
    definitions: Mapping[str, Any], reach: Mapping[str, frozenset[str]], name: str, sizes: dict[str, int]
) -> int:
    """About how many values the fullest instance of a definition has; recursion is entered once."""
    if name not in sizes:
        inner = [
            other for other in _references(definitions[name]) if name not in reach[other] and other != name
        ]
        sizes[name] = 1 + sum(_size(definitions, reach, other, sizes) for other in inner)
    return sizes[name]


def _full(
    schema: Mapping[str, Any], name: str, reach: Mapping[str, frozenset[str]], sizes: Mapping[str, int]
) -> dict[str, Any]:
    def bounded(inner: Any) -> bool:
        names = list(_references(inner))
        return all(
            name not in reach[target] and target != name and sizes[target] <= _LARGEST for target in names
        )

    result = dict(schema)
    properties: Mapping[str, Any] = schema.get("properties", {})
    if properties and not schema.get("x-aws-union"):
        required = list(schema.get("required", ()))
        chosen = {key: item for key, item in properties.items() if key in required or not _MORE.match(key)}
        result["properties"] = {
            key: {**item, "enum": [False]} if _TRUNCATED.match(key) and key not in required else item
            for key, item in chosen.items()
        }
        result["required"] = [
            key
            for key, item in chosen.items()
            if key in required or (bounded(item) and not item.get("deprecated"))
        ]
    most = schema.get("maxItems")
    if schema.get("type") == "array" and (most is None or most > 0) and bounded(schema.get("items", {})):
        result["minItems"] = max(1, schema.get("minItems", 0))
    return result
