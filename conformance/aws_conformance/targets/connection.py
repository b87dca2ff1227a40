"""Kept-alive connections to one target: a Request goes in, an Exchange comes out, whatever happens.

It owns the connections, their reuse and the name of how each exchange ended. It refuses to know what is
asked and whether the answer is right. urllib3 opens, secures and closes connections; none of its
headers, redirects or retries is used, because each would hide something that the target did.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import socket
import ssl
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import TargetUnreachableError, UsageError
from ..wire import Exchange, Fate, Request, Response, header
from .address import Address, parse_address, require_loopback
from .answer import Answer, Bounds, MalformedError, OversizedError

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

__all__ = ["Connection", "reachable", "require_loopback"]

# Idle connections that are kept; as many threads can share a Connection without reconnecting.
_IDLE_LIMIT = 32
_BODILESS_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class Connection:
    """Connections to one base URL, reused where the target lets them; safe to share between threads.

    `timeout` bounds each exchange as a whole, in seconds; `max_bytes` its body. Raises UsageError for a
    bad URL, or for a remote one without `allow_remote`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 10.0,
        max_bytes: int = 8 * 1024 * 1024,
        allow_remote: bool = False,
    ) -> None:
        address = require_loopback(base_url, allow_remote)
        if address.path != "/":
            raise UsageError(
                f"The address {base_url!r} has a path, and the operations have paths of their own.",
                f"Use {address.origin}.",
            )
        self._address = address
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._idle: list[_Line] = []
        self.url = address.origin
        self.host = address.authority

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Connection({self.url!r})"

    def close(self) -> None:
        """Close the idle connections; the next exchange opens a new one."""
        while (line := self._take()) is not None:
            line.close()

    def send(self, request: Request, *, timeout: float | None = None, label: str = "") -> Exchange:
        """Send a request and read its answer; how the connection ended is the response's `fate`.

        The headers sent are the request's, in its order, with Host before and Content-Length behind
        them unless it has its own. Raises ValueError for a request that HTTP/1.1 can not carry (a line
        break within a header, a path with spaces), and nothing else.
        """
        began = time.monotonic()
        bounds = Bounds(began + (self._timeout if timeout is None else timeout), self._max_bytes)
        response: Response | None = None
        while (line := self._take()) is not None:
            if not line.alive():
                line.close()
                continue
            response = self._converse(line, request, bounds, began)
            if response.fate != "dropped" or line.answered:
                break
            # The server gave up the idle connection while our request was on its way (RFC 9112, 9.3.1):
            # this says nothing of the request, so it goes out once more, on a new connection.
            response = None
            self.close()
        if response is None:
            response = self._converse(_Line(self._address), request, bounds, began)
        return Exchange(request, response, self.url, label)

    def _take(self) -> _Line | None:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        return None

    def _converse(self, line: _Line, request: Request, bounds: Bounds, began: float) -> Response:
        """One attempt on one connection, which is kept for the next exchange or closed."""
        try:
            fate, detail = line.exchange(request, bounds)
        except BaseException:
            line.close()
            raise
        elapsed = time.monotonic() - began
        answer = line.answer
        if fate == "answered" and answer is not None:
            if answer.will_close or len(self._idle) >= _IDLE_LIMIT:
                line.close()
            else:
                self._idle.append(line)
            return Response(answer.status, answer.headers, answer.body, elapsed)
        line.close()
        if answer is None:
            return Response(0, elapsed=elapsed, fate=fate, detail=detail)
        return Response(0, answer.headers, answer.body, elapsed, fate, detail)


def reachable(url: str, *, allow_remote: bool = False, timeout: float = 5.0) -> None:
    """Return if somebody listens at the URL, without asking anything.

    Raises TargetUnreachableError with the next step if nobody does, UsageError for a URL that may not
    be connected to.
    """
    line = _Line(require_loopback(url, allow_remote))
    try:
        failed = line.connect(Bounds(time.monotonic() + timeout, 0))
    finally:
        line.close()
    if failed is not None:
        raise TargetUnreachableError(
            f"Nothing answers at {parse_address(url).origin}: {failed[1]}.",
            "Is the server running? Start it with --start 'CMD {port}'.",
        )


class _Line:
    """One connection of urllib3's, and the answer that it read last."""

    def __init__(self, address: Address) -> None:
        self._host = address.authority
        self._connection = _connection(address)
        self.answer: Answer | None = None

    @property
    def answered(self) -> bool:
        """Whether a byte came back on the last request."""
        return self.answer is not None and self.answer.started

    def alive(self) -> bool:
        """Whether the connection can carry a request: open, and nothing came that nobody asked for."""
        return self._connection.is_connected

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.close()

    def connect(self, bounds: Bounds) -> tuple[Fate, str] | None:
        """Open the connection if need be; what went wrong, or None."""
        from urllib3.exceptions import ConnectTimeoutError, HTTPError

        if self._connection.sock is not None:
            return None
        try:
            self._connection.timeout = bounds.left()
            self._connection.connect()
        except (ConnectTimeoutError, TimeoutError):
            return "timeout", "no connection within the time limit"
        except ssl.SSLError as error:
            return "malformed", f"no TLS: {error.reason or error}"
        except HTTPError as error:
            return "refused", _cause(error)
        except OSError as error:
            return "refused", error.strerror or str(error)
        return None

    def exchange(self, request: Request, bounds: Bounds) -> tuple[Fate, str]:
        """Send a request and read the answer into `answer`; how it ended and, if badly, why."""
        self.answer = None
        failed = self.connect(bounds)
        if failed is not None:
            return failed
        connection = self._connection
        connection.response_class = functools.partial(self._response, bounds)  # type: ignore[assignment]
        data = self._written(request)
        broken = ""
        try:
            connection.sock.settimeout(bounds.left())
            try:
                connection.send(data)
            except (BrokenPipeError, ConnectionResetError) as error:
                # A server may refuse and close before it read the whole body; its answer counts.
                broken = error.strerror or str(error)
            # urllib3's own getresponse regroups headers of the same name and would log strange ones.
            http.client.HTTPConnection.getresponse(connection)
        except TimeoutError:
            return "timeout", self._progress("no complete answer within the time limit")
        except MalformedError as error:
            return "malformed", str(error)
        except OversizedError as error:
            return "oversized", str(error)
        except OSError as error:
            return "dropped", self._progress(error.strerror or str(error) or broken)
        return "answered", ""

    def _response(
        self, bounds: Bounds, sock: socket.socket, debuglevel: int = 0, method: str | None = None
    ) -> Answer:
        self.answer = Answer(sock, method or "", bounds)
        return self.answer

    def _progress(self, text: str) -> str:
        answer = self.answer
        if answer is None or not answer.started:
            return text
        return f"{text}, after {len(answer.body)} bytes of body" if answer.status else text

    def _written(self, request: Request) -> bytes:
        """The request's bytes, written by http.client, in one piece so that they leave in one packet."""
        connection = self._connection
        held: list[bytes] = []
        names = {name.lower() for name, _ in request.headers}
        try:
            connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            if "host" not in names:
                connection.putheader("Host", self._host)
            for name, value in request.headers:
                connection.putheader(name, value)
            if not names & {"content-length", "transfer-encoding"} and (
                request.body or request.method not in _BODILESS_METHODS
            ):
                connection.putheader("Content-Length", str(len(request.body)))
        except (ValueError, http.client.InvalidURL) as error:
            raise ValueError(f"HTTP/1.1 can not carry this request: {error}") from error
        return b""
