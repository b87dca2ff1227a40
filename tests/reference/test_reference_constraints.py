# SPDX-License-Identifier: Apache-2.0
"""The texts of constraint failures, as recorded, and which values earn them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import World

POOL = r"Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+"
NAME = r"Member must satisfy regular expression pattern: [\w\s+=,.@-]+"
LONG = "x" * 129


def failure(path: str, value: str | None, tail: str) -> str:
    subject = "Value null" if value is None else f"Value '{value}'"
    return f"1 validation error detected: {subject} at '{path}' failed to satisfy constraint: {tail}"


@pytest.mark.parametrize(
    ("operation", "document", "message"),
    [
        ("GetCSVHeader", {"UserPoolId": "X"}, failure("userPoolId", "X", POOL)),
        ("GetCSVHeader", {"UserPoolId": "a_b\n"}, failure("userPoolId", "a_b\n", POOL)),
        ("GetCSVHeader", {"UserPoolId": "é_b"}, failure("userPoolId", "é_b", POOL)),
        ("GetCSVHeader", {}, failure("userPoolId", None, "Member must not be null")),
        ("GetCSVHeader", {"UserPoolId": None}, failure("userPoolId", None, "Member must not be null")),
        (
            "GetCSVHeader",
            {"UserPoolId": "a_" + "b" * 54},
            failure("userPoolId", "a_" + "b" * 54, "Member must have length less than or equal to 55"),
        ),
        (
            "CreateUserPool",
            {"PoolName": LONG},
            failure("poolName", LONG, "Member must have length less than or equal to 128"),
        ),
        (
            "ListUserPools",
            {"MaxResults": 0},
            failure("maxResults", "0", "Member must have value greater than or equal to 1"),
        ),
        (
            "ListUserPools",
            {"MaxResults": 61},
            failure("maxResults", "61", "Member must have value less than or equal to 60"),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "MfaConfiguration": "off"},
            failure("mfaConfiguration", "off", "Member must satisfy enum value set: [OFF, ON, OPTIONAL]"),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "Policies": {"PasswordPolicy": {"MinimumLength": 5}}},
            failure(
                "policies.passwordPolicy.minimumLength",
                "5",
                "Member must have value greater than or equal to 6",
            ),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "Schema": [{"Name": "a"}, {"Name": "phone_number_verified"}]},
            failure(
                "schema.2.member.name",
                "phone_number_verified",
                "Member must have length less than or equal to 20",
            ),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "Schema": []},
            failure("schema", "[]", "Member must have length greater than or equal to 1"),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "AutoVerifiedAttributes": ["email", "fax"]},
            failure(
                "autoVerifiedAttributes",
                "[email, fax]",
                "Member must satisfy constraint: [Member must satisfy enum value set: [phone_number, email]]",
            ),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "UserPoolTags": {"k": "v" * 257}},
            failure(
                "userPoolTags",
                "{k=" + "v" * 257 + "}",
                "Map value must satisfy constraint: [Member must have length less than or equal to 256, "
                "Member must have length greater than or equal to 0]",
            ),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "UserPoolTags": {"": "v"}},
            failure(
                "userPoolTags",
                "{=v}",
                "Map keys must satisfy constraint: [Member must have length less than or equal to 128, "
                "Member must have length greater than or equal to 1]",
            ),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "AcrConfiguration": {"Level1": {"AcrValue": " "}}},
            failure(
                "acrConfiguration.Level1.member.acrValue",
                " ",
                r"Member must satisfy regular expression pattern: [\x21\x23-\x5B\x5D-\x7E]+",
            ),
        ),
        (
            "CreateUserPool",
            {"PoolName": "p", "UsernameConfiguration": {}},
            failure("usernameConfiguration.caseSensitive", None, "Member must not be null"),
        ),
    ],
)
def test_a_broken_constraint(world: World, operation: str, document: Any, message: str) -> None:
    answer = world.call(operation, document)
    assert (answer.status, answer.code, answer.message) == (400, "InvalidParameterException", message)
    assert answer.message_key == "message"


def test_all_failures_are_listed_at_once(world: World) -> None:
    answer = world.call("CreateUserImportJob", {"JobName": "", "UserPoolId": "x"})
    assert answer.message is not None
    count, _, failures = answer.message.partition(": ")
    assert count == "4 validation errors detected"
    short = "Member must have length greater than or equal to 1"
    assert set(failures.split("; ")) == {
        f"Value '' at 'jobName' failed to satisfy constraint: {short}",
        f"Value '' at 'jobName' failed to satisfy constraint: {NAME}",
        f"Value 'x' at 'userPoolId' failed to satisfy constraint: {POOL}",
        "Value null at 'cloudWatchLogsRoleArn' failed to satisfy constraint: Member must not be null",
    }


def test_sensitive_values_are_left_out(world: World) -> None:
    document = {
        "UserPoolId": world.pool(),
        "Username": "has space",
        "TemporaryPassword": "has space too",
        "UserAttributes": [{"Name": "name", "Value": "s3cret" * 400}],
    }
    answer = world.call("AdminCreateUser", document)
    assert answer.message is not None
    assert answer.message.startswith("3 validation errors detected: ")
    for path in ("username", "temporaryPassword", "userAttributes.1.member.value"):
        assert f"Value at '{path}' failed" in answer.message
    assert b"space" not in answer.response.body
    assert b"s3cret" not in answer.response.body


def test_a_missing_sensitive_member_tells_no_value(world: World) -> None:
    answer = world.call("AdminGetUser", {"UserPoolId": "us-east-1_abc"})
    failure = "Value at 'username' failed to satisfy constraint: Member must not be null"
    assert answer.message == f"1 validation error detected: {failure}"


def test_lengths_are_counted_in_code_points(world: World) -> None:
    tags = {"k": "\U0001f600" * 256}
    assert (
        world.ok("CreateUserPool", {"PoolName": "p", "UserPoolTags": tags})["UserPool"]["UserPoolTags"]
        == tags
    )
