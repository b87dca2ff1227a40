# SPDX-License-Identifier: Apache-2.0
"""The Options of a CLI reference page: which there are, and the node of each one's value.

It owns an option's header and what stands below it, in text and as JSON Syntax, which it joins. It refuses
to know which member an option fills.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import zip_longest

from .members import find_headers, nest
from .nodes import CONTAINERS, RECURSIVE, TYPES, Facts, Node
from .prose import read_facts
from .source import PageSource, fail
from .syntax import SynopsisItem, read_json_syntax, read_list_syntax

__all__ = ["read_options"]

_TYPE = "|".join(sorted(map(re.escape, TYPES), key=len, reverse=True))
_NAME = r"(?:``|\")?(?:--[A-Za-z0-9][\w.-]*|[A-Za-z][\w-]*)(?:``|\")?"
_OPTION = re.compile(
    rf"^ *(?P<names>{_NAME}(?: \| {_NAME})*) \((?P<type>{_TYPE})\)(?P<required> \[required\])?$"
)
# Text that is not indented (that of options which awscli adds, and text without paragraphs) is run into
# the header by a rendering.
_RUN_IN = re.compile(
    rf"^ *(?P<names>{_NAME}(?: \| {_NAME})*) \((?P<type>{_TYPE})\)(?P<required> \[required\])? "
)
_SPACES = re.compile(r"(?<=\S) {2,}")
_BLOCK = re.compile(r"^ *(?P<form>JSON Syntax|Shorthand Syntax|Syntax)::? *$")


def read_options(
    source: PageSource, synopsis: Sequence[SynopsisItem], warnings: list[str]
) -> list[tuple[SynopsisItem, Node]]:
    """The options in the page's order, each with the node of its value."""
    section = source.sections["options"]
    by_name = {name: item for item in synopsis for name in item.names}
    heads: list[tuple[int, SynopsisItem, str, bool]] = []
    for number in range(section.start, section.end):
        header = _option_header(source.lines, number, by_name)
        if header is None:
            continue
        names, kind, marked = header
        item = by_name.get(names[0])
        if item is None:
            if not names[0].startswith("--"):
                continue  # A word and a type in brackets: prose.
            if source.links:
                raise fail(source.page, number + 1, "an option that the Synopsis has", names[0], _COMPLETE)
            item = SynopsisItem(names, False, False, number + 1)
        heads.append((number, item, kind, marked))
    described = {name for _, item, _, _ in heads for name in item.names}
    for item in synopsis:
        # Options that every command has are in the Synopsis since 2022, under a heading of their own.
        if item.names[0] not in described | _GLOBAL:
            expected = f"the option {item.names[0]} below Options, as the Synopsis has it"
            # Commands of awscli's own, which have no Output, are free in both.
            if source.links or "output" in source.sections:
                raise fail(source.page, item.line, expected, "no such option")
            warnings.append(f"Line {item.line}: {item.names[0]} is not described.")
    nodes = []
    for index, (number, item, kind, marked) in enumerate(heads):
        end = heads[index + 1][0] if index + 1 < len(heads) else section.end
        if marked and not item.required:
            item = replace(item, required=True)
        nodes.append((item, _option_node(source, number, end, item, kind)))
    return nodes


def _option_header(
    lines: Sequence[str], number: int, known: Collection[str]
) -> tuple[tuple[str, ...], str, bool] | None:
    """Names, type and `[required]` of the option whose header begins in a line, if one does."""
    line = lines[number].rstrip()
    if "--" not in line and "(" not in line:
        return None
    match = _OPTION.match(line)
    if match is None:
        start = line.lstrip(' `"')
        if not start or (start[0] != "-" and start.split(" ")[0].strip('`"') not in known):
            return None
        line = _SPACES.sub(" ", line)
        following = lines[number + 1].strip() if number + 1 < len(lines) else ""
        # A narrow rendering spreads a header and breaks it, if need be within a word or after its hyphen.
        broken = (f"{line} {following}", f"{line}{following}", f"{line.removesuffix('-')}{following}")
        for candidate in (line, *broken):
            match = _OPTION.match(candidate) or _RUN_IN.match(candidate)
            if match is not None and set(_names(match)) <= set(known):
                break
        else:
            return None
    return _names(match), TYPES[match["type"]], match["required"] is not None


def _names(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(part.strip('`"') for part in match["names"].split(" | "))


_COMPLETE = "Is the page complete?"
_GLOBAL = frozenset(
    {
        "--ca-bundle",
        "--cli-auto-prompt",
        "--cli-binary-format",
        "--cli-connect-timeout",
        "--cli-error-format",
        "--cli-read-timeout",
        "--color",
        "--debug",
        "--endpoint-url",
        "--no-cli-auto-prompt",
        "--no-cli-pager",
        "--no-paginate",
        "--no-sign-request",
        "--no-verify-ssl",
        "--output",
        "--profile",
        "--query",
        "--region",
        "--v2-debug",
        "--version",
    }
)


def _option_node(source: PageSource, at: int, end: int, item: SynopsisItem, kind: str) -> Node:
    blocks: dict[str, tuple[int, int]] = {}
    first = end
    for number in range(end - 1, at, -1):
        match = _BLOCK.match(source.lines[number])
        if match and match["form"] not in blocks:
            blocks[match["form"]] = (number + 1, first)
            first = number
    text = at + 1, first
    syntax: Node | None = None
    if "JSON Syntax" in blocks:
        syntax = read_json_syntax(source, *blocks["JSON Syntax"])
    elif "Syntax" in blocks and kind == "list":
        element = read_list_syntax(source.lines, *blocks["Syntax"])
        syntax = Node("", "list", at + 1, (element,)) if element else None
    leading = syntax.children[0].name if syntax and syntax.children else None
    headers = find_headers(source.lines, *text, option=kind, first=leading) if kind in CONTAINERS else []
    empty_first = bool(syntax and syntax.children and not syntax.children[0].children)
    nested = nest(source, headers, item.names[0], in_option=True, empty_first=empty_first) if headers else ()
    own = source.lines[text[0] : headers[0].at if headers else text[1]]
    facts = read_facts(kind, own)
    node = Node("", kind, at + 1, nested, item.required, facts)
    return _merged(node, syntax) if syntax is not None else node


def _merged(node: Node, syntax: Node) -> Node:
    """The nested members and the JSON Syntax as one: types from the first, enum values from the second.

    Where they differ in structure, the JSON Syntax is right: brackets do not drift.
    """
    if node.kind not in CONTAINERS or not node.children:
        children = syntax.children if node.kind in CONTAINERS else ()
        facts = node.facts if node.facts.listed or not syntax.facts.listed else _with_enum(node.facts, syntax)
        return replace(node, children=children, facts=facts)
    if node.kind in ("list", "map"):
        pairs = zip_longest(node.children, syntax.children[: len(node.children)])
        return replace(node, children=tuple(_both(child, other) for child, other in pairs))
    named = {child.name: child for child in syntax.children}
    if named.keys() >= {child.name for child in node.children if child.name}:
        # The JSON Syntax names recursive members, of which the nested text leaves at most an unnamed mark.
        nested = {child.name: child for child in node.children}
        return replace(
            node, children=tuple(_both(nested.get(name, child), child) for name, child in named.items())
        )
    return replace(node, children=tuple(_both(child, named.get(child.name)) for child in node.children))


def _both(node: Node, syntax: Node | None) -> Node:
    return node if syntax is None or syntax is node or syntax.kind == RECURSIVE else _merged(node, syntax)


def _with_enum(facts: Facts, syntax: Node) -> Facts:
    return replace(facts, enum=syntax.facts.enum, listed=True)
