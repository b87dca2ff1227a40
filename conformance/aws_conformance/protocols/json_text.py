# SPDX-License-Identifier: Apache-2.0
"""JSON as bytes: read strictly, so that every oddity is told with its place, and written.

It owns the grammar that the JSON protocols share; it refuses to know shapes and envelopes.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .findings import Decoded, Finding, Path

__all__ = ["EMPTY_BODY", "canonical_json", "dump_json", "literal", "read_json", "shorten", "unreadable"]

# Python's own JSON reader recurses; a document deeper than this is a finding, not a crash. AWS's models
# nest at most a few dozen levels, recursive ones included.
_DEPTH = 200
_HALF = re.compile(r"[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
EMPTY_BODY = Finding("body.malformed", (), "JSON", "an empty body")


def dump_json(document: Any) -> bytes:
    """The bytes of a document; NaN and half a surrogate pair, which JSON has not, are written nonetheless."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=True).encode(
        "utf-8", "surrogatepass"
    )


def canonical_json(body: bytes) -> str:
    """A body by what it says: JSON without the order of its keys, anything else as it is."""
    text = body.decode("utf-8", "backslashreplace")
    with suppress(ValueError, RecursionError):
        return json.dumps(json.loads(text), sort_keys=True)
    return text


class _OddError(ValueError):
    """A document has something to be told of, and is read with its places."""


def _members(items: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(items)
    if len(members) != len(items):
        raise _OddError
    return members


def _odd(name: str) -> float:
    raise _OddError


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _OddError
    return value


_PLAIN = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_odd, parse_float=_finite)


def read_json(body: bytes) -> Decoded:
    """Strict JSON: UTF-8 without a mark, one value, no NaN, no duplicate keys, bounded depth."""
    # Most answers have nothing odd: read like this they take half the time.
    with suppress(ValueError):
        text = body.decode("utf-8")
        if not _is_deep(text):
            document = _PLAIN.decode(text)
            if not _ESCAPED_HALF.search(text):
                return Decoded(document)
    return _read_closely(body)


def _read_closely(body: bytes) -> Decoded:
    findings: list[Finding] = []
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        got = f"byte 0x{body[error.start]:02x} at offset {error.start}"
        return unreadable(Finding("body.encoding", (), "UTF-8", got))
    if text.startswith("\ufeff"):
        findings.append(Finding("body.encoding", (), "UTF-8 without a byte-order mark", "a byte-order mark"))
        text = text[1:]
    if _is_deep(text):
        expected = f"JSON at most {_DEPTH} levels deep"
        return unreadable(Finding("body.depth", (), expected, "deeper JSON"), *findings)
    # Objects that had a key twice, by identity. They are kept here as well: one that is itself the value
    # of a repeated key is not in the document, and its identity must not pass to another object.
    repeated: dict[int, tuple[dict[str, Any], tuple[str, ...]]] = {}
    marked = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(items)
        if len(members) == len(items):
            return members
        counts = Counter(key for key, _ in items)
        repeated[id(members)] = (members, tuple(key for key, count in counts.items() if count > 1))
        return members

    def constant(name: str) -> float:
        nonlocal marked
        marked = True
        return float(name)

    def number(literal: str) -> float:
        nonlocal marked
        value = float(literal)
        # JSON's grammar has 1e999, but a reader makes infinity of it, or refuses it.
        marked = marked or math.isinf(value)
        return value

    try:
        document = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_float=number)
    except ValueError as error:
        # A ValueError beside JSONDecodeError is Python's guard against integers of thousands of digits.
        where = (
            f"{error.msg} at offset {error.pos}"
            if isinstance(error, json.JSONDecodeError)
            else "a huge number"
        )
        got = f"{where}: {shorten(text)}" if text else "an empty body"
        return unreadable(Finding("body.malformed", (), "JSON", got), *findings)
    if marked or repeated:
        _locate(document, (), repeated, findings)
    if _ESCAPED_HALF.search(text):
        document = _without_halves(document, (), findings)
    return Decoded(document, tuple(findings))


def _sound(text: str) -> str:
    return _HALF.sub("\ufffd", text)


def _without_halves(value: Any, path: Path, findings: list[Finding]) -> Any:
    """The value with U+FFFD for each half of a surrogate pair, which no text can hold, and findings.

    Python takes `"\\ud800"` for a text; it is none that could be written, compared or shown.
    """
    match value:
        case str() if _HALF.search(value):
            got = json.dumps(value[:60])
            findings.append(Finding("body.encoding", path, "Unicode text", f"half a surrogate pair in {got}"))
            return _sound(value)
        case list():
            return [_without_halves(item, (*path, index), findings) for index, item in enumerate(value)]
        case dict():
            members: dict[str, Any] = {}
            for key, item in value.items():
                name = _without_halves(key, (*path, _sound(key)), findings)
                members[name] = _without_halves(item, (*path, name), findings)
            return members
        case _:
            return value


def _locate(
    value: Any,
    path: Path,
    repeated: Mapping[int, tuple[dict[str, Any], tuple[str, ...]]],
    findings: list[Finding],
) -> None:
    """Findings with their places for repeated keys and for numbers that JSON does not have."""
    match value:
        case dict():
            findings.extend(
                Finding(
                    "body.duplicate-key", (*path, _sound(key)), "each key once", f"{key!r} more than once"
                )
                for key in repeated.get(id(value), (value, ()))[1]
            )
            for key, item in value.items():
                _locate(item, (*path, _sound(key)), repeated, findings)
        case list():
            for index, item in enumerate(value):
                _locate(item, (*path, index), repeated, findings)
        case float() if not math.isfinite(value):
            findings.append(Finding("body.nonfinite", path, "a finite JSON number", repr(value)))
        case _:
            pass


def unreadable(*findings: Finding) -> Decoded:
    """What is decoded of a body that no document can be made of."""
    return Decoded(None, findings, readable=False)


def _is_deep(text: str) -> bool:
    """Whether brackets outside of strings nest too deeply; asked before parsing, which recurses."""
    if text.count("[") + text.count("{") <= _DEPTH:
        return False
    depth = 0
    quoted = escaped = False
    for char in text:
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            if depth > _DEPTH:
                return True
        elif char in "]}":
            depth -= 1
    return False


def literal(value: Any) -> str:
    """A value as JSON that fits a line: the empty text is `""`, and not nothing."""
    return shorten(json.dumps(value, default=str))


def shorten(value: Any, limit: int = 60) -> str:
    """A value as text that fits a line."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= limit else f"{text[:limit]}..."
