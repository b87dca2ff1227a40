# SPDX-License-Identifier: Apache-2.0
"""Fault injection: every declared error of every implemented operation, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from aws_conformance.reference.faults import FAULT_HEADER
from aws_conformance.reference.operations import HANDLERS
from aws_conformance.spec.botocore import load_service

if TYPE_CHECKING:
    from tests.reference.conftest import World

SERVICE = load_service("cognito-idp")
CASES = [(name, error) for name in sorted(HANDLERS) for error in SERVICE.operations[name].errors]


@pytest.mark.parametrize(("operation", "error"), CASES)
def test_a_declared_error(make_world: Callable[..., World], operation: str, error: str) -> None:
    world = make_world(faults=True)
    answer = world.call(operation, {}, headers=((FAULT_HEADER, error),))
    assert (answer.status, answer.code) == (SERVICE.error_status(error), error)
    assert set(answer.document) == set(SERVICE.structure(error).members)
    assert answer.status == (500 if error == "InternalErrorException" else 400)


def test_nothing_changes(make_world: Callable[..., World]) -> None:
    world = make_world(faults=True)
    answer = world.call(
        "CreateUserPool", {"PoolName": "p"}, headers=((FAULT_HEADER, "LimitExceededException"),)
    )
    assert answer.code == "LimitExceededException"
    assert world.ok("ListUserPools", {"MaxResults": 1})["UserPools"] == []


def test_an_error_that_is_not_declared(make_world: Callable[..., World]) -> None:
    world = make_world(faults=True)
    answer = world.call("GetCSVHeader", {}, headers=((FAULT_HEADER, "LimitExceededException"),))
    assert (answer.status, answer.code) == (400, "InvalidParameterException")
    assert "GetCSVHeader does not declare 'LimitExceededException'" in (answer.message or "")


def test_the_header_means_nothing_unless_faults_are_on(world: World) -> None:
    pool = world.pool()
    header = ((FAULT_HEADER, "InternalErrorException"),)
    assert world.call("GetCSVHeader", {"UserPoolId": pool}, headers=header).status == 200
