# SPDX-License-Identifier: Apache-2.0
"""JSON Schema to the tree of nodes that generators walk.

It owns the reading of a schema's keywords. It refuses to know what is generated from the tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..spec.patterns.translate import translate
from .nodes import (
    AnyNode,
    BlobNode,
    BooleanNode,
    EnumNode,
    IntegerNode,
    ListNode,
    MapNode,
    Node,
    NumberNode,
    ObjectNode,
    RefNode,
    StringNode,
    TimestampNode,
    Tree,
    heights_of,
)

__all__ = ["compile_schema"]


def compile_schema(schema: Mapping[str, Any]) -> Tree:
    """The tree of a schema such as spec/schema writes; plain JSON Schema of the same keywords will do."""
    definitions = {name: _node(item) for name, item in schema.get("$defs", {}).items()}
    return Tree(_node(schema), definitions, heights_of(definitions))


def _node(schema: Mapping[str, Any] | bool) -> Node:
    if isinstance(schema, bool):
        return AnyNode()
    if "$ref" in schema:
        return RefNode(str(schema["$ref"]).rpartition("/")[2])
    if "then" in schema:
        # A sparse collection's element: null or this; the value itself is what there is to generate.
        return _node(schema["then"])
    if "enum" in schema:
        return EnumNode(tuple(schema["enum"]))
    if "x-aws-timestamp-format" in schema:
        return TimestampNode(schema["x-aws-timestamp-format"])
    return _node_of_type(schema)


def _node_of_type(schema: Mapping[str, Any]) -> Node:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    match kind:
        case "object" if "properties" in schema or schema.get("additionalProperties") is False:
            return _object(schema)
        case "object":
            return MapNode(
                _node(schema.get("propertyNames", {"type": "string"})),
                _node(schema.get("additionalProperties", True)),
                schema.get("minProperties", 0),
                schema.get("maxProperties"),
            )
        case "array":
            items = _node(schema.get("items", True))
            unique = schema.get("uniqueItems", False)
            return ListNode(items, schema.get("minItems", 0), schema.get("maxItems"), unique)
        case "string" if schema.get("contentEncoding") == "base64":
            return BlobNode(schema.get("x-aws-min-bytes", 0), schema.get("x-aws-max-bytes"))
        case "string":
            return StringNode(_source(schema), schema.get("minLength", 0), schema.get("maxLength"))
        case "integer":
            width = 2**31 if schema.get("x-aws-type") == "integer" else 2**63
            low, high = schema.get("minimum", -width), schema.get("maximum", width - 1)
            modelled = schema.get("x-aws-modelled", [key for key in ("minimum", "maximum") if key in schema])
            return IntegerNode(int(low), int(high), frozenset(modelled))
        case "number":
            texts = "string" in schema["type"]
            return NumberNode(schema.get("minimum"), schema.get("maximum"), texts)
        case "boolean":
            return BooleanNode()
        case _:
            return AnyNode()


def _object(schema: Mapping[str, Any]) -> ObjectNode:
    properties = {name: _node(item) for name, item in schema.get("properties", {}).items()}
    union = schema.get("minProperties") == 1 == schema.get("maxProperties")
    closed = schema.get("additionalProperties") is False
    return ObjectNode(properties, frozenset(schema.get("required", ())), closed, union)


def _source(schema: Mapping[str, Any]) -> str | None:
    """The pattern to generate from: AWS's own, unless `pattern` was edited and says something else.

    AWS's source is preferred because its ambiguities (what \\w means) are gone from the translation.
    """
    pattern, source = schema.get("pattern"), schema.get("x-aws-pattern")
    if source is not None and (pattern is None or translate(source) == pattern):
        return str(source) if pattern is not None else None
    return pattern
