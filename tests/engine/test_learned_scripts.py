# SPDX-License-Identifier: Apache-2.0
"""Scripts that begin as a search found a creator to succeed."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.oracles.script import Move, Script
from aws_conformance.cases.oracles.scripts import scripts_for
from aws_conformance.cases.prerequisites import Prerequisites
from aws_conformance.cases.setup import SetupStep
from aws_conformance.engine.oracles.learning import knows, learned_script
from aws_conformance.engine.oracles.tell import ScriptTeller
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.engine.session import Session
from aws_conformance.http import Request, Response, header
from aws_conformance.results.events import Event, Reported
from aws_conformance.spec.shapes import Operation
from aws_conformance.targets.server import serve

ARN = {"$from": "DescribeStream.StreamDescription.StreamARN"}


def _script(operation: str, title: str) -> Script:
    contract = contract_of("kinesis", None)
    scripts = scripts_for(contract.of(contract.operation(operation)))
    return next(script for script in scripts if script.info.title == title)


def test_what_succeeded_stands_for_what_a_script_is_not_about() -> None:
    session = cast(Session, SimpleNamespace(memory={}))
    script = _script("ListStreamConsumers", "made and listed by ListStreamConsumers")
    searched: list[str] = []

    def search(creator: Operation) -> Prerequisites:
        searched.append(creator.name)
        step = SetupStep("DescribeStream", "DescribeStream", {"StreamName": "a"})
        base: dict[str, Any] = {"StreamARN": ARN, "ConsumerName": "another"}
        return Prerequisites(steps=(step,), base=base)

    assert learned_script(session, script) is None
    assert not knows(session, script)
    for _ in range(2):
        learned = learned_script(session, script, search)
        assert learned is not None
        creation, listing = learned.moves
        assert creation.input["StreamARN"] == listing.input["StreamARN"] == ARN
        # It keeps the name that is its own.
        assert creation.input["ConsumerName"] == script.moves[0].input["ConsumerName"]
        assert learned.family.recipe.steps[0].name == "DescribeStream"
    assert searched == ["RegisterStreamConsumer"]


def test_an_invented_name_is_invented_once() -> None:
    """Whoever takes one thing for another accepts a bucket's policy without the bucket."""
    session = cast(Session, SimpleNamespace(memory={}))
    script = _script("ListStreamConsumers", "made and listed by ListStreamConsumers")
    base: dict[str, Any] = {"StreamARN": {"$name": "stream"}, "ConsumerName": "another"}
    learned = learned_script(session, script, lambda _: Prerequisites(steps=(), base=base))
    assert learned is not None
    creation, listing = learned.moves
    assert creation.input["StreamARN"] == {"$name": "stream"}
    assert listing.input["StreamARN"] == {"$from": "create.$in.StreamARN"}


def test_where_nothing_succeeds_there_is_no_script() -> None:
    session = cast(Session, SimpleNamespace(memory={}))
    script = _script("ListStreamConsumers", "made and listed by ListStreamConsumers")
    assert learned_script(session, script, lambda creator: None) is None
    assert knows(session, script)


def _association(service: str, operation: str, title: str) -> Script:
    contract = contract_of(service, None)
    scripts = scripts_for(contract.of(contract.operation(operation)))
    return next(script for script in scripts if script.associates and script.info.title.startswith(title))


def test_what_is_added_besides_is_as_the_target_accepted_the_first() -> None:
    session = cast(Session, SimpleNamespace(memory={}))
    script = _association("ec2", "DetachVpnGateway", "of two")
    step = SetupStep("CreateVpc", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})
    base = {"VpcId": {"$from": "CreateVpc.Vpc.VpcId"}, "VpnGatewayId": {"$from": "CreateVpnGateway.Id"}}
    learned = learned_script(session, script, lambda _: Prerequisites(steps=(step,), base=base))
    assert learned is not None
    moves = {move.label: move.input for move in learned.moves}
    assert moves["another"] == {"CidrBlock": "10.0.0.0/16"}
    assert moves["create"] == base
    assert moves["other"] == {
        "VpcId": {"$from": "another.Vpc.VpcId"},
        "VpnGatewayId": {"$from": "create.$in.VpnGatewayId"},
    }


def test_who_is_added_is_whom_the_target_accepted_rather_than_an_invented_name() -> None:
    session = cast(Session, SimpleNamespace(memory={}))
    script = _association("iot", "AttachThingPrincipal", "added and listed")
    base = {
        "thingName": {"$from": "CreateThing.thingName"},
        "principal": {"$from": "CreateKeysAndCertificate.certificateArn"},
    }
    learned = learned_script(session, script, lambda _: Prerequisites(base=base))
    assert learned is not None
    assert next(move.input for move in learned.moves if move.label == "create") == base


def test_what_the_setup_makes_has_a_variable_wherever_it_is_sent_again() -> None:
    script = _association("iam", "AttachRolePolicy", "added and listed")
    teller = ScriptTeller("iam", script)
    teller.setup(script.family.recipe.steps, "or1")
    for index, move in enumerate(script.moves):
        teller.tell(index, move, "200", lambda symbol: f"literal {symbol}", success=True)
    sent = [step.document for step in teller.steps if step.move >= 0]
    arn, role = "$CreatePolicy_Policy_Arn", "$CreateRole_Role_RoleName"
    assert sent[:3] == [{"RoleName": role}, {"PolicyArn": arn}, {"RoleName": role, "PolicyArn": arn}]


class _Streams:
    """Streams and their consumers, of which a list shows all whatever was asked for.

    It fails without a number of shards, and consumers are known by the stream's ARN, which reading it shows.
    """

    def __init__(self) -> None:
        self.streams: dict[str, list[dict[str, Any]]] = {}

    def __call__(self, request: Request) -> Response:
        name = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        sent = json.loads(request.body)
        answer = getattr(self, f"answer_{name}", None)
        if answer is None:
            return self._said(400, {"__type": "UnknownOperationException"})
        try:
            return self._said(200, answer(sent))
        except KeyError:
            return self._said(400, {"__type": "ResourceNotFoundException", "message": "no such stream"})
        except TypeError as error:
            return self._said(500, {"__type": "InternalFailure", "message": f"TypeError: {error}"})

    def _said(self, status: int, document: Any) -> Response:
        headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "0" * 32))
        return Response(status, headers, json.dumps(document).encode())

    def _arn(self, name: str) -> str:
        return f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}"

    def answer_CreateStream(self, sent: Any) -> Any:  # noqa: N802 - called as the operation is
        self.streams[self._arn(sent["StreamName"])] = [] * (1 // sent.get("ShardCount"))
        return {}

    def answer_DescribeStream(self, sent: Any) -> Any:  # noqa: N802 - the same
        arn = self._arn(sent["StreamName"])
        self.streams[arn]
        named = {"StreamName": sent["StreamName"], "StreamARN": arn, "StreamStatus": "ACTIVE", "Shards": []}
        settled = {"HasMoreShards": False, "RetentionPeriodHours": 24, "EnhancedMonitoring": []}
        return {"StreamDescription": {**named, **settled, "StreamCreationTimestamp": time.time()}}

    def answer_RegisterStreamConsumer(self, sent: Any) -> Any:  # noqa: N802 - the same
        arn = f"{sent['StreamARN']}/consumer/{sent['ConsumerName']}:1"
        consumer = {"ConsumerName": sent["ConsumerName"], "ConsumerARN": arn, "ConsumerStatus": "ACTIVE"}
        consumer["ConsumerCreationTimestamp"] = time.time()
        self.streams[sent["StreamARN"]].append(consumer)
        return {"Consumer": consumer}

    def answer_ListStreamConsumers(self, sent: Any) -> Any:  # noqa: N802 - the same
        return {"Consumers": self.streams[sent["StreamARN"]]}


def test_what_a_story_stands_on_is_searched_for() -> None:
    events: list[Event] = []
    with serve(_Streams()) as server:
        plan = Plan(
            ("kinesis:ListStreamConsumers",), UrlTarget(server.url), phases=("stateful",), max_examples=0
        )
        run(plan, events.append)
    checks = {event.violation.check for event in events if isinstance(event, Reported)}
    assert "oracle.page.limit" in checks


def test_a_name_of_a_form_of_its_own_is_printed_in_it() -> None:
    script = _script("ListStreamConsumers", "made and listed by ListStreamConsumers")
    teller = ScriptTeller("kinesis", script)
    steps = [
        SetupStep(step.name, step.operation, {"StreamName": {"$name": "a/{}"}})
        for step in script.family.recipe.steps
    ]
    teller.setup(steps, "or123")
    assert [step.document for step in teller.steps] == [{"StreamName": "a/or123"}]


def test_a_name_that_the_setup_was_sent_is_printed_wherever_it_is_meant() -> None:
    """No answer shows it, so that no variable holds it."""
    bucket = {"$from": "CreateBucket.$in.Bucket"}
    create = Move("create", "create", "PutObjectTagging", {"Bucket": bucket, "Key": "a"})
    script = replace(
        _script("ListStreamConsumers", "made and listed by ListStreamConsumers"), moves=(create,)
    )
    teller = ScriptTeller("s3", script)
    steps = [
        SetupStep("CreateBucket", "CreateBucket", {"Bucket": {"$name": "bucket"}}),
        SetupStep("PutObject", "PutObject", {"Bucket": bucket, "Key": "a"}),
    ]
    teller.setup(steps, "or123")
    teller.tell(0, create, "success", lambda symbol: "or123-bucket-7", success=True)
    assert [step.document["Bucket"] for step in teller.steps] == ["or123-bucket"] * len(teller.steps)
    assert [step.operation for step in teller.steps] == ["CreateBucket", "PutObjectTagging"]
