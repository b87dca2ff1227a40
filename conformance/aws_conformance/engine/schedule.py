# SPDX-License-Identifier: Apache-2.0
"""In which order a run goes through its operations, and how it shares a limited time among them.

It owns the turns. It refuses to know what an operation does in its turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Protocol

__all__ = ["Replaying", "Resumable", "Stage", "carry_out", "replay_first"]


# No more of the time goes to the first requests of all, so that of a service with many operations stories are
# told.
_ASKING = 0.5


class Stage(IntEnum):
    """How far the exploration of an operation is: which of its requests are the next."""

    FIRST = 0
    NEWEST = 1
    STORIES = 2
    OTHERS = 3


# So much of the time that is left then goes to what no operation was asked yet, and to what is told of
# resources, before the others.
_SHARES = ((Stage.NEWEST, 0.4), (Stage.STORIES, 0.6))


class Resumable(Protocol):
    """What has turns: the exploration of an operation, at some stage."""

    stage: Stage

    def advance(self, pause: Callable[[], bool] = ..., /) -> bool:
        """Go on until all is through, or until `pause` says so after a step; whether all is through."""

    def close(self) -> None:
        """End it where it stands, and leave nothing behind."""


class Replaying(Resumable, Protocol):
    """What has cases of a corpus to begin with."""

    replaying: bool


def replay_first(explorations: Sequence[Replaying]) -> None:
    """Let each of the explorations send what it has of a corpus, before any of them sends more."""
    for exploration in explorations:
        exploration.advance(lambda exploration=exploration: not exploration.replaying)  # type: ignore[misc]


def carry_out(explorations: Sequence[Resumable], deadline: float | None) -> None:
    """Carry out all explorations: one after the other, or by turns until a `deadline` (by time.monotonic).

    By turns, each operation is asked its first request before any is asked more, as far as half of the time
    goes. Then all have an equal share of the time for each stage, and what one does not use goes to those
    after it, until all are through or the time is up. Then every exploration is told to the end, which sends
    nothing more.
    """
    try:
        if deadline is None:
            for exploration in explorations:
                exploration.advance()
        else:
            _take_turns(explorations, deadline)
    finally:
        for exploration in explorations:
            exploration.close()


def _take_turns(explorations: Sequence[Resumable], deadline: float) -> None:
    began = time.monotonic()
    asked = began + (deadline - began) * _ASKING
    unfinished = [
        exploration
        for exploration in explorations
        if time.monotonic() >= asked or not exploration.advance(lambda: True)
    ]
    for stage, share in _SHARES:
        now = time.monotonic()
        until = now + max(0.0, deadline - now) * share
        while time.monotonic() < until and any(exploration.stage <= stage for exploration in unfinished):
            unfinished = list(_round(unfinished, until, deadline, stage))
    while unfinished:
        unfinished = list(_round(unfinished, deadline, deadline, Stage.OTHERS))


def _round(
    explorations: Sequence[Resumable], until: float, deadline: float, stage: Stage
) -> Iterator[Resumable]:
    """Give each that is no further than a stage its share of the time `until` a moment; those that go on.

    After the deadline nobody pauses any more.
    """
    asked = sum(exploration.stage <= stage for exploration in explorations)
    for exploration in explorations:
        if exploration.stage > stage:
            yield exploration
            continue
        now = time.monotonic()
        end = now + max(0.0, until - now) / asked
        asked -= 1

        def pause(end: float = end, exploration: Resumable = exploration) -> bool:
            through = exploration.stage > stage
            return (through or end < time.monotonic()) and time.monotonic() < deadline

        if not exploration.advance(pause):
            yield exploration
