# SPDX-License-Identifier: Apache-2.0
"""A run with a limit asks every operation before it asks any of them more, and undoes what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from aws_conformance.engine import schedule


class Exploring:
    """Stands for an exploration of so many steps; writes down when it has its turn."""

    def __init__(self, name: str, steps: int, log: list[str], clock: list[float], stories: int = 0) -> None:
        self.name, self.left, self.log, self.clock = name, steps, log, clock
        self.closed = False
        self.stories = stories

    @property
    def telling(self) -> bool:
        return self.stories > 0

    def advance(self, pause: Callable[[], bool] = lambda: False) -> bool:
        while self.left:
            self.left -= 1
            self.stories -= 1
            self.clock[0] += 1.0
            self.log.append(self.name)
            if pause():
                return False
        return True

    def close(self) -> None:
        self.closed = True


def carried_out(
    steps: dict[str, int], limit: float | None, monkeypatch: Any, stories: dict[str, int] | None = None
) -> list[str]:
    log: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(schedule, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    explorations: Any = [
        Exploring(name, count, log, clock, (stories or {}).get(name, 0)) for name, count in steps.items()
    ]
    schedule.carry_out(explorations, limit)
    assert all(item.closed and not item.left for item in explorations)
    return log


def test_without_a_limit_one_operation_comes_after_the_other(monkeypatch: Any) -> None:
    assert carried_out({"a": 3, "b": 2}, None, monkeypatch) == ["a", "a", "a", "b", "b"]


def test_with_a_limit_each_is_asked_first_and_has_its_share(monkeypatch: Any) -> None:
    log = carried_out({"a": 100, "b": 3, "c": 100}, 63.0, monkeypatch)
    assert log[:3] == ["a", "b", "c"]
    # 60 seconds are left for three: a has 20, b needs two, and c may use what is left.
    assert log[3:24].count("a") == 21
    assert log[24:26] == ["b", "b"]
    assert set(log[26:63]) == {"c"}


def test_with_a_limit_the_stories_of_all_come_before_the_other_requests_of_any(monkeypatch: Any) -> None:
    log = carried_out({"a": 100, "b": 100, "c": 100}, 63.0, monkeypatch, {"a": 5, "b": 10, "c": 1})
    # Each was asked once, and then a and b tell what they have left to tell; c has nothing more to tell.
    assert log[3:16] == ["a"] * 4 + ["b"] * 9
    # 47 seconds are left for the rest of all.
    assert [log[16:63].count(name) for name in "abc"] == [16, 16, 15]


def test_stories_leave_time_for_the_other_requests(monkeypatch: Any) -> None:
    log = carried_out({"a": 100, "b": 100}, 102.0, monkeypatch, {"a": 90, "b": 1})
    # a tells for seven tenths of 100 seconds; then both have a share of the rest.
    assert log[2:73] == ["a"] * 71
    assert abs(log[73:102].count("b") - 14) <= 1


def test_first_requests_leave_half_of_the_time_for_more(monkeypatch: Any) -> None:
    names = [f"a{number}" for number in range(100)]
    log = carried_out(dict.fromkeys(names, 100), 100.0, monkeypatch, dict.fromkeys(names, 3))
    assert log[:50] == names[:50]
    # What was asked may go on, before all others were.
    assert log[50] == "a0"
