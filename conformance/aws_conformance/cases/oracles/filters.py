# SPDX-License-Identifier: Apache-2.0
"""How a list is narrowed: by which members of its input it can be asked for one thing among several.

It owns the reading of such members: names and identifiers, prefixes, filters of a name and values, members
that share an enumeration with what is made. It refuses to know how what is asked for is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...spec.shapes import ListShape, Operation, Service, StringShape, StructureShape
from .samples import filter_samples
from .words import is_naming, plain, spoken

__all__ = ["Narrowing", "narrowings_of"]

_PREFIX = re.compile(r"(?i)^(?P<about>\w*?)(?:name_?)?prefix$")
_FILTERS = re.compile(r"Filters?$")
_FILTER_NAME, _FILTER_VALUES = re.compile(r"^(?:Name|Key|name|key)$"), re.compile(r"^(?:Values?|values?)$")

# Where a creator shows, or was told (`$in`), what a member of a name and a shape asks for.
Own = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One way to ask a list for the first of two things: `asks` is added to the list's input.

    `first` and `other` are what the creator is told besides, where what is made has to differ in something;
    `alone` tells that both are meant, so that there is only one.
    """

    label: str
    asks: Mapping[str, Any]
    first: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class _Narrowings:
    """The ways to narrow one list of one family."""

    service: Service
    noun: str
    creator: Operation
    listing: Operation
    naming: tuple[str, ...]
    own: Own

    def all(self, taken: frozenset[str]) -> Iterator[Narrowing]:
        for sample in filter_samples(self.service.name, self.listing.name):
            first, other = sample.get("first", {}), sample.get("other", {})
            yield Narrowing("a sample", sample["asks"], first, other, alone=not other)
        for name, member in self.service.structure(self.listing.input).members.items():
            if name in taken:
                continue
            match self.service.shape(member.target):
                case StringShape(enum=enum):
                    yield from (
                        self._enumerated(name, member.target) if enum else self._of_text(name, member.target)
                    )
                case ListShape(member=inner):
                    yield from self._of_list(name, inner.target)

    def _of_text(self, name: str, target: str) -> Iterator[Narrowing]:
        prefix = _PREFIX.match(name)
        source: str | None = None
        if is_naming(name, self.noun):
            source = self.own(name, target)
        elif prefix is not None and self.naming and plain(prefix["about"]) in ("", plain(self.noun)):
            source = f"$in.{self.naming[0]}"
        if source is not None:
            yield Narrowing(name, {name: {"$from": f"create.{source}"}})

    def _of_list(self, name: str, target: str) -> Iterator[Narrowing]:
        singular = name.removesuffix("s").removesuffix("List")
        match self.service.shape(target):
            case StringShape(enum=()) if is_naming(singular, self.noun):
                source = self.own(singular, target)
                if source is not None:
                    yield Narrowing(name, {name: [{"$from": f"create.{source}"}]})
            case StructureShape() as structure if _FILTERS.search(name):
                yield from self._of_filters(name, structure)

    def _of_filters(self, name: str, structure: StructureShape) -> Iterator[Narrowing]:
        """A filter by the identifier or the name, called as the enumeration or the custom has it."""
        key = next((inner for inner in structure.members if _FILTER_NAME.match(inner)), "")
        values = next((inner for inner in structure.members if _FILTER_VALUES.match(inner)), "")
        if not key or not values or set(structure.required) - {key, values}:
            return
        shape = self.service.shape(structure.members[key].target)
        asked = structure.members[values].target
        held = self.service.shape(asked)
        several = isinstance(held, ListShape)
        target = held.member.target if isinstance(held, ListShape) else asked
        thing = spoken(self.noun).replace(" ", "-").lower()
        for part in ("Id", "Name"):
            source = self.own(f"{self.noun}{part}", target)
            word = f"{thing}-{part.lower()}"
            if isinstance(shape, StringShape) and shape.enum:
                spellings = {part.lower(), f"{plain(self.noun)}{part.lower()}"}
                word = next((item for item in shape.enum if plain(item.replace("-", "")) in spellings), "")
            if source is not None and word:
                value: Any = {"$from": f"create.{source}"}
                yield Narrowing(
                    f"{name} {word}", {name: [{key: word, values: [value] if several else value}]}
                )
                return

    def _enumerated(self, name: str, target: str) -> Iterator[Narrowing]:
        """What a creator is told by the same enumeration."""
        shape = self.service.shape(target)
        for inner, member in self.service.structure(self.creator.input).members.items():
            if member.target == target and isinstance(shape, StringShape) and len(shape.enum) > 1:
                first, other = shape.enum[:2]
                yield Narrowing(name, {name: first}, {inner: first}, {inner: other})
                return


def narrowings_of(
    service: Service,
    creator: Operation,
    listing: Operation,
    *,
    noun: str,
    naming: tuple[str, ...],
    own: Own,
    taken: frozenset[str],
) -> tuple[Narrowing, ...]:
    """The ways in which a list can be asked for the first of two things; `taken` members are in use."""
    return tuple(_Narrowings(service, noun, creator, listing, naming, own).all(taken))
