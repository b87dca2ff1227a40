# SPDX-License-Identifier: Apache-2.0
"""The requests of a family, as moves of a script, and scripts made of moves.

It owns what is sent to make a resource, to look at it and to change it. It refuses to know in which order
that is done (scripts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from ...spec.shapes import Operation
from ..contract import Contract
from ..symbols import is_symbol, with_value
from .families import CREATE, Family, RelatedOperation
from .names_within import places_of_names, with_own_names
from .paging import Paging, paging_of
from .samples import fixed_members, is_global
from .script import Move, Script, script_of
from .values import Change, broken_changes, changes, weight
from .words import verb_of

__all__ = ["READERS", "FamilyMoves"]

# So many readers look at a resource; each other has a script of its own.
READERS = 3


class FamilyMoves:
    """The moves on one family's resource."""

    def __init__(self, contract: Contract, family: Family) -> None:
        self.contract = contract
        self.family = family

    def create(self) -> Move:
        """The creation, told as little as it needs."""
        family = self.family
        fixed = fixed_members(self.contract.service.name, family.creator.name)
        return Move(CREATE, "create", family.creator.name, {**family.template, **fixed})

    def saying(self) -> Move:
        """The creation, with something to see where the least says nothing."""
        create, family = self.create(), self.family
        bound = _bound(family.template)
        if family.naming or any(weight(item) for name, item in create.input.items() if name not in bound):
            return create
        change = max(
            self.changes_of(family.creator, family.template),
            key=lambda change: weight(change.value),
            default=None,
        )
        return self.telling(create, change) if change else create

    def numbered(self, create: Move, number: int) -> Move:
        """A creation as one of several, counted from 1."""
        label = CREATE if number == 1 else f"{CREATE}{number}"
        return replace(create, label=label, about=label)

    def again(self, create: Move) -> Move:
        """A creation under the names of the first."""
        new = (name for name, item in create.input.items() if is_symbol(item) and "$name" in item)
        inputs = create.input
        for name in (*self.family.naming, *new):
            inputs = with_value(inputs, name, {"$from": f"{CREATE}.$in.{name}"})
        return replace(create, label="again", role="again", input=inputs)

    def read(self, reader: RelatedOperation) -> Move:
        """A look at the resource alone."""
        return Move(reader.name, "read", reader.name, self.input_of(reader))

    def list_of(self, listing: RelatedOperation) -> Move:
        """A look at all resources of the family."""
        return Move(listing.name, "list", listing.name, self.input_of(listing))

    def update(self, updater: RelatedOperation, change: Change) -> Move:
        """A change of the resource, by one member."""
        update = Move("update", "update", updater.name, self.input_of(updater))
        return self.telling(update, change)

    def telling(self, move: Move, change: Change) -> Move:
        """A move that tells something else, and not what documents say can't be beside it."""
        operation = self.contract.operation(move.operation)
        structure = self.contract.service.structure(operation.input)
        excluded = {
            name
            for name, member in structure.members.items()
            if name not in structure.required
            and any(exclusion.other == change.member for exclusion in member.exclusions)
        }
        inputs = {name: item for name, item in move.input.items() if name not in excluded}
        return replace(move, input={**inputs, change.member: change.value})

    def reads(self, *, listed: bool = True) -> list[Move]:
        """Looks at the resource alone; with `listed` a list, where nothing reads it."""
        reads = [self.read(reader) for reader in self.family.readers[:READERS]]
        return reads or ([self.list_of(listing) for listing in self.family.lists[:1]] if listed else [])

    def descriptions(self) -> list[Move]:
        """Looks at what only a list describes, as whole as it is, and not only sums up."""
        listings = [listing for listing in self.family.describers if verb_of(listing.name) == "read"]
        return [self.list_of(listing) for listing in listings[:1]]

    def looks(self) -> list[Move]:
        """Looks at the resource, alone and in a list."""
        return [*self.reads(listed=False), *(self.list_of(listing) for listing in self.family.lists[:1])]

    def elsewhere(self) -> Iterator[Move]:
        """A list here and in another region; nothing where regions share what they hold."""
        for listing in self.family.lists[:1]:
            every = self.list_of(listing)
            if not is_global(self.contract.service.name) and not any(
                "$from" in str(item) for item in every.input.values()
            ):
                yield every
                yield replace(every, label=f"{every.label} elsewhere", role="elsewhere")

    def seen_by_name(self, refused: Move) -> Iterator[Move]:
        """Looks at what a refused request may have left behind, by what it was told."""
        for look in self.looks():
            sources = [str(item["$from"]) for item in look.input.values() if _is_from(item)]
            by_name = {
                name: {"$from": f"{CREATE}.$in.{self.family.naming[0]}"} if _is_answer(item) else item
                for name, item in look.input.items()
                if self.family.naming
            }
            if not any(source.startswith(f"{CREATE}.") for source in sources):
                yield look
            elif by_name and self.family.naming[0].rpartition(".")[2].lower() in map(str.lower, look.input):
                yield replace(look, input=by_name)

    def input_of(self, related: RelatedOperation) -> Mapping[str, Any]:
        """The input of an operation on the resource, with symbols."""
        return {**related.template, **fixed_members(self.contract.service.name, related.name)}

    def paging(self, listing: RelatedOperation) -> Paging:
        """How a list of the family is turned page by page."""
        return paging_of(self.contract.service, listing.operation, self.family.noun)

    def changes_of(self, operation: Operation, template: Mapping[str, Any]) -> Iterator[Change]:
        """What an operation can be told beyond its template, but for names."""
        named = places_of_names(self.family.naming)
        every = changes(self.contract.of(operation), _bound(template))
        return (change for change in every if change.pointer not in named)

    def changes_of_the_same(self) -> Iterator[Change]:
        """Changes of a creation that leave it about the same thing.

        A scope that has to be said by whoever asks for the thing is part of its name.
        """
        family = self.family
        sources = {
            str(item.get("$from"))
            for related in family.related
            for item in related.template.values()
            if is_symbol(item)
        }
        for change in self.changes_of(family.creator, family.template):
            if f"{CREATE}.$in.{change.member}" not in sources:
                yield change

    def broken(self, operation: Operation, template: Mapping[str, Any]) -> Iterator[Change]:
        """Two ways to be refused, for two kinds of constraint."""
        named = places_of_names(self.family.naming)
        every = broken_changes(self.contract.of(operation), _bound(template))
        return islice((broken for broken in every if broken.pointer not in named), 2)

    def script(self, title: str, moves: list[Move], subject: str = "") -> Script:
        """A script of moves, by default the creator's; its id is made of what is sent."""
        named = (replace(move, input=_with_names(self._named(move))) for move in moves)
        return script_of(self.contract.service.name, self.family, title, named, subject)

    def _named(self, move: Move) -> Mapping[str, Any]:
        """What a move sends; a creation that repeats no name has a name of its own."""
        family = self.family
        creates = move.operation == family.creator.name and move.role not in ("again", "replay")
        return with_own_names(move.input, family.naming, family.template) if creates else move.input


def _with_names(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template that calls one thing by one name: what identifies it stands the same further down."""
    symbols = {
        name: item
        for name, item in template.items()
        if isinstance(item, Mapping) and ("$from" in item or "$name" in item)
    }

    def named(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                key: symbols[key] if key in symbols and isinstance(item, str) else named(item)
                for key, item in value.items()
            }
        return [named(item) for item in value] if isinstance(value, list) else value

    return {name: item if name in symbols else named(item) for name, item in template.items()}


def _is_from(item: Any) -> bool:
    return isinstance(item, Mapping) and "$from" in item


def _is_answer(item: Any) -> bool:
    """Whether a symbol is for what the creator's answer shows, or for a name that it was told."""
    return _is_from(item) and str(item["$from"]).startswith(f"{CREATE}.")


def _bound(template: Mapping[str, Any]) -> frozenset[str]:
    """Members that say what a request is about."""
    return frozenset(
        name
        for name, item in template.items()
        if isinstance(item, Mapping) and ("$from" in item or "$name" in item)
    )
