# SPDX-License-Identifier: Apache-2.0
"""An exchange as another tool recorded it, and the making of one from what the tools' files hold.

It owns what all those files have in common: what a recorder leaves out, decodes or adds of its own. It
refuses to know any file's form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..codings import READABLE, codings_of, decoded
from ..errors import UsageError
from ..http import LARGEST_BODY, Headers, Request, Response, headers_named

__all__ = ["Capture", "CapturedMessage", "bad_entry", "capture_of", "headers_of"]

# What a recorder has taken off already, or what is the connection's own: nothing of what a service says.
_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
_GZIP = b"\x1f\x8b"
_LONGEST_HEADER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class CapturedMessage:
    """Headers and body of one side. `unread` is why the body can't be known, or the empty string."""

    headers: Headers = ()
    body: bytes = b""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """A request and its answer, as recorded. `response` is None where no answer came.

    `number` is its place in the file, from 1. `started` and `ended` are seconds of the recorder's clock, None
    where it did not write them down. `unread_request` and `unread_response` are why a body is not known.
    """

    number: int
    url: str
    request: Request
    response: Response | None
    started: float | None = None
    ended: float | None = None
    unread_request: str = ""
    unread_response: str = ""


def capture_of(
    number: int,
    method: str,
    url: str,
    request: CapturedMessage,
    status: int,
    response: CapturedMessage,
    times: tuple[float | None, float | None] = (None, None),
) -> Capture:
    """An exchange of what a file says of it; a status of 0 means that no answer came.

    What a recorder has decoded it has often left labelled as encoded: such a label is taken away.
    """
    try:
        address = urlsplit(url)
    except ValueError:
        raise bad_entry(number, "its address can't be read") from None
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    sent = Request(method.upper(), path, _own(request.headers), request.body)
    answer = Response(status, _own(response.headers), response.body) if 100 <= status <= 599 else None
    unread = response.unread
    if answer is not None and not unread:
        answer = _as_labelled(answer)
        unread = next(
            (
                f"a body that is encoded as {coding[:40]}"
                for coding in codings_of(headers_named(answer.headers, "content-encoding"))
                if coding not in READABLE
            ),
            "",
        )
    if answer is not None and not unread:
        answer = decoded(answer, LARGEST_BODY)
        if answer.fate == "oversized":
            answer, unread = replace(answer, status=status, fate="answered"), answer.detail
    return Capture(number, url, sent, answer, *times, request.unread, unread)


def headers_of(number: int, raw: Any) -> Headers:
    """Headers of a mapping of names to a text or a list of texts, or of a list of pairs.

    Names that begin with a colon are HTTP/2's, and say what stands elsewhere. Raises UsageError.
    """
    if isinstance(raw, Mapping):
        pairs: Iterable[Any] = [
            (name, value)
            for name, values in raw.items()
            for value in (values if isinstance(values, list | tuple) else [values])
        ]
    else:
        pairs = raw if isinstance(raw, list | tuple) else ()
    headers = []
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise bad_entry(number, "a header is no name with a value")
        name, value = (_header_text(number, part) for part in pair)
        if not name.startswith(":"):
            headers.append((name, value))
    return tuple(headers)


def bad_entry(number: int, why: str) -> UsageError:
    """What is raised for an exchange that a file does not hold as its form has it."""
    return UsageError(f"Exchange {number}: {why}.", "Is the file of the form that the option names?")


def _header_text(number: int, part: Any) -> str:
    if isinstance(part, bytes):
        part = part.decode("latin-1")
    if isinstance(part, int | float) and not isinstance(part, bool):
        part = str(part)
    if not isinstance(part, str) or len(part) > _LONGEST_HEADER:
        raise bad_entry(number, "a header is no text")
    return part


def _own(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() not in _HOP)


def _as_labelled(response: Response) -> Response:
    """The response without a label of a coding that its body is not in."""
    codings = codings_of(headers_named(response.headers, "content-encoding"))
    if not codings or _is_encoded(codings, response.body):
        return response
    return replace(
        response, headers=tuple(pair for pair in response.headers if pair[0].lower() != "content-encoding")
    )


def _is_encoded(codings: tuple[str, ...], body: bytes) -> bool:
    """Whether a body is encoded still, by how one begins that is; what is text is encoded in nothing."""
    match codings[-1]:
        case "gzip" | "x-gzip":
            return body.startswith(_GZIP)
        case "deflate":
            return bool(body) and body[0] & 15 == 8
        case coding if coding in READABLE:
            return True
        case _:
            try:
                body.decode()
            except UnicodeDecodeError:
                return True
            return False
