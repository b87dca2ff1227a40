# SPDX-License-Identifier: Apache-2.0
"""Values in headers, parameters and labels: one text for one value, and lists within one header.

It owns lists within headers, with their quotes, and the form that a value has because of its place. It
refuses to know which member travels where (places.py).

Sources: Smithy's HTTP bindings, "httpHeader" serialization rules: lists are joined by commas, elements with
commas or quotes are quoted; timestamps are not, though an HTTP date has a comma of its own.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from typing import Any, Literal

from ...spec.shapes import ListShape, Member, Service, StringShape, TimestampFormat, TimestampShape
from ...spec.timestamps import timestamp_format
from ..findings import Finding, Path
from ..lexical import read_text, write_text
from ..moments import converted

__all__ = ["header_value", "member_texts", "member_value", "read_header"]

_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ELEMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*))\s*(?:,|$)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NEEDS_QUOTES = re.compile(r'[",]|^\s|\s$')

Location = Literal["uri", "querystring", "header"]


def _document_form(shape: TimestampShape, element: Member, protocol: str) -> TimestampFormat:
    return timestamp_format(shape, element, protocol)


def _place_form(shape: TimestampShape, element: Member, location: Location, protocol: str) -> TimestampFormat:
    """The form that an element of a list has on the wire: its place is that of the list."""
    placed = Member(
        element.name, element.target, location=location, timestamp_format=element.timestamp_format
    )
    return timestamp_format(shape, placed, protocol)


def member_texts(service: Service, member: Member, value: Any, protocol: str) -> list[str]:
    """The texts of a parameter: one for each element of a list, else one; none for what is null."""
    shape = service.shape(member.target)
    location: Location = "querystring" if member.location == "querystring" else "header"
    if not (isinstance(shape, ListShape) and isinstance(value, list)):
        return [] if value is None else [write_text(value)]
    inner = service.shape(shape.member.target)
    texts = []
    for item in value:
        if item is None:
            continue
        if isinstance(inner, TimestampShape):
            source = _document_form(inner, shape.member, protocol)
            item = converted(item, source, _place_form(inner, shape.member, location, protocol))
        texts.append(write_text(item))
    return texts


def header_value(service: Service, member: Member, value: Any, protocol: str) -> str | None:
    """The text of a header; None where there is nothing that could be said (null, an empty list)."""
    shape = service.shape(member.target)
    if member.json_value:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
    if isinstance(shape, ListShape) and isinstance(value, list):
        texts = member_texts(service, member, value, protocol)
        if isinstance(service.shape(shape.member.target), StringShape):
            texts = [_quoted(text) for text in texts]
        return as_header(", ".join(texts)) if texts else None
    return as_header(write_text(value))


def as_header(text: str) -> str:
    """A text as a header can hold it: UTF-8, one line."""
    return _CONTROLS.sub(" ", text.encode("utf-8", "surrogatepass").decode("latin-1"))


def from_header(text: str) -> str:
    """What a header's bytes say: UTF-8 if they are, else each byte a character."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _quoted(text: str) -> str:
    if not _NEEDS_QUOTES.search(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def member_value(
    service: Service, member: Member, texts: list[str], protocol: str, path: Path, findings: list[Finding]
) -> Any:
    """The value of the texts of a label or parameter; a finding if there are several for one value."""
    shape = service.shape(member.target)
    location: Location = "querystring" if member.location == "querystring" else "header"
    if isinstance(shape, ListShape):
        return [_element(service, shape, text, location, protocol) for text in texts]
    if len(texts) > 1:
        findings.append(Finding("query.duplicate", path, "the parameter once", f"{len(texts)} times"))
    return read_text(shape, member, texts[0], protocol)


def _element(service: Service, shape: ListShape, text: str, location: Location, protocol: str) -> Any:
    inner = service.shape(shape.member.target)
    if isinstance(inner, TimestampShape):
        form = _place_form(inner, shape.member, location, protocol)
        placed = Member(shape.member.name, shape.member.target, timestamp_format=form)
        value = read_text(inner, placed, text, protocol)
        return converted(value, form, _document_form(inner, shape.member, protocol))
    return read_text(inner, shape.member, text, protocol)


def read_header(
    service: Service,
    member: Member,
    values: Iterable[str],
    protocol: str,
    path: Path,
    findings: list[Finding],
) -> Any:
    """The value of a member whose header has these values, in order."""
    texts = [from_header(text.strip()) for text in values]
    shape = service.shape(member.target)
    if isinstance(shape, ListShape):
        parts = _split(service, shape, ", ".join(texts), protocol, path, findings)
        return [_element(service, shape, part, "header", protocol) for part in parts]
    if len(texts) > 1:
        findings.append(Finding("header.duplicate", path, "the header once", f"{len(texts)} times"))
    if member.json_value:
        return _json_value(texts[0], path, findings)
    return read_text(shape, member, texts[0], protocol)


def _json_value(text: str, path: Path, findings: list[Finding]) -> Any:
    try:
        return json.loads(base64.b64decode(text, validate=True).decode("utf-8"))
    except (binascii.Error, ValueError, RecursionError):
        findings.append(Finding("header.form", path, "JSON in base64", repr(text[:60])))
        return text


def _split(
    service: Service, shape: ListShape, text: str, protocol: str, path: Path, findings: list[Finding]
) -> list[str]:
    inner = service.shape(shape.member.target)
    if not text.strip():
        return []
    if isinstance(inner, TimestampShape):
        parts = [part.strip() for part in text.split(",")]
        if _place_form(inner, shape.member, "header", protocol) == "rfc822" and len(parts) % 2 == 0:
            # `Mon, 16 Dec 2019 23:48:18 GMT`: every second comma belongs to a date.
            return [f"{day}, {rest}" for day, rest in zip(parts[::2], parts[1::2], strict=True)]
        return parts
    if not isinstance(inner, StringShape):
        return [part.strip() for part in text.split(",")]
    parts, position = [], 0
    while position <= len(text):
        match = _ELEMENT.match(text, position)
        if match is None:
            findings.append(
                Finding("header.form", path, "elements quoted whole or not at all", repr(text[:60]))
            )
            return [part.strip() for part in text.split(",")]
        quoted, plain = match.groups()
        parts.append(_ESCAPED.sub(r"\1", quoted) if quoted is not None else plain.strip())
        position = match.end()
        if not match[0].endswith(","):
            break
    return parts
