# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 server on the loopback that serves any function from Request to Response.

It owns the listening socket and the way between the standard library's HTTP server and our values. It
refuses to know what is served: the reference, the canaries and the miniatures all stand behind it.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeAlias

from ..errors import UsageError
from ..http import Request, Response, header

__all__ = ["Handler", "Server", "serve"]

Handler: TypeAlias = Callable[[Request], Response]

_HOST = "127.0.0.1"
# Above the largest upload that the reference refuses by itself (100 MB).
_BODY_LIMIT = 128 * 1024 * 1024
# Seconds without a byte after which a kept-alive connection is given up.
_IDLE = 120.0
# Seconds within which closing is noticed.
_POLL = 0.02
_BODILESS = frozenset((204, 304))


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
        self._http = _listen(handler, port, on_error)
        self.port: int = self._http.server_address[1]
        self.url = f"http://{_HOST}:{self.port}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(_POLL,), name=f"server-{self.port}", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and end all connections; closing twice is no mistake."""
        if self._http.closing.is_set():
            return
        self._http.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._http.end_connections()


def _listen(handler: Handler, port: int, on_error: Callable[[str], None] | None) -> _HTTPServer:
    hint = "Choose another port, or 0 for any free one."
    if not 0 <= port <= 65_535:
        raise UsageError(f"There is no port {port}.", hint)
    try:
        return _HTTPServer(handler, port, on_error)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"Port {port} of {_HOST} is already in use.", hint) from None
        raise UsageError(f"Port {port} of {_HOST} can not be opened: {error.strerror}.", hint) from None


class _HTTPServer(ThreadingHTTPServer):
    """The standard library's server; remembers its connections so that closing ends the idle ones too."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, handler: Handler, port: int, on_error: Callable[[str], None] | None) -> None:
        self.answer = handler
        self.on_error = on_error
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__((_HOST, port), _Conversation)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke: the client is gone, so nobody is left to answer."""


class _Conversation(BaseHTTPRequestHandler):
    """One connection's requests, each answered by the server's function in one send."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE
    # Buffered, and flushed once an answer: a client never waits for the second of two small packets.
    wbufsize = 64 * 1024
    server: _HTTPServer

    def _answer(self) -> None:
        body = self._body()
        if body is None:
            return
        # Header values are kept as they were spelled, in order; what is not ASCII is latin-1.
        headers = tuple((name, value.strip()) for name, value in self.headers.items())
        request = Request(self.command, self.path, headers, body)
        try:
            response = self.server.answer(request)
        except Exception as error:
            if self.server.on_error is not None:
                message = f"{request.method} {request.path}: {type(error).__name__}: {error}"
                self.server.on_error(message)
            response = Response(500)
        if response.fate == "timeout":
            self.server.closing.wait()
        if response.fate != "answered":
            self.close_connection = True
            return
        self._send(response)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _answer  # noqa: N815

    def _body(self) -> bytes | None:
        """The request's body; None, after a refusal, for one that can't be read."""
        lengths = set(self.headers.get_all("content-length", ["0"]))
        length = lengths.pop()
        if self.headers.get("transfer-encoding") is not None:
            # No AWS client sends chunks without a length to these operations.
            self.send_error(411)
        elif lengths or not (length.isascii() and length.isdigit()):
            self.send_error(400)
        elif int(length) > _BODY_LIMIT:
            self.send_error(413)
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                return body
            self.send_error(400)
        return None

    def handle_expect_100(self) -> bool:
        leave = super().handle_expect_100()
        self.wfile.flush()
        return leave

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers:
            self.send_header(name, value.encode("latin-1", "replace").decode("latin-1"))
        says_its_length = any(
            header(response.headers, name) is not None for name in ("content-length", "transfer-encoding")
        )
        if not says_its_length and response.status not in _BODILESS:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A request that could not be read: the status alone, no page."""
        if not hasattr(self, "command") or self.command is None:
            self.command = ""
        self.request_version = self.protocol_version
        self.close_connection = True
        self._send(Response(code))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nothing is logged: who serves reports to its user what matters."""
