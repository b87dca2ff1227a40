# SPDX-License-Identifier: Apache-2.0
"""The whole life of an import job, walked by the `aws` command as anybody would use it.

It owns the walk and what is printed of it: one line of JSON. Its argument is the command; endpoint, region
and credentials come from the environment, as to any program. It refuses to know what stands behind the
endpoint.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime
from typing import Any

from .steps import ENDS, PATIENCE, PAUSE, ROLE, csv_file, upload

__all__: list[str] = []


def main(command: str) -> None:
    """Walk, and print what was seen."""

    def aws(operation: str, *options: str) -> Any:
        words = [command, "cognito-idp", operation, *options, "--output", "json"]
        return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)

    pool_output = aws("create-user-pool", "--pool-name", "walk", "--auto-verified-attributes", "email")
    pool = ("--user-pool-id", pool_output["UserPool"]["Id"])
    columns = aws("get-csv-header", *pool)["CSVHeader"]
    job = aws("create-user-import-job", "--job-name", "walk", *pool, "--cloud-watch-logs-role-arn", ROLE)[
        "UserImportJob"
    ]
    job_key = (*pool, "--job-id", job["JobId"])
    created, statuses = job["CreationDate"], [job["Status"]]
    upload(job["PreSignedUrl"], csv_file(columns))
    job = aws("start-user-import-job", *job_key)["UserImportJob"]
    deadline = time.monotonic() + PATIENCE
    while True:
        if job["Status"] != statuses[-1]:
            statuses.append(job["Status"])
        if job["Status"] in ENDS or time.monotonic() > deadline:
            break
        time.sleep(PAUSE)
        job = aws("describe-user-import-job", *job_key)["UserImportJob"]
    users = aws("list-users", *pool)["Users"]
    seen = {
        # Version 1 prints the number as it came, version 2 makes a date of it.
        "created": datetime.fromisoformat(created).timestamp() if isinstance(created, str) else created,
        "statuses": statuses,
        "counters": [job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]],
        "users": [user["Username"] for user in users],
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
