# SPDX-License-Identifier: Apache-2.0
"""Hostile servers, as data: none hangs a run or fills its memory, and none that breaks a client passes.

A row of tests/hostile/answers.yaml is what a server answers to one operation; all else it answers as the
reference does.
"""

from __future__ import annotations

import contextlib
import gzip
import resource
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.canaries import talking

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Headers, Request, Response, header
from aws_conformance.reference import Reference
from aws_conformance.results.events import Event, Reported, RunFinished
from aws_conformance.targets.server import serve

ROWS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "hostile" / "answers.yaml").read_text("utf-8"))
SUBJECT = "GetCSVHeader"
RIGHT = b'{"UserPoolId":"us-east-1_AbCdEf012","CSVHeader":["name"]}'
HEADERS = (
    b"Content-Type: application/x-amz-json-1.1\r\nx-amzn-RequestId: 1b3f7c1e-6d2a-4a54-9a6e-1d3d5a1c0f00\r\n"
)
# Seconds for a request; most of the servers are not slow.
TIMEOUT = 0.3
# Bytes by which this process may grow over all of them.
MEMORY = 300_000_000
# 200 megabytes, packed.
_BOMB = gzip.compress(bytes(200_000_000), 1)


@dataclass(frozen=True, slots=True)
class Row:
    """What is answered, what comes then, and the check that it earns."""

    raw: bytes
    end: str
    earns: str


def _chunks(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


def _filled(raw: bytes) -> bytes:
    packed = gzip.compress(RIGHT)
    values = {
        b"<H>": HEADERS,
        b"<B>": RIGHT,
        b"<N>": b"%d" % len(RIGHT),
        b"<C>": _chunks(RIGHT),
        b"<G>": packed,
        b"<GN>": b"%d" % len(packed),
        b"<GC>": _chunks(packed),
        b"<Z>": _BOMB,
        b"<ZN>": b"%d" % len(_BOMB),
        b"<ZC>": _chunks(_BOMB),
        b"<ZZ>": gzip.compress(_BOMB),
        b"<ZZN>": b"%d" % len(gzip.compress(_BOMB)),
    }
    for name, value in values.items():
        raw = raw.replace(name, value)
    return raw


def _rows() -> Iterator[Any]:
    for name, row in ROWS["framings"].items():
        raw = _filled(row["raw"].encode("latin-1"))
        yield pytest.param(Row(raw, row.get("end", "keep"), row["earns"]), id=name)
    for name, row in ROWS["bodies"].items():
        before, part, times, after = row.get("repeat", [row.get("body", ""), "", 0, ""])
        body = (before + part * times + after).encode("latin-1")
        head = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n" % (HEADERS, len(body))
        yield pytest.param(Row(head + body, "keep", row["earns"]), id=f"body-{name}")


def _requests(connection: socket.socket) -> Iterator[Request]:
    with connection.makefile("rb") as stream:
        while line := stream.readline():
            method, path, _ = line.decode("latin-1").split(" ", 2)
            headers: Headers = ()
            while (text := stream.readline().decode("latin-1").rstrip("\r\n")) != "":
                name, _, value = text.partition(":")
                headers += ((name, value.strip()),)
            body = stream.read(int(header(headers, "content-length") or 0))
            yield Request(method, path, headers, body)


def _bytes_of(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} x", *(f"{name}: {value}" for name, value in response.headers)]
    lines += [f"Content-Length: {len(response.body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + response.body


@contextlib.contextmanager
def _hostile(row: Row) -> Iterator[str]:
    reference = Reference()

    def talk(connection: socket.socket, stop: threading.Event) -> None:
        for request in _requests(connection):
            target = header(request.headers, "x-amz-target") or ""
            if not target.endswith(SUBJECT):
                connection.sendall(_bytes_of(reference.handle(request)))
                continue
            connection.sendall(row.raw)
            match row.end:
                case "close":
                    return
                case "hang":
                    stop.wait()
                case "trickle":
                    while not stop.wait(TIMEOUT / 10):
                        connection.sendall(b"a")
                case "flood":
                    while not stop.is_set():
                        connection.sendall(b"a" * 65_536)

    with talking(talk) as url:
        yield url


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def test_there_are_many() -> None:
    assert len(list(_rows())) + len(ROWS["protocols"]) >= 180


def _run(row: Row) -> tuple[int, tuple[str, ...], set[str]]:
    """The exit code of a run, its reasons, and the checks that were broken."""
    events: list[Event] = []
    with _hostile(row) as url:
        plan = Plan(
            (f"cognito-idp:{SUBJECT}",),
            UrlTarget(url),
            phases=("enumerated",),
            timeout=TIMEOUT,
            max_wait=0.5,
            fail_on="warning",
        )
        code = run(plan, events.append)
    reasons = next(event.reasons for event in events if isinstance(event, RunFinished))
    return code, reasons, {event.violation.check for event in events if isinstance(event, Reported)}


@pytest.mark.parametrize("row", list(_rows()))
def test_it_neither_passes_nor_hangs_nor_exhausts(row: Row) -> None:
    before = _peak()
    code, reasons, earned = _run(row)
    assert code in (1, 4), reasons
    assert row.earns in earned, (sorted(earned), reasons)
    assert _peak() - before < MEMORY


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: <N>\r\n\r\n<B>",
        "Transfer-Encoding: chunked\r\n\r\n<C>",
        "Content-Encoding: gzip\r\nContent-Length: <GN>\r\n\r\n<G>",
        "Content-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n\r\n<GC>",
        "Content-Encoding: identity\r\nContent-Length: <N>\r\n\r\n<B>",
    ],
)
def test_what_every_client_reads_is_no_finding(framing: str) -> None:
    raw = _filled(f"HTTP/1.1 200 OK\r\n<H>{framing}".encode())
    _, _, earned = _run(Row(raw, "keep", ""))
    assert not {
        check for check in earned if check.startswith(("response.framing", "response.body", "server"))
    }


def _body_of(row: Mapping[str, Any]) -> bytes:
    before, part, times, after = row.get("repeat", [row.get("body", ""), "", 0, ""])
    text = before + part * times + after
    return bytes.fromhex(text) if row.get("encoding") == "hex" else text.encode("latin-1")


@pytest.mark.parametrize("row", list(ROWS["protocols"].values()), ids=list(ROWS["protocols"]))
def test_nor_does_it_in_any_other_protocol(row: Mapping[str, Any]) -> None:
    before, body = _peak(), _body_of(row)
    headers = (("Content-Type", row["type"]), ("Set-Cookie", "a=b; Domain=.amazonaws.com"))
    events: list[Event] = []
    with serve(lambda request: Response(200, headers, body)) as server:
        plan = Plan(
            (row["operation"],),
            UrlTarget(server.url),
            protocol=row.get("protocol"),
            phases=("enumerated",),
            timeout=5.0,
            budget=4,
            max_time=10.0,
            fail_on="warning",
        )
        code = run(plan, events.append)
    earned = {event.violation.check for event in events if isinstance(event, Reported)}
    assert code in (1, 4)
    assert row["earns"] in earned, sorted(earned)
    assert _peak() - before < MEMORY
