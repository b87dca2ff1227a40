# SPDX-License-Identifier: Apache-2.0
"""An independent reading of a schema beside a document: no engine, no generator, nothing of the package.

It owns one walk, which pairs every value of a document with the schema of its place, and the plainest check
of texts under several readings. Tests hold generators to it.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Visit", "every_definition", "text_faults", "visits"]

# The name of the definition or of the inline place, the schema with its references resolved, the value.
Visit = tuple[str, Mapping[str, Any], Any]


def visits(schema: Mapping[str, Any], document: Any) -> Iterator[Visit]:
    """Every value of a document with the schema of its place; keys of maps are values too."""
    yield from _visits(schema.get("$defs", {}), schema, document, "")


def _visits(
    definitions: Mapping[str, Any], schema: Mapping[str, Any], value: Any, name: str
) -> Iterator[Visit]:
    while "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        schema = definitions[name]
    if "then" in schema:
        if value is None:
            return
        schema = schema["then"]
        yield from _visits(definitions, schema, value, name)
        return
    yield name, schema, value
    if isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            yield from _visits(definitions, schema["properties"][key], item, f"{name}.{key}")
    elif isinstance(value, dict) and schema.get("x-aws-type") == "map":
        for key, item in value.items():
            yield from _visits(definitions, schema["propertyNames"], key, f"{name}.key")
            yield from _visits(definitions, schema["additionalProperties"], item, f"{name}.value")
    elif isinstance(value, list) and "items" in schema:
        for item in value:
            yield from _visits(definitions, schema["items"], item, f"{name}.item")


def every_definition(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definitions of a schema by name."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    return definitions


def text_faults(schema: Mapping[str, Any], text: str) -> list[str]:
    """What is wrong with a text under any reading: lengths in code points and UTF-16, patterns in re."""
    faults = []
    for size in (len(text), len(text.encode("utf-16-le")) // 2):
        if not schema.get("minLength", 0) <= size <= schema.get("maxLength", size):
            faults.append(f"{size} characters")
    for reading in _readings(schema.get("x-aws-pattern") or ""):
        if "pattern" in schema and not reading.fullmatch(text):
            faults.append(f"{text!r} does not match {reading.pattern!r} ({reading.flags})")
    return faults


@functools.cache
def _readings(pattern: str) -> tuple[re.Pattern[str], ...]:
    """The pattern with ASCII and with Unicode classes; none if Python's re does not know it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (re.compile(pattern, re.ASCII), re.compile(pattern)) if pattern else ()
    except re.error:
        return ()
