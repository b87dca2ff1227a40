# SPDX-License-Identifier: Apache-2.0
"""What operations need, derived from the models: chains as values, without any target."""

from __future__ import annotations

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.derivation import Chain, derived_chain
from aws_conformance.cases.prerequisites import Prerequisites, prerequisites_for
from aws_conformance.cases.symbols import symbols


def _chain(name: str) -> Chain:
    service_name, _, operation = name.partition(":")
    contract = contract_of(service_name)
    return derived_chain(contract.service, contract.operation(operation), contract.minimal)


@pytest.mark.parametrize(
    ("name", "member", "source"),
    [
        ("sqs:SendMessage", "QueueUrl", "CreateQueue.QueueUrl"),
        ("sns:Publish", "Message", None),
        ("sns:Subscribe", "TopicArn", "CreateTopic.TopicArn"),
        ("kms:Encrypt", "KeyId", "CreateKey.KeyMetadata.KeyId"),
        ("dynamodb:GetItem", "TableName", "CreateTable.TableDescription.TableName"),
        ("secretsmanager:GetSecretValue", "SecretId", "CreateSecret.ARN"),
        ("s3:ListObjectsV2", "Bucket", "CreateBucket.$in.Bucket"),
        ("iam:GetRole", "RoleName", "CreateRole.Role.RoleName"),
    ],
)
def test_an_identifier_comes_from_what_makes_it(name: str, member: str, source: str | None) -> None:
    bound = _chain(name).bind.get(member)
    assert bound == ({"$from": source} if source else None)


@pytest.mark.parametrize(
    ("name", "member", "issued"),
    [
        ("secretsmanager:GetSecretValue", "VersionId", True),
        ("secretsmanager:UpdateSecretVersionStage", "MoveToVersionId", True),
        ("secretsmanager:GetSecretValue", "VersionStage", False),
        ("secretsmanager:UpdateSecret", "KmsKeyId", False),
        ("s3:GetObject", "VersionId", True),
        ("s3:GetObject", "Range", False),
        ("route53:UpdateHealthCheck", "IPAddress", False),
        ("rds:DeleteDBInstance", "FinalDBSnapshotIdentifier", False),
    ],
)
def test_what_the_service_issues_is_left_out(name: str, member: str, issued: bool) -> None:
    """A version that nobody has made names nothing, and a success with it proves nothing."""
    assert (member in _chain(name).omit) == issued


def test_a_creator_chooses_its_own_name_and_is_undone() -> None:
    chain = _chain("dynamodb:CreateTable")
    assert chain.bind == {"TableName": {"$name": "tablenam"}}
    assert chain.steps == ()
    assert chain.own is not None
    assert chain.own.undo is not None
    assert chain.own.undo.operation == "DeleteTable"


def test_what_a_destroyer_takes_away_is_renewed() -> None:
    assert _chain("sqs:DeleteQueue").fresh == {"CreateQueue"}
    assert _chain("sqs:GetQueueAttributes").fresh == frozenset()


@pytest.mark.parametrize("service_name", ["sqs", "iam", "s3", "ec2", "lambda", "glue", "route53"])
def test_steps_stand_behind_what_they_need_and_are_valid(service_name: str) -> None:
    """Whatever a symbol names was carried out before; an input is valid but for what a run puts in."""
    contract = contract_of(service_name)
    for operation in contract.service.operations.values():
        chain = derived_chain(contract.service, operation, contract.minimal)
        done: set[str] = set()
        for step in chain.steps:
            sources = {
                symbol["$from"].partition(".")[0] for symbol in symbols(step.input) if "$from" in symbol
            }
            assert sources <= done, (operation.name, step.name)
            assert set(step.needs) == sources
            assert step.operation in contract.service.operations
            done.add(step.name)
        needed = {
            symbol["$from"].partition(".")[0] for symbol in symbols(dict(chain.bind)) if "$from" in symbol
        }
        assert needed <= done


def test_what_only_the_body_can_tell_is_not_invented() -> None:
    omitted = _chain("s3:PutObject").omit
    assert {"ContentLength", "ContentMD5", "ChecksumSHA256", "ExpectedBucketOwner"} <= set(omitted)
    assert not {"Bucket", "Key", "Body", "ContentType", "Metadata"} & set(omitted)
    assert "NextToken" in _chain("sqs:ListQueues").omit


def test_a_service_that_names_its_state_has_all_chains_derived_from_that() -> None:
    contract = contract_of("cognito-idp")

    def chain(name: str) -> Prerequisites:
        return prerequisites_for(contract.of(contract.operation(name)))

    started = chain("StartUserImportJob")
    names = ["CreateUserPool", "CreateUserImportJob", "GetCSVHeader", "UploadUserImportCSV"]
    assert [step.name for step in started.steps] == names
    assert started.steps[-1].upload is not None
    # An accepted request uses the job up, and a job that runs is stopped.
    assert started.fresh == {"CreateUserImportJob", "UploadUserImportCSV"}
    assert [step.operation for step in started.after] == ["StopUserImportJob"]
    assert chain("AdminDeleteUser").fresh == {"AdminCreateUser"}
    assert chain("CreateGroup").bind["GroupName"] == {"$name": "groupname"}
    # Those are confirmed who signed up, and not whom an administrator made.
    assert chain("AdminConfirmSignUp").bind["Username"] == {"$from": "SignUp.$in.Username"}
    # A list without an element says nothing of what its elements look like.
    assert [step.name for step in chain("ListGroups").steps] == ["CreateUserPool", "CreateGroup"]
    assert {"Filter", "PaginationToken"} <= set(chain("ListUsers").omit)
