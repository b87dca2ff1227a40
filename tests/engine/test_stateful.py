# SPDX-License-Identifier: Apache-2.0
"""The phase `stateful` as a whole: which histories a run has, how many, on which worker, until when.

Targets are the embedded reference, and the reference behind an address without control of its time.
"""

from __future__ import annotations

import functools
import io
import re
import time
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.switchable import events_of, findings, footer

from aws_conformance.checks import ORACLE_CATALOGUE
from aws_conformance.engine.plan import DEFAULT_SELECTORS, Plan, UrlTarget
from aws_conformance.engine.shards import shards
from aws_conformance.reference import ManualClock, Reference, Settings
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    Lived,
    OperationFinished,
    OperationStarted,
    Reported,
    Verified,
    WaitStarted,
)
from aws_conformance.results.reports.ndjson import begin
from aws_conformance.spec.selectors import select
from aws_conformance.targets.server import serve

CREATE, START, STOP = (
    f"cognito-idp:{name}" for name in ("CreateUserImportJob", "StartUserImportJob", "StopUserImportJob")
)
HEADER = "cognito-idp:GetCSVHeader"
FAMILY = tuple(name for name in select(DEFAULT_SELECTORS) if name != HEADER)
POOL, USER = "cognito-idp:CreateUserPool", "cognito-idp:AdminCreateUser"
LIFECYCLE = "user-import-job.yaml"

# Each way from nowhere to an end without coming by a state twice.
PATHS = {
    CREATE: {"Created → Expired"},
    START: {
        "Created → Pending → Failed",
        "Created → Pending → InProgress → Succeeded",
        "Created → Pending → InProgress → Failed",
    },
    STOP: {
        "Created → Pending → (Stopping) → Stopped",
        "Created → Pending → InProgress → (Stopping) → Stopped",
    },
}
RACES = {START: {"start from 16 connections", "start and stop at once"}}


def _lifecycle_text() -> str:
    return resources.files("aws_conformance").joinpath("cases/lifecycles", LIFECYCLE).read_text("utf-8")


# Oracles have tests of their own; these are about documented lives.
_ORACLES = tuple(ORACLE_CATALOGUE)


def _stateful(*operations: str, **changes: Any) -> Plan:
    settings = {"phases": ("stateful",), "max_examples": 0, "excluded_checks": _ORACLES, **changes}
    return Plan(operations, **settings)


@functools.cache
def _on_reference() -> tuple[Event, ...]:
    """One run of everything that has histories, with some made by chance."""
    return tuple(events_of(_stateful(*FAMILY, POOL, USER, max_examples=7, seed=3)))


def _finished(events: tuple[Event, ...] | list[Event]) -> Iterator[OperationFinished]:
    for event in events:
        if isinstance(event, OperationFinished):
            yield event


def _cases(events: tuple[Event, ...] | list[Event]) -> list[CaseFinished]:
    return [event for event in events if isinstance(event, CaseFinished)]


def _lived(events: tuple[Event, ...] | list[Event]) -> dict[str, list[Lived]]:
    return {operation.operation: list(operation.histories) for operation in _finished(events)}


def _titles(lived: dict[str, list[Lived]], kind: str) -> dict[str, list[str]]:
    every = {
        name: [history.case.title for history in histories if history.case.kind == kind]
        for name, histories in lived.items()
    }
    return {name: titles for name, titles in every.items() if titles}


# --- which histories there are


def test_every_path_and_race_of_a_job_is_named_under_its_operation() -> None:
    lived = _lived(_on_reference())
    for name, titles in PATHS.items():
        assert titles <= set(_titles(lived, "path")[name])
    assert _titles(lived, "race") == {name: sorted(titles, reverse=True) for name, titles in RACES.items()}


def test_every_refusal_of_the_file_is_tried_in_each_of_its_states() -> None:
    """Counted off the file itself, which the kit reads by its own code."""
    raw = yaml.safe_load(_lifecycle_text())
    expected = Counter(
        f"{line['of']} in {state}"
        for line in raw["refusals"]
        for state in ([line["in"]] if isinstance(line["in"], str) else line["in"])
    )
    lived = _lived(_on_reference())
    titles = (title for name in FAMILY for title in _titles(lived, "forbidden").get(name, ()))
    # What stands behind a state are conditions and settings.
    assert Counter(title.partition(" (")[0].partition(",")[0] for title in titles) == expected
    assert expected.total() > 20


def test_all_of_them_are_verified_and_every_operation_is_reached() -> None:
    events = _on_reference()
    assert footer(list(events)).exit == 0
    assert [
        (event.case.title, event.reason)
        for histories in _lived(events).values()
        for event in histories
        if (event.outcome, event.reason) != ("verified", "")
    ] == []
    assert {type(event.outcome) for event in _cases(events)} == {Verified}
    assert {event.operation: event.reached for event in _finished(events)} == dict.fromkeys(
        (*FAMILY, POOL, USER), True
    )
    findings = [event.violation for event in events if isinstance(event, Reported)]
    assert [event.message for event in findings if event.severity != "note"] == []


def test_what_was_planned_is_what_was_tried() -> None:
    events = _on_reference()
    planned = {event.operation: event.cases for event in events if isinstance(event, OperationStarted)}
    tried = Counter(event.case.operation for event in _cases(events))
    assert planned == dict(tried) == {event.operation: event.cases for event in _finished(events)}


def test_the_histories_of_an_operation_are_its_cases_but_for_random_ones() -> None:
    events = _on_reference()
    for name, histories in _lived(events).items():
        own = [
            event.case
            for event in _cases(events)
            if event.case.operation == name and event.case.kind != "walk"
        ]
        assert sorted(event.case.id for event in histories) == sorted(case.id for case in own)
        assert {case.phase for case in own} <= {"stateful"}


@pytest.mark.parametrize("examples", [1, 2, 12])
@pytest.mark.parametrize("operation", [START, POOL, USER])
def test_there_are_as_many_random_histories_as_asked_for(operation: str, examples: int) -> None:
    cases = _cases(events_of(_stateful(operation, max_examples=examples, seed=examples)))
    walks = [event.case for event in cases if event.case.kind == "walk"]
    assert len(walks) == examples
    # A history in which nothing is done would verify nothing.
    assert all(case.title.startswith("by chance: create") for case in walks), walks


def test_random_histories_are_reported_under_the_subject_alone() -> None:
    walks = Counter(event.case.operation for event in _cases(_on_reference()) if event.case.kind == "walk")
    assert walks == {START: 7, POOL: 7, USER: 7}


def test_an_operation_alone_has_its_own_histories() -> None:
    alone = events_of(_stateful(STOP, max_examples=5))
    assert {event.case.operation for event in _cases(alone)} == {STOP}
    assert {event.case.kind for event in _cases(alone)} == {"path", "forbidden"}
    assert _lived(alone) == {STOP: _lived(_on_reference())[STOP]}
    assert set(_titles(_lived(alone), "path")[STOP]) == PATHS[STOP]


# --- the seed


def _outcomes(seed: int) -> list[tuple[str, str, str]]:
    events = events_of(_stateful(START, USER, max_examples=6, seed=seed))
    return [(event.case.id, event.case.title, type(event.outcome).__name__) for event in _cases(events)]


def test_equal_seeds_make_equal_histories_and_another_seed_others() -> None:
    first, second, other = _outcomes(5), _outcomes(5), _outcomes(6)
    assert first == second
    walks, others = (
        {case for case, title, _ in outcomes if title.startswith("by chance")} for outcomes in (first, other)
    )
    assert len(others - walks) > 6
    # What needs no chance has the same id whatever the seed.
    assert {outcome for outcome in first if outcome[0] not in walks} == {
        outcome for outcome in other if outcome[0] not in others
    }


# --- a target whose time can't be moved


def test_without_control_of_time_only_what_takes_hours_is_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the same name as the kit's own, so it stands in for it.
    own = tmp_path / "impatient.yaml"
    impatient, replaced = re.subn(r"(?m)^wait: .*$", "wait: {pause: 0.03, at-most: 20}", _lifecycle_text())
    assert replaced == 1
    own.write_text(impatient, "utf-8")
    slept: list[float] = []
    clock = ManualClock()

    def noted(seconds: float) -> None:
        """The target's time goes on while we wait, and at no other moment."""
        slept.append(seconds)
        clock.advance(seconds)

    monkeypatch.setattr(time, "sleep", noted)
    settings = Settings(seed=7, pending_seconds=0.2, progress_seconds=0.3, stopping_seconds=0.2)
    with serve(Reference(settings, clock).handle) as server:
        plan = _stateful(CREATE, START, STOP, target=UrlTarget(server.url), lifecycles=(str(own),))
        events = events_of(plan)
    assert footer(events).exit == 0
    assert {event.operation: event.reached for event in _finished(events)} == dict.fromkeys(
        (CREATE, START, STOP), True
    )
    unverified = {
        event.case.title: (event.outcome, event.reason)
        for histories in _lived(events).values()
        for event in histories
        if event.outcome != "verified"
    }
    why = ("inconclusive", "time can't be moved on this target, and this takes hours")
    takes_hours = ("Created → Expired", "start in Expired", "upload in Expired", "stop in Expired")
    assert unverified == dict.fromkeys(takes_hours, why)
    # Jobs take fractions of a second here, and so does each pause.
    assert slept
    assert max(slept) < 1
    assert sum(slept) < 30


def test_waits_are_reported_and_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that never gets on is waited for no longer than asked, and is not called stuck for that."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    settings = Settings(seed=7, pending_seconds=1e9)
    with serve(Reference(settings, ManualClock()).handle) as server:
        plan = _stateful(START, target=UrlTarget(server.url), max_wait=20.0)
        events = events_of(plan)
    waits = [event for event in events if isinstance(event, WaitStarted)]
    assert {event.operation for event in waits} == {START}
    assert max(event.seconds for event in waits) <= 20.0
    assert max(slept) <= 20.0
    reasons = {event.reason for histories in _lived(events).values() for event in histories}
    assert any("--max-wait" in reason for reason in reasons)
    assert not [finding for finding in findings(events) if finding.violation.check == "lifecycle.stuck"]
    # What happens while it happens stands in no report, so that older releases read it.
    log = io.StringIO()
    for event in events:
        begin(log)(event)
    assert "WaitStarted" not in log.getvalue()


# --- workers


def test_an_exclusive_lifecycle_stays_on_its_worker() -> None:
    parts = [set(part.operations) for part in shards(_stateful(*FAMILY, HEADER, POOL, USER, workers=4))]
    together = next(part for part in parts if START in part)
    assert set(FAMILY) <= together
    assert HEADER not in together
    assert len(parts) > 1
    # Without histories, only what starts and stops jobs is.
    apart = [set(part.operations) for part in shards(Plan((*FAMILY, HEADER), workers=4))]
    assert not any(set(FAMILY) <= part for part in apart)


def _verdict(operation: OperationFinished) -> tuple[Any, ...]:
    tallies = (
        operation.cases,
        operation.verified,
        operation.violated,
        operation.inconclusive,
        operation.flaky,
        operation.errored,
    )
    # How often is a matter of who comes first in a race.
    keys = sorted(finding.violation.key for finding in operation.findings)
    return (
        operation.implemented,
        operation.reached,
        tallies,
        operation.histories,
        dict(operation.errors),
        keys,
    )


def test_workers_come_to_the_same_verdicts() -> None:
    both = events_of(_stateful(*FAMILY, POOL, USER, max_examples=7, seed=3, workers=2))
    alone = {event.operation: _verdict(event) for event in _finished(_on_reference())}
    assert {event.operation: _verdict(event) for event in _finished(both)} == alone
    assert footer(both).reasons == footer(list(_on_reference())).reasons


# --- time


def test_time_is_bounded_for_all_histories() -> None:
    events = events_of(_stateful(*FAMILY, max_examples=5, max_time=0.0))
    assert footer(events).exit == 4
    # Nothing was begun, and nothing is said of what was not.
    assert _cases(events) == []
    assert {event.unreached for event in events if isinstance(event, OperationFinished)} == {
        "not started: the time was up"
    }
