# SPDX-License-Identifier: Apache-2.0
"""Which constraints a refusal cites that the model does not have, by the place that it tells."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.checks.refusals import unmodelled_constraint
from aws_conformance.checks.response import DecodedResponse, interpret

NULL = "failed to satisfy constraint: Member must not be null"


def refusal(operation: str, message: str, sent: Any = None, service: str = "dynamodb") -> DecodedResponse:
    contract = contract_of(service)
    response = contract.protocol.encode_error(
        contract.service, "ValidationException", {"message": message, "Message": message}, 400
    )
    asked = contract.operation(operation)
    validators = contract.validators(operation)
    return interpret(contract.service, asked, contract.protocol, validators, response, sent=sent)


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


@pytest.mark.parametrize(
    ("words", "cited"),
    [
        # What stands between members is in no model.
        ("Member must contain exactly one of Put, Update, Delete, or ConditionCheck",) * 2,
        ("Member must be unique", "Member must be unique"),
        ("Member must not be null", ""),
        ("Member must have length less than or equal to 100", ""),
    ],
)
def test_what_is_no_kind_of_constraint_is_none_of_the_model(words: str, cited: str) -> None:
    message = f"1 validation error detected: {words}"
    assert unmodelled_constraint(refusal("TransactWriteItems", message)) == cited


def test_of_several_faults_a_modelled_one_is_enough() -> None:
    message = (
        f"2 validation errors detected: Value null at 'keySchema' {NULL}; Value null at 'tableName' {NULL}"
    )
    assert unmodelled_constraint(refusal("CreateTable", message)) == ""


def test_keys_of_maps_are_what_maps_say_of_them() -> None:
    message = "1 validation error detected: Value 'x' at 'item.key' failed to satisfy constraint: "
    message += "Member must have length less than or equal to 65535"
    assert unmodelled_constraint(refusal("PutItem", message)) == ""


@pytest.mark.parametrize(
    ("sent", "path", "asks_for"),
    [
        # Optional since a model of 2025; whoever needs it says so by its bound.
        ({}, "ciphertextBlob", "'ciphertextblob' must be there"),
        ({"CiphertextBlob": "YQ=="}, "ciphertextBlob", ""),
        ({"GrantTokens": []}, "grantTokens.1.member", ""),
        ({"Recipient": {}}, "recipient.attestationDocument", "'attestationdocument' must be there"),
        ({}, "recipient.attestationDocument", "'attestationdocument' must be there"),
        ({"Recipient": {"AttestationDocument": ""}}, "recipient.attestationDocument", ""),
        # Whoever does not know what was sent can't say so.
        (None, "ciphertextBlob", ""),
    ],
)
def test_a_bound_of_what_nobody_sent_asks_for_it(sent: Any, path: str, asks_for: str) -> None:
    message = f"1 validation error detected: Value at '{path}' failed to satisfy constraint: "
    message += "Member must have length greater than or equal to 1"
    assert unmodelled_constraint(refusal("Decrypt", message, sent, "kms")) == asks_for


FILTER_KEYS = ("description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all")


@pytest.mark.parametrize(
    ("sent", "asks_for"),
    [
        # A member that is called Key is no key of a map.
        ({"Filters": [{}]}, "'key' must be there"),
        ({"Filters": [{"Key": "none of them"}]}, ""),
        ({"Filters": [{"Key": ""}]}, ""),
        ({"Filters": []}, ""),
    ],
)
def test_a_value_that_nobody_sent_is_asked_for_by_its_enumeration(sent: Any, asks_for: str) -> None:
    message = "1 validation error detected: Value '' at 'filters.1.member.key' failed to satisfy constraint: "
    message += f"Member must satisfy enum value set: [{', '.join(FILTER_KEYS)}]"
    assert unmodelled_constraint(refusal("ListSecrets", message, sent, "secretsmanager")) == asks_for


def test_a_required_member_that_nobody_sent_is_modelled() -> None:
    message = f"1 validation error detected: Value null at 'tableName' {NULL}"
    assert unmodelled_constraint(refusal("CreateTable", message, {})) == ""


@pytest.mark.parametrize(
    ("member", "asks_for"),
    [("TableName", ""), ("BillingMode", "'billingmode' must be there"), ("IndexName", "")],
)
def test_the_words_of_botocores_validator_are_read_too(member: str, asks_for: str) -> None:
    message = f'Parameter validation failed: Missing required parameter in input: "{member}"'
    assert unmodelled_constraint(refusal("CreateTable", message, {})) == asks_for


@pytest.mark.parametrize(
    ("sent", "asks_for"),
    [
        # Whoever takes an empty text for none is as strict as AWS is in places, and the model is not.
        ({"Template": {"TemplateName": ""}}, "'templatename' must not be empty"),
        ({"Template": {"TemplateName": "a"}}, ""),
        ({"Template": {}}, ""),
        ({}, ""),
        (None, ""),
    ],
)
@pytest.mark.parametrize(
    "message",
    [
        f"1 validation error detected: Value null at 'template.templateName' {NULL}",
        'Parameter validation failed: Missing required parameter in Template: "TemplateName"',
    ],
)
def test_what_was_sent_empty_may_be_asked_for(message: str, sent: Any, asks_for: str) -> None:
    assert unmodelled_constraint(refusal("CreateTemplate", message, sent, "ses")) == asks_for
