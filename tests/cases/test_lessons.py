# SPDX-License-Identifier: Apache-2.0
"""What refusals teach, each as the variants that are tried next."""

from __future__ import annotations

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.drafts import NOTHING, InputPlace, InputVariant, draft, places
from aws_conformance.cases.lessons import Rejection, lessons
from aws_conformance.cases.links import links_of


def _next(name: str, refusal: Rejection, variant: InputVariant | None = None) -> list[InputVariant]:
    service, _, operation = name.partition(":")
    contract = contract_of(service)
    every = tuple(places(contract, contract.operation(operation)))
    return list(lessons(links_of(contract.service), operation, every, variant or InputVariant(), refusal))


def test_a_member_that_is_missing_is_added() -> None:
    refusal = Rejection(400, "ValidationException", "One or more parameter values were invalid: KeySchema")
    assert _next("dynamodb:CreateTable", refusal)[0].optional == {("KeySchema",)}


def test_a_target_that_throws_over_nothing_is_told_all_numbers_first() -> None:
    crash = Rejection(500, "", "TypeError: unsupported operand type(s) for //: 'int' and 'NoneType'")
    assert _next("kinesis:CreateStream", crash)[0].optional == {
        ("ShardCount",),
        ("WarmThroughputMiBps",),
        ("MaxRecordSizeInKiB",),
    }


def test_a_value_that_is_offered_is_taken() -> None:
    refusal = Rejection(
        400, "ValidationException", "BillingMode must be one of [PROVISIONED, PAY_PER_REQUEST]"
    )
    variants = _next("dynamodb:CreateTable", refusal, InputVariant(optional=frozenset({("BillingMode",)})))
    assert "PAY_PER_REQUEST" in [variant.literals.get(("BillingMode",)) for variant in variants]


def test_what_is_there_already_gets_another_name() -> None:
    refusal = Rejection(400, "QueueAlreadyExists", "A queue with this name already exists")
    assert _next("sqs:CreateQueue", refusal)[0].fresh == {("QueueName",)}


def test_what_names_something_that_is_not_there_is_bound_to_another_candidate() -> None:
    refusal = Rejection(
        404, "NoSuchEntity", "The role with name x-role cannot be found.", {"RoleName": "x-role"}
    )
    assert _next("iam:GetRole", refusal)[0].passed == {("RoleName",): 1}


def test_what_the_operation_is_about_is_made_before() -> None:
    refusal = Rejection(404, "NoSuchBucketPolicy", "The bucket policy does not exist", {"Bucket": "b"})
    assert _next("s3:GetBucketPolicy", refusal)[0].gates == ("PutBucketPolicy",)


def test_an_optional_name_is_added_where_the_refusal_is_about_what_it_names() -> None:
    refusal = Rejection(404, "NoSuchEntity", "The user with name None cannot be found.")
    assert _next("iam:GetUser", refusal)[0].optional == {("UserName",)}


def test_a_refusal_is_the_same_for_other_values() -> None:
    first = Rejection(404, "NoSuchEntity", "user aaaa is missing", {"UserName": "aaaa"})
    second = Rejection(404, "NoSuchEntity", "user bbbb is missing", {"UserName": "bbbb"})
    assert first.key == second.key
    assert first.key != Rejection(404, "NoSuchEntity", "group aaaa is missing", {"UserName": "aaaa"}).key


def test_every_draft_is_valid() -> None:
    """Whatever variant: what is added fits the schema."""
    contract = contract_of("dynamodb")
    operation = contract.operation("CreateTable")

    def choose(place: InputPlace) -> object:
        return NOTHING

    validator = contract.validator("CreateTable", "input")
    for place in places(contract, operation, deepest=2):
        document = draft(contract, operation, InputVariant().adding(place.path), choose)
        assert not validator.findings(document), place.path


@pytest.mark.parametrize("text", ["", "an internal error", "[](", "must be one of"])
def test_a_refusal_that_says_nothing_leaves_the_ladder(text: str) -> None:
    assert _next("kms:CreateKey", Rejection(400, "", text))
