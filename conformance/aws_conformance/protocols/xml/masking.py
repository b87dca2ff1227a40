# SPDX-License-Identifier: Apache-2.0
"""Where texts stand in XML, and which of them belong to sensitive shapes.

It owns the walk through the text, so that what is masked leaves every other character as it was. It refuses
to know what sensitive values are replaced by (protocols/masking.py).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from xml.parsers import expat

from ...spec.shapes import ListShape, MapShape, Service, Shape, StructureShape
from ..record import Masking, Scalar, ScalarKind
from .plans import Field, plan_of
from .text import escape_text

__all__ = ["XML_MASKING", "xml_scalars"]


def xml_scalars(service: Service, root: str | None, text: str) -> Iterator[Scalar]:
    """The texts of a body's elements; in text that is no XML, of sensitive members by their names."""
    try:
        yield from _XmlWalk(service, root).of(text)
    except expat.ExpatError:
        for match in _named(tuple(sorted(service.secret_holders))).finditer(text):
            yield Scalar(match.start(1), match.end(1), "text", unescape(match[1]), True)


def _literal(kind: ScalarKind, text: str) -> str:
    return escape_text(text)


XML_MASKING = Masking("utf-8", xml_scalars, _literal, lambda text: (escape_text(text),))


@functools.cache
def _named(members: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, members)) or "(?!)"
    return re.compile(rf"<(?:[\w.-]+:)?(?:{names})(?:\s[^<>]*)?>([^<]+)", re.IGNORECASE)


@dataclass(slots=True)
class _MaskedElement:
    """An element that is open: its shape if one is known, whether it is secret, where its text starts."""

    shape: Shape | None
    secret: bool
    flat: bool = False
    start: int | None = None
    holds_elements: bool = False
    text: str = ""


class _XmlWalk:
    """The texts of one document, in order, with their places."""

    def __init__(self, service: Service, root: str | None) -> None:
        self._service = service
        self._root = service.shapes.get(root) if root is not None else None
        self._stack: list[_MaskedElement] = []
        self._scalars: list[tuple[int, int, str, bool]] = []
        self._parser = expat.ParserCreate("utf-8")

    def of(self, text: str) -> Iterator[Scalar]:
        body = text.encode("utf-8", "surrogatepass")
        parser = self._parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._mark
        try:
            parser.Parse(body, True)
        finally:
            parser.StartElementHandler = parser.EndElementHandler = None
            parser.CharacterDataHandler = parser.StartCdataSectionHandler = None
        scalars = []
        position = characters = 0
        for start, end, value, secret in self._scalars:
            characters += len(body[position:start].decode("utf-8", "surrogatepass"))
            size = len(body[start:end].decode("utf-8", "surrogatepass"))
            scalars.append(Scalar(characters, characters + size, "text", value, secret))
            characters, position = characters + size, end
        return iter(scalars)

    def _start(self, tag: str, _: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._stack:
            # Envelopes are looked through: the shape of the whole is known where its members are.
            self._stack.append(_MaskedElement(self._root, self._root is not None and self._root.sensitive))
            return
        parent = self._stack[-1]
        parent.holds_elements = True
        self._stack.append(self._under(parent, name))

    def _under(self, parent: _MaskedElement, name: str) -> _MaskedElement:
        shapes = self._service.shapes
        match parent.shape:
            case StructureShape() as structure:
                field = plan_of(self._service, structure.name).elements.get(name)
                if field is not None:
                    return _open(self._service, field, parent.secret)
                if len(self._stack) <= 2 and name.endswith(("Result", "Error", "Errors")):
                    return _MaskedElement(structure, parent.secret)
            case ListShape(member=member):
                return self._of(shapes[member.target], parent.secret)
            case MapShape(key=key, value=value) as shape:
                if not parent.flat and name == "entry":
                    return _MaskedElement(shape, parent.secret, flat=True)
                is_key = name == (key.location_name or "key")
                return self._of(shapes[key.target if is_key else value.target], parent.secret)
            case _:
                pass
        return _MaskedElement(None, parent.secret or name.lower() in self._service.secret_holders)

    @staticmethod
    def _of(shape: Shape, secret: bool) -> _MaskedElement:
        return _MaskedElement(shape, secret or shape.sensitive)

    def _mark(self) -> None:
        opened = self._stack[-1]
        if opened.start is None:
            opened.start = self._parser.CurrentByteIndex

    def _text(self, text: str) -> None:
        self._mark()
        self._stack[-1].text += text

    def _end(self, _: str) -> None:
        opened = self._stack.pop()
        if opened.start is not None and not opened.holds_elements:
            end = self._parser.CurrentByteIndex
            self._scalars.append((opened.start, end, opened.text, opened.secret))


def _open(service: Service, field: Field, secret: bool) -> _MaskedElement:
    shape = field.shape
    if field.flattened and isinstance(shape, ListShape):
        secret = secret or shape.sensitive
        shape = service.shape(shape.member.target)
    return _MaskedElement(shape, secret or shape.sensitive, flat=field.flattened)
