# SPDX-License-Identifier: Apache-2.0
"""Checksums that a request says its body has, held against the body.

It owns the algorithms and the refusals. It refuses to know which operations have checksums.

Source: Amazon S3, "Checking object integrity", and its recorded refusals.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import zlib
from collections.abc import Callable

from ..http import Request, header
from .refusal import Refusal

__all__ = ["check_checksums"]


def check_checksums(request: Request) -> None:
    """Raises Refusal where a header's checksum is none, or not that of the body.

    A body that was sent in signed chunks is left alone: its checksum stands behind it.
    """
    if "aws-chunked" in (header(request.headers, "Content-Encoding") or "").lower():
        return
    for name, value in request.headers:
        algorithm = _ALGORITHMS.get(name.lower())
        if algorithm is None:
            continue
        expected = algorithm(request.body)
        if len(_digest(value)) != len(expected):
            if name.lower() == _MD5:
                raise Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.", status=400)
            raise Refusal("InvalidRequest", f"Value for {name.lower()} header is invalid.", status=400)
        if _digest(value) != expected:
            said = "Content-MD5" if name.lower() == _MD5 else name.rpartition("-")[2].upper()
            raise Refusal(
                "BadDigest", f"The {said} you specified did not match what we received.", status=400
            )


def _digest(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""


@functools.cache
def _table(polynomial: int) -> tuple[int, ...]:
    """The remainders of all bytes by a reflected polynomial."""
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = (remainder >> 1) ^ (polynomial if remainder & 1 else 0)
        table.append(remainder)
    return tuple(table)


def _crc(polynomial: int, size: int) -> Callable[[bytes], bytes]:
    """A cyclic redundancy check of so many bytes that starts and ends with all bits turned."""
    ones = (1 << (8 * size)) - 1

    def digest(body: bytes) -> bytes:
        table, value = _table(polynomial), ones
        for byte in body:
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        return (value ^ ones).to_bytes(size, "big")

    return digest


_MD5 = "content-md5"
_ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    _MD5: lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-crc32c": _crc(0x82F63B78, 4),
    "x-amz-checksum-crc64nvme": _crc(0x9A6C9329AC4BC9B5, 8),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}
