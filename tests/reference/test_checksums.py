# SPDX-License-Identifier: Apache-2.0
"""Checksums of requests at the server for every service: right ones pass, wrong and broken ones don't."""

from __future__ import annotations

import base64
import functools

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request
from aws_conformance.protocols.malformations import checksum_malformations
from aws_conformance.reference import generated
from aws_conformance.reference.checksums import check_checksums
from aws_conformance.reference.generated import GeneratedService
from aws_conformance.reference.refusal import Refusal
from aws_conformance.results.events import Event, Reported
from aws_conformance.targets.server import serve

# The check values of the algorithms' catalogues, for the text 123456789.
CHECKS = {
    "x-amz-checksum-crc32": "cbf43926",
    "x-amz-checksum-crc32c": "e3069283",
    "x-amz-checksum-crc64nvme": "ae8b14860a799888",
    "x-amz-checksum-sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "Content-MD5": "25f9e794323b453885f5181f1b624d0b",
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_checksum_of_the_body_passes_and_any_other_is_refused(name: str) -> None:
    true = base64.b64encode(bytes.fromhex(CHECKS[name])).decode()
    check_checksums(Request("PUT", "/b/k", ((name, true),), b"123456789"))
    with pytest.raises(Refusal) as caught:
        check_checksums(Request("PUT", "/b/k", ((name, true),), b"123456788"))
    assert caught.value.code == "BadDigest"
    with pytest.raises(Refusal) as caught:
        check_checksums(Request("PUT", "/b/k", ((name, true[4:]),), b"123456789"))
    assert caught.value.code in ("InvalidDigest", "InvalidRequest")


def test_each_malformation_of_a_checksum_is_refused_by_the_generated_service() -> None:
    contract = contract_of("s3")
    operation = contract.service.operations["PutObject"]
    document = {"Bucket": "bucket", "Key": "key", "Body": base64.b64encode(b"content").decode()}
    request = contract.protocol.encode_request(contract.service, operation, document)
    service = GeneratedService()
    assert service.answer(contract, request).response.status == 200
    rows = checksum_malformations()
    assert len(rows) == 12
    for row in rows:
        spoilt = row.apply(request)
        assert spoilt is not None
        assert service.answer(contract, spoilt).response.status == 400, row.name


def test_a_server_that_looks_at_no_checksum_has_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    contract, service = contract_of("s3"), GeneratedService()
    plan_of = functools.partial(Plan, ("s3:PutBucketTagging",), phases=("enumerated",))

    def errors() -> list[str]:
        events: list[Event] = []
        with serve(lambda request: service.answer(contract, request).response) as server:
            run(plan_of(UrlTarget(server.url)), events.append)
        causes = [event.violation.cause for event in events if isinstance(event, Reported)]
        return [cause for cause in causes if cause == "checksum"]

    assert errors() == []
    monkeypatch.setattr(generated, "check_checksums", lambda request: None)
    assert errors() == ["checksum"]
