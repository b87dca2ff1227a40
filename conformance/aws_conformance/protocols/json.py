# SPDX-License-Identifier: Apache-2.0
"""AWS JSON 1.0 and 1.1: one POST to `/`, the operation in X-Amz-Target, JSON in both directions.

It owns the protocol's bytes. It refuses to judge what a document says: whether members fit their
shapes is for the schema, whether a finding is bad is for the checks.

Sources: Smithy's AWS JSON 1.0 and 1.1 protocol specifications; for the error envelope, recorded
answers (`__type` in the body, `message` or `Message`), and the sanitising rule that SDKs share: what
stands before the first `:`, and of that what stands behind `#`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..http import Headers, Request, Response, header
from ..spec.shapes import Member, Operation, Service
from .error_codes import QUERY_ERROR, former_code, query_error, sanitise_code
from .event_stream import EventForm
from .findings import Decoded, DecodedError, DecodedRequest, Finding
from .json_masking import JSON_MASKING
from .json_text import EMPTY_BODY, canonical_json, dump_json, literal, read_json, unreadable
from .json_values import integer_findings
from .labels import EVENT_STREAM, content_type_findings
from .malformations import body_malformations
from .record import ErrorPlace, Malformation, Protocol
from .rpc_events import decode_events, encode_events

__all__ = ["PROTOCOL"]

_TARGET = "X-Amz-Target"


def _read_event(service: Service, shape: str, member: Member | None, payload: bytes) -> Decoded:
    decoded = read_json(payload)
    findings = list(decoded.findings)
    if not isinstance(decoded.document, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(decoded.document)))
    elif shape in service.shapes:
        integer_findings(service, shape, decoded.document, (), findings)
    start = (member.name,) if member is not None else ()
    placed = [Finding(each.rule, (*start, *each.path), each.expected, each.got) for each in findings]
    return Decoded(decoded.document, tuple(placed), decoded.readable)


_EVENTS = EventForm(
    "json",
    ("application/json", "application/x-amz-json-1.1", "application/x-amz-json-1.0"),
    write=lambda service, shape, member, value: dump_json(value),
    read=_read_event,
)


def content_type(service: Service) -> str:
    """`application/x-amz-json-1.0` or `-1.1`, as the model's jsonVersion says."""
    return f"application/x-amz-json-{service.json_version or '1.1'}"


def encode_request(service: Service, operation: Operation, document: Any) -> Request:
    """A request with that document as its body.

    The document need not be valid, nor an object: negatives are encoded by the same function.
    """
    headers: Headers = (
        ("Content-Type", content_type(service)),
        (_TARGET, f"{service.target_prefix}.{operation.name}"),
    )
    if service.query_compatible:
        # Asks for the error codes that the service had when it spoke query.
        headers += (("x-amzn-query-mode", "true"),)
    stream = service.event_stream(operation.input)
    if stream is not None and operation.input is not None:
        events = encode_events(_EVENTS, service, operation.input, stream, document, "initial-request")
        labelled = Request("POST", "/", headers, events)
        return labelled.with_headers([("Content-Type", EVENT_STREAM)])
    return Request("POST", "/", headers, dump_json(document))


def decode_request(service: Service, request: Request) -> DecodedRequest:
    """The operation that the request names and its document, as a server reads them."""
    target = header(request.headers, _TARGET) or ""
    prefix, _, name = target.rpartition(".")
    operation = name if prefix == service.target_prefix and name else None
    if not request.body:
        # Smithy: a service should take a missing body for an empty document.
        return DecodedRequest(operation, {}, ())
    described = service.operations.get(operation or "")
    stream = service.event_stream(described.input) if described is not None else None
    if described is not None and described.input is not None and stream is not None:
        decoded = decode_events(_EVENTS, service, described.input, stream, request.body, "initial-request")
    else:
        decoded = read_json(request.body)
    return DecodedRequest(operation, decoded.document, decoded.findings, decoded.readable)


def encode_response(service: Service, operation: Operation, document: Any) -> Response:
    """A 200 with that document; an operation without output answers with an empty object or nothing."""
    stream = service.event_stream(operation.output)
    if stream is not None and operation.output is not None:
        events = encode_events(_EVENTS, service, operation.output, stream, document, "initial-response")
        return Response(200, (("Content-Type", EVENT_STREAM),), events)
    body = dump_json(document) if operation.output is not None else b""
    return Response(200, (("Content-Type", content_type(service)),), body)


def decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes.

    An empty body is the empty document only for an operation whose output has no members.
    """
    if not response.body and not service.structure(operation.output).members:
        # Clients take nothing for the empty document where there is nothing to say.
        return Decoded({})
    stream = service.event_stream(operation.output)
    if stream is not None and operation.output is not None:
        read = decode_events(_EVENTS, service, operation.output, stream, response.body, "initial-response")
        labels = content_type_findings(response.headers, (EVENT_STREAM,))
        return Decoded(read.document, (*read.findings, *labels))
    decoded = read_json(response.body)
    if not decoded.readable:
        return decoded
    document, findings = decoded.document, list(decoded.findings)
    if not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(document)))
    elif operation.output is not None:
        integer_findings(service, operation.output, document, (), findings)
    if operation.output is not None or response.body:
        findings.extend(content_type_findings(response.headers, (content_type(service),)))
    return Decoded(document, tuple(findings))


def encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, `message` among them.

    Services that once spoke query name the shape in the body and the code that they used to have beside it.
    """
    headers: Headers = (("Content-Type", content_type(service)),)
    name = code
    if service.query_compatible:
        name = service.error_shape(code) or code
        headers += (query_error(code, status),)
    headers += (("x-amzn-ErrorType", f"{name}:"),)
    return Response(status, headers, dump_json({"__type": name, **document}))


def decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope: its code from wherever there is one, with the place, best places first.

    For services that once spoke query the header `x-amzn-query-error` overrides the body, unless it holds a
    code of which the model knows nothing while the body names an error that it knows (SQS).
    """
    announced = header(response.headers, "x-amzn-errortype")
    decoded = read_json(response.body) if response.body else unreadable(EMPTY_BODY)
    findings = list(decoded.findings)
    document = decoded.document
    if decoded.readable and not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(document)))
    if not isinstance(document, dict):
        return DecodedError(
            code=sanitise_code(announced) or None if announced else None,
            raw_code=announced,
            findings=tuple(findings),
            readable=False,
            source="x-amzn-errortype" if announced else None,
        )
    findings.extend(content_type_findings(response.headers, (content_type(service),)))
    named: tuple[tuple[str, Any], ...] = (
        ("__type", document.get("__type")),
        ("x-amzn-errortype", announced),
    )
    codes = {place: sanitise_code(text) for place, text in named if isinstance(text, str)}
    raw_code, code, source = _envelope_code(document, announced)
    former = former_code(service, response, code) if source == "__type" else None
    if former is not None:
        code, source = former, QUERY_ERROR
    key = next((name for name in ("message", "Message", "errorMessage") if name in document), None)
    message = document.get(key) if key else None
    # A `code` that is no text is a member of the shape.
    envelope = {"__type"} | ({"code"} if isinstance(document.get("code"), str) else set())
    return DecodedError(
        code=code,
        raw_code=raw_code,
        message=message if isinstance(message, str) else None,
        message_key=key,
        document=MappingProxyType({k: v for k, v in document.items() if k not in envelope}),
        findings=tuple(findings),
        source=source,
        codes=MappingProxyType({place: code for place, code in codes.items() if code}),
    )


def _envelope_code(
    document: Mapping[str, Any], announced: str | None
) -> tuple[str | None, str | None, str | None]:
    """The raw text, the code and the place of the best code there is; the first text where none is a code."""
    places: tuple[tuple[str, Any], ...] = (
        ("__type", document.get("__type")),
        ("code", document.get("code")),
        ("x-amzn-errortype", announced),
    )
    texts = [(place, text) for place, text in places if isinstance(text, str)]
    for place, text in texts:
        if code := sanitise_code(text):
            return text, code, place
    return (texts[0][1] if texts else None), None, None


def operation_named(service: Service, request: Request) -> str | None:
    """The name behind the last dot of X-Amz-Target, where the prefix is the service's."""
    prefix, _, name = (header(request.headers, _TARGET) or "").rpartition(".")
    return name if prefix == service.target_prefix and name else None


def _marks(request: Request) -> Mapping[str, str]:
    target = header(request.headers, _TARGET)
    return {"targetPrefix": target.rpartition(".")[0]} if target is not None else {}


def _invented(service: Service, operation: Operation, request: Request) -> tuple[str, Request] | None:
    name = "AwsConformanceInventedOperation"
    return name, request.with_headers([(_TARGET, f"{service.target_prefix}.{name}")])


def _unknown_target(request: Request) -> Request | None:
    target = header(request.headers, _TARGET)
    if target is None:
        return None
    return request.with_headers([(_TARGET, f"{target.rpartition('.')[0]}.AwsConformanceNoSuchOperation")])


def _missing_target(request: Request) -> Request | None:
    return None if header(request.headers, _TARGET) is None else request.without_header(_TARGET)


def _identity(request: Request) -> tuple[str, ...]:
    headers = tuple(header(request.headers, name) or "" for name in (_TARGET, "content-type"))
    return (*headers, canonical_json(request.body))


PROTOCOL = Protocol(
    name="json",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    encode_error=encode_error,
    decode_error=decode_error,
    content_type=content_type,
    operation_named=operation_named,
    marks=_marks,
    operation_place="(X-Amz-Target)",
    invented=_invented,
    malformations=(
        *body_malformations("JSON", b"this is not JSON", least=b"{"),
        Malformation("unknown target", "target", "an X-Amz-Target that no operation has", _unknown_target),
        Malformation("missing target", "target", "no X-Amz-Target", _missing_target, needs_signature=True),
    ),
    identity=_identity,
    # botocore and the aws command read the code nowhere else.
    error_place=ErrorPlace(("__type",), frozenset({"__type", QUERY_ERROR})),
    masking=JSON_MASKING,
    unknown_operation=("UnknownOperationException", 400),
    reads_leniently=True,
)
