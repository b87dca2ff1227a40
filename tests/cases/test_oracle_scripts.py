# SPDX-License-Identifier: Apache-2.0
"""What scripts of oracles tell and ask for, by the models of services."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.oracles.families import Family, families_of
from aws_conformance.cases.oracles.scripts import scripts_for
from aws_conformance.cases.oracles.tagging import creation_tags, tags_within
from aws_conformance.cases.oracles.values import changes
from aws_conformance.cases.oracles.words import plain
from aws_conformance.spec.botocore import load_service

TAGS = {"first": "a value", "second": "another"}


def _family(service: str, creator: str) -> Family:
    families = families_of(contract_of(service, None))
    return next(family for family in families if family.creator.name == creator)


@pytest.mark.parametrize(
    ("service", "creator", "asks"),
    [
        ("logs", "CreateLogGroup", {"logGroupNamePrefix": {"$from": "create.$in.logGroupName"}}),
        (
            "secretsmanager",
            "CreateSecret",
            {"Filters": [{"Key": "name", "Values": [{"$from": "create.Name"}]}]},
        ),
        (
            "ecr",
            "CreateRepository",
            {"repositoryNames": [{"$from": "create.repository.repositoryName"}]},
        ),
        ("kafka", "CreateCluster", {"ClusterNameFilter": {"$from": "create.$in.ClusterName"}}),
        ("redshift", "CreateCluster", {"TagKeys": ["first"]}),
        # Within a structure, by what the creator is told within another.
        ("glue", "CreateConnection", {"Filter": {"ConnectionType": "JDBC"}}),
        # Several values of an enumeration of which the creator is told one.
        ("sesv2", "PutSuppressedDestination", {"Reasons": ["BOUNCE"]}),
    ],
)
def test_a_list_is_asked_for_the_first_of_two(service: str, creator: str, asks: Any) -> None:
    lists = _family(service, creator).lists
    assert asks in [narrowing.asks for listing in lists for narrowing in listing.narrowings]


def test_no_list_is_asked_for_what_is_of_who_asks() -> None:
    """`CallAs` says as whom a request is made, and nothing shows it."""
    lists = _family("cloudformation", "CreateStackSet").lists
    assert lists
    assert not [
        narrowing for listing in lists for narrowing in listing.narrowings if "CallAs" in narrowing.asks
    ]


def test_what_something_hangs_on_is_no_name_of_it() -> None:
    assert "parentId" not in _family("apigateway", "CreateResource").naming


@pytest.mark.parametrize(
    ("service", "operation", "facets"),
    [
        # By the state that reading one deployment shows.
        ("codedeploy", "ListDeployments", ["includeOnlyStatuses"]),
        # By two words of which one denies the other.
        ("ecr", "ListImages", ["filter.tagStatus"]),
        ("iam", "ListVirtualMFADevices", ["AssignmentStatus"]),
        # A state that nothing shows may be no state: an order, a choice of what is told.
        ("sagemaker", "ListModels", []),
    ],
)
def test_a_list_is_asked_for_states_that_exclude_each_other(
    service: str, operation: str, facets: list[str]
) -> None:
    contract = contract_of(service, None)
    scripts = scripts_for(contract.of(contract.operation(operation)))
    titles = [script.info.title for script in scripts if script.moves[-1].role == "facet"]
    assert titles == [f"made and asked for by {facet}" for facet in facets]


@pytest.mark.parametrize(
    ("service", "creator", "noun", "member"),
    [
        ("secretsmanager", "CreateSecret", "Secret", "Tags"),
        ("sqs", "CreateQueue", "Queue", "tags"),
        ("s3", "CreateBucket", "Bucket", "CreateBucketConfiguration"),
    ],
)
def test_tags_have_the_form_of_the_creator(service: str, creator: str, noun: str, member: str) -> None:
    loaded = load_service(service)
    name, value = creation_tags(loaded, loaded.operations[creator], noun, TAGS) or ("", None)
    assert (name, tags_within({name: value})) == (member, TAGS)


@pytest.mark.parametrize(
    ("service", "creator", "reader", "sources"),
    [
        # All texts of this service are of one shape.
        (
            "apigatewayv2",
            "CreateIntegration",
            "GetIntegration",
            {"ApiId": "CreateApi.ApiId", "IntegrationId": "create.IntegrationId"},
        ),
        (
            "backup",
            "CreateBackupSelection",
            "GetBackupSelection",
            {"BackupPlanId": "CreateBackupPlan.BackupPlanId", "SelectionId": "create.SelectionId"},
        ),
        (
            "cognito-idp",
            "CreateUserPoolClient",
            "DescribeUserPoolClient",
            {"UserPoolId": "CreateUserPool.UserPool.Id", "ClientId": "create.UserPoolClient.ClientId"},
        ),
    ],
)
def test_what_a_creator_shows_by_name_is_its_own(
    service: str, creator: str, reader: str, sources: dict[str, str]
) -> None:
    family = next(item for item in families_of(contract_of(service)) if item.creator.name == creator)
    related = next(item for item in family.readers if item.name == reader)
    assert related.template == {name: {"$from": source} for name, source in sources.items()}


def test_no_token_of_a_page_is_taken_for_what_has_its_shape() -> None:
    family = next(
        item for item in families_of(contract_of("backup")) if item.creator.name == "CreateBackupSelection"
    )
    (listing,) = family.lists
    assert set(listing.template) == {"BackupPlanId"}


@pytest.mark.parametrize(
    ("service", "creator", "deleter", "source"),
    [
        ("batch", "RegisterJobDefinition", "DeregisterJobDefinition", "jobDefinitionArn"),
        ("ecs", "RegisterTaskDefinition", "DeregisterTaskDefinition", "taskDefinition.taskDefinitionArn"),
        # One of a name: the name tells it.
        ("batch", "CreateJobQueue", "DeleteJobQueue", "$in.jobQueueName"),
    ],
)
def test_a_revision_is_taken_away_by_its_arn(service: str, creator: str, deleter: str, source: str) -> None:
    family = next(item for item in families_of(contract_of(service)) if item.creator.name == creator)
    related = next(item for item in family.deleters if item.name == deleter)
    assert list(related.template.values()) == [{"$from": f"create.{source}"}]


def test_every_member_has_its_turn_before_any_has_its_next() -> None:
    contract = contract_of("dynamodb", None)
    operation = contract.operation("CreateTable")
    choices = list(changes(contract.of(operation), frozenset({"TableName"})))
    members = {change.member for change in choices}
    assert {change.member for change in choices[: len(members)]} == members
    assert [change.value for change in choices if change.member == "TableClass"] == [
        "STANDARD_INFREQUENT_ACCESS",
        "STANDARD",
    ]
    assert {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 7} in [change.value for change in choices]


def test_settings_that_nobody_makes_are_put() -> None:
    family = _family("dynamodb", "UpdateContinuousBackups")
    assert [reader.name for reader in family.readers] == ["DescribeContinuousBackups"]


@pytest.mark.parametrize(
    ("several", "single"),
    [
        ("Aliases", "alias"),
        ("EventBuses", "eventbus"),
        ("Databases", "database"),
        ("Policies", "policy"),
        ("Addresses", "address"),
        ("Queues", "queue"),
    ],
)
def test_nouns_are_compared_in_the_singular(several: str, single: str) -> None:
    assert plain(several) == plain(single) == single


@pytest.mark.parametrize(
    ("service", "creator", "reader", "asks"),
    [
        # Identifiers may be called so in small letters, or the member that asks for one as the thing is.
        ("apigateway", "CreateUsagePlan", "GetUsagePlan", {"usagePlanId": "create.id"}),
        ("apigateway", "CreateApiKey", "GetApiKey", {"apiKey": "create.id"}),
        ("ecs", "CreateTaskSet", "DeleteTaskSet", {"taskSet": "create.taskSet.id"}),
        # What asks for an identifier may have the shape of a name, and a version is a number.
        ("appconfig", "CreateApplication", "GetApplication", {"ApplicationId": "create.Id"}),
        (
            "appconfig",
            "CreateHostedConfigurationVersion",
            "GetHostedConfigurationVersion",
            {"VersionNumber": "create.VersionNumber"},
        ),
        # What is started is looked at as what is created.
        ("stepfunctions", "StartExecution", "DescribeExecution", {"executionArn": "create.executionArn"}),
    ],
)
def test_readers_ask_by_what_the_creator_shows(service: str, creator: str, reader: str, asks: Any) -> None:
    related = {related.name: related.template for related in _family(service, creator).related}
    assert {name: item["$from"] for name, item in related[reader].items() if name in asks} == asks


@pytest.mark.parametrize(
    ("service", "creator", "describer", "asks"),
    [
        ("ecs", "CreateCluster", "DescribeClusters", {"clusters": ["create.$in.clusterName"]}),
        ("ec2", "CreateVolume", "DescribeVolumes", {"VolumeIds": ["create.VolumeId"]}),
        ("codebuild", "CreateProject", "BatchGetProjects", {"names": ["create.project.name"]}),
        # What its creator shows in a list of one.
        (
            "elbv2",
            "CreateLoadBalancer",
            "DescribeLoadBalancers",
            {"LoadBalancerArns": ["create.LoadBalancers.0.LoadBalancerArn"]},
        ),
        # A member that is called as the thing asks for its identifier, and not for a name that others have.
        ("batch", "SubmitJob", "DescribeJobs", {"jobs": ["create.jobId"]}),
        # One list of several kinds.
        ("cloudwatch", "PutMetricAlarm", "DescribeAlarms", {"AlarmNames": ["create.$in.AlarmName"]}),
    ],
)
def test_a_list_that_describes_is_asked_for_the_new_thing(
    service: str, creator: str, describer: str, asks: Any
) -> None:
    described = {related.name: related.template for related in _family(service, creator).describers}
    shown = {
        name: [symbol["$from"] for symbol in item]
        for name, item in described[describer].items()
        if isinstance(item, list) and isinstance(item[0], dict)
    }
    assert shown == asks


@pytest.mark.parametrize(
    ("service", "creator", "updater"),
    [("logs", "CreateLogGroup", "PutRetentionPolicy"), ("kinesis", "CreateStream", "UpdateShardCount")],
)
def test_a_change_by_another_name_is_of_what_its_input_names(
    service: str, creator: str, updater: str
) -> None:
    assert updater in [related.name for related in _family(service, creator).updaters]


def test_the_reference_of_a_caller_is_new_each_time() -> None:
    contract = contract_of("route53", None)
    scripts = scripts_for(contract.of(contract.operation("CreateHostedZone")))
    moves = next(script.moves for script in scripts if script.info.title == "made twice under one name")
    again = next(move for move in moves if move.role == "again")
    assert moves[0].input["CallerReference"] == {"$name": "callerreference"}
    assert again.input["CallerReference"] == {"$from": "create.$in.CallerReference"}


def test_filters_that_only_the_text_of_a_member_names_are_asked_for() -> None:
    volumes = next(item for item in _family("ec2", "CreateVolume").lists if item.name == "DescribeVolumes")
    by_label = {narrowing.label: narrowing for narrowing in volumes.narrowings}
    encrypted = by_label["Filters encrypted"]
    assert encrypted.asks == {"Filters": [{"Name": "encrypted", "Values": ["true"]}]}
    assert (encrypted.first, encrypted.other) == ({"Encrypted": True}, {"Encrypted": False})
    assert "Filters tag:first" in by_label
    # What the text does not name is no filter, whatever the custom.
    addresses = next(item for item in _family("ec2", "AllocateAddress").lists)
    assert "Filters address-id" not in [narrowing.label for narrowing in addresses.narrowings]


def test_what_is_not_taken_away_under_a_condition_is_there_first() -> None:
    contract = contract_of("s3", None)
    scripts = scripts_for(contract.of(contract.operation("DeleteObject")))
    moves = next(script.moves for script in scripts if script.info.title == "not taken away for IfMatch")
    assert (moves[0].operation, moves[-1].role, moves[-1].input["IfMatch"]) == (
        "PutObject",
        "unmet",
        '"nowhere"',
    )
    assert "delete" not in {move.role for move in moves}


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("lambda", "GetFunction", {"FunctionName": {"$from": "create.FunctionArn"}}),
        # What the creator does not show, a look before shows.
        ("ssm", "GetParameters", {"Names": [{"$from": "GetParameter.Parameter.ARN"}]}),
        ("secretsmanager", "DescribeSecret", {"SecretId": {"$from": "create.$in.Name"}}),
        # An identifier may stand there, and a name may not.
        ("kms", "DescribeKey", {"KeyId": {"$from": "create.KeyMetadata.Arn"}}),
        ("stepfunctions", "DescribeStateMachine", None),
    ],
)
def test_what_documents_give_two_names_is_asked_for_by_both(service: str, operation: str, asked: Any) -> None:
    contract = contract_of(service, None)
    scripts = scripts_for(contract.of(contract.operation(operation)))
    labels = [move for script in scripts for move in script.moves if move.label == f"{operation} otherwise"]
    assert [move.input for move in labels[:1]] == ([asked] if asked else [])


def test_a_name_within_a_structure_is_a_name_of_its_own_in_every_creation() -> None:
    family = _family("glue", "CreateConnection")
    source = {"$from": "create.$in.ConnectionInput.Name"}
    assert family.naming == ("ConnectionInput.Name",)
    assert [reader.template for reader in family.readers] == [{"Name": source}]
    contract = contract_of("glue", None)
    scripts = scripts_for(contract.of(contract.operation("CreateConnection")))
    called = [
        move.input["ConnectionInput"]["Name"]
        for script in scripts
        for move in script.moves
        if move.role in ("create", "again") and isinstance(move.input.get("ConnectionInput"), dict)
    ]
    assert [name for name in called if name not in (source, {"$name": "name"})] == []
    assert source in called


@pytest.mark.parametrize(
    ("service", "creator", "naming"),
    [
        # It names a run before that is to be repeated.
        ("glue", "StartJobRun", ()),
        ("stepfunctions", "StartExecution", ("name",)),
    ],
)
def test_what_starts_is_not_called_by_what_ran_before(
    service: str, creator: str, naming: tuple[str, ...]
) -> None:
    assert _family(service, creator).naming == naming


def test_lists_are_held_to_what_the_creator_was_sent() -> None:
    contract = contract_of("stepfunctions", None)
    scripts = scripts_for(contract.of(contract.operation("ListStateMachines")))
    told = [script for script in scripts if script.info.title == "told /type and listed by ListStateMachines"]
    assert [(script.moves[0].input["type"], script.moves[-1].role) for script in told] == [
        ("EXPRESS", "list")
    ]


@pytest.mark.parametrize(
    ("service", "creator", "action", "asks"),
    [
        ("secretsmanager", "CreateSecret", "RotateSecret", {"SecretId": {"$from": "create.ARN"}}),
        ("glue", "CreateCrawler", "StartCrawler", {"Name": {"$from": "create.$in.Name"}}),
        (
            "cognito-idp",
            "AdminCreateUser",
            "AdminDisableUser",
            {
                "UserPoolId": {"$from": "CreateUserPool.UserPool.Id"},
                "Username": {"$from": "create.User.Username"},
            },
        ),
    ],
)
def test_what_is_done_with_a_thing_names_it(service: str, creator: str, action: str, asks: Any) -> None:
    actions = {action.name: action.template for action in _family(service, creator).actions}
    assert actions[action] == asks
    contract = contract_of(service, None)
    titles = [script.info.title for script in scripts_for(contract.of(contract.operation(action)))]
    assert "used after it was taken away" in titles


@pytest.mark.parametrize(
    ("service", "creator", "other"),
    [
        # What takes something off may do so in vain.
        ("secretsmanager", "CreateSecret", "CancelRotateSecret"),
        ("cognito-idp", "AdminCreateUser", "AdminRemoveUserFromGroup"),
        # Another thing is named as well, which may be missing.
        ("ecs", "CreateCluster", "AssociateGatewayWithCluster"),
        # There is no error for what is not there.
        ("cloudwatch", "PutMetricAlarm", "EnableAlarmActions"),
    ],
)
def test_what_may_be_asked_in_vain_is_not_asked(service: str, creator: str, other: str) -> None:
    assert other not in {action.name for action in _family(service, creator).actions}


@pytest.mark.parametrize(
    ("service", "creator", "reader", "parts"),
    [
        ("ecs", "RegisterTaskDefinition", "DescribeTaskDefinition", ["TAGS"]),
        ("ecs", "CreateExpressGatewayService", "DescribeExpressGatewayService", ["TAGS"]),
    ],
)
def test_looks_ask_for_what_is_shown_on_request_alone(
    service: str, creator: str, reader: str, parts: list[str]
) -> None:
    readers = {related.name: related.template for related in _family(service, creator).readers}
    assert readers[reader]["include"] == parts


@pytest.mark.parametrize(
    ("service", "creator", "reader", "switches"),
    [
        ("apigateway", "CreateApiKey", "GetApiKey", {"includeValue"}),
        ("glue", "CreateWorkflow", "GetWorkflow", {"IncludeGraph"}),
        # What is included here is no member: it is what was taken away.
        ("rds", "CreateDBCluster", "DescribeDBClusters", set()),
    ],
)
def test_looks_switch_on_what_is_shown_on_request_alone(
    service: str, creator: str, reader: str, switches: set[str]
) -> None:
    family = _family(service, creator)
    templates = {related.name: related.template for related in (*family.readers, *family.lists)}
    assert {name for name, item in templates[reader].items() if item is True} == switches


def test_what_something_is_put_into_is_not_its_name() -> None:
    assert _family("apigateway", "CreateResource").naming == ()


@pytest.mark.parametrize(
    ("service", "creator"),
    [("acm", "RequestCertificate"), ("ec2", "RunInstances"), ("acm", "ImportCertificate")],
)
def test_what_can_be_imported_can_be_asked_for_as_well(service: str, creator: str) -> None:
    family = _family(service, creator)
    assert family.lists or family.readers


def test_a_start_of_things_that_are_there_makes_none() -> None:
    creators = {family.creator.name for family in families_of(contract_of("ec2", None))}
    assert "RunInstances" in creators
    assert "StartInstances" not in creators


@pytest.mark.parametrize(
    ("service", "creator", "reader", "deleters"),
    [
        ("ecr", "PutRegistryPolicy", "GetRegistryPolicy", ["DeleteRegistryPolicy"]),
        ("iam", "UpdateAccountPasswordPolicy", "GetAccountPasswordPolicy", ["DeleteAccountPasswordPolicy"]),
        ("sns", "SetSMSAttributes", "GetSMSAttributes", []),
    ],
)
def test_settings_of_the_account_are_put_and_read(
    service: str, creator: str, reader: str, deleters: list[str]
) -> None:
    family = _family(service, creator)
    assert [related.name for related in family.readers] == [reader]
    assert [related.name for related in family.deleters] == deleters


def test_what_may_be_asked_by_a_name_is_no_setting_of_the_account() -> None:
    assert _family("glue", "PutResourcePolicy").readers == ()


def test_a_token_that_has_to_be_sent_is_new_each_time() -> None:
    assert _family("efs", "CreateFileSystem").template["CreationToken"] == {"$name": "creationtoken"}


def test_what_belongs_to_a_name_is_not_changed_in_a_second_creation_of_it() -> None:
    contract = contract_of("wafv2", None)
    scripts = scripts_for(contract.of(contract.operation("CreateIPSet")))
    scopes = {
        str(move.input["Scope"])
        for script in scripts
        if script.info.title.startswith("made twice")
        for move in script.moves
        if move.role in ("create", "again")
    }
    assert len(scopes) == 1


def test_what_says_how_much_there_is_says_so() -> None:
    contract = contract_of("cloudfront", None)
    every = changes(contract.of(contract.operation("CreateDistribution")), frozenset())
    (change,) = (
        change
        for change in every
        if change.pointer == "/DistributionConfig/OriginGroups" and "something" in change.label
    )
    groups = change.value["OriginGroups"]
    assert groups["Quantity"] == len(groups.get("Items", []))
