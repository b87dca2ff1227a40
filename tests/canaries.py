# SPDX-License-Identifier: Apache-2.0
"""Servers that are wrong on purpose, in ways that say nothing about any operation.

Each is a context manager that gives a URL. A kit that calls one of them conforming, hangs on it or runs
out of memory proves nothing about real servers. It knows no check: who uses a canary says what it must
earn.
"""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TypeAlias

from aws_conformance.http import Headers, Request, Response
from aws_conformance.targets.server import serve

__all__ = ["CANARIES", "Canary", "talking"]

Canary: TypeAlias = Callable[[], AbstractContextManager[str]]
# A server without manners: it has the connection, and an event that is set when it must stop.
Talk: TypeAlias = Callable[[socket.socket, threading.Event], None]

GIGABYTE = 1024**3
_DEPTH = 100_000
_PAUSE = 0.05
_BLOCK = b"a" * 65_536


def answering(make: Callable[[Request, str], Response]) -> Canary:
    """A canary that answers every request; `make` gets the canary's own URL too."""

    @contextlib.contextmanager
    def canary() -> Iterator[str]:
        url = ""
        with serve(lambda request: make(request, url)) as server:
            url = server.url
            yield url

    return canary


def always(status: int, content_type: str, body: bytes, *more: tuple[str, str]) -> Canary:
    """A canary that gives the same answer to everything."""
    response = Response(status, (("Content-Type", content_type), *more), body)
    return answering(lambda request, url: response)


@contextlib.contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server that runs `talk` in a thread for each connection, and closes it afterwards."""
    stop = threading.Event()
    lock = threading.Lock()
    connections: dict[socket.socket, threading.Thread] = {}

    def converse(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            talk(connection, stop)
        with lock:
            connections.pop(connection, None)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            if stop.is_set():
                connection.close()
                return
            thread = threading.Thread(target=converse, args=(connection,), daemon=True)
            with lock:
                connections[connection] = thread
            thread.start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            stop.set()
            socket.create_connection(("127.0.0.1", port)).close()
            acceptor.join()
            with lock:
                left = dict(connections)
            for connection in left:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in left.values():
                thread.join()


def hear(connection: socket.socket) -> bytes:
    """Read one request: its head, and as much of its body as comes along."""
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65_536)
        if not received:
            break
        data += received
    return data


def _job(request: Request, url: str) -> Response:
    job = {
        "JobName": "canary",
        "JobId": "import-AbCdEf0123",
        "UserPoolId": "us-east-1_AbCdEf012",
        "PreSignedUrl": f"{url}/upload",
        "CreationDate": 1763892000.123,
        "Status": "Created",
        "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/canary",
        "ImportedUsers": 0,
        "SkippedUsers": 0,
        "FailedUsers": 0,
    }
    return Response(200, _JSON, json.dumps({"UserImportJob": job}).encode())


def _echo(request: Request, url: str) -> Response:
    return Response(200, _JSON, request.body)


def _silent(connection: socket.socket, stop: threading.Event) -> None:
    while connection.recv(65_536):
        pass


def _closing(connection: socket.socket, stop: threading.Event) -> None:
    return


def _closing_midway(connection: socket.socket, stop: threading.Event) -> None:
    hear(connection)
    connection.sendall(_head(b"Content-Length: 1000") + b'{"UserImportJob":{"JobName":"can')


def _huge(connection: socket.socket, stop: threading.Event) -> None:
    hear(connection)
    connection.sendall(_head(b"Content-Length: %d" % GIGABYTE) + b'{"UserImportJob":"')
    for _ in range(GIGABYTE // len(_BLOCK)):
        connection.sendall(_BLOCK)


def _endless_chunks(connection: socket.socket, stop: threading.Event) -> None:
    hear(connection)
    connection.sendall(_head(b"Transfer-Encoding: chunked"))
    while not stop.is_set():
        connection.sendall(b"%x\r\n%b\r\n" % (len(_BLOCK), _BLOCK))


def _endless_stream(connection: socket.socket, stop: threading.Event) -> None:
    hear(connection)
    connection.sendall(_head(b"Connection: close"))
    while not stop.is_set():
        connection.sendall(_BLOCK)


def _tiny_chunks(connection: socket.socket, stop: threading.Event) -> None:
    """One byte of body in a kilobyte of framing, for ever."""
    hear(connection)
    connection.sendall(_head(b"Transfer-Encoding: chunked"))
    chunks = (b"1;" + b"x" * 1_000 + b"\r\na\r\n") * 64
    while not stop.is_set():
        connection.sendall(chunks)


def _trickle(connection: socket.socket, stop: threading.Event) -> None:
    """Never silent for long, so that a time limit for each read never strikes."""
    hear(connection)
    connection.sendall(_head(b"Content-Length: 1000000"))
    while not stop.wait(_PAUSE):
        connection.sendall(b" ")


def _endless_headers(connection: socket.socket, stop: threading.Event) -> None:
    hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stop.is_set():
        connection.sendall(b"X-Canary: tweet\r\n" * 1_000)


def _not_http(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.7\r\n")
    hear(connection)


def _head(*more: bytes) -> bytes:
    lines = (b"HTTP/1.1 200 OK", b"Content-Type: application/x-amz-json-1.1", *more)
    return b"\r\n".join(lines) + b"\r\n\r\n"


_AMZ_JSON = "application/x-amz-json-1.1"
_REQUEST_ID = ("x-amzn-RequestId", "1b3f7c1e-6d2a-4a54-9a6e-1d3d5a1c0f00")
_JSON: Headers = (("Content-Type", _AMZ_JSON), _REQUEST_ID)
_HTML = b"<!doctype html><html><head><title>canary</title></head><body><h1>tweet</h1></body></html>"

CANARIES: Mapping[str, Canary] = MappingProxyType(
    {
        "always-declared-error": always(
            400,
            _AMZ_JSON,
            b'{"__type":"ResourceNotFoundException","message":"User pool us-east-1_a does not exist."}',
            _REQUEST_ID,
            ("x-amzn-ErrorType", "ResourceNotFoundException:"),
        ),
        "always-empty-object": always(200, _AMZ_JSON, b"{}", _REQUEST_ID),
        "always-internal-error": always(
            500, _AMZ_JSON, b'{"__type":"InternalErrorException","message":"canary"}', _REQUEST_ID
        ),
        "always-plausible-job": answering(_job),
        "closes-at-once": functools.partial(talking, _closing),
        "closes-midway": functools.partial(talking, _closing_midway),
        "deep-json": always(200, _AMZ_JSON, b'{"a":' * _DEPTH + b"1" + b"}" * _DEPTH, _REQUEST_ID),
        "echo": answering(_echo),
        "endless-chunks": functools.partial(talking, _endless_chunks),
        "endless-headers": functools.partial(talking, _endless_headers),
        "endless-stream": functools.partial(talking, _endless_stream),
        "html-200": always(200, "text/html; charset=utf-8", _HTML),
        "html-500": always(500, "text/html; charset=utf-8", _HTML),
        "huge-body": functools.partial(talking, _huge),
        "never-answers": functools.partial(talking, _silent),
        "not-http": functools.partial(talking, _not_http),
        "tiny-chunks": functools.partial(talking, _tiny_chunks),
        "trickle": functools.partial(talking, _trickle),
    }
)
