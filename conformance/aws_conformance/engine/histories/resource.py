# SPDX-License-Identifier: Apache-2.0
"""A resource within a walk: what is believed and known of it, and what has been seen.

It owns this one mutable value and the meaning of symbols that are about a resource. It refuses to know how
anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...cases.lifecycles.belief import Belief, Rules
from ...cases.lifecycles.predicates import Scene
from ...cases.symbols import substitute
from ...checks.history_subjects import Observation

__all__ = ["ModelResource", "scene_of"]


@dataclass(slots=True)
class ModelResource:
    """One resource; `who` is its name in the history.

    `created` is its document as it was created, from which requests take its identifiers, and `asked` that of
    the request which created it. `aged` tells that so much time has passed that what takes hours may have
    happened; `unplaced` that something happened to it which the documents have no room for, so that nothing
    can be said of its state until it is seen again.
    """

    who: str
    believed: Belief
    facts: dict[str, Any]
    names: dict[str, str] = field(default_factory=dict)
    created: Mapping[str, Any] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    seen: list[Observation] = field(default_factory=list)
    aged: bool = False
    unplaced: bool = False

    @property
    def label(self) -> str:
        """Where it was last believed to be, in words."""
        return " or ".join(sorted(self.believed))

    @property
    def state(self) -> str:
        """The one state that it is believed to be in, or the empty string."""
        return next(iter(self.believed)) if len(self.believed) == 1 else ""

    def may_be(self, rules: Rules, scene: Scene) -> Belief:
        """The states that it may have come into by itself since it was seen."""
        if self.unplaced:
            return frozenset(rules.lifecycle.states)
        return rules.closure(self.believed, scene, timed=self.aged)

    def own(self, member: str) -> Any:
        """A member of its document. Raises LookupError if no answer has shown it."""
        documents = [self.created, *(observation.document for observation in reversed(self.seen))]
        for document in documents:
            if document is not None and document.get(member) is not None:
                return document[member]
        raise LookupError(f"no answer has shown {member}")

    def resolve(self, symbol: Mapping[str, Any], otherwise: Callable[[Mapping[str, Any]], Any]) -> Any:
        """The value of a symbol; those that are not about this resource go to `otherwise`."""
        (word, name), *_ = symbol.items()
        match word:
            case "$own":
                return self.own(name)
            case "$fact":
                if name not in self.facts:
                    raise LookupError(f"{self.who} has no {name}")
                return substitute(self.facts[name], lambda inner: self.resolve(inner, otherwise))
            case "$name":
                if name not in self.names:
                    self.names[name] = otherwise(symbol)
                return self.names[name]
            case _:
                return otherwise(symbol)


def scene_of(resource: ModelResource, resources: Mapping[str, ModelResource], rules: Rules) -> Scene:
    """What conditions about a resource look at."""
    alone = Scene({})
    others = tuple(other.may_be(rules, alone) for other in resources.values() if other is not resource)
    return Scene(resource.facts, others)
