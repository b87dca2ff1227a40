# SPDX-License-Identifier: Apache-2.0
"""What belongs together: how a resource is made, shown, listed, changed and taken away, by the model alone.

It owns families and the links within them. It refuses to know which scripts are made of them (scripts.py) and
how what a resource needs is provided (prerequisites.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...spec.shapes import (
    BooleanShape,
    IntegerShape,
    ListShape,
    Operation,
    Service,
    StringShape,
    StructureShape,
)
from ..contract import Contract
from ..prerequisites import Prerequisites, prerequisites_for
from ..symbols import is_symbol, with_value
from .actions import acts_on, names_alone
from .asked import whole_answer
from .creator_leaves import arn_shown_by, fit_of, shown_leaves
from .filters import Narrowing, narrowings_of
from .names_within import names_within
from .places import structures
from .tagging import Tagging, tag_reader_of, tagging_of
from .words import Verb, is_identifying, is_naming, noun_of, plain, verb_of

__all__ = ["CREATE", "Family", "RelatedOperation", "families_of"]

# The label of the request that makes a resource, as symbols name it.
CREATE = "create"
# Ends of members that name what belongs to another service, or hold content.
_FOREIGN = re.compile(r"(?:Arn|ARN|Policy|AttributeName|ServiceName)$|^(?i:parent)(?![a-z])")
# Members that bound how much a list shows.
_LIMITS = re.compile(r"(?i)^(?:limit|max_?(?:results|items|records|keys)|page_?size)$")
_MOST = 100
# What a caller makes up for each request, so that the same again is known.
_REFERENCE = re.compile(r"(?i)^(?:caller|creator|client)_?(?:request)?_?(?:reference|id|token)$")
# What is told of many things at once, and a list of them.
_BATCH = re.compile(r"Batch(?:Get|Describe|Read)[A-Z]")
_SEVERAL = re.compile(r"(?:s|List)$")
# What something is put into, or copied from, has its own name.
_ABOVE = re.compile(r"(?i)parent|(?:source|target)[a-z]*id(?:entifier)?$")
_ARN = re.compile(r"(?i)(?:resource_?)?arn|resource(?:name)?")
# Shapes of texts of any kind: that two members have one says nothing of their meaning.
_ANY_TEXT = re.compile(r"(?i)^_*(?:non_?empty_?)?(?:string|text)(?:_?(?:min|max)?\d+)*$")


@dataclass(frozen=True, slots=True)
class RelatedOperation:
    """An operation on what a family's creator has made; `template` is its input, with symbols.

    `narrowings` are the ways in which a list can be asked for a choice of what there is.
    """

    operation: Operation
    template: Mapping[str, Any]
    narrowings: tuple[Narrowing, ...] = ()

    @property
    def name(self) -> str:
        return self.operation.name


@dataclass(frozen=True, slots=True)
class Family:
    """The operations on one kind of resource.

    `template` is the smallest input of the creator, with symbols; `naming` are its members that say what
    the resource is to be called, freely and so that no other has the name (`Outer.Name`
    within a structure). `recipe` provides what it needs.
    `tag_reader` is the operation that shows nothing but its tags, with its input. `describers` are lists
    that show each thing whole, asked for this one where they can be. `actions` do something else with it.
    `batches` show something of all things that they are told of.
    """

    noun: str
    creator: Operation
    template: Mapping[str, Any]
    naming: tuple[str, ...]
    recipe: Prerequisites
    readers: tuple[RelatedOperation, ...] = ()
    lists: tuple[RelatedOperation, ...] = ()
    describers: tuple[RelatedOperation, ...] = ()
    updaters: tuple[RelatedOperation, ...] = ()
    deleters: tuple[RelatedOperation, ...] = ()
    actions: tuple[RelatedOperation, ...] = ()
    batches: tuple[RelatedOperation, ...] = ()
    tagging: Tagging | None = None
    tag_reader: tuple[str, Mapping[str, Any]] | None = None

    @property
    def related(self) -> Iterator[RelatedOperation]:
        """All operations but the creator."""
        yield from (*self.readers, *self.lists, *self.updaters, *self.deleters, *self.actions, *self.batches)


def families_of(contract: Contract) -> tuple[Family, ...]:
    """The families of a service, by their creators' names; worked out once."""
    known: list[tuple[Family, ...]] = contract.service.derived(_nothing_yet)
    if not known:
        known.append(tuple(_Families(contract).all()))
    return known[0]


def _nothing_yet(service: Service) -> list[tuple[Family, ...]]:
    return []


class _Families:
    """The families of one service, as they are found."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._service = contract.service
        verbs = {name: verb_of(name) for name in self._service.operations}
        verbs |= dict.fromkeys(_started(self._service, verbs), "create")
        created = {plain(noun_of(name)) for name, verb in verbs.items() if verb == "create"}
        verbs |= dict.fromkeys(_settings(verbs), "put")
        self._creators = {
            name: plain(noun_of(name))
            for name, verb in verbs.items()
            if verb == "create" or (verb == "put" and plain(noun_of(name)) not in created)
        }
        self._created = frozenset(created)
        self._verbs = verbs
        # What each operation is about: the nouns of creators that are nearest to it.
        self._about = {name: self._nearest(noun_of(name)) for name in verbs}

    def all(self) -> Iterator[Family]:
        for name in self._creators:
            family = self._family(self._service.operations[name])
            if family is not None:
                yield family

    def _family(self, creator: Operation) -> Family | None:
        noun = noun_of(creator.name)
        recipe = prerequisites_for(self._contract.of(creator))
        template = self._template(creator, recipe)
        if template is None:
            return None
        naming = self._naming(creator, noun, template)
        new = (*naming, *self._callers_references(creator, template))
        for name in new:
            template = with_value(template, name, {"$name": plain(name.rpartition(".")[2])})
        family = Family(noun, creator, template, naming, _parents(recipe, creator))
        related: dict[str, list[RelatedOperation]] = {"read": [], "list": [], "update": [], "delete": []}
        for operation in self._service.operations.values():
            verb = self._role(family, operation)
            if not verb:
                continue
            inputs = self._linked(family, operation, lists=verb == "list")
            if inputs is not None:
                narrowings = self._narrowings(family, operation, inputs) if verb == "list" else ()
                related[verb].append(RelatedOperation(operation, inputs, narrowings))
        return replace(
            family,
            readers=tuple(related["read"]),
            lists=tuple(related["list"]),
            describers=tuple(self._described(family, listing) for listing in related["list"])
            if all(plain(noun_of(reader.name)) != plain(noun) for reader in related["read"])
            else (),
            updaters=tuple(related["update"]),
            deleters=tuple(related["delete"]),
            actions=tuple(self._actions(family)) if related["delete"] else (),
            batches=tuple(self._batches(family, related["list"])) if related["delete"] else (),
            tagging=tagging_of(
                self._service,
                noun,
                lambda operation: self._tagged(family, operation),
                tuple(reader.operation for reader in related["read"]),
            ),
            tag_reader=tag_reader_of(self._service, noun, lambda operation: self._tagged(family, operation)),
        )

    def _actions(self, family: Family) -> Iterator[RelatedOperation]:
        """What is done with what the creator has made, beyond showing, changing and taking it away."""
        if self._verbs[family.creator.name] != "create":
            return
        for operation in self._service.operations.values():
            role = self._role(family, operation)
            if operation.name in self._creators or role or self._verbs[operation.name] not in ("", "start"):
                continue
            if acts_on(self._service, operation, family.noun):
                inputs = self._linked(family, operation, lists=False)
                if inputs is not None and names_alone(self._service, operation, family.noun, inputs):
                    yield RelatedOperation(operation, inputs)

    def _batches(self, family: Family, lists: list[RelatedOperation]) -> Iterator[RelatedOperation]:
        """What shows something of several things at once, told of the new one alone; lists are none."""
        known = {listing.name for listing in lists}
        for operation in self._service.operations.values():
            minimal = self._contract.minimal(operation.name)
            about = plain(family.noun) in self._about[operation.name]
            batch = about and _BATCH.match(operation.name) and operation.name not in known
            if not batch or not isinstance(minimal, dict):
                continue
            structure = self._service.structure(operation.input)
            inputs, named = dict(minimal), ""
            for name, member in structure.members.items():
                alone = self._own_alone(family, name, member.target) if not named else None
                parent = self._parent(family, name, member.target)
                if alone is not None:
                    inputs[name], named = alone, name
                elif parent is not None:
                    inputs[name] = parent
            # What else it has to be told may be another thing's.
            rest = [name for name in structure.required if name != named and is_identifying(name)]
            if named and all(is_symbol(inputs[name]) for name in rest):
                yield RelatedOperation(operation, inputs)

    def _described(self, family: Family, listing: RelatedOperation) -> RelatedOperation:
        """A list, asked for the one thing that is made, if it can be."""
        for name, member in self._service.structure(listing.operation.input).members.items():
            own = self._own(family, name, member.target) if is_naming(name, family.noun) else None
            alone = self._own_alone(family, name, member.target)
            if own is not None or alone is not None:
                asked = alone if own is None else {"$from": f"{CREATE}.{own}"}
                return replace(listing, template={**listing.template, name: asked})
        return listing

    def _own_alone(self, family: Family, name: str, target: str) -> list[Any] | None:
        """A list that asks for what the creator has made alone; None where a member is none for that."""
        shape, noun, single = self._service.shape(target), plain(family.noun), _SEVERAL.sub("", name)
        if not isinstance(shape, ListShape) or name == single:
            return None
        named = single in family.naming or is_naming(single, family.noun)
        asks = named or plain(single) in ("arn", "id", f"{noun}arn")
        own = self._own(family, single, shape.member.target) if asks else None
        return [{"$from": f"{CREATE}.{own}"}] if own is not None else None

    def _narrowings(
        self, family: Family, listing: Operation, inputs: Mapping[str, Any]
    ) -> tuple[Narrowing, ...]:
        return narrowings_of(
            self._service,
            family.creator,
            listing,
            noun=family.noun,
            naming=family.naming,
            own=lambda name, target: self._own(family, name, target),
            taken=frozenset(inputs),
            template=family.template,
        )

    def _tagged(self, family: Family, operation: Operation) -> dict[str, Any] | None:
        """The members that name a family's resource to an operation on its tags; None if none does."""
        inputs: dict[str, Any] = {}
        identified = False
        structure = self._service.structure(operation.input)
        for name in structure.required:
            target = structure.members[name].target
            if not isinstance(self._service.shape(target), StringShape):
                continue
            parent = self._parent(family, name, target)
            own = None
            if _ARN.fullmatch(name):
                own = arn_shown_by(self._service, family.creator, family.noun)
            elif parent is None:
                own = self._own(family, name, target)
            if parent is None and own is None:
                return None
            inputs[name] = parent if own is None else {"$from": f"{CREATE}.{own}"}
            identified = identified or own is not None
        return inputs if identified else None

    def _template(self, creator: Operation, recipe: Prerequisites) -> dict[str, Any] | None:
        """The smallest input of a creator, with symbols for what it needs; None where there is none."""
        if recipe.own is not None and isinstance(recipe.own.input, Mapping):
            return dict(recipe.own.input)
        document = self._contract.minimal(creator.name)
        if not isinstance(document, dict):
            return None
        return {**document, **{name: item for name, item in recipe.bind.items() if name in document}}

    def _callers_references(self, creator: Operation, template: Mapping[str, Any]) -> Iterator[str]:
        """Members that have to be told and by which a service knows one request from another."""
        structure = self._service.structure(creator.input)
        for name in structure.required:
            member = structure.members[name]
            shape = self._service.shape(member.target)
            text = isinstance(shape, StringShape) and not shape.enum
            token = member.idempotency_token or _REFERENCE.search(name)
            if text and token and "$from" not in _symbol(template.get(name)):
                yield name

    def _naming(self, creator: Operation, noun: str, template: Mapping[str, Any]) -> tuple[str, ...]:
        """Members of a creator's input by which what it makes gets its name."""
        structure = self._service.structure(creator.input)
        texts = [
            name
            for name, member in structure.members.items()
            if isinstance(shape := self._service.shape(member.target), StringShape) and not shape.enum
        ]
        free = [
            name for name in texts if "$from" not in _symbol(template.get(name)) and not _FOREIGN.search(name)
        ]
        named = [name for name in free if is_naming(name, noun)]
        if verb_of(creator.name) == "start":
            # What has run before may be named so that it runs again; what starts now gets its own identifier.
            named = [name for name in named if name in structure.required or not plain(name).endswith("id")]
        if self._verbs[creator.name] == "put":
            # What is put may have the content's name; what it is called by has to be there.
            named = [name for name in named if name in structure.required and plain(name) != plain(noun)]
        # What has to be told and identifies, though its name is not the thing's.
        identifying = [
            name
            for name in free
            if name in structure.required
            and (is_identifying(name) or plain(name) in ("alias", "domain"))
            and not _ABOVE.match(name)
        ]
        if creator.name.startswith("Set"):
            # What is set was there before.
            return ()
        required = [name for name in named if name in structure.required]
        made = self._verbs[creator.name] == "create"
        within = names_within(self._service, creator, noun, template) if made else ()
        return tuple((required or identifying or (*within, *named))[:1])

    def _role(self, family: Family, operation: Operation) -> str:
        """What an operation is to a family: read, list, update or delete; empty if it is nothing to it."""
        verb, about = self._verbs[operation.name], noun_of(operation.name)
        noun = plain(family.noun)
        if operation.name == family.creator.name or not verb:
            return ""
        if verb in ("list", "read") and self._lists(operation, noun):
            return "list"
        if verb in ("create", "list", "start"):
            return ""
        if noun not in self._about[operation.name]:
            return "update" if verb in ("put", "update") and self._names(family, operation) else ""
        if verb == "put":
            return "update"
        if verb == "delete" and plain(about) != noun:
            return ""
        if verb == "read" and not self._shows_members(family, operation):
            return ""
        return verb

    def _names(self, family: Family, operation: Operation) -> bool:
        """Whether a change of something else by its name is one of this family's resource by its input.

        Everything that identifies in it has to be the resource, or what that belongs to: what sets the
        retention of a group of logs is told the group's name, and then the days.
        """
        if any(self._about[operation.name][:1]):
            return False
        structure = self._service.structure(operation.input)
        naming = {name.lower() for name in family.naming if is_naming(name, family.noun)}
        if not any(name.lower() in naming and plain(name) != "name" for name in structure.members):
            return False
        return all(
            name.lower() in naming or self._parent(family, name, structure.members[name].target) is not None
            for name in structure.required
            if is_identifying(name)
        )

    def _shows_members(self, family: Family, operation: Operation) -> bool:
        """Whether an operation shows something of what the creator was sent or has shown."""
        creator = family.creator
        ours = {name.lower() for name in self._service.structure(creator.input).members}
        for _, holder in structures(self._service, creator.output):
            ours |= {name.lower() for name in holder.members}
        shown = structures(self._service, operation.output)
        return plain(noun_of(operation.name)) == plain(family.noun) or any(
            ours & {name.lower() for name in holder.members} for _, holder in shown
        )

    def _nearest(self, about: str) -> tuple[str, ...]:
        """The nouns of creators that an operation is about: the longest that its own begins with.

        What is put onto a thing (the attributes of a queue) is of that thing as well.
        """
        low = plain(about)
        created, put = (
            max((noun for noun in nouns if low.startswith(noun)), key=len, default="")
            for nouns in (self._created, frozenset(self._creators.values()))
        )
        return created, put

    def _lists(self, operation: Operation, noun: str) -> bool:
        """Whether an operation lists what a noun stands for, or several kinds of which it is one."""
        about = plain(noun_of(operation.name))
        if about == noun:
            return self._shows_list(operation)
        outputs = self._service.structure(operation.output).members
        kinds = {name for name in map(plain, outputs) if name.endswith(about)}
        return noun in kinds and noun.endswith(about) and self._shows_list(operation)

    def _shows_list(self, operation: Operation) -> bool:
        """Whether an operation is for many: it shows a list by the plural of what it is about."""
        about = noun_of(operation.name)
        if verb_of(operation.name) != "list" and about.lower() == plain(about):
            return False
        members = self._service.structure(operation.output).members.values() if operation.output else ()
        return any(isinstance(self._service.shape(member.target), ListShape) for member in members)

    def _linked(self, family: Family, operation: Operation, *, lists: bool) -> dict[str, Any] | None:
        """The input of an operation on what the creator has made; None if it can't be told."""
        structure = self._service.structure(operation.input)
        document = self._contract.minimal(operation.name)
        if not isinstance(document, dict):
            return None
        inputs, identified = {**dict(document), **whole_answer(self._service, operation)}, False
        for name in structure.required:
            target = structure.members[name].target
            parent = self._parent(family, name, target)
            own = None if lists or parent is not None else self._own(family, name, target)
            alone = self._own_alone(family, name, target) if lists and parent is None else None
            if alone is not None:
                inputs[name] = alone
                continue
            if parent is None and own is None:
                other = self._unnamed(family, operation, name, target)
                if other is None:
                    return None
                inputs |= other
                continue
            inputs[name] = parent if own is None else {"$from": f"{CREATE}.{own}"}
            identified = identified or own is not None
        if lists:
            return self._narrowed(family, structure, inputs)
        if identified:
            return inputs
        if not structure.required or self._verbs[operation.name] in ("put", "update"):
            # One may ask for the whole account or for this one: by its name, if there is a member for it.
            for name, member in structure.members.items():
                own = self._own(family, name, member.target) if is_naming(name, family.noun) else None
                if own is not None:
                    return {**inputs, name: {"$from": f"{CREATE}.{own}"}}
        # What there can be only one of is known by what it belongs to, and that may be the account.
        single = not family.naming and plain(noun_of(operation.name)) == plain(family.noun)
        known = bool(structure.required) or self._is_of_account(family, structure)
        return inputs if single and known else None

    def _is_of_account(self, family: Family, asked: StructureShape) -> bool:
        """Whether a setting is the account's: nothing that has to be said, or may be asked, names a thing."""
        told = self._service.structure(family.creator.input).required
        put = self._verbs[family.creator.name] == "put"
        return put and not any(map(is_identifying, (*told, *asked.members)))

    def _can_be_made_up(self, family: Family, operation: Operation, name: str, target: str) -> bool:
        """Whether any valid value will do for a member that names nothing of the family."""
        if self._verbs[operation.name] in ("update", "put") or name in family.template:
            return True
        shape = self._service.shape(target)
        return isinstance(shape, IntegerShape | BooleanShape) or (
            isinstance(shape, StringShape) and bool(shape.enum)
        )

    def _unnamed(self, family: Family, operation: Operation, name: str, target: str) -> dict[str, Any] | None:
        """What a member is told that names nothing by a text, beyond the least; None if it can't be told.

        That is what the creator was told by that name, or the number that it shows: a version.
        """
        shown = self._service.structure(family.creator.output).members
        if name in shown and all(
            isinstance(self._service.shape(shape), IntegerShape) for shape in (target, shown[name].target)
        ):
            return {name: {"$from": f"{CREATE}.{name}"}}
        if not self._can_be_made_up(family, operation, name, target):
            return None
        return {name: {"$from": f"{CREATE}.$in.{name}"}} if name in family.template else {}

    def _narrowed(self, family: Family, structure: StructureShape, inputs: dict[str, Any]) -> dict[str, Any]:
        """The input of a list with what the resource belongs to, and with room for all there is."""
        for name, member in structure.members.items():
            shape = self._service.shape(member.target)
            parent = self._parent(family, name, member.target)
            if name not in inputs and isinstance(shape, StringShape) and parent is not None:
                inputs[name] = parent
            elif name in inputs and isinstance(shape, IntegerShape) and _LIMITS.match(name):
                inputs[name] = _MOST if shape.max is None else min(_MOST, int(shape.max))
        return inputs

    def _parent(self, family: Family, name: str, target: str) -> Any:
        """The symbol by which a creator's own input names the same thing, if that was there before."""
        members = self._service.structure(family.creator.input).members
        known = {inner: item for inner, item in family.template.items() if "$from" in _symbol(item)}
        named = next((item for inner, item in known.items() if inner.lower() == name.lower()), None)
        if named is not None:
            return named
        # What the creator shows by that very name is its own.
        shown = any(
            leaf.lower() == name.lower() for _, leaf, _ in shown_leaves(self._service, family.creator)
        )
        if shown or _ANY_TEXT.match(target) or not is_identifying(name):
            return None
        alike = (inner for inner in known if inner in members and members[inner].target == target)
        return next((known[inner] for inner in alike if is_identifying(inner)), None)

    def _own(self, family: Family, name: str, target: str) -> str | None:
        """Where a creator shows what a member names, or was told it (`$in`)."""
        if not isinstance(shape := self._service.shape(target), StringShape) or shape.enum:
            return None
        noun = plain(family.noun)
        ranked = sorted(
            (rank, index, path)
            for index, (path, leaf, shape) in enumerate(shown_leaves(self._service, family.creator))
            if (rank := fit_of(leaf, shape, name, target, noun)) is not None
        )
        if ranked and ranked[0][0] <= 1:
            return ranked[0][2]
        if family.creator.name.startswith("Register"):
            # Each time under the same name it is another revision, which the name alone does not tell.
            leaves = shown_leaves(self._service, family.creator)
            arn = next((path for path, leaf, _ in leaves if plain(leaf) == f"{noun}arn"), None)
            if plain(name) == noun and arn and name not in family.template:
                return arn
        members = self._service.structure(family.creator.input).members
        echoed = [inner for inner in family.template if inner.lower() == name.lower()]
        echoed += [inner for inner in family.naming if inner in members and members[inner].target == target]
        if echoed:
            return f"$in.{echoed[0]}"
        if ranked:
            return ranked[0][2]
        return f"$in.{family.naming[0]}" if family.naming and is_naming(name, family.noun) else None


def _started(service: Service, verbs: Mapping[str, Verb]) -> Iterator[str]:
    """What starts or asks for something that nobody creates and that can be looked at, as for a job."""
    shown = {plain(noun_of(name)) for name, verb in verbs.items() if verb in ("read", "list")}
    # What is brought from elsewhere can be asked for as well: a certificate, an instance.
    created = {
        plain(noun_of(name))
        for name, verb in verbs.items()
        if verb in ("create", "put") and not name.startswith("Import")
    }
    for name, verb in verbs.items():
        noun = plain(noun_of(name))
        # What is told which of them to start makes none.
        there = any(
            plain(member) == f"{noun}id" and isinstance(service.shape(shape.target), ListShape)
            for member, shape in service.structure(service.operations[name].input).members.items()
        )
        if verb == "start" and noun in shown - created and not there:
            yield name


def _settings(verbs: Mapping[str, Verb]) -> Iterator[str]:
    """Updates of what nobody makes, and what can be read: settings, which are put where they are."""
    shown = {plain(noun_of(name)) for name, verb in verbs.items() if verb == "read"}
    nouns = {plain(noun_of(name)) for name, verb in verbs.items() if verb in ("create", "put")}
    for name, verb in verbs.items():
        noun = plain(noun_of(name))
        if verb == "update" and noun in shown and not any(noun.startswith(other) for other in nouns):
            yield name


def _parents(recipe: Prerequisites, creator: Operation) -> Prerequisites:
    """What a creator needs, without itself."""
    steps = tuple(step for step in recipe.steps if step.operation != creator.name)
    return replace(recipe, steps=steps, own=None, fresh=frozenset(), after=())


def _symbol(item: Any) -> Mapping[str, Any]:
    return item if isinstance(item, Mapping) else {}
