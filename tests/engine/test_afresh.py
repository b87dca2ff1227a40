# SPDX-License-Identifier: Apache-2.0
"""What a request runs into for what other cases have left is looked at on a target that holds nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from aws_conformance.cases.case import Case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import OperationContract
from aws_conformance.cases.expectations import Expectation
from aws_conformance.cases.prerequisites import modelled_prerequisites
from aws_conformance.cases.setup import SetupStep
from aws_conformance.checks import CATALOGUE
from aws_conformance.engine.afresh import FreshLook
from aws_conformance.engine.attempt import Attempt, Attempter
from aws_conformance.engine.fresh_targets import FreshTargets
from aws_conformance.engine.opening import connected
from aws_conformance.engine.plan import Plan, RecordedTarget, StartedTarget, TargetSpec, UrlTarget
from aws_conformance.engine.replay import replay
from aws_conformance.engine.run import run
from aws_conformance.engine.session import Session
from aws_conformance.frontends.command_line import main
from aws_conformance.http import Response
from aws_conformance.results.causes import causes
from aws_conformance.results.events import (
    CaseInfo,
    Event,
    OperationFinished,
    Reported,
    UnrepeatedViolation,
    Violation,
)
from aws_conformance.results.reports import ndjson
from aws_conformance.targets.process import started

CREATE, LIST, TAG = (f"secretsmanager:{name}" for name in ("CreateSecret", "ListSecrets", "TagResource"))
# Secrets are never deleted. What breaks a list of them, or a second tag, is for each test to say.
_SERVER = """
import json, sys, threading, traceback
from aws_conformance.http import Response, header
from aws_conformance.targets.server import serve

secrets = {{}}

def answer(document, status=200):
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "r"))
    return Response(status, headers, json.dumps(document).encode())

def listed():
    {listed}

def tagged(tags, more):
    {tagged}

def handle(request):
    action = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
    try:
        document = json.loads(request.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return answer({{"__type": "InvalidParameterException", "message": "no"}}, 400)
    try:
        if action == "CreateSecret":
            name = document.get("Name")
            arn = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{{name}}-abcdef"
            secrets[arn] = {{"Name": name, "Tags": []}}
            return answer({{"ARN": arn, "Name": str(name), "VersionId": "0" * 32}})
        if action == "ListSecrets":
            return answer({{"SecretList": listed()}})
        if action == "TagResource":
            secret = secrets.get(str(document.get("SecretId")))
            if secret is None:
                return answer({{"__type": "ResourceNotFoundException", "message": "no"}}, 400)
            tagged(secret["Tags"], document.get("Tags") or [])
            return answer({{}})
    except Exception:
        traceback.print_exc()
        return answer({{"__type": "InternalServiceError", "message": "broken"}}, 500)
    return answer({{"__type": "UnknownOperationException", "message": "no"}}, 400)

with serve(handle, int(sys.argv[1])) as server:
    threading.Event().wait()
"""
_FINE = "return []"
_LONELY = "return [] if not secrets else [None][1]"
_NUMBERS = "return sorted(secret['Name'] + '' for secret in secrets.values()) and []"
_SECOND = "return tags.append(more) if not tags else [None][1]"


def _command(folder: Path, listed: str = _FINE, tagged: str = "pass") -> str:
    file = folder / "emulator.py"
    file.write_text(_SERVER.format(listed=listed, tagged=tagged), "utf-8")
    return f"{sys.executable} {file} {{port}}"


def _events(target: TargetSpec, *operations: str, record: str = "") -> list[Event]:
    events: list[Event] = []
    plan = Plan(operations, target, phases=("enumerated",), max_examples=0, record=record)
    run(plan, events.append)
    return events


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> tuple[StartedTarget, list[Event]]:
    """A target whose list breaks once there is anything to be listed, and what a run tells of it."""
    command = _command(tmp_path_factory.mktemp("lonely"), listed=_LONELY)
    target = StartedTarget(command, name="emulator")
    return target, _events(target, CREATE, LIST)


def _crashes(events: list[Event]) -> list[Reported]:
    findings = (event for event in events if isinstance(event, Reported))
    return [finding for finding in findings if finding.violation.check == "server.crash"]


def _unrepeated(events: list[Event]) -> list[UnrepeatedViolation]:
    ended = (event for event in events if isinstance(event, OperationFinished))
    return [item for event in ended for item in event.unrepeated]


def _operations_beside(finding: Reported) -> list[str]:
    return [step["operation"] for step in finding.reproduction.source.sent.get("beside", ())]


def test_what_a_list_crashes_of_is_put_before_it(lonely: tuple[StartedTarget, list[Event]]) -> None:
    target, events = lonely
    (crash,) = _crashes(events)
    assert crash.reproduction.case.kind == "positive"
    assert crash.reproduction.source.sent["afresh"]
    assert _operations_beside(crash) == ["CreateSecret"]
    assert any("create-secret" in step for step in crash.reproduction.steps)
    # Sent again by what the report holds, a target that holds nothing shows it.
    (again,) = replay(Plan((LIST,), target), [crash])
    assert again.fate == "STILL"


def test_its_script_shows_it_to_whoever_begins_with_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lonely: tuple[StartedTarget, list[Event]]
) -> None:
    _, events = lonely
    report = tmp_path / "report.ndjson"
    with report.open("w", encoding="utf-8") as stream:
        take = ndjson.begin(stream)
        for event in events:
            take(event)
    (crash,) = _crashes(events)
    assert main(["reproduce", str(report), crash.violation.id]) == 0
    script = capsys.readouterr().out
    assert script.index("secretsmanager.CreateSecret") < script.index("secretsmanager.ListSecrets")


def test_what_a_wrong_request_has_left_is_no_fault_of_right_requests(tmp_path: Path) -> None:
    events = _events(StartedTarget(_command(tmp_path, listed=_NUMBERS), name="emulator"), CREATE, LIST)
    accepted = {
        event.violation.path
        for event in events
        if isinstance(event, Reported) and event.violation.check == "request.invalid.accepted"
    }
    assert "(request /Name: type)" in accepted
    assert _crashes(events) == []
    (doubt,) = (item for item in _unrepeated(events) if item.violation.operation == LIST)
    assert doubt.outcome == "unconfirmed"
    assert "on a target that starts afresh it was answered with 200" in doubt.reason


def test_what_an_operation_crashes_of_only_when_it_is_done_twice(tmp_path: Path) -> None:
    events = _events(StartedTarget(_command(tmp_path, tagged=_SECOND), name="emulator"), TAG)
    crashes = [crash for crash in _crashes(events) if crash.reproduction.case.kind == "positive"]
    assert crashes
    assert {tuple(_operations_beside(crash)) for crash in crashes} == {("TagResource",)}


def test_what_a_case_only_looks_for_is_there_first(tmp_path: Path) -> None:
    """What was learned of the run's target may be to take whatever there is, which others have left."""
    all_of_them = "return [{'ARN': arn, 'Name': secret['Name']} for arn, secret in secrets.items()]"
    target = StartedTarget(_command(tmp_path, listed=all_of_them, tagged=_LONELY), name="emulator")
    contract = contract_of("secretsmanager").apart()
    operation = contract.of(contract.operation("TagResource"))
    base = {"SecretId": {"$from": "ListSecrets.SecretList.0.ARN"}, "Tags": []}
    contract.learned["TagResource"] = replace(
        modelled_prerequisites(operation),
        steps=(SetupStep("ListSecrets", "ListSecrets", {}),),
        base=base,
        bind={"SecretId": base["SecretId"]},
    )
    case = Case(CaseInfo("c", TAG, "enumerated", "positive", "t"), base, Expectation("accepted"))
    plan = Plan((TAG,), target)
    answer = mock.Mock(response=Response(500))
    violation = Violation("server.crash", "error", "MODEL", TAG, "(request)", "r", "e", "g")

    def attempter(session: Session, contract: OperationContract) -> Attempter:
        return Attempter(session, contract, CATALOGUE.values(), {})

    look = FreshLook(FreshTargets(lambda: connected(plan)), operation, attempter, "x")
    shown = look.shown(violation, Attempt(case, answer=answer), ("a cause",))
    assert isinstance(shown, Attempt)
    assert [step.operation for step in shown.beside] == ["CreateSecret"]
    assert look.has_shown(("a cause",))


def test_at_an_address_there_is_no_other_target(tmp_path: Path) -> None:
    with started(_command(tmp_path, listed=_LONELY)) as server:
        (crash,) = _crashes(_events(UrlTarget(server.url), CREATE, LIST))
    assert "afresh" not in crash.reproduction.source.sent


@pytest.mark.parametrize("listed", [_LONELY, _NUMBERS], ids=["a fault", "none"])
def test_a_recording_has_what_was_looked_for_there(tmp_path: Path, listed: str) -> None:
    folder = str(tmp_path / "recording")
    target = StartedTarget(_command(tmp_path, listed=listed), name="emulator")
    live = _events(target, CREATE, LIST, record=folder)
    again = _events(RecordedTarget(folder), CREATE, LIST)
    assert [item.reason for item in _unrepeated(again)] == [item.reason for item in _unrepeated(live)]
    assert [(crash.violation.key, _operations_beside(crash)) for crash in _crashes(again)] == [
        (crash.violation.key, _operations_beside(crash)) for crash in _crashes(live)
    ]


def test_a_cause_is_shown_by_what_a_fresh_target_has_shown(
    lonely: tuple[StartedTarget, list[Event]],
) -> None:
    """Though another of its findings has a shorter request."""
    _, events = lonely
    (crash,) = _crashes(events)
    sent = {name: item for name, item in crash.reproduction.source.sent.items() if name != "afresh"}
    source = replace(crash.reproduction.source, sent=sent)
    shorter = replace(
        crash,
        violation=replace(crash.violation, operation=CREATE),
        reproduction=replace(crash.reproduction, aws="aws", curl="curl", steps=(), source=source),
    )
    (cause,) = causes([shorter, crash])
    assert cause.representative is crash


def test_not_more_are_started_than_a_limited_time_allows() -> None:
    targets = FreshTargets(lambda: pytest.fail("nobody asked for it"), seconds=0.0)
    assert not targets.left
    assert not FreshTargets().left
