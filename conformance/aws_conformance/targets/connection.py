# SPDX-License-Identifier: Apache-2.0
"""Kept-alive connections to one target: a Request goes in, an Exchange comes out, whatever happens.

It owns the connections, their reuse and the name of how each exchange ended. It refuses to know what is
asked and whether the answer is right. urllib3 opens, secures and closes connections; none of its
headers, redirects or retries is used, because each would hide something that the target did.
"""

from __future__ import annotations

import contextlib
import functools
import re
import time
import weakref
from collections.abc import Callable, Collection
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from ..errors import TargetUnreachableError, UsageError
from ..http import LARGEST_BODY, Exchange, FramingFault, Request, Response
from .address import Address, Tls, require_loopback
from .response_reader import Bounds

if TYPE_CHECKING:
    from .http_connection import HttpConnection

__all__ = ["Connection", "listening", "reachable", "require_loopback"]

# Idle connections that stay open; as many threads can share a Connection without reconnecting.
_IDLE_LIMIT = 32
_SYSTEM = Tls()


class Connection:
    """Connections to one base URL, reused where the target lets them; safe to share between threads.

    `timeout` bounds each exchange as a whole, in seconds; `max_bytes` its body. Raises UsageError for a
    bad URL, or for a remote one that is none of `hosts` without `allow_remote`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 10.0,
        max_bytes: int = LARGEST_BODY,
        allow_remote: bool = False,
        hosts: Collection[str] = (),
        tls: Tls = _SYSTEM,
    ) -> None:
        address = require_loopback(base_url, allow_remote, hosts)
        if address.path != "/":
            raise UsageError(
                f"The address {base_url!r} has a path, and the operations have paths of their own.",
                f"Use {address.origin}.",
            )
        self._connect = _connection_maker(address, tls)
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._idle: list[HttpConnection] = []
        # A Connection that is dropped takes its sockets with it, as a pool of urllib3's does.
        weakref.finalize(self, _close_all, self._idle)
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
        _close_all(self._idle)

    def send(self, request: Request, *, timeout: float | None = None) -> Exchange:
        """Send a request and read its answer; how the connection ended is the response's `fate`.

        The headers sent are the request's, in its order, with Host before and Content-Length behind
        them unless it has its own. Raises ValueError for a request that HTTP/1.1 can not carry (a line
        break within a header, a path with spaces), and nothing else.
        """
        began = time.monotonic()
        bounds = Bounds(began + (self._timeout if timeout is None else timeout), self._max_bytes)
        connection, leftover = self._idle_connection()
        response = None if connection is None else self._attempt(connection, request, bounds, began)
        if response is None or (
            response.fate == "dropped" and connection is not None and not connection.started
        ):
            # The server gave up the idle connection while our request was on its way (RFC 9112, 9.3.1).
            # That says nothing of the request, so it goes out once more, on a new connection.
            again = self._attempt(self._connect(), request, bounds, began)
            # If nobody listens any more, it was no idle connection that ended, but the server.
            response = response if response is not None and again.fate == "refused" else again
        if leftover and response.fate == "answered":
            # Whose bytes these were can't be told any more; every client of this server would meet them.
            got = f"{leftover!r} behind an earlier answer"
            fault = FramingFault("extra", "nothing behind a response", got)
            response = replace(response, framing=(*response.framing, fault))
        return Exchange(request, response, self.url)

    def _idle_connection(self) -> tuple[HttpConnection | None, bytes]:
        """An idle connection that looks alive, and what came on others; those are closed."""
        leftover = b""
        while (connection := _taken(self._idle)) is not None and not connection.alive:
            leftover = leftover or connection.leftover()
            connection.close()
        return connection, leftover

    def _attempt(
        self, connection: HttpConnection, request: Request, bounds: Bounds, began: float
    ) -> Response:
        """One attempt on one connection, which stays open for the next exchange or is closed."""
        try:
            fate, detail = connection.exchange(request, bounds)
        except BaseException:
            connection.close()
            raise
        elapsed = time.monotonic() - began
        answer = connection.answer
        if answer is None:
            connection.close()
            return Response(0, elapsed=elapsed, fate=fate, detail=detail)
        if fate != "answered" or answer.will_close or len(self._idle) >= _IDLE_LIMIT:
            connection.close()
        else:
            self._idle.append(connection)
        status = answer.status if fate == "answered" else 0
        framing = answer.framing if fate == "answered" else ()
        return Response(status, answer.headers, answer.take_body(), elapsed, fate, detail, framing)


# What a server's alert says that wants a certificate, or another one.
_OUR_CERTIFICATE = re.compile("ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE)")
# Seconds that a server has for such an alert; who takes us says nothing, and has us wait that long once.
_SAYING_SO = 0.2


def reachable(
    url: str,
    *,
    allow_remote: bool = False,
    hosts: Collection[str] = (),
    tls: Tls = _SYSTEM,
    timeout: float = 5.0,
) -> None:
    """Return if somebody listens at the URL, without asking anything.

    Raises TargetUnreachableError with the next step if nobody does, UsageError for a URL that may not
    be connected to.
    """
    address = require_loopback(url, allow_remote, hosts)
    connection = _connection_maker(address, tls)()
    try:
        failed = connection.connect(Bounds(time.monotonic() + timeout, 0))
        refusal = connection.refusal(_SAYING_SO) if failed is None else ""
    finally:
        connection.close()
    said = refusal or (failed[1] if failed is not None else "")
    if _OUR_CERTIFICATE.search(said):
        raise TargetUnreachableError(
            f"{address.origin} does not take our certificate: {said.removeprefix('no TLS: ')}.",
            "Show it one that it takes, with --client-certificate FILE.",
        )
    if failed is not None and failed[0] == "malformed":
        raise TargetUnreachableError(
            f"{address.origin} has no TLS that can be trusted: {failed[1]}.",
            "Name its authority with --ca-bundle FILE.",
        )
    if failed is not None:
        raise TargetUnreachableError(
            f"Nothing answers at {address.origin}: {failed[1]}.",
            "Is the server running? Start it with --start 'CMD {port}'.",
        )


def listening(
    url: str,
    *,
    allow_remote: bool = False,
    hosts: Collection[str] = (),
    tls: Tls = _SYSTEM,
    timeout: float = 2.0,
) -> bool:
    """Whether somebody accepts connections at the URL."""
    try:
        reachable(url, allow_remote=allow_remote, hosts=hosts, tls=tls, timeout=timeout)
    except TargetUnreachableError:
        return False
    return True


def _taken(idle: list[HttpConnection]) -> HttpConnection | None:
    with contextlib.suppress(IndexError):  # another thread may have been faster
        return idle.pop()
    return None


def _close_all(idle: list[HttpConnection]) -> None:
    while (connection := _taken(idle)) is not None:
        connection.close()


def _connection_maker(address: Address, tls: Tls) -> Callable[[], HttpConnection]:
    """What makes connections to an address; the first call imports urllib3, outside an exchange's time."""
    from .http_connection import HttpConnection

    return functools.partial(HttpConnection, address, tls)
