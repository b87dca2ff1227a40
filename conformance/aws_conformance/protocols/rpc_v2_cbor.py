# SPDX-License-Identifier: Apache-2.0
"""Smithy RPC v2 CBOR: one POST to a path that names service and operation, CBOR in both directions.

It owns the protocol's bytes. It refuses to judge what a document says: whether members fit their shapes is
for the schema, whether a finding is bad is for the checks.

Source: Smithy's rpcv2Cbor specification; recorded answers for query-compatible services.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..http import Headers, Request, Response, header
from ..spec.shapes import Member, Operation, Service
from .bindings.identity import identity_headers
from .cbor_masking import CBOR_MASKING
from .cbor_text import Item, dump_cbor, read_cbor
from .cbor_values import from_item, plain, to_wire
from .error_codes import QUERY_ERROR, former_code, query_error, sanitise_code
from .event_stream import EventForm
from .findings import Decoded, DecodedError, DecodedRequest, Finding
from .json_text import shorten
from .labels import EVENT_STREAM, content_type_findings
from .malformations import body_malformations
from .record import ErrorPlace, Malformation, Protocol
from .rpc_events import Initial, decode_events, encode_events

__all__ = ["PROTOCOL"]

_MEDIA_TYPE = "application/cbor"
_PROTOCOL = "Smithy-Protocol"
_NAME = "rpc-v2-cbor"
_PATH = re.compile(r"(?:/[^?]*)?/service/([^/?]+)/operation/([^/?]+)(?:\?.*)?")


def _path(service: Service, operation: str) -> str:
    return f"/service/{service.target_prefix or service.name}/operation/{operation}"


def _encode_request(service: Service, operation: Operation, document: Any) -> Request:
    """A request with that document as its body, which need not be valid, nor a map."""
    headers: Headers = ((_PROTOCOL, _NAME), ("Accept", _MEDIA_TYPE))
    body = b""
    if operation.input is not None or document != {}:
        kind, body = _body(service, operation.input, document, "initial-request")
        headers += (("Content-Type", kind),)
    if service.query_compatible:
        # Asks for the error codes that the service had when it spoke query.
        headers += (("x-amzn-query-mode", "true"),)
    return Request("POST", _path(service, operation.name), headers, body)


def _body(service: Service, root: str | None, document: Any, initial: Initial) -> tuple[str, bytes]:
    """The media type and the bytes of one side of an operation."""
    stream = service.event_stream(root)
    if stream is not None and root is not None:
        return EVENT_STREAM, encode_events(_EVENTS, service, root, stream, document, initial)
    return _MEDIA_TYPE, dump_cbor(to_wire(service, root, document))


def _operation_named(service: Service, request: Request) -> str | None:
    named = _named(request)
    return named[1] if named is not None and named[0] == (service.target_prefix or service.name) else None


def _named(request: Request) -> tuple[str, str] | None:
    """Service and operation as the path has them, if the request is of this protocol."""
    match = _PATH.fullmatch(request.path)
    if match is None or header(request.headers, _PROTOCOL) != _NAME:
        return None
    return match[1], match[2]


def _marks(request: Request) -> Mapping[str, str]:
    named = _named(request)
    return {"targetPrefix": named[0]} if named is not None else {}


def _decode_request(service: Service, request: Request) -> DecodedRequest:
    """The operation that the request names and its document, as a server reads them."""
    name = _operation_named(service, request)
    if not request.body:
        return DecodedRequest(name, {}, ())
    operation = service.operations.get(name or "")
    root = operation.input if operation else None
    stream = service.event_stream(root)
    if stream is not None and root is not None:
        decoded = decode_events(_EVENTS, service, root, stream, request.body, "initial-request")
    else:
        decoded = _read(service, root, request.body)
    labels = content_type_findings(request.headers, (EVENT_STREAM if stream is not None else _MEDIA_TYPE,))
    return DecodedRequest(name, decoded.document, (*labels, *decoded.findings), decoded.readable)


def _read(service: Service, root: str | None, body: bytes) -> Decoded:
    item, findings = read_cbor(body)
    if item is None:
        return Decoded(None, tuple(findings), readable=False)
    if item.kind != "map":
        document = plain(item)
        findings.append(Finding("body.root", (), "a CBOR map", shorten(document)))
        return Decoded(document, tuple(findings))
    document = from_item(service, root, item, (), findings)
    return Decoded(document, tuple(findings))


def _read_event(service: Service, shape: str, member: Member | None, payload: bytes) -> Decoded:
    decoded = _read(service, shape, payload)
    start = (member.name,) if member is not None else ()
    placed = [Finding(each.rule, (*start, *each.path), each.expected, each.got) for each in decoded.findings]
    return Decoded(decoded.document, tuple(placed), decoded.readable)


_EVENTS = EventForm(
    "smithy-rpc-v2-cbor",
    (_MEDIA_TYPE,),
    write=lambda service, shape, member, value: dump_cbor(to_wire(service, shape, value)),
    read=_read_event,
)


def _encode_response(service: Service, operation: Operation, document: Any) -> Response:
    """A 200 with that document; an operation without output answers with nothing."""
    headers: Headers = ((_PROTOCOL, _NAME),)
    if operation.output is None:
        return Response(200, headers)
    kind, body = _body(service, operation.output, document, "initial-response")
    return Response(200, (*headers, ("Content-Type", kind)), body)


def _decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes.

    An empty body is the empty document only for an operation whose output has no members.
    """
    findings = _protocol_findings(response)
    if not response.body and not service.structure(operation.output).members:
        return Decoded({}, tuple(findings))
    stream = service.event_stream(operation.output)
    if stream is not None and operation.output is not None:
        read = decode_events(_EVENTS, service, operation.output, stream, response.body, "initial-response")
        labels = content_type_findings(response.headers, (EVENT_STREAM,))
        return Decoded(read.document, (*findings, *labels, *read.findings))
    decoded = _read(service, operation.output, response.body)
    if decoded.readable:
        findings += content_type_findings(response.headers, (_MEDIA_TYPE,))
    return Decoded(decoded.document, (*findings, *decoded.findings), decoded.readable)


def _protocol_findings(response: Response) -> list[Finding]:
    got = header(response.headers, _PROTOCOL)
    if got == _NAME:
        return []
    return [Finding("protocol.header", (), f"{_PROTOCOL}: {_NAME}", repr(got) if got else "no such header")]


def _encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, `message` among them."""
    shape = service.error_shape(code)
    headers: Headers = ((_PROTOCOL, _NAME), ("Content-Type", _MEDIA_TYPE))
    name = code
    if service.query_compatible:
        name = shape or code
        headers += (query_error(code, status),)
    content = to_wire(service, shape, dict(document))
    return Response(status, headers, dump_cbor({"__type": name, **content}))


def _decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope: its code from `__type`, or for services that spoke query from their header."""
    item, findings = read_cbor(response.body)
    findings = [*_protocol_findings(response), *findings]
    if item is not None and item.kind != "map":
        findings.append(Finding("body.root", (), "a CBOR map", shorten(plain(item))))
    if item is None or item.kind != "map":
        return DecodedError(code=None, findings=tuple(findings), readable=False)
    findings += content_type_findings(response.headers, (_MEDIA_TYPE,))
    raw_code = _text(item, "__type")
    code = sanitise_code(raw_code) if raw_code is not None else None
    document = from_item(service, service.error_shape(code or ""), item, (), findings)
    former = former_code(service, response, code or None)
    key = next((name for name in ("message", "Message", "errorMessage") if name in document), None)
    message = document.get(key) if key else None
    return DecodedError(
        code=former or code or None,
        raw_code=raw_code,
        message=message if isinstance(message, str) else None,
        message_key=key,
        document=MappingProxyType({name: value for name, value in document.items() if name != "__type"}),
        findings=tuple(findings),
        source=QUERY_ERROR if former else "__type" if code else None,
        codes=MappingProxyType({"__type": code} if code else {}),
    )


def _text(item: Item, name: str) -> str | None:
    return next(
        (value.value for key, value in item.entries if key.value == name and value.kind == "text"), None
    )


def _invented(service: Service, operation: Operation, request: Request) -> tuple[str, Request]:
    name = "AwsConformanceInventedOperation"
    return name, Request(request.method, _path(service, name), request.headers, request.body)


def _unknown_target(request: Request) -> Request:
    path = f"{request.path.rpartition('/')[0]}/AwsConformanceNoSuchOperation"
    return Request(request.method, path, request.headers, request.body)


def _missing_target(request: Request) -> Request:
    return request.without_header(_PROTOCOL)


def _identity(request: Request) -> tuple[str, ...]:
    item, _ = read_cbor(request.body)
    said = shorten(plain(item), limit=1 << 30) if item is not None else request.body.hex()
    return (*identity_headers(request), said)


PROTOCOL = Protocol(
    name="smithy-rpc-v2-cbor",
    encode_request=_encode_request,
    decode_request=_decode_request,
    encode_response=_encode_response,
    decode_response=_decode_response,
    encode_error=_encode_error,
    decode_error=_decode_error,
    content_type=lambda _: _MEDIA_TYPE,
    operation_named=_operation_named,
    marks=_marks,
    operation_place="(path)",
    invented=_invented,
    malformations=(
        # 0xff ends what was never begun.
        *body_malformations("CBOR", b"\xff", holds=lambda request: bool(request.body), least=b"\xbf"),
        Malformation(
            "unknown target", "target", "a path with an operation that the service has not", _unknown_target
        ),
        Malformation("missing target", "target", "no Smithy-Protocol", _missing_target, needs_signature=True),
    ),
    identity=_identity,
    error_place=ErrorPlace(("__type",), frozenset({"__type", QUERY_ERROR})),
    masking=CBOR_MASKING,
)
