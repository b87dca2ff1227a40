# SPDX-License-Identifier: Apache-2.0
"""Every constraint of a model survives in the schemas: read from botocore's raw JSON, found in its place.

The walk below knows nothing of the package's shapes: it reads the model's own spelling and looks for each
trait where a reader of the schema would look for it, and counts what it has compared.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_conformance.protocols import resolve_protocol
from aws_conformance.spec import patterns
from aws_conformance.spec.botocore import data_folder, load_service
from aws_conformance.spec.schema.texts import ServiceTexts
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.vocabulary import SIDES, Side
from aws_conformance.spec.schema.write import (
    HEADER_TEXT,
    Definitions,
    dump_schema,
    error_schema,
    operation_schemas,
    side_schema,
)

Raw = dict[str, Any]
COGNITO = "cognito-idp"
# For what Cognito's model has none of: services with the trait, and with other protocols.
OTHERS = {
    "apigatewaymanagementapi": {"timestampFormat", "location"},
    "appconfigdata": {"union", "location"},
    "bedrock-runtime": {"document", "union", "eventstream"},
    "dynamodb": {"recursion", "idempotencyToken"},
    "lex-runtime": {"jsonvalue", "location"},
    "neptune-graph": {"hostLabel"},
    "rds-data": {"sparse", "union", "recursion"},
    "sagemakerjobruntime": {"idempotencyToken", "streaming"},
    "sqs": {"deprecated"},
    "sts": {"error code", "error status"},
}
_LENGTHS = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "blob": ("x-aws-min-bytes", "x-aws-max-bytes"),
    "float": ("minimum", "maximum"),
    "double": ("minimum", "maximum"),
}


@cache
def raw_model(service: str) -> Raw:
    folder = sorted((data_folder() / service).iterdir())[-1]
    model: Raw = json.loads(gzip.decompress((folder / "service-2.json.gz").read_bytes()))
    return model


def targets(shape: Raw) -> list[str]:
    """Names of the shapes that a raw shape refers to."""
    references = [
        *shape.get("members", {}).values(),
        *(shape[k] for k in ("member", "key", "value") if k in shape),
    ]
    return [reference["shape"] for reference in references]


def reached(shapes: Raw, roots: list[str]) -> set[str]:
    names: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name not in names:
            names.add(name)
            todo += targets(shapes[name])
    return names


def references(schema: Any) -> set[str]:
    """Names of the definitions that a schema refers to directly."""
    if isinstance(schema, list):
        return set().union(*map(references, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["$ref"].removeprefix("#/$defs/")} if isinstance(schema.get("$ref"), str) else set()
    return own.union(*map(references, schema.values()))


class Comparison:
    """The traits of one raw side against one schema; `seen` counts what was compared."""

    def __init__(self, raw: Raw, side: Side, schema: Raw, seen: Counter[str]) -> None:
        self.shapes = raw["shapes"]
        self.protocol = raw["metadata"]["protocol"]
        self.side = side
        self.definitions = schema["$defs"]
        self.seen = seen

    def compared(self, what: str, truth: bool, where: str) -> None:
        assert truth, f"{what} of {where} ({self.side})"
        self.seen[what] += 1
        self.seen[f"{what} ({'input' if self.side == 'input' else 'output'})"] += 1

    def all(self, roots: list[str]) -> None:
        names = reached(self.shapes, roots)
        assert set(self.definitions) == names
        for name in names:
            self.shape(name)
        for name in names:
            # A shape that reaches itself: the schema must lead back in a circle as well.
            if name in reached(self.shapes, targets(self.shapes[name])):
                circle: set[str] = set()
                todo = list(references(self.definitions[name]))
                while todo:
                    here = todo.pop()
                    if here not in circle:
                        circle.add(here)
                        todo += references(self.definitions[here])
                self.compared("recursion", name in circle, name)

    def shape(self, name: str) -> None:
        raw, schema = self.shapes[name], self.definitions[name]
        if raw.get("sensitive"):
            self.compared("sensitive", schema["x-aws-sensitive"] is True, name)
        if raw.get("deprecated"):
            self.compared("deprecated", schema["deprecated"] is True, name)
        kind = raw["type"]
        if kind == "structure":
            self.structure(name, raw, schema)
        elif kind == "list":
            self.collection(name, raw, schema, schema["items"], raw["member"])
            assert schema["type"] == "array"
        elif kind == "map":
            self.collection(name, raw, schema, schema["additionalProperties"], raw["value"])
            assert schema["type"] == "object"
            self.compared(
                "map key", schema["propertyNames"] == {"$ref": f"#/$defs/{raw['key']['shape']}"}, name
            )
        else:
            self.scalar(name, kind, raw, schema)

    def structure(self, name: str, raw: Raw, schema: Raw) -> None:
        if raw.get("document"):
            self.compared("document", schema["x-aws-document"] is True and "type" not in schema, name)
            return
        if raw.get("eventstream"):
            self.compared("eventstream", schema["x-aws-event-stream"] is True, name)
            return
        members = raw.get("members", {})
        self.compared(
            "structure", schema["type"] == "object" and schema["additionalProperties"] is False, name
        )
        self.compared("members", list(schema["properties"]) == list(members), name)
        for member in raw.get("required", ()):
            if member in members:
                self.compared("required", member in schema["required"], f"{name}.{member}")
        assert set(schema.get("required", ())) <= set(raw.get("required", ()))
        if raw.get("union"):
            single = schema["minProperties"] == 1 == schema["maxProperties"]
            self.compared("union", schema["x-aws-union"] is True and single, name)
        else:
            assert "x-aws-union" not in schema
        if raw.get("exception"):
            self.error(name, raw, schema["x-aws-error"])
        for member, reference in members.items():
            self.member(f"{name}.{member}", reference, schema["properties"][member])

    def error(self, name: str, raw: Raw, schema: Raw) -> None:
        traits = raw.get("error", {})
        fault = bool(raw.get("fault")) or traits.get("senderFault") is False
        if "code" in traits:
            self.compared("error code", schema["code"] == traits["code"], name)
        else:
            self.compared("error name", schema["code"] == name, name)
        if "httpStatusCode" in traits:
            self.compared("error status", schema["httpStatusCode"] == traits["httpStatusCode"], name)
        else:
            self.compared("default status", schema["httpStatusCode"] == (500 if fault else 400), name)
        assert schema["fault"] is fault

    def member(self, where: str, raw: Raw, schema: Raw) -> None:
        target = self.shapes[raw["shape"]]
        if raw.get("jsonvalue") and raw.get("location") == "header":
            self.compared("jsonvalue", schema["x-aws-json-value"] is True, where)
        elif target["type"] == "timestamp":
            # In the member itself where its place changes the form, otherwise in the definition.
            form = self.definitions[raw["shape"]] if "$ref" in schema else schema
            explicit = raw.get("timestampFormat") or target.get("timestampFormat")
            placed = {"header": "rfc822", "headers": "rfc822", "querystring": "iso8601", "uri": "iso8601"}
            epoch = self.protocol in ("json", "rest-json", "smithy-rpc-v2-cbor")
            usual = "unixTimestamp" if epoch else "iso8601"
            expected = explicit or placed.get(raw.get("location", ""), usual)
            self.compared("timestamp", form["x-aws-timestamp-format"] == expected, where)
            assert form["type"] == ("number" if expected == "unixTimestamp" else "string")
            if explicit:
                self.compared("timestampFormat", form["x-aws-timestamp-format"] == explicit, where)
        elif "$ref" not in schema:
            # What stands in a path is not empty, and a header holds ASCII alone, whatever the shape allows.
            added = {"uri": ("minLength", 1), "header": ("pattern", HEADER_TEXT)}[raw["location"]]
            self.compared("place", schema[added[0]] == added[1], where)
            assert target["type"] == "string"
            assert not target.get("min") if raw["location"] == "uri" else "pattern" not in target
        else:
            self.compared("member", schema["$ref"] == f"#/$defs/{raw['shape']}", where)
        if raw.get("deprecated"):
            self.compared("deprecated", schema["deprecated"] is True, where)
        if raw.get("idempotencyToken"):
            self.compared("idempotencyToken", schema["x-aws-idempotency-token"] is True, where)
        if raw.get("hostLabel"):
            self.compared("hostLabel", schema["x-aws-host-label"] is True, where)
        if raw.get("streaming") or target.get("streaming"):
            self.compared("streaming", schema["x-aws-streaming"] is True, where)
        if "location" in raw:
            named = schema.get("x-aws-location-name") == raw.get("locationName")
            self.compared("location", schema["x-aws-location"] == raw["location"] and named, where)

    def collection(self, name: str, raw: Raw, schema: Raw, element: Raw, reference: Raw) -> None:
        self.bounds(name, raw, schema, *_LENGTHS[raw["type"]])
        if raw.get("sparse"):
            self.compared(
                "sparse", schema["x-aws-sparse"] is True and element["if"] == {"not": {"type": "null"}}, name
            )
            element = element["then"]
        self.member(f"{name}[]", reference, element)

    def bounds(self, name: str, raw: Raw, schema: Raw, low: str, high: str) -> None:
        """A range: asserted on inputs, an annotation otherwise, and there alone."""
        holder = schema if self.side == "input" else schema.get("x-aws-advisory", {})
        for trait, keyword in (("min", low), ("max", high)):
            if trait in raw:
                self.compared(trait, holder[keyword] == raw[trait], name)
            if self.side != "input":
                assert keyword not in schema

    def scalar(self, name: str, kind: str, raw: Raw, schema: Raw) -> None:
        holder = schema if self.side == "input" else schema.get("x-aws-advisory", {})
        if kind in ("integer", "long"):
            self.integer(name, raw, schema, 31 if kind == "integer" else 63)
        elif kind in _LENGTHS and "enum" not in raw:
            self.bounds(name, raw, schema, *_LENGTHS[kind])
        if "enum" in raw:
            self.compared("enum", schema["enum"] == raw["enum"], name)
            # Lengths of an enumeration say nothing more: the values have them.
            assert all(raw.get("min", 0) <= len(value) <= raw.get("max", 1 << 31) for value in raw["enum"])
        if "pattern" in raw:
            self.compared("pattern", schema["x-aws-pattern"] == raw["pattern"], name)
            if "enum" not in raw and "x-aws-pattern-refused" not in schema:
                translated = holder["pattern"] == patterns.translate(raw["pattern"])
                self.compared("translated pattern", translated, name)
            if self.side != "input":
                assert "pattern" not in schema
        if kind == "timestamp" and "timestampFormat" in raw:
            same = schema["x-aws-timestamp-format"] == raw["timestampFormat"]
            self.compared("timestampFormat", same, name)
        if kind == "blob":
            self.compared("blob", schema["contentEncoding"] == "base64" and "pattern" in schema, name)
        if kind == "boolean":
            self.compared("boolean", schema["type"] == "boolean", name)

    def integer(self, name: str, raw: Raw, schema: Raw, bits: int) -> None:
        widest = (-(1 << bits), (1 << bits) - 1)
        assert schema["type"] == "integer"
        if self.side == "input":
            low, high = raw.get("min", widest[0]), raw.get("max", widest[1])
            self.compared("width", (schema["minimum"], schema["maximum"]) == (low, high), name)
        else:
            self.compared("width", (schema["minimum"], schema["maximum"]) == widest, name)
        holder = schema if self.side == "input" else schema.get("x-aws-advisory", {})
        for trait, keyword in (("min", "minimum"), ("max", "maximum")):
            if trait in raw:
                self.compared(trait, holder[keyword] == raw[trait], name)


def compare(name: str, every: int = 1) -> Counter[str]:
    """All operations of a service (or each `every`th), all three sides; what was compared, counted."""
    raw, service = raw_model(name), load_service(name)
    seen: Counter[str] = Counter()
    for operation in list(raw["operations"].values())[::every]:
        schemas = operation_schemas(service, service.operations[operation["name"]], resolve_protocol(service))
        for side in SIDES:
            schema = schemas[side]
            assert schema["$id"].startswith(f"urn:aws-conformance:{name}:"), schema["$id"]
            assert schema["$id"].endswith(f":{operation['name']}:{side}")
        status = operation["http"].get("responseCode", 200)
        assert schemas["output"]["x-aws-http-status"] == status
        seen["http status"] += 1
        if operation.get("deprecated"):
            assert schemas["input"]["deprecated"] is True
            seen["deprecated"] += 1
        for side in ("input", "output"):
            if side in operation:
                root = operation[side]["shape"]
                assert schemas[side]["$ref"] == f"#/$defs/{root}"
                Comparison(raw, side, schemas[side], seen).all([root])
            else:
                assert schemas[side]["x-aws-shape"] is None
                assert schemas[side]["additionalProperties"] is False
                seen["no such side"] += 1
        errors = [error["shape"] for error in operation.get("errors", ())]
        if errors:
            assert schemas["errors"]["anyOf"] == [{"$ref": f"#/$defs/{error}"} for error in errors]
            Comparison(raw, "errors", schemas["errors"], seen).all(errors)
            seen["errors"] += len(errors)
        else:
            assert schemas["errors"]["not"] == {}
    return seen


def test_every_constraint_of_cognito_survives() -> None:
    seen = compare(COGNITO)
    assert seen["http status"] == len(load_service(COGNITO).operations) > 100
    for trait in ("required", "min", "max", "pattern", "translated pattern", "enum", "sensitive", "width"):
        assert seen[f"{trait} (input)"] > 0, trait
        assert seen[f"{trait} (output)"] > 0, trait
    for trait in (
        "errors",
        "error name",
        "default status",
        "timestamp",
        "blob",
        "boolean",
        "map key",
        "document",
    ):
        assert seen[trait] > 0, trait
    assert seen["required"] > 500
    assert seen["errors"] > 1000
    # What Cognito has none of is compared for other services, below.
    for trait in ("union", "idempotencyToken", "timestampFormat", "recursion", "sparse", "streaming"):
        assert seen[trait] == 0, f"{trait}: now there is one to compare"


def test_every_constraint_of_other_protocols_survives() -> None:
    total: Counter[str] = Counter()
    for name, traits in OTHERS.items():
        seen = compare(name)
        for trait in traits:
            assert seen[trait] > 0, f"{name} has no {trait}"
        total += seen
    for trait in (*set().union(*OTHERS.values()), "enum", "pattern", "sensitive", "min", "max", "required"):
        assert total[trait] > 0, trait


def test_a_side_without_a_shape_is_the_empty_document_and_none_is_any_error() -> None:
    service = load_service(COGNITO)
    bare = next(operation for operation in service.operations.values() if operation.output is None)
    schema = side_schema(service, bare, "output", "json")
    assert (schema["properties"], schema["additionalProperties"]) == ({}, False)


def test_an_error_on_its_own_is_what_it_is_within_an_operation() -> None:
    service = load_service(COGNITO)
    alone = error_schema(service, "UserLambdaValidationException", "json")
    within = side_schema(service, service.operations["SignUp"], "errors", "json")
    assert alone["$ref"] == "#/$defs/UserLambdaValidationException"
    for name, definition in alone["$defs"].items():
        assert within["$defs"][name] == definition
    assert alone["$id"].startswith("urn:")
    with pytest.raises(KeyError):
        error_schema(service, "NoSuchError", "json")


def test_a_timestamp_takes_the_form_of_the_protocol() -> None:
    service = load_service("cloudwatch")
    operation = service.operations["GetMetricStatistics"]
    forms = {
        protocol: side_schema(service, operation, "input", protocol)["$defs"]["Timestamp"]
        for protocol in ("json", "query")
    }
    assert forms["json"]["type"] == "number"
    assert forms["query"]["format"] == "date-time"
    assert "json" in side_schema(service, operation, "input", "json")["$id"].split(":")


def _prose(node: Any) -> Iterator[str]:
    """Every documentation text of a model, as it stands there and without its markup."""
    if isinstance(node, dict):
        for key, item in node.items():
            if key in ("documentation", "deprecatedMessage") and isinstance(item, str):
                yield item
                yield from re.split(r"<[^>]*>", item)
            else:
                yield from _prose(item)
    elif isinstance(node, list):
        for item in node:
            yield from _prose(item)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, item in node.items():
            yield key
            yield from _texts(item)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)


@pytest.mark.parametrize("name", [COGNITO, "sqs"])
def test_no_documentation_is_copied(name: str) -> None:
    service = load_service(name)
    schemas = [operation_schemas(service, operation, "json") for operation in service.operations.values()]
    written = "\n".join(sorted({text for text in _texts(schemas) if len(text) > 40}))
    prose = {text.strip() for text in _prose(raw_model(name)) if len(text.strip()) > 40}
    # A single word is a name, and names are in both.
    prose = {text for text in prose if " " in text}
    assert len(prose) > 500
    assert [text for text in prose if text in written] == []


def test_a_schema_has_a_single_textual_form() -> None:
    service = load_service(COGNITO)
    schema = side_schema(service, service.operations["SignUp"], "input", "json")
    text = dump_schema(schema)
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text) == schema
    assert dump_schema(json.loads(text)) == text


def test_what_stands_in_a_path_is_not_empty() -> None:
    """1,824 members may be empty by their models; in a URI they would name another resource."""
    service = load_service("apigateway")
    operation = service.operations["GetClientCertificate"]
    schema = side_schema(service, operation, "input", "rest-json")
    validator = compile_validator(schema)
    assert not validator.findings({"clientCertificateId": "a"})
    assert [finding.keyword for finding in validator.findings({"clientCertificateId": ""})] == ["minLength"]


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_the_textual_form_is_that_of_the_standard_library(schema: dict[str, Any]) -> None:
    assert dump_schema(schema) == json.dumps(schema, indent=2) + "\n"


@pytest.mark.parametrize("name", [COGNITO, "s3", "sqs", "ec2", "lambda", "dynamodb"])
def test_texts_put_together_are_those_of_each_schema(name: str) -> None:
    service = load_service(name)
    for protocol in service.protocols:
        texts = ServiceTexts(service, protocol)
        for operation in list(service.operations.values())[:60]:
            for side in SIDES:
                schema = side_schema(service, operation, side, protocol)
                assert texts.text(operation, side) == dump_schema(schema)


def test_a_definition_is_written_once_for_all_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    service = load_service(COGNITO)
    names: list[str] = []
    definition = Definitions.definition

    def counted(self: Definitions, name: str) -> dict[str, Any]:
        names.append(name)
        return definition(self, name)

    monkeypatch.setattr(Definitions, "definition", counted)
    texts = ServiceTexts(service, "json")
    for operation in service.operations.values():
        texts.text(operation, "input")
    assert len(names) == len(set(names)) > 100
