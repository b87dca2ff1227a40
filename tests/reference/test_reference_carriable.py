# SPDX-License-Identifier: Apache-2.0
"""What `serve` makes up arrives at clients as it was meant, and says no more of a request than was said."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header
from aws_conformance.reference.carriable import carriable_schema, fits_header
from aws_conformance.reference.generated import GeneratedService


def _sent(service: str, operation: str, document: dict[str, Any], seed: int = 0) -> tuple[Response, Any]:
    contract = contract_of(service)
    described = contract.operation(operation)
    request = contract.protocol.encode_request(contract.service, described, document)
    answer = GeneratedService(seed).answer(contract, request)
    return answer.response, contract.protocol.decode_response(contract.service, described, answer.response)


@pytest.mark.parametrize("seed", range(8))
def test_headers_are_printable_and_say_nothing_of_the_bodys_bytes(seed: int) -> None:
    response, decoded = _sent("s3", "GetObject", {"Bucket": "amzn-bucket", "Key": "k"}, seed)
    assert all(fits_header(text) for _, text in response.headers)
    for name in ("Content-Length", "x-amz-checksum-crc32", "Content-Encoding"):
        assert header(response.headers, name) is None
    assert decoded.findings == ()
    assert header(response.headers, "ETag")


def test_a_stream_of_events_ends_without_an_error() -> None:
    contract = contract_of("logs")
    described = contract.operation("StartLiveTail")
    schema = contract.schema("StartLiveTail", "output")
    events = carriable_schema(schema, contract.service, described)["$defs"]["StartLiveTailResponseStream"]
    assert set(events["items"]["properties"]) == {"sessionStart", "sessionUpdate"}


def test_a_moment_is_repeated_only_where_it_has_one_form() -> None:
    # A query parameter in ISO 8601, a number in the body.
    document = {
        "StartTime": "2020-01-01T00:00:00Z",
        "EndTime": "2020-01-02T00:00:00Z",
        "KeyAttributes": {"Type": "Service"},
    }
    _, decoded = _sent("application-signals", "ListServiceDependencies", document)
    assert isinstance(decoded.document["EndTime"], int | float)


def test_null_is_a_value_within_a_document_and_no_member() -> None:
    contract = contract_of("controltower")
    described = contract.operation("CreateLandingZone")
    manifest = [1, None, {"a": None}]
    request = contract.protocol.encode_request(
        contract.service, described, {"version": "3.3", "manifest": manifest, "tags": None}
    )
    documents = []

    def respond(_: Any, document: Any) -> Response:
        documents.append(document)
        return Response(200)

    GeneratedService().answer(contract, request, respond)
    assert documents == [{"version": "3.3", "manifest": manifest}]


def test_json_takes_moments_and_numbers_that_are_text_where_the_model_has_them_so() -> None:
    contract = contract_of("dms")
    described = contract.operation("ModifyDataMigration")
    members = contract.service.structure(described.input).members
    body: dict[str, Any] = {"DataMigrationIdentifier": "a"}
    body["SourceDataSettings"] = [{"CDCStartTime": "2020-01-01T00:00:00Z"}]
    assert "SourceDataSettings" in members
    request = contract.protocol.encode_request(contract.service, described, body)
    assert GeneratedService().answer(contract, request).response.status == 200


CHUNKED = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"


def _put(body: bytes, *headers: tuple[str, str]) -> Any:
    contract = contract_of("s3")
    request = Request("PUT", "/amzn-bucket/key", (("Content-Encoding", "aws-chunked"), *headers), body)
    return contract.protocol.decode_request(contract.service, request)


def test_chunks_are_read_as_the_body_that_they_hold_and_trailers_as_headers() -> None:
    decoded = _put(CHUNKED, ("X-Amz-Decoded-Content-Length", "5"))
    assert decoded.findings == ()
    assert decoded.document["Body"] == "aGVsbG8="
    assert decoded.document["ChecksumCRC32"] == "NhCmhg=="
    assert "ContentEncoding" not in decoded.document


def test_signed_chunks_are_read_and_another_encoding_stays() -> None:
    body = b"5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\n\r\n"
    contract = contract_of("s3")
    request = Request("PUT", "/amzn-bucket/key", (("Content-Encoding", "aws-chunked, gzip"),), body)
    decoded = contract.protocol.decode_request(contract.service, request)
    assert (decoded.document["Body"], decoded.document["ContentEncoding"]) == ("aGVsbG8=", "gzip")


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (b"hello", "5"),
        (b"6\r\nhello\r\n0\r\n\r\n", "5"),
        (b"5\r\nhello\r\n", "5"),
        (CHUNKED, "6"),
    ],
)
def test_broken_chunks_can_not_be_read(body: bytes, length: str) -> None:
    decoded = _put(body, ("x-amz-decoded-content-length", length))
    assert not decoded.readable
    assert [finding.rule for finding in decoded.findings] == ["body.malformed"]


def test_an_answer_without_what_could_be_in_it_has_its_root_all_the_same() -> None:
    contract = contract_of("s3")
    operation = contract.operation("GetBucketLocation")
    response = contract.protocol.encode_response(contract.service, operation, {})
    assert b"LocationConstraint" in response.body
    assert (
        json.dumps(contract.protocol.decode_response(contract.service, operation, response).document) == "{}"
    )


def test_what_an_answer_says_of_bytes_is_right_or_left_out() -> None:
    """SDKs compute the digests of what they have sent, and fail where an answer's are others."""
    sqs = contract_of("sqs")
    sent = {"QueueUrl": "http://127.0.0.1/1/a", "MessageBody": "a body"}
    output = GeneratedService().output(sqs.of(sqs.operation("SendMessage")), sent)
    assert output["MD5OfMessageBody"] == hashlib.md5(b"a body").hexdigest()
    s3 = contract_of("s3")
    stored = {"Bucket": "a", "Key": "a", "Body": base64.b64encode(b"content").decode()}
    shown = GeneratedService().output(s3.of(s3.operation("PutObject")), stored)
    assert shown
    assert not {name for name in shown if name.startswith("Checksum")} - {"ChecksumType"}


def test_every_path_is_some_object_of_s3s() -> None:
    """No path is unknown to a service of which each is a key: its requests for one have other answers."""
    titles = {
        contract.service.name: {
            case.info.title for case in enumerated_cases(contract.of(contract.operation(name)))
        }
        for contract, name in (
            (contract_of("s3"), "GetBucketPolicy"),
            (contract_of("route53"), "GetHostedZone"),
        )
    }
    assert "a path that no operation has" not in titles["s3"]
    assert "a path that no operation has" in titles["route53"]
