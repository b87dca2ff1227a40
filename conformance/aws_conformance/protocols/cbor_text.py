# SPDX-License-Identifier: Apache-2.0
"""CBOR as bytes: read strictly into a tree that knows where each item stands, and written.

It owns the grammar of RFC 8949 as AWS uses it. It refuses to know shapes and envelopes. The reader is our own
because others take duplicate keys, bytes behind the end and tags of any kind.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cbor2

from .findings import Finding, Path

__all__ = ["Item", "ItemKind", "dump_cbor", "read_cbor"]

_DEPTH = 200
_INDEFINITE = 31
_BREAK = 0xFF

ItemKind: TypeAlias = Literal["integer", "float", "text", "bytes", "boolean", "null", "array", "map", "tag"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its kind, where its bytes start and end, and what it holds.

    `value` is that of a scalar, or the number of a tag; `items` are an array's elements, a tag's content,
    and for maps keys and values in turn.
    """

    kind: ItemKind
    start: int
    end: int
    value: Any = None
    items: tuple[Item, ...] = ()

    @property
    def entries(self) -> tuple[tuple[Item, Item], ...]:
        """A map's keys and values."""
        return tuple(zip(self.items[::2], self.items[1::2], strict=True))


class _MalformedCborError(Exception):
    """The bytes are no CBOR, from an offset on."""

    def __init__(self, rule: Literal["body.malformed", "body.depth"], offset: int, got: str) -> None:
        super().__init__(got)
        self.rule = rule
        self.offset = offset
        self.got = got


def dump_cbor(value: Any) -> bytes:
    """The bytes of a value; half a surrogate pair, which no text holds, becomes a question mark."""
    return cbor2.dumps(_writable(value))


def _writable(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_writable(key): _writable(item) for key, item in value.items()}
        case list():
            return [_writable(item) for item in value]
        case _:
            return value


def read_cbor(body: bytes) -> tuple[Item | None, list[Finding]]:
    """The item that the bytes are, with findings; None where no item could be read at all."""
    reader = _CborReader(body)
    try:
        item = reader.item((), 0)
    except _MalformedCborError as error:
        expected = f"CBOR at most {_DEPTH} levels deep" if error.rule == "body.depth" else "CBOR"
        got = f"{error.got} at offset {error.offset}: {body[:20].hex(' ')}" if body else "an empty body"
        reader.findings.append(Finding(error.rule, (), expected, got))
        return None, reader.findings
    if item.end != len(body):
        got = f"{len(body) - item.end} bytes behind its end"
        reader.findings.append(Finding("body.malformed", (), "one CBOR item", got))
    return item, reader.findings


class _CborReader:
    """The items of a body, one after another; findings for what is CBOR and odd."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._position = 0
        self.findings: list[Finding] = []

    def item(self, path: Path, depth: int) -> Item:
        """The item that begins where the reader stands."""
        if depth > _DEPTH:
            raise _MalformedCborError("body.depth", self._position, "deeper CBOR")
        start = self._position
        initial = self._take(1)[0]
        major, info = initial >> 5, initial & 31
        if major == 7:
            return self._simple(info, start)
        argument = self._argument(info, path, start)
        match major:
            case 0 | 1 if argument is not None:
                return Item("integer", start, self._position, argument if major == 0 else -1 - argument)
            case 2:
                value: Any = self._string(major, argument, path)
                return Item("bytes", start, self._position, value)
            case 3:
                value = self._text(self._string(major, argument, path), path)
                return Item("text", start, self._position, value)
            case 4:
                items = self._elements(argument, path, depth)
                return Item("array", start, self._position, items=items)
            case 5:
                items = self._pairs(argument, path, depth)
                return Item("map", start, self._position, items=items)
            case 6 if argument is not None:
                items = (self.item(path, depth + 1),)
                return Item("tag", start, self._position, argument, items)
            case _:
                raise _MalformedCborError("body.malformed", start, "an indefinite length where none may be")

    def _take(self, size: int) -> bytes:
        start, end = self._position, self._position + size
        if end > len(self._body):
            raise _MalformedCborError(
                "body.malformed", start, f"an end {end - len(self._body)} bytes too early"
            )
        self._position = end
        return self._body[start:end]

    def _argument(self, info: int, path: Path, start: int) -> int | None:
        """The number behind an initial byte: a value, a length or a tag; None for an indefinite length."""
        if info < 24:
            return info
        if info == _INDEFINITE:
            return None
        if info > 27:
            raise _MalformedCborError("body.malformed", start, f"the reserved value {info}")
        size = 1 << (info - 24)
        argument = int.from_bytes(self._take(size), "big")
        least = 24 if size == 1 else 1 << (4 * size)
        if argument < least:
            got = f"{argument} in {size} bytes at offset {start}"
            self.findings.append(Finding("cbor.minimal", path, "the shortest form of each number", got))
        return argument

    def _simple(self, info: int, start: int) -> Item:
        match info:
            case 20 | 21:
                return Item("boolean", start, self._position, info == 21)
            case 22 | 23:
                # Smithy: undefined is read as null.
                return Item("null", start, self._position)
            case 25 | 26 | 27:
                form = {25: ">e", 26: ">f", 27: ">d"}[info]
                (value,) = struct.unpack(form, self._take(struct.calcsize(form)))
                return Item("float", start, self._position, value)
            case _:
                raise _MalformedCborError("body.malformed", start, f"the simple value {info}")

    def _string(self, major: int, size: int | None, path: Path) -> bytes:
        if size is not None:
            return self._take(size)
        chunks = []
        while not self._at_break():
            start = self._position
            initial = self._take(1)[0]
            length = self._argument(initial & 31, path, start)
            if initial >> 5 != major or length is None:
                raise _MalformedCborError("body.malformed", start, "a chunk of another kind")
            chunk = self._take(length)
            if major == 3:
                # Each chunk is a text of its own (RFC 8949, 3.2.3).
                self._text(chunk, path)
            chunks.append(chunk)
        return b"".join(chunks)

    def _text(self, raw: bytes, path: Path) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            got = f"byte 0x{raw[error.start]:02x}"
            self.findings.append(Finding("body.encoding", path, "UTF-8", got))
            return raw.decode("utf-8", "replace")

    def _at_break(self) -> bool:
        if self._position < len(self._body) and self._body[self._position] == _BREAK:
            self._position += 1
            return True
        return False

    def _elements(self, size: int | None, path: Path, depth: int) -> tuple[Item, ...]:
        items: list[Item] = []
        while not self._at_break() if size is None else len(items) < size:
            items.append(self.item((*path, len(items)), depth + 1))
        return tuple(items)

    def _pairs(self, size: int | None, path: Path, depth: int) -> tuple[Item, ...]:
        items: list[Item] = []
        names: set[str] = set()
        while not self._at_break() if size is None else len(items) < 2 * size:
            start = self._position
            key = self.item(path, depth + 1)
            if key.kind != "text":
                raise _MalformedCborError(
                    "body.malformed", start, f"a key that is no text but of kind {key.kind}"
                )
            if key.value in names:
                got = f"{key.value!r} more than once"
                self.findings.append(Finding("body.duplicate-key", (*path, key.value), "each key once", got))
            names.add(key.value)
            items += [key, self.item((*path, key.value), depth + 1)]
        return tuple(items)
