# SPDX-License-Identifier: Apache-2.0
"""Synopsis and the syntax blocks: the two parts of a page that are a notation, not prose.

It owns both notations. A Synopsis says which options there are and which are required. A JSON Syntax is
not JSON (`...`, `true|false`, `"A"|"B"`, bare `blob`, `{...}`, `{ ... recursive ... }`), but it names every
member at every depth, and on pages older than 2020 it is the only place that does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .nodes import RECURSIVE, TYPES, Facts, Node
from .source import PageSource, fail

__all__ = ["SynopsisItem", "read_json_syntax", "read_list_syntax", "read_synopsis"]


@dataclass(frozen=True, slots=True)
class SynopsisItem:
    """One option of the Synopsis: its names (two for `--x | --no-x`), and whether it stands without brackets.

    `line` counts from 1.
    """

    names: tuple[str, ...]
    required: bool
    positional: bool
    line: int


_FLAG = r"--[A-Za-z0-9][\w.-]*"
_ITEM = re.compile(
    rf"^(?P<open>\[)?(?:(?P<flags>{_FLAG}(?: \| {_FLAG})*)(?P<value> .*?)?"
    r"|<?(?P<positional>[A-Za-z][\w-]*)>?(?: <value>)?)(?P<close>\])?$"
)


def read_synopsis(source: PageSource) -> tuple[SynopsisItem, ...]:
    """The options in order. Raises PageError at a line that is no option."""
    section = source.sections["synopsis"]
    items: list[SynopsisItem] = []
    seen_command = False
    for number in range(section.start, section.end):
        line = source.lines[number].strip()
        if not line or line == "::":
            continue
        if not seen_command:
            seen_command = True
            continue
        match = _ITEM.match(line)
        if match is None or bool(match["open"]) != bool(match["close"]):
            if not source.links:
                # Commands that awscli adds itself have a Synopsis of free form.
                continue
            expected = "an option such as `--name <value>` or `[--name <value>]`"
            raise fail(source.page, number + 1, expected, repr(line))
        positional = match["positional"]
        names = (positional,) if positional else tuple(match["flags"].split(" | "))
        items.append(SynopsisItem(names, not match["open"], positional is not None, number + 1))
    return tuple(items)


_TOKEN = re.compile(
    r"(?P<text>\"[^\"]*\")|(?P<recursive>\{ \.\.\. recursive \.\.\. \})|(?P<more>\.\.\.)"
    r"|(?P<word>[A-Za-z]+)|(?P<mark>[{}\[\]:,|])"
)
_WORDS = {"true": "boolean", "false": "boolean", **TYPES}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def read_json_syntax(source: PageSource, start: int, end: int) -> Node:
    """The value that the JSON Syntax between two lines describes, as a node without a name.

    Raises PageError where it is not in that notation.
    """
    return _SyntaxReader(source, _tokens(source, start, end)).value("")


def read_list_syntax(lines: Sequence[str], start: int, end: int) -> Node | None:
    """The element that a `Syntax::` block of a list of scalars describes, such as `"string" "string" ...`."""
    body = [(n, lines[n].strip()) for n in range(start, end) if lines[n].strip()]
    if not body:
        return None
    number, first = body[0]
    word = first.split()[0]
    kind = "string" if word.startswith('"') else _WORDS.get(word.split("|")[0])
    if kind is None:
        return None
    values: tuple[str, ...] = ()
    if len(body) > 1 and body[1][1].rstrip(":") == "Where valid values are":
        values = tuple(text for _, text in body[2:])
    return Node("", kind, number + 1, facts=Facts(values, listed=bool(values)))


def _tokens(source: PageSource, start: int, end: int) -> list[_Token]:
    tokens: list[_Token] = []
    for number in range(start, end):
        line = source.lines[number]
        position = 0
        while position < len(line):
            if line[position] == " ":
                position += 1
                continue
            match = _TOKEN.match(line, position)
            if match is None:
                raise fail(
                    source.page, number + 1, "JSON Syntax", repr(line[position : position + 20].strip())
                )
            tokens.append(_Token(match.lastgroup or "", match.group(), number + 1))
            position = match.end()
    return tokens


@dataclass(slots=True)
class _SyntaxReader:
    source: PageSource
    tokens: list[_Token]
    position: int = 0

    def value(self, name: str) -> Node:
        token = self._take("a value")
        match token.kind:
            case "recursive":
                return Node(name, RECURSIVE, token.line)
            case "text":
                return self._string(name, token)
            case "word":
                kind = _WORDS.get(token.text)
                if kind is None:
                    raise self._unexpected("the name of a type", token)
                if self._next_is("|"):
                    self._take("|")
                    self._take("false")
                return Node(name, kind, token.line)
            case "mark" if token.text == "[":
                return self._list(name, token.line)
            case "mark" if token.text == "{":
                return self._object(name, token.line)
            case _:
                raise self._unexpected("a value", token)

    def _string(self, name: str, token: _Token) -> Node:
        values = [token.text[1:-1]]
        while self._next_is("|"):
            self._take("|")
            values.append(self._take("a further enum value").text[1:-1])
        enum = () if values == ["string"] else tuple(dict.fromkeys(values))
        return Node(name, "string", token.line, facts=Facts(enum, listed=bool(enum)))

    def _list(self, name: str, line: int) -> Node:
        element = () if self._next_is("...", "]") else (self.value(""),)
        if self._next_is(","):
            self._take(",")
        if self._next_is("..."):
            self._take("...")
        self._expect("]", f"the end of the list of line {line}")
        return Node(name, "list", line, element)

    def _object(self, name: str, line: int) -> Node:
        if self._next_is("..."):
            self._take("...")
            self._expect("}", f"the end of the document of line {line}")
            return Node(name, "document", line)
        children: list[Node] = []
        while not self._next_is("}"):
            key = self._take("a member's name")
            if key.kind != "text":
                raise self._unexpected("a member's name in quotation marks", key)
            named = self._string("", key)
            self._expect(":", f"a colon after {key.text}")
            # A list or map that stands on the page twice already is left out without a word.
            absent = self._next_is(",", "}", "...")
            member = key.text[1:-1]
            value = Node(member, RECURSIVE, key.line) if absent else self.value(member)
            if self._next_is("..."):
                self._take("...")
                self._expect("}", f"the end of the map of line {line}")
                entry = Node("key", "string", key.line, facts=named.facts), replace(value, name="value")
                return Node(name, "map", line, entry[:1] if absent else entry)
            children.append(value)
            if self._next_is(","):
                self._take(",")
        self._take("}")
        return Node(name, "structure", line, tuple(children))

    def _next_is(self, *texts: str) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position].text in texts

    def _take(self, expected: str) -> _Token:
        if self.position >= len(self.tokens):
            line = self.tokens[-1].line if self.tokens else 0
            raise fail(self.source.page, line, f"{expected} in the JSON Syntax", "its end")
        self.position += 1
        return self.tokens[self.position - 1]

    def _expect(self, text: str, expected: str) -> None:
        token = self._take(expected)
        if token.text != text:
            raise self._unexpected(expected, token)

    def _unexpected(self, expected: str, token: _Token) -> Exception:
        return fail(self.source.page, token.line, f"{expected} in the JSON Syntax", repr(token.text))
