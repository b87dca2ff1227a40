# SPDX-License-Identifier: Apache-2.0
"""Limits on how fast requests are sent, and on how many.

It owns the counts. It refuses to know what is sent, and which way it goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..http import Exchange, Request
from .channel import ChannelDecorator, OutgoingCall

__all__ = ["Budget", "MeteredChannel", "Pace"]


@dataclass(slots=True)
class MeteredChannel(ChannelDecorator):
    """Sends by another channel, once its `meter` was told how many requests are about to leave."""

    meter: Callable[[int], None]

    def send(self, call: OutgoingCall) -> Exchange:
        self.meter(1)
        return self.channel.send(call)

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        self.meter(len(calls))
        return self.channel.send_at_once(calls)

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        self.meter(1)
        return self.channel.send_plain(request, base)


@dataclass(slots=True)
class Pace:
    """Waits until requests may be sent, no more than `rate` a second; those sent at once count each."""

    rate: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = 0.0

    def __call__(self, number: int) -> None:
        """Time that nobody used is not made up for."""
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
            now = self._next
        self._next = now + number / self.rate


@dataclass(slots=True)
class Budget:
    """Calls `spent` once, when `limit` requests are about to be sent.

    It keeps nothing back: who explores is to stop by then, and what was made is to be taken away.
    """

    limit: int
    spent: Callable[[], None]
    count: int = field(default=0, init=False)

    def __call__(self, number: int) -> None:
        before, self.count = self.count, self.count + number
        if before < self.limit <= self.count:
            self.spent()
