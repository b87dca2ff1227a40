# SPDX-License-Identifier: Apache-2.0
"""Which answers say that a feature is missing, and which are crashes that use the same words."""

from __future__ import annotations

import json

import pytest

from aws_conformance.checks.validate import validate_exchange
from aws_conformance.http import Response

START = ("cognito-idp", "StartUserImportJob")


def _checks(code: str, message: str, status: int = 500) -> set[str]:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "1"))
    body = json.dumps({"__type": code, "message": message}).encode()
    violations = validate_exchange(*START, Response(status, headers, body))
    return {violation.check for violation in violations if violation.check.startswith("server.")}


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("InternalErrorException", "This flow is not supported", 500),
        ("InternalErrorException", "Unsupported AuthFlow", 500),
        ("InternalErrorException", "SRP is not yet implemented.", 500),
        ("UnsupportedError", "", 500),
        ("NotImplemented", "", 500),
        ("InternalFailure", "no", 501),
    ],
)
def test_a_feature_that_is_missing_is_no_crash(code: str, message: str, status: int) -> None:
    assert _checks(code, message, status) == {"server.unsupported"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InternalFailure", "'<' not supported between instances of 'str' and 'int'"),
        ("InternalFailure", "unsupported operand type(s) for +: 'int' and 'str'"),
        ("InternalFailure", "Unsupported format string passed to NoneType.__format__"),
        ("InternalFailure", "TypeError: this kind of thing is not supported"),
        ("InternalFailure", "java.lang.UnsupportedOperationException: null is not supported"),
        ("UnsupportedOperation", "fileno"),
        ("InternalErrorException", "boom"),
    ],
)
def test_a_crash_in_such_words_is_a_crash(code: str, message: str) -> None:
    assert _checks(code, message) == {"server.crash"}
