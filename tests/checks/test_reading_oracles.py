# SPDX-License-Identifier: Apache-2.0
"""What reads leave out of what creating has shown."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.reading import gone
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.spec.botocore import load_service

SERVICE = load_service("cognito-idp")
GROUP = {"GroupName": "a", "UserPoolId": "us-east-1_a"}


def _move(role: Role, name: str, document: Any) -> AnsweredMove:
    operation = SERVICE.operations[name]
    return AnsweredMove(role, role, "create", operation, GROUP, frozenset(), "success", 200, "", document)


@pytest.mark.parametrize(
    ("shown", "read", "breached"),
    [
        (GROUP, {"Group": GROUP}, []),
        (GROUP, {}, [("Group",)]),
        (GROUP, {"Group": None}, [("Group",)]),
        (GROUP, {"Group": {}}, [("Group",)]),
        # What creating does not show either, a read may be without.
        ({}, {}, []),
    ],
)
def test_a_read_has_what_creating_has_shown(shown: Any, read: Any, breached: list[Any]) -> None:
    moves = (_move("create", "CreateGroup", {"Group": shown}), _move("read", "GetGroup", read))
    story = Story(SERVICE, "Group", moves[0].operation, ("GroupName",), moves)
    assert [breach.path for breach in gone(story)] == breached


def test_after_a_deletion_nothing_is_missed() -> None:
    moves = (
        _move("create", "CreateGroup", {"Group": GROUP}),
        _move("delete", "DeleteGroup", {}),
        _move("read", "GetGroup", {}),
    )
    story = Story(SERVICE, "Group", moves[0].operation, ("GroupName",), moves)
    assert list(gone(story)) == []
