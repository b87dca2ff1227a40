# SPDX-License-Identifier: Apache-2.0
"""A schema of outputs made over for servers: what HTTP carries as it is, and no client stumbles on.

It owns what stands outside of bodies and must fit the message around it: texts that headers can hold, the
status, lengths and checksums that only whoever writes the message knows, and that a stream of events ends
well. It refuses to know what is generated from the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..cases.contract import OperationContract
from ..http import Request, uncarriable
from ..spec.shapes import BlobShape, Operation, Service, StructureShape

__all__ = ["arrives", "carriable_schema", "fits_header"]

# ASCII without blanks at its ends, which every recipient takes away (http.uncarriable).
_HEADER_TEXT = "^[!-~]([ -~]*[!-~])?$"
# Statuses of answers that end with their headers.
_BODILESS = frozenset({204, 304})
_FORMED = frozenset({"pattern", "enum", "contentEncoding", "x-aws-json-value", "x-aws-timestamp-format"})
_HEADER_NAME = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
# What a header says of the body's bytes. A client that is told a wrong one refuses the answer.
_OF_THE_BODY = re.compile(r"(?i)content-(length|md5|encoding|range)|x-amz-checksum-.*|x-amz-decoded-.*")


def carriable_schema(schema: Mapping[str, Any], service: Service, operation: Operation) -> dict[str, Any]:
    """The schema of those outputs that arrive as they were meant; all are valid by the schema it is of."""
    definitions = {
        name: _without_errors(definition, schema["$defs"])
        for name, definition in schema.get("$defs", {}).items()
    }
    result = {**schema, "$defs": definitions}
    if operation.output not in definitions:
        return result
    # What an answer says of bytes is of its own, or of those that it was sent.
    carries_bytes = any(
        isinstance(service.shapes.get(_payload(service.structure(root))), BlobShape)
        for root in (operation.output, operation.input)
    )
    root = dict(definitions[operation.output])
    properties = {}
    for name, item in root.get("properties", {}).items():
        location = item.get("x-aws-location")
        written = item.get("x-aws-location-name", name)
        if location == "header" and carries_bytes and _OF_THE_BODY.fullmatch(written):
            continue
        if location == "header" and written.lower() == "content-length":
            continue
        if location is None and operation.status in _BODILESS:
            continue
        properties[name] = _placed(item, definitions, location, operation.status or 200)
    root["properties"] = properties
    if "required" in root:
        root["required"] = [name for name in root["required"] if name in properties]
    definitions[operation.output] = root
    return result


def fits_header(text: str) -> bool:
    """Whether a text arrives in a header as it was."""
    return re.fullmatch(_HEADER_TEXT, text) is not None


def arrives(contract: OperationContract, output: Any) -> bool:
    """Whether what an output has in headers can be sent, and is read as it was."""
    service = contract.service
    response = contract.protocol.encode_response(service, contract.operation, output)
    if uncarriable(Request("GET", "/", response.headers)):
        return False
    placed = [
        member.name
        for member in service.structure(contract.operation.output).members.values()
        if member.location in ("header", "headers") and member.name in output
    ]
    if not placed:
        return True
    decoded = contract.protocol.decode_response(service, contract.operation, response).document or {}
    return all(decoded.get(name) == output[name] for name in placed)


def _payload(structure: StructureShape) -> str:
    member = structure.members.get(structure.payload or "")
    return member.target if member is not None else ""


def _placed(
    item: Mapping[str, Any], definitions: Mapping[str, Any], location: str | None, status: int
) -> dict[str, Any]:
    """A member's schema as its place allows."""
    resolved = {**_resolved(item, definitions), **{key: item[key] for key in item if key != "$ref"}}
    match location:
        case "statusCode":
            return {**resolved, "enum": [status]}
        case "header":
            return _header_text(resolved, definitions)
        case "headers":
            values = _header_text(
                _resolved(resolved.get("additionalProperties", {}), definitions), definitions
            )
            names = {"type": "string", "pattern": _HEADER_NAME}
            return {**resolved, "additionalProperties": values, "propertyNames": names}
        case _:
            return dict(item)


def _header_text(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "array":
        element = _header_text(_resolved(schema.get("items", {}), definitions), definitions)
        # An empty list is no header.
        return {**schema, "items": element, "minItems": max(1, schema.get("minItems", 0))}
    if schema.get("type") != "string" or not _FORMED.isdisjoint(schema):
        return dict(schema)
    # A documented pattern is only remarked on in outputs, and takes this one's place where it asserts.
    free = {key: value for key, value in schema.items() if key != "x-aws-pattern"}
    return {**free, "pattern": _HEADER_TEXT, "minLength": max(1, schema.get("minLength", 0))}


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    if "$ref" in schema:
        return _resolved(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    return dict(schema)


def _without_errors(definition: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stream's kinds of events without errors, which would end it; every other definition as it is."""
    if "x-aws-event-stream" not in definition:
        return definition
    events = definition["items"]
    properties = {
        name: item
        for name, item in events.get("properties", {}).items()
        if "x-aws-error" not in _resolved(item, definitions)
    }
    return {**definition, "items": {**events, "properties": properties}} if properties else definition
