# SPDX-License-Identifier: Apache-2.0
"""The life of an import job: every state, what it shows, what it refuses, and how many there may be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from aws_conformance.http import Request

if TYPE_CHECKING:
    from tests.reference.conftest import World

Row = Callable[..., dict[str, str]]
ALWAYS = {
    "JobName",
    "JobId",
    "UserPoolId",
    "PreSignedUrl",
    "CreationDate",
    "Status",
    "CloudWatchLogsRoleArn",
    "ImportedUsers",
    "SkippedUsers",
    "FailedUsers",
}
# The members that recordings of a state have beside those, and the message.
STATES: dict[str, tuple[set[str], str | None]] = {
    "Created": (set(), None),
    "Pending": ({"StartDate"}, None),
    "InProgress": ({"StartDate"}, None),
    "Stopping": ({"StartDate"}, None),
    "Stopped": (
        {"StartDate", "CompletionDate", "CompletionMessage"},
        "The Import Job was stopped by the developer.",
    ),
    "Succeeded": (
        {"StartDate", "CompletionDate", "CompletionMessage"},
        "Import Job Completed Successfully.",
    ),
    "Failed": (
        {"StartDate", "CompletionDate", "CompletionMessage"},
        "Too many users have failed or been skipped during the import.",
    ),
    "Expired": ({"CompletionDate", "CompletionMessage"}, "The user import job has expired."),
}
DAY = 24 * 3600


def reach(world: World, row: Row, status: str) -> tuple[str, dict[str, Any]]:
    """A pool and its job, brought to a state; the file has four rows."""
    pool = world.pool()
    job = world.job(pool)
    good = status != "Failed"
    rows = [row(f"u{number}") if good else {"cognito:username": f"u{number}"} for number in range(4)]
    assert world.upload(job, world.sheet(pool, rows)).status == 200
    if status == "Created":
        return pool, job
    if status == "Expired":
        world.clock.advance(DAY)
        return pool, job
    assert world.start(pool, job).document["UserImportJob"]["Status"] == "Pending"
    if status in ("InProgress", "Stopping"):
        world.clock.advance(3)
    elif status in ("Succeeded", "Failed"):
        world.clock.advance(4)
    if status in ("Stopping", "Stopped"):
        assert world.stop(pool, job).document["UserImportJob"]["Status"] == status
    return pool, job


@pytest.mark.parametrize("status", STATES)
def test_what_each_state_shows(make_world: Callable[..., World], row: Row, status: str) -> None:
    world = make_world(stopping_seconds=3.0 if status == "Stopping" else 0.0)
    pool, created = reach(world, row, status)
    job = world.describe(pool, created)
    members, message = STATES[status]
    assert job["Status"] == status
    assert set(job) == ALWAYS | members
    assert job.get("CompletionMessage") == message
    same = ("JobName", "JobId", "UserPoolId", "PreSignedUrl", "CreationDate", "CloudWatchLogsRoleArn")
    assert {name: job[name] for name in same} == {name: created[name] for name in same}
    assert re.fullmatch(r"import-[0-9A-Za-z]{10}", job["JobId"])
    listed = world.ok("ListUserImportJobs", {"UserPoolId": pool, "MaxResults": 1})["UserImportJobs"]
    assert listed == [job]


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("operation", ["StartUserImportJob", "StopUserImportJob"])
def test_what_each_state_refuses(
    make_world: Callable[..., World], row: Row, status: str, operation: str
) -> None:
    world = make_world(stopping_seconds=3.0 if status == "Stopping" else 0.0)
    pool, job = reach(world, row, status)
    before = world.describe(pool, job)
    answer = world.call(operation, {"UserPoolId": pool, "JobId": job["JobId"]})
    goes = {"StartUserImportJob": {"Created"}, "StopUserImportJob": {"Pending", "InProgress"}}
    if status in goes[operation]:
        assert answer.status == 200
        return
    assert (answer.status, answer.code) == (400, "PreconditionNotMetException")
    assert world.describe(pool, job) == before


def test_the_times_of_a_job(world: World, row: Row) -> None:
    begin = world.clock.now()
    pool = world.pool()
    job = world.job(pool)
    assert job["CreationDate"] == begin
    world.upload(job, world.sheet(pool, [row("u")]))
    world.clock.advance(10)
    assert world.start(pool, job).document["UserImportJob"]["StartDate"] == begin + 10
    # Nobody looks until long after: the job's dates are those of its own states.
    world.clock.advance(500)
    done = world.describe(pool, job)
    assert (done["StartDate"], done["CompletionDate"]) == (begin + 12, begin + 14)


def test_statuses_as_time_goes_by(make_world: Callable[..., World], row: Row) -> None:
    world = make_world(pending_seconds=10.0, progress_seconds=40.0)
    pool = world.pool()
    job = world.job(pool)
    world.upload(job, world.sheet(pool, [row(f"u{number}") for number in range(4)]))
    world.start(pool, job)
    seen = []
    for _ in range(6):
        described = world.describe(pool, job)
        seen.append((described["Status"], described["ImportedUsers"], len(world.usernames(pool))))
        world.clock.advance(10)
    assert seen == [
        ("Pending", 0, 0),
        ("InProgress", 0, 0),
        ("InProgress", 1, 1),
        ("InProgress", 2, 2),
        ("InProgress", 3, 3),
        ("Succeeded", 4, 4),
    ]


def test_a_stopped_job_keeps_what_it_imported(world: World, row: Row) -> None:
    pool, job = reach(world, row, "InProgress")
    stopped = world.stop(pool, job).document["UserImportJob"]
    world.clock.advance(DAY)
    assert stopped["ImportedUsers"] == 2
    assert world.describe(pool, job) == stopped
    assert world.usernames(pool) == ["u0", "u1"]


def test_stopping_becomes_stopped(make_world: Callable[..., World], row: Row) -> None:
    world = make_world(stopping_seconds=3.0)
    pool, job = reach(world, row, "Stopping")
    # It is active still, so that no other job may start.
    other = world.job(pool)
    world.upload(other, world.sheet(pool, [row("x")]))
    assert world.start(pool, other).code == "PreconditionNotMetException"
    world.clock.advance(3)
    assert world.describe(pool, job)["Status"] == "Stopped"
    assert world.start(pool, other).status == 200


def test_expiry_deletes_the_file(world: World, row: Row) -> None:
    pool = world.pool()
    job = world.job(pool)
    world.upload(job, world.sheet(pool, [row("u")]))
    world.clock.advance(DAY - 1)
    assert world.describe(pool, job)["Status"] == "Created"
    world.clock.advance(1)
    expired = world.describe(pool, job)
    assert (expired["Status"], expired["CompletionDate"]) == ("Expired", world.clock.now())
    assert world.start(pool, job).code == "PreconditionNotMetException"


def test_start_without_a_file(world: World) -> None:
    pool = world.pool()
    job = world.job(pool)
    answer = world.start(pool, job)
    assert (answer.status, answer.code) == (400, "PreconditionNotMetException")
    assert answer.message == f"No csv file was uploaded for {job['JobId']}"
    assert world.describe(pool, job)["Status"] == "Created"


def test_a_pool_without_auto_verified_attributes(world: World) -> None:
    pool = world.pool(AutoVerifiedAttributes=[])
    job = world.job(pool)
    world.upload(job, b"x")
    answer = world.start(pool, job)
    assert (answer.status, answer.code) == (400, "PreconditionNotMetException")


@pytest.mark.parametrize("operation", ["DescribeUserImportJob", "StartUserImportJob", "StopUserImportJob"])
def test_what_does_not_exist(world: World, operation: str) -> None:
    pool = world.pool()
    elsewhere = world.job(world.pool())["JobId"]
    none = world.call(operation, {"UserPoolId": "us-east-1_none", "JobId": "import-1"})
    assert (none.status, none.code) == (400, "ResourceNotFoundException")
    assert none.message == "User pool us-east-1_none does not exist."
    for job in ("import-1", elsewhere):
        unknown = world.call(operation, {"UserPoolId": pool, "JobId": job})
        assert (unknown.status, unknown.code) == (400, "ResourceNotFoundException")


def test_a_single_active_job_per_account(world: World, row: Row) -> None:
    pools = [world.pool(), world.pool()]
    jobs = [world.job(pool) for pool in pools]
    for pool, job in zip(pools, jobs, strict=True):
        world.upload(job, world.sheet(pool, [row("u")]))
    assert world.start(pools[0], jobs[0]).status == 200
    refused = world.start(pools[1], jobs[1])
    assert (refused.status, refused.code) == (400, "PreconditionNotMetException")
    # Another account is free to start.
    key = "AKIDCONFORMANCE00002"
    theirs = world.pool(key=key)
    job = world.job(theirs, key=key)
    columns = world.ok("GetCSVHeader", {"UserPoolId": theirs}, key=key)["CSVHeader"]
    world.upload(job, ",".join(columns).encode())
    assert world.start(theirs, job, key=key).status == 200
    world.clock.advance(4)
    assert world.start(pools[1], jobs[1]).status == 200


def test_deleting_the_pool_ends_its_job(world: World, row: Row) -> None:
    pool, job = reach(world, row, "InProgress")
    world.ok("DeleteUserPool", {"UserPoolId": pool})
    answer = world.call("DescribeUserImportJob", {"UserPoolId": pool, "JobId": job["JobId"]})
    assert answer.code == "ResourceNotFoundException"
    assert world.upload(job, b"x").status == 404
    reach(world, row, "Succeeded")


def test_a_thousand_jobs_per_pool(world: World) -> None:
    pool = world.pool()
    created = [world.job(pool, JobName=f"job {number}")["JobId"] for number in range(1_000)]
    document = {
        "UserPoolId": pool,
        "JobName": "more",
        "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/r",
    }
    answer = world.call("CreateUserImportJob", document)
    assert (answer.status, answer.code) == (400, "LimitExceededException")
    assert world.job(world.pool())
    # All pages, newest first; a page never holds more than the output's list may.
    listed: list[str] = []
    token: str | None = ""
    while token is not None:
        more = {"PaginationToken": token} if token else {}
        page = world.ok("ListUserImportJobs", {"UserPoolId": pool, "MaxResults": 60, **more})
        assert 1 <= len(page["UserImportJobs"]) <= 50
        listed += [job["JobId"] for job in page["UserImportJobs"]]
        token = page.get("PaginationToken")
    assert listed == created[::-1]


@pytest.mark.parametrize(
    ("count", "size", "pages"), [(0, 1, [0]), (3, 3, [3]), (4, 3, [3, 1]), (3, 1, [1, 1, 1])]
)
def test_pages_of_jobs(world: World, count: int, size: int, pages: list[int]) -> None:
    pool = world.pool()
    created = [world.job(pool)["JobId"] for _ in range(count)]
    listed: list[str] = []
    sizes: list[int] = []
    token: str | None = ""
    while token is not None:
        more = {"PaginationToken": token} if token else {}
        page = world.ok("ListUserImportJobs", {"UserPoolId": pool, "MaxResults": size, **more})
        sizes.append(len(page["UserImportJobs"]))
        listed += [job["JobId"] for job in page["UserImportJobs"]]
        token = page.get("PaginationToken")
        assert token is None or re.fullmatch(r"\S+", token)
    assert (listed, sizes) == (created[::-1], pages)


def test_a_newer_job_is_not_on_a_later_page(world: World) -> None:
    pool = world.pool()
    old = [world.job(pool)["JobId"] for _ in range(3)]
    first = world.ok("ListUserImportJobs", {"UserPoolId": pool, "MaxResults": 1})
    world.job(pool)
    rest = world.ok(
        "ListUserImportJobs",
        {"UserPoolId": pool, "MaxResults": 60, "PaginationToken": first["PaginationToken"]},
    )
    assert [job["JobId"] for job in rest["UserImportJobs"]] == [old[1], old[0]]


def test_a_token_that_was_not_issued(world: World) -> None:
    pools = [world.pool(), world.pool()]
    for _ in range(2):
        world.job(pools[0])
    token = world.ok("ListUserImportJobs", {"UserPoolId": pools[0], "MaxResults": 1})["PaginationToken"]
    for pool, wrong in ((pools[0], "x"), (pools[0], token + "AAAA"), (pools[1], token)):
        document = {"UserPoolId": pool, "MaxResults": 1, "PaginationToken": wrong}
        answer = world.call("ListUserImportJobs", document)
        assert (answer.status, answer.code) == (400, "InvalidParameterException")


def test_a_hashing_algorithm_is_shown(world: World) -> None:
    pool = world.pool()
    job = world.job(pool, PasswordHashingAlgorithm="BCRYPT")
    assert job["PasswordHashingAlgorithm"] == "BCRYPT"
    assert world.describe(pool, job) == job


def test_of_sixteen_starts_a_single_start_wins(world: World, row: Row, sign: Callable[..., Request]) -> None:
    pool = world.pool()
    job = world.job(pool)
    world.upload(job, world.sheet(pool, [row("u")]))
    document = {"UserPoolId": pool, "JobId": job["JobId"]}
    request = sign(world.request("StartUserImportJob", document))
    barrier = Barrier(16)

    def start(_: int) -> tuple[int, str | None]:
        barrier.wait()
        answer = world.send(request, "StartUserImportJob")
        return answer.status, answer.code

    with ThreadPoolExecutor(16) as threads:
        results = Counter(threads.map(start, range(16)))
    assert results == {(200, None): 1, (400, "PreconditionNotMetException"): 15}


def test_sixteen_threads_make_different_things(world: World, sign: Callable[..., Request]) -> None:
    request = sign(world.request("CreateUserPool", {"PoolName": "p"}))

    def create(_: int) -> str:
        pool: str = world.send(request, "CreateUserPool").document["UserPool"]["Id"]
        return pool

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(create, range(160)))) == 160
