# SPDX-License-Identifier: Apache-2.0
"""Where scalars stand in CBOR, and which of them belong to sensitive shapes.

It owns the walk through the items. Bodies are text of one character per byte here (Latin-1), so that bytes
stay where they are. It refuses to know what sensitive values are replaced by (masking.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import cbor2

from ..spec.shapes import ListShape, MapShape, Service, Shape, StructureShape
from .cbor_text import Item, read_cbor
from .record import Masking, Scalar, ScalarKind

__all__ = ["CBOR_MASKING"]


def _scalars(service: Service, root: str | None, text: str) -> Iterator[Scalar]:
    item, _ = read_cbor(text.encode("latin-1", "replace"))
    if item is not None:
        yield from _of(service, text, item, service.shapes.get(root or ""), False)


def _of(service: Service, text: str, item: Item, shape: Shape | None, secret: bool) -> Iterator[Scalar]:
    secret = secret or (shape is not None and shape.sensitive)
    match item.kind:
        case "map":
            for key, value in item.entries:
                inner = _under(service, shape, key.value)
                if isinstance(shape, MapShape) and service.shapes[shape.key.target].sensitive:
                    yield _scalar(text, key, sensitive=True)
                # Where no shape says anything of a member, its name does.
                named = inner is None and key.value.lower() in service.sensitive_names
                yield from _of(service, text, value, inner, secret or named)
        case "array":
            inner = service.shapes.get(shape.member.target) if isinstance(shape, ListShape) else None
            for element in item.items:
                yield from _of(service, text, element, inner, secret)
        case "tag":
            yield from _of(service, text, item.items[0], shape, secret)
        case _:
            yield _scalar(text, item, sensitive=secret)


def _under(service: Service, shape: Shape | None, key: str) -> Shape | None:
    match shape:
        case StructureShape(members=members) if key in members:
            return service.shapes.get(members[key].target)
        case MapShape(value=member):
            return service.shapes.get(member.target)
        case _:
            return None


_KINDS: dict[str, ScalarKind] = {"null": "null", "boolean": "boolean", "integer": "number", "float": "number"}


def _scalar(text: str, item: Item, *, sensitive: bool) -> Scalar:
    kind = _KINDS.get(item.kind, "text")
    # A text as its bytes, a character each: what replaces it has the same length.
    raw = item.value.encode("utf-8") if item.kind == "text" else item.value
    content = raw.decode("latin-1") if isinstance(raw, bytes) else text[item.start : item.end]
    return Scalar(item.start, item.end, kind, content, sensitive)


def _literal(kind: ScalarKind, text: str) -> str:
    match kind:
        case "text":
            return cbor2.dumps(text.encode("latin-1", "replace").decode("utf-8", "replace")).decode("latin-1")
        case "number":
            return cbor2.dumps(int(text) if text.isdecimal() else 0).decode("latin-1")
        case "boolean":
            return cbor2.dumps(text == "true").decode("latin-1")
        case "null":
            return cbor2.dumps(None).decode("latin-1")


def _escapes(text: str) -> tuple[str, ...]:
    return (text.encode("utf-8", "replace").decode("latin-1"),)


CBOR_MASKING = Masking("latin-1", _scalars, _literal, _escapes)
