"""Where the reference reads the time; it owns two clocks and refuses to know what they are read for.

Job states are computed from the clock when they are looked at, so that a test passes a day by one call.
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """A source of the time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...


class SystemClock:
    """The machine's own clock."""

    __slots__ = ()

    def now(self) -> float:
        return time.time()


class ManualClock:
    """A clock that stands still until it is told to move: every state can be reached without waiting."""

    __slots__ = ("_now",)

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises ValueError for a negative number: jobs never move backwards."""
        if seconds < 0:
            raise ValueError(f"a clock moves forward only, not by {seconds} seconds")
        self._now += seconds
