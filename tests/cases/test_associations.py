# SPDX-License-Identifier: Apache-2.0
"""Which additions of services are looked at, from which side, and what is sent for it."""

from __future__ import annotations

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.oracles.association_looks import adds, looks_of, remover_of, shown_at
from aws_conformance.cases.oracles.associations import Association, associations_of, set_at
from aws_conformance.cases.oracles.scripts import scripts_for
from aws_conformance.spec.botocore import load_service

FROM = "$from"


def _association(service: str, addition: str) -> Association:
    associations = associations_of(contract_of(service, None))
    return next(association for association in associations if association.addition.name == addition)


@pytest.mark.parametrize(
    ("service", "addition", "shown"),
    [
        (
            "iam",
            "AttachRolePolicy",
            {
                "ListAttachedRolePolicies": ("PolicyArn", "AttachedPolicies.*.PolicyArn"),
                "ListEntitiesForPolicy": ("RoleName", "PolicyRoles.*.RoleName"),
            },
        ),
        # A client is nothing that anybody makes.
        (
            "iam",
            "AddClientIDToOpenIDConnectProvider",
            {"GetOpenIDConnectProvider": ("ClientID", "ClientIDList.*")},
        ),
        # What is asked for by a list of names, and shown in a list of its own within what is asked for.
        (
            "ec2",
            "AttachInternetGateway",
            {"DescribeInternetGateways": ("VpcId", "InternetGateways.*.Attachments.*.VpcId")},
        ),
        # An element of a list of structures.
        (
            "elbv2",
            "RegisterTargets",
            {"DescribeTargetHealth": ("Targets.0.Id", "TargetHealthDescriptions.*.Target.Id")},
        ),
        # The network of a group is another matter than those that it was added to.
        ("ec2", "AssociateSecurityGroupVpc", {}),
        # Whoever is enabled was there before.
        ("cognito-idp", "AdminEnableUser", {}),
        (
            "servicecatalog",
            "AssociateProductWithPortfolio",
            {"ListPortfoliosForProduct": ("PortfolioId", "PortfolioDetails.*.Id")},
        ),
    ],
)
def test_what_was_added_is_looked_for_where_the_model_shows_it(
    service: str, addition: str, shown: dict[str, tuple[str, str]]
) -> None:
    loaded = load_service(service)
    looks = looks_of(loaded, loaded.operations[addition])
    first = {look.operation.name: (look.element, ".".join(look.paths[0])) for look in reversed(looks)}
    assert {name: first[name] for name in shown} == shown
    assert shown or not first


@pytest.mark.parametrize(
    ("service", "addition", "removal"),
    [
        ("iam", "AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"),
        ("elb", "RegisterInstancesWithLoadBalancer", "DeregisterInstancesFromLoadBalancer"),
        ("events", "PutTargets", "RemoveTargets"),
        ("codeguruprofiler", "AddNotificationChannels", "RemoveNotificationChannel"),
        ("cognito-idp", "AddCustomAttributes", None),
    ],
)
def test_what_adds_has_an_inverse_by_its_name(service: str, addition: str, removal: str | None) -> None:
    remover = remover_of(load_service(service), addition)
    assert (remover.name if remover else None) == removal


def test_tags_are_looked_at_apart() -> None:
    assert not adds("AddTagsToResource")
    assert not adds("CreateGroup")
    assert adds("AssociateTagOptionWithResource")


def test_what_takes_off_is_sent_what_the_addition_was() -> None:
    association = _association("events", "PutTargets")
    assert association.remover is not None
    assert association.remover.template["Ids"] == [{FROM: "create.$in.Targets.0.Id"}]
    assert association.exact


def test_what_has_an_identifier_of_its_own_is_taken_off_by_that() -> None:
    association = _association("ec2", "AttachNetworkInterface")
    assert association.remover is not None
    assert association.remover.template == {"AttachmentId": {FROM: "create.AttachmentId"}}
    assert not association.exact


def test_what_may_be_left_out_is_sent_where_nothing_has_to_be() -> None:
    """What adds a thing to a group is told both, by name and by ARN, and has to be told neither."""
    template = _association("iot", "AddThingToBillingGroup").family.template
    assert template["thingName"] == {FROM: "CreateThing.thingName"}
    assert template["billingGroupName"] == {FROM: "CreateBillingGroup.billingGroupName"}


def test_a_second_thing_is_beside_the_first_in_all_else() -> None:
    contract = contract_of("iot", None)
    scripts = scripts_for(contract.of(contract.operation("RemoveThingFromBillingGroup")))
    script = next(script for script in scripts if script.info.title.startswith("of two"))
    other = next(move for move in script.moves if move.label == "other")
    assert other.input["thingName"] == {FROM: "another.thingName"}
    assert other.input["billingGroupName"] == {FROM: "create.$in.billingGroupName"}


def test_a_side_that_may_be_left_out_is_sent_if_anything_makes_it() -> None:
    template = _association("ec2", "AssociateRouteTable").family.template
    assert template["SubnetId"] == {FROM: "CreateSubnet.Subnet.SubnetId"}
    assert "GatewayId" not in template


def test_resources_have_stories_of_their_own() -> None:
    """What a family shows and takes away is no association as well."""
    names = {
        association.addition.name for association in associations_of(contract_of("servicediscovery", None))
    }
    assert "RegisterInstance" not in names


@pytest.mark.parametrize(
    ("document", "steps", "expected"),
    [
        ({"A": 1}, ["B"], {"A": 1, "B": "x"}),
        ({}, ["B", "0", "C"], {"B": [{"C": "x"}]}),
        ({"B": [{"C": "y", "D": 1}, 2]}, ["B", "0", "C"], {"B": [{"C": "x", "D": 1}, 2]}),
    ],
)
def test_a_value_is_put_where_nothing_is_yet(document: object, steps: list[str], expected: object) -> None:
    assert set_at(document, steps, "x") == expected


def test_what_is_shown_is_walked_as_far_as_it_is_what_the_model_says() -> None:
    document = {"A": [{"B": "x"}, {"B": 1}, None, {"B": "y"}], "C": "no list"}
    assert [shown.value for shown in shown_at(document, ("A", "*", "B"))] == ["x", "y"]
    assert list(shown_at(document, ("C", "*"))) == []
