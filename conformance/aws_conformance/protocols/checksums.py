# SPDX-License-Identifier: Apache-2.0
"""Checksums of bodies, by the headers that carry them.

It owns the algorithms and how a header writes their results. It refuses to know whose body it is.

Source: Amazon S3, "Checking object integrity"; the catalogue of parametrised CRC algorithms.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import zlib
from collections.abc import Callable, Mapping

__all__ = ["DIGESTS", "digest_in"]


def digest_in(value: str) -> bytes:
    """The bytes that a header's value says in base64; none where it is no base64."""
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


# By the names of headers, in lower case.
DIGESTS: Mapping[str, Callable[[bytes], bytes]] = {
    "content-md5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-crc32c": _crc(0x82F63B78, 4),
    "x-amz-checksum-crc64nvme": _crc(0x9A6C9329AC4BC9B5, 8),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}
