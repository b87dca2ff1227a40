# SPDX-License-Identifier: Apache-2.0
"""The presigned URL: its form, what it takes, and how it refuses."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from aws_conformance.http import Request, Response

if TYPE_CHECKING:
    from tests.reference.conftest import World


def refusal(response: Response) -> tuple[int, str | None]:
    root = ElementTree.fromstring(response.body)
    assert root.tag == "Error"
    assert ("Content-Type", "application/xml") in response.headers
    return response.status, root.findtext("Code")


def test_the_form_of_the_url(world: World) -> None:
    pool = world.pool()
    job = world.job(pool)
    url = urlsplit(job["PreSignedUrl"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.path == f"/123456789012/{pool}/{job['JobId']}"
    assert query.pop("X-Amz-Signature")
    assert query.pop("X-Amz-Credential").endswith("/20270115/us-east-1/s3/aws4_request")
    assert query == {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": "20270115T080000Z",
        "X-Amz-Expires": "899",
        "X-Amz-SignedHeaders": "host;x-amz-server-side-encryption",
    }


def test_the_base_url_may_be_set(make_world: Callable[..., World]) -> None:
    world = make_world(base_url="https://upload.example.com/")
    job = world.job(world.pool())
    assert job["PreSignedUrl"].startswith("https://upload.example.com/123456789012/")
    path = job["PreSignedUrl"].removeprefix("https://upload.example.com")
    headers = (("Host", "upload.example.com"), ("x-amz-server-side-encryption", "aws:kms"))
    assert world.reference.handle(Request("PUT", path, headers, b"x")).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (899, 200), (900, 403)])
def test_it_expires(world: World, seconds: int, status: int) -> None:
    job = world.job(world.pool())
    world.clock.advance(seconds)
    response = world.upload(job, b"x")
    assert response.status == status
    if status == 403:
        assert refusal(response) == (403, "AccessDenied")
        assert b"Request has expired" in response.body


MISMATCH = (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"method": "GET"}, MISMATCH),
        ({"method": "POST"}, MISMATCH),
        ({"host": "evil.example.com"}, MISMATCH),
        ({"encryption": "AES256"}, MISMATCH),
        ({"encryption": None}, MISMATCH),
        ({"old": "X-Amz-Expires=899", "new": "X-Amz-Expires=604800"}, MISMATCH),
        ({"old": "us-east-1_", "new": "us-east-1_X"}, MISMATCH),
        ({"old": "X-Amz-Signature=", "new": "X-Amz-Signature=0"}, MISMATCH),
        ({"old": "X-Amz-Signature=", "new": "X-Amz-Unsigned="}, (400, "AuthorizationQueryParametersError")),
        ({"old": "X-Amz-Date=2", "new": "X-Amz-Date=x"}, (400, "AuthorizationQueryParametersError")),
        ({"query": ""}, (403, "AccessDenied")),
    ],
)
def test_what_is_not_as_signed_is_refused(
    world: World, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    pool = world.pool()
    job = world.job(pool)
    url = urlsplit(job["PreSignedUrl"])
    target = f"{url.path}?{change.get('query', url.query)}".rstrip("?")
    target = target.replace(change.get("old", "\0"), change.get("new", ""))
    headers = [("Host", change.get("host", url.netloc))]
    if change.get("encryption", "aws:kms") is not None:
        headers.append(("x-amz-server-side-encryption", change.get("encryption", "aws:kms")))
    request = Request(change.get("method", "PUT"), target, tuple(headers), b"x")
    assert refusal(world.reference.handle(request)) == expected
    assert (world.start(pool, job).message or "").startswith("No csv file was uploaded")


def test_a_body_that_is_too_large(make_world: Callable[..., World]) -> None:
    world = make_world(upload_limit=10)
    pool = world.pool()
    job = world.job(pool)
    assert refusal(world.upload(job, b"x" * 11)) == (400, "EntityTooLarge")
    assert (world.start(pool, job).message or "").startswith("No csv file was uploaded")
    assert world.upload(job, b"x" * 10).status == 200


def test_the_limit_is_a_hundred_megabytes(world: World) -> None:
    assert world.settings.upload_limit == 100 * 1024 * 1024


def test_the_last_file_before_the_start_counts(world: World, row: Callable[..., dict[str, str]]) -> None:
    pool = world.pool()
    job = world.job(pool)
    for name in ("first", "second"):
        world.upload(job, world.sheet(pool, [row(name)]))
    world.start(pool, job)
    assert world.upload(job, world.sheet(pool, [row("third")])).status == 200
    world.clock.advance(4)
    assert world.describe(pool, job)["Status"] == "Succeeded"
    assert world.usernames(pool) == ["second"]


def test_no_upload_after_the_job_is_gone(world: World) -> None:
    pool = world.pool()
    job = world.job(pool)
    world.ok("DeleteUserPool", {"UserPoolId": pool})
    assert refusal(world.upload(job, b"x")) == (404, "NoSuchKey")
