# SPDX-License-Identifier: Apache-2.0
"""A walk through user imports as anybody's client makes it, and its recording in four forms at once.

It owns the walk and the recorders: vcrpy and botocore's own log as they are, an HTTP Archive and a dump of
mitmproxy as those tools write them, made of the same exchanges. It refuses to know what a recording shows.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import vcr
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.walks.steps import ROLE, csv_file, upload

from aws_conformance.frontends.plugin.observed_call import ObservedCall
from aws_conformance.frontends.plugin.patches import watching
from aws_conformance.http import Request, Response
from aws_conformance.reference import ACCESS_KEY, SECRET_KEY, ManualClock
from aws_conformance.targets.server import Handler, serve

__all__ = ["FORMS", "Recorded", "archive_of", "archived_walk", "dump_of", "recorded_walk"]

FORMS = ("har", "vcr", "mitmproxy", "botocore-log")
_KEYS = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
_BEGAN = 1_800_000_000.0
_SECONDS = 5.0


@dataclass(slots=True)
class Recorded:
    """A walk: its files by their form, and the calls as they were seen while it was made."""

    files: dict[str, Path]
    calls: list[ObservedCall]


@dataclass(slots=True)
class _Wire:
    """A handler whose exchanges are written down, each with a moment of its own."""

    handler: Handler
    exchanges: list[tuple[Request, Response]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        response = self.handler(request)
        self.exchanges.append((request, response))
        return response


def recorded_walk(handler: Handler, clock: ManualClock, folder: Path) -> Recorded:
    """Walk through user imports on a handler, and record it in each form."""
    wire, calls = _Wire(handler), list[ObservedCall]()
    text = io.StringIO()
    cassette = folder / "walk.yaml"
    with serve(wire) as server, _botocore_logs(text):
        with watching(calls.append), vcr.use_cassette(str(cassette), record_mode="all"):
            _walk(server.url, clock)
        url = server.url
    files = {form: folder / f"walk.{form}" for form in FORMS}
    cassette.rename(files["vcr"])
    files["har"].write_text(json.dumps(archive_of(url, wire.exchanges)), "utf-8")
    files["mitmproxy"].write_bytes(dump_of(url, wire.exchanges))
    files["botocore-log"].write_text(text.getvalue(), "utf-8")
    return Recorded(files, calls)


def archived_walk(handler: Handler, clock: ManualClock, folder: Path) -> Path:
    """Walk through user imports on a handler, and record it as an HTTP Archive alone."""
    wire = _Wire(handler)
    with serve(wire) as server:
        _walk(server.url, clock)
        url = server.url
    file = folder / "walk.har"
    file.write_text(json.dumps(archive_of(url, wire.exchanges)), "utf-8")
    return file


def _walk(url: str, clock: ManualClock) -> None:
    client = boto3.session.Session(**_KEYS).client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=url,
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    pool = client.create_user_pool(PoolName="walk", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    columns = client.get_csv_header(UserPoolId=pool)["CSVHeader"]
    for content in (csv_file(columns), csv_file([name for name in columns if name != "email"])):
        key = _created(client, pool, content)
        _tried(client.start_user_import_job, **key)
        _tried(client.start_user_import_job, **key)
        for _ in range(3):
            clock.advance(_SECONDS)
            client.describe_user_import_job(**key)
            client.list_user_import_jobs(UserPoolId=pool, MaxResults=60)
    # A job without a file, and one that is stopped and asked to start again.
    _tried(client.start_user_import_job, **_created(client, pool, None))
    key = _created(client, pool, csv_file(columns))
    _tried(client.start_user_import_job, **key)
    _tried(client.stop_user_import_job, **key)
    clock.advance(_SECONDS)
    client.describe_user_import_job(**key)
    _tried(client.start_user_import_job, **key)
    client.describe_user_import_job(**key)
    clock.advance(_SECONDS)
    # Two that would be active at once.
    first, second = (_created(client, pool, csv_file(columns)) for _ in range(2))
    _tried(client.start_user_import_job, **first)
    _tried(client.start_user_import_job, **second)
    _tried(client.stop_user_import_job, **first)
    client.create_user_import_job(JobName="left", UserPoolId=pool, CloudWatchLogsRoleArn=ROLE)
    clock.advance(3 * 86_400)
    for job in client.list_user_import_jobs(UserPoolId=pool, MaxResults=60)["UserImportJobs"]:
        client.describe_user_import_job(UserPoolId=pool, JobId=job["JobId"])
    client.delete_user_pool(UserPoolId=pool)


def _created(client: Any, pool: str, content: bytes | None) -> dict[str, str]:
    job = client.create_user_import_job(JobName="walk", UserPoolId=pool, CloudWatchLogsRoleArn=ROLE)[
        "UserImportJob"
    ]
    if content is not None:
        upload(job["PreSignedUrl"], content)
    return {"UserPoolId": pool, "JobId": job["JobId"]}


def _tried(call: Callable[..., Any], **members: str) -> None:
    with contextlib.suppress(ClientError):
        call(**members)


@contextlib.contextmanager
def _botocore_logs(stream: io.StringIO) -> Iterator[None]:
    """What boto3.set_stream_logger('') does, undone afterwards."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s [%(levelname)s] %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def archive_of(url: str, exchanges: list[tuple[Request, Response]]) -> dict[str, Any]:
    """The exchanges as a browser writes them down: texts where they are texts, in base64 otherwise."""
    entries = []
    for index, (request, response) in enumerate(exchanges):
        began = datetime.fromtimestamp(_BEGAN + 10 * index, UTC).isoformat()
        kind = next((value for name, value in response.headers if name.lower() == "content-type"), "")
        entries.append(
            {
                "startedDateTime": began,
                "time": 12.5,
                "request": {
                    "method": request.method,
                    "url": f"{url}{request.path}",
                    "headers": [{"name": name, "value": value} for name, value in request.headers],
                    "postData": {"mimeType": "", "text": request.body.decode()},
                },
                "response": {
                    "status": response.status,
                    "headers": [{"name": name, "value": value} for name, value in response.headers],
                    "content": {
                        "mimeType": kind,
                        "encoding": "base64",
                        "text": base64.b64encode(response.body).decode(),
                    },
                },
            }
        )
    return {"log": {"version": "1.2", "creator": {"name": "a browser"}, "entries": entries}}


def dump_of(url: str, exchanges: list[tuple[Request, Response]]) -> bytes:
    """The exchanges as mitmproxy writes them."""
    host, _, port = url.removeprefix("http://").partition(":")
    flows = []
    for index, (request, response) in enumerate(exchanges):
        began = _BEGAN + 10 * index
        flow = {
            "type": "http",
            "version": 21,
            "request": {
                "method": request.method.encode(),
                "scheme": b"http",
                "host": host,
                "port": int(port),
                "path": request.path.encode(),
                "headers": [[name.encode(), value.encode()] for name, value in request.headers],
                "content": request.body,
                "timestamp_start": began,
            },
            "response": {
                "status_code": response.status,
                "headers": [[name.encode(), value.encode()] for name, value in response.headers],
                "content": response.body,
                "timestamp_end": began + 0.1,
            },
            "error": None,
        }
        flows.append(_netstring(flow))
    return b"".join(flows)


def _netstring(value: Any) -> bytes:
    match value:
        case None:
            raw, tag = b"", b"~"
        case bytes():
            raw, tag = value, b","
        case str():
            raw, tag = value.encode(), b";"
        case int():
            raw, tag = str(value).encode(), b"#"
        case float():
            raw, tag = repr(value).encode(), b"^"
        case Mapping():
            raw, tag = b"".join(_netstring(item) for pair in value.items() for item in pair), b"}"
        case _:
            raw, tag = b"".join(map(_netstring, value)), b"]"
    return b"%d:%s%s" % (len(raw), raw, tag)
