# SPDX-License-Identifier: Apache-2.0
"""Where botocore and requests are taken hold of, for all of a process's clients at once.

It owns the patches for watching, and their removal. It refuses to know what is made of the calls, and how
they are answered (stubbing.py).
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from ...http import Headers, Request, Response
from ...protocols.routing import bucket_in, is_for_aws
from .bodies import Unread, is_chunked_by_botocore, peek
from .observed_call import ObservedCall

__all__ = ["header_pairs", "mistake", "watching"]


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
        # Of an answer that botocore's own parser raises on there is no word but these: before it, and after.
        ("before-parse.*.*", watch.guarded(watch.before_parse), handlers.REGISTER_FIRST),
        ("response-received", watch.guarded(watch.response_received)),
        # boto3's resources make Python values of what DynamoDB answers, in handlers of their own: be before
        # those as well, for what a Stubber answers is looked at here. The most specific names come first.
        ("after-call.*.*", watch.guarded(watch.after_call), handlers.REGISTER_FIRST),
        ("after-call-error.*.*", watch.guarded(watch.after_call_error), handlers.REGISTER_FIRST),
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
    bucket: str = ""
    url: str = ""
    request: Request = _NOTHING
    unread: str | None = None
    was_sent: bool = False
    was_taken: bool = False
    # The answer to what was sent last, as it was before it was parsed.
    unparsed: _WireAnswer | None = None


@dataclass(frozen=True, slots=True)
class _WireAnswer:
    """An answer, and why its body is not in it."""

    response: Response
    unread: str | None


class _BotocoreWatch:
    """The handlers; what one call's events have in common is kept by thread and by task of asyncio."""

    def __init__(self, take: Callable[[ObservedCall], None]) -> None:
        self.active = True
        self._take = take
        self._begun: ContextVar[_Begun | None] = ContextVar("begun", default=None)

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
        self._begun.set(None)
        service = model.service_model
        call = _Begun(
            service.service_name,
            model.name,
            getattr(service, "resolved_protocol", None) or service.protocol,
            _streams(model),
        )
        # From here on a mistake is one about this service.
        self._begun.set(call)
        call.bucket = str(params.get("context", {}).get("s3_redirect", {}).get("bucket") or "")
        call.url = str(params.get("url", ""))
        method = str(params.get("method", "POST"))
        path = _path(call.url, call.bucket)
        call.request, call.unread = _seen(method, path, params.get("headers", {}), params.get("body"))

    def before_send(self, request: Any, **_: Any) -> None:
        """The request as it goes out, signed; again for each retry."""
        call = self._begun.get()
        if call is None:
            return
        call.url = request.url
        path = _path(call.url, call.bucket)
        call.request, call.unread = _seen(request.method, path, request.headers, request.body)
        # A retry has an answer of its own.
        call.was_sent, call.was_taken, call.unparsed = True, False, None

    def before_parse(self, response_dict: Mapping[str, Any], **_: Any) -> None:
        """An answer that is about to be parsed."""
        call = self._begun.get()
        if call is not None:
            call.unparsed = _answer(call, response_dict)

    def response_received(self, response_dict: Mapping[str, Any] | None, **_: Any) -> None:
        """The answer, or that there was none."""
        call = self._begun.get()
        if call is None:
            return
        if response_dict is None:
            self._tell(call)
            return
        answer = _answer(call, response_dict)
        self._tell(call, answer.response, unread=answer.unread)

    def after_call_error(self, **_: Any) -> None:
        """The end of a call by an exception; an answer that was not told is one that botocore can't read."""
        call = self._begun.get()
        if call is not None and call.was_sent and not call.was_taken:
            answer = call.unparsed
            if answer is None:
                self._tell(call, unread=_REFUSED_BY_CLIENT)
            else:
                self._tell(call, answer.response, unread=answer.unread)
        self._begun.set(None)

    def after_call(self, parsed: Mapping[str, Any], **_: Any) -> None:
        """The end of a call; if nothing was received, the answer came from a Stubber."""
        call = self._begun.get()
        if call is not None and not call.was_taken:
            self._tell(call, parsed=parsed, unread=call.streams)
        self._begun.set(None)

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
        call = self._begun.get()
        self._begun.set(None)
        if self.active:
            service = call.service if call is not None else None
            self._take(ObservedCall("", _NOTHING, service=service, unread_request=mistake(error)))


_STREAM = "an answer that is streamed"
# Such as one whose checksum is not that of its body.
_REFUSED_BY_CLIENT = "an answer that botocore does not read"


def _answer(call: _Begun, response_dict: Mapping[str, Any]) -> _WireAnswer:
    """An answer as botocore holds it. What is not bytes is a stream, which is the caller's to read."""
    body = response_dict["body"]
    is_read = isinstance(body, bytes)
    pairs = header_pairs(response_dict["headers"])
    response = Response(int(response_dict["status_code"]), pairs, body if is_read else b"")
    return _WireAnswer(response, None if is_read else call.streams or _STREAM)


def _streams(model: Any) -> str | None:
    """Why the answers of an operation can't be read, if they can't be read without being used up."""
    if model.has_event_stream_output:
        return "an event stream"
    return _STREAM if model.has_streaming_output else None


def _path(url: str, bucket: str) -> str:
    """The path of a URL with its query, and with the bucket in front where the host's name holds it.

    So it is the model's, for S3 as for all others: addressed by host, an object's key would be a bucket.
    """
    parts = urlsplit(url)
    path = parts.path or "/"
    host = parts.hostname or ""
    # An access point's ARN is in no path; its name and account are the host's.
    if bucket and (host.startswith(f"{bucket.lower()}.") or ":" in bucket):
        path = f"/{quote(bucket, safe='')}{path if path != '/' else ''}"
    return path + (f"?{parts.query}" if parts.query else "")


def _seen(method: str, path: str, headers: Mapping[Any, Any], body: Any) -> tuple[Request, str | None]:
    """A request, and why its body is not in it. What its host says of a bucket its path says already."""
    pairs = tuple(pair for pair in header_pairs(headers) if pair[0].lower() != "host")
    content = peek(body)
    if isinstance(content, Unread):
        return Request(method, path, pairs, b""), content.why
    if is_chunked_by_botocore(body):
        # Of this the content was looked at, and not the chunks that a server would get.
        pairs = tuple(_without_chunks(pairs))
    return Request(method, path, pairs, content), None


def _without_chunks(headers: Headers) -> Iterator[tuple[str, str]]:
    """The headers of a body whose chunks were taken apart."""
    for name, text in headers:
        if name.lower() == "content-encoding":
            text = ", ".join(part.strip() for part in text.split(",") if part.strip() != "aws-chunked")
        if text or name.lower() != "content-encoding":
            yield name, text


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
        path = _path(url, bucket_in(urlsplit(url).hostname or ""))
        bare = Request(str(request.method), path, header_pairs(request.headers))
        if not is_for_aws(bare, urlsplit(url).hostname or ""):
            return None
        seen, unread = _seen(str(request.method), path, request.headers, request.body)
    except Exception as error:
        take(ObservedCall("", _NOTHING, unread_request=mistake(error)))
        return None
    return ObservedCall(url, seen, unread_request=unread)


def _answered(call: ObservedCall, answer: Any, session: Any, options: Mapping[str, Any]) -> ObservedCall:
    """The call with its answer. Of what is streamed the body is left to the caller."""
    try:
        is_streamed = bool(options.get("stream", session.stream))
        content = b"" if is_streamed else bytes(answer.content or b"")
        response = Response(answer.status_code, header_pairs(answer.headers), content)
    except Exception as error:
        return replace(call, unread_response=mistake(error))
    return replace(call, response=response, unread_response=_STREAM if is_streamed else None)


def header_pairs(headers: Mapping[Any, Any]) -> Headers:
    """Headers as both clients hold them, as pairs of texts."""
    return tuple((_text(name), _text(value)) for name, value in headers.items())


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
