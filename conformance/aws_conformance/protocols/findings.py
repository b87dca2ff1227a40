# SPDX-License-Identifier: Apache-2.0
"""What decoding yields: a document, and findings about bytes that a strict reader would not accept.

It owns the values that every codec returns; it refuses to know any protocol, and how bad a finding is
(checks decide that).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

__all__ = [
    "STATUS_SOURCE",
    "Decoded",
    "DecodedError",
    "DecodedRequest",
    "DocumentPlace",
    "Finding",
    "Path",
    "Rule",
]

# The `DecodedError.source` of a code that only the response's status tells, because there is no body.
STATUS_SOURCE = "status"

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """A path in words: exact, generalised over indices and keys, and whether its value is secret."""

    exact: str
    general: str
    sensitive: bool = False


# What a finding is about; one check of the catalogue stands behind each that a response can have.
Rule: TypeAlias = Literal[
    "body.malformed",  # not a document of the protocol at all
    "body.root",  # a document, but not of the kind that the root must be
    "body.duplicate-key",  # a member or key that occurs twice
    "body.nonfinite",  # bare NaN or Infinity in JSON, or a number beyond every float
    "body.encoding",  # bytes that are not UTF-8, a byte-order mark, half of a surrogate pair
    "body.depth",  # deeper than any AWS document
    "integer.form",  # a whole number written as a decimal or with an exponent
    "content-type",  # not the protocol's content type
    "accept",  # a request that takes no answer of the kind that there is
    "body.unexpected",  # a body where the status or the operation allows none
    "member.place",  # a member in a place or under a name where no client looks for it
    "header.duplicate",  # a header of one value that occurs twice
    "header.form",  # a header's list that is badly quoted, a jsonvalue that is no base64 of JSON
    "uri.form",  # a path, query or form that is not percent-encoded UTF-8
    "cbor.minimal",  # a CBOR number or length in more bytes than it needs
    "cbor.type",  # a CBOR type that only looks like the right one in a document: bytes, text, tags
    "protocol.header",  # a response without the header that names its protocol
    "event.frame",  # a message of an event stream whose lengths or checksums do not fit
    "event.header",  # a message's header that is missing or of a wrong type
    "event.error",  # an error in an event stream that no model describes
    "query.duplicate",  # a parameter of one value that occurs twice
    "form.index",  # indices of a list in a form that are not 1 to n
    "xml.element",  # an element of a list or a map under another name than its own
    "xml.namespace",  # an element in another namespace
    "xml.nesting",  # a flat list or map where it is nested, or the reverse
    "xml.stray",  # text or an attribute where there is none
    "xml.wrapper",  # a missing or unknown element around the document
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity of the bytes: where, what a strict reader expects and what was there (shortened)."""

    rule: Rule
    path: Path
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded body. `readable` is False if no document could be made of it (then it is None).

    `request_id` is the id of the request, in protocols whose bodies have one.
    """

    document: Any
    findings: tuple[Finding, ...] = ()
    readable: bool = True
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class DecodedRequest:
    """A request as the server reads it; `operation` is None if the request names none.

    The name is what the request says, known to the service or not.
    """

    operation: str | None
    document: Any
    findings: tuple[Finding, ...] = ()
    readable: bool = True


@dataclass(frozen=True, slots=True)
class DecodedError:
    """An error response: its sanitised code, its message and the members beside them.

    `code` is None if the envelope has none where SDKs look for it. `raw_code` is the unsanitised text;
    `message_key` is the spelling under which the message was found. `source` says where the code was
    found: a strict client of the json protocols takes it from `__type` alone. `codes` are the sanitised codes
    by the places that have one.
    `request_id` is the id of the request, in protocols whose bodies have one.
    """

    code: str | None
    raw_code: str | None = None
    message: str | None = None
    message_key: str | None = None
    document: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()
    readable: bool = True
    source: str | None = None
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    request_id: str | None = None
