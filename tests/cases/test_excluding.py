# SPDX-License-Identifier: Apache-2.0
"""Members of which the documents allow one are sent together, and a target that takes both is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.miniatures.stub import stub

from aws_conformance.cases.cases import CaseMaker, enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.excluding import excluding_documents
from aws_conformance.cases.prerequisites import prerequisites_for
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.results.events import Event, Reported
from aws_conformance.targets.server import Handler, serve

OPERATION = "logs:DescribeLogGroups"
PAIR = b'"logGroupNamePattern"', b'"logGroupNamePrefix"'


def _violations(handler: Handler) -> list[tuple[str, str, str]]:
    events: list[Event] = []
    with serve(handler) as server:
        plan = Plan((OPERATION,), UrlTarget(server.url), phases=("enumerated",), max_examples=0)
        run(plan, events.append)
    violations = [event.violation for event in events if isinstance(event, Reported)]
    return [(item.check, item.severity, str(item.path)) for item in violations if item.severity == "error"]


def _refusing(handler: Callable[[Request], Response]) -> Handler:
    """The same target, but that it knows which members exclude each other."""

    def handle(request: Request) -> Response:
        if all(name in request.body for name in PAIR):
            body = b'{"__type":"InvalidParameterException","message":"not both"}'
            return Response(400, (("Content-Type", "application/x-amz-json-1.1"),), body)
        return handler(request)

    return handle


def test_a_target_that_takes_both_is_named_for_it_alone() -> None:
    listing = stub(OPERATION, {"logGroups": []}, "InvalidParameterException")
    assert _violations(_refusing(listing)) == []
    (violation,) = _violations(listing)
    assert violation[:2] == ("request.invalid.accepted", "error")
    assert "logGroupNamePrefix" in violation[2]


@pytest.mark.parametrize(
    ("operation", "earns"),
    [
        ("rds:FailoverGlobalCluster", ["unknown"]),
        ("secretsmanager:DeleteSecret", ["refused"]),
        ("secretsmanager:DescribeSecret", []),
    ],
)
def test_what_a_pair_earns_is_by_the_strength_of_the_text(operation: str, earns: list[str]) -> None:
    service, _, name = operation.partition(":")
    contract = contract_of(service, None)
    cases = enumerated_cases(contract.of(contract.operation(name)))
    pairs = [case for case in cases if case.info.keyword == "exclusive"]
    assert [case.expectation.earns for case in pairs] == earns


def test_both_members_of_a_pair_say_something() -> None:
    contract = contract_of("secretsmanager", None)
    (pair,) = excluding_documents(contract.of(contract.operation("BatchGetSecretValue")))
    assert len(pair.document["SecretIdList"]) == 1
    assert pair.document["Filters"] == [{}]
    assert "Filters" not in pair.single


def test_a_pair_is_sent_whatever_else_a_target_was_seen_to_accept() -> None:
    contract = contract_of("cloudformation", None)
    operation = contract.of(contract.operation("CreateStack"))
    learned = replace(
        prerequisites_for(operation), base={"StackName": "a", "TemplateBody": "b"}, steps=(), bind={}
    )
    maker = CaseMaker(operation, "enumerated")
    maker._learned = learned
    pairs = [case for case in maker.excluding() if "DisableRollback" in case.info.title]
    assert pairs
    for case in pairs:
        assert {"DisableRollback", "OnFailure", "TemplateBody"} <= case.template.keys()


def test_a_valid_document_with_a_pair_may_be_refused() -> None:
    contract = contract_of("cognito-idp", None)
    operation = contract.of(contract.operation("CreateUserPoolClient"))
    positives = [case for case in enumerated_cases(operation) if case.info.kind == "positive"]
    pairs = [case for case in positives if {"GenerateSecret", "ClientSecret"} <= case.template.keys()]
    assert pairs
    assert {case.expectation.earns for case in pairs} == {"tolerated"}
    assert "tolerated" not in {case.expectation.earns for case in positives if case not in pairs}
