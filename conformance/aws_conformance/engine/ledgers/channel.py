# SPDX-License-Identifier: Apache-2.0
"""A channel that writes down what is made over it, before it is asked for and when it is there.

It owns when a line is written. It refuses to know the file's form, what undoes what, and how what is left is
taken away (sweeping.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ...cases.contract import Contract, OperationContract
from ...http import Exchange, Response
from ..channel import ChannelDecorator, OutgoingCall
from .ledger import Ledger, LedgerEntry
from .making import is_gone, makes, names_in

__all__ = ["LedgerChannel"]

ContractLookup: TypeAlias = Callable[[str, str], Contract]
UndoRule: TypeAlias = Callable[[OperationContract, Any, Any], tuple[str, Mapping[str, Any]] | None]

_RIGHT = range(200, 300)
_ABSENT = 501
_UNSENT = ("refused", "gone", "withheld")


@dataclass(slots=True)
class LedgerChannel(ChannelDecorator):
    """Sends by another channel; `place` says where what is made there stands (url, region, account).

    `contract_of` gives the contract of a service in a protocol, `undo_of` what takes away what a request
    of an operation makes, by what was sent and answered.
    """

    ledger: Ledger
    place: LedgerEntry
    contract_of: ContractLookup
    undo_of: UndoRule
    _open: dict[tuple[str, str], list[LedgerEntry]] = field(default_factory=dict)

    def send(self, call: OutgoingCall) -> Exchange:
        entry = self._begun(call)
        exchange = self.channel.send(call)
        self._ended(call, entry, exchange)
        return exchange

    def send_at_once(self, calls: Sequence[OutgoingCall]) -> tuple[Exchange, ...]:
        entries = [self._begun(call) for call in calls]
        exchanges = self.channel.send_at_once(calls)
        for call, entry, exchange in zip(calls, entries, exchanges, strict=True):
            self._ended(call, entry, exchange)
        return exchanges

    def _begun(self, call: OutgoingCall) -> LedgerEntry | None:
        """Write down what a request may make, before it leaves; None for one that makes nothing."""
        contract = self._contract(call)
        known = contract.service.operations.get(call.operation.name)
        if known is None or not makes(contract.of(known)):
            return None
        sent = _sent(call)
        undo = self.undo_of(contract.of(known), sent, None)
        entry = replace(
            self.place,
            service=contract.service.name,
            protocol=contract.protocol_name,
            operation=known.name,
            names=names_in(contract.of(known), sent),
            undo=undo[0] if undo else "",
            input=undo[1] if undo else {},
            id=LedgerEntry("", "", "").id,
        )
        self.ledger.put(entry)
        return entry

    def _ended(self, call: OutgoingCall, entry: LedgerEntry | None, exchange: Exchange) -> None:
        response = exchange.response
        if entry is None:
            self._undone(call, response)
        elif response.status in _RIGHT:
            contract = self._contract(call)
            decoded = contract.protocol.decode_response(contract.service, call.operation, response)
            document = decoded.document if decoded.readable else None
            undo = self.undo_of(contract.of(call.operation), _sent(call), document)
            if undo is not None:
                entry = replace(entry, undo=undo[0], input=undo[1])
            self._put(replace(entry, status="there"))
        elif (
            response.fate in _UNSENT or 300 <= response.status < 500 or self._is_crash(call, entry, response)
        ):
            self.ledger.put(replace(entry, status="refused"))
        else:
            said = str(response.status or response.fate)
            self._put(replace(entry, reason=f"answered with {said}; nothing tells whether it was made"))

    def _is_crash(self, call: OutgoingCall, entry: LedgerEntry, response: Response) -> bool:
        """Whether nothing can have come of a request that was answered with a 5xx.

        Either there is no such operation, or the request is none and names nothing.
        """
        if response.status == _ABSENT:
            return True
        if response.fate != "answered" or entry.names or entry.undo:
            return False
        return any(self._contract(call).validator(entry.operation, "input").findings(_sent(call)))

    def _contract(self, call: OutgoingCall) -> Contract:
        return self.contract_of(call.service.name, call.protocol.name)

    def _put(self, entry: LedgerEntry) -> None:
        self.ledger.put(entry)
        if entry.undo:
            self._open.setdefault((entry.service, entry.undo), []).append(entry)

    def _undone(self, call: OutgoingCall, response: Response) -> None:
        """Write down that a request took away what it names."""
        entries = self._open.get((call.service.name, call.operation.name))
        if not entries or not (response.status in _RIGHT or _says_gone(call, response)):
            return
        decoded = call.protocol.decode_request(call.service, call.request)
        if decoded.operation != call.operation.name:
            # It was spoilt on purpose, and is not about what it names.
            return
        sent = decoded.document
        for entry in [item for item in entries if isinstance(sent, dict) and _holds(sent, item)]:
            self.ledger.put(replace(entry, status="gone"))
            entries.remove(entry)


def _sent(call: OutgoingCall) -> object:
    """The document of a request as a server reads it."""
    return call.protocol.decode_request(call.service, call.request).document


def _says_gone(call: OutgoingCall, response: Response) -> bool:
    if response.fate != "answered" or response.status < 400:
        return False
    return is_gone(response.status, call.protocol.decode_error(call.service, response).code or "")


def _holds(sent: dict[str, object], entry: LedgerEntry) -> bool:
    """Whether a request says all that takes away an entry, and maybe more."""
    return all(sent.get(name) == value for name, value in entry.input.items())
