# SPDX-License-Identifier: Apache-2.0
"""Event streams of protocols without HTTP bindings: the other members stand in an initial message.

It owns the initial message. It refuses to know how events are written (event_stream.py).

Source: Smithy's "event streams", initial messages: `initial-request` and `initial-response`.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from ..spec.shapes import Member, Service
from .event_stream import EventForm, read_stream, write_stream
from .findings import Decoded, Finding

__all__ = ["Initial", "decode_events", "encode_events"]

Initial: TypeAlias = Literal["initial-request", "initial-response"]


def encode_events(
    form: EventForm, service: Service, structure: str, stream: Member, document: Any, initial: Initial
) -> bytes:
    """The messages of a structure whose member `stream` is a stream of events."""
    members = document if isinstance(document, dict) else {}
    rest: Any = {name: value for name, value in members.items() if name != stream.name}
    payload = form.write(service, structure, None, rest if isinstance(document, dict) else document)
    return write_stream(form, service, stream.target, members.get(stream.name), (initial, payload))


def decode_events(
    form: EventForm, service: Service, structure: str, stream: Member, body: bytes, initial: Initial
) -> Decoded:
    """The document of such a structure. Without other members the initial message may be missing."""
    findings: list[Finding] = []
    read = read_stream(form, service, stream.target, body, (stream.name,), findings, initial)
    document: dict[str, Any] = {}
    if read.initial:
        decoded = form.read(service, structure, None, read.initial)
        findings += decoded.findings
        if isinstance(decoded.document, dict):
            document |= decoded.document
    elif read.initial is None and len(service.structure(structure).members) > 1:
        findings.append(Finding("event.header", (), f"an {initial} first", "no such message"))
    document[stream.name] = read.events
    return Decoded(document, tuple(findings))
