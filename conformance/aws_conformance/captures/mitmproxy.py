# SPDX-License-Identifier: Apache-2.0
"""Dumps of mitmproxy (`mitmdump -w`), read into exchanges.

It owns that form: flows one after the other, each a tagged netstring in mitmproxy's dialect, which has
texts (`;`) beside bytes (`,`). It refuses to know what the exchanges are. No library but mitmproxy itself
reads that dialect, and it brings forty packages and their upper bounds along; this is what of it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ..errors import UsageError
from .capture import Capture, CapturedMessage, bad_entry, capture_of, headers_of

__all__ = ["read_mitmproxy"]

_DEEPEST = 40
# The longest length that is written, in digits.
_DIGITS = 12


def read_mitmproxy(content: bytes) -> tuple[Capture, ...]:
    """The HTTP exchanges of a dump, in its order. Raises UsageError for anything else."""
    captures = []
    position, number = 0, 0
    while position < len(content):
        flow, position = _value(content, position, len(content), 0)
        if not isinstance(flow, Mapping) or "type" not in flow:
            raise _no_dump()
        number += 1
        if flow["type"] in ("http", b"http"):
            captures.append(_capture(number, flow))
    if not number:
        raise _no_dump()
    return tuple(captures)


def _capture(number: int, flow: Mapping[str, Any]) -> Capture:
    asked, said = flow.get("request"), flow.get("response")
    if not isinstance(asked, Mapping):
        raise bad_entry(number, "it has no request")
    scheme, host = (_text(number, asked.get(name)) for name in ("scheme", "host"))
    method, path, port = (
        _text(number, asked.get("method")),
        _text(number, asked.get("path")),
        asked.get("port"),
    )
    address = (
        f"{scheme}://{f'[{host}]' if ':' in host else host}:{port if isinstance(port, int) else 80}{path}"
    )
    request = CapturedMessage(headers_of(number, asked.get("headers")), *_content(number, asked))
    answer, status, ended = CapturedMessage(), 0, None
    if isinstance(said, Mapping):
        answer = CapturedMessage(headers_of(number, said.get("headers")), *_content(number, said))
        status = said["status_code"] if isinstance(said.get("status_code"), int) else 0
        ended = _moment(said.get("timestamp_end"))
    times = (_moment(asked.get("timestamp_start")), ended)
    return capture_of(number, method, address, request, status, answer, times)


def _content(number: int, message: Mapping[str, Any]) -> tuple[bytes, str]:
    content = message.get("content")
    if content is None:
        return b"", "a body that was streamed past the recorder"
    if not isinstance(content, bytes):
        raise bad_entry(number, "a body is no bytes")
    return content, ""


def _text(number: int, raw: Any) -> str:
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "replace")
    if not isinstance(raw, str):
        raise bad_entry(number, "its address is incomplete")
    return raw


def _moment(raw: Any) -> float | None:
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None


def _no_dump() -> UsageError:
    return UsageError("This is no dump of mitmproxy.", "Write one with `mitmdump -w FILE`.")


def _value(content: bytes, start: int, limit: int, depth: int) -> tuple[Any, int]:
    """The value that begins at `start`, and where it ends: `<length>:<bytes><tag>`."""
    colon = content.find(b":", start, min(start + _DIGITS + 1, limit))
    digits = content[start:colon] if colon >= 0 else b""
    if depth > _DEEPEST or not digits.isdigit():
        raise _no_dump()
    begin = colon + 1
    end = begin + int(digits)
    if end >= limit:
        raise _no_dump()
    tag = content[end : end + 1]
    if tag in (b"]", b"}"):
        elements = []
        while begin < end:
            element, begin = _value(content, begin, end, depth + 1)
            elements.append(element)
        return (elements if tag == b"]" else _mapping(elements)), end + 1
    scalar = _SCALARS.get(tag)
    if scalar is None:
        raise _no_dump()
    try:
        return scalar(content[begin:end]), end + 1
    except ValueError:
        raise _no_dump() from None


def _mapping(elements: list[Any]) -> Mapping[str, Any]:
    names = [name.decode("latin-1") if isinstance(name, bytes) else name for name in elements[::2]]
    if len(elements) % 2 or not all(isinstance(name, str) for name in names):
        raise _no_dump()
    return dict(zip(names, elements[1::2], strict=True))


_SCALARS: Mapping[bytes, Callable[[bytes], Any]] = MappingProxyType(
    {
        b",": bytes,
        b";": lambda raw: raw.decode("utf-8"),
        b"#": int,
        b"^": float,
        b"!": lambda raw: raw == b"true",
        b"~": lambda raw: None,
    }
)
