# SPDX-License-Identifier: Apache-2.0
"""Timestamps turned from one of their three forms into another.

It owns the conversion, which is needed where one value has two forms: an element of a list is described by
its shape alone, but travels in the form of the list's place. What is no timestamp is left as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from ..spec.shapes import TimestampFormat

__all__ = ["converted"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def converted(value: Any, source: TimestampFormat, form: TimestampFormat) -> Any:
    """A timestamp of one form in another; the value itself if it has not the form of the source."""
    if source == form:
        return value
    try:
        moment = _moment(value, source)
    except (ValueError, TypeError, OverflowError, IndexError):
        return value
    if moment is None:
        return value
    if form == "unixTimestamp":
        seconds = (moment - _EPOCH).total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if form == "rfc822":
        return format_datetime(moment.astimezone(UTC), usegmt=True)
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def _moment(value: Any, source: TimestampFormat) -> datetime | None:
    if source == "unixTimestamp":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return _EPOCH + timedelta(seconds=value)
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value) if source == "iso8601" else parsedate_to_datetime(value)
    return moment if moment.tzinfo is not None else None
