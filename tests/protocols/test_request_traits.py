# SPDX-License-Identifier: Apache-2.0
"""What traits ask of requests: checksums where they are required, large bodies compressed, both read back."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from typing import Any

import pytest
from tests.installed_models import of_newer_models

from aws_conformance.http import Request, header
from aws_conformance.protocols import codec_for
from aws_conformance.spec.botocore import load_service

DELETION = {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}}


def _encoded(service_name: str, operation: str, document: Any, protocol: str = "") -> Request:
    service = load_service(service_name)
    codec = codec_for(service, protocol or service.protocols[0])
    return codec.encode_request(service, service.operations[operation], document)


def test_a_required_checksum_is_sent() -> None:
    request = _encoded("s3", "DeleteObjects", DELETION)
    digest = base64.b64encode(hashlib.md5(request.body).digest()).decode()
    assert header(request.headers, "Content-MD5") == digest


def test_an_algorithm_is_computed_and_a_checksum_of_the_document_left_as_it_is() -> None:
    request = _encoded("s3", "DeleteObjects", {**DELETION, "ChecksumAlgorithm": "CRC32"})
    digest = base64.b64encode(zlib.crc32(request.body).to_bytes(4, "big")).decode()
    assert header(request.headers, "x-amz-checksum-crc32") == digest
    assert header(request.headers, "Content-MD5") is None
    tagging = {"Bucket": "b", "ContentMD5": "mine", "Tagging": {"TagSet": [{"Key": "k", "Value": "v"}]}}
    assert header(_encoded("s3", "PutBucketTagging", tagging).headers, "Content-MD5") == "mine"


def test_what_needs_no_checksum_has_none() -> None:
    body = base64.b64encode(b"content").decode()
    assert (
        header(_encoded("s3", "PutObject", {"Bucket": "b", "Key": "k", "Body": body}).headers, "Content-MD5")
        is None
    )


def test_the_tree_hash_of_an_archive_is_that_of_its_mebibytes() -> None:
    mebibyte = 1 << 20
    parts = [b"a" * mebibyte, b"b" * mebibyte, b"c"]
    first, second, third = (hashlib.sha256(part).digest() for part in parts)
    root = hashlib.sha256(hashlib.sha256(first + second).digest() + third).hexdigest()
    body = base64.b64encode(b"".join(parts)).decode()
    request = _encoded("glacier", "UploadArchive", {"accountId": "-", "vaultName": "v", "body": body})
    assert header(request.headers, "x-amz-sha256-tree-hash") == root
    assert header(request.headers, "X-Amz-Content-Sha256") == hashlib.sha256(b"".join(parts)).hexdigest()


@of_newer_models
@pytest.mark.parametrize("protocol", ["json", "query", "smithy-rpc-v2-cbor"])
def test_a_large_request_is_compressed_where_its_operation_lets_it_be_and_read_back(protocol: str) -> None:
    service = load_service("cloudwatch")
    codec = codec_for(service, protocol)
    metrics = [{"MetricName": f"metric-{number}"} for number in range(600)]
    document = {"Namespace": "n", "MetricData": metrics}
    request = codec.encode_request(service, service.operations["PutMetricData"], document)
    assert header(request.headers, "Content-Encoding") == "gzip"
    assert b"metric-599" in gzip.decompress(request.body)
    decoded = codec.decode_request(service, request)
    assert (decoded.operation, decoded.document, decoded.findings) == ("PutMetricData", document, ())
    small = codec.encode_request(
        service, service.operations["PutMetricData"], {**document, "MetricData": metrics[:1]}
    )
    assert header(small.headers, "Content-Encoding") is None


def test_content_that_is_stored_compressed_stays_so() -> None:
    service = load_service("s3")
    codec = codec_for(service, "rest-xml")
    body = base64.b64encode(gzip.compress(b"x" * 20_000)).decode()
    document = {"Bucket": "b", "Key": "k", "ContentEncoding": "gzip", "Body": body}
    request = codec.encode_request(service, service.operations["PutObject"], document)
    assert codec.decode_request(service, request).document == document


def test_a_recording_knows_a_request_without_its_own_checksum_and_not_with_another() -> None:
    request = _encoded("s3", "DeleteObjects", DELETION)
    identity = codec_for(load_service("s3"), "rest-xml").identity
    assert identity(request) == identity(request.without_header("Content-MD5"))
    assert identity(request) != identity(request.with_headers([("Content-MD5", "mine")]))
