# SPDX-License-Identifier: Apache-2.0
"""A stand-in for AWS on this machine: it says whose keys these are, keeps queues, and counts requests.

It owns the counting. It refuses to be exact: nothing is judged by what it answers, only by what reaches it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from aws_conformance.http import Request, Response, header
from aws_conformance.targets.server import serve

__all__ = ["ACCOUNT", "CountingAws", "counting_aws"]

ACCOUNT = "111122223333"
_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::{0}:user/ours</Arn><UserId>AIDA</UserId><Account>{0}</Account>"
    "</GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
    "</GetCallerIdentityResponse>"
)


@dataclass
class CountingAws:
    """What was asked, by operation, and the queues; `payroll` was there before anybody asked."""

    queues: dict[str, str] = field(default_factory=lambda: {"payroll": "https://sqs/111122223333/payroll"})
    counts: Counter[str] = field(default_factory=Counter)
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    account: str = ACCOUNT
    undeletable: bool = False

    def answer(self, request: Request) -> Response:
        """The answer of whichever service a request is for."""
        self.requests.append(request)
        target = header(request.headers, "x-amz-target")
        if target is None:
            action = parse_qs(request.body.decode("latin-1")).get(
                "Action", [f"{request.method} {request.path}"]
            )[0]
            self.counts[action] += 1
            if action == "GetCallerIdentity":
                return Response(200, (("Content-Type", "text/xml"),), _IDENTITY.format(self.account).encode())
            return Response(404, (("Content-Type", "text/xml"),), b"<ErrorResponse/>")
        operation = target.partition(".")[2]
        self.counts[operation] += 1
        try:
            document = json.loads(request.body or b"{}")
        except ValueError:
            return _refusal("SerializationException")
        if not isinstance(document, dict):
            return _refusal("SerializationException")
        return self._queue_service(operation, document)

    def _queue_service(self, operation: str, document: dict[str, object]) -> Response:
        name, url = document.get("QueueName"), document.get("QueueUrl")
        match operation:
            case "ListQueues":
                return _success({"QueueUrls": list(self.queues.values())})
            case "CreateQueue" if isinstance(name, str) and name:
                self.queues[name] = f"https://sqs/{ACCOUNT}/{name}"
                return _success({"QueueUrl": self.queues[name]})
            case "GetQueueUrl" if name in self.queues:
                return _success({"QueueUrl": self.queues[str(name)]})
            case "DeleteQueue" if url in self.queues.values() and not self.undeletable:
                self.queues = {key: value for key, value in self.queues.items() if value != url}
                return _success({})
            case "DeleteQueue" if self.undeletable:
                return _refusal("AccessDenied")
            case "GetQueueAttributes" | "ListQueueTags" if url in self.queues.values():
                return _success({})
            case "CreateQueue" | "ListQueueTags" | "GetQueueAttributes" | "GetQueueUrl" | "DeleteQueue":
                return _refusal("QueueDoesNotExist")
            case _:
                return _refusal("InvalidAction")


def _success(document: object) -> Response:
    return Response(200, (("Content-Type", "application/x-amz-json-1.0"),), json.dumps(document).encode())


def _refusal(code: str) -> Response:
    body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": "no"}).encode()
    return Response(400, (("Content-Type", "application/x-amz-json-1.0"),), body)


@contextmanager
def counting_aws() -> Iterator[CountingAws]:
    """A server of it on the loopback."""
    aws = CountingAws()
    with serve(aws.answer) as server:
        aws.url = server.url
        yield aws
