# SPDX-License-Identifier: Apache-2.0
"""What answers for several things have of one that was taken away."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.oracles.families import families_of
from aws_conformance.cases.oracles.scripts import scripts_for
from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.batches import answered_for_each
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.spec.botocore import load_service

SERVICE = load_service("secretsmanager")
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a"
SHOWN = {"SecretValues": [{"ARN": ARN, "Name": "a"}], "Errors": []}
MISSING = {"SecretValues": [], "Errors": [{"SecretId": ARN, "ErrorCode": "ResourceNotFoundException"}]}
SILENT: dict[str, Any] = {"SecretValues": [], "Errors": []}


def _move(role: Role, name: str, sent: Any, document: Any) -> AnsweredMove:
    operation = SERVICE.operations[name]
    return AnsweredMove(
        role, role, "create", operation, sent, frozenset(), "success", 200, "", document, (document,)
    )


@pytest.mark.parametrize(
    ("before", "after", "breached"),
    [
        (SHOWN, MISSING, []),
        (SHOWN, SILENT, [("Errors",)]),
        (SHOWN, SHOWN, [("SecretValues", 0)]),
        # What was not shown before either may be shown on terms of its own.
        (SILENT, SILENT, []),
        (MISSING, SHOWN, []),
    ],
)
def test_what_is_gone_is_named_as_missing(before: Any, after: Any, breached: list[Any]) -> None:
    moves = (
        _move("create", "CreateSecret", {"Name": "a"}, {"ARN": ARN, "Name": "a"}),
        _move("batch", "BatchGetSecretValue", {"SecretIdList": [ARN]}, before),
        _move("delete", "DeleteSecret", {"SecretId": ARN}, {}),
        _move("batch", "BatchGetSecretValue", {"SecretIdList": [ARN]}, after),
    )
    story = Story(SERVICE, "Secret", moves[0].operation, ("Name",), moves)
    assert [breach.path for breach in answered_for_each(story)] == breached


@pytest.mark.parametrize(
    ("service", "creator", "batches"),
    [
        ("secretsmanager", "CreateSecret", ["BatchGetSecretValue"]),
        ("athena", "CreatePreparedStatement", ["BatchGetPreparedStatement"]),
        # What shows something else by any names is no batch of these.
        ("glue", "CreateTrigger", []),
    ],
)
def test_what_is_told_of_several_things_is_told_of_the_new_one(
    service: str, creator: str, batches: list[str]
) -> None:
    families = families_of(contract_of(service, None))
    family = next(family for family in families if family.creator.name == creator)
    assert [related.name for related in family.batches] == batches


def _titles(service: str, operation: str) -> list[str]:
    contract = contract_of(service, None)
    return [script.info.title for script in scripts_for(contract.of(contract.operation(operation)))]


def test_each_list_is_looked_at_after_a_deletion() -> None:
    lists = next(
        family.lists
        for family in families_of(contract_of("glue", None))
        if family.creator.name == "CreateTrigger"
    )
    assert len(lists) > 1
    for listing in lists[1:]:
        assert f"taken away, and shown by {listing.name}" in _titles("glue", listing.name)


def test_what_excludes_what_is_sent_takes_its_place() -> None:
    contract = contract_of("secretsmanager", None)
    scripts = scripts_for(contract.of(contract.operation("UpdateSecret")))
    updates = [move.input for script in scripts for move in script.moves if move.operation == "UpdateSecret"]
    assert any("SecretBinary" in sent for sent in updates)
    assert not any({"SecretBinary", "SecretString"} <= sent.keys() for sent in updates)
