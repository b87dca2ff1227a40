# SPDX-License-Identifier: Apache-2.0
"""One HTTP/1.1 response read off a socket: strictly, within bounds of time and size.

It owns the response's framing (RFC 9112): status line, header section, Content-Length, chunks. It
refuses to know whose response it is and what its body means; transfer coding is undone, content coding
is not. What it forgives, because something can be made of it, is in `framing`: other clients don't.

The standard library's reader forgives what a conformance kit must see: it takes a cut-off header
section for a whole one, skips lines that are no headers, reads `-5` as a chunk's size and waits forever
for a `Content-Length: abc`. It also bounds each read and never their sum, so that one byte a second
keeps it for hours.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import time
from dataclasses import dataclass

from ..codings import TooLargeError, codings_of, undone
from ..http import FramingFault, FramingRule, Headers, headers_named

__all__ = ["Bounds", "MalformedError", "OversizedError", "ResponseReader"]

_HEAD_LIMIT = 64 * 1024
# Smallest useful chunk: one byte of body in six of framing. What costs more than this is no body.
_FRAMING = 8
_RECV = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?: [^\r\n\0]*)?")
_HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_BODILESS = frozenset((204, 304))
_SWITCHING_PROTOCOLS = 101


class MalformedError(Exception):
    """What came is no HTTP/1.1 response; the text says where it departs."""


class OversizedError(Exception):
    """More came than is taken."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long (`deadline`, on the clock of time.monotonic) and how much (`max_bytes` of body)."""

    deadline: float
    max_bytes: int

    def left(self) -> float:
        """Seconds until the deadline; raises TimeoutError when it has passed."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class ResponseReader:
    """The response to one request, read to its end by `begin`.

    After an exception the fields hold what was read so far. `will_close` says that the connection can
    not carry another exchange: because the server says so, because only its end marks the body's end,
    or because more came than this response.
    """

    def __init__(self, sock: socket.socket, method: str, bounds: Bounds) -> None:
        self._sock = sock
        self._method = method
        self._bounds = bounds
        self._buffer = bytearray()
        self._total = 0
        self._body = bytearray()
        self.status = 0
        self.headers: Headers = ()
        self.will_close = True
        self._faults: list[FramingFault] = []

    @property
    def framing(self) -> tuple[FramingFault, ...]:
        """What was forgiven, each once."""
        return tuple(dict.fromkeys(self._faults))

    def take_body(self) -> bytes:
        """The body, or what was read of it; handed over once, since idle connections keep their answer."""
        body = bytes(self._body)
        self._body = bytearray()
        self._buffer = bytearray()
        return body

    @property
    def received(self) -> int:
        """How many bytes of the body were read."""
        return len(self._body)

    @property
    def started(self) -> bool:
        """Whether a single byte of a response was received."""
        return self._total > 0

    def begin(self) -> None:
        """Read the response to its end.

        Raises TimeoutError at the deadline, ConnectionError when the server closes too early,
        MalformedError and OversizedError.
        """
        minor = self._read_head()
        while 100 <= self.status < 200 and self.status != _SWITCHING_PROTOCOLS:
            minor = self._read_head()
        options = ",".join(headers_named(self.headers, "connection")).lower()
        keep = "close" not in options and (minor != 0 or "keep-alive" in options)
        delimited = self._read_body(minor)
        if delimited:
            self._look_behind()
        self.will_close = bool(
            not keep or not delimited or self._buffer or self.status == _SWITCHING_PROTOCOLS
        )

    def _fault(self, rule: FramingRule, expected: str, got: str) -> None:
        self._faults.append(FramingFault(rule, expected, got))

    def _look_behind(self) -> None:
        """Whether more came than this response: the next one on the connection would begin with it."""
        if not self._buffer and select.select([self._sock], [], [], 0)[0]:
            with contextlib.suppress(OSError, TimeoutError):
                self._fill()
        # Readers skip empty lines in front of a message.
        if behind := self._buffer.strip(b"\r\n"):
            self._fault("extra", "nothing behind the response", f"{len(self._buffer)} bytes: {_show(behind)}")

    def _fill(self) -> bool:
        """Receive once; False at the end of the stream."""
        self._sock.settimeout(self._bounds.left())
        data = self._sock.recv(_RECV)
        self._buffer += data
        self._total += len(data)
        if self._total > _HEAD_LIMIT + _RECV + _FRAMING * self._bounds.max_bytes:
            raise OversizedError(f"more than {self._total} bytes on the wire")
        return bool(data)

    def _read_head(self) -> int:
        """Read one status line and header section; the minor version of HTTP."""
        buffer = self._buffer
        looked = 0
        while True:
            if not buffer[:5].startswith(b"HTTP/"[: len(buffer)]):
                raise MalformedError(f"starts with {_show(buffer)}, not with HTTP/1.1")
            end = _END_OF_HEAD.search(buffer, max(0, looked - 3))
            looked = len(buffer) if end is None else end.start()
            if looked > _HEAD_LIMIT:
                raise MalformedError(f"the header section is longer than {_HEAD_LIMIT // 1024} KiB")
            if end is not None:
                break
            if not self._fill():
                where = "within the header section" if self._total else "without an answer"
                raise ConnectionError(f"closed {where}")
        head = bytes(buffer[: end.end()])
        lines = bytes(buffer[: end.start()]).split(b"\n")
        del buffer[: end.end()]
        if head.count(b"\n") != head.count(b"\r\n"):
            self._fault("line", "lines of the header section that end in CR LF", "LF alone")
        if any(line[:1] in (b" ", b"\t") for line in lines):
            self._fault("line", "a header in one line", "a line that continues another")
        first = lines[0].removesuffix(b"\r")
        status_line = _STATUS_LINE.fullmatch(first)
        if status_line is None:
            raise MalformedError(f"the status line is {_show(first)}")
        self.headers = _headers(lines[1:])
        self.status = int(status_line[1])
        return first[7] - ord("0")

    def _read_body(self, minor: int) -> bool:
        """Read the body; whether it says itself where it ends."""
        values = headers_named(self.headers, "transfer-encoding")
        codings = codings_of(values)
        length = self._content_length()
        if self._method == "HEAD" or self.status in _BODILESS or self.status == _SWITCHING_PROTOCOLS:
            return True
        if values:
            self._judge_transfer(codings, length, minor)
            if codings[-1:] == ("chunked",):
                self._read_chunks()
                self._undo(codings[:-1])
                # RFC 9112, 6.3: with both headers the message may be an attempt to smuggle another one.
                return length is None
            length = None
        if length is None:
            while self._move(len(self._buffer)) or self._fill():
                pass
            return False
        if length > self._bounds.max_bytes:
            raise OversizedError(f"Content-Length is {length}, more than {self._bounds.max_bytes} bytes")
        self._move_exactly(length)
        return True

    def _judge_transfer(self, codings: tuple[str, ...], length: int | None, minor: int) -> None:
        """What clients refuse or misread: they know `chunked`, once, alone, and of HTTP/1.1 (RFC 9112, 6)."""
        if codings != ("chunked",):
            shown = ", ".join(codings)[:80]
            self._fault("transfer-encoding", "chunked, once and alone", shown or "an empty header")
        if not minor:
            self._fault("transfer-encoding", "no Transfer-Encoding in HTTP/1.0", ", ".join(codings)[:80])
        if length is not None:
            self._fault("length", "Transfer-Encoding or Content-Length", "both")

    def _undo(self, codings: tuple[str, ...]) -> None:
        """Undo what the chunks hold, as far as that can be read; that it's there is a fault already."""
        if any(coding == "chunked" for coding in codings):
            return
        try:
            body, _ = undone(codings, bytes(self._body), self._bounds.max_bytes)
        except TooLargeError as error:
            raise OversizedError(str(error)) from None
        self._body = bytearray(body)

    def _content_length(self) -> int | None:
        values = headers_named(self.headers, "content-length")
        if not values:
            return None
        announced = values[0]
        texts = {text.strip() for value in values for text in value.split(",")}
        if "," in announced or len(values) > 1:
            self._fault("length", "Content-Length once", "several times")
        text = texts.pop()
        if texts or not (text.isascii() and text.isdigit() and len(text) < 20):
            raise MalformedError(f"Content-Length is {announced!r}")
        return int(text)

    def _read_chunks(self) -> None:
        while True:
            line = self._line()
            chunk_line = _CHUNK_LINE.fullmatch(line)
            if chunk_line is None:
                raise MalformedError(f"a chunk starts with {_show(line)}, not with its size")
            size = int(chunk_line[1], 16)
            if size == 0:
                break
            if len(self._body) + size > self._bounds.max_bytes:
                self._move(len(self._buffer))
                raise OversizedError(f"chunks of more than {self._bounds.max_bytes} bytes")
            self._move_exactly(size)
            if ended := self._line():
                raise MalformedError(f"a chunk is followed by {_show(ended)}, not by the end of its line")
        trailer = self._total
        while self._line():
            if self._total - trailer > _HEAD_LIMIT + _RECV:
                raise MalformedError(f"the trailer section is longer than {_HEAD_LIMIT // 1024} KiB")

    def _line(self) -> bytes:
        """The next line of the body's framing, without its end."""
        buffer = self._buffer
        looked = 0
        while (end := buffer.find(b"\n", looked)) < 0:
            looked = len(buffer)
            if looked > _HEAD_LIMIT:
                raise MalformedError(f"a chunk's first line is longer than {_HEAD_LIMIT // 1024} KiB")
            if not self._fill():
                raise ConnectionError("closed within the body")
        line = bytes(buffer[:end])
        del buffer[: end + 1]
        if not line.endswith(b"\r"):
            self._fault("line", "lines of chunks that end in CR LF", "LF alone")
        return line.removesuffix(b"\r")

    def _move_exactly(self, count: int) -> None:
        while count:
            moved = self._move(count)
            count -= moved
            if not moved and not self._fill():
                raise ConnectionError(f"closed within the body, {count} bytes before its end")

    def _move(self, count: int) -> int:
        """Move at most that many received bytes to the body; how many it was."""
        moved = min(count, len(self._buffer))
        if len(self._body) + moved > self._bounds.max_bytes:
            raise OversizedError(f"a body of more than {self._bounds.max_bytes} bytes")
        self._body += self._buffer[:moved]
        del self._buffer[:moved]
        return moved


def _headers(lines: list[bytes]) -> Headers:
    """Headers as they were written; a folded line continues its predecessor (RFC 9112, 5.2)."""
    headers: list[tuple[str, str]] = []
    for raw in lines:
        line = raw.removesuffix(b"\r")
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip(b' ').decode('latin-1').strip()}".strip())
            continue
        header_line = _HEADER_LINE.fullmatch(line)
        if header_line is None:
            raise MalformedError(f"{_show(line)} is no header")
        headers.append((header_line[1].decode("ascii"), header_line[2].decode("latin-1")))
    return tuple(headers)


def _show(data: bytes | bytearray, limit: int = 40) -> str:
    return repr(bytes(data[:limit])) + ("..." if len(data) > limit else "")
