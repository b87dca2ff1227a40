# SPDX-License-Identifier: Apache-2.0
"""What a change does not speak of, and what the looks around it show of that."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.partial import unsaid_stays
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.spec.botocore import load_service


def _story(service: str, noun: str, *requests: tuple[Role, str, Any, Any]) -> Story:
    loaded = load_service(service)
    moves = tuple(
        AnsweredMove(
            role, role, "create", loaded.operations[name], sent, frozenset(sent), "success", 200,
            document=document, pages=(document,),
        )
        for role, name, sent, document in requests
    )  # fmt: skip
    naming = tuple(name for name in ("Name", "DBInstanceIdentifier") if name in moves[0].sent)
    return Story(loaded, noun, moves[0].operation, naming, moves)


def _baseline(change: Any, before: Any, after: Any) -> Story:
    named = {"BaselineId": "pb-1"}
    return _story(
        "ssm",
        "PatchBaseline",
        ("create", "CreatePatchBaseline", {"Name": "a"}, named),
        ("read", "GetPatchBaseline", named, named | before),
        ("update", "UpdatePatchBaseline", named | change, named),
        ("read", "GetPatchBaseline", named, named | after),
    )


TEXT, OTHER = {"Description": "a text"}, {"RejectedPatchesAction": "BLOCK"}


@pytest.mark.parametrize(
    ("change", "before", "after", "grave"),
    [
        (OTHER, TEXT, TEXT | OTHER, []),
        (OTHER, TEXT, OTHER, [True]),
        (OTHER, TEXT, OTHER | {"Description": ""}, [True]),
        # What was said is no concern of this rule, and what was not there is not lost.
        (TEXT, TEXT, {}, []),
        (OTHER, {}, OTHER, []),
        # A setting may change another, which does not go by that.
        (TEXT, OTHER, TEXT | {"RejectedPatchesAction": "ALLOW_AS_DEPENDENCY"}, [False]),
        # A change that says so is all that there is.
        (OTHER | {"Replace": True}, TEXT, OTHER, []),
    ],
)
def test_what_is_left_out_stays(change: Any, before: Any, after: Any, grave: list[bool]) -> None:
    assert [not breach.doubtful for breach in unsaid_stays(_baseline(change, before, after))] == grave


def test_where_no_document_says_so_anything_may_go() -> None:
    named = {"GroupName": "a", "UserPoolId": "us-east-1_a"}
    story = _story(
        "cognito-idp",
        "Group",
        ("create", "CreateGroup", named, {"Group": named}),
        ("read", "GetGroup", named, {"Group": named | TEXT}),
        ("update", "UpdateGroup", named | {"Precedence": 1}, {}),
        ("read", "GetGroup", named, {"Group": named | {"Precedence": 1}}),
    )
    assert list(unsaid_stays(story)) == []


def test_what_lists_alone_describe_is_looked_at_there() -> None:
    named = {"DBParameterGroupName": "a"}
    instance = {"DBInstanceIdentifier": "a", "BackupRetentionPeriod": 7, "CACertificateIdentifier": "b"}
    lost = {name: item for name, item in instance.items() if name != "BackupRetentionPeriod"}
    story = _story(
        "rds",
        "DBInstance",
        ("create", "CreateDBInstance", {"DBInstanceIdentifier": "a"}, {"DBInstance": instance}),
        ("list", "DescribeDBInstances", {}, {"DBInstances": [instance]}),
        ("update", "ModifyDBInstance", {"DBInstanceIdentifier": "a", **named}, {"DBInstance": instance}),
        ("list", "DescribeDBInstances", {}, {"DBInstances": [lost]}),
    )
    assert [breach.path for breach in unsaid_stays(story)] == [("DBInstances", 0, "BackupRetentionPeriod")]
