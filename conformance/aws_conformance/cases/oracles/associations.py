# SPDX-License-Identifier: Apache-2.0
"""What is added to something and taken off again: the two operations, what they need, and who shows it.

It owns associations and the inputs of their operations, with symbols. It refuses to know which looks show
them (association_looks.py) and which scripts are made of them (association_scripts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...spec.shapes import BooleanShape, IntegerShape, ListShape, Operation, Service, StringShape
from ..contract import Contract
from ..derivation import derived_chain
from ..prerequisites import Prerequisites, modelled_prerequisites
from ..setup import SetupStep
from ..symbols import is_symbol, value_at
from .association_looks import AssociationLook, TextPlace, adds, looks_of, places_in, remover_of
from .families import CREATE, Family, RelatedOperation, families_of
from .words import is_identifying, noun_of, plain

__all__ = ["Association", "Side", "associations_of", "set_at"]

# What a literal may be varied by, so that another valid value comes of it.
_ENDINGS = "b2zB"
_SAMPLES = ("{word}-{number}", "{word}{number}", "arn:aws:iam::123456789012:role/{word}{number}")
# A name in the form that runs give.
_NAME_OF_RUN = "or1234abcd-name-1"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things: where an addition names it, and the step that makes it, if any does.

    `another` is the value that names a second such thing: a symbol for what that step makes if it is carried
    out again under the label `another`, or a value; None if there can be none.
    """

    place: TextPlace
    step: SetupStep | None
    another: Any


@dataclass(frozen=True, slots=True)
class Association:
    """An addition, what it needs, and its looks. `family` holds the addition as its creator.

    `remover` is what takes off what was added, if all that it has to be sent is known. `exact` tells that it
    is told nothing but what the addition was.
    """

    family: Family
    looks: tuple[RelatedOperation, ...]
    elements: tuple[str, ...]
    sides: tuple[Side, ...]
    remover: RelatedOperation | None
    exact: bool

    @property
    def addition(self) -> Operation:
        return self.family.creator

    def side(self, path: str) -> Side:
        return next(side for side in self.sides if side.place.path == path)


def associations_of(contract: Contract) -> tuple[Association, ...]:
    """The associations of a service, by their additions' names; worked out once."""
    known: list[tuple[Association, ...]] = contract.service.derived(_nothing_yet)
    if not known:
        known.append(tuple(_associations(contract)))
    return known[0]


def _nothing_yet(service: Service) -> list[tuple[Association, ...]]:
    return []


def _associations(contract: Contract) -> Iterator[Association]:
    names = [name for name in contract.service.operations if adds(name)]
    if not names:
        return
    # What is registered and put is a resource of its own where something shows it and takes it away.
    resources = {
        family.creator.name
        for family in families_of(contract)
        if family.deleters and (family.readers or family.lists)
    }
    for name in names:
        remover = remover_of(contract.service, name)
        if name not in resources and remover is not None:
            association = _association(contract, contract.service.operations[name], remover)
            if association is not None:
                yield association


def _association(contract: Contract, addition: Operation, remover: Operation) -> Association | None:
    service = contract.service
    looks = looks_of(service, addition)
    document = contract.minimal(addition.name)
    if not looks or not isinstance(document, dict):
        return None
    recipe, bind = _recipe(contract, addition, looks)
    template = {**document, **bind}
    places = {place.path: place for place in places_in(service, addition)}
    for look in looks:
        template = _saying(contract, addition, template, places[look.element])
    shown = [
        look
        for look in looks
        if _is_asked(service, look, template) and value_at(template, look.element.split("."))
    ]
    if not shown:
        return None
    paths = dict.fromkeys(
        (*(look.element for look in shown), *(path for look in shown for path in look.asked.values()))
    )
    sides = tuple(
        _side(contract, addition, template, places[path], recipe) for path in paths if path in places
    )
    off, exact = _removal(contract, addition, remover, template)
    family = Family(
        noun_of(addition.name),
        addition,
        template,
        (),
        recipe,
        deleters=(off,) if off is not None else (),
    )
    by_operation: dict[str, AssociationLook] = {}
    for look in sorted(shown, key=lambda look: _rank(look, template)):
        by_operation.setdefault(look.operation.name, look)
    return Association(
        family,
        tuple(RelatedOperation(look.operation, _asking(look, template)) for look in by_operation.values()),
        tuple(look.element for look in by_operation.values()),
        sides,
        off,
        exact,
    )


def _rank(look: AssociationLook, template: Mapping[str, Any]) -> int:
    """How well a look tells what was added, the smaller the better: best by what was made for it."""
    value = value_at(template, look.element.split("."))
    return (0 if "$from" in value else 1) if is_symbol(value) else 2


def _recipe(
    contract: Contract, addition: Operation, looks: tuple[AssociationLook, ...]
) -> tuple[Prerequisites, Mapping[str, Any]]:
    """What an addition needs, both of its sides too where it may leave them out."""
    # What was learned of a target comes in when a script is walked, so that scripts are the same on all.
    recipe = modelled_prerequisites(contract.of(addition))
    recipe = replace(recipe, own=None, after=(), fresh=frozenset())
    required = contract.service.structure(addition.input).required
    if any(look.element.partition(".")[0] in required for look in looks):
        return recipe, recipe.bind
    # Where a side may be left out, it has to be sent, if anything makes it.
    for look in looks:
        named = {path for path in (look.element, *look.asked.values()) if "." not in path}
        beside = frozenset(named - {*required})
        chain = derived_chain(contract.service, addition, contract.minimal, beside)
        if look.element in chain.bind:
            return replace(recipe, steps=chain.steps, bind=chain.bind, fallback=chain.fallback), chain.bind
    return recipe, recipe.bind


def _saying(
    contract: Contract, addition: Operation, template: dict[str, Any], place: TextPlace
) -> dict[str, Any]:
    """A template that names one side by a value of its own, where a list may be empty or a text anything."""
    steps = place.path.split(".")
    value = value_at(template, steps)
    outer = contract.service.structure(addition.input).members[place.member]
    several = isinstance(contract.service.shape(outer.target), ListShape)
    lists = [name for name, item in template.items() if isinstance(item, list) and any(item)]
    empty = value is None or value == ""
    if is_symbol(value) or (value is None and (not several or lists)):
        # One list with one element is enough.
        return template
    arn = place.name.lower().endswith("arn")
    known = {place.member: _NAME_OF_RUN}
    if len(steps) == 1 and not arn and _is_valid(contract, addition, known, place.member):
        return {**template, place.member: {"$name": plain(place.name)}}
    for sample in reversed(_SAMPLES) if arn else _SAMPLES:
        said: dict[str, Any] = set_at(template, steps, sample.format(word="conformance", number=1))
        if (empty or arn) and _is_valid(contract, addition, said, place.member):
            return said
    return template


def _is_valid(contract: Contract, addition: Operation, document: Mapping[str, Any], member: str) -> bool:
    findings = contract.validator(addition.name, "input").findings(
        {name: item for name, item in document.items() if name == member}
    )
    return not any(finding.path[:1] == (member,) for finding in findings)


def set_at(document: Any, steps: list[str], value: Any) -> Any:
    """A document with another value at a path, numbers being of lists; what is not there yet is put."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step.isdecimal():
        items = list(document) if isinstance(document, list) and document else [None]
        items[int(step)] = set_at(items[int(step)], rest, value)
        return items
    return {**(document or {}), step: set_at((document or {}).get(step), rest, value)}


def _is_asked(service: Service, look: AssociationLook, template: Mapping[str, Any]) -> bool:
    required = service.structure(look.operation.input).required
    known = {name for name, path in look.asked.items() if path in template}
    return bool(known) and all(name in known for name in required)


def _asking(look: AssociationLook, template: Mapping[str, Any]) -> dict[str, Any]:
    """The input of a look, of what the addition was sent."""
    asked = {name: {"$from": f"{CREATE}.$in.{path}"} for name, path in look.asked.items() if path in template}
    return {name: [item] if name in look.several else item for name, item in asked.items()}


def _side(
    contract: Contract, addition: Operation, template: dict[str, Any], place: TextPlace, recipe: Prerequisites
) -> Side:
    steps = place.path.split(".")
    value = value_at(template, steps)
    source = str(value.get("$from", "")) if is_symbol(value) else ""
    label, _, path = source.partition(".")
    step = next((step for step in recipe.steps if step.name == label), None)
    if step is not None:
        # What another service makes is not for this one to take away.
        ours = ":" not in step.operation
        return Side(place, step if ours else None, {"$from": f"another.{path}"} if ours else None)
    if is_symbol(value):
        return Side(place, None, {"$name": f"other{plain(place.name)}"} if "$name" in value else None)
    for ending in _ENDINGS if isinstance(value, str) and value else ():
        other = f"{value[:-1]}{ending}"
        if other != value and _is_valid(contract, addition, set_at(template, steps, other), place.member):
            return Side(place, None, other)
    return Side(place, None, None)


def _removal(
    contract: Contract, addition: Operation, remover: Operation, template: Mapping[str, Any]
) -> tuple[RelatedOperation | None, bool]:
    """What is sent to take off what was added; and whether that is what the addition was sent."""
    service = contract.service
    ours = service.structure(addition.input).members
    structure = service.structure(remover.input)
    minimal = contract.minimal(remover.name)
    inputs: dict[str, Any] = {}
    exact = True
    for name, member in structure.members.items():
        if name in ours and name in template and ours[name].target == member.target:
            inputs[name] = {"$from": f"{CREATE}.$in.{name}"}
            continue
        said = _said_otherwise(service, addition, template, name, member.target)
        if said is not None and (name in structure.required or not inputs):
            inputs[name] = said
        elif name in structure.required:
            shown = _shown_by(service, addition, name, member.target)
            shape = service.shape(member.target)
            if shown is not None:
                inputs[name], exact = {"$from": f"{CREATE}.{shown}"}, False
            elif (
                isinstance(minimal, dict)
                and not is_identifying(name)
                and (
                    isinstance(shape, BooleanShape | IntegerShape)
                    or (isinstance(shape, StringShape) and shape.enum)
                )
            ):
                inputs[name] = minimal[name]
            else:
                return None, False
    return (RelatedOperation(remover, inputs), exact) if inputs else (None, False)


def _said_otherwise(
    service: Service, addition: Operation, template: Mapping[str, Any], name: str, target: str
) -> Any:
    """What an addition was sent within a list, or as a text, where the remover has a list of texts."""
    shape = service.shape(target)
    for place in places_in(service, addition):
        value = value_at(template, place.path.split("."))
        if value is None:
            continue
        alike = plain(name) == plain(place.name) or plain(name).endswith(plain(place.name))
        if isinstance(shape, ListShape) and shape.member.target == place.shape and alike:
            return [{"$from": f"{CREATE}.$in.{place.path}"}]
        if target == place.shape and plain(name) == plain(place.name):
            return {"$from": f"{CREATE}.$in.{place.path}"}
    return None


def _shown_by(service: Service, addition: Operation, name: str, target: str) -> str | None:
    """Where the answer to an addition shows what a remover asks for by the same name."""
    for inner, member in service.structure(addition.output).members.items():
        if inner.lower() == name.lower() and is_identifying(name):
            return inner
        shape = service.shapes.get(member.target)
        for leaf in getattr(shape, "members", ()):
            if leaf.lower() == name.lower() and is_identifying(name):
                return f"{inner}.{leaf}"
    return None
