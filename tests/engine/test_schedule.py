# SPDX-License-Identifier: Apache-2.0
"""A run with a limit asks every operation before it asks any of them more, and undoes what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from aws_conformance.engine import schedule


class Exploring:
    """Stands for an exploration of so many steps; writes down when it has its turn."""

    def __init__(self, name: str, steps: int, log: list[str], clock: list[float]) -> None:
        self.name, self.left, self.log, self.clock = name, steps, log, clock
        self.closed = False

    def advance(self, pause: Callable[[], bool] = lambda: False) -> bool:
        while self.left:
            self.left -= 1
            self.clock[0] += 1.0
            self.log.append(self.name)
            if pause():
                return False
        return True

    def close(self) -> None:
        self.closed = True


def carried_out(steps: dict[str, int], limit: float | None, monkeypatch: Any) -> list[str]:
    log: list[str] = []
    clock = [0.0]
    monkeypatch.setattr(schedule, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    explorations: Any = [Exploring(name, count, log, clock) for name, count in steps.items()]
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
