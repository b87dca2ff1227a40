# SPDX-License-Identifier: Apache-2.0
"""The enumerated instances of a schema: every place of it once, with each boundary value of that place.

It owns what a place (Site) is and the smallest document around it. It needs no randomness, so the same
schema has the same instances in the same order for ever, and refuses to know what is done with them.
"""

from __future__ import annotations

import base64
import functools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from ..choices import RecordedChoices
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
    ScalarNode,
    StringNode,
    TimestampNode,
    Tree,
)
from .places import Pointer, Site
from .values import generate_node, minimal, simplest_keys, text_language

__all__ = [
    "WIDTHS",
    "Boundary",
    "boundaries",
    "distinct_sites",
    "document_at",
    "generalised",
    "pointer_text",
    "sites",
    "value_at",
]

# Longer texts and collections are possible but say nothing more about a target than that it has a limit.
_LONGEST_TEXT = 131_072
_LONGEST_COLLECTION = 1_000
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Boundary:
    """A valid document that holds one boundary value at one place; `shape` is that of the place.

    `extreme` tells that the type's width bounds the value and the model does not: services have bounds of
    their own.
    """

    pointer: Pointer
    label: str
    document: Any
    extreme: bool = False
    shape: str = ""


# What 32 and 64 bits hold: no bound that a service chose.
WIDTHS = frozenset({-(2**31), 2**31 - 1, -(2**63), 2**63 - 1})


def _is_extreme(node: Node, label: str) -> bool:
    if not isinstance(node, IntegerNode):
        return False
    return {"minimum": node.low, "maximum": node.high}.get(label) in WIDTHS


def pointer_text(pointer: Pointer) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def generalised(pointer: Pointer) -> Pointer:
    """A site's pointer with `*` for a list's element and a map's value."""
    return tuple("*" if step in (0, "") else step for step in pointer)


def sites(tree: Tree) -> Iterator[Site]:
    """Every place, parents before children; a recursive definition is entered twice on one way down."""
    yield from _sites(tree, tree.root, (), True, ())


def _sites(
    tree: Tree, node: Node, pointer: Pointer, required: bool, entered: tuple[str, ...]
) -> Iterator[Site]:
    if isinstance(node, RefNode):
        if entered.count(node.name) >= 2 or len(pointer) > _DEEPEST:
            return
        entered = (*entered, node.name)
    resolved = tree.resolve(node)
    yield Site(pointer, resolved, required, _definition(node))
    for step, item, needed in _within(resolved):
        yield from _sites(tree, item, (*pointer, step), needed, entered)


def distinct_sites(tree: Tree) -> Iterator[Site]:
    """The places nearest to the root at which each definition is met, and all members of the root.

    What contains other places is entered where it is met first, so a shape that is deep in a tree in a
    hundred places is there once. Scalars are there at each place of what is entered.
    """
    entered: set[str] = set()
    waiting: deque[tuple[Pointer, Node, bool]] = deque([((), tree.root, True)])
    while waiting:
        pointer, node, required = waiting.popleft()
        name, resolved = _definition(node), tree.resolve(node)
        known = bool(name) and name in entered
        if known and len(pointer) > 1:
            continue
        yield Site(pointer, resolved, required, name)
        if known or len(pointer) > _DEEPEST:
            continue
        within = [((*pointer, step), item, needed) for step, item, needed in _within(resolved)]
        if within and name:
            entered.add(name)
        waiting.extend(within)


def _definition(node: Node) -> str:
    return node.name if isinstance(node, RefNode) else ""


def _within(node: Node) -> list[tuple[str | int, Node, bool]]:
    """What a node holds: the step to it, its node, and whether it has to be there."""
    match node:
        case ObjectNode(properties=properties, required=names):
            return [(name, item, name in names) for name, item in properties.items()]
        case ListNode(items=items):
            return [(0, items, True)]
        case MapNode(values=values):
            return [("", values, True)]
        case _:
            return []


def document_at(tree: Tree, pointer: Pointer, value: Any) -> Any:
    """The smallest document that holds `value` at `pointer`; valid wherever `value` is."""
    return _around(tree, tree.root, pointer, value)


def _around(tree: Tree, node: Node, pointer: Pointer, value: Any) -> Any:
    if not pointer:
        return value
    step, rest = pointer[0], pointer[1:]
    resolved = tree.resolve(node)
    match resolved:
        case ObjectNode(properties=properties):
            inner = _around(tree, properties[str(step)], rest, value)
            base = {} if resolved.union else minimal(tree, resolved)
            members = {**base, str(step): inner}
            return {name: members[name] for name in properties if name in members}
        case ListNode(items=items, min=least):
            inner = _around(tree, items, rest, value)
            return [inner, *(minimal(tree, items) for _ in range(least - 1))]
        case MapNode(values=values, min=least):
            keys = simplest_keys(tree, resolved, max(1, least))
            inner = _around(tree, values, rest, value)
            return {key: inner if index == 0 else minimal(tree, values) for index, key in enumerate(keys)}
        case _:
            raise LookupError(f"{pointer_text(pointer)} leads below a {type(resolved).__name__}")


def value_at(document: Any, pointer: Pointer) -> Any:
    """What a document made by `document_at` holds at a site's pointer ("" is a map's first value)."""
    for step in pointer:
        document = next(iter(document.values())) if step == "" else document[step]
    return document


def boundaries(tree: Tree, places: Iterable[Site] | None = None) -> Iterator[Boundary]:
    """Each boundary of each place once; first the smallest document and the one with every member.

    `places` are the places to go through, all of the tree if left out.
    """
    smallest = minimal(tree, tree.root)
    for site in sites(tree) if places is None else places:
        for label, value in _values(tree, site.node):
            document = document_at(tree, site.pointer, value)
            if label == "minimal" and site.pointer and document == smallest:
                # A required structure's least is in the smallest document already.
                continue
            yield Boundary(site.pointer, label, document, _is_extreme(site.node, label), site.shape)


def _values(tree: Tree, node: Node) -> Iterator[tuple[str, Any]]:
    """The boundary values of a node, each with its label."""
    match node:
        case ObjectNode():
            return _objects(tree, node)
        case ListNode():
            return _lists(tree, node)
        case MapNode():
            return _maps(tree, node)
        case RefNode():
            return _values(tree, tree.resolve(node))
        case _:
            return _scalars(tree, node)


def _scalars(tree: Tree, node: ScalarNode) -> Iterator[tuple[str, Any]]:
    match node:
        case StringNode():
            yield from _texts(node)
        case EnumNode(values=values):
            yield from ((f"enum {value}", value) for value in values)
        case IntegerNode(low=low, high=high):
            yield "minimum", low
            if high != low:
                yield "maximum", high
        case NumberNode():
            yield from _numbers(node)
        case BooleanNode():
            yield "false", False
            yield "true", True
        case BlobNode(min=least, max=most):
            yield "shortest", base64.b64encode(bytes(least)).decode("ascii")
            if most is not None and most != least and most <= _LONGEST_TEXT:
                yield "longest", base64.b64encode(bytes(most)).decode("ascii")
        case TimestampNode():
            yield "epoch", minimal(tree, node)
            yield "milliseconds", generate_node(tree, node, RecordedChoices((1_700_000_000, 1, 81)), 0)
        case AnyNode():
            yield "object", {}
            yield "text", "text"
        case _:
            assert_never(node)


def _objects(tree: Tree, node: ObjectNode) -> Iterator[tuple[str, Any]]:
    smallest = minimal(tree, node)
    yield "minimal", smallest
    if node.union or len(smallest) == len(node.properties):
        return
    yield "all members", {name: minimal(tree, item) for name, item in node.properties.items()}


def _counts(least: int, most: int | None) -> Iterator[tuple[str, int]]:
    yield "fewest", least
    if most is not None and most != least and most <= _LONGEST_COLLECTION:
        yield "most", most
    elif most is None:
        yield "two", least + 2


def _lists(tree: Tree, node: ListNode) -> Iterator[tuple[str, Any]]:
    for label, count in _counts(node.min, node.max):
        yield label, [minimal(tree, node.items) for _ in range(count)]


def _maps(tree: Tree, node: MapNode) -> Iterator[tuple[str, Any]]:
    for label, count in _counts(node.min, node.max):
        keys = simplest_keys(tree, node, count)
        if len(keys) == count:
            yield label, {key: minimal(tree, node.values) for key in keys}
    if node.min <= 1 and (node.max is None or node.max > 0):
        for label, key in _values(tree, node.keys):
            yield f"key {label}", {str(key): minimal(tree, node.values)}


@functools.lru_cache(maxsize=8192)
def _texts(node: StringNode) -> tuple[tuple[str, Any], ...]:
    """The shortest and the longest text of a node; one shape stands in many places."""
    language = text_language(node)
    limit = node.min + 64 if node.max is None else min(node.max, _LONGEST_TEXT)
    lengths = language.lengths(node.min, limit)
    if lengths is None:
        return ()
    shortest, longest = lengths
    first = ("shortest", language.positive_of_length(RecordedChoices(()), shortest))
    if longest == shortest or node.max is None:
        return (first,)
    return (first, ("longest", language.positive_of_length(RecordedChoices(()), longest)))


def _numbers(node: NumberNode) -> Iterator[tuple[str, Any]]:
    if node.low is not None:
        yield "minimum", node.low
    if node.high is not None and node.high != node.low:
        yield "maximum", node.high
    if node.low is None and node.high is None:
        yield "fraction", -1.5
