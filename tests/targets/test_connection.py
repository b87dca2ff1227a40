# SPDX-License-Identifier: Apache-2.0
"""Connections: what is sent, what is read, how exchanges end, and which hosts are let through."""

from __future__ import annotations

import contextlib
import gc
import gzip
import re
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.canaries import CANARIES, hear, talking

from aws_conformance.errors import TargetUnreachableError, UsageError
from aws_conformance.http import Fate, Headers, Request, Response
from aws_conformance.targets.connection import Connection, reachable, require_loopback
from aws_conformance.targets.response_reader import ResponseReader
from aws_conformance.targets.server import serve

ASK = Request("POST", "/", (("X-Amz-Target", "Service.Operation"),), b"{}")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

# What a client that tests anything must be able to say of each canary.
FATES: dict[str, Fate] = {
    "always-declared-error": "answered",
    "always-empty-object": "answered",
    "always-internal-error": "answered",
    "always-plausible-job": "answered",
    "closes-at-once": "dropped",
    "closes-midway": "dropped",
    "deep-json": "answered",
    "echo": "answered",
    "endless-chunks": "oversized",
    "endless-headers": "malformed",
    "endless-stream": "oversized",
    "html-200": "answered",
    "html-500": "answered",
    "huge-body": "oversized",
    "never-answers": "timeout",
    "not-http": "malformed",
    "tiny-chunks": "oversized",
    "trickle": "timeout",
}


@contextlib.contextmanager
def scripted(*answers: list[bytes]) -> Iterator[tuple[str, list[list[bytes]]]]:
    """A server that gives the n-th connection the n-th list of answers, one a request, then closes it.

    It gives its URL and, per connection, the heads of the requests that came.
    """
    seen: list[list[bytes]] = []

    def talk(connection: socket.socket, stop: threading.Event) -> None:
        heard: list[bytes] = []
        seen.append(heard)
        for answer in answers[min(len(seen), len(answers)) - 1]:
            request = hear(connection)
            if not request:
                return
            heard.append(request)
            connection.sendall(answer)

    with talking(talk) as url:
        yield url, seen


def answer(raw: bytes, request: Request = ASK) -> Response:
    """How the connection reads these bytes, after which the server closes."""
    with scripted([raw]) as (url, _), Connection(url, timeout=60.0, max_bytes=1_000) as connection:
        return connection.send(request).response


# --- what is sent


def test_the_request_is_sent_as_it_is_with_host_and_length_alone_added() -> None:
    request = Request("POST", "/a?b=c", (("X-b", "1"), ("x-A", "2"), ("X-B", "3")), b'{"a": 1}')
    with scripted([OK]) as (url, seen), Connection(url) as connection:
        exchange = connection.send(request)
        host = connection.host
    assert seen == [
        [
            f"POST /a?b=c HTTP/1.1\r\nHost: {host}\r\nX-b: 1\r\nx-A: 2\r\nX-B: 3\r\n"
            'Content-Length: 8\r\n\r\n{"a": 1}'.encode()
        ]
    ]
    assert url == f"http://{host}"
    assert (exchange.request, exchange.url) == (request, url)
    assert exchange.response.elapsed > 0


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("GET", "/"), b"GET / HTTP/1.1\r\nHost: H\r\n\r\n"),
        (Request("POST", "/"), b"POST / HTTP/1.1\r\nHost: H\r\nContent-Length: 0\r\n\r\n"),
        (
            Request("GET", "/", (), b"x"),
            b"GET / HTTP/1.1\r\nHost: H\r\nContent-Length: 1\r\n\r\nx",
        ),
        (
            Request("PUT", "/", (("host", "other"), ("content-length", "1")), b"x"),
            b"PUT / HTTP/1.1\r\nhost: other\r\ncontent-length: 1\r\n\r\nx",
        ),
        (
            Request("PUT", "/", (("Transfer-Encoding", "chunked"),), b"0\r\n\r\n"),
            b"PUT / HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (Request("GET", "/", (("X", "\xe9"),)), b"GET / HTTP/1.1\r\nHost: H\r\nX: \xe9\r\n\r\n"),
    ],
)
def test_a_request_brings_its_own_host_and_framing_or_gets_them(request_: Request, expected: bytes) -> None:
    with scripted([OK]) as (url, seen), Connection(url) as connection:
        connection.send(request_)
        assert seen == [[expected.replace(b"Host: H", f"Host: {connection.host}".encode())]]


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/a b"),
        Request("GET", "/\r\nX: 1"),
        Request("GET", "/\xe9"),
        Request("G\r\nET", "/"),
        Request("GET", "/", (("X", "a\r\nY: b"),)),
        Request("GET", "/", (("X\n", "a"),)),
        Request("GET", "/", (("X", "\u20ac"),)),
    ],
)
def test_a_request_that_http_can_not_carry_is_our_mistake(request_: Request) -> None:
    with scripted([OK, OK]) as (url, seen), Connection(url) as connection:
        with pytest.raises(ValueError, match=r"^HTTP/1\.1 can not carry this request: "):
            connection.send(request_)
        assert connection.send(ASK).response.body == b"{}"
    assert [len(heads) for heads in seen] == [1]


# --- what is read


@pytest.mark.parametrize(
    ("raw", "status", "headers", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, (("Content-Length", "2"),), b"{}"),
        (b"HTTP/1.0 400\r\ncontent-length:2\r\n\r\n{}", 400, (("content-length", "2"),), b"{}"),
        (b"HTTP/1.1 200 \n\nto the end", 200, (), b"to the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, (), b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, (("Content-Length", "7"),), b""),
        (
            b"HTTP/1.1 200 OK\r\nB: 1\r\na:\t 2 \r\nb: \xe9\r\nA:\r\nContent-Length: 0\r\n\r\n",
            200,
            (("B", "1"), ("a", "2"), ("b", "\xe9"), ("A", ""), ("Content-Length", "0")),
            b"",
        ),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n  2\r\n\r\n", 200, (("A", "1 2"),), b""),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
            200,
            (("Content-Length", "2"), ("Content-Length", "2")),
            b"{}",
        ),
        (
            CHUNKED.replace(b"chunked", b"Chunked") + b"1\r\n{\r\n01;a=b \r\n}\r\n0\r\nT: 1\r\n\r\n",
            200,
            (("Transfer-Encoding", "Chunked"),),
            b"{}",
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK,
            200,
            (("Content-Length", "2"),),
            b"{}",
        ),
    ],
)
def test_responses_are_read_as_they_are_framed(
    raw: bytes, status: int, headers: Headers, body: bytes
) -> None:
    response = answer(raw)
    assert (response.fate, response.detail) == ("answered", "")
    assert (response.status, response.headers, response.body) == (status, headers, body)


@pytest.mark.parametrize(
    ("raw", "fate", "detail"),
    [
        (b"", "dropped", r"^closed without an answer$|reset"),
        (b"HTT", "dropped", r"^closed within the header section$"),
        (b"HTTP/1.1 200", "dropped", r"^closed within the header section$"),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n", "dropped", r"^closed within the header section$"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
            "dropped",
            r"^closed within the body, 8 bytes before its end, after status 200 and 1 bytes of body$",
        ),
        (
            CHUNKED + b"5\r\nab",
            "dropped",
            r"3 bytes before its end",
        ),
        (CHUNKED + b"1\r\na\r\n", "dropped", r"within the body"),
        (
            CHUNKED + b"1\r\na\r\n0\r\n",
            "dropped",
            r"within the body",
        ),
        (b"hello", "malformed", r"^starts with b'hello', not with HTTP/1\.1$"),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\n", "malformed", r"starts with"),
        (b"HTTP/2 200\r\n\r\n", "malformed", r"^the status line is b'HTTP/2 200'$"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "malformed", r"the status line"),
        (b"HTTP/1.1 099 OK\r\n\r\n", "malformed", r"the status line"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "malformed", r"the status line"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "malformed", r"^b'no header' is no header$"),
        (b"HTTP/1.1 200 OK\r\nA : 1\r\n\r\n", "malformed", r"is no header"),
        (b"HTTP/1.1 200 OK\r\n: 1\r\n\r\n", "malformed", r"is no header"),
        (b"HTTP/1.1 200 OK\r\nA: 1\r2\r\n\r\n", "malformed", r"is no header"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", "malformed", r"^Content-Length is 'abc'$"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed", r"Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", "malformed", r"Content-Length"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "malformed",
            r"Content-Length",
        ),
        (
            CHUNKED + b"-1\r\n",
            "malformed",
            r"^a chunk starts with b'-1', not with its size$",
        ),
        (CHUNKED + b"\r\n", "malformed", r"not with its size"),
        (
            CHUNKED + b"1\r\nab\r\n",
            "malformed",
            r"followed by b'b'",
        ),
        (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 65_536 + b"\r\n\r\n", "malformed", r"longer than 64 KiB$"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: 1\r\n" * 11_000 + b"\r\n", "malformed", r"longer than 64 KiB$"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
            "oversized",
            r"^Content-Length is 1001, more than 1000",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 1_001, "oversized", r"more than 1000 bytes"),
        (
            CHUNKED + b"fffffffffffffff\r\n",
            "oversized",
            r"more than 1000 bytes",
        ),
    ],
)
def test_broken_responses_have_their_fate(raw: bytes, fate: Fate, detail: str) -> None:
    response = answer(raw)
    assert (response.fate, response.status) == (fate, 0)
    assert re.search(detail, response.detail)


@pytest.mark.parametrize(
    ("raw", "rules"),
    [
        (OK, []),
        (CHUNKED + b"2\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n", []),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, []),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", []),
        (OK + b"\r\n", []),
        (OK + b"x", ["extra"]),
        (b"HTTP/1.1 204 No Content\r\n\r\n{}", ["extra"]),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n0\r\n\r\n", ["extra"]),
        (
            CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n") + b"2\r\n{}\r\n0\r\n\r\n",
            ["length"],
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", ["length"]),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", ["length"]),
        (CHUNKED.replace(b"chunked", b"chunked, chunked") + b"2\r\n{}\r\n0\r\n\r\n", ["transfer-encoding"]),
        (CHUNKED.replace(b"chunked", b"identity, chunked") + b"2\r\n{}\r\n0\r\n\r\n", ["transfer-encoding"]),
        (CHUNKED.replace(b"chunked", b"identity") + b"{}", ["transfer-encoding"]),
        (CHUNKED.replace(b"chunked", b"") + b"{}", ["transfer-encoding"]),
        (CHUNKED.replace(b"/1.1", b"/1.0") + b"2\r\n{}\r\n0\r\n\r\n", ["transfer-encoding"]),
        (OK.replace(b"\r\n", b"\n"), ["line"]),
        (CHUNKED + b"2\n{}\n0\n\n", ["line"]),
        (OK.replace(b"\r\n\r\n", b"\r\nA: 1\r\n 2\r\n\r\n"), ["line"]),
    ],
)
def test_what_other_clients_would_not_forgive_is_reported(raw: bytes, rules: list[str]) -> None:
    response = answer(raw)
    assert (response.fate, response.body in (b"", b"{}")) == ("answered", True)
    assert [fault.rule for fault in response.framing] == rules


def test_gzip_within_chunks_is_read_and_reported() -> None:
    packed = gzip.compress(b"{}")
    raw = CHUNKED.replace(b"chunked", b"gzip, chunked") + b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    response = answer(raw)
    assert response.body == b"{}"
    assert [fault.rule for fault in response.framing] == ["transfer-encoding"]


def test_a_bomb_within_chunks_is_oversized() -> None:
    packed = gzip.compress(b"a" * 1_001)
    raw = CHUNKED.replace(b"chunked", b"gzip, chunked") + b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    assert answer(raw).fate == "oversized"


@pytest.mark.parametrize(
    ("late", "rules"),
    [(b"HTTP/1.1 200 OK\r\n", ["extra"]), (b"HTTP/1.1 408 Request Timeout\r\n\r\n", []), (b"\r\n", [])],
)
def test_what_comes_late_is_reported_with_the_next_answer(late: bytes, rules: list[str]) -> None:
    answered, sent = threading.Event(), threading.Event()

    def talk(connection: socket.socket, stop: threading.Event) -> None:
        hear(connection)
        connection.sendall(OK)
        if not sent.is_set():
            answered.wait()
            connection.sendall(late)
            sent.set()

    with talking(talk) as url, Connection(url) as connection:
        assert connection.send(ASK).response.framing == ()
        answered.set()
        sent.wait()
        assert [fault.rule for fault in connection.send(ASK).response.framing] == rules


def test_what_was_read_before_the_end_stays() -> None:
    response = answer(b'HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 99\r\n\r\n{"Users":')
    assert (response.status, response.fate) == (0, "dropped")
    assert response.headers == (("A", "1"), ("Content-Length", "99"))
    assert response.body == b'{"Users":'


def test_a_head_section_of_64_kib_and_a_body_of_just_the_limit_are_taken() -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nA: "
    raw = start + b"a" * (65_536 - len(start)) + b"\r\n\r\n" + b"b" * 1_000
    response = answer(raw)
    assert (response.fate, len(response.body)) == ("answered", 1_000)


def test_the_answer_to_head_has_no_body() -> None:
    response = answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", Request("HEAD", "/"))
    assert (response.fate, response.status, response.body) == ("answered", 200, b"")


def test_content_coding_and_redirects_are_left_alone() -> None:
    packed = gzip.compress(b"{}")
    raw = (
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    )
    with scripted([raw % len(packed) + packed]) as (url, seen), Connection(url) as connection:
        response = connection.send(ASK).response
    assert (response.status, response.body, len(seen)) == (302, packed, 1)


def test_an_answer_counts_although_the_request_was_never_read() -> None:
    def refuse(connection: socket.socket, stop: threading.Event) -> None:
        hear(connection)
        connection.sendall(b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n")

    with talking(refuse) as url, Connection(url) as connection:
        response = connection.send(Request("PUT", "/", (), b"a" * 30_000_000)).response
    assert (response.fate, response.status) == ("answered", 413)


# --- connections are kept


def test_a_connection_carries_many_exchanges() -> None:
    with scripted([OK] * 50) as (url, seen), Connection(url) as connection:
        for _ in range(50):
            assert connection.send(ASK).response.fate == "answered"
    assert [len(heads) for heads in seen] == [50]


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        # Bytes behind the response would be read as the beginning of the next one.
        OK + b"HTTP/1.1 500 Oh\r\n\r\n",
    ],
)
def test_a_connection_that_can_not_be_trusted_is_not_reused(raw: bytes) -> None:
    with scripted([raw, raw]) as (url, seen), Connection(url) as connection:
        for _ in range(3):
            response = connection.send(ASK).response
            assert (response.status, response.body) == (200, b"{}")
    assert [len(heads) for heads in seen] == [1, 1, 1]


def test_http_1_0_with_keep_alive_stays_open() -> None:
    raw = b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}"
    with scripted([raw, raw]) as (url, seen), Connection(url) as connection:
        assert [connection.send(ASK).response.fate for _ in range(2)] == ["answered"] * 2
    assert [len(heads) for heads in seen] == [2]


def test_an_idle_connection_that_was_closed_is_replaced_before_anything_is_sent() -> None:
    with scripted([OK]) as (url, seen), Connection(url) as connection:
        for _ in range(3):
            assert connection.send(ASK).response.fate == "answered"
            time.sleep(0.02)
    assert [len(heads) for heads in seen] == [1, 1, 1]


def test_a_reused_connection_that_drops_the_request_unanswered_is_retried_once() -> None:
    with scripted([OK, b""], [OK]) as (url, seen), Connection(url) as connection:
        assert connection.send(ASK).response.fate == "answered"
        assert connection.send(ASK).response.fate == "answered"
    assert [len(heads) for heads in seen] == [2, 1]


def test_the_retry_is_not_retried() -> None:
    with scripted([OK, b""], [b""]) as (url, seen), Connection(url) as connection:
        assert connection.send(ASK).response.fate == "answered"
        assert connection.send(ASK).response.fate == "dropped"
    assert [len(heads) for heads in seen] == [2, 1]


def test_a_new_connection_that_drops_is_not_retried() -> None:
    with scripted([b""]) as (url, seen), Connection(url) as connection:
        assert connection.send(ASK).response.fate == "dropped"
    assert [len(heads) for heads in seen] == [1]


def test_a_reused_connection_that_began_to_answer_is_not_retried() -> None:
    with scripted([OK, b"HTTP/1.1 200 OK\r\n"], [OK]) as (url, seen), Connection(url) as connection:
        assert connection.send(ASK).response.fate == "answered"
        assert connection.send(ASK).response.fate == "dropped"
    assert [len(heads) for heads in seen] == [2]


def test_threads_share_a_connection_without_mixing_answers() -> None:
    def ask(number: int) -> bool:
        body = b"%d" % number
        return connection.send(Request("POST", "/", (), body)).response.body == body

    with CANARIES["echo"]() as url, Connection(url) as connection, ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))


def test_a_connection_that_is_dropped_leaves_no_open_socket() -> None:
    with CANARIES["echo"]() as url:
        # A socket left open is a ResourceWarning, and warnings are errors.
        assert Connection(url).send(ASK).response.fate == "answered"


# --- time and memory


@pytest.mark.parametrize("name", sorted(CANARIES))
def test_each_canary_has_its_fate_within_bounds(name: str) -> None:
    timeout = 0.5 if FATES[name] == "timeout" else 60.0
    with CANARIES[name]() as url, Connection(url, timeout=timeout, max_bytes=1_000_000) as connection:
        tracemalloc.start()
        response = connection.send(ASK).response
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (response.fate, bool(response.detail)) == (FATES[name], FATES[name] != "answered")
    assert peak < 5_000_000


def test_every_canary_has_its_fate_in_the_table() -> None:
    assert sorted(FATES) == sorted(CANARIES)


@pytest.mark.parametrize("name", ["never-answers", "trickle"])
def test_time_is_bound_in_all_and_can_be_set_for_a_single_request(name: str) -> None:
    with CANARIES[name]() as url, Connection(url) as connection:
        response = connection.send(ASK, timeout=0.3).response
    # Without a bound as a whole, the trickle would take a day.
    assert response.fate == "timeout"
    assert response.elapsed > 0.25


def test_a_server_that_reads_nothing_is_a_timeout() -> None:
    def ignore(connection: socket.socket, stop: threading.Event) -> None:
        stop.wait()

    with talking(ignore) as url, Connection(url, timeout=0.3) as connection:
        response = connection.send(Request("PUT", "/", (), b"a" * 30_000_000)).response
    assert response.fate == "timeout"


def test_nobody_listens() -> None:
    with Connection(_silent_url()) as connection:
        response = connection.send(ASK).response
    assert (response.fate, response.detail) == ("refused", "connection refused")


def test_tls_is_expected_of_https_alone() -> None:
    with CANARIES["not-http"]() as url, Connection(url.replace("http:", "https:")) as connection:
        response = connection.send(ASK).response
    assert response.fate == "malformed"
    assert response.detail.startswith("no TLS: ")


@pytest.mark.parametrize("name", ["echo", "endless-stream", "closes-midway", "not-http", "trickle"])
def test_no_answer_stays_in_memory_until_a_collection(name: str) -> None:
    gc.collect()
    gc.disable()
    # Connections of other tests in this process may be idle, with their last answer.
    before = {id(reader) for reader in gc.get_objects() if isinstance(reader, ResponseReader)}
    try:
        with CANARIES[name]() as url, Connection(url, timeout=0.2) as connection:
            body = b"a" * 4_000_000
            tracemalloc.start()
            connection.send(Request("POST", "/", (), body))
            if FATES[name] != "answered":
                readers = [reader for reader in gc.get_objects() if isinstance(reader, ResponseReader)]
                assert not [reader for reader in readers if id(reader) not in before]
            assert soon_below(1_000_000)
    finally:
        tracemalloc.stop()
        gc.enable()


def soon_below(limit: int) -> bool:
    """Whether the memory in use falls below; the server's thread, in this process, has its own copy."""
    until = time.monotonic() + 60.0
    while tracemalloc.get_traced_memory()[0] > limit:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


# --- the guard


@pytest.mark.parametrize(
    ("url", "origin", "host"),
    [
        ("http://localhost", "http://localhost", "localhost"),
        ("HTTP://LocalHost:4566/", "http://localhost:4566", "localhost:4566"),
        ("http://cognito-idp.localhost:4566", "http://cognito-idp.localhost:4566", None),
        ("https://127.0.0.1:443", "https://127.0.0.1", "127.0.0.1"),
        ("http://127.255.255.254:1", "http://127.255.255.254:1", None),
        ("http://127.0.0.1:65535", "http://127.0.0.1:65535", None),
        ("http://[::1]:5000", "http://[::1]:5000", "[::1]:5000"),
        ("http://[0:0:0:0:0:0:0:1]", "http://[0:0:0:0:0:0:0:1]", None),
    ],
)
def test_the_loopback_is_let_through(url: str, origin: str, host: str | None) -> None:
    connection = Connection(url)
    assert connection.url == origin
    assert connection.host == (host or connection.host)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://128.0.0.1",
        "http://0.0.0.0:5000",
        "http://10.0.0.1",
        "http://169.254.169.254/latest/meta-data",
        "http://[::]:5000",
        "http://[::2]",
        "http://[fe80::1]",
        "http://[::ffff:127.0.0.1]",
        "http://localhost.example.com",
        "http://localhost.localdomain",
        "http://notlocalhost",
        "http://127.0.0.1.nip.io",
        "http://2130706433",
        "http://0x7f000001",
        "http://127.1",
        "http://0177.0.0.1",
        "https://cognito-idp.us-east-1.amazonaws.com",
    ],
)
def test_another_host_needs_the_flag(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _never)
    with pytest.raises(UsageError, match=r"^\S+ is not on this machine, .* --allow-remote .*\.$") as caught:
        require_loopback(url, allow_remote=False)
    assert "\n" not in str(caught.value)
    assert require_loopback(url, allow_remote=True).origin == url.lower().split("/latest")[0]


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("localhost:5000", r"has no scheme\. Did you mean http://localhost:5000\?"),
        ("127.0.0.1", r"has no scheme\. Did you mean http://127\.0\.0\.1\?"),
        ("", r"has no scheme"),
        ("ftp://127.0.0.1", r"has the scheme 'ftp'"),
        ("file:///etc/passwd", r"has the scheme 'file'"),
        ("http://127.0.0.1:65536", r"can not be read: Port out of range"),
        ("http://127.0.0.1:x", r"can not be read: Port could not be cast"),
        ("http://127.0.0.1:0", r"has the port 0"),
        ("http://user@127.0.0.1", r"must not hold a user name or password"),
        ("http://127.0.0.1@example.com", r"must not hold a user name or password"),
        ("http://", r"names no host"),
        ("http://:5000", r"names no host"),
        ("http://[::1", r"can not be read"),
        ("http://[::1%25eth0]", r"valid host|can not be read"),
        ("http://127.0.0.1\\@example.com", r"holds a character"),
        ("http://127.0.0.1\t.example.com", r"holds a character"),
        (" http://127.0.0.1", r"holds a character"),
        ("http://127.0.0.1\r\nX: 1", r"holds a character"),
        ("http://\uff11\uff12\uff17.0.0.1", r"holds a character"),
        ("http://local%68ost", r"names no valid host"),
        ("http://a,b", r"names no valid host"),
    ],
)
def test_a_bad_address_is_refused_with_a_hint(url: str, match: str, allow: bool) -> None:
    with pytest.raises(UsageError, match=match) as caught:
        require_loopback(url, allow_remote=allow)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        require_loopback("http://ann:hunter2@127.0.0.1", allow_remote=False)
    assert "hunter2" not in str(caught.value)


def test_a_target_has_no_path() -> None:
    with pytest.raises(UsageError, match=r"has a path, .* Use http://127\.0\.0\.1:5000\.$"):
        Connection("http://127.0.0.1:5000/prefix")


def test_a_handed_out_address_keeps_its_path_and_query() -> None:
    address = require_loopback("http://127.0.0.1:5000/up/a?X-Amz-Signature=b&c", allow_remote=False)
    assert (address.origin, address.path) == ("http://127.0.0.1:5000", "/up/a?X-Amz-Signature=b&c")


def test_names_below_localhost_are_dialled_as_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def spy(host: str, *more: object, **named: object) -> object:
        asked.append(host)
        return resolve(host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", spy)
    with serve(lambda request: Response(200, (), request.headers[0][1].encode())) as server:
        with Connection(f"http://cognito-idp.localhost:{server.port}") as connection:
            response = connection.send(ASK).response
        assert response.body == f"cognito-idp.localhost:{server.port}".encode()
    assert "localhost" in asked
    assert "cognito-idp.localhost" not in asked


def test_reachable_tells_what_to_do_next() -> None:
    with CANARIES["echo"]() as url:
        reachable(url)
    silent = _silent_url()
    with pytest.raises(
        TargetUnreachableError,
        match=rf"^Nothing answers at {silent}: connection refused\. Is the server running\? "
        r"Start it with --start 'CMD \{port\}'\.$",
    ):
        reachable(silent)
    with pytest.raises(UsageError, match="--allow-remote"):
        reachable("http://example.com")


def test_urllib3_is_not_imported_before_the_first_connection() -> None:
    code = "import sys, aws_conformance.targets.connection; sys.exit('urllib3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _never(*arguments: object, **named: object) -> object:
    raise AssertionError("the guard asked for a name")


def _silent_url() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
