# SPDX-License-Identifier: Apache-2.0
"""What an operation needs, derived from the models: which operation makes what another one names.

It owns the reading of names and shapes: creators and their nouns, where an identifier comes out of a
creator or goes into it, what undoes it. What names can't tell is data/hints.yaml's, in few lines. It
refuses to know targets: nothing here was tried on one.

Rules, by what their absence costs (a prototype on eleven services): what a chain has made is used again
within it; an operation's noun (DescribeKey <- CreateKey); names of members; shapes of identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..spec.shapes import Operation, Service, StringShape, StructureShape
from .hints import hints_of
from .links import links_of
from .name_reading import name_parts, names_a_copy, read_name
from .setup import SetupStep, Upload, with_dependents
from .symbols import is_symbol, symbols

__all__ = ["Chain", "derived_chain", "derived_step"]

_CREATE = re.compile(r"(Create|Put|Register|Allocate|Import|Request|Run|Start|Upload|Publish|Add)(.+)")
# The same after a word that says for whom: AdminCreateUser is undone by AdminDeleteUser.
_CREATE_FOR = re.compile(rf"([A-Z][a-z]+)??{_CREATE.pattern}")
_DELETE = ("Delete", "Deregister", "Release", "Terminate", "Remove", "Cancel")
_DESTROYS = re.compile(r"(?:Delete|Deregister|Release|Terminate|Remove|Cancel|Disassociate|Detach)[A-Z]")
_SUFFIX = re.compile(r"(?:Identifier|Name|Arn|ARN|Id|ID|Url|URL|Key|Handle)$")
# Filled by nobody: tokens of pages and of idempotency, dry runs, guards.
_NEVER = re.compile(
    r"(?i)^(next|pagination|continuation|client|idempotency).*token$|^dryrun$|^expectedbucketowner$"
)
# Headers that say of the body or of its owner what only they can know; a made-up value is a wrong one.
_CLAIMS = re.compile(
    r"(?i)content-(?:length|md5)|x-amz-(?:checksum-.*|sdk-checksum-algorithm|content-sha256|(?:source-)?expected-bucket-owner)"
)
# Verbs of operations that use up what they are about.
_USES_UP = frozenset({*_DELETE, "Start", "Stop"})
_DEEPEST = 4
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps in order, the symbols that fill members of an operation's input, and the operation as a step.

    `fallback` has made-up values, by the source of a symbol, for a target where nothing can be made. `omit`
    are optional members of which nothing true can be made up. `after` undoes an accepted request.
    """

    steps: tuple[SetupStep, ...]
    bind: Mapping[str, Any]
    fresh: frozenset[str]
    own: SetupStep | None
    fallback: Mapping[str, Any]
    omit: tuple[str, ...]
    after: tuple[SetupStep, ...] = ()


# The smallest valid input of an operation, by its name; None where none can be made.
Minimal = Callable[[str], Any]


def derived_chain(
    service: Service, operation: Operation, minimal: Minimal, beside: frozenset[str] = frozenset()
) -> Chain:
    """What an operation needs before it can succeed; empty where nothing is known to make it.

    `minimal` makes the inputs of steps, which are the same whichever contract of the service makes them.
    Members `beside` those that have to be sent are to be sent as well.
    """
    return _derivation(service, minimal).chain(operation, beside)


def derived_step(service: Service, name: str, minimal: Minimal) -> SetupStep | None:
    """An operation as a step of a setup, and how it is undone; None where no input can be made for it."""
    return _derivation(service, minimal).step(name)


def _derivation(service: Service, minimal: Minimal) -> _Derivation:
    known = service.derived(_derivations)
    if not known:
        known.append(_Derivation(service, minimal))
    return known[0]


def _derivations(service: Service) -> list[_Derivation]:
    return []


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a value comes from: a creator, and the path to it in its answer, or in its input (`$in`)."""

    creator: str
    path: str


class _Derivation:
    """The links of one service, found when they are asked for."""

    def __init__(self, service: Service, minimal: Minimal) -> None:
        self._service = service
        self._minimal = minimal
        self._hints = hints_of(service.name)
        self._creators: dict[str, list[str]] = {}
        for name in service.operations:
            match = _CREATE.fullmatch(name)
            if match:
                self._creators.setdefault(_plain(match[2]), []).append(name)

    def chain(self, operation: Operation, beside: frozenset[str] = frozenset()) -> Chain:
        """The chain of an operation."""
        if self._hints.named:
            return self._named_chain(operation)
        steps: dict[str, SetupStep] = {}
        bind = self._bound(operation, steps, (operation.name,), beside)
        creates = _CREATE.fullmatch(operation.name) is not None
        fresh = frozenset(steps) if _DESTROYS.match(operation.name) else frozenset()
        own = self._step(operation, bind, ()) if creates else None
        document = self._minimal(operation.name)
        fallback = {
            symbol["$from"]: document[name]
            for name, symbol in bind.items()
            if "$from" in symbol and isinstance(document, dict) and name in document
        }
        undoable = own if own is not None and own.undo else None
        omitted = dict.fromkeys((*self._omitted(operation), *self._issued(operation, steps)))
        return Chain(tuple(steps.values()), bind, fresh, undoable, fallback, tuple(omitted))

    def step(self, name: str) -> SetupStep | None:
        """An operation as a step."""
        if self._hints.named:
            return self._named_step(name)
        operation = self._service.operations[name]
        bound = self._bound(operation, {}, (name,))
        return self._step(operation, bound, _sources_in(bound))

    def _named_chain(self, operation: Operation) -> Chain:
        """The chain of an operation of a service of which it is written down what its members name."""
        steps: dict[str, SetupStep] = {}
        bind = self._bound_by_name(operation)
        sources = [str(symbol["$from"]).partition(".")[0] for symbol in bind.values() if "$from" in symbol]
        reading = read_name(operation.name)
        if reading.word == "List":
            # A list without an element says nothing of what its elements look like.
            creators = (source.partition(".")[0] for source in self._hints.named.values())
            sources += [name for name in creators if read_name(name).noun == reading.noun]
        for name in (*sources, *self._hints.before(operation.name)):
            self._add_named(name, steps)
        steps.pop(operation.name, None)
        about = [name for name, step in steps.items() if read_name(step.operation).noun == reading.noun]
        fresh = with_dependents(steps.values(), about if reading.word in _USES_UP else ())
        own = self._named_step(operation.name)
        undo = own.undo if own is not None else None
        return Chain(
            steps=tuple(steps.values()),
            bind=bind,
            fresh=fresh,
            own=own if undo is not None else None,
            fallback={},
            omit=(*self._omitted(operation), *self._hints.omitted(operation.name)),
            after=(undo,) if undo is not None and reading.word == "Start" else (),
        )

    def _bound_by_name(self, operation: Operation) -> dict[str, Any]:
        """Symbols for the members of an operation that name state: what it makes itself gets a new name."""
        members = self._service.structure(operation.input).members
        hinted = self._hints.inputs(operation.name)
        bound: dict[str, Any] = {}
        named = self._hints.named
        for name in dict.fromkeys(source.rpartition(".")[2] for source in named):
            source = named.get(f"{operation.name}.{name}") or named.get(name)
            if source and name in members and name not in hinted:
                makes = source.partition(".")[0] == operation.name
                if not makes or name in self._service.structure(operation.input).required:
                    bound[name] = {"$name": name.lower()} if makes else {"$from": source}
        return bound | {name: item for name, item in hinted.items() if is_symbol(item) and "$name" in item}

    def _add_named(self, name: str, steps: dict[str, SetupStep]) -> None:
        """Put a step among the steps, after all that it needs."""
        step = None if name in steps else self._named_step(name)
        if step is not None:
            for needed in step.needs:
                self._add_named(needed, steps)
            steps[name] = step

    def _named_step(self, name: str) -> SetupStep | None:
        upload = self._hints.upload(name)
        if upload is not None:
            needs = _sources_in([upload["url"], upload["columns"]])
            put = Upload(upload["url"], upload["headers"], upload["columns"], tuple(upload["rows"]))
            return SetupStep(name, upload=put, needs=needs)
        operation = self._service.operations[name]
        bound = self._bound_by_name(operation)
        hinted = self._hints.inputs(name)
        if all(source in self._service.operations for source in _sources_in(hinted)):
            bound = {**bound, **{member: item for member, item in hinted.items() if _sources_in(item)}}
        needs = _sources_in(bound)
        step = self._step(operation, bound, (*needs, *self._hints.before(name)))
        if step is None or step.undo is not None or not name.startswith("Start"):
            return step
        # What was started is stopped by what it was started by.
        stop = self._service.operations.get(f"Stop{name.removeprefix('Start')}")
        if stop is None:
            return step
        return replace(step, undo=SetupStep(f"undo {name}", stop.name, self._bound_by_name(stop)))

    def _omitted(self, operation: Operation) -> tuple[str, ...]:
        structure = self._service.structure(operation.input)
        return tuple(
            name
            for name, member in structure.members.items()
            if name not in structure.required
            and (
                _NEVER.match(name)
                or (member.location == "header" and _CLAIMS.fullmatch(member.location_name or name))
            )
        )

    def _issued(self, operation: Operation, steps: Iterable[str]) -> Iterator[str]:
        """Optional members that name what the service issues as it makes what the operation needs: a version.

        Whatever else stands there names nothing. What a creator is told may be anybody's choice.
        """
        if _CREATE.fullmatch(operation.name):
            return
        structure, common = self._service.structure(operation.input), links_of(self._service).common
        creators = [self._service.operations[name] for name in steps if name in self._service.operations]
        for name, member in structure.members.items():
            shape = self._service.shape(member.target)
            named = name not in structure.required and name_parts(name)[1] in _ISSUED
            if not named or not isinstance(shape, StringShape) or shape.enum:
                continue
            furthest = _SAME_SHAPE - (member.target in common)
            for creator in creators:
                told = {inner.lower() for inner in self._service.structure(creator.input).members}
                ranks = (
                    _fit(shown, target, name, member.target, "")
                    for _, shown, target in self._leaves(creator.output)
                    if shown.lower() not in told
                )
                if any(rank is not None and rank <= furthest for rank in ranks):
                    yield name
                    break

    def _bound(
        self,
        operation: Operation,
        steps: dict[str, SetupStep],
        way: tuple[str, ...],
        beside: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        """Symbols for the members of an operation that name something; adds the steps that make it."""
        bound: dict[str, Any] = {}
        structure = self._service.structure(operation.input)
        creates = _CREATE.fullmatch(operation.name)
        for name, member in structure.members.items():
            shape = self._service.shape(member.target)
            if not isinstance(shape, StringShape) or shape.enum or _NEVER.match(name):
                continue
            if (creates and _is_name_of(name, creates[2])) or names_a_copy(name, operation.name):
                bound[name] = {"$name": _word(name)}
                continue
            if name not in structure.required and name not in beside:
                # What may be left out would only add ways to fail.
                continue
            source = self._source(operation, name, member.target)
            if source is None or source.creator in way or len(way) > _DEEPEST:
                continue
            needed = self._add(source.creator, steps, way)
            if needed:
                bound[name] = {"$from": f"{source.creator}.{source.path}"}
        return bound

    def _add(self, creator: str, steps: dict[str, SetupStep], way: tuple[str, ...]) -> bool:
        """Whether the step of a creator is among the steps, put there with all that it needs."""
        if creator in steps:
            return True
        operation = self._service.operations[creator]
        bound = self._bound(operation, steps, (*way, creator))
        needs = tuple(
            dict.fromkeys(symbol["$from"].partition(".")[0] for symbol in bound.values() if "$from" in symbol)
        )
        step = self._step(operation, bound, needs)
        if step is None:
            return False
        steps[creator] = step
        return True

    def _step(
        self, operation: Operation, bound: Mapping[str, Any], needs: tuple[str, ...]
    ) -> SetupStep | None:
        document = self._minimal(operation.name)
        if not isinstance(document, dict):
            return None
        required = self._service.structure(operation.input).required
        filled = {name: symbol for name, symbol in bound.items() if name in document or name in required}
        names = {name: symbol for name, symbol in bound.items() if "$name" in symbol and name not in filled}
        template = {**document, **filled, **(names if not required else {}), **self._hinted(operation.name)}
        return SetupStep(operation.name, operation.name, template, needs=needs, undo=self._undo(operation))

    def _hinted(self, name: str) -> Mapping[str, Any]:
        # What stands on other steps is for the search on a target (engine/state_search.py).
        return {member: item for member, item in self._hints.inputs(name).items() if not list(symbols(item))}

    def _undo(self, operation: Operation) -> SetupStep | None:
        """The operation that takes away what this one makes, if this one shows or was told its input."""
        match = _CREATE_FOR.fullmatch(operation.name)
        if match is None:
            return None
        names = (f"{match[1] or ''}{verb}{match[3]}" for verb in _DELETE)
        name = next((name for name in names if name in self._service.operations), None)
        if name is None:
            return None
        undo = self._service.operations[name]
        structure = self._service.structure(undo.input)
        inputs: dict[str, Any] = {}
        for member in structure.required:
            path = self._path(operation, member, structure.members[member].target)
            if path is None:
                return None
            inputs[member] = {"$from": f"{operation.name}.{path}"}
        return SetupStep(f"undo {operation.name}", name, inputs) if inputs else None

    def _source(self, operation: Operation, member: str, target: str) -> _Source | None:
        """The creator that a member's value can be had from, and where."""
        for noun in self._nouns(operation, member):
            for creator in self._creators.get(noun, ()):
                path = self._path(self._service.operations[creator], member, target)
                if path is not None and creator != operation.name:
                    return _Source(creator, path)
        return None

    def _nouns(self, operation: Operation, member: str) -> Iterator[str]:
        """What a member may name: by its own name without its suffix, else what the operation is about."""
        word = _SUFFIX.sub("", member)
        for candidate in (word, member):
            if candidate:
                yield _plain(candidate)
        about = re.sub(r"^[A-Z][a-z]+(?=[A-Z])", "", operation.name)
        generic = not word or _plain(word) in ("resource", "source", "target")
        parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", about)
        if generic or _plain(about).startswith(_plain(word)):
            # DescribeKey names a key, and GetBucketPolicy a bucket.
            for count in range(len(parts), 0, -1):
                yield _plain("".join(parts[:count]))

    def _path(self, creator: Operation, member: str, target: str) -> str | None:
        """Where a creator shows a member's value, or was told it."""
        leaves = list(self._leaves(creator.output))
        match = _CREATE.fullmatch(creator.name)
        noun = _plain(match[2]) if match else ""
        ranked = sorted(
            (rank, index, path)
            for index, (path, name, shape) in enumerate(leaves)
            if (rank := _fit(name, shape, member, target, noun)) is not None
        )
        inputs = self._service.structure(creator.input)
        told = [
            name
            for name, inner in inputs.members.items()
            if isinstance(self._service.shape(inner.target), StringShape)
            and (name in inputs.required or _is_name_of(name, noun))
        ]
        echo = next((name for name in told if name.lower() == member.lower()), None)
        if ranked and (ranked[0][0] <= 1 or echo is None):
            return ranked[0][2]
        if echo is not None:
            return f"$in.{echo}"
        for name in told:
            if inputs.members[name].target == target and _is_name_of(name, noun):
                return f"$in.{name}"
        return next((f"$in.{name}" for name in told if _is_name_of(name, noun)), None)

    def _leaves(self, root: str | None) -> Iterator[tuple[str, str, str]]:
        """Texts in an output that no list leads to: path, name and shape; those near the root first."""
        level: list[tuple[str, str]] = [("", root)] if root else []
        for _ in range(_DEPTH):
            below: list[tuple[str, str]] = []
            for path, holder in level:
                shape = self._service.shapes.get(holder)
                if not isinstance(shape, StructureShape) or shape.event_stream:
                    continue
                for name, member in shape.members.items():
                    here = f"{path}.{name}" if path else name
                    inner = self._service.shape(member.target)
                    if isinstance(inner, StringShape) and not inner.enum:
                        yield here, name, member.target
                    elif isinstance(inner, StructureShape):
                        below.append((here, member.target))
            level = below


def _sources_in(template: Any) -> tuple[str, ...]:
    """The steps that a template has its values from."""
    sources = (symbol["$from"].partition(".")[0] for symbol in symbols(template) if "$from" in symbol)
    return tuple(dict.fromkeys(sources))


# How what a service issues is called.
_ISSUED = frozenset({"arn", "id", "version"})
# The rank of a text of the same shape as what is asked for, under another name.
_SAME_SHAPE = 2


def _fit(name: str, shape: str, member: str, target: str, noun: str) -> int | None:
    """How well an output's member gives another one's value, the smaller the better; None if it does not."""
    suffix = _SUFFIX.search(member)
    if name.lower() == member.lower():
        return 0 if shape == target else 1
    if suffix is None:
        return None
    if shape == target:
        return _SAME_SHAPE
    if _plain(name) == _plain(noun + suffix[0]):
        return 3
    if _plain(name) == _plain(suffix[0]):
        return 4
    # What is called an id or a name is often taken as an ARN as well.
    about = _plain(_SUFFIX.sub("", member)) == noun
    return 5 if about and _plain(name) in ("arn", f"{noun}arn") else None


def _plain(noun: str) -> str:
    """A noun by which creators are found: lower case, in the singular."""
    plain = noun.lower()
    if plain.endswith("ies"):
        return f"{plain[:-3]}y"
    return plain[:-1] if plain.endswith("s") and not plain.endswith(("ss", "us", "is", "as")) else plain


def _is_name_of(member: str, noun: str) -> bool:
    """Whether a creator's member is what it calls the thing that it makes."""
    plain, thing = _plain(member), _plain(noun)
    return plain in ("name", thing, f"{thing}name", f"{thing}id", f"{thing}identifier")


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())[:8] or "name"
