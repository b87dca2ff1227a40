# SPDX-License-Identifier: Apache-2.0
"""A miniature of Kinesis that has streams and nothing in them, and one whose streams never say how they are.

It owns four operations on streams: what an SDK waits for is none of Secrets Manager's (shelf.py). It refuses
to know how a run goes (tests/test_oracle_miniatures.py).
"""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header

__all__ = ["STREAM_OPERATIONS", "StreamRegister", "WithoutStatus"]

STREAM_OPERATIONS = tuple(
    f"kinesis:{name}" for name in ("CreateStream", "DescribeStream", "DeleteStream", "ListStreams")
)


@dataclass(slots=True)
class StreamRegister:
    """Streams by their names, of one region alone."""

    streams: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        scope = header(request.headers, "authorization") or ""
        steps: Mapping[str, Callable[[Any], Any]] = {
            "CreateStream": self.create,
            "DescribeStream": self.describe,
            "DeleteStream": self.delete,
            "ListStreams": self.listing,
        }
        if operation not in steps:
            return _answer(400, {"__type": "UnknownOperationException", "message": "no such operation"})
        sent = json.loads(request.body)
        if _contract().validator(operation, "input").findings(sent):
            return _answer(400, {"__type": "InvalidArgumentException", "message": "refused"})
        with self.lock:
            if "/us-east-1/" not in scope:
                return _answer(200, {"StreamNames": [], "HasMoreStreams": False})
            try:
                return _answer(200, steps[operation](sent))
            except LookupError as refused:
                return _answer(400, {"__type": refused.args[0], "message": "refused"})

    def create(self, sent: Any) -> Any:
        name = sent["StreamName"]
        if name in self.streams:
            raise LookupError("ResourceInUseException")
        self.streams[name] = {
            "StreamName": name,
            "StreamARN": f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}",
            "StreamStatus": "ACTIVE",
            "StreamModeDetails": sent.get("StreamModeDetails", {"StreamMode": "PROVISIONED"}),
            "Shards": [],
            "HasMoreShards": False,
            "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": round(time.time(), 3),
            "EnhancedMonitoring": [],
            "EncryptionType": "NONE",
        }
        return None

    def stream(self, sent: Any) -> Any:
        name = sent.get("StreamName") or sent.get("StreamARN", "").rpartition("/")[2]
        if name not in self.streams:
            raise LookupError("ResourceNotFoundException")
        return self.streams[name]

    def describe(self, sent: Any) -> Any:
        return {"StreamDescription": self.stream(sent)}

    def delete(self, sent: Any) -> Any:
        del self.streams[self.stream(sent)["StreamName"]]

    def listing(self, sent: Any) -> Any:
        after = sent.get("ExclusiveStartStreamName") or sent.get("NextToken") or ""
        if "NextToken" in sent and after not in self.streams:
            raise LookupError("ExpiredNextTokenException")
        names = [name for name in sorted(self.streams) if name > after]
        limit = sent.get("Limit", 100)
        answer: dict[str, Any] = {"StreamNames": names[:limit], "HasMoreStreams": len(names) > limit}
        return answer | ({"NextToken": names[limit - 1]} if len(names) > limit else {})


class WithoutStatus(StreamRegister):
    """Streams that an SDK waits for in vain."""

    def describe(self, sent: Any) -> Any:
        shown = super().describe(sent)["StreamDescription"]
        return {"StreamDescription": {name: item for name, item in shown.items() if name != "StreamStatus"}}


@functools.cache
def _contract() -> Any:
    return contract_of("kinesis", None)


def _answer(status: int, document: Any) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "0" * 32))
    return Response(status, headers, b"" if document is None else json.dumps(document).encode())
