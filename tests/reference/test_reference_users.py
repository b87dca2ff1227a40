"""Users as administrators see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.conftest import World


def create(world: World, pool: str, name: str, **more: Any) -> Any:
    attributes = more.pop("attributes", {})
    given = [{"Name": key, "Value": value} for key, value in attributes.items()]
    document = {"UserPoolId": pool, "Username": name, "UserAttributes": given, **more}
    return world.call("AdminCreateUser", document)


def attributes(user: dict[str, Any], key: str = "Attributes") -> dict[str, str]:
    return {item["Name"]: item["Value"] for item in user[key]}


def test_a_user_is_created_found_and_deleted(world: World) -> None:
    pool = world.pool()
    made = create(
        world, pool, "ann", attributes={"email": "ann@example.com"}, TemporaryPassword="Abcdef1!"
    ).document["User"]
    assert made["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert made["Enabled"] is True
    key = {"UserPoolId": pool, "Username": "ann"}
    found = world.call("AdminGetUser", key)
    assert attributes(found.document, "UserAttributes") == attributes(made)
    assert attributes(made)["email"] == "ann@example.com"
    assert b"Abcdef1!" not in found.response.body
    assert world.ok("DescribeUserPool", {"UserPoolId": pool})["UserPool"]["EstimatedNumberOfUsers"] == 1
    by_sub = {"UserPoolId": pool, "Username": attributes(made)["sub"]}
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
    found: list[str] = []
    sizes: list[int] = []
    token: str | None = ""
    while token is not None:
        more: dict[str, Any] = {"PaginationToken": token} if token else {}
        more |= {} if limit is None else {"Limit": limit}
        page = world.ok("ListUsers", {"UserPoolId": pool, **more})
        sizes.append(len(page["Users"]))
        found += [user["Username"] for user in page["Users"]]
        token = page.get("PaginationToken")
    assert (found, sizes) == (names, pages)


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
    found = world.ok("ListUsers", {"UserPoolId": pool, "Filter": text})["Users"]
    assert [user["Username"] for user in found] == names


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
