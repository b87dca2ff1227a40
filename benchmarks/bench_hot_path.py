# SPDX-License-Identifier: Apache-2.0
"""How many cases a second are sent and judged, against calls of boto3: the same operation, on a connection.

The target is a process that answers at once, so that what is measured is ours. `--profile` prints where the
time of a case goes.

    python benchmarks/bench_hot_path.py [--profile]
"""

from __future__ import annotations

import cProfile
import pstats
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import Process
from threading import Thread
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

from aws_conformance.cases.case import Case
from aws_conformance.cases.cases import first_case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import Contract
from aws_conformance.cases.prerequisites import Prerequisites
from aws_conformance.engine.attempt import Attempter, outcome_of
from aws_conformance.engine.environment import Environment
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.selection import selected_checks, severities_for
from aws_conformance.http import Response
from aws_conformance.results.events import Verified

__all__ = ["main", "rates"]

ROUNDS, CASES = 5, 400


@dataclass(frozen=True, slots=True)
class Subject:
    """An operation that is asked again and again, with what it is asked and what is answered."""

    service: str
    operation: str
    sent: dict[str, Any]
    answer: dict[str, Any]


_JOB = {
    "JobName": "job",
    "JobId": "import-abcdefgh",
    "UserPoolId": "us-east-1_abcdefghi",
    "PreSignedUrl": "https://example.invalid/upload",
    "CreationDate": 1700000000.123,
    "Status": "Pending",
    "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/logs",
    "ImportedUsers": 0,
    "SkippedUsers": 0,
    "FailedUsers": 0,
}
SUBJECTS = (
    Subject(
        "cognito-idp",
        "StartUserImportJob",
        {"UserPoolId": "us-east-1_abcdefghi", "JobId": "import-abcdefgh"},
        {"UserImportJob": _JOB},
    ),
    Subject(
        "dynamodb",
        "PutItem",
        {"TableName": "table", "Item": {"key": {"S": "a"}, "count": {"N": "1"}}},
        {"Attributes": {"key": {"S": "a"}, "count": {"N": "0"}}},
    ),
    Subject(
        "sqs",
        "SendMessage",
        {"QueueUrl": "http://127.0.0.1/1/q", "MessageBody": "text"},
        {
            "MessageId": "5fea7756-0ea4-451a-a703-a558b933e274",
            "MD5OfMessageBody": "1cb251ec0d568de6a929b520c4aed8d1",
        },
    ),
    Subject(
        "iam",
        "GetUser",
        {"UserName": "somebody"},
        {
            "User": {
                "Path": "/",
                "UserName": "somebody",
                "UserId": "AIDACKCEVSQ6C2EXAMPLE",
                "Arn": "arn:aws:iam::123456789012:user/somebody",
                "CreateDate": "2026-01-01T00:00:00Z",
            }
        },
    ),
    Subject("s3", "GetBucketVersioning", {"Bucket": "a-bucket"}, {"Status": "Enabled"}),
)


def _head_length(data: bytes) -> int:
    """The length of a request whose head is complete, or 0."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return 0
    at = data.lower().find(b"content-length:", 0, end)
    return end + 4 + (int(data[at + 15 : data.index(b"\r\n", at)]) if at >= 0 else 0)


def _serve(listener: socket.socket, answer: bytes) -> None:
    while True:
        connection, _ = listener.accept()
        Thread(target=_answer, args=(connection, answer), daemon=True).start()


def _answer(connection: socket.socket, answer: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while received := connection.recv(65536):
        data += received
        while (length := _head_length(data)) and len(data) >= length:
            data = data[length:]
            connection.sendall(answer)


@contextmanager
def served(response: Response) -> Iterator[str]:
    """The address of a server that gives one answer to everything."""
    headers = (*response.headers, ("x-amzn-RequestId", "5fea7756-0ea4-451a-a703-a558b933e274"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    length = f"Content-Length: {len(response.body)}\r\n\r\n"
    answer = f"HTTP/1.1 {response.status} OK\r\n{head}{length}".encode() + response.body
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = Process(target=_serve, args=(listener, answer), daemon=True)
        process.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        process.terminate()
        process.join()


def _case(contract: Contract, subject: Subject) -> Case:
    first = first_case(contract.of(contract.operation(subject.operation)))
    assert first is not None
    return replace(first, template=subject.sent)


@contextmanager
def _ours(subject: Subject, contract: Contract, url: str) -> Iterator[Callable[[], object]]:
    """What sends and judges a case once."""
    operation = contract.operation(subject.operation)
    plan = Plan((f"{subject.service}:{subject.operation}",), UrlTarget(url))
    severities = severities_for(plan, subject.service)
    case = _case(contract, subject)
    with opened(plan) as session:
        attempter = Attempter(session, contract.of(operation), selected_checks(plan), severities)
        environment = Environment(session, contract, Prerequisites(), "bench")

        def attempt() -> object:
            attempted = attempter.attempt(case, environment)
            outcome = outcome_of(attempted, reached=True, fail_on="error")
            assert isinstance(outcome, Verified), (outcome, attempted)
            return outcome

        yield attempt


def _boto3(subject: Subject, url: str) -> Callable[[], object]:
    client = boto3.client(
        subject.service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )
    method = getattr(client, xform_name(subject.operation))
    return lambda: method(**subject.sent)


def _spent(work: Callable[[], object], count: int = CASES) -> tuple[float, float]:
    """Seconds that pass and seconds of CPU, for one of so many."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        work()
    return (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count


def rates(subject: Subject, *, profile: bool = False) -> tuple[tuple[float, float], tuple[float, float]]:
    """Seconds and CPU seconds of a case and of boto3's call, each the best of some rounds."""
    contract = contract_of(subject.service)
    operation = contract.operation(subject.operation)
    response = contract.protocol.encode_response(contract.service, operation, subject.answer)
    with served(response) as url, _ours(subject, contract, url) as attempt:
        call = _boto3(subject, url)
        attempt()
        call()
        pairs = [(_spent(attempt), _spent(call)) for _ in range(ROUNDS)]
        if profile:
            profiler = cProfile.Profile()
            profiler.runcall(_spent, attempt, 2000)
            pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    best = [(min(item[side][0] for item in pairs), min(item[side][1] for item in pairs)) for side in (0, 1)]
    return best[0], best[1]


def main() -> int:
    """Print the table; always 0."""
    for subject in SUBJECTS:
        ours, theirs = rates(subject, profile="--profile" in sys.argv)
        name = f"{subject.service}:{subject.operation}"
        print(
            f"{name:<32} case {ours[0] * 1e6:5.0f} us ({ours[1] * 1e6:.0f} of CPU), "
            f"boto3 {theirs[0] * 1e6:5.0f} us ({theirs[1] * 1e6:.0f} of CPU): "
            f"rate {theirs[0] / ours[0]:.1f} x, CPU {theirs[1] / ours[1]:.1f} x"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
