# SPDX-License-Identifier: Apache-2.0
"""Cassettes of vcrpy, in YAML or JSON, and of tools that write like it, read into exchanges.

It owns that form. It refuses to know what the exchanges are.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from ..errors import UsageError
from .capture import Capture, CapturedMessage, bad_entry, capture_of, headers_of

__all__ = ["read_cassette"]

# Cassettes nest to six levels; the parser of libyaml keeps no count of its own.
_DEEPEST = 60
_MERGE = "tag:yaml.org,2002:merge"
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CassetteLoader(_LOADER):  # type: ignore[misc]
    """Reads YAML without merge keys, with which a few lines can become gigabytes."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        if any(key.tag == _MERGE for key, _ in node.value):
            raise yaml.YAMLError("it merges mappings")


def read_cassette(content: bytes) -> tuple[Capture, ...]:
    """The exchanges of a cassette, in its order. Raises UsageError for anything else."""
    raw = _parsed(content)
    interactions = None
    if isinstance(raw, Mapping):
        interactions = raw.get("interactions", raw.get("http_interactions"))
    if not isinstance(interactions, list):
        raise UsageError("This is no cassette: it has no list `interactions`.")
    return tuple(_capture(number, entry) for number, entry in enumerate(interactions, 1))


def _parsed(content: bytes) -> Any:
    try:
        if content.lstrip()[:1] == b"{":
            return json.loads(content.decode("utf-8-sig"))
        depth = 0
        for event in yaml.parse(content, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise UsageError(f"This is no cassette: it nests deeper than {_DEEPEST} levels.")
        return yaml.load(content, Loader=_CassetteLoader)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, MemoryError):
        raise UsageError("This is no cassette: it is neither YAML nor JSON that a recorder writes.") from None


def _capture(number: int, entry: Any) -> Capture:
    asked = entry.get("request") if isinstance(entry, Mapping) else None
    said = entry.get("response") if isinstance(entry, Mapping) else None
    if not isinstance(asked, Mapping) or not isinstance(said, Mapping):
        raise bad_entry(number, "it has no request or no response")
    method, url = asked.get("method"), asked.get("uri")
    if not isinstance(method, str) or not isinstance(url, str):
        raise bad_entry(number, "its request has no method or no uri")
    status = said.get("status", said.get("status_code"))
    code = status.get("code") if isinstance(status, Mapping) else status
    request = CapturedMessage(
        headers_of(number, asked.get("headers") or {}), *_body(number, asked.get("body"))
    )
    body = said["body"] if "body" in said else said.get("content")
    response = CapturedMessage(headers_of(number, said.get("headers") or {}), *_body(number, body))
    moment = _moment(entry.get("recorded_at"))
    known = code if isinstance(code, int) else 0
    return capture_of(number, method, url, request, known, response, (moment, None))


def _body(number: int, raw: Any) -> tuple[bytes, str]:
    match raw:
        case None:
            return b"", ""
        case bytes():
            return raw, ""
        case str():
            try:
                return raw.encode(), ""
            except UnicodeEncodeError:
                return b"", "a body with half of a surrogate pair"
        case {"base64_string": str(encoded)}:
            try:
                return base64.b64decode(encoded), ""
            except (binascii.Error, ValueError):
                raise bad_entry(number, "a body is not base64") from None
        case {"string": (str() | bytes() | None) as text}:
            return _body(number, text)
        case _:
            return b"", "a body that the recorder did not write as text or bytes"


def _moment(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError, OSError):
        return None
