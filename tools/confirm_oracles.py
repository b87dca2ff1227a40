# SPDX-License-Identifier: Apache-2.0
"""Sends again, with boto3 and nothing of this project, what docs/findings.md lists as told by oracles.

Usage: python tools/confirm_oracles.py URL
It prints a line for each finding: its name, what was asked for, and what came.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

_LIMIT = 3


def confirmations(url: str) -> Iterator[tuple[str, str, Any]]:
    """Each finding's name, what should come, and what came."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )

    kms, iam, ssm, logs, s3, cognito = map(client, ("kms", "iam", "ssm", "logs", "s3", "cognito-idp"))
    for number in range(_LIMIT):
        kms.create_key()
        iam.create_user(UserName=f"user-{number}")
        ssm.put_parameter(Name=f"parameter-{number}", Value="v", Type="String")
        s3.create_bucket(Bucket=f"conformance-{number}")
    yield "kms-page-limit", "1", len(kms.list_keys(Limit=1)["Keys"])
    yield "iam-page-limit", "1", len(iam.list_users(MaxItems=1)["Users"])
    yield "ssm-page-limit", "1", len(ssm.describe_parameters(MaxResults=1)["Parameters"])
    page = s3.list_buckets(MaxBuckets=1)
    yield "s3-pages-end-early", "a ContinuationToken", page.get("ContinuationToken")
    for _ in range(2):
        iam.upload_server_certificate(ServerCertificateName="c", CertificateBody="b", PrivateKey="k")
    certificates = iam.list_server_certificates()["ServerCertificateMetadataList"]
    yield "iam-two-of-a-name", "one", len(certificates)
    metadata = "m" * 1000
    provider = iam.create_saml_provider(
        Name="saml", SAMLMetadataDocument=metadata, Tags=[{"Key": "a", "Value": "b"}]
    )
    shown = iam.get_saml_provider(SAMLProviderArn=provider["SAMLProviderArn"])
    yield "iam-tags-lost", "the tag", shown.get("Tags")
    window = ssm.create_maintenance_window(
        Name="window", Schedule="rate(1 day)", Duration=2, Cutoff=1, AllowUnassociatedTargets=True
    )
    shown = ssm.get_maintenance_window(WindowId=window["WindowId"])
    yield "ssm-setting-lost", "True", shown.get("AllowUnassociatedTargets")
    logs.create_log_group(logGroupName="group")
    transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    for number in range(_LIMIT):
        logs.put_metric_filter(
            logGroupName="group",
            filterName=f"filter-{number}",
            filterPattern="x",
            metricTransformations=[transformation],
        )
    yield "logs-page-limit", "1", len(logs.describe_metric_filters(limit=1)["metricFilters"])
    pool = cognito.create_user_pool(PoolName="pool")["UserPool"]["Id"]
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/a"
    cognito.create_user_pool_domain(
        UserPoolId=pool, Domain="auth.example.com", CustomDomainConfig={"CertificateArn": certificate}
    )
    domain = cognito.describe_user_pool_domain(Domain="auth.example.com")["DomainDescription"]
    yield "cognito-setting-lost", certificate, domain.get("CustomDomainConfig")
    gateway, glue, events = map(client, ("apigateway", "glue", "events"))
    api = gateway.create_rest_api(name="api")["id"]
    for text in ("the first", "the second"):
        try:
            gateway.create_model(
                restApiId=api, name="Model", contentType="application/json", description=text
            )
        except gateway.exceptions.ClientError:
            break
    shown = gateway.get_model(restApiId=api, modelName="Model")
    yield "apigateway-model-replaced", "the first", shown.get("description")
    glue.create_connection(
        ConnectionInput={"Name": "connection", "ConnectionType": "JDBC", "ConnectionProperties": {}}
    )
    shown = glue.get_connection(Name="connection")["Connection"]
    yield "glue-connection-type", "JDBC", shown.get("ConnectionType")
    bus = events.create_event_bus(Name="bus")["EventBusArn"]
    try:
        named = events.describe_event_bus(Name=bus)["Name"]
    except events.exceptions.ClientError as error:
        named = error.response["Error"]["Code"]
    yield "events-bus-by-arn", "bus", named
    yield from _associations(client)


def _associations(client: Callable[[str], Any]) -> Iterator[tuple[str, str, Any]]:
    """The same of what is added to something."""
    iam, elb, kinesis = map(client, ("iam", "elb", "kinesis"))
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arns = [
        iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        for name in ("used", "gone")
    ]
    for name in ("member", "user"):
        iam.create_user(UserName=name)
    iam.create_group(GroupName="group")
    iam.attach_user_policy(UserName="user", PolicyArn=arns[0])
    iam.add_user_to_group(UserName="member", GroupName="group")
    iam.delete_policy(PolicyArn=arns[1])
    yield (
        "iam-nothing-attached",
        "NoSuchEntity",
        _code(lambda: iam.attach_user_policy(UserName="user", PolicyArn=arns[1])),
    )
    yield "iam-policy-in-use", "DeleteConflict", _code(lambda: iam.delete_policy(PolicyArn=arns[0]))
    yield "iam-user-in-group", "DeleteConflict", _code(lambda: iam.delete_user(UserName="member"))
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(
        LoadBalancerName="balancer", Listeners=[listener], AvailabilityZones=["us-east-1a"]
    )
    instances = [{"InstanceId": "i-1234567890abcdef0"}]
    for _ in range(2):
        elb.register_instances_with_load_balancer(LoadBalancerName="balancer", Instances=instances)
    shown = elb.describe_load_balancers(LoadBalancerNames=["balancer"])["LoadBalancerDescriptions"][0]
    yield "elb-registered-twice", "1", len(shown["Instances"])
    kinesis.create_stream(StreamName="stream", ShardCount=1)
    stream = kinesis.describe_stream(StreamName="stream")["StreamDescription"]["StreamARN"]
    for name in ("first", "second"):
        kinesis.register_stream_consumer(StreamARN=stream, ConsumerName=name)
    kinesis.deregister_stream_consumer(StreamARN=stream, ConsumerName="first")
    consumers = kinesis.list_stream_consumers(StreamARN=stream)["Consumers"]
    yield "kinesis-other-consumer", "second", [consumer["ConsumerName"] for consumer in consumers]


def _code(request: Callable[[], Any]) -> str:
    """The code of a refusal, or that there was none."""
    try:
        request()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "a success"


if __name__ == "__main__":
    for name, expected, came in confirmations(sys.argv[1]):
        print(f"{name}: expected {expected}, got {came}")
