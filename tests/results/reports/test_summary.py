# SPDX-License-Identifier: Apache-2.0
"""The summary: order, counts, and the published schema of its JSON form."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema
import pytest

from aws_conformance.errors import UsageError
from aws_conformance.results.events import (
    CaseInfo,
    CaseSource,
    Event,
    Lived,
    OperationFinished,
    Reported,
    Reproduction,
    RunFinished,
    Violation,
)
from aws_conformance.results.reports import REPORTS, report_format
from aws_conformance.results.reports.reading import read_report
from aws_conformance.results.reports.summary import TALLIES, Summary, begin, summary_to_json
from aws_conformance.results.reports.summary_schema import report_schema
from aws_conformance.spec.schema.write import dump_schema

SCHEMA_FILE = Path(__file__).parents[3] / "schemas" / "report.json"


START = "cognito-idp:StartUserImportJob"
STOP = "cognito-idp:StopUserImportJob"
HEADER = "cognito-idp:GetCSVHeader"
MakeViolation: TypeAlias = Callable[..., Violation]
MakeReported: TypeAlias = Callable[..., Reported]


def _written(events: list[Event]) -> dict[str, Any]:
    stream = io.StringIO()
    consume = begin(stream)
    for event in events:
        consume(event)
    summary: dict[str, Any] = json.loads(stream.getvalue())
    return summary


def test_fields(events: list[Event]) -> None:
    summary = _written(events)
    assert summary["exit"] == 1
    assert summary["reasons"] == ["1 violation at error severity."]
    assert (summary["target"], summary["seed"]) == ("http://127.0.0.1:5000", 7)
    assert summary["operations"][START] == {
        "implemented": True,
        "evidence": "",
        "reached": True,
        "unreached": "",
        "excused": False,
        "cases": 2,
        "verified": 1,
        "violated": 1,
        "inconclusive": 0,
        "not_implemented": 0,
        "errored": 0,
        "flaky": 0,
        "errors": {"InternalErrorException": "fault injection", "ResourceNotFoundException": "request"},
        "coverage": {},
        "deaths": [],
        "unrepeated": [],
        "histories": [],
    }
    assert summary["operations"][HEADER]["evidence"] == "501 to every request"
    assert summary["operations"][STOP]["unreached"] == "no job could be made"
    assert summary["totals"] == {
        "operations": 3,
        "implemented": 2,
        "reached": 1,
        "cases": 4,
        "left_out": 0,
        "places_left_out": 0,
        "verified": 1,
        "violated": 1,
        "inconclusive": 1,
        "not_implemented": 1,
        "errored": 0,
        "flaky": 0,
    }
    first = summary["violations"][0]
    assert first["message"] == '$.UserImportJob.CreationDate: expected number, got "2026-11-23T10:00:00Z"'
    assert (first["count"], first["severity"], first["provenance"]) == (12, "error", "PROTOCOL")
    assert first["reproduce"]["template"] == {"UserPoolId": {"$from": "CreateUserPool.UserPool.Id"}}
    assert first["reproduce"]["transcript"] == []


def test_a_history_of_an_older_summary_keeps_its_lifecycle(events: list[Event], tmp_path: Path) -> None:
    case = CaseInfo("a1", STOP, "stateful", "path", "t", lifecycle="user-import-job", state="Created")
    shown = [
        replace(event, reproduction=replace(event.reproduction, case=case))
        if isinstance(event, Reported)
        else event
        for event in events
    ]
    summary = _written(shown)
    for row in summary["violations"]:
        old = row["reproduce"]["case"]
        old["keyword"], old["value_class"] = old.pop("lifecycle"), old.pop("state")
    path = tmp_path / "run.json"
    path.write_text(json.dumps(summary), "utf-8")
    assert {finding.reproduction.case for finding in read_report(path).findings} == {case}


def test_findings_in_short_are_read_as_they_were(
    violation: MakeViolation, reported: MakeReported, tmp_path: Path
) -> None:
    """What stands beside them is not written; a history may be another operation's."""
    case = CaseInfo("a1", STOP, "enumerated", "negative", "type broken at /A: number (wanted string)", "/A")
    source = CaseSource(expectation={"earns": "refused"}, choices=(1, 2))
    cases = [
        case,
        replace(case, id="a2", phase="random"),
        CaseInfo("a3", START, "stateful", "path", "t", lifecycle="user-import-job", state="Created"),
    ]
    shown = reported(violation(STOP, "server.crash", "error", path="$.shown"))
    findings = [
        replace(
            reported(violation(STOP, "server.crash", "error", path=f"$.{case.id}")),
            reproduction=Reproduction("", "", "", case, None, "", "", source=source),
        )
        for case in cases
    ]
    summary = summary_to_json(Summary.from_events([*findings, shown]))
    jsonschema.Draft202012Validator(report_schema()).validate(summary | {"exit": 1, "elapsed": 0})
    assert [row["requirement"] != "" for row in summary["violations"]] == [True, False, False, True]
    path = tmp_path / "run.json"
    path.write_text(json.dumps(summary), "utf-8")
    *read, last = read_report(path).findings
    assert [finding.violation for finding in read] == [finding.violation for finding in findings]
    assert [finding.reproduction.case for finding in read] == [replace(case, pointer="") for case in cases]
    assert [finding.reproduction.source.redacted for finding in read] == [True, True, False]
    assert last == replace(shown, operations=(STOP,))


def test_histories_and_their_transcripts(events: list[Event]) -> None:
    case = CaseInfo("a1", STOP, "stateful", "forbidden", "stop in Created", lifecycle="user-import-job")
    history = Lived(case, "inconclusive", "Created was not met, but nothing")
    transcript = ("1. CreateUserImportJob {} → 200", "2. StopUserImportJob {} → 200")

    def with_history(event: Event) -> Event:
        match event:
            case OperationFinished(operation=name) if name == STOP:
                return replace(event, histories=(history,))
            case Reported(violation=violation) if violation.operation == STOP:
                return replace(
                    event, reproduction=replace(event.reproduction, case=case, transcript=transcript)
                )
            case _:
                return event

    summary = _written([with_history(event) for event in events])
    jsonschema.Draft202012Validator(report_schema()).validate(summary)
    assert summary["operations"][STOP]["histories"] == [
        {
            "id": "a1",
            "lifecycle": "user-import-job",
            "kind": "forbidden",
            "title": "stop in Created",
            "outcome": "inconclusive",
            "reason": "Created was not met, but nothing",
        }
    ]
    (reproduction,) = (
        violation["reproduce"] for violation in summary["violations"] if violation["operation"] == STOP
    )
    assert reproduction["transcript"] == list(transcript)
    assert reproduction["case"]["kind"] == "forbidden"


def test_operations_stand_in_model_order(events: list[Event]) -> None:
    assert list(_written(events)["operations"]) == [HEADER, START, STOP]


def test_violations_stand_gravest_first_in_whatever_order_workers_saw_them(
    violation: MakeViolation, reported: MakeReported
) -> None:
    expected = [
        violation(START, "a.check", "error", path="$.A"),
        violation(START, "a.check", "error", path="$.B"),
        violation(START, "b.check", "error"),
        violation(STOP, "a.check", "error"),
        violation(START, "a.check", "warning", path="$.C"),
        violation(HEADER, "a.check", "note"),
    ]
    for seed in range(5):
        shuffled = [reported(finding) for finding in expected]
        random.Random(seed).shuffle(shuffled)
        assert [finding.violation for finding in Summary.from_events(shuffled).findings] == expected


def test_the_order_of_events_does_not_matter(events: list[Event]) -> None:
    assert Summary.from_events(events) == Summary.from_events(reversed(events))


def test_of_an_operation_that_no_event_closed_nothing_is_said(events: list[Event]) -> None:
    summary = summary_to_json(Summary.from_events(events[:7]))
    assert summary["unfinished"] == [HEADER, START]
    assert list(summary["operations"]) == [STOP]
    assert (summary["totals"]["operations"], summary["totals"]["implemented"]) == (3, 1)


def test_a_summary_keeps_to_the_published_schema(events: list[Event]) -> None:
    jsonschema.Draft202012Validator(report_schema()).validate(_written(events))


@pytest.mark.parametrize("broken", ["exit", "operations", "totals", "violations", "seed"])
def test_the_schema_requires_what_scripts_depend_on(events: list[Event], broken: str) -> None:
    summary = _written(events)
    del summary[broken]
    assert not jsonschema.Draft202012Validator(report_schema()).is_valid(summary)


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == dump_schema(report_schema()), (
        f"{SCHEMA_FILE.name} is stale: write dump_schema(report_schema()) to it"
    )


def test_tallies_add_up_to_the_cases(events: list[Event]) -> None:
    for operation in Summary.from_events(events).operations:
        assert sum(getattr(operation, name) for name in TALLIES) == operation.cases


def test_nothing_is_written_before_the_end(events: list[Event]) -> None:
    stream = io.StringIO()
    consume = begin(stream)
    for event in events:
        assert stream.getvalue() == "" or isinstance(event, RunFinished)
        consume(event)
    assert stream.getvalue().endswith("}\n")


def test_half_a_surrogate_pair_of_the_target_can_be_written(
    events: list[Event], violation: MakeViolation, reported: MakeReported
) -> None:
    broken = reported(violation(got='"\ud800"'))
    summary = _written([*events[:-1], broken, events[-1]])
    assert any(violation["got"] == '"\ud800"' for violation in summary["violations"])


def test_formats_are_looked_up_by_name() -> None:
    assert report_format("json") is REPORTS["json"]
    with pytest.raises(UsageError, match=r"no report format named 'jsn'. Did you mean json or ndjson"):
        report_format("jsn")
