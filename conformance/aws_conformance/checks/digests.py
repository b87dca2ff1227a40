# SPDX-License-Identifier: Apache-2.0
"""What an answer says of bytes, held against the bytes: checksums of bodies, and digests of messages.

It owns which bytes a body's checksum is of. It refuses to know the algorithms (protocols/checksums.py) and
how messages are digested (protocols/message_digests.py).

Source: Amazon S3, "Checking object integrity". SDKs compute them, too, and fail where they differ.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress

from ..http import headers_named
from ..protocols.checksums import DIGESTS, digest_in
from ..protocols.message_digests import message_digests
from ..spec.shapes import BlobShape, Service
from .check import Breach
from .response import DecodedResponse, shorten

__all__ = ["digest_differs"]

# Amazon EBS has one algorithm, and a header without its name.
_HEADERS = {**DIGESTS, "x-amz-checksum": DIGESTS["x-amz-checksum-sha256"]}


def digest_differs(answer: DecodedResponse) -> Iterator[Breach]:
    """A checksum of a success that is not that of the bytes that it is of."""
    if answer.kind != "success" or answer.decoded is None:
        return
    yield from _of_bodies(answer)
    document = answer.decoded.document
    if isinstance(document, dict):
        for digest in message_digests(answer.sent, document):
            name = str(digest.path[-1])
            shown = digest.holder[name]
            if shown.lower() != digest.expected:
                expected = f"{digest.expected}, the MD5 of {digest.subject}"
                yield Breach(digest.path, expected, shorten(shown), name)


def _of_bodies(answer: DecodedResponse) -> Iterator[Breach]:
    content = _content(answer)
    if content is None:
        return
    kinds = headers_named(answer.response.headers, "x-amz-checksum-type")
    # That of an object in parts is one of their checksums, which only the parts can prove.
    if any(kind.upper() == "COMPOSITE" for kind in kinds):
        return
    for name, digest in _HEADERS.items():
        for value in headers_named(answer.response.headers, name):
            if "-" not in value and digest_in(value) != (expected := digest(content)):
                written = base64.b64encode(expected).decode("ascii")
                yield Breach(("(headers)",), f"{name}: {written}", shorten(value), name)


def _content(answer: DecodedResponse) -> bytes | None:
    """The bytes that checksums of an answer are of: those that it bears, or else those that were stored."""
    service, operation, response = answer.service, answer.operation, answer.response
    # Of a part of an object the headers tell the whole's.
    if operation.method == "HEAD" or response.status == 206:
        return None
    if _blob(service, operation.output) is not None:
        return response.body
    payload = _blob(service, operation.input)
    sent = answer.sent.get(payload, "") if payload is not None and isinstance(answer.sent, dict) else None
    with suppress(ValueError, TypeError):
        return base64.b64decode(sent, validate=True) if sent is not None else None
    return None


def _blob(service: Service, root: str | None) -> str | None:
    """The member of a structure that is all of the body and only bytes."""
    structure = service.structure(root)
    payload = structure.members.get(structure.payload or "")
    if payload is None or not isinstance(service.shape(payload.target), BlobShape):
        return None
    return payload.name
