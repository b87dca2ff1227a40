# SPDX-License-Identifier: Apache-2.0
"""Passwords and signing in: who gets tokens, who gets a challenge, and who is refused in which words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import Answer, World

PASSWORD = "Abcdef1!"
OTHER = "Ghijkl2?"
FLOWS = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]


class Person:
    """A pool with one user, ann, and a client that signs her in."""

    def __init__(self, world: World, client: dict[str, Any] | None = None, **pool: Any) -> None:
        self.world = world
        self.pool = world.pool(**pool)
        self.key = {"UserPoolId": self.pool, "Username": "ann"}
        self.client = self.new_client(client or {"ExplicitAuthFlows": FLOWS})

    def new_client(self, client: dict[str, Any]) -> str:
        document = {"UserPoolId": self.pool, "ClientName": "web", **client}
        client_id: str = self.world.ok("CreateUserPoolClient", document)["UserPoolClient"]["ClientId"]
        return client_id

    def create(self, **more: Any) -> Answer:
        return self.world.call("AdminCreateUser", {**self.key, **more})

    def set(self, password: str = PASSWORD, **more: Any) -> Answer:
        return self.world.call("AdminSetUserPassword", {**self.key, "Password": password, **more})

    def do(self, operation: str) -> None:
        assert self.world.call(operation, self.key).response.body == b"{}"

    def status(self) -> str:
        status: str = self.world.ok("AdminGetUser", self.key)["UserStatus"]
        return status

    def sign_in(
        self, password: str | None = PASSWORD, flow: str = "ADMIN_USER_PASSWORD_AUTH", **more: str
    ) -> Answer:
        parameters = {"USERNAME": "ann", **({} if password is None else {"PASSWORD": password}), **more}
        document = {"UserPoolId": self.pool, "ClientId": self.client, "AuthFlow": flow}
        return self.world.call("AdminInitiateAuth", {**document, "AuthParameters": parameters})


@pytest.fixture
def ann(world: World) -> Person:
    """Ann, who is confirmed and whose password is PASSWORD."""
    person = Person(world)
    person.create()
    assert person.set(Permanent=True).status == 200
    return person


def refused(answer: Answer) -> tuple[int, str | None, str | None]:
    return answer.status, answer.code, answer.message


INCORRECT = (400, "NotAuthorizedException", "Incorrect username or password.")


def claims(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_tokens(ann: Person) -> None:
    assert ann.status() == "CONFIRMED"
    output = ann.sign_in().document
    result = output["AuthenticationResult"]
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)
    assert "ChallengeName" not in output
    assert "Session" not in output
    tokens = [result[name] for name in ("AccessToken", "IdToken", "RefreshToken")]
    assert len(set(tokens)) == 3
    for token in tokens:
        assert re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}", token)
    sub = ann.world.ok("AdminGetUser", ann.key)["UserAttributes"][0]["Value"]
    access, identity = (claims(result[name]) for name in ("AccessToken", "IdToken"))
    assert (access["sub"], access["username"], access["client_id"]) == (sub, "ann", ann.client)
    assert (identity["sub"], identity["token_use"], identity["aud"]) == (sub, "id", ann.client)
    assert access["exp"] - access["iat"] == 3600
    assert ann.sign_in().document["AuthenticationResult"]["AccessToken"] not in tokens


@pytest.mark.parametrize("wrong", [OTHER, PASSWORD + " ", PASSWORD.lower(), "\u0436\U0001f600"])
def test_a_wrong_password(ann: Person, wrong: str) -> None:
    assert refused(ann.sign_in(wrong)) == INCORRECT
    assert ann.sign_in().status == 200


def test_a_user_is_signed_in_by_what_names_the_user(world: World) -> None:
    person = Person(world, UsernameAttributes=["email"])
    person.key["Username"] = "ann@example.com"
    sub = person.create(TemporaryPassword=PASSWORD).document["User"]["Username"]
    for name in ("ann@example.com", sub):
        assert person.sign_in(USERNAME=name).document["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_temporary_password_is_to_be_changed(world: World) -> None:
    person = Person(world, Schema=[{"Name": "name", "Required": True}, {"Name": "email", "Required": True}])
    attributes = [{"Name": "email", "Value": "ann@example.com"}]
    person.create(TemporaryPassword=PASSWORD, UserAttributes=attributes)
    output = person.sign_in().document
    assert output["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AuthenticationResult" not in output
    assert 20 <= len(output["Session"]) <= 4096
    parameters = output["ChallengeParameters"]
    assert parameters["USER_ID_FOR_SRP"] == "ann"
    assert json.loads(parameters["requiredAttributes"]) == ["userAttributes.name"]
    assert json.loads(parameters["userAttributes"]) == {"email": "ann@example.com"}
    assert refused(person.sign_in(OTHER)) == INCORRECT


def test_without_a_password_none_is_right(world: World) -> None:
    person = Person(world)
    person.create()
    assert refused(person.sign_in()) == INCORRECT


def test_an_invitation_may_bring_another_temporary_password(world: World) -> None:
    person = Person(world)
    person.create(TemporaryPassword=PASSWORD)
    weak = person.create(MessageAction="RESEND", TemporaryPassword="weakweak")
    assert weak.code == "InvalidPasswordException"
    assert person.sign_in().status == 200
    assert person.create(MessageAction="RESEND").status == 200
    assert person.sign_in().status == 200
    assert person.create(MessageAction="RESEND", TemporaryPassword=OTHER).status == 200
    assert refused(person.sign_in()) == INCORRECT
    assert person.sign_in(OTHER).status == 200


def test_who_has_chosen_a_password_is_not_invited(ann: Person) -> None:
    answer = ann.create(MessageAction="RESEND", TemporaryPassword=OTHER)
    assert (answer.status, answer.code) == (400, "UnsupportedUserStateException")
    assert ann.sign_in().status == 200


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"Permanent": True}, "CONFIRMED"),
        ({"Permanent": False}, "FORCE_CHANGE_PASSWORD"),
        ({}, "FORCE_CHANGE_PASSWORD"),
    ],
)
def test_a_password_that_is_set(ann: Person, more: dict[str, Any], status: str) -> None:
    ann.world.clock.advance(10)
    assert ann.set(OTHER, **more).response.body == b"{}"
    user = ann.world.ok("AdminGetUser", ann.key)
    assert (user["UserStatus"], user["UserLastModifiedDate"]) == (status, ann.world.clock.now())
    assert refused(ann.sign_in()) == INCORRECT
    output = ann.sign_in(OTHER).document
    assert ("AuthenticationResult" in output) == (status == "CONFIRMED")


@pytest.mark.parametrize("password", ["short", "alllowercase", "NOLOWER1!", "NoNumber!", "NoSymbol1"])
def test_a_password_keeps_to_the_policy(ann: Person, password: str) -> None:
    answer = ann.set(password, Permanent=False)
    assert (answer.status, answer.code) == (400, "InvalidPasswordException")
    assert (answer.message or "").startswith("Password did not conform with policy: ")
    assert ann.status() == "CONFIRMED"
    assert ann.sign_in().status == 200


def test_a_pool_may_ask_for_little(world: World) -> None:
    person = Person(world, Policies={"PasswordPolicy": {"MinimumLength": 6}})
    person.create()
    assert person.set("aaaaa", Permanent=True).code == "InvalidPasswordException"
    assert person.set("aaaaaa", Permanent=True).status == 200
    assert "AuthenticationResult" in person.sign_in("aaaaaa").document


def test_passwords_are_stored_as_salted_hashes(make_world: Callable[..., World]) -> None:
    world = make_world()
    person = Person(world)
    bob = {"UserPoolId": person.pool, "Username": "bob"}
    person.create(TemporaryPassword=PASSWORD)
    world.ok("AdminCreateUser", {**bob, "TemporaryPassword": PASSWORD})
    users = world.reference._store.pools[person.pool].users
    stored = [users[name].password for name in ("ann", "bob")]
    assert None not in stored
    assert stored[0] != stored[1]
    assert PASSWORD not in repr(stored)


def test_a_disabled_user(ann: Person) -> None:
    ann.do("AdminDisableUser")
    for password in (PASSWORD, OTHER):
        assert refused(ann.sign_in(password)) == (400, "NotAuthorizedException", "User is disabled.")
    ann.do("AdminEnableUser")
    assert ann.sign_in().status == 200


def test_a_password_that_was_reset(ann: Person) -> None:
    ann.world.clock.advance(10)
    ann.do("AdminResetUserPassword")
    user = ann.world.ok("AdminGetUser", ann.key)
    assert (user["UserStatus"], user["UserLastModifiedDate"]) == ("RESET_REQUIRED", ann.world.clock.now())
    expected = (400, "PasswordResetRequiredException", "Password reset required for the user")
    for password in (PASSWORD, OTHER):
        assert refused(ann.sign_in(password)) == expected
    # What was reset is no password any more, whatever state comes next.
    ann.set(OTHER, Permanent=True)
    assert refused(ann.sign_in()) == INCORRECT
    assert ann.sign_in(OTHER).status == 200


def test_an_imported_user_has_to_reset_the_password(world: World, row: Any) -> None:
    person = Person(world)
    world.run(person.pool, world.sheet(person.pool, [row("ann")]))
    assert person.sign_in().code == "PasswordResetRequiredException"
    person.set(Permanent=True)
    assert person.sign_in().status == 200


def test_signing_out_everywhere_changes_nothing_that_shows(ann: Person) -> None:
    before = ann.world.ok("AdminGetUser", ann.key)
    ann.world.clock.advance(10)
    ann.do("AdminUserGlobalSignOut")
    assert ann.world.ok("AdminGetUser", ann.key) == before
    assert ann.sign_in().status == 200


def test_an_unknown_user(ann: Person) -> None:
    expected = (400, "UserNotFoundException", "User does not exist.")
    assert refused(ann.sign_in(USERNAME="bob")) == expected
    ann.client = ann.new_client({"ExplicitAuthFlows": FLOWS, "PreventUserExistenceErrors": "LEGACY"})
    assert refused(ann.sign_in(USERNAME="bob")) == expected
    ann.client = ann.new_client({"ExplicitAuthFlows": FLOWS, "PreventUserExistenceErrors": "ENABLED"})
    assert refused(ann.sign_in(USERNAME="bob")) == INCORRECT


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [
        (None, "USERNAME"),
        ({}, "USERNAME"),
        ({"PASSWORD": PASSWORD}, "USERNAME"),
        ({"USERNAME": "", "PASSWORD": PASSWORD}, "USERNAME"),
        ({"USERNAME": "ann"}, "PASSWORD"),
        ({"username": "ann", "password": PASSWORD}, "USERNAME"),
    ],
)
def test_a_missing_parameter(ann: Person, parameters: dict[str, str] | None, missing: str) -> None:
    document: dict[str, Any] = {
        "UserPoolId": ann.pool,
        "ClientId": ann.client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
    }
    answer = ann.world.call(
        "AdminInitiateAuth", document if parameters is None else {**document, "AuthParameters": parameters}
    )
    assert refused(answer) == (400, "InvalidParameterException", f"Missing required parameter {missing}")


@pytest.mark.parametrize("flow", ["USER_SRP_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "USER_AUTH"])
def test_another_flow(ann: Person, flow: str) -> None:
    answer = ann.sign_in(flow=flow)
    assert (answer.status, answer.code) == (400, "InvalidParameterException")
    assert flow in (answer.message or "")


@pytest.mark.parametrize(
    ("flows", "allowed"),
    [
        (["ALLOW_ADMIN_USER_PASSWORD_AUTH"], True),
        (["ADMIN_NO_SRP_AUTH"], True),
        (["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"], True),
        (["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"], False),
        ([], False),
        (None, False),
    ],
)
def test_flows_of_a_client(ann: Person, flows: list[str] | None, allowed: bool) -> None:
    ann.client = ann.new_client({} if flows is None else {"ExplicitAuthFlows": flows})
    answer = ann.sign_in()
    if allowed:
        assert answer.status == 200
    else:
        expected = (400, "InvalidParameterException", "Auth flow not enabled for this client")
        assert refused(answer) == expected


def test_an_unknown_client(ann: Person) -> None:
    ann.client = "nosuchclient"
    answer = ann.sign_in()
    assert (answer.status, answer.code) == (400, "ResourceNotFoundException")


def test_a_client_with_a_secret_asks_for_the_hash_by_it(ann: Person) -> None:
    secret = "s" * 24
    ann.client = ann.new_client({"ExplicitAuthFlows": FLOWS, "ClientSecret": secret})
    assert "SECRET_HASH was not received" in (ann.sign_in().message or "")
    wrong = ann.sign_in(SECRET_HASH="x")
    assert refused(wrong)[:2] == (400, "NotAuthorizedException")
    assert wrong.message == f"Unable to verify secret hash for client {ann.client}"
    digest = hmac.new(secret.encode(), f"ann{ann.client}".encode(), hashlib.sha256).digest()
    assert ann.sign_in(SECRET_HASH=base64.b64encode(digest).decode()).status == 200


@pytest.mark.parametrize(
    "operation",
    [
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminResetUserPassword",
        "AdminUserGlobalSignOut",
        "AdminSetUserPassword",
    ],
)
def test_operations_on_nobody(ann: Person, operation: str) -> None:
    document = {"UserPoolId": ann.pool, "Username": "bob"}
    if operation == "AdminSetUserPassword":
        document["Password"] = PASSWORD
    answer = ann.world.call(operation, document)
    assert refused(answer) == (400, "UserNotFoundException", "User does not exist.")
    elsewhere = ann.world.call(operation, {**document, "UserPoolId": "us-east-1_none"})
    assert elsewhere.code == "ResourceNotFoundException"
