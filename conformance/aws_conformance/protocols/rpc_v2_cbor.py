# SPDX-License-Identifier: Apache-2.0
"""Smithy RPC v2 CBOR: CBOR in both directions, in the frame of RPC v2.

It owns the protocol's bytes within their frame (rpc_v2.py). It refuses to judge what a document says: whether
members fit their shapes is for the schema, whether a finding is bad is for the checks.

Source: Smithy's rpcv2Cbor specification; recorded answers for query-compatible services.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..http import Request, Response
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
from .record import ErrorPlace, Protocol
from .rpc_events import Initial, decode_events, encode_events
from .rpc_v2 import RpcV2Frame, invented_operation

__all__ = ["PROTOCOL"]

_MEDIA_TYPE = "application/cbor"
_FRAME = RpcV2Frame("rpc-v2-cbor", _MEDIA_TYPE)


def _encode_request(service: Service, operation: Operation, document: Any) -> Request:
    """A request with that document as its body, which need not be valid, nor a map."""
    says = operation.input is not None or document != {}
    body = _body(service, operation.input, document, "initial-request") if says else None
    return _FRAME.request(service, operation.name, body)


def _body(service: Service, root: str | None, document: Any, initial: Initial) -> tuple[str, bytes]:
    """The media type and the bytes of one side of an operation."""
    stream = service.event_stream(root)
    if stream is not None and root is not None:
        return EVENT_STREAM, encode_events(_EVENTS, service, root, stream, document, initial)
    return _MEDIA_TYPE, dump_cbor(to_wire(service, root, document))


def _decode_request(service: Service, request: Request) -> DecodedRequest:
    """The operation that the request names and its document, as a server reads them."""
    name = _FRAME.operation_named(service, request)
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
    if operation.output is None:
        return _FRAME.response(200, None)
    return _FRAME.response(200, _body(service, operation.output, document, "initial-response"))


def _decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes.

    An empty body is the empty document only for an operation whose output has no members.
    """
    findings = _FRAME.findings(response)
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


def _encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, `message` among them."""
    shape = service.error_shape(code)
    compatible = service.query_compatible
    name = (shape or code) if compatible else code
    body = dump_cbor({"__type": name, **to_wire(service, shape, dict(document))})
    return _FRAME.response(status, (_MEDIA_TYPE, body), *([query_error(code, status)] if compatible else []))


def _decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope: its code from `__type`, or for services that spoke query from their header."""
    item, findings = read_cbor(response.body)
    findings = [*_FRAME.findings(response), *findings]
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
    operation_named=_FRAME.operation_named,
    marks=_FRAME.marks,
    operation_place="(path)",
    invented=invented_operation,
    malformations=(
        # 0xff ends what was never begun.
        *body_malformations("CBOR", b"\xff", holds=lambda request: bool(request.body), least=b"\xbf"),
        *_FRAME.target_malformations(),
    ),
    identity=_identity,
    error_place=ErrorPlace(("__type",), frozenset({"__type", QUERY_ERROR})),
    masking=CBOR_MASKING,
)
