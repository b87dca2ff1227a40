# SPDX-License-Identifier: Apache-2.0
"""A target that is slow now and then ends a run in bounded time, though it never falls silent."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference
from aws_conformance.results.events import CaseFinished, Event, OperationFinished
from aws_conformance.targets.server import serve

OPERATIONS = ("cognito-idp:GetCSVHeader", "cognito-idp:ListUserPools")


def _exchanges(plan: Plan) -> tuple[int, int, list[Event]]:
    """What a run sends to a target whose every second answer never comes, with its exit code and events."""
    reference, numbers = Reference(), itertools.count(1)
    asked: list[int] = []

    def answer(request: Request) -> Response:
        asked.append(next(numbers))
        return Response(0, fate="timeout") if asked[-1] % 2 == 0 else reference.handle(request)

    events: list[Event] = []
    with serve(answer) as server:
        code = run(replace(plan, target=UrlTarget(server.url)), events.append)
    return len(asked), code, events


def test_slow_answers_have_an_end() -> None:
    plan = Plan(OPERATIONS, phases=("enumerated",), timeout=0.05)
    asked, code, events = _exchanges(plan)
    assert code in (1, 4)
    # Twelve limits of a request in each operation, and what was under way.
    assert asked < 2 * len(OPERATIONS) * (12 + 6)
    reasons = [event.unreached for event in events if isinstance(event, OperationFinished)]
    assert len(reasons) == len(OPERATIONS)


def test_a_bound_of_the_users_is_the_only_one() -> None:
    plan = Plan(OPERATIONS[:1], phases=("enumerated",), timeout=0.1, max_time=600.0)
    asked, _, _ = _exchanges(plan)
    assert asked > 2 * (12 + 6)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_target_that_never_answers_is_asked_a_few_times_alone(workers: int) -> None:
    """It may be any port that something listens on: whoever takes requests and says nothing is no target."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(0, fate="timeout")

    events: list[Event] = []
    with serve(answer) as server:
        plan = Plan(OPERATIONS, UrlTarget(server.url), phases=("enumerated",), timeout=0.2, workers=workers)
        assert run(plan, events.append) == 4
    assert len(asked) <= 5 * workers
    reasons = [event.unreached for event in events if isinstance(event, OperationFinished)]
    assert len(reasons) == len(OPERATIONS)
    outcomes = [event.outcome for event in events if isinstance(event, CaseFinished)]
    assert any("takes requests and answers none" in getattr(outcome, "reason", "") for outcome in outcomes)
