# SPDX-License-Identifier: Apache-2.0
"""User pools: what is given comes back, defaults stand beside it, and the schema is the pool's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import World

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f"
MESSAGE = "Your code is {####}"
SETTINGS: dict[str, Any] = {
    "Policies": {
        "PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False, "PasswordHistorySize": 24},
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]},
    },
    "DeletionProtection": "ACTIVE",
    "LambdaConfig": {
        "PreSignUp": LAMBDA,
        "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": LAMBDA},
    },
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "AliasAttributes": ["email", "preferred_username"],
    "UsernameAttributes": [],
    "SmsVerificationMessage": MESSAGE,
    "EmailVerificationMessage": MESSAGE,
    "EmailVerificationSubject": "Welcome",
    "VerificationMessageTemplate": {"SmsMessage": MESSAGE, "DefaultEmailOption": "CONFIRM_WITH_LINK"},
    "SmsAuthenticationMessage": MESSAGE,
    "MfaConfiguration": "OPTIONAL",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True},
    "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "ConfigurationSet": "set"},
    "SmsConfiguration": {"SnsCallerArn": "", "SnsRegion": "us-east-1"},
    "UserPoolTags": {"team": "identity"},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 365},
    "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
    "UsernameConfiguration": {"CaseSensitive": False},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
    "UserPoolTier": "PLUS",
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "UPDATED"},
    "AcrConfiguration": {"Level1": {"AcrValue": "low"}},
}


def test_all_settings_come_back(world: World) -> None:
    pool = world.ok("CreateUserPool", {"PoolName": "p", **SETTINGS})["UserPool"]
    assert {name: pool[name] for name in SETTINGS} == SETTINGS
    assert world.ok("DescribeUserPool", {"UserPoolId": pool["Id"]})["UserPool"] == pool


def test_defaults(world: World) -> None:
    pool = world.ok("CreateUserPool", {"PoolName": "p"})["UserPool"]
    assert pool["Name"] == "p"
    assert pool["Id"].startswith("us-east-1_")
    assert len(pool["Id"]) == len("us-east-1_") + 9
    assert pool["Arn"] == f"arn:aws:cognito-idp:us-east-1:123456789012:userpool/{pool['Id']}"
    assert pool["MfaConfiguration"] == "OFF"
    assert pool["DeletionProtection"] == "INACTIVE"
    assert pool["EstimatedNumberOfUsers"] == 0
    assert pool["AdminCreateUserConfig"] == {
        "AllowAdminCreateUserOnly": False,
        "UnusedAccountValidityDays": 7,
    }
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8
    assert pool["CreationDate"] == pool["LastModifiedDate"] == world.clock.now()
    assert len(pool["SchemaAttributes"]) == 20
    assert "AutoVerifiedAttributes" not in pool


def test_the_schema_is_the_standard_attributes_and_custom_ones(world: World) -> None:
    entries = [
        {"Name": "email", "Required": True, "AttributeDataType": "String"},
        {"Name": "size", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "1"}},
        {"Name": "secret", "DeveloperOnlyAttribute": True},
    ]
    schema = world.ok("CreateUserPool", {"PoolName": "p", "Schema": entries})["UserPool"]["SchemaAttributes"]
    by_name = {attribute["Name"]: attribute for attribute in schema}
    assert by_name["email"]["Required"] is True
    assert by_name["email"]["StringAttributeConstraints"] == {"MinLength": "0", "MaxLength": "2048"}
    assert by_name["custom:size"] == {
        "Name": "custom:size",
        "AttributeDataType": "Number",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "NumberAttributeConstraints": {"MinValue": "1"},
    }
    assert by_name["dev:custom:secret"]["AttributeDataType"] == "String"
    # One pool's schema is not another's.
    assert world.header(world.pool())[9] == "email"
    plain = world.ok("CreateUserPool", {"PoolName": "p"})["UserPool"]["SchemaAttributes"]
    assert next(item for item in plain if item["Name"] == "email")["Required"] is False


def test_times_have_milliseconds(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.clock.advance(0.1234567)
    created = world.ok("CreateUserPool", {"PoolName": "p"})["UserPool"]["CreationDate"]
    assert math.isclose(created, 1_800_000_000.123, abs_tol=1e-6)


@pytest.mark.parametrize(("count", "size"), [(0, 1), (1, 1), (5, 2), (6, 2), (7, 60)])
def test_pages_of_pools(world: World, count: int, size: int) -> None:
    created = [world.pool() for _ in range(count)]
    listed: list[str] = []
    token = None
    for _ in range(count // size + 1):
        more: dict[str, Any] = {"NextToken": token} if token else {}
        page = world.ok("ListUserPools", {"MaxResults": size, **more})
        assert len(page["UserPools"]) <= size
        listed += [pool["Id"] for pool in page["UserPools"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert token is None
    assert listed == created


def test_a_token_is_good_for_its_listing_only(world: World) -> None:
    pools = [world.pool(), world.pool()]
    token = world.ok("ListUserPools", {"MaxResults": 1})["NextToken"]
    for operation, document in (
        ("ListUserPools", {"MaxResults": 1, "NextToken": "made-up"}),
        ("ListUserPools", {"MaxResults": 1, "NextToken": token[:-4]}),
        ("ListUserPools", {"MaxResults": 1, "NextToken": "\u20ac"}),
        ("ListUserImportJobs", {"MaxResults": 1, "UserPoolId": pools[0], "PaginationToken": token}),
        ("ListUsers", {"UserPoolId": pools[0], "PaginationToken": token}),
    ):
        answer = world.call(operation, document)
        assert (answer.status, answer.code) == (400, "InvalidParameterException")


def test_a_deleted_pool_is_gone(world: World) -> None:
    pool = world.pool()
    world.ok("DeleteUserPool", {"UserPoolId": pool})
    for operation in ("DescribeUserPool", "DeleteUserPool", "GetCSVHeader", "ListUsers"):
        answer = world.call(operation, {"UserPoolId": pool})
        assert (answer.status, answer.code) == (400, "ResourceNotFoundException")
        assert answer.message == f"User pool {pool} does not exist."
    assert world.ok("ListUserPools", {"MaxResults": 1})["UserPools"] == []


def test_a_protected_pool_stays(world: World) -> None:
    pool = world.pool(DeletionProtection="ACTIVE")
    answer = world.call("DeleteUserPool", {"UserPoolId": pool})
    assert (answer.code, "deletion protection is activated" in (answer.message or "")) == (
        "InvalidParameterException",
        True,
    )
    assert world.header(pool)


# What a pool is created with for good.
FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


def test_an_update_sets_what_it_names(world: World) -> None:
    before = world.ok("CreateUserPool", {"PoolName": "p"})["UserPool"]
    settings = {name: value for name, value in SETTINGS.items() if name not in FIXED}
    world.clock.advance(10)
    answer = world.call("UpdateUserPool", {"UserPoolId": before["Id"], "PoolName": "renamed", **settings})
    assert (answer.status, answer.document) == (200, {})
    pool = world.ok("DescribeUserPool", {"UserPoolId": before["Id"]})["UserPool"]
    assert {name: pool[name] for name in settings} == settings
    assert pool["Name"] == "renamed"
    assert pool["LastModifiedDate"] == before["LastModifiedDate"] + 10
    for name in ("Id", "Arn", "CreationDate", "SchemaAttributes"):
        assert pool[name] == before[name]
    listed = world.ok("ListUserPools", {"MaxResults": 1})["UserPools"][0]
    assert (listed["Name"], listed["LastModifiedDate"]) == ("renamed", pool["LastModifiedDate"])


def test_an_update_sets_what_is_left_out_to_its_default(world: World) -> None:
    schema = [{"Name": "size", "AttributeDataType": "Number"}]
    before = world.ok("CreateUserPool", {"PoolName": "p", "Schema": schema, **SETTINGS})["UserPool"]
    world.ok("AdminCreateUser", {"UserPoolId": before["Id"], "Username": "ann"})
    world.clock.advance(10)
    world.ok("UpdateUserPool", {"UserPoolId": before["Id"], "MfaConfiguration": "ON"})
    pool = world.ok("DescribeUserPool", {"UserPoolId": before["Id"]})["UserPool"]
    plain = world.ok("CreateUserPool", {"PoolName": "p"})["UserPool"]
    fixed = ("Id", "Arn", "CreationDate", "SchemaAttributes", *FIXED)
    assert pool == {
        **plain,
        **{name: before[name] for name in fixed},
        "MfaConfiguration": "ON",
        "EstimatedNumberOfUsers": 1,
    }
    assert pool["LastModifiedDate"] == before["LastModifiedDate"] + 10


def test_an_update_leaves_how_clients_register_themselves(world: World) -> None:
    registration = {"EnableStatus": "Enabled", "OpenDcrEnabled": True}
    pool = world.ok("CreateUserPool", {"PoolName": "p", "DcrConfiguration": registration})["UserPool"]["Id"]
    world.ok("UpdateUserPool", {"UserPoolId": pool, "MfaConfiguration": "ON"})
    shown = world.ok("DescribeUserPool", {"UserPoolId": pool})["UserPool"]
    assert shown["DcrConfiguration"] == registration
    other = {"EnableStatus": "Disabled"}
    world.ok("UpdateUserPool", {"UserPoolId": pool, "DcrConfiguration": other})
    assert world.ok("DescribeUserPool", {"UserPoolId": pool})["UserPool"]["DcrConfiguration"] == other


def test_an_update_is_not_the_default_of_the_next(world: World) -> None:
    pool = world.pool()
    world.ok("UpdateUserPool", {"UserPoolId": pool, "UserPoolTags": {"a": "b"}})
    world.ok("UpdateUserPool", {"UserPoolId": pool})
    described = world.ok("DescribeUserPool", {"UserPoolId": pool})["UserPool"]
    assert described["UserPoolTags"] == {}
    assert "AutoVerifiedAttributes" not in described


def test_protection_that_is_lifted(world: World) -> None:
    pool = world.pool(DeletionProtection="ACTIVE")
    world.ok("UpdateUserPool", {"UserPoolId": pool, "DeletionProtection": "INACTIVE"})
    assert world.call("DeleteUserPool", {"UserPoolId": pool}).status == 200


def test_no_pool_changes_while_users_come_in(world: World, row: Any) -> None:
    pool, other = world.pool(), world.pool()
    job = world.job(pool)
    world.upload(job, world.sheet(pool, [row("ann")]))
    update = {"UserPoolId": pool, "AutoVerifiedAttributes": ["email"]}
    world.ok("UpdateUserPool", update)
    assert world.start(pool, job).status == 200
    for _ in range(2):
        answer = world.call("UpdateUserPool", {"UserPoolId": pool})
        assert (answer.status, answer.code) == (400, "UserImportInProgressException")
        assert job["JobId"] in (answer.message or "")
        world.ok("UpdateUserPool", {"UserPoolId": other})
        world.clock.advance(2)
    world.ok("UpdateUserPool", {"UserPoolId": pool})
    assert world.describe(pool, job)["Status"] == "Succeeded"
