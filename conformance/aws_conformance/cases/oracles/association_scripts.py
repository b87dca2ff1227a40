# SPDX-License-Identifier: Apache-2.0
"""Scripts of associations: something is added to something, looked at from both sides, and taken off again.

It owns what is done, in which order. It refuses to know which additions there are (associations.py) and what
the answers ought to tell (checks/oracles/associations.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..contract import Contract
from ..symbols import is_symbol, substitute, symbols
from .associations import Association, Side, associations_of, set_at
from .families import CREATE, RelatedOperation, families_of
from .script import Move, Script, script_of

__all__ = ["association_scripts"]

_OTHER = "other"
_ANOTHER = "another"
_SIDES = 2


def association_scripts(contract: Contract, name: str) -> Iterator[Script]:
    """The scripts of associations that belong to an operation: what adds, or what takes off."""
    for association in associations_of(contract):
        maker = _AssociationMaker(contract, association)
        if association.addition.name == name:
            yield from maker.of_addition()
        if association.remover is not None and association.remover.name == name:
            yield from maker.of_removal(association.remover)


class _AssociationMaker:
    """Makes the scripts of one association."""

    def __init__(self, contract: Contract, association: Association) -> None:
        self._contract = contract
        self._association = association
        self._add = Move(CREATE, "associate", association.addition.name, association.family.template)

    def of_addition(self) -> Iterator[Script]:
        """What was added is shown, once, and nothing is added that there is not."""
        association, name = self._association, self._association.addition.name
        yield self._script("added and listed", [*self._looks("before"), self._add, *self._looks()], name)
        if association.exact:
            again = replace(self._of_the_same("again"), role="again")
            moves = [self._add, *self._looks("once"), again, *self._looks("twice")]
            yield self._script("added twice", moves, name)
        for side in self._droppable():
            sought = self._sought(side)
            off = self._off("off")
            moves = [self._add, *self._looks()[:1], *off, self._drop(side), *sought]
            late = replace(self._of_the_same("stranger"), role="stranger")
            # What is sought is the side that is gone; what is not said to be gone may be there.
            yield self._script(f"added after its {side.place.name} was deleted", [*moves, late], name)

    def of_removal(self, remover: RelatedOperation) -> Iterator[Script]:
        """What was taken off is shown no more, and nothing else with it."""
        before = self._looks("before")
        moves = [*before, self._add, *self._looks("there"), *self._off("off"), *self._looks("left")]
        again = [replace(move, role="vain") for move in self._off("off again")]
        yield self._script("added and taken off", [*moves, *again], remover.name)
        for element in dict.fromkeys(self._association.elements):
            yield from self._beside_another(remover, self._association.side(element))
            break
        for side in self._droppable():
            shown = [
                look
                for look, element in zip(self._looks("left"), self._association.elements, strict=True)
                if element == side.place.path
            ]
            if shown:
                moves = [self._add, *self._looks("there"), self._drop(side), *shown]
                yield self._script(f"its {side.place.name} is deleted while it is added", moves, remover.name)

    def _beside_another(self, remover: RelatedOperation, side: Side) -> Iterator[Script]:
        """Of two that were added one is taken off, and once more in vain."""
        if side.another is None:
            return
        provided = []
        if side.step is not None:
            provided = [Move(_ANOTHER, "provide", side.step.operation, side.step.input)]
        same = {name: {"$from": f"{CREATE}.$in.{name}"} for name in self._association.family.template}
        outer = side.place.member
        sent = self._association.family.template.get(outer)
        inputs = {**same, outer: set_at(sent, side.place.path.split(".")[1:], side.another)}
        other = Move(_OTHER, "associate", self._association.addition.name, inputs, _OTHER)
        again = [replace(move, role="vain") for move in self._off("off again")]
        moves = [
            *provided,
            self._add,
            other,
            *self._looks("both"),
            *self._off("off"),
            *self._looks("left"),
            *again,
            *self._looks("at last"),
        ]
        yield self._script("of two that were added one is taken off", moves, remover.name)

    def _droppable(self) -> Iterator[Side]:
        """The sides that the setup makes, and that nothing else of it stands on."""
        steps = self._association.family.recipe.steps
        used = {name for step in steps for name in step.needs}
        sides = (
            side
            for side in self._association.sides
            if side.step is not None and side.step.undo is not None and side.step.name not in used
        )
        named: set[str] = set()
        for side in sides:
            assert side.step is not None
            if side.step.name not in named and len(named) < _SIDES:
                named.add(side.step.name)
                yield side

    def _drop(self, side: Side) -> Move:
        """The deletion of one side, named as the addition was sent it."""
        assert side.step is not None
        assert side.step.undo is not None
        undo = side.step.undo
        return Move("drop", "drop", undo.operation, self._as_sent(undo.input))

    def _as_sent(self, template: Any) -> Any:
        """A template that names what the addition names by what that was sent."""
        known = {
            str(item["$from"]): name
            for name, item in self._association.family.template.items()
            if is_symbol(item) and "$from" in item
        }

        def named(symbol: Mapping[str, Any]) -> Any:
            name = known.get(str(symbol.get("$from", "")))
            return dict(symbol) if name is None else {"$from": f"{CREATE}.$in.{name}"}

        return substitute(template, named)

    def _sought(self, side: Side) -> list[Move]:
        """A look for one side by itself, if there is one that needs nothing but its names."""
        assert side.step is not None
        operation = side.step.operation
        family = next(
            (family for family in families_of(self._contract) if family.creator.name == operation), None
        )
        for reader in family.readers if family is not None else ():
            inputs = substitute(dict(reader.template), lambda symbol: _of_step(symbol, operation))
            asked = self._as_sent(inputs)
            sources = {str(symbol.get("$from")).partition(".")[0] for symbol in symbols(asked)}
            if sources <= {CREATE, *(step.name for step in self._association.family.recipe.steps)}:
                return [Move("sought", "sought", reader.name, asked)]
        return []

    def _looks(self, when: str = "") -> list[Move]:
        return [
            Move(f"{look.name} {when}".strip(), "members", look.name, look.template)
            for look in self._association.looks
        ]

    def _off(self, label: str) -> list[Move]:
        remover = self._association.remover
        return [Move(label, "dissociate", remover.name, remover.template)] if remover is not None else []

    def _of_the_same(self, label: str) -> Move:
        same = {name: {"$from": f"{CREATE}.$in.{name}"} for name in self._association.family.template}
        return replace(self._add, label=label, input=same)

    def _script(self, title: str, moves: list[Move], subject: str) -> Script:
        service, family = self._contract.service.name, self._association.family
        return script_of(service, family, title, moves, subject, associates=True)


def _of_step(symbol: Mapping[str, Any], step: str) -> Any:
    """A symbol of a family's own creation, as one of the step that carries it out."""
    source = str(symbol.get("$from", ""))
    if source.startswith(f"{CREATE}."):
        return {"$from": f"{step}.{source.partition('.')[2]}"}
    return dict(symbol)
