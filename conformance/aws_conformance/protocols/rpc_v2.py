# SPDX-License-Identifier: Apache-2.0
"""What Smithy's RPC v2 protocols share: one POST to a path that names service and operation, and a header.

It owns the frame of requests and responses. It refuses to know the language of their bodies.

Source: Smithy's rpcv2Cbor and rpcv2Json specifications, requests and responses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..http import Headers, Request, Response, header
from ..spec.shapes import Operation, Service
from .findings import Finding
from .record import Malformation

__all__ = ["RpcV2Frame", "invented_operation"]

_PROTOCOL = "Smithy-Protocol"
_PATH = re.compile(r"(?:/[^?]*)?/service/([^/?]+)/operation/([^/?]+)(?:\?.*)?")


class RpcV2Frame:
    """The frame of one of these protocols: `name` is in the header, `media_type` that of bodies."""

    def __init__(self, name: str, media_type: str) -> None:
        self._name = name
        self._media_type = media_type

    def request(self, service: Service, operation: str, body: tuple[str, bytes] | None) -> Request:
        """A request for an operation; `body` is a media type with the bytes, None where there is no body."""
        headers: Headers = ((_PROTOCOL, self._name), ("Accept", self._media_type))
        if body is not None:
            headers += (("Content-Type", body[0]),)
        if service.query_compatible:
            # Asks for the error codes that the service had when it spoke query.
            headers += (("x-amzn-query-mode", "true"),)
        return Request("POST", _path(service, operation), headers, body[1] if body is not None else b"")

    def response(self, status: int, body: tuple[str, bytes] | None, *headers: tuple[str, str]) -> Response:
        """A response with a body, or without one, and `headers` of its own."""
        framed: Headers = ((_PROTOCOL, self._name),)
        if body is None:
            return Response(status, framed)
        return Response(status, (*framed, ("Content-Type", body[0]), *headers), body[1])

    def operation_named(self, service: Service, request: Request) -> str | None:
        """The operation that a request's path names, where it is a path of the service."""
        named = self._named(request)
        return named[1] if named is not None and named[0] == _service_name(service) else None

    def marks(self, request: Request) -> Mapping[str, str]:
        """What a request says of its service, under botocore's names."""
        named = self._named(request)
        return {"targetPrefix": named[0]} if named is not None else {}

    def findings(self, response: Response) -> list[Finding]:
        """A finding where a response does not name its protocol."""
        got = header(response.headers, _PROTOCOL)
        if got == self._name:
            return []
        expected = f"{_PROTOCOL}: {self._name}"
        return [Finding("protocol.header", (), expected, repr(got) if got else "no such header")]

    def target_malformations(self) -> tuple[Malformation, ...]:
        """The ways to spoil what tells a request's operation."""
        unknown = "a path with an operation that the service has not"
        missing = f"no {_PROTOCOL}"
        return (
            Malformation("unknown target", "target", unknown, _unknown_target),
            Malformation("missing target", "target", missing, _missing_target, needs_signature=True),
        )

    def _named(self, request: Request) -> tuple[str, str] | None:
        """Service and operation as the path has them, if the request is of this protocol."""
        match = _PATH.fullmatch(request.path)
        if match is None or header(request.headers, _PROTOCOL) != self._name:
            return None
        return match[1], match[2]


def invented_operation(service: Service, operation: Operation, request: Request) -> tuple[str, Request]:
    """A request like that one for an operation that does not exist, with its name."""
    name = "AwsConformanceInventedOperation"
    return name, Request(request.method, _path(service, name), request.headers, request.body)


def _service_name(service: Service) -> str:
    return service.target_prefix or service.name


def _path(service: Service, operation: str) -> str:
    return f"/service/{_service_name(service)}/operation/{operation}"


def _unknown_target(request: Request) -> Request:
    path = f"{request.path.rpartition('/')[0]}/AwsConformanceNoSuchOperation"
    return Request(request.method, path, request.headers, request.body)


def _missing_target(request: Request) -> Request:
    return request.without_header(_PROTOCOL)
