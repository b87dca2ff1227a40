# SPDX-License-Identifier: Apache-2.0
"""Log files of CloudTrail, read into events: what was asked of a service, and what it told of it.

It owns that form: decoded documents under names that begin in lower case, without the bytes, and with what is
secret hidden. It refuses to know what the events mean.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..files import LARGEST_FILE
from .capture import bad_entry

__all__ = ["TrailEvent", "read_cloudtrail"]

_NO_TRAIL = "This is no log file of CloudTrail: it has no list `Records`."


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One call. `service` is the name in its host; `answered` is None where CloudTrail keeps no answer.

    `number` is its place in the file, from 1; `moment` its time as text, to the second. `error` is the code
    of a refusal, or the empty string.
    """

    number: int
    service: str
    operation: str
    asked: Mapping[str, Any]
    answered: Mapping[str, Any] | None
    error: str
    moment: str
    account: str
    region: str


def read_cloudtrail(content: bytes) -> tuple[TrailEvent, ...]:
    """The events of a log file, compressed or not, in the order of their times. Raises UsageError."""
    try:
        raw = json.loads(_unpacked(content).decode("utf-8-sig"))
    except (ValueError, RecursionError, EOFError, OSError, zlib.error):
        raise UsageError(_NO_TRAIL) from None
    records = raw.get("Records") if isinstance(raw, Mapping) else raw
    if not isinstance(records, list):
        raise UsageError(_NO_TRAIL)
    events = [_event(number, record) for number, record in enumerate(records, 1)]
    return tuple(sorted(events, key=lambda event: event.moment))


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacking = zlib.decompressobj(31)
    unpacked = unpacking.decompress(content, LARGEST_FILE)
    if not unpacking.eof:
        raise ValueError("cut off, or beyond the limit of a file")
    return unpacked


def _event(number: int, record: Any) -> TrailEvent:
    if not isinstance(record, Mapping):
        raise bad_entry(number, "it is no object")
    source, name = record.get("eventSource"), record.get("eventName")
    if not isinstance(source, str) or not isinstance(name, str):
        raise bad_entry(number, "it has no eventSource or no eventName")
    asked, answered = record.get("requestParameters"), record.get("responseElements")
    return TrailEvent(
        number,
        source.partition(".")[0],
        name,
        asked if isinstance(asked, Mapping) else {},
        answered if isinstance(answered, Mapping) else None,
        str(record.get("errorCode") or ""),
        str(record.get("eventTime") or ""),
        str(record.get("recipientAccountId") or ""),
        str(record.get("awsRegion") or ""),
    )
