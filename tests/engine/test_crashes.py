# SPDX-License-Identifier: Apache-2.0
"""Crashes by the exception that a target logs or answers, and the same out of a recording."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from aws_conformance.engine import crashes
from aws_conformance.engine.plan import Plan, RecordedTarget, StartedTarget, TargetSpec
from aws_conformance.engine.run import run
from aws_conformance.results.events import Event, Reported
from aws_conformance.results.generalised import generalised

HEADER = "cognito-idp:GetCSVHeader"
# Crashes where a pool's id is no text; how it tells that is for each test to say.
_SERVER = """
import json, sys, threading, time, traceback
from aws_conformance.http import Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.targets.server import serve

reference = Reference(Settings())

def find_pool(pool_id):
    {find}

def later(text):
    time.sleep(0.05)
    print(text, file=sys.stderr, flush=True)

def handle(request):
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("UserPoolId"), (list, dict)):
        try:
            find_pool(body["UserPoolId"])
        except Exception as error:
            stack = traceback.format_exc()
            {tell}
    return reference.handle(request)

with serve(handle, int(sys.argv[1])) as server:
    print("listening", flush=True)
    threading.Event().wait()
"""
_LATE = 'threading.Thread(target=later, args=(stack,)).start(); return Response(500, (), b"{}")'
_IN_WORDS = 'return Response(500, (), json.dumps({"message": f"{error} at 0x7f%04d" % len(stack)}).encode())'
_IN_ANSWER = 'return Response(500, (("Content-Type", "text/plain"),), stack.encode())'


def _target(folder: Path, tell: str, find: str = "return {}[pool_id]") -> StartedTarget:
    file = folder / "emulator.py"
    file.write_text(_SERVER.format(tell=tell, find=find), "utf-8")
    return StartedTarget(f"{sys.executable} {file} {{port}}", name="emulator")


def _crashes(target: TargetSpec, record: str = "", check: str = "server.crash") -> list[Reported]:
    events: list[Event] = []
    run(Plan((HEADER,), target, phases=("enumerated",), record=record), events.append)
    findings = (event for event in events if isinstance(event, Reported))
    return [finding for finding in findings if finding.violation.check == check]


@pytest.mark.parametrize("tell", [_LATE, _IN_ANSWER], ids=["a log that lags", "an answer"])
def test_a_crash_is_known_by_what_was_thrown_and_where(tmp_path: Path, tell: str) -> None:
    crashes = _crashes(_target(tmp_path, tell))
    assert {crash.violation.site for crash in crashes} == {f"TypeError in {tmp_path.name}.emulator.find_pool"}
    assert {crash.violation.thrown for crash in crashes} == {"unhashable type: 'list'"}


def test_no_stack_is_waited_for_where_nothing_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(
        crashes,
        "time",
        SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: waits.append(seconds)),
    )
    page = 'return Response(404, (("Content-Type", "text/html"),), b"<!doctype html><title>no</title>")'
    assert _crashes(_target(tmp_path, page))
    assert waits == []


def test_a_log_is_looked_at_again_soon_and_then_ever_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr(crashes, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    assert _crashes(_target(tmp_path, _LATE))
    assert waits[0] < 0.005
    assert waits[1] > waits[0]
    assert max(waits) <= 0.02


def test_without_a_stack_it_is_known_by_the_words_of_the_answer(tmp_path: Path) -> None:
    """What varies in them is left out, so that crashes of one cause are known alike."""
    sites = {crash.violation.site for crash in _crashes(_target(tmp_path, _IN_WORDS))}
    assert sites == {"500 no error code: unhashable type: ... at ..."}


def test_the_member_that_is_missed_makes_no_other_crash(tmp_path: Path) -> None:
    target = _target(tmp_path, _IN_WORDS, "raise LookupError('key not found: UserPoolId, undefined')")
    sites = {crash.violation.site for crash in _crashes(target)}
    assert sites == {"500 no error code: key not found: ..., undefined at ..."}


def test_what_is_thrown_for_want_of_a_part_is_no_crash(tmp_path: Path) -> None:
    target = _target(tmp_path, _LATE, "raise NotImplementedError('pools of lists')")
    assert _crashes(target) == []
    lacking = _crashes(target, check="server.unsupported")
    assert {finding.violation.severity for finding in lacking} == {"warning"}
    assert {finding.violation.thrown for finding in lacking} == {"pools of lists"}


def test_a_recording_names_the_same_places(tmp_path: Path) -> None:
    recording = tmp_path / "recording"
    live = _crashes(_target(tmp_path, _LATE), record=str(recording))
    played = _crashes(RecordedTarget(str(recording)))
    assert {crash.violation.site for crash in played} == {crash.violation.site for crash in live}
    assert {crash.violation.thrown for crash in played} == {crash.violation.thrown for crash in live}


def test_the_place_does_not_make_another_finding(tmp_path: Path) -> None:
    """Baselines know findings by what was sent; where a target falls over may move from release to
    release."""
    logged = {crash.violation.id for crash in _crashes(_target(tmp_path, _LATE))}
    in_words = {crash.violation.id for crash in _crashes(_target(tmp_path, _IN_WORDS))}
    assert logged == in_words


@pytest.mark.parametrize(
    ("text", "general"),
    [
        ("unhashable type: 'list'", "unhashable type: ..."),
        ("'<' not supported between 'int' and 'str'", "... not supported between ... and ..."),
        ("pool us-east-1_aB3dEf9Qz not found", "pool ... not found"),
        (
            "request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed after 12.5 s",
            "request ... failed after ... s",
        ),
        ("open /tmp/pools/a.json: no such file", "open ...: no such file"),
        ("the user Somebody is odd", "the user ... is odd"),
        ("no flow with AuthFlow=[object Object]", "no flow with AuthFlow=..."),
        ("no flow with AuthFlow=undefined", "no flow with AuthFlow=..."),
        ("Internal  Server\nError", "Internal Server Error"),
    ],
)
def test_what_varies_is_left_out(text: str, general: str) -> None:
    assert generalised(text, ("Somebody",)) == general
