# SPDX-License-Identifier: Apache-2.0
"""What an operation's traits ask of its requests' bytes, in every protocol: checksums and compression.

It owns these traits. It refuses to know how a document becomes a body. What a caller's document says itself
(a checksum of its own, even a wrong one) is left as it is.

Sources: Smithy, `httpChecksumRequired`, `requestCompression`; botocore's configuration
(`request_min_compression_size_bytes`); Amazon Glacier's "Computing checksums".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from typing import Any

from ..codings import TooLargeError, codings_of, undone
from ..http import Headers, Request, header, headers_named
from ..spec.shapes import Operation, Service
from .checksums import DIGESTS
from .findings import DecodedRequest
from .record import Protocol

__all__ = ["content_md5", "honouring_traits"]

# SDKs leave smaller bodies as they are.
_WORTH_COMPRESSING = 10_240
_ENCODING = "Content-Encoding"
_CHECKSUM = re.compile(r"(?i)content-md5|x-amz-checksum-(?!algorithm|mode|type).+")
_ALGORITHM = "x-amz-sdk-checksum-algorithm"
_TREE_HASH = "x-amz-sha256-tree-hash"
_TREE_PART = 1 << 20


def honouring_traits(protocol: Protocol) -> Protocol:
    """The protocol with requests as the traits of their operations ask for, written and read."""

    def encode(service: Service, operation: Operation, document: Any) -> Request:
        request = _compressed(operation, protocol.encode_request(service, operation, document))
        concerned = operation.checksum_required or operation.name in service.derived(_checked)
        return _checksummed(service, operation, request) if concerned else request

    def decode(service: Service, request: Request) -> DecodedRequest:
        if service.derived(_compresses) and header(request.headers, _ENCODING):
            request = _decompressed(protocol, service, request)
        return protocol.decode_request(service, request)

    return replace(protocol, encode_request=encode, decode_request=decode)


def content_md5(body: bytes) -> str:
    """The value of a Content-MD5 that is true of a body."""
    return _written(DIGESTS["content-md5"](body))


def _written(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


def _compresses(service: Service) -> bool:
    return any(operation.compressions for operation in service.operations.values())


def _checked(service: Service) -> frozenset[str]:
    """The operations whose input has a member for the algorithm of a checksum, or for a tree hash."""
    return frozenset(
        operation.name
        for operation in service.operations.values()
        for member in service.structure(operation.input).members.values()
        if member.location == "header" and (member.location_name or "").lower() in (_ALGORITHM, _TREE_HASH)
    )


def _binds(service: Service, operation: Operation, name: str) -> bool:
    structure = service.structure(operation.input)
    return structure.payload is not None and any(
        member.location == "header" and (member.location_name or "").lower() == name
        for member in structure.members.values()
    )


def _compressed(operation: Operation, request: Request) -> Request:
    if "gzip" not in operation.compressions or len(request.body) < _WORTH_COMPRESSING:
        return request
    codings = [*headers_named(request.headers, _ENCODING), "gzip"]
    # Without a time the same document is the same bytes.
    packed = Request(request.method, request.path, request.headers, gzip.compress(request.body, mtime=0))
    return packed.with_headers([(_ENCODING, ", ".join(codings))])


def _decompressed(protocol: Protocol, service: Service, request: Request) -> Request:
    """The request that was compressed, if its operation lets requests be; else as it is."""
    *others, last = codings_of(headers_named(request.headers, _ENCODING))
    if last != "gzip":
        return request
    try:
        body, wrong = undone((last,), request.body)
    except TooLargeError:
        return request
    plain = Request(request.method, request.path, request.headers, body).without_header(_ENCODING)
    if others:
        plain = plain.with_headers([(_ENCODING, ", ".join(others))])
    # Some protocols name their operation in the body.
    operation = service.operations.get(protocol.operation_named(service, plain) or "")
    return plain if not wrong and operation is not None and operation.compressions else request


def _checksummed(service: Service, operation: Operation, request: Request) -> Request:
    more: Headers = ()
    algorithm = f"x-amz-checksum-{(header(request.headers, _ALGORITHM) or '').lower()}"
    present = any(_CHECKSUM.fullmatch(name) for name, _ in request.headers)
    if algorithm in DIGESTS and not present:
        # A caller who names an algorithm leaves its result to the client.
        more += ((algorithm, _written(DIGESTS[algorithm](request.body))),)
    elif operation.checksum_required and request.body and not present:
        more += (("Content-MD5", content_md5(request.body)),)
    if request.body and _binds(service, operation, _TREE_HASH):
        linear = hashlib.sha256(request.body).hexdigest()
        hashes = ((_TREE_HASH, _tree_hash(request.body)), ("X-Amz-Content-Sha256", linear))
        more += tuple(field for field in hashes if header(request.headers, field[0]) is None)
    return request.with_headers(more) if more else request


def _tree_hash(body: bytes) -> str:
    """The root of a binary tree of SHA-256 over parts of a mebibyte, in hex."""
    parts = range(0, max(len(body), 1), _TREE_PART)
    level = [hashlib.sha256(body[start : start + _TREE_PART]).digest() for start in parts]
    while len(level) > 1:
        pairs = range(0, len(level), 2)
        # A lone node goes up as it is.
        level = [_parent(level[index : index + 2]) for index in pairs]
    return level[0].hex()


def _parent(nodes: list[bytes]) -> bytes:
    return nodes[0] if len(nodes) == 1 else hashlib.sha256(b"".join(nodes)).digest()
