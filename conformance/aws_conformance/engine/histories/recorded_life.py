# SPDX-License-Identifier: Apache-2.0
"""The resources of one lifecycle in calls that somebody else made: where each may be, and what that violates.

It owns what may be believed of a resource whose history was not chosen by us: which calls have a bearing on
it, what others may have done that no recording shows, and that lists may lag behind. It refuses to know where
the calls come from and how an answer by itself is judged. What can't be told has the benefit of the doubt: a
fact is UNKNOWN until something shows it, and a request that no line describes may have led anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...cases.api_words import VERBS
from ...cases.expectations import Expectation
from ...cases.lifecycles.belief import Permission, Rules
from ...cases.lifecycles.model import NOWHERE, Action, Lifecycle, ReadAction
from ...cases.lifecycles.predicates import UNKNOWN, Scene
from ...checks import CATALOGUE, LIFECYCLE_CATALOGUE
from ...checks.history_subjects import HistoryMoment, Observation, ObservedResource
from ...checks.judge import judge
from ...checks.response import DecodedResponse
from ...results.events import Violation
from ...spec.shapes import Operation
from .context import inside
from .recognition import Fit, fit_of, fitted, identity_of, key_of, row_facts, rows_of, texts_of
from .resource import ModelResource

__all__ = ["RecordedLife", "SeenCall"]

_OF_REFUSALS = tuple(CATALOGUE[name] for name in ("lifecycle.refusal", "lifecycle.refusal.unrecorded"))
_ABOUT_TIME = frozenset({"lifecycle.agreement", "lifecycle.transition"})
# Verbs of operations that change nothing; those left out of the list may.
_READS = tuple(sorted(set(VERBS["read"]) - {"Batch", "Is", "Receive", "Test", "Verify"}))
# Beyond so many resources of a kind, where the others are is no longer asked for each.
_MANY = 200
# Seconds after which a list of AWS's is taken to show what was done.
_LAG = 5.0


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call with its answer. `place` is whom it was sent to, `principal` who sent it.

    `lags` tells that lists of this place may be a moment behind. `is_alone` is False where other calls were
    on their way at the same time; `started` is in seconds, if known.
    """

    answer: DecodedResponse
    place: str
    principal: str
    lags: bool
    is_alone: bool = True
    started: float | None = None

    @property
    def operation(self) -> Operation:
        return self.answer.operation

    @property
    def success(self) -> bool:
        return self.answer.kind == "success"

    @property
    def may_have_acted(self) -> bool:
        """Whether something may have come of it: a failure of the server leaves that open."""
        return self.success or self.answer.kind == "none" or self.answer.response.status >= 500

    @property
    def document(self) -> Any:
        decoded = self.answer.decoded
        return decoded.document if decoded is not None and decoded.readable else {}


@dataclass(slots=True)
class _Tracked:
    """A resource that calls are about. `scope` are values of what it stands on, by their symbols.

    `is_born` tells that its creation was seen, so that all that was done to it should have been, too.
    """

    resource: ModelResource
    scope: dict[str, Any]
    principal: str
    is_born: bool
    changed: float | None = None


@dataclass(slots=True)
class RecordedLife:
    """The resources of one lifecycle at one place.

    `documented` are the operations that any lifecycle of the service describes, `takers` those of them that
    take something away.
    """

    rules: Rules
    documented: frozenset[str]
    takers: frozenset[str]
    severities: Mapping[str, str]
    _resources: list[_Tracked] = field(default_factory=list)
    _by_key: dict[tuple[Any, ...], list[_Tracked]] = field(default_factory=dict)
    _epoch: int = 0

    @property
    def life(self) -> Lifecycle:
        return self.rules.lifecycle

    def take(self, call: SeenCall) -> list[Violation]:
        """What the call shows to be wrong with the life of any resource."""
        sent = call.answer.sent
        name = call.operation.name
        if not isinstance(sent, Mapping):
            return []
        actions = [action for action in self.life.actions.values() if action.operation == name]
        readers = [reader for reader in self.life.readers.values() if reader.operation == name]
        if actions:
            return list(self._acted(call, actions, sent))
        if readers:
            return [violation for reader in readers for violation in self._read(call, reader, sent)]
        if call.may_have_acted and not name.startswith(_READS):
            self._something_happened(name, sent)
        return []

    def upload(self, url: str, body: bytes, accepted: bool) -> bool:
        """Whether this is an address that a resource of this kind has shown; facts follow from the file."""
        seen = False
        for action in self.life.actions.values():
            member = action.put.url.get("$own") if action.put is not None else None
            for tracked in self._resources if member else ():
                if str(_own(tracked.resource, str(member))).partition("?")[0] != url.partition("?")[0]:
                    continue
                seen = True
                self._epoch += 1
                may_be = self._may_be(tracked)
                usable = accepted and self._ruling(action, tracked, may_be).verdict != "forbidden"
                rows = rows_of(body) if usable else UNKNOWN
                for fact in row_facts(action):
                    tracked.resource.facts[fact] = rows
        return seen

    # What was done.

    def _acted(
        self, call: SeenCall, actions: Sequence[Action], sent: Mapping[str, Any]
    ) -> Iterator[Violation]:
        if not call.may_have_acted:
            return
        for action in actions:
            alone = len(actions) == 1
            if action.name in self.rules.creators():
                yield from self._created(call, action, sent, alone)
            else:
                yield from self._changed(call, action, sent, alone)

    def _created(
        self, call: SeenCall, action: Action, sent: Mapping[str, Any], alone: bool
    ) -> Iterator[Violation]:
        fit = fitted(action, sent)
        document = inside(call.document, action.shows) if action.shows is not None else sent
        identity = identity_of(self._key, document)
        if not call.success or identity is None:
            self._something_happened(call.operation.name, sent)
            return
        existing = self._find(identity, fit.scope)
        if existing is not None:
            self._meet(existing, call)
            if fit.exact and alone:
                yield from self._let_pass(call, action, existing)
        tracked = self._track(identity, fit.scope, call, existing)
        tracked.is_born = fit.exact and alone
        tracked.resource.created = document
        tracked.resource.asked = sent
        tracked.resource.believed, tracked.resource.unplaced = frozenset({NOWHERE}), False
        after = self.rules.after(action.name, tracked.resource.believed, self._scene(tracked))
        self._moved(tracked, call, after if fit.exact and alone else frozenset())
        yield from self._shown(call, action, tracked, document)

    def _changed(
        self, call: SeenCall, action: Action, sent: Mapping[str, Any], alone: bool
    ) -> Iterator[Violation]:
        fit = fitted(action, sent)
        tracked = self._find(fit.own, fit.scope)
        if tracked is None:
            # A resource under another of its names, perhaps one of those that are known.
            self._epoch += 1
            for other in self._resources:
                other.resource.unplaced = True
            return
        self._meet(tracked, call)
        allowed = call.success and fit.exact and alone
        if allowed:
            violations = list(self._let_pass(call, action, tracked))
            yield from violations
            allowed = not violations
        may_be = self._may_be(tracked)
        after = self.rules.after(action.name, may_be, self._scene(tracked)) if allowed else frozenset()
        self._moved(tracked, call, after)
        for variant in action.variants:
            tracked.resource.facts.update(dict.fromkeys(variant.facts, UNKNOWN))
        if action.shows is not None and call.success:
            yield from self._shown(call, action, tracked, inside(call.document, action.shows))

    def _shown(self, call: SeenCall, action: Action, tracked: _Tracked, document: Any) -> Iterator[Violation]:
        if action.shows is not None and isinstance(document, Mapping):
            yield from self._see(call, tracked, action.name, action.shows, document)

    def _let_pass(self, call: SeenCall, action: Action, tracked: _Tracked) -> Iterator[Violation]:
        """What an accepted request shows where the resource's state forbids it."""
        ruling = self._ruling(action, tracked, self._may_be(tracked))
        if not call.success or ruling.verdict != "forbidden":
            return
        source = ruling.source
        expectation = Expectation(
            "refused" if ruling.known else "unknown",
            source.text if source is not None else "",
            source.provenance if source is not None else "DOC",
            ruling.codes,
            state=f"{action.name} in {tracked.resource.label}",
        )
        answer = replace(call.answer, expectation=expectation)
        yield from judge(answer, checks=_OF_REFUSALS, severities=self.severities)

    def _moved(self, tracked: _Tracked, call: SeenCall, after: frozenset[str]) -> None:
        """Something was done to a resource; an empty set means that it may be anywhere now."""
        self._epoch += 1
        tracked.changed = call.started
        tracked.resource.unplaced = not after or tracked.resource.unplaced or not call.is_alone
        tracked.resource.believed = after or tracked.resource.believed

    def _something_happened(self, operation: str, sent: Mapping[str, Any]) -> None:
        """An operation that this lifecycle does not describe may have had a bearing on its resources.

        What other lifecycles describe has one on what stands on that which it takes away.
        """
        if operation in self.documented and operation not in self.takers:
            return
        self._epoch += 1
        texts = set(texts_of(sent))
        mentioned = [
            tracked
            for tracked in self._resources
            if texts
            & {*map(str, tracked.scope.values()), *(str(_own(tracked.resource, k)) for k in self._key)}
        ]
        # What names nobody may be about whoever holds a token.
        for tracked in mentioned or ([] if operation in self.documented else self._resources):
            tracked.resource.unplaced = True

    # What was shown.

    def _read(self, call: SeenCall, reader: ReadAction, sent: Mapping[str, Any]) -> Iterator[Violation]:
        fit = fit_of(reader.input, sent)
        if not call.success:
            state = self.rules.absent(call.answer.code) if call.answer.kind == "error" else None
            tracked = (
                self._find(fit.own, fit.scope) if state is not None and reader.shows is not None else None
            )
            if tracked is not None and fit.exact:
                yield from self._see(call, tracked, reader.name, (), None, state)
            return
        if reader.shows is not None:
            document = inside(call.document, reader.shows)
            yield from self._seen_alone(call, reader, fit, document)
            return
        path = reader.lists or ()
        entries = inside(call.document, path)
        for index, entry in enumerate(entries if isinstance(entries, Sequence) else ()):
            identity = identity_of(self._key, entry)
            if identity is not None:
                known = self._find(identity, fit.scope)
                tracked = known or self._track(identity, fit.scope, call)
                yield from self._see(call, tracked, reader.name, (*path, index), entry)

    def _seen_alone(self, call: SeenCall, reader: ReadAction, fit: Fit, document: Any) -> Iterator[Violation]:
        identity = identity_of(self._key, document)
        if identity is None:
            return
        tracked = self._find(identity, fit.scope) or self._track(identity, fit.scope, call)
        yield from self._see(call, tracked, reader.name, reader.shows or (), document)

    def _see(
        self,
        call: SeenCall,
        tracked: _Tracked,
        shown_by: str,
        path: tuple[str | int, ...],
        document: Mapping[str, Any] | None,
        state: str | None = None,
    ) -> Iterator[Violation]:
        """What an answer shows to be wrong with a resource; then it is believed to be where it was seen."""
        self._meet(tracked, call)
        resource, scene = tracked.resource, self._scene(tracked)
        if document is not None:
            state = self.rules.recognised(document)
        may_be = self._may_be(tracked)
        # What a list shows that may lag behind is of no time that could be compared.
        epoch = self._epoch if not self._may_lag(call, tracked, path) else -1 - len(resource.seen)
        observation = Observation(shown_by, call.operation, path, document, state, epoch)
        moment = ObservedResource(
            observation,
            before=resource.believed,
            believed=may_be,
            lines=self.rules.documented(state, scene, shown_by) if document is not None else (),
            facts=resource.facts,
            earlier=tuple(resource.seen),
            rests=self._rests(resource, state),
            asked=resource.asked,
            masked=True,
            marks=tuple(self.life.states[state].shown) if state else (),
        )
        known = state is None or state in may_be
        excused = epoch < 0 or (not tracked.is_born and state in self._leads_from(resource.believed))
        checks = [
            check
            for check in LIFECYCLE_CATALOGUE.values()
            if not (
                excused and check.id in _ABOUT_TIME and not (epoch >= 0 and check.id.endswith("agreement"))
            )
        ]
        subject = HistoryMoment(call.answer.service, moment)
        yield from judge(subject, checks=checks, severities=self.severities)
        resource.seen.append(observation)
        if state is not None and (epoch >= 0 or (known and not resource.unplaced)):
            tracked.changed = tracked.changed if state == resource.state else call.started
            resource.believed = frozenset({state})
            resource.unplaced = not call.is_alone

    def _may_lag(self, call: SeenCall, tracked: _Tracked, path: tuple[str | int, ...]) -> bool:
        if not call.lags or not any(isinstance(step, int) for step in path):
            return False
        if call.started is None or tracked.changed is None:
            return True
        return call.started - tracked.changed < _LAG

    def _rests(self, resource: ModelResource, state: str | None) -> bool:
        """Whether the state stays, and so did each that was seen since anything was done.

        How much time has passed between two calls of a recording, nobody knows: hours, perhaps.
        """
        now = [observation.state for observation in resource.seen if observation.epoch == self._epoch]
        states = [state or resource.state, *(earlier for earlier in now if earlier is not None)]
        alone = Scene(resource.facts)
        return not resource.unplaced and all(
            name and not self.rules.moves(name, alone, timed=True) for name in states
        )

    def _leads_from(self, states: frozenset[str]) -> frozenset[str]:
        """The states that a resource may come into from some others, whoever acts, the same included."""
        reached = set(states)
        while True:
            more = {
                state
                for line in self.life.transitions
                if line.origin in reached
                for state in line.to
                if state not in reached
            }
            if not more:
                return frozenset(reached)
            reached |= more

    # Which resource it is.

    @property
    def _key(self) -> tuple[str, ...]:
        return key_of(tuple(self.life.readers.values()))

    def _find(self, own: Mapping[str, Any], scope: Mapping[str, Any]) -> _Tracked | None:
        """The resource of these identifiers, the latest first."""
        if not own:
            return None
        candidates: Sequence[_Tracked] = self._resources
        if all(name in own for name in self._key):
            candidates = self._by_key.get(tuple(str(own[name]) for name in self._key), ())
        for tracked in reversed(candidates):
            agree = all(tracked.scope.get(name, value) == value for name, value in scope.items())
            if agree and all(_own(tracked.resource, name) == value for name, value in own.items()):
                return tracked
        return None

    def _track(
        self,
        identity: Mapping[str, Any],
        scope: Mapping[str, Any],
        call: SeenCall,
        instead: _Tracked | None = None,
    ) -> _Tracked:
        """A resource that has not been seen before; `instead` is one whose identifiers it has."""
        facts = {
            *self.life.facts,
            *(fact for setting in self.life.settings for fact in setting.facts),
            *(fact for action in self.life.actions.values() for row in action.variants for fact in row.facts),
        }
        who = " ".join(map(str, identity.values()))
        resource = ModelResource(who, frozenset(self.life.states), dict.fromkeys(facts, UNKNOWN), aged=True)
        resource.created, resource.unplaced = identity, True
        tracked = _Tracked(resource, dict(scope), call.principal, is_born=False)
        key = tuple(str(identity[name]) for name in self._key)
        if instead is not None:
            self._resources.remove(instead)
            self._by_key[key].remove(instead)
        self._resources.append(tracked)
        self._by_key.setdefault(key, []).append(tracked)
        return tracked

    def _meet(self, tracked: _Tracked, call: SeenCall) -> None:
        """A call about a resource: where somebody else sends it, or others at once, all may have changed."""
        if tracked.principal != call.principal:
            tracked.principal = call.principal
            tracked.is_born = False
            tracked.resource.seen.clear()
            tracked.resource.unplaced = True
        if not call.is_alone:
            tracked.resource.unplaced = True

    def _may_be(self, tracked: _Tracked) -> frozenset[str]:
        return tracked.resource.may_be(self.rules, self._scene(tracked))

    def _ruling(self, action: Action, tracked: _Tracked, may_be: frozenset[str]) -> Permission:
        return self.rules.ruling(action.name, may_be, self._scene(tracked))

    def _scene(self, tracked: _Tracked) -> Scene:
        """What conditions look at; of many others, nothing is known."""
        if len(self._resources) > _MANY:
            return Scene(tracked.resource.facts, (frozenset(self.life.states),))
        alone = Scene({})
        others = tuple(
            other.resource.may_be(self.rules, alone)
            for other in self._resources
            if other is not tracked and other.principal == tracked.principal
        )
        return Scene(tracked.resource.facts, others)


def _own(resource: ModelResource, member: str) -> Any:
    try:
        return resource.own(member)
    except LookupError:
        return None
