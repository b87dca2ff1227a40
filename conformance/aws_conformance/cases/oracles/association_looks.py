# SPDX-License-Identifier: Apache-2.0
"""Which lists show that one thing was added to another, and where in their answers, by the model alone.

It owns the verbs that add and take off, and the links between what an addition is told and what a look asks
for and shows. It refuses to know what is provided for an addition (associations.py) and how often it is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...spec.shapes import ListShape, Operation, Service, StringShape, StructureShape
from .words import is_identifying, plain

__all__ = ["AssociationLook", "Shown", "adds", "looks_of", "places_in", "remover_of", "shown_at"]

# What adds one thing to another, and what takes it off again.
_INVERSES: Mapping[str, tuple[str, ...]] = {
    "Attach": ("Detach",),
    "Associate": ("Disassociate",),
    "Add": ("Remove", "Delete"),
    "Register": ("Deregister", "Unregister"),
    "Put": ("Remove",),
    "Assign": ("Unassign",),
    "Link": ("Unlink",),
    "Subscribe": ("Unsubscribe",),
    "Grant": ("Revoke",),
    "Authorize": ("Revoke", "Deauthorize"),
    "Enable": ("Disable",),
}
_ADDS = re.compile(rf"(Admin|Batch|)({'|'.join(_INVERSES)})([A-Z0-9].*)")
_LOOKS = re.compile(r"(?:Admin|Batch)?(?:Get|Describe|List)([A-Z0-9].*)")
# How the same is said of taking off: AddRoleToProfile, RemoveRoleFromProfile.
_ONTO = re.compile(r"(?<=[a-z0-9])(?:To|With|For)(?=[A-Z])")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_JOINING = frozenset({"to", "from", "with", "for", "in", "of", "by", "on", "and"})
# What a look may be called after besides the two things: it is still about what lies between them.
_BETWEEN = frozenset(
    ("attached", "attachment", "associated", "association", "entity", "target", "resource", "health")
)
_SUFFIX = re.compile(r"(?:Identifier|Name|Arn|ARN|Id|ID|Url|URL|Key)s?$")
_GENERIC = frozenset({"id", "arn", "name", "identifier", "key"})
_SEVERAL = re.compile(r"(?:s|List)$")
# Shapes of texts of any kind: that two members have one says nothing of their meaning.
_ANY_TEXT = re.compile(r"(?i).*(?:string|text)(?:_?(?:min|max|len)*\d*)*$")
_TAGS = re.compile(r"Tags?(?=[A-Z]|$)(?!Option)")
_LINK = re.compile(r"(?i)(?:attachment|association)s?$")
_DEPTH = 6
_LEAST = 4


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where an addition is told a text: its path in the input, `0` for a list's first element."""

    path: str
    name: str
    shape: str

    @property
    def noun(self) -> str:
        """What it names: its name without what it is named by."""
        return plain(_SUFFIX.sub("", self.name) or self.name)

    @property
    def member(self) -> str:
        return self.path.partition(".")[0]


@dataclass(frozen=True, slots=True)
class AssociationLook:
    """A look that is asked for one side and shows the other.

    `asked` maps its members to paths in the addition's input, those in `several` as lists with one element.
    `element` is the path in that input whose value is shown at one of `paths`, `*` for each of a list.
    """

    operation: Operation
    asked: Mapping[str, str]
    several: frozenset[str]
    element: str
    paths: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Where an answer shows a text: its place, that without indices, and the element of a list around it."""

    path: tuple[str | int, ...]
    form: tuple[str, ...]
    element: Any
    value: str


def adds(name: str) -> bool:
    """Whether an operation's name says that it adds one thing to another; tags are looked at apart."""
    match = _ADDS.fullmatch(name)
    return match is not None and not _TAGS.search(match[3])


def remover_of(service: Service, name: str) -> Operation | None:
    """The operation that takes off what another adds; None if there is none of that name."""
    match = _ADDS.fullmatch(name)
    if match is None:
        return None
    by, verb, noun = match.groups()
    single = _SEVERAL.sub("", noun)
    nouns = (noun, _ONTO.sub("From", noun), single, _ONTO.sub("From", single), f"{noun}s")
    names = (f"{by}{inverse}{other}" for inverse in _INVERSES[verb] for other in nouns)
    return next((service.operations[other] for other in names if other in service.operations), None)


def places_in(service: Service, operation: Operation) -> Iterator[TextPlace]:
    """The texts of an input that name things: its own, those of a list, and of a list's structures."""
    for name, member in service.structure(operation.input).members.items():
        if member.idempotency_token:
            continue
        shape = service.shape(member.target)
        if _is_text(service, member.target):
            yield TextPlace(name, name, member.target)
        elif isinstance(shape, ListShape):
            if _is_text(service, shape.member.target):
                yield TextPlace(f"{name}.0", _SEVERAL.sub("", name), shape.member.target)
            yield from _inner(service, f"{name}.0", shape.member.target)
        else:
            yield from _inner(service, name, member.target)


def _inner(service: Service, path: str, target: str) -> Iterator[TextPlace]:
    shape = service.shape(target)
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if is_identifying(name) and _is_text(service, member.target):
                yield TextPlace(f"{path}.{name}", name, member.target)


def _is_text(service: Service, target: str) -> bool:
    shape = service.shape(target)
    return isinstance(shape, StringShape) and not shape.enum


def looks_of(service: Service, addition: Operation) -> tuple[AssociationLook, ...]:
    """The looks that surely show what an addition does; worked out once."""
    known = service.derived(_nothing_yet)
    if addition.name not in known:
        known[addition.name] = tuple(_looks(service, addition))
    return known[addition.name]


def _nothing_yet(service: Service) -> dict[str, tuple[AssociationLook, ...]]:
    return {}


def _looks(service: Service, addition: Operation) -> Iterator[AssociationLook]:
    match = _ADDS.fullmatch(addition.name)
    noun = match[3] if match else ""
    places = list(_sides(service, addition))
    for operation in service.operations.values():
        named = _LOOKS.fullmatch(operation.name)
        if named is None or operation is addition:
            continue
        asked = dict(_asked(service, operation, places))
        if not asked or any(name not in asked for name in service.structure(operation.input).required):
            continue
        sides = [place for place, _ in asked.values()]
        others = [
            place
            for place in places
            if place not in sides and not (match and match[2] == "Enable" and _is_switched(place, noun))
        ]
        if _words(named[1]) - _BETWEEN - _words(noun) - _words(*(place.name for place in (*sides, *others))):
            # It is about something else that has to do with both.
            continue
        for place in others:
            ranked = list(_showing(service, operation, place, sides, _words(noun) | _words(named[1])))
            needed = _words(noun) - _words(named[1])
            paths = tuple(
                path
                for _, path in sorted(ranked, key=lambda item: -item[0])
                if not needed - _words(*path[:-1], _list_before(path))
            )
            if paths:
                yield AssociationLook(
                    operation,
                    {name: side.path for name, (side, _) in asked.items()},
                    frozenset(name for name, (_, several) in asked.items() if several),
                    place.path,
                    paths,
                )


def _sides(service: Service, addition: Operation) -> Iterator[TextPlace]:
    """The texts of an addition that name a side: they identify, or what takes off is told them as well."""
    remover = remover_of(service, addition.name)
    off = service.structure(remover.input).members if remover is not None else {}
    for place in places_in(service, addition):
        if place.path != place.name or is_identifying(place.name) or place.name in off:
            yield place


def _is_switched(place: TextPlace, noun: str) -> bool:
    """Whether what is enabled is the thing that a text names, rather than something between two things."""
    thing = plain(noun)
    return place.name.lower() in (*_GENERIC, *(f"{thing}{word}" for word in _GENERIC)) or thing == place.noun


def _asked(
    service: Service, look: Operation, places: Iterable[TextPlace]
) -> Iterator[tuple[str, tuple[TextPlace, bool]]]:
    """The members of a look's input that name a side, each with the side and whether as a list."""
    outer = [place for place in places if "." not in place.path]
    for name, member in service.structure(look.input).members.items():
        shape, single = service.shape(member.target), _SEVERAL.sub("", name)
        several = isinstance(shape, ListShape) and _is_text(service, shape.member.target)
        for place in outer:
            if _is_text(service, member.target) and plain(name) == plain(place.name):
                yield name, (place, False)
            elif several and single != name and plain(single) == plain(place.name):
                yield name, (place, True)


def _showing(
    service: Service, look: Operation, place: TextPlace, sides: Iterable[TextPlace], words: frozenset[str]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Places of an answer that show what a text names, each with how sure that is."""
    nouns = [side.noun for side in sides]
    for path, target in _leaves(service, look.output):
        rank = _fit(path, target, place)
        if not rank:
            continue
        lists = [index for index, step in enumerate(path) if step == "*"]
        first = plain(path[lists[0] - 1]) if lists else ""
        # What stands in a side's own element is a property of it, unless it is in a list of its own.
        own = any(noun and first.endswith(noun) for noun in nouns) and first != place.noun
        linked = any(_LINK.search(step) for step in path[lists[0] + 1 : -1]) if lists else False
        if len(lists) >= 1 + own or linked:
            yield rank, path


def _fit(path: tuple[str, ...], target: str, place: TextPlace) -> int:
    """How surely a text of an answer is what another names: 3 by name and shape, 0 if it is not."""
    shown, asked = plain(_leaf(path)), plain(place.name)
    same = target == place.shape
    if shown == asked:
        return 3 if same else 2
    around = plain(_list_before(path))
    generic = shown in _GENERIC and asked.endswith(shown) and len(place.noun) >= _LEAST
    alike = (
        (min(len(shown), len(asked)) > _LEAST and (shown.endswith(asked) or asked.endswith(shown)))
        or (shown.startswith(asked) and shown.removeprefix(asked) in _GENERIC)
        or (path[-1] == "*" and shown.endswith(place.noun))
        or (generic and (around.endswith(place.noun) or around.startswith(place.noun)))
    )
    return (2 if same and not _ANY_TEXT.match(target) else 1) if alike else 0


def _leaf(path: tuple[str, ...]) -> str:
    return path[-1] if path[-1] != "*" else _SEVERAL.sub("", path[-2])


def _list_before(path: tuple[str, ...]) -> str:
    """The name of the innermost list on the way to a text."""
    stars = [index for index, step in enumerate(path) if step == "*"]
    return path[stars[-1] - 1] if stars else ""


def _leaves(
    service: Service, root: str | None, path: tuple[str, ...] = (), above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts of a document that a list leads to."""
    shape = service.shapes.get(root or "")
    if shape is None or root in above or len(path) > _DEPTH:
        return
    match shape:
        case StructureShape(members=members) if not shape.event_stream:
            for name, member in members.items():
                yield from _leaves(service, member.target, (*path, name), (*above, str(root)))
        case ListShape(member=member):
            yield from _leaves(service, member.target, (*path, "*"), (*above, str(root)))
        case StringShape() if "*" in path and not shape.enum:
            yield path, str(root)
        case _:
            return


@cache
def _words_of(name: str) -> frozenset[str]:
    return frozenset(plain(part) for part in _PARTS.findall(name)) - _JOINING


def _words(*names: str) -> frozenset[str]:
    """The words that names are made of, without those that join them."""
    return frozenset().union(*(_words_of(name) for name in names))


def shown_at(document: Any, form: tuple[str, ...]) -> Iterator[Shown]:
    """The texts of a document at a path with `*` for each element of a list."""
    level: list[tuple[tuple[str | int, ...], Any, Any]] = [((), document, document)]
    for step in form:
        below: list[tuple[tuple[str | int, ...], Any, Any]] = []
        for path, value, element in level:
            if step == "*":
                items = enumerate(value) if isinstance(value, list) else ()
                below += [((*path, index), item, item) for index, item in items]
            elif isinstance(value, Mapping) and step in value:
                below.append(((*path, step), value[step], element))
        level = below
    for path, value, element in level:
        if isinstance(value, str):
            yield Shown(path, form, element, value)
