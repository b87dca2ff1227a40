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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...http import Headers, Request, Response
from ...protocols.routing import is_for_aws
from .bodies import Unread, drain, peek
from .network import answer_aiobotocore, refuse_aws

if TYPE_CHECKING:
    import pytest

    from .stubs import Stub

__all__ = ["ObservedCall", "mistake", "stubbed", "watching"]

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
# What a test of somebody's code shall sign with: never a key that opens anything.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDCONFORMANCESTUB0",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """A call that was seen. `service` and `operation` are what the client says, `protocol` what it speaks.

    Where only bytes were seen (requests) these are None; the request tells them. `response` is None if there
    was none; `parsed` is what took its place where a client was stubbed above the wire. `unread_request`
    and `unread_response` are why something could not be looked at without a change to what the suite does;
    then `request` and `response` lack it.
    """

    url: str
    request: Request
    response: Response | None = None
    service: str | None = None
    operation: str | None = None
    protocol: str | None = None
    parsed: Mapping[str, Any] | None = None
    unread_request: str | None = None
    unread_response: str | None = None


_NOTHING = Request("", "", (), b"")


def mistake(error: BaseException) -> str:
    """What is said of an exception of our own: its type and its place, for its text may hold secrets."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return f"our mistake: {type(error).__name__}"
    file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f"our mistake: {type(error).__name__} in {file}:{trace.tb_lineno}"


@contextmanager
def watching(take: Callable[[ObservedCall], None]) -> Iterator[None]:
    """Tell `take`, which must not raise, of each call of botocore clients made from now on, and of all AWS
    calls by requests.

    Clients get their handlers when they are made, as moto's do. botocore asks all handlers of `before-send`
    before it takes an answer, so what moto or another answers in this process is seen as well. What our own
    code raises never reaches the caller: it is told as a call that was not read.
    """
    from botocore import handlers

    watch = _BotocoreWatch(take)
    # botocore stops at the first answer to before-call, which is how its own Stubber answers: be before it.
    added = [
        ("before-call.*.*", watch.guarded(watch.before_call), handlers.REGISTER_FIRST),
        ("before-send", watch.guarded(watch.before_send)),
        ("response-received", watch.guarded(watch.response_received)),
        ("after-call", watch.guarded(watch.after_call)),
    ]
    handlers.BUILTIN_HANDLERS.extend(added)
    try:
        with _watching_requests(take):
            yield
    finally:
        watch.active = False
        for handler in added:
            with suppress(ValueError):
                handlers.BUILTIN_HANDLERS.remove(handler)


@dataclass(slots=True)
class _Begun:
    """A call of botocore that is not over."""

    service: str
    operation: str
    protocol: str
    streams: str | None
    url: str = ""
    request: Request = _NOTHING
    unread: str | None = None
    was_taken: bool = False


class _BotocoreWatch:
    """The handlers; what one call's events have in common is kept by thread."""

    def __init__(self, take: Callable[[ObservedCall], None]) -> None:
        self.active = True
        self._take = take
        self._here = threading.local()

    def guarded(self, handler: Callable[..., None]) -> Callable[..., None]:
        """The handler as botocore gets it: it returns None and raises nothing.

        A function rather than a method of ours, because sessions are copied with their handlers.
        """

        def guarded_handler(**event: Any) -> None:
            try:
                handler(**event)
            except Exception as error:
                self._give_up(error)

        return guarded_handler

    def before_call(self, model: Any, params: Mapping[str, Any], **_: Any) -> None:
        """The client's own word for what follows; a stubbed client sends nothing more than this."""
        self._here.call = None
        service = model.service_model
        call = _Begun(
            service.service_name,
            model.name,
            getattr(service, "resolved_protocol", None) or service.protocol,
            _streams(model),
        )
        # From here on a mistake is one about this service.
        self._here.call = call
        call.url = str(params.get("url", ""))
        method = str(params.get("method", "POST"))
        path = str(params.get("url_path") or "/")
        call.request, call.unread = _seen(method, path, params.get("headers", {}), params.get("body"))

    def before_send(self, request: Any, **_: Any) -> None:
        """The request as it goes out, signed; again for each retry."""
        call = self._call()
        if call is None:
            return
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        call.url = request.url
        call.request, call.unread = _seen(request.method, path, request.headers, request.body)

    def response_received(self, response_dict: Mapping[str, Any] | None, **_: Any) -> None:
        """The answer, or that there was none."""
        call = self._call()
        if call is None:
            return
        if response_dict is None:
            self._tell(call)
            return
        # What is not bytes is a stream, which is the caller's to read.
        body = response_dict["body"]
        is_read = isinstance(body, bytes)
        response = Response(
            int(response_dict["status_code"]),
            _pairs(response_dict["headers"]),
            body if is_read else b"",
        )
        self._tell(call, response, unread=None if is_read else call.streams or _STREAM)

    def after_call(self, parsed: Mapping[str, Any], **_: Any) -> None:
        """The end of a call; if nothing was received, the answer came from a Stubber."""
        call = self._call()
        if call is not None and not call.was_taken:
            self._tell(call, parsed=parsed, unread=call.streams)
        self._here.call = None

    def _call(self) -> _Begun | None:
        call: _Begun | None = getattr(self._here, "call", None)
        return call

    def _tell(
        self,
        call: _Begun,
        response: Response | None = None,
        *,
        parsed: Mapping[str, Any] | None = None,
        unread: str | None = None,
    ) -> None:
        if not self.active:
            return
        call.was_taken = True
        self._take(
            ObservedCall(
                call.url,
                call.request,
                response,
                service=call.service,
                operation=call.operation,
                protocol=call.protocol,
                parsed=parsed,
                unread_request=call.unread,
                unread_response=unread,
            )
        )

    def _give_up(self, error: Exception) -> None:
        """Tell of a call that our mistake kept from being read, and look at the rest of it no more."""
        call = self._call()
        self._here.call = None
        if self.active:
            service = call.service if call is not None else None
            self._take(ObservedCall("", _NOTHING, service=service, unread_request=mistake(error)))


_STREAM = "an answer that is streamed"


def _streams(model: Any) -> str | None:
    """Why the answers of an operation can't be read, if they can't be read without being used up."""
    if model.has_event_stream_output:
        return "an event stream"
    return _STREAM if model.has_streaming_output else None


def _seen(method: str, path: str, headers: Mapping[Any, Any], body: Any) -> tuple[Request, str | None]:
    """A request, and why its body is not in it."""
    content = peek(body)
    if isinstance(content, Unread):
        return Request(method, path, _pairs(headers), b""), content.why
    return Request(method, path, _pairs(headers), content), None


@contextmanager
def _watching_requests(take: Callable[[ObservedCall], None]) -> Iterator[None]:
    if importlib.util.find_spec("requests") is None:
        yield
        return
    # Above the adapter, which `responses` and others replace while they are active.
    session = importlib.import_module("requests.sessions").Session
    real = session.send

    @functools.wraps(real)
    def send(self: Any, request: Any, **options: Any) -> Any:
        call = _request_call(request, take)
        if call is None:
            return real(self, request, **options)
        try:
            answer = real(self, request, **options)
        except BaseException:
            take(call)
            raise
        take(_answered(call, answer, self, options))
        return answer

    session.send = send
    try:
        yield
    finally:
        # Whoever has patched it after us has the right to take it back.
        if session.send is send:
            session.send = real


def _request_call(request: Any, take: Callable[[ObservedCall], None]) -> ObservedCall | None:
    """The call that a request of requests makes, not yet answered, or None if it is not one to AWS."""
    try:
        url = str(request.url)
        bare = Request(str(request.method), str(request.path_url), _pairs(request.headers))
        if not is_for_aws(bare, urlsplit(url).hostname or ""):
            return None
        seen, unread = _seen(str(request.method), str(request.path_url), request.headers, request.body)
    except Exception as error:
        take(ObservedCall("", _NOTHING, unread_request=mistake(error)))
        return None
    return ObservedCall(url, seen, unread_request=unread)


def _answered(call: ObservedCall, answer: Any, session: Any, options: Mapping[str, Any]) -> ObservedCall:
    """The call with its answer. Of what is streamed the body is left to the caller."""
    try:
        is_streamed = bool(options.get("stream", session.stream))
        content = b"" if is_streamed else bytes(answer.content or b"")
        response = Response(answer.status_code, _pairs(answer.headers), content)
    except Exception as error:
        return replace(call, unread_response=mistake(error))
    return replace(call, response=response, unread_response=_STREAM if is_streamed else None)


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
        seen = Request(request.method, path, _pairs(request.headers), drain(request.body))
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
        bare = Request(str(request.method), str(request.path_url), _pairs(request.headers))
        return is_for_aws(bare, urlsplit(str(request.url)).hostname or ""), "not a request to AWS"

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        seen = Request(
            str(request.method), str(request.path_url), _pairs(request.headers), drain(request.body)
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
