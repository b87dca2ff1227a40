# SPDX-License-Identifier: Apache-2.0
"""Requests and responses as they travel: ordered headers and bytes, frozen, without any I/O.

It owns the values that codecs make and targets carry. It refuses to know what the bytes mean (protocols),
how they travel (targets) and whether they are right (checks).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "ADVANCE_PATH",
    "LARGEST_BODY",
    "Exchange",
    "Fate",
    "FramingFault",
    "FramingRule",
    "Headers",
    "Request",
    "Response",
    "header",
    "headers_named",
    "uncarriable",
]

Headers: TypeAlias = tuple[tuple[str, str], ...]

# Where a target that lets its time be moved takes `{"seconds": N}`, by POST (docs/lifecycles.md).
ADVANCE_PATH = "/_aws-conformance/advance"

# The largest body that is taken of a target: AWS documents answers of at most a few megabytes.
LARGEST_BODY = 8 * 1024 * 1024

# What a response's framing can break without being unreadable: clients differ in what they make of it.
FramingRule: TypeAlias = Literal["content-encoding", "extra", "length", "line", "transfer-encoding"]

# How the connection ended. Everything but "answered" means that no complete response was received.
# died: the connection broke under the request, and nobody listens any more; gone: nobody listens any more,
# and the request never left; refused: no connection, where none was had before; withheld: a rule of ours
# did not let it leave.
Fate: TypeAlias = Literal[
    "answered", "timeout", "dropped", "oversized", "malformed", "refused", "died", "gone", "withheld"
]


def headers_named(headers: Headers, name: str) -> tuple[str, ...]:
    """All values of a header, in order; names compare without regard to case (RFC 9110, 5.1)."""
    return _by_name(headers).get(name.lower(), ())


# Of each answer a dozen headers are asked for, most of which it hasn't.
@functools.lru_cache(maxsize=64)
def _by_name(headers: Headers) -> Mapping[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for key, value in headers:
        lowered = key.lower()
        values[lowered] = (*values.get(lowered, ()), value)
    return values


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header, or None."""
    values = headers_named(headers, name)
    return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request below the host: method, path with query, headers in order, body."""

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""

    def with_headers(self, extra: Iterable[tuple[str, str]]) -> Request:
        """The same with headers set: a header of the same name is replaced, others are appended."""
        added = tuple(extra)
        names = {name.lower() for name, _ in added}
        remaining = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return Request(self.method, self.path, remaining + added, self.body)

    def without_header(self, name: str) -> Request:
        """The same without any header of that name."""
        remaining = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return Request(self.method, self.path, remaining, self.body)


@dataclass(frozen=True, slots=True)
class FramingFault:
    """One departure of a response from HTTP/1.1 (RFC 9112) that we could read nevertheless."""

    rule: FramingRule
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `status` is 0 and the body what was read so far unless `fate` is "answered".

    `elapsed` is in seconds; `detail` says in words what broke when `fate` is not "answered". `framing` is
    what its reader had to forgive.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    elapsed: float = 0.0
    fate: Fate = "answered"
    detail: str = ""
    framing: tuple[FramingFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response; `url` is the target's base address."""

    request: Request
    response: Response
    url: str = ""


_PATH = re.compile(r"/[!-~]*")
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# RFC 9110 allows bytes above ASCII, and servers differ in what they read in them.
_VALUE = r"(?:[!-~](?:[\t -~]*[!-~])?)?"
_HEADER_NAME = re.compile(_NAME)
_HEADER_VALUE = re.compile(_VALUE)
_HEADERS = re.compile(rf"(?:{_NAME}:{_VALUE}\n)*")


def uncarriable(request: Request) -> str:
    """Why HTTP/1.1 can't carry a request as it is, or the empty string.

    Header values are ASCII without blanks at their ends, which every recipient takes away.
    """
    if not _PATH.fullmatch(request.path):
        return "a path holds what a request's line can not"
    # All at a time, which nearly always says that there is nothing to say. A line end within a header would
    # be read as the end of it.
    lines = "".join([f"{name}:{value}\n" for name, value in request.headers])
    if _HEADERS.fullmatch(lines) and lines.count("\n") == len(request.headers):
        return ""
    for name, value in request.headers:
        if not _HEADER_NAME.fullmatch(name):
            return f"a header can not be called {name[:40]!r}"
        if not _HEADER_VALUE.fullmatch(value):
            return f"the header {name} can not hold its value"
    return ""
