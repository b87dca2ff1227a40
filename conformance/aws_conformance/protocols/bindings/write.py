# SPDX-License-Identifier: Apache-2.0
"""Members written to their places: into URI, headers and status, and the rest into the body.

It owns what travels where, of requests and of responses. It refuses to know how a body is written (BodyForm).

Source: Smithy's HTTP protocol bindings; botocore's serializers where they differ in what is sent for nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...http import Headers, Request, Response
from ...spec.shapes import BlobShape, Operation, Service, StringShape, StructureShape
from ..event_stream import write_stream
from ..labels import EVENT_STREAM
from ..lexical import write_text
from .forms import BODILESS_STATUSES, BodyForm, Root, root_of
from .header_text import as_header, header_value, member_texts
from .places import Places, places_of
from .uri import expand, template_parameters

__all__ = ["encode_request", "encode_response", "shows_kinds", "write_headers"]

_BYTES, _TEXT = "application/octet-stream", "text/plain"
_BODILESS_METHODS = frozenset({"GET", "HEAD"})


def encode_request(form: BodyForm, service: Service, operation: Operation, document: Any) -> Request:
    """A request that says as much of a document as has a place; the document need not be valid."""
    places = places_of(service, operation.input, "request")
    members = document if isinstance(document, dict) else {}
    unknown = {name: value for name, value in members.items() if name not in places.structure.members}
    bodiless = operation.method in _BODILESS_METHODS and not places.body
    headers = write_headers(form.protocol, service, places, members)
    kind, body = _write_body(
        form,
        service,
        root_of(operation, "input", places),
        places,
        document
        if not isinstance(document, dict)
        else _in_body(places, members, {} if bodiless else unknown),
    )
    path = expand(operation.uri, lambda label: _label_text(service, places, label, members))
    query = _query(form.protocol, service, operation, places, members, unknown if bodiless else {})
    target = f"{path}?{query}" if query else path
    # A length that the body has not is no request: a server would wait for the rest for ever.
    sent = [pair for pair in headers if pair[0].lower() != "content-length" or pair[1] == str(len(body))]
    named = {name.lower() for name, _ in sent}
    sent += [pair for pair in _service_headers(service) if pair[0].lower() not in named]
    return Request(operation.method, target, _labelled(kind, sent, places), body)


def _service_headers(service: Service) -> list[tuple[str, str]]:
    """Headers without which a service answers otherwise or not at all, and which no model has.

    Every SDK sends them: botocore's handlers add_accept_header and add_glacier_version.
    """
    match service.name:
        case "apigateway":
            return [("Accept", "application/json")]
        case "glacier":
            return [("x-amz-glacier-version", service.api_version)]
        case _:
            return []


# Route 53 shows identifiers behind their kind (`/hostedzone/Z1`); every SDK sends them without: botocore's
# handler fix_route53_ids, the id normalizer of the SDK for JavaScript.
_SHOWN_KINDS: Mapping[str, re.Pattern[str]] = {
    "route53": re.compile(r"/(?:hostedzone|change|delegationset)/")
}


def shows_kinds(service: Service) -> bool:
    """Whether a service shows identifiers behind their kind, and is asked for them without."""
    return service.name in _SHOWN_KINDS


def _label_text(service: Service, places: Places, label: str, members: Mapping[str, Any]) -> str:
    member = places.labels.get(label)
    if member is None:
        return ""
    text = write_text(members.get(member.name))
    kind = _SHOWN_KINDS[service.name].match(text) if service.name in _SHOWN_KINDS else None
    return text[kind.end() :] if kind else text


def _query(
    protocol: str,
    service: Service,
    operation: Operation,
    places: Places,
    members: Mapping[str, Any],
    unknown: Mapping[str, Any],
) -> str:
    """The query: the template's own part, then named parameters, then those of maps whose names are free."""
    fixed = template_parameters(operation.uri)
    pairs: list[tuple[str, str]] = []
    for name, member in places.queries.items():
        if members.get(member.name) is not None:
            texts = member_texts(service, member, members[member.name], protocol)
            pairs += [(name, text) for text in texts]
    taken = {name for name, _ in pairs} | {part.partition("=")[0] for part in fixed.split("&") if part}
    for member in places.query_maps:
        value = members.get(member.name)
        for name, item in (value if isinstance(value, dict) else {}).items():
            if name not in taken:
                items = item if isinstance(item, list) else [item]
                pairs += [(name, write_text(text)) for text in items if text is not None]
    pairs += [(name, write_text(value)) for name, value in unknown.items()]
    written = [f"{_quoted(name)}={_quoted(text)}" for name, text in pairs]
    return "&".join([fixed, *written] if fixed else written)


def _quoted(text: str) -> str:
    return quote(text, safe="~", errors="surrogatepass")


def write_headers(
    protocol: str, service: Service, places: Places, members: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """The headers that hold members, in model order, then those of maps, where their names are free."""
    headers: list[tuple[str, str]] = []
    for member in places.headers.values():
        value = members.get(member.name)
        text = None if value is None else header_value(service, member, value, protocol)
        if text is not None:
            headers.append((member.location_name or member.name, text))
    taken = {name.lower() for name, _ in headers}
    for member in places.header_maps:
        value = members.get(member.name)
        for key, item in (value if isinstance(value, dict) else {}).items():
            name = f"{member.location_name or ''}{key}"
            if item is not None and name.lower() not in taken:
                headers.append((name, as_header(write_text(item))))
    return headers


def _in_body(places: Places, members: Mapping[str, Any], unknown: Mapping[str, Any]) -> Any:
    """The value that the body is: the payload, or the members without another place."""
    if places.payload is not None:
        return members.get(places.payload.name)
    return {name: value for name, value in members.items() if name in places.body or name in unknown}


def _write_body(
    form: BodyForm, service: Service, root: Root, places: Places, value: Any
) -> tuple[str | None, bytes]:
    """The media type and the bytes of a body; no type where there is no body."""
    if root.member is None:
        # An answer has its root even if nothing is in it: S3's GetBucketLocation in us-east-1.
        answers = root.side == "output" and (places.body or (form.writes_empty and not places.header_maps))
        if not root.shape or not (value or answers or (places.body and form.writes_empty)):
            return None, b""
        return form.media_types[0], form.write(service, root, value)
    shape = service.shape(root.shape)
    match shape, value:
        case StructureShape(event_stream=True), None:
            return None, b""
        case StructureShape(event_stream=True), _:
            return EVENT_STREAM, write_stream(form.events, service, root.shape, value)
        case BlobShape(), None:
            return None, b""
        case BlobShape(media_type=media_type), _:
            return media_type or _BYTES, _from_base64(write_text(value))
        case StringShape(), None:
            return None, b""
        case StringShape(), _:
            return _TEXT, write_text(value).encode("utf-8", "surrogatepass")
        case StructureShape(union=False), None if form.writes_empty and root.side == "input":
            # Clients write it; an answer with an empty structure would have one.
            return form.media_types[0], form.write(service, root, {})
        case _, None:
            return None, b""
        case _:
            return form.media_types[0], form.write(service, root, value)


def _from_base64(text: str) -> bytes:
    """The bytes that base64 stands for; the text's own where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "surrogatepass")


def _labelled(kind: str | None, headers: list[tuple[str, str]], places: Places) -> Headers:
    """The headers with the content type, unless that is a member's, or would look like one that is absent."""
    own = any(name.lower() == "content-type" for name, _ in headers)
    guessed = "content-type" in places.headers and kind in (_BYTES, _TEXT)
    return tuple(headers) if kind is None or own or guessed else (("Content-Type", kind), *headers)


def encode_response(form: BodyForm, service: Service, operation: Operation, document: Any) -> Response:
    """A response that says as much of a document as has a place, with the operation's status."""
    places = places_of(service, operation.output, "response")
    members = document if isinstance(document, dict) else {}
    status = members.get(places.status.name) if places.status is not None else None
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        status = operation.status or 200
    headers = write_headers(form.protocol, service, places, members)
    if status in BODILESS_STATUSES or operation.method == "HEAD":
        return Response(status, tuple(headers))
    unknown = {name: value for name, value in members.items() if name not in places.structure.members}
    root = root_of(operation, "output", places)
    value = _in_body(places, members, unknown) if isinstance(document, dict) else document
    kind, body = _write_body(form, service, root, places, value)
    return Response(status, _labelled(kind, headers, places), body)
