# SPDX-License-Identifier: Apache-2.0
"""Time that is moved by a request: how far, by what, and what does not move with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from aws_conformance.http import Request, Response, header
from aws_conformance.reference import ADVANCE_PATH, ManualClock, Reference, Settings, SystemClock
from aws_conformance.reference.clock import Clock

if TYPE_CHECKING:
    from tests.reference.conftest import World

TEN_YEARS = 10 * 366 * 24 * 3600


def ask(world: World, body: bytes, method: str = "POST", path: str = ADVANCE_PATH) -> Response:
    """The answer to an unsigned request that would move the clock."""
    return world.reference.handle(Request(method, path, (("Host", "127.0.0.1"),), body))


def move(world: World, seconds: float) -> None:
    response = ask(world, json.dumps({"seconds": seconds}).encode())
    assert response.status == 200, response.body


def decoded(response: Response) -> Any:
    assert header(response.headers, "content-type") == "application/json"
    assert header(response.headers, "date")
    assert header(response.headers, "x-amzn-requestid")
    return json.loads(response.body)


def test_an_hour_passes(make_world: Callable[..., World]) -> None:
    world = make_world(time_control=True)
    start = world.clock.now()
    response = ask(world, b'{"seconds": 3600}')
    assert (response.status, decoded(response)) == (200, {"now": start + 3600})
    assert world.clock.now() == start + 3600
    assert decoded(ask(world, b'{"seconds": 0.5}')) == {"now": start + 3600.5}


def test_an_import_passes_without_waiting(make_world: Callable[..., World], row: Any) -> None:
    world = make_world(time_control=True)
    pool = world.pool()
    job = world.job(pool)
    world.upload(job, world.sheet(pool, [row("ann")]))
    assert world.start(pool, job).status == 200
    statuses = []
    for _ in range(3):
        statuses.append(world.describe(pool, job)["Status"])
        move(world, 2)
    assert statuses == ["Pending", "InProgress", "Succeeded"]


def test_a_job_expires_and_so_does_its_url_but_no_signature(make_world: Callable[..., World]) -> None:
    """The client goes on signing with today's date: `wall` is not moved."""
    world = make_world(time_control=True)
    pool = world.pool()
    job = world.job(pool)
    move(world, 90_000)
    assert world.describe(pool, job)["Status"] == "Expired"
    late = world.job(pool)
    assert late["CreationDate"] == world.clock.now()
    assert world.upload(late, b"").status == 200
    move(world, 900)
    assert b"Request has expired" in world.upload(late, b"").body


def test_the_machines_clock_runs_on_from_where_it_was_moved() -> None:
    reference = Reference(Settings(time_control=True))
    before = time.time()
    response = reference.handle(Request("POST", ADVANCE_PATH, (), b'{"seconds": 90000}'))
    now = SystemClock().now()
    after = time.time()
    # Times travel in milliseconds, dates in whole seconds.
    assert before - 0.001 <= json.loads(response.body)["now"] - 90_000 <= after + 0.001
    # The date of an answer is the wall's.
    assert before <= now <= after
    date = parsedate_to_datetime(header(response.headers, "date") or "")
    assert int(before) <= date.timestamp() <= after


def test_no_reference_moves_another_ones_clock() -> None:
    moved, other = Reference(Settings(time_control=True)), Reference(Settings(time_control=True))
    moved.handle(Request("POST", ADVANCE_PATH, (), b'{"seconds": 90000}'))
    before = time.time()
    now = json.loads(other.handle(Request("POST", ADVANCE_PATH, (), b'{"seconds": 0}')).body)["now"]
    assert before - 0.001 <= now <= time.time() + 0.001


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is no JSON"),
        (b"{", "The body is no JSON"),
        (b"\xff", "The body is no JSON"),
        (b"[" * 100_000, "The body is no JSON"),
        (b'{"seconds": ' + b"9" * 5_000 + b"}", "The body is no JSON"),
        (b"90000", "no JSON object"),
        (b'[{"seconds": 1}]', "no JSON object"),
        (b"null", "no JSON object"),
        (b"{}", "lacks the member seconds"),
        (b'{"seconds": 1, "minutes": 2}', 'none named "minutes"'),
        (b'{"Seconds": 1}', 'none named "Seconds"'),
        (b'{"seconds": null}', "to be a number"),
        (b'{"seconds": "1"}', "to be a number"),
        (b'{"seconds": true}', "to be a number"),
        (b'{"seconds": [1]}', "to be a number"),
        (b'{"seconds": NaN}', "finite"),
        (b'{"seconds": Infinity}', "finite"),
        (b'{"seconds": -Infinity}', "finite"),
        (b'{"seconds": 1e999}', "finite"),
        (b'{"seconds": -1}', "0 or more"),
        (b'{"seconds": -0.001}', "0 or more"),
        (b'{"seconds": %d}' % (TEN_YEARS + 1), "at most"),
        (b'{"seconds": ' + b"9" * 400 + b"}", "at most"),
    ],
)
def test_anything_else_moves_nothing(make_world: Callable[..., World], body: bytes, message: str) -> None:
    world = make_world(time_control=True)
    start = world.clock.now()
    response = ask(world, body)
    document = decoded(response)
    assert (response.status, set(document)) == (400, {"message"})
    assert message in document["message"]
    assert world.clock.now() == start


def test_ten_years_may_pass_at_once(make_world: Callable[..., World]) -> None:
    world = make_world(time_control=True)
    start = world.clock.now()
    assert decoded(ask(world, b'{"seconds": %d}' % TEN_YEARS)) == {"now": start + TEN_YEARS}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method(make_world: Callable[..., World], method: str) -> None:
    world = make_world(time_control=True)
    start = world.clock.now()
    response = ask(world, b'{"seconds": 1}', method)
    assert (response.status, header(response.headers, "allow")) == (405, "POST")
    assert decoded(response)["message"].startswith(f"{method} moves no clock")
    assert world.clock.now() == start


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_path_means_nothing_unless_time_control_is_on(world: World, method: str) -> None:
    start = world.clock.now()
    response = ask(world, b'{"seconds": 1}', method)
    unknown = ask(world, b'{"seconds": 1}', method, "/no/such/path")
    assert (response.status, b"AccessDenied" in response.body) == (403, True)
    assert (unknown.status, b"AccessDenied" in unknown.body) == (403, True)
    assert world.clock.now() == start


@pytest.mark.parametrize("path", [f"{ADVANCE_PATH}/", "/_aws-conformance", f"{ADVANCE_PATH}d"])
def test_paths_beside_it_mean_nothing(make_world: Callable[..., World], path: str) -> None:
    world = make_world(time_control=True)
    assert ask(world, b'{"seconds": 1}', path=path).status == 403


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()])
def test_no_clock_moves_backwards(clock: Clock) -> None:
    before = clock.now()
    with pytest.raises(ValueError, match="forward only, not by -1 seconds"):
        clock.advance(-1)
    clock.advance(10)
    assert 10 <= clock.now() - before < 15
