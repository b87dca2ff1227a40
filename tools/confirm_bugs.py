# SPDX-License-Identifier: Apache-2.0
"""Shows with boto3 and nothing of this project which of the mended bugs of docs/findings.md a server has.

Usage: python tools/confirm_bugs.py URL [PREFIX...]
It prints a line for each bug whose name begins with a prefix: its name, and `wrong`, `right` or why it can't
be told.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import boto3
from blind_bugs import BLIND_BUGS
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from later_bugs import LATER_BUGS

Client = Callable[..., Any]
ASSUME = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
BUGS: list[Callable[[Client], bool]] = []


def bug(confirm: Callable[[Client], bool]) -> Callable[[Client], bool]:
    """Adds a function that tells whether a server is right."""
    BUGS.append(confirm)
    return confirm


def refused(call: Callable[..., Any], **sent: Any) -> str:
    """The code of a refusal; empty for a success."""
    try:
        call(**sent)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def items_table(client: Client) -> Any:
    """A client of DynamoDB with a new table called by the time."""
    dynamodb = client("dynamodb")
    dynamodb.name = f"t{time.time_ns()}"
    dynamodb.create_table(
        TableName=dynamodb.name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


@bug
def sqs_queues_paged(client: Client) -> bool:
    sqs = client("sqs")
    for number in range(3):
        sqs.create_queue(QueueName=f"paged-{number}")
    page = sqs.list_queues(MaxResults=1)
    return len(page["QueueUrls"]) == 1 and "NextToken" in page


@bug
def sqs_attribute_range(client: Client) -> bool:
    return bool(
        refused(
            client("sqs").create_queue, QueueName="out-of-range", Attributes={"VisibilityTimeout": "99999"}
        )
    )


def users(client: Client, expression: str) -> list[str]:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="filtered")["UserPool"]["Id"]
    for name in ("anna", "bert"):
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=name,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
        )
    cognito.admin_disable_user(UserPoolId=pool, Username="bert")
    return [user["Username"] for user in cognito.list_users(UserPoolId=pool, Filter=expression)["Users"]]


@bug
def cognito_quoted_filter(client: Client) -> bool:
    return users(client, '"email" = "anna@example.com"') == ["anna"]


@bug
def cognito_status_filter(client: Client) -> bool:
    return users(client, 'status = "Enabled"') == ["anna"]


@bug
def ec2_volume_filter(client: Client) -> bool:
    ec2 = client("ec2")
    for size in (1, 2):
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=size)
    shown = ec2.describe_volumes(Filters=[{"Name": "size", "Values": ["1"]}])["Volumes"]
    return bool(shown) and all(volume["Size"] == 1 for volume in shown)


@bug
def ec2_gateway_filter(client: Client) -> bool:
    ec2 = client("ec2")
    first = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.create_internet_gateway()
    shown = ec2.describe_internet_gateways(Filters=[{"Name": "internet-gateway-id", "Values": [first]}])
    return [gateway["InternetGatewayId"] for gateway in shown["InternetGateways"]] == [first]


@bug
def ec2_endpoint_tags(client: Client) -> bool:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", TagSpecifications=tags
    )
    shown = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpoint"]["VpcEndpointId"]])
    return bool(shown["VpcEndpoints"][0].get("Tags"))


@bug
def s3_bucket_tags(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(
        Bucket="tagged-at-once", CreateBucketConfiguration={"Tags": [{"Key": "a", "Value": "b"}]}
    )
    return refused(s3.get_bucket_tagging, Bucket="tagged-at-once") == ""


def versioned(client: Client, bucket: str) -> tuple[Any, str]:
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"a", ContentType="text/plain")
    return s3, put["VersionId"]


@bug
def s3_version_type(client: Client) -> bool:
    s3, version = versioned(client, "versioned-type")
    return bool(
        s3.get_object(Bucket="versioned-type", Key="k", VersionId=version)["ContentType"] == "text/plain"
    )


@bug
def s3_version_deleted(client: Client) -> bool:
    s3, version = versioned(client, "versioned-gone")
    s3.delete_object(Bucket="versioned-gone", Key="k", VersionId=version)
    shown = s3.list_object_versions(Bucket="versioned-gone")
    return not shown.get("Versions") and not shown.get("DeleteMarkers")


@bug
def s3_checksum(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="summed")
    s3.put_object(Bucket="summed", Key="k", Body=b"a", ChecksumAlgorithm="SHA256")
    return "ChecksumSHA256" in s3.head_object(Bucket="summed", Key="k", ChecksumMode="ENABLED")


@bug
def s3_redirect(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="redirecting")
    s3.put_object(Bucket="redirecting", Key="k", Body=b"a", WebsiteRedirectLocation="/other")
    return s3.head_object(Bucket="redirecting", Key="k").get("WebsiteRedirectLocation") == "/other"


@bug
def s3_public_access_block(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="blocked")
    s3.put_public_access_block(Bucket="blocked", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.delete_public_access_block(Bucket="blocked")
    return refused(s3.get_public_access_block, Bucket="blocked") != ""


@bug
def s3_ownership(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="owned")
    s3.put_bucket_ownership_controls(
        Bucket="owned", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.delete_bucket_ownership_controls(Bucket="owned")
    return refused(s3.get_bucket_ownership_controls, Bucket="owned") != ""


@bug
def s3_buckets_paged(client: Client) -> bool:
    s3 = client("s3")
    for number in range(3):
        s3.create_bucket(Bucket=f"paged-{number}")
    page = s3.list_buckets(MaxBuckets=1)
    return len(page["Buckets"]) == 1 and "ContinuationToken" in page


@bug
def s3_buckets_prefix(client: Client) -> bool:
    s3 = client("s3")
    for name in ("first-of-all", "second-of-all"):
        s3.create_bucket(Bucket=name)
    return [bucket["Name"] for bucket in s3.list_buckets(Prefix="first-of")["Buckets"]] == ["first-of-all"]


@bug
def s3_no_keys(client: Client) -> bool:
    s3 = client("s3")
    s3.create_bucket(Bucket="no-keys")
    s3.put_object(Bucket="no-keys", Key="k", Body=b"a")
    return not s3.list_objects_v2(Bucket="no-keys", MaxKeys=0).get("Contents")


@bug
def lambda_mapping_filter(client: Client) -> bool:
    import io
    import zipfile

    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "def a(event, context): pass")
    role = client("iam").create_role(RoleName="mapping", AssumeRolePolicyDocument=ASSUME)["Role"]["Arn"]
    functions = client("lambda")
    functions.create_function(
        FunctionName="mapped",
        Runtime="python3.12",
        Role=role,
        Handler="a.a",
        Code={"ZipFile": code.getvalue()},
    )
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="mapped")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = functions.create_event_source_mapping(
        FunctionName="mapped", EventSourceArn=arn, FilterCriteria={"Filters": [{"Pattern": '{"a":[1]}'}]}
    )
    return "FilterCriteria" in functions.get_event_source_mapping(UUID=mapping["UUID"])


@bug
def iam_boundary(client: Client) -> bool:
    iam = client("iam")
    iam.create_role(
        RoleName="bounded",
        AssumeRolePolicyDocument=ASSUME,
        PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    return "PermissionsBoundary" in iam.get_role(RoleName="bounded")["Role"]


@bug
def iam_description(client: Client) -> bool:
    iam = client("iam")
    iam.create_role(RoleName="described", AssumeRolePolicyDocument=ASSUME, Description="a")
    iam.update_role_description(RoleName="described", Description="b")
    return bool(iam.get_role(RoleName="described")["Role"].get("Description") == "b")


@bug
def glue_database_tags(client: Client) -> bool:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "tagged"}, Tags={"a": "b"})
    account = client("sts").get_caller_identity()["Account"]
    tags = glue.get_tags(ResourceArn=f"arn:aws:glue:us-east-1:{account}:database/tagged")["Tags"]
    return bool(tags == {"a": "b"})


@bug
def glue_connection_filter(client: Client) -> bool:
    glue = client("glue")
    for name, kind in (("filtered-a", "JDBC"), ("filtered-b", "NETWORK")):
        glue.create_connection(
            ConnectionInput={"Name": name, "ConnectionType": kind, "ConnectionProperties": {"a": "b"}}
        )
    shown = glue.get_connections(Filter={"ConnectionType": "JDBC"})["ConnectionList"]
    return all(connection["ConnectionType"] == "JDBC" for connection in shown)


@bug
def dynamodb_table_class(client: Client) -> bool:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="classed",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        TableClass="STANDARD_INFREQUENT_ACCESS",
    )
    return "TableClassSummary" in dynamodb.describe_table(TableName="classed")["Table"]


@bug
def dynamodb_on_demand(client: Client) -> bool:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="demanded",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        OnDemandThroughput={"MaxReadRequestUnits": 7},
    )
    return "OnDemandThroughput" in dynamodb.describe_table(TableName="demanded")["Table"]


@bug
def dynamodb_phantom_tags(client: Client) -> bool:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/nowhere"
    return bool(refused(client("dynamodb").tag_resource, ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}]))


@bug
def dynamodb_batch_written(client: Client) -> bool:
    dynamodb = items_table(client)
    requests = [{"PutRequest": {"Item": {"k": {"S": "a"}}}}, {"PutRequest": {"Item": {"k": {"S": ""}}}}]
    refused(dynamodb.batch_write_item, RequestItems={dynamodb.name: requests})
    return not dynamodb.scan(TableName=dynamodb.name)["Items"]


@bug
def dynamodb_empty_set(client: Client) -> bool:
    dynamodb = items_table(client)
    item = {"k": {"S": "a"}, "s": {"SS": []}}
    return bool(refused(dynamodb.put_item, TableName=dynamodb.name, Item=item))


@bug
def dynamodb_recovery_period(client: Client) -> bool:
    dynamodb = items_table(client)
    settings = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    dynamodb.update_continuous_backups(TableName=dynamodb.name, PointInTimeRecoverySpecification=settings)
    shown = dynamodb.describe_continuous_backups(TableName=dynamodb.name)["ContinuousBackupsDescription"]
    return bool(shown["PointInTimeRecoveryDescription"].get("RecoveryPeriodInDays") == 7)


def elsewhere(client: Client, service: str, create: str, sent: dict[str, Any], listing: str) -> bool:
    """Whether what is made in one region is not listed in another."""
    getattr(client(service), create)(**sent)
    here, there = (getattr(client(service, region), listing)() for region in ("us-east-1", "eu-west-1"))
    count = lambda shown: sum(len(item) for item in shown.values() if isinstance(item, list))  # noqa: E731
    return bool(count(here) > count(there))


@bug
def sns_region(client: Client) -> bool:
    return elsewhere(client, "sns", "create_topic", {"Name": "regional"}, "list_topics")


@bug
def kms_region(client: Client) -> bool:
    return elsewhere(client, "kms", "create_key", {}, "list_keys")


@bug
def ecr_region(client: Client) -> bool:
    return elsewhere(
        client, "ecr", "create_repository", {"repositoryName": "regional"}, "describe_repositories"
    )


@bug
def kinesis_region(client: Client) -> bool:
    return elsewhere(
        client, "kinesis", "create_stream", {"StreamName": "regional", "ShardCount": 1}, "list_streams"
    )


@bug
def events_region(client: Client) -> bool:
    return elsewhere(client, "events", "create_event_bus", {"Name": "regional"}, "list_event_buses")


@bug
def acm_region(client: Client) -> bool:
    return elsewhere(client, "acm", "request_certificate", {"DomainName": "example.com"}, "list_certificates")


@bug
def athena_region(client: Client) -> bool:
    return elsewhere(client, "athena", "create_work_group", {"Name": "regional"}, "list_work_groups")


@bug
def route53_tag_crash(client: Client) -> bool:
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference=str(time.time()))["HostedZone"]
    code = refused(
        route53.change_tags_for_resource,
        ResourceType="hostedzone",
        ResourceId=zone["Id"].rpartition("/")[2],
        RemoveTagKeys=["nowhere"],
    )
    return code == ""


@bug
def route53_health_check(client: Client) -> bool:
    route53 = client("route53")
    config = {"Type": "HTTP", "IPAddress": "10.0.0.1", "Port": 80, "Disabled": True}
    check = route53.create_health_check(CallerReference=str(time.time()), HealthCheckConfig=config)
    identifier = check["HealthCheck"]["Id"]
    route53.update_health_check(HealthCheckId=identifier, Disabled=False)
    shown = route53.get_health_check(HealthCheckId=identifier)["HealthCheck"]["HealthCheckConfig"]
    return not shown.get("Disabled")


@bug
def secrets_same_token(client: Client) -> bool:
    secrets = client("secretsmanager")
    sent = {"Name": "tokened", "SecretString": "a", "ClientRequestToken": "a" * 32}
    secrets.create_secret(**sent)
    return refused(secrets.create_secret, **sent) == ""


@bug
def secrets_put_same_token(client: Client) -> bool:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="put", SecretString="a")
    sent = {"SecretId": "put", "ClientRequestToken": "b" * 32}
    secrets.put_secret_value(**sent, SecretString="b")
    return bool(refused(secrets.put_secret_value, **sent, SecretString="c"))


@bug
def states_type(client: Client) -> bool:
    states = client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/a"
    definition = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'
    made = states.create_state_machine(name="typed", definition=definition, roleArn=role, type="EXPRESS")
    return bool(states.describe_state_machine(stateMachineArn=made["stateMachineArn"])["type"] == "EXPRESS")


@bug
def states_same_execution(client: Client) -> bool:
    states = client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/a"
    definition = '{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":60,"End":true}}}'
    made = states.create_state_machine(name="repeated", definition=definition, roleArn=role)
    sent = {"stateMachineArn": made["stateMachineArn"], "name": "n", "input": "{}"}
    states.start_execution(**sent)
    return refused(states.start_execution, **sent) == ""


@bug
def kinesis_consumers_paged(client: Client) -> bool:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="consumed", ShardCount=1)
    arn = kinesis.describe_stream(StreamName="consumed")["StreamDescription"]["StreamARN"]
    for number in range(3):
        kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"c{number}")
    return len(kinesis.list_stream_consumers(StreamARN=arn, MaxResults=1)["Consumers"]) == 1


@bug
def sesv2_identities_paged(client: Client) -> bool:
    ses = client("sesv2")
    for number in range(3):
        ses.create_email_identity(EmailIdentity=f"paged-{number}.example.com")
    return len(ses.list_email_identities(PageSize=1)["EmailIdentities"]) == 1


@bug
def athena_tags(client: Client) -> bool:
    athena = client("athena")
    account = client("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:athena:us-east-1:{account}:workgroup/tagged"
    athena.create_work_group(Name="tagged", Tags=[{"Key": "a", "Value": "b"}])
    return bool(athena.list_tags_for_resource(ResourceARN=arn)["Tags"])


@bug
def acm_key_types(client: Client) -> bool:
    acm = client("acm")
    acm.request_certificate(DomainName="example.com", KeyAlgorithm="EC_prime256v1")
    acm.request_certificate(DomainName="example.org", KeyAlgorithm="RSA_2048")
    shown = acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]
    return all(summary.get("KeyAlgorithm") == "EC_prime256v1" for summary in shown) and bool(shown)


@bug
def iam_certificate_chain(client: Client) -> bool:
    iam = client("iam")
    iam.upload_server_certificate(
        ServerCertificateName="chained", CertificateBody="a", PrivateKey="b", CertificateChain="c"
    )
    shown = iam.get_server_certificate(ServerCertificateName="chained")["ServerCertificate"]
    return bool(shown.get("CertificateChain") == "c")


@bug
def cognito_signed_out(client: Client) -> bool:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="signed-out")["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="c", ExplicitAuthFlows=flows)
    app_id = app["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="anna")
    cognito.admin_set_user_password(UserPoolId=pool, Username="anna", Password="Passw0rd!", Permanent=True)
    parameters = {"USERNAME": "anna", "PASSWORD": "Passw0rd!"}
    tokens = cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=app_id, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]
    cognito.admin_user_global_sign_out(UserPoolId=pool, Username="anna")
    return bool(
        refused(
            cognito.admin_initiate_auth,
            UserPoolId=pool,
            ClientId=app_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )
    )


def main() -> None:
    url, *prefixes = sys.argv[1:]

    def client(service: str, region: str = "us-east-1") -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(
                s3={"addressing_style": "path"},
                retries={"max_attempts": 1},
                read_timeout=10,
            ),
        )

    for confirm in (*BUGS, *BLIND_BUGS, *LATER_BUGS):
        name = confirm.__name__.replace("_", "-")
        if prefixes and not name.startswith(tuple(prefixes)):
            continue
        try:
            verdict = "right" if confirm(client) else "wrong"
        except (ClientError, BotoCoreError, ResponseParserError, KeyError, IndexError) as error:
            verdict = f"{type(error).__name__}: {error}"[:150]
        print(f"{name}: {verdict}", flush=True)


if __name__ == "__main__":
    main()
