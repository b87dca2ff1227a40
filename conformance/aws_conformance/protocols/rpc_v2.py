# SPDX-License-Identifier: Apache-2.0
"""Smithy's RPC v2 protocols: one POST to a path that names service and operation, in a language of bodies.

It owns all that they share, which is all but the language. It refuses to know how a document is written in
one (rpc_v2_cbor.py, rpc_v2_json.py), and to judge what a document says: whether members fit their shapes is
for the schema, whether a finding is bad is for the checks.

Source: Smithy's rpcv2Cbor and rpcv2Json specifications; recorded answers for query-compatible services.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..http import Headers, Request, Response, header
from ..spec.shapes import Member, Operation, Service
from .bindings.identity import identity_headers
from .error_codes import QUERY_ERROR, former_code, query_error, sanitise_code
from .event_stream import EventForm
from .findings import Decoded, DecodedError, DecodedRequest, Finding
from .labels import EVENT_STREAM, content_type_findings
from .malformations import body_malformations
from .record import ErrorPlace, Malformation, Masking, Protocol
from .rpc_events import Initial, decode_events, encode_events

__all__ = ["BodyLanguage", "rpc_v2_protocol"]

_PROTOCOL = "Smithy-Protocol"
_PATH = re.compile(r"(?:/[^?]*)?/service/([^/?]+)/operation/([^/?]+)(?:\?.*)?")
_INVENTED = "AwsConformanceInventedOperation"
_TYPE = "__type"
_Body = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class BodyLanguage:
    """How the bodies of one of these protocols are written and read.

    `header` is what requests and responses call the protocol. `write(service, shape, document)` takes any
    JSON value, `read(service, shape, body)` tells what is odd about a body, and that its root is none; the
    shape is None where nothing is known of it. `canonical` is one text for all bodies that say the same.
    `noise` is a body that is none of this language, `least` the beginning of one.
    """

    name: str
    header: str
    media_type: str
    write: Callable[[Service, str | None, Any], bytes]
    read: Callable[[Service, str | None, bytes], Decoded]
    canonical: Callable[[bytes], str]
    noise: bytes
    least: bytes
    masking: Masking


def rpc_v2_protocol(protocol: str, language: BodyLanguage) -> Protocol:
    """The record of the protocol of that name, in that language."""
    codec = _RpcV2(protocol, language)
    return Protocol(
        name=protocol,
        encode_request=codec.encode_request,
        decode_request=codec.decode_request,
        encode_response=codec.encode_response,
        decode_response=codec.decode_response,
        encode_error=codec.encode_error,
        decode_error=codec.decode_error,
        content_type=lambda _: language.media_type,
        operation_named=codec.operation_named,
        marks=codec.marks,
        operation_place="(path)",
        invented=_invented,
        malformations=(
            *body_malformations(
                language.name, language.noise, holds=lambda request: bool(request.body), least=language.least
            ),
            Malformation(
                "unknown target", "target", "a path with an operation that the service has not", _elsewhere
            ),
            Malformation("missing target", "target", f"no {_PROTOCOL}", _unnamed, needs_signature=True),
        ),
        identity=lambda request: (*identity_headers(request), language.canonical(request.body)),
        error_place=ErrorPlace((_TYPE,), frozenset({_TYPE, QUERY_ERROR})),
        masking=language.masking,
    )


class _RpcV2:
    """Both sides of both directions, in a language."""

    def __init__(self, protocol: str, language: BodyLanguage) -> None:
        self._language = language
        self._events = EventForm(
            protocol,
            (language.media_type,),
            write=lambda service, shape, member, value: language.write(service, shape, value),
            read=self._read_event,
        )

    def encode_request(self, service: Service, operation: Operation, document: Any) -> Request:
        """A request with that document as its body, which need not be valid, nor an object."""
        headers: Headers = ((_PROTOCOL, self._language.header), ("Accept", self._language.media_type))
        body = b""
        if operation.input is not None or document != {}:
            kind, body = self._body(service, operation.input, document, "initial-request")
            headers += (("Content-Type", kind),)
        if service.query_compatible:
            # Asks for the error codes that the service had when it spoke query.
            headers += (("x-amzn-query-mode", "true"),)
        return Request("POST", _path(service, operation.name), headers, body)

    def decode_request(self, service: Service, request: Request) -> DecodedRequest:
        """The operation that the request names and its document, as a server reads them."""
        name = self.operation_named(service, request)
        if not request.body:
            return DecodedRequest(name, {}, ())
        operation = service.operations.get(name or "")
        root = operation.input if operation else None
        label, decoded = self._read(service, root, request.body, "initial-request")
        labels = content_type_findings(request.headers, (label,))
        return DecodedRequest(name, decoded.document, (*labels, *decoded.findings), decoded.readable)

    def encode_response(self, service: Service, operation: Operation, document: Any) -> Response:
        """A 200 with that document; an operation without output answers with nothing."""
        if operation.output is None:
            return Response(200, self._named_headers)
        kind, body = self._body(service, operation.output, document, "initial-response")
        return Response(200, (*self._named_headers, ("Content-Type", kind)), body)

    def decode_response(self, service: Service, operation: Operation, response: Response) -> Decoded:
        """The document of a successful response, with a finding for each oddity of its bytes.

        An empty body is the empty document only for an operation whose output has no members.
        """
        findings = self._protocol_findings(response)
        if not response.body and not service.structure(operation.output).members:
            return Decoded({}, tuple(findings))
        label, decoded = self._read(service, operation.output, response.body, "initial-response")
        if decoded.readable:
            findings += content_type_findings(response.headers, (label,))
        return Decoded(decoded.document, (*findings, *decoded.findings), decoded.readable)

    def encode_error(self, service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
        """An error response; `document` holds the members of the error's shape, `message` among them."""
        shape = service.error_shape(code)
        headers: Headers = (*self._named_headers, ("Content-Type", self._language.media_type))
        name = code
        if service.query_compatible:
            name = shape or code
            headers += (query_error(code, status),)
        return Response(status, headers, self._language.write(service, shape, {_TYPE: name, **document}))

    def decode_error(self, service: Service, response: Response) -> DecodedError:
        """The error's envelope: its code from `__type`, or for services that spoke query from a header."""
        findings = self._protocol_findings(response)
        bare = self._language.read(service, None, response.body)
        if not isinstance(bare.document, dict):
            return DecodedError(code=None, findings=(*findings, *bare.findings), readable=False)
        named = bare.document.get(_TYPE)
        raw_code = named if isinstance(named, str) else None
        code = (sanitise_code(raw_code) or None) if raw_code is not None else None
        # Which shape it is of tells the code alone.
        decoded = self._language.read(service, service.error_shape(code or ""), response.body)
        findings += content_type_findings(response.headers, (self._language.media_type,))
        document = decoded.document
        former = former_code(service, response, code)
        key = next((name for name in ("message", "Message", "errorMessage") if name in document), None)
        message = document.get(key) if key else None
        return DecodedError(
            code=former or code,
            raw_code=raw_code,
            message=message if isinstance(message, str) else None,
            message_key=key,
            document=MappingProxyType({name: value for name, value in document.items() if name != _TYPE}),
            findings=(*findings, *decoded.findings),
            source=QUERY_ERROR if former else _TYPE if code else None,
            codes=MappingProxyType({_TYPE: code} if code else {}),
        )

    def operation_named(self, service: Service, request: Request) -> str | None:
        """The operation that a request's path names, where it is a path of the service."""
        named = self._named(request)
        return named[1] if named is not None and named[0] == _service_name(service) else None

    def marks(self, request: Request) -> Mapping[str, str]:
        """What a request says of its service, under botocore's names."""
        named = self._named(request)
        return {"targetPrefix": named[0]} if named is not None else {}

    def _named(self, request: Request) -> tuple[str, str] | None:
        """Service and operation as the path has them, if the request is of this protocol."""
        match = _PATH.fullmatch(request.path)
        if match is None or header(request.headers, _PROTOCOL) != self._language.header:
            return None
        return match[1], match[2]

    @property
    def _named_headers(self) -> Headers:
        return ((_PROTOCOL, self._language.header),)

    def _protocol_findings(self, response: Response) -> list[Finding]:
        got = header(response.headers, _PROTOCOL)
        if got == self._language.header:
            return []
        expected = f"{_PROTOCOL}: {self._language.header}"
        return [Finding("protocol.header", (), expected, repr(got) if got else "no such header")]

    def _body(self, service: Service, root: str | None, document: Any, initial: Initial) -> _Body:
        """The media type and the bytes of one side of an operation."""
        stream = service.event_stream(root)
        if stream is not None and root is not None:
            return EVENT_STREAM, encode_events(self._events, service, root, stream, document, initial)
        return self._language.media_type, self._language.write(service, root, document)

    def _read(self, service: Service, root: str | None, body: bytes, initial: Initial) -> tuple[str, Decoded]:
        """The media type that one side of an operation has, and what its bytes say."""
        stream = service.event_stream(root)
        if stream is not None and root is not None:
            return EVENT_STREAM, decode_events(self._events, service, root, stream, body, initial)
        return self._language.media_type, self._language.read(service, root, body)

    def _read_event(self, service: Service, shape: str, member: Member | None, payload: bytes) -> Decoded:
        decoded = self._language.read(service, shape, payload)
        start = (member.name,) if member is not None else ()
        placed = [
            Finding(each.rule, (*start, *each.path), each.expected, each.got) for each in decoded.findings
        ]
        return Decoded(decoded.document, tuple(placed), decoded.readable)


def _service_name(service: Service) -> str:
    return service.target_prefix or service.name


def _path(service: Service, operation: str) -> str:
    return f"/service/{_service_name(service)}/operation/{operation}"


def _invented(service: Service, operation: Operation, request: Request) -> tuple[str, Request]:
    return _INVENTED, Request(request.method, _path(service, _INVENTED), request.headers, request.body)


def _elsewhere(request: Request) -> Request:
    path = f"{request.path.rpartition('/')[0]}/AwsConformanceNoSuchOperation"
    return Request(request.method, path, request.headers, request.body)


def _unnamed(request: Request) -> Request:
    return request.without_header(_PROTOCOL)
