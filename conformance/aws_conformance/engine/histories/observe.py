"""Looking at a resource: readers asked, documents found in answers, what they show judged and believed.

It owns sightings and what follows from them. It refuses to know what was done to the resource.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...cases.expectations import Expectation
from ...cases.lifecycles.belief import Rules
from ...cases.lifecycles.model import ReadAction
from ...cases.prerequisites import substitute
from ...checks.history_subjects import Observation, ObservedResource
from ...reproduce.transcript import TranscriptStep
from ...results.events import Violation
from ...spec.shapes import Operation
from ..histories.harness import Blocked, Harness, Reply, Resolve
from ..histories.resource import ModelResource, scene_of

__all__ = ["Observer", "inside"]

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
        stage: Harness,
        rules: Rules,
        actors: Mapping[str, ModelResource],
        take: Callable[[Reply], None],
        find: Callable[[Iterable[Violation]], None],
        reach: Callable[[Reply], None],
    ) -> None:
        self._stage = stage
        self._rules = rules
        self._actors = actors
        self._take = take
        self._find = find
        self._reach = reach
        self._epoch = 0

    def changed(self) -> None:
        """Something was done, or time has passed: what is seen from here on is of a new epoch."""
        self._epoch += 1

    def fresh(self, actor: ModelResource) -> bool:
        """Whether the resource was seen since anything changed."""
        return bool(actor.seen) and actor.seen[-1].epoch == self._epoch

    def look_all(self, actor: ModelResource) -> None:
        """Ask every reader that has not been asked since anything changed."""
        asked = {one.shown_by for one in actor.seen if one.epoch == self._epoch}
        for reader in self._rules.lifecycle.readers.values():
            if reader.name not in asked:
                self.look(actor, reader)

    def look(self, actor: ModelResource, reader: ReadAction) -> None:
        """Ask a reader, judge what it shows, and believe it. Raises Blocked if that is nothing."""
        operation = self._stage.compiled.operation(reader.operation)
        if reader.lists is not None:
            self._look_in_list(actor, reader, operation)
            return
        reply = self._asked(actor, reader, operation, {})
        if not reply.success:
            self._not_shown(actor, reader, reply)
            return
        document = inside(reply.document, reader.shows or ())
        if not isinstance(document, Mapping):
            raise Blocked(f"{reader.name} shows no {self._rules.lifecycle.resource}")
        if self._rules.recognised(document) is not None:
            self._reach(reply)
        self.see(actor, reader.name, operation, reader.shows or (), document)

    def glance(self, actor: ModelResource, reader: ReadAction) -> str | None:
        """The state that a reader shows, without any judgement; None if none can be told."""
        operation = self._stage.compiled.operation(reader.operation)
        resolve = self.resolver(actor)
        reply = self._stage.request(operation, reader.input, resolve, Expectation("unknown"))
        if not reply.success:
            return self._rules.absent(reply.answer.code)
        document = inside(reply.document, reader.shows or ())
        return self._rules.recognised(document) if isinstance(document, Mapping) else None

    def see(
        self,
        actor: ModelResource,
        shown_by: str,
        operation: Operation,
        path: _Place,
        document: Mapping[str, Any],
    ) -> None:
        """A document of the resource came with an answer."""
        self._believe(actor, *self._judged(actor, shown_by, operation, path, document))

    def resolver(self, actor: ModelResource, each: Any = None) -> Resolve:
        """What resolves symbols about a resource; `each` is the element of a list that it is about."""

        def resolve(symbol: Mapping[str, Any]) -> Any:
            if "$each" in symbol:
                return substitute(each, resolve)
            return actor.resolve(symbol, self._stage.resolve)

        return resolve

    def tell(
        self, reply: Reply, template: Any, actor: ModelResource, *, each: Any = None, **more: Any
    ) -> None:
        """A request and its answer, as a step of the transcript; `more` are fields of it."""
        operation, resolve = reply.operation, self.resolver(actor, each=each)
        self._stage.tell(
            TranscriptStep(
                "request",
                self._stage.move,
                operation=operation.name,
                document=self._stage.shown(operation, template, actor.who, resolve),
                answer=reply.said,
                success=reply.success,
                **more,
            )
        )

    def _asked(
        self, actor: ModelResource, reader: ReadAction, operation: Operation, more: Mapping[str, Any]
    ) -> Reply:
        template = {**reader.input, **more}
        reply = self._stage.request(operation, template, self.resolver(actor), Expectation("answered"))
        self.tell(reply, template, actor)
        self._take(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {reader.name}: {reply.said[:160]}")
        return reply

    def _not_shown(self, actor: ModelResource, reader: ReadAction, reply: Reply) -> None:
        """A reader refuses: the resource is gone, or nothing can be told."""
        state = self._rules.absent(reply.answer.code)
        if state is None:
            raise Blocked(f"{reader.name} was refused with {reply.said[:160]}")
        self._believe(actor, *self._judged(actor, reader.name, reply.operation, (), None, state))

    def _look_in_list(self, actor: ModelResource, reader: ReadAction, operation: Operation) -> None:
        for pause in (*_LATER, None):
            path, document, refused = self._entry(actor, reader, operation)
            state = self._rules.absent(refused) if refused else None
            found = self._judged(actor, reader.name, operation, path, document, state)
            late = pause is not None and any(one.check in _ABOUT_TIME for one in found[1])
            if not late:
                self._believe(actor, *found)
                return
            session = self._stage.session
            if pause is not None and session.player is None and not session.moves_time:
                time.sleep(pause)

    def _entry(
        self, actor: ModelResource, reader: ReadAction, operation: Operation
    ) -> tuple[_Place, Mapping[str, Any] | None, str]:
        """The resource's entry in a list, and where it stands; or the code of a refusal to list."""
        lists = reader.lists or ()
        try:
            wanted = {name: actor.own(name) for name in reader.key}
        except LookupError as error:
            raise Blocked(f"{reader.name} can't be searched: {error}") from None
        more: dict[str, Any] = {}
        for _ in range(_PAGES):
            reply = self._asked(actor, reader, operation, more)
            if not reply.success:
                if self._rules.absent(reply.answer.code) is None:
                    raise Blocked(f"{reader.name} was refused with {reply.said[:160]}")
                return (), None, reply.answer.code
            entries = inside(reply.document, lists)
            for index, entry in enumerate(entries if isinstance(entries, Sequence) else ()):
                if isinstance(entry, Mapping) and all(
                    entry.get(name) == value for name, value in wanted.items()
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
        actor: ModelResource,
        shown_by: str,
        operation: Operation,
        path: _Place,
        document: Mapping[str, Any] | None,
        state: str | None = None,
    ) -> tuple[Observation, list[Violation]]:
        """A sighting, and what is wrong with it; nothing is believed yet."""
        scene = scene_of(actor, self._actors, self._rules)
        if document is not None:
            state = self._rules.recognised(document)
        sighting = Observation(shown_by, operation, path, document, state, self._epoch)
        lines = self._rules.documented(state, scene, shown_by) if document is not None else ()
        seen = ObservedResource(
            sighting,
            before=actor.believed,
            believed=actor.may_be(self._rules, scene),
            lines=lines,
            facts=actor.facts,
            earlier=tuple(actor.seen),
            rests=self._rests(actor, state) and self._rested(actor),
            asked=actor.asked,
            masked=self._stage.session.player is not None,
            marks=tuple(self._rules.lifecycle.states[state].shown) if state else (),
        )
        return sighting, self._stage.moment(seen)

    def _rests(self, actor: ModelResource, state: str | None) -> bool:
        known = state or actor.state
        return bool(known) and self._rules.rests(known)

    def _rested(self, actor: ModelResource) -> bool:
        """Whether each state seen since anything changed was one that stays.

        A slow answer may show a state that has passed by the time the next is asked for.
        """
        return all(
            self._rules.rests(observation.state)
            for observation in actor.seen
            if observation.epoch == self._epoch and observation.state is not None
        )

    def _believe(self, actor: ModelResource, sighting: Observation, violations: list[Violation]) -> None:
        self._find(violations)
        actor.seen.append(sighting)
        if sighting.state is not None:
            actor.believed = frozenset({sighting.state})
            actor.astray = False
        self._stage.believe(actor.who, actor.label)


def inside(document: Any, path: Iterable[str]) -> Any:
    """What stands at a path of members; None if nothing does."""
    for step in path:
        document = document.get(step) if isinstance(document, Mapping) else None
    return document
