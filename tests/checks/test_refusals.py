# SPDX-License-Identifier: Apache-2.0
"""Which constraints a refusal cites that the model does not have, by the place that it tells."""

from __future__ import annotations

import json

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.checks.refusals import unmodelled_constraint
from aws_conformance.checks.response import DecodedResponse, interpret
from aws_conformance.http import Response

NULL = "failed to satisfy constraint: Member must not be null"


def refusal(operation: str, message: str) -> DecodedResponse:
    contract = contract_of("dynamodb")
    body = json.dumps({"__type": "ValidationException", "message": message}).encode()
    response = Response(400, (("Content-Type", "application/x-amz-json-1.0"),), body)
    asked = contract.operation(operation)
    return interpret(contract.service, asked, contract.protocol, contract.validators(operation), response)


@pytest.mark.parametrize(
    ("operation", "path", "unmodelled"),
    [
        ("CreateTable", "tableName", False),
        # Required of an index, and not of the table.
        ("CreateTable", "keySchema", True),
        ("CreateTable", "globalSecondaryIndexes.1.member.keySchema", False),
        ("CreateTable", "attributeDefinitions", True),
        ("CreateTable", "attributeDefinitions.2.member.attributeType", False),
        ("UpdateTable", "globalSecondaryIndexUpdates.1.member.update.indexName", False),
        ("UpdateTable", "globalSecondaryIndexUpdates.1.member.update.provisionedThroughput", True),
        # A path that leads nowhere: then any member of its last name will do.
        ("UpdateTable", "index.indexName", False),
    ],
)
def test_a_member_is_required_where_the_model_requires_it(
    operation: str, path: str, unmodelled: bool
) -> None:
    message = f"1 validation error detected: Value null at '{path}' {NULL}"
    constraint = unmodelled_constraint(refusal(operation, message))
    assert constraint == ("Member must not be null" if unmodelled else "")


def test_of_several_faults_a_modelled_one_is_enough() -> None:
    message = (
        f"2 validation errors detected: Value null at 'keySchema' {NULL}; Value null at 'tableName' {NULL}"
    )
    assert unmodelled_constraint(refusal("CreateTable", message)) == ""


def test_keys_of_maps_are_what_maps_say_of_them() -> None:
    message = "1 validation error detected: Value 'x' at 'item.key' failed to satisfy constraint: "
    message += "Member must have length less than or equal to 65535"
    assert unmodelled_constraint(refusal("PutItem", message)) == ""
