# SPDX-License-Identifier: Apache-2.0
"""AWS query: a form in, XML out, in `<XResponse>` and mostly `<XResult>`; errors in `<ErrorResponse>`.

It owns the protocol's envelopes. It refuses to judge what a document says: that is for the schema.

Sources: Smithy, AWS query protocol; botocore's models for the wrappers of results.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ..http import Response
from ..spec.shapes import Operation, Service
from .findings import Decoded, DecodedError, Finding
from .form import QUERY_FORM
from .form_masking import FORM_MASKING
from .form_requests import (
    MALFORMATIONS,
    decode_request,
    encode_request,
    identity,
    invented,
    marks,
    operation_named,
)
from .json_text import shorten
from .record import ErrorPlace, Protocol
from .xml.envelope import opened
from .xml.errors import (
    CODE_SOURCE,
    ErrorEnvelope,
    decode_error,
    error_body,
    request_id,
)
from .xml.read import XmlReader
from .xml.text import Element, write_element
from .xml.write import write_content

__all__ = ["PROTOCOL"]

_TYPE = "text/xml"
_METADATA = "ResponseMetadata"
_ENVELOPE = ErrorEnvelope("query", ("ErrorResponse", "Error"), "RequestId", has_type=True)


def _wrapper(operation: Operation) -> str | None:
    """The element around the result, where there is one; models that do not name it mean the rule."""
    if operation.output is None:
        return None
    return operation.result_wrapper or f"{operation.name}Result"


def encode_response(service: Service, operation: Operation, document: Any) -> Response:
    """A 200 with that document in the operation's envelope."""
    wrapper, output = _wrapper(operation), operation.output
    content = write_content(service, output, document) if output is not None else ""
    if wrapper is not None:
        content = write_element(wrapper, content)
    metadata = write_element(_METADATA, write_element("RequestId", request_id(content)))
    body = write_element(f"{operation.name}Response", content + metadata, namespace=service.xml_namespace)
    return Response(200, (("Content-Type", _TYPE),), body.encode("utf-8"))


def decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes."""
    envelope = opened("query", _TYPE, service, operation, response)
    if isinstance(envelope, Decoded):
        return envelope
    root, reader, findings = envelope.root, envelope.reader, envelope.findings
    result = _result(operation, root, reader, findings)
    id_text = _request_id(root, reader)
    if operation.output is None:
        members = {child.name: child.text for child in result.children if child.name != _METADATA}
        return Decoded(members, tuple(findings), request_id=id_text)
    document = reader.structure(operation.output, result, (), ignored=(_METADATA,))
    return Decoded(document, tuple(findings), request_id=id_text)


def _request_id(root: Element, reader: XmlReader) -> str | None:
    # SimpleDB tells there what a request cost.
    metadata = reader.envelope(root, _METADATA, (), ("RequestId", "BoxUsage"))
    element = reader.envelope(metadata, "RequestId", ()) if metadata is not None else None
    return element.text or None if element is not None else None


def _result(operation: Operation, root: Element, reader: XmlReader, findings: list[Finding]) -> Element:
    """The element that holds the members: the result, or the root where there is no output."""
    wrapper = _wrapper(operation)
    if wrapper is None:
        return root
    results = [child for child in root.children if child.name == wrapper]
    others = [child for child in root.children if child.name not in (wrapper, _METADATA)]
    if not results:
        got = ", ".join(child.name for child in root.children[:5]) or "nothing"
        findings.append(Finding("xml.wrapper", (), f"an element {wrapper} within {root.name}", got))
        return root
    if len(results) > 1 or others:
        got = ", ".join(child.name for child in (*results[1:], *others)[:5])
        findings.append(Finding("xml.wrapper", (), f"{wrapper} and {_METADATA} only", f"beside them {got}"))
    if root.text.strip():
        findings.append(Finding("xml.stray", (), "elements only", f"the text {shorten(root.text.strip())!r}"))
    reader.namespace(results[0], root.namespace, ())
    return results[0]


def encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, its text among them."""
    body = error_body(_ENVELOPE, service, code, document, status, service.xml_namespace)
    return Response(status, (("Content-Type", _TYPE),), body)


def _decode_error(service: Service, response: Response) -> DecodedError:
    return decode_error(_ENVELOPE, service, response)


PROTOCOL = Protocol(
    name="query",
    encode_request=functools.partial(encode_request, QUERY_FORM),
    decode_request=functools.partial(decode_request, QUERY_FORM),
    encode_response=encode_response,
    decode_response=decode_response,
    encode_error=encode_error,
    decode_error=_decode_error,
    content_type=lambda _: _TYPE,
    operation_named=operation_named,
    marks=marks,
    operation_place="(Action)",
    invented=invented,
    malformations=MALFORMATIONS,
    identity=identity,
    error_place=ErrorPlace(("Error", "Code"), frozenset({CODE_SOURCE})),
    unknown_operation=("InvalidAction", 400),
    unreadable="MalformedInput",
    masking=FORM_MASKING,
)
