# SPDX-License-Identifier: Apache-2.0
"""How a list is narrowed: by which members of its input it can be asked for one thing among several.

It owns the reading of such members: names and identifiers, prefixes, tags, filters of a name and values,
members that share an enumeration with what is made, states that exclude each other. It refuses to know how
what is asked for is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...spec.shapes import BooleanShape, ListShape, Member, Operation, Service, StringShape, StructureShape
from .paging import paging_of
from .places import structures
from .samples import filter_samples
from .tagging import creation_tags
from .words import is_naming, plain, spoken

__all__ = ["FACET_TAGS", "Facet", "Narrowing", "facets_of", "narrowings_of"]

# What a tag is called that one of two things has.
FACET_TAGS = {"first": "a value"}
# A prefix of the name, or something that the whole name meets as well as a part of it.
_PREFIX = re.compile(
    r"(?i)^(?P<about>\w*?)(?:(?:name_?)?prefix|name_?(?:filter|contains|substring|(?:begins|starts)_?with))$"
)
_TAG_KEYS = re.compile(r"(?i)^tag_?keys$")
# What is in one region is in no other.
_REGION, _REGIONS = re.compile(r"^(?:Bucket)?Region$|^region$"), ("us-east-1", "eu-west-3")
_EVERY = re.compile(r"(?i)^(?:any|all|both)$")
_FILTERS = re.compile(r"Filters?$")
_FILTER_NAME, _FILTER_VALUES = re.compile(r"^(?:Name|Key|name|key)$"), re.compile(r"^(?:Values?|values?)$")

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+")
# Texts that any service takes for members of these names.
_TEXTS: Mapping[str, tuple[str, str]] = {
    "AvailabilityZone": ("us-east-1a", "us-east-1b"),
    "CidrBlock": ("10.0.0.0/16", "10.1.0.0/16"),
    "Description": ("the first of two", "the other of two"),
}

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
    template: Mapping[str, Any]

    def all(self, taken: frozenset[str]) -> Iterator[Narrowing]:
        for sample in filter_samples(self.service.name, self.listing.name):
            first, other = sample.get("first", {}), sample.get("other", {})
            yield Narrowing("a sample", sample["asks"], first, other, alone=not other)
        for name, member in self.service.structure(self.listing.input).members.items():
            if name in taken:
                continue
            yield from self._of_member(name, member.target)
            match self.service.shape(member.target):
                case ListShape(member=inner):
                    yield from self._of_list(name, inner.target, frozenset(member.filter_names))
                    yield from self._documented(member, inner.target)
                case StructureShape() as structure:
                    yield from self._within(name, structure)

    def _of_member(self, name: str, target: str) -> Iterator[Narrowing]:
        """What one text, or values of an enumeration, ask for."""
        match self.service.shape(target):
            case StringShape(enum=()):
                yield from self._of_text(name, target)
            case StringShape():
                yield from self._enumerated(name, target)
            case ListShape(member=inner) if isinstance(self.service.shape(inner.target), StringShape):
                for narrowing in self._enumerated(name, inner.target):
                    yield replace(narrowing, asks={name: [*narrowing.asks.values()]})

    def _within(self, name: str, structure: StructureShape) -> Iterator[Narrowing]:
        """What the members of a structure ask for, each alone."""
        for inner, member in structure.members.items():
            if set(structure.required) <= {inner}:
                for narrowing in self._of_member(inner, member.target):
                    label = f"{name}.{narrowing.label}"
                    yield replace(narrowing, label=label, asks={name: narrowing.asks})

    def _of_text(self, name: str, target: str) -> Iterator[Narrowing]:
        prefix = _PREFIX.match(name)
        source: str | None = None
        if is_naming(name, self.noun):
            source = self.own(name, target)
        elif prefix is not None and self.naming and plain(prefix["about"]) in ("", plain(self.noun)):
            source = f"$in.{self.naming[0]}"
        if source is not None:
            yield Narrowing(name, {name: {"$from": f"create.{source}"}})

    def _of_list(self, name: str, target: str, documented: frozenset[str]) -> Iterator[Narrowing]:
        singular = name.removesuffix("s").removesuffix("List")
        match self.service.shape(target):
            case StringShape(enum=()) if _TAG_KEYS.match(name):
                tags = creation_tags(self.service, self.creator, self.noun, FACET_TAGS)
                if tags is not None and _are_tags(tags[1]):
                    yield Narrowing(name, {name: list(FACET_TAGS)}, {tags[0]: tags[1]})
            case StringShape(enum=()) if is_naming(singular, self.noun):
                source = self.own(singular, target)
                if source is not None:
                    yield Narrowing(name, {name: [{"$from": f"create.{source}"}]})
            case StructureShape() as structure if _FILTERS.search(name):
                yield from self._of_filters(name, structure, documented)

    def _of_filters(
        self, name: str, structure: StructureShape, documented: frozenset[str]
    ) -> Iterator[Narrowing]:
        """A filter by the identifier or the name, as an enumeration, the text or the custom calls it."""
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
            unknown = (
                isinstance(shape, StringShape) and not shape.enum and documented and word not in documented
            )
            if source is not None and word and not unknown:
                value: Any = {"$from": f"create.{source}"}
                yield Narrowing(
                    f"{name} {word}", {name: [{key: word, values: [value] if several else value}]}
                )
                return

    def _documented(self, member: Member, target: str) -> Iterator[Narrowing]:
        """Filters that the text about a member names, by what a creator can be told of the same name."""
        holder = self.service.shape(target)
        if not isinstance(holder, StructureShape) or not member.filter_names:
            return
        key = next((inner for inner in holder.members if _FILTER_NAME.match(inner)), "")
        values = next((inner for inner in holder.members if _FILTER_VALUES.match(inner)), "")
        if not key or not values or set(holder.required) - {key, values}:
            return
        names = member.filter_names

        def asking(word: str, value: Any, first: Any = (), other: Any = ()) -> Narrowing:
            asks = {member.name: [{key: word, values: [value]}]}
            return Narrowing(f"{member.name} {word}", asks, dict(first), dict(other))

        tags = creation_tags(self.service, self.creator, self.noun, FACET_TAGS)
        if tags is not None and _are_tags(tags[1]):
            ((tag, text),) = FACET_TAGS.items()
            if any(name == "tag" or name.startswith("tag:") for name in names):
                yield asking(f"tag:{tag}", text, {tags[0]: tags[1]})
            if "tag-key" in names:
                yield asking("tag-key", tag, {tags[0]: tags[1]})
        for name, told in self.service.structure(self.creator.input).members.items():
            word = "-".join(part.lower() for part in _WORDS.findall(name))
            if word not in names:
                continue
            if name in self.naming:
                yield asking(word, {"$from": f"create.$in.{name}"})
            for value, rest in self._two_values(name, told.target):
                yield asking(word, _as_text(value), {name: value}, {name: rest})

    def _two_values(self, name: str, target: str) -> Iterator[tuple[Any, Any]]:
        """Two values that a creator can be told for a member, if such are known."""
        match self.service.shape(target):
            case StringShape(enum=(first, other, *_)):
                yield first, other
            case BooleanShape():
                yield True, False
            case StringShape(enum=()) if name in _TEXTS:
                yield _TEXTS[name]
            case _:
                return

    def _is_shown(self, target: str) -> bool:
        """Whether anything but requests holds values of a shape: else it is of who asks, and of no thing."""
        inputs = {operation.input for operation in self.service.operations.values()}
        return any(
            member.target == target
            for name, shape in self.service.shapes.items()
            if isinstance(shape, StructureShape) and name not in inputs
            for member in shape.members.values()
        )

    def _enumerated(self, name: str, target: str) -> Iterator[Narrowing]:
        """What a creator is told by the same enumeration."""
        shape = self.service.shape(target)
        if not isinstance(shape, StringShape) or len(shape.enum) < 2 or not self._is_shown(target):
            return
        first, other = shape.enum[:2]
        members = self.service.structure(self.creator.input).members
        for outer, member in members.items():
            if member.target == target:
                yield Narrowing(name, {name: first}, {outer: first}, {outer: other})
                return
        for outer, member in members.items():
            holder, described = self.service.shape(member.target), self.template.get(outer)
            if not isinstance(holder, StructureShape) or not isinstance(described, Mapping):
                continue
            for inner, nested in holder.members.items():
                if nested.target == target:
                    of_first = {outer: {**described, inner: first}}
                    yield Narrowing(name, {name: first}, of_first, {outer: {**described, inner: other}})
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
    template: Mapping[str, Any],
) -> tuple[Narrowing, ...]:
    """The ways in which a list can be asked for the first of two things.

    `taken` members are in use; `template` is what the creator is told.
    """
    return tuple(_Narrowings(service, noun, creator, listing, naming, own, template).all(taken))


def _as_text(value: Any) -> str:
    """A value as a filter has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _are_tags(value: Any) -> bool:
    """Whether a member's value holds tags, and nothing else that would be lost by it."""
    return isinstance(value, list) or (isinstance(value, Mapping) and value.keys() == FACET_TAGS.keys())


@dataclass(frozen=True, slots=True)
class Facet:
    """A member by which a list is asked for what is in one state: two that nothing is in at the same time."""

    label: str
    first: Mapping[str, Any]
    other: Mapping[str, Any]


def facets_of(
    service: Service, listing: Operation, noun: str, shown: tuple[Operation, ...]
) -> Iterator[Facet]:
    """The states that a list can be asked for; `shown` are the operations that show what is listed."""
    single = {member.target for holder in _described(service, listing, noun, shown) for member in holder}
    for name, member in service.structure(listing.input).members.items():
        shape = service.shape(member.target)
        if isinstance(shape, StringShape) and not shape.enum and _REGION.search(name):
            yield Facet(name, {name: _REGIONS[0]}, {name: _REGIONS[1]})
        elif isinstance(shape, StructureShape) and _FILTERS.search(name[:1].upper() + name[1:]):
            for inner, held in shape.members.items():
                for first, other in _exclusive(service, held.target, single):
                    if set(shape.required) <= {inner}:
                        yield Facet(f"{name}.{inner}", {name: {inner: first}}, {name: {inner: other}})
        else:
            for first, other in _exclusive(service, member.target, single):
                yield Facet(name, {name: first}, {name: other})


def _described(
    service: Service, listing: Operation, noun: str, shown: tuple[Operation, ...]
) -> Iterator[tuple[Member, ...]]:
    """The members of what is listed: those of a list's elements, and of the answers about one thing alone."""
    for operation in shown:
        for _, holder in structures(service, operation.output):
            yield tuple(holder.members.values())
    for element in paging_of(service, listing, noun).shapes(service, listing):
        yield tuple(element.members.values())


def _exclusive(service: Service, target: str, single: set[str]) -> Iterator[tuple[Any, Any]]:
    """Two values of a member's enumeration that exclude each other; nothing where that can't be told."""
    shape = service.shape(target)
    several = isinstance(shape, ListShape)
    if isinstance(shape, ListShape):
        target = shape.member.target
        shape = service.shape(target)
    if not isinstance(shape, StringShape):
        return
    values = [value for value in shape.enum if not _EVERY.match(value)]
    if len(values) < 2:
        return
    first, other = values[:2]
    contrary = len(values) == 2 and _is_contrary(*values)
    if target in single or contrary:
        yield ([first], [other]) if several else (first, other)


def _is_contrary(first: str, other: str) -> bool:
    """Whether of two words one is the other with a word of negation before it."""
    short, long = sorted((first.lower(), other.lower()), key=len)
    return long in {f"{no}{short}" for no in ("un", "in", "non", "not", "non_", "not_", "non-", "not-")}
