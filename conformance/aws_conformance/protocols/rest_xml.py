# SPDX-License-Identifier: Apache-2.0
"""AWS restXml: the operation in method and path, members in URI, headers and status, the rest as XML.

It owns the protocol's bodies and errors, S3's own forms of them included. Where members travel is of the HTTP
bindings, which it shares with rest-json; what a document says is for the schema.

Sources: Smithy's AWS restXml specification and its customisations for S3 (errors without a wrapper, the
unwrapped output of GetBucketLocation); RFC 9110 for answers to HEAD, which have no body.
"""

from __future__ import annotations

import functools
import http
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..http import Headers, Request, Response, header
from ..spec.shapes import Service, StructureShape, XmlNamespace
from .bindings.forms import BodyForm, Root
from .bindings.identity import identity_headers
from .bindings.places import places_of
from .bindings.read import (
    UNKNOWN_PATH,
    decode_request,
    decode_response,
    invented,
    operation_named,
    read_headers,
)
from .bindings.write import encode_request, encode_response, write_headers
from .findings import STATUS_SOURCE, Decoded, DecodedError, Finding
from .lexical import write_text
from .malformations import body_malformations, checksum_malformations
from .record import ErrorPlace, Protocol
from .xml.errors import CODE_SOURCE, XML_TYPES, ErrorEnvelope, decode_error, error_body
from .xml.masking import XML_MASKING
from .xml.read import XmlReader
from .xml.text import canonical_xml, escape_text, generic_value, read_xml, write_element
from .xml.write import write_structure

__all__ = ["PROTOCOL"]

_NAME = "rest-xml"
_MEDIA_TYPE = "application/xml"
_WRAPPED = ErrorEnvelope(_NAME, ("ErrorResponse", "Error"), "RequestId", has_type=True)
_BARE = ErrorEnvelope(_NAME, ("Error",), "RequestId", has_type=False, open=True)
# Smithy's trait `noErrorWrapping`, which botocore's models do not have; S3 alone has it.
_BARE_ERRORS = frozenset({"S3"})
# Smithy's model of S3 names the roots of outputs (`xmlName`), botocore's does not.
_UNNAMED_ROOTS = frozenset({"S3"})
# Outputs whose one member is the root itself: Smithy's trait `s3UnwrappedXmlOutput`.
_UNWRAPPED: Mapping[tuple[str, str], str] = MappingProxyType(
    {("S3", "GetBucketLocation"): "LocationConstraint"}
)


def _unwrapped(service: Service, root: Root) -> str | None:
    operation = root.operation
    if operation is None or root.side != "output":
        return None
    return _UNWRAPPED.get((service.service_id, operation.name))


def _structure(service: Service, root: Root) -> StructureShape | None:
    """The structure that a body is; None for an event that the model does not know, and for a text."""
    shape = service.shapes.get(root.shape)
    return shape if isinstance(shape, StructureShape) else None


def _tag(service: Service, root: Root) -> str:
    """The name of a body's root."""
    shape = _structure(service, root)
    own = shape.location_name if shape is not None else None
    member, operation = root.member, root.operation
    if member is None:
        named = operation.input_location_name if operation is not None and root.side == "input" else None
        return own or named or root.shape or "Event"
    if _repeats(service, root):
        return own or root.shape
    return member.location_name or own or root.shape


def _repeats(service: Service, root: Root) -> bool:
    """Whether a payload's locationName says nothing, because it only repeats the member's name.

    Models that were made of Smithy's have it so; where the name counts there is a namespace beside it, on
    the same reference.
    """
    member = root.member
    if member is None or root.side != "input" or member.location_name != member.name:
        return False
    shape = _structure(service, root)
    return member.xml_namespace == (shape.xml_namespace if shape is not None else None)


def _namespace(service: Service, root: Root) -> XmlNamespace | None:
    """The namespace that a body's root declares."""
    if root.member is not None:
        return root.member.xml_namespace or service.xml_namespace
    operation = root.operation
    if operation is not None and root.side == "input" and operation.input_xml_namespace is not None:
        return operation.input_xml_namespace
    shape = _structure(service, root)
    return (shape.xml_namespace if shape is not None else None) or service.xml_namespace


def _write(service: Service, root: Root, value: Any) -> bytes:
    tag, namespace = _tag(service, root), _namespace(service, root)
    member = _unwrapped(service, root)
    if member is not None and isinstance(value, dict):
        text = escape_text(write_text(value.get(member)))
        return write_element(member, text, namespace=namespace).encode("utf-8")
    if _structure(service, root) is None:
        text = escape_text(write_text(value))
        return write_element(tag, text, namespace=namespace).encode("utf-8")
    return write_structure(service, root.shape, tag, value, namespace).encode("utf-8")


def _read(service: Service, root: Root, body: bytes) -> Decoded:
    path = (root.member.name,) if root.member is not None else ()
    parsed = read_xml(body)
    findings = list(parsed.findings)
    element = parsed.root
    if element is None:
        return Decoded(None, tuple(findings), readable=False)
    unwrapped = _unwrapped(service, root)
    if unwrapped is not None and not element.children and element.name == unwrapped:
        return Decoded({unwrapped: element.text} if element.text else {}, tuple(findings))
    if element.name not in _tags(service, root, element.name):
        expected = f"an element {_tag(service, root)}"
        findings.append(Finding("body.root", path, expected, f"an element {element.name}"))
    reader = XmlReader(service, _NAME, findings)
    known = service.derived(_namespaces)
    if known and element.namespace is not None and element.namespace not in known:
        # Models tell the namespace of requests; answers are in the same or, of some operations, in none.
        reader.namespace(element, min(known), path)
    if _structure(service, root) is None:
        return Decoded(generic_value(element), tuple(findings))
    document = reader.structure(root.shape, element, path, root.elsewhere or {})
    return Decoded(document, tuple(findings))


def _namespaces(service: Service) -> frozenset[str]:
    """The namespaces in which the model puts bodies."""
    members = (
        member.xml_namespace
        for shape in service.shapes.values()
        if isinstance(shape, StructureShape)
        for member in shape.members.values()
    )
    inputs = (operation.input_xml_namespace for operation in service.operations.values())
    shapes = (shape.xml_namespace for shape in service.shapes.values() if isinstance(shape, StructureShape))
    namespaces = (service.xml_namespace, *inputs, *shapes, *members)
    return frozenset(item.uri for item in namespaces if item is not None and not item.prefix)


def _tags(service: Service, root: Root, name: str) -> frozenset[str]:
    """The names that a root may have.

    Of S3's outputs without payload the models do not say how they are called (ListBuckets answers
    ListAllMyBucketsResult): that is any name that no error and no page has.
    """
    shape = _structure(service, root)
    own = shape.location_name if shape is not None else None
    names = {root.shape, own, _tag(service, root)}
    if root.member is not None:
        names |= {root.member.location_name, root.member.name}
    elif (
        service.service_id in _UNNAMED_ROOTS
        and root.side != "input"
        and name.lower() not in ("error", "errorresponse", "html")
    ):
        names.add(name)
    return frozenset(filter(None, names))


# botocore labels no XML.
FORM = BodyForm(
    _NAME, (_MEDIA_TYPE, *XML_TYPES), writes_empty=False, write=_write, read=_read, unlabelled=True
)


def _envelope(service: Service) -> ErrorEnvelope:
    return _BARE if service.service_id in _BARE_ERRORS else _WRAPPED


def _encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, its text among them."""
    places = places_of(service, service.error_shape(code), "response")
    headers: Headers = (("Content-Type", _MEDIA_TYPE), *write_headers(_NAME, service, places, document))
    members = {name: value for name, value in document.items() if name not in places.elsewhere}
    return Response(status, headers, error_body(_envelope(service), service, code, members, status))


def _decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope and its members from body and headers; without a body the status says the code."""
    if not response.body:
        # HEAD has no other way to tell, and S3 answers conditional requests so.
        code = _standard_code(response.status)
        return DecodedError(code, source=STATUS_SOURCE if code else None)
    error = decode_error(_envelope(service), service, response, functools.partial(_elsewhere, service))
    name = service.error_shape(error.code) if error.code else None
    if name is None:
        return error
    findings = list(error.findings)
    places = places_of(service, name, "response")
    members = read_headers(_NAME, service, places, response.headers, findings)
    return DecodedError(
        code=error.code,
        raw_code=error.raw_code,
        message=error.message,
        message_key=error.message_key,
        document=MappingProxyType({**members, **error.document}),
        findings=tuple(findings),
        readable=error.readable,
        source=error.source,
        codes=error.codes,
        request_id=error.request_id,
    )


def _elsewhere(service: Service, shape: str) -> Mapping[str, str]:
    return places_of(service, shape, "response").elsewhere


def _standard_code(status: int) -> str | None:
    """The name of a status as a code: NotFound for 404."""
    try:
        return http.HTTPStatus(status).phrase.replace(" ", "").replace("-", "")
    except ValueError:
        return None


def _has_xml(request: Request) -> bool:
    label = (header(request.headers, "content-type") or "").partition(";")[0].strip().lower()
    return bool(request.body) and label in FORM.media_types


PROTOCOL = Protocol(
    name=_NAME,
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
        *body_malformations("XML", b"this is not XML", holds=_has_xml, cut="cut off at its end"),
        *checksum_malformations(),
        UNKNOWN_PATH,
    ),
    identity=lambda request: (*identity_headers(request), canonical_xml(request.body)),
    error_place=ErrorPlace(("Error", "Code"), frozenset({CODE_SOURCE, STATUS_SOURCE})),
    unreadable="MalformedXML",
    masking=XML_MASKING,
)
