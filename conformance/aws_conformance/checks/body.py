# SPDX-License-Identifier: Apache-2.0
"""Checks of a response's document: its types, its members, its constraints, with their rows of the catalogue.

Each function looks at one rule in an interpreted answer and yields a Breach for each place that breaks
it. It refuses to know bytes (wire.py), and what a document means (meaning.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..protocols.findings import Path
from ..spec.schema.validate import SchemaFinding
from .check import DOCUMENT, Breach, Check
from .citations import JSON, MODEL, SDKS
from .meaning import required_null
from .response import AnswerCheck, DecodedResponse, shorten

__all__ = [
    "ROWS",
    "blob_base64",
    "constraint_length",
    "constraint_pattern",
    "constraint_range",
    "enum_value",
    "integer_range",
    "map_key",
    "member_required",
    "member_type",
    "null_element",
    "null_member",
    "timestamp_form",
    "union_members",
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


ROWS: tuple[AnswerCheck, ...] = (
    Check(
        "response.blob.base64",
        "A blob in a body of text is base64 with padding.",
        "error",
        "PROTOCOL",
        f"{JSON}: shape serialization; RFC 4648, section 4",
        blob_base64,
        about=DOCUMENT,
    ),
    Check(
        "response.body.type",
        "A member has the type of its shape, in the form that the protocol writes it in.",
        "error",
        "MODEL",
        f"{MODEL}; {JSON}: shape serialization; {SDKS}",
        member_type,
        about=DOCUMENT,
    ),
    Check(
        "response.constraint.length",
        "An output keeps to its documented length; AWS itself does not always.",
        "note",
        "MODEL",
        MODEL,
        constraint_length,
        about=DOCUMENT,
    ),
    Check(
        "response.constraint.pattern",
        "An output keeps to its documented pattern; AWS itself does not always.",
        "note",
        "MODEL",
        MODEL,
        constraint_pattern,
        about=DOCUMENT,
    ),
    Check(
        "response.constraint.range",
        "An output keeps to its documented range; AWS itself does not always.",
        "note",
        "MODEL",
        MODEL,
        constraint_range,
        about=DOCUMENT,
    ),
    Check(
        "response.enum.value",
        "A value of an enumeration is one of its documented values; new ones do appear.",
        "warning",
        "MODEL",
        MODEL,
        enum_value,
        about=DOCUMENT,
    ),
    Check(
        "response.integer.range",
        "A whole number fits the width of its shape: 32 bits for integer, 64 for long.",
        "error",
        "MODEL",
        f"{MODEL}; Smithy, simple types",
        integer_range,
        about=DOCUMENT,
    ),
    Check(
        "response.map.key",
        "A map's keys are of their documented enumeration.",
        "warning",
        "MODEL",
        MODEL,
        map_key,
        about=DOCUMENT,
    ),
    Check(
        "response.member.required",
        "A member that the model requires is present; AWS itself omits some.",
        "warning",
        "MODEL",
        MODEL,
        member_required,
        about=DOCUMENT,
    ),
    Check(
        "response.null.element",
        "A list that is not sparse holds no null; AWS itself sends some.",
        "warning",
        "PROTOCOL",
        "Smithy, sparse trait; strict SDKs refuse it",
        null_element,
        about=DOCUMENT,
    ),
    Check(
        "response.null.member",
        "An absent member is left out rather than sent as null; SDKs read both alike.",
        "note",
        "PROTOCOL",
        f"{JSON}: null equals absent",
        null_member,
        about=DOCUMENT,
    ),
    Check(
        "response.timestamp.form",
        "In AWS JSON 1.1 a timestamp without a timestampFormat is a number of epoch seconds.",
        "error",
        "PROTOCOL",
        f"{JSON}: timestamp formats; {SDKS}",
        timestamp_form,
        about=DOCUMENT,
    ),
    Check(
        "response.union.members",
        "A union has exactly one member.",
        "error",
        "PROTOCOL",
        "Smithy, union shape; strict SDKs refuse none and two",
        union_members,
        about=DOCUMENT,
    ),
)
