# SPDX-License-Identifier: Apache-2.0
"""Who may call: every refusal of a signature, and that an access key is an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from aws_conformance.http import Request, header
from aws_conformance.reference import ACCOUNT_ID, AccessKey, ManualClock, SystemClock

if TYPE_CHECKING:
    from tests.reference.conftest import World

Sign = Callable[..., Request]


def replaced(request: Request, name: str, change: Callable[[str], str]) -> Request:
    value = header(request.headers, name)
    assert value is not None
    return request.with_headers([(name, change(value))])


def without_authorization(world: World, sign: Sign) -> Request:
    return world.request("ListUserPools")


def another_scheme(world: World, sign: Sign) -> Request:
    return world.request("ListUserPools", headers=(("Authorization", "Basic dXNlcjpwYXNz"),))


def no_signature(world: World, sign: Sign) -> Request:
    return replaced(
        sign(world.request("ListUserPools")), "Authorization", lambda text: text.partition(", Signature")[0]
    )


def no_equal_sign(world: World, sign: Sign) -> Request:
    return replaced(sign(world.request("ListUserPools")), "Authorization", lambda text: f"{text}, x")


def short_scope(world: World, sign: Sign) -> Request:
    return replaced(
        sign(world.request("ListUserPools")), "Authorization", lambda text: text.replace("/aws4_request", "")
    )


def no_date(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools")).without_header("X-Amz-Date")


def bad_date(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools")).with_headers([("X-Amz-Date", "yesterday")])


def unknown_key(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools"), key="AKIDSTRANGER")


def nearly_known_key(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools"), key="AKIDCONFORMANCE000010")


def wrong_secret(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools"), secret="another")


def tampered_body(world: World, sign: Sign) -> Request:
    request = sign(world.request("ListUserPools", {"MaxResults": 1}))
    return Request(request.method, request.path, request.headers, request.body.replace(b"1", b"2"))


def tampered_body_with_its_old_hash(world: World, sign: Sign) -> Request:
    plain = world.request("ListUserPools", {"MaxResults": 1}, (("X-Amz-Content-SHA256", "0" * 64),))
    return sign(plain)


def tampered_header(world: World, sign: Sign) -> Request:
    return replaced(
        sign(world.request("DeleteUserPool")), "X-Amz-Target", lambda text: text.replace("Delete", "Describe")
    )


def wrong_region(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools"), region="eu-west-1")


def wrong_service(world: World, sign: Sign) -> Request:
    return sign(world.request("ListUserPools"), service="s3")


def wrong_day(world: World, sign: Sign) -> Request:
    def other(text: str) -> str:
        before, _, after = text.partition("/")
        return f"{before}/19990101/{after.partition('/')[2]}"

    return replaced(sign(world.request("ListUserPools")), "Authorization", other)


def host_not_signed(world: World, sign: Sign) -> Request:
    return replaced(
        sign(world.request("ListUserPools")), "Authorization", lambda text: text.replace("host;", "")
    )


@pytest.mark.parametrize(
    ("make", "code", "message"),
    [
        (without_authorization, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (another_scheme, "IncompleteSignatureException", "Unsupported"),
        (no_signature, "IncompleteSignatureException", "requires 'Signature'"),
        (no_equal_sign, "IncompleteSignatureException", "missing equal-sign"),
        (short_scope, "IncompleteSignatureException", "5 slash-delimited"),
        (no_date, "IncompleteSignatureException", "'X-Amz-Date' or a 'Date'"),
        (bad_date, "IncompleteSignatureException", "ISO-8601"),
        (unknown_key, "UnrecognizedClientException", "security token included in the request is invalid"),
        (nearly_known_key, "UnrecognizedClientException", "invalid"),
        (wrong_secret, "InvalidSignatureException", "does not match the signature you provided"),
        (tampered_body, "InvalidSignatureException", "does not match"),
        (tampered_body_with_its_old_hash, "InvalidSignatureException", "does not match"),
        (tampered_header, "InvalidSignatureException", "does not match"),
        (wrong_region, "InvalidSignatureException", "valid region, not 'eu-west-1'"),
        (wrong_service, "InvalidSignatureException", "correct service: 'cognito-idp'"),
        (wrong_day, "InvalidSignatureException", "Date in Credential scope"),
        (host_not_signed, "InvalidSignatureException", "must be a 'SignedHeader'"),
    ],
)
def test_a_signature_is_refused(
    world: World, sign: Sign, make: Callable[[World, Sign], Request], code: str, message: str
) -> None:
    answer = world.send(make(world, sign))
    assert (answer.status, answer.code, answer.message_key) == (400, code, "message")
    assert answer.message is not None
    assert message in answer.message


@pytest.mark.parametrize(
    ("minutes", "message"),
    [(-6, "not yet current"), (-4, None), (0, None), (4, None), (6, "expired")],
)
def test_a_clock_may_be_off_by_five_minutes(
    make_world: Callable[..., World], minutes: int, message: str | None
) -> None:
    world = make_world(wall=ManualClock(SystemClock().now() + 60 * minutes))
    answer = world.call("ListUserPools", {"MaxResults": 1})
    if message is None:
        assert answer.status == 200
    else:
        assert answer.code == "InvalidSignatureException"
        assert message in (answer.message or "")


def test_a_security_token_is_ignored(world: World) -> None:
    answer = world.call("ListUserPools", {"MaxResults": 1}, headers=(("X-Amz-Security-Token", "token"),))
    assert answer.status == 200


def test_date_may_stand_in_for_the_amazon_date(world: World, sign: Sign) -> None:
    request = sign(world.request("ListUserPools", {"MaxResults": 1}, (("Date", "x"),)))
    assert header(request.headers, "x-amz-date") is None
    assert world.send(request, "ListUserPools").status == 200


def test_an_access_key_is_an_account(world: World) -> None:
    mine, other = world.pool(), world.pool(key="AKIDCONFORMANCE00002")
    listed = world.ok("ListUserPools", {"MaxResults": 60})["UserPools"]
    assert [pool["Id"] for pool in listed] == [mine]
    arns = [
        world.ok("DescribeUserPool", {"UserPoolId": pool}, key=key)["UserPool"]["Arn"].split(":")[4]
        for pool, key in ((mine, "AKIDCONFORMANCE00001"), (other, "AKIDCONFORMANCE00002"))
    ]
    assert arns == [ACCOUNT_ID, "500000000002"]


@pytest.mark.parametrize(
    "operation",
    ["GetCSVHeader", "DescribeUserPool", "DeleteUserPool", "ListUserImportJobs", "StartUserImportJob"],
)
def test_another_accounts_pool_is_not_for_the_caller(world: World, operation: str) -> None:
    pool = world.pool(key="AKIDCONFORMANCE00002")
    more: dict[str, dict[str, Any]] = {
        "ListUserImportJobs": {"MaxResults": 1},
        "StartUserImportJob": {"JobId": "import-1"},
    }
    answer = world.call(operation, {"UserPoolId": pool, **more.get(operation, {})})
    assert (answer.status, answer.code) == (400, "NotAuthorizedException")


def test_further_access_keys_come_from_the_settings(make_world: Callable[..., World], sign: Sign) -> None:
    world = make_world(access_keys=(AccessKey("AKIDMINE", "my-secret", "000000000042"),))
    request = sign(world.request("CreateUserPool", {"PoolName": "p"}), "AKIDMINE", "my-secret")
    arn = world.send(request, "CreateUserPool").document["UserPool"]["Arn"]
    assert arn.split(":")[4] == "000000000042"
