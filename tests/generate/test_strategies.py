# SPDX-License-Identifier: Apache-2.0
"""Hypothesis as a driver: valid documents without any warning, which shrink to the smallest there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample
from tests.generate.readings import text_faults, visits

from aws_conformance.generate.strategies import documents
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema

COGNITO = load_service("cognito-idp")
# No health check is silenced, whatever profile Hypothesis loads by itself in CI.
QUIET = settings(max_examples=2000, database=None, deadline=None, suppress_health_check=())


def schema_of(operation: str) -> dict[str, Any]:
    return side_schema(COGNITO, COGNITO.operations[operation], "input", "json")


@pytest.mark.parametrize("operation", COGNITO.operations)
def test_documents_are_valid_and_no_health_check_fails(operation: str) -> None:
    schema = schema_of(operation)
    validator = compile_validator(schema)

    # Hypothesis judges the health of a strategy over its first ten documents.
    @settings(QUIET, max_examples=12, phases=[Phase.generate])
    @given(documents(schema))
    def valid(document: Any) -> None:
        assert validator.findings(document) == ()
        for name, place, value in visits(schema, document):
            if isinstance(value, str) and place.get("x-aws-type") == "string":
                assert text_faults(place, value) == [], name

    valid()


SIMPLEST: list[tuple[str, str, Callable[[Any], bool], Any]] = [
    ("anything", "CreateUserPool", lambda d: True, {"PoolName": "a"}),
    ("a longer name", "CreateUserPool", lambda d: len(d["PoolName"]) >= 5, {"PoolName": "aaaaa"}),
    (
        "two tags",
        "CreateUserPool",
        lambda d: len(d.get("UserPoolTags", ())) >= 2,
        {"PoolName": "a", "UserPoolTags": {"a": "", "aa": ""}},
    ),
    (
        "the last of an enumeration",
        "CreateUserPool",
        lambda d: d.get("MfaConfiguration") == "OPTIONAL",
        {"PoolName": "a", "MfaConfiguration": "OPTIONAL"},
    ),
    (
        "two members at once",
        "CreateUserPool",
        lambda d: "MfaConfiguration" in d and "UserPoolTier" in d,
        {"PoolName": "a", "MfaConfiguration": "OFF", "UserPoolTier": "LITE"},
    ),
    (
        "a number",
        "ListUserImportJobs",
        lambda d: d["MaxResults"] > 7,
        {"UserPoolId": "a_a", "MaxResults": 8},
    ),
]


@pytest.mark.parametrize(
    ("what", "operation", "wrong", "simplest"), SIMPLEST, ids=[row[0] for row in SIMPLEST]
)
def test_a_planted_fault_shrinks_to_the_simplest(
    what: str, operation: str, wrong: Callable[[Any], bool], simplest: Any
) -> None:
    assert find(documents(schema_of(operation)), wrong, settings=QUIET) == simplest, what


def test_a_failing_property_reports_the_simplest_document() -> None:
    shown: list[Any] = []

    @settings(QUIET, max_examples=300, derandomize=True)
    @given(documents(schema_of("CreateUserImportJob")))
    def planted(document: Any) -> None:
        shown.append(document)
        assert len(document["JobName"]) < 3

    with pytest.raises(AssertionError):
        planted()
    assert len(shown[-1]["JobName"]) == 3
    assert set(shown[-1]["JobName"]) == {"a"} or len(set(shown[-1]["JobName"])) == 1


def test_what_a_schema_forbids_is_not_generated() -> None:
    few = settings(QUIET, max_examples=100)
    with pytest.raises(NoSuchExample):
        find(documents(schema_of("ListUserImportJobs")), lambda d: d["MaxResults"] > 60, settings=few)
    assert HealthCheck.filter_too_much in HealthCheck
