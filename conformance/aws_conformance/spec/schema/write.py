# SPDX-License-Identifier: Apache-2.0
"""Shapes to JSON Schema 2020-12: the form in which one side of one operation is checked and generated.

It owns the `x-aws-*` vocabulary (published as schemas/meta/x-aws.json) and the rules by which a model's
traits become keywords. It refuses to know what validates or generates by these schemas, and it copies
no text of AWS's documentation. Equal models make equal bytes: no clock, no randomness, model order.

On inputs every constraint asserts. On outputs a documented pattern, length or range is an annotation,
`x-aws-advisory`, itself a schema: AWS breaks them in about one answer in seven, so a reader must not
reject by them; a note is all they are worth. Widths of integers assert on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from json.encoder import encode_basestring_ascii
from typing import Any, TypeAlias

from ..patterns.refusal import PatternRefused
from ..patterns.translate import translate
from ..shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Operation,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampFormat,
    TimestampShape,
    reachable,
)
from ..timestamps import timestamp_format
from .vocabulary import SIDES, Side

__all__ = [
    "BASE64_PATTERN",
    "DIALECT",
    "HEADER_TEXT",
    "Definitions",
    "dump_schema",
    "error_schema",
    "operation_schemas",
    "schema_id",
    "side_frame",
    "side_schema",
]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema: TypeAlias = dict[str, Any]

_END = r"(?![\s\S])"
BASE64_PATTERN = rf"^(?:[A-Za-z0-9+/]{{4}})*(?:[A-Za-z0-9+/]{{2}}==|[A-Za-z0-9+/]{{3}}=)?{_END}"
# A header's text: blanks at its ends are taken away on the way.
HEADER_TEXT = rf"^(?:[!-~](?:[ -~]*[!-~])?)?{_END}"
_NONFINITE_PATTERN = rf"^(?:NaN|-?Infinity){_END}"
# Lexical forms only; that 30 February does not exist is asserted by `format`.
_ISO8601 = (
    r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,9})?"
)
_ISO8601_PATTERN = rf"{_ISO8601}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}}){_END}"
# Clients send UTC, by the name of Z, and read offsets from UTC, too; servers refuse those (Smithy's cases).
_ISO8601_SENT_PATTERN = rf"{_ISO8601}Z{_END}"
_HTTP_DATE_PATTERN = (
    r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?:0[1-9]|[12][0-9]|3[01]) "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "
    rf"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{{1,9}})? GMT{_END}"
)

_TIMESTAMP_SCHEMAS: Mapping[TimestampFormat, Schema] = {
    "unixTimestamp": {"type": "number"},
    "iso8601": {"type": "string", "format": "date-time", "pattern": _ISO8601_PATTERN},
    "rfc822": {"type": "string", "format": "aws-http-date", "pattern": _HTTP_DATE_PATTERN},
}


def schema_id(service: Service, operation: str, side: Side, protocol: str) -> str:
    """The URN that identifies the schema of one side of one operation in one protocol."""
    return f"urn:aws-conformance:{service.name}:{service.api_version}:{protocol}:{operation}:{side}"


def operation_schemas(service: Service, operation: Operation, protocol: str) -> dict[Side, Schema]:
    """Schemas of all three sides of an operation."""
    return {side: side_schema(service, operation, side, protocol) for side in SIDES}


def side_schema(service: Service, operation: Operation, side: Side, protocol: str) -> Schema:
    """The schema of one side, complete in itself: every shape that it reaches is under `$defs`.

    `errors` describes the members of each error the operation declares, by their codes.
    """
    frame, roots = side_frame(service, operation, side, protocol)
    if roots is None:
        return frame
    return frame | {"$defs": Definitions(service, protocol, advisory=side != "input").reached(roots)}


def side_frame(
    service: Service, operation: Operation, side: Side, protocol: str
) -> tuple[Schema, tuple[str, ...] | None]:
    """The schema of one side without its `$defs`, and the shapes whose definitions belong there.

    None instead of shapes if the operation has no such side, so that nothing is missing.
    """
    head: Schema = {
        "$schema": DIALECT,
        "$id": schema_id(service, operation.name, side, protocol),
        "title": f"{service.name} {operation.name} {side}",
        "x-aws-service": service.name,
        "x-aws-api-version": service.api_version,
        "x-aws-operation": operation.name,
        "x-aws-protocol": protocol,
        "x-aws-side": side,
    }
    if side == "errors":
        references = [{"$ref": _ref(name)} for name in operation.errors]
        body: Schema = {"anyOf": references} if references else {"not": {}}
        return head | body, operation.errors
    root = operation.input if side == "input" else operation.output
    if side == "output":
        head["x-aws-http-status"] = operation.status or 200
    if operation.deprecated is not None:
        head |= _deprecated(operation)
    if root is None:
        # The operation has no such side: an empty document is all that may stand there.
        empty: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
        return head | {"x-aws-shape": None} | empty, None
    return head | {"$ref": _ref(root)}, (root,)


def error_schema(service: Service, name: str, protocol: str) -> Schema:
    """The schema of one error shape's members, on its own. Raises KeyError for an unknown shape."""
    definitions = Definitions(service, protocol, advisory=True)
    head: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:aws-conformance:{service.name}:{service.api_version}:{protocol}:error:{name}",
        "title": f"{service.name} {name}",
        "x-aws-service": service.name,
        "x-aws-api-version": service.api_version,
        "x-aws-protocol": protocol,
        "x-aws-side": "errors",
    }
    return head | {"$ref": _ref(name), "$defs": definitions.reached([name])}


def dump_schema(schema: Mapping[str, Any]) -> str:
    """The schema's one textual form: two-space indent, model order, ASCII, a newline at the end."""
    return _text(schema, "\n") + "\n"


def _text(value: Any, line: str) -> str:
    """What json.dumps makes of a value with an indent of two, in less than half of its time.

    `line` is the end of the line before, and the indent of this one.
    """
    match value:
        case str():
            return encode_basestring_ascii(value)
        case dict() if value:
            inner = line + "  "
            members = [f"{encode_basestring_ascii(key)}: {_text(item, inner)}" for key, item in value.items()]
            return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
        case list() if value:
            inner = line + "  "
            return f"[{inner}{f',{inner}'.join([_text(item, inner) for item in value])}{line}]"
        case _:
            return json.dumps(value)


def _ref(name: str) -> str:
    # JSON pointers within a URI fragment; shape names hold no character that would need escaping.
    return f"#/$defs/{name}"


def _deprecated(holder: Member | Operation | Shape) -> Schema:
    if holder.deprecated is None:
        return {}
    since = holder.deprecated.since
    return {"deprecated": True} | ({"x-aws-deprecated-since": since} if since else {})


class Definitions:
    """What stands under `$defs`; `advisory` moves documented constraints aside (outputs)."""

    def __init__(self, service: Service, protocol: str, *, advisory: bool) -> None:
        self._service = service
        self._protocol = protocol
        self._advisory = advisory

    def reached(self, roots: Iterable[str]) -> Schema:
        """The definitions of these shapes and of all that they are made of, by name."""
        names: dict[str, None] = {}
        for root in roots:
            names |= dict.fromkeys(reachable(self._service, root))
        return {name: self.definition(name) for name in sorted(names)}

    def definition(self, name: str) -> Schema:
        """The definition of the shape of that name. Raises KeyError for an unknown shape."""
        return self._definition(self._service.shape(name))

    def _constrained(self, constraints: Schema) -> Schema:
        """Documented constraints: asserting on inputs, an annotation on outputs."""
        stated = {key: value for key, value in constraints.items() if value is not None}
        if not stated:
            return {}
        return {"x-aws-advisory": stated} if self._advisory else stated

    def _definition(self, shape: Shape) -> Schema:
        common = _deprecated(shape) | ({"x-aws-sensitive": True} if shape.sensitive else {})
        match shape:
            case StructureShape():
                return self._structure(shape) | common
            case ListShape():
                return self._list(shape) | common
            case MapShape():
                return self._map(shape) | common
            case StringShape():
                return self._string(shape) | common
            case BlobShape():
                return self._blob(shape) | common
            case BooleanShape():
                return {"type": "boolean", "x-aws-type": "boolean"} | common
            case IntegerShape():
                return self._integer(shape) | common
            case FloatShape():
                return self._float(shape) | common
            case TimestampShape():
                return self._timestamp(shape, None) | common
            case DocumentShape():
                return {"x-aws-type": "document", "x-aws-document": True} | common

    def _structure(self, shape: StructureShape) -> Schema:
        if shape.event_stream:
            return self._event_stream(shape)
        schema: Schema = {
            "type": "object",
            "x-aws-type": "structure",
            "properties": {key: self._member(member) for key, member in shape.members.items()},
        }
        if shape.required:
            schema["required"] = list(shape.required)
        schema["additionalProperties"] = False
        if shape.union:
            schema |= {"x-aws-union": True, "minProperties": 1, "maxProperties": 1}
        if shape.error is not None:
            schema["x-aws-error"] = {
                "code": self._service.error_code(shape.name),
                "httpStatusCode": self._service.error_status(shape.name),
                "fault": shape.error.fault,
            }
        if shape.payload:
            schema["x-aws-payload"] = shape.payload
        return schema

    def _event_stream(self, shape: StructureShape) -> Schema:
        """The events in their order, each an object with the event's name as its one member."""
        event: Schema = {
            "type": "object",
            "x-aws-type": "structure",
            "properties": {key: self._member(member) for key, member in shape.members.items()},
            "additionalProperties": False,
            "x-aws-union": True,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"type": "array", "x-aws-type": "list", "x-aws-event-stream": True, "items": event}

    def _member(self, member: Member) -> Schema:
        target = self._service.shape(member.target)
        schema: Schema
        if isinstance(target, TimestampShape) and self._own_format(target, member):
            # The member's place or trait gives it another form than its shape has on its own.
            schema = self._timestamp(target, member)
            if target.sensitive:
                schema["x-aws-sensitive"] = True
        elif member.json_value and member.location == "header":
            schema = {"x-aws-type": "document", "x-aws-json-value": True}
        elif member.location == "uri" and isinstance(target, StringShape) and not target.min:
            # An empty label would be the path of something else, whatever the model allows.
            schema = self._definition(replace(target, min=1))
        elif self._is_free_header(target, member):
            schema = self._definition(target) | {"pattern": HEADER_TEXT}
        else:
            schema = {"$ref": _ref(member.target)}
        schema |= _deprecated(member)
        if member.idempotency_token:
            schema["x-aws-idempotency-token"] = True
        if member.location:
            schema["x-aws-location"] = member.location
            if member.location_name:
                schema["x-aws-location-name"] = member.location_name
        if member.streaming:
            schema["x-aws-streaming"] = True
        if member.host_label:
            schema["x-aws-host-label"] = True
        if member.context_param:
            schema["x-aws-context-param"] = member.context_param
        return schema

    def _is_free_header(self, target: Shape, member: Member) -> bool:
        """Whether a header of a request holds any text by its model, where it can hold ASCII alone."""
        placed = member.location == "header" and not self._advisory
        return placed and isinstance(target, StringShape) and not target.enum and target.pattern is None

    def _own_format(self, shape: TimestampShape, member: Member) -> bool:
        return timestamp_format(shape, member, self._protocol) != timestamp_format(
            shape, None, self._protocol
        )

    def _list(self, shape: ListShape) -> Schema:
        schema: Schema = {
            "type": "array",
            "x-aws-type": "list",
            "items": self._element(shape.member, shape.sparse),
        }
        if shape.sparse:
            schema["x-aws-sparse"] = True
        if shape.unique and not self._advisory:
            schema["uniqueItems"] = True
        return schema | self._constrained({"minItems": _floor(shape.min), "maxItems": _ceiling(shape.max)})

    def _map(self, shape: MapShape) -> Schema:
        schema: Schema = {
            "type": "object",
            "x-aws-type": "map",
            "propertyNames": {"$ref": _ref(shape.key.target)},
            "additionalProperties": self._element(shape.value, shape.sparse),
        }
        if shape.sparse:
            schema["x-aws-sparse"] = True
        bounds = {"minProperties": _floor(shape.min), "maxProperties": _ceiling(shape.max)}
        return schema | self._constrained(bounds)

    def _element(self, member: Member, sparse: bool) -> Schema:
        schema = self._member(member)
        # A conditional rather than anyOf: what is wrong with an element is then reported at its place.
        return {"if": {"not": {"type": "null"}}, "then": schema} if sparse else schema

    def _string(self, shape: StringShape) -> Schema:
        schema: Schema = {"type": "string", "x-aws-type": "string"}
        if shape.enum:
            # An enumeration's own length says nothing that its values don't.
            return schema | {"enum": list(shape.enum)} | self._pattern_source(shape.pattern)
        constraints: Schema = {"minLength": _floor(shape.min), "maxLength": _ceiling(shape.max)}
        source = self._pattern_source(shape.pattern)
        if shape.pattern is not None and "x-aws-pattern-refused" not in source:
            constraints["pattern"] = translate(shape.pattern)
        return schema | source | self._constrained(constraints)

    def _pattern_source(self, pattern: str | None) -> Schema:
        if pattern is None:
            return {}
        try:
            translate(pattern)
        except PatternRefused as refusal:
            return {"x-aws-pattern": pattern, "x-aws-pattern-refused": refusal.reason}
        return {"x-aws-pattern": pattern}

    def _blob(self, shape: BlobShape) -> Schema:
        schema: Schema = {"type": "string", "x-aws-type": "blob"}
        if shape.streaming:
            schema["x-aws-streaming"] = True
        schema |= {"contentEncoding": "base64", "pattern": BASE64_PATTERN}
        # Bytes, not characters; the exact bounds are in the vocabulary, what they mean for the length
        # of base64 text is asserted.
        constraints: Schema = {
            "x-aws-min-bytes": _floor(shape.min),
            "x-aws-max-bytes": _ceiling(shape.max),
            "minLength": _base64_length(shape.min),
            "maxLength": _base64_length(shape.max),
        }
        return schema | self._constrained(constraints)

    def _integer(self, shape: IntegerShape) -> Schema:
        low, high = -(2 ** (shape.bits - 1)), 2 ** (shape.bits - 1) - 1
        kind = "long" if shape.bits == 64 else "integer"
        schema: Schema = {"type": "integer", "x-aws-type": kind}
        bounds: Schema = {"minimum": shape.min, "maximum": shape.max}
        if shape.big:
            return schema | self._constrained(bounds)
        schema |= {"minimum": low, "maximum": high}
        if self._advisory:
            return schema | self._constrained(bounds)
        # Where the model bounds the value more narrowly than its width, the model's bound asserts.
        if shape.min is not None:
            schema["minimum"] = max(low, shape.min)
        if shape.max is not None:
            schema["maximum"] = min(high, shape.max)
        modelled = [key for key, value in bounds.items() if value is not None]
        return schema | ({"x-aws-modelled": modelled} if modelled else {})

    def _float(self, shape: FloatShape) -> Schema:
        kind = "float" if shape.bits == 32 else "double"
        # Smithy's JSON protocols write what JSON has no number for as one of three strings.
        schema: Schema = {"type": ["number", "string"], "x-aws-type": kind, "pattern": _NONFINITE_PATTERN}
        return schema | self._constrained({"minimum": shape.min, "maximum": shape.max})

    def _timestamp(self, shape: TimestampShape, member: Member | None) -> Schema:
        form = timestamp_format(shape, member, self._protocol)
        schema = {"x-aws-type": "timestamp", "x-aws-timestamp-format": form} | _TIMESTAMP_SCHEMAS[form]
        if form == "iso8601" and not self._advisory:
            schema["pattern"] = _ISO8601_SENT_PATTERN
        return schema


def _floor(value: int | float | None) -> int | None:
    """A lower bound on a length; zero bounds nothing but is kept, as the model states it."""
    return None if value is None else max(0, int(value))


def _ceiling(value: int | float | None) -> int | None:
    return None if value is None else int(value)


def _base64_length(size: int | float | None) -> int | None:
    return None if size is None else (int(size) + 2) // 3 * 4
