# SPDX-License-Identifier: Apache-2.0
"""A protocol as one record: everything that is special about it, as functions and rows.

It owns the form of the record and nothing of any protocol. What is above asks a record and is never told
a protocol's name: adding a protocol is a module that fills in a record, and a row in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from ..http import Request, Response
from ..spec.shapes import Operation, Service
from .findings import Decoded, DecodedError, DecodedRequest, Path, Rule

__all__ = ["ErrorPlace", "Malformation", "Masking", "Protocol", "Scalar", "ScalarKind"]


@dataclass(frozen=True, slots=True)
class Malformation:
    """A way to spoil a request below its document.

    `name` is part of case ids, `keyword` the kind of row in the table of expectations, `title` says it in
    words. `concerns` tells the operations of which the row is true (none given: all). `apply` returns the
    spoilt request, or None where this request has nothing to spoil. `needs_signature` marks what leaves only
    a signature to tell the service by: AWS has its host name for that, a server for many services on one
    address has not.
    """

    name: str
    keyword: Literal["malformed", "content-type", "target", "checksum"]
    title: str
    apply: Callable[[Request], Request | None]
    needs_signature: bool = False
    concerns: Callable[[Service, Operation], bool] | None = None


@dataclass(frozen=True, slots=True)
class ErrorPlace:
    """Where an error's code stands: `path` for reports; `sources` are the places where every SDK looks.

    The sources are names of `DecodedError.source`; a code that is found elsewhere only is not seen by all.
    """

    path: Path
    sources: frozenset[str]

    @property
    def label(self) -> str:
        """The place as it is called in a sentence."""
        return ".".join(map(str, self.path))


ScalarKind: TypeAlias = Literal["text", "number", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar value of a body: where its literal starts and ends, its kind, its text, if it is secret."""

    start: int
    end: int
    kind: ScalarKind
    text: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Masking:
    """How values are replaced within a body whose every other character stays as it was.

    `encoding` turns a body into text and back ("latin-1" for bytes that are no text). `scalars(service,
    root, text)` are the scalars of a body in order, `root` the shape of the whole or None; in text that
    cannot be read, those that can be told by their members' names. Keys of maps are among them where they
    are sensitive. `literal(kind, text)` is how a value is written, `escapes(text)` the ways in which a part
    of a text is, besides as it stands.
    """

    encoding: Literal["utf-8", "latin-1"]
    scalars: Callable[[Service, str | None, str], Iterable[Scalar]]
    literal: Callable[[ScalarKind, str], str]
    escapes: Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a protocol can do: both sides of both directions, and all that is special about its requests.

    `encode_request(service, operation, document)` and `decode_request(service, request)` are client and
    server of one direction; `encode_response`, `encode_error`, `decode_response` and `decode_error` of
    the other. `content_type(service)` is what a body of this protocol is labelled with.

    `operation_named(service, request)` is the name that a request gives its operation, known or not, or
    None. `marks(request)` is what a request says of its service, under the names that botocore's metadata
    have for it (`targetPrefix`, `apiVersion`); nothing where only address and signature tell the service.
    `operation_place` is how reports call the place where the operation is named.
    `invented(service, operation, request)` is a request like that one for an operation that does not
    exist, with its name, or None where the protocol has no such thing. `malformations` spoil a request.
    `identity(request)` is what of a request, beside method and path, tells it from others in a recording.
    `unknown_operation` is the code and status of a refusal of an operation that does not exist, `unreadable`
    the code of one of what can't be read; `reads_leniently` tells that servers were recorded to read
    documents as reference/inputs.py does. `refused_labels` are the codes and statuses of requests that are
    labelled wrongly, by the rules of the findings. `masking` is None where bodies hold nothing that could
    be found; then they are not recorded.
    """

    name: str
    encode_request: Callable[[Service, Operation, Any], Request]
    decode_request: Callable[[Service, Request], DecodedRequest]
    encode_response: Callable[[Service, Operation, Any], Response]
    decode_response: Callable[[Service, Operation, Response], Decoded]
    encode_error: Callable[[Service, str, Mapping[str, Any], int], Response]
    decode_error: Callable[[Service, Response], DecodedError]
    content_type: Callable[[Service], str]
    operation_named: Callable[[Service, Request], str | None]
    marks: Callable[[Request], Mapping[str, str]]
    operation_place: str
    invented: Callable[[Service, Operation, Request], tuple[str, Request] | None]
    malformations: tuple[Malformation, ...]
    identity: Callable[[Request], tuple[str, ...]]
    error_place: ErrorPlace
    masking: Masking | None = None
    unknown_operation: tuple[str, int] = ("UnknownOperationException", 404)
    unreadable: str = "SerializationException"
    reads_leniently: bool = False
    refused_labels: Mapping[Rule, tuple[str, int]] = field(default_factory=lambda: MappingProxyType({}))

    def malformed(self, request: Request, name: str) -> Request:
        """The request, spoilt by the malformation of that name; as it is for the empty name.

        Raises KeyError for a malformation that the protocol does not have.
        """
        if not name:
            return request
        malformation = next((row for row in self.malformations if row.name == name), None)
        if malformation is None:
            raise KeyError(name)
        return malformation.apply(request) or request
