# SPDX-License-Identifier: Apache-2.0
"""Protocols whose requests don't name their operation: an invented one shows nothing there."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from tests.switchable import events_of, findings, switchable

from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import compile_contract, contract_of
from aws_conformance.cases.contract import Contract
from aws_conformance.checks.response import interpret
from aws_conformance.engine.evidence import Evidence
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.http import Request, Response
from aws_conformance.protocols import DecodedRequest, Protocol, codec_for
from aws_conformance.results.events import OperationFinished
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.shapes import Operation, Service

SERVICE = load_service("cognito-idp")
OPERATION = SERVICE.operations["GetCSVHeader"]
JSON = codec_for(SERVICE, "json")


def _encode(service: Service, operation: Operation, document: Any) -> Request:
    """As in rest-json: method and path are the operation's, and its name is nowhere."""
    headers = (("Content-Type", "application/json"),)
    return Request(operation.method, operation.uri, headers, json.dumps(document).encode())


def _decode(service: Service, request: Request) -> DecodedRequest:
    named = request.with_headers([("X-Amz-Target", f"{service.target_prefix}.{OPERATION.name}")])
    return JSON.decode_request(service, named)


def _compiled(codec: Protocol) -> Contract:
    compiled = compile_contract(SERVICE, "json")
    compiled.protocol = codec
    return compiled


REST = dataclasses.replace(
    JSON, encode_request=_encode, decode_request=_decode, invented=lambda service, operation, request: None
)


@pytest.mark.parametrize(("codec", "implemented"), [(REST, True), (JSON, False)])
def test_the_same_request_is_no_canary(codec: Protocol, implemented: bool) -> None:
    """A refusal of the one and only request is not "exactly as to an operation that does not exist"."""
    compiled = _compiled(codec)
    body = b'{"__type": "ResourceNotFoundException", "message": "no such pool"}'
    refusal = Response(400, (("Content-Type", "application/x-amz-json-1.1"),), body)
    received = []

    def handler(request: Request) -> Response:
        received.append(request)
        return refusal

    with switchable(handler) as switch, opened(Plan((), target=UrlTarget(switch.url))) as session:
        received.clear()
        validators = compiled.validators(OPERATION.name)
        answer = interpret(SERVICE, OPERATION, codec, validators, refusal)
        evidence = Evidence(session, compiled.of(OPERATION))
        for _ in range(2):
            said = evidence.of({"UserPoolId": "us-east-1_abc"}, answer, 0)
            assert (said == "") is implemented
    assert len(received) == (0 if implemented else 1)


def test_what_is_wrong_with_a_header_needs_that_header() -> None:
    tampers = {case.tamper for case in enumerated_cases(_compiled(REST).of(OPERATION))}
    assert tampers == {"", "truncated", "not json", "content-type"}
    named = {case.tamper for case in enumerated_cases(contract_of("cognito-idp").of(OPERATION))}
    assert named == tampers | {"unknown target", "missing target"}


def test_a_request_without_a_label_can_not_be_labelled_wrongly() -> None:
    def unlabelled(service: Service, operation: Operation, document: Any) -> Request:
        return _encode(service, operation, document).without_header("Content-Type")

    compiled = _compiled(dataclasses.replace(REST, encode_request=unlabelled))
    assert "content-type" not in {case.tamper for case in enumerated_cases(compiled.of(OPERATION))}


def test_what_is_wrong_below_the_document_is_no_fault_of_an_operation_that_is_not_there() -> None:
    """Few cases, so that forged signatures come before the third that shows the operation to be missing."""
    name = "cognito-idp:UpdateIdentityProvider"
    events = events_of(Plan((name,), phases=("enumerated",), budget=40))
    assert findings(events) == []
    (end,) = (event for event in events if isinstance(event, OperationFinished))
    assert not end.implemented
