# SPDX-License-Identifier: Apache-2.0
"""What the parts of a history share: harness, rules, resources, the record, and looking at a resource.

It owns observations with what follows from them, and the few questions that all parts ask. It refuses to know
what was done to a resource, and any step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...cases.expectations import Expectation
from ...cases.lifecycles.belief import Belief, Rules
from ...cases.lifecycles.histories import HistoryKind
from ...cases.lifecycles.model import ReadAction
from ...cases.lifecycles.predicates import Scene
from ...cases.symbols import substitute
from ...checks.history_subjects import Observation, ObservedResource
from ...reproduce.transcript import TranscriptStep
from ...results.events import Violation
from ...spec.shapes import Operation
from .harness import Blocked, Harness, Reply, Resolve
from .resource import ModelResource, scene_of

__all__ = ["Memory", "Observer", "Record", "WalkContext", "inside"]


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
            violation.severity == "error" and not self.known & {violation.key, violation.merged_key}
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


# Lists may be a moment behind; so many seconds later they are asked again.
_LATER = (0.2, 1.0)


# Pages of a list that are read to find a resource.
_PAGES = 40


_ABOUT_TIME = frozenset({"lifecycle.agreement", "lifecycle.transition"})


_Place = tuple[str | int, ...]


class Observer:
    """What is seen of all resources of one walk.

    `take` gets each reply, `find` what is wrong with what it shows, and `reach` the replies that show the
    resource.
    """

    def __init__(
        self,
        harness: Harness,
        rules: Rules,
        resources: Mapping[str, ModelResource],
        take: Callable[[Reply], None],
        find: Callable[[Iterable[Violation]], None],
        reach: Callable[[Reply], None],
    ) -> None:
        self._harness = harness
        self._rules = rules
        self._resources = resources
        self._take = take
        self._find = find
        self._reach = reach
        self._epoch = 0

    def changed(self) -> None:
        """Something was done, or time has passed: what is seen from here on is of a new epoch."""
        self._epoch += 1

    def fresh(self, resource: ModelResource) -> bool:
        """Whether the resource was seen since anything changed."""
        return bool(resource.seen) and resource.seen[-1].epoch == self._epoch

    def look_all(self, resource: ModelResource) -> None:
        """Ask every reader that has not been asked since anything changed."""
        asked = {observation.shown_by for observation in resource.seen if observation.epoch == self._epoch}
        for reader in self._rules.lifecycle.readers.values():
            if reader.name not in asked:
                self.look(resource, reader)

    def look(self, resource: ModelResource, reader: ReadAction) -> None:
        """Ask a reader, judge what it shows, and believe it. Raises Blocked if that is nothing."""
        operation = self._harness.contract.operation(reader.operation)
        if reader.lists is not None:
            self._look_in_list(resource, reader, operation)
            return
        reply = self._asked(resource, reader, operation, {})
        if not reply.success:
            self._not_shown(resource, reader, reply)
            return
        document = inside(reply.document, reader.shows or ())
        if not isinstance(document, Mapping):
            raise Blocked(f"{reader.name} shows no {self._rules.lifecycle.resource}")
        if self._rules.recognised(document) is not None:
            self._reach(reply)
        self.see(resource, reader.name, operation, reader.shows or (), document)

    def glance(self, resource: ModelResource, reader: ReadAction) -> str | None:
        """The state that a reader shows, without any judgement; None if none can be told."""
        operation = self._harness.contract.operation(reader.operation)
        resolve = self.resolver(resource)
        reply = self._harness.request(operation, reader.input, resolve, Expectation("unknown"))
        if not reply.success:
            return self._rules.absent(reply.answer.code)
        document = inside(reply.document, reader.shows or ())
        return self._rules.recognised(document) if isinstance(document, Mapping) else None

    def see(
        self,
        resource: ModelResource,
        shown_by: str,
        operation: Operation,
        path: _Place,
        document: Mapping[str, Any],
    ) -> None:
        """A document of the resource came with an answer."""
        self._believe(resource, *self._judged(resource, shown_by, operation, path, document))

    def resolver(self, resource: ModelResource, each: Any = None) -> Resolve:
        """What resolves symbols about a resource; `each` is the element of a list that it is about."""

        def resolve(symbol: Mapping[str, Any]) -> Any:
            if "$each" in symbol:
                return substitute(each, resolve)
            return resource.resolve(symbol, self._harness.resolve)

        return resolve

    def tell(
        self, reply: Reply, template: Any, resource: ModelResource, *, each: Any = None, **more: Any
    ) -> None:
        """A request and its answer, as a step of the transcript; `more` are fields of it."""
        operation, resolve = reply.operation, self.resolver(resource, each=each)
        self._harness.tell(
            TranscriptStep(
                "request",
                self._harness.move,
                operation=operation.name,
                document=self._harness.shown(template, resource.who, resolve),
                answer=reply.said,
                success=reply.success,
                **more,
            )
        )

    def _asked(
        self, resource: ModelResource, reader: ReadAction, operation: Operation, more: Mapping[str, Any]
    ) -> Reply:
        template = {**reader.input, **more}
        reply = self._harness.request(operation, template, self.resolver(resource), Expectation("answered"))
        self.tell(reply, template, resource)
        self._take(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {reader.name}: {reply.said[:160]}")
        return reply

    def _not_shown(self, resource: ModelResource, reader: ReadAction, reply: Reply) -> None:
        """A reader refuses: the resource is gone, or nothing can be told."""
        state = self._rules.absent(reply.answer.code)
        if state is None:
            raise Blocked(f"{reader.name} was refused with {reply.said[:160]}")
        self._believe(resource, *self._judged(resource, reader.name, reply.operation, (), None, state))

    def _look_in_list(self, resource: ModelResource, reader: ReadAction, operation: Operation) -> None:
        for pause in (*_LATER, None):
            path, document, refused = self._entry(resource, reader, operation)
            state = self._rules.absent(refused) if refused else None
            judged = self._judged(resource, reader.name, operation, path, document, state)
            late = pause is not None and any(violation.check in _ABOUT_TIME for violation in judged[1])
            if not late:
                self._believe(resource, *judged)
                return
            session = self._harness.session
            if pause is not None and not session.channel.masks_secrets and not session.moves_time:
                time.sleep(pause)

    def _entry(
        self, resource: ModelResource, reader: ReadAction, operation: Operation
    ) -> tuple[_Place, Mapping[str, Any] | None, str]:
        """The resource's entry in a list, and where it stands; or the code of a refusal to list."""
        lists = reader.lists or ()
        try:
            identity = {name: resource.own(name) for name in reader.key}
        except LookupError as error:
            raise Blocked(f"{reader.name} can't be searched: {error}") from None
        more: dict[str, Any] = {}
        for _ in range(_PAGES):
            reply = self._asked(resource, reader, operation, more)
            if not reply.success:
                if self._rules.absent(reply.answer.code) is None:
                    raise Blocked(f"{reader.name} was refused with {reply.said[:160]}")
                return (), None, reply.answer.code
            entries = inside(reply.document, lists)
            for index, entry in enumerate(entries if isinstance(entries, Sequence) else ()):
                if isinstance(entry, Mapping) and all(
                    entry.get(name) == value for name, value in identity.items()
                ):
                    self._reach(reply)
                    return (*lists, index), entry, ""
            token = reply.document.get(reader.next) if reader.next else None
            if not token:
                break
            more = {reader.token: token}
        return lists, None, ""

    def _judged(
        self,
        resource: ModelResource,
        shown_by: str,
        operation: Operation,
        path: _Place,
        document: Mapping[str, Any] | None,
        state: str | None = None,
    ) -> tuple[Observation, list[Violation]]:
        """A observation, and what is wrong with it; nothing is believed yet."""
        scene = scene_of(resource, self._resources, self._rules)
        if document is not None:
            state = self._rules.recognised(document)
        observation = Observation(shown_by, operation, path, document, state, self._epoch)
        lines = self._rules.documented(state, scene, shown_by) if document is not None else ()
        seen = ObservedResource(
            observation,
            before=resource.believed,
            believed=resource.may_be(self._rules, scene),
            lines=lines,
            facts=resource.facts,
            earlier=tuple(resource.seen),
            rests=self._rests(resource, state) and self._rested(resource),
            asked=resource.asked,
            masked=self._harness.session.channel.masks_secrets,
            marks=tuple(self._rules.lifecycle.states[state].shown) if state else (),
        )
        return observation, self._harness.moment(seen)

    def _rests(self, resource: ModelResource, state: str | None) -> bool:
        known = state or resource.state
        return bool(known) and self._rules.rests(known)

    def _rested(self, resource: ModelResource) -> bool:
        """Whether each state seen since anything changed was one that stays.

        A slow answer may show a state that has passed by the time the next is asked for.
        """
        return all(
            self._rules.rests(observation.state)
            for observation in resource.seen
            if observation.epoch == self._epoch and observation.state is not None
        )

    def _believe(
        self, resource: ModelResource, observation: Observation, violations: list[Violation]
    ) -> None:
        self._find(violations)
        resource.seen.append(observation)
        if observation.state is not None:
            resource.believed = frozenset({observation.state})
            resource.unplaced = False
        self._harness.believe(resource.who, resource.label)


def inside(document: Any, path: Iterable[str]) -> Any:
    """What stands at a path of members; None if nothing does."""
    for step in path:
        document = document.get(step) if isinstance(document, Mapping) else None
    return document
