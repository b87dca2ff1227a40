# SPDX-License-Identifier: Apache-2.0
"""Nodes become shapes, with names of their own and recursion tied back.

It owns how shapes are named (by their path from the operation, so that a name never depends on what
else stands on the page) and what a recursion points to. It refuses to know how a page is written.

A page tells a recursive structure twice and then writes `( ... recursive ... )`; a list or map that it has
told twice it leaves out without a word. So the second telling is recognised by comparing it with the
structures that it stands in, and replaced by the first; the marks below it then vanish.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ..shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)
from .nodes import CONTAINERS, RECURSIVE, STRUCTURES, Node, walk
from .source import fail

__all__ = ["Builder"]

_Ancestors = tuple[tuple[Node, str], ...]


@dataclass(slots=True)
class Builder:
    """Collects the shapes of one page; `warnings` says what had to be assumed.

    `tentative` names the shapes whose enum values stand in prose.
    """

    page: str
    lines: Sequence[str] = ()
    shapes: dict[str, Shape] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    tentative: set[str] = field(default_factory=set)

    def structure(self, name: str, members: Sequence[Node]) -> str:
        """The shape of a whole input or output; returns its name."""
        return self._shape(Node("", "structure", 0, tuple(members)), name, ())

    def _shape(self, node: Node, preferred: str, above: _Ancestors) -> str:
        if node.kind in CONTAINERS:
            for index in reversed(range(len(above))):
                first, name = above[index]
                # What is left out for recursion is a list or map that holds the structure both times. That a
                # structure has fewer members is no proof: a mark below it is, or the same text again.
                left_out = (
                    index > 0
                    and _holds(above[index - 1][0], above[-1][0])
                    and (any(below.kind == RECURSIVE for below in walk(node)) or self._same_text(node, first))
                )
                if _retold(node, first, left_out=left_out):
                    return name
            return self._container(node, preferred, above)
        if node.kind == RECURSIVE:
            raise fail(
                self.page,
                node.line,
                "a recursion that repeats a structure it stands in",
                "no such structure above it",
            )
        return self._scalar(node, preferred)

    def _same_text(self, second: Node, first: Node) -> bool:
        """Whether all that `second` holds is described in the words that `first` has for it."""
        first_children = {child.name: child for child in first.children}
        pairs = [
            (self._text(child), self._text(first_children[child.name]))
            for child in second.children
            if child.name in first_children
        ]
        return (
            bool(pairs) and all(mine == theirs for mine, theirs in pairs) and any(mine for mine, _ in pairs)
        )

    def _text(self, node: Node) -> str:
        # Renderings break lines and words by the room they have.
        return "".join("".join(self.lines[node.line : node.end]).split()).replace("-", "")

    def _container(self, node: Node, preferred: str, above: _Ancestors) -> str:
        name = self._free(preferred)
        # Reserved before its members are made: they may point back to it.
        self.shapes[name] = DocumentShape(name)
        below = (*above, (node, name)) if node.line else above
        facts = node.facts
        match node.kind:
            case "list":
                element = self._shape(self._element(node), f"{preferred}Element", below)
                self.shapes[name] = ListShape(
                    name, Member("member", element), _count(facts.min), _count(facts.max)
                )
            case "map":
                key, value = self._entry(node)
                self.shapes[name] = MapShape(
                    name,
                    Member("key", self._shape(key, f"{preferred}Key", below)),
                    Member("value", self._shape(value, f"{preferred}Value", below)),
                    _count(facts.min),
                    _count(facts.max),
                )
            case _:
                self.shapes[name] = StructureShape(
                    name,
                    MappingProxyType(
                        {child.name: self._member(child, preferred, below) for child in node.children}
                    ),
                    required=tuple(child.name for child in node.children if child.required),
                    union=node.kind == "union",
                )
        return name

    def _member(self, node: Node, owner: str, above: _Ancestors) -> Member:
        preferred = owner + node.name[:1].upper() + node.name[1:]
        return Member(
            node.name,
            self._shape(node, preferred, above),
            streaming=node.kind == "streaming blob",
            json_value=node.kind == "json",
        )

    def _element(self, node: Node) -> Node:
        if node.children:
            return node.children[0]
        return self._unknown(node, "element")

    def _entry(self, node: Node) -> tuple[Node, Node]:
        key = node.children[0] if node.children else Node("key", "string", node.line)
        return key, node.children[1] if len(node.children) > 1 else self._unknown(node, "value")

    def _unknown(self, node: Node, what: str) -> Node:
        self.warnings.append(f"Line {node.line}: the {node.kind}'s {what} is not told; any value is taken.")
        return Node(what, "document", node.line)

    def _scalar(self, node: Node, preferred: str) -> str:
        facts = node.facts
        # A shape without constraints of its own is shared, as models share their `String`.
        bare = not (facts.enum or facts.pattern or facts.min is not None or facts.max is not None)
        name = _SHARED[node.kind] if bare else self._free(preferred)
        if bare and name in self.shapes:
            return name
        match node.kind:
            case "string" | "json":
                shape: Shape = StringShape(
                    name, _count(facts.min), _count(facts.max), facts.pattern, facts.enum
                )
            case "blob" | "streaming blob":
                shape = BlobShape(
                    name, _count(facts.min), _count(facts.max), streaming=node.kind == "streaming blob"
                )
            case "boolean":
                shape = BooleanShape(name)
            case "integer":
                shape = IntegerShape(name, 32, facts.min, facts.max)
            case "long":
                shape = IntegerShape(name, 64, facts.min, facts.max)
            case "float":
                shape = FloatShape(name, 32, facts.min, facts.max)
            case "double":
                shape = FloatShape(name, 64, facts.min, facts.max)
            case "timestamp":
                shape = TimestampShape(name)
            case "document":
                shape = DocumentShape(name)
            case _:
                raise AssertionError(f"{node.kind} is no scalar")
        self.shapes[name] = shape
        if facts.enum and not facts.listed:
            self.tentative.add(name)
        return name

    def _free(self, preferred: str) -> str:
        name, number = preferred, 1
        while name in self.shapes:
            number += 1
            name = f"{preferred}{number}"
        return name


_SHARED = {
    "string": "String",
    "json": "JsonValue",
    "blob": "Blob",
    "streaming blob": "StreamingBlob",
    "boolean": "Boolean",
    "integer": "Integer",
    "long": "Long",
    "float": "Float",
    "double": "Double",
    "timestamp": "Timestamp",
    "document": "Document",
}


def _count(value: float | None) -> int | None:
    return None if value is None else int(value)


def _holds(outer: Node, inner: Node) -> bool:
    return outer.kind == inner.kind and outer.kind in ("list", "map")


def _retold(second: Node, first: Node, *, left_out: bool) -> bool:
    """Whether `second`, which stands inside `first`, tells the same shape again.

    `left_out` allows it to have fewer members than the first telling.
    """
    if second.kind != first.kind:
        return False
    if second.kind in STRUCTURES:
        if len(second.children) < len(first.children) and not left_out:
            return False
        return all(_retold_member(mine, theirs) for mine, theirs in _aligned(second, first))
    if len(second.children) < len(first.children):
        # Left out because it was described twice: only what holds it can be the shape it repeats.
        return second.children == () or all(
            mine.kind == theirs.kind for mine, theirs in zip(second.children, first.children, strict=False)
        )
    # A list or map that is described in full is a shape of its own; what recurs is the structure inside it.
    return False


def _aligned(second: Node, first: Node) -> Iterator[tuple[Node, Node | None]]:
    """Members of the second telling beside those of the first; None where there is no counterpart."""
    mine = iter(second.children)
    current = next(mine, None)
    for theirs in first.children:
        if current is not None and (
            current.name == theirs.name
            or (current.kind == RECURSIVE and not current.name and theirs.kind in STRUCTURES)
        ):
            yield current, theirs
            current = next(mine, None)
        elif theirs.kind not in ("list", "map"):
            yield theirs, None
            return
    if current is not None:
        yield current, None


def _retold_member(mine: Node, theirs: Node | None) -> bool:
    if theirs is None:
        return False
    if mine.kind == RECURSIVE:
        return theirs.kind in CONTAINERS or theirs.kind == RECURSIVE
    if mine.kind != theirs.kind:
        return False
    match mine.kind:
        case "structure" | "union":
            return all(_retold_member(a, b) for a, b in _aligned(mine, theirs))
        case "list" | "map":
            return len(mine.children) <= len(theirs.children) and all(
                _retold_member(a, b) for a, b in zip(mine.children, theirs.children, strict=False)
            )
        case _:
            return True
