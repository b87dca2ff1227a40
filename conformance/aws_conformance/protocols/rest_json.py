# SPDX-License-Identifier: Apache-2.0
"""AWS restJson1: the operation in method and path, members in URI, headers and status, the rest as JSON.

It owns the protocol's bodies and its errors. Where members travel is of the HTTP bindings, which it shares
with rest-xml; what a document says is for the schema.

Sources: Smithy's AWS restJson1 specification; for errors its "operation error serialization": the code in
X-Amzn-Errortype, or in the body as `code` or `__type`, sanitised.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..http import Headers, Request, Response, header
from ..spec.shapes import Service, StructureShape
from .bindings.forms import BodyForm, Root
from .bindings.identity import identity_headers
from .bindings.places import Places, places_of
from .bindings.read import (
    UNKNOWN_PATH,
    decode_request,
    decode_response,
    invented,
    operation_named,
    read_headers,
)
from .bindings.write import encode_request, encode_response, write_headers
from .error_codes import sanitise_code
from .findings import Decoded, DecodedError, Finding
from .json_masking import JSON_MASKING
from .json_text import canonical_json, dump_json, literal, read_json
from .json_values import from_wire, integer_findings, member_path, to_wire
from .labels import content_type_findings
from .malformations import body_malformations
from .record import ErrorPlace, Protocol

__all__ = ["PROTOCOL"]

_MEDIA_TYPE = "application/json"
_ERROR_TYPE = "x-amzn-errortype"


def _write(service: Service, root: Root, value: Any) -> bytes:
    return dump_json(to_wire(service, root.shape, value))


def _read(service: Service, root: Root, body: bytes) -> Decoded:
    start = (root.member.name,) if root.member is not None else ()
    decoded = read_json(body)
    findings = [
        Finding(
            finding.rule,
            (*start, *member_path(service, root.shape, finding.path)),
            finding.expected,
            finding.got,
        )
        for finding in decoded.findings
    ]
    if not decoded.readable:
        return Decoded(None, tuple(findings), readable=False)
    shape = service.shapes.get(root.shape)
    if shape is None:
        # A body where the model has none: nothing tells what it should be.
        return Decoded(decoded.document, tuple(findings))
    if isinstance(shape, StructureShape) and not isinstance(decoded.document, dict):
        findings.append(Finding("body.root", start, "a JSON object", literal(decoded.document)))
        return Decoded(decoded.document, tuple(findings))
    document = from_wire(service, root.shape, decoded.document, start, findings, root.elsewhere)
    integer_findings(service, root.shape, document, start, findings)
    return Decoded(document, tuple(findings))


FORM = BodyForm("rest-json", (_MEDIA_TYPE,), writes_empty=True, write=_write, read=_read)


def _encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, `message` among them."""
    name = service.error_shape(code)
    places = places_of(service, name, "response")
    headers: Headers = (("Content-Type", _MEDIA_TYPE), ("X-Amzn-Errortype", code))
    headers += tuple(write_headers(FORM.protocol, service, places, document))
    body = {key: value for key, value in document.items() if key not in places.elsewhere}
    return Response(status, headers, dump_json(to_wire(service, name, body) if name else body))


def _decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope: its code from the header, or else from the body, and its members from both."""
    announced = header(response.headers, _ERROR_TYPE)
    decoded = read_json(response.body) if response.body else Decoded({})
    findings = list(decoded.findings)
    content = decoded.document
    if decoded.readable and not isinstance(content, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(content)))
    members: dict[str, Any] = content if isinstance(content, dict) else {}
    if response.body and decoded.readable:
        findings += content_type_findings(response.headers, FORM.media_types)
    texts = {
        place: text
        for place, text in (
            (_ERROR_TYPE, announced),
            ("code", members.get("code")),
            ("__type", members.get("__type")),
        )
        if isinstance(text, str)
    }
    codes = {place: code for place, text in texts.items() if (code := sanitise_code(text))}
    source = next(iter(codes), None)
    key = next((name for name in ("message", "Message", "errorMessage") if name in members), None)
    message = members.get(key) if key else None
    name = service.error_shape(codes[source]) if source else None
    envelope = {"__type"} | ({"code"} if "code" in texts else set())
    body = {name: value for name, value in members.items() if name not in envelope}
    return DecodedError(
        code=codes[source] if source else None,
        raw_code=texts[source] if source else next(iter(texts.values()), None),
        message=message if isinstance(message, str) else None,
        message_key=key,
        document=MappingProxyType(_error_members(service, name, body, response.headers, findings)),
        findings=tuple(findings),
        readable=isinstance(content, dict),
        source=source,
        codes=MappingProxyType(codes),
    )


def _error_members(
    service: Service, name: str | None, body: dict[str, Any], headers: Headers, findings: list[Finding]
) -> dict[str, Any]:
    if name is None:
        return body
    places: Places = places_of(service, name, "response")
    document = read_headers(FORM.protocol, service, places, headers, findings)
    document.update(from_wire(service, name, body, (), findings, places.elsewhere))
    return document


def _has_json(request: Request) -> bool:
    label = header(request.headers, "content-type") or ""
    return bool(request.body) and label.partition(";")[0].strip().lower() == _MEDIA_TYPE


PROTOCOL = Protocol(
    name="rest-json",
    encode_request=functools.partial(encode_request, FORM),
    decode_request=functools.partial(decode_request, FORM),
    encode_response=functools.partial(encode_response, FORM),
    decode_response=functools.partial(decode_response, FORM),
    encode_error=_encode_error,
    decode_error=_decode_error,
    content_type=lambda _: _MEDIA_TYPE,
    operation_named=operation_named,
    # Method and path name an operation, and nothing but address and signature a service.
    marks=lambda _: {},
    operation_place="(method and path)",
    invented=invented,
    malformations=(
        *body_malformations("JSON", b"this is not JSON", holds=_has_json, least=b"{"),
        UNKNOWN_PATH,
    ),
    identity=lambda request: (*identity_headers(request), canonical_json(request.body)),
    error_place=ErrorPlace((_ERROR_TYPE,), frozenset({_ERROR_TYPE, "code", "__type"})),
    masking=JSON_MASKING,
    refused_labels=MappingProxyType(
        {
            "content-type": ("UnsupportedMediaTypeException", 415),
            "accept": ("NotAcceptableException", 406),
        }
    ),
)
