# SPDX-License-Identifier: Apache-2.0
"""A second choice of mended bugs for confirm_bugs.py, written down before the kit was first run on them.

As those of blind_bugs.py they come from tests that moto 5.2.5 has and 5.1.11 has not; each tells with boto3
alone whether a server is right.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from blind_bugs import Client, is_refused

LATER_BUGS: list[Callable[[Client], bool]] = []


def later(confirm: Callable[[Client], bool]) -> Callable[[Client], bool]:
    """Adds a function that tells whether a server is right."""
    LATER_BUGS.append(confirm)
    return confirm


@later
def acm_key_types(client: Client) -> bool:
    acm = client("acm")
    arn = acm.request_certificate(DomainName="example.com")["CertificateArn"]
    shown = acm.list_certificates(Includes={"keyTypes": ["RSA_1024"]})["CertificateSummaryList"]
    return arn not in [certificate["CertificateArn"] for certificate in shown]


@later
def ec2_multi_attach(client: Client) -> bool:
    ec2 = client("ec2")
    sent = {"AvailabilityZone": "us-east-1a", "Size": 10, "VolumeType": "io1", "Iops": 300}
    volume = ec2.create_volume(**sent, MultiAttachEnabled=True)["VolumeId"]
    return bool(ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0].get("MultiAttachEnabled"))


@later
def ec2_template_versions(client: Client) -> bool:
    ec2 = client("ec2")
    try:
        ec2.describe_launch_template_versions(LaunchTemplateId="lt-07ff4bb0369cd679c")
    except ec2.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] == "InvalidLaunchTemplateId.NotFound")
    return False


@later
def events_rule_names_twice(client: Client) -> bool:
    events, arn = client("events"), "arn:aws:lambda:us-east-1:123456789012:function:test"
    events.put_rule(Name="twice", EventPattern='{"source": ["a"]}')
    events.put_targets(Rule="twice", Targets=[{"Id": name, "Arn": arn} for name in ("first", "second")])
    return bool(events.list_rule_names_by_target(TargetArn=arn)["RuleNames"] == ["twice"])


@later
def s3_delete_if_match(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="delete-if-match")
    s3.put_object(Bucket="delete-if-match", Key="a", Body=b"a")
    return is_refused(s3.delete_object, Bucket="delete-if-match", Key="a", IfMatch="nowhere")


@later
def ssm_parameters_by_arn(client: Client) -> bool:
    ssm = client("ssm")
    ssm.put_parameter(Name="/by/arn", Value="a", Type="String")
    arn = ssm.get_parameter(Name="/by/arn")["Parameter"]["ARN"]
    return len(ssm.get_parameters(Names=[arn])["Parameters"]) == 1


@later
def states_listed_type(client: Client) -> bool:
    states = client("stepfunctions")
    role = client("iam").create_role(RoleName="states-listed", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    states.create_state_machine(name="listed-type", definition=definition, roleArn=role, type="EXPRESS")
    shown = states.list_state_machines()["stateMachines"]
    return [machine["type"] for machine in shown if machine["name"] == "listed-type"] == ["EXPRESS"]


@later
def cloudformation_summary(client: Client) -> bool:
    stacks = client("cloudformation")
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    return "Version" not in stacks.get_template_summary(TemplateBody=body)


@later
def dynamodb_new_attributes(client: Client) -> bool:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="new-attributes",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    shown = dynamodb.put_item(TableName="new-attributes", Item={"k": {"S": "a"}}, ReturnValues="ALL_OLD")
    return "Attributes" not in shown


@later
def kms_mac_by_alias(client: Client) -> bool:
    kms = client("kms")
    key = kms.create_key(KeySpec="HMAC_512", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/mac", TargetKeyId=key)
    sent = {"KeyId": "alias/mac", "MacAlgorithm": "HMAC_SHA_512", "Message": b"a"}
    return "Mac" in kms.generate_mac(**sent)


@later
def secretsmanager_batch_deleted(client: Client) -> bool:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="batch-deleted", SecretString="a")
    secrets.delete_secret(SecretId="batch-deleted")
    shown = secrets.batch_get_secret_value(SecretIdList=["batch-deleted"])
    return [error["SecretId"] for error in shown["Errors"]] == ["batch-deleted"]


@later
def cloudwatch_actions_of_nothing(client: Client) -> bool:
    return not is_refused(client("cloudwatch").disable_alarm_actions, AlarmNames=["nowhere"])


@later
def glue_workflow_of_nothing(client: Client) -> bool:
    return not is_refused(client("glue").delete_workflow, Name="nowhere")


@later
def cloudformation_resources_updated(client: Client) -> bool:
    stacks = client("cloudformation")
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    stacks.create_stack(StackName="resources-updated", TemplateBody=body)
    shown = stacks.list_stack_resources(StackName="resources-updated")["StackResourceSummaries"]
    return all("LastUpdatedTimestamp" in resource for resource in shown)


@later
def cloudformation_instances_of_nothing(client: Client) -> bool:
    stacks = client("cloudformation")
    stacks.create_stack_set(StackSetName="instances", TemplateBody='{"Resources": {}}')
    sent = {"StackSetName": "instances", "Accounts": ["123456789012"], "Regions": ["eu-west-1"]}
    try:
        stacks.update_stack_instances(**sent)
    except stacks.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] == "StackInstanceNotFoundException")
    return False


@later
def glue_connections_filter(client: Client) -> bool:
    glue = client("glue")
    properties = {"JDBC_CONNECTION_URL": "jdbc:a"}
    for name, kind in (("filter-jdbc", "JDBC"), ("filter-kafka", "KAFKA")):
        sent = {"Name": name, "ConnectionType": kind, "ConnectionProperties": properties}
        glue.create_connection(ConnectionInput=sent)
    shown = glue.get_connections(Filter={"ConnectionType": "KAFKA"})["ConnectionList"]
    return [connection["Name"] for connection in shown] == ["filter-kafka"]


@later
def dynamodb_select(client: Client) -> bool:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="select",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    sent = {"TableName": "select", "Select": "SPECIFIC_ATTRIBUTES"}
    return is_refused(dynamodb.scan, **sent)


@later
def glue_password_hidden(client: Client) -> bool:
    glue = client("glue")
    properties = {"JDBC_CONNECTION_URL": "jdbc:a", "PASSWORD": "a"}
    sent = {"Name": "hidden", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    glue.create_connection(ConnectionInput=sent)
    shown = glue.get_connection(Name="hidden", HidePassword=True)["Connection"]
    return "PASSWORD" not in shown["ConnectionProperties"]


@later
def s3_bucket_region(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket-region")
    return not s3.list_buckets(BucketRegion="eu-west-1")["Buckets"]
