# SPDX-License-Identifier: Apache-2.0
"""A reference with a clock that tests move, and a client that signs, sends and decodes strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aws_conformance.http import Headers, Request, Response
from aws_conformance.protocols.json import PROTOCOL
from aws_conformance.reference import ACCESS_KEY, REGION, SECRET_KEY, Clock, ManualClock, Reference, Settings
from aws_conformance.reference import SystemClock as WallClock
from aws_conformance.spec.botocore import load_service

HOST = "127.0.0.1:4599"
ROLE = "arn:aws:iam::123456789012:role/import-logs"
SERVICE = load_service("cognito-idp")
OTHER_KEY = "AKIDCONFORMANCE00002"


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded answer: the output's document or the error's members, its code and message."""

    status: int
    document: Any
    code: str | None
    message: str | None
    message_key: str | None
    response: Response


def signed(
    request: Request,
    key: str = ACCESS_KEY,
    secret: str = SECRET_KEY,
    region: str = REGION,
    service: str = "cognito-idp",
) -> Request:
    """The request with Host and with the headers that botocore's signer adds."""
    headers = dict(request.headers)
    probe = AWSRequest(request.method, f"http://{HOST}{request.path}", headers=headers, data=request.body)
    SigV4Auth(Credentials(key, secret), service, region).add_auth(probe)
    return Request(
        request.method, request.path, (("Host", HOST), *map(tuple, probe.headers.items())), request.body
    )


@dataclass(slots=True)
class World:
    """A reference, its clock and a client of it."""

    settings: Settings = field(default_factory=Settings)
    clock: ManualClock = field(default_factory=ManualClock)
    wall: Clock = field(default_factory=WallClock)
    reference: Reference = field(init=False)

    def __post_init__(self) -> None:
        self.reference = Reference(self.settings, self.clock, self.wall)

    def request(self, operation: str, document: Any = None, headers: Headers = ()) -> Request:
        """An unsigned request of an operation of the model."""
        request = PROTOCOL.encode_request(SERVICE, SERVICE.operations[operation], document or {})
        return request.with_headers(headers)

    def call(
        self, operation: str, document: Any = None, *, key: str = ACCESS_KEY, headers: Headers = ()
    ) -> Answer:
        """Sign, send and decode; the bytes of every answer must be without findings."""
        return self.send(signed(self.request(operation, document, headers), key), operation)

    def send(self, request: Request, operation: str = "DescribeUserImportJob") -> Answer:
        response = self.reference.handle(request)
        names = [name.lower() for name, _ in response.headers]
        assert "date" in names
        assert "x-amzn-requestid" in names
        if response.status == 200:
            decoded = PROTOCOL.decode_response(SERVICE, SERVICE.operations[operation], response)
            assert decoded.findings == ()
            return Answer(200, decoded.document, None, None, None, response)
        error = PROTOCOL.decode_error(SERVICE, response)
        assert error.findings == ()
        assert ("x-amzn-ErrorType", f"{error.code}:") in response.headers
        return Answer(response.status, error.document, error.code, error.message, error.message_key, response)

    def ok(self, operation: str, document: Any = None, *, key: str = ACCESS_KEY) -> Any:
        """The output of a call that must succeed."""
        answer = self.call(operation, document, key=key)
        assert answer.status == 200, answer.response.body
        return answer.document

    def pool(self, *, key: str = ACCESS_KEY, **members: Any) -> str:
        """The id of a new pool, which verifies e-mail addresses unless told otherwise."""
        document = {"PoolName": "pool", "AutoVerifiedAttributes": ["email"], **members}
        pool_id: str = self.ok("CreateUserPool", document, key=key)["UserPool"]["Id"]
        return pool_id

    def job(self, pool_id: str, *, key: str = ACCESS_KEY, **members: Any) -> dict[str, Any]:
        document = {"JobName": "job", "UserPoolId": pool_id, "CloudWatchLogsRoleArn": ROLE, **members}
        job: dict[str, Any] = self.ok("CreateUserImportJob", document, key=key)["UserImportJob"]
        return job

    def upload(self, job: dict[str, Any], content: bytes, headers: Headers | None = None) -> Response:
        url = job["PreSignedUrl"]
        path = url.removeprefix(f"http://{HOST}")
        extra = (("x-amz-server-side-encryption", "aws:kms"),) if headers is None else headers
        return self.reference.handle(Request("PUT", path, (("Host", HOST), *extra), content))

    def start(self, pool_id: str, job: dict[str, Any], *, key: str = ACCESS_KEY) -> Answer:
        return self.call("StartUserImportJob", {"UserPoolId": pool_id, "JobId": job["JobId"]}, key=key)

    def stop(self, pool_id: str, job: dict[str, Any]) -> Answer:
        return self.call("StopUserImportJob", {"UserPoolId": pool_id, "JobId": job["JobId"]})

    def describe(self, pool_id: str, job: dict[str, Any]) -> dict[str, Any]:
        document = {"UserPoolId": pool_id, "JobId": job["JobId"]}
        described: dict[str, Any] = self.ok("DescribeUserImportJob", document)["UserImportJob"]
        return described

    def header(self, pool_id: str) -> list[str]:
        columns: list[str] = self.ok("GetCSVHeader", {"UserPoolId": pool_id})["CSVHeader"]
        return columns

    def sheet(self, pool_id: str, rows: Iterable[dict[str, str]]) -> bytes:
        """A file of rows, each given by its values by column; the rest is blank."""
        columns = self.header(pool_id)
        return sheet(columns, ([row.get(column, "") for column in columns] for row in rows))

    def run(self, pool_id: str, content: bytes, **members: Any) -> dict[str, Any]:
        """The end of a job that imports that file."""
        job = self.job(pool_id, **members)
        assert self.upload(job, content).status == 200
        answer = self.start(pool_id, job)
        assert answer.status == 200, answer.message
        self.clock.advance(self.settings.pending_seconds + self.settings.progress_seconds)
        return self.describe(pool_id, job)

    def usernames(self, pool_id: str) -> list[str]:
        users = self.ok("ListUsers", {"UserPoolId": pool_id})["Users"]
        return [user["Username"] for user in users]


def sheet(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return "".join(f"{','.join(cells)}\n" for cells in (columns, *rows)).encode()


def person(name: str, **more: str) -> dict[str, str]:
    """A row that imports: its e-mail address is verified."""
    return {"cognito:username": name, "email": f"{name}@example.com", "email_verified": "TRUE", **more}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make_world() -> Callable[..., World]:
    """Worlds with settings of their own: `make_world(faults=True)`."""

    def make(wall: Clock | None = None, **settings: Any) -> World:
        return World(Settings(**settings), wall=wall or WallClock())

    return make


@pytest.fixture
def sign() -> Callable[..., Request]:
    return signed


@pytest.fixture
def row() -> Callable[..., dict[str, str]]:
    return person


@pytest.fixture
def body() -> Callable[[Any], bytes]:
    return lambda value: json.dumps(value).encode()
