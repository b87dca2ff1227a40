# SPDX-License-Identifier: Apache-2.0
"""Checks of bytes: what the protocol's codec found odd in an answer, a row for each rule.

It owns these rows of the catalogue. It refuses to know how anything odd is found (protocols).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..protocols.findings import Rule
from .check import BYTES, DOCUMENT, Breach, Check
from .citations import BINDINGS, CBOR, EVENTS, JSON, MODEL, QUERY, RFC8259, XML
from .response import AnswerCheck, DecodedResponse
from .verdict import is_crash, is_too_large

__all__ = ["ROWS"]


def _seen_by_codec(rule: Rule) -> Callable[[DecodedResponse], Iterator[Breach]]:
    """The function that yields a breach for each finding of a rule."""

    def look(answer: DecodedResponse) -> Iterator[Breach]:
        for finding in answer.findings:
            if finding.rule == rule:
                yield Breach(finding.path, finding.expected, finding.got)

    return look


_malformed = _seen_by_codec("body.malformed")
_content_type = _seen_by_codec("content-type")


def wellformed(answer: DecodedResponse) -> Iterator[Breach]:
    # A crash is one cause with a check of its own (server.crash), and so is what a front end won't read.
    if not is_crash(answer) and not is_too_large(answer) and answer.expects_envelope:
        yield from _malformed(answer)


def content_type(answer: DecodedResponse) -> Iterator[Breach]:
    if not answer.is_web_page and answer.expects_envelope:
        yield from _content_type(answer)


ROWS: tuple[AnswerCheck, ...] = (
    Check(
        "response.body.depth",
        "A response is no deeper than any document of AWS.",
        "error",
        "PROTOCOL",
        f"{RFC8259}, section 9: readers may limit depth",
        _seen_by_codec("body.depth"),
        about=BYTES,
    ),
    Check(
        "response.body.duplicate-key",
        "A member or a key is there once; readers disagree on which of two counts.",
        "error",
        "PROTOCOL",
        f"{RFC8259}, section 4",
        _seen_by_codec("body.duplicate-key"),
        about=BYTES,
    ),
    Check(
        "response.body.encoding",
        "A body of text is UTF-8; JSON has no byte-order mark, and XML says no other encoding.",
        "error",
        "PROTOCOL",
        f"{RFC8259}, section 8.1",
        _seen_by_codec("body.encoding"),
        about=BYTES,
    ),
    Check(
        "response.body.malformed",
        "A response's body is a document of its protocol: JSON, XML or CBOR.",
        "error",
        "PROTOCOL",
        f"{JSON}; {RFC8259}",
        wellformed,
        about=BYTES,
    ),
    Check(
        "response.body.nonfinite",
        "JSON has no NaN and no Infinity; the protocol writes them as strings.",
        "error",
        "PROTOCOL",
        f"{RFC8259}, section 6; {JSON}: shape serialization",
        _seen_by_codec("body.nonfinite"),
        about=BYTES,
    ),
    Check(
        "response.body.root",
        "A response's body is an object, or in XML the element that the protocol names.",
        "error",
        "PROTOCOL",
        JSON,
        _seen_by_codec("body.root"),
        about=BYTES,
    ),
    Check(
        "response.body.unexpected",
        "A response of status 204 or 304 has no body.",
        "error",
        "PROTOCOL",
        "RFC 9110, sections 15.3.5 and 15.4.5",
        _seen_by_codec("body.unexpected"),
        about=BYTES,
    ),
    Check(
        "response.cbor.minimal",
        "CBOR writes numbers and lengths in as few bytes as they need.",
        "note",
        "PROTOCOL",
        "RFC 8949, section 4.1: preferred serialization",
        _seen_by_codec("cbor.minimal"),
        about=BYTES,
    ),
    Check(
        "response.cbor.type",
        "A member has the CBOR type of its shape: bytes for blobs, tag 1 for timestamps.",
        "error",
        "PROTOCOL",
        f"{CBOR}: shape serialization",
        _seen_by_codec("cbor.type"),
        about=BYTES,
    ),
    Check(
        "response.content-type",
        "A response's Content-Type is the protocol's.",
        "warning",
        "PROTOCOL",
        JSON,
        content_type,
        "target",
        about=BYTES,
    ),
    Check(
        "response.event.error",
        "An event stream ends in one of the errors that it declares, if in any.",
        "warning",
        "PROTOCOL",
        EVENTS,
        _seen_by_codec("event.error"),
        about=BYTES,
    ),
    Check(
        "response.event.frame",
        "Messages of an event stream have lengths and checksums that fit.",
        "error",
        "PROTOCOL",
        EVENTS,
        _seen_by_codec("event.frame"),
        about=BYTES,
    ),
    Check(
        "response.event.header",
        "Messages of an event stream have the headers that name and type their events.",
        "error",
        "PROTOCOL",
        EVENTS,
        _seen_by_codec("event.header"),
        about=BYTES,
    ),
    Check(
        "response.header.duplicate",
        "A header of one value stands in a response once; readers disagree on which of two counts.",
        "error",
        "PROTOCOL",
        "RFC 9110, section 5.3",
        _seen_by_codec("header.duplicate"),
        about=BYTES,
    ),
    Check(
        "response.header.form",
        "Headers write lists with their quotes, and JSON in base64.",
        "error",
        "PROTOCOL",
        f"{BINDINGS}: httpHeader; {MODEL}: jsonvalue",
        _seen_by_codec("header.form"),
        about=BYTES,
    ),
    Check(
        "response.header.protocol",
        "A response names its protocol, where clients refuse it otherwise.",
        "error",
        "PROTOCOL",
        f"{CBOR}: protocol behaviors",
        _seen_by_codec("protocol.header"),
        about=BYTES,
    ),
    Check(
        "response.integer.form",
        "A whole number is written as digits, without fraction or exponent.",
        "error",
        "PROTOCOL",
        f"{JSON}: shape serialization; the Go and Rust SDKs refuse it",
        _seen_by_codec("integer.form"),
        about=DOCUMENT,
    ),
    Check(
        "response.member.place",
        "A member stands where clients look for it and under the name that it has on the wire.",
        "error",
        "PROTOCOL",
        f"{MODEL}; {BINDINGS}",
        _seen_by_codec("member.place"),
        about=BYTES,
    ),
    Check(
        "response.xml.element",
        "Elements of a list and entries of a map have the names that the model gives them.",
        "error",
        "PROTOCOL",
        f"{XML}: list and map serialization; strict SDKs skip others",
        _seen_by_codec("xml.element"),
        about=BYTES,
    ),
    Check(
        "response.xml.namespace",
        "An element is in the namespace of its service, or in its own; most clients do not look.",
        "warning",
        "PROTOCOL",
        f"{XML}: xmlNamespace",
        _seen_by_codec("xml.namespace"),
        about=BYTES,
    ),
    Check(
        "response.xml.nesting",
        "A list or a map is nested in an element of its own, unless the model has it flattened.",
        "error",
        "PROTOCOL",
        f"{XML}: xmlFlattened",
        _seen_by_codec("xml.nesting"),
        about=BYTES,
    ),
    Check(
        "response.xml.stray",
        "There is no text between elements and no attribute that the model lacks; clients skip both.",
        "warning",
        "PROTOCOL",
        f"{XML}: structure serialization",
        _seen_by_codec("xml.stray"),
        about=BYTES,
    ),
    Check(
        "response.xml.wrapper",
        "The elements around a result or an error are those of the protocol; clients look within them.",
        "error",
        "PROTOCOL",
        f"{QUERY}: response and operation error serialization",
        _seen_by_codec("xml.wrapper"),
        about=BYTES,
    ),
)
