# SPDX-License-Identifier: Apache-2.0
"""Calls of real clients, answered in this process, and what is made of them: by which bytes, whose fault."""

from __future__ import annotations

import contextvars
import copy
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
import requests
import responses
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.plan import Plan
from aws_conformance.frontends.plugin.answers import violations_of
from aws_conformance.frontends.plugin.bodies import peek
from aws_conformance.frontends.plugin.call_check import CallCheck, CallVerdict
from aws_conformance.frontends.plugin.observed_call import ObservedCall
from aws_conformance.frontends.plugin.patches import watching
from aws_conformance.frontends.plugin.request_check import read_request
from aws_conformance.http import Request
from aws_conformance.results.events import Violation

KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
JSON = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
MODIFIED = "Wed, 21 Oct 2026 07:28:00 GMT"


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content


@dataclass
class Watched:
    """Calls that were seen, and answers for them: each for one request, the last for all that follow."""

    calls: list[ObservedCall] = field(default_factory=list)
    verdicts: list[CallVerdict] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, JSON, b"{}")])
    check: CallCheck = field(default_factory=lambda: CallCheck(Plan(()), violations_of))

    def take(self, call: ObservedCall) -> None:
        self.calls.append(call)
        self.verdicts.append(self.check.verdict(call))

    def client(self, service: str, region_name: str = "us-east-1", **options: Any) -> Any:
        client = boto3.session.Session(**KEYS).client(service, region_name=region_name, **options)
        client.meta.events.register("before-send", self._answer)
        return client

    def answer(self, document: Any, status: int = 200) -> None:
        self.answers = [(status, JSON, json.dumps(document).encode())]

    @property
    def violations(self) -> list[Violation]:
        return [violation for verdict in self.verdicts for violation in verdict.violations]

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return AWSResponse(request.url, status, headers, _Body(body))


@pytest.fixture
def watched() -> Iterator[Watched]:
    """This process's clients, watched."""
    watched = Watched()
    with watching(watched.take):
        yield watched


def test_what_a_stubber_answers_a_resource_is_judged_as_it_was_answered(
    watched: Watched,
) -> None:
    table = boto3.session.Session(**KEYS).resource("dynamodb", region_name="us-east-1").Table("things")
    item = {"id": {"S": "a"}, "count": {"N": "5"}, "data": {"B": b"x"}, "tags": {"SS": ["b"]}}
    with Stubber(table.meta.client) as stubber:
        stubber.add_response("get_item", {"Item": item})
        # boto3 makes its values in place.
        stubber.add_response("query", {"Items": [copy.deepcopy(item)], "Count": 1, "ScannedCount": 1})
        assert table.get_item(Key={"id": "a"})["Item"]["count"] == 5
        assert table.query(KeyConditionExpression="id = :i", ExpressionAttributeValues={":i": "a"})["Count"]
    assert [verdict.operation for verdict in watched.verdicts] == ["dynamodb:GetItem", "dynamodb:Query"]
    assert watched.violations == []
    assert not any(verdict.faults for verdict in watched.verdicts)


def test_an_invalid_value_that_the_target_had_answered_is_the_targets(watched: Watched) -> None:
    client = watched.client("cognito-idp")
    watched.answer({"UserPool": {"Id": "a pool of the target's"}})
    pool = client.create_user_pool(PoolName="own")["UserPool"]["Id"]
    client.describe_user_pool(UserPoolId=pool)
    client.describe_user_pool(UserPoolId="a pool of the suite's")
    assert [len(verdict.returned) for verdict in watched.verdicts] == [0, 1, 0]
    assert [len(verdict.faults) for verdict in watched.verdicts] == [0, 0, 1]


def test_an_invalid_value_that_the_target_only_repeats_stays_the_suites(watched: Watched) -> None:
    client = watched.client("cognito-idp")
    watched.answer({"UserPool": {"Id": "a pool of the suite's"}})
    client.describe_user_pool(UserPoolId="a pool of the suite's")
    client.describe_user_pool(UserPoolId="a pool of the suite's")
    assert [len(verdict.faults) for verdict in watched.verdicts] == [1, 1]


@pytest.mark.parametrize(
    ("bucket", "options"),
    [
        ("own-bucket", {}),
        ("own.bucket.of.ours", {"config": Config(s3={"addressing_style": "virtual"})}),
        ("own-bucket", {"endpoint_url": "http://localhost:1"}),
        (
            "own-bucket",
            {
                "endpoint_url": "http://localhost:1",
                "config": Config(s3={"addressing_style": "virtual"}),
            },
        ),
        ("own-bucket", {"region_name": "eu-west-1"}),
        ("own-bucket", {"config": Config(s3={"use_accelerate_endpoint": True})}),
        ("arn:aws:s3:us-east-1:123456789012:accesspoint/own", {}),
    ],
)
@pytest.mark.parametrize("stubbed", [False, True])
def test_buckets_in_hosts_are_read_as_buckets(
    watched: Watched, bucket: str, options: dict[str, Any], stubbed: bool
) -> None:
    client = watched.client("s3", **options)
    watched.answers = [(200, {"x-amz-request-id": "1"}, b"")]
    if stubbed:
        stubber = Stubber(client)
        stubber.add_response("put_object", {})
        stubber.activate()
    client.put_object(Bucket=bucket, Key="a/b c", Body=b"x")
    (call,) = watched.calls
    document = read_request(contract_of("s3"), call.request, call.operation).document
    assert (document["Bucket"], document["Key"]) == (bucket, "a/b c")
    assert not watched.verdicts[0].faults


def test_creating_a_bucket_names_it(watched: Watched) -> None:
    client = watched.client("s3")
    watched.answers = [(200, {"x-amz-request-id": "1", "Location": "/own-bucket"}, b"")]
    client.create_bucket(Bucket="own-bucket")
    assert watched.violations == []


@responses.activate
def test_presigned_urls_are_read_with_their_buckets(watched: Watched) -> None:
    url = watched.client("s3").generate_presigned_url("get_object", {"Bucket": "own-bucket", "Key": "a/b"})
    responses.get(url, body=b"no XML", headers={"x-amz-request-id": "1", "Last-Modified": MODIFIED})
    assert requests.get(url, timeout=1).content == b"no XML"
    assert [verdict.operation for verdict in watched.verdicts] == ["s3:GetObject"]
    assert watched.violations == []


@pytest.mark.parametrize("status", [404, 405, 416])
def test_answers_to_head_have_no_body_whatever_a_mock_in_this_process_says(
    watched: Watched, status: int
) -> None:
    client = watched.client("s3")
    watched.answers = [(status, {"x-amz-request-id": "1"}, b"<!doctype html>Method Not Allowed")]
    with pytest.raises(ClientError):
        client.head_object(Bucket="own-bucket", Key="a")
    assert watched.violations == []


def test_an_errors_text_under_the_name_that_the_wire_has_for_it(watched: Watched) -> None:
    client = watched.client("mediapackage")
    headers = {"Content-Type": "application/json", "x-amzn-errortype": "NotFoundException"}
    body = json.dumps({"message": "no channel"}).encode()
    watched.answers = [(404, {**headers, "x-amzn-requestid": "1"}, body)]
    with pytest.raises(ClientError):
        client.describe_channel(Id="own")
    assert watched.violations == []


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("s3", "list_objects", {"Bucket": "own-bucket"}),
        ("s3", "get_object", {"Bucket": "own-bucket", "Key": "a"}),
        ("ec2", "describe_instances", {}),
        ("sns", "list_topics", {}),
        ("cloudwatch", "list_dashboards", {}),
        ("dynamodb", "list_tables", {}),
        ("lambda", "get_function", {"FunctionName": "own"}),
        ("mediapackage", "describe_channel", {"Id": "own"}),
    ],
)
@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDeniedException", "NotFoundException", "Throttling"])
def test_errors_of_a_stubber_are_in_no_form_that_could_be_wrong(
    watched: Watched, service: str, operation: str, parameters: dict[str, str], code: str
) -> None:
    client = watched.client(service)
    with Stubber(client) as stubber:
        stubber.add_client_error(operation, code, "no", 404)
        with pytest.raises(ClientError, match=code):
            getattr(client, operation)(**parameters)
    assert [violation for violation in watched.violations if violation.severity == "error"] == []


@pytest.mark.parametrize(
    "moment", ["2020-01-01 00:00:00+00:00", "2020-01-01T00:00:00Z", "1577836800", 1577836800]
)
@pytest.mark.parametrize(
    ("service", "operation", "parameters", "answer"),
    [
        ("s3", "list_buckets", {}, lambda moment: {"Buckets": [{"Name": "own", "CreationDate": moment}]}),
        (
            "kms",
            "describe_key",
            {"KeyId": "own"},
            lambda moment: {"KeyMetadata": {"KeyId": "own", "CreationDate": moment}},
        ),
        (
            "cloudformation",
            "list_stacks",
            {},
            lambda moment: {
                "StackSummaries": [
                    {"StackName": "own", "CreationTime": moment, "StackStatus": "CREATE_COMPLETE"}
                ]
            },
        ),
    ],
)
def test_a_moment_that_a_stubber_spells_is_in_no_form_that_could_be_wrong(
    watched: Watched,
    service: str,
    operation: str,
    parameters: dict[str, str],
    answer: Callable[[str | int], dict[str, Any]],
    moment: str | int,
) -> None:
    """botocore's Stubber takes it for a moment, and it never stands on a wire."""
    client = watched.client(service)
    with Stubber(client) as stubber:
        stubber.add_response(operation, answer(moment))
        getattr(client, operation)(**parameters)
    assert [violation for violation in watched.violations if violation.severity == "error"] == []
    assert len(watched.verdicts) == 1


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("iam", "delete_user", {"UserName": "own"}),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::111122223333:role/own", "RoleSessionName": "own"}),
        ("ec2", "describe_instances", {"InstanceIds": ["i-1", "i-2"]}),
        ("cloudwatch", "list_dashboards", {"DashboardNamePrefix": "own"}),
    ],
)
def test_a_form_that_a_stubber_answers_is_read(
    watched: Watched, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    """botocore spells a form when it sends it, and a stubbed client never does."""
    client = watched.client(service)
    with Stubber(client) as stubber:
        stubber.add_response(operation, {})
        getattr(client, operation)(**parameters)
    (verdict,) = watched.verdicts
    assert verdict.unvalidated is None
    assert peek({"Action": "DeleteUser", "UserName": "a b&c"}) == b"Action=DeleteUser&UserName=a+b%26c"


@pytest.mark.parametrize("operation", ["copy_object", "complete_multipart_upload", "upload_part_copy"])
def test_an_error_that_s3_sends_with_200_is_an_error(watched: Watched, operation: str) -> None:
    client = watched.client("s3", config=Config(retries={"max_attempts": 0}))
    parameters: dict[str, Any] = {"Bucket": "own-bucket", "Key": "a", "CopySource": "own-bucket/b"}
    if operation != "copy_object":
        parameters |= {"UploadId": "u", "PartNumber": 1}
    if operation == "complete_multipart_upload":
        parameters = {name: parameters[name] for name in ("Bucket", "Key", "UploadId")}
    body = b"<Error><Code>SlowDown</Code><Message>no</Message><RequestId>1</RequestId></Error>"
    watched.answers = [(200, {"Content-Type": "application/xml", "x-amz-request-id": "1"}, body)]
    with pytest.raises(ClientError, match="SlowDown"):
        getattr(client, operation)(**parameters)
    assert [violation for violation in watched.violations if violation.severity == "error"] == []
    assert len(watched.verdicts) == 1


def test_what_no_connection_carries_behind_a_status_is_no_fault(watched: Watched) -> None:
    client = watched.client("s3")
    watched.answers = [(304, {"x-amz-request-id": "1", "x-amz-id-2": "2"}, b"Not Modified")]
    with pytest.raises(ClientError, match="304"):
        client.get_object(Bucket="own-bucket", Key="a", IfNoneMatch="b")
    assert [violation for violation in watched.violations if violation.severity == "error"] == []
    assert len(watched.verdicts) == 1


def test_what_aws_accepts_beyond_its_model_is_no_fault(watched: Watched) -> None:
    client = watched.client("sqs")
    watched.answers = [(200, {**JSON, "Content-Type": "application/x-amz-json-1.0"}, b"{}")]
    for name in ("SentTimestamp", "Invented"):
        client.receive_message(
            QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/own", AttributeNames=[name]
        )
    assert [bool(verdict.faults or verdict.violations) for verdict in watched.verdicts] == [False, True]


def test_a_secret_that_the_target_repeats_is_not_shown(watched: Watched) -> None:
    secret = "planted-secret"
    text = f"1 validation error detected: Value '{secret}' at 'password' failed to satisfy constraint: "
    watched.answer(
        {
            "__type": "InvalidParameterException",
            "message": f"{text}Member must have length less than or equal to 256",
        },
        400,
    )
    client = watched.client("cognito-idp")
    with pytest.raises(ClientError):
        client.sign_up(ClientId="own", Username="own", Password=secret)
    assert [violation.check for violation in watched.violations] == ["request.valid.refused"]
    assert secret not in watched.violations[0].got


def test_tasks_at_once_are_told_apart(watched: Watched) -> None:
    """Handlers of two calls alternate, as those of an asynchronous client's do in one thread."""
    client = watched.client("cognito-idp")
    events = client.meta.events
    contexts = [contextvars.copy_context() for _ in range(2)]
    names = ("DescribeUserPool", "DescribeUserPoolClient")
    for context, name in zip(contexts, names, strict=True):
        model = client.meta.service_model.operation_model(name)
        parameters = {
            "url": "http://localhost:1/",
            "method": "POST",
            "headers": {},
            "body": b"{}",
            "context": {},
        }
        context.run(events.emit, f"before-call.cognito-idp.{name}", model=model, params=parameters)
    for context, name in zip(contexts, names, strict=True):
        response = {"status_code": 200, "headers": JSON, "body": b"{}"}
        context.run(
            events.emit, f"response-received.cognito-idp.{name}", response_dict=response, parsed_response={}
        )
    assert [call.operation for call in watched.calls] == list(names)


def test_of_an_upload_no_more_is_read_than_says_something() -> None:
    contract = contract_of("s3")
    headers = (("Content-Length", "6000000"), ("x-amz-acl", "everybody"))
    upload = Request("PUT", "/bucket/key", headers, b"\xff" * 6_000_000)
    intake = read_request(contract, upload, "PutObject")
    assert [(fault.path, fault.keyword) for fault in intake.faults] == [("$.ACL", "enum")]
    assert len(intake.document["Body"]) < 10_000
    # Nobody knows the operation before the request was read: then all of it is.
    assert len(read_request(contract, upload).document["Body"]) == 8_000_000


def test_of_bytes_that_are_counted_all_are_read() -> None:
    contract = contract_of("lambda")
    path = "/2015-03-31/functions/f/code"
    body = json.dumps({"ZipFile": "eHh4" * 3000}).encode()
    intake = read_request(contract, Request("PUT", path, (), body), "UpdateFunctionCode")
    assert len(intake.document["ZipFile"]) == 12_000


XML = {"x-amz-request-id": "1", "x-amz-id-2": "2", "Content-Type": "application/xml"}


def test_xml_that_the_client_does_not_label_is_no_fault_of_the_request(watched: Watched) -> None:
    watched.answers = [(200, {**XML, "Content-Length": "0"}, b"")]
    tags = {"TagSet": [{"Key": "k", "Value": "v"}]}
    watched.client("s3").put_bucket_tagging(Bucket="bucket", Tagging=tags)
    contract = contract_of("s3")
    assert read_request(contract, watched.calls[0].request).faults == ()
    assert [violation.check for violation in watched.violations] == []


def test_of_a_body_that_only_the_sender_may_read_the_answer_is_judged(watched: Watched) -> None:
    class Upload(io.BytesIO):
        """Counts what is read of it, as uploads with progress do."""

    right = {"ETag": '"1"', "x-amz-checksum-crc32": "y/Q5Jg==", **XML}
    client = watched.client("s3", config=Config(request_checksum_calculation="when_required"))
    for answer in (right, {**right, "x-amz-server-side-encryption-bucket-key-enabled": "maybe"}):
        watched.answers = [(200, answer, b"")]
        client.put_object(Bucket="bucket", Key="key", Body=Upload(b"123456789"))
    assert all("Upload" in (verdict.unvalidated or "") for verdict in watched.verdicts)
    assert watched.verdicts[0].violations == ()
    assert {violation.path for violation in watched.verdicts[1].violations} == {"$.BucketKeyEnabled"}
