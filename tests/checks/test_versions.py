# SPDX-License-Identifier: Apache-2.0
"""What the versions of an object show, and what scripts look at of them."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.oracles.scripts import scripts_for
from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.checks.oracles.versions import version_contents
from aws_conformance.spec.botocore import load_service

_THING = {"Bucket": "b", "Key": "k"}
_ABSENT = 404


def _move(label: str, role: Role, operation: str, sent: Any, shown: Any, about: str) -> AnsweredMove:
    """A move that was answered with a document, or refused where that is a status."""
    operations = load_service("s3").operations
    refused = isinstance(shown, int)
    return AnsweredMove(
        label,
        role,
        about,
        operations[operation],
        _THING | sent,
        frozenset(sent),
        "error" if refused else "success",
        shown if refused else 200,
        document=None if refused else shown,
    )


def _written(label: str, role: Role, version: str, content: str) -> AnsweredMove:
    return _move(label, role, "PutObject", {"ContentType": content}, {"VersionId": version}, label)


def _look(about: str, version: str, shown: Any) -> AnsweredMove:
    return _move(f"look at {about}", "version", "HeadObject", {"VersionId": version}, shown, about)


def _drop(about: str, version: str, shown: Any) -> AnsweredMove:
    return _move("purge", "purge", "DeleteObject", {"VersionId": version}, shown, about)


def _read(shown: Any) -> AnsweredMove:
    return _move("read", "read", "HeadObject", {}, shown, "create")


def _breaches(*moves: AnsweredMove, later: str = "v2") -> list[tuple[Any, str]]:
    service = load_service("s3")
    first, second = _written("create", "create", "v1", "text/a"), _written("again", "again", later, "text/b")
    story = Story(service, "Object", service.operations["PutObject"], ("Key",), (first, second, *moves))
    return [(breach.path[0], breach.got) for breach in version_contents(story)]


def _shows(content: str) -> dict[str, str]:
    return {"ContentType": content}


@pytest.mark.parametrize(
    ("moves", "breaches"),
    [
        ([_look("create", "v1", _shows("text/a")), _look("again", "v2", _shows("text/b"))], []),
        (
            [_look("create", "v1", _shows("text/b"))],
            [("ContentType", 'what another has, "text/b"')],
        ),
        ([_look("create", "v1", _ABSENT)], [("(answer)", "404")]),
        # Another form of what was written is no other version's.
        ([_look("create", "v1", _shows("text/plain"))], []),
        # What no read shows is not lost.
        ([_look("create", "v1", {})], []),
        ([_read({}), _look("create", "v1", {})], []),
        ([_read(_shows("text/b")), _look("create", "v1", {})], [("ContentType", "nothing")]),
        ([_drop("create", "v1", {}), _look("create", "v1", _ABSENT)], []),
        ([_drop("create", "v1", {}), _look("create", "v1", _shows("text/a"))], [("(answer)", "200")]),
        ([_drop("create", "v1", {}), _look("again", "v2", _ABSENT)], [("(answer)", "404")]),
        # What was not taken away is there.
        ([_drop("create", "v1", 403), _look("create", "v1", _shows("text/a"))], []),
    ],
)
def test_a_version_shows_what_it_was_written_with(
    moves: list[AnsweredMove], breaches: list[tuple[Any, str]]
) -> None:
    assert _breaches(*moves) == breaches


def test_what_makes_no_new_version_has_its_last_value() -> None:
    assert _breaches(_look("create", "v1", _shows("text/b")), later="v1") == []


@pytest.mark.parametrize(
    ("service", "operation", "roles", "named"),
    [
        (
            "s3",
            "PutObject",
            [
                "arrange",
                "create",
                "again",
                "read",
                "read",
                *4 * ["version"],
                "purge",
                *4 * ["version"],
                "purge",
            ],
            {"VersionId": {"$from": "create.VersionId"}},
        ),
        (
            "secretsmanager",
            "UpdateSecret",
            ["create", "update", "update", "read", "version", "version"],
            {"VersionId": {"$from": "first.VersionId"}},
        ),
    ],
)
def test_two_versions_are_written_and_looked_at(
    service: str, operation: str, roles: list[str], named: dict[str, Any]
) -> None:
    contract = contract_of(service, None)
    scripts = [
        script
        for script in scripts_for(contract.of(contract.operation(operation)))
        if script.info.title.startswith("two versions")
    ]
    assert scripts
    for script in scripts:
        assert [move.role for move in script.moves] == roles
        first = next(move for move in script.moves if move.role == "version")
        assert first.input.items() >= named.items()
        assert script.moves[1].input != script.moves[2].input


def test_what_asks_for_no_version_has_no_such_script() -> None:
    contract = contract_of("sqs", None)
    titles = [
        script.info.title
        for name in contract.service.operations
        for script in scripts_for(contract.of(contract.operation(name)))
    ]
    assert titles
    assert not any("versions" in title for title in titles)
