# SPDX-License-Identifier: Apache-2.0
"""A history walked on a target: each move made, each answer judged, each belief kept.

It owns the story of one history, and actions in it. It refuses to know which histories there are, what is
made of their violations (phase.py), what of a resource is looked at (context.py) and how it is all told
(reproduce/transcript.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from ...cases.expectations import Expectation
from ...cases.lifecycles.belief import Permission, Rules
from ...cases.lifecycles.histories import HistoryKind, Step
from ...cases.lifecycles.model import NOWHERE, Action, Citation, Effect, Race, RefusalRule, Variant
from ...cases.lifecycles.predicates import Scene
from ...checks.history_subjects import ObservedEffect
from ...checks.verdict import is_throttled
from ...reproduce.transcript import Transcript, TranscriptStep
from .context import Memory, Observer, Record, WalkContext, inside
from .harness import Blocked, Harness, Reply, variable
from .race import run_race
from .resource import ModelResource
from .result import Execution
from .waiting import look_at_effects, move_until, tidy_up, wait_until

__all__ = ["Executor"]


@dataclass(slots=True)
class Executor:
    """One history on its way; `memory` is shared by all walks on a target.

    `known` are keys of violations that do not keep an operation from being reached; `expired` tells when
    the run's time is up; `setting` are the facts that the history begins with.
    """

    harness: Harness
    rules: Rules
    kind: HistoryKind
    memory: Memory
    known: frozenset[tuple[str, ...]] = frozenset()
    expired: Callable[[], bool] = lambda: False
    setting: Mapping[str, Any] = field(default_factory=dict)
    moves: list[Step] = field(default_factory=list)
    dead: bool = False
    _blocked: Blocked | None = None
    _met: str = ""
    _let_pass: bool = False
    _context: WalkContext = field(init=False)

    def __post_init__(self) -> None:
        record = Record(self.harness, self.known)
        resources: dict[str, ModelResource] = {}
        observer = Observer(self.harness, self.rules, resources, record.reply, record.add, record.reach)
        self._context = WalkContext(
            self.harness, self.rules, self.kind, self.memory, record, resources, observer, self.expired
        )

    def walk(self, moves: tuple[Step, ...]) -> Execution:
        """Make the moves, one after the other, and clean up."""
        self.begin()
        for index, move in enumerate(moves):
            if self.dead:
                break
            self.perform(move, last=index == len(moves) - 1)
        return self.finish()

    def begin(self) -> None:
        """A new transcript, on a setup that is fit to be used."""
        self.harness.begin()

    def perform(self, move: Step, *, last: bool = False) -> None:
        """Make one move; a history that can't go on is `dead` from here."""
        self.moves.append(move)
        try:
            self.harness.provide(self._templates(move))
            self._do(move, last=last)
        except Blocked as blocked:
            self.dead = True
            self._blocked = blocked

    def stop(self, reason: str) -> None:
        """The history ends here, for a reason of ours."""
        self.dead, self._blocked = True, Blocked(reason)

    def finish(self) -> Execution:
        """Look at what came of it, undo what can be undone, and say what was seen."""
        blocked, record = self._blocked, self._context.record
        if not self.dead:
            try:
                look_at_effects(self._context)
            except Blocked as last:
                blocked = last
        transcript = Transcript(
            self.harness.lifecycle.service, tuple(self.harness.steps), tuple(self.harness.secrets)
        )
        tidy_up(self._context)
        return Execution(
            moves=tuple(self.moves),
            transcript=transcript,
            violations=tuple(record.violations),
            reason=blocked.reason if blocked else "",
            missing=blocked.missing if blocked else "",
            evidence=blocked.evidence if blocked else "",
            reached=frozenset(record.reached),
            succeeded=frozenset(record.succeeded),
            refused=tuple(record.refused),
            requests=self.harness.sent,
            met=self._met,
            let_pass=self._let_pass,
        )

    def _do(self, move: Step, *, last: bool) -> None:
        match move.do:
            case "act":
                self._act(move, last=last)
            case "wait":
                wait_until(self._context, self._resource(move), move.until)
            case "pass":
                move_until(self._context, self._resource(move), move.until)
            case "read":
                self._context.observer.look(self._resource(move), self.rules.lifecycle.readers[move.name])
            case "race":
                resource = self._resource(move)
                self._met = resource.label
                run_race(self._context, resource, self._race(move.name))
            case _:
                assert_never(move.do)

    # Actions.

    def _act(self, move: Step, *, last: bool) -> None:
        action = self.rules.lifecycle.actions[move.name]
        variant = action.variant(move.variant)
        line = self.rules.lifecycle.refusals[move.refusal] if move.refusal >= 0 else None
        resource = self._resource(move, action)
        self._met, self._let_pass = resource.label, False
        if action.put is not None:
            self._put(resource, action, variant)
        else:
            self._request(resource, action, variant, line)
        if self.kind == "path" and action.operation:
            if action.shows is None:
                self._context.observer.look(resource, self._context.reader)
            self._context.look_closely(resource)
        elif self.kind == "forbidden" and last and line is None:
            # What names another resource has no bearing on this one.
            self._context.observer.look(resource, self._context.reader)

    def _request(
        self, resource: ModelResource, action: Action, variant: Variant, line: RefusalRule | None
    ) -> None:
        scene = self._context.scene(resource)
        believed = self._context.may_be(resource)
        ruling = _by_line(line) if line is not None else self.rules.ruling(action.name, believed, scene)
        label = f"{action.name} in {resource.label}{f' ({line.title})' if line is not None else ''}"
        key = (
            label,
            variant.name,
            repr(sorted(resource.facts.items())),
            repr(sorted(map(sorted, scene.others))),
        )
        template = {**action.input, **variant.input, **(line.replace if line is not None else {})}
        reply = self._sent(resource, action, template, self._expectation(ruling, label, key), ruling)
        if reply.success:
            if ruling.verdict == "open":
                ruling = self._in_hindsight(resource, action, reply, label, key)
            if ruling.verdict == "forbidden":
                # What is accepted against the documents tells nothing of where the resource is now, and
                # what was seen of it before says nothing of what comes.
                resource.unplaced = self._let_pass = True
                resource.seen.clear()
                self.harness.spoil()
            else:
                resource.believed = self.rules.explains(action.name, True, believed, scene)
                resource.facts |= variant.facts
                self.memory.accepted.add(key)
            self._context.observer.changed()
            shown = self._shown(resource, action, reply)
            if ruling.verdict != "forbidden":
                if shown:
                    self._context.record.reach(reply)
                self._answers(action, reply, ruling.source)
            return
        if ruling.verdict == "legal":
            self._refused_legal(label, reply)
        elif ruling.verdict == "open":
            self._explained(resource, action, reply, label, key)

    def _sent(
        self,
        resource: ModelResource,
        action: Action,
        template: Any,
        expectation: Expectation,
        ruling: Permission,
    ) -> Reply:
        """The reply to an action, told and counted. Raises Blocked for one that says nothing."""
        operation, observer = self.harness.contract.operation(action.operation), self._context.observer
        lenient = ruling.verdict == "forbidden" and not ruling.known
        reply = self.harness.request(
            operation, template, observer.resolver(resource), expectation, lenient=lenient
        )
        creates = resource.created is None and reply.success
        observer.tell(reply, template, resource, saves=self._saves(resource, action) if creates else {})
        self._context.record.reply(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {expectation.state}: {reply.said[:160]}")
        if is_throttled(reply.answer):
            raise Blocked(f"the target asked to slow down: {reply.said[:160]}")
        return reply

    def _expectation(self, ruling: Permission, label: str, key: tuple[str, ...]) -> Expectation:
        source = ruling.source
        evidence = source.text if source is not None else ""
        provenance = source.provenance if source is not None else "DOC"
        if ruling.verdict == "legal":
            before = self.memory.accepts(key)
            return Expectation("accepted", evidence, provenance, accepted_before=before, state=label)
        if ruling.verdict == "open":
            return Expectation("answered", state=label)
        earns = "refused" if ruling.known else "unknown"
        return Expectation(earns, evidence, provenance, ruling.codes, state=label)  # type: ignore[arg-type]

    def _refused_legal(self, label: str, reply: Reply) -> None:
        if self.kind != "walk":
            raise Blocked(f"{label} was refused with {reply.said[:160]}")

    def _explained(
        self, resource: ModelResource, action: Action, reply: Reply, label: str, key: tuple[str, ...]
    ) -> None:
        """A refusal that some states explain: whether the resource can have been in one of them."""
        scene = self._context.scene(resource)
        explained = self.rules.explains(action.name, False, self._context.may_be(resource), scene)
        self._context.observer.look(resource, self._context.reader)
        if resource.state and resource.state not in self.rules.closure(explained, scene, timed=resource.aged):
            # It can't: the action was legal all the time.
            expectation = Expectation("accepted", accepted_before=self.memory.accepts(key), state=label)
            self._context.record.add(self.harness.rejudged(reply, expectation).violations)
            self._refused_legal(label, reply)

    def _in_hindsight(
        self, resource: ModelResource, action: Action, reply: Reply, label: str, key: tuple[str, ...]
    ) -> Permission:
        """What is to be said of an accepted action, once it is known where the other resources are.

        Each can only have been in states that lead to the one in which it is seen now.
        """
        believed, others = self._context.may_be(resource), []
        for other in self._context.resources.values():
            if other is not resource and other.created is not None:
                before, scene = self._context.may_be(other), self._context.scene(other)
                self._context.observer.look(other, self._context.reader)
                others.append(
                    frozenset(
                        state
                        for state in before
                        if other.state in self.rules.closure((state,), scene, timed=other.aged)
                    )
                )
        ruling = self.rules.ruling(action.name, believed, Scene(resource.facts, tuple(others)))
        if ruling.verdict == "forbidden":
            known = {violation.key for violation in reply.violations}
            again = self.harness.rejudged(reply, self._expectation(ruling, label, key))
            self._context.record.add(
                violation for violation in again.violations if violation.key not in known
            )
        return ruling

    def _shown(self, resource: ModelResource, action: Action, reply: Reply) -> bool:
        """Whether the answer to an action shows what it should: the resource, in a state that there is."""
        if action.shows is None:
            resource.created = resource.created if resource.created is not None else {}
            return True
        document = inside(reply.document, action.shows)
        if resource.created is None:
            resource.created = document if isinstance(document, Mapping) else {}
            resource.asked = reply.sent
        if not isinstance(document, Mapping):
            return False
        self._context.observer.see(resource, action.name, reply.operation, action.shows, document)
        return self.rules.recognised(document) is not None

    def _answers(self, action: Action, reply: Reply, source: Citation | None) -> None:
        """What a success of the action has to show of itself."""
        if action.answers:
            source = source or Citation("the action's lifecycle", "DOC")
            effect = Effect(f"{action.name} answers", frozenset(), (), action.operation, None, source)
            brought = ObservedEffect(effect, reply.operation, 200, "", reply.document, action.answers)
            self._context.record.add(self.harness.moment(brought))

    def _put(self, resource: ModelResource, action: Action, variant: Variant) -> None:
        assert action.put is not None
        assert variant.csv is not None
        scene = self._context.scene(resource)
        legal = self.rules.ruling(action.name, self._context.may_be(resource), scene).verdict == "legal"
        resolve = self._context.observer.resolver(resource)
        body, said, response = self.harness.put(action.put, variant.csv, resolve)
        shown = action.put.url.get("$own", "")
        self.harness.tell(
            TranscriptStep(
                "put",
                self.harness.move,
                answer=said,
                success=200 <= response.status < 300,
                url=f"${variable(f'{resource.who}.{shown}')}",
                headers=action.put.headers,
                body=body,
                title=variant.name or action.name,
            )
        )
        self._context.observer.changed()
        if 200 <= response.status < 300 and legal:
            resource.facts |= variant.facts
        elif legal:
            raise Blocked(f"the upload was answered with {said}")

    def _saves(self, resource: ModelResource, action: Action) -> dict[str, tuple[str, ...]]:
        """The variables that requests take from what an action has created."""
        names = {str(symbol["$own"]) for symbol in self.harness.sent_symbols if "$own" in symbol}
        shows = action.shows or ()
        return {variable(f"{resource.who}.{name}"): (*shows, name) for name in sorted(names)}

    # Before and after.

    def _resource(self, move: Step, action: Action | None = None) -> ModelResource:
        if move.who not in self._context.resources:
            if action is None or action.name not in self.rules.creators():
                raise Blocked(f"there is no {move.who} {self.rules.lifecycle.resource} yet")
            facts = {**self.rules.lifecycle.facts, **self.setting}
            self._context.resources[move.who] = ModelResource(move.who, frozenset({NOWHERE}), facts)
        resource = self._context.resources[move.who]
        if action is None and resource.created is None:
            raise Blocked(f"there is no {move.who} {self.rules.lifecycle.resource}")
        return resource

    def _templates(self, move: Step) -> list[Any]:
        """What a move sends, so that the setup can be provided for it."""
        life = self.rules.lifecycle
        templates: list[Any] = [reader.input for reader in life.readers.values()]
        templates += [effect.input for effect in life.effects]
        names = [move.name] if move.do == "act" else []
        if move.do == "race":
            names = [act.action for act in self._race(move.name).acts]
        for name in names:
            action = life.actions[name]
            variant = action.variant(move.variant) if move.do == "act" else Variant()
            templates += [action.input, dict(variant.input)]
            templates += [dict(row) for row in (variant.csv.rows if variant.csv is not None else ())]
            if action.put is not None:
                templates += [action.put.url, action.put.columns]
        if move.refusal >= 0:
            templates.append(dict(life.refusals[move.refusal].replace))
        return templates

    def _race(self, name: str) -> Race:
        return next(race for race in self.rules.lifecycle.races if race.name == name)


def _by_line(line: RefusalRule) -> Permission:
    return Permission("forbidden", line.source, (line.code,) if line.code else ())
