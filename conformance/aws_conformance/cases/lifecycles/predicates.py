# SPDX-License-Identifier: Apache-2.0
"""The conditions that a line of a lifecycle may have: a closed set of named predicates.

It owns their meaning, which has three values: what other resources do by themselves can leave it open
whether a condition holds. It refuses to know lines and histories.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, assert_never

__all__ = [
    "PREDICATES",
    "UNKNOWN",
    "Is",
    "OthersIn",
    "Predicate",
    "Scene",
    "Truth",
    "all_hold",
    "holds",
    "parse",
]

# True, False, or None where it can't be told.
Truth: TypeAlias = bool | None


class Unknown(enum.Enum):
    """The value of a fact that nobody has told: neither equal to any other nor different from it."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN

#: What each predicate means; the keys are the words of the files.
PREDICATES: Mapping[str, str] = MappingProxyType(
    {
        "is": "each fact named has the value given, or one of the values given",
        "is-not": "no fact named has the value given, or any of the values given",
        "some-in": "another resource of this kind, in the same account, is in one of these states",
        "none-in": "no other resource of this kind, in the same account, is in any of these states",
    }
)


@dataclass(frozen=True, slots=True)
class Is:
    """`is` and, `negated`, `is-not`: a fact compared with values."""

    fact: str
    values: tuple[Any, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.fact} is {'not ' if self.negated else ''}{' or '.join(map(_spoken, self.values))}"


@dataclass(frozen=True, slots=True)
class OthersIn:
    """`some-in` and, `negated`, `none-in`: where the other resources of the kind are."""

    states: frozenset[str]
    negated: bool = False

    def __str__(self) -> str:
        named = " or ".join(sorted(self.states))
        return f"{'no other' if self.negated else 'another'} is {named}"


Predicate: TypeAlias = Is | OthersIn


@dataclass(frozen=True, slots=True)
class Scene:
    """What predicates look at: a resource's facts, and the states that each other one may be in."""

    facts: Mapping[str, Any]
    others: tuple[frozenset[str], ...] = ()


def parse(raw: Mapping[str, Any]) -> tuple[Predicate, ...]:
    """The predicates of one entry of a `when`; its form was validated before."""
    predicates: list[Predicate] = []
    for word, operand in raw.items():
        if word in ("is", "is-not"):
            predicates += [
                Is(fact, tuple(values) if isinstance(values, list) else (values,), word == "is-not")
                for fact, values in operand.items()
            ]
        else:
            predicates.append(OthersIn(frozenset(operand), word == "none-in"))
    return tuple(predicates)


def holds(predicate: Predicate, scene: Scene) -> Truth:
    """Whether one condition holds in a scene."""
    match predicate:
        case Is(fact=fact) if scene.facts.get(fact) is UNKNOWN:
            return None
        case Is(fact=fact, values=values, negated=negated):
            return (scene.facts.get(fact) in values) != negated
        case OthersIn(states=states, negated=negated):
            if any(may <= states for may in scene.others):
                return not negated
            if any(may & states for may in scene.others):
                return None
            return negated
        case _:
            assert_never(predicate)


def all_hold(predicates: Iterable[Predicate], scene: Scene) -> Truth:
    """Whether all conditions hold: False as soon as one doesn't, None if the rest leaves it open."""
    truths = [holds(predicate, scene) for predicate in predicates]
    if False in truths:
        return False
    return None if None in truths else True


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
