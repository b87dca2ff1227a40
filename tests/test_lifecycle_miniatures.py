# SPDX-License-Identifier: Apache-2.0
"""Implementations that tell the wrong story of an import job are caught, by the shortest history of it.

The miniatures are rows of tests/miniatures/lives.py; a check of histories without one fails here. This file
owns the runs against them and what is wrong with their verdicts. It refuses to know how a life goes wrong.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.miniatures.lives import LIVES, Life, conforming

from aws_conformance.checks import CATALOGUE, LIFECYCLE_CATALOGUE, ORACLE_CATALOGUE, Breach
from aws_conformance.engine.histories.phase import StatefulPhase
from aws_conformance.engine.plan import DEFAULT_SELECTORS, Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.reference import ManualClock
from aws_conformance.results.events import CaseFinished, Event, OperationFinished, Reported
from aws_conformance.spec.selectors import select
from aws_conformance.targets.server import Handler, serve

_SEVERITIES: Mapping[str, str] = {
    **{name: check.severity for name, check in CATALOGUE.items()},
    **{name: check.severity for name, check in LIFECYCLE_CATALOGUE.items()},
}
# A finding has to be there, confirmed and shortened, before so many requests were sent.
_FEW = 100
# Operations of the setup, whose steps stand in a transcript where they are first needed.
_SETUP = ("CreateUserPool", "GetCSVHeader", "AdminCreateUser")
_BEGAN = 1_800_000_000.0

rows = pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)


@dataclass(slots=True)
class Counted:
    """A handler that counts its requests: operations, uploads and moves of time."""

    handler: Handler
    requests: int = 0

    def __call__(self, request: Request) -> Response:
        # From many threads at once in a race; a count that is too low by one would be no harm.
        self.requests += 1
        return self.handler(request)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run said; `seen` is how many requests had been sent when the first finding of the miniature
    was shown to the engine, `confirmed` when it was confirmed and shortened (0: it never was).
    """

    exit: int
    events: tuple[Event, ...]
    seen: int = 0
    confirmed: int = 0

    @property
    def findings(self) -> tuple[Reported, ...]:
        """What was reported above a note: the reference earns notes, as real answers of AWS do."""
        reported = (event for event in self.events if isinstance(event, Reported))
        return tuple(finding for finding in reported if finding.violation.severity != "note")


def verdict_on(
    handler: Handler,
    operations: tuple[str, ...],
    seed: int = 1,
    max_examples: int = 0,
    life: Life | None = None,
) -> Verdict:
    """A run of all histories of some operations; what is counted is about the finding of `life`."""
    events: list[Event] = []
    errors: list[str] = []
    counted = Counted(handler)
    marks: list[int] = []
    confirmed = StatefulPhase.confirmed

    def marked(self: StatefulPhase, violation: Any, history: Any, walk: Any) -> Any:
        matches = life is not None and (violation.check, violation.path) == (life.breaks, life.at)
        before = counted.requests
        again = confirmed(self, violation, history, walk)
        if matches and not marks:
            marks.extend((before, counted.requests))
        return again

    with serve(counted, on_error=errors.append) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(StatefulPhase, "confirmed", marked)
        target = UrlTarget(server.url, claims=("clock",))
        # Oracles have miniatures of their own, and see some of these lives as well.
        plan = Plan(
            operations,
            target,
            phases=("stateful",),
            seed=seed,
            max_examples=max_examples,
            excluded_checks=tuple(ORACLE_CATALOGUE),
        )
        code = run(plan, events.append)
    if errors:
        # A miniature must be wrong in its one way, not by a mistake in how it is written.
        raise RuntimeError(f"the handler raised: {errors[0]}")
    return Verdict(code, tuple(events), *marks)


def verdict_on_life(life: Life) -> Verdict:
    return verdict_on(life.make(7, ManualClock(_BEGAN)), (life.operation,), life=life)


@functools.cache
def _once(name: str) -> Verdict:
    """The run against a miniature, made once for all tests that look at it."""
    return verdict_on_life(next(life for life in LIVES if life.name == name))


def _own(life: Life, verdict: Verdict) -> Iterator[Reported]:
    """The findings that the row promises."""
    for finding in verdict.findings:
        if (finding.violation.check, finding.violation.path) == (life.breaks, life.at):
            yield finding


def complaints(life: Life, verdict: Verdict) -> list[str]:
    """What is wrong with the verdict on a miniature; nothing if it is right.

    Right is: the check is broken where the row says, no other check is, and the exit code follows from the
    check's severity.
    """
    complaints = []
    places = [
        finding.violation.path for finding in verdict.findings if finding.violation.check == life.breaks
    ]
    if not places:
        complaints.append(f"not caught by {life.breaks}")
    elif life.at not in places:
        complaints.append(f"caught at {', '.join(places)} rather than at {life.at}")
    complaints += [
        f"caught by {violation.check} as well ({violation.severity}): {violation.message}"
        for violation in (finding.violation for finding in verdict.findings)
        if violation.check != life.breaks
    ]
    expected = 1 if _SEVERITIES[life.breaks] == "error" else 0
    if verdict.exit != expected:
        complaints.append(f"exit code {verdict.exit} rather than {expected}")
    return complaints


def _in_words(move: Mapping[str, Any]) -> str:
    """A move of a report: who, what, and how."""
    done = move["name"] if move["do"] == "act" else f"{move['do']} {move.get('name', '')}".strip()
    variant = f" ({move['variant']})" if "variant" in move else ""
    until = f" until {' or '.join(move['until'])}" if "until" in move else ""
    return f"{move['who']}: {done}{variant}{until}"


def _moves(finding: Reported) -> tuple[str, ...]:
    return tuple(_in_words(move) for move in finding.reproduction.source.sent["history"]["moves"])


def _steps(finding: Reported) -> tuple[str, ...]:
    """The lines of a transcript without those of the setup."""
    lines = (line.partition(". ")[2] for line in finding.reproduction.transcript)
    return tuple(line for line in lines if line.partition(" ")[0] not in _SETUP)


# --- what conforms


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_conforming_implementation_breaks_nothing(seed: int) -> None:
    operations = tuple(select(DEFAULT_SELECTORS))
    verdict = verdict_on(conforming(7, ManualClock(_BEGAN)), operations, seed=seed, max_examples=10)
    assert verdict.findings == ()
    assert verdict.exit == 0
    finished = [event for event in verdict.events if isinstance(event, OperationFinished)]
    lived = [history for event in finished for history in event.histories]
    assert [(history.case.title, history.reason) for history in lived if history.outcome != "verified"] == []
    kinds = Counter(history.case.kind for history in lived)
    assert min(kinds[kind] for kind in ("path", "forbidden", "race")) > 0
    # What was made by chance is counted with the rest, and conforms too.
    walks = [
        event for event in verdict.events if isinstance(event, CaseFinished) and event.case.kind == "walk"
    ]
    assert len(walks) == 10
    assert all(event.reached for event in finished)


# --- what does not


def test_every_check_of_histories_has_a_miniature() -> None:
    assert set(LIFECYCLE_CATALOGUE) <= {life.breaks for life in LIVES}


def test_names_are_unique() -> None:
    names = [life.name for life in LIVES]
    assert len(set(names)) == len(names)


@rows
def test_a_miniature_is_caught_by_its_check_alone(life: Life) -> None:
    assert complaints(life, _once(life.name)) == []


@rows
def test_the_shortest_history_shows_it(life: Life) -> None:
    finding = next(_own(life, _once(life.name)))
    assert _moves(finding) == life.moves
    assert len(_steps(finding)) <= life.steps, "\n".join(finding.reproduction.transcript)


@rows
def test_a_miniature_is_caught_in_few_requests(life: Life) -> None:
    verdict = _once(life.name)
    assert verdict.confirmed > verdict.seen > 0
    assert verdict.confirmed < _FEW, (
        f"seen after {verdict.seen} requests, confirmed and shortened after {verdict.confirmed}"
    )


# --- that it is the check which catches it


def _empty_body(moment: object) -> Iterator[Breach]:
    """What is left of a check whose body was deleted."""
    yield from ()


@pytest.mark.parametrize("check", LIFECYCLE_CATALOGUE)
def test_a_deleted_check_is_missed(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    emptied = {**LIFECYCLE_CATALOGUE, check: replace(LIFECYCLE_CATALOGUE[check], run=_empty_body)}
    monkeypatch.setattr("aws_conformance.engine.selection.LIFECYCLE_CATALOGUE", emptied)
    life = next(life for life in LIVES if life.breaks == check)
    verdict = verdict_on_life(life)
    # Uncaught: no other check stands in for it.
    assert verdict.findings == ()
    assert f"not caught by {check}" in complaints(life, verdict)


# --- that a run can be had again

# What a server chooses: identifiers, addresses with their ports and signatures (transcripts cut these), time.
_MASKS = (
    (re.compile(r"http://127\.0\.0\.1:\d+[^\s\"]*"), "ADDRESS"),
    (re.compile(r"import-[0-9A-Za-z]{10}"), "JOB"),
    (re.compile(r"us-east-1_[0-9A-Za-z]{9}"), "POOL"),
    (re.compile(r"\b1[89]\d{8}(?:\.\d+)?\b"), "TIME"),
)


def _masked(text: str) -> str:
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


def _story(verdict: Verdict) -> list[tuple[str, ...]]:
    """All findings, notes too, with their transcripts, less what only one server knows.

    How often each was seen is left out: it depends on who came first in a race.
    """
    reported = [event for event in verdict.events if isinstance(event, Reported)]
    return [
        (
            *finding.violation.key,
            *_moves(finding),
            *map(_masked, (finding.violation.message, *finding.reproduction.transcript)),
        )
        for finding in reported
    ]


@pytest.mark.parametrize("name", ["restarts-a-stopped-job", "counters-do-not-add-up", "stop-without-end"])
def test_the_same_seed_tells_the_same_story(name: str) -> None:
    life = next(life for life in LIVES if life.name == name)

    def verdict(identifiers: int, began: float) -> Verdict:
        # Of another server's choice are its identifiers, its port and its time.
        handler = life.make(identifiers, ManualClock(began))
        return verdict_on(handler, (life.operation,), seed=3, max_examples=10)

    first, second = verdict(7, _BEGAN), verdict(8, _BEGAN + 86_400.0)
    assert _story(first) == _story(second)
    assert any(key[1] == life.breaks for key in _story(first))
    assert str(first.events) != str(second.events)
    titles = [
        [event.case.title for event in verdict.events if isinstance(event, CaseFinished)]
        for verdict in (first, second)
    ]
    assert titles[0] == titles[1]
