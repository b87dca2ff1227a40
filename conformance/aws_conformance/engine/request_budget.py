# SPDX-License-Identifier: Apache-2.0
"""A limit on how many requests are sent.

It owns the count. It refuses to know what is sent, and which way it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..http import Exchange, Request
from ..protocols.record import Protocol
from .channel import Channel, OutgoingCall

__all__ = ["BudgetedChannel"]


@dataclass(slots=True)
class BudgetedChannel:
    """Sends by another channel; `spent` is called once, when `limit` requests were sent.

    It keeps nothing back: who explores is to stop by then, and what was made is to be taken away.
    """

    channel: Channel
    limit: int
    spent: Callable[[], None]
    masks_secrets: bool = False
    count: int = field(default=0, init=False)

    def begin(self, name: str, protocol: Protocol) -> None:
        self.channel.begin(name, protocol)

    def send(self, call: OutgoingCall) -> Exchange:
        self._count(1)
        return self.channel.send(call)

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        self._count(len(calls))
        return self.channel.send_at_once(calls)

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        self._count(1)
        return self.channel.send_plain(request, base)

    def mark(self) -> int:
        return self.channel.mark()

    def log_since(self, mark: int) -> str:
        return self.channel.log_since(mark)

    def note(self, line: str) -> None:
        self.channel.note(line)

    def _count(self, number: int) -> None:
        before, self.count = self.count, self.count + number
        if before < self.limit <= self.count:
            self.spent()
