# SPDX-License-Identifier: Apache-2.0
"""What an answer says of bytes, held against the bytes: checksums of bodies, and digests of messages.

It owns which bytes a checksum is of. It refuses to know the algorithms of bodies (protocols/checksums.py).

Sources: Amazon S3, "Checking object integrity"; Amazon SQS, "Calculating the MD5 message digest for message
attributes". SDKs compute them, too, and fail where they differ.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..http import headers_named
from ..protocols.checksums import DIGESTS, digest_in
from ..protocols.findings import Path
from ..spec.shapes import BlobShape, Service
from .check import Breach
from .response import DecodedResponse, shorten

__all__ = ["digest_differs"]

# Amazon EBS has one algorithm, and a header without its name.
_HEADERS = {**DIGESTS, "x-amz-checksum": DIGESTS["x-amz-checksum-sha256"]}
_OF = "MD5Of"
_MASKED = "***"
_ATTRIBUTES = frozenset({"MessageAttributes", "MessageSystemAttributes"})
# The type of an attribute's value in what is digested.
_TEXT, _BYTES = 1, 2
_VALUES = {
    "String": ("StringValue", _TEXT),
    "Number": ("StringValue", _TEXT),
    "Binary": ("BinaryValue", _BYTES),
}
_OTHERS = ("StringValue", "BinaryValue", "StringListValues", "BinaryListValues")


def digest_differs(answer: DecodedResponse) -> Iterator[Breach]:
    """A checksum of a success that is not that of the bytes that it is of."""
    if answer.kind != "success" or answer.decoded is None:
        return
    yield from _of_bodies(answer)
    document = answer.decoded.document
    if isinstance(document, dict):
        yield from _of_messages(answer.sent, document, ())


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


def _of_messages(sent: Any, shown: Mapping[str, Any], path: Path) -> Iterator[Breach]:
    """Each `MD5OfX` against the X beside it, or that of the request for the entry of the same Id."""
    for name, value in shown.items():
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _of_messages(_entry(sent, item), item, (*path, name, index))
        if not name.startswith(_OF) or not isinstance(value, str):
            continue
        subject = name.removeprefix(_OF)
        said = shown.get(subject, sent.get(subject) if isinstance(sent, dict) else None)
        expected = _md5(subject, said)
        if expected is not None and value.lower() != expected:
            yield Breach((*path, name), f"{expected}, the MD5 of {subject}", shorten(value), name)


def _entry(sent: Any, shown: Mapping[str, Any]) -> Any:
    """What was sent of an entry of a batch: that of the same Id, in the one list that has them."""
    if not isinstance(sent, dict) or "Id" not in shown:
        return None
    entries = [item for value in sent.values() if isinstance(value, list) for item in value]
    return next((item for item in entries if isinstance(item, dict) and item.get("Id") == shown["Id"]), None)


def _md5(subject: str, said: Any) -> str | None:
    """The digest in hex; None where it can't be told: of what a recording masks, or no service takes."""
    if _MASKED in str(said):
        return None
    if isinstance(said, str):
        return _hex(said.encode("utf-8", "surrogatepass"))
    if subject not in _ATTRIBUTES or not isinstance(said, dict) or not said:
        return None
    with suppress(KeyError, ValueError, TypeError, AttributeError):
        return _hex(b"".join(_attribute(name, said[name]) for name in sorted(said)))
    return None


def _attribute(name: str, attribute: Mapping[str, Any]) -> bytes:
    """An attribute as it is digested: name, type and value, each behind its length.

    Raises ValueError for one that says two things or none, which the service refuses.
    """
    kind = attribute["DataType"]
    key, transport = _VALUES[kind.partition(".")[0]]
    if not name or any(attribute.get(other) for other in _OTHERS if other != key):
        raise ValueError(name)
    text = attribute[key]
    value = base64.b64decode(text, validate=True) if transport == _BYTES else text.encode("utf-8")
    return _lengthy(name.encode()) + _lengthy(kind.encode()) + bytes([transport]) + _lengthy(value)


def _lengthy(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _hex(value: bytes) -> str:
    return hashlib.md5(value, usedforsecurity=False).hexdigest()
