# SPDX-License-Identifier: Apache-2.0
"""What the `aws` command makes of an operation, and what its pages then can't tell."""

from __future__ import annotations

from importlib import resources

import pytest
import yaml

from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.cli_pages.own_options import is_by_command, remade
from aws_conformance.spec.cli_pages.prose import has_constraints, read_facts
from aws_conformance.spec.difference import Difference, Kind, Side


@pytest.mark.parametrize(
    ("name", "side", "path", "kind", "by_command"),
    [
        ("ec2:GetPasswordData", "input", "$.PrivLaunchKey", "member removed", True),
        ("ec2:GetPasswordData", "input", "$.InstanceId", "member removed", False),
        ("ec2:RunInstances", "input", "$.MinCount", "member added", True),
        ("ec2:RunInstances", "input", "$.ImageId", "member removed", False),
        ("lambda:CreateFunction", "input", "$.Code", "became required", True),
        ("lambda:CreateFunction", "input", "$.Code.S3Bucket", "member added", False),
        ("ecs:ExecuteCommand", "output", "$.session.tokenValue", "member added", True),
        ("s3:GetObject", "output", "$.ExpiresString", "member removed", True),
        ("s3:GetObject", "output", "$.ETag", "member removed", False),
        ("sqs:CreateQueue", "input", "$.QueueName", "member removed", False),
    ],
)
def test_what_the_command_makes_is_known(
    name: str, side: Side, path: str, kind: Kind, *, by_command: bool
) -> None:
    service, _, operation = name.partition(":")
    assert is_by_command(service, Difference(operation, side, path, kind)) is by_command


def test_the_table_speaks_of_members_that_there_are() -> None:
    text = resources.files("aws_conformance").joinpath("data/cli-options.yaml").read_text("utf-8")
    for name, operations in yaml.safe_load(text).items():
        service = load_service(name)
        for operation in operations:
            members = service.structure(service.operations[operation].input).members
            lost = {path.partition(".")[0] for path in remade(name, operation).fills}
            assert lost <= set(members), f"{name}:{operation}"


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("  Constraints:\n\n  * min: ``1``\n", True),
        ("  Constraints:\n\n  * pattern: ``[a-z]``\n", True),
        ("  Constraints:\n\n  * Must be at least four hours long.\n", False),
        ("  Constraints:\n", False),
        ("  Constraints: none of these\n", False),
    ],
)
def test_constraints_by_rule_and_those_by_hand_differ(text: str, *, listed: bool) -> None:
    assert has_constraints(text) is listed


def test_a_literal_in_quotes_is_a_value_without_them() -> None:
    text = 'Valid values are:\n\n* ``"gzip"``\n\n* ``"bzip2"``\n'
    assert read_facts("string", text.split("\n")).enum == ("gzip", "bzip2")
