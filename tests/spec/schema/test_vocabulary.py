# SPDX-License-Identifier: Apache-2.0
"""The published meta-schemas: they hold every schema that is made, and find what is misspelt in one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # it publishes no types
from referencing import Resource

from aws_conformance.spec.botocore import load_service, service_names
from aws_conformance.spec.schema.vocabulary import (
    DIALECT_ID,
    SIDES,
    VOCABULARY_ID,
    meta_schema,
    vocabulary_schema,
)
from aws_conformance.spec.schema.write import dump_schema, side_schema

SCHEMAS = Path(__file__).parents[3] / "schemas"
COGNITO = load_service("cognito-idp")


@cache
def dialect() -> jsonschema.Draft202012Validator:
    published = [
        (identity, Resource.from_contents(schema))
        for identity, schema in ((VOCABULARY_ID, vocabulary_schema()), (DIALECT_ID, meta_schema()))
    ]
    return jsonschema.Draft202012Validator(meta_schema(), registry=REGISTRY.with_resources(published))


def complaints(schema: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in dialect().iter_errors(schema)]


def _subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object of a schema document; members that are named like keywords do no harm here."""
    if isinstance(schema, dict):
        yield schema
        for item in schema.values():
            yield from _subschemas(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _subschemas(item)


def test_the_published_files_are_what_the_functions_give() -> None:
    assert (SCHEMAS / "meta" / "x-aws.json").read_text("utf-8") == dump_schema(vocabulary_schema())
    assert (SCHEMAS / "meta" / "dialect.json").read_text("utf-8") == dump_schema(meta_schema())


def test_the_meta_schemas_are_schemas_and_describe_every_keyword() -> None:
    jsonschema.Draft202012Validator.check_schema(vocabulary_schema())
    jsonschema.Draft202012Validator.check_schema(meta_schema())
    for keyword, schema in vocabulary_schema()["properties"].items():
        assert keyword.startswith("x-aws-")
        assert schema["description"].endswith(".")


@pytest.mark.parametrize("quarter", range(4))
def test_every_cognito_schema_validates(quarter: int) -> None:
    checked = 0
    for operation in list(COGNITO.operations.values())[quarter::4]:
        for side in SIDES:
            schema = side_schema(COGNITO, operation, side, "json")
            assert complaints(schema) == [], f"{operation.name} {side}"
            checked += 1
    assert checked == 3 * len(list(COGNITO.operations)[quarter::4])


@pytest.mark.slow
def test_schemas_of_all_services_and_protocols_validate() -> None:
    """Every twentieth operation, by the fast engine; the test below holds the two engines together."""
    meta = jsonschema_rs.validator_for(
        meta_schema(),
        registry=jsonschema_rs.Registry([(VOCABULARY_ID, vocabulary_schema()), (DIALECT_ID, meta_schema())]),
    )
    protocols: set[str] = set()
    used: set[str] = set()
    checked = 0
    every = [(name, operation) for name in service_names() for operation in load_service(name).operations]
    for name, operation in every[::20]:
        service = load_service(name)
        for protocol in service.protocols:
            protocols.add(protocol)
            for side in SIDES:
                schema = side_schema(service, service.operations[operation], side, protocol)
                assert meta.is_valid(schema), f"{name} {operation} {side}: {complaints(schema)[:3]}"
                used |= {key for part in _subschemas(schema) for key in part if key.startswith("x-aws-")}
                checked += 1
    assert checked > 2900
    assert protocols == {"ec2", "json", "query", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"}
    defined = set(vocabulary_schema()["properties"])
    assert used <= defined
    # What so rare a sample need not hold.
    rare = {"json-value", "sparse", "event-stream", "host-label", "pattern-refused"}
    assert defined - used <= {f"x-aws-{name}" for name in rare}


def _edited(change: Any) -> dict[str, Any]:
    schema = copy.deepcopy(side_schema(COGNITO, COGNITO.operations["StartUserImportJob"], "input", "json"))
    change(schema)
    return schema


MISTAKES: list[tuple[str, Any]] = [
    ("a keyword misspelt at the root", lambda s: s.update({"x-aws-servise": "cognito-idp"})),
    (
        "a keyword misspelt in a definition",
        lambda s: s["$defs"]["UserPoolIdType"].update({"x-aws-senstive": True}),
    ),
    (
        "a keyword misspelt in a member",
        lambda s: s["$defs"]["StartUserImportJobRequest"]["properties"]["JobId"].update(
            {"x-aws-token": True}
        ),
    ),
    ("a misspelt keyword under items", lambda s: s.update({"items": {"x-aws-Type": "string"}})),
    ("a misspelt keyword under then", lambda s: s.update({"then": {"x-aws-typ": "string"}})),
    ("false instead of absence", lambda s: s.update({"x-aws-sensitive": False})),
    ("an unknown kind", lambda s: s.update({"x-aws-type": "text"})),
    ("an unknown side", lambda s: s.update({"x-aws-side": "response"})),
    ("an unknown timestamp format", lambda s: s.update({"x-aws-timestamp-format": "epoch"})),
    ("a pattern that is no text", lambda s: s.update({"x-aws-pattern": ["a"]})),
    ("a status that is no number", lambda s: s.update({"x-aws-http-status": "200"})),
    ("an error without a code", lambda s: s.update({"x-aws-error": {"httpStatusCode": 400, "fault": False}})),
    ("an advisory that is no constraint", lambda s: s.update({"x-aws-advisory": {"type": "string"}})),
    ("an advisory of a wrong type", lambda s: s.update({"x-aws-advisory": {"maxLength": "3"}})),
    ("an empty advisory", lambda s: s.update({"x-aws-advisory": {}})),
    ("a union of any number of members", lambda s: s.update({"x-aws-union": True})),
    (
        "a refused pattern that asserts all the same",
        lambda s: s.update({"x-aws-pattern": "a", "x-aws-pattern-refused": "b", "pattern": "a"}),
    ),
    ("a location's name without a location", lambda s: s.update({"x-aws-location-name": "x"})),
    ("a wrong keyword of the draft itself", lambda s: s.update({"minLength": -1})),
]


@pytest.mark.parametrize(("what", "change"), MISTAKES, ids=[what for what, _ in MISTAKES])
def test_a_mistake_is_noticed(what: str, change: Any) -> None:
    assert complaints(_edited(lambda _: None)) == []
    assert complaints(_edited(change)), what


def test_members_may_be_named_like_keywords() -> None:
    schema = {"type": "object", "properties": {"x-aws-anything": {"type": "string", "x-aws-type": "string"}}}
    assert complaints(schema) == []


def test_the_committed_files_validate_as_they_lie_there() -> None:
    file = SCHEMAS / "cognito-idp" / "CreateUserPool" / "input.json"
    assert complaints(json.loads(file.read_text("utf-8"))) == []
