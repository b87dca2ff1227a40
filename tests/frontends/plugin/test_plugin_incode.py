# SPDX-License-Identifier: Apache-2.0
"""Cases in one's own tests, the fixtures, and `aws_conformance.check` for every form of response."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError
from tests.frontends.plugin.repositories import Repository

import aws_conformance
from aws_conformance import UsageError
from aws_conformance.frontends.plugin.answers import Validate
from aws_conformance.frontends.plugin.cases_api import ProvidedCase
from aws_conformance.frontends.plugin.stubs import Stub
from aws_conformance.frontends.plugin.target import OpenTarget

_START = "cognito-idp:StartUserImportJob"
_DESCRIBE = "cognito-idp:DescribeUserImportJob"
_OPERATION = aws_conformance.operation("cognito-idp", "StartUserImportJob")
_BINDINGS = {"UserPoolId": "us-east-1_abc", "CreateUserImportJob.UserImportJob.JobId": "import-a"}


@_OPERATION.cases(kinds=["positive", "unbound", "negative", "tolerance"])
def test_each_case_holds_on_the_reference(case: ProvidedCase, conformance_target: OpenTarget) -> None:
    conformance_target.check(case)


@_OPERATION.cases(kinds=["positive"])
def test_a_case_can_be_sent_by_ones_own_client(case: ProvidedCase, conformance_target: OpenTarget) -> None:
    bindings = conformance_target.bindings(case)
    assert set(bindings) == set(case.bindings)
    client = conformance_target.client("cognito-idp")
    # The state is made for the case alone, so it can be used up but once.
    response = client.start_user_import_job(**case.document(bindings))
    aws_conformance.check(response, operation=case.operation)
    _OPERATION.check(response)
    again = conformance_target.send(case)
    assert again.response is not None


@_OPERATION.cases(kinds=["negative"], phases=["random"], max_examples=4, argument="negative")
def test_cases_equal_those_of_a_run(negative: ProvidedCase) -> None:
    assert negative.expectation.earns in ("refused", "unknown")
    assert negative.phase == "random"
    assert negative.request(_bound(negative)).body


def _bound(case: ProvidedCase) -> dict[str, Any]:
    return {name: value for name, value in _BINDINGS.items() if name in (*case.bindings, "UserPoolId")}


def test_a_case_fills_in_its_bindings() -> None:
    case = _OPERATION.provided_cases(("enumerated",), 0, 0)[0]
    assert case.bindings == ("CreateUserPool.UserPool.Id", "CreateUserImportJob.UserImportJob.JobId")
    assert case.document(_BINDINGS) == {"UserPoolId": "us-east-1_abc", "JobId": "import-a"}
    with pytest.raises(UsageError, match=r"needs a value for 'CreateUserImportJob\.UserImportJob\.JobId'"):
        case.document({"UserPoolId": "us-east-1_abc"})
    with pytest.raises(UsageError, match=r"needs no binding 'UserPoolID'\. Did you mean UserPoolId\?"):
        case.document({"UserPoolID": "us-east-1_abc"})


def test_a_negative_that_is_accepted_fails_its_test(repository: Repository, faulty_url: str) -> None:
    repository.write(
        test_own=(
            "import aws_conformance\n"
            "operation = aws_conformance.operation('cognito-idp', 'StartUserImportJob')\n"
            "@operation.cases()\n"
            "def test_case(case, conformance_target):\n"
            "    conformance_target.check(case)\n"
        )
    )
    done = repository.pytest("--conformance-target", faulty_url, "-k", "positive or negative", "-W", "error")
    assert done.exit == 1
    assert "1 violation of what AWS documents" in done.text
    assert "response.timestamp.form   error   [PROTOCOL]" in done.text
    # The positives are wrong. No negative is verified by an operation that was never reached.
    assert "passed" not in done.counts
    assert "inconclusive" not in done.text.partition("short test summary")[0] or done.counts.get("skipped")


@pytest.mark.parametrize(
    ("service", "name", "message"),
    [
        ("cognito-idp", "StartUserImportJo", "Did you mean StartUserImportJob"),
        ("cognito-ipd", "StartUserImportJob", "There is no service named"),
    ],
)
def test_a_slip_in_a_name_is_reported(service: str, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        aws_conformance.operation(service, name)


def test_an_unknown_kind_is_reported() -> None:
    with pytest.raises(UsageError, match="Did you mean negative"):
        _OPERATION.cases(kinds=["negativ"])  # type: ignore[list-item]


# One wrong answer, in every form in which a test may hold it.
_WRONG = b'{"UserImportJob": {"Status": 5}}'


class _Received:
    """What requests gives: the request is beside it."""

    status_code = 200
    content = _WRONG

    def __init__(self) -> None:
        self.headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
        self.request = self
        self.url = "https://cognito-idp.us-east-1.amazonaws.com/"


def _forms() -> dict[str, Any]:
    from aws_conformance.http import Response

    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
    return {
        "botocore": {
            "UserImportJob": {"Status": 5, "CreationDate": datetime(2026, 1, 1, tzinfo=UTC)},
            "ResponseMetadata": {"HTTPStatusCode": 200},
        },
        "bytes": _WRONG,
        "text": _WRONG.decode(),
        "instance": {"UserImportJob": {"Status": 5}},
        "wire": Response(200, tuple(headers.items()), _WRONG),
        "requests": _Received(),
        "urllib3": urllib3.HTTPResponse(_WRONG, headers, 200),
    }


@pytest.mark.parametrize("form", _forms())
def test_every_form_of_response_is_read(form: str, conformance_validate: Validate) -> None:
    response = _forms()[form]
    assert [violation.check for violation in conformance_validate(_START, response)] == ["response.body.type"]
    with pytest.raises(
        AssertionError, match=r"(?s)1 violation.*response\.body\.type.*\$\.UserImportJob\.Status"
    ):
        aws_conformance.check(response, operation=_START)


def test_an_error_of_botocore_is_read(conformance_validate: Validate) -> None:
    content = {"Error": {"Code": "NoSuchThing", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    error = ClientError(content, "StartUserImportJob")
    assert [violation.check for violation in conformance_validate(_START, error)] == ["error.code.unknown"]
    aws_conformance.check(error, _START)
    with pytest.raises(AssertionError, match="NoSuchThing"):
        aws_conformance.check(error, _START, fail_on="warning")


def test_a_response_of_requests_tells_its_operation(conformance_stub: Stub) -> None:
    requests = importlib.import_module("requests")
    conformance_stub.pin("cognito-idp", "StartUserImportJob", {"UserImportJob": {"Status": "Pending"}})
    response = requests.post(
        "https://cognito-idp.us-east-1.amazonaws.com/",
        data='{"UserPoolId": "us-east-1_abc", "JobId": "import-a"}',
        headers={
            "X-Amz-Target": "AWSCognitoIdentityProviderService.StartUserImportJob",
            "Content-Type": "application/x-amz-json-1.1",
        },
        timeout=60,
    )
    assert response.json()["UserImportJob"]["Status"] == "Pending"
    aws_conformance.check(response)


def test_what_tells_no_operation_is_refused() -> None:
    with pytest.raises(UsageError, match="Nothing tells which operation"):
        aws_conformance.check({"UserImportJob": {}})
    with pytest.raises(UsageError, match="A set is no response"):
        aws_conformance.check({1}, _DESCRIBE)


def test_every_public_name_is_there() -> None:
    for name in aws_conformance.__all__:
        assert getattr(aws_conformance, name).__module__.startswith("aws_conformance.")
