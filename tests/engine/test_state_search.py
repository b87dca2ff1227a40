# SPDX-License-Identifier: Apache-2.0
"""The search for state, on services of a few lines that refuse whatever was not prepared."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cases.cases import first_case
from aws_conformance.cases.chains import frozen, thawed
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.hints import Hints
from aws_conformance.engine import search_trial, settling
from aws_conformance.engine.frozen_chains import read_chains, write_chains
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.engine.schedule import Resumable
from aws_conformance.engine.state_search import learned_prerequisites
from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response
from aws_conformance.reproduce.case import reproduction
from aws_conformance.reproduce.case_script import case_script
from aws_conformance.reproduce.rebuild import as_learned, rebuilt
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    OperationFinished,
    OperationStarted,
    Phase,
    Reported,
)
from aws_conformance.targets.server import serve

Handler = Callable[[str, dict[str, Any]], Any]


class RefusalError(Exception):
    """What a service refuses, by code and message."""


def handled(handler: Handler) -> Callable[[Request], Response]:
    """A server of a JSON service: `handler(operation, input)` gives the output."""

    def handle(request: Request) -> Response:
        headers = {name.lower(): text for name, text in request.headers}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        common = (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "a" * 32))
        try:
            document = json.loads(request.body)
            if not isinstance(document, dict):
                raise RefusalError("SerializationException", "an object is expected")
            output = handler(operation, document)
        except (RefusalError, ValueError) as error:
            code, message = error.args if isinstance(error, RefusalError) else ("SerializationException", "")
            return Response(400, common, json.dumps({"__type": code, "message": message}).encode())
        return Response(200, common, json.dumps(output).encode())

    return handle


class Queues:
    """Queues with messages, as strict as can be; every call is written down."""

    def __init__(self) -> None:
        self.queues: dict[str, list[str]] = {}
        self.calls: list[str] = []

    def __call__(self, operation: str, document: dict[str, Any]) -> Any:
        self.calls.append(operation)
        if operation == "CreateQueue":
            name = document["QueueName"]
            if name in self.queues:
                raise RefusalError("QueueNameExists", "the queue already exists")
            self.queues[name] = []
            return {"QueueUrl": f"http://localhost/{name}"}
        if operation not in ("SendMessage", "ReceiveMessage", "DeleteMessage", "DeleteQueue"):
            raise RefusalError("UnknownOperationException", "no such thing")
        name = str(document.get("QueueUrl")).rpartition("/")[2]
        if name not in self.queues:
            raise RefusalError("QueueDoesNotExist", "The specified queue does not exist.")
        messages = self.queues[name]
        if operation == "DeleteQueue":
            del self.queues[name]
        elif operation == "SendMessage":
            messages.append("handle-1")
            return {"MD5OfMessageBody": "0" * 32, "MessageId": "1"}
        elif operation == "ReceiveMessage":
            return {"Messages": [{"ReceiptHandle": handle} for handle in messages]} if messages else {}
        elif document.get("ReceiptHandle") not in messages:
            raise RefusalError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
        else:
            messages.remove(document["ReceiptHandle"])
        return {}


def tables(operation: str, document: dict[str, Any]) -> Any:
    """Says what it misses, a member at a time, as services do beyond their models."""
    if operation != "CreateTable":
        raise RefusalError("UnknownOperationException", "no such thing")
    for member in ("KeySchema", "AttributeDefinitions"):
        if member not in document:
            raise RefusalError("ValidationException", f"{member} is required here")
    if document.get("BillingMode") != "PAY_PER_REQUEST":
        raise RefusalError("ValidationException", "BillingMode must be one of [PAY_PER_REQUEST]")
    return {"TableDescription": {"TableName": document["TableName"]}}


class Streams:
    """Streams that are there only after somebody has looked a few times, as if time had passed."""

    def __init__(self) -> None:
        self.looks: dict[str, int] = {}
        self.early = 0

    def __call__(self, operation: str, document: dict[str, Any]) -> Any:
        name = document.get("StreamName", "")
        if operation == "CreateStream":
            self.looks[name] = 0
            return {}
        if operation not in ("DescribeStream", "AddTagsToStream", "DeleteStream"):
            raise RefusalError("UnknownOperationException", "no such thing")
        if name not in self.looks:
            raise RefusalError("ResourceNotFoundException", f"Stream {name} not found.")
        if operation == "DescribeStream":
            self.looks[name] += 1
            status = "ACTIVE" if self.looks[name] > 2 else "CREATING"
            return {"StreamDescription": {"StreamName": name, "StreamStatus": status}}
        if self.looks[name] <= 2:
            self.early += operation == "AddTagsToStream"
            raise RefusalError("ResourceInUseException", f"Stream {name} is being made.")
        return {}


class Activities:
    """Activities of Step Functions, without any hint; making one takes more than its model says."""

    def __init__(self) -> None:
        self.arns: set[str] = set()

    def __call__(self, operation: str, document: dict[str, Any]) -> Any:
        if operation == "CreateActivity":
            if not document.get("tags"):
                raise RefusalError("ValidationException", "tags is required here")
            arn = f"arn:aws:states:us-east-1:123456789012:activity:{document['name']}"
            self.arns.add(arn)
            return {"activityArn": arn, "creationDate": 1_700_000_000}
        if operation not in ("DescribeActivity", "DeleteActivity", "GetActivityTask"):
            raise RefusalError("UnknownOperationException", "no such thing")
        arn = document.get("activityArn", "")
        if arn not in self.arns:
            raise RefusalError("ActivityDoesNotExist", "there is no such activity")
        if operation == "DeleteActivity":
            self.arns.remove(arn)
        if operation == "DescribeActivity":
            return {"activityArn": arn, "name": arn.rpartition(":")[2], "creationDate": 1_700_000_000}
        return {}


class Copies:
    """Copies of snapshots, each under a name that no other has."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __call__(self, operation: str, document: dict[str, Any]) -> Any:
        if operation != "CopySnapshot":
            raise RefusalError("UnknownOperationException", "no such thing")
        name = document["TargetSnapshotName"]
        if document["SourceSnapshotName"] != "conformance":
            raise RefusalError("ValidationException", "that names nothing")
        if name in self.names:
            raise RefusalError("SnapshotAlreadyExistsFault", f"Snapshot already exists: {name}")
        self.names.add(name)
        return {"Snapshot": {"Name": name}}


class SignIns:
    """A sign-in by a password that has to be set, which asks a question before it gives a token."""

    def __init__(self) -> None:
        self.password = ""

    def __call__(self, operation: str, document: dict[str, Any]) -> Any:
        match operation:
            case "CreateUserPool":
                return {"UserPool": {"Id": "us-east-1_pool"}}
            case "CreateUserPoolClient":
                return {"UserPoolClient": {"UserPoolId": "us-east-1_pool", "ClientId": "client1"}}
            case "AdminCreateUser":
                return {"User": {"Username": document["Username"]}}
            case "AdminSetUserPassword":
                self.password = document["Password"]
                return {}
            case "InitiateAuth":
                return self._begin(document["AuthFlow"], document.get("AuthParameters") or {})
            case "RespondToAuthChallenge":
                return self._respond(document)
            case "GetUser" if document.get("AccessToken") == "a.b.c":
                return {"Username": "conformance", "UserAttributes": []}
            case "GetUser":
                raise RefusalError("NotAuthorizedException", "Invalid token")
            case _:
                raise RefusalError("UnknownOperationException", "no such thing")

    def _begin(self, flow: str, asked: dict[str, Any]) -> Any:
        if flow != "USER_PASSWORD_AUTH" or "USERNAME" not in asked:
            raise RefusalError("InvalidParameterException", "that is not supported")
        if not self.password or asked.get("PASSWORD") != self.password:
            raise RefusalError("NotAuthorizedException", "Incorrect username or password.")
        return {"Session": "a-session-of-twenty-characters", "ChallengeName": "NEW_PASSWORD_REQUIRED"}

    def _respond(self, document: dict[str, Any]) -> Any:
        wrong = document["ChallengeName"] != "NEW_PASSWORD_REQUIRED"
        if wrong or document.get("Session") != "a-session-of-twenty-characters":
            raise RefusalError("ResourceNotFoundException", "")
        if "NEW_PASSWORD" not in (document.get("ChallengeResponses") or {}):
            raise RefusalError("InvalidParameterException", "a response is missing")
        return {"AuthenticationResult": {"AccessToken": "a.b.c"}}


def explored(handler: Handler, *names: str, chains: Mapping[str, Any] | None = None) -> list[Event]:
    events: list[Event] = []
    with serve(handled(handler)) as server:
        plan = Plan(names, UrlTarget(server.url), phases=("random",), chains=chains or {}, max_examples=3)
        run(plan, events.append)
    return events


def finished(events: list[Event]) -> OperationFinished:
    return next(event for event in events if isinstance(event, OperationFinished))


def test_what_an_operation_stands_on_is_made() -> None:
    queues = Queues()
    events = explored(queues, "sqs:DeleteMessage")
    end = finished(events)
    assert end.succeeded
    assert [step["name"] for step in end.chain["steps"]][:2] == ["CreateQueue", "SendMessage"]
    # What the search and the cases have made is gone again.
    assert queues.queues == {}


def test_only_what_is_used_up_is_made_anew() -> None:
    """Of a queue with a message in it, whoever takes the message away needs another message."""
    queues = Queues()
    end = finished(explored(queues, "sqs:DeleteMessage"))
    chain = end.chain
    assert chain["steps"][0]["name"] == "CreateQueue"
    assert "CreateQueue" not in chain["used_up"]
    assert any(name.startswith(("SendMessage", "ReceiveMessage")) for name in chain["used_up"])
    contract = contract_of("sqs")
    thawn = thawed(contract.of(contract.operation("DeleteMessage")), chain)
    assert sorted(thawn.fresh) == chain["used_up"]
    assert frozen(thawn) == chain
    # One to search with, one for the cases; each case that is accepted takes a message.
    assert queues.calls.count("CreateQueue") <= 4
    assert queues.calls.count("SendMessage") > queues.calls.count("CreateQueue")


@pytest.mark.parametrize("looks", range(5))
def test_a_turn_that_is_too_short_ends_no_search(looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it say anything of what the search was about to try, for the next one."""

    def by_short_turns(explorations: Sequence[Resumable], _: float | None) -> None:
        waiting = list(explorations)
        while waiting:
            waiting = [exploration for exploration in waiting if not exploration.advance(over_soon())]
        for exploration in explorations:
            exploration.close()

    def over_soon() -> Callable[[], bool]:
        looked = count()
        return lambda: next(looked) >= looks

    monkeypatch.setattr("aws_conformance.engine.run.carry_out", by_short_turns)
    activities = Activities()
    names = tuple(
        f"stepfunctions:{name}" for name in ("DescribeActivity", "GetActivityTask", "DeleteActivity")
    )
    events = explored(activities, *names)
    ends = {event.operation: event.succeeded for event in events if isinstance(event, OperationFinished)}
    assert ends == dict.fromkeys(names, True)
    assert activities.arns == set()


def test_a_known_chain_is_no_longer_looked_for() -> None:
    chain = finished(explored(Queues(), "sqs:DeleteMessage")).chain
    queues = Queues()
    end = finished(explored(queues, "sqs:DeleteMessage", chains={"sqs:DeleteMessage": chain}))
    assert end.succeeded
    assert end.chain == chain
    assert queues.calls.index("DeleteMessage") <= 3


def test_a_refusal_that_names_what_is_missing_is_learned_from() -> None:
    end = finished(explored(tables, "dynamodb:CreateTable"))
    assert end.succeeded
    assert {"KeySchema", "AttributeDefinitions", "BillingMode"} <= set(end.chain["input"])


def test_what_was_learned_is_no_ground_for_a_violation() -> None:
    events = explored(tables, "dynamodb:CreateTable")
    checks = {event.violation.check for event in events if isinstance(event, Reported)}
    assert "request.valid.refused" not in checks


def test_where_nothing_succeeds_nothing_is_learned() -> None:
    def never(operation: str, document: dict[str, Any]) -> Any:
        raise RefusalError("AccessDeniedException", "not today")

    end = finished(explored(never, "sqs:ReceiveMessage"))
    assert not end.reached
    assert end.chain == {}


class LockedQueues(Queues):
    """Queues whose messages can not be taken away; there can be no more of them where they are `full`."""

    def __init__(self, *, full: bool = False) -> None:
        super().__init__()
        self.full = full

    def __call__(self, operation: str, document: dict[str, Any]) -> Any:
        if operation == "CreateQueue" and self.full:
            raise RefusalError("OverLimit", "no more queues")
        output = super().__call__(operation, document)
        if operation == "DeleteMessage":
            raise RefusalError("KmsAccessDenied", "the queue is locked")
        return output


def test_what_stopped_a_search_is_why_an_operation_is_not_reached() -> None:
    """The first request was refused for a handle that no message has, the last for something else."""
    end = finished(explored(LockedQueues(), "sqs:DeleteMessage"))
    assert not end.reached
    assert end.unreached == "400 KmsAccessDenied: the queue is locked"


def test_what_should_have_come_first_is_shown_with_its_refusal() -> None:
    contract = contract_of("sqs")
    reasons: list[str] = []
    with serve(handled(LockedQueues(full=True))) as server:
        plan = Plan(("sqs:DeleteMessage",), UrlTarget(server.url))
        with opened(plan) as session:
            prerequisites = learned_prerequisites(
                session,
                contract.of(contract.operation("DeleteMessage")),
                "run",
                refused=reasons.append,
            )
            assert list(prerequisites) == []
    (reason,) = reasons
    assert reason.startswith("400 QueueDoesNotExist: ")
    assert reason.endswith("; before it CreateQueue: 400 OverLimit: no more queues")


def test_what_takes_its_time_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_PAUSE", 0.001)
    streams = Streams()
    events = explored(streams, "kinesis:AddTagsToStream")
    assert finished(events).reached
    assert streams.early == 0


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
def test_a_script_waits_for_what_its_run_has_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_PAUSE", 0.001)
    events = explored(Streams(), "kinesis:AddTagsToStream")
    finding = next(
        event
        for event in events
        if isinstance(event, Reported)
        and event.violation.check == "request.invalid.accepted"
        and "CreateStream" in " ".join(wait for wait in event.reproduction.source.sent.get("waits", {}))
    )
    contract = contract_of("kinesis")
    operation = contract.of(contract.operation("AddTagsToStream"))
    learned = as_learned(operation, finding.reproduction)
    case = rebuilt(learned, finding.reproduction)
    streams = Streams()
    with serve(handled(streams)) as server:
        script = case_script(learned, case, finding, "a cause", server.url, "us-east-1")
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, encoding="utf-8", timeout=60, check=True
        )
    assert streams.early == 0
    assert list(streams.looks.values()) == [3]
    assert done.stdout.rstrip().endswith("{}")


@pytest.mark.parametrize("waits", [["a"], {"kinesis:CreateStream": {"operation": "DescribeStream"}}])
def test_waits_that_can_not_be_read_are_refused(waits: Any) -> None:
    contract = contract_of("kinesis")
    operation = contract.of(contract.operation("AddTagsToStream"))
    case = first_case(operation)
    assert case is not None
    shown = reproduction(operation, case, None, "$ENDPOINT_URL", "us-east-1")
    shown = replace(shown, source=replace(shown.source, sent={"waits": waits}))
    with pytest.raises(UsageError, match="what its steps wait for can't be read"):
        as_learned(operation, shown)


def test_what_is_there_at_once_is_asked_for_but_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Any] = []
    look = settling._readiness

    def looked(*asked_: Any) -> str:
        looks.append(asked_)
        return look(*asked_)

    monkeypatch.setattr(settling, "_readiness", looked)
    asked: list[str] = []
    streams: list[str] = []

    def ready(operation: str, document: dict[str, Any]) -> Any:
        asked.append(operation)
        if operation == "DescribeStream":
            return {"StreamDescription": {"StreamStatus": "ACTIVE"}}
        if operation == "CreateStream":
            streams.append(document["StreamName"])
        elif operation not in ("AddTagsToStream", "DeleteStream"):
            raise RefusalError("UnknownOperationException", "no such thing")
        elif document.get("StreamName") not in streams:
            raise RefusalError("ResourceNotFoundException", "there is no such stream")
        return {}

    explored(ready, "kinesis:AddTagsToStream")
    assert asked.count("CreateStream") > 1
    assert len(looks) == 1


def test_what_a_target_lacks_is_asked_for_but_once() -> None:
    asked: list[str] = []

    def lacking(operation: str, document: dict[str, Any]) -> Any:
        asked.append(operation)
        if operation in ("DescribeActivity", "DeleteActivity"):
            raise RefusalError("ActivityDoesNotExist", f"there is no {document.get('activityArn')}")
        raise RefusalError("UnknownOperationException", "no such thing")

    explored(lacking, "stepfunctions:DescribeActivity", "stepfunctions:DeleteActivity")
    assert "DescribeActivity" in asked
    # The setups of both operations, and one search for both.
    assert asked.count("CreateActivity") == 3
    # What encrypts its name is not made for the sake of what is not there.
    assert "CreateKey" not in asked


def test_a_plan_file_holds_what_was_learned(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    assert read_chains(path) == {}
    chain = finished(explored(tables, "dynamodb:CreateTable")).chain
    write_chains(path, {"dynamodb:CreateTable": chain})
    contract = contract_of("dynamodb")
    recipe = thawed(contract.of(contract.operation("CreateTable")), read_chains(path)["dynamodb:CreateTable"])
    assert frozen(recipe) == chain


@pytest.mark.parametrize("text", ["", "[]", '{"chains": {}}', '{"aws-conformance-plan": 2, "chains": {}}'])
def test_what_is_no_plan_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="plan file"):
        read_chains(path)


@pytest.mark.parametrize(
    "chain", [{}, {"steps": [{"name": "a"}], "input": {}}, {"steps": 1, "input": {}},
              {"steps": [{"name": "a", "operation": "NoSuch", "input": {}}], "input": {}}]
)  # fmt: skip
def test_a_chain_that_does_not_fit_is_refused(chain: dict[str, Any]) -> None:
    contract = contract_of("sqs")
    with pytest.raises(UsageError, match="sqs:SendMessage"):
        thawed(contract.of(contract.operation("SendMessage")), chain)


def test_an_operation_is_said_to_start_before_anything_comes_of_it() -> None:
    """Where time is short, its stories are walked before the rest is planned."""
    events: list[Event] = []
    with serve(handled(Activities())) as server:
        names = ("stepfunctions:DescribeActivity", "stepfunctions:DeleteActivity")
        phases: tuple[Phase, ...] = ("enumerated", "stateful")
        run(Plan(names, UrlTarget(server.url), phases=phases, max_time=5.0), events.append)
    for name in names:
        own = [event for event in events if isinstance(event, OperationStarted) and event.operation == name]
        cases = [event for event in events if isinstance(event, CaseFinished)]
        first = next(case for case in cases if case.case.operation == name)
        assert len(own) == 1
        assert events.index(own[0]) < events.index(first)


def test_a_name_that_is_taken_by_what_succeeded_is_new_each_time() -> None:
    handler = Copies()
    ended = finished(explored(handler, "memorydb:CopySnapshot"))
    assert ended.succeeded
    assert set(ended.chain["input"]["TargetSnapshotName"]) == {"$name"}
    assert len(handler.names) > 2


def test_texts_refusals_and_answers_lead_to_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of a map that only its text lists, a password that has to be set, what answers give."""
    monkeypatch.setattr(search_trial, "hints_of", lambda service: Hints(service, {}, {}))
    ended = finished(explored(SignIns(), "cognito-idp:GetUser"))
    assert ended.succeeded
    steps = {step["operation"]: step["input"] for step in ended.chain["steps"]}
    assert steps["InitiateAuth"]["AuthFlow"] == "USER_PASSWORD_AUTH"
    assert steps["RespondToAuthChallenge"]["Session"] == {"$from": "InitiateAuth.Session"}
    assert ended.chain["input"]["AccessToken"]["$from"].startswith("RespondToAuthChallenge.")
