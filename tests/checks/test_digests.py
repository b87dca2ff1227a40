# SPDX-License-Identifier: Apache-2.0
"""Checksums and digests of answers: right ones say nothing, wrong ones are named where they stand."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.checks.digests import digest_differs
from aws_conformance.checks.response import interpret
from aws_conformance.http import Response

BODY_MD5 = "841a2d689ad86bd1611447453c22c6fc"
JSON = (("Content-Type", "application/x-amz-json-1.0"),)


def _breaches(name: str, sent: Any, response: Response) -> list[str]:
    service, _, operation_name = name.partition(":")
    contract = contract_of(service)
    operation = contract.operation(operation_name)
    validators = contract.validators(operation_name)
    answer = interpret(contract.service, operation, contract.protocol, validators, response, None, sent)
    return [".".join(map(str, breach.path)) for breach in digest_differs(answer)]


def _sqs(name: str, sent: Any, shown: Any) -> list[str]:
    return _breaches(f"sqs:{name}", sent, Response(200, JSON, json.dumps(shown).encode()))


@pytest.mark.parametrize(("digest", "wrong"), [(BODY_MD5, []), ("0" * 32, ["MD5OfMessageBody"])])
def test_the_digest_of_a_message_is_that_of_what_was_sent(digest: str, wrong: list[str]) -> None:
    shown = {"MessageId": "m", "MD5OfMessageBody": digest}
    assert _sqs("SendMessage", {"QueueUrl": "q", "MessageBody": "body"}, shown) == wrong


def test_of_a_batch_each_entry_is_that_of_its_id() -> None:
    sent = {
        "QueueUrl": "q",
        "Entries": [{"Id": "1", "MessageBody": "other"}, {"Id": "2", "MessageBody": "body"}],
    }
    shown = [{"Id": name, "MessageId": name, "MD5OfMessageBody": BODY_MD5} for name in ("2", "1", "3")]
    assert _sqs("SendMessageBatch", sent, {"Successful": shown, "Failed": []}) == [
        "Successful.1.MD5OfMessageBody"
    ]


def test_of_a_received_message_it_is_that_of_the_body_beside_it() -> None:
    messages = [{"Body": "body", "MD5OfBody": BODY_MD5}, {"Body": "another", "MD5OfBody": BODY_MD5}]
    assert _sqs("ReceiveMessage", {"QueueUrl": "q"}, {"Messages": messages}) == ["Messages.1.MD5OfBody"]


@pytest.mark.parametrize(
    ("attributes", "digest", "wrong"),
    [
        # As Amazon SQS was recorded to answer.
        (
            {"attr1": {"DataType": "Number", "StringValue": "99.12"}},
            "d302007e9aa062660afc85fd0a482472",
            False,
        ),
        ({"attr1": {"DataType": "Number", "StringValue": "99.13"}}, "d302007e9aa062660afc85fd0a482472", True),
        ({"a": {"DataType": "String", "StringValue": "b", "BinaryValue": "YQ=="}}, "0" * 32, False),
        ({"": {"DataType": "", "StringValue": ""}}, "0" * 32, False),
    ],
)
def test_unambiguous_attributes_have_a_digest(attributes: dict[str, Any], digest: str, wrong: bool) -> None:
    sent = {"QueueUrl": "q", "MessageBody": "body", "MessageAttributes": attributes}
    shown = {"MessageId": "m", "MD5OfMessageBody": BODY_MD5, "MD5OfMessageAttributes": digest}
    assert bool(_sqs("SendMessage", sent, shown)) is wrong


CONTENT = b"123456789"
CRC32, SHA1 = "y/Q5Jg==", "98O8HYCOBHMq32eZZczDTKeuNEE="


@pytest.mark.parametrize(
    ("status", "headers", "wrong"),
    [
        (200, {"x-amz-checksum-crc32": CRC32, "x-amz-checksum-sha1": SHA1}, False),
        (200, {"x-amz-checksum-crc32": "AAAAAA=="}, True),
        (200, {"x-amz-checksum-crc32": "none"}, True),
        (200, {"x-amz-checksum-crc32": "AAAAAA==-2"}, False),
        (200, {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-type": "COMPOSITE"}, False),
        (206, {"x-amz-checksum-crc32": "AAAAAA=="}, False),
    ],
)
def test_the_checksum_of_an_object_is_that_of_its_bytes(
    status: int, headers: dict[str, str], wrong: bool
) -> None:
    response = Response(status, tuple(headers.items()), CONTENT)
    assert bool(_breaches("s3:GetObject", {"Bucket": "b", "Key": "k"}, response)) is wrong


def test_the_checksum_of_a_stored_object_is_that_of_what_was_sent() -> None:
    sent = {"Bucket": "b", "Key": "k", "Body": base64.b64encode(CONTENT).decode()}
    assert _breaches("s3:PutObject", sent, Response(200, (("x-amz-checksum-crc32", CRC32),))) == []
    assert _breaches("s3:PutObject", sent, Response(200, (("x-amz-checksum-crc32", "AAAAAA=="),))) == [
        "(headers)"
    ]
