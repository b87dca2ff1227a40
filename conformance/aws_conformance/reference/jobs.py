# SPDX-License-Identifier: Apache-2.0
"""The life of an import job: which states follow which, when, and what a job shows in each.

It owns transitions, counters and completion messages. It refuses to know requests. Nothing runs in the
background: a job is moved on to the present whenever it is looked at.

    Created -> Pending -> InProgress -> Succeeded | Failed
    Created -> Expired          Pending | InProgress -> (Stopping ->) Stopped

Completion messages of Succeeded, Stopped, Expired and of too many failures are recorded. Chosen here,
because nothing public says: rows are imported evenly over the time that a job is in progress, so a
stopped job has imported some of them; too many have failed or been skipped when they are more than
half of all rows (14 imported and 32 failed are recorded as too many), and the users imported stay; the
message of a file that can't be read; a file without rows succeeds. StartDate moves when a job comes
into progress, as recordings show. A CloudWatch role can always be assumed.
"""

from __future__ import annotations

import itertools
from random import Random
from typing import assert_never

from .attributes import csv_header, schema_of
from .csv import UnreadableError, read
from .refusal import Refusal
from .rows import HASH_COLUMN, import_row
from .settings import Settings
from .store import Account, Document, Job, JobStatus, Pool

__all__ = ["Progress", "describe", "discard", "start", "stop"]

_SUCCEEDED = "Import Job Completed Successfully."
_STOPPED = "The Import Job was stopped by the developer."
_TOO_MANY = "Too many users have failed or been skipped during the import."
_EXPIRED = "The user import job has expired."
_UNREADABLE = "The CSV file could not be read."

_ACTIVE = frozenset(("Pending", "InProgress", "Stopping"))


class Progress:
    """Moves jobs on to the present: the rules of time, with what importing a row needs."""

    __slots__ = ("_numbers", "_random", "_settings")

    def __init__(self, settings: Settings, random: Random, numbers: itertools.count[int]) -> None:
        self._settings = settings
        self._random = random
        self._numbers = numbers

    def advance(self, job: Job, now: float) -> None:
        """Bring one job to where it is at `now`, through every state in between."""
        settings = self._settings
        if job.status == "Created" and now >= job.created + settings.expiry_seconds:
            # Documented: its data are deleted.
            job.upload = None
            _finish(job, "Expired", job.created + settings.expiry_seconds, _EXPIRED)
        if job.status == "Pending" and now >= job.since + settings.pending_seconds:
            self._open(job, job.since + settings.pending_seconds)
        if job.status == "InProgress":
            self._import(job, now)
        if job.status == "Stopping" and now >= job.since + settings.stopping_seconds:
            _finish(job, "Stopped", job.since + settings.stopping_seconds, _STOPPED)

    def advance_account(self, account: Account, now: float) -> None:
        """Bring the account's active job to `now`: others of its pools can only expire."""
        if account.active is not None:
            self.advance(account.active, now)

    def _open(self, job: Job, when: float) -> None:
        """Pending -> InProgress, or Failed at once if the file can't be read."""
        job.started = when
        # Documented: with a password algorithm, a file without hashes fails the job.
        hashes = (HASH_COLUMN,) if job.algorithm is not None else ()
        needed = (*csv_header(job.pool), *hashes)
        try:
            sheet = read(job.upload or b"", needed)
        except UnreadableError:
            _finish(job, "Failed", when, _UNREADABLE)
            return
        job.columns = sheet.columns
        job.rows = list(reversed(sheet.rows))
        job.status, job.since = "InProgress", when

    def _import(self, job: Job, now: float) -> None:
        """Import the rows that are due by `now`; with the last the job is done."""
        duration = self._settings.progress_seconds
        done = job.imported + job.skipped + job.failed
        total = done + len(job.rows)
        elapsed = now - job.since
        over = elapsed >= duration
        due = total if over else int(total * elapsed / duration)
        schema = schema_of(job.pool)
        when = job.since + duration if over else now
        for _ in range(due - done):
            fate = import_row(
                job.pool,
                job.columns,
                job.rows.pop(),
                schema=schema,
                number=next(self._numbers),
                now=when,
                random=self._random,
            )
            match fate:
                case "imported":
                    job.imported += 1
                case "skipped":
                    job.skipped += 1
                case "failed":
                    job.failed += 1
                case _:
                    assert_never(fate)
        if over:
            failed = 2 * (job.skipped + job.failed) > total
            _finish(job, "Failed" if failed else "Succeeded", when, _TOO_MANY if failed else _SUCCEEDED)


def _finish(job: Job, status: JobStatus, when: float, message: str) -> None:
    job.status, job.since, job.completed, job.message = status, when, when, message
    job.rows = []
    job.upload = None
    if job.pool.account.active is job:
        job.pool.account.active = None


def start(job: Job, now: float) -> None:
    """Created -> Pending. Raises Refusal if the job or its account is in no state to start.

    Only the refusal without a file is recorded. The others are chosen from the codes that the
    operation declares, and so is their order: the job's state, its file, the pool, the account.
    """
    if job.status != "Created":
        raise Refusal(
            "PreconditionNotMetException",
            f"Import job {job.id} is {job.status} and can not be started.",
        )
    if job.upload is None:
        raise Refusal("PreconditionNotMetException", f"No csv file was uploaded for {job.id}")
    if not job.pool.auto_verified:
        # Documented as "the import job will not start"; when and with which code is not.
        raise Refusal(
            "PreconditionNotMetException",
            f"User pool {job.pool.id} has no auto-verified attribute.",
        )
    account = job.pool.account
    if account.active is not None:
        raise Refusal(
            "PreconditionNotMetException",
            f"Import job {account.active.id} is {account.active.status}: "
            "only one import job can be active for an account.",
        )
    account.active = job
    job.status, job.since, job.started = "Pending", now, now


def stop(job: Job, now: float, settings: Settings) -> None:
    """Pending or InProgress -> Stopped; from InProgress through Stopping, if the settings give that a time.

    Recorded is the answer Stopped, documented that Stopping comes before; chosen here is that a job which
    has imported nothing yet has nothing to stop.

    Raises Refusal for any other state; which code AWS answers then is not recorded.
    """
    if job.status not in ("Pending", "InProgress"):
        raise Refusal(
            "PreconditionNotMetException",
            f"Import job {job.id} is {job.status} and can not be stopped.",
        )
    if settings.stopping_seconds > 0 and job.status == "InProgress":
        job.status, job.since = "Stopping", now
    else:
        _finish(job, "Stopped", now, _STOPPED)


def discard(pool: Pool) -> None:
    """End what runs in a pool that is deleted.

    Documented: its job fails. Its jobs can't be described any more, so all that shows is that the
    account may start another one.
    """
    active = pool.account.active
    if active is not None and active.pool is pool:
        _finish(active, "Failed", active.since, _UNREADABLE)


def describe(job: Job) -> Document:
    """The job as UserImportJobType, with the members that recordings of its state have.

    InProgress and Stopping are not recorded; they show what Pending shows.
    """
    document: Document = {
        "JobName": job.name,
        "JobId": job.id,
        "UserPoolId": job.pool.id,
        "PreSignedUrl": job.url,
        "CreationDate": round(job.created, 3),
        "Status": job.status,
        "CloudWatchLogsRoleArn": job.role,
        "ImportedUsers": job.imported,
        "SkippedUsers": job.skipped,
        "FailedUsers": job.failed,
    }
    if job.started is not None:
        document["StartDate"] = round(job.started, 3)
    if job.completed is not None:
        document["CompletionDate"] = round(job.completed, 3)
    if job.message is not None:
        document["CompletionMessage"] = job.message
    if job.algorithm is not None:
        document["PasswordHashingAlgorithm"] = job.algorithm
    return document
