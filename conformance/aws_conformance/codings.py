# SPDX-License-Identifier: Apache-2.0
"""Codings of HTTP bodies undone: gzip and deflate, within a limit of size.

It owns how an encoded body becomes what was encoded, and what is wrong with one that can't. It refuses to
know what the body means and where it came from.

RFC 9110, 8.4.1 and RFC 9112, 7.2 name the codings; deflate is zlib's format there, and servers that send it
without zlib's frame are read by some clients and refused by others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

from .http import LARGEST_BODY, FramingFault, Response, headers_named

__all__ = ["READABLE", "TooLargeError", "codings_of", "decoded", "undone"]

# What zlib calls the form of each coding.
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_RAW_DEFLATE = -15
# Names that leave a body as it is; S3 keeps `aws-chunked` in the header of what was uploaded so.
_NOTHING = frozenset({"identity", "aws-chunked"})
READABLE = frozenset(_WINDOWS) | _NOTHING


class TooLargeError(Exception):
    """More comes out of a body than is taken."""


def codings_of(values: Iterable[str]) -> tuple[str, ...]:
    """The codings that header values list, in the order in which they were applied."""
    names = ",".join(values).lower().split(",")
    return tuple(name.strip() for name in names if name.strip())


def undone(codings: Iterable[str], body: bytes, limit: int = LARGEST_BODY) -> tuple[bytes, str]:
    """What was encoded, and what is wrong with its encoding or the empty string.

    `codings` are in the order in which they were applied. A body that is in none of them stays as it is from
    there on. Raises TooLargeError where more than `limit` bytes come out.
    """
    for coding in reversed(tuple(codings)):
        if coding in _NOTHING:
            continue
        if coding not in _WINDOWS:
            return body, f"a coding that clients do not ask for: {coding[:40]!r}"
        try:
            body, wrong = _inflated(coding, body, limit)
        except zlib.error:
            return body, f"a body that is no {coding}"
        if wrong:
            return body, wrong
    return body, ""


def decoded(response: Response, limit: int = LARGEST_BODY) -> Response:
    """The response with its Content-Encoding undone, and without that header.

    One that can't be undone stays in both, with a fault in its framing; one that grows beyond `limit` bytes
    is "oversized".
    """
    codings = codings_of(headers_named(response.headers, "content-encoding"))
    if not response.body or not any(coding not in _NOTHING for coding in codings):
        return response
    try:
        body, wrong = undone(codings, response.body, limit)
    except TooLargeError as error:
        return replace(response, status=0, fate="oversized", detail=str(error))
    if wrong:
        fault = FramingFault("content-encoding", f"a body in {', '.join(codings)}"[:200], wrong)
        return replace(response, framing=tuple(dict.fromkeys((*response.framing, fault))))
    headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-encoding")
    return replace(response, headers=headers, body=body)


def _inflated(coding: str, body: bytes, limit: int) -> tuple[bytes, str]:
    window = _WINDOWS[coding]
    if coding == "deflate" and not _has_zlib_frame(body):
        complete = _inflate(_RAW_DEFLATE, body, limit)[2]
        return body, "deflate without the frame of zlib" if complete else "a body that is no deflate"
    content, rest, complete = _inflate(window, body, limit)
    # A gzip file may have several members (RFC 1952, 2.2).
    while complete and window == _WINDOWS["gzip"] and rest.startswith(b"\x1f\x8b"):
        more, rest, complete = _inflate(window, rest, limit - len(content))
        content += more
    if not complete:
        return body, f"{coding} that is cut off"
    if rest:
        return body, f"{len(rest)} bytes behind the end of {coding}"
    return content, ""


def _inflate(window: int, body: bytes, limit: int) -> tuple[bytes, bytes, bool]:
    """What comes out, what is left behind it, and whether its end was reached."""
    decompressor = zlib.decompressobj(window)
    content = decompressor.decompress(body, limit + 1)
    if len(content) > limit:
        raise TooLargeError(f"a body that decodes to more than {limit} bytes")
    return content, decompressor.unused_data, decompressor.eof


def _has_zlib_frame(body: bytes) -> bool:
    """Whether the two first bytes are zlib's (RFC 1950, 2.2)."""
    return len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
