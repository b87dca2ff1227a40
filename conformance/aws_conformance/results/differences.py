# SPDX-License-Identifier: Apache-2.0
"""Where two targets differ that were sent the same cases, and which of them keeps to the documents.

It owns the comparison of the events of two runs of one plan. It refuses to know how either was run, and what
of an answer can be compared (engine/comparable.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from .events import (
    CaseFinished,
    CaseInfo,
    Errored,
    Event,
    NotImplementedByTarget,
    OperationFinished,
    Violated,
    tallied_as,
)

__all__ = ["Side", "TargetComparison", "TargetDifference", "compare"]

Side: TypeAlias = Literal["first", "second", "both", "neither"]
_Kind: TypeAlias = Literal["implemented", "answer", "member", "value", "history"]
_KINDS: tuple[_Kind, ...] = ("implemented", "history", "answer", "member", "value")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class TargetDifference:
    """One way in which two targets differ in an operation, with the first case that shows it.

    `place` is where in the answer, `first` and `second` what either has there; `departs` is who breaks what
    is documented, as far as the cases' verdicts tell; `count` is in how many cases it shows.
    """

    operation: str
    kind: _Kind
    place: str
    first: str
    second: str
    departs: Side
    case: CaseInfo | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """All differences, and how many cases both targets were asked."""

    differences: tuple[TargetDifference, ...]
    cases: int


def compare(first: Iterable[Event], second: Iterable[Event]) -> TargetComparison:
    """The differences of two runs of one plan, each once, in the order of their operations."""
    events = list(first), list(second)
    operations = [
        {event.operation: event for event in side if isinstance(event, OperationFinished)} for side in events
    ]
    cases = [_cases(side) for side in events]
    common = [identifier for identifier in cases[0] if identifier in cases[1]]
    by_key: dict[tuple[str, ...], TargetDifference] = {}
    for difference in (
        *_implemented(operations[0], operations[1]),
        *(item for key in common for item in _of_case(cases[0][key], cases[1][key])),
    ):
        key = _key(difference)
        known = by_key.get(key)
        by_key[key] = difference if known is None else replace(known, count=known.count + 1)
    order = {name: index for index, name in enumerate(operations[0])}
    ordered = sorted(
        by_key.values(),
        key=lambda item: (order.get(item.operation, len(order)), _KINDS.index(item.kind), item.place),
    )
    return TargetComparison(tuple(ordered), len(common))


def _cases(events: Sequence[Event]) -> dict[tuple[str, str], CaseFinished]:
    """The cases that a target answered, by operation and id. Random histories are another target's own."""
    return {
        (event.case.operation, event.case.id): event
        for event in events
        if isinstance(event, CaseFinished)
        and not isinstance(event.outcome, Errored | NotImplementedByTarget)
        and (event.case.phase != "stateful" or event.case.repeatable)
    }


def _implemented(
    first: Mapping[str, OperationFinished], second: Mapping[str, OperationFinished]
) -> Iterator[TargetDifference]:
    for name in first:
        other = second.get(name)
        if other is not None and first[name].implemented != other.implemented:
            words = ("implemented", "not implemented")
            if not first[name].implemented:
                words = (words[1], words[0])
            yield TargetDifference(name, "implemented", "", *words, departs="neither", case=None)


def _of_case(first: CaseFinished, second: CaseFinished) -> Iterator[TargetDifference]:
    case = first.case

    def difference(kind: _Kind, place: str, own: str, other: str) -> TargetDifference:
        at = place if kind in ("member", "value") else ""
        return TargetDifference(case.operation, kind, place, own, other, _departing(first, second, at), case)

    if case.phase == "stateful":
        words = [tallied_as(event.outcome).replace("_", " ") for event in (first, second)]
        # What one of them did not come as far as tells nothing of the two.
        if set(words) == {"verified", "violated"}:
            yield difference("history", case.title, *words)
        return
    own, other = _answer(first), _answer(second)
    if own != other:
        yield difference("answer", "", own, other)
    elif case.kind != "negative" and first.answer is not None and second.answer is not None:
        # What is odd in the answer to a broken request came with the request.
        for place in dict.fromkeys((*first.answer, *second.answer)):
            here, there = first.answer.get(place), second.answer.get(place)
            if here == there:
                continue
            if here is None or there is None:
                # What holds an absent member is told once, by the member.
                if not _is_within_absent(place, second.answer if there is None else first.answer):
                    yield difference("member", place, _texts(here), _texts(there))
            else:
                yield difference("value", place, _texts(here), _texts(there))


def _is_within_absent(place: str, other: Mapping[str, Sequence[str]]) -> bool:
    """Whether the list or structure that a place is in has no place at all in the other answer."""
    parent = place.rpartition(".")[0].removesuffix("[*]")
    return parent not in ("", "$") and not any(known.startswith(parent) for known in other)


def _answer(event: CaseFinished) -> str:
    if not event.answered:
        return "no answer"
    return f"{event.answered} {event.code}".strip()


def _texts(texts: Sequence[str] | None) -> str:
    return "absent" if texts is None else " | ".join(texts)[:_SHOWN]


def _departing(first: CaseFinished, second: CaseFinished, place: str) -> Side:
    """Who breaks what is documented, at a place of the answer if one is named."""
    wrong = _is_wrong(first, place), _is_wrong(second, place)
    sides: Mapping[tuple[bool, bool], Side] = {
        (True, False): "first",
        (False, True): "second",
        (True, True): "both",
    }
    return sides.get(wrong, "neither")


def _is_wrong(event: CaseFinished, place: str) -> bool:
    if not isinstance(event.outcome, Violated):
        return False
    return not place or any(violation.path == place for violation in event.outcome.violations)


def _key(difference: TargetDifference) -> tuple[str, ...]:
    """What makes two differences one: of values only that there is one."""
    own = () if difference.kind == "value" else (difference.first, difference.second)
    return (difference.operation, difference.kind, difference.place, difference.departs, *own)
