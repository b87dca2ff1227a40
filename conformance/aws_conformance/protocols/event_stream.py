# SPDX-License-Identifier: Apache-2.0
"""Event streams: events of a modelled union as messages, and back.

It owns how an event's members stand in headers and payload, and the findings for those that do not. It
refuses to know the framing (event_frames.py) and how a structure is written (EventForm). A stream's document
is a list of events in order, each an object with the event's name as its one member.

Source: Smithy's "Amazon Event Stream" and "event streams" specifications.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..spec.shapes import (
    BlobShape,
    BooleanShape,
    IntegerShape,
    Member,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampFormat,
    TimestampShape,
)
from ..spec.timestamps import timestamp_format
from .event_frames import HeaderKind, HeaderValue, Message, dump_message, read_messages
from .findings import Decoded, Finding, Path
from .lexical import write_text
from .moments import converted

__all__ = ["EventForm", "Stream", "read_stream", "write_stream"]

_ENVELOPE = frozenset({"event", "exception", "error"})


@dataclass(frozen=True, slots=True)
class EventForm:
    """How the structures in a protocol's events are written.

    `media_types` label them: the first is written, all are read.

    `write(service, shape, member, value)` and `read(service, shape, member, payload)` are about a value
    of `shape`, which is an event's payload `member`, or the event itself without its headers (None).
    """

    protocol: str
    media_types: tuple[str, ...]
    write: Callable[[Service, str, Member | None, Any], bytes]
    read: Callable[[Service, str, Member | None, bytes], Decoded]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that was read: its events, and the payload of its initial message if it had one."""

    events: list[Any]
    initial: bytes | None


def write_stream(
    form: EventForm, service: Service, name: str, value: Any, initial: tuple[str, bytes] | None = None
) -> bytes:
    """The messages of a stream's events, behind an initial one, which is a type and a payload."""
    messages: list[Message] = []
    if initial is not None:
        kind, payload = initial
        messages.append(Message(_envelope("event", kind, form.media_types[0]), payload))
    events = value if isinstance(value, list) else [] if value is None else [value]
    union = service.structure(name)
    for event in events:
        # What is no object has no name; it is sent as an event that none of the stream's is.
        members = event if isinstance(event, dict) else {"": event}
        messages += [_message(form, service, union, key, content) for key, content in members.items()]
    return b"".join(map(dump_message, messages))


def _envelope(message: str, kind: str, media_type: str | None) -> dict[str, HeaderValue]:
    headers = {
        ":message-type": HeaderValue("text", message),
        f":{message}-type": HeaderValue("text", kind),
    }
    if media_type is not None:
        headers[":content-type"] = HeaderValue("text", media_type)
    return headers


def _message(form: EventForm, service: Service, union: StructureShape, name: str, value: Any) -> Message:
    member = union.members.get(name)
    if member is None:
        return Message(_envelope("event", name, form.media_types[0]), form.write(service, "", None, value))
    event = service.structure(member.target)
    content = value if isinstance(value, dict) else {}
    own = {
        inner.name: header
        for inner in event.members.values()
        if inner.event_header and (header := _header(service, form, inner, content.get(inner.name)))
    }
    media_type, payload = _payload(form, service, event, value)
    message = "exception" if event.error is not None else "event"
    return Message(_envelope(message, name, media_type) | own, payload)


def _payload(
    form: EventForm, service: Service, event: StructureShape, value: Any
) -> tuple[str | None, bytes]:
    holder = next((member for member in event.members.values() if member.event_payload), None)
    if holder is None or not isinstance(value, dict):
        content = value
        if isinstance(value, dict):
            headers = {member.name for member in event.members.values() if member.event_header}
            content = {key: item for key, item in value.items() if key not in headers}
            if not content and headers:
                return None, b""
        return form.media_types[0], form.write(service, event.name, None, content)
    content = value.get(holder.name)
    match service.shape(holder.target):
        case _ if content is None:
            return None, b""
        case BlobShape():
            return "application/octet-stream", _bytes(content)
        case StringShape():
            return "text/plain", write_text(content).encode("utf-8", "surrogatepass")
        case _:
            return form.media_types[0], form.write(service, holder.target, holder, content)


def _bytes(value: Any) -> bytes:
    text = write_text(value)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode("utf-8", "surrogatepass")


def _header(service: Service, form: EventForm, member: Member, value: Any) -> HeaderValue | None:
    """A member as a header; a value that its shape's type cannot hold as the type that it has."""
    shape = service.shape(member.target)
    match shape, value:
        case _, None:
            return None
        case _, bool():
            return HeaderValue("boolean", value)
        case TimestampShape(), _ if (seconds := _seconds(shape, member, form.protocol, value)) is not None:
            return HeaderValue("timestamp", round(seconds * 1000))
        case BlobShape(), str():
            return HeaderValue("bytes", _bytes(value))
        case IntegerShape(bits=8 | 16 | 32), int() if -(2**31) <= value < 2**31:
            return HeaderValue("integer", value)
        case _, int() if -(2**63) <= value < 2**63:
            return HeaderValue("long", value)
        case _:
            return HeaderValue("text", write_text(value))


def _seconds(shape: TimestampShape, member: Member, protocol: str, value: Any) -> float | None:
    seconds = converted(value, timestamp_format(shape, member, protocol), "unixTimestamp")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    # Beyond these, milliseconds do not fit their header.
    return seconds if abs(seconds) < 2**52 else None


def read_stream(
    form: EventForm,
    service: Service,
    name: str,
    body: bytes,
    path: Path,
    findings: list[Finding],
    initial: str | None = None,
) -> Stream:
    """The events of a body; `initial` is the type of the message that may stand before them."""
    events: list[Any] = []
    first: bytes | None = None
    union = service.structure(name)
    for number, message in enumerate(read_messages(body, path, findings)):
        if number == 0 and initial is not None and message.text(":event-type") == initial:
            first = message.payload
            continue
        event = _event(form, service, union, message, (*path, len(events)), findings)
        if event is not None:
            events.append(event)
    return Stream(events, first)


def _event(
    form: EventForm,
    service: Service,
    union: StructureShape,
    message: Message,
    path: Path,
    findings: list[Finding],
) -> dict[str, Any] | None:
    envelope = message.text(":message-type")
    if envelope not in _ENVELOPE:
        got = "no such text" if envelope is None else repr(envelope)
        findings.append(Finding("event.header", path, ":message-type event, exception or error", got))
        return None
    if envelope == "error":
        # No event of the model: it ends the stream, with a code and a message.
        code = message.text(":error-code")
        findings.append(Finding("event.error", path, "an event of the model", f"the error {code}"))
        return None
    kind = message.text(f":{envelope}-type")
    if kind is None:
        findings.append(Finding("event.header", path, f"a text :{envelope}-type", "no such text"))
        return None
    member = union.members.get(kind)
    if member is None:
        # Kept for the schema to tell that there is no such event.
        return {kind: base64.b64encode(message.payload).decode("ascii")}
    event = service.structure(member.target)
    right = "exception" if event.error is not None else "event"
    if envelope != right:
        findings.append(Finding("event.header", path, f":message-type {right}", repr(envelope)))
    here = (*path, kind)
    document = dict(_read_headers(form, service, event, message, here, findings))
    content = _read_payload(form, service, event, message, here, findings)
    return {kind: document | content if isinstance(content, dict) else content}


def _read_headers(
    form: EventForm,
    service: Service,
    event: StructureShape,
    message: Message,
    path: Path,
    findings: list[Finding],
) -> Iterator[tuple[str, Any]]:
    for name, header in message.headers.items():
        if name.startswith(":"):
            continue
        member = event.members.get(name)
        if member is None:
            yield name, _plain(header)
        elif not member.event_header:
            findings.append(Finding("member.place", (*path, name), "in the event's payload", "as a header"))
        else:
            shape = service.shape(member.target)
            kinds = _kinds(shape)
            if header.kind not in kinds:
                expected = f"a header of type {kinds[0]}"
                findings.append(Finding("event.header", (*path, name), expected, f"type {header.kind}"))
            form_of = (
                timestamp_format(shape, member, form.protocol) if isinstance(shape, TimestampShape) else None
            )
            yield name, _plain(header, form_of)


def _kinds(shape: Shape) -> tuple[HeaderKind, ...]:
    match shape:
        case BooleanShape():
            return ("boolean",)
        case IntegerShape(bits=64):
            return ("long",)
        case IntegerShape():
            # Models of botocore do not tell bytes and shorts from integers.
            return "integer", "short", "byte"
        case BlobShape():
            return ("bytes",)
        case TimestampShape():
            return ("timestamp",)
        case _:
            return ("text",)


def _plain(header: HeaderValue, form: TimestampFormat | None = None) -> Any:
    """A header's value as a JSON value; a timestamp in a form, by default in seconds."""
    match header.kind:
        case "bytes":
            return base64.b64encode(header.value).decode("ascii")
        case "timestamp":
            seconds = header.value / 1000 if header.value % 1000 else header.value // 1000
            return converted(seconds, "unixTimestamp", form or "unixTimestamp")
        case _:
            return header.value


def _read_payload(
    form: EventForm,
    service: Service,
    event: StructureShape,
    message: Message,
    path: Path,
    findings: list[Finding],
) -> Any:
    """The members that an event's payload holds; what is no structure as it is."""
    holder = next((member for member in event.members.values() if member.event_payload), None)
    if holder is None:
        headers = {member.name for member in event.members.values() if member.event_header}
        if not message.payload and (headers or not event.members):
            return {}
        return _structured(form, service, event.name, None, message, path, findings)
    match service.shape(holder.target):
        case BlobShape():
            return {holder.name: base64.b64encode(message.payload).decode("ascii")}
        case StringShape():
            try:
                return {holder.name: message.payload.decode("utf-8")}
            except UnicodeDecodeError as error:
                got = f"byte 0x{message.payload[error.start]:02x} at offset {error.start}"
                findings.append(Finding("body.encoding", (*path, holder.name), "UTF-8", got))
                return {holder.name: message.payload.decode("utf-8", "replace")}
        case _ if not message.payload:
            return {}
        case _:
            return {holder.name: _structured(form, service, holder.target, holder, message, path, findings)}


def _structured(
    form: EventForm,
    service: Service,
    name: str,
    holder: Member | None,
    message: Message,
    path: Path,
    findings: list[Finding],
) -> Any:
    label = message.text(":content-type")
    if label is None or label.partition(";")[0].strip().lower() not in form.media_types:
        got = repr(label) if label is not None else "no :content-type"
        findings.append(Finding("content-type", path, form.media_types[0], got))
    decoded = form.read(service, name, holder, message.payload)
    findings += [
        Finding(finding.rule, (*path, *finding.path), finding.expected, finding.got)
        for finding in decoded.findings
    ]
    return decoded.document
