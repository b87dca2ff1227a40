# SPDX-License-Identifier: Apache-2.0
"""Bodies of requests as bytes: looked at without a trace, or taken as a connection takes them.

It owns which bodies can be looked at. It refuses to know whose they are and what they say.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

__all__ = ["Unread", "drain", "is_chunked_by_botocore", "peek"]

# Of a file, more than this is not held in memory for being looked at.
_LARGEST = 16 * 1024 * 1024
# Reading these calls no code but Python's own. Anything else that has `read` may count, report progress or
# hash what is read, and so may what lies beneath a buffer, so nobody but the sender reads it.
_BUFFERS = (io.BufferedReader, io.BufferedRandom)
_FILES = (io.BytesIO, io.FileIO)


@dataclass(frozen=True, slots=True)
class Unread:
    """That a body was not read, and why."""

    why: str


def peek(body: Any) -> bytes | Unread:
    """What a body holds from where it stands, which is where it stands afterwards too; or why it is unread.

    Never raises. Of a body that botocore sends in chunks (aws-chunked) this is what the chunks carry.
    """
    try:
        return _peek(body)
    except Exception as error:
        return Unread(f"a body that can't be read: {type(error).__name__}")


def _peek(body: Any) -> bytes | Unread:
    match body:
        case None:
            return b""
        case bytes() | bytearray() | memoryview():
            return bytes(body)
        case str():
            return body.encode()
        case dict():
            # The parameters of a form, which botocore spells no earlier than it sends them.
            return urlencode(body, doseq=True).encode()
        case io.TextIOBase():
            return Unread("a body in text mode")
        case _ if type(body) in _FILES or _is_plain_buffer(body):
            return _peek_file(body)
        case _:
            # Its chunks can be read once; their content, and the checksum behind them, are of what it wraps.
            if is_chunked_by_botocore(body):
                return _peek(body._raw)
            return Unread(f"a body of the type {type(body).__module__}.{type(body).__qualname__}")


def is_chunked_by_botocore(body: Any) -> bool:
    """Whether botocore is to send a body in chunks (aws-chunked), of which `peek` tells the content."""
    if type(body).__name__ != "AwsChunkedWrapper":
        return False
    from botocore.httpchecksum import AwsChunkedWrapper

    return type(body) is AwsChunkedWrapper


def _is_plain_buffer(body: Any) -> bool:
    return type(body) in _BUFFERS and type(body.raw) is io.FileIO


def _peek_file(body: Any) -> bytes | Unread:
    if not body.seekable():
        return Unread("a stream that can be read once")
    position = body.tell()
    try:
        content: bytes = body.read(_LARGEST + 1)
    finally:
        body.seek(position)
    if len(content) > _LARGEST:
        return Unread(f"a file of more than {_LARGEST // 1024 // 1024} MiB")
    return content


def drain(body: Any) -> bytes:
    """What a body holds, read for good, as a connection reads what it sends."""
    match body:
        case None:
            return b""
        case bytes() | bytearray() | memoryview():
            return bytes(body)
        case str():
            return body.encode()
        case _ if hasattr(body, "read"):
            content = body.read()
            return content.encode() if isinstance(content, str) else bytes(content)
        case _:
            return b"".join(body)
