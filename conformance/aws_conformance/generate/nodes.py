"""A JSON Schema read once into a tree of nodes that generators can walk without asking again.

It owns the reading of the keywords that matter for making instances. It refuses to know how choices
are made (choices.py) and where a schema comes from: an edited schema makes edited instances.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..spec import patterns

__all__ = [
    "AnyNode",
    "BlobNode",
    "BooleanNode",
    "EnumNode",
    "IntegerNode",
    "ListNode",
    "MapNode",
    "Node",
    "NumberNode",
    "ObjectNode",
    "RefNode",
    "StringNode",
    "TimestampNode",
    "Tree",
    "compile_schema",
]


@dataclass(frozen=True, slots=True)
class ObjectNode:
    properties: Mapping[str, Node]
    required: frozenset[str]
    closed: bool
    union: bool


@dataclass(frozen=True, slots=True)
class MapNode:
    keys: Node
    values: Node
    min: int
    max: int | None


@dataclass(frozen=True, slots=True)
class ListNode:
    items: Node
    min: int
    max: int | None


@dataclass(frozen=True, slots=True)
class StringNode:
    """Text; `source` is the pattern of its language in AWS's or JSON Schema's dialect, None for any text."""

    source: str | None
    min: int
    max: int | None


@dataclass(frozen=True, slots=True)
class EnumNode:
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class IntegerNode:
    """A whole number; `modelled` tells which bounds the model states, rather than the type's width."""

    low: int
    high: int
    modelled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NumberNode:
    """A number; `texts` if what JSON has no number for may stand there as text."""

    low: float | None
    high: float | None
    texts: bool = False


@dataclass(frozen=True, slots=True)
class BooleanNode:
    pass


@dataclass(frozen=True, slots=True)
class BlobNode:
    """Bytes as base64 text; bounds count bytes."""

    min: int
    max: int | None


@dataclass(frozen=True, slots=True)
class TimestampNode:
    form: str


@dataclass(frozen=True, slots=True)
class AnyNode:
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class RefNode:
    """A definition, by name: schemas are recursive."""

    name: str


Node: TypeAlias = (
    ObjectNode
    | MapNode
    | ListNode
    | StringNode
    | EnumNode
    | IntegerNode
    | NumberNode
    | BooleanNode
    | BlobNode
    | TimestampNode
    | AnyNode
    | RefNode
)


@dataclass(frozen=True, slots=True)
class Tree:
    """A schema's nodes: its root and its definitions."""

    root: Node
    definitions: Mapping[str, Node] = field(default_factory=dict)

    def resolve(self, node: Node) -> Node:
        """The node itself, or what a reference names, however many references deep."""
        while isinstance(node, RefNode):
            node = self.definitions[node.name]
        return node


def compile_schema(schema: Mapping[str, Any]) -> Tree:
    """The tree of a schema such as spec/schema writes; plain JSON Schema of the same keywords will do."""
    definitions = {name: _node(item) for name, item in schema.get("$defs", {}).items()}
    return Tree(_node(schema), definitions)


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
            return ListNode(items, schema.get("minItems", 0), schema.get("maxItems"))
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
    if source is not None and (pattern is None or patterns.translate(source) == pattern):
        return str(source) if pattern is not None else None
    return pattern
