"""Checks of a response's document: its bytes, its types, its members, its constraints.

Each function looks at one rule in an interpreted answer and yields a Breach for each place that breaks
it. It refuses to know how grave a breach is: that stands in the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..protocols.findings import Path, Rule
from ..spec.schema.validate import SchemaFinding
from .meaning import required_null
from .response import Breach, DecodedResponse, looks_like_html, shorten
from .verdict import is_crash

__all__ = [
    "blob_base64",
    "cbor_minimal",
    "cbor_type",
    "constraint_length",
    "constraint_pattern",
    "constraint_range",
    "content_type",
    "depth",
    "duplicate_key",
    "encoding",
    "enum_value",
    "event_error",
    "event_frame",
    "event_header",
    "header_duplicate",
    "header_form",
    "integer_form",
    "integer_range",
    "map_key",
    "member_place",
    "member_required",
    "member_type",
    "nonfinite",
    "null_element",
    "null_member",
    "protocol_header",
    "root_type",
    "timestamp_form",
    "unexpected_body",
    "union_members",
    "wellformed",
    "xml_element",
    "xml_namespace",
    "xml_nesting",
    "xml_stray",
    "xml_wrapper",
]

_WORDS = {
    "string": "a string",
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
    "structure": "an object",
    "map": "an object",
    "list": "an array",
    "blob": "a string of base64",
    "object": "an object",
    "array": "an array",
}
_LENGTHS = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
    | {"x-aws-min-bytes", "x-aws-max-bytes"}
)


def _codec_breaches(answer: DecodedResponse, rule: Rule) -> Iterator[Breach]:
    for finding in answer.findings:
        if finding.rule == rule:
            yield Breach(finding.path, finding.expected, finding.got)


def wellformed(answer: DecodedResponse) -> Iterator[Breach]:
    # A crash is one cause with a check of its own (server.crash).
    if not is_crash(answer) and answer.expects_envelope:
        yield from _codec_breaches(answer, "body.malformed")


def encoding(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "body.encoding")


def depth(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "body.depth")


def root_type(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "body.root")


def duplicate_key(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "body.duplicate-key")


def nonfinite(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "body.nonfinite")


def integer_form(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "integer.form")


def unexpected_body(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "body.unexpected")


def header_duplicate(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "header.duplicate")


def header_form(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "header.form")


def protocol_header(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "protocol.header")


def cbor_minimal(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "cbor.minimal")


def cbor_type(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "cbor.type")


def event_frame(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "event.frame")


def event_header(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "event.header")


def event_error(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "event.error")


def content_type(answer: DecodedResponse) -> Iterator[Breach]:
    if not looks_like_html(answer.response) and answer.expects_envelope:
        yield from _codec_breaches(answer, "content-type")


def member_place(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "member.place")


def xml_element(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "xml.element")


def xml_namespace(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "xml.namespace")


def xml_nesting(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "xml.nesting")


def xml_stray(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "xml.stray")


def xml_wrapper(answer: DecodedResponse) -> Iterator[Breach]:
    yield from _codec_breaches(answer, "xml.wrapper")


def _unfit(answer: DecodedResponse, *keywords: str, advisory: bool = False) -> Iterator[SchemaFinding]:
    """Schema findings of these keywords, but for places that the codec has found odd already."""
    odd: set[Path] = {finding.path for finding in answer.findings if finding.rule == "body.nonfinite"}
    for finding in answer.unfit:
        if finding.keyword in keywords and finding.advisory is advisory and finding.path not in odd:
            yield finding


def member_type(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "type", "pattern"):
        wrong_number = finding.keyword == "pattern" and finding.kind in ("float", "double")
        wrong_type = finding.keyword == "type" and finding.kind != "timestamp"
        if (wrong_type or wrong_number) and finding.value is not None:
            expected = _WORDS.get(finding.kind, f"JSON type {finding.bound}")
            yield Breach(finding.path, expected, shorten(finding.value))


def timestamp_form(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "type", "pattern", "format"):
        if finding.kind == "timestamp" and finding.value is not None:
            expected = _timestamp_words(finding)
            yield Breach(finding.path, expected, shorten(finding.value))


def _timestamp_words(finding: SchemaFinding) -> str:
    if finding.keyword == "type":
        return "a number (epoch seconds)" if finding.bound == "number" else "a date-time string"
    return "a timestamp in the documented text form" if finding.keyword == "pattern" else "a day that exists"


def _is_element(answer: DecodedResponse, path: Path) -> bool:
    """Whether a path ends in a list's index; map values are told by the schema's kind elsewhere."""
    return bool(path) and isinstance(path[-1], int)


def null_member(answer: DecodedResponse) -> Iterator[Breach]:
    required = {finding.path for finding in required_null(answer)}
    for finding in _unfit(answer, "type"):
        absent = finding.value is None and finding.path and finding.path not in required
        if absent and not _is_element(answer, finding.path):
            yield Breach(finding.path, "no member at all, or a value", "null")


def null_element(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "type"):
        if finding.value is None and _is_element(answer, finding.path):
            yield Breach(finding.path, "a value: the list is not sparse", "null")


def member_required(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "required"):
        yield Breach(finding.path, "the required member", "no such member")
    for finding in required_null(answer):
        yield Breach(finding.path, "the required member", "null")


def enum_value(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "enum"):
        if isinstance(finding.value, str):
            expected = "one of " + ", ".join(map(str, finding.bound[:10]))
            more = len(finding.bound) - 10
            yield Breach(
                finding.path, expected + (f" and {more} more" if more > 0 else ""), shorten(finding.value)
            )


def union_members(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "minProperties", "maxProperties"):
        value = finding.value if isinstance(finding.value, dict) else {}
        present = [name for name, item in value.items() if item is not None and name != "__type"]
        if len(present) != 1:
            got = " and ".join(present) if present else "none"
            yield Breach(finding.path, "exactly one member of the union", got)


def map_key(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in answer.unfit:
        if finding.keyword == "propertyNames" and not finding.advisory:
            yield Breach(finding.path, "keys of the documented values", shorten(list(finding.value)))


def integer_range(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "minimum", "maximum"):
        if finding.kind in ("integer", "long"):
            bits = 32 if finding.kind == "integer" else 64
            yield Breach(finding.path, f"a signed whole number of {bits} bits", shorten(finding.value))


def blob_base64(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "pattern"):
        if finding.kind == "blob":
            yield Breach(finding.path, "base64 with padding", shorten(finding.value))


def constraint_pattern(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "pattern", "propertyNames", advisory=True):
        yield Breach(finding.path, "a value of the documented pattern", shorten(finding.value))


def constraint_length(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, *_LENGTHS, advisory=True):
        size = len(finding.value) if hasattr(finding.value, "__len__") else "?"
        yield Breach(
            finding.path, f"{finding.keyword} {finding.bound}", f"{size}: {shorten(finding.value, 60)}"
        )


def constraint_range(answer: DecodedResponse) -> Iterator[Breach]:
    for finding in _unfit(answer, "minimum", "maximum", advisory=True):
        yield Breach(finding.path, f"{finding.keyword} {finding.bound}", shorten(finding.value))
