"""A history walked on a target: each move made, each answer judged, each belief kept.

It owns the story of one history. It refuses to know which histories there are, what is made of their
violations (lives.py), what of a resource is looked at (sight.py) and how it is all told (transcripts.py).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from ..checks.moments import Brought, Raced, Waited
from ..checks.verdict import is_throttled
from ..expectations import Expectation
from ..lifecycles.belief import Rules, Ruling
from ..lifecycles.histories import History, HistoryKind, Move
from ..lifecycles.orders import explain
from ..lifecycles.predicates import all_hold
from ..lifecycles.values import NOWHERE, Action, Effect, Reader, Refusal, Source, Variant
from ..outcomes import Violation
from ..resources import substitute, symbols
from ..transcripts import Told, Transcript
from .actor import Actor, scene_of
from .sight import Sights
from .stage import Blocked, Reply, Resolve, Stage, variable

__all__ = ["Memory", "Walk", "Walker"]

# The longest pause between two looks at a resource, in seconds, where time can't be moved.
_LONGEST_PAUSE = 30.0
# So many looks are given to what a history leaves behind.
_LOOKS = 6


@dataclass(frozen=True, slots=True)
class Walk:
    """What came of a history.

    `violations` come with the index of the move that showed each, and the number of steps up to it.
    `reason` says why it was not walked as it was meant to be; `missing` names an operation that the target
    lacks, by that `evidence`. `reached` are operations that answered a legal request with a success in
    violation of nothing grave, `succeeded` with any; `refused` are error codes by operation. `met` is where
    the last action met the resource, `let_pass` tells that it was accepted although it is forbidden.
    """

    moves: tuple[Move, ...]
    transcript: Transcript
    violations: tuple[tuple[Violation, int, int], ...] = ()
    reason: str = ""
    missing: str = ""
    evidence: str = ""
    reached: frozenset[str] = frozenset()
    succeeded: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()
    requests: int = 0
    met: str = ""
    let_pass: bool = False

    def shows(self, key: tuple[str, ...]) -> int | None:
        """The index of the first move that shows a violation, or None."""
        return next((move for violation, move, _ in self.violations if violation.key == key), None)

    def told_until(self, key: tuple[str, ...]) -> Transcript:
        """The transcript up to the step that shows a violation."""
        steps = next((count for violation, _, count in self.violations if violation.key == key), None)
        return replace(self.transcript, steps=self.transcript.steps[:steps])


@dataclass(slots=True)
class Memory:
    """What all walks on a target have in common: actions that were `accepted`, by where they were.

    `soiled` tells that something was left behind which may be in the way: then nothing that is refused has
    met the same state as before.
    """

    accepted: set[tuple[str, ...]] = field(default_factory=set)
    soiled: bool = False


@dataclass(slots=True)
class Walker:
    """One history on its way; `memory` is shared by all walks on a target.

    `known` are keys of violations that do not keep an operation from being reached; `expired` tells when
    the run's time is up.
    """

    stage: Stage
    rules: Rules
    kind: HistoryKind
    memory: Memory
    known: frozenset[tuple[str, ...]] = frozenset()
    expired: Callable[[], bool] = lambda: False
    actors: dict[str, Actor] = field(default_factory=dict)
    setting: Mapping[str, Any] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    dead: bool = False
    _violations: list[tuple[Violation, int, int]] = field(default_factory=list)
    _reached: set[str] = field(default_factory=set)
    _succeeded: set[str] = field(default_factory=set)
    _refused: dict[tuple[str, str], None] = field(default_factory=dict)
    _blocked: Blocked | None = None
    _met: str = ""
    _let_pass: bool = False
    _sights: Sights = field(init=False)

    def __post_init__(self) -> None:
        self._sights = Sights(
            self.stage, self.rules, self.actors, self._reply, self._found, self._reach
        )

    def walk(self, history: History, moves: tuple[Move, ...]) -> Walk:
        """Make the moves, one after the other, and clean up."""
        self.begin()
        for index, move in enumerate(moves):
            if self.dead:
                break
            self.perform(move, last=index == len(moves) - 1)
        return self.finish()

    def begin(self) -> None:
        """A new transcript, on a setup that is fit to be used."""
        self.stage.begin()

    def perform(self, move: Move, *, last: bool = False) -> None:
        """Make one move; a history that can't go on is `dead` from here."""
        self.moves.append(move)
        try:
            self.stage.provide(self._templates(move))
            self._do(move, last=last)
        except Blocked as blocked:
            self.dead = True
            self._blocked = blocked

    def finish(self) -> Walk:
        """Look at what came of it, undo what can be undone, and say what was seen."""
        blocked = self._blocked
        if not self.dead:
            try:
                self._conclude()
            except Blocked as last:
                blocked = last
        self._tidy()
        return Walk(
            tuple(self.moves),
            Transcript(self.stage.lifecycle.service, tuple(self.stage.steps)),
            tuple(self._violations),
            blocked.reason if blocked else "",
            blocked.missing if blocked else "",
            blocked.evidence if blocked else "",
            frozenset(self._reached),
            frozenset(self._succeeded),
            tuple(self._refused),
            self.stage.sent,
            self._met,
            self._let_pass,
        )

    def _do(self, move: Move, *, last: bool) -> None:
        match move.do:
            case "act":
                self._act(move, last=last)
            case "wait":
                self._wait(self._actor(move), move.until)
            case "pass":
                self._pass(self._actor(move), move.until)
            case "read":
                self._sights.look(self._actor(move), self.rules.lifecycle.readers[move.name])
            case "race":
                self._race(self._actor(move), move)
            case _:
                assert_never(move.do)

    # Actions.

    def _act(self, move: Move, *, last: bool) -> None:
        action = self.rules.lifecycle.actions[move.name]
        variant = action.variant(move.variant)
        line = self.rules.lifecycle.refusals[move.refusal] if move.refusal >= 0 else None
        actor = self._actor(move, action)
        self._met, self._let_pass = actor.label, False
        if action.put is not None:
            self._put(actor, action, variant)
        else:
            self._request(actor, action, variant, line)
        if self.kind == "path":
            self._sights.look_all(actor)
        elif self.kind == "forbidden" and last:
            self._sights.look(actor, self._reader())

    def _request(self, actor: Actor, action: Action, variant: Variant, line: Refusal | None) -> None:
        scene = scene_of(actor, self.actors, self.rules)
        believed = actor.may_be(self.rules, scene)
        ruling = _by_line(line) if line is not None else self.rules.ruling(action.name, believed, scene)
        label = f"{action.name} in {actor.label}{f' ({line.title})' if line is not None else ''}"
        key = (
            label,
            variant.name,
            repr(sorted(actor.facts.items())),
            repr(sorted(map(sorted, scene.others))),
        )
        template = {**action.input, **variant.input, **(line.replace if line is not None else {})}
        reply = self._sent(actor, action, template, self._expectation(ruling, label, key), ruling)
        if reply.success:
            # What is accepted against the documents tells nothing of where the resource is now.
            if ruling.verdict == "forbidden":
                actor.astray = self._let_pass = True
                self.stage.spoil()
            else:
                actor.believed = self.rules.explains(action.name, True, believed, scene)
                actor.facts |= variant.facts
                self.memory.accepted.add(key)
            self._sights.changed()
            shown = self._shown(actor, action, reply)
            if ruling.verdict != "forbidden":
                if shown:
                    self._reach(reply)
                self._answers(action, reply, ruling.source)
            return
        if ruling.verdict == "legal":
            self._refused_legal(label, reply)
        elif ruling.verdict == "open":
            self._explained(actor, action, reply, label, key)

    def _sent(
        self, actor: Actor, action: Action, template: Any, expectation: Expectation, ruling: Ruling
    ) -> Reply:
        """The reply to an action, told and counted. Raises Blocked for one that says nothing."""
        operation = self.stage.compiled.operation(action.operation)
        resolve = self._sights.resolver(actor)
        lenient = ruling.verdict == "forbidden" and not ruling.known
        reply = self.stage.request(operation, template, resolve, expectation, lenient=lenient)
        creates = actor.born is None
        self.stage.tell(
            Told(
                "request",
                len(self.moves) - 1,
                operation=operation.name,
                document=self.stage.shown(operation, template, actor.who, resolve),
                answer=reply.said,
                success=reply.success,
                saves=self._saves(actor, action) if creates and reply.success else {},
            )
        )
        self._reply(reply)
        if reply.crashed:
            raise Blocked(f"no usable answer to {expectation.state}: {reply.said[:160]}")
        if is_throttled(reply.answer):
            raise Blocked(f"the target asked to slow down: {reply.said[:160]}")
        return reply

    def _expectation(self, ruling: Ruling, label: str, key: tuple[str, ...]) -> Expectation:
        source = ruling.source
        evidence = source.text if source is not None else ""
        provenance = source.provenance if source is not None else "DOC"
        if ruling.verdict == "legal":
            before = self._before(key)
            return Expectation("accepted", evidence, provenance, accepted_before=before, state=label)
        if ruling.verdict == "open":
            return Expectation("answered", state=label)
        earns = "refused" if ruling.known else "unknown"
        return Expectation(earns, evidence, provenance, ruling.codes, state=label)  # type: ignore[arg-type]

    def _before(self, key: tuple[str, ...]) -> bool:
        """Whether the same action was accepted before, in the same state."""
        return key in self.memory.accepted and not self.memory.soiled

    def _refused_legal(self, label: str, reply: Reply) -> None:
        if self.kind != "walk":
            raise Blocked(f"{label} was refused with {reply.said[:160]}")

    def _explained(
        self, actor: Actor, action: Action, reply: Reply, label: str, key: tuple[str, ...]
    ) -> None:
        """A refusal that some states explain: whether the resource can have been in one of them."""
        scene = scene_of(actor, self.actors, self.rules)
        explained = self.rules.explains(action.name, False, actor.may_be(self.rules, scene), scene)
        self._sights.look(actor, self._reader())
        if actor.state and actor.state not in self.rules.closure(explained, scene, timed=actor.aged):
            # It can't: the action was legal all the time.
            expectation = Expectation("accepted", accepted_before=self._before(key), state=label)
            self._found(self.stage.rejudged(reply, expectation).violations)
            self._refused_legal(label, reply)

    def _shown(self, actor: Actor, action: Action, reply: Reply) -> bool:
        """Whether the answer to an action shows what it should: the resource, in a state that there is."""
        if action.shows is None:
            actor.born = actor.born if actor.born is not None else {}
            return True
        document = _inside(reply.document, action.shows)
        if actor.born is None:
            actor.born = document if isinstance(document, Mapping) else {}
        if not isinstance(document, Mapping):
            return False
        self._sights.see(actor, action.name, reply.operation, action.shows, document)
        return self.rules.recognised(document) is not None

    def _answers(self, action: Action, reply: Reply, source: Source | None) -> None:
        """What a success of the action has to show of itself."""
        if action.answers:
            source = source or Source("the action's lifecycle", "DOC")
            effect = Effect(f"{action.name} answers", frozenset(), (), action.operation, None, source)
            brought = Brought(effect, reply.operation, 200, "", reply.document, action.answers)
            self._found(self.stage.moment(brought))

    def _put(self, actor: Actor, action: Action, variant: Variant) -> None:
        assert action.put is not None
        assert variant.csv is not None
        scene = scene_of(actor, self.actors, self.rules)
        legal = self.rules.ruling(action.name, actor.may_be(self.rules, scene), scene).verdict == "legal"
        resolve = self._sights.resolver(actor)
        body, said, response = self.stage.put(action.put, variant.csv, resolve)
        shown = action.put.url.get("$own", "")
        self.stage.tell(
            Told(
                "put",
                len(self.moves) - 1,
                answer=said,
                success=200 <= response.status < 300,
                url=f"${variable(f'{actor.who}.{shown}')}",
                headers=action.put.headers,
                body=body,
                title=variant.name or action.name,
            )
        )
        self._sights.changed()
        if 200 <= response.status < 300 and legal:
            actor.facts |= variant.facts
        elif legal:
            raise Blocked(f"the upload was answered with {said}")

    def _saves(self, actor: Actor, action: Action) -> dict[str, tuple[str, ...]]:
        """The variables that requests take from what an action has created."""
        life = self.rules.lifecycle
        templates: list[Any] = [one.input for one in life.readers.values()]
        templates += [one.input for one in life.effects]
        for one in life.actions.values():
            templates += [one.input, one.put.url if one.put is not None else None]
        names = {str(symbol["$own"]) for item in templates for symbol in symbols(item) if "$own" in symbol}
        shows = action.shows or ()
        return {variable(f"{actor.who}.{name}"): (*shows, name) for name in sorted(names)}

    # Time.

    def _wait(self, actor: Actor, until: tuple[str, ...]) -> None:
        """Look until the resource is in one of the states, or rests. Raises Blocked if it will never be."""
        waiting = self.rules.lifecycle.waiting
        waited, pause, last = 0.0, waiting.pause, ""
        while True:
            if not self._sights.fresh(actor):
                self._sights.look(actor, self._reader())
            if actor.state != last:
                waited, pause, last = 0.0, waiting.pause, actor.state
                if self.kind == "path":
                    self._sights.look_all(actor)
            if actor.state in until or (not until and actor.state and self.rules.rests(actor.state)):
                return
            ahead = self.rules.closure(actor.believed, scene_of(actor, self.actors, self.rules))
            if until and not ahead & {*until}:
                raise Blocked(f"{' or '.join(until)} was not seen: {actor.who} is {actor.label}")
            if waited >= waiting.at_most:
                self._stuck(actor, waited)
            if self.expired():
                raise Blocked("the time for the run was up")
            waited += self._pause(actor, pause)
            pause *= 2

    def _pause(self, actor: Actor, seconds: float) -> float:
        """Let time pass on the target, moved if it can be; how much."""
        if self.stage.session.moves_time:
            self._move_time(actor, seconds)
            return seconds
        seconds = min(seconds, _LONGEST_PAUSE)
        self.stage.tell(Told("pause", len(self.moves) - 1, seconds=seconds))
        if self.stage.session.player is None:
            time.sleep(seconds)
        self._sights.changed()
        return seconds

    def _move_time(self, actor: Actor, seconds: float) -> None:
        wrong = self.stage.session.pass_time(seconds)
        if wrong:
            raise Blocked(f"time did not move: {wrong}")
        self.stage.tell(Told("time", len(self.moves) - 1, seconds=seconds))
        self._sights.changed()

    def _pass(self, actor: Actor, until: tuple[str, ...]) -> None:
        """Move time until what takes hours has happened. Raises Blocked where time can't be moved."""
        scene = scene_of(actor, self.actors, self.rules)
        lines = [
            line
            for line in self.rules.moves(actor.state, scene, timed=True)
            if line.after is not None and set(line.to) & set(until)
        ]
        if not lines and self.kind == "walk":
            return
        if not lines:
            raise Blocked(f"{' or '.join(until)} does not follow {actor.label}")
        if not self.stage.session.moves_time:
            raise Blocked("time can't be moved on this target, and this takes hours")
        seconds = max(line.after[1] for line in lines if line.after is not None)
        self._move_time(actor, seconds)
        for one in self.actors.values():
            one.aged = True
        self._sights.look(actor, self._reader())
        if actor.state not in until:
            self._stuck(actor, seconds, lines[0].source)
        if self.kind == "path":
            self._sights.look_all(actor)

    def _stuck(self, actor: Actor, seconds: float, source: Source | None = None) -> None:
        """The resource did not come on in time."""
        self._found(self.stage.moment(Waited(actor.seen[-1], seconds, source)))
        raise Blocked(f"{actor.who} was {actor.label} still, after {seconds:g} seconds")

    # Several at once.

    def _race(self, actor: Actor, move: Move) -> None:
        race = next(one for one in self.rules.lifecycle.races if one.name == move.name)
        scene = scene_of(actor, self.actors, self.rules)
        believed = actor.may_be(self.rules, scene)
        self._met = actor.label
        actions = [self.rules.lifecycle.actions[act.action] for act in race.acts for _ in range(act.times)]
        operations = [self.stage.compiled.operation(one.operation) for one in actions]
        resolve = self._sights.resolver(actor)
        label = f"{race.name} in {actor.label}"
        wanted = [(operation, one.input) for operation, one in zip(operations, actions, strict=True)]
        replies = self.stage.at_once(wanted, resolve, Expectation("answered", state=label))
        outcomes = Counter(
            (action.name, reply.success) for action, reply in zip(actions, replies, strict=True)
        )
        self._tell_race(actor, actions, replies)
        for reply in replies:
            self._reply(reply)
        if any(reply.crashed or is_throttled(reply.answer) for reply in replies):
            raise Blocked(f"no usable answers to {label}")
        for reply in replies:
            if reply.success:
                self._reach(reply)
        self._sights.changed()
        actor.astray = True
        self._sights.look(actor, self._reader())
        order = explain(self.rules, believed, scene, outcomes, actor.state or None)
        if not order and not any(accepted for _, accepted in outcomes):
            # Whatever refuses all of them may have a reason that nobody told.
            raise Blocked(f"{label}: all were refused, such as with {replies[0].said[:120]}")
        self._found(self.stage.moment(Raced(race, operations[0], outcomes, actor.state, order)))
        if order:
            self.stage.note(f"explained by: {', then '.join(order)}")

    def _tell_race(self, actor: Actor, actions: Iterable[Action], replies: Iterable[Reply]) -> None:
        """Equal requests with equal answers are one step of the transcript."""
        resolve = self._sights.resolver(actor)
        alike: dict[tuple[str, int, str], list[Reply]] = {}
        templates: dict[str, Any] = {}
        for action, reply in zip(actions, replies, strict=True):
            key = (action.name, reply.answer.response.status, reply.answer.code)
            alike.setdefault(key, []).append(reply)
            templates[action.name] = action.input
        for (name, _, _), group in alike.items():
            self.stage.tell(
                Told(
                    "request",
                    len(self.moves) - 1,
                    operation=group[0].operation.name,
                    document=self.stage.shown(group[0].operation, templates[name], actor.who, resolve),
                    answer=group[0].said,
                    success=group[0].success,
                    times=len(group),
                    at_once=True,
                )
            )

    # Before and after.

    def _actor(self, move: Move, action: Action | None = None) -> Actor:
        if move.who not in self.actors:
            if action is None or action.name not in self.rules.creators():
                raise Blocked(f"there is no {move.who} {self.rules.lifecycle.resource} yet")
            facts = {**self.rules.lifecycle.facts, **self.setting}
            self.actors[move.who] = Actor(move.who, frozenset({NOWHERE}), facts)
        actor = self.actors[move.who]
        if action is None and actor.born is None:
            raise Blocked(f"there is no {move.who} {self.rules.lifecycle.resource}")
        return actor

    def _reader(self) -> Reader:
        return next(one for one in self.rules.lifecycle.readers.values() if one.shows is not None)

    def _templates(self, move: Move) -> list[Any]:
        """What a move sends, so that the setup can be provided for it."""
        life = self.rules.lifecycle
        templates: list[Any] = [one.input for one in life.readers.values()]
        templates += [effect.input for effect in life.effects]
        names = [move.name] if move.do == "act" else []
        if move.do == "race":
            race = next(one for one in life.races if one.name == move.name)
            names = [act.action for act in race.acts]
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

    def _conclude(self) -> None:
        """What all states have brought about, once everything is done."""
        if self.kind == "walk":
            for actor in self.actors.values():
                if actor.born is not None:
                    self._sights.look_all(actor)
        if self.kind in ("path", "walk"):
            for actor in self.actors.values():
                for effect in self.rules.lifecycle.effects:
                    scene = scene_of(actor, self.actors, self.rules)
                    if actor.state in effect.states and all_hold(effect.when, scene):
                        self._effect(actor, effect)

    def _effect(self, actor: Actor, effect: Effect) -> None:
        operation = self.stage.compiled.operation(effect.operation)
        elements = actor.facts.get(effect.each, ()) if effect.each else (None,)
        for element in elements:
            resolve = self._sights.resolver(actor, each=element)
            reply = self.stage.request(operation, effect.input, resolve, Expectation("answered"))
            self.stage.tell(
                Told(
                    "request",
                    len(self.moves) - 1,
                    operation=operation.name,
                    document=self.stage.shown(operation, effect.input, actor.who, resolve),
                    answer=reply.said,
                    success=reply.success,
                )
            )
            self._reply(reply)
            if reply.crashed:
                raise Blocked(f"no usable answer to {operation.name}: {reply.said[:160]}")
            status = reply.answer.response.status
            shows = substitute(dict(effect.shows), _but_any(resolve))
            brought = Brought(effect, operation, status, reply.answer.code, reply.document, shows)
            self._found(self.stage.moment(brought))

    def _tidy(self) -> None:
        """End what was left behind, as far as it can be; whatever it says is no matter of this history."""
        told = list(self.stage.steps)
        for actor in self.actors.values():
            if actor.born is None:
                continue
            try:
                for name in self.rules.lifecycle.tidy:
                    self._tidied(actor, self.rules.lifecycle.actions[name])
                rests = self._comes_to_rest(actor)
            except Blocked:
                rests = False
            if not rests:
                self.memory.soiled = True
                self.stage.spoil()
        self.stage.steps[:] = told

    def _tidied(self, actor: Actor, action: Action) -> None:
        scene = scene_of(actor, self.actors, self.rules)
        ruling = self.rules.ruling(action.name, actor.may_be(self.rules, scene), scene)
        if ruling.verdict == "forbidden" or not action.operation:
            return
        operation = self.stage.compiled.operation(action.operation)
        resolve = self._sights.resolver(actor)
        reply = self.stage.request(operation, action.input, resolve, Expectation("unknown"))
        if reply.success:
            actor.believed = self.rules.after(action.name, actor.may_be(self.rules, scene), scene)

    def _comes_to_rest(self, actor: Actor) -> bool:
        """Whether the resource is where it stays, after a few looks if need be."""
        for _ in range(_LOOKS):
            if not actor.astray and actor.believed and all(map(self.rules.rests, actor.believed)):
                return True
            state = self._sights.glance(actor, self._reader())
            if state is None:
                return False
            actor.believed, actor.astray = frozenset({state}), False
            if not self.rules.rests(state):
                self._pause(actor, self.rules.lifecycle.waiting.pause)
        return all(map(self.rules.rests, actor.believed))

    # What was seen.

    def _reply(self, reply: Reply) -> None:
        self._found(reply.violations)
        if reply.success:
            self._succeeded.add(reply.operation.name)
        elif reply.answer.code:
            self._refused[reply.operation.name, reply.answer.code] = None

    def _reach(self, reply: Reply) -> None:
        """A legal request of the operation was answered with a success."""
        grave = any(one.severity == "error" and one.key not in self.known for one in reply.violations)
        if not grave:
            self._reached.add(reply.operation.name)

    def _found(self, violations: Iterable[Violation]) -> None:
        self._violations += [(one, len(self.moves) - 1, len(self.stage.steps)) for one in violations]


def _but_any(resolve: Resolve) -> Resolve:
    return lambda symbol: symbol if "$any" in symbol else resolve(symbol)


def _by_line(line: Refusal) -> Ruling:
    return Ruling("forbidden", line.source, (line.code,) if line.code else ())


def _inside(document: Any, path: Iterable[str]) -> Any:
    for step in path:
        document = document.get(step) if isinstance(document, Mapping) else None
    return document
