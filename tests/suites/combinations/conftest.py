# SPDX-License-Identifier: Apache-2.0
"""A mock in the manner of moto for all clients of botocore, and keys that are none.

It answers before anything is sent: what a client asks for is in its answer, so that tests at once can tell
their answers apart.
"""

import json

import pytest
from botocore import handlers
from botocore.awsrequest import AWSResponse

_KIND = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "1"}


class Raw:
    def __init__(self, body):
        self._body = body

    def stream(self, *rest, **options):
        yield self._body


class AsyncAnswer(AWSResponse):
    """The same for aiobotocore, which awaits the body."""

    @property
    async def content(self):
        return b"".join(self.raw.stream())


def _document(request):
    words = json.loads(request.body or b"{}")
    if words.get("TableName") == "broken":
        return {"Item": {"id": "a text and no value"}}
    return {"Item": words.get("Key", {})}


def answer(request, **rest):
    if "DynamoDB" not in str(request.headers.get("X-Amz-Target")):
        return None
    body = json.dumps(_document(request)).encode()
    kind = AsyncAnswer if "aiobotocore" in str(request.headers.get("User-Agent")) else AWSResponse
    return kind(request.url, 200, dict(_KIND), Raw(body))


handlers.BUILTIN_HANDLERS.append(("before-send", answer))


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
