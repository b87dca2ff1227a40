# SPDX-License-Identifier: Apache-2.0
"""What a request that does not fit its schema is told: in AWS's words, or in those of Smithy's own servers.

It owns those words, and which findings say that a value can't be read at all. It refuses to know how a
refusal is written.

Sources: recorded refusals of AWS JSON services; Smithy's `smithy.framework#ValidationException`, which a
model declares, and the malformed request tests that go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..spec.schema.validate import SchemaFinding
from ..spec.shapes import (
    BlobShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    Shape,
    StringShape,
    StructureShape,
)
from .refusal import Refusal

__all__ = ["field_refusal", "has_fields", "is_unreadable", "worded"]

Bounded: TypeAlias = StringShape | BlobShape | ListShape | MapShape | IntegerShape | FloatShape

_WORDS: Mapping[str, str] = {
    "required": "Member must not be null",
    "minLength": "Member must have length greater than or equal to {}",
    "maxLength": "Member must have length less than or equal to {}",
    "minItems": "Member must have length greater than or equal to {}",
    "maxItems": "Member must have length less than or equal to {}",
    "minimum": "Member must have value greater than or equal to {}",
    "maximum": "Member must have value less than or equal to {}",
    "pattern": "Member must satisfy regular expression pattern: {}",
    "enum": "Member must satisfy enum value set: {}",
}
_UNREADABLE_KEYWORDS = frozenset({"type", "format", "contentEncoding"})
# Texts that stand for another type: one that fits no pattern of it is no value of it.
_LEXICAL = frozenset({"timestamp", "blob", "float", "double"})
_FIELDS = "fieldList"
_EXCEPTION = "ValidationException"
_LENGTHS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})


def is_unreadable(service: Service, root: str, finding: SchemaFinding) -> bool:
    """Whether a finding says that a value is none of its shape's type, rather than one out of bounds."""
    if finding.keyword in _UNREADABLE_KEYWORDS:
        return True
    if finding.keyword == "pattern":
        return finding.kind in _LEXICAL
    if finding.keyword == "additionalProperties":
        holder = _shape_at(service, root, finding.path[:-1])
        return isinstance(holder, StructureShape) and holder.union
    shape = _shape_at(service, root, finding.path)
    if isinstance(shape, IntegerShape) and not shape.big and finding.keyword in ("minimum", "maximum"):
        limit = 2 ** (shape.bits - 1)
        return not (isinstance(finding.value, int | float) and -limit <= finding.value < limit)
    tagged = isinstance(shape, StructureShape) and shape.union
    return tagged and finding.keyword in ("minProperties", "maxProperties")


def worded(finding: SchemaFinding) -> str:
    """A constraint's failure in AWS's words; a value is not repeated, it may be a secret."""
    steps = [
        str(step + 1) if isinstance(step, int) else f"{step[:1].lower()}{step[1:]}" for step in finding.path
    ]
    words = _WORDS.get(finding.keyword, f"Member must satisfy {finding.keyword}")
    return f"Value at '{'.'.join(steps)}' failed to satisfy constraint: {words.format(finding.bound)}"


def has_fields(service: Service, errors: Iterable[str]) -> bool:
    """Whether one of these errors is Smithy's, which lists what is wrong by its place."""
    return any(
        service.error_code(name) == _EXCEPTION and _FIELDS in service.structure(name).members
        for name in errors
    )


def field_refusal(service: Service, root: str, document: Any, findings: Iterable[SchemaFinding]) -> Refusal:
    """The refusal that lists what is wrong by its place, as Smithy's servers word it."""
    rows = [_field(service, root, document, finding) for finding in findings]
    unique = {(row.path, row.message): row for row in rows}
    fields: list[dict[str, str]] = [{"message": row.message, "path": row.path} for row in unique.values()]
    plural = "s" if len(fields) > 1 else ""
    text = "; ".join(field["message"] for field in fields)
    message = f"{len(fields)} validation error{plural} detected. {text}"
    return Refusal(_EXCEPTION, message, members={_FIELDS: fields})


@dataclass(frozen=True, slots=True)
class _InputField:
    path: str
    message: str


def _field(service: Service, root: str, document: Any, finding: SchemaFinding) -> _InputField:
    path = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in finding.path)
    shape = _shape_at(service, root, finding.path)
    value = finding.value
    if finding.keyword == "propertyNames" and isinstance(shape, MapShape):
        # The key that does not fit its own shape.
        key_shape = service.shape(shape.key.target)
        keys = value if isinstance(value, dict) else {}
        value = next((key for key in keys if not _fits(key_shape, key)), "")
        keyword = (
            "enum" if isinstance(key_shape, StringShape) and key_shape.enum else _broken(key_shape, value)
        )
        shape = key_shape
    else:
        keyword = finding.keyword
    said, words = _constraint(shape, keyword, value)
    return _InputField(path, f"Value{said} at '{path}' failed to satisfy constraint: {words}")


def _fits(shape: Shape, key: str) -> bool:
    return not isinstance(shape, StringShape) or not (
        (shape.enum and key not in shape.enum) or _broken(shape, key) == "minLength"
    )


def _broken(shape: Shape, text: str) -> str:
    """Which constraint of a text is broken: its length's, else its pattern's."""
    low, high = getattr(shape, "min", None), getattr(shape, "max", None)
    outside = (low is not None and len(text) < low) or (high is not None and len(text) > high)
    return "minLength" if outside else "pattern"


def _constraint(shape: Shape | None, keyword: str, value: Any) -> tuple[str, str]:
    """What is said of the value, and the constraint in words."""
    if keyword in _LENGTHS and isinstance(shape, StringShape | BlobShape | ListShape | MapShape):
        words = f"Member must have length {_range(shape)}"
        return f" with length {_length(shape, value)}", words
    if keyword in ("minimum", "maximum") and isinstance(shape, IntegerShape | FloatShape):
        return "", f"Member must be {_range(shape)}"
    match keyword:
        case "pattern" if isinstance(shape, StringShape):
            return "", f"Member must satisfy regular expression pattern: {shape.pattern}"
        case "enum" if isinstance(shape, StringShape):
            return "", f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        case "uniqueItems":
            return "", "Member must have unique values"
        case "required":
            return "", _WORDS["required"]
        case _:
            return "", f"Member must satisfy {keyword}"


def _range(shape: Bounded) -> str:
    low, high = shape.min, shape.max
    if low is not None and high is not None:
        return f"between {low} and {high}, inclusive"
    return f"greater than or equal to {low}" if low is not None else f"less than or equal to {high}"


def _length(shape: Shape, value: Any) -> int:
    if isinstance(shape, BlobShape) and isinstance(value, str):
        return len(value.rstrip("=")) * 3 // 4
    return len(value) if isinstance(value, str | list | dict) else 0


def _shape_at(service: Service, root: str, path: Iterable[str | int]) -> Shape | None:
    """The shape of the value at a place of a document; None where the model has none."""
    shape: Shape | None = service.shapes.get(root)
    for step in path:
        match shape:
            case StructureShape(members=members) if isinstance(step, str):
                member = members.get(step)
                shape = service.shapes.get(member.target) if member is not None else None
            case ListShape(member=member):
                shape = service.shapes.get(member.target)
            case MapShape(value=member):
                shape = service.shapes.get(member.target)
            case _:
                return None
    return shape
