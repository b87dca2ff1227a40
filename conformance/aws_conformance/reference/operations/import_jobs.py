# SPDX-License-Identifier: Apache-2.0
"""The import family: the header of the file, and import jobs from creation to their end.

It owns what the six operations take and give. How a job moves is jobs.py's.
"""

from __future__ import annotations

from ..attributes import csv_header
from ..jobs import describe, start, stop
from ..pagination import page, redeem
from ..presigned import presign
from ..refusal import Refusal
from ..store import Document, Job
from .call import Call, identifier

__all__ = [
    "create_user_import_job",
    "describe_user_import_job",
    "get_csv_header",
    "list_user_import_jobs",
    "start_user_import_job",
    "stop_user_import_job",
]

# A page of jobs holds at most what the output's list may hold, though MaxResults goes to 60.
_PAGE_LIMIT = 50


def get_csv_header(call: Call) -> Document:
    pool = call.pool()
    return {"UserPoolId": pool.id, "CSVHeader": csv_header(pool)}


def create_user_import_job(call: Call) -> Document:
    """A new job in state Created.

    A pool without auto-verified attributes may have jobs; what documents say is that they won't start.
    """
    pool = call.pool()
    if len(pool.jobs) >= call.settings.jobs_per_pool:
        raise Refusal(
            "LimitExceededException",
            f"User pool {pool.id} has {call.settings.jobs_per_pool} import jobs, which is the limit.",
        )
    job_id = f"import-{identifier(call.random, 10)}"
    job = Job(
        number=next(call.store.numbers),
        id=job_id,
        name=call.input["JobName"],
        pool=pool,
        role=call.input["CloudWatchLogsRoleArn"],
        # Signed once: whether AWS signs anew each time a job is shown is not recorded.
        url=presign(call.base_url, f"/{call.account.id}/{pool.id}/{job_id}", call.settings.region, call.now),
        created=call.now,
        since=call.now,
        algorithm=call.input.get("PasswordHashingAlgorithm"),
    )
    pool.jobs[job_id] = job
    return {"UserImportJob": describe(job)}


def describe_user_import_job(call: Call) -> Document:
    return {"UserImportJob": describe(_job(call))}


def list_user_import_jobs(call: Call) -> Document:
    """A page of the pool's jobs, newest first (documented)."""
    pool = call.pool()
    listing = f"{call.operation} {pool.id}"
    before = redeem(listing, call.input["PaginationToken"]) if "PaginationToken" in call.input else None
    jobs = (job for job in reversed(pool.jobs.values()) if before is None or job.number < before)
    listed, token = page(jobs, min(call.input["MaxResults"], _PAGE_LIMIT), listing, lambda job: job.number)
    for job in listed:
        call.progress.advance(job, call.now)
    document: Document = {"UserImportJobs": [describe(job) for job in listed]}
    if token is not None:
        document["PaginationToken"] = token
    return document


def start_user_import_job(call: Call) -> Document:
    job = _job(call)
    start(job, call.now)
    return {"UserImportJob": describe(job)}


def stop_user_import_job(call: Call) -> Document:
    job = _job(call)
    stop(job, call.now, call.settings)
    return {"UserImportJob": describe(job)}


def _job(call: Call) -> Job:
    """The job that the input names, at its present state. Raises Refusal if the pool has none such.

    Not recorded for an unknown job; ResourceNotFoundException is what an unknown pool gets.
    """
    pool = call.pool()
    job = pool.jobs.get(call.input["JobId"])
    if job is None:
        raise Refusal(
            "ResourceNotFoundException",
            f"Import job {call.input['JobId']} does not exist in user pool {pool.id}.",
        )
    call.progress.advance(job, call.now)
    return job
