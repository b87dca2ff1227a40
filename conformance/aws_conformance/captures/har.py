# SPDX-License-Identifier: Apache-2.0
"""HTTP Archives (HAR 1.2), as browsers and proxies write them, read into exchanges.

It owns that form. It refuses to know what the exchanges are.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ..errors import UsageError
from .capture import Capture, CapturedMessage, bad_entry, capture_of, headers_of

__all__ = ["read_har"]


def read_har(content: bytes) -> tuple[Capture, ...]:
    """The exchanges of an archive, in its order. Raises UsageError for anything else."""
    try:
        raw = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError("This is no HTTP Archive: it is not JSON.") from None
    log = raw.get("log") if isinstance(raw, Mapping) else None
    entries = log.get("entries") if isinstance(log, Mapping) else None
    if not isinstance(entries, list):
        raise UsageError("This is no HTTP Archive: it has no list `log.entries`.")
    return tuple(_capture(number, entry) for number, entry in enumerate(entries, 1))


def _capture(number: int, entry: Any) -> Capture:
    asked, said = _part(number, entry, "request"), _part(number, entry, "response")
    method, url, status = asked.get("method"), asked.get("url"), said.get("status")
    if not isinstance(method, str) or not isinstance(url, str):
        raise bad_entry(number, "its request has no method or no address")
    headers = headers_of(number, _pairs(asked))
    request = CapturedMessage(headers, *_posted(number, asked, headers))
    response = CapturedMessage(headers_of(number, _pairs(said)), *_content(number, said))
    started = _moment(entry.get("startedDateTime"))
    lasted = entry.get("time")
    is_timed = started is not None and isinstance(lasted, int | float) and lasted > 0
    ended = started + lasted / 1000 if started is not None and is_timed else None
    known = status if isinstance(status, int) else 0
    return capture_of(number, method, url, request, known, response, (started, ended))


def _part(number: int, entry: Any, name: str) -> Mapping[str, Any]:
    part = entry.get(name) if isinstance(entry, Mapping) else None
    if not isinstance(part, Mapping):
        raise bad_entry(number, f"it has no {name}")
    return part


def _pairs(message: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    headers = message.get("headers")
    rows = headers if isinstance(headers, list) else []
    return [(row.get("name"), row.get("value")) for row in rows if isinstance(row, Mapping)]


def _posted(
    number: int, request: Mapping[str, Any], headers: tuple[tuple[str, str], ...]
) -> tuple[bytes, str]:
    """The request's body, and why it is not known."""
    posted = request.get("postData")
    if not isinstance(posted, Mapping):
        size = request.get("bodySize")
        length = next((value for name, value in headers if name.lower() == "content-length"), "0")
        has_body = (isinstance(size, int) and size > 0) or length.strip("0") != ""
        return b"", "a body that the archive does not hold" if has_body else ""
    parameters = posted.get("params")
    if not posted.get("text") and isinstance(parameters, list) and parameters:
        pairs = [
            (str(row.get("name", "")), str(row.get("value", "")))
            for row in parameters
            if isinstance(row, Mapping)
        ]
        return urlencode(pairs).encode(), ""
    return _bytes(number, posted.get("text") or "", posted.get("encoding"))


def _content(number: int, response: Mapping[str, Any]) -> tuple[bytes, str]:
    """The answer's body, and why it is not known."""
    content = response.get("content")
    if not isinstance(content, Mapping):
        return b"", ""
    text = content.get("text")
    if text is None:
        size = content.get("size")
        has_body = isinstance(size, int) and size > 0
        return b"", "a body that the archive does not hold" if has_body else ""
    return _bytes(number, text, content.get("encoding"))


def _bytes(number: int, text: Any, encoding: Any) -> tuple[bytes, str]:
    if not isinstance(text, str):
        raise bad_entry(number, "a body is no text")
    if encoding == "base64":
        try:
            return base64.b64decode(text, validate=True), ""
        except (binascii.Error, ValueError):
            raise bad_entry(number, "a body is not base64") from None
    # What is no text was written with a sign for each byte that could not be read.
    if "\ufffd" in text:
        return b"", "a body that is no text, written down as text"
    try:
        return text.encode(), ""
    except UnicodeEncodeError:
        return b"", "a body with half of a surrogate pair"


def _moment(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError, OSError):
        return None
