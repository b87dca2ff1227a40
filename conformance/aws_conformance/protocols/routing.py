# SPDX-License-Identifier: Apache-2.0
"""Which service and operation a request on the wire is for, told by what every server could tell it by.

It owns the reading of signature, host name and what the protocols' requests say of their service. It
refuses to know what else a request says.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..http import Request, header
from ..spec.botocore import ServiceHead, load_service, models_added, service_heads
from . import protocol_table
from .record import Protocol

__all__ = ["Route", "access_key", "aws_host", "bucket_in", "is_for_aws", "route", "signed_for"]

_KEY = re.compile(r"(?:Credential=|[?&](?:X-Amz-Credential|AWSAccessKeyId)=)([^/,&\s%]+)")
_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/([^/,\s]+)/aws4_request")
_PRESIGNED = re.compile(r"[?&]X-Amz-Credential=[^&]*?/\d{8}/[^&/]+/([^&/]+)/aws4_request")
_HOST = re.compile(
    r"(?:^|\.)([a-z0-9-]+)(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$"
)

# Buckets may have dots in their names; hosts of AWS's other than S3's do not begin with `s3`.
_BUCKET = re.compile(
    r"(.+)\.s3(?:-accelerate)?(?:[.-](?:dualstack|fips|[a-z]{2}(?:-[a-z]+)+-\d))*\.amazonaws\.com(?:\.cn)?"
)


@dataclass(frozen=True, slots=True)
class Route:
    """A service by botocore's name, the protocol that the request is in, the operation that it names if any.

    The protocol is None where the service is known and it speaks none of ours.

    The operation's name is what the request says, known to the service or not.
    """

    service: str
    protocol: str | None
    operation: str | None = None


def aws_host(host: str) -> str | None:
    """The endpoint prefix in the name of one of AWS's hosts; None for any other host."""
    match = _HOST.search(host.lower())
    return match[1] if match else None


def bucket_in(host: str) -> str:
    """The bucket in the name of one of S3's hosts, or the empty string."""
    match = _BUCKET.fullmatch(host.lower())
    return match[1] if match else ""


def is_for_aws(request: Request, host: str) -> bool:
    """Whether a request is one to an AWS API: sent to AWS, signed as AWS wants it, or naming a service."""
    if aws_host(host) or signed_for(request):
        return True
    # What a body says is not asked: a form of anybody may have an Action.
    bare = Request(request.method, request.path, request.headers)
    return any(protocol.marks(bare) for protocol in protocol_table().values())


def access_key(request: Request) -> str | None:
    """The access key that a request is signed with, in its headers or its query; None if it has none."""
    key = _KEY.search(header(request.headers, "authorization") or "") or _KEY.search(request.path)
    return key[1] if key else None


def signed_for(request: Request) -> str | None:
    """The signing name in a request's signature, in its headers or its query; None if it has none."""
    scope = _SCOPE.search(header(request.headers, "authorization") or "") or _PRESIGNED.search(
        request.path.replace("%2F", "/")
    )
    return scope[1] if scope else None


def route(
    request: Request, host: str = "", *, among: Sequence[str] | None = None, assumed: str | None = None
) -> Route | None:
    """What a request is for, or None if nothing tells its service.

    `host` is the name that it is sent to; only names of AWS say something. `among` are the services that it
    may be for (None: all); `assumed` is the one that it is for where nothing in it tells. Where several
    services fit, the first that has the operation is meant.
    """
    names = [name for name in (signed_for(request), aws_host(host), assumed) if name]
    heads = [
        head
        for name in names
        for head in _called(models_added()).get(name, ())
        if among is None or head.name in among
    ]
    first: Route | None = None
    for head, protocol in _candidates(request, heads):
        if among is not None and head.name not in among:
            continue
        service = load_service(head.name)
        operation = protocol.operation_named(service, request)
        candidate = Route(head.name, protocol.name, operation)
        if operation in service.operations:
            return candidate
        first = first or candidate
    return first or (Route(heads[0].name, None) if heads else None)


def _candidates(request: Request, heads: Sequence[ServiceHead]) -> Iterator[tuple[ServiceHead, Protocol]]:
    """Services that a request may be for, each with a protocol that it may be in, the likeliest first.

    `heads` are those that address and signature allow; without any, the request's own words decide.
    """
    stated = [(protocol, protocol.marks(request)) for protocol in protocol_table().values()]
    for head in heads:
        for protocol, marks in stated:
            if protocol.name in load_service(head.name).protocols and _fits(head, marks):
                yield head, protocol
    if heads:
        return
    for protocol, marks in stated:
        for key, text in marks.items():
            for head in _marked(models_added()).get((key, text), ()):
                if protocol.name in load_service(head.name).protocols and _fits(head, marks):
                    yield head, protocol


def _fits(head: ServiceHead, marks: Mapping[str, str]) -> bool:
    return all(head.marks.get(key) == text for key, text in marks.items())


@functools.cache
def _called(_: int) -> Mapping[str, tuple[ServiceHead, ...]]:
    """The services by each of the names that a signature or a host may have for them; their own first."""
    called: dict[str, list[ServiceHead]] = {}
    for head in service_heads():
        called.setdefault(head.name, []).append(head)
    for head in service_heads():
        for name in (head.signing_name, head.endpoint_prefix):
            if head not in called.setdefault(name, []):
                called[name].append(head)
    return {name: tuple(heads) for name, heads in called.items()}


@functools.cache
def _marked(_: int) -> Mapping[tuple[str, str], tuple[ServiceHead, ...]]:
    """The services by what their requests may say of them."""
    marked: dict[tuple[str, str], list[ServiceHead]] = {}
    for head in service_heads():
        for mark in head.marks.items():
            marked.setdefault(mark, []).append(head)
    return {mark: tuple(heads) for mark, heads in marked.items()}
