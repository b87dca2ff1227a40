# SPDX-License-Identifier: Apache-2.0
"""The whole life of an import through botocore's own client and real connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from aws_conformance.reference import ACCESS_KEY, REGION, SECRET_KEY, ManualClock, Reference
from aws_conformance.targets.server import Server, serve

ROLE = "arn:aws:iam::123456789012:role/import-logs"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[Server]:
    with serve(Reference(clock=clock).handle) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Any]:
    client = botocore.session.Session().create_client(
        "cognito-idp",
        region_name=REGION,
        endpoint_url=server.url,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"max_attempts": 0}),
    )
    yield client
    client.close()


def test_all_states_of_an_import(client: Any, server: Server, clock: ManualClock) -> None:
    pool = client.create_user_pool(PoolName="life", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    columns = client.get_csv_header(UserPoolId=pool)["CSVHeader"]
    job = client.create_user_import_job(JobName="j", UserPoolId=pool, CloudWatchLogsRoleArn=ROLE)[
        "UserImportJob"
    ]
    assert job["PreSignedUrl"].startswith(f"{server.url}/")
    key = {"UserPoolId": pool, "JobId": job["JobId"]}
    with pytest.raises(ClientError, match="No csv file was uploaded for import-") as caught:
        client.start_user_import_job(**key)
    assert caught.value.response["Error"]["Code"] == "PreconditionNotMetException"

    rows = [columns]
    for name in ("ann", "bob", "cy"):
        cells = {"cognito:username": name, "email": f"{name}@example.com", "email_verified": "true"}
        rows.append([cells.get(column, "") for column in columns])
    content = "\n".join(",".join(row) for row in rows)
    with urllib3.PoolManager() as pool_manager:
        put = pool_manager.request(
            "PUT",
            job["PreSignedUrl"],
            body=content.encode(),
            headers={"x-amz-server-side-encryption": "aws:kms"},
        )
        assert (put.status, put.data) == (200, b"")

    assert client.start_user_import_job(**key)["UserImportJob"]["Status"] == "Pending"
    statuses = []
    for _ in range(3):
        statuses.append(client.describe_user_import_job(**key)["UserImportJob"]["Status"])
        clock.advance(2)
    done = client.describe_user_import_job(**key)["UserImportJob"]
    assert statuses == ["Pending", "InProgress", "Succeeded"]
    assert (done["ImportedUsers"], done["CompletionMessage"]) == (3, "Import Job Completed Successfully.")
    pages = client.get_paginator("list_users").paginate(UserPoolId=pool, PaginationConfig={"PageSize": 2})
    users = [user for page in pages for user in page["Users"]]
    assert [user["Username"] for user in users] == ["ann", "bob", "cy"]
    assert {user["UserStatus"] for user in users} == {"RESET_REQUIRED"}
    listed = client.list_user_import_jobs(UserPoolId=pool, MaxResults=1)["UserImportJobs"]
    assert [item["JobId"] for item in listed] == [job["JobId"]]
    with pytest.raises(ClientError) as caught:
        client.stop_user_import_job(**key)
    assert caught.value.response["Error"]["Code"] == "PreconditionNotMetException"
    assert client.delete_user_pool(UserPoolId=pool)["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(ClientError, match=f"User pool {pool} does not exist."):
        client.describe_user_pool(UserPoolId=pool)


def test_a_listing_of_nothing(client: Any) -> None:
    assert client.list_user_pools(MaxResults=1)["UserPools"] == []
