# SPDX-License-Identifier: Apache-2.0
"""Requests at once: the order in which their answers make sense, or that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from aws_conformance.cases.lifecycles.belief import Rules
from aws_conformance.cases.lifecycles.linearize import explain
from aws_conformance.cases.lifecycles.predicates import Scene
from aws_conformance.cases.lifecycles.registry import lifecycles_of

_LIFE = {lifecycle.name: lifecycle for lifecycle in lifecycles_of("cognito-idp")}
JOB = Rules(_LIFE["user-import-job"])
USER = Rules(_LIFE["user"])
POOL = Rules(_LIFE["user-pool"])
GOOD = Scene({"file": "good", "verifies": True, "rows": 2})

YES, NO = True, False


def _explained(
    outcomes: Mapping[tuple[str, bool], int],
    final: str | None,
    state: str = "Created",
    rules: Rules = JOB,
    scene: Scene = GOOD,
) -> tuple[str, ...]:
    return explain(rules, frozenset(state.split("/")), scene, outcomes, final)


@pytest.mark.parametrize(
    ("accepted", "refused", "final", "order"),
    [
        (1, 15, "Pending", ("start accepted", "start refused 15 times")),
        (1, 0, "Pending", ("start accepted",)),
        (1, 1, "Pending", ("start accepted", "start refused")),
        # It may have gone on by itself since.
        (1, 15, "InProgress", ("start accepted", "start refused 15 times")),
        (1, 15, "Succeeded", ("start accepted", "start refused 15 times")),
        (1, 15, "Failed", ("start accepted", "start refused 15 times")),
        (1, 15, None, ("start accepted", "start refused 15 times")),
        # What was accepted has left its trace; what nobody did has not happened.
        (1, 15, "Created", ()),
        (1, 15, "Stopped", ()),
        (1, 15, "Expired", ()),
        # A job is started once.
        (2, 14, "Pending", ()),
        (16, 0, "Pending", ()),
        (2, 0, None, ()),
        # It could be started, so the first request should have been accepted.
        (0, 16, "Created", ()),
        (0, 1, None, ()),
    ],
)
def test_a_job_started_from_several_connections(
    accepted: int, refused: int, final: str | None, order: tuple[str, ...]
) -> None:
    assert _explained({("start", YES): accepted, ("start", NO): refused}, final) == order


@pytest.mark.parametrize(
    ("start", "stop", "final", "order"),
    [
        # (accepted, refused) of each.
        ((1, 1), (1, 1), "Stopped", ("start accepted", "start refused", "stop accepted", "stop refused")),
        ((1, 1), (1, 1), "Stopping", ("start accepted", "start refused", "stop accepted", "stop refused")),
        # The stops came before the start, or after the job was through.
        ((1, 1), (0, 2), "Pending", ("stop refused 2 times", "start accepted", "start refused")),
        ((1, 1), (0, 2), "Succeeded", ("start accepted", "start refused", "stop refused 2 times")),
        ((1, 1), (0, 2), "Stopped", ()),
        # A job that was stopped is not pending.
        ((1, 1), (1, 1), "Pending", ()),
        ((1, 1), (1, 1), "Succeeded", ()),
        ((1, 1), (1, 1), None, ("start accepted", "start refused", "stop accepted", "stop refused")),
        # Neither is stopped twice nor started again.
        ((1, 1), (2, 0), "Stopped", ()),
        ((2, 0), (1, 1), "Stopped", ()),
        # Nothing was started that could be stopped.
        ((0, 2), (1, 1), "Stopped", ()),
        ((0, 2), (0, 2), "Created", ()),
        ((0, 0), (0, 2), "Created", ("stop refused 2 times",)),
        ((0, 0), (0, 2), "Pending", ()),
    ],
)
def test_a_job_started_and_stopped_at_once(
    start: tuple[int, int], stop: tuple[int, int], final: str | None, order: tuple[str, ...]
) -> None:
    outcomes = {
        ("start", YES): start[0],
        ("start", NO): start[1],
        ("stop", YES): stop[0],
        ("stop", NO): stop[1],
    }
    assert _explained(outcomes, final) == order


@pytest.mark.parametrize(
    ("rules", "state", "outcomes", "final", "order"),
    [
        (
            POOL,
            "there",
            {("delete", YES): 1, ("delete", NO): 7},
            "gone",
            ("delete accepted", "delete refused 7 times"),
        ),
        (POOL, "there", {("delete", YES): 1, ("delete", NO): 7}, "there", ()),
        (POOL, "there", {("delete", YES): 2, ("delete", NO): 6}, "gone", ()),
        # Whether a user may be enabled who is so, nobody says; so all of this is possible.
        (
            USER,
            "invited",
            {("disable", YES): 2, ("enable", YES): 2},
            "invited",
            ("disable accepted 2 times", "enable accepted 2 times"),
        ),
        (
            USER,
            "invited",
            {("disable", YES): 2, ("enable", YES): 2},
            "invited and disabled",
            ("disable accepted", "enable accepted 2 times", "disable accepted"),
        ),
        (USER, "invited", {("disable", YES): 2, ("enable", YES): 2}, "confirmed", ()),
        (USER, "invited", {("disable", NO): 2, ("enable", NO): 2}, "invited", ()),
    ],
)
def test_other_resources(
    rules: Rules, state: str, outcomes: dict[tuple[str, bool], int], final: str, order: tuple[str, ...]
) -> None:
    assert _explained(outcomes, final, state, rules, Scene({})) == order


def test_where_the_resource_was_before_may_be_open() -> None:
    # It may have been through already, so that nothing was to be stopped.
    running = "Pending/InProgress"
    assert _explained({("stop", NO): 4}, "Succeeded", running) == ("stop refused 4 times",)
    assert _explained({("stop", NO): 4}, "Pending", running) == ()
    assert _explained({("stop", YES): 1, ("stop", NO): 3}, "Stopped", running) == (
        "stop accepted",
        "stop refused 3 times",
    )


@pytest.mark.parametrize(
    ("outcomes", "final", "words"),
    [
        ({("start", YES): 1, ("start", NO): 63}, "Pending", 2),
        ({("start", YES): 2, ("start", NO): 62}, "Pending", 0),
        ({("start", YES): 1, ("start", NO): 31, ("stop", YES): 1, ("stop", NO): 31}, "Stopped", 4),
        ({("start", YES): 1, ("start", NO): 31, ("stop", YES): 2, ("stop", NO): 30}, "Stopped", 0),
    ],
)
def test_equal_requests_are_of_the_same_kind(
    outcomes: dict[tuple[str, bool], int], final: str, words: int
) -> None:
    """64 requests have more orders than can be tried one after the other."""
    assert sum(outcomes.values()) == 64
    # It takes a few hundredths of a second; what tried them all would not end.
    assert len(_explained(outcomes, final)) == words


def test_an_order_tells_each_request_once() -> None:
    outcomes: dict[Any, int] = {("start", YES): 1, ("start", NO): 3, ("stop", YES): 1, ("stop", NO): 5}
    order = _explained(outcomes, "Stopped")
    counts: dict[tuple[str, bool], int] = dict.fromkeys(outcomes, 0)
    for words in order:
        action, answer, *times = words.split()
        counts[action, answer == "accepted"] += int(times[0]) if times else 1
    assert counts == outcomes
