# SPDX-License-Identifier: Apache-2.0
"""Rows for rules about framing: answers that we can read and other clients can't.

It owns rows of the table of miniatures. What they are made from stands in table.py.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from aws_conformance.http import Request, Response

from .changes import Make
from .table import BUS, Miniature

__all__ = ["FRAMING_MINIATURES"]


def _framed(change: Callable[[Response], Response]) -> Make:
    """Every answer is framed in another way."""

    def apply(request: Request, response: Response) -> Response:
        return change(response)

    return lambda: apply


def _with(*added: tuple[str, str], body: Callable[[bytes], bytes] = lambda content: content) -> Make:
    return _framed(
        lambda response: Response(response.status, (*response.headers, *added), body(response.body))
    )


def _chunks(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


_CHUNKED = ("Transfer-Encoding", "chunked")


def _announced(response: Response) -> Response:
    """Chunks with the length of what they hold."""
    length = ("Content-Length", str(len(response.body)))
    return Response(response.status, (*response.headers, _CHUNKED, length), _chunks(response.body))


def _longer(response: Response) -> Response:
    length = ("Content-Length", str(len(response.body)))
    return Response(response.status, (*response.headers, length), response.body + b"{}")


FRAMING_MINIATURES: tuple[Miniature, ...] = (
    Miniature(
        "plain-gzip",
        "response.framing.content-encoding",
        "(body)",
        "Answers say that they are gzip, and are not.",
        BUS,
        _with(("Content-Encoding", "gzip")),
    ),
    Miniature(
        "two-content-types",
        "response.framing.content-type",
        "(headers)",
        "Answers have a second Content-Type.",
        BUS,
        _with(("Content-Type", "application/cbor")),
    ),
    Miniature(
        "longer-than-announced",
        "response.framing.extra",
        "(body)",
        "Answers have two bytes more than they announce.",
        BUS,
        _framed(_longer),
    ),
    Miniature(
        "chunks-with-length",
        "response.framing.length",
        "(headers)",
        "Answers come in chunks and have a Content-Length too.",
        BUS,
        _framed(_announced),
    ),
    Miniature(
        "folded-header",
        "response.framing.line",
        "(headers)",
        "A header goes on in a second line.",
        BUS,
        _with(("X-Folded", "one\r\n two")),
    ),
    Miniature(
        "gzip-in-chunks",
        "response.framing.transfer-encoding",
        "(headers)",
        "Answers are gzip within their chunks.",
        BUS,
        _with(("Transfer-Encoding", "gzip, chunked"), body=lambda content: _chunks(gzip.compress(content))),
    ),
)
