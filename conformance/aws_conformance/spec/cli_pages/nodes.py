# SPDX-License-Identifier: Apache-2.0
"""What a page says of one member, before it becomes a shape.

It owns the tree that the readers of a page share (members.py from the nested lists, syntax.py from the
JSON Syntax) and that shapes are built of (build.py). It refuses to know any text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

__all__ = ["CONTAINERS", "RECURSIVE", "STRUCTURES", "TYPES", "Facts", "Node", "walk"]

#: Every type that a page has ever named, by the name used here.
TYPES: Final = {
    "string": "string",
    "character": "string",
    "char": "string",
    "integer": "integer",
    "int": "integer",
    "long": "long",
    "float": "float",
    "double": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "blob": "blob",
    "streaming blob": "streaming blob",
    "list": "list",
    "map": "map",
    "structure": "structure",
    "tagged union structure": "union",
    "document": "document",
    "JSON": "json",
}

STRUCTURES: Final = frozenset({"structure", "union"})
CONTAINERS: Final = STRUCTURES | {"list", "map"}

#: The kind of a node that stands for a shape described further up: `( ... recursive ... )`.
RECURSIVE: Final = "recursive"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the text below a member's header tells: enum values and constraints, and how surely.

    `listed` is True for values that the page lists by rule (`Possible values:`, JSON Syntax), and False
    for values that stand in prose.
    """

    enum: tuple[str, ...] = ()
    listed: bool = False
    min: float | None = None
    max: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A member: its name (empty for a list's element and an unnamed recursion), kind and what is below.

    `line` counts from 1; the lines after it up to `end` are the member's own text. `children` are a
    structure's members, a list's element or a map's key and value.
    """

    name: str
    kind: str
    line: int
    children: tuple[Node, ...] = ()
    required: bool = False
    facts: Facts = field(default_factory=Facts)
    end: int = 0


def walk(node: Node) -> Iterator[Node]:
    """The node and all that are below it, in the page's order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))
