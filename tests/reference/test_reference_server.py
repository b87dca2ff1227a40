# SPDX-License-Identifier: Apache-2.0
"""The server: bytes in and out as they are, connections kept or ended, and failures that stay its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import urllib3

from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response
from aws_conformance.targets.server import Server, serve


@contextmanager
def talking(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        yield connection


def until_closed(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(65_536):
        received += part
    return received


def exchange(raw: bytes, handler: Callable[[Request], Response]) -> bytes:
    """All that the server sends to a client that says no more than `raw`."""
    with serve(handler) as server, talking(server) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return until_closed(connection)


def test_headers_and_body_arrive_as_they_were_sent() -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        return Response(200, (("X-Two", "2"), ("x-one", "1"), ("X-Two", "é")), b"\x00\xff")

    raw = b"PUT /a%20b?c=d HTTP/1.1\r\nhOst: h\r\nX-B:  \xe9 b \r\nx-b:\r\nContent-Length: 3\r\n\r\n\x00\r\n"
    answer = exchange(raw, handler)
    headers = (("hOst", "h"), ("X-B", "é b"), ("x-b", ""), ("Content-Length", "3"))
    assert seen == [Request("PUT", "/a%20b?c=d", headers, b"\x00\r\n")]
    assert answer == (
        b"HTTP/1.1 200 OK\r\nX-Two: 2\r\nx-one: 1\r\nX-Two: \xe9\r\nContent-Length: 2\r\n\r\n\x00\xff"
    )


GET = b"GET / HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (GET + b"\r\n" + GET + b"\r\n", 2),
        (GET + b"Connection: close\r\n\r\n" + GET + b"\r\n", 1),
        (b"GET / HTTP/1.0\r\n\r\n" + GET + b"\r\n", 1),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + GET + b"\r\n", 2),
        (b"", 0),
    ],
)
def test_connections_stay_or_end(raw: bytes, count: int) -> None:
    assert exchange(raw, lambda request: Response(200)).count(b"HTTP/1.1 200 OK") == count


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (GET + b"Content-Length: x\r\n\r\n", 400),
        (GET + b"Content-Length: -1\r\n\r\n", 400),
        (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (GET + b"Content-Length: 5\r\n\r\nab", 400),
        (GET + b"Content-Length: 999999999999\r\n\r\n", 413),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 411),
        (GET + b"X: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (GET + b"X: x\r\n" * 300 + b"\r\n", 431),
    ],
)
def test_what_can_not_be_read_ends_the_connection(raw: bytes, status: int) -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        return Response(200)

    with serve(handler) as server, talking(server) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(65_536).startswith(f"HTTP/1.1 {status} ".encode())
    assert seen == []


def test_a_client_that_waits_for_leave_to_send() -> None:
    with serve(lambda request: Response(200, (), request.body)) as server, talking(server) as connection:
        connection.sendall(GET + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"x")
        assert connection.recv(100).endswith(b"x")


def test_head_and_empty_statuses_have_no_body() -> None:
    raw = b"HEAD / HTTP/1.1\r\n\r\n"
    assert exchange(raw, lambda request: Response(200, (), b"abc")).endswith(b"Content-Length: 3\r\n\r\n")
    assert exchange(GET + b"\r\n", lambda request: Response(204)) == b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_content_length_of_the_handlers_own_stays() -> None:
    answer = exchange(GET + b"\r\n", lambda request: Response(200, (("Content-Length", "99"),), b"abc"))
    assert answer.endswith(b"Content-Length: 99\r\n\r\nabc")


def test_a_handler_that_fails_is_a_bare_500_and_a_line() -> None:
    lines: list[str] = []

    def handler(request: Request) -> Response:
        raise KeyError("a secret of ours")

    with serve(handler, on_error=lines.append) as server, urllib3.PoolManager() as pool:
        for _ in range(2):
            response = pool.request("POST", f"{server.url}/x", body=b"1", retries=False)
            assert (response.status, response.data) == (500, b"")
    assert lines == ["POST /x: KeyError: 'a secret of ours'"] * 2


@pytest.mark.parametrize("fate", ["dropped", "malformed"])
def test_a_handler_may_drop_the_connection(fate: str) -> None:
    assert exchange(GET + b"\r\n", lambda request: Response(0, fate=fate)) == b""  # type: ignore[arg-type]


def test_a_handler_may_never_answer() -> None:
    server = serve(lambda request: Response(0, fate="timeout"))
    with talking(server) as connection:
        connection.sendall(GET + b"\r\n")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        server.close()
        connection.settimeout(60)
        assert connection.recv(1) == b""


def test_a_port_that_is_taken() -> None:
    with (
        serve(lambda request: Response(200)) as server,
        pytest.raises(UsageError, match=f"^Port {server.port} of 127.0.0.1 is already in use. Choose"),
    ):
        serve(lambda request: Response(200), server.port)


def test_a_port_that_is_none() -> None:
    with pytest.raises(UsageError, match="There is no port 70000"):
        serve(lambda request: Response(200), 70_000)


def test_closing_frees_the_port_and_ends_connections() -> None:
    server = serve(lambda request: Response(200))
    with talking(server) as connection:
        connection.sendall(GET + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        server.close()
        server.close()
        assert connection.recv(1) == b""
    with serve(lambda request: Response(200), server.port) as again:
        assert again.url == server.url


def test_no_thread_is_left() -> None:
    before = set(threading.enumerate())
    with serve(lambda request: Response(200)) as server, urllib3.PoolManager() as pool:
        pool.request("GET", server.url)
    assert set(threading.enumerate()) <= before


def test_connections_are_served_side_by_side() -> None:
    both = threading.Barrier(2, timeout=60)

    def handler(request: Request) -> Response:
        both.wait()
        return Response(200)

    with serve(handler) as server, talking(server) as first, talking(server) as second:
        for connection in (first, second):
            connection.sendall(GET + b"\r\n")
        assert first.recv(100).startswith(b"HTTP/1.1 200")
        assert second.recv(100).startswith(b"HTTP/1.1 200")
