# SPDX-License-Identifier: Apache-2.0
"""On valid requests our bytes are botocore's: same method, path, target and content type, equal JSON.

botocore's client is asked for a request and stopped before it sends it, so that its parameter validation,
its handlers and its serializer all run.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from tools.as_botocore import native

from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate, minimal
from aws_conformance.http import header
from aws_conformance.protocols import codec_for
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import (
    Service,
)

DOCUMENTS = 8
SERVICE = load_service("cognito-idp")


class _Wire:
    """A botocore client that keeps what it would have sent."""

    def __init__(self, service: str) -> None:
        session = botocore.session.Session()
        session.set_credentials("AKIDEXAMPLE", "secret")
        self.sent: list[Any] = []
        self.client = session.create_client(
            service,
            region_name="us-east-1",
            endpoint_url="http://127.0.0.1:1",
            config=Config(retries={"max_attempts": 1, "mode": "standard"}),
        )
        self.client.meta.events.register("before-send", self._keep)

    def _keep(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append(request)
        return AWSResponse(request.url, 200, {}, _Raw())

    def request(self, operation: str, value: dict[str, Any]) -> Any:
        self.client._make_api_call(operation, value)
        return self.sent.pop()


class _Raw:
    """The body of an answer without content."""

    def stream(self, **_: Any) -> list[bytes]:
        return [b"{}"]


@cache
def wire(service: str) -> _Wire:
    return _Wire(service)


def compare(service: Service, name: str, document: dict[str, Any]) -> None:
    operation = service.operations[name]
    codec = codec_for(service, "json")
    ours = codec.encode_request(service, operation, document)
    value = native(service, operation.input, document) if operation.input else {}
    theirs = wire(service.name).request(name, value)
    assert ours.method == theirs.method
    assert "http://127.0.0.1:1" + ours.path == theirs.url
    for field in ("X-Amz-Target", "Content-Type", "x-amzn-query-mode"):
        sent = theirs.headers.get(field)
        assert header(ours.headers, field) == (sent.decode() if isinstance(sent, bytes) else sent), field
    assert json.loads(ours.body) == json.loads(theirs.body)


@pytest.mark.parametrize("name", SERVICE.operations)
def test_every_cognito_operation_sends_what_botocore_sends(name: str) -> None:
    tree = compile_schema(side_schema(SERVICE, SERVICE.operations[name], "input", "json"))
    compare(SERVICE, name, minimal(tree, tree.root))
    for seed in range(DOCUMENTS):
        compare(SERVICE, name, generate(tree, SeededChoices(f"{name}:{seed}")))


@pytest.mark.parametrize("name", ["SendMessage", "CreateQueue", "ReceiveMessage", "ListQueues"])
def test_a_service_that_spoke_query_does_too(name: str) -> None:
    service = load_service("sqs")
    tree = compile_schema(side_schema(service, service.operations[name], "input", "json"))
    for seed in range(DOCUMENTS):
        document = generate(tree, SeededChoices(f"{name}:{seed}"))
        # botocore takes the endpoint from this member.
        if "QueueUrl" in document:
            document["QueueUrl"] = "http://127.0.0.1:1/"
        compare(service, name, document)
