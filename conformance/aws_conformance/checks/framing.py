# SPDX-License-Identifier: Apache-2.0
"""Checks of framing: whether other clients read the same answer as ours, which forgives more than they do.

It owns these rows of the catalogue, and when the encoding of an answer is its own. It refuses to know how a
response is read (targets) and what its body means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..codings import decoded
from ..http import LARGEST_BODY, FramingRule, Response, header, headers_named
from ..spec.shapes import Operation, Service
from .check import EXCHANGE, FRAMING, Breach, Check
from .response import AnswerCheck, DecodedResponse

__all__ = ["ROWS", "without_encoding"]

_RFC9112 = "RFC 9112"
_PLACES: dict[FramingRule, str] = {"content-encoding": "(body)", "extra": "(body)"}


def without_encoding(
    service: Service, operation: Operation, response: Response, limit: int = LARGEST_BODY
) -> Response:
    """The response with its content coding undone.

    Where the header is a member of the output (S3 gives back what an object was stored with), it says
    nothing of the answer's own bytes.
    """
    if response.fate != "answered" or header(response.headers, "content-encoding") is None:
        return response
    members = service.structure(operation.output).members.values()
    bound = any((member.location_name or "").lower() == "content-encoding" for member in members)
    return response if bound else decoded(response, limit)


def _seen_by_reader(rule: FramingRule) -> Callable[[DecodedResponse], Iterator[Breach]]:
    """The function that yields a breach for each fault of a rule."""
    place = _PLACES.get(rule, "(headers)")

    def look(answer: DecodedResponse) -> Iterator[Breach]:
        for fault in answer.response.framing:
            if fault.rule == rule:
                yield Breach((place,), fault.expected, fault.got)

    return look


def _content_types(answer: DecodedResponse) -> Iterator[Breach]:
    """Some clients read the first, some the last, some both as one text."""
    values = headers_named(answer.response.headers, "content-type")
    if answer.response.fate == "answered" and len(values) > 1:
        yield Breach(("(headers)",), "Content-Type once", " and ".join(map(repr, values[:4]))[:200])


def _row(
    name: str,
    requirement: str,
    citation: str,
    look: Callable[[DecodedResponse], Iterator[Breach]],
    about: frozenset[str] = FRAMING,
) -> AnswerCheck:
    return Check(
        f"response.framing.{name}", requirement, "error", "PROTOCOL", citation, look, "target", about
    )


ROWS: tuple[AnswerCheck, ...] = (
    _row(
        "content-encoding",
        "A body is encoded as its Content-Encoding says, in a coding that every client reads.",
        "RFC 9110, section 8.4; clients fail to decode it",
        _seen_by_reader("content-encoding"),
    ),
    _row(
        "content-type",
        "A response has one Content-Type; clients differ in which of two they read.",
        "RFC 9110, sections 5.3 and 8.3",
        _content_types,
        EXCHANGE,
    ),
    _row(
        "extra",
        "A response ends where it says; what follows would be read as the beginning of the next one.",
        f"{_RFC9112}, sections 6.3 and 9.2",
        _seen_by_reader("extra"),
    ),
    _row(
        "length",
        "A response says its length once, and only where it has no Transfer-Encoding.",
        f"{_RFC9112}, sections 6.2 and 6.3; clients refuse it",
        _seen_by_reader("length"),
    ),
    _row(
        "line",
        "Lines of the header section and of chunks end in CR LF, and a header has one line.",
        f"{_RFC9112}, sections 2.2, 5.2 and 7.1; clients refuse it",
        _seen_by_reader("line"),
    ),
    _row(
        "transfer-encoding",
        "A response of HTTP/1.1 is in chunks once, and in no other transfer coding.",
        f"{_RFC9112}, sections 6.1 and 7; clients ask for no other",
        _seen_by_reader("transfer-encoding"),
    ),
)
