# SPDX-License-Identifier: Apache-2.0
"""More mended bugs for confirm_bugs.py: chosen and written down before the kit was first run on them.

Each tells with boto3 alone whether a server is right. They come from tests that moto 5.2.5 has and 5.1.11
has not, over services that none of the other bugs is of.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

Client = Callable[..., Any]
BLIND_BUGS: list[Callable[[Client], bool]] = []
ROLE = "arn:aws:iam::123456789012:role/a"


def blind(confirm: Callable[[Client], bool]) -> Callable[[Client], bool]:
    """Adds a function that tells whether a server is right."""
    BLIND_BUGS.append(confirm)
    return confirm


def is_refused(call: Callable[..., Any], **sent: Any) -> bool:
    """Whether a call is refused by the server."""
    try:
        call(**sent)
    except ClientError:
        return True
    return False


@blind
def ecr_images_status(client: Client) -> bool:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="status")
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {"schemaVersion": 2, "mediaType": media, "config": {"digest": "sha256:a"}, "layers": []}
    ecr.put_image(repositoryName="status", imageManifest=json.dumps(manifest), imageTag="tagged")
    return not ecr.list_images(repositoryName="status", filter={"tagStatus": "UNTAGGED"})["imageIds"]


@blind
def events_buses_paged(client: Client) -> bool:
    events = client("events")
    for number in range(3):
        events.create_event_bus(Name=f"paged-{number}")
    page = events.list_event_buses(Limit=1)
    return len(page["EventBuses"]) == 1 and "NextToken" in page


@blind
def kafka_clusters_filter(client: Client) -> bool:
    kafka = client("kafka")
    nodes = {"ClientSubnets": ["subnet-1"], "InstanceType": "kafka.m5.large"}
    for name in ("first-of-all", "second-of-all"):
        kafka.create_cluster(
            ClusterName=name, KafkaVersion="2.8.1", NumberOfBrokerNodes=1, BrokerNodeGroupInfo=nodes
        )
    shown = kafka.list_clusters(ClusterNameFilter="first")["ClusterInfoList"]
    return [cluster["ClusterName"] for cluster in shown] == ["first-of-all"]


@blind
def codedeploy_deployments_status(client: Client) -> bool:
    deploy = client("codedeploy")
    deploy.create_application(applicationName="status", computePlatform="Server")
    deploy.create_deployment_group(
        applicationName="status", deploymentGroupName="status", serviceRoleArn=ROLE
    )
    place = {"bucket": "b", "key": "k", "bundleType": "zip", "version": "1", "eTag": "e"}
    deployment = deploy.create_deployment(
        applicationName="status",
        deploymentGroupName="status",
        revision={"revisionType": "S3", "s3Location": place},
    )["deploymentId"]
    return deployment not in deploy.list_deployments(includeOnlyStatuses=["Failed"])["deployments"]


@blind
def scheduler_groups_prefix(client: Client) -> bool:
    scheduler = client("scheduler")
    for name in ("first-of-all", "second-of-all"):
        scheduler.create_schedule_group(Name=name)
    shown = scheduler.list_schedule_groups(NamePrefix="first")["ScheduleGroups"]
    return [group["Name"] for group in shown] == ["first-of-all"]


@blind
def elasticache_groups_paged(client: Client) -> bool:
    cache = client("elasticache")
    for number in range(30):
        cache.create_cache_subnet_group(
            CacheSubnetGroupName=f"paged-{number}",
            CacheSubnetGroupDescription="d",
            SubnetIds=["subnet-0123456789abcdef0"],
        )
    return len(cache.describe_cache_subnet_groups(MaxRecords=20)["CacheSubnetGroups"]) == 20


@blind
def osis_pipelines_paged(client: Client) -> bool:
    osis = client("osis")
    for number in range(3):
        osis.create_pipeline(
            PipelineName=f"paged-{number}", MinUnits=1, MaxUnits=1, PipelineConfigurationBody="version: 2"
        )
    return len(osis.list_pipelines(MaxResults=1)["Pipelines"]) == 1


@blind
def organizations_policies_paged(client: Client) -> bool:
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    content = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    for number in range(3):
        organizations.create_policy(
            Content=content, Description="d", Name=f"paged-{number}", Type="SERVICE_CONTROL_POLICY"
        )
    page = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY", MaxResults=1)
    return len(page["Policies"]) == 1


@blind
def dsql_cluster_token(client: Client) -> bool:
    dsql = client("dsql")
    first, second = (dsql.create_cluster(clientToken="a" * 32)["identifier"] for _ in range(2))
    return bool(first == second)


@blind
def s3tables_table_twice(client: Client) -> bool:
    tables = client("s3tables")
    arn = tables.create_table_bucket(name="twice-and-more")["arn"]
    tables.create_namespace(tableBucketARN=arn, namespace=["space"])
    sent = {"tableBucketARN": arn, "namespace": "space", "name": "twice", "format": "ICEBERG"}
    tables.create_table(**sent)
    return is_refused(tables.create_table, **sent)


@blind
def dms_tasks_unfiltered(client: Client) -> bool:
    dms = client("dms")
    dms.create_replication_task(
        ReplicationTaskIdentifier="unfiltered",
        SourceEndpointArn="a",
        TargetEndpointArn="b",
        ReplicationInstanceArn="c",
        MigrationType="full-load",
        TableMappings="{}",
    )
    return bool(dms.describe_replication_tasks()["ReplicationTasks"])


@blind
def lambda_invoke_config(client: Client) -> bool:
    functions, code = client("lambda"), io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "def a(event, context): pass")
    role = client("iam").create_role(RoleName="invoked", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="invoked",
        Runtime="python3.12",
        Role=role,
        Handler="a.a",
        Code={"ZipFile": code.getvalue()},
    )
    sent = {"FunctionName": "invoked", "MaximumRetryAttempts": 2}
    return bool(functions.put_function_event_invoke_config(**sent)["MaximumRetryAttempts"] == 2)


@blind
def cloudtrail_logging_by_arn(client: Client) -> bool:
    trails = client("cloudtrail")
    client("s3").create_bucket(Bucket="trailed")
    arn = trails.create_trail(Name="trailed", S3BucketName="trailed")["TrailARN"]
    trails.start_logging(Name=arn)
    return bool(trails.get_trail_status(Name="trailed")["IsLogging"])


@blind
def redshift_tag_keys(client: Client) -> bool:
    redshift = client("redshift")
    for name in ("tagless", "tagged"):
        redshift.create_cluster(
            ClusterIdentifier=name,
            ClusterType="single-node",
            NodeType="ra3.large",
            MasterUsername="user",
            MasterUserPassword="Passw0rd",
            Tags=[{"Key": "k", "Value": "v"}] if name == "tagged" else [],
        )
    shown = redshift.describe_clusters(TagKeys=["k"])["Clusters"]
    return [cluster["ClusterIdentifier"] for cluster in shown] == ["tagged"]


@blind
def kms_other_key(client: Client) -> bool:
    kms = client("kms")
    first, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    sealed = kms.encrypt(KeyId=first, Plaintext=b"a")["CiphertextBlob"]
    return is_refused(kms.decrypt, KeyId=other, CiphertextBlob=sealed)
