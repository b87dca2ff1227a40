# SPDX-License-Identifier: Apache-2.0
"""Smithy RPC v2 JSON: JSON in both directions, in the frame of RPC v2.

It owns the protocol's bytes within their frame (rpc_v2.py). It refuses to judge what a document says. No
service of botocore speaks it yet; models in Smithy's form may.

Source: Smithy's rpcv2Json specification and its protocol tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..http import Request, Response
from ..spec.shapes import (
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Operation,
    Service,
    StructureShape,
)
from .bindings.identity import identity_headers
from .error_codes import QUERY_ERROR, former_code, query_error, sanitise_code
from .event_stream import EventForm
from .findings import Decoded, DecodedError, DecodedRequest, Finding, Path
from .json_masking import JSON_MASKING
from .json_text import EMPTY_BODY, canonical_json, dump_json, literal, read_json, unreadable
from .json_values import integer_findings
from .labels import EVENT_STREAM, content_type_findings
from .malformations import body_malformations
from .record import ErrorPlace, Protocol
from .rpc_events import Initial, decode_events, encode_events
from .rpc_v2 import RpcV2Frame, invented_operation

__all__ = ["PROTOCOL"]

_MEDIA_TYPE = "application/json"
_FRAME = RpcV2Frame("rpc-v2-json", _MEDIA_TYPE)
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def _has_big_numbers(service: Service) -> frozenset[str]:
    """The shapes that are numbers without bounds, or reach one."""
    return service.holders(lambda shape: isinstance(shape, IntegerShape | FloatShape) and shape.big)


def _to_wire(service: Service, name: str | None, value: Any) -> Any:
    """A document as JSON has it: numbers without bounds are texts, all else is as it is."""
    if name is None or name not in service.derived(_has_big_numbers):
        return value
    match service.shape(name), value:
        case StructureShape(members=members), dict():
            return {
                key: _to_wire(service, members[key].target if key in members else None, item)
                for key, item in value.items()
            }
        case ListShape(member=member), list():
            return [_to_wire(service, member.target, item) for item in value]
        case MapShape(value=member), dict():
            return {key: _to_wire(service, member.target, item) for key, item in value.items()}
        case IntegerShape() | FloatShape(), int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return value


def _from_wire(service: Service, name: str | None, value: Any, path: Path, findings: list[Finding]) -> Any:
    """What a body says as a document, with a finding for a number without bounds that is no text."""
    if name is None or name not in service.derived(_has_big_numbers):
        return value
    match service.shape(name), value:
        case StructureShape(members=members), dict():
            return {
                key: _from_wire(
                    service, members[key].target if key in members else None, item, (*path, key), findings
                )
                for key, item in value.items()
            }
        case ListShape(member=member), list():
            return [
                _from_wire(service, member.target, item, (*path, index), findings)
                for index, item in enumerate(value)
            ]
        case MapShape(value=member), dict():
            return {
                key: _from_wire(service, member.target, item, (*path, key), findings)
                for key, item in value.items()
            }
        case IntegerShape(), str() if _WHOLE.fullmatch(value):
            return int(value)
        case FloatShape(), str() if _DECIMAL.fullmatch(value):
            return float(value)
        case IntegerShape() | FloatShape(), int() | float() if not isinstance(value, bool):
            findings.append(Finding("integer.form", path, "a number as a text", literal(value)))
            return value
        case _:
            return value


def _read(service: Service, root: str | None, body: bytes) -> Decoded:
    decoded = read_json(body)
    if not decoded.readable:
        return decoded
    document, findings = decoded.document, list(decoded.findings)
    if not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(document)))
    elif root is not None:
        integer_findings(service, root, document, (), findings)
        document = _from_wire(service, root, document, (), findings)
    return Decoded(document, tuple(findings))


def _read_event(service: Service, shape: str, member: Member | None, payload: bytes) -> Decoded:
    decoded = _read(service, shape, payload)
    start = (member.name,) if member is not None else ()
    placed = [Finding(each.rule, (*start, *each.path), each.expected, each.got) for each in decoded.findings]
    return Decoded(decoded.document, tuple(placed), decoded.readable)


_EVENTS = EventForm(
    "smithy-rpc-v2-json",
    (_MEDIA_TYPE,),
    write=lambda service, shape, member, value: dump_json(_to_wire(service, shape, value)),
    read=_read_event,
)


def _body(service: Service, root: str | None, document: Any, initial: Initial) -> tuple[str, bytes]:
    """The media type and the bytes of one side of an operation."""
    stream = service.event_stream(root)
    if stream is not None and root is not None:
        return EVENT_STREAM, encode_events(_EVENTS, service, root, stream, document, initial)
    return _MEDIA_TYPE, dump_json(_to_wire(service, root, document))


def _encode_request(service: Service, operation: Operation, document: Any) -> Request:
    """A request with that document as its body, which need not be valid, nor an object."""
    says = operation.input is not None or document != {}
    body = _body(service, operation.input, document, "initial-request") if says else None
    return _FRAME.request(service, operation.name, body)


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


def _encode_response(service: Service, operation: Operation, document: Any) -> Response:
    """A 200 with that document; an operation without output answers with nothing."""
    if operation.output is None:
        return _FRAME.response(200, None)
    return _FRAME.response(200, _body(service, operation.output, document, "initial-response"))


def _decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes.

    An empty body is the empty document only for an operation whose output has no members.
    """
    framed = tuple(_FRAME.findings(response))
    if not response.body and not service.structure(operation.output).members:
        return Decoded({}, framed)
    stream = service.event_stream(operation.output)
    if stream is not None and operation.output is not None:
        read = decode_events(_EVENTS, service, operation.output, stream, response.body, "initial-response")
        labels = content_type_findings(response.headers, (EVENT_STREAM,))
        return Decoded(read.document, (*framed, *labels, *read.findings))
    decoded = _read(service, operation.output, response.body)
    labels = content_type_findings(response.headers, (_MEDIA_TYPE,)) if decoded.readable else []
    return Decoded(decoded.document, (*framed, *labels, *decoded.findings), decoded.readable)


def _encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, `message` among them."""
    shape = service.error_shape(code)
    compatible = service.query_compatible
    name = (shape or code) if compatible else code
    body = dump_json({"__type": name, **_to_wire(service, shape, dict(document))})
    return _FRAME.response(status, (_MEDIA_TYPE, body), *([query_error(code, status)] if compatible else []))


def _decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope: its code from `__type`, or for services that spoke query from their header."""
    decoded = read_json(response.body) if response.body else unreadable(EMPTY_BODY)
    findings = [*_FRAME.findings(response), *decoded.findings]
    document = decoded.document
    if decoded.readable and not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(document)))
    if not isinstance(document, dict):
        return DecodedError(code=None, findings=tuple(findings), readable=False)
    findings += content_type_findings(response.headers, (_MEDIA_TYPE,))
    named = document.get("__type")
    raw_code = named if isinstance(named, str) else None
    code = (sanitise_code(raw_code) or None) if raw_code is not None else None
    document = _from_wire(service, service.error_shape(code or ""), document, (), findings)
    former = former_code(service, response, code)
    key = next((name for name in ("message", "Message", "errorMessage") if name in document), None)
    message = document.get(key) if key else None
    return DecodedError(
        code=former or code,
        raw_code=raw_code,
        message=message if isinstance(message, str) else None,
        message_key=key,
        document=MappingProxyType({name: value for name, value in document.items() if name != "__type"}),
        findings=tuple(findings),
        source=QUERY_ERROR if former else "__type" if code else None,
        codes=MappingProxyType({"__type": code} if code else {}),
    )


PROTOCOL = Protocol(
    name="smithy-rpc-v2-json",
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
        *body_malformations(
            "JSON", b"this is not JSON", holds=lambda request: bool(request.body), least=b"{"
        ),
        *_FRAME.target_malformations(),
    ),
    identity=lambda request: (*identity_headers(request), canonical_json(request.body)),
    error_place=ErrorPlace(("__type",), frozenset({"__type", QUERY_ERROR})),
    masking=JSON_MASKING,
)
