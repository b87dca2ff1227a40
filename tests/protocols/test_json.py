# SPDX-License-Identifier: Apache-2.0
"""AWS JSON in its four directions: vectors both ways, where errors keep their codes, and hostile bytes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.installed_models import of_newer_models

from aws_conformance.http import Request, Response, header
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.error_codes import sanitise_code
from aws_conformance.spec.botocore import load_service

SERVICE = load_service("cognito-idp")
CODEC = codec_for(SERVICE, "json")
CONTENT_TYPE = ("Content-Type", "application/x-amz-json-1.1")
VECTORS: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parents[2] / "fixtures" / "json-vectors.yaml").read_text("utf-8")
)


def _named(vectors: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[vector["what"] for vector in vectors])


def answered(body: bytes, status: int = 200) -> Response:
    return Response(status, (CONTENT_TYPE,), body)


@_named(VECTORS["both"])
def test_a_vector_holds_in_both_directions(vector: dict[str, Any]) -> None:
    operation = SERVICE.operations[vector["operation"]]
    raw = vector["raw"].encode()
    value = vector["value"]
    others = [text.encode() for text in vector.get("also", ())]
    match vector["side"]:
        case "input":
            request = CODEC.encode_request(SERVICE, operation, value)
            assert request.body == raw
            assert (request.method, request.path) == ("POST", "/")
            for body in (request.body, *others):
                read = CODEC.decode_request(SERVICE, Request("POST", "/", request.headers, body))
                assert (read.operation, read.findings) == (operation.name, ())
                assert read.document == value
                assert repr(read.document) == repr(value)
        case "output":
            response = CODEC.encode_response(SERVICE, operation, value)
            assert response.body == raw
            assert response.status == 200
            for body in (raw, *others):
                decoded = CODEC.decode_response(SERVICE, operation, answered(body))
                assert (decoded.document, decoded.findings) == (value, ())
        case "error":
            response = CODEC.encode_error(SERVICE, vector["code"], value, vector["status"])
            assert (response.body, response.status) == (raw, vector["status"])
            for body in (raw, *others):
                error = CODEC.decode_error(SERVICE, answered(body, vector["status"]))
                assert (error.code, dict(error.document), error.findings) == (vector["code"], value, ())
                assert error.source == "__type"


@_named(VECTORS["errors"])
def test_an_error_keeps_its_code_and_message(vector: dict[str, Any]) -> None:
    headers = (CONTENT_TYPE, *vector.get("headers", {}).items())
    error = CODEC.decode_error(SERVICE, Response(400, headers, vector["body"].encode()))
    assert (error.code, error.source) == (vector["code"], vector["source"])
    assert (error.message, error.message_key) == (vector.get("message"), vector.get("message_key"))
    assert dict(error.document) == vector.get("members", {})
    assert [finding.rule for finding in error.findings] == vector.get("rules", [])


@_named(VECTORS["odd"])
def test_what_is_odd_is_a_finding_in_its_place(vector: dict[str, Any]) -> None:
    operation = SERVICE.operations["DescribeUserPool"]
    decoded = CODEC.decode_response(SERVICE, operation, answered(vector["raw"].encode()))
    paths: dict[str, list[list[Any]]] = {}
    for finding in decoded.findings:
        paths.setdefault(finding.rule, []).append(list(finding.path))
        assert finding.expected
        assert finding.got
    assert paths == vector["rules"]
    assert decoded.readable is ("body.malformed" not in paths)
    if "value" in vector:
        assert decoded.document == vector["value"]


def test_headers_name_the_operation_and_the_content() -> None:
    request = CODEC.encode_request(SERVICE, SERVICE.operations["SignUp"], {})
    assert header(request.headers, "x-amz-target") == "AWSCognitoIdentityProviderService.SignUp"
    assert header(request.headers, "content-type") == "application/x-amz-json-1.1"
    assert header(request.headers, "x-amzn-query-mode") is None
    sqs = load_service("sqs")
    assert CODEC.content_type(sqs) == "application/x-amz-json-1.0"
    asked = CODEC.encode_request(sqs, sqs.operations["SendMessage"], {})
    assert header(asked.headers, "x-amzn-query-mode") == "true"


@pytest.mark.parametrize(
    ("target", "operation"),
    [
        ("AWSCognitoIdentityProviderService.SignUp", "SignUp"),
        ("AWSCognitoIdentityProviderService.NoSuchOperation", "NoSuchOperation"),
        ("awscognitoidentityproviderservice.SignUp", None),
        ("SignUp", None),
        ("AWSCognitoIdentityProviderService.", None),
        (None, None),
    ],
)
def test_a_request_says_which_operation_it_is_for(target: str | None, operation: str | None) -> None:
    headers = (("x-amz-target", target),) if target is not None else ()
    assert CODEC.decode_request(SERVICE, Request("POST", "/", headers, b"{}")).operation == operation


def test_an_empty_body_is_the_empty_document_only_where_nothing_is_expected() -> None:
    silent = next(item for item in SERVICE.operations.values() if item.output is None)
    assert CODEC.decode_response(SERVICE, silent, answered(b"")) == CODEC.decode_response(
        SERVICE, silent, answered(b"{}")
    )
    spoken = SERVICE.operations["ListUserPools"]
    assert not CODEC.decode_response(SERVICE, spoken, answered(b"")).readable
    request = CODEC.encode_request(SERVICE, spoken, {})
    bare = CODEC.decode_request(SERVICE, Request("POST", "/", request.headers, b""))
    assert (bare.document, bare.readable, bare.findings) == ({}, True, ())


@pytest.mark.parametrize(
    ("content_type", "fine"),
    [
        ("application/x-amz-json-1.1", True),
        ("APPLICATION/X-AMZ-JSON-1.1; charset=utf-8", True),
        ("application/x-amz-json-1.0", False),
        ("application/json", False),
        ("text/html", False),
        (None, False),
    ],
)
def test_the_content_type_is_checked(content_type: str | None, fine: bool) -> None:
    headers = (("content-type", content_type),) if content_type else ()
    response = Response(200, headers, b"{}")
    decoded = CODEC.decode_response(SERVICE, SERVICE.operations["ListUserPools"], response)
    assert [finding.rule for finding in decoded.findings] == ([] if fine else ["content-type"])
    error = CODEC.decode_error(SERVICE, Response(400, headers, b'{"__type":"A"}'))
    assert [finding.rule for finding in error.findings] == ([] if fine else ["content-type"])


@of_newer_models
def test_services_that_spoke_query_keep_their_former_codes() -> None:
    service = load_service("cloudwatch")
    codec = codec_for(service, "json")
    response = codec.encode_error(service, "ResourceNotFound", {"message": "gone"}, 404)
    assert json.loads(response.body)["__type"] == "DashboardNotFoundError"
    assert header(response.headers, "x-amzn-query-error") == "ResourceNotFound;Sender"
    error = codec.decode_error(service, response)
    assert (error.code, error.source) == ("ResourceNotFound", "x-amzn-query-error")
    # Without the header clients know the shape's name alone; with half of one they ignore it.
    for spoilt in (None, "ResourceNotFound", ";Sender", "ResourceNotFound;", "ResourceNotFound;Sender;x"):
        bare = response.headers if spoilt is None else (*response.headers, ("X-Amzn-Query-Error", spoilt))
        headers = tuple(pair for pair in bare if pair[0] != "x-amzn-query-error")
        assert (
            codec.decode_error(service, Response(404, headers, response.body)).code
            == "DashboardNotFoundError"
        )


def test_a_former_code_that_the_model_forgot_does_not_hide_a_known_error() -> None:
    service = load_service("sqs")
    headers = (
        ("Content-Type", "application/x-amz-json-1.0"),
        ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"),
    )
    body = b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}'
    assert CODEC.decode_error(service, Response(400, headers, body)).code == "QueueDoesNotExist"
    unknown = b'{"__type":"com.amazonaws.sqs#Elsewhere","message":"no"}'
    error = CODEC.decode_error(service, Response(400, headers, unknown))
    assert error.code == "AWS.SimpleQueueService.NonExistentQueue"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Name", "Name"),
        ("aws.ns#Name", "Name"),
        ("Name:http://internal.amazon.com/", "Name"),
        ("aws.ns#Name:http://internal.amazon.com/", "Name"),
        ("Name:", "Name"),
        (" Name ", "Name"),
        ("", ""),
        ("#", ""),
        (":", ""),
    ],
)
def test_codes_are_sanitised(raw: str, code: str) -> None:
    assert sanitise_code(raw) == code


# --- what a target may send -------------------------------------------------------------------------

HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "a huge whole number": b'{"UserPool":{"EstimatedNumberOfUsers":1' + b"0" * 5000 + b"}}",
    "a large whole number": b'{"UserPool":{"EstimatedNumberOfUsers":1' + b"0" * 4000 + b"}}",
    "a huge fraction": b'{"a":0.' + b"3" * 5000 + b"}",
    "a huge exponent": b'{"a":1e99999999999}',
    "a tiny exponent": b'{"a":1e-99999999999}',
    "lists nested 100,000 deep": b"[" * 100_000,
    "closed lists nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "objects nested 100,000 deep": b'{"a":' * 100_000,
    "nested just below the limit": b'{"a":' * 199 + b"1" + b"}" * 199,
    "brackets in a text": b'{"a":"' + b"[{" * 5000 + b'"}',
    "brackets after quotes that do not close": b'{"a":"\\' + b'"[' * 5000,
    "many keys, one of them twice": b"{"
    + b",".join(b'"k%d":1' % number for number in range(20_000))
    + b',"k1":2}',
    "latin-1": '{"a":"Grö"}'.encode("latin-1"),
    "utf-16": '{"a":1}'.encode("utf-16"),
    "utf-32": '{"a":1}'.encode("utf-32"),
    "surrogates as bytes": b'{"a":"\xed\xa0\x80"}',
    "an overlong slash": b'{"a":"\xc0\xaf"}',
    "NUL": b"\0",
    "NUL between": b'{"a"\0:1}',
    "only a byte-order mark": b"\xef\xbb\xbf",
    "two byte-order marks": b"\xef\xbb\xbf\xef\xbb\xbf{}",
    "half pairs everywhere": rb'{"\ud800":{"\udc00":["\ud83d","\ud83d\ude00","\\ud800"]},"\ud800":NaN}',
    "__type of every kind": b'{"__type":{"__type":[null]},"message":{"a":1},"code":[]}',
    "html": b"<!DOCTYPE html><html></html>",
    "a chunk of gzip": b"\x1f\x8b\x08\x00\x00\x00",
}


def _survives(body: bytes, headers: tuple[tuple[str, str], ...] = (CONTENT_TYPE,)) -> None:
    """Every reader answers with a value that can be shown; none raises."""
    response = Response(200, headers, body)
    for name in ("DescribeUserPool", "SignUp"):
        decoded = CODEC.decode_response(SERVICE, SERVICE.operations[name], response)
        assert decoded.readable or decoded.findings
        for finding in decoded.findings:
            f"{finding.path}{finding.expected}{finding.got}".encode()
        json.dumps(decoded.document, ensure_ascii=False).encode()
    error = CODEC.decode_error(SERVICE, response)
    assert error.code is None or error.code
    f"{error.code}{error.raw_code}{error.message}".encode()
    CODEC.decode_request(SERVICE, Request("POST", "/", headers, body))


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_bytes_are_findings(what: str) -> None:
    _survives(HOSTILE[what])
    _survives(HOSTILE[what], ())


def test_deep_nesting_is_a_finding_and_shallow_nesting_is_not() -> None:
    operation = SERVICE.operations["DescribeUserPool"]
    deep = CODEC.decode_response(SERVICE, operation, answered(HOSTILE["objects nested 100,000 deep"]))
    assert [finding.rule for finding in deep.findings] == ["body.depth"]
    shallow = CODEC.decode_response(SERVICE, operation, answered(HOSTILE["nested just below the limit"]))
    assert (shallow.readable, shallow.findings) == (True, ())
    quoted = CODEC.decode_response(SERVICE, operation, answered(HOSTILE["brackets in a text"]))
    assert (quoted.readable, quoted.findings) == (True, ())


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_findings(body: bytes) -> None:
    _survives(body)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=8)
    | st.sampled_from(["NaN", "ResourceNotFoundException", "__type"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["__type", "code", "message", "Message", "UserPool", "Id", "MfaConfiguration"])
            | st.text(st.characters(codec=None), max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, database=None)
@given(_JSON, st.integers(0, 400), st.booleans())
def test_any_json_cut_anywhere_is_a_finding(document: Any, cut: int, escaped: bool) -> None:
    body = json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    _survives(body)
    _survives(body[: min(cut, len(body))])


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.text(st.characters(codec="latin-1"), max_size=30), st.text(st.characters(codec="latin-1"), max_size=30)
)
def test_any_headers_are_survived(kind: str, former: str) -> None:
    headers = (("content-type", kind), ("x-amzn-errortype", former), ("x-amzn-query-error", former))
    _survives(b"{}", headers)
    _survives(b"", headers)
    cloudwatch = load_service("cloudwatch")
    CODEC.decode_error(cloudwatch, Response(400, headers, b'{"__type":"ResourceNotFound"}'))


def test_a_repeated_key_is_no_finding_where_there_is_none() -> None:
    """Objects come and go while a body is read; a finding must not pass from one to another."""
    source = random.Random(5)
    parts = []
    for number in range(2000):
        twice = source.random() < 0.5
        parts.append(
            '"k":{"x":1,"x":2}' if twice else '"k":{"y":1}' if number % 2 else f'"k":[{{"z":{number}}}]'
        )
    body = ("{" + ",".join(parts) + ',"k":{"y":1}}').encode()
    decoded = CODEC.decode_response(SERVICE, SERVICE.operations["SignUp"], answered(body))
    assert [finding.path for finding in decoded.findings] == [("k",)]
