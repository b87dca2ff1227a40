# SPDX-License-Identifier: Apache-2.0
"""Requests to AWS: each to the endpoint of its service, signed for the region that it is in.

It owns which channel a request takes. It refuses to know what may be sent (guard.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...http import Exchange, Request
from ...protocols.record import Protocol
from ..channel import OutgoingCall
from ..channels import LiveChannel
from .endpoints import Endpoint, Endpoints

__all__ = ["AccountChannel"]


@dataclass(slots=True)
class AccountChannel:
    """Sends to the endpoints of AWS; `connect` makes the channel to one of them."""

    endpoints: Endpoints
    connect: Callable[[Endpoint], LiveChannel]
    masks_secrets: bool = False
    _channels: dict[Endpoint, LiveChannel] = field(default_factory=dict)

    def begin(self, name: str, protocol: Protocol) -> None:
        """Nothing has to be known of it."""

    def send(self, call: OutgoingCall) -> Exchange:
        return self._channel(call).send(call)

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        return self._channel(calls[0]).send_at_once(calls)

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        """What is no call has no endpoint; the guard lets none through."""
        raise ValueError("a request of no operation has no endpoint at AWS")

    def mark(self) -> int:
        return 0

    def log_since(self, mark: int) -> str:
        return ""

    def note(self, line: str) -> None:
        """There is no log."""

    def _channel(self, call: OutgoingCall) -> LiveChannel:
        document = call.protocol.decode_request(call.service, call.request).document
        endpoint = self.endpoints.of(call.service, call.operation, document)
        if endpoint not in self._channels:
            self._channels[endpoint] = self.connect(endpoint)
        return self._channels[endpoint]
