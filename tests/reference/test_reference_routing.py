# SPDX-License-Identifier: Apache-2.0
"""Which requests reach an operation, and how AWS was recorded to answer those that don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from aws_conformance.http import Request, header

if TYPE_CHECKING:
    from tests.reference.conftest import World

JSON = "application/x-amz-json-1.1"
PREFIX = "AWSCognitoIdentityProviderService"


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "GetCSVHeader",
        f"{PREFIX}.",
        f"{PREFIX}.NoSuchOperation",
        f"{PREFIX}.getcsvheader",
        f"{PREFIX.lower()}.GetCSVHeader",
        "Other.GetCSVHeader",
        # In the model, but not implemented: answered like an invented name.
        f"{PREFIX}.InitiateAuth",
        f"{PREFIX}.SignUp",
    ],
)
def test_a_target_that_is_not_known_is_refused_without_a_message(world: World, target: str | None) -> None:
    headers = (("Content-Type", JSON), *((("X-Amz-Target", target),) if target is not None else ()))
    answer = world.send(Request("POST", "/", headers, b"{}"))
    assert (answer.status, answer.response.body) == (400, b'{"__type":"UnknownOperationException"}')


@pytest.mark.parametrize("label", [None, "text/plain", "application/x-amz-json-1.0", "application/xml"])
def test_another_content_type_is_answered_with_404(world: World, label: str | None) -> None:
    headers = (("X-Amz-Target", f"{PREFIX}.GetCSVHeader"), *((("Content-Type", label),) if label else ()))
    response = world.reference.handle(Request("POST", "/", headers, b"{}"))
    assert (response.status, response.body) == (404, b"<UnknownOperationException/>")


def test_plain_json_gets_the_older_protocols_envelope(world: World) -> None:
    headers = (("X-Amz-Target", f"{PREFIX}.GetCSVHeader"), ("Content-Type", "application/json"))
    response = world.reference.handle(Request("POST", "/", headers, b"{}"))
    assert response.status == 200
    assert response.body.startswith(b'{"Output":{"__type":')
    assert response.body.endswith(b'"Version":"1.0"}')


def test_a_content_type_may_have_parameters(world: World) -> None:
    pool = world.pool()
    answer = world.call(
        "GetCSVHeader", {"UserPoolId": pool}, headers=(("Content-Type", f"{JSON}; charset=utf-8"),)
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", None),
        (b"{", None),
        (b"{} {}", None),
        (b'{"UserPoolId":"a",}', None),
        (b'{"UserPoolId": NaN}', None),
        (b'\xef\xbb\xbf{"UserPoolId":"a"}', None),
        (b'{"UserPoolId":"\xe9"}', None),
        (b"[" * 100_000, None),
        (b"null", None),
        (b'"x"', None),
        (b"1", None),
        (b"true", None),
        (b"[]", "Start of list found where not expected"),
    ],
)
def test_a_body_that_is_no_object(
    world: World, sign: Callable[..., Request], body: bytes, message: str | None
) -> None:
    request = world.request("GetCSVHeader")
    answer = world.send(sign(Request("POST", "/", request.headers, body)))
    assert (answer.status, answer.code, answer.message) == (400, "SerializationException", message)
    assert answer.message_key == ("Message" if message else None)


LIST = "Start of list found where not expected"
MAP = "Start of structure or map found where not expected."


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("PoolName", 1, "NUMBER_VALUE can not be converted to a String"),
        ("PoolName", 1.5, "NUMBER_VALUE can not be converted to a String"),
        ("PoolName", True, "TRUE_VALUE can not be converted to a String"),
        ("PoolName", False, "FALSE_VALUE can not be converted to a String"),
        ("PoolName", ["x"], LIST),
        ("PoolName", {"a": 1}, MAP),
        ("AutoVerifiedAttributes", "email", "Expected list or null"),
        ("AutoVerifiedAttributes", 1, "Expected list or null"),
        ("AutoVerifiedAttributes", True, "Expected list or null"),
        ("AutoVerifiedAttributes", {}, MAP),
        ("AutoVerifiedAttributes", [1], "NUMBER_VALUE can not be converted to a String"),
        ("AutoVerifiedAttributes", [["email"]], LIST),
        ("UserPoolTags", "x", "Expected map or null"),
        ("UserPoolTags", [], LIST),
        ("UserPoolTags", {"a": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("Policies", "x", "Expected null"),
        ("Policies", 1, "Expected null"),
        ("Policies", True, "Expected null"),
        ("Policies", [], LIST),
        (
            "Policies",
            {"PasswordPolicy": {"MinimumLength": "8"}},
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            "Policies",
            {"PasswordPolicy": {"MinimumLength": True}},
            "TRUE_VALUE can not be converted to an Integer",
        ),
        (
            "Policies",
            {"PasswordPolicy": {"MinimumLength": False}},
            "FALSE_VALUE can not be converted to an Integer",
        ),
        ("Policies", {"PasswordPolicy": {"MinimumLength": [1]}}, LIST),
        ("Policies", {"PasswordPolicy": {"MinimumLength": {}}}, MAP),
        (
            "Policies",
            {"PasswordPolicy": {"MinimumLength": 2**31}},
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (
            "UsernameConfiguration",
            {"CaseSensitive": "true"},
            "STRING_VALUE can not be converted to a Boolean",
        ),
        ("UsernameConfiguration", {"CaseSensitive": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
    ],
)
def test_a_value_of_the_wrong_type(world: World, member: str, value: Any, message: str) -> None:
    answer = world.call("CreateUserPool", {"PoolName": "", member: value})
    # Though the empty name breaks a constraint: type errors come first.
    assert (answer.status, answer.code, answer.message) == (400, "SerializationException", message)
    assert answer.message_key == "Message"


@pytest.mark.parametrize(
    "more",
    [
        {"Policies": None},
        {"AutoVerifiedAttributes": ["email", None]},
        {"NoSuchMember": {"a": [1]}},
        {"Policies": {"PasswordPolicy": {"MinimumLength": 8.9, "NoSuchMember": 1}}},
        {"UserPoolTags": {"a": None}},
    ],
)
def test_what_aws_tolerates(world: World, more: dict[str, Any]) -> None:
    pool = world.ok("CreateUserPool", {"PoolName": "p", **more})["UserPool"]
    assert "NoSuchMember" not in pool
    if more.get("Policies"):
        assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_the_last_of_repeated_keys_holds(world: World, sign: Callable[..., Request]) -> None:
    request = world.request("CreateUserPool")
    body = b'{"PoolName":1,"PoolName":"last"}'
    answer = world.send(sign(Request("POST", "/", request.headers, body)), "CreateUserPool")
    assert answer.document["UserPool"]["Name"] == "last"


def test_the_order_of_refusals(world: World, sign: Callable[..., Request]) -> None:
    """Each request also commits every later sin."""
    headers = world.request("GetCSVHeader").headers
    unknown = (headers[0], ("X-Amz-Target", "x"))
    tried = [
        world.send(Request("POST", "/", unknown, b"{")).code,
        world.send(Request("POST", "/", headers, b"{")).code,
        world.send(Request("POST", "/", headers, b'{"UserPoolId":1}')).code,
        world.send(sign(Request("POST", "/", headers, b'{"UserPoolId":1}'))).code,
        world.send(sign(Request("POST", "/", headers, b"{}"))).code,
        world.send(sign(Request("POST", "/", headers, b'{"UserPoolId":"us-east-1_none"}'))).code,
    ]
    assert tried == [
        "UnknownOperationException",
        "SerializationException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "InvalidParameterException",
        "ResourceNotFoundException",
    ]


def test_headers_of_answers(world: World) -> None:
    good, bad = world.call("ListUserPools", {"MaxResults": 1}), world.call("ListUserPools", {})
    assert header(good.response.headers, "content-type") == JSON
    assert header(good.response.headers, "x-amzn-errortype") is None
    assert header(bad.response.headers, "x-amzn-errortype") == "InvalidParameterException:"
    assert header(bad.response.headers, "x-amzn-errormessage") == bad.message
    ids = [header(answer.response.headers, "x-amzn-requestid") for answer in (good, bad)]
    assert len(set(ids)) == 2


def test_what_a_request_sends_can_not_forge_a_header(world: World) -> None:
    answer = world.call("GetCSVHeader", {"UserPoolId": "a\r\nX-Forged: 1 \u20ac"})
    message = header(answer.response.headers, "x-amzn-errormessage")
    assert message is not None
    assert message.isascii()
    assert message.isprintable()


def test_an_operation_without_output_answers_nothing(world: World) -> None:
    answer = world.call("DeleteUserPool", {"UserPoolId": world.pool()})
    assert (answer.status, answer.response.body) == (200, b"")


def test_the_same_seed_makes_the_same_ids(make_world: Callable[..., World]) -> None:
    def ids(seed: int) -> list[str]:
        world = make_world(seed=seed)
        pool = world.pool()
        return [pool, world.job(pool)["JobId"]]

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


@pytest.mark.parametrize(
    "headers",
    [
        (("Authorization", "AWS4-HMAC-SHA256 Credential=é/é/é/é/é, SignedHeaders=é, Signature=é"),),
        (("Host", "["),),
        (("X-Amz-Date", "٢٠٢٦١١٢٤T000000Z"),),
        (("Date", "Tue, 99 Nov 2026 00:00:00 GMT"),),
    ],
)
def test_odd_headers_are_refused_not_stumbled_over(
    world: World, sign: Callable[..., Request], headers: tuple[tuple[str, str], ...]
) -> None:
    request = sign(world.request("ListUserPools", {"MaxResults": 1})).with_headers(headers)
    if headers[0][0] == "Date":
        request = request.without_header("X-Amz-Date")
    assert world.send(request, "ListUserPools").status == 400


@pytest.mark.parametrize(
    "path", ["*", "[", "http://[/", "/x", "/a/b/c/d", "//", "/a/b/c?X-Amz-Signature=%E9"]
)
def test_odd_paths_are_refused_not_stumbled_over(world: World, path: str) -> None:
    for query in ("", "?X-Amz-Algorithm&X-Amz-Credential&X-Amz-Date&X-Amz-Expires&X-Amz-SignedHeaders"):
        response = world.reference.handle(Request("PUT", f"{path}{query}", (("Host", "["),)))
        assert response.status in (400, 403)


def test_half_a_surrogate_pair_is_no_text(world: World, sign: Callable[..., Request]) -> None:
    """What AWS does is not on record; the reference takes such a body for no JSON, as strict readers do."""
    for operation, body in (
        ("CreateUserPool", b'{"PoolName":"p","UserPoolTags":{"k":"\\ud800"}}'),
        ("CreateUserPool", b'{"PoolName":"\\udfff"}'),
        ("ListUsers", b'{"UserPoolId":"%s","PaginationToken":"\\ud800"}' % world.pool().encode()),
    ):
        request = Request("POST", "/", world.request(operation).headers, body)
        assert world.send(sign(request)).code == "SerializationException"
