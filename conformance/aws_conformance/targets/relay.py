# SPDX-License-Identifier: Apache-2.0
"""A relay on the loopback between a client and its endpoint, which remembers what passes through it.

It owns the forwarding and the memory. It refuses to know what is said: bytes go on as they came, so that a
signature, which covers the address that the client spoke to, stays good.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

from ..http import Exchange, Request, Response
from .server import Server, serve
from .transport import Transport

__all__ = ["Relay", "refusing"]

# What concerns one connection alone (RFC 9110, 7.6.1), and the length, which the server sets itself.
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"})


@dataclass(slots=True)
class Relay:
    """A context manager; while it is open, `url` answers as the connection's endpoint does."""

    connection: Transport
    _server: Server | None = None
    _passed: list[Exchange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Relay:
        self._server = serve(self._forward)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def url(self) -> str:
        """The address to give to the client. Raises RuntimeError while the relay is not open."""
        if self._server is None:
            raise RuntimeError("the relay is not open")
        return self._server.url

    def take(self) -> tuple[Exchange, ...]:
        """What passed through since this was last asked, in order."""
        with self._lock:
            passed = tuple(self._passed)
            self._passed.clear()
        return passed

    def _forward(self, request: Request) -> Response:
        forwarded = tuple(pair for pair in request.headers if pair[0].lower() not in _HOP)
        exchange = self.connection.send(Request(request.method, request.path, forwarded, request.body))
        with self._lock:
            self._passed.append(Exchange(request, exchange.response, exchange.url))
        response = exchange.response
        headers = tuple(pair for pair in response.headers if pair[0].lower() not in _HOP)
        return Response(response.status, headers, response.body, fate=response.fate)


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """The URL of a loopback port that refuses connections for as long as this lasts.

    The port is taken and nobody listens, so nobody else can come to listen there either.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
