# SPDX-License-Identifier: Apache-2.0
"""What a run sends unless it is asked for all: each constraint of each shape once, within a budget."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from aws_conformance.cases.budget import candidates, repeated_places
from aws_conformance.cases.cases import enumerated_cases, first_case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.planned import planned_cases
from aws_conformance.engine.plan import BUDGET
from aws_conformance.generate.boundaries import distinct_sites, pointer_text, sites
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.mutations import MutationDraft, mutation_drafts
from aws_conformance.generate.values import minimal

COGNITO = contract_of("cognito-idp")
TWO_PHASES: Any = ("enumerated", "random")

_POINT = {
    "type": "object",
    "properties": {
        "X": {"$ref": "#/$defs/Number"},
        "Name": {"$ref": "#/$defs/Name"},
    },
    "required": ["X"],
    "additionalProperties": False,
}
SHARED = compile_schema(
    {
        "$ref": "#/$defs/Root",
        "$defs": {
            "Number": {"type": "integer", "minimum": 1, "maximum": 5},
            "Name": {"type": "string", "minLength": 1, "maxLength": 8},
            "Point": _POINT,
            "Line": {
                "type": "object",
                "properties": {"From": {"$ref": "#/$defs/Point"}, "To": {"$ref": "#/$defs/Point"}},
                "additionalProperties": False,
            },
            "Root": {
                "type": "object",
                "properties": {"A": {"$ref": "#/$defs/Line"}, "B": {"$ref": "#/$defs/Line"}},
                "additionalProperties": False,
            },
        },
    }
)


def test_a_shape_is_entered_where_it_is_met_first() -> None:
    places = [pointer_text(site.pointer) for site in distinct_sites(SHARED)]
    # B is a member of the root, and there; what is within a Line and within a Point is there once.
    assert places == ["", "/A", "/B", "/A/From", "/A/From/X", "/A/From/Name"]
    assert repeated_places(SHARED) == len(list(sites(SHARED))) - 6


def _ranked_drafts() -> list[tuple[MutationDraft, int]]:
    return [
        (candidate.source, candidate.rank)
        for candidate in candidates(SHARED)
        if isinstance(candidate.source, MutationDraft)
    ]


def test_every_constraint_of_every_shape_is_broken_before_any_is_broken_twice() -> None:
    every = {
        (draft.site.shape, draft.keyword, draft.member) for draft in mutation_drafts(SHARED, sites(SHARED))
    }
    first = {(draft.site.shape, draft.keyword, draft.member) for draft, rank in _ranked_drafts() if rank == 0}
    assert first == every


def test_the_default_sends_no_case_twice_and_is_a_part_of_all() -> None:
    kinds: Counter[str] = Counter()
    for name in ("StartUserImportJob", "SignUp", "CreateUserPool", "UpdateUserPool"):
        operation = COGNITO.operation(name)
        planned = planned_cases(COGNITO.of(operation), TWO_PHASES, 7, 50, budget=BUDGET)
        ids = [case.info.id for case in planned.cases]
        assert len(ids) == len(set(ids)), name
        assert len(ids) <= BUDGET + 50
        every = {case.info.id for case in enumerated_cases(COGNITO.of(operation))}
        own = {case.info.id for case in planned.cases if case.info.phase == "enumerated"}
        assert own <= every
        # What a budget takes away is counted.
        assert (len(own) < len(every)) == bool(planned.left_out.cases)
        kinds.update(case.info.kind for case in planned.cases)
    assert set(kinds) == {"positive", "unbound", "tolerance", "negative", "fault", "probe"}


def test_exhaustive_sends_all_and_leaves_nothing_out() -> None:
    operation = COGNITO.operation("CreateUserPool")
    planned = planned_cases(COGNITO.of(operation), ("enumerated",), 7, 0, budget=None)
    assert [case.info for case in planned.cases] == [
        case.info for case in enumerated_cases(COGNITO.of(operation))
    ]
    assert planned.left_out.cases == planned.left_out.places == 0


def test_a_space_that_is_exhausted_is_not_padded() -> None:
    operation = COGNITO.operation("GetCSVHeader")
    few = planned_cases(COGNITO.of(operation), ("random",), 7, 40, budget=BUDGET).cases
    assert len({case.info.id for case in few}) == len(few) < 40


def test_the_enumeration_begins_with_the_first_case() -> None:
    for name in ("CreateUserPool", "StartUserImportJob"):
        operation = COGNITO.operation(name)
        first = first_case(COGNITO.of(operation))
        assert first is not None
        assert first.info == next(enumerated_cases(COGNITO.of(operation))).info


def test_a_union_without_a_simple_member_ends() -> None:
    schema = {
        "$ref": "#/$defs/Condition",
        "$defs": {
            "Condition": {
                "type": "object",
                "properties": {
                    "Not": {"$ref": "#/$defs/Condition"},
                    "All": {"type": "array", "items": {"$ref": "#/$defs/Condition"}, "minItems": 1},
                    "Is": {
                        "type": "object",
                        "properties": {"Name": {"type": "string"}},
                        "required": ["Name"],
                    },
                },
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
            }
        },
    }
    tree = compile_schema(schema)
    assert minimal(tree, tree.root) == {"Is": {"Name": ""}}


def test_operations_with_recursive_unions_and_impossible_patterns_have_cases() -> None:
    # glue's condition unions contain themselves; a pattern of ec2 has an anchor in its middle.
    for service, name in (
        ("glue", "CreateJob"),
        ("ec2", "CreateSnapshots"),
        ("ec2", "DescribePlacementGroups"),
    ):
        contract = contract_of(service)
        planned = planned_cases(contract.of(contract.operation(name)), ("enumerated",), 7, 0, budget=BUDGET)
        assert 30 < len(planned.cases) <= BUDGET, name


def test_random_cases_that_are_to_be_refused_come_last() -> None:
    operation = COGNITO.operation("CreateGroup")
    random = planned_cases(COGNITO.of(operation), ("random",), 7, 60, budget=BUDGET).cases
    refusable = [case.info.kind == "negative" for case in random]
    assert refusable == sorted(refusable)
    assert {*refusable} == {True, False}


@pytest.mark.parametrize("name", ["UpdateUserPool", "CreateUserPool"])
def test_null_is_tried_for_every_member_of_a_large_request(name: str) -> None:
    """A target may look at any of them by a rule of its own, as one emulator does at `UserPoolTier` alone."""
    operation = COGNITO.operation(name)
    planned = planned_cases(COGNITO.of(operation), ("enumerated",), 7, 0, budget=BUDGET)
    assert planned.left_out.cases
    assert len(planned.cases) <= BUDGET
    nulls = {case.info.pointer for case in planned.cases if case.info.value_class.startswith("null")}
    members = COGNITO.service.structure(operation.input).members
    assert {f"/{member}" for member in members} <= nulls
