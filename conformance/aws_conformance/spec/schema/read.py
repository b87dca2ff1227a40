# SPDX-License-Identifier: Apache-2.0
"""Schemas that were written to a folder become shapes again, as far as schemas tell of them.

It owns the way back from the `x-aws-*` vocabulary to the shapes it was written from. It refuses to know
what shapes are compared with. What a schema leaves out (wire names, an enumeration's own length, timestamp
formats, the events of a stream) does not come back, so whoever compares sends the other side the same
way: `through_schemas`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from ...errors import UsageError
from ...files import LARGEST_FILE, read_text
from ..shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    ErrorTraits,
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
    TimestampShape,
)
from .vocabulary import SIDES, Side
from .write import HEADER_TEXT, side_schema

__all__ = ["ReadSchemas", "read_schemas", "schema_services", "through_schemas"]

_REFERENCE = "#/$defs/"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReadSchemas:
    """A Service read from schemas; `sides` are those that every one of its operations has a schema of.

    Shapes are named `<Operation>:<side>:<name>`, because edited schemas may differ from one another in
    what they have under one name; errors keep their names, by which they are compared.
    """

    service: Service
    sides: frozenset[Side]


def schema_services(folder: Path) -> tuple[str, ...]:
    """The services of which a folder holds schemas, as `schema --out` lays them out; sorted."""
    heads = (_head(operation) for operation in _operations(folder))
    inner = (path.name for path in folder.iterdir() if path.is_dir() and _operations(path))
    return tuple(sorted({*(head for head in heads if head), *inner}))


def read_schemas(folder: Path, name: str) -> ReadSchemas:
    """The schemas of a service. Raises UsageError for a file that holds no schema, or without any."""
    root = folder / name if _operations(folder / name) else folder
    written: dict[str, dict[Side, Mapping[str, Any]]] = {}
    for operation in _operations(root):
        files = {side: operation / f"{side}.json" for side in SIDES}
        written[operation.name] = {side: _load(file) for side, file in files.items() if file.exists()}
    if not written:
        raise UsageError(
            f"{folder} holds no schemas of {name}.", "`aws-conformance schema --out` writes some."
        )
    return _service(name, written, origin=f"schemas {root}")


def through_schemas(service: Service, operations: Collection[str], protocol: str) -> ReadSchemas:
    """A service with these of its operations, as it would come back from a folder of its schemas."""
    written: dict[str, dict[Side, Mapping[str, Any]]] = {
        name: {side: side_schema(service, operation, side, protocol) for side in SIDES}
        for name, operation in service.operations.items()
        if name in operations
    }
    return _service(service.name, written, origin=service.origin)


def _operations(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and any((path / f"{side}.json").is_file() for side in SIDES)
    )


def _head(operation: Path) -> str:
    """The service that the schemas of an operation name, or the empty string."""
    for side in SIDES:
        file = operation / f"{side}.json"
        if file.is_file():
            return str(_load(file).get("x-aws-service", ""))
    return ""


def _load(file: Path) -> Mapping[str, Any]:
    try:
        schema = json.loads(read_text(file, LARGEST_FILE))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON: {error}.") from None
    if not isinstance(schema, dict):
        raise UsageError(f"{file} holds no schema, which is a JSON object.")
    return schema


def _service(
    name: str, written: Mapping[str, Mapping[Side, Mapping[str, Any]]], *, origin: str
) -> ReadSchemas:
    reader = _SchemaReader()
    operations: dict[str, Operation] = {}
    for operation, sides in written.items():
        roots = {side: reader.document(f"{operation}:{side}:", schema) for side, schema in sides.items()}
        errors = reader.errors(f"{operation}:errors:", sides["errors"]) if "errors" in sides else ()
        operations[operation] = Operation(
            operation, input=roots.get("input"), output=roots.get("output"), errors=errors
        )
    first: Mapping[str, Any] = next((schema for sides in written.values() for schema in sides.values()), {})
    protocol = first.get("x-aws-protocol")
    service = Service(
        name,
        str(first.get("x-aws-api-version", "")),
        (str(protocol),) if protocol and protocol != "unknown" else (),
        MappingProxyType(operations),
        MappingProxyType(reader.shapes),
        origin=origin,
    )
    common = frozenset(side for side in SIDES if all(side in sides for sides in written.values()))
    return ReadSchemas(service, common)


@dataclass(slots=True)
class _SchemaReader:
    """Collects the shapes of many documents; `prefix` keeps those of one apart from those of another."""

    shapes: dict[str, Shape] = field(default_factory=dict)

    def document(self, prefix: str, schema: Mapping[str, Any]) -> str | None:
        """Read all definitions; the name of the root's shape, None for a side that the operation lacks."""
        for name, definition in schema.get("$defs", _NOTHING).items():
            self.shapes[f"{prefix}{name}"] = self._shape(f"{prefix}{name}", prefix, definition)
        if "$ref" in schema:
            return self._target(prefix, "", schema)
        if "properties" in schema and schema.get("x-aws-shape", "") is not None:
            return self._target(prefix, f"{prefix}root", {**schema, "type": "object"})
        return None

    def errors(self, prefix: str, schema: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of the errors that a schema of the errors' side has."""
        names = []
        for reference in schema.get("anyOf", ()):
            name = str(reference.get("$ref", "")).removeprefix(_REFERENCE)
            shape = self.shapes.get(f"{prefix}{name}")
            if isinstance(shape, StructureShape):
                self.shapes[name] = shape
                names.append(name)
        return tuple(names)

    def _target(self, prefix: str, inline: str, schema: Mapping[str, Any]) -> str:
        """The name of the shape that a schema refers to, or that it is itself."""
        reference = str(schema.get("$ref", ""))
        if reference:
            return f"{prefix}{reference.removeprefix(_REFERENCE)}"
        self.shapes[inline] = self._shape(inline, prefix, schema)
        return inline

    def _member(self, prefix: str, owner: str, name: str, schema: Mapping[str, Any]) -> Member:
        # Sparse elements stand in a conditional.
        plain = _as_modelled(schema.get("then", schema) if "if" in schema else schema)
        return Member(
            name,
            self._target(prefix, f"{owner}.{name}", plain),
            idempotency_token=bool(plain.get("x-aws-idempotency-token")),
            location=plain.get("x-aws-location"),
            location_name=plain.get("x-aws-location-name"),
            streaming=bool(plain.get("x-aws-streaming")),
            json_value=bool(plain.get("x-aws-json-value")),
            host_label=bool(plain.get("x-aws-host-label")),
        )

    def _shape(self, name: str, prefix: str, schema: Mapping[str, Any]) -> Shape:
        limits = schema | schema.get("x-aws-advisory", {})
        sensitive = bool(schema.get("x-aws-sensitive"))
        match _kind(schema):
            case "structure":
                return self._structure(name, prefix, schema, sensitive)
            case "list" if schema.get("x-aws-event-stream"):
                events = self._structure(name, prefix, schema.get("items", _NOTHING), sensitive)
                return dataclasses.replace(events, event_stream=True, union=False)
            case "list":
                element = self._member(prefix, name, "member", schema.get("items", {}))
                low, high = limits.get("minItems"), limits.get("maxItems")
                sparse = bool(schema.get("x-aws-sparse"))
                return ListShape(name, element, low, high, sparse=sparse, sensitive=sensitive)
            case "map":
                key = self._member(prefix, name, "key", schema.get("propertyNames", {"type": "string"}))
                value = self._member(prefix, name, "value", schema["additionalProperties"])
                low, high = limits.get("minProperties"), limits.get("maxProperties")
                sparse = bool(schema.get("x-aws-sparse"))
                return MapShape(name, key, value, low, high, sparse=sparse, sensitive=sensitive)
            case "string":
                # The source of a pattern; one that was written by hand has only itself.
                pattern = schema.get("x-aws-pattern", limits.get("pattern"))
                enum = tuple(str(value) for value in schema.get("enum", ()))
                return StringShape(
                    name, limits.get("minLength"), limits.get("maxLength"), pattern, enum, sensitive
                )
            case "blob":
                low, high = limits.get("x-aws-min-bytes"), limits.get("x-aws-max-bytes")
                return BlobShape(name, low, high, bool(schema.get("x-aws-streaming")), sensitive=sensitive)
            case "boolean":
                return BooleanShape(name, sensitive)
            case "integer" | "long" as width:
                bounds = _bounds(schema, 32 if width == "integer" else 64)
                return IntegerShape(name, 32 if width == "integer" else 64, *bounds, sensitive)
            case "float" | "double" as width:
                low, high = limits.get("minimum"), limits.get("maximum")
                return FloatShape(name, 32 if width == "float" else 64, low, high, sensitive)
            case "timestamp":
                return TimestampShape(name, sensitive=sensitive)
            case _:
                return DocumentShape(name, sensitive)

    def _structure(
        self, name: str, prefix: str, schema: Mapping[str, Any], sensitive: bool
    ) -> StructureShape:
        properties = schema.get("properties", _NOTHING)
        error = schema.get("x-aws-error")
        return StructureShape(
            name,
            MappingProxyType(
                {
                    key: self._member(prefix, name, key, member_schema)
                    for key, member_schema in properties.items()
                }
            ),
            required=tuple(key for key in schema.get("required", ()) if key in properties),
            union=bool(schema.get("x-aws-union")),
            error=ErrorTraits(error.get("code"), error.get("httpStatusCode")) if error else None,
            sensitive=sensitive,
        )


def _kind(schema: Mapping[str, Any]) -> str:
    """The word of the vocabulary for a schema's type; guessed from plain keywords if it has none."""
    if "x-aws-type" in schema:
        return str(schema["x-aws-type"])
    kind = schema.get("type")
    if kind == "object":
        return "map" if isinstance(schema.get("additionalProperties"), Mapping) else "structure"
    named = {"array": "list", "number": "double", "integer": "long", "string": "string", "boolean": "boolean"}
    return named.get(kind, "document") if isinstance(kind, str) else "document"


def _as_modelled(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A member's schema without what its place in a request adds to its shape (write.py)."""
    left_out = set()
    if schema.get("x-aws-location") == "uri" and schema.get("minLength") == 1:
        left_out.add("minLength")
    if schema.get("x-aws-location") == "header" and schema.get("pattern") == HEADER_TEXT:
        left_out.add("pattern")
    return {key: value for key, value in schema.items() if key not in left_out}


def _bounds(schema: Mapping[str, Any], bits: Literal[32, 64]) -> tuple[int | None, int | None]:
    """The documented bounds of an integer, apart from those that its width sets."""
    advisory: Mapping[str, Any] = schema.get("x-aws-advisory", _NOTHING)
    modelled = schema.get("x-aws-modelled")
    low: int | None = None
    high: int | None = None
    if modelled is not None:
        low = schema.get("minimum") if "minimum" in modelled else None
        high = schema.get("maximum") if "maximum" in modelled else None
    elif "x-aws-type" not in schema or schema.get("minimum", -1) > -(2 ** (bits - 1)):
        low = schema.get("minimum")
    if modelled is None and (
        "x-aws-type" not in schema or schema.get("maximum", 2**64) < 2 ** (bits - 1) - 1
    ):
        high = schema.get("maximum")
    return advisory.get("minimum", low), advisory.get("maximum", high)
