# SPDX-License-Identifier: Apache-2.0
"""A rate is kept whatever is sent, and time that nobody used is not made up for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.switchable import HEADER, conforming, events_of, footer, switchable

from aws_conformance.engine.metered import MeteredChannel, Pace
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.shards import shards


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_more_requests_a_second_than_the_rate() -> None:
    clock = _Clock()
    sent: list[float] = []

    def send(*_: object) -> None:
        sent.append(clock.now)

    channel: Any = SimpleNamespace(
        send=send, send_plain=send, send_at_once=lambda calls: list(map(send, calls))
    )
    paced = MeteredChannel(channel, Pace(4.0, lambda: clock.now, clock.sleep))
    call: Any = None
    paced.send(call)
    paced.send_plain(call)
    paced.send_at_once([call, call])
    paced.send(call)
    assert sent == [0.0, 0.25, 0.5, 0.5, 1.0]
    clock.now = 60.0
    paced.send(call)
    paced.send(call)
    assert sent[-2:] == [60.0, 60.25]


def test_a_run_keeps_its_rate_and_its_verdict() -> None:
    with switchable(conforming(HEADER)) as target:
        plan = Plan((HEADER,), UrlTarget(target.url), max_examples=0, rate=1e6)
        assert footer(events_of(plan)).exit == 0


def test_workers_share_the_rate() -> None:
    plan = Plan((HEADER, "cognito-idp:CreateUserPool"), workers=2, rate=10.0)
    assert [part.rate for part in shards(plan)] == [5.0, 5.0]
