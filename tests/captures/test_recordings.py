# SPDX-License-Identifier: Apache-2.0
"""What other tools recorded is judged as the live calls are, and what a resource's life violates is named."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.captures.import_walk import FORMS, Recorded, archived_walk, recorded_walk
from tests.miniatures.lives import LIVES, conforming, edited, restarting_stopped_jobs

from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan
from aws_conformance.frontends.plugin.call_check import CallCheck
from aws_conformance.reference import ManualClock

DATA = Path(__file__).parent.parent / "data"


def _validated(capsys: pytest.CaptureFixture[str], form: str, file: Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["validate", f"--{form}", str(file), "--json"])
    return code, json.loads(capsys.readouterr().out)


def _named(document: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {
        (finding["operation"], finding["check"], finding["severity"], finding["path"])
        for finding in document["findings"]
    }


def _graver(document: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """What was found above a note: the reference earns notes, as real answers of AWS do."""
    return {row for row in _named(document) if row[2] != "note"}


def _live(recorded: Recorded) -> set[tuple[str, str, str, str]]:
    """What observing the same calls finds, as they are made."""
    check = CallCheck(Plan(()))
    return {
        (violation.operation, violation.check, violation.severity, violation.path)
        for call in recorded.calls
        for violation in check.verdict(call).violations
    }


def test_a_conforming_walk_has_no_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    recorded = recorded_walk(conforming(1, clock), clock, tmp_path)
    for form in FORMS:
        code, document = _validated(capsys, form, recorded.files[form])
        assert (code, _graver(document), document["invalid_requests"]) == (0, set(), []), form
        assert document["calls"] == document["validated"] == len(recorded.calls), form
        assert "cognito-idp:StartUserImportJob" in document["operations"], form


def _odd(job: dict[str, Any]) -> None:
    job["CreationDate"] = "2026-11-23T10:00:00Z"
    job["Nickname"] = "odd"


def test_all_forms_show_what_the_live_calls_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    recorded = recorded_walk(edited(conforming(1, clock), _odd), clock, tmp_path)
    live = _live(recorded)
    assert ("cognito-idp:StartUserImportJob", "response.timestamp.form") in {row[:2] for row in live}
    for form in FORMS:
        code, document = _validated(capsys, form, recorded.files[form])
        of_answers = {row for row in _named(document) if not row[1].startswith("lifecycle.")}
        assert (code, of_answers) == (1, live), form


def test_a_life_that_goes_wrong_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    recorded = recorded_walk(restarting_stopped_jobs(1, clock), clock, tmp_path)
    for form in FORMS:
        code, document = _validated(capsys, form, recorded.files[form])
        row = ("cognito-idp:StartUserImportJob", "lifecycle.refusal", "error", "(start in Stopped)")
        assert (code, row in _named(document)) == (1, True), form


# One walk shows all but what only a run can: what was not uploaded, requests at once, waiting in vain,
# users who should be there; and what a list leaves out, which may be on another page of it.
@pytest.mark.parametrize(
    "name",
    ["counters-do-not-add-up", "creation-date-of-its-end", "all-jobs-have-one-name", "forgets-a-counter"],
)
def test_the_wrong_lives_are_named_in_an_archive(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = next(life for life in LIVES if life.name == name)
    clock = ManualClock()
    archive = archived_walk(life.make(1, clock), clock, tmp_path)
    code, document = _validated(capsys, "har", archive)
    assert (code, life.breaks in {row[1] for row in _named(document)}) == (1, True)


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lowered(item) for key, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _trail(archive: Path) -> dict[str, Any]:
    """What CloudTrail keeps of an archive: no uploads, and no answers of what only reads."""
    records: list[dict[str, Any]] = []
    for entry in json.loads(archive.read_text("utf-8"))["log"]["entries"]:
        headers = {header["name"].lower(): header["value"] for header in entry["request"]["headers"]}
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        if not name:
            continue
        said = json.loads(base64.b64decode(entry["response"]["content"]["text"]) or b"{}")
        record = {
            "eventSource": "cognito-idp.amazonaws.com",
            "eventName": name,
            "eventTime": f"2026-11-28T10:{len(records) // 60:02}:{len(records) % 60:02}Z",
            "awsRegion": "us-east-1",
            "recipientAccountId": "123456789012",
            "requestParameters": _lowered(json.loads(entry["request"]["postData"]["text"])),
            "responseElements": None if name.startswith(("Describe", "List", "Get")) else _lowered(said),
        }
        if entry["response"]["status"] != 200:
            record |= {"errorCode": said["__type"], "responseElements": None}
        records.append(record)
    return {"Records": records}


@pytest.mark.parametrize("make", [conforming, restarting_stopped_jobs])
def test_a_trail_shows_lives(make: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    file = tmp_path / "trail.json"
    file.write_text(json.dumps(_trail(archived_walk(make(1, clock), clock, tmp_path))), "utf-8")
    code, document = _validated(capsys, "cloudtrail", file)
    checks = {row[1:] for row in _named(document)}
    # That the job has come to rest, an answer would say that CloudTrail does not keep.
    wrong = {("lifecycle.refusal.unrecorded", "warning", "(start in Stopping)")}
    assert (code, checks) == (0, wrong if make is not conforming else set())
    assert document["validated"] > 30


def _flows(*entries: Any) -> bytes:
    return json.dumps({"log": {"entries": entries}}).encode()


_POST = {"method": "POST", "url": "http://127.0.0.1:1/", "headers": []}
_DEEP = b"[" * 100_000
BAD = {
    "har": {
        b"": "it is not JSON",
        b"[]": "no list `log.entries`",
        _DEEP: "it is not JSON",
        b'{"log": {"entries": []}}': "no exchange at all",
        _flows(7): "Exchange 1: it has no request",
        _flows({"request": {}, "response": {}}): "no method or no address",
        _flows({"request": {**_POST, "url": "http://[1"}, "response": {}}): "address can't be read",
        _flows({"request": {**_POST, "postData": {"text": 7}}, "response": {}}): "a body is no text",
        _flows({"request": _POST, "response": {"status": 200}}): "no call to an AWS API",
    },
    "vcr": {
        b"a: [": "neither YAML nor JSON",
        b"interactions: 7": "no list `interactions`",
        b"interactions: [7]": "no request or no response",
        b"interactions: [{request: {method: GET, uri: 'http://a', headers: [7]}, response: {}}]": "no name",
        b"a: &a {b: 1}\ninteractions: [{<<: *a}]": "neither YAML nor JSON",
        _DEEP: "deeper than",
    },
    "mitmproxy": {
        b"": "no dump of mitmproxy",
        b"7": "no dump of mitmproxy",
        b"99999999999:a,": "no dump of mitmproxy",
        b"1:a?": "no dump of mitmproxy",
        b"2:7:]": "no dump of mitmproxy",
        b"".join(b"%d:" % number for number in range(60, 0, -1)): "no dump of mitmproxy",
        b"14:4:type;4:http;}": "no request",
    },
    "cloudtrail": {
        b"": "no list `Records`",
        b"\x1f\x8b\x08": "no list `Records`",
        b'{"Records": [7]}': "it is no object",
        b'{"Records": [{}]}': "no eventSource",
        b'{"Records": []}': "no exchange at all",
    },
    "botocore-log": {
        b"": "no debug log",
        b"2026 DEBUG Response headers: {}": "threads stand in one another's way",
        b"Sending http request: <AWSPreparedRequest stream_output=False, method=POST, url=u, headers={}>": (
            "threads stand in one another's way"
        ),
    },
}


@pytest.mark.parametrize(("form", "content"), [(form, content) for form in BAD for content in BAD[form]])
def test_bad_files_get_a_single_line(
    form: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert main(["validate", f"--{form}", str(file)]) == 2
    said = capsys.readouterr().err
    assert BAD[form][content] in said
    assert said.count("\n") == 1


def test_a_dump_of_mitmproxy_itself_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Written by mitmproxy 11.0.2 before the reference: a pool, a job, a start without a file, a look."""
    code, document = _validated(capsys, "mitmproxy", DATA / "mitmproxy-11.flow")
    assert (code, document["validated"], _graver(document)) == (0, 4, set())
    assert "cognito-idp:StartUserImportJob" in document["operations"]


def test_a_missing_recording_gets_a_single_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--har", "missing"]) == 2
    assert "missing cannot be read" in capsys.readouterr().err
    assert main(["validate", "--har", "missing", "--vcr", "missing"]) == 2
    assert "Give one of" in capsys.readouterr().err
