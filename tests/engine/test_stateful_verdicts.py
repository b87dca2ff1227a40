# SPDX-License-Identifier: Apache-2.0
"""What hides in a history: one fault before another, uploads that can't be made, slow and locked targets.

Each target is the reference, wrong in what its test names. This file owns the verdicts on them; single
faults of a life have their rows in tests/miniatures/lives.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from tests.miniatures.lives import (
    Edit,
    asked_of,
    conforming,
    edited,
    restarting_stopped_jobs,
    with_an_empty_file,
    without,
)
from tests.switchable import events_of, findings, footer

from aws_conformance.checks import ORACLE_CATALOGUE
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.http import Request, Response
from aws_conformance.reference import ManualClock, Reference, Settings
from aws_conformance.results.events import CaseFinished, Event, Flaky, Lived, OperationFinished
from aws_conformance.results.reports import junit
from aws_conformance.targets.server import Handler, serve

CREATE, START, STOP, DESCRIBE = (
    f"cognito-idp:{name}"
    for name in ("CreateUserImportJob", "StartUserImportJob", "StopUserImportJob", "DescribeUserImportJob")
)
_BEGAN = 1_800_000_000.0


def _run(handler: Handler, *operations: str, moves_time: bool = True, **changes: Any) -> list[Event]:
    # Oracles have tests of their own; these are about documented lives.
    oracles = tuple(ORACLE_CATALOGUE)
    settings = {
        "phases": ("stateful",),
        "max_examples": 0,
        "seed": 1,
        "excluded_checks": oracles,
        **changes,
    }
    with serve(handler) as server:
        target = UrlTarget(server.url, claims=("clock",) if moves_time else ())
        return events_of(Plan(operations, target, **settings))


def _shown(events: list[Event]) -> set[tuple[str, str, str]]:
    """Check, operation and place of each finding at error."""
    violations = (finding.violation for finding in findings(events))
    return {
        (violation.check, violation.operation.partition(":")[2], violation.path)
        for violation in violations
        if violation.severity == "error"
    }


def _histories(events: Iterable[Event]) -> dict[str, Lived]:
    return {
        history.case.title: history
        for event in events
        if isinstance(event, OperationFinished)
        for history in event.histories
    }


def _iso_dates(job: dict[str, Any]) -> None:
    for name in job:
        if name.endswith("Date"):
            job[name] = datetime.fromtimestamp(job[name], UTC).isoformat()


_RESTART = ("lifecycle.refusal", "StartUserImportJob", "(start in Stopped)")
_NO_FILE = ("lifecycle.refusal", "StartUserImportJob", "(start in Created)")


@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (without("ImportedUsers", "SkippedUsers", "FailedUsers"), "lifecycle.member.absent"),
        (without("JobName", "CreationDate"), "lifecycle.member.absent"),
        (_iso_dates, "response.timestamp.form"),
    ],
    ids=["no counters", "no name", "ISO dates"],
)
def test_a_fault_of_form_in_every_answer_hides_no_restart(edit: Edit, check: str) -> None:
    handler = edited(restarting_stopped_jobs(7, ManualClock(_BEGAN)), edit)
    shown = _shown(_run(handler, START))
    assert _RESTART in shown
    assert check in {name for name, *_ in shown}


def test_what_is_refused_shows_without_an_upload_where_the_target_needs_none() -> None:
    """No answer shows where a file is to be put, and a job starts without one."""
    handler = restarting_stopped_jobs(7, ManualClock(_BEGAN), with_an_empty_file)
    events = _run(edited(handler, without("PreSignedUrl")), START)
    assert {_RESTART, _NO_FILE} <= _shown(events)


def test_a_violated_history_says_why_it_was_not_walked_to_its_end() -> None:
    handler = edited(conforming(7, ManualClock(_BEGAN)), without("PreSignedUrl"))
    stopped = _histories(_run(handler, START))["start in Stopped"]
    assert stopped.outcome == "violated"
    assert stopped.reason == "a value is missing: no answer has shown PreSignedUrl"


def test_a_finding_names_the_operation_whose_answer_shows_it() -> None:
    def counterless(request: Request) -> Response:
        return (bare if asked_of(request) == "DescribeUserImportJob" else right)(request)

    right = conforming(7, ManualClock(_BEGAN))
    bare = edited(right, without("FailedUsers"))
    events = _run(counterless, START)
    reported = [finding for finding in findings(events) if finding.violation.severity == "error"]
    assert reported
    assert {finding.operations for finding in reported} == {
        (finding.violation.operation,) for finding in reported
    }
    assert (DESCRIBE,) in {finding.operations for finding in reported}
    # It was not selected, so its findings stand where their histories do.
    stream = StringIO()
    consume = junit.begin(stream)
    for event in events:
        consume(event)
    assert "lifecycle.member.absent" in stream.getvalue()
    assert f"seen {reported[0].count} times in {DESCRIBE}" in stream.getvalue()


def _slow(stopping: float, monkeypatch: pytest.MonkeyPatch) -> Handler:
    """A target whose Start is answered 2.5 s after the job began, and whose time goes on while we wait."""
    clock = ManualClock(_BEGAN)
    monkeypatch.setattr(time, "sleep", clock.advance)
    right = Reference(Settings(seed=7, stopping_seconds=stopping), clock).handle

    def handle(request: Request) -> Response:
        response = right(request)
        if asked_of(request) == "StartUserImportJob":
            clock.advance(2.5)
        return response

    return handle


@pytest.mark.parametrize("stopping", [1.0, 5.0, 40.0])
@pytest.mark.parametrize("phases", [("stateful",), ("enumerated", "random")], ids=" ".join)
def test_a_slow_target_conforms(
    phases: tuple[str, ...], stopping: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = _slow(stopping, monkeypatch)
    events = _run(handler, CREATE, START, STOP, moves_time=False, phases=phases, max_examples=3)
    assert _shown(events) == set()
    assert not [
        event for event in events if isinstance(event, CaseFinished) and isinstance(event.outcome, Flaky)
    ]


def _locking(right: Handler, starts: int) -> Handler:
    """A target that takes so many starts, and refuses all others for a state that nobody sees."""
    left = [starts]

    def handle(request: Request) -> Response:
        if asked_of(request) != "StartUserImportJob":
            return right(request)
        left[0] -= 1
        if left[0] >= 0:
            return right(request)
        error = {"__type": "PreconditionNotMetException", "message": "Another job is Stopping."}
        return Response(400, (("Content-Type", "application/x-amz-json-1.1"),), json.dumps(error).encode())

    return handle


def _failed_without_end(job: dict[str, Any]) -> None:
    if job["Status"] == "Failed":
        job.pop("CompletionDate", None)


def test_what_no_repetition_comes_to_is_unconfirmed() -> None:
    """The first history alone gets to a failed job; whatever would show it again is refused for its state."""
    handler = edited(_locking(conforming(7, ManualClock(_BEGAN)), 1), _failed_without_end)
    events = _run(handler, START)
    failed = _histories(events)["Created → Pending → Failed"]
    assert failed.outcome == "inconclusive"
    assert failed.reason.startswith("unconfirmed")
    assert "Another job is Stopping." in failed.reason
    assert "lifecycle.member.absent" not in {name for name, *_ in _shown(events)}


def test_what_a_single_answer_shows_needs_no_repetition() -> None:
    def dated(job: dict[str, Any]) -> None:
        if job["Status"] == "Failed":
            _iso_dates(job)

    events = _run(edited(_locking(conforming(7, ManualClock(_BEGAN)), 1), dated), START)
    assert ("response.timestamp.form", "DescribeUserImportJob", "$.UserImportJob.CompletionDate") in _shown(
        events
    )
    assert footer(events).exit == 1
