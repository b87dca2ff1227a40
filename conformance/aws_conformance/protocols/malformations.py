# SPDX-License-Identifier: Apache-2.0
"""Ways to spoil a request that protocols share: a body cut off or mislabelled, a wrong checksum of a body.

It owns these rows; what a protocol's body is, it is told.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from ..http import Request, header
from ..spec.shapes import Operation, Service
from .record import Malformation

__all__ = ["body_malformations", "checksum_malformations", "text_plain"]

_MD5 = "Content-MD5"
# The headers of a body's checksum, with the bytes that one has.
_CHECKSUMS = {
    _MD5: 16,
    "x-amz-checksum-crc32": 4,
    "x-amz-checksum-crc32c": 4,
    "x-amz-checksum-crc64nvme": 8,
    "x-amz-checksum-sha1": 20,
    "x-amz-checksum-sha256": 32,
}


def body_malformations(
    language: str,
    noise: bytes,
    *,
    holds: Callable[[Request], bool] = lambda request: True,
    cut: str = "cut off in the middle",
    least: bytes = b"",
) -> tuple[Malformation, ...]:
    """The rows of a language: `noise` is a body that is none of it, `holds` whether a request's body is one.

    A body of one byte or none is cut to `least`.
    """

    def truncated(request: Request) -> Request | None:
        return _with_body(request, request.body[:-1] or least) if holds(request) else None

    def replaced(request: Request) -> Request | None:
        return _with_body(request, noise) if holds(request) else None

    def labelled(request: Request) -> Request | None:
        return text_plain(request) if holds(request) else None

    return (
        Malformation("truncated", "malformed", f"{language} {cut}", truncated),
        Malformation(f"not {language.lower()}", "malformed", f"a body that is no {language}", replaced),
        Malformation("content-type", "content-type", "Content-Type: text/plain", labelled),
    )


def checksum_malformations() -> tuple[Malformation, ...]:
    """Two rows for each header of a checksum: one that is another body's, and one that is none."""
    rows = []
    for name, size in _CHECKSUMS.items():
        # Of a form that is right, and with all but certainty no body's that is ever sent.
        wrong, broken = base64.b64encode(b"Z" * size).decode("ascii"), "none"
        rows.append(_checksum(f"wrong {name.lower()}", name, f"{name} of another body", wrong))
        rows.append(_checksum(f"broken {name.lower()}", name, f"{name} that can't be read", broken))
    return tuple(rows)


def _checksum(row: str, name: str, title: str, value: str) -> Malformation:
    def apply(request: Request) -> Request | None:
        return request.with_headers([(name, value)]) if request.body else None

    def concerns(service: Service, operation: Operation) -> bool:
        members = service.structure(operation.input).members.values()
        declared = any(
            member.location == "header" and (member.location_name or "").lower() == name.lower()
            for member in members
        )
        return declared or (name == _MD5 and operation.checksum_required)

    return Malformation(row, "checksum", title, apply, concerns=concerns)


def text_plain(request: Request) -> Request | None:
    """The request labelled as text; None for one that has no label which could be wrong."""
    if header(request.headers, "Content-Type") is None:
        return None
    return request.with_headers([("Content-Type", "text/plain")])


def _with_body(request: Request, body: bytes) -> Request:
    return Request(request.method, request.path, request.headers, body)
