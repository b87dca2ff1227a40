# SPDX-License-Identifier: Apache-2.0
"""Outputs' schemas made as strict as rules about meaning are, for whoever judges many documents (quick.py).

It owns the schemas that stand for these rules. It refuses to know the rules' words: what does not fit a
schema made here is told by the rule itself.
"""

from __future__ import annotations

from typing import Any

from ..spec.shapes import Operation, Service, StructureShape
from .check import Schema

__all__ = [
    "EARLIEST",
    "LATEST",
    "and_meets",
    "hollow_member",
    "with_bounded_dates",
    "without_type",
    "wrapped",
]

# Seconds since 1970 of the first and the last day that SDKs can hold (years 1 to 9999).
EARLIEST, LATEST = -62_135_596_800, 253_402_300_799


def and_meets(schema: Schema, other: Schema) -> Schema:
    """The schema of what fits both."""
    return {**schema, "allOf": [*schema.get("allOf", ()), other]}


def with_bounded_dates(service: Service, operation: Operation, schema: Schema) -> Schema:
    """The schema with bounds on every number that stands for a date."""
    if operation.output not in service.timestamp_holders:
        return schema
    bounded: Schema = _bounded(schema)
    return bounded


def _bounded(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bounded(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _bounded(item) for key, item in schema.items()}
    if schema.get("x-aws-type") == "timestamp":
        inner |= {"minimum": EARLIEST, "maximum": LATEST}
    return inner


def without_type(service: Service, operation: Operation, schema: Schema) -> Schema:
    """The schema of documents that name no type of their own, as an error does."""
    return and_meets(schema, {"not": {"required": ["__type"]}})


def hollow_member(service: Service, operation: Operation) -> str | None:
    """The one structure that an operation's output is made of, if so.

    None for operations that get what may not be there.
    """
    if operation.name.startswith("Get"):
        return None
    members = service.structure(operation.output).members.items()
    names = [name for name, member in members if member.location is None]
    if len(names) != 1:
        return None
    target = service.structure(operation.output).members[names[0]].target
    return names[0] if isinstance(service.shapes[target], StructureShape) else None


def wrapped(service: Service, operation: Operation, schema: Schema) -> Schema:
    """The schema of documents that have the structure that an output is made of."""
    name = hollow_member(service, operation)
    if name is None:
        return schema
    return and_meets(schema, {"required": [name], "properties": {name: {"type": "object"}}})
