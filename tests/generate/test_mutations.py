# SPDX-License-Identifier: Apache-2.0
"""Mutations: each place broken in each way once, by exactly one fault that survives the wire."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest

from aws_conformance.choices import SeededChoices
from aws_conformance.generate.boundaries import sites
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.mutations import Mutation, enumerated_mutations, mutations_at, places_within
from aws_conformance.generate.values import generate
from aws_conformance.protocols import codec_for, resolve_protocol
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import SchemaFinding, Validator, compile_validator
from aws_conformance.spec.schema.write import side_schema

COGNITO = load_service("cognito-idp")
CODEC = codec_for(COGNITO, "json")
S = {"type": "string", "x-aws-type": "string"}


def schema_of(operation: str, service: str = "cognito-idp") -> dict[str, Any]:
    loaded = load_service(service)
    return side_schema(loaded, loaded.operations[operation], "input", resolve_protocol(loaded))


def after_the_wire(operation: str, mutation: Mutation, validator: Validator) -> SchemaFinding:
    """The one fault that a server finds in the document that it decodes."""
    request = CODEC.encode_request(COGNITO, COGNITO.operations[operation], mutation.document)
    decoded = CODEC.decode_request(COGNITO, request)
    assert (decoded.operation, decoded.readable, decoded.findings) == (operation, True, ())
    (finding,) = validator.findings(decoded.document)
    assert finding.keyword == mutation.keyword, f"{operation} {mutation.pointer}"
    assert not finding.advisory
    return finding


@pytest.mark.parametrize("part", range(4))
def test_each_single_mutation_once_with_its_finding_after_the_wire(part: int) -> None:
    keywords: Counter[str] = Counter()
    for operation in list(COGNITO.operations)[part::4]:
        schema = schema_of(operation)
        tree, validator = compile_schema(schema), compile_validator(schema)
        seen: Counter[Any] = Counter()
        for mutation in enumerated_mutations(tree):
            seen[mutation.pointer, mutation.keyword, mutation.value_class] += 1
            finding = after_the_wire(operation, mutation, validator)
            # A list's element and a map's value stand for all; the place is otherwise the pointer.
            place = "".join(f"/{'*' if isinstance(step, int) else step}" for step in finding.path)
            if "*" not in mutation.place:
                assert place == mutation.place
            assert place.count("/") == mutation.place.count("/")
            keywords[mutation.keyword] += 1
        assert {key: count for key, count in seen.items() if count > 1} == {}
    for keyword in ("type", "required", "minLength", "maxLength", "pattern", "enum", "additionalProperties"):
        assert keywords[keyword] > 0, keyword
    assert sum(keywords.values()) > 1000


def test_every_constraint_of_a_place_is_broken() -> None:
    """Judged by the schema's keywords: nothing that asserts is left unbroken."""
    for operation in ("CreateUserPool", "ListUserImportJobs", "SetUICustomization", "AdminCreateUser"):
        tree = compile_schema(schema_of(operation))
        broken: dict[Any, set[str]] = {}
        for mutation in enumerated_mutations(tree):
            base = mutation.pointer
            if mutation.keyword in ("required", "additionalProperties"):
                base = base[:-1]
            broken.setdefault(base, set()).add(mutation.keyword)
        for site in sites(tree):
            keywords = {"type"} if site.pointer else set()
            match type(site.node).__name__:
                case "EnumNode":
                    keywords |= {"enum"}
                case "IntegerNode":
                    keywords |= {"minimum", "maximum"}
                case "ObjectNode":
                    keywords |= {"additionalProperties"}
                case "ListNode" if site.node.min:  # type: ignore[union-attr]  # matched by its name
                    keywords |= {"minItems"}
                case "AnyNode":
                    keywords = set()
            assert keywords <= broken.get(site.pointer, set()), f"{operation} {site.pointer}"


@pytest.mark.parametrize("operation", ["CreateUserPool", "AdminCreateUser", "CreateTerms", "SignUp"])
def test_random_documents_are_broken_in_a_single_place_and_stay_as_they_are(operation: str) -> None:
    schema = schema_of(operation)
    tree, validator = compile_schema(schema), compile_validator(schema)
    seen: Counter[str] = Counter()
    for seed in range(25):
        choices = SeededChoices(f"{operation}:{seed}")
        document = generate(tree, choices)
        before = copy.deepcopy(document)
        for place in places_within(tree, document):
            for mutation in (make() for make in mutations_at(tree, document, place, choices)):
                # As text: to Python, true equals 1.
                assert json.dumps(mutation.document) != json.dumps(before)
                findings = validator.findings(mutation.document)
                assert {finding.keyword for finding in findings} == {mutation.keyword}
                seen[mutation.value_class] += 1
        assert document == before
    assert seen["missing"] > 0
    assert sum(seen.values()) > 200


def classes(schema: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What is broken in a schema of one's own; each is checked to be the only fault."""
    tree, validator = compile_schema(schema), compile_validator(schema)
    seen = set()
    for mutation in enumerated_mutations(tree):
        (finding,) = validator.findings(mutation.document)
        assert finding.keyword == mutation.keyword
        seen.add((mutation.place, mutation.keyword, mutation.value_class))
    return seen


def wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": schema}, "additionalProperties": False}


def test_null_is_classified_by_where_it_stands() -> None:
    schema = {
        "type": "object",
        "properties": {
            "must": S,
            "may": S,
            "list": {"type": "array", "items": S},
            "map": {"type": "object", "x-aws-type": "map", "additionalProperties": S},
        },
        "required": ["must"],
        "additionalProperties": False,
    }
    nulls = {(place, label) for place, _, label in classes(schema) if label.startswith("null")}
    assert {("/must", "null (required)"), ("/may", "null (optional)")} <= nulls
    assert {("/list/*", "null (element)"), ("/map/*", "null (element)")} <= nulls
    tree = compile_schema(schema)
    document = {"must": "x", "list": ["y"], "map": {"any key": "z"}}
    labels = {
        (mutation.place, mutation.value_class)
        for place in places_within(tree, document)
        for mutation in (make() for make in mutations_at(tree, document, place, SeededChoices(1)))
        if mutation.value_class.startswith("null (e")
    }
    assert labels == {("/list/*", "null (element)"), ("/map/*", "null (element)")}


def test_unions_numbers_blobs_and_timestamps() -> None:
    union = {
        "type": "object",
        "properties": {"x": S, "y": S},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    labels = {(keyword, label) for _, keyword, label in classes(wrapped(union))}
    assert {("maxProperties", "two members"), ("minProperties", "no member")} <= labels
    number = {"type": ["number", "string"], "pattern": r"^(?:NaN|-?Infinity)(?![\s\S])", "minimum": 1}
    labels = {(keyword, label) for place, keyword, label in classes(wrapped(number)) if place == "/a"}
    assert {("minimum", "below"), ("pattern", "string"), ("type", "boolean")} <= labels
    assert ("type", "string") not in labels
    cloudwatch = classes(schema_of("GetMetricStatistics", "cloudwatch"))
    assert ("/StartTime", "type", "string") in cloudwatch
    ec2 = {row for row in classes(schema_of("CreateFleet", "ec2")) if row[0] == "/ValidFrom"}
    assert {("pattern", "not a timestamp"), ("format", "no such day"), ("type", "number")} <= {
        (keyword, label) for _, keyword, label in ec2
    }
    blob = {
        "type": "string",
        "contentEncoding": "base64",
        "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        "x-aws-min-bytes": 1,
        "x-aws-max-bytes": 3,
        "minLength": 4,
        "maxLength": 4,
    }
    labels = {(keyword, label) for _, keyword, label in classes(wrapped(blob))}
    assert {("pattern", "not base64"), ("minLength", "one quantum less")} <= labels
    assert ("maxLength", "one quantum more") in labels


def test_keys_of_maps_are_broken_too() -> None:
    schema = {
        "type": "object",
        "x-aws-type": "map",
        "propertyNames": {**S, "minLength": 2, "maxLength": 3},
        "additionalProperties": S,
    }
    labels = {label for _, keyword, label in classes(wrapped(schema)) if keyword == "propertyNames"}
    assert labels == {"key shorter", "key longer"}
    schema["propertyNames"] = {**S, "enum": ["A", "B"]}
    labels = {label for _, keyword, label in classes(wrapped(schema)) if keyword == "propertyNames"}
    assert labels == {"key unlisted"}


def test_an_edited_schema_is_broken_elsewhere() -> None:
    schema = schema_of("CreateUserImportJob")
    before = {mutation.bound for mutation in enumerated_mutations(compile_schema(schema))}
    schema["$defs"]["UserImportJobNameType"]["maxLength"] = 7
    mutations = list(enumerated_mutations(compile_schema(schema)))
    assert "7" in {mutation.bound for mutation in mutations} - before
    longer = next(
        mutation for mutation in mutations if mutation.keyword == "maxLength" and mutation.bound == "7"
    )
    assert len(longer.document["JobName"]) == 8
