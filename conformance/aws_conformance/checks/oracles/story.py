# SPDX-License-Identifier: Apache-2.0
"""A script that has been carried out, as oracles see it: who was asked what, and what each said.

It owns these values and the few questions that all oracles ask: what identifies the resource, which element
of a list it is, what was written last. It refuses to know which rules there are and how requests are sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...cases.oracles.paging import paging_of
from ...cases.oracles.places import structures
from ...cases.oracles.words import Role, is_identifying, is_naming, plain, verb_of
from ...protocols.findings import DocumentPlace, Path
from ...spec.shapes import ListShape, MapShape, Operation, Service, StringShape, StructureShape
from ..check import Breach, NoSingleAnswer
from ..places import place

__all__ = [
    "STORY",
    "AnsweredMove",
    "ListedElement",
    "Story",
    "inside",
    "is_leaving",
    "is_unsettled",
    "shown_in",
    "texts_of",
]

# What a rule about a story is about.
STORY = frozenset({"story"})

_NOT_FOUND = re.compile(r"(?i)not_?found|no_?such|not_?exist|non_?exist|unknown|404")
_LEAVING = re.compile(r"(?i)delet|inactiv|terminat|deregist|remov|draining|pending|schedul|destroy")
_STATE = re.compile(r"(?i)(?:status|state|lifecycle)$")
_SETTLING = re.compile(r"(?i)(?:ing|pending|progress|queued|submitted)$")
_SHORTEST_IDENTITY = 3
_CRASH = 500


@dataclass(frozen=True, slots=True)
class AnsweredMove:
    """A move with its answer. `pages` are the documents of all pages that were asked for, the first too.

    `free` are the members of its input that name nothing which was there before.
    `complete` tells that the last page had no token for another; `times` are seconds since the epoch.
    """

    label: str
    role: Role
    about: str
    operation: Operation
    sent: Mapping[str, Any]
    free: frozenset[str]
    kind: Literal["success", "error", "none"]
    status: int = 0
    code: str = ""
    document: Any = None
    pages: tuple[Any, ...] = ()
    complete: bool = True
    repeats: bool = False
    began: float = 0.0
    ended: float = 0.0

    @property
    def succeeds(self) -> bool:
        return self.kind == "success" and isinstance(self.document, Mapping)

    @property
    def finds_nothing(self) -> bool:
        """Whether this refusal says that there is no such thing."""
        return self.kind == "error" and (self.status == 404 or bool(_NOT_FOUND.search(self.code)))


@dataclass(frozen=True, slots=True)
class ListedElement:
    """An element of a list with its place in an answer, and the shape that it is of."""

    path: Path
    value: Any
    shape: str
    page: int


def shown_in(move: AnsweredMove, breach: Breach, doubtful: bool = False) -> Breach:
    """A breach that the answer to a move shows; `doubtful` where no model tells that it is wrong."""
    return replace(breach, shown_by=move, doubtful=doubtful, quotes=True)


@dataclass(frozen=True, slots=True)
class Story(NoSingleAnswer):
    """All moves of a script with their answers, in order.

    `region` is where they were sent; `timely` tells that the target's clock is ours.
    """

    service: Service
    noun: str
    creator: Operation
    naming: tuple[str, ...]
    moves: tuple[AnsweredMove, ...]
    region: str = ""
    timely: bool = True

    @property
    def operation(self) -> Operation:
        """The operation that made what the story is about."""
        return self.creator

    @property
    def topics(self) -> frozenset[str]:
        """What can be asked of it: what must hold of all answers together."""
        return STORY

    def locate(self, breach: Breach) -> DocumentPlace:
        """The place of a breach in the answer that shows it, in words."""
        return place(self.service, (breach.shown_by or self).operation.output, breach.path)

    def created(self, label: str) -> AnsweredMove | None:
        """The move that made what others are about; None if it did not succeed."""
        return next((move for move in self.moves if move.label == label and move.kind == "success"), None)

    def before(self, index: int, *roles: Role) -> Iterator[AnsweredMove]:
        """Moves of some roles before one, about the same thing, the last first."""
        about = self.moves[index].about
        return (move for move in reversed(self.moves[:index]) if move.role in roles and move.about == about)

    def last_write(self, index: int) -> AnsweredMove | None:
        """The write before a move that what it shows is to be held to.

        None where that can't be told: a write came to nothing, something was accepted that should have been
        refused, or a second creation went through, and only the documents know which counts.
        """
        for move in self.before(index, "create", "again", "refuse", "update", "delete"):
            refused = move.kind == "error" and move.status < _CRASH
            if move.role in ("again", "refuse") and refused:
                continue
            return move if move.kind == "success" and move.role not in ("again", "refuse") else None
        return None

    def found_otherwise(self, index: int) -> AnsweredMove | None:
        """The look that has found what this one is to find, by another name; None if there was none.

        Nothing was written between the two.
        """
        move = self.moves[index]
        for other in reversed(self.moves[:index]):
            if other.about == move.about and other.role not in ("read", "list", "filter", "tags"):
                return None
            alike = (
                other.operation == move.operation and other.role == move.role and other.about == move.about
            )
            creation = self.created(move.about)
            if not alike or not other.succeeds or other.sent == move.sent or creation is None:
                continue
            if move.role == "read" or self.listed(other, creation):
                return other
        return None

    def shows_again(self) -> bool:
        """Whether anything that was asked later shows what was created: else no rule has had its say.

        A target that answers everything alike shows nothing again.
        """
        for move in self.moves:
            creation = self.created(move.about)
            if creation is None or not move.succeeds or move is creation:
                continue
            if move.role in ("list", "page", "batch") and self.listed(move, creation):
                return True
            if move.role == "version" and {*texts_of(creation.sent)} & {*texts_of(move.document)}:
                return True
            identity = self.identity(creation)
            if move.role in ("read", "tags") and any(
                text in identity or not identity for text in texts_of(move.document)
            ):
                return True
            added = _texts(creation.sent) - _texts(move.sent)
            if move.role == "members" and added & _texts(move.pages):
                return True
            # What has no name is known by what it was told.
            if move.role == "read" and not identity and _pairs(creation.sent) & _pairs(move.document):
                return True
        return False

    def is_placed_elsewhere(self, move: AnsweredMove) -> bool:
        """Whether what a look is about was put into something that the look was not asked in.

        A service of another cluster is not looked for in the one that is meant where nothing is said.
        """
        creation = self.created(move.about)
        ours = self.service.structure(self.creator.input).members
        theirs = self.service.structure(move.operation.input).members
        return creation is not None and any(
            name in theirs
            and name not in move.sent
            and name not in self.naming
            and theirs[name].target == ours[name].target
            and isinstance(value, str)
            and (is_identifying(name) or self._has_creator(name))
            for name, value in creation.sent.items()
            if name in ours
        )

    def _has_creator(self, member: str) -> bool:
        """Whether a member is called as something that operations of this service make."""
        creator = f"Create{member[:1].upper()}{member[1:]}"
        return creator in self.service.operations

    def names(self, move: AnsweredMove) -> frozenset[str]:
        """What a creator was told to call what it makes."""
        return frozenset(
            value
            for name in self.naming
            if isinstance(value := inside(move.sent, tuple(name.split("."))), str) and value
        )

    def identity(self, move: AnsweredMove) -> frozenset[str]:
        """All texts by which what a move has made is told from others of its kind."""
        return self.names(move) | frozenset(value for _, value in self.identifiers(move))

    def identifiers(self, move: AnsweredMove) -> Iterator[tuple[Path, str]]:
        """The identifiers that a creator's answer shows of what it has made, each with its place."""
        if not self.naming and verb_of(self.creator.name) in ("put", "update"):
            # What is put onto something shows that thing's identifiers, and has none of its own.
            return
        names, inherited = self.names(move), self._inherited(move)
        held = list(structures(self.service, self.creator.output))
        # Where something in an answer is called as the thing is, what is beside that is another's.
        main = next((path[:1] for path, _ in held if path and plain(path[0]) == plain(self.noun)), None)
        for path, holder in held:
            document = inside(move.document, path)
            beside = main is not None and path and path[:1] != main
            if not isinstance(document, Mapping) or beside:
                continue
            for name, member in holder.members.items():
                value = document.get(name)
                shape = self.service.shape(member.target)
                if not isinstance(value, str) or not isinstance(shape, StringShape) or shape.enum:
                    continue
                named = any(text in value for text in names) and is_identifying(name)
                own = named or self._is_own(name)
                if own and value not in inherited and len(value) >= _SHORTEST_IDENTITY:
                    yield (*path, name), value

    def says_something(self, move: AnsweredMove) -> bool:
        """Whether a creator was told more than what it is about."""
        return bool(self.naming) or any(
            _says_something(value) for name, value in move.sent.items() if name in move.free
        )

    def _is_own(self, member: str) -> bool:
        low, noun = plain(member), plain(self.noun)
        own = ("arn", "id", "url", "identifier", f"{noun}arn", f"{noun}id", f"{noun}url")
        return low in own or (is_naming(member, self.noun) and is_identifying(member))

    def _inherited(self, move: AnsweredMove) -> frozenset[str]:
        """Texts that a creator was told of what was there before."""
        return frozenset(
            value for name, value in move.sent.items() if isinstance(value, str) and name not in self.naming
        )

    def elements(self, move: AnsweredMove) -> Iterator[ListedElement]:
        """The elements of all pages of a list."""
        paging = paging_of(self.service, move.operation, self.noun)
        for number, page in enumerate(move.pages):
            for listed, index, element in paging.elements(page):
                steps = tuple(listed.split("."))
                yield ListedElement(
                    (*steps, index), element, self._element_shape(move.operation, steps), number
                )

    def _element_shape(self, operation: Operation, steps: tuple[str, ...]) -> str:
        name = operation.output or ""
        for step in steps:
            shape = self.service.shapes.get(name)
            if not isinstance(shape, StructureShape) or step not in shape.members:
                return ""
            name = shape.members[step].target
        match self.service.shapes.get(name):
            case ListShape(member=member) | MapShape(value=member):
                return member.target
            case _:
                return ""

    def tells_apart(self, operation: Operation) -> bool:
        """Whether elements of a list show anything by which one of them is known."""
        paging = paging_of(self.service, operation, self.noun)
        naming = {name.rpartition(".")[2] for name in self.naming}
        for path in paging.results:
            shape = self.service.shapes.get(self._element_shape(operation, tuple(path.split("."))))
            if isinstance(shape, StringShape):
                return True
            if isinstance(shape, StructureShape) and any(
                self._is_own(name) or name in naming for name in shape.members
            ):
                return True
        return False

    def listed(self, move: AnsweredMove, creation: AnsweredMove) -> list[ListedElement]:
        """The elements of a list that are what a move has made."""
        names, identity = self.names(creation), self.identity(creation)
        return [
            element
            for element in self.elements(move)
            if any(
                text in identity or any(name in text for name in names) for text in texts_of(element.value)
            )
        ]


def _pairs(document: Any, name: str = "") -> frozenset[tuple[str, Any]]:
    """The numbers and switches of a document, each with its name."""
    if isinstance(document, Mapping):
        return frozenset().union(*(_pairs(item, str(key)) for key, item in document.items()))
    return frozenset({(name, document)}) if isinstance(document, bool | int | float) else frozenset()


def _texts(value: Any) -> frozenset[str]:
    """All texts of a document, however deep."""
    match value:
        case str():
            return frozenset({value} if value else ())
        case Mapping():
            return frozenset().union(*map(_texts, value.values()))
        case list() | tuple():
            return frozenset().union(*map(_texts, value))
        case _:
            return frozenset()


def _says_something(value: Any) -> bool:
    """Whether a value is more than nothing, however it is wrapped."""
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    if isinstance(value, list):
        return any(map(_says_something, value))
    return value not in (None, "", False)


def inside(document: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path; None if nothing does."""
    for step in path:
        if isinstance(step, int):
            document = document[step] if isinstance(document, list) and step < len(document) else None
        else:
            document = document.get(step) if isinstance(document, Mapping) else None
    return document


def is_leaving(document: Any) -> bool:
    """Whether a document says of itself that what it shows is on its way out."""
    return any(
        (_STATE.search(name) and isinstance(value, str) and _LEAVING.search(value))
        or (
            value is not None
            and value != ""
            and value is not False
            and re.match(r"(?i)(?:delet|remov)\w*(?:date|time|at|on)$", name)
        )
        for name, value in _members(document)
    )


def is_unsettled(document: Any) -> bool:
    """Whether a document says of itself that it is about to change."""
    return any(
        (_STATE.search(name) and isinstance(value, str) and _SETTLING.search(value))
        or (name.startswith("Pending") and bool(value))
        for name, value in _members(document)
    )


def _members(document: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield str(name), value
            if depth < 3:
                yield from _members(value, depth + 1)


def texts_of(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a document: itself, or those of its members and of theirs."""
    if isinstance(value, str):
        yield value
    elif depth < 2:
        if isinstance(value, Mapping):
            for item in value.values():
                yield from texts_of(item, depth + 1)
        elif isinstance(value, tuple):
            for item in value:
                yield from texts_of(item, depth + 1)
