"""A small HTTP/1.1 server on the loopback that serves any function from Request to Response.

It owns the socket, the reading of requests and the writing of answers. It refuses to know what is
served: the reference, the canaries and the stub all stand behind it.

The standard library's server reads headers through its email parser, which costs more than answering
does and forgets how they were written; here they stay an ordered tuple of what came. Each answer is
one send, with Nagle's algorithm off, so that a kept-alive client never waits for a delayed
acknowledgement.
"""

from __future__ import annotations

import contextlib
import errno
import io
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import TypeAlias

from ..errors import UsageError
from ..wire import Headers, Request, Response, header, headers_named

__all__ = ["Handler", "Server", "serve"]

Handler: TypeAlias = Callable[[Request], Response]

_HOST = "127.0.0.1"
_LINE_LIMIT = 64 * 1024
_HEADER_LIMIT = 200
# Above the largest upload that the reference refuses by itself (100 MB).
_BODY_LIMIT = 128 * 1024 * 1024
# Seconds without a byte after which a kept-alive connection is given up.
_IDLE = 120.0
# Seconds that closing waits for each connection's thread.
_PATIENCE = 2.0
_BODILESS = frozenset((204, 304))
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _UnreadableError(Exception):
    """What came is no request that can be read; the connection ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


def serve(handler: Handler, port: int = 0, on_error: Callable[[str], None] | None = None) -> Server:
    """Serve `handler` on 127.0.0.1 at `port` (0 takes a free one) until the server is closed.

    `handler` is called from a thread per connection. A response whose fate is not "answered" is not
    sent: "timeout" keeps the connection open and silent, any other closes it. `on_error` gets one line
    for each exception of the handler; the client gets a bare 500.

    Raises UsageError if the port can't be had.
    """
    return Server(handler, port, on_error)


class Server:
    """A server that is running; a context manager that closes it. `url` has no slash at its end."""

    def __init__(self, handler: Handler, port: int, on_error: Callable[[str], None] | None) -> None:
        self._handler = handler
        self._on_error = on_error
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{_HOST}:{self.port}"
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept, name=f"server-{self.port}", daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and end all connections; closing twice is no mistake."""
        if self._closing.is_set():
            return
        self._closing.set()
        # A blocked accept is woken most portably by a connection.
        with contextlib.suppress(OSError):
            socket.create_connection((_HOST, self.port), timeout=_PATIENCE).close()
        self._acceptor.join(_PATIENCE)
        self._listener.close()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join(_PATIENCE)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._closing.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _converse(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until one side ends it."""
        try:
            with connection, connection.makefile("rb") as stream:
                connection.settimeout(_IDLE)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self._exchange(connection, stream):
                    pass
        except OSError:
            pass  # the client is gone, or too slow; it has nobody to be told
        finally:
            with self._lock:
                self._connections.pop(connection, None)

    def _exchange(self, connection: socket.socket, stream: io.BufferedReader) -> bool:
        """Read and answer one request; whether another one may follow."""
        try:
            found = _read(stream, connection)
        except _UnreadableError as error:
            connection.sendall(_write(Response(error.status), False, False))
            return False
        if found is None:
            return False
        request, keep = found
        try:
            response = self._handler(request)
        except Exception as error:
            if self._on_error is not None:
                self._on_error(f"{request.method} {request.path}: {type(error).__name__}: {error}")
            response = Response(500)
        if response.fate == "timeout":
            self._closing.wait()
        if response.fate != "answered":
            return False
        connection.sendall(_write(response, keep, request.method == "HEAD"))
        return keep


def _listen(port: int) -> socket.socket:
    hint = "Choose another port, or 0 for any free one."
    if not 0 <= port <= 65_535:
        raise UsageError(f"There is no port {port}.", hint)
    try:
        return socket.create_server((_HOST, port), backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"Port {port} of {_HOST} is already in use.", hint) from None
        raise UsageError(f"Port {port} of {_HOST} can not be opened: {error.strerror}.", hint) from None


def _read(stream: io.BufferedReader, connection: socket.socket) -> tuple[Request, bool] | None:
    """The next request and whether the connection may be kept; None at the end of the stream."""
    line = _line(stream)
    if line == b"\r\n" or line == b"\n":
        line = _line(stream)  # RFC 9112, 2.2: one empty line before a request is to be ignored
    if not line:
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise _UnreadableError(400)
    method, path, version = parts
    headers = _headers(stream)
    connection_options = (header(headers, "connection") or "").lower()
    keep = "close" not in connection_options and (version != "HTTP/1.0" or "keep-alive" in connection_options)
    if (header(headers, "expect") or "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(method, path, headers, _body(stream, headers)), keep


def _line(stream: io.BufferedReader) -> bytes:
    line = stream.readline(_LINE_LIMIT + 1)
    if len(line) > _LINE_LIMIT:
        raise _UnreadableError(431)
    return line


def _headers(stream: io.BufferedReader) -> Headers:
    """Headers in order and as they were spelled; bytes beyond ASCII are kept as latin-1."""
    made: list[tuple[str, str]] = []
    while (line := _line(stream)) not in (b"\r\n", b"\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name or name != name.strip() or len(made) == _HEADER_LIMIT:
            raise _UnreadableError(431 if len(made) == _HEADER_LIMIT else 400)
        made.append((name, value.strip(" \t\r\n")))
    return tuple(made)


def _body(stream: io.BufferedReader, headers: Headers) -> bytes:
    lengths = headers_named(headers, "content-length")
    encoding = header(headers, "transfer-encoding")
    if encoding is not None:
        if encoding.lower() != "chunked" or lengths:
            raise _UnreadableError(400)
        return _chunks(stream)
    if not lengths:
        return b""
    if len(set(lengths)) != 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
        raise _UnreadableError(400)
    return _exactly(stream, int(lengths[0]), 0)


def _chunks(stream: io.BufferedReader) -> bytes:
    body = bytearray()
    while True:
        try:
            size = int(_line(stream).partition(b";")[0], 16)
        except ValueError:
            raise _UnreadableError(400) from None
        if size <= 0:
            _headers(stream)  # trailers, which mean nothing here
            return bytes(body)
        body += _exactly(stream, size, len(body))
        _line(stream)


def _exactly(stream: io.BufferedReader, size: int, before: int) -> bytes:
    if before + size > _BODY_LIMIT:
        raise _UnreadableError(413)
    content = stream.read(size)
    if len(content) < size:
        raise _UnreadableError(400)
    return content


def _write(response: Response, keep: bool, head: bool) -> bytes:
    """The response in one piece. A Content-Length of the handler's own is left as it is."""
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}"]
    lines.extend(f"{name}: {value}" for name, value in response.headers)
    if header(response.headers, "content-length") is None and response.status not in _BODILESS:
        lines.append(f"Content-Length: {len(response.body)}")
    if not keep:
        lines.append("Connection: close")
    start = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    return start if head else start + response.body
