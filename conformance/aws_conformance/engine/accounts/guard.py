# SPDX-License-Identifier: Apache-2.0
"""The guard before an account: which requests reach AWS, judged by what their bytes say.

It owns the decision, the budgets and what of the account is ours. It refuses to know how requests are sent.

What changes or deletes must name something that this run has made, and nothing may name what only the
account's own answers have shown: so nothing that was there before is touched, even by a request that was put
together from what a list says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...cases.name_reading import read_name
from ...http import Exchange, Request, Response
from ...protocols.findings import DecodedRequest
from ...spec.shapes import Operation
from ..channel import ChannelDecorator, OutgoingCall
from ..ledgers.ledger import Ledger
from ..shown_texts import texts_in
from .limits import cost_of, denial_of, reads

__all__ = ["AccountRules", "GuardedChannel"]

_SAFE = ("GET", "HEAD")
# Shorter texts stand in answers by chance.
_SHORTEST = 4
_ELEMENTS = 1_000
_REMEMBERED = 200_000
_PARTS = re.compile(r"[:/]")


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What a run may do on its account: how many requests it may send, write, and let cost."""

    account: str
    max_requests: int
    allow_writes: bool = False
    max_costly: int = 0


@dataclass(slots=True)
class GuardedChannel(ChannelDecorator):
    """Sends by another channel what the rules let through; the rest is answered with the fate `withheld`.

    `ledger` knows what this run has made; without one nothing is written.
    """

    rules: AccountRules
    ledger: Ledger | None = None
    sent: int = field(default=0, init=False)
    costly: int = field(default=0, init=False)
    _shown: set[str] = field(default_factory=set)

    def send(self, call: OutgoingCall) -> Exchange:
        reason = self._reason(call)
        if reason:
            return _withheld(call.request, reason)
        exchange = self.channel.send(call)
        self._learn(call, exchange.response)
        return exchange

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        reasons = [self._reason(call) for call in calls]
        if any(reasons):
            reason = next(filter(None, reasons))
            return tuple(_withheld(call.request, reason) for call in calls)
        return self.channel.send_at_once(calls)

    def send_plain(self, request: Request, base: str = "") -> Exchange:
        return _withheld(request, "it is no operation of AWS")

    def _reason(self, call: OutgoingCall) -> str:
        """Why a request is not sent, or the empty string; what is sent is counted."""
        decoded = call.protocol.decode_request(call.service, call.request)
        names = dict.fromkeys((decoded.operation or "", call.operation.name))
        operations = [call.service.operations[name] for name in names if name in call.service.operations]
        reason = self._denied(call, operations) or self._beyond_rules(call, operations, decoded)
        if not reason:
            self.sent += 1
            self.costly += any(cost_of(call.service, operation) for operation in operations)
        return reason

    def _denied(self, call: OutgoingCall, operations: Sequence[Operation]) -> str:
        for operation in operations:
            denial = denial_of(call.service, operation)
            if denial:
                return f"{call.service.name}:{operation.name} is never sent to an account: {denial}"
        return ""

    def _beyond_rules(
        self, call: OutgoingCall, operations: Sequence[Operation], decoded: DecodedRequest
    ) -> str:
        if self._undoes(call, decoded):
            return ""
        if self.sent >= self.rules.max_requests:
            return f"the run has sent its {self.rules.max_requests} requests (--max-requests)"
        for operation in operations:
            cost = cost_of(call.service, operation)
            if cost and self.costly >= self.rules.max_costly:
                return f"{operation.name} costs: {cost} (--max-costly)"
        if not operations:
            # Of an operation that nobody has: only what can't be taken for another one.
            harmless = call.request.method in _SAFE or call.request.path == "/"
            return "" if harmless else "its method may change something"
        if all(reads(call.service, operation) for operation in operations):
            return ""
        if not self.rules.allow_writes or self.ledger is None:
            return f"{operations[0].name} may write (--allow-writes)"
        return self._touches(call, operations, decoded)

    def _undoes(self, call: OutgoingCall, decoded: DecodedRequest) -> bool:
        """Whether a request takes away what the ledger has, which is always sent."""
        if self.ledger is None or not isinstance(decoded.document, dict):
            return False
        return any(
            (entry.service, entry.undo) == (call.service.name, decoded.operation)
            and entry.input
            and all(decoded.document.get(name) == value for name, value in entry.input.items())
            for entry in self.ledger.state.entries
        )

    def _touches(self, call: OutgoingCall, operations: Sequence[Operation], decoded: DecodedRequest) -> str:
        """Why a request may touch what this run has not made, or the empty string."""
        texts = set(_strings(decoded.document))
        own = {text for text in texts if self._is_own(text)}
        foreign = sorted((texts - own) & self._shown)
        if foreign:
            return f"it names what was there before: {foreign[0]}"
        creates = all(read_name(operation.name).verb == "create" for operation in operations)
        return "" if creates or own else f"{operations[0].name} names nothing that this run has made"

    def _is_own(self, text: str) -> bool:
        assert self.ledger is not None
        parts = {text, *_PARTS.split(text)} - {self.rules.account}
        return any(
            parts.intersection(identifier for identifier in entry.identifiers if len(identifier) >= _SHORTEST)
            for entry in self.ledger.state.entries
        )

    def _learn(self, call: OutgoingCall, response: Response) -> None:
        """Remember the texts of an answer to a reader: what they name was there, unless we made it."""
        operation = call.service.operations.get(call.operation.name)
        if not self.rules.allow_writes or operation is None or not 200 <= response.status < 300:
            return
        if not reads(call.service, operation) or len(self._shown) > _REMEMBERED:
            return
        decoded = call.protocol.decode_response(call.service, operation, response)
        for _, _, _, text in texts_in(call.service, operation.output, decoded.document, _ELEMENTS):
            if len(text) >= _SHORTEST:
                self._shown.add(text)


def _withheld(request: Request, reason: str) -> Exchange:
    return Exchange(request, Response(0, fate="withheld", detail=reason))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
