# SPDX-License-Identifier: Apache-2.0
"""The same request twice, of operations that documents call idempotent and of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.repeats import repeated
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.spec.botocore import load_service


def _story(service: str, *requests: tuple[Role, str, Any, str]) -> Story:
    loaded = load_service(service)
    moves = tuple(
        AnsweredMove(
            role,
            role,
            "create",
            loaded.operations[name],
            sent,
            frozenset(),
            "error" if code else "success",
            400 if code else 200,
            code,
        )
        for role, name, sent, code in requests
    )
    return Story(loaded, "Thing", moves[0].operation, ("Name",), moves)


NAMED = {"Name": "a"}


@pytest.mark.parametrize(
    ("service", "creator", "sent", "code", "breaches"),
    [
        ("elbv2", "CreateLoadBalancer", NAMED, "DuplicateLoadBalancerName", 1),
        ("elbv2", "CreateLoadBalancer", NAMED, "", 0),
        # Another request is none that is repeated.
        ("elbv2", "CreateLoadBalancer", NAMED | {"Type": "network"}, "DuplicateLoadBalancerName", 0),
        ("cognito-idp", "CreateGroup", NAMED, "GroupExistsException", 0),
    ],
)
def test_what_is_idempotent_can_be_sent_twice(
    service: str, creator: str, sent: Any, code: str, breaches: int
) -> None:
    story = _story(service, ("create", creator, NAMED, ""), ("again", creator, sent, code))
    assert len(list(repeated(story))) == breaches


def test_a_second_deletion_succeeds_where_documents_say_so() -> None:
    story = _story(
        "sns",
        ("create", "CreateTopic", NAMED, ""),
        ("delete", "DeleteTopic", {"TopicArn": "a"}, ""),
        ("vain", "DeleteTopic", {"TopicArn": "a"}, "NotFound"),
    )
    assert len(list(repeated(story))) == 1


def test_of_requests_at_once_some_may_be_refused() -> None:
    story = _story(
        "elbv2",
        ("create", "CreateLoadBalancer", NAMED, ""),
        ("again", "CreateLoadBalancer", NAMED, "DuplicateLoadBalancerName"),
    )
    moves = tuple(replace(move, repeats=True) for move in story.moves)
    assert list(repeated(replace(story, moves=moves))) == []


@pytest.mark.parametrize(
    ("service", "name", "sent", "code", "doubts"),
    [
        # The text promises a success, and the one error that could deny it is declared.
        ("iam", "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": "a"}, "NoSuchEntity", [True]),
        ("iam", "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": "a"}, "InvalidInput", [False]),
        # The declared error is that of the store.
        (
            "verifiedpermissions",
            "DeletePolicy",
            {"policyStoreId": "a", "policyId": "b"},
            "ResourceNotFoundException",
            [False],
        ),
    ],
)
def test_what_contradicts_its_own_errors_is_doubtful(
    service: str, name: str, sent: Any, code: str, doubts: list[bool]
) -> None:
    story = _story(service, ("delete", name, sent, ""), ("vain", name, sent, code))
    assert [breach.doubtful for breach in repeated(story)] == doubts
