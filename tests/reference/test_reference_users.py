# SPDX-License-Identifier: Apache-2.0
"""Users as administrators see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import World


def create(world: World, pool: str, name: str, **more: Any) -> Any:
    attributes = more.pop("attributes", {})
    entries = [{"Name": key, "Value": value} for key, value in attributes.items()]
    document = {"UserPoolId": pool, "Username": name, "UserAttributes": entries, **more}
    return world.call("AdminCreateUser", document)


def attributes(user: dict[str, Any], key: str = "Attributes") -> dict[str, str]:
    return {item["Name"]: item["Value"] for item in user[key]}


def test_a_user_is_created_read_and_deleted(world: World) -> None:
    pool = world.pool()
    created = create(
        world, pool, "ann", attributes={"email": "ann@example.com"}, TemporaryPassword="Abcdef1!"
    ).document["User"]
    assert created["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert created["Enabled"] is True
    key = {"UserPoolId": pool, "Username": "ann"}
    answer = world.call("AdminGetUser", key)
    assert attributes(answer.document, "UserAttributes") == attributes(created)
    assert attributes(created)["email"] == "ann@example.com"
    assert b"Abcdef1!" not in answer.response.body
    assert world.ok("DescribeUserPool", {"UserPoolId": pool})["UserPool"]["EstimatedNumberOfUsers"] == 1
    by_sub = {"UserPoolId": pool, "Username": attributes(created)["sub"]}
    assert world.ok("AdminGetUser", by_sub)["Username"] == "ann"
    assert world.call("AdminDeleteUser", key).response.body == b""
    for operation in ("AdminGetUser", "AdminDeleteUser"):
        for gone in (key, by_sub):
            answer = world.call(operation, gone)
            assert (answer.status, answer.code) == (400, "UserNotFoundException")
            assert answer.message == "User does not exist."


def test_refusals(world: World) -> None:
    pool = world.pool()
    assert create(world, pool, "ann").status == 200
    cases = [
        (create(world, pool, "ann"), "UsernameExistsException"),
        (create(world, pool, "bob", MessageAction="RESEND"), "UserNotFoundException"),
        (create(world, "us-east-1_none", "bob"), "ResourceNotFoundException"),
        (create(world, pool, "bob", TemporaryPassword="short"), "InvalidPasswordException"),
        (create(world, pool, "bob", TemporaryPassword="alllowercase"), "InvalidPasswordException"),
        (create(world, pool, "bob", attributes={"custom:x": "1"}), "InvalidParameterException"),
        (create(world, pool, "bob", attributes={"email": "none"}), "InvalidParameterException"),
        (create(world, pool, "bob", attributes={"phone_number": "123"}), "InvalidParameterException"),
        (create(world, pool, "bob", attributes={"sub": "x"}), "InvalidParameterException"),
        (create(world, pool, "bob", attributes={"birthdate": "1"}), "InvalidParameterException"),
    ]
    for answer, code in cases:
        assert (answer.status, answer.code) == (400, code)
    assert world.usernames(pool) == ["ann"]
    assert create(world, pool, "ann", MessageAction="RESEND").document["User"]["Username"] == "ann"


def test_a_pool_that_signs_in_by_email(world: World) -> None:
    pool = world.pool(UsernameAttributes=["email"])
    user = create(world, pool, "ann@example.com").document["User"]
    assert user["Username"] == attributes(user)["sub"]
    assert attributes(user)["email"] == "ann@example.com"
    assert (
        world.ok("AdminGetUser", {"UserPoolId": pool, "Username": "ann@example.com"})["Username"]
        == user["Username"]
    )
    assert create(world, pool, "ann@example.com").code == "UsernameExistsException"
    assert create(world, pool, "+15550100").code == "InvalidParameterException"
    assert create(world, pool, "plain").code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("sensitive", "code"), [(False, "UsernameExistsException"), (True, None), (None, None)]
)
def test_the_case_of_names(world: World, sensitive: bool | None, code: str | None) -> None:
    more: dict[str, Any] = {}
    if sensitive is not None:
        more["UsernameConfiguration"] = {"CaseSensitive": sensitive}
    pool = world.pool(**more)
    create(world, pool, "ann")
    assert create(world, pool, "ANN").code == code


@pytest.mark.parametrize(("limit", "pages"), [(None, [7]), (0, [7]), (3, [3, 3, 1]), (7, [7]), (60, [7])])
def test_pages_of_users(world: World, limit: int | None, pages: list[int]) -> None:
    pool = world.pool()
    names = [f"user{number}" for number in range(7)]
    for name in names:
        create(world, pool, name)
    listed: list[str] = []
    sizes: list[int] = []
    token: str | None = ""
    while token is not None:
        more: dict[str, Any] = {"PaginationToken": token} if token else {}
        more |= {} if limit is None else {"Limit": limit}
        page = world.ok("ListUsers", {"UserPoolId": pool, **more})
        sizes.append(len(page["Users"]))
        listed += [user["Username"] for user in page["Users"]]
        token = page.get("PaginationToken")
    assert (listed, sizes) == (names, pages)


def test_a_page_goes_on_where_it_stopped(world: World) -> None:
    """Users who come or go between two pages neither repeat nor hide others."""
    pool = world.pool()
    for name in ("a", "b", "c"):
        create(world, pool, name)
    first = world.ok("ListUsers", {"UserPoolId": pool, "Limit": 2})
    world.ok("AdminDeleteUser", {"UserPoolId": pool, "Username": "b"})
    create(world, pool, "d")
    rest = world.ok("ListUsers", {"UserPoolId": pool, "PaginationToken": first["PaginationToken"]})
    assert [user["Username"] for user in rest["Users"]] == ["c", "d"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["ann", "andy", 'q"t']),
        ('username = "ann"', ["ann"]),
        ('username="ann"', ["ann"]),
        ('username ^= "an"', ["ann", "andy"]),
        ('username ^= ""', ["ann", "andy", 'q"t']),
        ('username = "an"', []),
        (r'username = "q\"t"', ['q"t']),
        ('email = "ann@example.com"', ["ann"]),
        ('email ^= "a"', ["ann", "andy"]),
        ('email ^= ""', ["ann", "andy"]),
        ('family_name = "x"', []),
        ('cognito:user_status = "FORCE_CHANGE_PASSWORD"', ["ann", "andy", 'q"t']),
        ('status = "Enabled"', ["ann", "andy", 'q"t']),
        ('status = "Disabled"', []),
    ],
)
def test_filters(world: World, text: str, names: list[str]) -> None:
    pool = world.pool()
    for name in ("ann", "andy"):
        create(world, pool, name, attributes={"email": f"{name}@example.com"})
    create(world, pool, 'q"t')
    users = world.ok("ListUsers", {"UserPoolId": pool, "Filter": text})["Users"]
    assert [user["Username"] for user in users] == names


@pytest.mark.parametrize(
    "text", ["ann", 'username "ann"', "username = ann", 'gender = "f"', 'username = "a" x']
)
def test_filters_that_are_none(world: World, text: str) -> None:
    answer = world.call("ListUsers", {"UserPoolId": world.pool(), "Filter": text})
    assert (answer.status, answer.code) == (400, "InvalidParameterException")


def test_attributes_to_get(world: World) -> None:
    pool = world.pool()
    create(world, pool, "ann", attributes={"email": "ann@example.com", "name": "Ann"})
    document = {"UserPoolId": pool, "AttributesToGet": ["name", "gender"]}
    user = world.ok("ListUsers", document)["Users"][0]
    assert attributes(user) == {"name": "Ann"}


def change(world: World, pool: str, attributes: dict[str, str], name: str = "ann") -> Any:
    entries = [{"Name": key, "Value": value} for key, value in attributes.items()]
    return world.call(
        "AdminUpdateUserAttributes", {"UserPoolId": pool, "Username": name, "UserAttributes": entries}
    )


def delete(world: World, pool: str, *names: str) -> Any:
    document = {"UserPoolId": pool, "Username": "ann", "UserAttributeNames": list(names)}
    return world.call("AdminDeleteUserAttributes", document)


def shown(world: World, pool: str, name: str = "ann") -> dict[str, str]:
    """The user's attributes without the sub."""
    user = world.ok("AdminGetUser", {"UserPoolId": pool, "Username": name})
    values = attributes(user, "UserAttributes")
    assert values.pop("sub")
    return values


def test_attributes_change(world: World) -> None:
    pool = world.pool(Schema=[{"Name": "size", "AttributeDataType": "Number"}])
    created = create(world, pool, "ann", attributes={"name": "Ann", "gender": "f"}).document["User"]
    world.clock.advance(10)
    answer = change(world, pool, {"name": "Anna", "custom:size": "3", "locale": "en"})
    assert answer.response.body == b"{}"
    expected = {"name": "Anna", "gender": "f", "custom:size": "3", "locale": "en"}
    assert shown(world, pool) == expected
    user = world.ok("AdminGetUser", {"UserPoolId": pool, "Username": "ann"})
    assert user["UserCreateDate"] == created["UserCreateDate"]
    assert user["UserLastModifiedDate"] == created["UserLastModifiedDate"] + 10
    assert change(world, pool, {"gender": "", "nickname": ""}).status == 200
    assert delete(world, pool, "locale", "birthdate").response.body == b"{}"
    assert shown(world, pool) == {"name": "Anna", "custom:size": "3"}


def test_deleting_an_attribute_moves_the_date(world: World) -> None:
    pool = world.pool()
    create(world, pool, "ann", attributes={"name": "Ann"})
    world.clock.advance(10)
    delete(world, pool, "name")
    user = world.ok("AdminGetUser", {"UserPoolId": pool, "Username": "ann"})
    assert user["UserLastModifiedDate"] == world.clock.now()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sub": "x"},
        {"custom:none": "1"},
        {"email": "none"},
        {"birthdate": "1"},
        {"custom:born": "here"},
        {"custom:born": ""},
        {"name": ""},
    ],
)
def test_changes_that_are_refused_leave_all_as_it_was(world: World, wrong: dict[str, str]) -> None:
    pool = world.pool(Schema=[{"Name": "born", "Mutable": False}, {"Name": "name", "Required": True}])
    before = {"name": "Ann", "custom:born": "there"}
    assert create(world, pool, "ann", attributes=before).status == 200
    answer = change(world, pool, {"locale": "en", **wrong})
    assert (answer.status, answer.code) == (400, "InvalidParameterException")
    assert f"schema: {next(iter(wrong))}: " in (answer.message or "")
    assert shown(world, pool) == before


@pytest.mark.parametrize("name", ["sub", "custom:none", "custom:born", "name"])
def test_attributes_that_stay(world: World, name: str) -> None:
    pool = world.pool(Schema=[{"Name": "born", "Mutable": False}, {"Name": "name", "Required": True}])
    before = {"name": "Ann", "custom:born": "there", "locale": "en"}
    create(world, pool, "ann", attributes=before)
    answer = delete(world, pool, "locale", name)
    assert (answer.status, answer.code) == (400, "InvalidParameterException")
    assert shown(world, pool) == before


def test_an_address_that_changes_is_to_be_verified_again(world: World) -> None:
    pool = world.pool()
    verified = {"email": "ann@example.com", "email_verified": "true"}
    create(world, pool, "ann", attributes=verified)
    change(world, pool, {"email": "ann@example.com"})
    assert shown(world, pool) == verified
    change(world, pool, {"email": "a@example.com"})
    assert shown(world, pool) == {"email": "a@example.com", "email_verified": "false"}
    both = {"email": "b@example.com", "email_verified": "true"}
    change(world, pool, both)
    assert shown(world, pool) == both
    change(world, pool, {"email": ""})
    assert shown(world, pool) == {}
    change(world, pool, both)
    delete(world, pool, "email")
    assert shown(world, pool) == {}


def test_an_address_that_signs_in_is_known_as_it_is_now(world: World) -> None:
    pool = world.pool(UsernameAttributes=["email"])
    for name in ("ann@example.com", "bob@example.com"):
        create(world, pool, name)
    assert change(world, pool, {"email": "bob@example.com"}, "ann@example.com").code == "AliasExistsException"
    assert change(world, pool, {"email": "ann@example.com"}, "ann@example.com").status == 200
    assert change(world, pool, {"email": "a@example.com"}, "ann@example.com").status == 200
    assert shown(world, pool, "a@example.com")["email"] == "a@example.com"
    gone = world.call("AdminGetUser", {"UserPoolId": pool, "Username": "ann@example.com"})
    assert gone.code == "UserNotFoundException"
    # The order of creation is kept.
    users = world.ok("ListUsers", {"UserPoolId": pool})["Users"]
    assert [attributes(user)["email"] for user in users] == ["a@example.com", "bob@example.com"]
    assert create(world, pool, "ann@example.com").status == 200


def test_disabled_and_enabled(world: World) -> None:
    pool = world.pool()
    create(world, pool, "ann")
    create(world, pool, "bob")
    key = {"UserPoolId": pool, "Username": "ann"}

    def state() -> tuple[bool, float]:
        user = world.ok("AdminGetUser", key)
        return user["Enabled"], user["UserLastModifiedDate"]

    created = world.clock.now()
    world.clock.advance(10)
    assert world.call("AdminEnableUser", key).response.body == b"{}"
    assert state() == (True, created)
    assert world.call("AdminDisableUser", key).response.body == b"{}"
    assert state() == (False, created + 10)
    listed = world.ok("ListUsers", {"UserPoolId": pool})["Users"]
    assert [user["Enabled"] for user in listed] == [False, True]
    disabled = world.ok("ListUsers", {"UserPoolId": pool, "Filter": 'status = "Disabled"'})["Users"]
    assert [user["Username"] for user in disabled] == ["ann"]
    world.clock.advance(10)
    world.ok("AdminDisableUser", key)
    assert state() == (False, created + 10)
    world.ok("AdminEnableUser", key)
    assert state() == (True, created + 20)


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("AdminUpdateUserAttributes", "UserAttributes"),
        ("AdminDeleteUserAttributes", "UserAttributeNames"),
    ],
)
def test_the_attributes_of_nobody(world: World, operation: str, member: str) -> None:
    answer = world.call(operation, {"UserPoolId": world.pool(), "Username": "bob", member: []})
    assert (answer.status, answer.code, answer.message) == (
        400,
        "UserNotFoundException",
        "User does not exist.",
    )
