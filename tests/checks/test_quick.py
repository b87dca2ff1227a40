# SPDX-License-Identifier: Apache-2.0
"""One look at a document says no more than all rules would: what it takes for right, none objects to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.checks.validate import quick_look, validate_instance
from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate
from aws_conformance.spec.patterns.refusal import PatternRefused

OPERATIONS = (
    "apigateway:GetApiKeys",
    "cognito-idp:DescribeUserPool",
    "cognito-idp:ListUserImportJobs",
    "dynamodb:DescribeTable",
    "dynamodb:UpdateTable",
    "ecs:DescribeClusters",
    "iam:GetUser",
    "kinesis:DescribeStream",
    "kms:ListKeys",
    "lambda:ListFunctions",
    "s3:GetBucketVersioning",
    "sqs:SendMessage",
)


def documents(service: str, operation: str) -> Iterator[Any]:
    """Outputs that fit the schema, advice included, as far as such can be made."""
    tree = compile_schema(asserting(contract_of(service).schema(operation, "output")))
    for seed in range(6):
        try:
            yield generate(tree, SeededChoices(seed))
        except PatternRefused:
            return


def asserting(schema: Any) -> Any:
    if isinstance(schema, dict):
        asserted = {key: asserting(item) for key, item in schema.items() if key != "x-aws-advisory"}
        return asserted | schema.get("x-aws-advisory", {})
    return [asserting(item) for item in schema] if isinstance(schema, list) else schema


def changed(value: Any) -> Iterator[tuple[str, Any]]:
    """The same with one thing changed, anywhere, and what that is."""
    match value:
        case bool():
            return
        case int() | float():
            yield "fraction", float(value)
            yield "milliseconds", value + 10**15
        case dict():
            yield "type", {"__type": "InternalErrorException", **value}
            for key, item in value.items():
                yield "left out", {name: other for name, other in value.items() if name != key}
                yield "null", value | {key: None}
                for what, inner in changed(item):
                    yield what, value | {key: inner}
        case list():
            for index, item in enumerate(value[:2]):
                for what, inner in changed(item):
                    yield what, [*value[:index], inner, *value[index + 1 :]]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_look_takes_nothing_that_a_rule_objects_to(name: str) -> None:
    service, _, operation = name.partition(":")
    look = quick_look(service, operation)
    assert look is not None
    status = contract_of(service).operation(operation).status or 200
    taken: Counter[bool] = Counter()
    for document in documents(service, operation):
        for instance in (document, {}, *(item for _, item in list(changed(document))[:40])):
            takes = look.takes(instance)
            taken[takes] += 1
            # With a status, no look is taken: each rule is asked.
            assert not (takes and validate_instance(service, operation, instance, status=status)), instance
    assert taken[True], "a look that takes nothing saves nothing"
    assert taken[False], "nothing was wrong with any document"


@pytest.mark.parametrize(
    ("name", "instance", "check"),
    [
        ("kms:ListKeys", {"__type": "InvalidMarkerException"}, "response.success.error"),
        ("dynamodb:UpdateTable", {}, "response.document.hollow"),
        (
            "dynamodb:UpdateTable",
            {"TableDescription": {"CreationDateTime": 1.7e12}},
            "response.timestamp.range",
        ),
        ("apigateway:GetApiKeys", {"items": [{"id": "a"}]}, "response.member.absent"),
        ("kms:ListKeys", {"Truncated": "no"}, "response.body.type"),
        ("dynamodb:UpdateTable", {"TableDescription": {"ItemCount": 1.0}}, "response.integer.form"),
    ],
)
def test_what_a_rule_alone_sees_is_seen(name: str, instance: Any, check: str) -> None:
    service, _, operation = name.partition(":")
    ids = {violation.check for violation in validate_instance(service, operation, instance)}
    assert check in ids


def test_a_rule_of_a_project_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from aws_conformance import checks
    from aws_conformance.checks.check import SUCCESS, Breach, Check
    from aws_conformance.checks.response import DecodedResponse

    def objects(answer: DecodedResponse) -> Iterator[Breach]:
        yield Breach((), "anything else", "this")

    own = Check("own.rule", "Nothing is right.", "error", "MODEL", "ours", objects, about=SUCCESS)
    assert validate_instance("kms", "ListKeys", {}) == []
    monkeypatch.setitem(checks._CATALOGUE, own.id, own)
    assert [item.check for item in validate_instance("kms", "ListKeys", {})] == [own.id]
