# SPDX-License-Identifier: Apache-2.0
"""The framing of application/vnd.amazon.eventstream: messages of headers and a payload, with two checksums.

It owns the bytes of messages. It refuses to know what their headers and payloads mean (event_stream.py).

Source: Smithy's "Amazon Event Stream" specification.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .findings import Finding, Path

__all__ = ["HeaderKind", "HeaderValue", "Message", "dump_message", "read_messages"]

HeaderKind: TypeAlias = Literal[
    "boolean", "byte", "short", "integer", "long", "bytes", "text", "timestamp", "uuid"
]

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_LEAST = _PRELUDE.size + _CRC.size
# The numbers that stand for types; 0 and 1 are true and false themselves.
_FIXED: dict[int, tuple[HeaderKind, struct.Struct]] = {
    2: ("byte", struct.Struct(">b")),
    3: ("short", struct.Struct(">h")),
    4: ("integer", struct.Struct(">i")),
    5: ("long", struct.Struct(">q")),
    # Milliseconds since 1970.
    8: ("timestamp", struct.Struct(">q")),
}
_CODES = {kind: (code, form) for code, (kind, form) in _FIXED.items()}
_LONGEST_VALUE = 2**15 - 1


@dataclass(frozen=True, slots=True)
class HeaderValue:
    """A header's value and the type that it is of; timestamps are milliseconds since 1970."""

    kind: HeaderKind
    value: Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its headers by name, its payload."""

    headers: dict[str, HeaderValue]
    payload: bytes = b""

    def text(self, name: str) -> str | None:
        """The value of a header that is a text."""
        header = self.headers.get(name)
        return header.value if header is not None and header.kind == "text" else None


def dump_message(message: Message) -> bytes:
    """The bytes of a message."""
    headers = b"".join(_dump_header(name, header) for name, header in message.headers.items())
    total = _LEAST + len(headers) + len(message.payload)
    lengths = struct.pack(">II", total, len(headers))
    framed = lengths + _CRC.pack(zlib.crc32(lengths)) + headers + message.payload
    return framed + _CRC.pack(zlib.crc32(framed))


def _dump_header(name: str, header: HeaderValue) -> bytes:
    encoded = name.encode("utf-8", "replace")[:255]
    return bytes([len(encoded)]) + encoded + _dump_value(header)


def _dump_value(header: HeaderValue) -> bytes:
    match header.kind:
        case "boolean":
            return b"\x00" if header.value else b"\x01"
        case "bytes" | "text":
            text = header.kind == "text"
            raw: bytes = header.value.encode("utf-8", "surrogatepass") if text else header.value
            raw = raw[:_LONGEST_VALUE]
            return (b"\x07" if text else b"\x06") + struct.pack(">H", len(raw)) + raw
        case "uuid":
            return b"\x09" + uuid.UUID(header.value).bytes
        case kind:
            code, form = _CODES[kind]
            packed: bytes = form.pack(header.value)
            return bytes([code]) + packed


class _BrokenError(Exception):
    """What follows cannot be told apart any more."""


def read_messages(body: bytes, path: Path, findings: list[Finding]) -> Iterator[Message]:
    """The messages of a body as far as they can be told apart, with findings for what is wrong with them.

    A path of a finding is that of the stream and the message's number.
    """
    position, number = 0, 0
    while position < len(body):
        here = (*path, number)
        left = len(body) - position
        if left < _LEAST:
            findings.append(Finding("event.frame", here, "a whole message", f"{left} bytes"))
            return
        total, headers_size, prelude_crc = _PRELUDE.unpack_from(body, position)
        if total > left or total < _LEAST + headers_size:
            got = f"a length of {total} with {headers_size} of headers, where {left} bytes are left"
            findings.append(Finding("event.frame", here, "lengths that fit the message", got))
            return
        frame = body[position : position + total]
        _check("prelude", zlib.crc32(frame[:8]), prelude_crc, here, findings)
        (message_crc,) = _CRC.unpack_from(frame, total - _CRC.size)
        _check("message", zlib.crc32(frame[: -_CRC.size]), message_crc, here, findings)
        start = _PRELUDE.size + headers_size
        headers = _read_headers(frame[_PRELUDE.size : start], here, findings)
        yield Message(headers, frame[start : -_CRC.size])
        position += total
        number += 1


def _check(name: str, expected: int, got: int, path: Path, findings: list[Finding]) -> None:
    if got != expected:
        findings.append(Finding("event.frame", path, f"a {name} CRC of {expected:08x}", f"{got:08x}"))


def _read_headers(raw: bytes, path: Path, findings: list[Finding]) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    reader = _HeaderReader(raw)
    try:
        while not reader.done:
            name, header = reader.header()
            if name in headers:
                findings.append(Finding("event.header", path, f"the header {name} once", "it twice"))
            headers[name] = header
    except (_BrokenError, UnicodeDecodeError) as error:
        findings.append(Finding("event.header", path, "headers of the nine types", str(error)[:80]))
    return headers


class _HeaderReader:
    """The headers of one message, one after another."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._position = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._position >= len(self._raw)

    def header(self) -> tuple[str, HeaderValue]:
        """The next header. Raises if there is none of a known type."""
        name = self._take(self._take(1)[0]).decode("utf-8")
        code = self._take(1)[0]
        match code:
            case 0 | 1:
                return name, HeaderValue("boolean", code == 0)
            case 6 | 7:
                (size,) = struct.unpack(">H", self._take(2))
                raw = self._take(size)
                value = HeaderValue("text", raw.decode("utf-8")) if code == 7 else HeaderValue("bytes", raw)
                return name, value
            case 9:
                return name, HeaderValue("uuid", str(uuid.UUID(bytes=self._take(16))))
            case _ if code in _FIXED:
                kind, form = _FIXED[code]
                return name, HeaderValue(kind, form.unpack(self._take(form.size))[0])
            case _:
                raise _BrokenError(f"a header of type {code}")

    def _take(self, size: int) -> bytes:
        start, self._position = self._position, self._position + size
        if self._position > len(self._raw):
            raise _BrokenError("headers that end too early")
        return self._raw[start : self._position]
