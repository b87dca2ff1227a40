# SPDX-License-Identifier: Apache-2.0
"""Generated documents are valid: for the engines, and for a reading that shares nothing with either."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest
from tests.generate.readings import text_faults, visits

from aws_conformance.choices import CountedChoices, RecordedChoices, SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.nodes import MapNode
from aws_conformance.generate.values import generate, map_keys, minimal
from aws_conformance.protocols import resolve_protocol
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.patterns import PatternRefused
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema

COGNITO = load_service("cognito-idp")
DOCUMENTS = 40


def schema_of(operation: str, service: str = "cognito-idp") -> dict[str, Any]:
    loaded = load_service(service)
    return side_schema(loaded, loaded.operations[operation], "input", resolve_protocol(loaded))


@pytest.mark.parametrize("part", range(4))
def test_seeded_documents_are_valid_under_every_reading(part: int) -> None:
    seen: Counter[str] = Counter()
    kinds: Counter[bool] = Counter()
    for operation in list(COGNITO.operations)[part::4]:
        schema = schema_of(operation)
        tree, validator = compile_schema(schema), compile_validator(schema)
        texts = set()
        for seed in range(DOCUMENTS):
            document = generate(tree, SeededChoices(f"{operation}:{seed}"))
            assert validator.findings(document) == ()
            texts.add(json.dumps(document))
            for name, place, value in visits(schema, document):
                if isinstance(value, str) and place.get("x-aws-type") == "string":
                    assert text_faults(place, value) == [], f"{operation} {name}"
                    seen["pattern"] += "x-aws-pattern" in place
                    seen["text"] += 1
        # An operation without members has one document; most have many.
        kinds[len(texts) > DOCUMENTS // 2] += 1
    assert kinds[True] > 3 * kinds[False]
    assert seen["pattern"] > 300
    assert seen["text"] > 1000


def test_a_seed_gives_the_same_document_and_its_answers_give_it_again() -> None:
    tree = compile_schema(schema_of("CreateUserPool"))
    for seed in range(30):
        choices = SeededChoices(seed)
        document = generate(tree, choices)
        assert generate(tree, SeededChoices(seed)) == document
        recorded = RecordedChoices(choices.answers)
        assert generate(tree, recorded) == document
        assert recorded.answers == choices.answers


def test_any_sequence_of_answers_makes_a_valid_document() -> None:
    schema = schema_of("CreateUserPool")
    tree, validator = compile_schema(schema), compile_validator(schema)
    for seed in range(40):
        choices = SeededChoices(seed)
        generate(tree, choices)
        answers = choices.answers
        for spoilt in (answers[::2], answers[::-1], [10**30, *answers], answers[: len(answers) // 2]):
            assert validator.findings(generate(tree, RecordedChoices(spoilt))) == ()


def test_the_simplest_document_has_what_is_required_and_no_more() -> None:
    schema = schema_of("CreateUserPool")
    tree = compile_schema(schema)
    assert minimal(tree, tree.root) == {"PoolName": "a"}
    assert generate(tree, RecordedChoices(())) == {"PoolName": "a"}


def test_an_edited_schema_makes_edited_documents() -> None:
    schema = copy.deepcopy(schema_of("CreateUserPool"))
    schema["$defs"]["UserPoolNameType"]["maxLength"] = 2
    schema["$defs"]["DeletionProtectionType"]["enum"] = ["HALF"]
    schema["$defs"]["CreateUserPoolRequest"]["required"] = ["PoolName", "DeletionProtection"]
    schema["$defs"]["EmailVerificationSubjectType"] |= {"pattern": "^[xy]+$", "maxLength": 7}
    tree = compile_schema(schema)
    validator = compile_validator(schema)
    subjects = set()
    for seed in range(100):
        document = generate(tree, SeededChoices(seed))
        assert len(document["PoolName"]) <= 2
        assert document["DeletionProtection"] == "HALF"
        subjects |= set(document.get("EmailVerificationSubject", ""))
        assert validator.findings(document) == ()
    assert subjects == {"x", "y"}


def test_maps_have_as_many_keys_as_their_schema_wants() -> None:
    tree = compile_schema(schema_of("CreateUserPool"))
    node = tree.definitions["AcrConfigurationType"]
    assert isinstance(node, MapNode)
    # All keys have one length, and the four of them are all there are.
    assert sorted(map_keys(tree, node, RecordedChoices(()), 4)) == ["Level1", "Level2", "Level3", "Level4"]
    assert len(map_keys(tree, node, RecordedChoices(()), 5)) == 4
    regions = compile_schema(schema_of("CreatePlan", "arc-region-switch"))
    pair = regions.definitions["RegionAuroraClusterMap"]
    assert isinstance(pair, MapNode)
    assert (pair.min, pair.max) == (2, 2)
    for seed in range(20):
        assert len(set(map_keys(regions, pair, SeededChoices(seed), 2))) == 2


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("bedrock-runtime", "Converse"),
        ("cloudwatch", "PutMetricData"),
        ("deadline", "CreateJob"),
        ("dynamodb", "PutItem"),
        ("ec2", "RunInstances"),
        ("rds-data", "ExecuteStatement"),
        ("route53", "ChangeResourceRecordSets"),
        ("s3", "PutObject"),
    ],
)
def test_documents_of_other_protocols_are_valid(service: str, operation: str) -> None:
    schema = schema_of(operation, service)
    tree, validator = compile_schema(schema), compile_validator(schema)
    for seed in range(20):
        assert validator.findings(generate(tree, SeededChoices(seed))) == ()


def test_a_text_that_cannot_be_is_refused_and_not_invented() -> None:
    tree = compile_schema({"type": "string", "pattern": "^[a-z]{3}$", "maxLength": 2})
    with pytest.raises(PatternRefused, match="no text of 0 to 2 characters"):
        generate(tree, SeededChoices(1))


def test_counted_choices_run_through_every_sequence_once() -> None:
    choices = CountedChoices()
    seen = []
    while True:
        first = choices.integer(0, 2)
        # The second question depends on the first answer.
        seen.append((first, *(choices.integer(5, 5 + first) for _ in range(first))))
        if not choices.advance():
            break
    assert len(seen) == len(set(seen)) == 1 + 2 + 9
    assert seen[:3] == [(0,), (1, 5), (1, 6)]
