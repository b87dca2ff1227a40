# SPDX-License-Identifier: Apache-2.0
"""XML 1.0 as text: read strictly into a tree of elements, and written.

It owns the grammar and what a safe reader refuses: document types (and with them entities), other encodings
than UTF-8, depth beyond bounds. It refuses to know shapes and protocols.

Sources: XML 1.0 (fifth edition), Namespaces in XML 1.0; the parser is expat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from ...spec.shapes import XmlNamespace
from ..findings import Finding

__all__ = [
    "Attribute",
    "Element",
    "Parsed",
    "canonical_xml",
    "child_named",
    "escape_text",
    "generic_value",
    "read_xml",
    "write_element",
]

# Whoever reads the tree recurses; AWS's models nest at most a few dozen levels, recursive ones included.
_DEPTH = 200
# No character of a namespace's URI, nor of a name.
_SEPARATOR = "\n"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
# What must be escaped, what a reader would turn into a space or a line feed, and what XML 1.0 has no
# character for: a reference is as near as may be, and no reader takes it.
_TEXT = re.compile("[&<>\r]|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTE = re.compile('[&<>"\t\n\r]|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')
_NO_NAME = re.compile(r"^(?![A-Za-z_])|[^A-Za-z0-9_.:-]")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its local name, the URI of its namespace if it has a prefix, its value."""

    name: str
    namespace: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element: local name, namespace, what is within. `text` is all of its own character data.

    `line` and `column` tell where its start tag begins; both count from 1.
    """

    name: str
    namespace: str | None
    attributes: tuple[Attribute, ...]
    children: tuple[Element, ...]
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document's root, or None with a finding that says why there is none."""

    root: Element | None
    findings: tuple[Finding, ...]


class _RefusedError(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.got)
        self.finding = finding


@dataclass(slots=True)
class _OpenElement:
    """An element whose end has not come yet."""

    tag: str
    attributes: list[str]
    line: int
    column: int
    children: list[Element]
    texts: list[str]


def read_xml(body: bytes) -> Parsed:
    """The tree of a document. Never raises, whatever the bytes are."""
    if not body:
        return Parsed(None, (Finding("body.malformed", (), "XML", "an empty body"),))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        got = f"byte 0x{body[error.start]:02x} at offset {error.start}"
        return Parsed(None, (Finding("body.encoding", (), "UTF-8", got),))
    tree = _ElementTree()
    try:
        tree.read(body)
    except _RefusedError as refused:
        return Parsed(None, (*tree.findings, refused.finding))
    except expat.ExpatError as error:
        start = body[:60].decode("utf-8", "replace")
        # An expat column counts from 0.
        got = f"{expat.ErrorString(error.code)} at line {error.lineno}, column {error.offset + 1}: {start}"
        return Parsed(None, (*tree.findings, Finding("body.malformed", (), "XML", got)))
    return Parsed(tree.root, tuple(tree.findings))


class _ElementTree:
    """Handlers that make a tree of what expat tells."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self.findings: list[Finding] = []
        self._stack: list[_OpenElement] = []
        parser = expat.ParserCreate("utf-8", _SEPARATOR)
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def read(self, body: bytes) -> None:
        try:
            self._parser.Parse(body, True)
        finally:
            # The handlers are methods: without this each tree would be garbage for the collector.
            parser = self._parser
            parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
            parser.XmlDeclHandler = parser.StartDoctypeDeclHandler = None

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0":
            self.findings.append(Finding("body.encoding", (), "XML 1.0", f"XML {version}"))
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii"):
            self.findings.append(Finding("body.encoding", (), "UTF-8", f"encoding={encoding!r}"))

    def _doctype(self, name: str, *_: Any) -> None:
        raise _RefusedError(Finding("body.malformed", (), "XML without a document type", f"<!DOCTYPE {name}"))

    def _start(self, tag: str, attributes: list[str]) -> None:
        if len(self._stack) >= _DEPTH:
            expected = f"XML at most {_DEPTH} levels deep"
            raise _RefusedError(Finding("body.depth", (), expected, "deeper XML"))
        parser = self._parser
        self._stack.append(
            _OpenElement(tag, attributes, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, [], [])
        )

    def _end(self, tag: str) -> None:
        opened = self._stack.pop()
        namespace, _, name = tag.rpartition(_SEPARATOR)
        pairs = zip(opened.attributes[::2], opened.attributes[1::2], strict=True)
        element = Element(
            name,
            namespace or None,
            tuple(_attribute(key, value) for key, value in pairs),
            tuple(opened.children),
            "".join(opened.texts),
            opened.line,
            opened.column,
        )
        if self._stack:
            self._stack[-1].children.append(element)
        else:
            self.root = element

    def _text(self, text: str) -> None:
        self._stack[-1].texts.append(text)


def _attribute(key: str, value: str) -> Attribute:
    namespace, _, name = key.rpartition(_SEPARATOR)
    return Attribute(name, namespace or None, value)


def child_named(element: Element, name: str) -> Element | None:
    """The first child of that name; None if there is none."""
    return next((child for child in element.children if child.name == name), None)


def generic_value(element: Element) -> Any:
    """What an element says where no shape tells: a text, or an object; a list of what is there repeatedly."""
    if not element.children:
        return element.text
    members: dict[str, list[Any]] = {}
    for child in element.children:
        members.setdefault(child.name, []).append(generic_value(child))
    return {name: values[0] if len(values) == 1 else values for name, values in members.items()}


def write_element(
    name: str,
    content: str,
    *,
    namespace: XmlNamespace | None = None,
    attributes: Iterable[tuple[str, str]] = (),
) -> str:
    """An element around content that is written already (`write_text`, other elements).

    Its namespace is declared on it, as a prefix where it has one. A name that XML has not is made one.
    """
    name = _NO_NAME.sub("_", name)
    head = name
    if namespace is not None:
        head += (
            f' xmlns{":" + namespace.prefix if namespace.prefix else ""}="{_attribute_text(namespace.uri)}"'
        )
    for key, value in attributes:
        head += f' {_NO_NAME.sub("_", key)}="{_attribute_text(value)}"'
    return f"<{head}>{content}</{name}>"


def escape_text(text: str) -> str:
    """A text as it stands within an element."""
    return _TEXT.sub(_escaped, text)


def _attribute_text(text: str) -> str:
    return _ATTRIBUTE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"&#x{ord(match[0]):X};"


def canonical_xml(body: bytes) -> str:
    """A body by what it says: prefixes, comments, space and the order of unlike elements do not count.

    Bytes that are no XML stay as they are.
    """
    root = read_xml(body).root
    return body.decode("utf-8", "backslashreplace") if root is None else _canonical(root)


def _canonical(element: Element) -> str:
    attributes = "".join(
        f" {{{attribute.namespace or ''}}}{attribute.name}={attribute.value!r}"
        for attribute in sorted(element.attributes, key=lambda attribute: attribute.name)
    )
    content = "".join(map(_canonical, sorted(element.children, key=lambda child: child.name)))
    text = element.text.strip() if element.children else element.text
    return f"<{{{element.namespace or ''}}}{element.name}{attributes}>{content}{escape_text(text)}</>"
