# SPDX-License-Identifier: Apache-2.0
"""Where what was told has to be shown, whatever the place is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.cases.oracles.tagging import has_tags, tags_sent, tags_within
from aws_conformance.cases.oracles.words import Role
from aws_conformance.checks.oracles.facts import dates_advance, unique
from aws_conformance.checks.oracles.filtering import filtered, replayed
from aws_conformance.checks.oracles.listing import elsewhere, listed
from aws_conformance.checks.oracles.reading import gone, identified, replaced, written
from aws_conformance.checks.oracles.story import AnsweredMove, Story
from aws_conformance.checks.oracles.tags import tagged
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.shapes import Member, StructureShape

BACKUPS = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
TAGS = [{"Key": "first", "Value": "a value"}]


def _story(service: str, noun: str, *requests: tuple[Role, str, Any, Any]) -> Story:
    loaded = load_service(service)
    moves = tuple(
        AnsweredMove(
            role,
            role,
            "create",
            loaded.operations[name],
            sent,
            frozenset(sent),
            "success",
            200,
            document=document,
            pages=(document,),
        )
        for role, name, sent, document in requests
    )
    return Story(loaded, noun, moves[0].operation, (), moves)


def _recovery(shown: Any) -> dict[str, Any]:
    recovery = {"PointInTimeRecoveryStatus": "ENABLED", **shown}
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        }
    }


@pytest.mark.parametrize(
    ("sent", "shown", "grave"),
    [
        (BACKUPS, {"RecoveryPeriodInDays": 7}, []),
        (BACKUPS, {}, [True]),
        # What is switched off may be silent about the rest.
        ({**BACKUPS, "PointInTimeRecoveryEnabled": False}, {}, [False]),
    ],
)
def test_settings_are_shown_within_a_structure_of_another_name(
    sent: Any, shown: Any, grave: list[bool]
) -> None:
    story = _story(
        "dynamodb",
        "ContinuousBackups",
        ("create", "UpdateContinuousBackups", {"PointInTimeRecoverySpecification": sent}, {}),
        ("read", "DescribeContinuousBackups", {}, _recovery(shown)),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(
    ("shown", "grave"),
    [
        ({"Type": "HTTP"}, [False]),
        ({"Type": "HTTP", "HealthThreshold": 5}, [True]),
        ({"Type": "TCP", "HealthThreshold": 256}, [True]),
    ],
)
def test_what_is_of_a_type_may_have_no_use_for_the_rest(shown: Any, grave: list[bool]) -> None:
    """A health check of an address has no threshold of healthy children."""
    config = {"Type": "HTTP", "HealthThreshold": 256}
    check = {"CallerReference": "a", "HealthCheckConfig": shown}
    story = _story(
        "route53",
        "HealthCheck",
        ("create", "CreateHealthCheck", {"CallerReference": "a", "HealthCheckConfig": config}, {}),
        ("read", "GetHealthCheck", {"HealthCheckId": "a"}, {"HealthCheck": check}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(("shown", "grave"), [({"Type": "HTTP"}, [False]), ({"HealthThreshold": 5}, [True])])
def test_what_is_of_a_type_may_have_no_use_for_what_a_change_says(shown: Any, grave: list[bool]) -> None:
    check = {"CallerReference": "a", "HealthCheckConfig": {"Type": "HTTP", **shown}}
    config = {"Type": "HTTP"}
    story = _story(
        "route53",
        "HealthCheck",
        ("create", "CreateHealthCheck", {"CallerReference": "a", "HealthCheckConfig": config}, {}),
        ("update", "UpdateHealthCheck", {"HealthCheckId": "a", "HealthThreshold": 256}, {}),
        ("read", "GetHealthCheck", {"HealthCheckId": "a"}, {"HealthCheck": check}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(
    ("sent", "shown", "grave"),
    [
        # Where the stacks are that this change is for: a set has no regions of its own.
        ({"Regions": ["a"]}, {}, [False]),
        ({"Description": "b"}, {}, [True]),
        ({"ManagedExecution": {"Active": True}}, {"ManagedExecution": {"Active": False}}, [True]),
    ],
)
def test_what_only_a_change_can_say_may_be_about_the_change(sent: Any, shown: Any, grave: list[bool]) -> None:
    story = _story(
        "cloudformation",
        "StackSet",
        ("create", "CreateStackSet", {"StackSetName": "a"}, {"StackSetId": "a:1"}),
        ("update", "UpdateStackSet", {"StackSetName": "a", **sent}, {}),
        ("read", "DescribeStackSet", {"StackSetName": "a"}, {"StackSet": {"StackSetName": "a", **shown}}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(
    ("service", "operation", "first", "second", "answer", "grave"),
    [
        # The part of a path may be what a resource is known by, and there is but one of it.
        ("apigateway", "CreateResource", ["a", ""], ["a", ""], {"id": "3rjbpir5fz", "path": "/"}, [False]),
        ("apigateway", "CreateResource", ["a", "b"], ["a", "c"], {"id": "3rjbpir5fz", "path": "/"}, [True]),
        ("kms", "CreateKey", [], [], {"KeyMetadata": {"KeyId": "1234567890"}}, [True]),
    ],
)
def test_what_is_asked_for_in_the_same_words_may_be_the_same(
    service: str, operation: str, first: Any, second: Any, answer: Any, grave: list[bool]
) -> None:
    sent = [
        {"restApiId": "x", "parentId": words[0], "pathPart": words[1]} if words else {}
        for words in (first, second)
    ]
    noun = operation.removeprefix("Create")
    story = _story(service, noun, *(("create", operation, document, answer) for document in sent))
    assert [not breach.doubtful for breach in unique(story)] == grave


@pytest.mark.parametrize(
    ("sent", "shown", "breaches"),
    [
        ("arn:aws:dynamodb:us-east-1:123456789012:table/a", "a", 0),
        ("a", "arn:aws:dynamodb:us-east-1:123456789012:table/a", 0),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/b", "a", 1),
        ("b", "a", 1),
    ],
)
def test_what_is_named_by_its_arn_may_be_shown_by_its_name(sent: str, shown: str, breaches: int) -> None:
    story = _story(
        "dynamodb",
        "Table",
        ("create", "CreateTable", {"TableName": sent}, {"TableDescription": {}}),
        ("read", "DescribeTable", {"TableName": "a"}, {"Table": {"TableName": shown}}),
    )
    assert len(list(written(story))) == breaches


@pytest.mark.parametrize(
    ("change", "doubtful"),
    [("UpdateUserPool", [False]), ("SetUserPoolMfaConfig", [True])],
)
def test_what_changes_something_else_of_it_need_not_be_a_change_of_its_own(
    change: str, doubtful: list[bool]
) -> None:
    pool = {"UserPool": {"Id": "a_b", "LastModifiedDate": 1795943951.5}}
    story = _story(
        "cognito-idp",
        "UserPool",
        ("create", "CreateUserPool", {"PoolName": "a"}, pool),
        ("read", "DescribeUserPool", {"UserPoolId": "a_b"}, pool),
        ("update", change, {"UserPoolId": "a_b"}, {}),
        ("read", "DescribeUserPool", {"UserPoolId": "a_b"}, pool),
    )
    moves = tuple(replace(move, began=10.0 * number) for number, move in enumerate(story.moves))
    breaches = dates_advance(replace(story, moves=moves))
    assert [breach.doubtful for breach in breaches] == doubtful


@pytest.mark.parametrize(
    ("kind", "shown", "grave"),
    [
        ("STANDARD_INFREQUENT_ACCESS", {"TableClass": "STANDARD_INFREQUENT_ACCESS"}, []),
        ("STANDARD_INFREQUENT_ACCESS", None, [True]),
        # What is the default may go without saying.
        ("STANDARD", None, [False]),
    ],
)
def test_a_member_may_have_its_place_further_down(kind: str, shown: Any, grave: list[bool]) -> None:
    table = {"TableName": "a", "TableClassSummary": shown}
    story = _story(
        "dynamodb",
        "Table",
        ("create", "CreateTable", {"TableClass": kind}, {"TableDescription": table}),
        ("read", "DescribeTable", {"TableName": "a"}, {"Table": table}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(
    ("sent", "grave"),
    [
        ({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}, [True]),
        # What is switched off is not there, and may go without saying.
        ({"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}}, []),
        ({"MultiRegionConsistency": "STRONG"}, [True]),
        ({"GlobalTableSettingsReplicationMode": "ENABLED"}, [True]),
        ({"GlobalTableSettingsReplicationMode": "DISABLED"}, [False]),
    ],
)
def test_what_is_off_may_go_without_saying(sent: Any, grave: list[bool]) -> None:
    story = _story(
        "dynamodb",
        "Table",
        ("create", "UpdateTable", {"TableName": "a", **sent}, {}),
        ("read", "DescribeTable", {"TableName": "a"}, {"Table": {"TableName": "a"}}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(("shown", "grave"), [({}, [False]), ({"ResolvedS3Object": {"S3Key": "b"}}, [True])])
def test_a_structure_that_is_not_there_may_be_about_something_else(shown: Any, grave: list[bool]) -> None:
    """Where a function's code was taken from is shown of code that stays where it is."""
    story = _story(
        "lambda",
        "Function",
        ("create", "UpdateFunctionCode", {"FunctionName": "a", "S3Key": "a"}, {"FunctionName": "a"}),
        (
            "read",
            "GetFunction",
            {"FunctionName": "a"},
            {"Configuration": {"FunctionName": "a"}, "Code": shown},
        ),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize(("shown", "breaches"), [({"PermissionsBoundaryArn": "arn:aws:a"}, 0), (None, 1)])
def test_a_text_may_be_shown_with_what_it_is(shown: Any, breaches: int) -> None:
    role = {"RoleName": "a", "PermissionsBoundary": shown}
    story = _story(
        "iam",
        "Role",
        ("create", "CreateRole", {"RoleName": "a", "PermissionsBoundary": "arn:aws:a"}, {"Role": role}),
        ("read", "GetRole", {"RoleName": "a"}, {"Role": role}),
    )
    assert len([breach for breach in written(story) if not breach.doubtful]) == breaches


@pytest.mark.parametrize(
    ("shown", "lost"),
    [({"Size": 7, "Tags": TAGS}, (0, 0)), ({"Size": 8, "Tags": TAGS}, (1, 0)), ({"Size": 7}, (0, 1))],
)
def test_a_list_that_describes_shows_what_was_sent(shown: Any, lost: tuple[int, int]) -> None:
    sent = {"Size": 7, "TagSpecifications": [{"ResourceType": "volume", "Tags": TAGS}]}
    story = _story(
        "ec2",
        "Volume",
        ("create", "CreateVolume", sent, {"VolumeId": "vol-1"}),
        ("list", "DescribeVolumes", {}, {"Volumes": [{"VolumeId": "vol-1", **shown}]}),
    )
    assert (len(list(written(story))), len(list(tagged(story)))) == lost


def test_a_thing_that_no_list_shows_may_have_been_asked_for_with_lists() -> None:
    """What it was made with is compared with what is asked of a list, and may be of any kind."""
    keys = [{"AttributeName": "k", "KeyType": "HASH"}]
    sent = {"TableName": "ours", "KeySchema": keys, "Tags": {"Key": "a"}}
    story = _story(
        "dynamodb",
        "Table",
        ("create", "CreateTable", sent, {"TableDescription": {"TableName": "ours"}}),
        ("list", "ListTables", {}, {"TableNames": ["other"]}),
    )
    assert len(list(listed(replace(story, naming=("TableName",))))) == 1


@pytest.mark.parametrize(
    ("service", "noun", "creation", "listing", "doubtful"),
    [
        # Asked for none, ECS shows the cluster that is called default.
        (
            "ecs",
            "Cluster",
            ("CreateCluster", {"clusterName": "ours"}, {"cluster": {"clusterName": "ours"}}),
            ("DescribeClusters", {"clusters": [{"clusterName": "default"}]}),
            True,
        ),
        (
            "ec2",
            "Volume",
            ("CreateVolume", {"AvailabilityZone": "a"}, {"VolumeId": "vol-0123456789abcdef0"}),
            ("DescribeVolumes", {"Volumes": [{"VolumeId": "vol-0123456789abcdef1"}]}),
            False,
        ),
    ],
)
def test_a_list_that_is_asked_for_none_may_have_one_that_is_meant(
    service: str, noun: str, creation: Any, listing: Any, doubtful: bool
) -> None:
    create, list_all = creation[0], listing[0]
    story = _story(service, noun, ("create", create, *creation[1:]), ("list", list_all, {}, listing[1]))
    (breach,) = listed(replace(story, naming=("clusterName",)))
    assert breach.doubtful is doubtful


def _listed(first: bool, other: bool, again: bool) -> Story:
    """A deployment that a list shows or not, asked for one state, for another, and for the first."""
    requests: list[tuple[Role, str, Any, Any]] = [
        ("create", "CreateDeployment", {"applicationName": "a"}, {"deploymentId": "d-ABCDEF123"})
    ]
    for state, shown in (("Created", first), ("Queued", other), ("Created", again)):
        sent = {"applicationName": "a", "includeOnlyStatuses": [state]}
        requests.append(("facet", "ListDeployments", sent, {"deployments": ["d-ABCDEF123"] * shown}))
    return _story("codedeploy", "Deployment", *requests)


@pytest.mark.parametrize(
    ("shown", "places"),
    [
        ((True, True, True), [("(asked for by includeOnlyStatuses)",)]),
        ((True, False, True), []),
        # It may have gone on to the other state in between.
        ((True, True, False), []),
        ((False, True, False), []),
    ],
)
def test_nothing_is_in_two_states_at_once(shown: tuple[bool, bool, bool], places: list[Any]) -> None:
    story = _listed(*shown)
    breaches = list(filtered(story))
    assert [breach.path for breach in breaches] == places
    # Whoever repeats the story up to the answer that shows it asks all three questions.
    assert all(breach.shown_by is story.moves[-1] for breach in breaches)


@pytest.mark.parametrize(("tags", "places"), [([{}, {}], []), ([{"Key": "a"}], [("Clusters", 0, "Tags")])])
def test_structures_without_a_member_may_be_left_out(tags: Any, places: list[Any]) -> None:
    sent = {"ClusterIdentifier": "a", "NodeType": "b", "MasterUsername": "c", "Tags": tags}
    shown = {**sent, "Tags": []}
    story = _story(
        "redshift",
        "Cluster",
        ("create", "CreateCluster", sent, {"Cluster": shown}),
        ("list", "DescribeClusters", {}, {"Clusters": [shown]}),
    )
    story = replace(story, naming=("ClusterIdentifier",))
    assert [breach.path for breach in written(story)] == places


def test_a_creation_that_holds_lists_may_have_a_list_asked_for_its_parts() -> None:
    story = _story(
        "ecs",
        "Service",
        (
            "create",
            "CreateService",
            {"serviceName": "a", "loadBalancers": []},
            {"service": {"serviceName": "a"}},
        ),
        ("list", "ListServices", {"cluster": "b"}, {"serviceArns": []}),
    )
    breaches = list(listed(replace(story, naming=("serviceName",))))
    assert [breach.doubtful for breach in breaches] == [True]


@pytest.mark.parametrize(
    ("aliases", "doubtful"),
    # An account has one alias, and the next is there instead of it; two of three are another matter.
    [(["second"], [True]), (["third", "second"], [False]), (["other"], [False]), (["first"], [])],
)
def test_the_latest_alone_may_be_there_instead_of_the_first(aliases: list[str], doubtful: list[bool]) -> None:
    story = _story(
        "iam",
        "AccountAlias",
        ("create", "CreateAccountAlias", {"AccountAlias": "first"}, {}),
        ("create", "CreateAccountAlias", {"AccountAlias": "second"}, {}),
        ("list", "ListAccountAliases", {}, {"AccountAliases": aliases}),
    )
    story = replace(story, naming=("AccountAlias",))
    assert [breach.doubtful for breach in listed(story)] == doubtful


@pytest.mark.parametrize(
    ("zone", "breaches"),
    [
        ({"Id": "/hostedzone/Z1", "Name": "a.example.com."}, []),
        ({"Id": "/hostedzone/Z1", "Name": "b.example.com."}, [("HostedZone", "Name")] * 2),
        ({"Id": "/hostedzone/Z2", "Name": "a.example.com."}, [("HostedZone", "Id")]),
    ],
)
def test_a_zone_has_its_own_identifier_and_its_name_with_or_without_its_dot(
    zone: Any, breaches: list[Any]
) -> None:
    """Beside a zone its answers show the change that made it, and the set that serves it, each with an Id."""
    shown = {
        "HostedZone": {"Id": "/hostedzone/Z1", "Name": "a.example.com."},
        "ChangeInfo": {"Id": "/change/C1"},
    }
    story = _story(
        "route53",
        "HostedZone",
        ("create", "CreateHostedZone", {"Name": "a.example.com"}, shown),
        (
            "read",
            "GetHostedZone",
            {"Id": "/hostedzone/Z1"},
            {"HostedZone": zone, "DelegationSet": {"Id": "N1"}},
        ),
    )
    story = replace(story, naming=("Name",))
    assert [breach.path for oracle in (written, identified) for breach in oracle(story)] == breaches


@pytest.mark.parametrize(
    ("shown", "breaches"),
    # A sum may leave out what it may; the type of each is what it has to have.
    [({"type": "EXPRESS"}, 0), ({}, 1), ({"type": "STANDARD"}, 1)],
)
def test_a_list_that_sums_up_shows_what_its_elements_have_to_have(shown: Any, breaches: int) -> None:
    sent = {"name": "ours", "type": "EXPRESS", "publish": True}
    story = _story(
        "stepfunctions",
        "StateMachine",
        ("create", "CreateStateMachine", sent, {"stateMachineArn": "arn:a"}),
        ("list", "ListStateMachines", {}, {"stateMachines": [{"name": "ours", **shown}]}),
    )
    assert len(list(written(replace(story, naming=("name",))))) == breaches


@pytest.mark.parametrize(("asked", "doubtful"), [({}, True), ({"cluster": "there"}, False)])
def test_what_was_put_elsewhere_is_looked_for_there(asked: Any, doubtful: bool) -> None:
    sent = {"serviceName": "ours", "cluster": "there"}
    story = _story(
        "ecs",
        "Service",
        ("create", "CreateService", sent, {"service": {"serviceName": "ours"}}),
        ("list", "DescribeServices", {"services": ["ours"], **asked}, {"services": []}),
    )
    story = replace(story, naming=("serviceName",))
    assert [breach.doubtful for breach in listed(story)] == [doubtful]


@pytest.mark.parametrize(
    ("service", "creator", "reader", "shown", "breaches"),
    [
        ("secretsmanager", "CreateSecret", "DescribeSecret", "the second", 1),
        ("secretsmanager", "CreateSecret", "DescribeSecret", "the first", 0),
        # Nothing tells that a name may not be used twice.
        ("sns", "CreateTopic", "GetTopicAttributes", "the second", 0),
    ],
)
def test_a_second_creation_replaces_nothing(
    service: str, creator: str, reader: str, shown: str, breaches: int
) -> None:
    story = _story(
        service,
        "Secret",
        ("create", creator, {"Name": "a", "Description": "the first"}, {"Name": "a"}),
        ("read", reader, {}, {"Name": "a", "Description": "the first"}),
        ("again", creator, {"Name": "a", "Description": "the second"}, {"Name": "a"}),
        ("read", reader, {}, {"Name": "a", "Description": shown}),
    )
    assert len(list(replaced(story))) == breaches


@pytest.mark.parametrize(
    ("sent", "breaches"), [({"ValidationMethod": "DNS"}, 0), ({"KeyAlgorithm": "RSA_1024"}, 1)]
)
def test_a_structure_that_can_be_sent_itself_shows_what_it_was_sent(sent: Any, breaches: int) -> None:
    shown = {"Certificate": {"DomainName": "a.example.com", "KeyAlgorithm": "RSA_2048", "Options": {}}}
    story = _story(
        "acm",
        "Certificate",
        ("create", "RequestCertificate", {"DomainName": "a.example.com", **sent}, {"CertificateArn": "a"}),
        ("read", "DescribeCertificate", {"CertificateArn": "a"}, shown),
    )
    assert len(list(written(story))) == breaches


@pytest.mark.parametrize(("region", "doubtful"), [("us-east-1", False), ("", True)])
def test_what_belongs_to_no_region_may_be_in_each(region: str, doubtful: bool) -> None:
    arn = f"arn:aws:rds:{region}:123456789012:global-cluster:a"
    cluster = {"GlobalClusterIdentifier": "a", "GlobalClusterArn": arn}
    listing: tuple[str, Any, Any] = ("DescribeGlobalClusters", {}, {"GlobalClusters": [cluster]})
    story = _story(
        "rds",
        "GlobalCluster",
        ("create", "CreateGlobalCluster", {"GlobalClusterIdentifier": "a"}, {"GlobalCluster": cluster}),
        ("list", *listing),
        ("elsewhere", *listing),
    )
    assert [breach.doubtful for breach in elsewhere(story)] == [doubtful]


@pytest.mark.parametrize(
    ("sent", "shown", "grave"),
    [
        ("s3://a-bucket/", "s3://a-bucket/1.csv", [False]),
        ("s3://a-bucket/", "s3://b-bucket/1.csv", [True]),
        ("s3://a-bucket/", None, [True]),
    ],
)
def test_a_place_may_be_shown_with_what_lies_there(sent: str, shown: Any, grave: list[bool]) -> None:
    execution = {"QueryExecutionId": "a", "ResultConfiguration": {"OutputLocation": shown}}
    story = _story(
        "athena",
        "QueryExecution",
        (
            "create",
            "StartQueryExecution",
            {"QueryString": "a", "ResultConfiguration": {"OutputLocation": sent}},
            {"QueryExecutionId": "a"},
        ),
        ("read", "GetQueryExecution", {"QueryExecutionId": "a"}, {"QueryExecution": execution}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


@pytest.mark.parametrize("shown", [[], None])
@pytest.mark.parametrize(("types", "grave"), [(["", ""], [False]), (["image/png"], [True])])
def test_texts_without_a_character_may_be_left_out(types: list[str], grave: list[bool], shown: Any) -> None:
    story = _story(
        "apigateway",
        "RestApi",
        ("create", "CreateRestApi", {"name": "a", "binaryMediaTypes": types}, {"id": "a"}),
        ("read", "GetRestApi", {"restApiId": "a"}, {"id": "a", "name": "a", "binaryMediaTypes": shown}),
    )
    assert [not breach.doubtful for breach in written(story)] == grave


def test_tags_may_be_within_a_structure_of_their_own() -> None:
    pairs = {"Items": [{"Key": "first", "Value": "a value"}]}
    assert tags_within({"Tags": pairs}) == tags_sent({"Tags": pairs}) == {"first": "a value"}
    assert tags_within({"Tags": {"Items": []}}) == {}


@pytest.mark.parametrize(
    ("member", "has"),
    [("Tags", True), ("ResourceTags", True), ("TagList", True), ("ETag", False), ("eTag", False)],
)
def test_the_tag_of_an_entity_is_none(member: str, has: bool) -> None:
    assert has_tags(StructureShape("a", {member: Member(member, "b")})) is has


def test_a_name_that_nobody_has_chosen_may_be_the_same() -> None:
    story = _story(
        "appsync",
        "Type",
        ("create", "CreateType", {"apiId": "a", "definition": "b"}, {"type": {"name": "Unknown"}}),
        ("create", "CreateType", {"apiId": "a", "definition": "b"}, {"type": {"name": "Unknown"}}),
    )
    assert list(unique(story)) == []


def test_how_a_request_is_carried_out_is_not_shown() -> None:
    properties = {"attributePayload": {"merge": True}}
    story = _story(
        "iot",
        "ThingGroup",
        ("create", "CreateThingGroup", {"thingGroupName": "a", "thingGroupProperties": properties}, {}),
        (
            "read",
            "DescribeThingGroup",
            {"thingGroupName": "a"},
            {"thingGroupName": "a", "thingGroupProperties": {}},
        ),
    )
    assert list(written(story)) == []


def test_what_is_asked_for_in_part_may_not_be_found() -> None:
    sent = {"Name": "a", "Scope": "CLOUDFRONT"}
    story = _story(
        "wafv2", "WebACL", ("create", "CreateWebACL", sent, {}), ("read", "GetWebACL", {"Name": "a"}, {})
    )
    absent = replace(
        story.moves[1], kind="error", status=400, code="WAFNonexistentItemException", document=None
    )
    (breach,) = gone(replace(story, naming=("Name",), moves=(story.moves[0], absent)))
    assert breach.doubtful


@pytest.mark.parametrize(
    ("shown", "shows"), [({"MinimumPasswordLength": 7}, True), ({"MinimumPasswordLength": 6}, False)]
)
def test_a_setting_without_a_name_is_known_by_what_it_was_told(shown: Any, shows: bool) -> None:
    story = _story(
        "iam",
        "AccountPasswordPolicy",
        ("create", "UpdateAccountPasswordPolicy", {"MinimumPasswordLength": 7}, {}),
        ("read", "GetAccountPasswordPolicy", {}, {"PasswordPolicy": shown}),
    )
    assert story.shows_again() is shows


@pytest.mark.parametrize(
    ("service", "creator", "token", "code", "breaches"),
    [
        # Its documents say that this is what a second request with a token gets.
        ("efs", "CreateFileSystem", "CreationToken", "FileSystemAlreadyExists", 0),
        ("secretsmanager", "CreateSecret", "ClientRequestToken", "ResourceExistsException", 1),
    ],
)
def test_a_token_is_refused_where_documents_say_so(
    service: str, creator: str, token: str, code: str, breaches: int
) -> None:
    story = _story(service, "Thing", ("create", creator, {token: "a"}, {}))
    refused = replace(story.moves[0], role="replay", kind="error", status=409, code=code, document=None)
    assert len(list(replayed(replace(story, moves=(*story.moves, refused))))) == breaches
