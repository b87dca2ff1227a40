# SPDX-License-Identifier: Apache-2.0
"""Which mended bugs of others does a run with its defaults name, on the version that has them alone?

    python tools/recall.py [--reports DIR] [--only PREFIX]... [--blind|--later]

Each service is run once on each version that a bug of it needs (`run SERVICE --target NAME==VERSION
--max-time 60`), one after the other; with `--reports` the summaries are kept, and those that are there are
used again. A bug is named where the old version has a finding at error that is about it, and the new one
has not the same. confirm_bugs.py shows the bugs themselves without this project. Prints a line for each.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MINISTACK = "ministack==1.3.21", "ministack==1.5.33"
MOTO = "moto==5.1.11", "moto==5.2.5"
FORMER_MOTO = "moto==5.1.0", "moto==5.1.11"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class MendedBug:
    """A bug with the versions that have and have not got it, and what a finding about it looks like.

    `about` is searched for in `operation check path message`.
    """

    name: str
    service: str
    versions: tuple[str, str]
    about: str


BUGS = (
    MendedBug("sqs-queues-paged", "sqs", MINISTACK, r"ListQueues oracle\.page"),
    MendedBug("sqs-attribute-range", "sqs", MINISTACK, r"CreateQueue oracle\.refused\.accepted"),
    MendedBug("cognito-quoted-filter", "cognito-idp", MINISTACK, r"ListUsers oracle\.filter"),
    MendedBug("cognito-status-filter", "cognito-idp", MINISTACK, r"ListUsers oracle\.filter"),
    MendedBug("ec2-volume-filter", "ec2", MINISTACK, r"DescribeVolumes oracle\.filter"),
    MendedBug("ec2-gateway-filter", "ec2", MINISTACK, r"DescribeInternetGateways oracle\.filter"),
    MendedBug("ec2-endpoint-tags", "ec2", MINISTACK, r"VpcEndpoints? oracle\.(tags|read|list)"),
    MendedBug("s3-bucket-tags", "s3", MINISTACK, r"BucketTagging oracle\.tags"),
    MendedBug("s3-checksum", "s3", MINISTACK, r"Object oracle\.read\.value.*Checksum"),
    MendedBug("s3-redirect", "s3", MINISTACK, r"Object oracle\.read\.value.*Redirect"),
    MendedBug("s3-public-access-block", "s3", MINISTACK, r"GetPublicAccessBlock oracle\.delete\.outlived"),
    MendedBug("s3-ownership", "s3", MINISTACK, r"GetBucketOwnershipControls oracle\.delete\.outlived"),
    MendedBug("s3-buckets-prefix", "s3", MINISTACK, r"ListBuckets oracle\.filter"),
    MendedBug("s3-version-type", "s3", MINISTACK, r"Object oracle\.(read\.value|version).*ContentType"),
    MendedBug("s3-version-deleted", "s3", MINISTACK, r"(Object|Versions) oracle\.(delete|version)"),
    MendedBug(
        "lambda-mapping-filter", "lambda", MINISTACK, r"EventSourceMappings? oracle\.read.*FilterCriteria"
    ),
    MendedBug("iam-boundary", "iam", MINISTACK, r"Role oracle\.read\.value.*PermissionsBoundary"),
    MendedBug("glue-database-tags", "glue", MINISTACK, r"(GetTags|Database) oracle\.tags"),
    MendedBug("dynamodb-table-class", "dynamodb", MINISTACK, r"Table oracle\.read\.value.*TableClass"),
    MendedBug("dynamodb-on-demand", "dynamodb", MINISTACK, r"Table oracle\.read\.value.*OnDemandThroughput"),
    MendedBug(
        "dynamodb-phantom-tags", "dynamodb", MINISTACK, r"TagResource (oracle\.delete\.changed|request)"
    ),
    MendedBug(
        "dynamodb-batch-written", "dynamodb", MINISTACK, r"(Batch|Item|Scan)\w* oracle\.refused\.(cre|cha)"
    ),
    MendedBug("dynamodb-empty-set", "dynamodb", MINISTACK, r"Item oracle\.refused\.accepted"),
    MendedBug("sns-region", "sns", MINISTACK, r"ListTopics oracle\.region"),
    MendedBug("kms-region", "kms", MINISTACK, r"ListKeys oracle\.region"),
    MendedBug("ecr-region", "ecr", MINISTACK, r"DescribeRepositories oracle\.region"),
    MendedBug("events-region", "events", MINISTACK, r"ListEventBuses oracle\.region"),
    MendedBug("s3-buckets-prefix", "s3", MOTO, r"ListBuckets oracle\.filter"),
    MendedBug("athena-tags", "athena", MOTO, r"CreateWorkGroup server\.crash"),
    MendedBug("dynamodb-recovery-period", "dynamodb", MOTO, r"Backups oracle\.read\.value.*RecoveryPeriod"),
    MendedBug("route53-tag-crash", "route53", MOTO, r"ChangeTagsForResource server\.crash"),
    MendedBug("kinesis-consumers-paged", "kinesis", MOTO, r"ListStreamConsumers oracle\.page"),
    MendedBug("states-type", "stepfunctions", MOTO, r"StateMachine\w* oracle\.read\.value.*type"),
    MendedBug("states-same-execution", "stepfunctions", MOTO, r"StartExecution oracle\.(token|create)"),
    MendedBug("secrets-same-token", "secretsmanager", FORMER_MOTO, r"CreateSecret oracle\.token"),
    MendedBug("secrets-put-same-token", "secretsmanager", FORMER_MOTO, r"PutSecretValue oracle\.token"),
)

# Written down before the first run on them.
BLIND_BUGS = (
    MendedBug("ecr-images-status", "ecr", MOTO, r"ListImages oracle\.filter"),
    MendedBug("events-buses-paged", "events", MOTO, r"ListEventBuses oracle\.page"),
    MendedBug("kafka-clusters-filter", "kafka", MOTO, r"ListClusters oracle\.filter"),
    MendedBug("codedeploy-deployments-status", "codedeploy", MOTO, r"ListDeployments oracle\.filter"),
    MendedBug("scheduler-groups-prefix", "scheduler", MOTO, r"ListScheduleGroups oracle\.filter"),
    MendedBug(
        "elasticache-groups-paged",
        "elasticache",
        MOTO,
        r"CacheSubnetGroups (server\.crash \(request\) |oracle\.p)",
    ),
    MendedBug("osis-pipelines-paged", "osis", MOTO, r"ListPipelines oracle\.page"),
    MendedBug("organizations-policies-paged", "organizations", MOTO, r"ListPolicies oracle\.page"),
    MendedBug("dsql-cluster-token", "dsql", MOTO, r"CreateCluster oracle\.token"),
    MendedBug("s3tables-table-twice", "s3tables", MOTO, r"(Create|List)Tables? oracle\.(create|token)"),
    MendedBug("dms-tasks-unfiltered", "dms", MOTO, r"DescribeReplicationTasks server\.crash"),
    MendedBug("lambda-invoke-config", "lambda", MOTO, r"PutFunctionEventInvokeConfig server\.crash"),
    MendedBug(
        "cloudtrail-logging-by-arn", "cloudtrail", MOTO, r"StartLogging (server\.crash|oracle|request)"
    ),
    MendedBug("redshift-tag-keys", "redshift", MOTO, r"DescribeClusters oracle\.filter"),
    MendedBug("kms-other-key", "kms", MOTO, r"Decrypt oracle"),
)

# A second choice, over services that had not been looked at, written down before the first run on them.
LATER_BUGS = (
    MendedBug("acm-key-types", "acm", MOTO, r"ListCertificates oracle\.filter"),
    MendedBug("ec2-multi-attach", "ec2", MOTO, r"Volumes? oracle\.read\.value.*MultiAttach"),
    MendedBug(
        "ec2-template-versions", "ec2", MOTO, r"DescribeLaunchTemplateVersions (server\.crash|request|oracle)"
    ),
    MendedBug("events-rule-names-twice", "events", MOTO, r"ListRuleNamesByTarget oracle"),
    MendedBug("s3-delete-if-match", "s3", MOTO, r"DeleteObject oracle\.refused\.accepted"),
    MendedBug("ssm-parameters-by-arn", "ssm", MOTO, r"GetParameters oracle"),
    MendedBug("states-listed-type", "stepfunctions", MOTO, r"ListStateMachines (oracle|response).*type"),
    MendedBug("cloudformation-summary", "cloudformation", MOTO, r"GetTemplateSummary server\.crash"),
    MendedBug("dynamodb-new-attributes", "dynamodb", MOTO, r"PutItem (oracle|response).*Attributes"),
    MendedBug("kms-mac-by-alias", "kms", MOTO, r"GenerateMac (server\.crash|oracle)"),
    MendedBug("secretsmanager-batch-deleted", "secretsmanager", MOTO, r"BatchGetSecretValue oracle"),
    MendedBug("cloudwatch-actions-of-nothing", "cloudwatch", MOTO, r"AlarmActions (server\.crash|request)"),
    MendedBug("glue-workflow-of-nothing", "glue", MOTO, r"DeleteWorkflow (oracle|request)"),
    MendedBug(
        "cloudformation-resources-updated", "cloudformation", MOTO, r"ListStackResources .*LastUpdated"
    ),
    MendedBug("cloudformation-instances-of-nothing", "cloudformation", MOTO, r"UpdateStackInstances server"),
    MendedBug("glue-connections-filter", "glue", MOTO, r"GetConnections oracle\.filter"),
    MendedBug("dynamodb-select", "dynamodb", MOTO, r"(Scan|Query) oracle\.refused\.accepted"),
    MendedBug("glue-password-hidden", "glue", MOTO, r"GetConnections? oracle"),
    MendedBug("s3-bucket-region", "s3", MOTO, r"ListBuckets oracle\.filter.*BucketRegion"),
)


def findings(directory: Path, service: str, target: str) -> dict[str, str]:
    """The findings at error of a run with its defaults, in words by their ids."""
    path = directory / f"{service}--{target.replace('==', '-')}.json"
    if not path.exists():
        command = [sys.executable, "-m", "aws_conformance", "run", service, "--target", target]
        command += ["--max-time", str(SECONDS), "--quiet", "--report", f"json={path}"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    report: dict[str, Any] = json.loads(path.read_text())
    return {
        violation["id"]: "{operation} {check} {path} {message}".format_map(violation).replace("\n", " ")
        for violation in report["violations"]
        if violation["severity"] == "error"
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Which mended bugs does a run with its defaults name?")
    parser.add_argument("--reports", type=Path)
    parser.add_argument("--only", action="append", default=[], metavar="PREFIX")
    parser.add_argument("--blind", action="store_true", help="those that were written down first")
    parser.add_argument("--later", action="store_true", help="the second choice of such")
    options = parser.parse_args()
    named = asked = 0
    with tempfile.TemporaryDirectory() as scratch:
        directory = options.reports or Path(scratch)
        directory.mkdir(parents=True, exist_ok=True)
        for bug in LATER_BUGS if options.later else BLIND_BUGS if options.blind else BUGS:
            if options.only and not bug.name.startswith(tuple(options.only)):
                continue
            old, new = (findings(directory, bug.service, version) for version in bug.versions)
            hits = {key: words for key, words in old.items() if re.search(bug.about, words)}
            lasting = hits.keys() & new.keys()
            fresh = [words for key, words in hits.items() if key not in lasting]
            asked, named = asked + 1, named + bool(fresh)
            shown = fresh[0][:110] if fresh else "on both versions" if lasting else "nothing"
            print(f"{'named ' if fresh else 'missed'} {bug.name} ({bug.versions[0]}): {shown}", flush=True)
    print(f"named: {named} of {asked}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
