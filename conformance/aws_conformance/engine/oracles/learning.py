# SPDX-License-Identifier: Apache-2.0
"""What a creator was found to need on one target, put into the scripts that begin with it.

It owns the memory, one search for each creator and session, and the exchange of a script's creations and
setup. It refuses to know how a search goes (state_search.py) and how a script is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from ...cases.oracles.script import Move, Script
from ...cases.prerequisites import Prerequisites
from ...cases.symbols import is_symbol, value_at, with_value
from ...spec.shapes import Operation
from ..session import Session

__all__ = ["CreatorSearch", "knows", "learned_script"]

# What a creator needs to succeed on this target; None if that was not found out.
CreatorSearch: TypeAlias = Callable[[Operation], Prerequisites | None]

_CREATIONS = frozenset({"create", "again", "refuse", "replay", "unmet", "associate", "stranger"})


def knows(session: Session, script: Script) -> bool:
    """Whether a creator was searched for already."""
    return script.family.creator.name in _memory(session, script)


def learned_script(session: Session, script: Script, search: CreatorSearch | None = None) -> Script | None:
    """The script with creations as the target was found to accept them; None where nothing is known.

    It is looked for once, if there is a `search`.
    """
    memory, creator = _memory(session, script), script.family.creator
    if creator.name not in memory and search is not None:
        memory[creator.name] = search(creator)
    recipe = memory.get(creator.name)
    return _based(script, recipe) if recipe is not None else None


def _memory(session: Session, script: Script) -> dict[str, Prerequisites | None]:
    memory: dict[str, Prerequisites | None] = session.memory.setdefault(
        f"creators of {script.info.operation.partition(':')[0]}", {}
    )
    return memory


def _based(script: Script, learned: Prerequisites) -> Script:
    """A script on what was learned: what its creations are not about is as the target accepted it."""
    family = script.family
    steps = (*learned.steps, *(step for step in family.recipe.steps if _is_new(step.name, learned)))
    recipe = replace(family.recipe, steps=steps)
    moves = tuple(
        _provided(move, learned)
        if move.role == "provide"
        else _of_provided(_accepted(script, move, learned.base), script, learned)
        for move in script.moves
    )
    return replace(script, family=replace(family, recipe=recipe), moves=moves)


def _is_new(name: str, learned: Prerequisites) -> bool:
    return all(step.name != name for step in learned.steps)


def _provided(move: Move, learned: Prerequisites) -> Move:
    """What is made besides, as the target accepted the first of its kind."""
    step = next((step for step in learned.steps if step.operation == move.operation), None)
    return move if step is None or not isinstance(step.input, Mapping) else replace(move, input=step.input)


def _of_provided(move: Move, script: Script, learned: Prerequisites) -> Move:
    """A move that names what is made besides as the accepted input names the first of its kind."""
    labels = {other.operation: other.label for other in script.moves if other.role == "provide"}
    makers = {step.name: labels[step.operation] for step in learned.steps if step.operation in labels}
    inputs = dict(move.input)
    for name, item in move.input.items():
        label, _, _ = _source(item).partition(".")
        step, _, path = _source(learned.base.get(name)).partition(".")
        if label in labels.values() and makers.get(step) == label:
            inputs[name] = {"$from": f"{label}.{path}"}
    return replace(move, input=inputs)


def _source(item: Any) -> str:
    return str(item.get("$from", "")) if is_symbol(item) else ""


def _accepted(script: Script, move: Move, base: Mapping[str, Any]) -> Move:
    """A creation with the members of an accepted input, but for those that it is about.

    What else names what the creation names does so in the same way.
    """
    family = script.family
    if move.role not in _CREATIONS or move.operation != family.creator.name:
        shared = {
            name: _as_created(base[name], move.about, name)
            for name, item in move.input.items()
            if is_symbol(item)
            and name in base
            and name not in family.naming
            and item == family.template.get(name)
        }
        return replace(move, input={**move.input, **shared})
    about = {
        name: item
        for name, item in move.input.items()
        if name in family.naming
        or name not in family.template
        or item != family.template[name]
        or (is_symbol(item) and "$name" in item and not (script.associates and is_symbol(base.get(name))))
    }
    for outer, inner in (name.split(".", 1) for name in family.naming if "." in name):
        described, learned = move.input.get(outer), base.get(outer)
        if described == family.template.get(outer) and isinstance(learned, Mapping):
            # What it is called is its own; how else it is described is as the target accepted it.
            about[outer] = with_value(learned, inner, value_at(described, [inner]))
    return replace(move, input={**base, **about})


def _as_created(item: Any, label: str, name: str) -> Any:
    """What a creation names, as another move says it: a name that it makes up is the one that was sent."""
    return {"$from": f"{label}.$in.{name}"} if is_symbol(item) and "$name" in item else item
