# SPDX-License-Identifier: Apache-2.0
"""What is said of SDKs was seen: boto3 is run on each row's example, and each row is met by what checks find.

Go, JavaScript and Rust are not run here; their part of the table is as it was seen when it was written.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from aws_conformance.checks.validate import validate_exchange
from aws_conformance.http import Response
from aws_conformance.results.events import Event, Violation
from aws_conformance.results.reports import report_format
from aws_conformance.results.reports.console import ConsoleReport
from aws_conformance.results.reports.page.findings import finding_index
from aws_conformance.results.reports.recorded import recorded
from aws_conformance.results.sdk_effects import SdkRow, sdk_breaks, sdk_rows, sdk_words

ROWS = pytest.mark.parametrize("row", sdk_rows(), ids=lambda row: f"{row.check} {row.example[:50]}")
_HEADERS = (("content-type", "application/x-amz-json-1.1"), ("x-amzn-requestid", "1"))
WORDS = "Go, JavaScript and Rust fail"


def _violations(row: SdkRow) -> list[Violation]:
    response = Response(row.status, (*_HEADERS, *row.headers), row.example.encode())
    return validate_exchange("cognito-idp", row.operation, response)


@ROWS
def test_a_row_is_what_a_check_says_of_its_example(row: SdkRow) -> None:
    assert row.breaks in [sdk_breaks(violation) for violation in _violations(row)]


def test_every_row_is_met_first_by_its_own_example() -> None:
    for row in sdk_rows():
        first = [
            next((other for other in sdk_rows() if other.fits(violation)), None)
            for violation in _violations(row)
        ]
        assert row in first, row.example


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content


def _read_by_boto3(row: SdkRow) -> Any:
    """What boto3's client makes of the example; raises what it raises."""
    client = boto3.session.Session("a", "b").client(
        "cognito-idp", "us-east-1", config=Config(retries={"total_max_attempts": 1})
    )

    def answer(**_: Any) -> AWSResponse:
        headers = dict((*_HEADERS, *row.headers))
        return AWSResponse("http://127.0.0.1/", row.status, headers, _Body(row.example.encode()))

    client.meta.events.register("before-send", answer)
    members = {"UserPoolId": "us-east-1_a", "JobId": "import-a"}
    shape = client.meta.service_model.operation_model(row.operation).input_shape
    name = next(method for method, own in client.meta.method_to_api_mapping.items() if own == row.operation)
    said = getattr(client, name)(**{key: text for key, text in members.items() if key in shape.members})
    return {key: value for key, value in said.items() if key != "ResponseMetadata"}


@ROWS
def test_boto3_does_what_the_row_says(row: SdkRow) -> None:
    effect = next((broken.effect for broken in row.breaks if broken.sdk == "boto3"), None)
    if row.status != 200:
        with pytest.raises(ClientError) as refused:
            _read_by_boto3(row)
        assert (effect, refused.value.response["Error"]["Code"]) == ("loses", str(row.status))
    elif effect == "fails":
        with pytest.raises(Exception) as raised:  # noqa: PT011  # whatever a parser comes to
            _read_by_boto3(row)
        assert not isinstance(raised.value, ClientError)
    elif effect == "loses":
        assert not any(_read_by_boto3(row).values())
    else:
        shown = next(iter(_read_by_boto3(row).values()))
        sent = next(iter(json.loads(row.example).values()))
        assert shown
        if effect == "misreads":
            assert shown != sent


def test_other_protocols_are_left_out(violation: Callable[..., Violation]) -> None:
    assert sdk_words(sdk_breaks(violation())) == WORDS
    assert sdk_breaks(violation(operation="s3:ListBuckets")) == ()
    assert sdk_breaks(violation(operation="nobody:Knows")) == ()
    assert sdk_breaks(violation(check="lifecycle.refusal")) == ()


@pytest.mark.parametrize("name", ["json", "junit", "markdown", "sarif", "github"])
def test_every_report_says_it(name: str, events: list[Event]) -> None:
    stream = io.StringIO()
    consume = report_format(name).begin(stream)
    for event in events:
        consume(event)
    text = stream.getvalue()
    if name == "json":
        assert {"sdk": "Go", "effect": "fails"}.items() <= json.loads(text)["violations"][0]["sdks"][
            0
        ].items()
    else:
        assert WORDS in text


def test_the_terminal_and_the_page_say_it(events: list[Event]) -> None:
    stream = io.StringIO()
    report = ConsoleReport(stream, verbose=True, width=120)
    for event in events:
        report(event)
    assert f"  sdks         {WORDS}\n" in stream.getvalue()
    parts = finding_index([recorded(events)], {}).parts
    details = [
        item
        for part in parts
        for items in json.loads(gzip.decompress(base64.b64decode(part)))
        for item in items
    ]
    assert WORDS in [detail.get("sdks") for detail in details]
