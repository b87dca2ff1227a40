# SPDX-License-Identifier: Apache-2.0
"""Event streams: Smithy's published cases in both directions, and frames that are not whole or not sound."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocols.smithy_models import smithy_ast, smithy_service
from tests.shared_data import require

from aws_conformance.http import Request, Response
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.event_frames import HeaderValue, Message, dump_message, read_messages
from aws_conformance.protocols.findings import Finding
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import (
    BlobShape,
    ListShape,
    MapShape,
    Service,
    StructureShape,
    TimestampShape,
)

NAMESPACE = "aws.protocoltests.restjson#"
OPERATIONS = tuple(
    NAMESPACE + name
    for name in (
        "DuplexStream",
        "DuplexStreamWithInitialMessages",
        "InputStream",
        "InputStreamWithInitialRequest",
        "OutputStream",
        "OutputStreamWithInitialResponse",
    )
)
TRAIT = "smithy.test#eventStreamTests"
LABEL = ("Content-Type", "application/vnd.amazon.eventstream")
CODECS = {"aws.protocols#restJson1": "rest-json"}


def _cases() -> list[Any]:
    try:
        ast = smithy_ast()
    except (pytest.skip.Exception, pytest.fail.Exception):
        return [pytest.param("", {}, id="smithy-ast.json.gz absent")]
    return [
        pytest.param(name.partition("#")[2], case, id=case["id"])
        for name in OPERATIONS
        for case in ast[name]["traits"][TRAIT]
    ]


def _document(service: Service, name: str, value: Any) -> Any:
    """A value as the cases write it in a document's terms."""
    shape = service.shape(name)
    match shape, value:
        case StructureShape(members=members), dict():
            return {key: _document(service, members[key].target, item) for key, item in value.items()}
        case ListShape(member=inner), list():
            return [_document(service, inner.target, item) for item in value]
        case MapShape(value=inner), dict():
            return {key: _document(service, inner.target, item) for key, item in value.items()}
        case BlobShape(), str():
            return base64.b64encode(value.encode()).decode()
        case TimestampShape(format=None), str():
            return datetime.fromisoformat(value).timestamp()
        case _:
            return value


def _read(body: bytes) -> list[tuple[dict[str, Any], Any]]:
    """The messages of a body: an integer's width aside, and a payload by what it says where it is JSON."""
    findings: list[Finding] = []
    messages = []
    for message in read_messages(body, (), findings):
        headers = {
            name: ("number" if header.kind in ("byte", "short", "integer") else header.kind, header.value)
            for name, header in message.headers.items()
        }
        label = message.text(":content-type")
        content = json.loads(message.payload) if label == "application/json" else message.payload
        messages.append((headers, content))
    assert findings == []
    return messages


@pytest.mark.parametrize(("operation", "case"), _cases())
def test_the_published_cases(operation: str, case: dict[str, Any]) -> None:
    if not operation:
        require("protocol-cases/smithy-ast.json.gz")
    service = smithy_service(OPERATIONS, CODECS[case["protocol"]])
    described = service.operations[operation]
    codec = codec_for(service, CODECS[case["protocol"]])
    events = case.get("events", [])
    response = "Output" in case["id"] or ("Error" in case["id"] and "Protocol" in case["id"])
    side = described.output if response else described.input
    assert {event["type"] for event in events} <= {"response" if response else "request"}
    body = b"".join(base64.b64decode(event["bytes"]) for event in events)
    initial = case.get("initialResponse" if response else "initialRequest", {})
    headers = (*initial.get("headers", {}).items(), *([LABEL] if body else ()))
    if initial.get("code", 200) >= 400:
        answer = Response(initial["code"], headers, initial["body"].encode())
        error = codec.decode_error(service, answer)
        expected = case["expectation"]["failure"].get("errorId")
        assert error.code == (expected.partition("#")[2] if expected else None)
        assert expected or error.findings
        return
    request = Request(described.method, initial.get("uri", described.uri), headers, body)
    if response:
        read = codec.decode_response(service, described, Response(200, headers, body))
        findings, document = read.findings, read.document
    else:
        asked = codec.decode_request(service, request)
        assert asked.operation == operation
        findings, document = asked.findings, asked.document
    stream = service.event_stream(side)
    assert stream is not None
    streamed = [
        {name: _document(service, service.structure(stream.target).members[name].target, value)}
        for event in events
        for name, value in event.get("params", {}).items()
    ]
    members = case.get("initialResponseParams" if response else "initialRequestParams", {})
    expected_document = {**members, **({stream.name: streamed} if events else {})}
    unfit = compile_validator(
        side_schema(service, described, "output" if response else "input", codec.name)
    ).findings(document)
    failure = case.get("expectation", {}).get("failure")
    if failure is not None and "errorId" not in failure:
        assert findings or unfit
        return
    assert (document, findings, unfit) == (expected_document, (), ())
    if response:
        sent = codec.encode_response(service, described, expected_document)
        assert dict(headers).items() <= dict(sent.headers).items()
        assert codec.decode_response(service, described, sent).document == document
        assert _read(sent.body) == _read(body)
    else:
        encoded = codec.encode_request(service, described, expected_document)
        assert dict(headers).items() <= dict(encoded.headers).items()
        assert codec.decode_request(service, encoded).document == document
        assert _read(encoded.body) == _read(body)


def test_there_are_as_many_cases_as_are_published() -> None:
    require("protocol-cases/smithy-ast.json.gz")
    holders = {name for name, shape in smithy_ast().items() if TRAIT in shape.get("traits", {})}
    assert holders == set(OPERATIONS)
    assert len(_cases()) == 100


KINESIS = load_service("kinesis")
SUBSCRIBE = KINESIS.operations["SubscribeToShard"]
STREAMED = {
    "EventStream": [
        {
            "SubscribeToShardEvent": {
                "Records": [{"SequenceNumber": "1", "Data": "Zm9v", "PartitionKey": "a"}],
                "ContinuationSequenceNumber": "2",
                "MillisBehindLatest": 0,
            }
        },
        {"ResourceNotFoundException": {"message": "gone"}},
    ]
}


def test_events_of_a_json_protocol_stand_behind_an_initial_response() -> None:
    codec = codec_for(KINESIS, "json")
    response = codec.encode_response(KINESIS, SUBSCRIBE, STREAMED)
    first, *rest = read_messages(response.body, (), [])
    assert (first.text(":event-type"), first.payload) == ("initial-response", b"{}")
    assert [message.text(":message-type") for message in rest] == ["event", "exception"]
    decoded = codec.decode_response(KINESIS, SUBSCRIBE, response)
    assert (decoded.document, decoded.findings) == (STREAMED, ())
    assert (
        compile_validator(side_schema(KINESIS, SUBSCRIBE, "output", "json")).findings(decoded.document) == ()
    )


def test_a_stream_without_events_is_an_empty_list() -> None:
    service = load_service("bedrock-agent-runtime")
    operation, codec = service.operations["OptimizePrompt"], codec_for(service, "rest-json")
    response = codec.encode_response(service, operation, {"optimizedPrompt": []})
    assert response.body == b""
    assert codec.decode_response(service, operation, response).document == {"optimizedPrompt": []}


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda body: body[:-1], "event.frame"),
        (lambda body: body[:8] + b"\0\0\0\0" + body[12:], "event.frame"),
        (lambda body: body[:-1] + bytes([body[-1] ^ 1]), "event.frame"),
        (lambda body: body + b"\0\0\0\1", "event.frame"),
        (lambda body: body.replace(b"event-type", b"event-tape"), "event.header"),
        (lambda body: body.replace(b":content-type", b":content-tape"), "content-type"),
        (lambda body: body.replace(b'"gone"', b'"gone,'), "body.malformed"),
    ],
)
def test_what_is_wrong_with_a_stream_is_a_finding_with_its_place(spoil: Any, rule: str) -> None:
    codec = codec_for(KINESIS, "json")
    response = codec.encode_response(KINESIS, SUBSCRIBE, STREAMED)
    spoilt = Response(200, response.headers, spoil(response.body))
    decoded = codec.decode_response(KINESIS, SUBSCRIBE, spoilt)
    assert rule in {finding.rule for finding in decoded.findings}
    assert all(finding.path[:1] == ("EventStream",) for finding in decoded.findings if finding.rule == rule)


def test_an_unknown_event_and_a_wrong_member_are_left_to_the_schema() -> None:
    codec = codec_for(KINESIS, "json")
    wrong = {"EventStream": [{"Nothing": {}}, {"SubscribeToShardEvent": {"Records": "none"}}]}
    response = codec.encode_response(KINESIS, SUBSCRIBE, wrong)
    decoded = codec.decode_response(KINESIS, SUBSCRIBE, response)
    unfit = compile_validator(side_schema(KINESIS, SUBSCRIBE, "output", "json")).findings(decoded.document)
    assert {(finding.keyword, finding.path[:3]) for finding in unfit} >= {
        ("additionalProperties", ("EventStream", 0, "Nothing")),
        ("type", ("EventStream", 1, "SubscribeToShardEvent")),
    }


HEADERS = {
    "text": HeaderValue("text", "ü"),
    "yes": HeaderValue("boolean", True),
    "no": HeaderValue("boolean", False),
    "byte": HeaderValue("byte", -1),
    "short": HeaderValue("short", 300),
    "integer": HeaderValue("integer", -70000),
    "long": HeaderValue("long", 1 << 40),
    "bytes": HeaderValue("bytes", b"\0\1"),
    "timestamp": HeaderValue("timestamp", 1_700_000_000_000),
    "uuid": HeaderValue("uuid", "00000000-0000-4000-8000-000000000000"),
}


def test_a_header_of_each_type_survives() -> None:
    findings: list[Finding] = []
    assert list(read_messages(dump_message(Message(HEADERS, b"x")), (), findings)) == [Message(HEADERS, b"x")]
    assert findings == []


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=80), st.integers(0, 400), st.integers(0, 255))
def test_any_bytes_are_survived(tail: bytes, position: int, byte: int) -> None:
    codec = codec_for(KINESIS, "json")
    body = bytearray(codec.encode_response(KINESIS, SUBSCRIBE, STREAMED).body + tail)
    body[position % len(body)] = byte
    codec.decode_response(KINESIS, SUBSCRIBE, Response(200, (LABEL,), bytes(body)))
    codec.decode_response(KINESIS, SUBSCRIBE, Response(200, (LABEL,), tail))
