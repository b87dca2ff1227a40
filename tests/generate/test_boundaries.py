# SPDX-License-Identifier: Apache-2.0
"""The enumerated documents: each boundary of each place once, all of them valid, none forgotten."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from tests.generate.readings import every_definition, text_faults, visits

from aws_conformance.generate.boundaries import boundaries, document_at, pointer_text, sites, value_at
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import minimal
from aws_conformance.protocols import resolve_protocol
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema

COGNITO = load_service("cognito-idp")
# Longer texts and larger collections are left out on purpose.
_LONGEST_TEXT = 131_072
_LARGEST = 1_000


def schema_of(operation: str, service: str = "cognito-idp") -> dict[str, Any]:
    loaded = load_service(service)
    return side_schema(loaded, loaded.operations[operation], "input", resolve_protocol(loaded))


def expected_values(definition: Mapping[str, Any]) -> set[Any]:
    """What the boundaries of a definition must show, told from its keywords alone."""
    boundary_values: set[Any] = set()
    match definition:
        case {"enum": [*values]}:
            boundary_values |= set(values)
        case {"type": "boolean"}:
            boundary_values |= {True, False}
        case {"type": "integer", "minimum": low, "maximum": high}:
            boundary_values |= {low, high}
        case {"type": "array"} | {"x-aws-type": "map"}:
            suffix = "Items" if definition["type"] == "array" else "Properties"
            boundary_values.add(definition.get(f"min{suffix}", 0))
            most = definition.get(f"max{suffix}")
            if most is not None and most <= _LARGEST:
                boundary_values.add(most)
        case {"type": "string", "x-aws-type": "string"} if "pattern" not in definition:
            boundary_values.add(definition.get("minLength", 0))
            if definition.get("maxLength", _LONGEST_TEXT + 1) <= _LONGEST_TEXT:
                boundary_values.add(definition["maxLength"])
    return boundary_values


def shown(definition: Mapping[str, Any], value: Any) -> Any:
    if "enum" in definition or isinstance(value, bool | int | float):
        return value
    return len(value)


@pytest.mark.parametrize("part", range(4))
def test_each_boundary_once_and_every_value_of_an_enumeration(part: int) -> None:
    kinds: Counter[str] = Counter()
    for operation in list(COGNITO.operations)[part::4]:
        schema = schema_of(operation)
        tree, validator = compile_schema(schema), compile_validator(schema)
        seen: dict[str, set[Any]] = defaultdict(set)
        labels: Counter[Any] = Counter()
        for boundary in boundaries(tree):
            labels[boundary.pointer, boundary.label] += 1
            assert validator.findings(boundary.document) == (), f"{operation} {boundary.label}"
            for name, place, value in visits(schema, boundary.document):
                seen[name].add(shown(place, value))
                if isinstance(value, str) and place.get("x-aws-type") == "string":
                    assert text_faults(place, value) == [], f"{operation} {name}"
        assert {label: count for label, count in labels.items() if count > 1} == {}
        for name, definition in every_definition(schema).items():
            missing = expected_values(definition) - seen[name]
            assert not missing, f"{operation} {name} never shows {missing}"
            kinds[definition.get("x-aws-type", "")] += 1
    assert min(kinds[kind] for kind in ("string", "list", "structure", "boolean", "integer")) > 0


def test_the_order_is_the_same_every_time() -> None:
    tree = compile_schema(schema_of("CreateUserPool"))
    first = [(boundary.pointer, boundary.label) for boundary in boundaries(tree)]
    assert first == [(boundary.pointer, boundary.label) for boundary in boundaries(tree)]
    assert first[0] == ((), "minimal")
    assert first[1] == ((), "all members")
    assert len(first) > 100


def test_a_place_is_in_the_document_that_is_built_around_it() -> None:
    tree = compile_schema(schema_of("CreateUserPool"))
    for site in sites(tree):
        value = minimal(tree, site.node)
        document = document_at(tree, site.pointer, value)
        assert value_at(document, site.pointer) == value
    with pytest.raises(LookupError, match="/x leads below a StringNode"):
        document_at(tree, ("PoolName", "x"), 1)


def test_an_empty_structure_is_a_boundary_of_its_own() -> None:
    tree = compile_schema(schema_of("CreateUserPool"))
    assert {"PoolName": "a", "AdminCreateUserConfig": {}} in [b.document for b in boundaries(tree)]


def test_keys_of_an_enumeration_are_shown_in_turn() -> None:
    schema = {
        "type": "object",
        "x-aws-type": "map",
        "propertyNames": {"type": "string", "enum": ["A", "B", "C"]},
        "additionalProperties": {"type": "boolean"},
    }
    documents = [boundary.document for boundary in boundaries(compile_schema(schema))]
    assert [documents[documents.index({key: False})] for key in "ABC"] == [
        {"A": False},
        {"B": False},
        {"C": False},
    ]


def test_recursive_shapes_end() -> None:
    schema = schema_of("PutItem", "dynamodb")
    tree, validator = compile_schema(schema), compile_validator(schema)
    all_boundaries = list(boundaries(tree))
    assert 50 < len(all_boundaries) < 5000
    for boundary in all_boundaries:
        assert validator.findings(boundary.document) == ()


def test_pointers_are_written_as_in_rfc_6901() -> None:
    assert pointer_text(()) == ""
    assert pointer_text(("a/b", "c~d", 0, "")) == "/a~1b/c~0d/0/"
