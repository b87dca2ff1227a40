# SPDX-License-Identifier: Apache-2.0
"""Nested members: headers such as `Name -> (type)` become a tree.

It owns how deep a header is nested. It refuses to know what the text below a header means (prose.py).

Indentation is what nests, and only relative indentation counts: renderings indent by their own width, and
what stands in a member's text can move what follows. So a header is placed by its column relative to
the members that are open, and by what these can still hold (a scalar has no members, a list one element,
a map a key and a value), which wins over the column.

An option's first nested member is a case of its own: awscli writes it straight after the option's text,
so it may begin at any column, or stand at the end of a line of text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .nodes import CONTAINERS, RECURSIVE, STRUCTURES, TYPES, Node
from .prose import read_facts
from .source import PageSource, fail

__all__ = ["Header", "find_headers", "nest"]

_TYPE = "|".join(sorted(map(re.escape, TYPES), key=len, reverse=True))
_MARKER = r"\( \.\.\. recursive \.\.\. \)"
_HEADER = re.compile(
    rf"^(?P<indent> *)(?P<markers>(?:{_MARKER})*)"
    rf"(?:(?:(?P<name>\S+) -> )?\((?P<type>{_TYPE})\)(?P<required> \[required\])?)?$"
)
# awscli writes an option's first member straight after the option's text when that has no paragraphs.
_GLUED_ELEMENT = re.compile(rf"[^\s(]\((?P<type>{_TYPE})\)(?P<required> \[required\])?$")
_GLUED_MEMBER = re.compile(
    rf"(?P<name>[A-Za-z0-9_$-]+) -> \((?P<type>{_TYPE})\)(?P<required> \[required\])?$"
)
# A narrow rendering breaks a long header after its arrow, or within its type.
_BROKEN = re.compile(r"^( *\S+) +->(?: +(\([a-z ]*-?))?$")


@dataclass(frozen=True, slots=True)
class Header:
    """A member's header: `at` counts lines from 0, `end` is the first line after its text.

    `stuck` tells that the header stands on the line of the one before it, as its sibling.
    """

    at: int
    end: int
    column: int
    name: str
    kind: str
    required: bool = False
    stuck: bool = False


def find_headers(
    lines: Sequence[str], start: int, end: int, *, option: str = "", first: str | None = None
) -> list[Header]:
    """The headers between two lines, in order.

    `option` is the kind of the option that the lines belong to, if any, and `first` the name of its
    first member where the JSON Syntax tells it: both are needed to see a header that is glued to text.
    """
    headers: list[Header] = []
    number = start
    while number < end:
        line = lines[number].rstrip()
        at = number
        number += 1
        if not line.endswith((")", "]")):
            broken = _BROKEN.match(line) if "->" in line else None
            if broken is None or number == end:
                continue
            start_of_type = broken[2] or ""
            space = "" if not start_of_type or start_of_type.endswith("-") else " "
            line = f"{broken[1]} -> {start_of_type.rstrip('-')}{space}{lines[number].strip()}"
            number += 1
        match = _HEADER.match(line)
        if match is None or not (match["markers"] or match["type"]):
            glued = _glued(line, option, first) if option in CONTAINERS and not headers else None
            if glued is not None:
                headers.append(Header(at, end, 2, *glued))
            continue
        column = len(match["indent"])
        stuck = False
        for _ in range(match["markers"].count("...") // 2):
            headers.append(Header(at, end, column, "", RECURSIVE, stuck=stuck))
            stuck = True
        if match["type"]:
            headers.append(
                Header(
                    at,
                    end,
                    column,
                    match["name"] or "",
                    TYPES[match["type"]],
                    required=match["required"] is not None,
                    stuck=stuck,
                )
            )
    return [
        replace(header, end=headers[index + 1].at) if index + 1 < len(headers) else header
        for index, header in enumerate(headers)
    ]


def _glued(line: str, option: str, first: str | None) -> tuple[str, str, bool] | None:
    match = (_GLUED_ELEMENT if option == "list" else _GLUED_MEMBER).search(line)
    if match is None:
        return None
    name = "" if option == "list" else match["name"]
    if first and name.endswith(first):
        name = first
    elif option == "map" and name.endswith("key"):
        name = "key"
    return name, TYPES[match["type"]], match["required"] is not None


def nest(
    source: PageSource,
    headers: Sequence[Header],
    owner: str,
    *,
    in_option: bool = False,
    empty_first: bool = False,
) -> tuple[Node, ...]:
    """The headers as trees; `owner` names whose members these are, for messages.

    `in_option` says that the column of the first header means nothing, `empty_first` that the first is
    known to be a structure without members. Raises PageError at a header that no open member can hold.
    """
    if in_option and len(headers) > 1:
        first, second = headers[:2]
        inside = first.kind in CONTAINERS and not empty_first
        headers = [replace(first, column=second.column - inside), *headers[1:]]
    return _MemberTree(source, headers, _depths(headers), owner).level(0)


def _depths(headers: Sequence[Header]) -> list[int]:
    """How deep each header is, from its column and from what the open members can still hold."""
    depths: list[int] = []
    # For each open member: the column of its children, itself, and how many children it has.
    open_: list[tuple[int, Header, int]] = []
    for index, header in enumerate(headers):
        before = headers[index - 1] if index else None
        if before is None:
            depths.append(0)
            continue
        if not header.stuck and _opens(before, header):
            open_.append((header.column, before, 1))
            depths.append(len(open_))
            continue
        while open_ and (header.column < open_[-1][0] or _full(open_[-1])):
            open_.pop()
        if open_:
            column, parent, count = open_[-1]
            open_[-1] = (column, parent, count + 1)
        depths.append(len(open_))
    return depths


def _opens(before: Header, header: Header) -> bool:
    """Whether the header can only be, or by its column is, the first thing inside the one before it."""
    match before.kind:
        case "list":
            return not header.name
        case "map":
            return header.column > before.column or header.name == "key"
        case "structure" | "union":
            return header.column > before.column
        case _:
            return False


def _full(entry: tuple[int, Header, int]) -> bool:
    _, parent, count = entry
    return (parent.kind == "list" and count >= 1) or (parent.kind == "map" and count >= 2)


@dataclass(slots=True)
class _MemberTree:
    source: PageSource
    headers: Sequence[Header]
    depths: Sequence[int]
    owner: str
    position: int = 0

    def level(self, depth: int) -> tuple[Node, ...]:
        nodes: list[Node] = []
        while self.position < len(self.headers) and self.depths[self.position] >= depth:
            header = self.headers[self.position]
            if self.depths[self.position] > depth:
                raise self._misplaced(header, nodes)
            self.position += 1
            children = self.level(depth + 1) if header.kind in CONTAINERS else ()
            nodes.append(self._node(header, children))
        return tuple(nodes)

    def _node(self, header: Header, children: tuple[Node, ...]) -> Node:
        limit = {"list": 1, "map": 2}.get(header.kind)
        if limit is not None and len(children) > limit:
            raise fail(
                self.source.page,
                children[limit].line,
                f"no further member in the {header.kind} of line {header.at + 1}",
                _described(children[limit]),
            )
        if header.kind in STRUCTURES:
            for child in children:
                if not child.name and child.kind != RECURSIVE:
                    raise fail(
                        self.source.page,
                        child.line,
                        f"`Name -> ({child.kind})` in the structure of line {header.at + 1}",
                        _described(child),
                    )
        text = self.source.lines[header.at + 1 : header.end]
        return Node(
            header.name,
            header.kind,
            header.at + 1,
            children,
            header.required,
            read_facts(header.kind, text),
            header.end,
        )

    def _misplaced(self, header: Header, nodes: list[Node]) -> Exception:
        above = f"{nodes[-1].name or nodes[-1].kind} of line {nodes[-1].line}" if nodes else self.owner
        return fail(
            self.source.page,
            header.at + 1,
            f"a member beside or above {above}, which can hold none",
            f"{header.name or header.kind} below it",
        )


def _described(node: Node) -> str:
    return f"{node.name} -> ({node.kind})" if node.name else f"({node.kind})"
