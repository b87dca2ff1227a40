# SPDX-License-Identifier: Apache-2.0
"""App clients: what is given comes back, defaults stand beside it, and a pool takes its clients along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import World

SETTINGS: dict[str, Any] = {
    "RefreshTokenValidity": 5,
    "AccessTokenValidity": 10,
    "IdTokenValidity": 20,
    "TokenValidityUnits": {"AccessToken": "minutes", "RefreshToken": "hours"},
    "ReadAttributes": ["email"],
    "WriteAttributes": ["name"],
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": ["https://example.com/in"],
    "LogoutURLs": ["https://example.com/out"],
    "DefaultRedirectURI": "https://example.com/in",
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AnalyticsConfiguration": {"ApplicationId": "00ff"},
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": False,
    "EnablePropagateAdditionalUserContextData": True,
    "AuthSessionValidity": 15,
    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60},
}


def create(world: World, pool: str, name: str = "web", **more: Any) -> dict[str, Any]:
    client: dict[str, Any] = world.ok(
        "CreateUserPoolClient", {"UserPoolId": pool, "ClientName": name, **more}
    )["UserPoolClient"]
    return client


def key(client: dict[str, Any]) -> dict[str, Any]:
    return {name: client[name] for name in ("UserPoolId", "ClientId")}


def test_all_settings_come_back(world: World) -> None:
    client = create(world, world.pool(), **SETTINGS)
    assert {name: client[name] for name in SETTINGS} == SETTINGS
    assert world.ok("DescribeUserPoolClient", key(client))["UserPoolClient"] == client


def test_defaults(world: World) -> None:
    pool = world.pool()
    client = create(world, pool)
    client_id = client.pop("ClientId")
    assert len(client_id) == 26
    assert client_id == client_id.lower()
    assert client == {
        "UserPoolId": pool,
        "ClientName": "web",
        "LastModifiedDate": world.clock.now(),
        "CreationDate": world.clock.now(),
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
    }


def test_a_refresh_token_is_never_valid_for_no_time(world: World) -> None:
    assert create(world, world.pool(), RefreshTokenValidity=0)["RefreshTokenValidity"] == 30


def test_secrets(world: World) -> None:
    pool = world.pool()
    first, second = (create(world, pool, GenerateSecret=True) for _ in range(2))
    assert 24 <= len(first["ClientSecret"]) <= 64
    assert first["ClientSecret"] != second["ClientSecret"]
    assert "ClientSecret" not in create(world, pool, GenerateSecret=False)
    secret = "s" * 24
    assert create(world, pool, ClientSecret=secret)["ClientSecret"] == secret
    both = {"UserPoolId": pool, "ClientName": "c", "ClientSecret": secret, "GenerateSecret": True}
    refused = world.call("CreateUserPoolClient", both)
    assert (refused.status, refused.code) == (400, "InvalidParameterException")


@pytest.mark.parametrize(("size", "pages"), [(None, [7]), (3, [3, 3, 1]), (7, [7]), (60, [7])])
def test_pages_of_clients(world: World, size: int | None, pages: list[int]) -> None:
    pool = world.pool()
    clients = [create(world, pool, f"client{number}") for number in range(7)]
    create(world, world.pool(), "of another pool")
    listed: list[dict[str, Any]] = []
    sizes: list[int] = []
    token: str | None = ""
    while token is not None:
        more: dict[str, Any] = {"NextToken": token} if token else {}
        more |= {} if size is None else {"MaxResults": size}
        page = world.ok("ListUserPoolClients", {"UserPoolId": pool, **more})
        sizes.append(len(page["UserPoolClients"]))
        listed += page["UserPoolClients"]
        token = page.get("NextToken")
    assert sizes == pages
    assert listed == [{**key(client), "ClientName": client["ClientName"]} for client in clients]


def test_a_page_holds_sixty_unless_less_are_asked_for(world: World) -> None:
    pool = world.pool()
    for _ in range(61):
        create(world, pool)
    page = world.ok("ListUserPoolClients", {"UserPoolId": pool})
    assert len(page["UserPoolClients"]) == 60
    rest = world.ok("ListUserPoolClients", {"UserPoolId": pool, "NextToken": page["NextToken"]})
    assert (len(rest["UserPoolClients"]), "NextToken" in rest) == (1, False)


def test_clients_by_type(world: World) -> None:
    pool = world.pool()
    create(world, pool)
    create(world, pool)
    for kind, count in (("REGULAR", 2), ("DCR", 0)):
        listed = world.ok("ListUserPoolClients", {"UserPoolId": pool, "ClientType": kind})
        assert len(listed["UserPoolClients"]) == count
    page = world.ok("ListUserPoolClients", {"UserPoolId": pool, "MaxResults": 1})
    again = {"UserPoolId": pool, "ClientType": "DCR", "NextToken": page["NextToken"]}
    assert world.call("ListUserPoolClients", again).code == "InvalidParameterException"


def test_a_deleted_client_is_gone(world: World) -> None:
    pool = world.pool()
    stays, goes = create(world, pool, "stays"), create(world, pool, "goes")
    assert world.call("DeleteUserPoolClient", key(goes)).response.body == b""
    for operation in ("DescribeUserPoolClient", "DeleteUserPoolClient"):
        answer = world.call(operation, key(goes))
        assert (answer.status, answer.code) == (400, "ResourceNotFoundException")
        assert answer.message == f"User pool client {goes['ClientId']} does not exist."
    left = world.ok("ListUserPoolClients", {"UserPoolId": pool})["UserPoolClients"]
    assert [client["ClientId"] for client in left] == [stays["ClientId"]]


def test_a_client_is_of_its_pool(world: World) -> None:
    client = create(world, world.pool())
    elsewhere = {**key(client), "UserPoolId": world.pool()}
    assert world.call("DescribeUserPoolClient", elsewhere).code == "ResourceNotFoundException"
    assert world.call("DeleteUserPoolClient", elsewhere).code == "ResourceNotFoundException"
    assert world.call("DescribeUserPoolClient", key(client)).status == 200


def test_a_deleted_pool_takes_its_clients_along(world: World) -> None:
    client = create(world, world.pool())
    world.ok("DeleteUserPool", {"UserPoolId": client["UserPoolId"]})
    answer = world.call("DescribeUserPoolClient", key(client))
    assert answer.message == f"User pool {client['UserPoolId']} does not exist."
    assert world.call("ListUserPoolClients", {"UserPoolId": client["UserPoolId"]}).status == 400
