# SPDX-License-Identifier: Apache-2.0
"""Where botocore and requests are given answers, for all of a process's clients at once.

It owns the patches for answering, and their removal. It refuses to know what is answered (stubs.py).
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...http import Request, Response
from ...protocols.routing import is_for_aws
from .bodies import drain
from .network import answer_aiobotocore, refuse_aws
from .patches import header_pairs

if TYPE_CHECKING:
    import pytest

    from .stubs import Stub

__all__ = ["stubbed"]

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
# What a test of somebody's code shall sign with: never a key that opens anything.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDCONFORMANCESTUB0",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def stubbed(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """Let `stub` answer AWS calls of botocore, aiobotocore and requests, and no connection leave for AWS.

    Clients that exist already are answered too. What is not for AWS passes, unless botocore sends it.
    """
    import os

    from botocore.awsrequest import AWSResponse
    from botocore.httpsession import URLLib3Session

    for name, value in _ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    if "AWS_REGION" not in os.environ and "AWS_DEFAULT_REGION" not in os.environ:
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def handle(request: Any) -> Response:
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        seen = Request(request.method, path, header_pairs(request.headers), drain(request.body))
        return stub.handle(request.url, seen)

    def send(_session: Any, request: Any) -> Any:
        response = handle(request)
        return AWSResponse(request.url, response.status, _dict(response), _Raw(response.body))

    monkeypatch.setattr(URLLib3Session, "send", send)
    answer_aiobotocore(handle, monkeypatch)
    refuse_aws(monkeypatch)
    with _answering_requests(stub):
        yield stub


@contextmanager
def _answering_requests(stub: Stub) -> Iterator[None]:
    if importlib.util.find_spec("responses") is None:
        yield
        return
    import re

    responses = importlib.import_module("responses")

    def for_aws(request: Any) -> tuple[bool, str]:
        bare = Request(str(request.method), str(request.path_url), header_pairs(request.headers))
        return is_for_aws(bare, urlsplit(str(request.url)).hostname or ""), "not a request to AWS"

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        seen = Request(
            str(request.method), str(request.path_url), header_pairs(request.headers), drain(request.body)
        )
        response = stub.handle(str(request.url), seen)
        return response.status, _dict(response), response.body

    everything = ("http://", "https://")
    mock = responses.RequestsMock(assert_all_requests_are_fired=False, passthru_prefixes=everything)
    with mock:
        for method in _METHODS:
            mock.add_callback(method, re.compile(".*"), callback=answer, match=[for_aws], content_type=None)
        yield


@dataclass(slots=True)
class _Raw:
    """A body as botocore reads it from urllib3."""

    body: bytes

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All of it, once."""
        body, self.body = self.body, b""
        yield body

    def read(self, *_: Any, **__: Any) -> bytes:
        """All of it, once."""
        return b"".join(self.stream())


def _dict(response: Response) -> dict[str, str]:
    return dict(response.headers)
