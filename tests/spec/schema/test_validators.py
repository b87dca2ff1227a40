# SPDX-License-Identifier: Apache-2.0
"""Two engines, one verdict: jsonschema-rs and jsonschema find the same, in valid and in broken documents."""

from __future__ import annotations

import base64
import copy
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate
from aws_conformance.protocols import resolve_protocol
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import Engine, SchemaFinding, Validator, compile_validator
from aws_conformance.spec.schema.vocabulary import SIDES, Side
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import Service

COGNITO = load_service("cognito-idp")
DOCUMENTS = 4
CORRUPTIONS = 6


def both(schema: dict[str, Any]) -> tuple[Validator, Validator]:
    return compile_validator(schema, "rust"), compile_validator(schema, "python")


def brief(findings: tuple[SchemaFinding, ...]) -> list[tuple[Any, str, bool]]:
    return [(finding.path, finding.keyword, finding.advisory) for finding in findings]


def agree(engines: tuple[Validator, Validator], document: Any) -> list[tuple[Any, str, bool]]:
    rust, python = (brief(engine.findings(document)) for engine in engines)
    assert rust == python
    assert [engine.is_valid(document) for engine in engines] == [not rust] * 2
    for engine in engines:
        # What a finding says of its place is the same too.
        for finding in engine.findings(document):
            assert isinstance(finding.kind, str)
    return rust


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(document, dict):
        for key, item in document.items():
            yield from places(item, (*path, key))
    elif isinstance(document, list):
        for index, item in enumerate(document):
            yield from places(item, (*path, index))


_STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.0,
    0.5,
    2**31,
    -(2**63) - 1,
    10**400,
    float("nan"),
    float("inf"),
    "",
    " ",
    "NOT_ONE_OF_THEM",
    "a\n",
    "é" * 3,
    "\ud800",
    "\U0001f600" * 5000,
    "x" * 140_000,
    "2023-02-30T00:00:00Z",
    [],
    [None],
    {},
    {"__type": "x"},
    [[[]]],
)


def corrupted(document: Any, source: random.Random) -> Any:
    """The document with one thing changed at random: a value, a member less or more, an element more."""
    corrupt = copy.deepcopy(document)
    path = source.choice(list(places(corrupt)))
    if not path:
        return source.choice(
            [*_STRANGE[:11], {**corrupt, "Unknown": 1} if isinstance(corrupt, dict) else None]
        )
    holder = corrupt
    for step in path[:-1]:
        holder = holder[step]
    match source.randrange(5):
        case 0 | 1:
            holder[path[-1]] = source.choice(_STRANGE)
        case 2:
            del holder[path[-1]]
        case 3 if isinstance(holder, dict):
            holder[source.choice(["Unknown", "__type", "", "\udfff", "allOf", "x" * 200])] = source.choice(
                _STRANGE
            )
        case _:
            value = holder[path[-1]]
            holder[path[-1]] = [value] * source.choice([2, 60]) if source.random() < 0.5 else {"k": value}
    return corrupt


def documents(schema: dict[str, Any], seed: str) -> Iterator[Any]:
    """Documents of a schema; for the errors of an operation, of each error."""
    roots = [schema] if "anyOf" not in schema else [{**schema, **root} for root in schema["anyOf"][:3]]
    for number, root in enumerate(roots):
        tree = compile_schema({key: item for key, item in root.items() if key != "anyOf"})
        for index in range(DOCUMENTS if len(roots) == 1 else 1):
            yield generate(tree, SeededChoices(f"{seed}:{number}:{index}"))


def same_verdict(service: Service, operation: str, side: Side) -> Counter[str]:
    schema = side_schema(service, service.operations[operation], side, resolve_protocol(service))
    engines = both(schema)
    source = random.Random(f"{operation}:{side}")
    seen: Counter[str] = Counter()
    for document in documents(schema, f"{operation}:{side}"):
        valid = agree(engines, document)
        if side == "input":
            assert valid == []
        seen["valid"] += not valid
        for _ in range(CORRUPTIONS):
            for _, keyword, advisory in agree(engines, corrupted(document, source)):
                seen[f"advisory {keyword}" if advisory else keyword] += 1
    return seen


@pytest.mark.parametrize("part", range(6))
def test_the_same_verdict_over_every_cognito_schema(part: int) -> None:
    seen: Counter[str] = Counter()
    for operation in list(COGNITO.operations)[part::6]:
        for side in SIDES:
            seen += same_verdict(COGNITO, operation, side)
    for keyword in ("valid", "type", "required", "additionalProperties", "pattern", "anyOf"):
        assert seen[keyword] > 0, keyword
    assert any(key.startswith("advisory") for key in seen)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("apigatewaymanagementapi", "GetConnection"),
        ("appconfigdata", "GetLatestConfiguration"),
        ("cloudwatch", "GetMetricData"),
        # With a member named like the keyword that constraints are moved to.
        ("deadline", "CreateStep"),
        ("dynamodb", "PutItem"),
        ("iottwinmaker", "CreateComponentType"),
        ("rds-data", "ExecuteStatement"),
        ("s3", "HeadObject"),
    ],
)
def test_the_same_verdict_over_other_protocols(service: str, operation: str) -> None:
    loaded = load_service(service)
    name = operation if operation in loaded.operations else next(iter(loaded.operations))
    for side in SIDES:
        same_verdict(loaded, name, side)


S = {"type": "string", "x-aws-type": "string"}
TABLE: list[tuple[str, dict[str, Any], Any, list[tuple[Any, str, bool]]]] = [
    ("type", {"type": "string"}, 1, [((), "type", False)]),
    ("true is no number", {"type": "integer"}, True, [((), "type", False)]),
    ("1.0 is a whole number to JSON Schema", {"type": "integer"}, 1.0, []),
    ("1e300 too", {"type": "integer"}, 1e300, []),
    ("1.5 is none", {"type": "integer"}, 1.5, [((), "type", False)]),
    ("null", {"type": "object", "properties": {"a": S}}, {"a": None}, [(("a",), "type", False)]),
    ("minLength", {**S, "minLength": 2}, "a", [((), "minLength", False)]),
    ("lengths are code points", {**S, "maxLength": 2}, "\U0001f600\U0001f600", []),
    ("maxLength", {**S, "maxLength": 2}, "abc", [((), "maxLength", False)]),
    ("pattern", {**S, "pattern": r"^[a-z]+(?![\s\S])"}, "a1", [((), "pattern", False)]),
    ("a pattern's end is the end", {**S, "pattern": r"^[a-z]+(?![\s\S])"}, "a\n", [((), "pattern", False)]),
    ("enum", {**S, "enum": ["A"]}, "B", [((), "enum", False)]),
    ("a wrong type is one cause", {**S, "enum": ["A"]}, 1, [((), "type", False)]),
    ("minimum", {"type": "integer", "minimum": 1}, 0, [((), "minimum", False)]),
    ("maximum", {"type": "integer", "maximum": 1}, 2, [((), "maximum", False)]),
    ("beyond 64 bits", {"type": "integer", "maximum": 2**63 - 1}, 2**63, [((), "maximum", False)]),
    ("thousands of digits", {"type": "integer", "maximum": 9}, 10**4000, [((), "maximum", False)]),
    ("minus thousands of digits", {"type": "integer", "minimum": 9}, -(10**4000), [((), "minimum", False)]),
    ("NaN is no number of JSON", {"type": "number"}, float("nan"), [((), "type", False)]),
    ("infinity neither", {"type": "number", "maximum": 5}, float("inf"), [((), "type", False)]),
    ("minItems", {"type": "array", "minItems": 1}, [], [((), "minItems", False)]),
    ("maxItems", {"type": "array", "maxItems": 1}, [1, 2], [((), "maxItems", False)]),
    (
        "items",
        {"type": "array", "items": S},
        ["a", 1, "b", None],
        [((1,), "type", False), ((3,), "type", False)],
    ),
    ("minProperties", {"type": "object", "minProperties": 1}, {}, [((), "minProperties", False)]),
    (
        "maxProperties",
        {"type": "object", "maxProperties": 1},
        {"a": 1, "b": 2},
        [((), "maxProperties", False)],
    ),
    (
        "required, one finding a member",
        {"type": "object", "required": ["a", "b", "c"]},
        {"b": 1},
        [(("a",), "required", False), (("c",), "required", False)],
    ),
    (
        "additionalProperties, one finding a member",
        {"type": "object", "properties": {"a": S}, "additionalProperties": False},
        {"a": "x", "b": 1, "c": 2},
        [(("b",), "additionalProperties", False), (("c",), "additionalProperties", False)],
    ),
    (
        "propertyNames, one finding a map",
        {"type": "object", "propertyNames": {**S, "maxLength": 1, "pattern": "^a"}},
        {"bb": 1, "cc": 2},
        [((), "propertyNames", False)],
    ),
    ("format", {**S, "format": "date-time"}, "2023-02-30T00:00:00Z", [((), "format", False)]),
    ("format of what is no text", {"format": "date-time"}, ["2023-02-30T00:00:00Z"], []),
    ("a weekday", {**S, "format": "aws-http-date"}, "Mon, 24 Feb 2023 00:00:00 GMT", [((), "format", False)]),
    ("the right weekday", {**S, "format": "aws-http-date"}, "Fri, 24 Feb 2023 00:00:00 GMT", []),
    ("advisory", {**S, "x-aws-advisory": {"maxLength": 1}}, "ab", [((), "maxLength", True)]),
    (
        "advisory and asserting",
        {"type": "integer", "maximum": 10, "x-aws-advisory": {"maximum": 5}},
        11,
        [((), "maximum", False), ((), "maximum", True)],
    ),
    (
        "members named like keywords",
        {
            "type": "object",
            "properties": {
                "allOf": {**S, "minLength": 2},
                "propertyNames": {"type": "object", "properties": {"a": S}},
            },
        },
        {"allOf": "", "propertyNames": {"a": 1}},
        [(("allOf",), "minLength", False), (("propertyNames", "a"), "type", False)],
    ),
    (
        "an advisory within a key",
        {"type": "object", "propertyNames": {**S, "x-aws-advisory": {"maxLength": 1}}},
        {"ab": 1},
        [((), "propertyNames", True)],
    ),
    (
        "through references, however deep",
        {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}}},
        {"a": {"a": {"a": 1}}},
        [(("a", "a", "a"), "type", False)],
    ),
    (
        "an element that may be null",
        {"type": "array", "items": {"if": {"not": {"type": "null"}}, "then": S}},
        ["a", None, 1],
        [((2,), "type", False)],
    ),
    (
        "a union with two members and one with none",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"a": S, "b": S},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        },
        [{"a": "x"}, {"a": "x", "b": "y"}, {}],
        [((1,), "maxProperties", False), ((2,), "minProperties", False)],
    ),
    (
        "an empty key",
        {"additionalProperties": {"additionalProperties": S}},
        {"": {"": 1}},
        [(("", ""), "type", False)],
    ),
    (
        "a key of digits",
        {"additionalProperties": S},
        {"0": 1, "007": 2, "+1": "x"},
        [(("0",), "type", False), (("007",), "type", False)],
    ),
    ("a key like a pointer", {"additionalProperties": S}, {"~0/a%20": 1}, [(("~0/a%20",), "type", False)]),
    ("a text that is no Unicode", {**S, "maxLength": 1}, "\ud800", []),
    (
        "such a text beside a fault",
        {"items": {**S, "maxLength": 1}},
        ["\ud800", "ab"],
        [((1,), "maxLength", False)],
    ),
    (
        "such a key",
        {"type": "object", "additionalProperties": S},
        {"\ud800": 1},
        [(("\ufffd",), "type", False)],
    ),
]


@pytest.mark.parametrize(("what", "schema", "document", "findings"), TABLE, ids=[row[0] for row in TABLE])
def test_each_keyword(
    what: str, schema: dict[str, Any], document: Any, findings: list[tuple[Any, str, bool]]
) -> None:
    assert agree(both(schema), document) == findings, what


def test_a_finding_holds_the_bound_the_value_and_the_kind() -> None:
    schema = side_schema(COGNITO, COGNITO.operations["StartUserImportJob"], "input", "json")
    for engine in both(schema):
        (finding,) = engine.findings({"UserPoolId": "eu-west-1_a", "JobId": "no"})
        assert finding.path == ("JobId",)
        assert finding.keyword == "pattern"
        assert finding.bound == schema["$defs"]["UserImportJobIdType"]["pattern"]
        assert (finding.value, finding.kind) == ("no", "string")
        (missing,) = engine.findings({"UserPoolId": "eu-west-1_a"})
        assert (missing.path, missing.bound, missing.value) == (("JobId",), "JobId", None)
        assert missing.kind == "structure"


def test_a_document_deeper_than_any_engine_reads_is_judged_all_the_same() -> None:
    document: Any = "x"
    for _ in range(900):
        document = {"a": document}
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"a": S}}}}
    for engine in both(schema):
        assert brief(engine.findings(document)) == [(("a", "a"), "type", False)]


@pytest.mark.parametrize("engine", ["rust", "python"])
@pytest.mark.parametrize(
    ("size", "keywords"),
    [
        (0, ["minLength"]),
        (1, []),
        (4096, []),
        (4097, ["maxLength"]),
        (4098, ["maxLength"]),
        (4099, ["maxLength"]),
    ],
)
def test_blobs_are_bounded_by_their_bytes(engine: Engine, size: int, keywords: list[str]) -> None:
    """The length of base64 text is the same for 4,096, 4,097 and 4,098 bytes."""
    service = load_service("kms")
    schema = side_schema(service, service.operations["Encrypt"], "input", "json")
    document = {"KeyId": "alias/x", "Plaintext": base64.b64encode(b"x" * size).decode()}
    findings = compile_validator(schema, engine).findings(document)
    assert [finding.keyword for finding in findings] == keywords
    assert [finding.bound for finding in findings] == [1 if size == 0 else 4096 for _ in keywords]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![\s\S])", "eHh4" * 1_100_000),
        (r"^(?:[a-z]{2}|[0-9])*(?![\s\S])", "ab1" * 300_000),
    ],
    ids=["blob", "text"],
)
def test_a_long_text_is_no_breach_because_it_is_long(pattern: str, text: str) -> None:
    """The fast engine gives up on a pattern after a million steps."""
    schema = {"type": "object", "properties": {"Text": {"type": "string", "pattern": pattern}}}
    validator = compile_validator(schema)
    assert validator.is_valid({"Text": text})
    assert validator.findings({"Text": text}) == ()
    assert not validator.is_valid({"Text": f"{text}?"})
    assert [finding.keyword for finding in validator.findings({"Text": f"{text}?"})] == ["pattern"]
