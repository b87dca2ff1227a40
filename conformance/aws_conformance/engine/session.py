"""A target in use: its connection, its credentials, the reply it has for what doesn't exist.

It owns how one request of a case becomes an exchange. It refuses to know what cases are for.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..cases.contract import Contract
from ..http import ADVANCE_PATH, Exchange, Request, Response, header
from ..reproduce.mask import secrets_in
from ..spec.shapes import Operation
from ..targets.signing import FORGERIES, Credentials, Signer
from ..targets.transport import Transport
from .liveness import Liveness
from .plan import (
    Plan,
)
from .recording import Player, Recorder

__all__ = ["Fingerprint", "Session", "fingerprint"]


_VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9A-Z]{40,}\b|\d+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What stays the same when a target gives the same answer again."""

    status: int
    content_type: str
    body: str


def fingerprint(response: Response, operation: str) -> Fingerprint:
    """The fingerprint of a response: without numbers, request ids and the operation's name."""
    text = response.body[:4096].decode("utf-8", "replace").replace(operation, "OPERATION")
    content_type = (header(response.headers, "content-type") or "").partition(";")[0]
    return Fingerprint(response.status, content_type, _VARYING.sub("#", text))


@dataclass(slots=True)
class Session:
    """One worker's use of a target; `url` is its address, `label` how reports call the address.

    `connect` makes a connection to another address, such as one that the target handed out.
    `faults` tells whether the target answers with errors that it is asked for. `log_since` gives what a
    target that we started has written to standard error since a mark. `waits` is told of each long wait.
    `silences` counts the requests in a row that went unanswered; `last` is the last exchange that was one.
    `reads_log` tells that what the target logs can be read, so that it would show what an answer leaves out.
    """

    plan: Plan
    url: str
    label: str
    connection: Transport
    connect: Callable[[str], Transport]
    credentials: Mapping[str, Credentials]
    clock: Callable[[], datetime]
    liveness: Liveness
    faults: bool = False
    not_implemented: tuple[str, ...] = ()
    mark: Callable[[], int] = field(default=lambda: 0)
    log_since: Callable[[int], str] = field(default=lambda mark: "")
    reads_log: bool = False
    waits: Callable[[str, float], None] = field(default=lambda what, seconds: None)
    silences: int = 0
    last: Exchange | None = None
    recorder: Recorder | None = None
    player: Player | None = None
    _signers: dict[tuple[str, str], Signer] = field(default_factory=dict)

    def begin(self, name: str) -> None:
        """What is sent from here on is sent to explore the operation of that full name."""
        for tape in (self.recorder, self.player):
            if tape is not None:
                tape.begin(name)

    def noted(self, line: str) -> None:
        """A line of the target's log was taken as evidence; a recording has to hold it as well."""
        if self.recorder is not None:
            self.recorder.noted(line)

    def secrets(self, compiled: Contract, operation: Operation, exchange: Exchange | None) -> tuple[str, ...]:
        """The texts that must not be shown of an exchange: credentials, and what sensitive members hold."""
        texts = secret_texts(self.plan)
        if exchange is not None:
            service, codec, said = compiled.service, compiled.codec, exchange.response
            root = operation.output if 200 <= said.status < 300 else None
            texts += secrets_in(service, operation.input, exchange.request.body)
            shown = secrets_in(service, root, said.body)
            if root is None and said.status:
                # What an error says is for us to read, even where a service keeps a `Message` secret.
                shown = tuple(text for text in shown if text != codec.decode_error(service, said).message)
            texts += shown
        return tuple(dict.fromkeys(texts))

    def send(
        self,
        compiled: Contract,
        operation: Operation,
        request: Request,
        *,
        principal: str = "",
        signature: str = "",
        fault: str = "",
    ) -> Exchange:
        """Sign a request as the operation wants it, or by a forgery that `signature` names, and send it."""
        if fault:
            request = request.with_headers([("x-aws-conformance-fault", fault)])
        who = f"{principal or 'own'} {signature}".rstrip()
        if self.player is not None:
            exchange = self.player.answer(compiled.service, operation, who, request)
            if exchange.response.fate in ("died", "gone"):
                self.liveness.die(exchange.response.detail)
        else:
            request = self._signed(compiled, operation, request, principal or "own", signature)
            exchange = self._exchange(request)
        if self.recorder is not None:
            self.recorder.exchange(compiled.service, operation, who, exchange)
        self.silences = self.silences + 1 if exchange.response.fate == "timeout" else 0
        return exchange

    def _exchange(self, request: Request) -> Exchange:
        """Send a request to the target, unless it is dead, and notice if it dies."""
        if self.liveness.death:
            return Exchange(request, Response(0, fate="gone", detail=self.liveness.death), self.url)
        exchange = self.connection.send(request, timeout=self.plan.timeout)
        exchange = replace(exchange, response=self.liveness.after(exchange.response))
        self.last = exchange if exchange.response.fate != "gone" else self.last
        return exchange

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Upload to an address that the target handed out; it must pass the same guard as the target's."""
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        base = f"{parts.scheme}://{parts.netloc}"
        request = Request("PUT", path, tuple(headers.items()), body)
        if self.player is not None:
            return self.player.answer(None, None, "", request)
        if base == self.url.rstrip("/"):
            exchange = self._exchange(request)
        else:
            exchange = self.connect(base).send(request, timeout=self.plan.timeout)
        if self.recorder is not None:
            self.recorder.exchange(None, None, "", exchange)
        return exchange

    def send_at_once(
        self, compiled: Contract, requests: Sequence[tuple[Operation, Request]]
    ) -> tuple[Exchange, ...]:
        """Sign requests, and send them all at the same moment, each on a connection of its own.

        Their exchanges, in the order of the requests. A recording answers them one after the other.
        """
        if self.player is not None:
            return tuple(self.send(compiled, operation, request) for operation, request in requests)
        ready = []
        for operation, request in requests:
            signed = self._signed(compiled, operation, request, "own", "")
            ready.append(signed)
        start = threading.Barrier(len(ready))

        def exchange_with(request: Request) -> Exchange:
            start.wait()
            return self.connection.send(request, timeout=self.plan.timeout)

        with ThreadPoolExecutor(len(ready)) as threads:
            sent = tuple(threads.map(exchange_with, ready))
        exchanges = tuple(replace(item, response=self.liveness.after(item.response)) for item in sent)
        if self.recorder is not None:
            for (operation, _), exchange in zip(requests, exchanges, strict=True):
                self.recorder.exchange(compiled.service, operation, "own", exchange)
        return exchanges

    @property
    def moves_time(self) -> bool:
        """Whether the target claims that its time can be moved."""
        return "clock" in self.plan.target.claims

    def pass_time(self, seconds: float) -> str:
        """Move the target's time forward; what went wrong, or the empty string."""
        body = json.dumps({"seconds": seconds}).encode()
        request = Request("POST", ADVANCE_PATH, (("Content-Type", "application/json"),), body)
        if self.player is not None:
            response = self.player.answer(None, None, "", request).response
        else:
            exchange = self._exchange(request)
            response = exchange.response
            if self.recorder is not None:
                self.recorder.exchange(None, None, "", exchange)
        if 200 <= response.status < 300:
            return ""
        return f"POST {ADVANCE_PATH} was answered with {response.status or response.fate}"

    def invoke(self, compiled: Contract, operation: Operation, document: Any) -> Exchange:
        """Encode, sign and send a document as it is."""
        request = compiled.codec.encode_request(compiled.service, operation, document)
        return self.send(compiled, operation, request)

    def invented(self, compiled: Contract, operation: Operation, document: Any) -> Fingerprint | None:
        """The fingerprint of the answer to an operation that no service has, asked with the same input.

        None where the protocol doesn't say the operation's name: the request would be the operation's own.
        """
        invented = replace(operation, name="AwsConformanceInventedOperation")
        encode = compiled.codec.encode_request
        request = encode(compiled.service, invented, document)
        if request == encode(compiled.service, operation, document):
            return None
        return fingerprint(self.send(compiled, invented, request).response, invented.name)

    def _signed(
        self, compiled: Contract, operation: Operation, request: Request, principal: str, forgery: str
    ) -> Request:
        if not operation.signed:
            return request
        signer = self._signer(compiled, principal)
        sign = FORGERIES[forgery] if forgery else Signer.sign
        return sign(signer, request, self.connection.host, self.clock())

    def _signer(self, compiled: Contract, principal: str) -> Signer:
        key = (compiled.service.signing_name, principal)
        if key not in self._signers:
            held = self.credentials[principal]
            self._signers[key] = Signer(
                held.access_key,
                held.secret_key,
                self.plan.region,
                compiled.service.signing_name,
                held.session_token,
            )
        return self._signers[key]


def secret_texts(plan: Plan) -> tuple[str, ...]:
    return tuple(text for text in (plan.secret_key, plan.session_token, plan.access_key) if text)
