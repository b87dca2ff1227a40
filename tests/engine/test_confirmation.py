# SPDX-License-Identifier: Apache-2.0
"""What has to be seen twice and what has not, and what a repetition that says nothing leaves of a violation.

Targets here are the embedded reference with one thing changed, served on the loopback.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.miniatures.shelf import RefusedError, SecretShelf

from aws_conformance.cases.case import Case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Expectation
from aws_conformance.engine.confirmation import with_new_names
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.event_json import event_from_json, event_to_json
from aws_conformance.results.events import (
    CaseFinished,
    CaseInfo,
    Event,
    Inconclusive,
    OperationFinished,
    Reported,
)
from aws_conformance.results.reports.console import ConsoleReport
from aws_conformance.results.reports.summary import Summary, summary_to_json
from aws_conformance.targets.server import serve

CSV_HEADER = "cognito-idp:GetCSVHeader"
START = "cognito-idp:StartUserImportJob"

Change = Callable[[Request, Response], Response]


def operation_of(request: Request) -> str:
    return (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]


def answered(status: int, body: bytes) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "1"))
    return Response(status, headers, body)


CRASH = answered(500, b"boom")
CONFLICT = answered(400, b'{"__type": "ResourceConflictException", "message": "the name is taken"}')


def explored(change: Change, name: str = CSV_HEADER) -> tuple[int, list[Event]]:
    """A run of one operation on the reference with each of its answers changed."""
    reference, events = Reference(Settings()), list[Event]()
    with serve(lambda request: change(request, reference.handle(request))) as server:
        code = run(Plan((name,), target=UrlTarget(server.url), max_examples=0), events.append)
    return code, events


def finished(events: list[Event]) -> OperationFinished:
    return next(event for event in events if isinstance(event, OperationFinished))


def checks_of(events: list[Event]) -> set[str]:
    return {event.violation.check for event in events if isinstance(event, Reported)}


def once(wrong: Response, afterwards: Response | None) -> Change:
    """The first success of the operation is `wrong`, and what follows is as it is or `afterwards`."""
    calls = itertools.count()

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) != "GetCSVHeader" or response.status != 200:
            return response
        return wrong if next(calls) == 0 else afterwards or response

    return change


@pytest.mark.parametrize("afterwards", [None, CONFLICT])
def test_what_a_single_answer_shows_needs_no_repetition(afterwards: Response | None) -> None:
    wrong = answered(200, b'{"UserPoolId": 1, "CSVHeader": []}')
    code, events = explored(once(wrong, afterwards))
    assert code == 1
    assert "response.body.type" in checks_of(events)
    assert finished(events).flaky == 0


def test_a_refused_repetition_neither_confirms_nor_excuses() -> None:
    _, events = explored(once(CRASH, CONFLICT))
    end = finished(events)
    assert "server.crash" not in checks_of(events)
    assert end.flaky == 0
    unrepeated = next(item for item in end.unrepeated if item.violation.check == "server.crash")
    assert unrepeated.outcome == "unconfirmed"
    assert "ResourceConflictException" in unrepeated.reason
    assert "boom" in unrepeated.reproduction.response
    reasons = [
        event.outcome.reason
        for event in events
        if isinstance(event, CaseFinished) and isinstance(event.outcome, Inconclusive)
    ]
    assert any(
        reason.startswith("unconfirmed: ") and "ResourceConflictException" in reason for reason in reasons
    )


def test_what_did_not_show_again_is_listed_with_its_exchange() -> None:
    _, events = explored(once(CRASH, None))
    summary = summary_to_json(Summary.from_events(events))
    listed = {item["check"]: item for item in summary["operations"][CSV_HEADER]["unrepeated"]}["server.crash"]
    assert listed["outcome"] == "flaky"
    assert "GetCSVHeader" in listed["request"]
    assert "boom" in listed["response"]
    stream = io.StringIO()
    console = ConsoleReport(stream, live=False)
    for event in events:
        console(event)
    assert "Seen once, and not again" in stream.getvalue()


def test_files_from_before_there_was_a_list_are_read() -> None:
    raw = event_to_json(OperationFinished(CSV_HEADER, True, "", True, 0))
    del raw["unrepeated"]
    event = event_from_json(json.loads(json.dumps(raw)))
    assert isinstance(event, OperationFinished)
    assert event.unrepeated == ()


def test_a_repetition_has_names_of_its_own() -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation("CreateUserImportJob")
    template = {
        "JobName": "ab Z9",
        "UserPoolId": {"$from": "CreateUserPool.UserPool.Id"},
        "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/r",
        "PasswordHashingAlgorithm": "BCRYPT",
    }
    info = CaseInfo("0", CSV_HEADER, "enumerated", "positive", "a valid request")
    case = Case(info, template, Expectation("accepted"))
    assert with_new_names(contract.of(operation), case).template == {**template, "JobName": "ac A0"}
    about = replace(case, info=replace(info, pointer="/JobName"))
    assert with_new_names(contract.of(operation), about) is about


def test_a_refusal_for_another_reason_verifies_no_constraint() -> None:
    """A target that says not found, whatever is wrong, has not been seen to enforce anything."""
    missing = answered(400, b'{"__type": "ResourceNotFoundException", "message": "no such pool"}')
    _, events = explored(lambda request, response: missing if response.status == 400 else response)
    outcomes = [
        event.outcome
        for event in events
        if isinstance(event, CaseFinished)
        and event.case.keyword == "pattern"
        and event.case.kind == "negative"
    ]
    assert outcomes
    assert all(isinstance(outcome, Inconclusive) for outcome in outcomes)
    assert all(
        "not for the constraint" in outcome.reason
        for outcome in outcomes
        if isinstance(outcome, Inconclusive)
    )


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (b"https://bucket.s3.amazonaws.com/x?X-Amz-Signature=1", "an upload address that is not its own"),
        (b"http://127.0.0.1:9/x?X-Amz-Signature=1", "an upload address that is not its own"),
    ],
)
def test_an_upload_address_off_the_target_is_no_reason_to_allow_it(address: bytes, reason: str) -> None:
    def change(request: Request, response: Response) -> Response:
        if operation_of(request) != "CreateUserImportJob" or response.status != 200:
            return response
        document = json.loads(response.body)
        document["UserImportJob"]["PreSignedUrl"] = address.decode()
        return replace(response, body=json.dumps(document).encode())

    _, events = explored(change, START)
    unreached = finished(events).unreached
    assert reason in unreached
    assert "allow-remote" not in unreached
    assert "Signature" not in unreached


def test_a_history_that_did_not_show_it_again_is_listed_with_all_that_was_done() -> None:
    class Forgetful(SecretShelf):
        """Loses the first secret, and none after it."""

        def describe(self, region: Any, sent: Any) -> Any:
            if self.count == 1:
                raise RefusedError("ResourceNotFoundException")
            return super().describe(region, sent)

    events: list[Event] = []
    with serve(Forgetful()) as server:
        plan = Plan(("secretsmanager:DescribeSecret",), UrlTarget(server.url), phases=("stateful",))
        run(replace(plan, max_examples=0), events.append)
    assert "oracle.read.absent" not in checks_of(events)
    (doubt,) = finished(events).unrepeated
    assert (doubt.violation.check, doubt.outcome) == ("oracle.read.absent", "flaky")
    assert any(line.startswith("1. CreateSecret") for line in doubt.reproduction.transcript)
    listed = summary_to_json(Summary.from_events(events))["operations"]["secretsmanager:DescribeSecret"]
    assert "CreateSecret" in listed["unrepeated"][0]["request"]
