"""Where botocore and requests are taken hold of, for all of a process's clients at once.

It owns the patches, for watching (`watching`) and for answering (`stubbed`), and their removal. It refuses
to know what is made of the requests.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..wire import Headers, Request, Response
from .recognition import is_aws

if TYPE_CHECKING:
    import pytest

    from .stubs import Stub

__all__ = ["Call", "stubbed", "watching"]

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
# What a test of somebody's code shall sign with: never a key that opens anything.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDCONFORMANCESTUB0",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was seen. `service` and `operation` are what the client says, `protocol` what it speaks.

    Where only bytes were seen (requests) these are None; the request tells them. `response` is None if there
    was none; `parsed` is what took its place where a client was stubbed above the wire.
    """

    url: str
    request: Request
    response: Response | None = None
    service: str | None = None
    operation: str | None = None
    protocol: str | None = None
    parsed: Mapping[str, Any] | None = None


@contextmanager
def watching(take: Callable[[Call], None]) -> Iterator[None]:
    """Tell `take` of each call of botocore clients made from now on, and of all AWS calls by requests.

    Clients get their handlers when they are made, as moto's do. botocore asks all handlers of `before-send`
    before it takes an answer, so what moto or another answers in this process is seen as well.
    """
    from botocore import handlers

    watch = _BotocoreWatch(take)
    # botocore stops at the first answer to before-call, which is how its own Stubber answers: be before it.
    added = [
        ("before-call.*.*", watch.before_call, handlers.REGISTER_FIRST),
        ("before-send", watch.before_send),
        ("response-received", watch.response_received),
        ("after-call", watch.after_call),
    ]
    handlers.BUILTIN_HANDLERS.extend(added)
    try:
        with _watching_requests(take):
            yield
    finally:
        watch.active = False
        for one in added:
            handlers.BUILTIN_HANDLERS.remove(one)


class _BotocoreWatch:
    """The handlers; what one call's events have in common is kept by thread."""

    def __init__(self, take: Callable[[Call], None]) -> None:
        self.active = True
        self._take = take
        self._here = threading.local()

    def before_call(self, model: Any, params: Mapping[str, Any], **_: Any) -> None:
        """The client's own word for what follows; a stubbed client sends nothing more than this."""
        body = params.get("body")
        headers = _pairs(params.get("headers", {}))
        path = str(params.get("url_path") or "/")
        self._here.model = model
        self._here.url = str(params.get("url", ""))
        self._here.request = Request(str(params.get("method", "POST")), path, headers, _bytes(body))
        self._here.told = False

    def before_send(self, request: Any, **_: Any) -> None:
        """The request as it goes out, signed; again for each retry."""
        if getattr(self._here, "model", None) is None:
            return
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._here.url = request.url
        self._here.request = Request(request.method, path, _pairs(request.headers), _bytes(request.body))

    def response_received(self, response_dict: Mapping[str, Any] | None, **_: Any) -> None:
        """The answer, or that there was none."""
        response = None
        if response_dict is not None:
            body = response_dict.get("body")
            response = Response(
                int(response_dict["status_code"]),
                _pairs(response_dict["headers"]),
                body if isinstance(body, bytes) else b"",
            )
        self._tell(response, None)

    def after_call(self, parsed: Mapping[str, Any], **_: Any) -> None:
        """The end of a call; if nothing was received, the answer came from a Stubber."""
        if not getattr(self._here, "told", True):
            self._tell(None, parsed)
        self._here.model = None

    def _tell(self, response: Response | None, parsed: Mapping[str, Any] | None) -> None:
        model = getattr(self._here, "model", None)
        if model is None or not self.active:
            return
        self._here.told = True
        service = model.service_model
        protocol = getattr(service, "resolved_protocol", None) or service.protocol
        self._take(
            Call(
                self._here.url,
                self._here.request,
                response,
                service=service.service_name,
                operation=model.name,
                protocol=protocol,
                parsed=parsed,
            )
        )


@contextmanager
def _watching_requests(take: Callable[[Call], None]) -> Iterator[None]:
    if importlib.util.find_spec("requests") is None:
        yield
        return
    # Above the adapter, which `responses` and others replace while they are active.
    session = importlib.import_module("requests.sessions").Session
    real = session.send

    @functools.wraps(real)
    def send(self: Any, request: Any, **options: Any) -> Any:
        headers = _pairs(request.headers)
        url = str(request.url)
        if not is_aws(url, headers):
            return real(self, request, **options)
        seen = Request(str(request.method), str(request.path_url), headers, _bytes(request.body))
        try:
            answer = real(self, request, **options)
        except BaseException:
            take(Call(url, seen))
            raise
        response = Response(answer.status_code, _pairs(answer.headers), bytes(answer.content or b""))
        take(Call(url, seen, response))
        return answer

    session.send = send
    try:
        yield
    finally:
        session.send = real


@contextmanager
def stubbed(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """Let `stub` answer every AWS call of botocore and requests, and no call leave for AWS.

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

    def send(_session: Any, request: Any) -> Any:
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        seen = Request(request.method, path, _pairs(request.headers), _bytes(request.body))
        response = stub.handle(request.url, seen)
        return AWSResponse(request.url, response.status, _dict(response), _Raw(response.body))

    monkeypatch.setattr(URLLib3Session, "send", send)
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
        return is_aws(str(request.url), _pairs(request.headers)), "not a request to AWS"

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        seen = Request(
            str(request.method), str(request.path_url), _pairs(request.headers), _bytes(request.body)
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


def _pairs(headers: Mapping[Any, Any]) -> Headers:
    return tuple((_text(name), _text(value)) for name, value in headers.items())


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    """A body as bytes; a file's is read from where it stands, and set back."""
    match body:
        case None:
            return b""
        case bytes() | bytearray():
            return bytes(body)
        case str():
            return body.encode()
        case _ if hasattr(body, "read") and hasattr(body, "seek"):
            place = body.tell()
            content = body.read()
            body.seek(place)
            return content.encode() if isinstance(content, str) else bytes(content)
        case _:
            return b""
