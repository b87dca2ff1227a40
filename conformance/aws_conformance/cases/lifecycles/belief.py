# SPDX-License-Identifier: Apache-2.0
"""What may be believed of a resource: the states that it can be in, given what was done and seen.

It owns the reasoning: a resource moves by itself, so what is known is a set of states; an answer is judged
by whether some state of that set explains it. It refuses to know how answers come about.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .model import NOWHERE, Citation, DocumentLine, Lifecycle, RefusalRule, State, Transition
from .predicates import Scene, Truth, all_hold

__all__ = ["Belief", "Permission", "Rules", "Verdict"]

Belief: TypeAlias = frozenset[str]
# legal: every state that is possible allows it; forbidden: every one forbids it; open: it can't be told.
Verdict: TypeAlias = Literal["legal", "forbidden", "open"]


@dataclass(frozen=True, slots=True)
class Permission:
    """What the lifecycle says of an action in a believed set of states.

    `known` tells whether somebody says so; `codes` are on record (empty: any modelled refusal is right);
    `source` is the line's that says it.
    """

    verdict: Verdict
    source: Citation | None = None
    codes: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return self.source is not None and self.source.known


class Rules:
    """The lines of a lifecycle, ready to be asked."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self._acting: dict[tuple[str, str], list[Transition]] = {}
        self._moving: dict[str, list[Transition]] = {}
        for line in lifecycle.transitions:
            if line.by:
                self._acting.setdefault((line.by, line.origin), []).append(line)
            else:
                self._moving.setdefault(line.origin, []).append(line)
        self._refusals: dict[tuple[str, str], list[RefusalRule]] = {}
        for refusal in lifecycle.refusals:
            for state in refusal.states:
                if not refusal.replace:
                    self._refusals.setdefault((refusal.of, state), []).append(refusal)

    def moves(self, state: str, scene: Scene, *, timed: bool = False) -> tuple[Transition, ...]:
        """What may happen to a resource in a state by itself; `timed` includes what takes hours."""
        return tuple(
            line
            for line in self._moving.get(state, ())
            if (timed or line.after is None) and all_hold(line.when, scene) is not False
        )

    def closure(self, believed: Iterable[str], scene: Scene, *, timed: bool = False) -> Belief:
        """The states that a resource may have come into by itself, the present ones included."""
        reached = set(believed)
        left = list(reached)
        while left:
            for line in self.moves(left.pop(), scene, timed=timed):
                left += [state for state in line.to if state not in reached]
                reached.update(line.to)
        return frozenset(reached)

    def rests(self, state: str) -> bool:
        """Whether a resource in the state stays there unless somebody acts, or hours pass."""
        return all(line.after is not None for line in self._moving.get(state, ()))

    def ends(self, state: str) -> bool:
        """Whether nothing leads out of the state."""
        acting = any(
            origin == state and any(to != state for line in lines for to in line.to)
            for (_, origin), lines in self._acting.items()
        )
        return not acting and not self._moving.get(state)

    def after(self, action: str, believed: Iterable[str], scene: Scene) -> Belief:
        """The states that a resource may be in right after an action was accepted."""
        reached = {
            state
            for origin in believed
            for line in self._acting.get((action, origin), ())
            if all_hold(line.when, scene) is not False
            for state in line.to
        }
        return frozenset(reached)

    def in_state(self, action: str, state: str, scene: Scene) -> Permission:
        """What the lifecycle says of an action in one state."""
        lines = self._acting.get((action, state), ())
        legal: Truth = False
        for line in lines:
            holds = all_hold(line.when, scene)
            if holds:
                # What nobody documents may be accepted or refused.
                return Permission("legal" if line.source.known else "open", line.source)
            legal = None if holds is None else legal
        refusals = [
            refusal for refusal in self._refusals.get((action, state), ()) if all_hold(refusal.when, scene)
        ]
        if legal is None or not refusals:
            # Conditions that can't be told, or that nobody wrote a line for.
            return Permission("open")
        known = [refusal for refusal in refusals if refusal.source.known] or refusals
        codes = {refusal.code for refusal in refusals}
        agreed = tuple(codes) if len(codes) == 1 and "" not in codes else ()
        return Permission("forbidden", known[0].source, agreed)

    def ruling(self, action: str, believed: Belief, scene: Scene) -> Permission:
        """What the lifecycle says of an action in whichever of some states: only where all of them agree."""
        permissions = [self.in_state(action, state, scene) for state in sorted(believed)]
        verdicts = {permission.verdict for permission in permissions}
        if len(verdicts) != 1:
            return Permission("open")
        # A refusal is as sure as the least sure of the states that forbid.
        weakest = next((permission for permission in permissions if not permission.known), permissions[0])
        codes = {permission.codes for permission in permissions}
        return Permission(weakest.verdict, weakest.source, codes.pop() if len(codes) == 1 else ())

    def explains(self, action: str, accepted: bool, believed: Belief, scene: Scene) -> Belief:
        """The states after an action was accepted, or refused, given those before; empty if nothing does.

        What can't be told is given the benefit of the doubt.
        """
        before = self.closure(believed, scene)
        if accepted:
            return self.after(action, before, scene)
        return frozenset(state for state in before if self.in_state(action, state, scene).verdict != "legal")

    def recognised(self, document: Mapping[str, object]) -> str | None:
        """The state that a document shows, or None if it shows none that the lifecycle knows."""
        fitting = [
            state for state in self.lifecycle.states.values() if not state.absent and _fits(state, document)
        ]
        return fitting[0].name if fitting else None

    def absent(self, code: str) -> str | None:
        """The state in which a reader refuses with the code."""
        states = self.lifecycle.states.values()
        return next((state.name for state in states if state.absent and state.absent == code), None)

    @functools.cached_property
    def gone(self) -> str | None:
        """The state in which the resource is no more, if there is one."""
        return next((state.name for state in self.lifecycle.states.values() if state.absent), None)

    def documented(self, state: str | None, scene: Scene, shown_by: str) -> tuple[DocumentLine, ...]:
        """The lines that say what an action's or a reader's answer shows of the resource in a state."""
        return tuple(
            line
            for line in self.lifecycle.documents
            if (not line.states or state in line.states)
            and (not line.shown_by or shown_by in line.shown_by)
            and all_hold(line.when, scene)
        )

    def creators(self) -> tuple[str, ...]:
        """The actions that make a resource."""
        return tuple(dict.fromkeys(action for action, origin in self._acting if origin == NOWHERE))


def _fits(state: State, document: Mapping[str, object]) -> bool:
    return all(document.get(name) == value for name, value in state.shown.items())
