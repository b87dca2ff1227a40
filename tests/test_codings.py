# SPDX-License-Identifier: Apache-2.0
"""Codings of bodies: what can be undone is, what can't is told, and nothing grows beyond its limit."""

from __future__ import annotations

import gzip
import zlib

import pytest

from aws_conformance.checks.framing import without_encoding
from aws_conformance.checks.validate import validate_exchange
from aws_conformance.codings import decoded
from aws_conformance.http import Response
from aws_conformance.spec.botocore import load_service

_RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = _RAW.compress(b"{}") + _RAW.flush()
TWO_MEMBERS = gzip.compress(b"{", mtime=0) + gzip.compress(b"}", mtime=0)


def _response(coding: str, body: bytes) -> Response:
    return Response(200, (("A", "1"), ("Content-Encoding", coding)), body)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"{}", mtime=0)),
        ("GZIP", gzip.compress(b"{}", mtime=0)),
        ("x-gzip", gzip.compress(b"{}", mtime=0)),
        ("gzip", TWO_MEMBERS),
        ("deflate", zlib.compress(b"{}")),
        ("deflate, gzip", gzip.compress(zlib.compress(b"{}"), mtime=0)),
    ],
)
def test_what_is_encoded_rightly_is_decoded(coding: str, body: bytes) -> None:
    assert decoded(_response(coding, body)) == Response(200, (("A", "1"),), b"{}")


@pytest.mark.parametrize(
    ("coding", "body", "got"),
    [
        ("gzip", b"{}", "no gzip"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-1], "cut off"),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"x", "1 bytes behind"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-8] + bytes(8), "no gzip"),
        ("deflate", RAW_DEFLATE, "without the frame of zlib"),
        ("deflate", b"{}", "no deflate"),
        ("br", b"{}", "do not ask for"),
        ("utf-8", b"{}", "do not ask for"),
        ("gzip, gzip", gzip.compress(b"{}", mtime=0), "no gzip"),
    ],
)
def test_what_is_not_is_left_and_reported(coding: str, body: bytes, got: str) -> None:
    response = decoded(_response(coding, body))
    assert response.body == body
    (fault,) = response.framing
    assert fault.rule == "content-encoding"
    assert got in fault.got


@pytest.mark.parametrize(("coding", "body"), [("identity", b"{}"), ("aws-chunked", b"{}"), ("gzip", b"")])
def test_what_is_not_encoded_stays(coding: str, body: bytes) -> None:
    response = _response(coding, body)
    assert decoded(response) == response


def test_a_bomb_is_oversized() -> None:
    response = decoded(_response("gzip", gzip.compress(bytes(1_001))), 1_000)
    assert (response.fate, response.status) == ("oversized", 0)


def test_the_encoding_of_a_stored_object_says_nothing_of_the_answer() -> None:
    service = load_service("s3")
    response = _response("gzip", b"stored as it is")
    assert without_encoding(service, service.operations["GetObject"], response) is response
    (fault,) = without_encoding(service, service.operations["ListBuckets"], response).framing
    assert fault.rule == "content-encoding"


def test_an_exchange_that_is_no_gzip_is_a_finding() -> None:
    headers = (
        ("Content-Type", "application/x-amz-json-1.1"),
        ("Content-Encoding", "gzip"),
        ("x-amzn-requestid", "-"),
    )
    plain = Response(200, headers, b"{}")
    checks = {violation.check for violation in validate_exchange("cognito-idp", "StopUserImportJob", plain)}
    assert "response.framing.content-encoding" in checks
