# SPDX-License-Identifier: Apache-2.0
"""How requests reach a target: live and signed, live and written down, or answered from a recording.

It owns the three ways, each with the same small interface (channel.py). It refuses to know what requests
are for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..cases.additions import additions
from ..checks.framing import without_encoding
from ..errors import UsageError
from ..http import Exchange, Headers, Request, Response, uncarriable
from ..protocols.record import Protocol
from ..targets.address import parse_address
from ..targets.signing import FORGERIES, Credentials, Signer
from ..targets.transport import Transport
from .channel import ChannelDecorator, OutgoingCall
from .liveness import Liveness
from .recording import Player, Recorder

__all__ = ["LiveChannel", "RecordedChannel", "ReplayedChannel"]


@dataclass(slots=True)
class LiveChannel:
    """Sends to a target that is there; `connect` makes a connection to another address.

    `headers` are added to what is sent to it, and a `signer` signs it. `logged` gives the log of a target
    that we started. `connection` and `logged` change when it is started anew. `uploads` (HOST:PORT) are where
    it may have files uploaded, beside itself.
    """

    connection: Transport
    connect: Callable[[str], Transport]
    credentials: Mapping[str, Credentials]
    region: str
    timeout: float
    clock: Callable[[], datetime]
    liveness: Liveness
    url: str
    logged: Callable[[int], str] = field(default=lambda mark: "")
    marked: Callable[[], int] = field(default=lambda: 0)
    uploads: tuple[str, ...] = ()
    headers: Headers = ()
    signer: type[Signer] = Signer
    masks_secrets: bool = False
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)

    def begin(self, name: str, protocol: Protocol) -> None:
        """Nothing has to be known of it."""

    def send(self, call: OutgoingCall) -> Exchange:
        """Sign a request as its operation wants it, and send it unless the target is dead."""
        return _decoded(call, self._exchange(self._signed(call)))

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        """Sign requests, and send them all at the same moment, each on a connection of its own."""
        ready = [self._signed(call) for call in calls]
        start = threading.Barrier(len(ready))

        def exchange_with(request: Request) -> Exchange:
            start.wait()
            return self._with_target(request)

        with ThreadPoolExecutor(len(ready)) as threads:
            exchanges = tuple(threads.map(exchange_with, ready))
        return tuple(
            _decoded(call, replace(exchange, response=self.liveness.after(exchange.response)))
            for call, exchange in zip(calls, exchanges, strict=True)
        )

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        """Send a request as it is; another address must pass the same guard as the target's."""
        if not base or base == self.url.rstrip("/"):
            return self._exchange(request)
        self._require_named(base)
        return self._carried(self.connect(base), request, base)

    def _require_named(self, base: str) -> None:
        """Raises UsageError for an address that is neither the target's own nor one that the user named.

        Whatever listens elsewhere, on this machine too, has not asked for what we would send it.
        """
        address, own = parse_address(base), parse_address(self.url)
        same = address.host == own.host or (address.loopback and own.loopback)
        place = f"{address.host}:{address.port}"
        if (same and address.port == own.port) or place in self.uploads:
            return
        raise UsageError(
            f"The target has files uploaded to {address.origin}, which is not its own port.",
            f"Pass --allow-upload-to {place} if that is meant.",
        )

    def mark(self) -> int:
        """Where the target's log stands."""
        return self.marked()

    def log_since(self, mark: int) -> str:
        """What the target has logged since a mark."""
        return self.logged(mark)

    def note(self, line: str) -> None:
        """Nothing has to be kept: the log can be read again."""

    def _exchange(self, request: Request) -> Exchange:
        if self.liveness.death:
            return Exchange(request, Response(0, fate="gone", detail=self.liveness.death), self.url)
        exchange = self._with_target(request)
        response = self.liveness.after(exchange.response)
        return exchange if response is exchange.response else replace(exchange, response=response)

    def _with_target(self, request: Request) -> Exchange:
        """An exchange with the target, in which the project's hooks have their say.

        What they add to a request may be secret, so the exchange that goes on is without it.
        """
        sent = additions.prepared(self._with_headers(request))
        exchange = self._carried(self.connection, sent, self.url)
        if sent is not request:
            exchange = replace(exchange, request=request)
        additions.answered(exchange)
        return exchange

    def _with_headers(self, request: Request) -> Request:
        return replace(request, headers=(*request.headers, *self.headers)) if self.headers else request

    def _carried(self, connection: Transport, request: Request, url: str) -> Exchange:
        """Send a request, if HTTP can carry it: a target may hand out an address that it can't."""
        if reason := uncarriable(request):
            return Exchange(request, Response(0, fate="refused", detail=reason), url)
        return connection.send(request, timeout=self.timeout)

    def _signed(self, call: OutgoingCall) -> Request:
        if not call.operation.signed:
            return call.request
        sign = FORGERIES[call.signature] if call.signature else self.signer.sign
        signer = self._signer(call.service.signing_name, call.principal)
        return sign(signer, call.request, self.connection.host, self.clock())

    def _signer(self, signing_name: str, principal: str) -> Signer:
        key = (signing_name, principal)
        if key not in self._signers:
            keys = self.credentials[principal]
            self._signers[key] = self.signer(
                keys.access_key,
                keys.secret_key,
                keys.region or self.region,
                signing_name,
                keys.session_token,
            )
        return self._signers[key]


def _decoded(call: OutgoingCall, exchange: Exchange) -> Exchange:
    response = without_encoding(call.service, call.operation, exchange.response)
    return exchange if response is exchange.response else replace(exchange, response=response)


@dataclass(slots=True)
class RecordedChannel(ChannelDecorator):
    """Sends by another channel, and writes down what it answers."""

    recorder: Recorder

    def begin(self, name: str, protocol: Protocol) -> None:
        """What follows is written into the file of that operation."""
        self.recorder.begin(name, protocol)
        self.channel.begin(name, protocol)

    def send(self, call: OutgoingCall) -> Exchange:
        """Send a request and write down its exchange."""
        exchange = self.channel.send(call)
        self.recorder.exchange(call, exchange)
        return exchange

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        """Send requests at once and write down their exchanges, one after the other."""
        exchanges = self.channel.send_at_once(calls)
        for call, exchange in zip(calls, exchanges, strict=True):
            self.recorder.exchange(call, exchange)
        return exchanges

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        """Send a request of no operation and write down its exchange."""
        exchange = self.channel.send_plain(request, base)
        self.recorder.exchange(None, exchange)
        return exchange

    def note(self, line: str) -> None:
        """The line is written down."""
        self.recorder.noted(line)


@dataclass(slots=True)
class ReplayedChannel:
    """Answers from a recording; where the recorded target died, it dies."""

    player: Player
    liveness: Liveness
    masks_secrets: bool = True

    def begin(self, name: str, protocol: Protocol) -> None:
        """What follows is answered from the file of that operation."""
        self.player.begin(name, protocol)

    def send(self, call: OutgoingCall) -> Exchange:
        """The recorded exchange of a request."""
        exchange = self.player.answer(call, call.request)
        if exchange.response.fate in ("died", "gone"):
            self.liveness.die(exchange.response.detail)
        return exchange

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        """The recorded exchanges of requests, one after the other."""
        return tuple(map(self.send, calls))

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        """The recorded exchange of a request of no operation, wherever it went."""
        return self.player.answer(None, request)

    def mark(self) -> int:
        """Where the recorded log stands."""
        return self.player.mark()

    def log_since(self, mark: int) -> str:
        """What was logged since a mark, as far as it was recorded."""
        return self.player.log_since(mark)

    def note(self, line: str) -> None:
        """The line is in the recording already."""
