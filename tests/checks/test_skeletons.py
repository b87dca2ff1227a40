# SPDX-License-Identifier: Apache-2.0
"""Where a printed skeleton does not fit its shape, and where what was printed is not what was said."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from aws_conformance.checks.check import Breach
from aws_conformance.checks.command import breach_at
from aws_conformance.checks.skeletons import Misfit, differences, misfits
from aws_conformance.spec.shapes import (
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Service,
    StringShape,
    StructureShape,
    TimestampShape,
)


def _structure(
    name: str, required: tuple[str, ...] = (), union: bool = False, **targets: str
) -> StructureShape:
    members = {member: Member(member, target) for member, target in targets.items()}
    return StructureShape(name, MappingProxyType(members), required=required, union=union)


SHAPES = (
    _structure(
        "Things",
        ("Text",),
        Text="Text",
        Choice="Choice",
        Flag="Flag",
        Count="Count",
        Ratio="Ratio",
        When="When",
        Any="Any",
        Texts="Texts",
        ByName="ByName",
        Either="Either",
        Inner="Inner",
        Secret="Secret",
    ),
    _structure("Inner", Again="Inner", Count="Count"),
    _structure("Either", union=True, One="Text", Other="Count"),
    StringShape("Text"),
    StringShape("Choice", enum=("A", "B")),
    StringShape("Secret", sensitive=True),
    BooleanShape("Flag"),
    IntegerShape("Count", 32),
    FloatShape("Ratio", 32),
    TimestampShape("When"),
    DocumentShape("Any"),
    ListShape("Texts", Member("member", "Text")),
    MapShape("ByName", Member("key", "Text"), Member("value", "Count")),
)
SERVICE = Service("things", "", ("json",), {}, {shape.name: shape for shape in SHAPES})
SKELETON: dict[str, Any] = {
    "Text": "",
    "Choice": "A",
    "Flag": True,
    "Count": 0,
    "Ratio": 0.5,
    "When": "1970-01-01T00:00:00",
    "Any": {},
    "Texts": [""],
    "ByName": {"KeyName": 0},
    "Either": {"One": ""},
    "Inner": {"Again": {}, "Count": 0},
    "Secret": "",
}


def test_a_skeleton_that_fits() -> None:
    assert list(misfits(SERVICE, "Things", SKELETON, "$input")) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Text": 1}, [Misfit("type", "$input.Text", "a string", "1")]),
        ({"Flag": 0}, [Misfit("type", "$input.Flag", "true or false", "0")]),
        ({"Count": True}, [Misfit("type", "$input.Count", "a number", "true")]),
        ({"Count": 0.5}, [Misfit("type", "$input.Count", "a number", "0.5")]),
        ({"Ratio": False}, [Misfit("type", "$input.Ratio", "a number", "false")]),
        ({"Texts": {}}, [Misfit("type", "$input.Texts", "a list", "{}")]),
        ({"Texts": [1, "", 2]}, [Misfit("type", "$input.Texts[*]", "a string", text) for text in ("1", "2")]),
        ({"ByName": []}, [Misfit("type", "$input.ByName", "an object", "[]")]),
        ({"ByName": {"KeyName": ""}}, [Misfit("type", "$input.ByName[*]", "a number", '""')]),
        ({"Choice": "C"}, [Misfit("type", "$input.Choice", "one of A, B", '"C"')]),
        ({"When": 0}, [Misfit("type", "$input.When", "a string", "0")]),
        (
            {"When": "1970-01-01T00:00:00Z"},
            [Misfit("timestamp", "$input.When", '"1970-01-01T00:00:00"', '"1970-01-01T00:00:00Z"')],
        ),
        ({"Zzz": 1}, [Misfit("unknown", "$input.Zzz", "a member of the shape", '"Zzz"')]),
        ({"Inner": {"Again": {}}}, [Misfit("missing", "$input.Inner.Count", "the member", "nothing")]),
        # Where it stands within itself a structure may be cut off, but not be anything else.
        ({"Inner": {"Again": 1, "Count": 0}}, [Misfit("type", "$input.Inner.Again", "an object", "1")]),
        # Of a tagged union any member will do.
        ({"Either": {"Other": 0}}, []),
        ({"Either": {"Zzz": 0}}, [Misfit("unknown", "$input.Either.Zzz", "a member of the shape", '"Zzz"')]),
    ],
)
def test_what_does_not_fit(change: dict[str, Any], expected: list[Misfit]) -> None:
    assert list(misfits(SERVICE, "Things", SKELETON | change, "$input")) == expected


@pytest.mark.parametrize(("member", "kind"), [("Text", "required"), ("Flag", "missing")])
def test_what_is_missing(member: str, kind: Any) -> None:
    skeleton = {name: value for name, value in SKELETON.items() if name != member}
    assert list(misfits(SERVICE, "Things", skeleton, "$input")) == [
        Misfit(kind, f"$input.{member}", "the member", "nothing")
    ]


def test_an_output_may_show_what_is_no_value_of_the_enumeration() -> None:
    assert list(misfits(SERVICE, "Things", SKELETON | {"Choice": ""}, "$output")) == []


def test_a_side_without_a_shape_is_the_empty_object() -> None:
    assert list(misfits(SERVICE, None, {})) == []
    assert list(misfits(SERVICE, None, {"A": 1})) == [Misfit("type", "$", "{}", '{"A": 1}')]


ANSWER: dict[str, Any] = SKELETON | {"When": 1_700_000_000.25, "Secret": "s3cret"}


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ({}, []),
        # An instant is the same in any form, to the millisecond.
        ({"When": "2023-11-14T22:13:20.250000+00:00"}, []),
        (
            {"When": "2023-11-14T22:13:21.250000+00:00"},
            [breach_at("$.When", "1700000000.25", '"2023-11-14T22:13:21.250000+00:00"')],
        ),
        ({"When": "yesterday"}, [breach_at("$.When", "1700000000.25", '"yesterday"')]),
        ({"Count": 1}, [breach_at("$.Count", "0", "1")]),
        ({"Count": False}, [breach_at("$.Count", "0", "false")]),
        ({"Texts": [""] * 2}, [breach_at("$.Texts", '[""]', '["", ""]')]),
        ({"Texts": ["x"]}, [breach_at("$.Texts[*]", '""', '"x"')]),
        ({"ByName": {}}, [breach_at("$.ByName", '{"KeyName": 0}', "{}")]),
        ({"ByName": {"KeyName": 1}}, [breach_at("$.ByName[*]", "0", "1")]),
        ({"Any": {"a": 1}}, [breach_at("$.Any", "{}", '{"a": 1}')]),
        ({"Inner": {"Again": {}, "Count": 1}}, [breach_at("$.Inner.Count", "0", "1")]),
        ({"Secret": "other"}, [breach_at("$.Secret", "(a sensitive value)", "(another value)")]),
        ({"Zzz": 1}, [breach_at("$.Zzz", "nothing: the service did not say it", "1")]),
    ],
)
def test_what_was_printed_is_what_was_said(printed: dict[str, Any], expected: list[Breach]) -> None:
    assert list(differences(SERVICE, "Things", ANSWER, ANSWER | printed, None)) == expected


def test_what_was_left_out_is_missed_unless_the_command_does_not_know_it() -> None:
    printed = {name: value for name, value in ANSWER.items() if name != "Text"}
    missed = [breach_at("$.Text", '""', "nothing")]
    assert list(differences(SERVICE, "Things", ANSWER, printed, None)) == missed
    assert list(differences(SERVICE, "Things", ANSWER, printed, SKELETON)) == missed
    older = {name: value for name, value in SKELETON.items() if name != "Text"}
    assert list(differences(SERVICE, "Things", ANSWER, printed, older)) == []


def test_what_the_command_does_not_know_is_seen_below_lists_and_structures() -> None:
    shapes = {**SERVICE.shapes, "Inners": ListShape("Inners", Member("member", "Inner"))}
    shapes["Root"] = _structure("Root", Inners="Inners", Inner="Inner")
    service = Service("things", "", ("json",), {}, shapes)
    said = {"Inners": [{"Count": 1}, {"Count": 2}], "Inner": {"Count": 3}}
    printed: dict[str, Any] = {"Inners": [{}, {}], "Inner": {}}
    older = {"Inners": [{"Again": {}}], "Inner": {"Again": {}}}
    assert list(differences(service, "Root", said, printed, older)) == []
    newer = {"Inners": [{"Count": 0}], "Inner": {"Count": 0}}
    assert [breach.path[0] for breach in differences(service, "Root", said, printed, newer)] == [
        "$.Inners[*].Count",
        "$.Inners[*].Count",
        "$.Inner.Count",
    ]


def test_what_the_service_left_empty_may_be_left_out() -> None:
    said = ANSWER | {"Text": None}
    printed = {name: value for name, value in ANSWER.items() if name != "Text"}
    assert list(differences(SERVICE, "Things", said, printed, None)) == []
    assert list(differences(SERVICE, "Things", said, ANSWER, None)) == [
        breach_at("$.Text", "nothing: the service did not say it", '""')
    ]
