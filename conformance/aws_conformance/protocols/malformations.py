# SPDX-License-Identifier: Apache-2.0
"""Ways to spoil a request's body that protocols share: cut off, of another language, labelled as text.

It owns these rows; what a protocol's body is, it is told.
"""

from __future__ import annotations

from collections.abc import Callable

from ..http import Request, header
from .record import Malformation

__all__ = ["body_malformations", "text_plain"]


def body_malformations(
    language: str,
    noise: bytes,
    *,
    holds: Callable[[Request], bool] = lambda request: True,
    cut: str = "cut off in the middle",
    least: bytes = b"",
) -> tuple[Malformation, ...]:
    """The rows of a language: `noise` is a body that is none of it, `holds` whether a request's body is one.

    A body of one byte or none is cut to `least`.
    """

    def truncated(request: Request) -> Request | None:
        return _with_body(request, request.body[:-1] or least) if holds(request) else None

    def replaced(request: Request) -> Request | None:
        return _with_body(request, noise) if holds(request) else None

    def labelled(request: Request) -> Request | None:
        return text_plain(request) if holds(request) else None

    return (
        Malformation("truncated", "malformed", f"{language} {cut}", truncated),
        Malformation(f"not {language.lower()}", "malformed", f"a body that is no {language}", replaced),
        Malformation("content-type", "content-type", "Content-Type: text/plain", labelled),
    )


def text_plain(request: Request) -> Request | None:
    """The request labelled as text; None for one that has no label which could be wrong."""
    if header(request.headers, "Content-Type") is None:
        return None
    return request.with_headers([("Content-Type", "text/plain")])


def _with_body(request: Request, body: bytes) -> Request:
    return Request(request.method, request.path, request.headers, body)
