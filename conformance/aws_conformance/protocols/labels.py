# SPDX-License-Identifier: Apache-2.0
"""What a body is labelled with: whether a Content-Type is the expected one.

It owns the reading of that header, and the one label that all protocols share. It refuses to know which
label a protocol has.
"""

from __future__ import annotations

from ..http import Headers, header
from .findings import Finding

__all__ = ["EVENT_STREAM", "content_type_findings"]

# The label of every body that is a stream of events, in whatever protocol.
EVENT_STREAM = "application/vnd.amazon.eventstream"


def content_type_findings(headers: Headers, expected: tuple[str, ...]) -> list[Finding]:
    """A finding if the content type is none of the expected ones, of which the first is the usual."""
    label = header(headers, "content-type")
    if label is not None and label.partition(";")[0].strip().lower() in expected:
        return []
    return [Finding("content-type", (), expected[0], repr(label) if label is not None else "no Content-Type")]
