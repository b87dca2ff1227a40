# SPDX-License-Identifier: Apache-2.0
"""Checks of histories: is the story that a target's answers tell the documented one.

It owns the rules about more than one answer. It refuses to know how a history is walked; a moment of it
carries all that a rule needs. What a single answer says of the state that it met (`lifecycle.refusal`) is
judged where all answers are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

from ..cases.lifecycles.model import Citation, DocumentLine
from ..cases.lifecycles.predicates import UNKNOWN
from ..results.terms import Provenance, Severity
from .check import Breach, Check
from .history_subjects import (
    ConcurrentRun,
    HistoryMoment,
    HistorySubject,
    Observation,
    ObservedEffect,
    ObservedResource,
    WaitTimeout,
)
from .response import shorten

__all__ = ["LIFECYCLE_CATALOGUE", "HistoryCheck"]


HistoryCheck: TypeAlias = Check[HistoryMoment]


def _transition(seen: ObservedResource) -> Iterator[Breach]:
    observation = seen.observation
    if observation.state is None or observation.state in seen.believed:
        return
    before, may = _or(seen.before), _or(seen.believed)
    path = (*observation.path, *seen.marks[:1]) if observation.document is not None else ("(answer)",)
    expected = may if seen.before == seen.believed else f"{may}, after {before}"
    yield Breach(path, expected, observation.state, f"{before} → {observation.state}")


def _stuck(waited: WaitTimeout) -> Iterator[Breach]:
    state = waited.observation.state or "an unknown state"
    expected = f"{state} to pass ({waited.source.text})" if waited.source else f"{state} to pass"
    got = f"{state} still, after {waited.seconds:g} seconds"
    yield _sourced(Breach((*waited.observation.path,), expected, got, state), waited.source)


def _members(seen: ObservedResource) -> Iterator[tuple[str, Any, Any]]:
    document = seen.observation.document
    if document is not None:
        for line in seen.lines:
            yield from ((name, line, document) for name in (*line.has, *line.lacks))


def _absent(seen: ObservedResource) -> Iterator[Breach]:
    for name, line, document in _members(seen):
        if name in line.has and document.get(name) is None:
            expected = f"to be there in {seen.observation.state} ({line.source.text})"
            yield _sourced(_at(seen, name, expected, "nothing"), line.source)


def _unexpected(seen: ObservedResource) -> Iterator[Breach]:
    for name, line, document in _members(seen):
        if name in line.lacks and document.get(name) is not None:
            expected = f"no {name} in {seen.observation.state} ({line.source.text})"
            yield _sourced(_at(seen, name, expected, shorten(document[name])), line.source)


def _value(seen: ObservedResource) -> Iterator[Breach]:
    document = seen.observation.document
    for line in seen.lines if document is not None else ():
        for name, value in line.values.items():
            on_record = _resolved(value, seen.facts)
            if on_record is UNKNOWN or not document or name not in document:
                continue
            if document[name] != on_record:
                expected = f"{shorten(on_record)} in {seen.observation.state} ({line.source.text})"
                yield _sourced(_at(seen, name, expected, shorten(document[name])), line.source)


def _counters(seen: ObservedResource) -> Iterator[Breach]:
    document = seen.observation.document
    for line in seen.lines if document is not None else ():
        assert document is not None
        for name, value in line.counts.items():
            number = _resolved(value, seen.facts)
            if name in document and number not in (None, UNKNOWN) and document[name] != number:
                expected = f"{number} in {seen.observation.state} ({line.source.text})"
                yield _sourced(_at(seen, name, expected, shorten(document[name])), line.source)
        if line.sums and all(isinstance(document.get(name), int | float) for name in line.sums):
            yield from _sum(seen, line.sums, sum(document[name] for name in line.sums), line)


def _sum(seen: ObservedResource, names: tuple[str, ...], got: float, line: Any) -> Iterator[Breach]:
    totals = [_resolved(total, seen.facts) for total in line.totals]
    if None in totals or UNKNOWN in totals or (got <= totals[0] if line.at_most else got in totals):
        return
    limit = f"at most {totals[0]}" if line.at_most else " or ".join(map(str, totals))
    expected = f"{' + '.join(names)} to be {limit} in {seen.observation.state} ({line.source.text})"
    yield _sourced(
        Breach(seen.observation.path, expected, f"{got}", f"sum in {seen.observation.state}"), line.source
    )


def _constant(seen: ObservedResource) -> Iterator[Breach]:
    """Members that were said once and for all; whether a list says the same is a matter of agreement."""
    document = seen.observation.document
    for line in seen.lines if document is not None else ():
        for name in line.constant:
            first = next(
                (observation for observation in seen.earlier if _compares(observation, seen, line, name)),
                None,
            )
            if first is None or not document or name not in document or first.document is None:
                continue
            if document[name] != first.document[name]:
                expected = f"{shorten(first.document[name])}, as {first.shown_by} showed ({line.source.text})"
                breach = _at(seen, name, expected, shorten(document[name]), "changes")
                yield _sourced(replace(breach, quotes=True), line.source)


def _compares(earlier: Observation, seen: ObservedResource, line: DocumentLine, name: str) -> bool:
    """Whether an earlier observation says what a constant member is."""
    if earlier.document is None or earlier.document.get(name) is None:
        return False
    same_kind = earlier.listed == seen.observation.listed
    return same_kind and (not line.states or earlier.state in line.states)


def _as_requested(seen: ObservedResource) -> Iterator[Breach]:
    """Members of the answer that first shows a resource, against the request that created it."""
    document = seen.observation.document
    if document is None or seen.earlier:
        return
    for line in seen.lines:
        for name, member in line.requested.items():
            asked = seen.asked.get(member)
            shown = document.get(name)
            if seen.masked and _is_mask(shown):
                continue
            if asked is not None and shown is not None and shown != asked:
                expected = f"{shorten(asked)}, as {member} was given ({line.source.text})"
                yield _sourced(_at(seen, name, expected, shorten(shown), "given"), line.source)


def _agreement(seen: ObservedResource) -> Iterator[Breach]:
    """Whoever shows the resource in a state that rests shows the same, as long as nothing is done."""
    observation = seen.observation
    others = [
        earlier
        for earlier in seen.earlier
        if earlier.epoch == observation.epoch
        and earlier.shown_by != observation.shown_by
        and earlier.document is not None
    ]
    if not others or not seen.rests:
        return
    other = others[-1]
    assert other.document is not None
    if observation.document is None:
        expected = f"the resource, which {other.shown_by} shows in {other.state}"
        yield Breach(observation.path or ("(answer)",), expected, "none such", observation.shown_by)
        return
    for line in seen.lines:
        for name in line.same:
            ours, theirs = observation.document.get(name), other.document.get(name)
            if ours != theirs and (
                ours is None or theirs is None or _is_constant_in(name, seen, other.shown_by)
            ):
                expected = f"{shorten(theirs)}, as {other.shown_by} shows ({line.source.text})"
                got = shorten(ours) if ours is not None else "nothing"
                yield _sourced(
                    replace(_at(seen, name, expected, got, observation.shown_by), quotes=True), line.source
                )


def _is_constant_in(name: str, seen: ObservedResource, shower: str) -> bool:
    """A member that changed within one reader's answers is no matter of two readers."""
    own = [
        observation
        for observation in seen.earlier
        if observation.epoch == seen.observation.epoch and observation.shown_by == shower
    ]
    values = {
        shorten(observation.document.get(name)) for observation in own if observation.document is not None
    }
    return len(values) <= 1


def _effect(brought: ObservedEffect) -> Iterator[Breach]:
    effect = brought.effect
    said = f"{brought.status} {brought.code}".strip()
    cause = effect.name
    if effect.refused:
        if 200 <= brought.status < 300 or brought.code != effect.refused:
            expected = f"{effect.refused} ({effect.source.text})"
            yield _sourced(Breach(("(answer)",), expected, said, cause), effect.source)
        return
    if not 200 <= brought.status < 300:
        yield _sourced(Breach(("(answer)",), f"success ({effect.source.text})", said, cause), effect.source)
        return
    for path, value in brought.shows.items():
        # Dots between brackets are of a value.
        steps = tuple(re.split(r"\.(?![^\[]*\])", path))
        shown = _inside(brought.document, steps)
        anything = isinstance(value, dict) and "$any" in value
        if brought.masked and _is_mask(shown):
            continue
        if shown is None or (not anything and shown != value):
            expected = f"{'a value' if anything else shorten(value)} ({effect.source.text})"
            got = shorten(shown) if shown is not None else "nothing"
            yield _sourced(Breach(_plain(steps), expected, got, cause), effect.source)


def _concurrency(raced: ConcurrentRun) -> Iterator[Breach]:
    if raced.order:
        return
    answers = ", ".join(
        f"{count} {action} {'accepted' if accepted else 'refused'}"
        for (action, accepted), count in sorted(
            raced.outcomes.items(), key=lambda item: (item[0][0], not item[0][1])
        )
    )
    expected = f"answers that some order of the requests explains ({raced.race.source.text})"
    got = f"{answers}, and {raced.state} afterwards, which no order explains"
    yield _sourced(Breach(("(requests at once)",), expected, got, raced.race.name), raced.race.source)


_DOCUMENTED = "the resource's lifecycle, each line with its source"


def _row(
    name: str,
    requirement: str,
    rule: Callable[[Any], Iterator[Breach]],
    kind: type[HistorySubject],
    *,
    severity: Severity = "error",
    provenance: Provenance = "DOC",
) -> HistoryCheck:
    """A rule about one kind of moment."""
    return Check(
        f"lifecycle.{name}",
        requirement,
        severity,
        provenance,
        _DOCUMENTED,
        lambda moment: rule(moment.shown),
        about=frozenset({kind.__name__}),
    )


_ROWS: tuple[HistoryCheck, ...] = (
    _row(
        "agreement",
        "Two operations that show the same resource at rest show the same of it.",
        _agreement,
        ObservedResource,
    ),
    _row(
        "concurrency",
        "Requests at once are answered as if they had come in some order.",
        _concurrency,
        ConcurrentRun,
    ),
    _row(
        "constant",
        "What is said of a resource once and for all does not change.",
        _constant,
        ObservedResource,
    ),
    _row("counters", "Counters add up to what was there to count.", _counters, ObservedResource),
    _row("effect", "What a state is documented to bring about has happened.", _effect, ObservedEffect),
    _row("given", "A resource is created as it was asked for.", _as_requested, ObservedResource),
    _row(
        "member.absent",
        "A resource shows the members that its state is known to have.",
        _absent,
        ObservedResource,
        provenance="OBSERVED",
    ),
    _row(
        "member.unexpected",
        "A resource does not show members that its state is known not to have.",
        _unexpected,
        ObservedResource,
        provenance="OBSERVED",
    ),
    _row(
        "member.value",
        "A member has the value that is on record for the resource's state.",
        _value,
        ObservedResource,
        severity="warning",
        provenance="OBSERVED",
    ),
    _row("stuck", "A state that is documented to pass does pass.", _stuck, WaitTimeout),
    _row(
        "transition",
        "A resource comes from one state to another only as documented.",
        _transition,
        ObservedResource,
    ),
)

LIFECYCLE_CATALOGUE: Mapping[str, HistoryCheck] = MappingProxyType({row.id: row for row in _ROWS})


def _sourced(breach: Breach, source: Citation | None) -> Breach:
    """A breach of a line of the documents. Of what nothing public says, it is worth a remark, and no more."""
    if source is None:
        return breach
    return replace(breach, provenance=source.provenance, doubtful=not source.known)


def _at(seen: ObservedResource, name: str, expected: str, got: str, cause: str = "") -> Breach:
    return Breach((*seen.observation.path, name), expected, got, cause or f"in {seen.observation.state}")


def _resolved(value: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(value, dict) and len(value) == 1 and "$fact" in value:
        return facts.get(value["$fact"])
    return value


def _inside(document: Any, steps: Iterable[str]) -> Any:
    """What stands at a path; `Members[Name=x]` is the element of a list whose member has that value."""
    for step in steps:
        name, _, chosen = step.partition("[")
        document = document.get(name) if isinstance(document, dict) else None
        if chosen:
            key, _, value = chosen.rstrip("]").partition("=")
            elements = document if isinstance(document, list) else []
            document = next(
                (element for element in elements if isinstance(element, dict) and element.get(key) == value),
                None,
            )
    return document


def _plain(steps: Iterable[str]) -> tuple[str | int, ...]:
    """The path as it is told: an element of a list is any of them."""
    path: list[str | int] = []
    for step in steps:
        name, _, chosen = step.partition("[")
        path += [name, 0] if chosen else [name]
    return tuple(path)


def _is_mask(value: Any) -> bool:
    """Whether this is what recordings hold in the place of a sensitive text."""
    return isinstance(value, str) and set(value) == {"x"}


def _or(states: Iterable[str]) -> str:
    return " or ".join(sorted(states))
