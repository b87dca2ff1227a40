# SPDX-License-Identifier: Apache-2.0
"""What a request says of its own body's kind and of the kinds that it takes, against what the operation has.

It owns the labels of payloads that are no structures, and the reading of Accept. It refuses to know bodies.

Source: Smithy's restJson1, "Content-Type", "Error response serialization"; its malformed request tests.
"""

from __future__ import annotations

from ...http import Request, header
from ...spec.shapes import BlobShape, Member, Operation, Service, StringShape
from ..findings import Finding
from ..labels import EVENT_STREAM, content_type_findings
from .places import Places, places_of

__all__ = ["negotiation_findings"]


def negotiation_findings(
    media_types: tuple[str, ...],
    service: Service,
    operation: Operation,
    places: Places,
    request: Request,
    *,
    labels_nothing: bool,
    unlabelled: bool,
) -> list[Finding]:
    """A finding for a label that a payload's kind does not have, and one where no answer would be taken.

    `media_types` are those of the protocol's bodies; `labels_nothing` says that its clients label no body
    where the operation has none, `unlabelled` that there are some which label none at all.
    """
    missing = header(request.headers, "content-type") is None
    labels = [] if unlabelled and missing else _label_findings(labels_nothing, service, places, request)
    return [*labels, *_accept_findings(media_types, service, operation, request)]


def _label_findings(
    labels_nothing: bool, service: Service, places: Places, request: Request
) -> list[Finding]:
    label = header(request.headers, "content-type")
    if "content-type" in places.headers:
        return []
    if places.payload is not None:
        kind = _payload_kind(service, places.payload)
        return content_type_findings(request.headers, (kind,)) if kind and request.body else []
    if not places.body and request.body and label is not None and labels_nothing:
        return [Finding("content-type", (), "no body, and no Content-Type", repr(label))]
    return []


def _payload_kind(service: Service, payload: Member) -> str | None:
    """The only media type of a payload; None where any will do, or where the body's form has its own."""
    match service.shape(payload.target):
        case StringShape():
            return "text/plain"
        case BlobShape(media_type=media_type):
            return media_type
        case _:
            return None


def _accept_findings(
    media_types: tuple[str, ...], service: Service, operation: Operation, request: Request
) -> list[Finding]:
    accepted = header(request.headers, "accept")
    places = places_of(service, operation.output, "response")
    if not accepted or "content-type" in places.headers:
        return []
    answered: tuple[str, ...] = media_types
    if places.payload is not None:
        target = service.shape(places.payload.target)
        kind = _payload_kind(service, places.payload)
        if isinstance(target, BlobShape) and kind is None:
            return []
        streamed = service.is_event_stream(places.payload.target)
        answered = (kind,) if kind else (EVENT_STREAM,) if streamed else media_types
    elif not places.body:
        return []
    if any(_takes(item, kind) for item in accepted.split(",") for kind in answered):
        return []
    return [Finding("accept", (), answered[0], repr(accepted[:60]))]


def _takes(item: str, kind: str) -> bool:
    """Whether an element of Accept takes a media type."""
    asked = item.partition(";")[0].strip().lower()
    return asked in (kind, "*/*", f"{kind.partition('/')[0]}/*")
