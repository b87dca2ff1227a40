# SPDX-License-Identifier: Apache-2.0
"""What is said of what was added, by answers in which it is there, elsewhere, or on its way out."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.associations import (
    absent,
    added_to_nothing,
    added_twice,
    dangling,
    others_lost,
    outlives_removal,
)
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.spec.botocore import load_service

EC2 = load_service("ec2")
SENT = {"VpnGatewayId": "vgw-1", "VpcId": "vpc-1"}
OTHER = {"VpnGatewayId": "vgw-1", "VpcId": "vpc-2"}


def _move(
    role: Role, name: str, sent: Any, document: Any = None, about: str = "create", code: str = ""
) -> Any:
    document = {} if document is None else document
    return AnsweredMove(
        about if role == "associate" else role,
        role,
        about,
        EC2.operations[name],
        sent,
        frozenset(),
        "error" if code else "success",
        400 if code else 200,
        code,
        None if code else document,
        (document,),
    )


def _look(*attachments: tuple[str, str]) -> Any:
    shown = [{"VpcId": vpc, "State": state} for vpc, state in attachments]
    document = {"VpnGateways": [{"VpnGatewayId": "vgw-1", "VpcAttachments": shown}]}
    return _move("members", "DescribeVpnGateways", {"VpnGatewayIds": ["vgw-1"]}, document)


def _story(*moves: AnsweredMove) -> Story:
    return Story(EC2, "VpnGateway", EC2.operations["AttachVpnGateway"], (), moves)


ADD = _move("associate", "AttachVpnGateway", SENT)
ADD_OTHER = _move("associate", "AttachVpnGateway", OTHER, about="other")
OFF = _move("dissociate", "DetachVpnGateway", SENT)
THERE, NOWHERE = _look(("vpc-1", "attached")), _look()


@pytest.mark.parametrize(
    ("moves", "breaches"),
    [
        ((NOWHERE, ADD, THERE), 0),
        ((NOWHERE, ADD, NOWHERE), 1),
        ((NOWHERE, ADD, _look(("vpc-2", "attached"))), 1),
        # What was taken off, or replaced, is not looked for.
        ((ADD, THERE, OFF, NOWHERE), 0),
        ((ADD, ADD_OTHER, _look(("vpc-2", "attached"))), 0),
    ],
)
def test_what_was_added_is_looked_for(moves: tuple[Any, ...], breaches: int) -> None:
    assert len(list(absent(_story(*moves)))) == breaches


def test_what_is_being_added_may_not_be_shown_yet() -> None:
    pending = _move("associate", "AttachVpnGateway", SENT, {"VpcAttachment": {"State": "attaching"}})
    assert [breach.doubtful for breach in absent(_story(pending, NOWHERE))] == [True]


@pytest.mark.parametrize(
    ("left", "breaches"),
    [
        (NOWHERE, 0),
        (THERE, 1),
        # It says of itself that it is off.
        (_look(("vpc-1", "detached")), 0),
        (_look(("vpc-1", "detaching")), 0),
    ],
)
def test_what_was_taken_off_is_shown_no_more(left: Any, breaches: int) -> None:
    assert len(list(outlives_removal(_story(NOWHERE, ADD, THERE, OFF, left)))) == breaches


def test_what_was_there_before_it_was_added_is_no_association() -> None:
    assert list(outlives_removal(_story(THERE, ADD, THERE, OFF, THERE))) == []
    assert list(outlives_removal(_story(ADD, THERE, OFF, THERE))) == []


def test_a_refused_removal_takes_nothing_off() -> None:
    refused = _move("dissociate", "DetachVpnGateway", SENT, code="InvalidVpnGatewayAttachment.NotFound")
    assert list(outlives_removal(_story(NOWHERE, ADD, THERE, refused, THERE))) == []


@pytest.mark.parametrize(
    ("shown", "breaches"),
    [((("vpc-1", "attached"),), 0), ((("vpc-1", "attached"), ("vpc-1", "attached")), 1)],
)
def test_what_is_added_twice_is_there_once(shown: Any, breaches: int) -> None:
    again = _move("again", "AttachVpnGateway", SENT)
    assert len(list(added_twice(_story(ADD, THERE, again, _look(*shown))))) == breaches


@pytest.mark.parametrize(("left", "breaches"), [((("vpc-2", "attached"),), 0), ((), 1)])
def test_the_others_stay(left: Any, breaches: int) -> None:
    both = _look(("vpc-1", "attached"), ("vpc-2", "attached"))
    assert len(list(others_lost(_story(ADD, ADD_OTHER, both, OFF, _look(*left))))) == breaches


def test_a_second_thing_that_was_refused_is_not_missed() -> None:
    refused = _move("associate", "AttachVpnGateway", OTHER, about="other", code="InvalidVpcState")
    assert list(others_lost(_story(ADD, refused, THERE, OFF, NOWHERE))) == []


def test_what_was_deleted_hangs_nowhere() -> None:
    drop = _move("drop", "DeleteVpc", {"VpcId": "vpc-1"})
    # No error of ec2 is declared: whether it may be deleted then is not said.
    assert [breach.doubtful for breach in dangling(_story(ADD, THERE, drop, THERE))] == [True]
    assert list(dangling(_story(ADD, THERE, drop, NOWHERE))) == []
    refused = _move("drop", "DeleteVpc", {"VpcId": "vpc-1"}, code="DependencyViolation")
    assert list(dangling(_story(ADD, THERE, refused, THERE))) == []


def test_what_has_no_error_for_it_may_take_anything() -> None:
    drop = _move("drop", "DeleteVpc", {"VpcId": "vpc-1"})
    stranger = _move("stranger", "AttachVpnGateway", SENT)
    assert list(added_to_nothing(_story(ADD, OFF, drop, stranger))) == []


@pytest.mark.parametrize(
    ("code", "sought", "doubts"),
    [("", "NoSuchEntity", [False]), ("", None, [True]), ("NoSuchEntity", "NoSuchEntity", [])],
)
def test_what_is_not_there_is_not_added(code: str, sought: str | None, doubts: list[bool]) -> None:
    iam = load_service("iam")
    sent = {"UserName": "u", "GroupName": "g"}

    def move(role: Role, name: str, code: str = "") -> AnsweredMove:
        kind = "error" if code else "success"
        return AnsweredMove(
            role,
            role,
            "create",
            iam.operations[name],
            sent,
            frozenset(),
            kind,  # type: ignore[arg-type]
            404 if code else 200,
            code,
        )

    moves = [move("associate", "AddUserToGroup"), move("drop", "DeleteUser")]
    moves += [move("sought", "GetUser", sought)] if sought else []
    moves.append(move("stranger", "AddUserToGroup", code))
    story = Story(iam, "UserToGroup", iam.operations["AddUserToGroup"], (), tuple(moves))
    assert [breach.doubtful for breach in added_to_nothing(story)] == doubts
