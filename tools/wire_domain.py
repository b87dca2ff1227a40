# SPDX-License-Identifier: Apache-2.0
"""The values that go round: schemas made over so that what is generated can be said, and is let through.

It owns what is left out, each with its reason: what a protocol has no words for, and what botocore's client
refuses, takes for an address or writes in another way before any request is sent. It refuses to know how
the values are made and compared.

Left out are
- in requests of query and ec2, which are forms: empty lists, maps and structures, which have no parameter;
- in XML: empty lists and maps that are flat, which have no element;
- outside of bodies: empty lists and maps; in headers, all but printable ASCII without blanks at its ends;
- in XML requests: carriage returns, which botocore's writer leaves as they are and every reader normalises;
- names that become part of an address (buckets, ARNs, host labels): all but plausible ones;
- checksums of bodies and the kinds of answers that are taken, if they may be left out: they are refused where
  they are made up, and clients fill them in;
- endpoints of several regions, for which botocore's client needs a library of AWS's own;
- in outputs: what reference/carriable.py leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from aws_conformance.reference.carriable import carriable_schema
from aws_conformance.spec.shapes import ListShape, MapShape, Member, Operation, Service, StructureShape

__all__ = ["input_domain", "output_domain", "sayable"]

_FORMS = frozenset({"query", "ec2"})
_XML = frozenset({"query", "ec2", "rest-xml"})
_OF_CLIENT = re.compile(r"(?i)accept|content-md5|x-amz-checksum-(?:crc.*|sha.*|md5|xxhash.*)")
# The algorithms that botocore has without a library of AWS's own.
_CHECKSUMS = ["CRC32", "SHA1", "SHA256"]
# What endpoint rules take apart: by the parameter's name, or by it and the service.
_ADDRESSES: Mapping[tuple[str, str], str] = {
    ("s3", "Bucket"): "^amzn-bucket-[a-z0-9]{3,9}$",
    ("s3control", "Bucket"): "^amzn-bucket-[a-z0-9]{3,9}$",
    ("s3control", "AccessPointName"): "^access-[a-z0-9]{3,9}$",
    ("s3control", "ResourceArn"): "^arn:aws:s3:us-east-1:123456789012:bucket/[a-z]{3,9}$",
    ("s3control", "OutpostId"): "^op-[0-9a-f]{17}$",
    ("s3", "CopySource"): "^amzn-bucket/[a-z0-9]{3,9}$",
    ("s3", "RenameSource"): "^amzn-bucket/[a-z0-9]{3,9}$",
    ("neptune-graph", "graphIdentifier"): "^g-[a-z0-9]{10}$",
    ("kinesis", "StreamARN"): "^arn:aws:kinesis:us-east-1:123456789012:stream/[a-z]{3,9}$",
    ("kinesis", "ResourceARN"): "^arn:aws:kinesis:us-east-1:123456789012:stream/[a-z]{3,9}$",
    ("kinesis", "ConsumerARN"): (
        "^arn:aws:kinesis:us-east-1:123456789012:stream/[a-z]{3,9}/consumer/[a-z]{3,9}:1525898737$"
    ),
    ("cloudfront-keyvaluestore", "KvsARN"): (
        "^arn:aws:cloudfront::123456789012:key-value-store/"
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    ),
}
_ENTITIES = frozenset({"ResourceId", "DelegationSetId", "ChangeId"})
_ENTITY = "^[A-Z0-9]{3,9}$"
_ACCOUNT = "^[0-9]{12}$"
_LABEL = "^[a-z0-9]{3,12}$"
_TEXT = {"type": "string", "x-aws-type": "string"}


def input_domain(
    schema: Mapping[str, Any], service: Service, operation: Operation, protocol: str
) -> Mapping[str, Any]:
    """The schema of the inputs of an operation that go round."""
    definitions: dict[str, Any] = dict(schema.get("$defs", {}))
    if protocol in _FORMS:
        definitions = {name: _without_empty(item, definitions) for name, item in definitions.items()}
    if protocol == "rest-xml":
        definitions = _without_empty_flat(definitions, service)
    root = definitions.get(operation.input or "")
    if root is not None:
        structure = service.structure(operation.input)
        properties = {
            name: _outside_of_bodies(_addressed(service, structure.members[name], item), definitions)
            for name, item in root.get("properties", {}).items()
            if name in structure.required or not _is_filled_in(structure.members[name])
        }
        definitions[operation.input or ""] = {**root, "properties": properties}
    return {**schema, "$defs": definitions}


def output_domain(
    schema: Mapping[str, Any], service: Service, operation: Operation, protocol: str
) -> Mapping[str, Any]:
    """The schema of the outputs of an operation that go round."""
    result = carriable_schema(schema, service, operation)
    definitions = result["$defs"]
    if protocol in _XML:
        definitions = _without_empty_flat(definitions, service)
    root = definitions.get(operation.output or "")
    if root is not None:
        statuses = [
            name
            for name, item in root.get("properties", {}).items()
            if item.get("x-aws-location") == "statusCode"
        ]
        properties = {
            name: _outside_of_bodies(item, definitions) for name, item in root.get("properties", {}).items()
        }
        required = [*root.get("required", ()), *statuses]
        definitions[operation.output or ""] = {**root, "properties": properties, "required": required}
    return {**result, "$defs": definitions}


def _without_empty_flat(definitions: Mapping[str, Any], service: Service) -> dict[str, Any]:
    """The definitions with something in each list and map that a member has flat."""
    result = dict(definitions)
    for name, definition in definitions.items():
        shape = service.shapes.get(name)
        if not (isinstance(shape, StructureShape) and "properties" in definition):
            continue
        properties = dict(definition["properties"])
        for key in properties:
            target = service.shapes[shape.members[key].target]
            flat = shape.members[key].flattened or getattr(target, "flattened", False)
            if flat and isinstance(target, ListShape | MapShape):
                least = "minItems" if isinstance(target, ListShape) else "minProperties"
                resolved = {**_resolved(properties[key], definitions), **properties[key]}
                resolved.pop("$ref", None)
                properties[key] = {**resolved, least: max(1, resolved.get(least, 0))}
        result[name] = {**definition, "properties": properties}
    return result


def _is_filled_in(member: Member) -> bool:
    of_client = member.location == "header" and _OF_CLIENT.fullmatch(member.location_name or "") is not None
    return of_client or member.context_param == "EndpointId"


def _addressed(service: Service, member: Member, item: Mapping[str, Any]) -> Mapping[str, Any]:
    if item.get("x-aws-location-name") in ("x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"):
        return (
            {**_TEXT, **item, "enum": _CHECKSUMS}
            if "$ref" not in item
            else {**{key: value for key, value in item.items() if key != "$ref"}, **_TEXT, "enum": _CHECKSUMS}
        )
    parameter = item.get("x-aws-context-param", "")
    pattern = _ADDRESSES.get((service.name, parameter or member.name))
    if item.get("x-aws-host-label") and pattern is None:
        pattern = _ACCOUNT if item.get("x-aws-context-param") == "AccountId" else _LABEL
    if service.name == "route53" and member.target in _ENTITIES:
        # The client sends what stands behind the last slash of an identifier.
        pattern = _ENTITY
    if pattern is None:
        return item
    placed = {key: value for key, value in item.items() if key.startswith("x-aws-location")}
    return {**_TEXT, **placed, "pattern": pattern}


def _outside_of_bodies(item: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    if "x-aws-location" not in item:
        return item
    resolved = {**_resolved(item, definitions), **{key: item[key] for key in item if key != "$ref"}}
    match resolved.get("type"):
        case "array":
            return {**resolved, "minItems": max(1, resolved.get("minItems", 0))}
        case "object":
            values = _resolved(resolved.get("additionalProperties", {}), definitions)
            if values.get("type") == "array":
                values = {**values, "minItems": max(1, values.get("minItems", 0))}
            least = max(1, resolved.get("minProperties", 0))
            return {**resolved, "minProperties": least, "additionalProperties": values}
        case _:
            return item


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        return _resolved(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    return schema


def _without_empty(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A definition whose instances hold something, at whatever depth."""
    match schema:
        case {"type": "array"}:
            items = _without_empty(schema.get("items", True), definitions)
            return {**schema, "items": items, "minItems": max(1, schema.get("minItems", 0))}
        case {"type": "object", "properties": dict() as properties}:
            inner = {name: _without_empty(item, definitions) for name, item in properties.items()}
            scalars = _scalars(properties, definitions)
            required = schema.get("required") or scalars[:1] or list(properties)[:1]
            if "x-aws-union" in schema:
                return {**schema, "properties": inner}
            return {**schema, "properties": inner, "required": required}
        case {"type": "object", "additionalProperties": dict() as values}:
            inner_values = _without_empty(values, definitions)
            least = max(1, schema.get("minProperties", 0))
            return {**schema, "additionalProperties": inner_values, "minProperties": least}
        case _:
            return schema


def _scalars(properties: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, item in properties.items()
        if _resolved(item, definitions).get("type") not in ("array", "object")
    ]


def sayable(document: Any, protocol: str) -> Any:
    """A generated document without what is left of the unsayable: the empty in forms, carriage returns."""
    if protocol in _FORMS:
        return _pruned(document) or {}
    return _texts(document, lambda text: text.replace("\r", "\n")) if protocol == "rest-xml" else document


def _pruned(value: Any) -> Any:
    match value:
        case dict():
            members = {key: _pruned(item) for key, item in value.items()}
            return {key: item for key, item in members.items() if item not in ({}, [], None)}
        case list():
            return [item for item in map(_pruned, value) if item not in ({}, [], None)]
        case _:
            return value


def _texts(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {change(key): _texts(item, change) for key, item in value.items()}
        case list():
            return [_texts(item, change) for item in value]
        case str():
            return change(value)
        case _:
            return value
