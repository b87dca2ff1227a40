# SPDX-License-Identifier: Apache-2.0
"""Checksums that a request says its body has, held against the body.

It owns the refusals. It refuses to know the algorithms, and which operations have checksums.

Source: Amazon S3, "Checking object integrity", and its recorded refusals.
"""

from __future__ import annotations

from ..http import Request, header
from ..protocols.checksums import DIGESTS, digest_in
from .refusal import Refusal

__all__ = ["check_checksums"]

_MD5 = "content-md5"


def check_checksums(request: Request) -> None:
    """Raises Refusal where a header's checksum is none, or not that of the body.

    A body that was sent in signed chunks is left alone: its checksum stands behind it.
    """
    if "aws-chunked" in (header(request.headers, "Content-Encoding") or "").lower():
        return
    for name, value in request.headers:
        algorithm = DIGESTS.get(name.lower())
        if algorithm is None:
            continue
        expected = algorithm(request.body)
        if len(digest_in(value)) != len(expected):
            if name.lower() == _MD5:
                raise Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.", status=400)
            raise Refusal("InvalidRequest", f"Value for {name.lower()} header is invalid.", status=400)
        if digest_in(value) != expected:
            said = "Content-MD5" if name.lower() == _MD5 else name.rpartition("-")[2].upper()
            raise Refusal(
                "BadDigest", f"The {said} you specified did not match what we received.", status=400
            )
