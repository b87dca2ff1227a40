# SPDX-License-Identifier: Apache-2.0
"""All histories of a lifecycle that need no chance: each legal path, each illegal transition, each race.

It owns the search for them, which asks the lifecycle alone, and their order: the shortest first. It refuses
to know targets: which of them a target lets happen is seen when they are walked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .belief import Rules
from .histories import History, Step, history
from .model import NOWHERE, Lifecycle, RefusalRule, Setting, Transition, Variant
from .predicates import OthersIn, Predicate, Scene, all_hold

__all__ = ["enumerated_histories"]

# The resource that a history is about, and the one that stands in its way.
_FIRST, _SECOND = "first", "second"
# A history of more moves is no history that anybody wants to read.
_LONGEST = 12

_Edge: TypeAlias = tuple[Transition, str]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a resource is: its state, the facts of it, and the moves that led there."""

    state: str
    facts: Mapping[str, Any]
    moves: tuple[Step, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return (self.state, repr(sorted(self.facts.items(), key=lambda item: item[0])))


def enumerated_histories(lifecycle: Lifecycle) -> tuple[History, ...]:
    """Every history that is exercised once; equal ones once.

    What tells most comes first: a way from nothing to each end; then what is known to be refused, and races
    of one action, of which one alone can win; then what is not known, and the other races; then the other
    ways and what the rest is made of. Within each of these the shortest is first.
    """
    paths = _Paths(lifecycle)
    usual = lifecycle.settings[0].name
    ways = sorted(paths.ways(), key=_length)
    ends = {history.info.title.rpartition(" ")[2]: history for history in reversed(ways)}
    first = [history for history in ways if history in ends.values()]
    forbidden = list(paths.forbidden())
    known = [history for history, line in forbidden if line.source.known]
    uploads = [history for history, line in forbidden if lifecycle.actions[line.of].put is not None]
    unknown = [history for history, _ in forbidden if history not in known and history not in uploads]
    histories: dict[str, History] = {}
    races = {history.info.title: history for history in paths.races()}
    alike = [races[race.name] for race in lifecycle.races if len(race.acts) == 1 and race.name in races]
    others = [history for history in races.values() if history not in alike]
    for part in (first, [*known, *alike], [*unknown, *others], ways, list(paths.rest(ways)), uploads):
        # What stands on another setting needs a setup of its own.
        for planned in sorted(part, key=lambda planned: (planned.setting != usual, _length(planned))):
            histories.setdefault(planned.info.id, planned)
    return tuple(histories.values())


def _length(history: History) -> int:
    # A race is more than a move.
    return len(history.moves) + (history.kind == "race")


class _Paths:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle
        self._rules = Rules(lifecycle)
        self._crossed_already: set[tuple[str, str, str]] = set()
        self._spots_of: dict[str, tuple[_Spot, ...]] = {}

    # Legal paths.

    def ways(self) -> Iterator[History]:
        """Each way from nowhere to an end without coming by a state twice."""
        for edges in self._ways(NOWHERE, ()):
            realised = self._realised(edges)
            if realised is None:
                continue
            setting, moves = realised
            self._crossed_already.update((line.by, line.origin, to) for line, to in edges)
            yield self._history("path", _way(edges), setting, moves)

    def rest(self, ways: Iterable[History]) -> Iterator[History]:
        """What none of these ways did; and each reader once."""
        moves = (move for step in ways for move in step.moves)
        walked = {(move.name, move.variant) for move in moves if move.do == "act"}
        yield from self._left_over(walked, self._crossed_already)
        yield from self._shown()

    def _shown(self) -> Iterator[History]:
        """What each reader shows of a resource that was just made."""
        for setting, spot in self._spots(None, (), among=frozenset(self._lifecycle.states)):
            for reader in self._lifecycle.readers.values():
                moves = (*spot.moves, Step("read", _FIRST, reader.name))
                title = f"{reader.name} in {spot.state}"
                yield history(self._lifecycle, "path", title, setting.name, moves, reader.operation)
            break

    def _ways(self, state: str, edges: tuple[_Edge, ...]) -> Iterator[tuple[_Edge, ...]]:
        been = {NOWHERE, *(to for _, to in edges)}
        ahead = [
            (line, to)
            for line in self._lifecycle.transitions
            if line.origin == state
            for to in _latest(self._rules, line)
            if to not in been
        ]
        if not ahead:
            if edges and self._rules.ends(state):
                yield edges
            return
        for edge in ahead:
            yield from self._ways(edge[1], (*edges, edge))

    def _left_over(
        self, walked: set[tuple[str, str]], crossed: set[tuple[str, str, str]]
    ) -> Iterator[History]:
        """Transitions on no path, such as those that lead back; and each variant that no path has used."""
        for line in self._lifecycle.transitions:
            for to in _latest(self._rules, line):
                if (line.by, line.origin, to) in crossed:
                    continue
                for setting, spot in self._spots(line.origin, (*line.when, *line.attempt)):
                    crossed.add((line.by, line.origin, to))
                    after = self._crossed(line, to, spot)
                    walked.update((step.name, step.variant) for step in after.moves if step.do == "act")
                    yield self._history("path", f"{_named(line)}: {line.origin} → {to}", setting, after.moves)
                    break
        for action in self._lifecycle.actions.values():
            for variant in action.variants:
                if (action.name, variant.name) not in walked:
                    yield from self._with_variant(action.name, variant)

    def _with_variant(self, name: str, variant: Variant) -> Iterator[History]:
        """The shortest history that takes an action in that variant, and what comes of it."""
        action = self._lifecycle.actions[name]
        for line in self._lifecycle.transitions:
            if line.by != name:
                continue
            for setting, spot in self._spots(line.origin, line.when):
                moves = (*spot.moves, Step("act", _FIRST, name, variant.name))
                moves += tuple(Step("act", _FIRST, other) for other in action.then)
                if action.then:
                    moves += (Step("wait", _FIRST),)
                title = ", then ".join((f"{name}: {variant.name}", *action.then))
                yield self._history("path", title, setting, moves)
                return

    # Illegal transitions.

    def forbidden(self) -> Iterator[tuple[History, RefusalRule]]:
        for index, line in enumerate(self._lifecycle.refusals):
            for state in line.states:
                own = tuple(condition for condition in line.when if not isinstance(condition, OthersIn))
                crowd = next(
                    (
                        condition
                        for condition in line.when
                        if isinstance(condition, OthersIn) and not condition.negated
                    ),
                    None,
                )
                for setting, spot in self._spots(state, own):
                    before = spot.moves
                    if crowd is not None:
                        other = self._other(setting, crowd.states)
                        if other is None:
                            continue
                        before += other
                    last = Step(
                        "act",
                        _FIRST,
                        line.of,
                        self._usual_variant(line.of),
                        refusal=index if line.replace else -1,
                    )
                    title = self._refused_title(line.of, state, line.title, line.when)
                    refused = self._history("forbidden", title, setting, (*before, last), state)
                    ways = [(*way, last) for way in self._by_choice(setting, state) if way != before]
                    yield replace(refused, otherwise=tuple(ways) if crowd is None else ()), line
                    break

    def _by_choice(self, setting: Setting, state: str) -> Iterator[tuple[Step, ...]]:
        """Other ways into a state that a target may leave out: one by each line that leads there."""
        for line in self._lifecycle.transitions:
            if line.by and len(line.to) > 1 and state in line.to:
                for _, spot in self._spots(line.origin, line.when, within=setting):
                    yield (*spot.moves, Step("act", _FIRST, line.by, self._usual_variant(line.by)))

    def _usual_variant(self, action: str) -> str:
        return self._lifecycle.actions[action].variants[0].name

    def _refused_title(self, action: str, state: str, title: str, when: Iterable[Predicate]) -> str:
        why = title or " and ".join(map(str, when))
        return f"{action} in {state}{f' ({why})' if why else ''}"

    def _other(self, setting: Setting, states: frozenset[str]) -> tuple[Step, ...] | None:
        """The moves that bring a second resource into one of some states, in the same setting."""
        for _, spot in self._spots(None, (), within=setting, among=states):
            return tuple(Step(step.do, _SECOND, step.name, step.variant, step.until) for step in spot.moves)
        return None

    def races(self) -> Iterator[History]:
        for race in self._lifecycle.races:
            for setting, spot in self._spots(race.state, race.when):
                moves = (*spot.moves, Step("race", _FIRST, race.name))
                subject = self._lifecycle.actions[race.acts[0].action].operation
                yield history(self._lifecycle, "race", race.name, setting.name, moves, subject, race.state)
                break

    # The search.

    def _spots(
        self,
        state: str | None,
        when: tuple[Predicate, ...],
        within: Setting | None = None,
        among: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[Setting, _Spot]]:
        """The shortest way to where a resource is in the state and the conditions hold, by setting."""
        for setting in (within,) if within is not None else self._lifecycle.settings:
            for spot in self._reachable(setting):
                fits = spot.state == state or spot.state in among
                if fits and all_hold(when, Scene(spot.facts)):
                    yield setting, spot
                    break

    def _reachable(self, setting: Setting) -> tuple[_Spot, ...]:
        """Everywhere that legal moves lead, nearest first."""
        if setting.name not in self._spots_of:
            start = _Spot(NOWHERE, {**self._lifecycle.facts, **setting.facts})
            spots = {start.key: start}
            left = deque([start])
            while left:
                spot = left.popleft()
                for nearer in self._next(spot) if len(spot.moves) < _LONGEST else ():
                    if nearer.key not in spots:
                        spots[nearer.key] = nearer
                        left.append(nearer)
            self._spots_of[setting.name] = tuple(spots.values())
        return self._spots_of[setting.name]

    def _next(self, spot: _Spot) -> Iterator[_Spot]:
        for line in self._lifecycle.transitions:
            scene = Scene(spot.facts)
            if line.origin != spot.state or not all_hold((*line.when, *line.attempt), scene):
                continue
            for to in line.to:
                yield from self._taken(line, to, spot)

    def _taken(self, line: Transition, to: str, spot: _Spot) -> Iterator[_Spot]:
        """Where a transition leads: once for each variant of its action."""
        if not line.by:
            yield self._crossed(line, to, spot)
            return
        for variant in self._lifecycle.actions[line.by].variants:
            moves = (*spot.moves, Step("act", _FIRST, line.by, variant.name), *self._completed(line, to))
            yield _Spot(to, {**spot.facts, **variant.facts}, moves)

    def _completed(self, line: Transition, to: str) -> tuple[Step, ...]:
        """What is waited for after an action that leads to one of several states, at the target's choice."""
        chosen = len(line.to) > 1 and to in _latest(self._rules, line)
        return (Step("wait", _FIRST, until=(to,)),) if chosen else ()

    def _crossed(self, line: Transition, to: str, spot: _Spot) -> _Spot:
        """Where a transition leads in its first variant; what happens by itself is waited for."""
        if not line.by:
            move = Step("pass" if line.after else "wait", _FIRST, until=(to,))
            return _Spot(to, spot.facts, (*spot.moves, move))
        variant = self._lifecycle.actions[line.by].variants[0]
        moves = (*spot.moves, Step("act", _FIRST, line.by, variant.name), *self._completed(line, to))
        return _Spot(to, {**spot.facts, **variant.facts}, moves)

    def _realised(self, edges: tuple[_Edge, ...]) -> tuple[Setting, tuple[Step, ...]] | None:
        """The shortest moves along a way, with what its conditions need done in between."""
        for setting in self._lifecycle.settings:
            start = _Spot(NOWHERE, {**self._lifecycle.facts, **setting.facts})
            left: deque[tuple[int, _Spot]] = deque([(0, start)])
            seen: set[tuple[int, tuple[str, str]]] = set()
            while left:
                place, spot = left.popleft()
                if place == len(edges):
                    return setting, spot.moves
                if (place, spot.key) in seen or len(spot.moves) > _LONGEST:
                    continue
                seen.add((place, spot.key))
                scene = Scene(spot.facts)
                line, to = edges[place]
                if all_hold((*line.when, *line.attempt), scene):
                    left.append((place + 1, self._crossed(line, to, spot)))
                for other in self._lifecycle.transitions:
                    # What changes facts and not the state: a file is put where it is needed.
                    if (
                        other.by
                        and other.to == (spot.state,) == (other.origin,)
                        and all_hold(other.when, scene)
                    ):
                        left += [(place, nearer) for nearer in self._taken(other, spot.state, spot)]
        return None

    def _history(
        self, kind: Any, title: str, setting: Setting, moves: tuple[Step, ...], state: str = ""
    ) -> History:
        acts = [self._lifecycle.actions[step.name].operation for step in moves if step.do == "act"]
        subject = acts[-1] if kind == "forbidden" else next((step for step in reversed(acts) if step), "")
        if setting is not self._lifecycle.settings[0]:
            title = f"{title}, {setting.name}"
        return history(
            self._lifecycle, kind, title, setting.name, moves, subject or self._lifecycle.subject, state
        )


def _latest(rules: Rules, line: Transition) -> tuple[str, ...]:
    """The states that a transition leads to, less those that lead to another of them by themselves.

    How far a target comes before it answers is its own choice.
    """
    if len(line.to) == 1:
        return line.to
    scene = Scene({})
    return tuple(
        state
        for state in line.to
        if not any(other in rules.closure((state,), scene) for other in line.to if other != state)
    )


def _way(edges: Iterable[_Edge]) -> str:
    parts = []
    for line, to in edges:
        between = [f"({state})" for state in line.to if state != to]
        parts.append(" → ".join((*between, to)))
    return " → ".join(parts)


def _named(line: Transition) -> str:
    return line.by or "by itself"
