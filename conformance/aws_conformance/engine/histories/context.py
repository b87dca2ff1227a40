"""What the parts of a walk share: the harness, the rules, the resources, what is seen and what is recorded.

It owns these values and the few questions that all parts ask of them. It refuses to know any move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ...cases.lifecycles.belief import Belief, Rules
from ...cases.lifecycles.histories import HistoryKind
from ...cases.lifecycles.model import ReadAction
from ...cases.lifecycles.predicates import Scene
from ...results.events import Violation
from ..histories.harness import Harness, Reply
from ..histories.resource import ModelResource, scene_of
from .observe import Observer

__all__ = ["Memory", "Record", "WalkContext"]


@dataclass(slots=True)
class Memory:
    """What all walks on a target have in common: actions that were `accepted`, by where they were.

    `has_leftovers` tells that something was left behind which may be in the way: then nothing that is
    refused has met the same state as before. `looked` are states in which every reader was asked.
    """

    accepted: set[tuple[str, ...]] = field(default_factory=set)
    has_leftovers: bool = False
    looked: set[str] = field(default_factory=set)

    def accepts(self, key: tuple[str, ...]) -> bool:
        """Whether the same action was accepted before, in the same state."""
        return key in self.accepted and not self.has_leftovers


@dataclass(slots=True)
class Record:
    """What a walk has shown so far. `known` violations keep no operation from being reached."""

    harness: Harness
    known: frozenset[tuple[str, ...]] = frozenset()
    violations: list[tuple[Violation, int, int]] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    refused: dict[tuple[str, str], None] = field(default_factory=dict)

    def reply(self, reply: Reply) -> None:
        """An answer that was told: what is wrong with it, and what it says of its operation."""
        self.add(reply.violations)
        if reply.success:
            self.succeeded.add(reply.operation.name)
        elif reply.answer.code:
            self.refused[reply.operation.name, reply.answer.code] = None

    def reach(self, reply: Reply) -> None:
        """A legal request of the operation was answered with the success that it should have."""
        grave = any(
            violation.severity == "error" and violation.key not in self.known
            for violation in reply.violations
        )
        if not grave:
            self.reached.add(reply.operation.name)

    def add(self, violations: Iterable[Violation]) -> None:
        """Violations that the last step shows."""
        here = (self.harness.move, len(self.harness.steps))
        self.violations += [(violation, *here) for violation in violations]


@dataclass(slots=True)
class WalkContext:
    """The parts of one walk. `expired` tells when the run's time is up."""

    harness: Harness
    rules: Rules
    kind: HistoryKind
    memory: Memory
    record: Record
    resources: dict[str, ModelResource]
    observer: Observer
    expired: Callable[[], bool] = lambda: False

    def scene(self, resource: ModelResource) -> Scene:
        """What conditions about a resource look at."""
        return scene_of(resource, self.resources, self.rules)

    def may_be(self, resource: ModelResource) -> Belief:
        """The states that a resource may have come into by itself since it was seen."""
        return resource.may_be(self.rules, self.scene(resource))

    @property
    def reader(self) -> ReadAction:
        """The reader that shows a resource alone."""
        return next(reader for reader in self.rules.lifecycle.readers.values() if reader.shows is not None)

    def look_closely(self, resource: ModelResource) -> None:
        """In a legal path, ask every reader, once for each state; elsewhere it has been done."""
        if self.kind == "path" and resource.state not in self.memory.looked:
            self.observer.look_all(resource)
            self.memory.looked.add(resource.state)
