# SPDX-License-Identifier: Apache-2.0
"""A JSON Schema read once into a tree of nodes that generators can walk without asking again.

It owns what a node can be. It refuses to know how choices are made (choices.py) and how a schema is read
(compiler.py): an edited schema makes edited instances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

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
    "ScalarNode",
    "StringNode",
    "TimestampNode",
    "Tree",
    "height",
    "heights_of",
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
    """`unique`: no element occurs twice."""

    items: Node
    min: int
    max: int | None
    unique: bool = False


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


ScalarNode: TypeAlias = (
    StringNode | EnumNode | IntegerNode | NumberNode | BooleanNode | BlobNode | TimestampNode | AnyNode
)
"""What holds no other node."""

Node: TypeAlias = ObjectNode | ListNode | MapNode | RefNode | ScalarNode


@dataclass(frozen=True, slots=True)
class Tree:
    """A schema's nodes: its root and its definitions.

    `heights` tells of each definition how many levels its smallest instance has; what has none is not in it.
    """

    root: Node
    definitions: Mapping[str, Node] = field(default_factory=dict)
    heights: Mapping[str, int] = field(default_factory=dict)
    _remembered: dict[tuple[Callable[..., Any], int], tuple[Node, Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def remembered(self, node: Node, make: Callable[[Tree, Node], Any]) -> Any:
        """What `make` makes of a node, or of what it names, made at the first call and kept with the tree.

        Nodes are told apart by identity: to compare two of them is to walk all that they hold.
        """
        node = self.resolve(node)
        key = (make, id(node))
        known = self._remembered.get(key)
        if known is None:
            # The node is kept as well, so that its identity passes to no other.
            known = self._remembered[key] = (node, make(self, node))
        return known[1]

    def resolve(self, node: Node) -> Node:
        """The node itself, or what a reference names, however many references deep."""
        while isinstance(node, RefNode):
            node = self.definitions[node.name]
        return node

    def height(self, node: Node) -> float:
        """How many levels the smallest instance of a node has; infinite if it can't end."""
        return height(node, self.heights)


def height(node: Node, heights: Mapping[str, int]) -> float:
    """The levels of a node's smallest instance, by those of the definitions that are known to end."""
    match node:
        case RefNode(name=name):
            return heights.get(name, math.inf)
        case ObjectNode(properties=properties, union=True):
            return 1 + min((height(item, heights) for item in properties.values()), default=0)
        case ObjectNode(properties=properties, required=required):
            needed = (height(item, heights) for name, item in properties.items() if name in required)
            return 1 + max(needed, default=0)
        case ListNode(items=item, min=least) | MapNode(values=item, min=least):
            return 1 + (height(item, heights) if least else 0)
        case _:
            return 0


def heights_of(definitions: Mapping[str, Node]) -> dict[str, int]:
    """The heights of all definitions that have an instance that ends."""
    heights: dict[str, int] = {}
    while True:
        levels = {name: height(node, heights) for name, node in definitions.items()}
        known = {name: int(level) for name, level in levels.items() if level < math.inf}
        if known == heights:
            return heights
        heights = known
