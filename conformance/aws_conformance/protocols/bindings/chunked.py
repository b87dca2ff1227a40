# SPDX-License-Identifier: Apache-2.0
"""Bodies in the encoding `aws-chunked`, as SDKs send to S3: chunks, each with its length, then trailers.

It owns that encoding's grammar. It refuses to know signatures of chunks, which are read over, and what
trailers say.

Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload
in Multiple Chunks", "Trailing headers".
"""

from __future__ import annotations

import re

from ...http import Request, header

__all__ = ["unchunked"]

_ENCODING = "aws-chunked"
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r\n")
_TRAILER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")


def unchunked(request: Request) -> Request | None:
    """The request with the body that its chunks hold and with their trailers as headers.

    The same request where its body is not encoded so; None where it says that it is and that does not hold.
    """
    encodings = [part.strip() for part in (header(request.headers, "content-encoding") or "").split(",")]
    if _ENCODING not in encodings:
        return request
    parts: list[bytes] = []
    position = 0
    while True:
        match = _CHUNK.match(request.body, position)
        if match is None:
            return None
        size = int(match[1], 16)
        start, position = match.end(), match.end() + size
        if size == 0:
            break
        if request.body[position : position + 2] != b"\r\n":
            return None
        parts.append(request.body[start:position])
        position += 2
    body = b"".join(parts)
    length = header(request.headers, "x-amz-decoded-content-length")
    if length is not None and length != str(len(body)):
        return None
    lines = request.body[position:].decode("latin-1").split("\r\n")
    trailers = [match.groups() for match in map(_TRAILER.fullmatch, lines) if match is not None]
    left = ", ".join(part for part in encodings if part and part != _ENCODING)
    headers = tuple(
        pair for pair in request.headers if pair[0].lower() not in ("content-encoding", "content-length")
    )
    if left:
        headers += (("Content-Encoding", left),)
    trailing = tuple((name, text) for name, text in trailers)
    return Request(request.method, request.path, (*headers, *trailing), body)
