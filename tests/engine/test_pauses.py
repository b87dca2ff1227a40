# SPDX-License-Identifier: Apache-2.0
"""Waits: which are told, and where none is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from aws_conformance.engine.pauses import let_pass
from aws_conformance.engine.session import Session


@pytest.mark.parametrize(
    ("seconds", "moves_time", "masks_secrets", "slept", "heard_of"),
    [
        (4.9, False, False, [4.9], []),
        (5.0, False, False, [5.0], [5.0]),
        (60.0, False, False, [60.0], [60.0]),
        (60.0, False, True, [], []),
        (60.0, True, False, [], []),
    ],
    ids=["short", "as long as is told", "long", "of a recording", "moved"],
)
def test_long_waits_are_told_and_moved_or_recorded_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    moves_time: bool,
    masks_secrets: bool,
    slept: list[float],
    heard_of: list[float],
) -> None:
    sleeps: list[float] = []
    heard: list[float] = []
    moved: list[float] = []

    def pass_time(by: float) -> str:
        moved.append(by)
        return "it did not move"

    session: Any = SimpleNamespace(
        moves_time=moves_time,
        pass_time=pass_time,
        channel=SimpleNamespace(masks_secrets=masks_secrets),
        waits=lambda what, by: heard.append(by),
    )
    monkeypatch.setattr("aws_conformance.engine.pauses.time.sleep", sleeps.append)
    wrong = let_pass(cast(Session, session), seconds)
    assert (sleeps, heard) == (slept, heard_of)
    assert (wrong, moved) == (("it did not move", [seconds]) if moves_time else ("", []))
