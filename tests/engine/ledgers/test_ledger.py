# SPDX-License-Identifier: Apache-2.0
"""The cleanup ledger: what is written when, what a file amounts to, and what takes what away."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cli import main
from aws_conformance.engine.ledgers.ledger import (
    Ledger,
    LedgerEntry,
    LedgerState,
    read_ledger,
    rewrite_ledger,
)
from aws_conformance.engine.ledgers.making import makes, names_in
from aws_conformance.engine.ledgers.undoing import undo_of
from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response, header
from aws_conformance.targets.server import serve

POOL = LedgerEntry(
    "cognito-idp",
    "json",
    "CreateUserPool",
    url="http://127.0.0.1:9",
    names={"PoolName": "ours"},
    undo="DeleteUserPool",
    input={"UserPoolId": "us-east-1_Ours00001"},
)
USER = LedgerEntry("cognito-idp", "json", "AdminConfirmSignUp", names={"UserPoolId": "us-east-1_Ours00001"})


def test_what_is_gone_takes_along_what_stood_in_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    for entry in (POOL, replace(POOL, status="there"), USER):
        ledger.put(entry)
    assert read_ledger(ledger.path).entries == (replace(POOL, status="there"), USER)
    ledger.put(replace(POOL, status="gone"))
    assert read_ledger(ledger.path).entries == ()
    assert ledger.state == read_ledger(ledger.path)
    assert rewrite_ledger(ledger.path) == LedgerState((), frozenset({"us-east-1_Ours00001"}))
    assert ledger.path.read_text("utf-8") == ""
    ledger.close()


def test_a_line_that_was_cut_off_is_of_nothing_that_was_sent(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    ledger.put(POOL)
    ledger.close()
    with ledger.path.open("a", encoding="utf-8") as stream:
        stream.write('{"service": "cog')
    assert read_ledger(ledger.path).entries == (POOL,)


@pytest.mark.parametrize(
    "text",
    ["no ledger", "[]\n", "{}\n", '{"service": 1}\n', "[" * 100_000 + "\n", '{"service":"a"}\n', "\n"],
)
def test_what_is_no_ledger_is_refused_in_a_line(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ledger"
    file.write_text(text, "utf-8")
    assert main(["cleanup", str(file)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert file.read_text("utf-8") == text


def test_what_can_not_be_written_to_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/null"), tmp_path / "a\0b"):
        with pytest.raises(UsageError, match="cannot be written"):
            Ledger(path)


@pytest.mark.parametrize(
    ("name", "sent", "answered", "undo", "document"),
    [
        (
            "cognito-idp:CreateUserPool",
            {"PoolName": "ours"},
            {"UserPool": {"Id": "us-east-1_Ours00001", "Name": "ours"}},
            "DeleteUserPool",
            {"UserPoolId": "us-east-1_Ours00001"},
        ),
        (
            "cognito-idp:CreateUserPoolClient",
            {"UserPoolId": "us-east-1_Ours00001", "ClientName": "ours"},
            {
                "UserPoolClient": {
                    "UserPoolId": "us-east-1_Ours00001",
                    "ClientId": "abc1",
                    "ClientName": "ours",
                }
            },
            "DeleteUserPoolClient",
            {"UserPoolId": "us-east-1_Ours00001", "ClientId": "abc1"},
        ),
        ("dynamodb:CreateTable", {"TableName": "ours"}, None, "DeleteTable", {"TableName": "ours"}),
        (
            "sns:CreateTopic",
            {"Name": "ours"},
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:ours"},
            "DeleteTopic",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:ours"},
        ),
        ("iam:CreateRole", {"RoleName": "ours"}, None, "DeleteRole", {"RoleName": "ours"}),
        ("s3:CreateBucket", {"Bucket": "ours"}, {}, "DeleteBucket", {"Bucket": "ours"}),
        ("s3:PutObject", {"Bucket": "ours", "Key": "k"}, {}, "DeleteObject", {"Bucket": "ours", "Key": "k"}),
        (
            "kms:CreateKey",
            {},
            {"KeyMetadata": {"KeyId": "k-1"}},
            "ScheduleKeyDeletion",
            {"KeyId": "k-1"},
        ),
    ],
)
def test_what_takes_away_what_was_created(
    name: str, sent: Any, answered: Any, undo: str, document: Any
) -> None:
    service, _, operation = name.partition(":")
    contract = contract_of(service)
    assert makes(contract.of(contract.operation(operation)))
    assert undo_of(contract.of(contract.operation(operation)), sent, answered) == (undo, document)


def test_each_line_is_written_before_its_request_is_answered(tmp_path: Path) -> None:
    """Whatever ends a run, its ledger names what the target has been asked to make."""
    file = tmp_path / "ledger"
    seen: list[tuple[str, bool]] = []

    def answer(request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or "").partition(".")[2]
        if operation == "CreateQueue":
            name = json.loads(request.body).get("QueueName") if request.body.startswith(b"{") else None
            entries = read_ledger(file).entries
            seen.append((operation, any(entry.names == {"QueueName": name} for entry in entries)))
        body = b'{"QueueUrl": "http://ours/queue-1"}' if operation == "CreateQueue" else b"{}"
        return Response(200, (("Content-Type", "application/x-amz-json-1.0"),), body)

    with serve(answer) as server:
        command = ["run", "sqs:CreateQueue", "--target", server.url, "--ledger", str(file), "-q"]
        main([*command, "--max-requests", "6", "--phase", "enumerated"])
    assert seen[0] == ("CreateQueue", True)
    assert read_ledger(file).entries == ()


def test_a_ledger_leads_to_no_other_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger(tmp_path / "ledger")
    ledger.put(replace(POOL, url="https://staging.example.com"))
    ledger.close()
    assert main(["cleanup", str(ledger.path)]) == 2
    assert "--allow-host staging.example.com" in capsys.readouterr().err
    assert len(read_ledger(ledger.path).entries) == 1


def test_a_target_that_is_gone_leaves_the_ledger_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger(tmp_path / "ledger")
    ledger.put(POOL)
    ledger.close()
    assert main(["cleanup", str(ledger.path)]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert read_ledger(ledger.path).entries == (POOL,)


def test_no_secret_stands_in_a_ledger() -> None:
    """What a model marks as sensitive names nothing, and is not written down."""
    contract = contract_of("cognito-idp")
    sent = {"UserPoolId": "us-east-1_Ours00001", "Username": "ours", "TemporaryPassword": "a-password-1"}
    names = names_in(contract.of(contract.operation("AdminCreateUser")), sent)
    assert names["UserPoolId"] == "us-east-1_Ours00001"
    assert "a-password-1" not in names.values()
    secrets = contract_of("secretsmanager")
    created = {"Name": "ours", "SecretString": "a-secret-of-ours", "SecretBinary": "YQ=="}
    assert names_in(secrets.of(secrets.operation("CreateSecret")), created) == {"Name": "ours"}
