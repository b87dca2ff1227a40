# SPDX-License-Identifier: Apache-2.0
"""The strict reader of CBOR, and what of a document only its types tell."""

from __future__ import annotations

import math
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.installed_models import require_newer_models

from aws_conformance.http import Request, Response
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.cbor_text import dump_cbor, read_cbor
from aws_conformance.protocols.cbor_values import plain
from aws_conformance.protocols.masking import mask_body, of_same_form
from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.shapes import Service

require_newer_models()

SERVICE = load_service("eventbridgev2")
OPERATION = SERVICE.operations["DescribeEventBus"]
CODEC = codec_for(SERVICE, "smithy-rpc-v2-cbor")
HEADERS = (("Smithy-Protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor"))


def _plain_and_rules(raw: str) -> tuple[Any, list[str]]:
    item, findings = read_cbor(bytes.fromhex(raw))
    return (plain(item) if item is not None else None), [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("raw", "value", "rules"),
    [
        ("17", 23, []),
        ("1817", 23, ["cbor.minimal"]),
        ("190100", 256, []),
        ("1900ff", 255, ["cbor.minimal"]),
        ("3863", -100, []),
        ("1bffffffffffffffff", 2**64 - 1, []),
        ("f93c00", 1.0, []),
        ("fa3f800000", 1.0, []),
        ("f97e00", "NaN", []),
        ("f9fc00", "-Infinity", []),
        ("f7", None, []),
        ("4201ff", "Af8=", []),
        ("5f4101420203ff", "AQID", []),
        ("7f6161626263ff", "abc", []),
        ("9f0102ff", [1, 2], []),
        ("bf616101ff", {"a": 1}, []),
        ("a2616101616102", {"a": 2}, ["body.duplicate-key"]),
        ("a0a0", {}, ["body.malformed"]),
        ("61ff", "\ufffd", ["body.encoding"]),
        ("a10102", None, ["body.malformed"]),
        ("a1", None, ["body.malformed"]),
        ("", None, ["body.malformed"]),
        ("ff", None, ["body.malformed"]),
        ("1f", None, ["body.malformed"]),
        ("1c", None, ["body.malformed"]),
        ("e0", None, ["body.malformed"]),
        ("7f4161ff", None, ["body.malformed"]),
        ("81" * 300 + "00", None, ["body.depth"]),
    ],
)
def test_what_bytes_say_and_what_is_wrong_with_them(raw: str, value: Any, rules: list[str]) -> None:
    assert _plain_and_rules(raw) == (value, rules)


@pytest.mark.parametrize(
    ("document", "rule", "path"),
    [
        ({"CreationTime": 1.5}, "cbor.type", ("CreationTime",)),
        ({"CreationTime": cbor2.CBORTag(0, "2026-01-01T00:00:00Z")}, "cbor.type", ("CreationTime",)),
        ({"Name": b"bus"}, "cbor.type", ("Name",)),
        ({"Name": cbor2.CBORTag(1, 5)}, "cbor.type", ("Name",)),
    ],
)
def test_types_that_a_document_does_not_show_are_findings(
    document: dict[str, Any], rule: str, path: tuple[str, ...]
) -> None:
    decoded = CODEC.decode_response(SERVICE, OPERATION, Response(200, HEADERS, cbor2.dumps(document)))
    assert [(finding.rule, finding.path) for finding in decoded.findings] == [(rule, path)]


def test_a_blob_that_is_a_text_and_an_integral_float_are_findings() -> None:
    service = _service()
    operation = service.operations["Get"]
    decoded = codec_for(service, "smithy-rpc-v2-cbor").decode_response(
        service, operation, Response(200, HEADERS, cbor2.dumps({"Data": "Zm9v", "Count": 1.0}))
    )
    assert [(finding.rule, finding.path) for finding in decoded.findings] == [
        ("cbor.type", ("Data",)),
        ("integer.form", ("Count",)),
    ]


def _service() -> Service:
    members = {
        "Data": {"shape": "Blob"},
        "Count": {"shape": "Integer"},
        "Ratio": {"shape": "Double"},
        "Secret": {"shape": "Secret"},
        "When": {"shape": "When"},
    }
    shapes = {
        "Out": {"type": "structure", "members": members},
        "Blob": {"type": "blob"},
        "Integer": {"type": "integer"},
        "Double": {"type": "double"},
        "Secret": {"type": "string", "sensitive": True},
        "When": {"type": "timestamp", "timestampFormat": "iso8601"},
    }
    metadata = {"protocol": "smithy-rpc-v2-cbor", "targetPrefix": "Things"}
    operations = {"Get": {"name": "Get", "input": {"shape": "Out"}, "output": {"shape": "Out"}}}
    return parse_service("things", {"metadata": metadata, "operations": operations, "shapes": shapes})


@pytest.mark.parametrize(
    "document",
    [
        {"Data": "Zm9v", "Count": -5, "Ratio": 0.25, "When": 1700000000.123},
        {"Ratio": "NaN"},
        {"Ratio": "-Infinity"},
        {"Count": "five", "Data": "not base64!", "When": "soon", "Secret": None},
        {"Nothing": {"a": [1, None, True]}},
    ],
)
def test_a_document_survives_both_directions(document: dict[str, Any]) -> None:
    service = _service()
    codec, operation = codec_for(service, "smithy-rpc-v2-cbor"), service.operations["Get"]
    request = codec.encode_request(service, operation, document)
    assert codec.decode_request(service, request).document == document
    response = codec.encode_response(service, operation, document)
    assert codec.decode_response(service, operation, response).document == document


def test_what_is_no_map_is_written_and_read_nonetheless() -> None:
    service = _service()
    codec, operation = codec_for(service, "smithy-rpc-v2-cbor"), service.operations["Get"]
    for document in ([1], "text", None, 5):
        decoded = codec.decode_request(service, codec.encode_request(service, operation, document))
        assert (decoded.document, [finding.rule for finding in decoded.findings]) == (document, ["body.root"])


def test_a_request_without_its_header_or_of_another_service_names_no_operation() -> None:
    request = CODEC.encode_request(SERVICE, OPERATION, {"EventBusArn": "a"})
    assert CODEC.operation_named(SERVICE, request) == "DescribeEventBus"
    assert CODEC.operation_named(SERVICE, request.without_header("smithy-protocol")) is None
    other = Request("POST", "/service/Other/operation/DescribeEventBus", request.headers, request.body)
    assert CODEC.operation_named(SERVICE, other) is None
    assert CODEC.marks(other) == {"targetPrefix": "Other"}


def test_masked_bodies_keep_every_byte_but_those_of_secrets() -> None:
    service = _service()
    codec, operation = codec_for(service, "smithy-rpc-v2-cbor"), service.operations["Get"]
    body = codec.encode_request(service, operation, {"Secret": "hidden", "Count": 7}).body
    masked = mask_body(codec.masking, service, "Out", body.decode("latin-1"), of_same_form).encode("latin-1")
    assert masked == body.replace(b"hidden", b"xxxxxx")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None, database=None)
@given(VALUES)
def test_the_reader_reads_what_others_write(value: Any) -> None:
    item, findings = read_cbor(dump_cbor(value))
    assert item is not None
    assert findings == []
    assert plain(item) == _finite(value)


def _finite(value: Any) -> Any:
    match value:
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_finite(item) for item in value]
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case _:
            return value


@settings(max_examples=500, deadline=None, database=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_survived(raw: bytes) -> None:
    CODEC.decode_response(SERVICE, OPERATION, Response(200, HEADERS, raw))
    CODEC.decode_error(SERVICE, Response(400, HEADERS, raw))
    CODEC.decode_request(SERVICE, Request("POST", "/service/AWSEventsV2/operation/X", HEADERS, raw))
