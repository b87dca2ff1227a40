# SPDX-License-Identifier: Apache-2.0
"""Members that texts of models say exclude each other, in the sentences that they have."""

from __future__ import annotations

import pytest

from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.documented_exclusions import documented_exclusions

MEMBERS = ("name", "prefix", "pattern", "startTime", "endTime", "taskId", "NextToken", "Type")


@pytest.mark.parametrize(
    ("others", "text"),
    [
        ({"prefix": True}, "<p>Either <code>name</code> or <code>prefix</code>, but not both.</p>"),
        (
            {"prefix": True},
            "<p>A name. Specify either this parameter or <code>prefix</code>, but not both.</p>",
        ),
        ({"prefix": True}, "<p>You can't specify both <code>name</code> and <code>prefix</code>.</p>"),
        ({"prefix": True}, "<p>Mutually exclusive with <code>prefix</code>.</p>"),
        ({"pattern": True, "prefix": True}, "<p>name, prefix, and pattern are mutually exclusive.</p>"),
        ({"prefix": False}, "<p>This parameter can't be used with the <code>prefix</code> parameter.</p>"),
        ({"prefix": False}, "<p>Cannot be used with prefix.</p>"),
        # Two of three may be together, a condition is no rule, and tokens come from lists alone.
        ({}, "<p>Either the name and prefix or the pattern, but not both.</p>"),
        ({}, "<p>You can't specify both name and prefix if pattern is a text.</p>"),
        ({}, "<p>Either name or NextToken, but not both.</p>"),
        ({}, "<p>prefix and pattern are mutually exclusive.</p>"),
        ({}, "<p>The constraint type takes either the RoleArn or the Type but not both.</p>"),
        ({}, "<p>Both name and prefix are kept.</p>"),
    ],
)
def test_exclusions_of_a_text(others: dict[str, bool], text: str) -> None:
    exclusions = documented_exclusions("name", text, MEMBERS)
    assert {exclusion.other: exclusion.strict for exclusion in exclusions} == others


@pytest.mark.parametrize(
    ("service", "structure", "member", "others"),
    [
        ("secretsmanager", "BatchGetSecretValueRequest", "SecretIdList", ["Filters"]),
        ("kms", "GenerateDataKeyRequest", "KeySpec", ["NumberOfBytes"]),
        ("logs", "DescribeLogGroupsRequest", "logGroupNamePattern", ["logGroupNamePrefix"]),
        # Named in words, of which some are part of others.
        ("ec2", "ModifyLaunchTemplateRequest", "LaunchTemplateName", ["LaunchTemplateId"]),
        ("lightsail", "CreateDiskFromSnapshotRequest", "diskSnapshotName", ["sourceDiskName"]),
        ("iot", "ListDetectMitigationActionsTasksRequest", "startTime", []),
        ("s3", "WriteGetObjectResponseRequest", "ErrorCode", []),
    ],
)
def test_exclusions_of_models(service: str, structure: str, member: str, others: list[str]) -> None:
    members = load_service(service).structure(structure).members
    assert [exclusion.other for exclusion in members[member].exclusions] == others
