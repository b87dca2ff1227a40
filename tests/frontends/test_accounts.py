# SPDX-License-Identifier: Apache-2.0
"""Runs on an account at AWS, held against a stand-in that counts: what is sent there, and what never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.counting_aws import ACCOUNT, CountingAws, counting_aws

from aws_conformance.cli import main
from aws_conformance.engine.accounts.limits import cost_of, denial_of, reads
from aws_conformance.spec.botocore import load_service

OWN = ("--target", "aws", "--i-own", ACCOUNT)
FEW = ("--effort", "quick", "--rate", "10000", "-q", "--phase", "enumerated")


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingAws]:
    """The stand-in, to which every endpoint of AWS is set, as a user of the AWS command would."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL_SQS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-keys"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOURS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-ours")
    with counting_aws() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


def test_nothing_is_sent_unless_an_account_is_named(
    aws: CountingAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "sqs:ListQueues", "--target", "aws"]) == 2
    assert main(["run", "sqs:ListQueues", "--target", "aws", "--i-own", "12"]) == 2
    assert main(["run", "sqs:ListQueues", "--i-own", ACCOUNT]) == 2
    assert main(["run", "sqs:ListQueues", "--against", "aws"]) == 2
    assert main(["campaign", "sqs:ListQueues", *OWN]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len([line for line in errors if line.startswith("error:")]) == 5
    assert "--i-own ACCOUNT" in errors[0]
    assert not aws.counts


def test_another_account_is_left_alone(aws: CountingAws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.account = "999988887777"
    assert main(["run", "sqs:ListQueues", *OWN]) == 2
    assert "The keys are of the account 999988887777, not of 111122223333." in capsys.readouterr().err
    assert aws.counts == {"GetCallerIdentity": 1}


def test_without_keys_nothing_is_sent(
    aws: CountingAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert main(["run", "sqs:ListQueues", *OWN]) == 2
    assert "The environment has no keys." in capsys.readouterr().err
    assert not aws.counts


def test_only_what_reads_is_sent(aws: CountingAws, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "sqs", *OWN, *FEW])
    assert aws.counts["ListQueues"] > 5
    known = set(load_service("sqs").operations)
    assert known.intersection(aws.counts) == {name for name in known if name.startswith(("Get", "List"))}
    assert "may write (--allow-writes)" in capsys.readouterr().err
    assert aws.queues == {"payroll": "https://sqs/111122223333/payroll"}


def test_requests_are_counted(aws: CountingAws) -> None:
    main(["run", "sqs:ListQueues", "sqs:ListQueueTags", *OWN, *FEW, "--max-requests", "7"])
    # Whose keys these are is asked before anything is counted.
    assert sum(aws.counts.values()) == 8


def test_what_is_denied_nothing_lets_through(aws: CountingAws, capsys: pytest.CaptureFixture[str]) -> None:
    denied = [
        "organizations:ListAccounts",
        "support:DescribeCases",
        "sns:Publish",
        "account:PutContactInformation",
    ]
    assert main(["run", *denied, *OWN, "--allow-writes", "--max-costly", "9"]) == 2
    assert "4 operations are never sent to an account" in capsys.readouterr().err
    assert not aws.counts


def test_what_costs_is_sent_only_where_it_may(aws: CountingAws, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "kms:CreateKey", *OWN, "--allow-writes"]) == 2
    assert "1 operations cost (--max-costly N): kms:CreateKey." in capsys.readouterr().err
    main(["run", "kms:CreateKey", *OWN, *FEW, "--allow-writes", "--max-costly", "3"])
    assert aws.counts["CreateKey"] == 3


def test_what_was_there_before_is_never_touched(aws: CountingAws) -> None:
    main(
        [
            "run",
            "sqs:*Queue",
            "sqs:ListQueues",
            *OWN,
            *FEW,
            "--allow-writes",
            "--phase",
            "enumerated,stateful",
            "--max-requests",
            "400",
        ]
    )
    assert aws.counts["CreateQueue"] > 3
    assert aws.counts["DeleteQueue"] > 1
    assert aws.queues == {"payroll": "https://sqs/111122223333/payroll"}
    deleted = [json.loads(item.body) for item in aws.requests if b"DeleteQueue" in str(item.headers).encode()]
    assert not [item for item in deleted if "payroll" in str(item)]
    assert Path(f"cleanup-{ACCOUNT}.ledger").read_text("utf-8") == ""


def test_what_can_not_be_deleted_stays_in_the_ledger(
    aws: CountingAws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.undeletable = True
    main(["run", "sqs:CreateQueue", *OWN, *FEW, "--allow-writes", "--ledger", "ours"])
    assert "things that the run made may be there still" in capsys.readouterr().err
    entries = [json.loads(line) for line in Path("ours").read_text("utf-8").splitlines()]
    left = set(aws.queues.values()) - {"https://sqs/111122223333/payroll"}
    assert left
    assert left <= {entry["input"]["QueueUrl"] for entry in entries}
    assert main(["cleanup", "ours"]) == 1
    assert "DeleteQueue was refused: 400 AccessDenied" in capsys.readouterr().out
    aws.undeletable = False
    assert main(["cleanup", "ours"]) == 0
    assert aws.queues == {"payroll": "https://sqs/111122223333/payroll"}
    before = sum(aws.counts.values())
    assert main(["cleanup", "ours"]) == 0
    assert sum(aws.counts.values()) == before


def test_a_ledger_does_not_lead_to_another_account(
    aws: CountingAws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.undeletable = True
    main(["run", "sqs:CreateQueue", *OWN, *FEW, "--allow-writes", "--ledger", "ours"])
    aws.account, aws.undeletable = "999988887777", False
    before = aws.counts["DeleteQueue"]
    assert main(["cleanup", "ours"]) == 2
    assert "The keys are of the account 999988887777" in capsys.readouterr().err
    assert aws.counts["DeleteQueue"] == before


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("sqs:ListQueues", True),
        ("sqs:ReceiveMessage", False),
        ("dynamodb:Query", False),
        ("sts:GetSessionToken", False),
        ("secretsmanager:GetSecretValue", False),
        ("apigateway:GetRestApis", True),
        ("s3:HeadBucket", True),
        ("s3:PutObject", False),
        ("lambda:Invoke", False),
        ("iam:GetUser", True),
        ("iam:GenerateCredentialReport", False),
    ],
)
def test_what_only_reads(name: str, reading: bool) -> None:
    service, _, operation = name.partition(":")
    model = load_service(service)
    assert reads(model, model.operations[operation]) is reading


def test_each_reason_is_a_sentence_about_something() -> None:
    """Globs that nothing matches would be facts about nothing; services that botocore lacks may come."""
    sns, ec2 = load_service("sns"), load_service("ec2")
    assert denial_of(sns, sns.operations["Publish"]) == "it sends text messages and e-mail"
    assert not denial_of(sns, sns.operations["ListTopics"])
    assert cost_of(ec2, ec2.operations["RunInstances"])
    assert denial_of(ec2, ec2.operations["PurchaseReservedInstancesOffering"]) == "it buys"
