# SPDX-License-Identifier: Apache-2.0
"""Printed lines, read by the shell that they are pasted into: they send what was sent, and touch no file.

Lines of a service go through bash once, with `aws` and `curl` in the place of functions that write down
what they were called with; history expansion is on, as it is where people paste. What curl makes of its
arguments is shown by some of them, which are run against an echo.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.cases.case import Case
from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import Contract
from aws_conformance.cases.expectations import Expectation
from aws_conformance.cases.prerequisites import Prerequisites, prerequisites_for
from aws_conformance.cases.symbols import substitute
from aws_conformance.http import Request, Response, header
from aws_conformance.reproduce.case import aws_line, curl_line, stand_in, variables_of
from aws_conformance.reproduce.shell import kebab
from aws_conformance.results.events import CaseInfo
from aws_conformance.targets.server import serve

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash, curl"
)

REGION = "us-east-1"
VALUE = "a-value"
# Of so many operations the cases of one are taken; of all, they would take minutes.
STEP = 10
NASTY = (
    "file:///etc/passwd", "fileb:///etc/passwd", "FILE:///etc/passwd", "http://127.0.0.1:9/", "https://x/",
    "-x", "--debug", "-", "", " ", "!", "!!", "a!b", "it's \"so\" $HOME `id` \\ !ls", "@/etc/passwd",
    "line\nbreak", "tab\t", "\x1b[2J", "\u00e9\U0001f600", "*", "~", "{a,b}", "[]", "%s%n", "a=b",
    "null", "true", "0", "a" * 200_000,
)  # fmt: skip


def _bash(script: Iterable[str], **variables: str) -> list[list[bytes]]:
    """What a script calls `aws` and `curl` with, a list of words for each call."""
    head = [
        "set -o history; set -H",
        "record() { printf '%s\\0' \"$@\"; printf '\\1\\0'; }",
        "aws() { record aws \"$@\" ''; }",
        "hex() { od -An -v -tx1 | tr -d ' \\n'; }",
        "curl() { local piped=",
        "case \" $* \" in *' --data-binary @- '*) piped=$(hex);; esac",
        'record curl "$@" "$piped"; }',
    ]
    # A script that comes through a pipe is read byte by byte.
    with tempfile.NamedTemporaryFile("wb", suffix=".sh") as file:
        file.write("\n".join([*head, *script]).encode("utf-8", "surrogatepass") + b"\n")
        file.flush()
        done = subprocess.run(
            ["bash", file.name],
            capture_output=True,
            env={"PATH": "/usr/bin:/bin", "HISTFILE": "/dev/null", **variables},
            check=False,
        )
    assert done.stderr == b""
    return [call.split(b"\0")[:-1] for call in done.stdout.split(b"\1\0")[:-1]]


def _after(words: list[bytes], option: bytes) -> bytes | None:
    return words[words.index(option) + 1] if option in words else None


def _curl_body(words: list[bytes]) -> bytes:
    raw = _after(words, b"--data-raw")
    data = _after(words, b"--data-binary")
    if data == b"@-":
        return bytes.fromhex(words[-1].decode())
    assert data is None or not data.startswith(b"@")
    return raw if raw is not None else data or b""


def _aws_document(contract: Contract, operation: str, words: list[bytes]) -> Any:
    """The document that the `aws` command makes of its words."""
    text = _after(words, b"--cli-input-json")
    if text is not None:
        return json.loads(text)
    members = {
        f"--{kebab(name)}".encode(): name
        for name in contract.service.structure(contract.operation(operation).input).members
    }
    options = words[3 : words.index(b"--endpoint-url")]
    assert len(options) % 2 == 0
    assert not any(value.lower().startswith((b"-", b"file", b"http")) for value in options[1::2])
    return {members[name]: value.decode() for name, value in zip(options[::2], options[1::2], strict=True)}


def _case(template: Any, tamper: str = "") -> Case:
    return Case(
        CaseInfo("", "cognito-idp:ListGroups", "enumerated", "positive", "it"),
        template,
        Expectation("accepted"),
        tamper=tamper,
    )


def _value(recipe: Prerequisites, symbol: Any) -> Any:
    return VALUE if "$from" in symbol else stand_in(symbol, recipe)


def test_lines_say_what_is_sent() -> None:
    contract = contract_of("cognito-idp")
    lines, expected = [], []
    variables: dict[str, str] = {"E": "http://localhost"}
    for operation in list(contract.service.operations.values())[::STEP]:
        recipe = prerequisites_for(contract.of(operation))
        for case in enumerated_cases(contract.of(operation)):
            variables |= dict.fromkeys(variables_of(case.template), VALUE)
            document = substitute(case.template, functools.partial(stand_in, prerequisites=recipe))
            real = substitute(case.template, functools.partial(_value, recipe))
            aws = aws_line(contract.of(operation), case, document, "$ENDPOINT_URL")
            lines += [aws, curl_line(contract.of(operation), case, document, "$ENDPOINT_URL", REGION)]
            expected.append((operation.name, case, real, not aws.startswith("#")))
    calls = iter(
        _bash(
            lines,
            ENDPOINT_URL="http://localhost",
            AWS_ACCESS_KEY_ID="a",
            AWS_SECRET_ACCESS_KEY="b",
            **variables,
        )
    )
    for operation_name, case, document, by_aws in expected:
        operation = contract.operation(operation_name)
        if by_aws:
            assert _aws_document(contract, operation_name, next(calls)) == document, case.info.title
        request = contract.protocol.malformed(
            contract.protocol.encode_request(contract.service, operation, document), case.tamper
        )
        more = b" " if case.signature == "tampered-body" else b""
        assert _curl_body(next(calls)) == request.body + more, case.info.title
    assert len(expected) > 5_000 / STEP
    assert next(calls, None) is None


@pytest.mark.parametrize("symbol", [False, True])
def test_nothing_in_a_text_is_obeyed(symbol: bool) -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation("ListGroups")
    more = {"UserPoolId": "$CreateUserPool_UserPool_Id"} if symbol else {}
    template_more = {"UserPoolId": {"$from": "CreateUserPool.UserPool.Id"}} if symbol else {}
    lines, sent = [], []
    for text in NASTY:
        case, document = _case({"NextToken": text, **template_more}), {"NextToken": text, **more}
        aws = aws_line(contract.of(operation), case, document, "$ENDPOINT_URL")
        lines += [aws, curl_line(contract.of(operation), case, document, "$ENDPOINT_URL", REGION)]
        sent.append(({"NextToken": text, **dict.fromkeys(more, VALUE)}, not aws.startswith("#")))
    calls = iter(
        _bash(
            lines,
            ENDPOINT_URL="http://localhost",
            AWS_ACCESS_KEY_ID="a",
            AWS_SECRET_ACCESS_KEY="b",
            CreateUserPool_UserPool_Id=VALUE,
        )
    )
    for document, by_aws in sent:
        if by_aws:
            words = next(calls)
            got = _after(words, b"--cli-input-json")
            assert (
                json.loads(got) if got is not None else _aws_document(contract, "ListGroups", words)
            ) == document
        assert json.loads(_curl_body(next(calls))) == document


REST = (
    ("s3:PutObject", {"Bucket": "b", "Key": "a b/../c[1]{2}!$HOME`id`", "Body": "QC9ldGMvcGFzc3dk"}),
    ("s3:PutObject", {"Bucket": "b", "Key": "k", "Body": "AAECgP8lcw=="}),
    ("s3:GetObject", {"Bucket": "b", "Key": "./x"}),
    ("s3:HeadObject", {"Bucket": "b", "Key": "x"}),
    ("s3:DeleteObject", {"Bucket": "b", "Key": "x?y#z"}),
    ("lambda:Invoke", {"FunctionName": "f", "Payload": "eyJhIjogIkAhIn0=", "ClientContext": ""}),
    ("eventbridgev2:DescribeEventBus", {"Name": "bus", "NextToken": "it's %d!"}),
    ("sqs:SendMessage", {"QueueUrl": "http://x/1", "MessageBody": "@/etc/passwd !! \u00e9"}),
    ("iam:GetUser", {"UserName": "!x&y=%41+"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "document"), REST, ids=lambda value: value if isinstance(value, str) else ""
)
def test_curl_sends_the_very_bytes(name: str, document: Any) -> None:
    service, _, operation_name = name.partition(":")
    contract = contract_of(service)
    operation = contract.operation(operation_name)
    case = replace(_case(document), info=CaseInfo("", name, "enumerated", "positive", "it"))
    seen: list[Request] = []

    def echo(request: Request) -> Response:
        seen.append(request)
        return Response(200, (), b"")

    with serve(echo) as server:
        line = curl_line(contract.of(operation), case, document, server.url, REGION)
        done = subprocess.run(
            ["bash", "-c", f"set -o history; set -H; {line}"],
            capture_output=True,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/nowhere",
                "AWS_ACCESS_KEY_ID": "a",
                "AWS_SECRET_ACCESS_KEY": "b",
            },
            check=False,
        )
    assert done.stderr == b""
    (got,) = seen
    expected = contract.protocol.encode_request(contract.service, operation, document)
    assert (got.method, got.path, got.body) == (expected.method, expected.path, expected.body)
    for header_name, value in expected.headers:
        assert header(got.headers, header_name) == value
    if header(expected.headers, "content-type") is None:
        assert header(got.headers, "content-type") is None
