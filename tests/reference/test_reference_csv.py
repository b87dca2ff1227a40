# SPDX-License-Identifier: Apache-2.0
"""Import files: what a row becomes, what fails a whole job, and that the counters add up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from aws_conformance.reference import csv
from aws_conformance.reference.csv import Sheet, UnreadableError, read, split

if TYPE_CHECKING:
    from tests.reference.conftest import World

Row = Callable[..., dict[str, str]]
SUCCEEDED = "Import Job Completed Successfully."
TOO_MANY = "Too many users have failed or been skipped during the import."
UNREADABLE = "The CSV file could not be read."


def counters(job: dict[str, Any]) -> tuple[int, int, int]:
    return job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]


def attributes(world: World, pool: str, name: str) -> dict[str, str]:
    user = world.ok("AdminGetUser", {"UserPoolId": pool, "Username": name})
    assert user["UserStatus"] == "RESET_REQUIRED"
    return {item["Name"]: item["Value"] for item in user["UserAttributes"]}


def test_the_header_is_the_standard_attributes_then_the_custom_ones(world: World) -> None:
    pool = world.pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])
    assert world.header(pool) == [
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "email_verified",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "phone_number_verified",
        "address",
        "updated_at",
        "custom:team",
        "cognito:mfa_enabled",
        "cognito:username",
    ]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("a,b,c", ("a", "b", "c")),
        (" a ,\tb\t, c", ("a", "b", "c")),
        (r"a\,b,c", ("a,b", "c")),
        (r"a\b,c", (r"a\b", "c")),
        (r"\,,\,", (",", ",")),
        ('"a,b"', ('"a', 'b"')),
        (",", ("", "")),
        ("", ("",)),
    ],
)
def test_values_of_a_line(line: str, values: tuple[str, ...]) -> None:
    assert split(line) == values


@pytest.mark.parametrize(
    ("content", "sheet"),
    [
        (b"a,b\n1,2\n", Sheet(("a", "b"), ("1,2",))),
        (b"a,b\r\n1,2\r\n3,4", Sheet(("a", "b"), ("1,2", "3,4"))),
        (b" b , a \n\n1,2\n\n", Sheet(("b", "a"), ("1,2",))),
        (b"a,b", Sheet(("a", "b"), ())),
        ("a,b\n\u2028,\x85".encode(), Sheet(("a", "b"), ("\u2028,\x85",))),
    ],
)
def test_files_that_can_be_read(content: bytes, sheet: Sheet) -> None:
    assert read(content, ("a", "b")) == sheet


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbfa,b\n1,2", "byte-order mark"),
        ("a,b\nJosé,2".encode("latin-1"), "not UTF-8"),
        ("a,b\n1,2".encode("utf-16"), "not UTF-8"),
        (b"a\n1", "lacks b"),
        (b"a,b,c\n1,2,3", "unknown c"),
        (b"a,b,a\n1,2,3", "twice"),
        (b"1,2\n3,4", "lacks a, b"),
    ],
)
def test_files_that_can_not(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        read(content, ("a", "b"))


def test_half_a_million_rows() -> None:
    content = b"a\n" + b"1\n" * csv.ROW_LIMIT
    assert len(read(content, ("a",)).rows) == 500_000
    with pytest.raises(UnreadableError, match="more than 500000 rows"):
        read(content + b"1\n", ("a",))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"email,", b"", 1),
        lambda content: content.replace(b"email,", b"mail,", 1),
        lambda content: content.replace(b"ann@", b"\xe9@"),
        lambda content: content.replace(b"cognito:username", b"cognito:username,password_hash"),
        lambda content: b"",
    ],
)
def test_an_unreadable_file_fails_the_job(world: World, row: Row, spoil: Callable[[bytes], bytes]) -> None:
    pool = world.pool()
    job = world.run(pool, spoil(world.sheet(pool, [row("ann")])))
    assert (job["Status"], job["CompletionMessage"], counters(job)) == ("Failed", UNREADABLE, (0, 0, 0))
    assert {"StartDate", "CompletionDate"} <= set(job)
    assert world.usernames(pool) == []


def test_columns_may_be_in_any_order(world: World, row: Row) -> None:
    pool = world.pool()
    columns = sorted(world.header(pool))
    line = ",".join(row("ann").get(column, "") for column in columns)
    job = world.run(pool, f"{','.join(columns)}\n{line}".encode())
    assert counters(job) == (1, 0, 0)


def test_a_file_without_rows_succeeds(world: World) -> None:
    pool = world.pool()
    job = world.run(pool, world.sheet(pool, []))
    assert (job["Status"], counters(job)) == ("Succeeded", (0, 0, 0))


SCHEMA = [
    {"Name": "family_name", "Required": True, "AttributeDataType": "String"},
    {
        "Name": "code",
        "AttributeDataType": "String",
        "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "4"},
    },
    {
        "Name": "size",
        "AttributeDataType": "Number",
        "NumberAttributeConstraints": {"MinValue": "-1", "MaxValue": "10"},
    },
    {"Name": "member", "AttributeDataType": "Boolean"},
    {"Name": "since", "AttributeDataType": "DateTime"},
]


@pytest.mark.parametrize(
    ("cells", "fate"),
    [
        ({}, "imported"),
        ({"cognito:username": "  ann  "}, "imported"),
        ({"cognito:mfa_enabled": ""}, "imported"),
        ({"cognito:mfa_enabled": "true"}, "imported"),
        ({"cognito:mfa_enabled": "FALSE"}, "imported"),
        ({"cognito:mfa_enabled": "yes"}, "failed"),
        ({"cognito:username": ""}, "failed"),
        ({"cognito:username": "a b"}, "failed"),
        ({"cognito:username": "a\tb"}, "failed"),
        ({"cognito:username": "x" * 128}, "imported"),
        ({"cognito:username": "x" * 129}, "failed"),
        ({"email_verified": "true"}, "imported"),
        ({"email_verified": "FALSE"}, "failed"),
        ({"email_verified": ""}, "failed"),
        ({"email_verified": "maybe"}, "failed"),
        ({"email": ""}, "failed"),
        ({"email": "no at"}, "failed"),
        ({"email_verified": "", "phone_number": "+15550100", "phone_number_verified": "true"}, "failed"),
        ({"phone_number_verified": "true"}, "failed"),
        ({"phone_number": "+15550100", "phone_number_verified": "true"}, "imported"),
        ({"phone_number": "5550100"}, "failed"),
        ({"family_name": ""}, "failed"),
        ({"family_name": "  "}, "failed"),
        ({"birthdate": "02/29/2024"}, "imported"),
        ({"birthdate": "02/29/2023"}, "failed"),
        ({"birthdate": "2024-02-29"}, "failed"),
        ({"birthdate": "29/02/2024"}, "failed"),
        ({"birthdate": "2/9/2024"}, "failed"),
        ({"updated_at": "1700000000"}, "imported"),
        ({"updated_at": "-1"}, "failed"),
        ({"updated_at": "2024-02-29"}, "failed"),
        ({"updated_at": "1.5"}, "failed"),
        ({"custom:code": "ab"}, "imported"),
        ({"custom:code": "a"}, "failed"),
        ({"custom:code": "abcde"}, "failed"),
        ({"custom:size": "10"}, "imported"),
        ({"custom:size": "11"}, "failed"),
        ({"custom:size": "-2"}, "failed"),
        ({"custom:size": "ten"}, "failed"),
        ({"custom:member": "True"}, "imported"),
        ({"custom:member": "1"}, "failed"),
        ({"custom:since": "2024-02-29T12:00:00+00:00"}, "imported"),
        ({"custom:since": "long ago"}, "failed"),
        ({"name": "x" * 2_048}, "imported"),
        ({"name": "x" * 2_049}, "failed"),
        ({"name": r"Smith\, Ann"}, "imported"),
        ({"name": "Smith, Ann"}, "failed"),
    ],
)
def test_the_fate_of_a_row(world: World, row: Row, cells: dict[str, str], fate: str) -> None:
    pool = world.pool(Schema=SCHEMA)
    job = world.run(pool, world.sheet(pool, [row("ann", family_name="Lee") | cells]))
    expected = {"imported": (1, 0, 0), "skipped": (0, 1, 0), "failed": (0, 0, 1)}[fate]
    assert counters(job) == expected
    assert len(world.usernames(pool)) == job["ImportedUsers"]


def test_what_is_imported(world: World, row: Row) -> None:
    pool = world.pool()
    cells = {"name": r" Lee\, Ann ", "birthdate": "02/29/2024", "address": "Øster\u00a0Allé 1"}
    world.run(pool, world.sheet(pool, [row("ann") | cells]))
    imported = attributes(world, pool, "ann")
    assert imported.pop("sub")
    assert imported == {
        "name": "Lee, Ann",
        "birthdate": "02/29/2024",
        "address": "Øster\u00a0Allé 1",
        "email": "ann@example.com",
        "email_verified": "true",
    }


@pytest.mark.parametrize(("length", "expected"), [(16_000, (1, 0, 0)), (16_001, (0, 0, 1))])
def test_the_length_of_a_row(world: World, row: Row, length: int, expected: tuple[int, int, int]) -> None:
    pool = world.pool()
    columns = world.header(pool)
    cells = row("ann")
    fill = [name for name in columns if name not in cells and not name.startswith("cognito")]
    text = [name for name in fill if name not in ("birthdate", "updated_at") and "phone" not in name]
    cells |= dict.fromkeys(text[:7], "x" * 2_000)
    missing = length - len(world.sheet(pool, [cells]).decode().splitlines()[1])
    cells[text[7]] = "x" * missing
    assert counters(world.run(pool, world.sheet(pool, [cells]))) == expected


def test_rows_of_another_number_of_values(world: World, row: Row) -> None:
    pool = world.pool()
    content = world.sheet(pool, [row("a"), row("b"), row("c"), row("d")]) + b"short,row\n"
    assert counters(world.run(pool, content + b"," * 30)) == (4, 0, 2)


def test_existing_and_repeated_users_are_skipped(world: World, row: Row) -> None:
    pool = world.pool()
    world.ok("AdminCreateUser", {"UserPoolId": pool, "Username": "old"})
    rows = [row("old"), row("new"), row("newer"), row("new")]
    job = world.run(pool, world.sheet(pool, rows))
    assert (job["Status"], counters(job)) == ("Succeeded", (2, 2, 0))
    assert world.usernames(pool) == ["old", "new", "newer"]


def test_a_name_whose_first_row_failed_is_free(world: World, row: Row) -> None:
    pool = world.pool()
    rows = [row("ann", email_verified="false"), row("ann")]
    assert counters(world.run(pool, world.sheet(pool, rows))) == (1, 0, 1)


@pytest.mark.parametrize(
    ("good", "skipped", "bad", "status", "message"),
    [
        (2, 1, 1, "Succeeded", SUCCEEDED),
        (2, 2, 1, "Failed", TOO_MANY),
        (1, 0, 1, "Succeeded", SUCCEEDED),
        (0, 0, 1, "Failed", TOO_MANY),
        (0, 1, 0, "Failed", TOO_MANY),
        (14, 0, 32, "Failed", TOO_MANY),
    ],
)
def test_too_many_failures(
    world: World, row: Row, good: int, skipped: int, bad: int, status: str, message: str
) -> None:
    pool = world.pool()
    world.ok("AdminCreateUser", {"UserPoolId": pool, "Username": "old"})
    rows = [row(f"u{n}") for n in range(good)] + [row("old")] * skipped + [{"cognito:username": "x"}] * bad
    job = world.run(pool, world.sheet(pool, rows))
    assert (job["Status"], job["CompletionMessage"]) == (status, message)
    assert counters(job) == (good, skipped, bad)
    # Those who were imported stay.
    assert len(world.usernames(pool)) == good + 1


@pytest.mark.parametrize(
    ("verified", "cells", "imported"),
    [
        (["phone_number"], {"phone_number": "+15550100", "phone_number_verified": "true"}, 1),
        (["phone_number"], {"email": "a@b.c", "email_verified": "true"}, 0),
        (["phone_number", "email"], {"email": "a@b.c", "email_verified": "true"}, 1),
        (["phone_number", "email"], {"phone_number": "+15550100", "phone_number_verified": "true"}, 1),
        (["phone_number", "email"], {"email": "a@b.c", "phone_number": "+15550100"}, 0),
    ],
)
def test_which_attributes_the_pool_verifies(
    world: World, verified: list[str], cells: dict[str, str], imported: int
) -> None:
    pool = world.pool(AutoVerifiedAttributes=verified)
    job = world.run(pool, world.sheet(pool, [{"cognito:username": "ann", **cells}]))
    assert counters(job) == (imported, 0, 1 - imported)


def test_password_hashes(world: World, row: Row) -> None:
    pool = world.pool()
    plain = world.sheet(pool, [row("ann"), row("bob")])
    failed = world.run(pool, plain, PasswordHashingAlgorithm="BCRYPT")
    assert (failed["Status"], failed["CompletionMessage"]) == ("Failed", UNREADABLE)
    header, ann, bob = plain.decode().splitlines()
    content = f"{header},password_hash\n{ann},$2b$10$secret\n{bob},\n".encode()
    job = world.run(pool, content, PasswordHashingAlgorithm="BCRYPT")
    assert counters(job) == (2, 0, 0)
    users = world.call("ListUsers", {"UserPoolId": pool})
    assert [user["UserStatus"] for user in users.document["Users"]] == ["CONFIRMED", "RESET_REQUIRED"]
    assert b"secret" not in users.response.body
