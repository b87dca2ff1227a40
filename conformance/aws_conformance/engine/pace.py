# SPDX-License-Identifier: Apache-2.0
"""A limit on how fast requests are sent.

It owns the pace. It refuses to know what is sent, and which way it goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..http import Exchange, Request
from ..protocols.record import Protocol
from .channel import Channel, OutgoingCall

__all__ = ["PacedChannel"]


@dataclass(slots=True)
class PacedChannel:
    """Sends by another channel, no more than `rate` requests a second; those sent at once count each."""

    channel: Channel
    rate: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    masks_secrets: bool = False
    _next: float = 0.0

    def begin(self, name: str, protocol: Protocol) -> None:
        self.channel.begin(name, protocol)

    def send(self, call: OutgoingCall) -> Exchange:
        self._wait(1)
        return self.channel.send(call)

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        self._wait(len(calls))
        return self.channel.send_at_once(calls)

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        self._wait(1)
        return self.channel.send_plain(request, base)

    def mark(self) -> int:
        return self.channel.mark()

    def log_since(self, mark: int) -> str:
        return self.channel.log_since(mark)

    def note(self, line: str) -> None:
        self.channel.note(line)

    def _wait(self, count: int) -> None:
        """Wait until so many requests may be sent; time that nobody used is not made up for."""
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
            now = self._next
        self._next = now + count / self.rate
