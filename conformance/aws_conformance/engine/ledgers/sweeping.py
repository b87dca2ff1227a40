# SPDX-License-Identifier: Apache-2.0
"""What a ledger names, taken away: the newest first, and in passes, for one thing may stand in another's way.

It owns the order, and what is written down of each entry. It refuses to know where it all stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from ...cases.contract import Contract
from ...errors import ConformanceError
from ..accounts.limits import denial_of
from ..channel import Channel, OutgoingCall
from .ledger import Ledger, LedgerEntry
from .lookup import Absent, Located, Lookup, Unlocated
from .making import is_gone, takes_away

__all__ = ["sweep"]

ContractFinder: TypeAlias = Callable[[str, str], Contract]

# So often all that is left is tried: what stood in the way of one thing may be gone with another.
_PASSES = 3
_RIGHT = range(200, 300)


def sweep(
    channel: Channel,
    ledger: Ledger,
    entries: Iterable[LedgerEntry],
    contract_of: ContractFinder,
    *,
    settled: bool = False,
) -> int:
    """Take away what stands in some entries, the newest first; how many of them nothing ever was of.

    What is gone already is as good as taken away. What no list shows was never made, if all is `settled`, so
    that nothing of what was asked for can come any more. Each is written down as soon as it is known.
    """
    work = _Sweep(channel, ledger, contract_of, settled)
    left = list(entries)
    for _ in range(_PASSES):
        before, left = left, work.over(left)
        if not left or len(left) == len(before):
            break
    return work.absent


@dataclass(slots=True)
class _Sweep:
    """Passes over entries of a ledger. `absent` are those that were never made."""

    channel: Channel
    ledger: Ledger
    contract_of: ContractFinder
    settled: bool
    absent: int = field(default=0, init=False)

    def over(self, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
        """One pass; what is left, in its order."""
        lookup = Lookup(self.channel)
        for entry in reversed(entries):
            self.ledger.put(self._taken_away(entry) if entry.undo else self._looked_up(lookup, entry))
        # With what is gone may have gone what stood in it.
        still = {entry.id: entry for entry in self.ledger.state.entries}
        return [still[entry.id] for entry in entries if entry.id in still]

    def _looked_up(self, lookup: Lookup, entry: LedgerEntry) -> LedgerEntry:
        """What is known of an entry that nothing is known to take away, once lists were asked for it."""
        if entry.status == "there":
            return replace(entry, reason=entry.reason or "no operation is known to take it away")
        try:
            contract = self.contract_of(entry.service, entry.protocol)
            sighting = lookup.locate(contract, entry, self.ledger.state)
        except (ConformanceError, ValueError, TypeError, LookupError) as error:
            return replace(entry, reason=f"it cannot be looked for: {error}")
        match sighting:
            case Located(entry=located):
                self.ledger.put(located)
                return self._taken_away(located)
            case Absent(reason=reason):
                # What is slow to be made may be listed yet.
                self.absent += self.settled
                return replace(entry, status="refused" if self.settled else entry.status, reason=reason)
            case Unlocated(reason=reason):
                return replace(entry, reason=reason)
            case _:
                assert_never(sighting)

    def _taken_away(self, entry: LedgerEntry) -> LedgerEntry:
        """What is known of an entry once what takes it away was sent."""
        reason = _take_away(self.channel, entry, self.contract_of)
        return replace(entry, status="left" if reason else "gone", reason=reason)


def _take_away(channel: Channel, entry: LedgerEntry, contract_of: ContractFinder) -> str:
    """Send what takes away an entry; why it is there still, or the empty string."""
    try:
        contract = contract_of(entry.service, entry.protocol)
        operation = contract.service.operations.get(entry.undo)
        if operation is None or not takes_away(operation.name):
            return f"{entry.service} has no operation {entry.undo} that takes something away"
        denial = denial_of(contract.service, operation) if entry.account else ""
        if denial:
            return f"{entry.undo} is never sent to an account: {denial}"
        request = contract.protocol.encode_request(contract.service, operation, dict(entry.input))
        exchange = channel.send(OutgoingCall(contract.service, contract.protocol, operation, request))
    except (ConformanceError, ValueError, TypeError, LookupError) as error:
        return f"{entry.undo} cannot be sent: {error}"
    response = exchange.response
    if response.status in _RIGHT:
        return ""
    if response.fate != "answered":
        return f"{entry.undo} was not answered: {response.fate} {response.detail}".rstrip()
    error_said = contract.protocol.decode_error(contract.service, response)
    if is_gone(response.status, error_said.code or ""):
        return ""
    return f"{entry.undo} was refused: {response.status} {error_said.code or ''}".rstrip()
