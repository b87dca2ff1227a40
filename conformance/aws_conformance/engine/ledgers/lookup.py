# SPDX-License-Identifier: Apache-2.0
"""What lists show of something that was asked for and never answered for, by what it was to be called.

It owns which lists are asked, and when a thing that they show is surely the one. It refuses to know what
becomes of it (sweeping.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ...cases.contract import Contract
from ...cases.oracles.families import CREATE, Family, RelatedOperation, families_of
from ...cases.oracles.paging import Paging, paging_of
from ...cases.symbols import is_name_of_run, is_symbol, substitute
from ..accounts.limits import denial_of
from ..channel import Channel, OutgoingCall
from .ledger import LedgerEntry, LedgerState
from .listed_names import as_answer, is_called, would_show
from .undoing import undo_of

__all__ = ["Absent", "Located", "Lookup", "Sighting", "Unlocated"]

# So many pages of a list are read; what stands on a later one stays named.
_PAGES = 1_000
_RIGHT = range(200, 300)


@dataclass(frozen=True, slots=True)
class Located:
    """A list shows the thing; `entry` has what takes it away."""

    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Absent:
    """A list that would show the thing does not: it was not made, or not yet."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unlocated:
    """Nothing tells which thing it is, or whether it is there."""

    reason: str


Sighting: TypeAlias = Located | Absent | Unlocated


class _UnreadableListError(Exception):
    """A list can't be asked, or not be read to its end; the text says why."""


@dataclass(frozen=True, slots=True)
class _Sought:
    """The thing that an entry is about: its family, and its own names, which nobody else would give."""

    contract: Contract
    family: Family
    entry: LedgerEntry
    names: Mapping[str, str]

    def undone(self, path: str, element: Any) -> LedgerEntry | None:
        """The entry with what takes away an element of a list; None where nothing is known to."""
        answer = as_answer(self.contract.service, self.family.creator, path, element)
        undo = undo_of(self.contract.of(self.family.creator), dict(self.entry.names), answer)
        return None if undo is None else replace(self.entry, undo=undo[0], input=undo[1])


@dataclass(frozen=True, slots=True)
class Lookup:
    """Asks lists over a channel, each once. By what a run made up alone is a thing taken for its own."""

    channel: Channel
    _pages: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def locate(self, contract: Contract, entry: LedgerEntry, state: LedgerState) -> Sighting:
        """The thing that an entry is about; `state` is what else the ledger has."""
        families = families_of(contract)
        family = next((known for known in families if known.creator.name == entry.operation), None)
        names = _own_names(family, entry) if family is not None else {}
        if family is None or not names:
            return Unlocated("nothing that was sent tells it from what others have made")
        sought = _Sought(contract, family, entry, names)
        sightings = [
            self._sighting(sought, listing, state) for listing in (*family.lists, *family.describers)
        ]
        for kind in (Located, Absent):
            seen = next((sighting for sighting in sightings if isinstance(sighting, kind)), None)
            if seen is not None:
                return seen
        reasons = dict.fromkeys(sighting.reason for sighting in sightings if isinstance(sighting, Unlocated))
        return Unlocated("; ".join(reasons) or f"nothing lists what {entry.operation} makes")

    def _sighting(self, sought: _Sought, listing: RelatedOperation, state: LedgerState) -> Sighting:
        """What one list shows of the thing."""
        service, creator = sought.contract.service, sought.family.creator.name
        paging = paging_of(service, listing.operation, sought.family.noun)
        try:
            pages = self._read(sought, listing, paging)
        except _UnreadableListError as error:
            return Unlocated(str(error))
        entries: list[LedgerEntry] = []
        for path, _, element in (item for page in pages for item in paging.elements(page)):
            if not is_called(element, sought.names, creator):
                continue
            entry = sought.undone(path, element)
            if entry is None:
                return Unlocated("no operation is known to take it away")
            if entry not in entries and not _is_of_another(entry, state):
                entries.append(entry)
        # Where the same was asked for several times, each may have made its own; they go in turn.
        alike = sum(_is_alike(other, sought.entry) for other in state.entries)
        if len(entries) > max(1, alike):
            return Unlocated(f"{listing.name} shows {len(entries)} that are called so")
        if entries:
            return Located(entries[0])
        reason = f"{listing.name} shows none that is called so"
        shapes = paging.shapes(service, listing.operation)
        return Absent(reason) if would_show(shapes, sought.names, creator) else Unlocated(reason)

    def _read(self, sought: _Sought, listing: RelatedOperation, paging: Paging) -> tuple[Any, ...]:
        """All pages of a list, with what the thing belongs to."""
        service = sought.contract.service
        denial = denial_of(service, listing.operation) if sought.entry.account else ""
        if denial:
            raise _UnreadableListError(f"{listing.name} is never sent to an account: {denial}")
        try:
            document = substitute(dict(listing.template), _resolver(sought))
        except LookupError as error:
            raise _UnreadableListError(f"nothing tells {error}, which {listing.name} needs") from None
        key = f"{service.name}:{listing.name} {document!r}"
        if key not in self._pages:
            self._pages[key] = tuple(self._turned(sought.contract, listing, document, paging))
        return self._pages[key]

    def _turned(
        self, contract: Contract, listing: RelatedOperation, document: Mapping[str, Any], paging: Paging
    ) -> Iterator[Any]:
        """A list's pages, each asked for with the token of the one before."""
        tokens: Mapping[str, Any] = {}
        for _ in range(_PAGES):
            page = self._page(contract, listing, {**document, **tokens})
            yield page
            before, tokens = tokens, paging.following(page)
            if not tokens:
                return
            if tokens == before:
                raise _UnreadableListError(f"{listing.name} leads from a page to itself")
        raise _UnreadableListError(f"{listing.name} has more than {_PAGES} pages")

    def _page(self, contract: Contract, listing: RelatedOperation, document: Mapping[str, Any]) -> Any:
        service, protocol, operation = contract.service, contract.protocol, listing.operation
        request = protocol.encode_request(service, operation, document)
        response = self.channel.send(OutgoingCall(service, protocol, operation, request)).response
        if response.fate != "answered":
            detail = f"{response.fate} {response.detail}".rstrip()
            raise _UnreadableListError(f"{listing.name} was not answered: {detail}")
        if response.status not in _RIGHT:
            code = protocol.decode_error(service, response).code or ""
            raise _UnreadableListError(f"{listing.name} was refused: {response.status} {code}".rstrip())
        decoded = protocol.decode_response(service, operation, response)
        if not decoded.readable or not isinstance(decoded.document, Mapping):
            raise _UnreadableListError(f"the answer of {listing.name} cannot be read")
        return decoded.document


def _own_names(family: Family, entry: LedgerEntry) -> dict[str, str]:
    """The texts, by their members, that were sent as the thing's own names and that a run made up."""
    named = {name for name, item in family.template.items() if is_symbol(item) and "$name" in item}
    return {name: text for name, text in entry.names.items() if name in named and is_name_of_run(text)}


def _resolver(sought: _Sought) -> Callable[[Mapping[str, str]], Any]:
    """What a list's symbols stand for: the thing's own names, and what it belongs to, as they were sent."""
    sent = {
        str(item["$from"]): sought.entry.names.get(name)
        for name, item in sought.family.template.items()
        if is_symbol(item) and "$from" in item
    }
    sent |= {f"{CREATE}.$in.{name}": text for name, text in sought.entry.names.items()}

    def resolve(symbol: Mapping[str, str]) -> Any:
        source = str(next(iter(symbol.values())))
        value = sent.get(source) if "$from" in symbol else None
        if value is None:
            raise LookupError(source)
        return value

    return resolve


def _is_alike(other: LedgerEntry, entry: LedgerEntry) -> bool:
    """Whether another entry asked for the same, and nobody knows what takes that away."""
    asked = (entry.service, entry.operation, entry.names)
    return not other.undo and (other.service, other.operation, other.names) == asked


def _is_of_another(entry: LedgerEntry, state: LedgerState) -> bool:
    """Whether what takes away a thing is what another entry says, or the thing is known to be gone."""
    undo = (entry.service, entry.undo, entry.input)
    if any((other.service, other.undo, other.input) == undo for other in state.entries):
        return True
    identifiers = entry.identifiers - frozenset(entry.names.values())
    return bool(identifiers) and identifiers <= state.gone
