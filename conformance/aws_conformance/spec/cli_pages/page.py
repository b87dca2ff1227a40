# SPDX-License-Identifier: Apache-2.0
"""A CLI reference page becomes a Service with one operation.

It owns the order of the reading and the Page that comes out: the service, what each option is, and what
the page cannot carry. Options (options.py) and the parts of the grammar are read by the modules beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..shapes import Operation, Service
from .build import Builder
from .members import find_headers, nest
from .names import Names, camel_case, kebab_case
from .nodes import Node, walk
from .options import read_options
from .prose import has_constraints
from .source import PageSource, fail, read_source
from .syntax import SynopsisItem, read_synopsis

__all__ = ["Option", "Page", "read_page"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the command. `names` are two for `--x | --no-x`; `member` is None for what fills none.

    `guessed` tells that the page shows only the option's name, and the member's was made up from it.
    `line` counts from 1.
    """

    names: tuple[str, ...]
    type: str
    required: bool
    member: str | None
    guessed: bool
    line: int

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: a Service with this one operation, and what no page, or not this one, can say.

    `carries` names the aspects that silence on this page speaks about (see drift.ASPECTS): where an
    aspect is missing from it, absence on the page is no statement. `paged` tells that awscli has put its own
    paging options in the place of the operation's, whose names the page then does not show. `tentative`
    names the string shapes whose enum values stand in prose: documented, but not by rule.
    """

    service: Service
    operation: str
    uid: str
    command: str
    options: tuple[Option, ...]
    carries: frozenset[str]
    limits: tuple[str, ...]
    warnings: tuple[str, ...]
    paged: bool = False
    version: str = ""
    tentative: frozenset[str] = frozenset()

    @property
    def guessed(self) -> tuple[str, ...]:
        """Members whose names were made up from their options'."""
        return tuple(option.member for option in self.options if option.guessed and option.member)


# Options that awscli adds to every operation, or to every paged one; none fills a member.
_OWN = frozenset(
    {"--cli-input-json", "--cli-input-yaml", "--generate-cli-skeleton", "--cli-auto-prompt", "--v2-debug"}
)
_PAGING = frozenset({"--starting-token", "--max-items", "--page-size"})

_DATED = re.compile(r"^(?P<name>.+?)-(?P<version>\d{4}-\d{2}-\d{2})$")


def read_page(text: str, name: str, service: str | None, protocols: Sequence[str]) -> Page:
    """The page read from its text alone. Raises PageError with the line and what was expected there."""
    source = read_source(text, name)
    synopsis = read_synopsis(source)
    warnings: list[str] = []
    described = read_options(source, synopsis, warnings)
    output = _output(source, warnings)
    uid, operation = _identity(source, warnings)
    names = Names.of(_member_names([*(node for _, node in described), *output]), _prose(source))
    # awscli adds these two together; an operation may well have a `--page-size` of its own.
    paged = {"--starting-token", "--max-items"} <= {item.names[0] for item, _ in described}
    options = tuple(_option(item, node, names, paged=paged) for item, node in described)
    builder = Builder(name, source.lines)
    inputs = [
        replace(node, name=option.member, required=option.required)
        for option, (_, node) in zip(options, described, strict=True)
        if option.member is not None
    ]
    input_name = builder.structure(f"{operation}Input", _distinct(inputs, name)) if inputs else None
    output_name = builder.structure(f"{operation}Output", _distinct(output, name)) if output else None
    modern = _is_modern(source)
    short = service or source.command.service or (_DATED.sub(r"\g<name>", uid) if uid else "")
    if not short:
        raise fail(
            name,
            0,
            "the service's name (a breadcrumb, a label or a link to the API documentation)",
            "none of them",
            "Say which service it is with --service.",
        )
    dated = _DATED.match(uid)
    return Page(
        service=Service(
            name=short,
            api_version=dated["version"] if dated else "",
            protocols=tuple(protocols),
            operations=MappingProxyType(
                {operation: Operation(operation, input=input_name, output=output_name)}
            ),
            shapes=MappingProxyType(builder.shapes),
            uid=uid,
            origin=f"page {name}",
        ),
        operation=operation,
        uid=uid,
        command=f"aws {source.command.service} {source.command.operation}".replace("  ", " "),
        options=options,
        carries=_carries(source, modern, paged),
        limits=tuple(_limits(source, options, modern, paged, protocols)),
        warnings=(*warnings, *builder.warnings),
        paged=paged,
        version=source.version,
        tentative=frozenset(builder.tentative),
    )


def _identity(source: PageSource, warnings: list[str]) -> tuple[str, str]:
    """The service's uid and the operation's name."""
    command = source.command.operation
    for link in source.links:
        if kebab_case(link.operation) == command:
            return link.uid, link.operation
    if source.links:
        # A few commands have a name of their own; the last link is the page's, others stand in its text.
        last = source.links[-1]
        return last.uid, last.operation
    guess = camel_case(command)
    warnings.append(f"The page has no link that names its operation; {guess} is made up from {command}.")
    return "", guess


def _output(source: PageSource, warnings: list[str]) -> tuple[Node, ...]:
    section = source.sections.get("output")
    if section is None:
        return ()
    headers = find_headers(source.lines, section.start, section.end)
    if not headers:
        lines = range(section.start, section.end)
        first = next((number for number in lines if source.lines[number].strip()), None)
        text = source.lines[first].strip() if first is not None else "None"
        if "->" in text:
            # A few commands of awscli's own say prose here; an arrow is a member that is not understood.
            assert first is not None
            raise fail(source.page, first + 1, "`Name -> (type)` or `None` below Output", repr(text))
        if text.strip("*") != "None":
            warnings.append("The Output is told in prose: nothing is known of responses.")
        return ()
    return nest(source, headers, "Output")


def _option(item: SynopsisItem, node: Node, names: Names, *, paged: bool) -> Option:
    first = item.names[0]
    if item.positional or first in _OWN or (paged and first in _PAGING):
        return Option(item.names, node.kind, item.required, None, False, node.line)
    member, shown = names.member(first.removeprefix("--"))
    return Option(item.names, node.kind, item.required, member, not shown, node.line)


def _distinct(nodes: Iterable[Node], page: str) -> tuple[Node, ...]:
    seen: dict[str, Node] = {}
    for node in nodes:
        if node.name in seen:
            first = seen[node.name].line
            raise fail(page, node.line, f"each member once ({node.name} is in line {first})", node.name)
        seen[node.name] = node
    return tuple(seen.values())


def _member_names(nodes: Iterable[Node]) -> list[str]:
    """Names of structures' members below these nodes (a map's key and value have no names)."""
    names: list[str] = []
    for top in nodes:
        if top.name:
            names.append(top.name)
        for node in walk(top):
            if node.kind in ("structure", "union"):
                names.extend(child.name for child in node.children if child.name)
    return names


def _prose(source: PageSource) -> str:
    sections = (source.sections.get(name) for name in ("description", "options"))
    return "\n".join(source.text(section) for section in sections if section is not None)


def _is_modern(source: PageSource) -> bool:
    """Whether the page's version (2.31 on) lists constraints, enums and requiredness of all members."""
    if source.version:
        major, minor, _ = map(int, source.version.split("."))
        return (major, minor) >= (2, 31)
    body = source.lines[source.sections["options"].start :]
    # What is written by hand has a heading of that name, too, but no such list below it.
    return any(line.rstrip().endswith(") [required]") for line in body) or has_constraints("\n".join(body))


def _carries(source: PageSource, modern: bool, paged: bool) -> frozenset[str]:
    aspects = {"input.members.nested", "output.members.nested", "input.required", "input.enums"}
    if not paged:
        aspects.add("input.members")
    if "output" in source.sections:
        aspects.add("output.members")
    # The notes on unions and streams came with the section of global options, a few versions after it.
    if "global options" in source.sections:
        aspects |= {"unions", "streaming"}
    if modern:
        aspects |= {"input.required.nested", "output.enums", "input.constraints", "output.constraints"}
    return frozenset(aspects)


def _limits(
    source: PageSource, options: Sequence[Option], modern: bool, paged: bool, protocols: Sequence[str]
) -> Iterable[str]:
    yield "No page carries errors, protocol, wire names or sensitivity."
    if not protocols:
        yield "The protocol is unknown: schemas only."
    if "output" not in source.sections:
        yield "The page has no Output: nothing is known of responses."
    if not modern:
        yield "The page carries no constraints and no requiredness below its options."
        yield "The page carries enum values of outputs in prose, if at all."
    if paged:
        yield "awscli's own paging options hide the operation's; their members are not on the page."
    guessed = [option.name for option in options if option.guessed]
    if guessed:
        yield f"Member names made up from option names: {', '.join(guessed)}."
