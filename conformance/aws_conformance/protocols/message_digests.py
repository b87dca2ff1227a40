# SPDX-License-Identifier: Apache-2.0
"""Digests that a document shows of texts and attributes: `MD5OfX`, of the X beside it or in the request.

It owns how each is digested. It refuses to know what follows from one that differs.

Source: Amazon SQS, "Calculating the MD5 message digest for message attributes".
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from .findings import Path

__all__ = ["MessageDigest", "message_digests"]

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


@dataclass(frozen=True, slots=True)
class MessageDigest:
    """A digest in a document: its place, its structure, what it is of, and the right one in hex."""

    path: Path
    holder: dict[str, Any]
    subject: str
    expected: str


def message_digests(sent: Any, shown: dict[str, Any], path: Path = ()) -> Iterator[MessageDigest]:
    """The digests that a document shows.

    That of an X beside it, or of the request's; of a batch, of the entry that was sent under the same Id.
    What can't be told is left out.
    """
    for name, value in shown.items():
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from message_digests(_entry(sent, item), item, (*path, name, index))
        if not name.startswith(_OF) or not isinstance(value, str):
            continue
        subject = name.removeprefix(_OF)
        said = shown.get(subject, sent.get(subject) if isinstance(sent, dict) else None)
        expected = _md5(subject, said)
        if expected is not None:
            yield MessageDigest((*path, name), shown, subject, expected)


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
