"""The phase `stateful` as a whole: which histories a run has, how many, on which worker, until when.

Targets are the embedded reference, and the reference behind an address without control of its time.
"""

from __future__ import annotations

import functools
import re
import time
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.switchable import events_of, footer

from aws_conformance.engine.plan import DEFAULT_SELECTORS, Plan, UrlTarget
from aws_conformance.engine.run import shards
from aws_conformance.reference import ManualClock, Reference, Settings
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    Inconclusive,
    Lived,
    OperationFinished,
    OperationStarted,
    Reported,
    Verified,
)
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


def _stateful(*operations: str, **changes: Any) -> Plan:
    return Plan(operations, **{"phases": ("stateful",), "max_examples": 0, **changes})


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
    return {one.operation: list(one.histories) for one in _finished(events)}


def _titles(lived: dict[str, list[Lived]], kind: str) -> dict[str, list[str]]:
    made = {
        name: [one.case.title for one in histories if one.case.kind == kind]
        for name, histories in lived.items()
    }
    return {name: titles for name, titles in made.items() if titles}


# --- which histories there are


def test_every_path_and_race_of_a_job_is_named_under_its_operation() -> None:
    lived = _lived(_on_reference())
    for name, titles in PATHS.items():
        assert titles <= set(_titles(lived, "path")[name])
    assert _titles(lived, "race") == {name: sorted(titles, reverse=True) for name, titles in RACES.items()}


def test_every_refusal_of_the_file_is_tried_in_each_of_its_states() -> None:
    """Counted off the file itself, which the kit reads by its own code."""
    raw = yaml.safe_load(_lifecycle_text())
    wanted = Counter(
        f"{line['of']} in {state}"
        for line in raw["refusals"]
        for state in ([line["in"]] if isinstance(line["in"], str) else line["in"])
    )
    lived = _lived(_on_reference())
    told = (title for name in FAMILY for title in _titles(lived, "forbidden").get(name, ()))
    # What stands behind a state are conditions and settings.
    assert Counter(title.partition(" (")[0].partition(",")[0] for title in told) == wanted
    assert wanted.total() > 20


def test_all_of_them_are_verified_and_every_operation_is_reached() -> None:
    events = _on_reference()
    assert footer(list(events)).exit == 0
    assert [
        (one.case.title, one.reason)
        for histories in _lived(events).values()
        for one in histories
        if (one.outcome, one.reason) != ("verified", "")
    ] == []
    assert {type(one.outcome) for one in _cases(events)} == {Verified}
    assert {one.operation: one.reached for one in _finished(events)} == dict.fromkeys(
        (*FAMILY, POOL, USER), True
    )
    findings = [event.violation for event in events if isinstance(event, Reported)]
    assert [one.message for one in findings if one.severity != "note"] == []


def test_what_was_planned_is_what_was_tried() -> None:
    events = _on_reference()
    planned = {event.operation: event.cases for event in events if isinstance(event, OperationStarted)}
    tried = Counter(one.case.operation for one in _cases(events))
    assert planned == dict(tried) == {one.operation: one.cases for one in _finished(events)}


def test_the_histories_of_an_operation_are_its_cases_but_for_those_made_by_chance() -> None:
    events = _on_reference()
    for name, histories in _lived(events).items():
        own = [one.case for one in _cases(events) if one.case.operation == name and one.case.kind != "walk"]
        assert sorted(one.case.id for one in histories) == sorted(case.id for case in own)
        assert {case.phase for case in own} <= {"stateful"}


@pytest.mark.parametrize("examples", [1, 2, 12])
@pytest.mark.parametrize("operation", [START, POOL, USER])
def test_there_are_as_many_random_histories_as_asked_for(operation: str, examples: int) -> None:
    made = _cases(events_of(_stateful(operation, max_examples=examples, seed=examples)))
    walks = [one.case for one in made if one.case.kind == "walk"]
    assert len(walks) == examples
    # A history in which nothing is done would verify nothing.
    assert all(case.title.startswith("by chance: create") for case in walks), walks


def test_random_histories_are_told_under_the_subject_alone() -> None:
    walks = Counter(one.case.operation for one in _cases(_on_reference()) if one.case.kind == "walk")
    assert walks == {START: 7, POOL: 7, USER: 7}


def test_one_operation_alone_has_its_own_histories() -> None:
    alone = events_of(_stateful(STOP, max_examples=5))
    assert {one.case.operation for one in _cases(alone)} == {STOP}
    assert {one.case.kind for one in _cases(alone)} == {"path", "forbidden"}
    assert _lived(alone) == {STOP: _lived(_on_reference())[STOP]}
    assert set(_titles(_lived(alone), "path")[STOP]) == PATHS[STOP]


# --- the seed


def _told(seed: int) -> list[tuple[str, str, str]]:
    events = events_of(_stateful(START, USER, max_examples=6, seed=seed))
    return [(one.case.id, one.case.title, type(one.outcome).__name__) for one in _cases(events)]


def test_equal_seeds_make_equal_histories_and_another_seed_others() -> None:
    first, second, other = _told(5), _told(5), _told(6)
    assert first == second
    walks, others = (
        {case for case, title, _ in told if title.startswith("by chance")} for told in (first, other)
    )
    assert len(others - walks) > 6
    # What needs no chance has the same id whatever the seed.
    assert {one for one in first if one[0] not in walks} == {one for one in other if one[0] not in others}


# --- a target whose time can't be moved


def test_without_control_of_time_only_what_takes_hours_is_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the same name as the kit's own, so it stands in for it.
    own = tmp_path / "impatient.yaml"
    impatient, found = re.subn(r"(?m)^wait: .*$", "wait: {pause: 0.03, at-most: 20}", _lifecycle_text())
    assert found == 1
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
    assert {one.operation: one.reached for one in _finished(events)} == dict.fromkeys(
        (CREATE, START, STOP), True
    )
    open_ones = {
        one.case.title: (one.outcome, one.reason)
        for histories in _lived(events).values()
        for one in histories
        if one.outcome != "verified"
    }
    why = ("inconclusive", "time can't be moved on this target, and this takes hours")
    takes_hours = ("Created → Expired", "start in Expired", "upload in Expired", "stop in Expired")
    assert open_ones == dict.fromkeys(takes_hours, why)
    # Jobs take fractions of a second here, and so does each pause.
    assert slept
    assert max(slept) < 1
    assert sum(slept) < 30


# --- workers


def test_a_lifecycle_that_only_one_may_live_stays_on_one_worker() -> None:
    parts = [set(part.operations) for part in shards(_stateful(*FAMILY, HEADER, POOL, USER, workers=4))]
    together = next(part for part in parts if START in part)
    assert set(FAMILY) <= together
    assert HEADER not in together
    assert len(parts) > 1
    # Without histories, only what starts and stops jobs is.
    apart = [set(part.operations) for part in shards(Plan((*FAMILY, HEADER), workers=4))]
    assert not any(set(FAMILY) <= part for part in apart)


def _verdict(one: OperationFinished) -> tuple[Any, ...]:
    tallies = (one.cases, one.verified, one.violated, one.inconclusive, one.flaky, one.errored)
    # How often is a matter of who comes first in a race.
    keys = sorted(found.violation.key for found in one.findings)
    return (one.implemented, one.reached, tallies, one.histories, dict(one.errors), keys)


def test_workers_come_to_the_same_verdicts() -> None:
    both = events_of(_stateful(*FAMILY, POOL, USER, max_examples=7, seed=3, workers=2))
    alone = {one.operation: _verdict(one) for one in _finished(_on_reference())}
    assert {one.operation: _verdict(one) for one in _finished(both)} == alone
    assert footer(both).reasons == footer(list(_on_reference())).reasons


# --- time


def test_time_is_bounded_for_all_histories() -> None:
    events = events_of(_stateful(*FAMILY, max_examples=5, max_time=0.0))
    assert footer(events).exit == 4
    assert {one.outcome for one in _cases(events)} == {Inconclusive("the time for the run was up")}
    planned = sum(event.cases for event in events if isinstance(event, OperationStarted))
    assert len(_cases(events)) == planned
    assert {one.reason for histories in _lived(events).values() for one in histories} == {
        "the time for the run was up"
    }
