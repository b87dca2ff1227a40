# SPDX-License-Identifier: Apache-2.0
"""Stubs for consumers: valid answers from the specification, pins, forced errors, refusals."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

import aws_conformance
from aws_conformance import UsageError
from aws_conformance.cases.compile import contract_of
from aws_conformance.frontends.plugin.stubs import Stub
from aws_conformance.http import Request, header
from aws_conformance.reference.full_outputs import full_schema
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import compile_validator

_START = ("cognito-idp", "StartUserImportJob")
_POOL, _JOB = "us-east-1_abc", "import-a"
_URL = "https://cognito-idp.us-east-1.amazonaws.com/"


def _client(service: str = "cognito-idp") -> Any:
    return botocore.session.get_session().create_client(service, region_name="us-east-1")


def _request(operation: str, document: Any, service: str = "cognito-idp") -> Request:
    contract = contract_of(service)
    return contract.protocol.encode_request(contract.service, contract.operation(operation), document)


@pytest.fixture
def older_client() -> Any:
    """A client that was made before the stub was."""
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return botocore.session.get_session().create_client("cognito-idp", region_name="us-east-1", **keys)


def test_boto_gets_a_marked_answer_that_speaks_of_what_was_asked(
    older_client: Any, conformance_stub: Stub
) -> None:
    for client in (older_client, _client()):
        answer = client.describe_user_import_job(UserPoolId=_POOL, JobId=_JOB)
        assert answer["UserImportJob"]["UserPoolId"] == _POOL
        assert answer["UserImportJob"]["JobId"] == _JOB
        assert isinstance(answer["UserImportJob"]["CreationDate"], datetime)
        assert answer["ResponseMetadata"]["HTTPHeaders"]["x-aws-conformance"] == "generated"
        aws_conformance.check(answer, "cognito-idp:DescribeUserImportJob", fail_on="note")
    assert [call.document for call in conformance_stub.calls] == [{"UserPoolId": _POOL, "JobId": _JOB}] * 2


def test_equal_requests_of_equal_seeds_get_equal_answers() -> None:
    request = _request("DescribeUserPool", {"UserPoolId": _POOL})
    first, other = Stub(1), Stub(1)
    other.handle(_URL, _request("DescribeUserPool", {"UserPoolId": "us-east-1_other"}))
    assert first.handle(_URL, request).body == other.handle(_URL, request).body
    assert first.handle(_URL, request).body != Stub(2).handle(_URL, request).body


@pytest.mark.parametrize("service", ["cognito-idp", "dynamodb", "kms", "logs", "sqs", "ssm"])
def test_every_generated_output_is_valid_and_full(service: str) -> None:
    """Advisory constraints included, but where a model contradicts itself."""
    contract = contract_of(service)
    stub = Stub(3)
    contradicted = []
    for name, operation in contract.service.operations.items():
        output = stub._generated.output(contract.of(operation), {})
        findings = contract.validator(name, "output").findings(output)
        assert [finding for finding in findings if not finding.advisory] == []
        contradicted += [(name, finding) for finding in findings]
        members = contract.service.structure(operation.output).members
        assert not members or output or all("oken" in member for member in members), name
    assert contradicted == []


def test_no_answer_asks_for_another_page(conformance_stub: Stub) -> None:
    pages = list(_client().get_paginator("list_user_pools").paginate(MaxResults=5))
    assert len(pages) == 1
    assert pages[0]["UserPools"]
    assert conformance_stub.calls[0].operation == "ListUserPools"


def test_members_can_be_pinned(conformance_stub: Stub) -> None:
    when = datetime(2026, 1, 2, tzinfo=UTC)
    conformance_stub.pin(
        "cognito-idp", "DescribeUserImportJob", {"UserImportJob": {"Status": "Failed", "StartDate": when}}
    )
    conformance_stub.pin("cognito-idp", "DescribeUserImportJob", {"UserImportJob": {"CompletionDate": None}})
    job = _client().describe_user_import_job(UserPoolId=_POOL, JobId=_JOB)["UserImportJob"]
    assert (job["Status"], job["StartDate"]) == ("Failed", when)
    assert "CompletionDate" not in job
    assert "CreationDate" in job
    conformance_stub.pin("cognito-idp", "ListUserPools", {"UserPools": [{"Name": "a"}, {"Name": "b"}] * 3})
    pools = _client().list_user_pools(MaxResults=60)["UserPools"]
    assert [pool["Name"] for pool in pools] == ["a", "b"] * 3
    assert all(pool["Id"] for pool in pools)


@pytest.mark.parametrize(
    ("pinned", "message"),
    [
        (
            {"UserImportJob": {"Statuz": "Failed"}},
            r"without a member 'UserImportJob/Statuz'\. Did you mean Status",
        ),
        ({"UserImportJob": {"Status": "Broken"}}, "can't answer 'Broken' at UserImportJob/Status: enum"),
        ({"UserImportJob": {"FailedUsers": "3"}}, "can't answer '3' at UserImportJob/FailedUsers: type"),
    ],
)
def test_what_aws_could_not_answer_can_not_be_pinned(pinned: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Stub().pin("cognito-idp", "DescribeUserImportJob", pinned)


def test_a_documented_error_can_be_forced(conformance_stub: Stub) -> None:
    client = _client()
    conformance_stub.fail(
        "cognito-idp", "StartUserImportJob", "PreconditionNotMetException", "not yet", times=1
    )
    with pytest.raises(client.exceptions.PreconditionNotMetException, match="not yet"):
        client.start_user_import_job(UserPoolId=_POOL, JobId=_JOB)
    assert client.start_user_import_job(UserPoolId=_POOL, JobId=_JOB)["UserImportJob"]
    # botocore tries again after throttling, so code that relies on it is served.
    conformance_stub.fail("cognito-idp", "StartUserImportJob", "TooManyRequestsException", times=1)
    assert client.start_user_import_job(UserPoolId=_POOL, JobId=_JOB)["UserImportJob"]


def test_checks_accept_every_declared_error() -> None:
    contract = contract_of("cognito-idp")
    request = _request("StartUserImportJob", {"UserPoolId": _POOL, "JobId": _JOB})
    for shape in contract.operation("StartUserImportJob").errors:
        stub = Stub()
        stub.fail("cognito-idp", "StartUserImportJob", contract.service.error_code(shape))
        answer = stub.handle(_URL, request)
        violations = aws_conformance.validate_exchange("cognito-idp", "StartUserImportJob", answer)
        # A fault of the service is a 500, of which a check says what it is; all else is in order.
        assert {violation.check for violation in violations} <= (
            {"server.crash"} if answer.status == 500 else set()
        )
        assert header(answer.headers, "x-aws-conformance") == "generated"


def test_an_undocumented_error_can_not_be_forced() -> None:
    with pytest.raises(UsageError, match=r"Did you mean TooManyRequestsException"):
        Stub().fail("cognito-idp", "StartUserImportJob", "TooManyRequestException")
    with pytest.raises(UsageError, match="does not document the error 'UserNotFoundException'"):
        Stub().fail("cognito-idp", "StartUserImportJob", "UserNotFoundException")
    Stub().fail("cognito-idp", "StartUserImportJob", "ThrottlingException")


@pytest.mark.parametrize(
    ("service", "operation", "document", "code", "message"),
    [
        (
            *_START,
            {"UserPoolId": "a b", "JobId": _JOB},
            "InvalidParameterException",
            "Value 'a b' at 'userPoolId' failed to satisfy constraint",
        ),
        (*_START, {"JobId": _JOB}, "InvalidParameterException", "must not be null"),
        (
            *_START,
            {"UserPoolId": 5, "JobId": _JOB},
            "SerializationException",
            "NUMBER_VALUE can not be converted to a String",
        ),
        ("kms", "DescribeKey", {"KeyId": ""}, "ValidationException", "greater than or equal to 1"),
    ],
)
def test_an_invalid_request_is_refused_as_aws_refuses_it(
    service: str, operation: str, document: Any, code: str, message: str
) -> None:
    answer = Stub().handle(
        f"https://{service}.us-east-1.amazonaws.com/", _request(operation, document, service)
    )
    body = json.loads(answer.body)
    assert (answer.status, body["__type"]) == (400, code)
    assert message in body.get("message", body.get("Message", ""))


def test_what_is_no_json_and_no_operation_is_refused() -> None:
    request = _request("StartUserImportJob", {})
    broken = Request("POST", "/", request.headers, b"{")
    assert json.loads(Stub().handle(_URL, broken).body)["__type"] == "SerializationException"
    other = request.with_headers([("X-Amz-Target", "AWSCognitoIdentityProviderService.NoSuchThing")])
    assert json.loads(Stub().handle(_URL, other).body)["__type"] == "UnknownOperationException"


def test_requests_are_answered_and_others_pass(conformance_stub: Stub, reference_url: str) -> None:
    requests = importlib.import_module("requests")
    aws = _request("StartUserImportJob", {"UserPoolId": _POOL, "JobId": _JOB})
    answer = requests.post(_URL, data=aws.body, headers=dict(aws.headers), timeout=60)
    assert answer.headers["x-aws-conformance"] == "generated"
    aws_conformance.check(answer, fail_on="note")
    passed = requests.get(f"{reference_url}/nothing", timeout=60)
    assert "x-aws-conformance" not in passed.headers


def test_no_request_leaves_for_a_service_that_can_not_be_answered(conformance_stub: Stub) -> None:
    assert _client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
    requests = importlib.import_module("requests")
    with pytest.raises(UsageError, match="nothing in it tells for which service"):
        requests.get("https://nothing.amazonaws.com/key", timeout=60)


def test_keys_of_the_environment_are_never_used(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")
    monkeypatch.setenv("AWS_PROFILE", "production")
    request.getfixturevalue("conformance_stub")
    session = botocore.session.get_session()
    assert session.get_credentials().secret_key == "not-a-secret"
    assert session.profile is None


def test_recursive_outputs_end() -> None:
    contract = contract_of("dynamodb")
    operation = load_service("dynamodb").operations["GetItem"]
    output = Stub()._generated.output(contract.of(operation), {})
    assert len(json.dumps(output)) < 20_000
    schema = full_schema(contract.schema("GetItem", "output"))
    assert compile_validator(schema).findings(output) == ()


def test_an_error_leaves_a_trace_of_what_was_asked(conformance_stub: Stub) -> None:
    conformance_stub.fail("cognito-idp", "StartUserImportJob", "NotAuthorizedException")
    with pytest.raises(ClientError, match="as the test asked for"):
        _client().start_user_import_job(UserPoolId=_POOL, JobId=_JOB)
    conformance_stub.reset()
    assert _client().start_user_import_job(UserPoolId=_POOL, JobId=_JOB)["UserImportJob"]
    assert len(conformance_stub.calls) == 1
