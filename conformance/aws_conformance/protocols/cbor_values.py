# SPDX-License-Identifier: Apache-2.0
"""Values in CBOR by their shapes: documents turned into what CBOR has types for, and items into documents.

It owns what a document cannot show: that bytes are bytes and no text, that a timestamp has its tag, that a
whole number is no float. It refuses to know envelopes, and what is CBOR at all (cbor_text.py).

Source: Smithy's rpcv2Cbor specification, "shape serialization".
"""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import cbor2

from ..spec.shapes import (
    BlobShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    Shape,
    StructureShape,
    TimestampShape,
)
from .cbor_text import Item
from .findings import Finding, Path

__all__ = ["from_item", "plain", "to_wire"]

_EPOCH = 1
_BIGNUMS = {2: 1, 3: -1}
_NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def to_wire(service: Service, name: str | None, value: Any) -> Any:
    """A document in CBOR's types; what is not of its shape is written as the type that it has in JSON."""
    shape = service.shapes.get(name or "")
    match shape, value:
        case StructureShape(members=members), dict():
            return {
                key: to_wire(service, members[key].target if key in members else None, item)
                for key, item in value.items()
            }
        case ListShape(member=member), list():
            return [to_wire(service, member.target, item) for item in value]
        case MapShape(value=member), dict():
            return {key: to_wire(service, member.target, item) for key, item in value.items()}
        case _, bool():
            return value
        case BlobShape(), str():
            try:
                return base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                return value
        case TimestampShape(), int() | float():
            return cbor2.CBORTag(_EPOCH, value)
        case FloatShape(), str():
            return _NONFINITE.get(value, value)
        case FloatShape(), int() if abs(value) < 2**53:
            return float(value)
        case _:
            return value


def from_item(service: Service, name: str | None, item: Item, path: Path, findings: list[Finding]) -> Any:
    """The document that an item is, with findings for types that the document does not show."""
    shape = service.shapes.get(name or "")
    match item.kind:
        case "map":
            return {
                key.value: from_item(service, _under(shape, key.value), value, (*path, key.value), findings)
                for key, value in item.entries
            }
        case "array":
            inner = shape.member.target if isinstance(shape, ListShape) else None
            return [
                from_item(service, inner, element, (*path, index), findings)
                for index, element in enumerate(item.items)
            ]
        case "tag":
            return _tagged(shape, item, path, findings)
    _wrong_type(shape, item, path, findings)
    return plain(item)


def _under(shape: Shape | None, key: str) -> str | None:
    match shape:
        case StructureShape(members=members) if key in members:
            return members[key].target
        case MapShape(value=member):
            return member.target
        case _:
            return None


def _tagged(shape: Shape | None, item: Item, path: Path, findings: list[Finding]) -> Any:
    content = item.items[0]
    value = plain(content)
    number = content.kind in ("integer", "float")
    if item.value == _EPOCH and number and (shape is None or isinstance(shape, TimestampShape)):
        return value
    if item.value in _BIGNUMS and content.kind == "bytes":
        magnitude = int.from_bytes(content.value, "big")
        return magnitude if item.value == 2 else -1 - magnitude
    if shape is not None and not isinstance(shape, DocumentShape):
        expected = "tag 1 and a number" if isinstance(shape, TimestampShape) else "an item without a tag"
        findings.append(Finding("cbor.type", path, expected, f"tag {item.value} and {_words(content)}"))
    return value


def _wrong_type(shape: Shape | None, item: Item, path: Path, findings: list[Finding]) -> None:
    match shape, item.kind:
        case BlobShape(), "text":
            expected = "a byte string"
        case _, "bytes" if shape is not None and not isinstance(shape, BlobShape):
            expected = "a text, a number or another type of its shape"
        case TimestampShape(), "integer" | "float":
            expected = "tag 1 and a number"
        case IntegerShape(), "float" if float(item.value).is_integer():
            got = f"the float {item.value!r}"
            findings.append(Finding("integer.form", path, "a CBOR integer", got))
            return
        case _:
            return
    findings.append(Finding("cbor.type", path, expected, _words(item)))


def _words(item: Item) -> str:
    names = {"bytes": "a byte string", "text": "a text", "integer": "an integer", "array": "an array"}
    return names.get(item.kind, f"a {item.kind}")


def plain(item: Item) -> Any:
    """An item as JSON values: bytes in base64, numbers that JSON has not as text."""
    match item.kind:
        case "map":
            return {key.value: plain(value) for key, value in item.entries}
        case "array":
            return [plain(element) for element in item.items]
        case "tag":
            return plain(item.items[0])
        case "bytes":
            return base64.b64encode(item.value).decode("ascii")
        case "float" if math.isnan(item.value):
            return "NaN"
        case "float" if math.isinf(item.value):
            return "Infinity" if item.value > 0 else "-Infinity"
        case _:
            return item.value
