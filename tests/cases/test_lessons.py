# SPDX-License-Identifier: Apache-2.0
"""What refusals teach, each as the variants that are tried next."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.bound_lessons import bounded_values
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.drafts import NOTHING, InputPlace, InputVariant, draft, places
from aws_conformance.cases.lessons import lessons
from aws_conformance.cases.links import links_of
from aws_conformance.cases.rejection import Rejection
from aws_conformance.generate.nodes import BooleanNode, IntegerNode, Node, StringNode


def _next(name: str, refusal: Rejection, variant: InputVariant | None = None) -> list[InputVariant]:
    service, _, operation = name.partition(":")
    contract = contract_of(service)
    every = tuple(places(contract.of(contract.operation(operation))))
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
    for place in places(contract.of(operation), deepest=2):
        document = draft(contract.of(operation), InputVariant().adding(place.path), choose)
        assert not validator.findings(document), place.path


@pytest.mark.parametrize("text", ["", "an internal error", "[](", "must be one of"])
def test_a_refusal_that_says_nothing_leaves_the_ladder(text: str) -> None:
    assert _next("kms:CreateKey", Rejection(400, "", text))


def test_what_is_said_not_to_be_done_is_done_before() -> None:
    """Refusals that elbv2, rds and cognito-idp give for a state, in the past of what brings it about."""
    stopped = Rejection(400, "InvalidDBInstanceState", "Instance x is not stopped, it cannot be started.")
    assert _next("rds:StartDBInstance", stopped)[0].gates == ("StopDBInstance",)
    available = Rejection(400, "InvalidDBClusterStateFault", "DbCluster x is in available state")
    assert _next("rds:StartDBCluster", available)[0].gates == ("StopDBCluster",)
    linked = Rejection(400, "ResourceNotFoundException", "The federated identity is not linked to a user.")
    name = "cognito-idp:AdminDisableProviderForUser"
    assert _next(name, linked)[0].gates == ("AdminLinkProviderForUser",)


def test_a_short_name_counts_where_it_is_said_to_be_missing() -> None:
    missing = Rejection(400, "ValidationError", "A port must be specified")
    assert _next("elbv2:CreateTargetGroup", missing)[0].optional == {("Port",)}
    sentence = Rejection(400, "ValidationError", "No port of call is free")
    assert _next("elbv2:CreateTargetGroup", sentence)[0].optional != {("Port",)}


def test_a_refusal_that_names_an_element_is_about_the_list() -> None:
    refusal = Rejection(400, "SubnetNotFound", "The specified subnet does not exist.")
    assert _next("elbv2:CreateLoadBalancer", refusal)[0].optional == {("Subnets",)}
    zone = Rejection(400, "ValidationError", "At least one Availability Zone is required.")
    assert _next("autoscaling:CreateAutoScalingGroup", zone)[0].optional == {("AvailabilityZones",)}


def test_nothing_is_built_on_a_candidate_that_is_refused_by_its_name() -> None:
    name, pool = ("UserPoolId",), {"UserPoolId": "the-name-of-a-pool"}
    refusal = Rejection(
        400, "ResourceNotFoundException", "User pool the-name-of-a-pool does not exist.", pool
    )
    astray = InputVariant(passed={name: 1})
    assert [variant.passed for variant in _next("cognito-idp:DescribeUserPool", refusal, astray)] == [
        {name: 2}
    ]
    assert _next("cognito-idp:DescribeUserPool", refusal, InputVariant(passed={name: 2})) == []


def test_a_text_of_a_known_form_is_tried_in_the_other_forms() -> None:
    contract = contract_of("ecr")
    operation = contract.operation("SetRepositoryPolicy")
    sent = draft(contract.of(operation), InputVariant(), lambda place: NOTHING)
    refusal = Rejection(400, "InvalidParameterException", "Invalid repository policy provided", sent)
    texts = [
        variant.literals.get(("policyText",), "") for variant in _next("ecr:SetRepositoryPolicy", refusal)
    ]
    assert any('"Principal"' in text or '"Resource"' in text for text in texts)
    assert sent["policyText"] not in texts


def test_words_in_capitals_are_no_tags() -> None:
    refusal = Rejection(400, "InvalidParameterValue", "Could not find IAM role conformance")
    keys = [variant.keys for variant in _next("batch:CreateComputeEnvironment", refusal)]
    assert not any(keys)


def test_a_map_has_the_keys_that_its_text_gives_for_a_kind() -> None:
    refusal = Rejection(500, "", "AttributeError: 'NoneType' object has no attribute 'get'")
    kind, keys = ("AuthFlow",), ("AuthParameters",)
    variants = _next("cognito-idp:InitiateAuth", refusal)
    tried = [(variant.literals.get(kind), variant.keys.get(keys)) for variant in variants]
    assert ("USER_PASSWORD_AUTH", ("USERNAME", "PASSWORD")) in tried
    assert ("REFRESH_TOKEN", ("REFRESH_TOKEN",)) in tried
    fixed = InputVariant().saying(kind, "USER_SRP_AUTH")
    first = _next("cognito-idp:InitiateAuth", refusal, fixed)[0]
    assert (first.literals[kind], first.keys[keys]) == ("USER_SRP_AUTH", ("USERNAME", "SRP_A"))


def test_what_is_not_believed_is_set_before() -> None:
    refusal = Rejection(400, "NotAuthorizedException", "Incorrect username or password.")
    asked = InputVariant().keyed(("AuthParameters",), ("USERNAME", "PASSWORD"))
    assert _next("cognito-idp:InitiateAuth", refusal, asked)[0].gates == ("AdminSetUserPassword",)
    assert not any(variant.gates for variant in _next("cognito-idp:InitiateAuth", refusal)[:3])


def test_a_value_of_another_member_is_no_key() -> None:
    refusal = Rejection(
        400, "InvalidParameterException", "'authFlow' must be one of ['USER_SRP_AUTH', 'CUSTOM_AUTH']"
    )
    keys = [keys for variant in _next("cognito-idp:InitiateAuth", refusal) for keys in variant.keys.values()]
    assert not [key for names in keys for key in names if key in ("authFlow", "USER_SRP_AUTH", "CUSTOM_AUTH")]


def test_a_key_that_is_refused_gets_another_candidate() -> None:
    sent: dict[str, Any] = {"RequestItems": {"arn:aws:dynamodb:us-east-1:1:table/x": {"Keys": [{}]}}}
    message = "1 validation error detected: Value '...' at 'requestItems' failed: Map keys must be shorter"
    refusal = Rejection(400, "ValidationException", message, sent)
    passed = [variant.passed for variant in _next("dynamodb:BatchGetItem", refusal)]
    assert {("RequestItems", "#"): 1} in passed
    elsewhere = Rejection(400, "ValidationException", "ReturnConsumedCapacity is odd", sent)
    assert not any(variant.passed for variant in _next("dynamodb:BatchGetItem", elsewhere))


def test_a_bound_that_the_model_lacks_is_respected() -> None:
    message = (
        "2 validation errors detected: Value '0' at 'retentionPeriodHours' failed to satisfy constraint: "
        "Member must have value greater than or equal to 24; Value null at 'streamName' failed to satisfy "
        "constraint: Member must have length at least 3"
    )
    sent = {"RetentionPeriodHours": 0}
    refusal = Rejection(400, "ValidationException", message, sent)
    variants = _next("kinesis:IncreaseStreamRetentionPeriod", refusal)
    said = [variant.literals.get(("RetentionPeriodHours",)) for variant in variants]
    assert 24 in said
    # The other bound is another member's.
    assert 3 not in said


@pytest.mark.parametrize(
    ("node", "text", "sent", "values"),
    [
        (IntegerNode(0, 10**6), "must be between 24 and 8760", 0, (24,)),
        (IntegerNode(0, 10**6), "it is not less than 60", 0, (60,)),
        (IntegerNode(0, 10**6), "it must be greater than 60", 0, (61,)),
        (IntegerNode(0, 10**6), "the maximum is 5, and it is a multiple of 4", 9, (5, 4)),
        (IntegerNode(0, 10**6), "it must be less than 9", 9, (8,)),
        (IntegerNode(0, 20), "it must be at least 24", 0, ()),
        (
            IntegerNode(0, 10**6),
            "Minimum allowed retention period is 24 hours; (1 hours) is short",
            1,
            (24,),
        ),
        (StringNode(None, 0, None), "length must be at least 8 characters", "abc", ("abcabcab",)),
        (StringNode(None, 0, None), "no longer than 2", "abc", ("ab",)),
        (StringNode(None, 0, None), "it is not found", "abc", ()),
        (BooleanNode(), "at least 1", True, ()),
    ],
)
def test_bounds_that_texts_tell(node: Node, text: str, sent: object, values: tuple[object, ...]) -> None:
    assert bounded_values(node, text, sent) == values


def test_places_lie_so_deep_however_many_lists_lead_there() -> None:
    contract = contract_of("ec2")
    operation = contract.of(contract.operation("RunInstances"))
    depths = {
        deepest: {tuple(part for part in place.path if part != "*") for place in places(operation, deepest)}
        for deepest in (1, 2, 3)
    }
    for deepest, paths in depths.items():
        assert max(map(len, paths)) == deepest
    # Two lists and three members.
    assert ("NetworkInterfaces", "PrivateIpAddresses", "PrivateIpAddress") in depths[3]
    assert ("NetworkInterfaces", "PrivateIpAddresses") in depths[2]
