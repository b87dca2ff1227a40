# SPDX-License-Identifier: Apache-2.0
"""A lifecycle as a YAML file: its published schema, and where in the file each value stands.

It owns the form and tells a mistake in it in one line with its place. It refuses to know what the values
mean (load.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import yaml

from ...errors import UsageError, did_you_mean
from .predicates import PREDICATES

__all__ = ["LIFECYCLE_VERSION", "LifecycleText", "lifecycle_schema", "parse"]

LIFECYCLE_VERSION = 1

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_NAME: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9 -]*$"}
_NAMES: dict[str, Any] = {"type": "array", "items": _TEXT, "minItems": 1}
_MAP: dict[str, Any] = {"type": "object", "minProperties": 1}
_SECONDS: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
_SAYS: dict[str, dict[str, Any]] = {
    "doc": {**_TEXT, "description": "AWS documents it: the name of a source, and where in it."},
    "observed": {**_TEXT, "description": "Recorded answers of AWS show it: the name of a source, and which."},
    "unknown": {**_TEXT, "description": "Nothing public says it: why, or what was looked for."},
}
_MEANINGS: dict[str, dict[str, Any]] = {
    "is": _MAP,
    "is-not": _MAP,
    "some-in": _NAMES,
    "none-in": _NAMES,
}


def _object(properties: Mapping[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _mapped(item: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": dict(item), "minProperties": 1, **more}


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item), "minItems": 1}


def lifecycle_schema() -> dict[str, Any]:
    """The JSON Schema of a lifecycle; published as schemas/lifecycle.json."""
    condition = _object(
        {name: {**_MEANINGS[name], "description": meaning} for name, meaning in PREDICATES.items()},
        minProperties=1,
    )
    when = {**_list(condition), "description": "Conditions, all of which must hold."}
    csv = _object(
        {
            "rows": {"type": "array", "items": {"type": "object"}},
            "leave-out": _NAMES,
            "before": _TEXT,
            "text": {"type": "string"},
            "width": {"type": "integer", "minimum": 1},
            "pad": _NAMES,
        }
    )
    step = _object(
        {
            "operation": _TEXT,
            "input": {"type": "object"},
            "needs": _NAMES,
            "undo": _object({"operation": _TEXT, "input": {"type": "object"}}, "operation", "input"),
        },
        "operation",
        "input",
    )
    variant = _object({"input": _MAP, "csv": csv, "facts": _MAP})
    put = _object(
        {"url": {"type": "object"}, "headers": {"type": "object"}, "columns": {"type": "object"}},
        "url",
        "columns",
    )
    action = _object(
        {
            "operation": _TEXT,
            "input": {"type": "object"},
            "put": put,
            "shows": {"type": "string", "description": "The path of the document in the answer."},
            "variants": _mapped(variant),
            "then": _NAMES,
            "answers": _MAP,
        }
    )
    reader = _object(
        {
            "operation": _TEXT,
            "input": {"type": "object"},
            "shows": {"type": "string"},
            "lists": _TEXT,
            "key": _NAMES,
            "token": _TEXT,
            "next": _TEXT,
        },
        "operation",
        "input",
    )
    states = {"type": ["array", "string"], "items": _TEXT, "minItems": 1, "minLength": 1}
    transition = _object(
        {
            "by": {**_TEXT, "description": "The action; without it, the transition happens by itself."},
            "from": states,
            "to": states,
            "when": when,
            "try": {**_list(condition), "description": "What a history does that wants to see it."},
            "after": {"type": "array", "items": _SECONDS, "minItems": 2, "maxItems": 2},
            **_SAYS,
        },
        "to",
    )
    refusal = _object(
        {
            "of": {**_TEXT, "description": "The action that is refused."},
            "in": states,
            "when": when,
            "with": _MAP,
            "title": _TEXT,
            "code": _TEXT,
            **_SAYS,
        },
        "of",
        "in",
    )
    document = _object(
        {
            "in": states,
            "when": when,
            "shown-by": {**_NAMES, "description": "The actions and readers whose answers show it."},
            "has": _NAMES,
            "lacks": _NAMES,
            "values": _MAP,
            "counts": _MAP,
            "sum": _NAMES,
            "is": {"type": "array", "minItems": 1},
            "at-most": {"type": ["object", "integer"]},
            "constant": _NAMES,
            "same": _NAMES,
            "given": {**_mapped(_TEXT), "description": "Members, each with the input's that made it."},
            **_SAYS,
        }
    )
    effect = _object(
        {
            "in": states,
            "when": when,
            "operation": _TEXT,
            "input": {"type": "object"},
            "each": _TEXT,
            "shows": _MAP,
            "refused": _TEXT,
            **_SAYS,
        },
        "in",
        "operation",
        "input",
    )
    act = _object({"act": _TEXT, "times": {"type": "integer", "minimum": 1, "maximum": 64}}, "act")
    race = _object({"in": _TEXT, "when": when, "acts": _list(act), **_SAYS}, "in", "acts")
    state = _object({"shown": {"type": "object"}, "absent": _TEXT})
    setting = _object({"facts": {"type": "object"}, "change": _mapped({"type": "object"})})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:aws-conformance:lifecycle",
        "title": "aws-conformance lifecycle",
    } | _object(
        {
            "version": {"const": LIFECYCLE_VERSION},
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
            "service": {**_TEXT, "description": "The service, as botocore calls it."},
            "resource": {**_NAME, "description": "What a transcript calls one of these resources."},
            "title": _TEXT,
            "subject": {**_TEXT, "description": "The operation under which random histories are told."},
            "exclusive": {**_TEXT, "description": "What only one history at a time may hold."},
            "sources": _mapped(_TEXT, description="The sources that lines name, in full."),
            "facts": {**_MAP, "description": "Facts of a resource before anything is done."},
            "others": _mapped(_TEXT, description="Well-formed identifiers that nobody has."),
            "setup": _mapped(
                {**step, "type": ["object", "null"]},
                description="What every resource stands on, in order; nothing is what models and hints tell.",
            ),
            "settings": _mapped(setting, description="What a history may begin with; the first is usual."),
            "states": _mapped(state),
            "actions": _mapped(action),
            "readers": _mapped(reader),
            "transitions": _list(transition),
            "refusals": _list(refusal),
            "documents": _list(document),
            "effects": _mapped(effect),
            "races": _mapped(race),
            "tidy": {**_NAMES, "description": "Actions that end what a history leaves behind."},
            "wait": _object({"pause": _SECONDS, "at-most": _SECONDS}),
        },
        "version",
        "name",
        "service",
        "resource",
        "title",
        "subject",
        "settings",
        "states",
        "actions",
        "readers",
        "transitions",
    )


class LifecycleText:
    """A file's document, and the line of each of its places."""

    def __init__(self, raw: Any, lines: Mapping[tuple[str | int, ...], int], source: str) -> None:
        self.raw = raw
        self.source = source
        self._lines = lines

    def wrong(self, path: tuple[str | int, ...], what: str, hint: str = "") -> NoReturn:
        """Raises UsageError with the place that the path leads to, or the nearest that there is."""
        while path not in self._lines:
            path = path[:-1]
        raise UsageError(f"{self.source}:{self._lines[path]}: {what}", hint)


def parse(text: str, source: str) -> LifecycleText:
    """The document of a file, valid by its schema. Raises UsageError for the first mistake, with its line."""
    lines: dict[tuple[str | int, ...], int] = {}
    raw: Any = None
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is not None:
            # Before the document is made: that puts merged keys among a node's own.
            _place(root, (), lines, source)
            raw = loader.construct_document(root)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise UsageError(f"{source}{line}: not valid YAML: {problem}.") from None
    if not isinstance(raw, dict):
        raise UsageError(f"{source} holds no lifecycle.", "docs/lifecycles.md tells how to write one.")
    page = LifecycleText(raw, lines, source)
    _validate(page)
    return page


# What a value may be: texts, numbers, true and false, null, lists and maps. YAML knows dates and more.
_KINDS = frozenset({"str", "int", "float", "bool", "null", "map", "seq"})


# A few lines of anchors may stand for billions of values.
_MOST_PLACES = 20_000


def _place(
    node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], source: str
) -> None:
    line = node.start_mark.line + 1
    lines[path] = line
    if len(lines) > _MOST_PLACES:
        raise UsageError(f"{source}:{line}: what its anchors stand for is too much.", "Write less of it.")
    if node.tag.rpartition(":")[2] not in _KINDS:
        what = node.value if isinstance(node, yaml.ScalarNode) else node.tag
        raise UsageError(f"{source}:{line}: {what} is not read as text.", "Write it in quotes.")
    if isinstance(node, yaml.MappingNode):
        for key, item in node.value:
            place = f"{source}:{key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise UsageError(f"{place}: a key must be text.")
            if key.tag.rpartition(":")[2] not in ("str", "merge"):
                raise UsageError(f"{place}: the key {key.value} is not read as text.", "Write it in quotes.")
            inner = (*path, str(key.value))
            if inner in lines:
                raise UsageError(f"{place}: {key.value} is given twice.")
            _place(item, inner, lines, source)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _place(item, (*path, index), lines, source)


def _validate(page: LifecycleText) -> None:
    from ...spec.schema.validate import compile_validator

    findings = compile_validator(lifecycle_schema()).findings(page.raw)
    for finding in findings[:1]:
        where = ".".join(map(str, finding.path)) or "the file"
        match finding.keyword:
            case "additionalProperties":
                known = finding.bound
                hint = did_you_mean(str(finding.path[-1]), known) or f"There is {', '.join(known)}."
                page.wrong(finding.path, f"unknown key {finding.path[-1]}.", hint)
            case "required":
                page.wrong(finding.path[:-1], f"{finding.path[-1]} is missing.")
            case "type":
                kinds = finding.bound if isinstance(finding.bound, list) else [finding.bound]
                page.wrong(finding.path, f"{where} must be of type {' or '.join(kinds)}.")
            case "const":
                page.wrong(
                    finding.path, f"version {finding.value!r}; this release reads {LIFECYCLE_VERSION}."
                )
            case "pattern":
                page.wrong(finding.path, f"{where}: {finding.value!r} is no name.")
            case _:
                page.wrong(finding.path, f"{where}: {finding.keyword} must be {finding.bound}.")
