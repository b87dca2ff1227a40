# SPDX-License-Identifier: Apache-2.0
"""In which of its three forms a timestamp travels.

It owns the order of what decides: the protocol's own type, the member's trait, the shape's, the place, the
protocol's default. It refuses to know how a form is written.
"""

from __future__ import annotations

from collections.abc import Mapping

from .shapes import Member, TimestampFormat, TimestampShape

__all__ = ["timestamp_format"]

# The form of a timestamp without a timestampFormat: by where it travels, else by the protocol.
_LOCATION_TIMESTAMPS: Mapping[str, TimestampFormat] = {
    "header": "rfc822",
    "headers": "rfc822",
    "querystring": "iso8601",
    "uri": "iso8601",
}
_PROTOCOL_TIMESTAMPS: Mapping[str, TimestampFormat] = {
    "json": "unixTimestamp",
    "rest-json": "unixTimestamp",
    "smithy-rpc-v2-cbor": "unixTimestamp",
    "smithy-rpc-v2-json": "unixTimestamp",
    "query": "iso8601",
    "ec2": "iso8601",
    "rest-xml": "iso8601",
}
# Protocols whose bodies have one form for timestamps, which no trait changes.
_FIXED_TIMESTAMPS = frozenset({"smithy-rpc-v2-cbor", "smithy-rpc-v2-json"})


def timestamp_format(shape: TimestampShape, member: Member | None, protocol: str) -> TimestampFormat:
    """The form in which a timestamp travels: the member's trait, the shape's, its place, the protocol's."""
    if protocol in _FIXED_TIMESTAMPS:
        return "unixTimestamp"
    if member is not None and member.timestamp_format:
        return member.timestamp_format
    if shape.format:
        return shape.format
    placed = _LOCATION_TIMESTAMPS.get(member.location) if member is not None and member.location else None
    if placed is not None:
        return placed
    return _PROTOCOL_TIMESTAMPS.get(protocol, "unixTimestamp")
