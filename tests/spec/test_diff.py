# SPDX-License-Identifier: Apache-2.0
"""What differs between two descriptions of a service, whom it breaks, and what is only silence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.cli_pages import parse_page
from aws_conformance.spec.diff import ASPECTS, ModelSource, differences, untold
from aws_conformance.spec.difference import Difference, to_json, to_text
from aws_conformance.spec.shapes import Service

SEED = Path(__file__).parents[1] / "data" / "start-user-import-job-2017.rst"


def service(
    accepted: Mapping[str, Any] | None = None,
    returned: Mapping[str, Any] | None = None,
    *,
    errors: tuple[str, ...] = (),
    operations: tuple[str, ...] = ("Make",),
    **shapes: Mapping[str, Any],
) -> Service:
    """A service whose operations share an input and an output, given as raw structures."""
    raw: dict[str, Any] = {
        "metadata": {"protocol": "json", "apiVersion": "2020-01-01"},
        "operations": {
            name: {
                "name": name,
                "input": {"shape": "In"},
                "output": {"shape": "Out"},
                "errors": [{"shape": error} for error in errors],
            }
            for name in operations
        },
        "shapes": {
            "In": {"type": "structure", "members": {}, **(accepted or {})},
            "Out": {"type": "structure", "members": {}, **(returned or {})},
            "Text": {"type": "string"},
            "Count": {"type": "integer"},
            **{error: {"type": "structure", "members": {}, "exception": True} for error in errors},
            **shapes,
        },
    }
    return parse_service("things", raw)


def structure(*required: str, **members: str) -> dict[str, Any]:
    return {
        "type": "structure",
        "required": list(required),
        "members": {name: {"shape": shape} for name, shape in members.items()},
    }


def compared(
    old: Service | ModelSource, new: Service | ModelSource
) -> list[tuple[str | None, str, str, bool, bool]]:
    return [
        (
            difference.side,
            difference.path,
            difference.kind,
            difference.breaks_requests,
            difference.breaks_responses,
        )
        for difference in differences(old, new)
    ]


def constrained(**facts: Any) -> Service:
    both = structure(A="Text")
    return service(both, both, Text={"type": "string", **facts})


# The seed.


def test_the_seed_against_the_installed_model() -> None:
    page = parse_page(SEED.read_text("utf-8"), name="seed")
    model = load_service("cognito-idp")
    source = ModelSource(page.service, page.carries, page.tentative)
    differing = differences(source, model)
    added = Difference(
        "StartUserImportJob",
        "output",
        "$.UserImportJob.PasswordHashingAlgorithm",
        "member added",
        new="string",
    )
    assert added in differing
    assert not [difference for difference in differing if difference.side == "error"], (
        "no page carries errors"
    )
    assert not [
        difference for difference in differing if difference.path.endswith(("UserPoolId", "JobId", "Status"))
    ]
    assert "PasswordHashingAlgorithm: member added (string)" in to_text(differing)
    (silence,) = untold(source, model)
    assert "OperationNotEnabledException" in silence


def test_no_difference() -> None:
    model = load_service("cognito-idp")
    assert differences(model, model) == ()
    assert to_text(()) == "No differences.\n"
    assert to_json(()) == []


# Alone difference of each kind, in both directions.


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            service(structure(A="Text")),
            service(structure(A="Text", B="Text")),
            [("input", "$.B", "member added", False, False)],
        ),
        (
            service(structure(A="Text")),
            service(structure("B", A="Text", B="Text")),
            [("input", "$.B", "member added", True, False)],
        ),
        (
            service(structure(A="Text", B="Text")),
            service(structure(A="Text")),
            [("input", "$.B", "member removed", True, False)],
        ),
        (
            service(None, structure(A="Text")),
            service(None, structure()),
            [("output", "$.A", "member removed", False, True)],
        ),
        (
            service(structure(A="Text"), structure(A="Text")),
            service(structure(A="Count"), structure(A="Count")),
            [
                ("input", "$.A", "type changed", True, False),
                ("output", "$.A", "type changed", False, True),
            ],
        ),
        (
            service(structure(A="Text"), structure(A="Text")),
            service(structure("A", A="Text"), structure("A", A="Text")),
            [
                ("input", "$.A", "became required", True, False),
                ("output", "$.A", "became required", False, False),
            ],
        ),
        (
            service(structure("A", A="Text"), structure("A", A="Text")),
            service(structure(A="Text"), structure(A="Text")),
            [
                ("input", "$.A", "became optional", False, False),
                ("output", "$.A", "became optional", False, True),
            ],
        ),
        (
            constrained(enum=["A", "B"]),
            constrained(enum=["B", "C"]),
            [
                ("input", "$.A", "enum value removed", True, False),
                ("input", "$.A", "enum value added", False, False),
                ("output", "$.A", "enum value removed", False, False),
                ("output", "$.A", "enum value added", False, True),
            ],
        ),
        (
            constrained(min=1, max=9),
            constrained(min=2, max=10),
            [
                ("input", "$.A", "constraint changed", True, False),
                ("input", "$.A", "constraint changed", False, False),
                ("output", "$.A", "constraint changed", False, False),
                ("output", "$.A", "constraint changed", False, False),
            ],
        ),
        (
            constrained(pattern="[a-z]+"),
            constrained(max=9),
            [
                ("input", "$.A", "constraint added", True, False),
                ("input", "$.A", "constraint removed", False, False),
                ("output", "$.A", "constraint added", False, False),
                ("output", "$.A", "constraint removed", False, False),
            ],
        ),
        (
            constrained(),
            constrained(sensitive=True),
            [
                ("input", "$.A", "sensitivity changed", False, False),
                ("output", "$.A", "sensitivity changed", False, False),
            ],
        ),
        (
            service(structure(A="Alone"), Alone=structure(B="Text")),
            service(structure(A="Alone"), Alone={**structure(B="Text"), "union": True}),
            [("input", "$.A", "became a union", True, False)],
        ),
        (
            service(structure(A="Raw"), Raw={"type": "blob"}),
            service(structure(A="Raw"), Raw={"type": "blob", "streaming": True}),
            [("input", "$.A", "streaming changed", True, False)],
        ),
        (
            service(errors=("Gone", "Kept")),
            service(errors=("Kept", "New")),
            [
                ("error", "", "error removed", False, False),
                ("error", "", "error added", False, False),
            ],
        ),
        (
            service(operations=("Make", "Drop")),
            service(operations=("Make", "Find")),
            [
                (None, "", "operation removed", True, True),
                (None, "", "operation added", False, False),
            ],
        ),
    ],
)
def test_kinds_and_whom_they_break(
    old: Service, new: Service, expected: list[tuple[str | None, str, str, bool, bool]]
) -> None:
    assert compared(old, new) == expected
    assert compared(old, old) == compared(new, new) == []


def test_paths_through_lists_and_maps() -> None:
    shapes: dict[str, Any] = {
        "Many": {"type": "list", "member": {"shape": "Table"}},
        "Table": {"type": "map", "key": {"shape": "Key"}, "value": {"shape": "Alone"}},
    }
    old = service(structure(A="Many"), None, **shapes, Key={"type": "string"}, Alone=structure())
    new = service(
        structure(A="Many"), None, **shapes, Key={"type": "string", "max": 9}, Alone=structure(B="Text")
    )
    assert [(difference.path, difference.kind) for difference in differences(old, new)] == [
        ("$.A[]{key}", "constraint added"),
        ("$.A[]{}.B", "member added"),
    ]


def test_recursion_ends_and_a_pair_is_compared_once() -> None:
    recursive: dict[str, Any] = {
        "Node": structure(Next="Node", Others="Nodes"),
        "Nodes": {"type": "list", "member": {"shape": "Node"}},
    }
    old = service(structure(A="Node", B="Node"), **recursive)
    new = service(structure(A="Node", B="Node"), **{**recursive, "Node": structure(Next="Node", Name="Text")})
    assert [(difference.path, difference.kind) for difference in differences(old, new)] == [
        ("$.A.Others", "member removed"),
        ("$.A.Name", "member added"),
    ]


def test_operations_can_be_chosen() -> None:
    old = service(structure(A="Text"), operations=("Make", "Find"))
    new = service(structure(B="Text"), operations=("Make", "Find"))
    assert {difference.operation for difference in differences(old, new, ["Find"])} == {"Find"}


def test_idempotency_tokens_are_not_asked_for() -> None:
    token = {"type": "structure", "members": {"T": {"shape": "Text", "idempotencyToken": True}}}
    assert compared(service(structure(T="Text")), service({**token, "required": ["T"]})) == []


# Silence.


@pytest.mark.parametrize(
    ("aspect", "poor", "rich"),
    [
        ("operations", service(operations=("Make",)), service(operations=("Make", "Find"))),
        ("errors", service(), service(errors=("New",))),
        ("sensitivity", constrained(), constrained(sensitive=True)),
        ("input.members", service(structure()), service(structure(A="Text"))),
        (
            "output.members.nested",
            service(None, structure(A="Alone"), Alone=structure()),
            service(None, structure(A="Alone"), Alone=structure(B="Text")),
        ),
        ("input.required", service(structure(A="Text")), service(structure("A", A="Text"))),
        (
            "input.required.nested",
            service(structure(A="Alone"), Alone=structure(B="Text")),
            service(structure(A="Alone"), Alone=structure("B", B="Text")),
        ),
        (
            "output.enums",
            service(None, structure(A="Kind"), Kind={"type": "string"}),
            service(None, structure(A="Kind"), Kind={"type": "string", "enum": ["X"]}),
        ),
        (
            "input.constraints",
            service(structure(A="Kind"), Kind={"type": "string"}),
            service(structure(A="Kind"), Kind={"type": "string", "pattern": "x", "min": 1}),
        ),
    ],
)
def test_silence_counts_only_where_the_silent_side_could_speak(
    aspect: str, poor: Service, rich: Service
) -> None:
    without = ASPECTS - {aspect}
    assert compared(poor, rich) != []
    assert compared(rich, poor) != []
    assert compared(ModelSource(poor, without), rich) == []
    assert compared(rich, ModelSource(poor, without)) == []


def test_what_both_say_is_compared_whatever_they_carry() -> None:
    """A page lists enum values of outputs in prose only, but where it lists them they can be compared."""
    old, new = constrained(enum=["A"]), constrained(enum=["A", "B"])
    assert ("output", "$.A", "enum value added", False, True) in compared(ModelSource(old, frozenset()), new)


def test_values_in_prose_are_no_difference_to_a_side_that_lists_none() -> None:
    old, new = constrained(enum=["A"]), constrained()
    assert compared(old, new) != []
    assert compared(ModelSource(old, tentative=frozenset({"Text"})), new) == []
    assert compared(new, ModelSource(old, tentative=frozenset({"Text"}))) == []


# Reports.


def test_text_marks_what_breaks() -> None:
    differing = differences(
        service(structure(A="Text"), structure(B="Text"), errors=("Gone",)),
        service(structure("A", A="Text"), structure(B="Count"), errors=("New",)),
    )
    assert to_text(differing).splitlines() == [
        "Make input $.A: became required (breaks requests)",
        "Make output $.B: type changed from string to integer (breaks responses)",
        "Make error: error removed Gone",
        "Make error: error added New",
    ]


def test_json_is_plain_data_in_the_same_order() -> None:
    differing = differences(constrained(min=1), constrained(min=2))
    plain = json.loads(json.dumps(to_json(differing)))
    assert plain[0] == {
        "operation": "Make",
        "side": "input",
        "path": "$.A",
        "kind": "constraint changed",
        "old": {"min": 1},
        "new": {"min": 2},
        "breaks_requests": True,
        "breaks_responses": False,
    }
    assert [difference["side"] for difference in plain] == ["input", "output"]
    assert to_text(differing).startswith("Make input $.A: constraint changed from min 1 to min 2")


def test_a_partial_list_says_nothing_by_silence() -> None:
    """Values that stand in prose, and structures whose members a page leaves out, in both directions."""
    kinds = {"type": "string", "enum": ["a", "b"]}
    model = service(structure(A="Kind", B="Switch"), Kind=kinds, Switch=structure(Value="Text"))
    page = service(structure(A="Kind", B="Switch"), Kind={**kinds, "enum": ["a", "c"]}, Switch=structure())
    part = ModelSource(page, tentative=frozenset({"Kind", "Switch"}))
    assert [str(difference.kind) for difference in differences(part, model)] == ["enum value removed"]
    assert [str(difference.kind) for difference in differences(model, part)] == ["enum value added"]
    assert len(differences(page, model)) == len(differences(model, page)) == 3
