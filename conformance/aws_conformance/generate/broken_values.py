# SPDX-License-Identifier: Apache-2.0
"""Values that break what one node of a tree asks for, by kind of node: the rows of one table.

It owns the values and their order. It refuses to know where in a document they stand (mutations.py).
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from ..choices import Choices, RecordedChoices
from ..spec.shapes import UNKNOWN_MEMBER
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
)
from .places import Site
from .values import minimal, simplest_keys, text_language

__all__ = ["NODE_KINDS", "BrokenValue", "broken_values"]

_LONGEST_TEXT = 131_072

_MOST_ITEMS = 1_001


@dataclass(frozen=True, slots=True)
class BrokenValue:
    """A broken value for a place, or the removal of the member of that name."""

    keyword: str
    value_class: str
    bound: str
    value: Any
    remove: str | None = None


NODE_KINDS: dict[type, str] = {
    ObjectNode: "structure",
    MapNode: "map",
    ListNode: "list",
    StringNode: "string",
    EnumNode: "string",
    IntegerNode: "integer",
    NumberNode: "number",
    BooleanNode: "boolean",
    BlobNode: "blob",
    TimestampNode: "timestamp",
    AnyNode: "document",
}


# A specimen of each JSON type, by the name under which reports speak of it.
_SPECIMENS: tuple[tuple[str, Any], ...] = (
    ("string", "not-of-this-type"),
    ("number", 12),
    ("boolean", True),
    ("array", []),
    ("object", {}),
)


# A value that no enumeration is expected to list.
_UNLISTED = "NOT_ONE_OF_THEM"

_OWN: dict[str, frozenset[str]] = {
    "structure": frozenset({"object"}),
    "map": frozenset({"object"}),
    "list": frozenset({"array"}),
    "string": frozenset({"string"}),
    "blob": frozenset({"string"}),
    "integer": frozenset({"number"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "document": frozenset(name for name, _ in _SPECIMENS),
}


def broken_values(tree: Tree, site: Site, healthy: Any, choices: Choices | None) -> Iterator[BrokenValue]:
    """Everything that can be broken at one place, where `healthy` is the valid value that stands there.

    Without `choices` the broken values are always the same.
    """
    yield from _wrong_types(site)
    yield from _wrong_values(tree, site.node, healthy, choices)


def _wrong_types(site: Site) -> tuple[BrokenValue, ...]:
    node = site.node
    holder = "required" if site.required else "optional"
    if site.pointer and site.pointer[-1] in (0, "", "*"):
        holder = "element"
    return _of_other_types(
        NODE_KINDS[type(node)],
        node.form if isinstance(node, TimestampNode) else "",
        isinstance(node, NumberNode) and node.texts,
        holder if site.pointer else "",
    )


@functools.cache
def _of_other_types(kind: str, form: str, texts: bool, holder: str) -> tuple[BrokenValue, ...]:
    """Values of the types that a kind of place has not; `holder` is what null stands for, if it may stand."""
    own = _OWN.get(kind, frozenset())
    if form:
        own = frozenset({"number"}) if form == "unixTimestamp" else frozenset({"string"})
    broken = []
    for name, specimen in _SPECIMENS:
        if name in own:
            continue
        if name == "string" and texts:
            # Three texts stand for what JSON has no number for; any other is of the right type.
            broken.append(BrokenValue("pattern", name, "NaN | Infinity | -Infinity", specimen))
        else:
            broken.append(BrokenValue("type", name, kind, specimen))
    if holder and kind != "document":
        broken.append(BrokenValue("type", f"null ({holder})", kind, None))
    return tuple(broken)


def _wrong_values(tree: Tree, node: Node, healthy: Any, choices: Choices | None) -> Iterator[BrokenValue]:
    """Values of the right type that break another keyword."""
    match node:
        case ObjectNode():
            yield from _object(tree, node, healthy)
        case ListNode():
            yield from _list(tree, node)
        case MapNode():
            yield from _map(tree, node, choices)
        case StringNode():
            yield from _string(node, choices)
        case EnumNode():
            yield from _enum(node)
        case IntegerNode():
            yield from _integer(node)
        case NumberNode():
            yield from _number(node)
        case BlobNode():
            yield from _blob(node)
        case TimestampNode():
            yield from _timestamp(node)
        case BooleanNode() | AnyNode() | RefNode():  # sites hold resolved nodes
            return
        case _:
            assert_never(node)


def _base64(size: int) -> str:
    return base64.b64encode(bytes(size)).decode("ascii")


def _object(tree: Tree, node: ObjectNode, healthy: Any) -> Iterator[BrokenValue]:
    value = healthy if isinstance(healthy, dict) else {}
    if node.union:
        others = [name for name in node.properties if name not in value]
        if others and value:
            both = {**value, others[0]: minimal(tree, node.properties[others[0]])}
            yield BrokenValue("maxProperties", "two members", "one member of a union", both)
        yield BrokenValue("minProperties", "no member", "one member of a union", {})
    for name in node.properties:
        if name in node.required and name in value:
            without = {key: item for key, item in value.items() if key != name}
            yield BrokenValue("required", "missing", name, without, remove=name)
    if node.closed and not node.union:
        unknown = {**value, UNKNOWN_MEMBER: "unknown"}
        yield BrokenValue("additionalProperties", "unknown member", "modelled members", unknown)


def _list(tree: Tree, node: ListNode) -> Iterator[BrokenValue]:
    if node.min > 0:
        fewer = [minimal(tree, node.items) for _ in range(node.min - 1)]
        yield BrokenValue("minItems", "one less", str(node.min), fewer)
    if node.max is not None and node.max < _MOST_ITEMS:
        more = [minimal(tree, node.items) for _ in range(node.max + 1)]
        yield BrokenValue("maxItems", "one more", str(node.max), more)


def _key(node: Node, choices: Choices | None) -> Iterator[BrokenValue]:
    """What can be broken about a key, which is a text whatever else it is."""
    if isinstance(node, EnumNode):
        yield from _enum(node)
    elif isinstance(node, StringNode):
        yield from _string(node, choices)


def _enum(node: EnumNode) -> Iterator[BrokenValue]:
    if _UNLISTED not in node.values:
        yield BrokenValue("enum", "unlisted", " | ".join(map(str, node.values[:8])), _UNLISTED)


def _map(tree: Tree, node: MapNode, choices: Choices | None) -> Iterator[BrokenValue]:
    sizes = []
    if node.min > 0:
        sizes.append(("minProperties", "one less", node.min, node.min - 1))
    if node.max is not None and node.max < _MOST_ITEMS:
        sizes.append(("maxProperties", "one more", node.max, node.max + 1))
    for keyword, label, bound, count in sizes:
        keys = simplest_keys(tree, node, count)
        if len(keys) == count:
            entries = {key: minimal(tree, node.values) for key in keys}
            yield BrokenValue(keyword, label, str(bound), entries)
    if node.min <= 1 and (node.max is None or node.max > 0):
        value = minimal(tree, node.values)
        for broken in _key(tree.resolve(node.keys), choices):
            label = f"key {broken.value_class}"
            yield BrokenValue("propertyNames", label, broken.bound, {str(broken.value): value})


def _string(node: StringNode, choices: Choices | None) -> Iterable[BrokenValue]:
    return _simplest_broken(node) if choices is None else _broken_texts(node, choices)


@functools.lru_cache(maxsize=8192)
def _simplest_broken(node: StringNode) -> tuple[BrokenValue, ...]:
    """The broken texts of a shape, which stands in many places."""
    return tuple(_broken_texts(node, RecordedChoices(())))


def _broken_texts(node: StringNode, choices: Choices) -> Iterator[BrokenValue]:
    language = text_language(node)
    if node.min > 0:
        # Shorter, and still of the pattern's language; a pattern that needs a character has no such text.
        short = language.lengths(0, node.min - 1)
        if short is not None:
            text = language.positive_of_length(choices, short[1])
            yield BrokenValue("minLength", "shorter", str(node.min), text)
    if node.max is not None and node.max < _LONGEST_TEXT:
        long = language.lengths(node.max + 1, node.max + 64)
        if long is not None:
            text = language.positive_of_length(choices, long[0])
            yield BrokenValue("maxLength", "longer", str(node.max), text)
    if node.source is not None:
        most = min(node.max, 256) if node.max is not None else max(node.min + 16, 32)
        text_or_none = language.negative(choices, max(1, node.min), max(most, node.min, 1))
        if text_or_none is not None:
            yield BrokenValue("pattern", "no match", node.source, text_or_none)


def _integer(node: IntegerNode) -> Iterator[BrokenValue]:
    home = min(max(1, node.low), node.high)
    if home + 1 <= node.high or node.low < home:
        decimal = home + 0.5 if home < node.high else home - 0.5
        yield BrokenValue("type", "decimal", "integer", decimal)
    below = ("minimum", "below", node.low, node.low - 1)
    above = ("maximum", "above", node.high, node.high + 1)
    for keyword, label, bound, value in (below, above):
        # Beyond the width of the type there is no AWS answer on record: another class, judged apart.
        yield BrokenValue(keyword, label if keyword in node.modelled else "beyond width", str(bound), value)


def _number(node: NumberNode) -> Iterator[BrokenValue]:
    if node.low is not None:
        yield BrokenValue("minimum", "below", str(node.low), node.low - 1)
    if node.high is not None:
        yield BrokenValue("maximum", "above", str(node.high), node.high + 1)


def _blob(node: BlobNode) -> Iterator[BrokenValue]:
    if node.max is None or node.max > 0:
        # Of a length that the bounds allow.
        yield BrokenValue("pattern", "not base64", "base64", "*" + _base64(max(1, node.min))[1:])
    if node.min > 0:
        fewer = _base64(max(0, node.min - 3))
        yield BrokenValue("minLength", "one quantum less", f"{node.min} bytes", fewer)
    if node.max is not None and node.max <= _LONGEST_TEXT:
        yield BrokenValue("maxLength", "one quantum more", f"{node.max} bytes", _base64(node.max + 3))


def _timestamp(node: TimestampNode) -> Iterator[BrokenValue]:
    if node.form == "unixTimestamp":
        return
    yield BrokenValue("pattern", "not a timestamp", node.form, "not-a-timestamp")
    day = "2023-02-30T00:00:00Z" if node.form == "iso8601" else "Thu, 30 Feb 2023 00:00:00 GMT"
    yield BrokenValue("format", "no such day", node.form, day)
