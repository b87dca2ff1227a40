# SPDX-License-Identifier: Apache-2.0
"""JUnit: which test cases there are, which of them fail, and that any XML reader takes the file."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from aws_conformance.results.events import Event, Reported, RunFinished, RunStarted
from aws_conformance.results.reports.junit import begin

START = "cognito-idp.StartUserImportJob"


def _written(events: list[Event]) -> ET.Element:
    stream = io.StringIO()
    consume = begin(stream)
    for event in events:
        consume(event)
    return ET.fromstring(stream.getvalue())


def _cases(root: ET.Element) -> dict[tuple[str, str], ET.Element]:
    return {(str(case.get("classname")), str(case.get("name"))): case for case in root.iter("testcase")}


def _changed(events: list[Event], cls: type, **changes: Any) -> list[Event]:
    return [replace(event, **changes) if isinstance(event, cls) else event for event in events]


def test_there_is_a_case_for_each_operation_and_phase_and_for_the_verdict(events: list[Event]) -> None:
    cases = _cases(_written(events))
    names = [f"cognito-idp.{name}" for name in ("GetCSVHeader", "StartUserImportJob", "StopUserImportJob")]
    expected = {(name, phase) for name in names for phase in ("enumerated", "random")}
    assert set(cases) == expected | {("aws-conformance", "verdict")}


def test_a_case_fails_by_its_findings_with_their_check_ids(events: list[Event]) -> None:
    cases = _cases(_written(events))
    failure = cases[START, "enumerated"].find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("response.timestamp.form",) * 2
    text = failure.text or ""
    assert "response.timestamp.form (error, PROTOCOL, id " in text
    assert '$.UserImportJob.CreationDate: expected number, got "2026-11-23T10:00:00Z"' in text
    assert "aws cognito-idp start-user-import-job" in text
    # A finding stands where it was seen, once.
    assert cases[START, "random"].find("failure") is None
    verdict = cases["aws-conformance", "verdict"].find("failure")
    assert verdict is not None
    assert verdict.text == "1 violation at error severity."


def test_what_was_not_implemented_is_skipped_and_what_was_not_reached_is_an_error(
    events: list[Event],
) -> None:
    cases = _cases(_written(events))
    skipped = cases["cognito-idp.GetCSVHeader", "enumerated"].find("skipped")
    assert skipped is not None
    assert skipped.text == "not implemented: 501 to every request"
    error = cases["cognito-idp.StopUserImportJob", "enumerated"].find("error")
    assert error is not None
    assert error.text == "not reached: no job could be made"


def test_the_counts_add_up(events: list[Event]) -> None:
    suite = _written(events).find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "2", "errors": "2", "skipped": "2"}


def test_what_a_baseline_covers_is_shown_and_fails_nothing(events: list[Event]) -> None:
    known = _changed(events, Reported, baseline="they know")
    passed = _changed(known, RunFinished, exit=0, reasons=("fine",))
    cases = _cases(_written(passed))
    assert cases[START, "enumerated"].find("failure") is None
    assert "in the baseline: they know" in (cases[START, "enumerated"].findtext("system-out") or "")
    assert cases["aws-conformance", "verdict"].find("failure") is None


def test_the_severity_that_fails_is_that_of_the_run(events: list[Event]) -> None:
    strict = _changed(events, RunStarted, settings={"fail_on": "note"})
    failure = _cases(_written(strict))["cognito-idp.StopUserImportJob", "enumerated"].find("failure")
    # The witness of the note is a case of another operation's phase: it stands with its own operation.
    assert failure is not None
    assert failure.get("type") == "response.constraint.length"


def test_what_a_target_sent_can_always_be_written(events: list[Event]) -> None:
    odd = []
    for event in events:
        if isinstance(event, Reported):
            event = replace(event, violation=replace(event.violation, got="\x00\x1b[1m\ud800 ]]> <&"))
        odd.append(event)
    failure = _cases(_written(odd))[START, "enumerated"].find("failure")
    assert failure is not None
    assert "\\x00\\x1b[1m\\ud800 ]]> <&" in (failure.text or "")


def test_operations_that_never_were_through_are_errors(events: list[Event]) -> None:
    cut = [events[0], RunFinished(130, ("Interrupted.",), 1.0)]
    cases = _cases(_written(cut))
    assert cases[START, "unfinished"].find("error") is not None
    assert cases["aws-conformance", "verdict"].find("failure") is not None
