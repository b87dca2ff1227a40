# SPDX-License-Identifier: Apache-2.0
"""Documents with one value altered or left out: what a comparison must notice.

It owns what another value of the same kind is. It refuses to know whether the result is valid.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from aws_conformance.generate.values import timestamp_text
from aws_conformance.protocols.findings import Path
from aws_conformance.spec.shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    StringShape,
    StructureShape,
    TimestampShape,
)

__all__ = ["altered", "leaves", "without"]


def leaves(service: Service, name: str, document: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The places of the scalars of a document with the names of their shapes."""
    match service.shapes[name], document:
        case StructureShape(event_stream=True), list():
            for index, event in enumerate(document):
                yield from leaves(service, name, event, (*path, index))
        case StructureShape(members=members), dict():
            for key, value in document.items():
                yield from leaves(service, members[key].target, value, (*path, key))
        case MapShape(value=member), dict():
            for key, value in document.items():
                yield from leaves(service, member.target, value, (*path, key))
        case ListShape(member=member), list():
            for index, value in enumerate(document):
                yield from leaves(service, member.target, value, (*path, index))
        case ((StructureShape() | MapShape() | ListShape() | DocumentShape()), _):
            return
        case _ if document is not None:
            yield path, name


def without(document: Any, path: Path) -> Any:
    """The document without the value at a place."""
    step, rest = path[0], path[1:]
    match document:
        case dict() if not rest:
            return {key: value for key, value in document.items() if key != step}
        case list() if not rest:
            return [value for index, value in enumerate(document) if index != step]
        case _:
            return _replaced(document, step, without(document[step], rest))


def altered(service: Service, name: str, document: Any, path: Path) -> Any:
    """The document with another value of the shape of that name at a place; the same if there is none."""
    if not path:
        return _other(service, name, document)
    return _replaced(document, path[0], altered(service, name, document[path[0]], path[1:]))


def _replaced(document: Any, step: str | int, value: Any) -> Any:
    if isinstance(document, dict):
        return {key: value if key == step else item for key, item in document.items()}
    return [value if index == step else item for index, item in enumerate(document)]


def _other(service: Service, name: str, value: Any) -> Any:
    match service.shapes[name]:
        case StringShape(enum=enum) if enum:
            return next((text for text in enum if text != value), value)
        case StringShape():
            return value[:-1] + ("b" if value.endswith("a") else "a")
        case BooleanShape():
            return not value
        case IntegerShape():
            return value - 1 if value > 0 else value + 1
        case FloatShape():
            return 0.5 if isinstance(value, str) else value / 2 if value else 0.25
        case BlobShape():
            content = base64.b64decode(value)
            return base64.b64encode(content[:-1] + bytes([content[-1] ^ 1]) if content else b"a").decode()
        case TimestampShape():
            return _second_later(value)
        case _:
            return value


def _second_later(value: Any) -> Any:
    if isinstance(value, int | float):
        return value + 1
    if "," in value:
        return timestamp_text("rfc822", parsedate_to_datetime(value) + timedelta(seconds=1))
    return timestamp_text("iso8601", datetime.fromisoformat(value) + timedelta(seconds=1))
