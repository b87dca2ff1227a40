# SPDX-License-Identifier: Apache-2.0
"""A run with a limit asks every operation before it asks any of them more, and undoes what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from aws_conformance.engine import schedule


class Exploring:
    """Stands for an exploration of so many steps; writes down when it has its turn."""

    def __init__(
        self, name: str, steps: int, log: list[str], clock: list[float], ends: tuple[int, ...] = ()
    ) -> None:
        self.name, self.left, self.log, self.clock = name, steps, log, clock
        self.closed = False
        self.ends, self.done = ends, 0

    @property
    def stage(self) -> schedule.Stage:
        """The first stage that does not end with what was done."""
        return schedule.Stage(sum(end <= self.done for end in self.ends) if self.ends else 3)

    def advance(self, pause: Callable[[], bool] = lambda: False) -> bool:
        while self.left:
            self.left -= 1
            self.done += 1
            self.clock[0] += 1.0
            self.log.append(self.name)
            if pause():
                return False
        return True

    def close(self) -> None:
        self.closed = True


def carried_out(
    steps: dict[str, int],
    limit: float | None,
    monkeypatch: Any,
    ends: Mapping[str, tuple[int, ...]] | None = None,
) -> list[str]:
    """Who had a turn, one after the other; `ends` tells after which of its steps a stage is over."""
    log: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(schedule, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    explorations: Any = [
        Exploring(name, count, log, clock, (ends or {}).get(name, ())) for name, count in steps.items()
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
    ends = {"a": (1, 1, 5), "b": (1, 1, 10), "c": (1, 1, 1)}
    log = carried_out({"a": 100, "b": 100, "c": 100}, 63.0, monkeypatch, ends)
    # Each was asked once, and then a and b tell what they have left to tell; c has nothing more to tell.
    assert log[3:16] == ["a"] * 4 + ["b"] * 9
    # 47 seconds are left for the rest of all.
    assert [log[16:63].count(name) for name in "abc"] == [16, 16, 15]


def test_what_is_new_of_all_comes_before_the_stories_of_any(monkeypatch: Any) -> None:
    ends = {"a": (1, 4, 20), "b": (1, 6, 20), "c": (1, 3, 3)}
    log = carried_out({"a": 100, "b": 100, "c": 100}, 103.0, monkeypatch, ends)
    assert log[:13] == ["a", "b", "c"] + ["a"] * 3 + ["b"] * 5 + ["c"] * 2
    assert log[13:43] == ["a"] * 16 + ["b"] * 14


def test_stories_leave_time_for_the_other_requests(monkeypatch: Any) -> None:
    log = carried_out({"a": 100, "b": 100}, 102.0, monkeypatch, {"a": (1, 1, 91), "b": (1, 1, 1)})
    # a tells for three fifths of 100 seconds; then both have a share of the rest.
    assert log[2:63] == ["a"] * 61
    assert abs(log[63:102].count("b") - 20) <= 1


def test_what_is_new_leaves_time_for_stories(monkeypatch: Any) -> None:
    log = carried_out({"a": 100, "b": 100}, 102.0, monkeypatch, {"a": (1, 90, 95), "b": (1, 2, 40)})
    # a has more that is new than two fifths of 100 seconds take; b has its turn with stories all the same.
    assert abs(log[2:79].count("b") - 19) <= 2


def test_first_requests_leave_half_of_the_time_for_more(monkeypatch: Any) -> None:
    names = [f"a{number}" for number in range(100)]
    log = carried_out(dict.fromkeys(names, 100), 100.0, monkeypatch, dict.fromkeys(names, (1, 2, 3)))
    assert log[:50] == names[:50]
    # What was asked may go on, before all others were.
    assert log[50] == "a0"
