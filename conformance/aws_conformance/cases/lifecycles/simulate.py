# SPDX-License-Identifier: Apache-2.0
"""How a history would go on a target that keeps to its lifecycle: each move's ruling, without any target.

It owns that foresight, by which a shorter history is worth walking only if what is left of it still means
what it meant. It refuses to know targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .belief import Belief, Rules
from .histories import History, Step
from .model import NOWHERE
from .predicates import Scene

__all__ = ["Foreseen", "foresee", "keeps_meaning"]

# A move, what is to be said of it (the ruling of an action, or whether what is waited for can come), and the
# states in one of which an action meets the resource.
Foreseen: TypeAlias = tuple[Step, str, tuple[str, ...]]


@dataclass(slots=True)
class _Resource:
    believed: Belief
    facts: dict[str, Any]


@dataclass(slots=True)
class _Foresight:
    rules: Rules
    facts: Mapping[str, Any]
    resources: dict[str, _Resource] = field(default_factory=dict)

    def move(self, move: Step) -> Foreseen:
        if move.who not in self.resources:
            if move.do != "act" or move.name not in self.rules.creators():
                return move, "impossible", ()
            self.resources[move.who] = _Resource(frozenset({NOWHERE}), dict(self.facts))
        resource = self.resources[move.who]
        others = tuple(
            self.rules.closure(other.believed, Scene({}))
            for other in self.resources.values()
            if other is not resource
        )
        scene = Scene(resource.facts, others)
        where = tuple(sorted(resource.believed)) if move.do in ("act", "race") else ()
        return move, self._said(move, resource, scene), where

    def _said(self, move: Step, resource: _Resource, scene: Scene) -> str:
        may_be = self.rules.closure(resource.believed, scene)
        match move.do:
            case "act":
                return self._act(resource, move, may_be, scene)
            case "wait" | "pass":
                may_be = self.rules.closure(resource.believed, scene, timed=move.do == "pass")
                resource.believed = may_be & {*move.until} if move.until else self._resting(may_be)
                return "comes" if resource.believed else "impossible"
            case "race":
                race = next(race for race in self.rules.lifecycle.races if race.name == move.name)
                ruled = [self.rules.ruling(act.action, may_be, scene).verdict for act in race.acts]
                resource.believed = frozenset(self.rules.lifecycle.states)
                return f"{ruled}"
            case _:
                return "read"

    def _act(self, resource: _Resource, move: Step, may_be: Belief, scene: Scene) -> str:
        if move.refusal >= 0:
            return "forbidden"
        ruling = self.rules.ruling(move.name, may_be, scene)
        if ruling.verdict != "forbidden":
            resource.believed = self.rules.after(move.name, may_be, scene) or resource.believed
            resource.facts |= self.rules.lifecycle.actions[move.name].variant(move.variant).facts
        # Two refusals of one state may have reasons of their own.
        why = f": {ruling.source.text}" if ruling.verdict == "forbidden" and ruling.source else ""
        return f"{ruling.verdict}{why}"

    def _resting(self, states: Belief) -> Belief:
        return frozenset(state for state in states if self.rules.rests(state))


def foresee(rules: Rules, history: History) -> tuple[Foreseen, ...]:
    """Each move of a history with what is to be said of it beforehand."""
    setting = rules.lifecycle.setting(history.setting)
    foresight = _Foresight(rules, {**rules.lifecycle.facts, **setting.facts})
    return tuple(map(foresight.move, history.moves))


def keeps_meaning(shorter: tuple[Foreseen, ...], original: tuple[Foreseen, ...]) -> bool:
    """Whether each move of a shorter history means what it meant in the whole one.

    The last one is to meet its resource in the same state, too: that is where the violation was seen. Those
    before it may lead there another way.
    """
    left = iter([said[:2] for said in original])
    return shorter[-1:] == original[-1:] and all(said[:2] in left for said in shorter)
