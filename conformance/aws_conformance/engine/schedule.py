# SPDX-License-Identifier: Apache-2.0
"""In which order a run goes through its operations, and how it shares a limited time among them.

It owns the turns. It refuses to know what an operation does in its turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

__all__ = ["Replaying", "Resumable", "carry_out", "replay_first"]


# So much of the time goes to what is told of resources, before requests that are to be refused.
_TELLING = 0.7
# No more of it goes to the first requests of all, so that of a service with many operations stories are told.
_ASKING = 0.5


class Resumable(Protocol):
    """What has turns: the exploration of an operation.

    It is `telling` as long as its stories, or what comes before them, are not through.
    """

    telling: bool

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
    goes. Then each gets an equal share of the time that is left, and what one does not use goes to those
    after it, until all are through or the time is up: first most of it for the stories of all, then the rest
    for whatever is left. Then every exploration is told to the end, which sends nothing more.
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
    now = time.monotonic()
    told = now + max(0.0, deadline - now) * _TELLING
    while time.monotonic() < told and any(exploration.telling for exploration in unfinished):
        unfinished = list(_round(unfinished, told, deadline, stories=True))
    while unfinished:
        unfinished = list(_round(unfinished, deadline, deadline, stories=False))


def _round(
    explorations: Sequence[Resumable], until: float, deadline: float, *, stories: bool
) -> Iterator[Resumable]:
    """Give each its share of the time `until` a moment, for its `stories` or for all; those that go on.

    After the deadline nobody pauses any more.
    """
    asked = sum(exploration.telling or not stories for exploration in explorations)
    for exploration in explorations:
        if stories and not exploration.telling:
            yield exploration
            continue
        now = time.monotonic()
        end = now + max(0.0, until - now) / asked
        asked -= 1

        def pause(end: float = end, exploration: Resumable = exploration) -> bool:
            through = stories and not exploration.telling
            return (through or end < time.monotonic()) and time.monotonic() < deadline

        if not exploration.advance(pause):
            yield exploration
