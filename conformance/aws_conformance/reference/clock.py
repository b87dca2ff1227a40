# SPDX-License-Identifier: Apache-2.0
"""Where the reference reads the time; it owns two clocks and refuses to know what they are read for.

Job states are computed from the clock when they are looked at, so that a test passes a day by one call.
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """A source of the time that can be moved."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises ValueError for a negative number: jobs never move backwards."""
        ...


class SystemClock:
    """The machine's own clock, and how far it was moved ahead of it."""

    __slots__ = ("_ahead",)

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """As Clock says; this one goes on running from where it was moved to."""
        self._ahead += _forward(seconds)


class ManualClock:
    """A clock that stands still until it is moved: every state can be reached without waiting."""

    __slots__ = ("_now",)

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """As Clock says."""
        self._now += _forward(seconds)


def _forward(seconds: float) -> float:
    if seconds < 0:
        raise ValueError(f"a clock moves forward only, not by {seconds} seconds")
    return seconds
