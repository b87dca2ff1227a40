# SPDX-License-Identifier: Apache-2.0
"""Members read from their places: from URI, headers and status, and the rest from the body.

It owns what is read from where, of requests and of responses, and the findings for what stands in a wrong
place. It refuses to know how a body is read (BodyForm).
"""

from __future__ import annotations

import base64
from typing import Any

from ...http import Headers, Request, Response, header, headers_named
from ...spec.shapes import BlobShape, MapShape, Member, Operation, Service, StringShape, StructureShape
from ..event_stream import read_stream
from ..findings import Decoded, DecodedRequest, Finding
from ..json_text import shorten
from ..labels import EVENT_STREAM, content_type_findings
from ..record import Malformation
from .addressing import path_style
from .chunked import unchunked
from .forms import BODILESS_STATUSES, BodyForm, Root, root_of
from .header_text import from_header, member_value, read_header
from .negotiation import negotiation_findings
from .places import Places, places_of
from .uri import MatchedOperation, route

__all__ = [
    "UNKNOWN_PATH",
    "decode_request",
    "decode_response",
    "invented",
    "operation_named",
    "read_headers",
]

_INVENTED = "AwsConformanceInventedOperation"
_INVENTED_PATHS = ("/aws-conformance/no-such-operation", "/aws-conformance-no-such-operation")


def operation_named(service: Service, request: Request) -> str | None:
    """The operation whose method and URI template a request has."""
    chosen = route(service, path_style(service, request))
    return chosen.operation.name if chosen else None


def invented(service: Service, operation: Operation, request: Request) -> tuple[str, Request] | None:
    """The request with a path that no operation has; None where every path is some operation's."""
    for path in _INVENTED_PATHS:
        other = Request(request.method, path, request.headers, request.body)
        if route(service, other) is None:
            return _INVENTED, other
    return None


def _knows_not_all_paths(service: Service, operation: Operation) -> bool:
    """Whether an operation's request with an unknown path is no operation's: in S3 all are keys."""
    return route(service, Request(operation.method, _INVENTED_PATHS[0], (), b"")) is None


def _with_unknown_path(request: Request) -> Request:
    return Request(request.method, _INVENTED_PATHS[0], request.headers, request.body)


# The way to spoil the path that names an operation, where a service does not know all paths.
UNKNOWN_PATH = Malformation(
    "unknown path",
    "target",
    "a path that no operation has",
    _with_unknown_path,
    needs_signature=True,
    concerns=_knows_not_all_paths,
)


def decode_request(form: BodyForm, service: Service, request: Request) -> DecodedRequest:
    """The operation that a request is for and its document, as a server reads them."""
    request = path_style(service, request)
    chosen = route(service, request)
    if chosen is None:
        return DecodedRequest(None, {}, ())
    operation = chosen.operation
    sent = unchunked(request)
    if sent is None:
        finding = Finding(
            "body.malformed", (), "whole chunks of aws-chunked", shorten(request.body[:60].hex())
        )
        return DecodedRequest(operation.name, None, (finding,), readable=False)
    places = places_of(service, operation.input, "request")
    findings = [Finding("uri.form", (), "percent-encoded UTF-8", fault) for fault in chosen.faults]
    document: dict[str, Any] = {}
    for name, member in places.labels.items():
        if name in chosen.labels:
            texts = [chosen.labels[name]]
            document[member.name] = member_value(
                service, member, texts, form.protocol, (member.name,), findings
            )
    _read_query(form.protocol, service, chosen, places, document, findings)
    document |= read_headers(form.protocol, service, places, sent.headers, findings)
    root = root_of(operation, "input", places)
    findings += negotiation_findings(
        form.media_types,
        service,
        operation,
        places,
        sent,
        labels_nothing=form.writes_empty,
        unlabelled=form.unlabelled,
    )
    return _with_body(
        form, service, root, places, document, findings, sent.headers, sent.body, operation.name
    )


def _read_query(
    protocol: str,
    service: Service,
    chosen: MatchedOperation,
    places: Places,
    document: dict[str, Any],
    findings: list[Finding],
) -> None:
    texts: dict[str, list[str]] = {}
    for name, text in chosen.parameters:
        texts.setdefault(name, []).append(text)
    maps: dict[str, dict[str, Any]] = {}
    for name, values in texts.items():
        member = places.queries.get(name)
        if member is not None:
            path = (member.name,)
            document[member.name] = member_value(service, member, values, protocol, path, findings)
        for holder in places.query_maps:
            # Smithy's httpQueryParams: servers put all parameters into the map, those of named members too.
            # What is odd about these has been odd of the member.
            odd = findings if member is None else []
            held = _map_values(service, holder, values, protocol, name, odd)
            maps.setdefault(holder.name, {})[name] = held
        if member is None and not places.query_maps:
            _keep_unknown(places, name, values[0], "a query parameter", document, findings)
    document |= maps


def _map_values(
    service: Service, holder: Member, values: list[str], protocol: str, name: str, findings: list[Finding]
) -> Any:
    shape = service.shape(holder.target)
    assert isinstance(shape, MapShape)
    placed = Member(name, shape.value.target, location="querystring")
    return member_value(service, placed, values, protocol, (holder.name, name), findings)


def _keep_unknown(
    places: Places, name: str, value: Any, place: str, document: dict[str, Any], findings: list[Finding]
) -> None:
    """Keep what is no member's, so that the schema tells of it; a member in a wrong place is told here."""
    if name in places.structure.members:
        right = places.elsewhere.get(name, "body")
        findings.append(Finding("member.place", (name,), f"in the {right}", place))
    else:
        document[name] = value


def read_headers(
    protocol: str, service: Service, places: Places, headers: Headers, findings: list[Finding]
) -> dict[str, Any]:
    """The members that headers hold."""
    document: dict[str, Any] = {}
    for name, member in places.headers.items():
        values = headers_named(headers, name)
        if values:
            path = (member.name,)
            document[member.name] = read_header(service, member, values, protocol, path, findings)
    for member in places.header_maps:
        prefix = (member.location_name or "").lower()
        entries = {
            name[len(prefix) :]: from_header(value)
            for name, value in headers
            if name.lower().startswith(prefix) and len(name) > len(prefix)
        }
        if entries:
            document[member.name] = entries
    return document


def _with_body(
    form: BodyForm,
    service: Service,
    root: Root,
    places: Places,
    document: dict[str, Any],
    findings: list[Finding],
    headers: Headers,
    body: bytes,
    operation: str,
) -> DecodedRequest:
    """The document with what the body says."""
    if body and (root.shape or root.member is not None):
        if root.side == "output" or places.body or root.member is not None:
            findings += _content_type_findings(form, service, root, places, headers)
        decoded = _read_body(form, service, root, body)
        findings += decoded.findings
        if not decoded.readable:
            return DecodedRequest(operation, None, tuple(findings), readable=False)
        if root.member is not None:
            document[root.member.name] = decoded.document
        elif isinstance(decoded.document, dict):
            document |= decoded.document
        else:
            return DecodedRequest(operation, decoded.document, tuple(findings))
    elif root.member is not None:
        nothing = _of_nothing(service, root, root.member.name in places.structure.required, headers)
        if nothing is not None:
            document[root.member.name] = nothing
    return DecodedRequest(operation, document, tuple(findings))


def _of_nothing(service: Service, root: Root, required: bool, headers: Headers) -> Any:
    """The payload that an empty body is: a text, bytes or a stream of nothing; None if it is just absent."""
    if service.is_event_stream(root.shape):
        return [] if required or header(headers, "content-type") == EVENT_STREAM else None
    return "" if required and _is_text(service, root) else None


def _is_text(service: Service, root: Root) -> bool:
    return isinstance(service.shape(root.shape), BlobShape | StringShape)


def _content_type_findings(
    form: BodyForm, service: Service, root: Root, places: Places, headers: Headers
) -> list[Finding]:
    if "content-type" in places.headers or (root.member is not None and _is_text(service, root)):
        return []
    if form.unlabelled and root.side == "input" and header(headers, "content-type") is None:
        return []
    events = service.is_event_stream(root.shape)
    return content_type_findings(headers, (EVENT_STREAM,) if events else form.media_types)


def _read_body(form: BodyForm, service: Service, root: Root, body: bytes) -> Decoded:
    shape = service.shapes.get(root.shape)
    path = (root.member.name,) if root.member is not None else ()
    match shape:
        case BlobShape() if root.member is not None:
            return Decoded(base64.b64encode(body).decode("ascii"))
        case StringShape() if root.member is not None:
            try:
                return Decoded(body.decode("utf-8"))
            except UnicodeDecodeError as error:
                got = f"byte 0x{body[error.start]:02x} at offset {error.start}"
                finding = Finding("body.encoding", path, "UTF-8", got)
                return Decoded(body.decode("utf-8", "replace"), (finding,))
        case StructureShape(event_stream=True):
            findings: list[Finding] = []
            stream = read_stream(form.events, service, root.shape, body, path, findings)
            return Decoded(stream.events, tuple(findings))
        case _:
            return form.read(service, root, body)


def decode_response(form: BodyForm, service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes."""
    places = places_of(service, operation.output, "response")
    findings: list[Finding] = []
    document = read_headers(form.protocol, service, places, response.headers, findings)
    if places.status is not None:
        document[places.status.name] = response.status
    root = root_of(operation, "output", places)
    if response.status in BODILESS_STATUSES:
        got = _forbidden_body(response)
        if got:
            expected = f"no body, as status {response.status} says"
            findings.append(Finding("body.unexpected", (), expected, got))
        return Decoded(document, tuple(findings))
    if response.body.strip() and operation.output is None:
        # What is in the protocol's form may be there for nobody; what is not would reach a client's reader.
        decoded = form.read(service, root, response.body)
        if not decoded.readable:
            return Decoded(None, (*findings, *decoded.findings), readable=False)
    read = _with_body(
        form, service, root, places, document, findings, response.headers, response.body, operation.name
    )
    return Decoded(read.document, read.findings, read.readable)


def _forbidden_body(response: Response) -> str:
    """What a response has of a body that must not be; most readers leave it to spoil the next response."""
    if response.body:
        return shorten(response.body.decode("utf-8", "replace"))
    length = header(response.headers, "content-length") or "0"
    # RFC 9110, 8.6: with 304 it tells the length of what was not sent.
    return f"Content-Length: {length}" if response.status == 204 and length.strip("0 ") else ""
