"""Documents as botocore's callers write them: bytes for blobs, datetimes for timestamps, floats for NaN."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from aws_conformance.spec.shapes import (
    BlobShape,
    FloatShape,
    ListShape,
    MapShape,
    Service,
    StructureShape,
    TimestampShape,
)

__all__ = ["native"]


def native(service: Service, name: str, document: Any) -> Any:
    """A document of the shape of that name in the types that botocore takes."""
    match service.shapes[name], document:
        case StructureShape(members=members), dict():
            return {key: native(service, members[key].target, item) for key, item in document.items()}
        case ListShape(member=inner), list():
            return [native(service, inner.target, item) for item in document]
        case MapShape(value=inner), dict():
            return {key: native(service, inner.target, item) for key, item in document.items()}
        case BlobShape(), str():
            return base64.b64decode(document)
        case TimestampShape(), str() if "," in document:
            return parsedate_to_datetime(document)
        case TimestampShape(), str():
            return datetime.fromisoformat(document)
        case TimestampShape(), int() | float():
            return datetime.fromtimestamp(document, UTC)
        case FloatShape(), str():
            return float(document)
        case _:
            return document
