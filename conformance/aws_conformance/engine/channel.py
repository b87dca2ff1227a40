# SPDX-License-Identifier: Apache-2.0
"""The interface by which requests reach a target, so that nobody who sends asks which way they go.

It owns the interface; the ways are in channels.py. It refuses to know what requests are for.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from ..http import Exchange, Request
from ..protocols.record import Protocol
from ..spec.shapes import Operation, Service

__all__ = ["Channel", "ChannelDecorator", "OutgoingCall"]


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """A request for an operation, not signed yet: by whom, and by which forgery if by any."""

    service: Service
    protocol: Protocol
    operation: Operation
    request: Request
    principal: str = "own"
    signature: str = ""

    @property
    def who(self) -> str:
        """Who asks, in a recording's words."""
        return f"{self.principal} {self.signature}".rstrip()


class Channel(typing.Protocol):
    """A way to a target.

    `masks_secrets` tells that answers hold masks where secrets stood, so that they compare with nothing.
    `mark` and `log_since` give what the target wrote to standard error since a mark.
    """

    @property
    def masks_secrets(self) -> bool:
        """Whether answers hold masks."""

    def begin(self, name: str, protocol: Protocol) -> None:
        """What follows is sent to explore the operation of that full name."""

    def send(self, call: OutgoingCall) -> Exchange:
        """Sign a request as its operation wants it, and send it."""

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        """Send requests at the same moment; their exchanges, in the order of the calls."""

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        """Send a request of no operation, to another address than the target's if one is named."""

    def mark(self) -> int:
        """Where the target's log stands."""

    def log_since(self, mark: int) -> str:
        """What the target has logged since a mark."""

    def note(self, line: str) -> None:
        """A line of the target's log was taken as evidence; a recording has to hold it as well."""


@dataclass(slots=True)
class ChannelDecorator:
    """Passes everything on to another channel; who extends it says what more happens on the way."""

    channel: Channel

    @property
    def masks_secrets(self) -> bool:
        """Whether answers hold masks: as those of the other channel."""
        return self.channel.masks_secrets

    def begin(self, name: str, protocol: Protocol) -> None:
        """The other channel is told."""
        self.channel.begin(name, protocol)

    def send(self, call: OutgoingCall) -> Exchange:
        """Send a request by the other channel."""
        return self.channel.send(call)

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        """Send requests at once by the other channel."""
        return self.channel.send_at_once(calls)

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        """Send a request of no operation by the other channel."""
        return self.channel.send_plain(request, base)

    def mark(self) -> int:
        """Where the other channel's log stands."""
        return self.channel.mark()

    def log_since(self, mark: int) -> str:
        """What the other channel has logged since a mark."""
        return self.channel.log_since(mark)

    def note(self, line: str) -> None:
        """The other channel keeps the line."""
        self.channel.note(line)
