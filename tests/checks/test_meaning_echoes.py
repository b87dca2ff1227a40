# SPDX-License-Identifier: Apache-2.0
"""What an answer shows of what was sent, in one place or in several."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Expectation
from aws_conformance.checks.echoes import member_changed
from aws_conformance.checks.response import interpret
from aws_conformance.http import Response

NAME = "route53:CreateHostedZone"
SENT = {"Name": "a.example", "CallerReference": "mine"}


def _changed(zone: str, servers: str) -> set[tuple[str | int, ...]]:
    contract = contract_of("route53")
    operation = contract.operation("CreateHostedZone")
    document = {
        "HostedZone": {"Id": "/hostedzone/Z1", "Name": "a.example.", "CallerReference": zone},
        "ChangeInfo": {"Id": "/change/C1", "Status": "PENDING", "SubmittedAt": "2026-01-01T00:00:00Z"},
        "DelegationSet": {"NameServers": ["ns"], "CallerReference": servers},
        "Location": "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1",
    }
    response = contract.protocol.encode_response(contract.service, operation, document)
    validators = contract.validators(operation.name)
    accepted = Expectation("accepted")
    answer = interpret(contract.service, operation, contract.protocol, validators, response, accepted, SENT)
    return {breach.path for breach in member_changed(answer)}


@pytest.mark.parametrize(
    ("zone", "servers", "changed"),
    [
        ("mine", "mine", set()),
        ("mine", "of the name servers", set()),
        (
            "lost",
            "of the name servers",
            {("HostedZone", "CallerReference"), ("DelegationSet", "CallerReference")},
        ),
    ],
)
def test_one_place_that_shows_it_as_it_was_sent_is_enough(
    zone: str, servers: str, changed: set[tuple[str | int, ...]]
) -> None:
    assert _changed(zone, servers) == changed


def test_the_way_to_the_next_page_differs_on_each() -> None:
    contract = contract_of("dynamodb")
    operation = contract.operation("ListImports")
    response = contract.protocol.encode_response(contract.service, operation, {"NextToken": "2"})
    validators = contract.validators(operation.name)
    accepted = Expectation("accepted")
    sent = {"NextToken": "1"}
    answer = interpret(contract.service, operation, contract.protocol, validators, response, accepted, sent)
    assert list(member_changed(answer)) == []


GROUP = {"GroupName": "a", "UserPoolId": "us-east-1_a", "Description": "d", "Precedence": 1}
# A write that was told nothing, or that shows nothing of what it was told, need not say so.
LEFT_OUT = [
    ("CreateGroup", GROUP, GROUP, set()),
    ("CreateGroup", GROUP, {"GroupName": "a", "UserPoolId": "us-east-1_a"}, {"Description", "Precedence"}),
    ("UpdateGroup", GROUP, {**GROUP, "Description": None}, {"Description"}),
    ("CreateGroup", {**GROUP, "Description": "", "Precedence": 0}, {"GroupName": "a"}, {"UserPoolId"}),
    ("CreateGroup", GROUP, {}, set()),
    ("CreateGroup", GROUP, {"CreationDate": 1}, set()),
    ("GetGroup", GROUP, {"GroupName": "a"}, set()),
]


@pytest.mark.parametrize(("name", "sent", "shown", "missed"), LEFT_OUT)
def test_what_was_written_is_shown_where_the_rest_of_it_is(
    name: str, sent: dict[str, Any], shown: dict[str, Any], missed: set[str]
) -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation(name)
    body = json.dumps({"Group": shown}).encode()
    response = Response(200, (("Content-Type", "application/x-amz-json-1.1"),), body)
    validators = contract.validators(operation.name)
    accepted = Expectation("accepted")
    answer = interpret(contract.service, operation, contract.protocol, validators, response, accepted, sent)
    breaches = list(member_changed(answer))
    assert {breach.path[-1] for breach in breaches} == missed
    assert {breach.got for breach in breaches} <= {"no such member"}


@pytest.mark.parametrize(
    ("sent", "shown", "changed"),
    [
        ("alias/source", "arn:aws:kms:us-east-1:123456789012:key/1a2b", False),
        ("arn:aws:kms:us-east-1:123456789012:key/1a2b", "1a2b", False),
        ("arn:aws:kms:us-east-1:123456789012:key/1a2b", "arn:aws:kms:us-east-1:123456789012:key/9", True),
        ("1a2b", "9f8e", True),
    ],
)
def test_what_is_encrypted_anew_is_other_bytes_under_a_key_that_has_several_names(
    sent: str, shown: str, changed: bool
) -> None:
    contract = contract_of("kms")
    operation = contract.operation("ReEncrypt")
    document = {"CiphertextBlob": "bmV3", "SourceKeyId": shown, "KeyId": "arn:aws:kms:::key/2"}
    response = contract.protocol.encode_response(contract.service, operation, document)
    validators = contract.validators(operation.name)
    accepted = Expectation("accepted")
    asked = {"CiphertextBlob": "b2xk", "SourceKeyId": sent, "DestinationKeyId": "alias/other"}
    answer = interpret(contract.service, operation, contract.protocol, validators, response, accepted, asked)
    assert [breach.path for breach in member_changed(answer)] == ([("SourceKeyId",)] if changed else [])
