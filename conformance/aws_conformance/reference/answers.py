# SPDX-License-Identifier: Apache-2.0
"""How the reference answers: both kinds of answer as bytes.

It owns the envelopes that were recorded from AWS. It refuses to know why something is refused.

Recorded: modelled and signature errors spell `message`, the framework's own errors `Message`; errors
carry `x-amzn-ErrorType: Code:` and `x-amzn-ErrorMessage` beside the body; an operation that is not
known is refused without a message.
"""

from __future__ import annotations

from email.utils import formatdate
from xml.sax.saxutils import escape

from ..http import Headers, Response
from ..protocols.json import PROTOCOL
from ..spec.shapes import Service
from .refusal import Refusal, StorageRefusal

__all__ = ["coral_envelope", "error", "finish", "serialization", "storage_error", "unknown_operation_page"]

_MESSAGE_HEADER_LIMIT = 1_024


def serialization(message: str | None = None) -> Refusal:
    """A body that is no JSON (without message) or whose value has the wrong JSON type."""
    return Refusal("SerializationException", message, "Message")


def error(service: Service, refusal: Refusal) -> Response:
    """The refusal in the recorded envelope."""
    status = refusal.status
    if status is None:
        status = service.error_status(refusal.code) if refusal.code in service.shapes else 400
    document = dict(refusal.members)
    if refusal.message is not None:
        document = {refusal.key: refusal.message, **document}
    response = PROTOCOL.encode_error(service, refusal.code, document, status)
    if refusal.message is None:
        return response
    headers = (*response.headers, ("x-amzn-ErrorMessage", _header_text(refusal.message)))
    return Response(status, headers, response.body)


def _header_text(message: str) -> str:
    """A message that a header line can carry: what a request sent may come back in it."""
    return "".join(char if " " <= char <= "~" else "?" for char in message[:_MESSAGE_HEADER_LIMIT])


def unknown_operation_page() -> Response:
    """The 404 recorded for a content type that is not the protocol's; the body's label is not recorded."""
    return Response(404, (("Content-Type", "text/xml"),), b"<UnknownOperationException/>")


def coral_envelope() -> Response:
    """The 200 that was recorded for `application/json`.

    That content type selects an older protocol, whose body names the operation itself. A body of AWS
    JSON names none, so what the envelope carries is always that the operation is unknown.
    """
    output = b'{"__type":"com.amazon.coral.service#UnknownOperationException","message":null}'
    body = b'{"Output":' + output + b',"Version":"1.0"}'
    return Response(200, (("Content-Type", "application/json"),), body)


def storage_error(refusal: StorageRefusal, request_id: str) -> Response:
    """S3's error document, which unlike other XML protocols has no wrapper."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(refusal.code)}</Code><Message>{escape(refusal.message)}</Message>"
        f"<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
    )
    return Response(refusal.status, (("Content-Type", "application/xml"),), body.encode())


def finish(response: Response, request_id: str, now: float, *, storage: bool = False) -> Response:
    """The response with the headers that every answer has. `now` is in seconds since the epoch."""
    name = "x-amz-request-id" if storage else "x-amzn-RequestId"
    added: Headers = (("Date", formatdate(now, usegmt=True)),)
    return Response(response.status, (*added, *response.headers, (name, request_id)), response.body)
