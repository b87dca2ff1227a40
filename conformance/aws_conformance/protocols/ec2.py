# SPDX-License-Identifier: Apache-2.0
"""EC2's query: a form in, XML out whose members stand in `<XResponse>` itself, beside `<requestId>`.

It owns the protocol's envelopes. It refuses to judge what a document says: that is for the schema.

Sources: Smithy, AWS EC2 query protocol; recorded answers for `<return>` where there is no output.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ..http import Response
from ..spec.shapes import Operation, Service
from .findings import Decoded, DecodedError
from .form import EC2_FORM
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
from .record import ErrorPlace, Protocol
from .xml.envelope import opened
from .xml.errors import (
    CODE_SOURCE,
    ErrorEnvelope,
    decode_error,
    error_body,
    request_id,
)
from .xml.text import generic_value, write_element
from .xml.write import write_content

__all__ = ["PROTOCOL"]

_TYPE = "text/xml"
_REQUEST_ID = "requestId"
_RETURN = "return"
_ENVELOPE = ErrorEnvelope("ec2", ("Response", "Errors", "Error"), "RequestID", has_type=False)


def encode_response(service: Service, operation: Operation, document: Any) -> Response:
    """A 200 with that document's members beside a request id."""
    output = operation.output
    content = write_content(service, output, document) if output is not None else ""
    if output is None:
        content = write_element(_RETURN, "true")
    id_element = write_element(_REQUEST_ID, request_id(content))
    body = write_element(f"{operation.name}Response", id_element + content, namespace=service.xml_namespace)
    return Response(200, (("Content-Type", f"{_TYPE};charset=UTF-8"),), body.encode("utf-8"))


def decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes."""
    envelope = opened("ec2", _TYPE, service, operation, response)
    if isinstance(envelope, Decoded):
        return envelope
    root, reader, findings = envelope.root, envelope.reader, envelope.findings
    id_element = reader.envelope(root, _REQUEST_ID, ())
    id_text = id_element.text or None if id_element is not None else None
    if operation.output is None:
        around = (_REQUEST_ID, _RETURN)
        members = {child.name: generic_value(child) for child in root.children if child.name not in around}
        return Decoded(members, tuple(findings), request_id=id_text)
    # RequestId is a member of few outputs; of all others it belongs to the envelope.
    own = service.structure(operation.output).members.values()
    named = any((member.location_name or member.name) == _REQUEST_ID for member in own)
    ignored = () if named else (_REQUEST_ID,)
    document = reader.structure(operation.output, root, (), ignored=ignored)
    return Decoded(document, tuple(findings), request_id=id_text)


def encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, its text among them."""
    body = error_body(_ENVELOPE, service, code, document, status)
    return Response(status, (("Content-Type", f"{_TYPE};charset=UTF-8"),), body)


def _decode_error(service: Service, response: Response) -> DecodedError:
    return decode_error(_ENVELOPE, service, response)


PROTOCOL = Protocol(
    name="ec2",
    encode_request=functools.partial(encode_request, EC2_FORM),
    decode_request=functools.partial(decode_request, EC2_FORM),
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
    error_place=ErrorPlace(("Errors", "Error", "Code"), frozenset({CODE_SOURCE})),
    unknown_operation=("InvalidAction", 400),
    unreadable="MalformedInput",
    masking=FORM_MASKING,
)
