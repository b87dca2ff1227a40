# SPDX-License-Identifier: Apache-2.0
"""How operations hang together, read from names and shapes of installed models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aws_conformance.cases.api_words import singular
from aws_conformance.cases.links import Need, links_of
from aws_conformance.cases.name_reading import is_own_name, read_name
from aws_conformance.spec.botocore import load_service


@pytest.mark.parametrize(
    ("name", "verb", "about"),
    [
        ("CreateTable", "create", ("table",)),
        ("AdminCreateUser", "create", ("user",)),
        ("BatchGetItem", "read", ("item",)),
        ("RemoveTagsFromResource", "destroy", ("tag", "resource")),
        ("AddTagsToResource", "create", ("tag", "resource")),
        ("UpdateAlias", "change", ("alias",)),
        ("ListPolicies", "read", ("policy",)),
    ],
)
def test_a_name_says_what_an_operation_does_and_to_what(name: str, verb: str, about: tuple[str, ...]) -> None:
    reading = read_name(name)
    assert (reading.verb, reading.about) == (verb, about)


@pytest.mark.parametrize(
    ("plural", "word"), [("Policies", "policy"), ("Aliases", "alias"), ("Status", "status"), ("Keys", "key")]
)
def test_words_are_compared_in_the_singular(plural: str, word: str) -> None:
    assert singular(plural) == word


@pytest.mark.parametrize(
    ("name", "member", "producer"),
    [
        ("kms:DescribeKey", "KeyId", "CreateKey"),
        ("s3:GetBucketPolicy", "Bucket", "CreateBucket"),
        ("s3:GetObject", "Key", "PutObject"),
        ("sqs:DeleteMessage", "ReceiptHandle", "ReceiveMessage"),
        ("secretsmanager:GetSecretValue", "SecretId", "CreateSecret"),
        ("stepfunctions:DescribeExecution", "executionArn", "StartExecution"),
        ("glue:GetTable", "DatabaseName", "CreateDatabase"),
        ("cognito-idp:AdminGetUser", "Username", "AdminCreateUser"),
        ("route53:GetHostedZone", "Id", "CreateHostedZone"),
        ("rds:StopDBInstance", "DBInstanceIdentifier", "CreateDBInstance"),
    ],
)
def test_an_identifier_is_looked_for_first_where_it_is_made(name: str, member: str, producer: str) -> None:
    service_name, _, operation = name.partition(":")
    service = load_service(service_name)
    shape = service.structure(service.operations[operation].input).members[member].target
    assert links_of(service).producers(Need(member, shape, operation))[0] == producer


def test_what_an_operation_is_about_may_be_what_another_asks_for() -> None:
    links = links_of(load_service("kinesis"))
    iterator = Need("ShardIterator", "ShardIterator", "GetRecords")
    assert links.givers(iterator) == ("GetShardIterator",)
    assert links.givers(replace(iterator, operation="GetShardIterator")) == ()
    assert links.givers(Need("NewStartingHashKey", "HashKey", "SplitShard")) == ()


def test_a_shape_may_say_that_its_texts_name_something() -> None:
    shard = Need("ShardToMerge", "ShardId", "MergeShards")
    assert shard.is_identity
    assert not Need("NewStart", "HashKey", "SplitShard").is_identity
    assert {"DescribeStream", "ListShards"} <= {*links_of(load_service("kinesis")).producers(shard)}


def test_what_destroys_gives_no_value() -> None:
    service = load_service("sqs")
    names = links_of(service).producers(Need("QueueUrl", "String", "SendMessage"))
    assert not [name for name in names if name.startswith("Delete")]


@pytest.mark.parametrize(
    ("name", "gate"),
    [
        ("s3:GetBucketPolicy", "PutBucketPolicy"),
        ("iam:RemoveUserFromGroup", "AddUserToGroup"),
        ("iam:DetachRolePolicy", "AttachRolePolicy"),
        ("sqs:ReceiveMessage", "SendMessage"),
    ],
)
def test_what_is_about_the_same_thing_may_have_to_come_before(name: str, gate: str) -> None:
    service, _, operation = name.partition(":")
    assert gate in links_of(load_service(service)).gates(operation)


@pytest.mark.parametrize(
    ("member", "operation", "own"),
    [
        ("TableName", "CreateTable", True),
        ("Bucket", "CreateBucket", True),
        ("UserName", "AddUserToGroup", False),
        ("KeyId", "EnableKey", False),
        ("Bucket", "PutBucketPolicy", False),
    ],
)
def test_only_a_maker_names_what_it_makes(member: str, operation: str, own: bool) -> None:
    assert is_own_name(member, operation) is own


@pytest.mark.parametrize(
    ("member", "operation", "new"),
    [
        ("TargetTableName", "RestoreTableFromBackup", True),
        ("TargetDBSnapshotIdentifier", "CopyDBSnapshot", True),
        ("SourceDBSnapshotIdentifier", "CopyDBSnapshot", False),
        ("TargetGroupName", "DescribeTargetGroups", False),
        ("SecretId", "RestoreSecret", False),
    ],
)
def test_a_copy_has_a_name_of_its_own(member: str, operation: str, new: bool) -> None:
    assert is_own_name(member, operation) is new
