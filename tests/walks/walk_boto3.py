# SPDX-License-Identifier: Apache-2.0
"""The whole life of an import job, walked by boto3 as anybody would use it.

It owns the walk and what is printed of it: one line of JSON. Endpoint, region and credentials come from
the environment, as to any program. It refuses to know what stands behind the endpoint.
"""

from __future__ import annotations

import json
import time

import boto3
from botocore.config import Config

from .steps import ENDS, PATIENCE, PAUSE, ROLE, csv_file, upload

__all__: list[str] = []


def main() -> None:
    """Walk, and print what was seen."""
    client = boto3.client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))
    pool = client.create_user_pool(PoolName="walk", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    columns = client.get_csv_header(UserPoolId=pool)["CSVHeader"]
    job = client.create_user_import_job(JobName="walk", UserPoolId=pool, CloudWatchLogsRoleArn=ROLE)[
        "UserImportJob"
    ]
    job_key = {"UserPoolId": pool, "JobId": job["JobId"]}
    created, statuses = job["CreationDate"], [job["Status"]]
    upload(job["PreSignedUrl"], csv_file(columns))
    job = client.start_user_import_job(**job_key)["UserImportJob"]
    deadline = time.monotonic() + PATIENCE
    while True:
        if job["Status"] != statuses[-1]:
            statuses.append(job["Status"])
        if job["Status"] in ENDS or time.monotonic() > deadline:
            break
        time.sleep(PAUSE)
        job = client.describe_user_import_job(**job_key)["UserImportJob"]
    users = client.list_users(UserPoolId=pool)["Users"]
    seen = {
        "created": created.timestamp(),
        "statuses": statuses,
        "counters": [job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]],
        "users": [user["Username"] for user in users],
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
