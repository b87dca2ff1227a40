# SPDX-License-Identifier: Apache-2.0
"""rest-json below its published cases: routes, places, headers, errors, and requests that mean nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_conformance.http import Request, Response, header
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.masking import fixed, mask_body
from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.shapes import Service

JSON = ("Content-Type", "application/json")


def _service() -> Service:
    """One operation with a member in each place, and another that only a fixed parameter tells from it."""
    members: dict[str, dict[str, Any]] = {
        "Name": {"shape": "String", "location": "uri", "locationName": "name"},
        "Rest": {"shape": "String", "location": "uri", "locationName": "rest"},
        "Size": {"shape": "Integer", "location": "querystring", "locationName": "size"},
        "Tags": {"shape": "Strings", "location": "querystring", "locationName": "tag"},
        "Token": {"shape": "String", "location": "header", "locationName": "X-Token"},
        "Words": {"shape": "Strings", "location": "header", "locationName": "X-Words"},
        "Since": {"shape": "When", "location": "header", "locationName": "X-Since"},
        "Extra": {"shape": "Json", "location": "header", "locationName": "X-Extra", "jsonvalue": True},
        "Meta": {"shape": "Map", "location": "headers", "locationName": "X-Meta-"},
        "Text": {"shape": "String", "locationName": "text"},
        "Secret": {"shape": "Secret", "locationName": "pass_phrase"},
    }
    outer = {
        key: member for key, member in members.items() if member.get("location") not in ("uri", "querystring")
    }
    shapes = {
        "In": {"type": "structure", "members": members, "required": ["Name", "Rest"]},
        "Out": {
            "type": "structure",
            "members": {**outer, "Code": {"shape": "Integer", "location": "statusCode"}},
        },
        "Gone": {
            "type": "structure",
            "exception": True,
            "error": {"httpStatusCode": 410},
            "members": {
                "message": {"shape": "String"},
                "Until": {"shape": "When", "location": "header", "locationName": "X-Until"},
            },
        },
        "String": {"type": "string"},
        "Secret": {"type": "string", "sensitive": True},
        "Json": {"type": "string"},
        "Integer": {"type": "integer"},
        "When": {"type": "timestamp"},
        "Strings": {"type": "list", "member": {"shape": "String"}},
        "Map": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}},
    }
    put = {"method": "PUT", "requestUri": "/things/{name}/{rest+}"}
    operations = {
        "Put": {
            "http": put,
            "input": {"shape": "In"},
            "output": {"shape": "Out"},
            "errors": [{"shape": "Gone"}],
        },
        "Copy": {"http": {**put, "requestUri": "/things/{name}/{rest+}?copy"}, "input": {"shape": "In"}},
        "Last": {"http": {**put, "requestUri": "/things/{name}/{rest+}/last"}, "input": {"shape": "In"}},
        "Fixed": {"http": {**put, "requestUri": "/things/all/{rest+}"}, "input": {"shape": "In"}},
    }
    return parse_service(
        "things", {"metadata": {"protocol": "rest-json"}, "operations": operations, "shapes": shapes}
    )


SERVICE = _service()
CODEC = codec_for(SERVICE, "rest-json")
PUT = SERVICE.operations["Put"]
NAMED = {"Name": "a", "Rest": "b"}


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/things/a/b", "Put"),
        ("/things/a/b/c", "Put"),
        ("/things/a/b?copy", "Copy"),
        ("/things/a/b?size=1&copy=", "Copy"),
        ("/things/a/b/last", "Last"),
        ("/things/all/b", "Fixed"),
        ("/things/a/", None),
        ("/things//b", None),
        ("/things/a", None),
        ("/other/a/b", None),
    ],
)
def test_a_request_is_for_the_operation_of_the_closest_template(path: str, operation: str | None) -> None:
    assert CODEC.operation_named(SERVICE, Request("PUT", path)) == operation
    assert CODEC.operation_named(SERVICE, Request("POST", path)) is None


def test_required_members_tell_operations_of_one_template_apart() -> None:
    s3 = load_service("s3")
    codec = CODEC
    headers = (("x-amz-copy-source", "b/k"),)
    assert codec.operation_named(s3, Request("PUT", "/b/k")) == "PutObject"
    assert codec.operation_named(s3, Request("PUT", "/b/k", headers)) == "CopyObject"
    assert codec.operation_named(s3, Request("PUT", "/b/k?partNumber=1&uploadId=2")) == "UploadPart"
    assert (
        codec.operation_named(s3, Request("PUT", "/b/k?partNumber=1&uploadId=2", headers)) == "UploadPartCopy"
    )


def test_every_operation_of_s3_is_known_by_a_request_for_it() -> None:
    s3 = load_service("s3")
    for name in ("GetObjectTagging", "ListObjectsV2", "DeleteObjects", "ListParts", "AbortMultipartUpload"):
        operation = s3.operations[name]
        required = dict.fromkeys(s3.structure(operation.input).required, "1")
        assert CODEC.operation_named(s3, CODEC.encode_request(s3, operation, required)) == name


def test_an_invented_request_is_for_no_operation() -> None:
    invented = CODEC.invented(SERVICE, PUT, CODEC.encode_request(SERVICE, PUT, NAMED))
    assert invented is not None
    assert CODEC.operation_named(SERVICE, invented[1]) is None


@pytest.mark.parametrize(
    "document",
    [
        {"Size": 5, "Tags": ["a b", "c&d", "+", ""], "Token": "x, y"},
        {"Words": ["a,b", 'say "x"', "\\", " edge ", "plain"]},
        {"Since": "Mon, 16 Dec 2019 23:48:18 GMT", "Extra": {"a": [1, None]}, "Meta": {"one": "1"}},
        {"Name": "a/b c?d%", "Rest": "b/c d", "Text": "ü", "Secret": "s"},
        {"Size": "five", "Text": 5, "Nothing": [1]},
    ],
)
def test_a_document_survives_as_a_request(document: dict[str, Any]) -> None:
    request = CODEC.encode_request(SERVICE, PUT, NAMED | document)
    decoded = CODEC.decode_request(SERVICE, request)
    assert (decoded.operation, decoded.document, decoded.findings) == ("Put", NAMED | document, ())


def test_a_value_of_another_type_than_its_place_allows_is_left_for_the_schema() -> None:
    request = Request("PUT", "/things/a/b?size=1_000", (("X-Since", "yesterday"), JSON))
    decoded = CODEC.decode_request(SERVICE, request)
    assert decoded.document == NAMED | {"Size": "1_000", "Since": "yesterday"}
    assert decoded.findings == ()


@pytest.mark.parametrize(
    ("headers", "body", "rule", "path"),
    [
        ((JSON,), b'{"Text":"a"}', "member.place", ("Text",)),
        ((JSON,), b'{"Token":"a"}', "member.place", ("Token",)),
        ((JSON,), b'{"text":1,"text":2}', "body.duplicate-key", ("Text",)),
        ((JSON,), b"[]", "body.root", ()),
        ((JSON,), b"{", "body.malformed", ()),
        ((), b"{}", "content-type", ()),
        ((("X-Token", "a"), ("X-Token", "b")), b"", "header.duplicate", ("Token",)),
        ((("X-Words", 'a"b'),), b"", "header.form", ("Words",)),
        ((("X-Words", '"a'),), b"", "header.form", ("Words",)),
        ((("X-Extra", "{}"),), b"", "header.form", ("Extra",)),
    ],
)
def test_what_is_wrong_with_a_response_is_a_finding_with_its_place(
    headers: tuple[tuple[str, str], ...], body: bytes, rule: str, path: tuple[str, ...]
) -> None:
    decoded = CODEC.decode_response(SERVICE, PUT, Response(200, headers, body))
    assert [(finding.rule, finding.path) for finding in decoded.findings] == [(rule, path)]
    # What clients don't find where they look is not in the document either.
    assert rule != "member.place" or path[0] not in decoded.document


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/things/a%zz/b", "uri.form"),
        ("/things/%ff/b", "uri.form"),
        ("/things/a/b?size=%", "uri.form"),
        ("/things/a/b?size=1&size=2", "query.duplicate"),
    ],
)
def test_what_is_wrong_with_a_path_is_a_finding(path: str, rule: str) -> None:
    decoded = CODEC.decode_request(SERVICE, Request("PUT", path))
    assert [finding.rule for finding in decoded.findings] == [rule]


def test_an_unknown_parameter_is_in_the_document_and_those_of_signatures_are_not() -> None:
    path = "/things/a/b?other=1&x-id=Put&X-Amz-Signature=abc"
    assert CODEC.decode_request(SERVICE, Request("PUT", path)).document == NAMED | {"other": "1"}


def test_a_status_is_a_members_value() -> None:
    response = CODEC.encode_response(SERVICE, PUT, {"Code": 206, "Text": "a"})
    assert response.status == 206
    assert CODEC.decode_response(SERVICE, PUT, response).document == {"Code": 206, "Text": "a"}


def test_an_errors_members_are_read_from_headers_and_body() -> None:
    document = {"message": "no", "Until": "Mon, 16 Dec 2019 23:48:18 GMT"}
    response = CODEC.encode_error(SERVICE, "Gone", document, 410)
    error = CODEC.decode_error(SERVICE, response)
    assert (error.code, error.message, dict(error.document), error.findings) == ("Gone", "no", document, ())
    bodiless = CODEC.decode_error(SERVICE, Response(410, (("X-Amzn-Errortype", "ns#Gone:http://x"),)))
    assert (bodiless.code, bodiless.source, bodiless.readable) == ("Gone", "x-amzn-errortype", True)


def test_a_secret_under_its_name_on_the_wire_is_masked() -> None:
    body = CODEC.encode_request(SERVICE, PUT, NAMED | {"Secret": "hidden"}).body.decode()
    assert mask_body(CODEC.masking, SERVICE, "In", body, fixed) == '{"pass_phrase":"***"}'
    assert mask_body(CODEC.masking, SERVICE, "In", body[:-1], fixed) == '{"pass_phrase":"***"'


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=40), st.text(max_size=20), st.text(st.characters(codec="latin-1"), max_size=20))
def test_anything_is_survived(body: bytes, path: str, text: str) -> None:
    headers = tuple((name, text) for name in ("X-Words", "X-Extra", "X-Since", "X-Meta-a", "Content-Type"))
    CODEC.decode_response(SERVICE, PUT, Response(200, headers, body))
    CODEC.decode_error(SERVICE, Response(400, (*headers, ("X-Amzn-Errortype", text)), body))
    CODEC.decode_request(SERVICE, Request("PUT", f"/things/a/b?{path}", headers, body))
    CODEC.decode_request(SERVICE, Request("PUT", path, headers, body))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, database=None)
@given(JSON_VALUES, st.sampled_from([*SERVICE.structure("In").members, ""]))
def test_any_document_is_written(value: Any, name: str) -> None:
    document = {**NAMED, name: value} if name else value
    CODEC.decode_request(SERVICE, CODEC.encode_request(SERVICE, PUT, document))
    CODEC.decode_response(SERVICE, PUT, CODEC.encode_response(SERVICE, PUT, document))


@pytest.mark.parametrize(("length", "sent"), [(3, "3"), (4, None), (2**63 - 1, None), (-1, None)])
def test_a_length_that_the_body_has_not_is_not_sent(length: int, sent: str | None) -> None:
    """A server would wait for the rest of the body, and could not be blamed for it."""
    service = load_service("s3")
    protocol = codec_for(service, "rest-xml")
    document = {"Bucket": "b", "Key": "k", "Body": "YWJj", "ContentLength": length}
    request = protocol.encode_request(service, service.operations["PutObject"], document)
    assert request.body == b"abc"
    assert header(request.headers, "content-length") == sent
