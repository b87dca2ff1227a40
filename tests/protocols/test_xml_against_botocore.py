# SPDX-License-Identifier: Apache-2.0
"""On valid documents query, ec2 and rest-xml agree with botocore: its serializer and its parser.

Values are generated from the schemas. Left out is what those protocols cannot say (empty containers in forms,
control characters in headers), and the operations that botocore has under an older name as well.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import botocore.parsers
import botocore.serialize
import botocore.session
import pytest
from botocore.awsrequest import HeadersDict
from tools.case_judging import unordered

from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate, minimal
from aws_conformance.http import Response
from aws_conformance.protocols import Protocol, codec_for
from aws_conformance.protocols.xml.text import read_xml
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.vocabulary import Side
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import (
    BlobShape,
    FloatShape,
    ListShape,
    MapShape,
    Operation,
    Service,
    StructureShape,
    TimestampShape,
)

DOCUMENTS = 3
# Every operation of small services, every so many of large ones.
SERVICES: Mapping[str, int] = {
    "cloudfront": 4,
    "cloudwatch": 1,
    "ec2": 16,
    "iam": 3,
    "rds": 4,
    "route53": 1,
    "s3": 2,
    "s3control": 3,
    "sdb": 1,
    "sns": 1,
    "sts": 1,
}
# Other names of operations that share method and URI (deprecated, or told apart by the host alone), two
# members of one name, a body that botocore takes from elsewhere, events, and a root without members that a
# handler of the client reads.
UNCOMPARED = frozenset(
    {
        "GetBucketLifecycle",
        "GetBucketLocation",
        "GetBucketNotification",
        "ListDirectoryBuckets",
        "PutBucketLifecycle",
        "PutBucketNotification",
        "SelectObjectContent",
        "WriteGetObjectResponse",
    }
)
SESSION = botocore.session.Session()


def _operations() -> Iterator[Any]:
    for name, step in SERVICES.items():
        for operation in list(load_service(name).operations)[::step]:
            if operation not in UNCOMPARED:
                yield pytest.param(name, operation, id=f"{name}-{operation}")


def _protocol(service: Service) -> str:
    """The XML protocol that a service speaks."""
    return next(name for name in service.protocols if name in ("query", "ec2", "rest-xml"))


@cache
def _serializer(protocol: str) -> Any:
    return botocore.serialize.create_serializer(protocol, include_validation=False)


@cache
def _parser(protocol: str) -> Any:
    return botocore.parsers.create_parser(protocol)


@cache
def _model(service: str) -> Any:
    return SESSION.get_service_model(service)


def _documents(service: Service, operation: Operation, side: Side, codec: Protocol) -> Iterator[Any]:
    tree = compile_schema(side_schema(service, operation, side, codec.name))
    root = operation.input if side == "input" else operation.output
    yield _sayable(service, root, minimal(tree, tree.root))
    for seed in range(DOCUMENTS):
        choices = SeededChoices(f"{operation.name}:{side}:{seed}")
        yield _sayable(service, root, generate(tree, choices))


def _sayable(service: Service, name: str | None, document: Any) -> Any:
    """A document without empty containers, with texts that a header and a path can hold.

    It says nothing of its body's length, which the body says.
    """
    match service.shapes.get(name or ""), document:
        case StructureShape(members=members), dict():
            items = {key: _sayable(service, members[key].target, item) for key, item in document.items()}
            said = {key for key, member in members.items() if member.location_name == "Content-Length"}
            return {
                key: item for key, item in items.items() if item not in (None, {}, []) and key not in said
            }
        case ListShape(member=inner), list():
            items_ = [_sayable(service, inner.target, item) for item in document]
            return [item for item in items_ if item not in (None, {}, [])]
        case MapShape(value=inner), dict():
            items = {_printable(key): _sayable(service, inner.target, item) for key, item in document.items()}
            return {key: item for key, item in items.items() if item not in (None, {}, [])}
        case BlobShape(), str():
            return document or "AA=="
        case _, str():
            return _printable(document)
        case _:
            return document


def _printable(text: str) -> str:
    return "".join(character for character in text if " " <= character <= "~").strip() or "a"


def native(service: Service, name: str, document: Any) -> Any:
    """A document as botocore's callers write it and get it."""
    match service.shapes[name], document:
        case StructureShape(members=members), dict():
            return {key: native(service, members[key].target, item) for key, item in document.items()}
        case ListShape(member=inner), list():
            return [native(service, inner.target, item) for item in document]
        case MapShape(value=inner), dict():
            return {key: native(service, inner.target, item) for key, item in document.items()}
        case BlobShape(), str():
            return base64.b64decode(document)
        case FloatShape(), str():
            return float(document)
        case TimestampShape(), int() | float():
            return datetime.fromtimestamp(document, UTC)
        case TimestampShape(), str():
            return parsedate_to_datetime(document) if "," in document else datetime.fromisoformat(document)
        case _:
            return document


def comparable(value: Any) -> Any:
    """A value in which equal moments and equal numbers are equal, without what is empty."""
    match value:
        case dict():
            items = {key: comparable(item) for key, item in value.items()}
            return {key: item for key, item in items.items() if item not in (None, {}, [], b"", "")}
        case list():
            return [comparable(item) for item in value]
        case datetime():
            return value.timestamp()
        case float() if math.isnan(value):
            return "NaN"
        case _:
            return value


def _alike(text: str) -> str:
    """A text with one form for numbers and moments that are written in several."""
    text = re.sub(r"(T\d\d:\d\d:\d\d\.\d{3})000Z", r"\1Z", text)
    return re.sub(r"^(-?\d+)\.0$", r"\1", text)


def _pairs(pairs: Any) -> list[tuple[str, str]]:
    return sorted((key, _alike(str(text))) for key, text in pairs)


def _tree(body: bytes) -> Any:
    """A body as what its elements say; as bytes where it is no XML."""
    body = re.sub(rb">(-?\d+)\.0<", rb">\1<", re.sub(rb"(T\d\d:\d\d:\d\d\.\d{3})000Z", rb"\1Z", body))
    root = read_xml(body).root if body.startswith(b"<") else None
    return body if root is None else unordered(root)


@pytest.mark.parametrize(("name", "operation_name"), list(_operations()))
def test_requests_are_botocores(name: str, operation_name: str) -> None:
    service = load_service(name)
    operation = service.operations[operation_name]
    codec = codec_for(service, _protocol(service))
    if operation.input is None:
        return
    for document in _documents(service, operation, "input", codec):
        request = codec.encode_request(service, operation, document)
        theirs = _serializer(codec.name).serialize_to_request(
            native(service, operation.input, document), _model(name).operation_model(operation_name)
        )
        assert request.method == theirs["method"]
        body = theirs["body"]
        if isinstance(body, dict):
            assert _pairs(parse_qsl(request.body.decode(), keep_blank_values=True)) == _pairs(body.items())
        else:
            assert request.path.partition("?")[0] == theirs["url_path"].partition("?")[0]
            assert _tree(request.body) == _tree(body.encode() if isinstance(body, str) else body)
        decoded = codec.decode_request(service, request)
        assert (decoded.operation, decoded.findings) == (operation_name, ())
        # What is sent to be checked by is a member of some inputs.
        added = {"ContentMD5"} - document.keys() if operation.checksum_required else set()
        said = {key: value for key, value in decoded.document.items() if key not in added}
        assert comparable(said) == comparable(document)


@pytest.mark.parametrize(("name", "operation_name"), list(_operations()))
def test_botocore_reads_answers_as_they_are_meant(name: str, operation_name: str) -> None:
    service = load_service(name)
    operation = service.operations[operation_name]
    codec = codec_for(service, _protocol(service))
    if operation.output is None:
        return
    model = _model(name).operation_model(operation_name)
    streamed = model.output_shape is not None and model.has_streaming_output
    for document in _documents(service, operation, "output", codec):
        response = codec.encode_response(service, operation, document)
        decoded = codec.decode_response(service, operation, response)
        assert decoded.findings == ()
        payload = service.structure(operation.output).payload or ""
        if isinstance(service.shapes.get(payload), BlobShape) or streamed:
            continue
        assert comparable(decoded.document) == comparable(document)
        answer = {
            "status_code": response.status,
            "headers": HeadersDict(response.headers),
            "body": response.body,
        }
        parsed = _parser(codec.name).parse(answer, model.output_shape)
        parsed.pop("ResponseMetadata")
        assert comparable(parsed) == comparable(native(service, operation.output, document))


@pytest.mark.parametrize(
    # botocore takes the request's id of S3 from headers alone.
    ("name", "has_id"),
    [("sns", True), ("ec2", True), ("route53", True), ("s3", False)],
)
def test_botocore_reads_errors_as_they_are_meant(name: str, has_id: bool) -> None:
    service = load_service(name)
    codec = codec_for(service, _protocol(service))
    response = codec.encode_error(service, "NoSuchThing", {"Message": "There is <none> & never was"}, 404)
    answer = {
        "status_code": response.status,
        "headers": HeadersDict(response.headers),
        "body": response.body,
    }
    parsed = _parser(codec.name).parse(answer, None)
    assert parsed["Error"]["Code"] == "NoSuchThing"
    assert parsed["Error"]["Message"] == "There is <none> & never was"
    error = codec.decode_error(service, response)
    assert error.request_id
    assert parsed["ResponseMetadata"].get("RequestId") == (error.request_id if has_id else None)
    assert (error.code, error.message, error.findings) == (
        "NoSuchThing",
        "There is <none> & never was",
        (),
    )


def test_members_that_share_an_element_are_both_shown() -> None:
    """An old member of one value and the list that came after it have one element: botocore shows both."""
    body = (
        b'<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<CloudFunctionConfiguration><Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>"
        b"</NotificationConfiguration>"
    )
    service = load_service("s3")
    response = Response(200, (("Content-Type", "application/xml"),), body)
    operation = service.operations["GetBucketNotification"]
    decoded = codec_for(service, "rest-xml").decode_response(service, operation, response)
    shape = _model("s3").operation_model("GetBucketNotification").output_shape
    parsed = _parser("rest-xml").parse({"status_code": 200, "headers": {}, "body": body}, shape)
    parsed.pop("ResponseMetadata")
    assert decoded.document == parsed
    assert parsed["CloudFunctionConfiguration"]["Events"] == ["s3:ObjectCreated:*"]
