# SPDX-License-Identifier: Apache-2.0
"""Cases on an accepted input: their subject differs, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.grafting import grafted
from aws_conformance.cases.prerequisites import Prerequisites
from aws_conformance.cases.setup import SetupStep

BASE = {"Table": {"$from": "Make.Name"}, "Keys": [{"Name": "pk", "Type": "S"}], "Mode": "ON"}
RECIPE = Prerequisites(steps=(SetupStep("Make", "Make", {}),), base=BASE)


@pytest.mark.parametrize(
    ("template", "pointer", "sent"),
    [
        ({"Table": "a"}, (), BASE),
        ({"Table": "a", "Other": 1}, (), {**BASE, "Other": 1}),
        # An identifier that chance has made up names nothing, and would be refused for that alone.
        ({"Table": "a", "OwnerId": "x", "Ids": ["y"]}, (), {**BASE, "Ids": ["y"]}),
        ({"Table": "a", "OwnerId": "x"}, ("OwnerId",), {**BASE, "OwnerId": "x"}),
        # What a step makes that the recipe does not have can't be sent.
        ({"Other": {"$from": "Gone.Name"}}, (), BASE),
        ({"Table": "a", "Keys": [{"Name": "x", "Type": "N"}]}, ("Keys", 0, "Type"),
         {**BASE, "Keys": [{"Name": "pk", "Type": "N"}]}),
        ({"Table": "a", "Keys": []}, ("Keys",), {**BASE, "Keys": []}),
        ({"Table": 12}, ("Table",), {**BASE, "Table": 12}),
        ({"Mode": "ON"}, ("Table",), {"Keys": BASE["Keys"], "Mode": "ON"}),
        ({"Keys": [{"Type": "S"}]}, ("Keys", 0, "Name"), {**BASE, "Keys": [{"Type": "S"}]}),
        ({"Table": "a", "NotAMember": 1}, ("NotAMember",), {**BASE, "NotAMember": 1}),
        ("no document", (), "no document"),
    ],
)  # fmt: skip
def test_what_the_case_is_not_about_comes_from_the_accepted_input(
    template: Any, pointer: tuple[str | int, ...], sent: Any
) -> None:
    assert grafted(template, pointer, RECIPE) == sent


def test_without_an_accepted_input_nothing_changes() -> None:
    template = {"Table": {"$from": "Gone.Name"}}
    assert grafted(template, (), Prerequisites()) is template
