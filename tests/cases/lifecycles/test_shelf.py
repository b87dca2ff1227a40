# SPDX-License-Identifier: Apache-2.0
"""Where lifecycles come from: those that ship, and files of one's own that stand in for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aws_conformance.cases.lifecycles.registry import (
    check_files,
    histories_of,
    lifecycles_of,
    planned_histories,
    shipped_files,
)
from aws_conformance.errors import UsageError
from aws_conformance.results.events import CaseInfo

POOL = dict(shipped_files())["user-pool.yaml"]

KEY = """\
version: 1
name: user-pool
service: kms
resource: key
title: a key
subject: CreateKey
sources: {api: API reference}
settings: {usual: {}}
states:
  there: {}
actions:
  create: {operation: CreateKey, input: {Description: {$name: key}}}
readers:
  list: {operation: ListKeys, input: {}, lists: Keys, key: [KeyId]}
transitions:
  - {by: create, to: there, doc: api}
"""


def _file(folder: Path, text: str, name: str = "own.yaml") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_the_files_that_ship_in_order() -> None:
    assert [name for name, _ in shipped_files()] == ["user-import-job.yaml", "user-pool.yaml", "user.yaml"]


def test_what_ships_is_looked_up_by_its_service() -> None:
    lifecycles = lifecycles_of("cognito-idp")
    assert [(lifecycle.name, lifecycle.source) for lifecycle in lifecycles] == [
        ("user-import-job", "user-import-job.yaml"),
        ("user-pool", "user-pool.yaml"),
        ("user", "user.yaml"),
    ]
    assert lifecycles_of("kms") == ()
    assert lifecycles_of("no-such-service") == ()


def test_a_file_of_the_same_name_stands_in_for_the_kits(tmp_path: Path) -> None:
    own = _file(tmp_path, POOL.replace("title: a user pool", "title: my own pool"))
    lifecycles = lifecycles_of("cognito-idp", (own,))
    assert [lifecycle.title for lifecycle in lifecycles] == [
        "a user import job",
        "my own pool",
        "a user of a pool",
    ]
    assert lifecycles[1].source == own
    # What ships is as it was, without the file.
    assert lifecycles_of("cognito-idp")[1].title == "a user pool"


def test_a_file_of_another_name_stands_beside_the_kits(tmp_path: Path) -> None:
    own = _file(tmp_path, POOL.replace("name: user-pool", "name: other-pool"))
    names = [lifecycle.name for lifecycle in lifecycles_of("cognito-idp", (own,))]
    assert names == ["user-import-job", "user-pool", "user", "other-pool"]


def test_a_name_is_unique_within_its_service_only(tmp_path: Path) -> None:
    own = _file(tmp_path, KEY)
    assert [lifecycle.title for lifecycle in lifecycles_of("kms", (own,))] == ["a key"]
    assert [lifecycle.title for lifecycle in lifecycles_of("cognito-idp", (own,))][1] == "a user pool"


def test_of_two_files_the_last_stands(tmp_path: Path) -> None:
    files = tuple(
        _file(tmp_path, POOL.replace("title: a user pool", f"title: {name}"), f"{name}.yaml")
        for name in ("first", "second")
    )
    assert lifecycles_of("cognito-idp", files)[1].title == "second"
    assert lifecycles_of("cognito-idp", files[::-1])[1].title == "first"


def test_a_file_that_cannot_be_read_is_a_line(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    folder = str(tmp_path)
    for name, why in (
        (absent, "No such file or directory"),
        (str(binary), "it is not UTF-8"),
        (folder, "Is a directory"),
    ):
        message = re.escape(f"The lifecycle {name} cannot be read: {why}.")
        for ask in (lambda name=name: check_files((name,)), lambda name=name: lifecycles_of("kms", (name,))):
            with pytest.raises(UsageError, match=f"^{message}$"):
                ask()


def test_a_mistake_names_the_file_and_the_line(tmp_path: Path) -> None:
    good = _file(tmp_path, POOL, "good.yaml")
    bad = _file(tmp_path, POOL.replace("version: 1", "version: 9"), "bad.yaml")
    assert check_files((good,)) is None  # type: ignore[func-returns-value]  # that it returns is the test
    message = re.escape(f"{bad}:2: version 9; this release reads 1.")
    for files in ((bad,), (good, bad), (bad, good)):
        with pytest.raises(UsageError, match=f"^{message}$"):
            check_files(files)


def test_the_histories_of_a_file(tmp_path: Path) -> None:
    own = _file(tmp_path, KEY)
    (history, shown) = histories_of("kms", (own,), "user-pool")
    assert (history.info.title, shown.info.title) == ("there", "list in there")
    assert histories_of("cognito-idp", (own,), "user-pool") == histories_of("cognito-idp", (), "user-pool")


def _titles(infos: tuple[CaseInfo, ...]) -> list[str]:
    return [f"{info.lifecycle}: {info.title}" for info in infos]


@pytest.mark.parametrize(
    ("operation", "titles"),
    [
        (
            "CreateUserImportJob",
            ["user-import-job: Created → Expired", "user-import-job: upload: Created → Created"],
        ),
        ("DescribeUserImportJob", ["user-import-job: describe in Created"]),
        ("ListUserImportJobs", ["user-import-job: list in Created"]),
        (
            "UpdateUserPool",
            [
                "user-pool: update: there → there",
                "user-pool: update: administration",
                "user-pool: update: tags",
                "user-pool: update in gone",
            ],
        ),
        (
            "DeleteUserPool",
            ["user-pool: there → gone", "user-pool: delete in gone", "user-pool: delete from 8 connections"],
        ),
        ("GetUser", []),
        ("NoSuchOperation", []),
    ],
)
def test_what_is_planned_of_an_operation(operation: str, titles: list[str]) -> None:
    lifecycles = planned_histories("cognito-idp", (), operation)
    assert sorted(_titles(lifecycles)) == sorted(titles)
    assert {(info.operation, info.phase) for info in lifecycles} <= {(f"cognito-idp:{operation}", "stateful")}


def test_every_history_is_planned_under_its_operation(tmp_path: Path) -> None:
    operations = {
        history.subject
        for life in lifecycles_of("cognito-idp")
        for history in histories_of("cognito-idp", (), life.name)
    }
    planned = [history.id for name in operations for history in planned_histories("cognito-idp", (), name)]
    assert len(planned) == len(set(planned)) == 96
    own = _file(tmp_path, KEY)
    assert _titles(planned_histories("kms", (own,), "CreateKey")) == ["user-pool: there"]
    assert planned_histories("kms", (), "CreateKey") == ()
