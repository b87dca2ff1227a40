# SPDX-License-Identifier: Apache-2.0
"""What is a web page where an answer should be, and what only looks like one."""

from __future__ import annotations

import pytest

from aws_conformance.checks.validate import validate_exchange
from aws_conformance.http import Response

_ACCESS_KEY = b"""<CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateAccessKeyResult>
<AccessKey><UserName>a</UserName><AccessKeyId>ABCDEFGHIJKLMNOP</AccessKeyId><Status>Active</Status>
<SecretAccessKey>s</SecretAccessKey></AccessKey></CreateAccessKeyResult>
<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
</CreateAccessKeyResponse>"""
_PAGES = (
    b"<!DOCTYPE html><html></html>",
    b"<!doctype HTML>\n<html lang=en>\n<title>500 Internal Server Error</title>",
    b"\xef\xbb\xbf <HTML><body>it works</body></HTML>",
    b'<?xml version="1.0"?><!-- made by hand --><html xmlns="http://www.w3.org/1999/xhtml"></html>',
    b"<h1>It works!</h1>",
)


def _checks(service: str, operation: str, body: bytes, content_type: str, status: int = 200) -> set[str]:
    headers = (("Content-Type", content_type), ("x-amzn-RequestId", "1"))
    violations = validate_exchange(service, operation, Response(status, headers, body))
    return {violation.check for violation in violations}


@pytest.mark.parametrize("body", _PAGES)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_page_is_no_answer(body: bytes, status: int) -> None:
    assert "server.crash" in _checks("iam", "CreateAccessKey", body, "text/html", status)
    assert "server.crash" in _checks("sqs", "CreateQueue", body, "application/x-amz-json-1.0", status)


def test_a_document_under_the_wrong_type_is_no_page() -> None:
    seen = _checks("iam", "CreateAccessKey", _ACCESS_KEY, "text/html; charset=utf-8")
    assert seen == {"response.content-type"}


@pytest.mark.parametrize("body", _PAGES)
def test_a_page_that_somebody_stored_is_content(body: bytes) -> None:
    assert not _checks("s3", "GetObject", body, "text/html")
    assert "server.crash" in _checks("s3", "GetObject", body, "text/html", 500)
