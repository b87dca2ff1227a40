# SPDX-License-Identifier: Apache-2.0
"""Each form of schema as the node that it becomes, and what is broken about each kind of value."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.choices import RecordedChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.mutations import enumerated_mutations
from aws_conformance.generate.nodes import (
    AnyNode,
    BlobNode,
    BooleanNode,
    EnumNode,
    IntegerNode,
    ListNode,
    MapNode,
    Node,
    NumberNode,
    ObjectNode,
    RefNode,
    StringNode,
    TimestampNode,
    Tree,
)
from aws_conformance.generate.values import map_keys

TEXT = StringNode(None, 0, None)


@pytest.mark.parametrize(
    ("schema", "node"),
    [
        (True, AnyNode()),
        ({}, AnyNode()),
        ({"$ref": "#/$defs/Pool"}, RefNode("Pool")),
        ({"if": {"not": {"type": "null"}}, "then": {"type": "boolean"}}, BooleanNode()),
        ({"enum": ["A", "B"]}, EnumNode(("A", "B"))),
        ({"type": "number", "x-aws-timestamp-format": "unixTimestamp"}, TimestampNode("unixTimestamp")),
        ({"type": "object"}, MapNode(TEXT, AnyNode(), 0, None)),
        (
            {
                "type": "object",
                "propertyNames": {"enum": ["A"]},
                "additionalProperties": {"type": "string"},
                "minProperties": 1,
                "maxProperties": 3,
            },
            MapNode(EnumNode(("A",)), TEXT, 1, 3),
        ),
        (
            {"type": "object", "properties": {"A": {"type": "string"}}, "required": ["A"]},
            ObjectNode({"A": TEXT}, frozenset({"A"}), False, False),
        ),
        ({"type": "object", "additionalProperties": False}, ObjectNode({}, frozenset(), True, False)),
        (
            {"type": "object", "properties": {}, "minProperties": 1, "maxProperties": 1},
            ObjectNode({}, frozenset(), False, True),
        ),
        ({"type": "array"}, ListNode(AnyNode(), 0, None)),
        (
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
            ListNode(TEXT, 1, 2),
        ),
        ({"type": "string", "contentEncoding": "base64"}, BlobNode(0, None)),
        (
            {
                "type": "string",
                "contentEncoding": "base64",
                "x-aws-min-bytes": 1,
                "x-aws-max-bytes": 2,
            },
            BlobNode(1, 2),
        ),
        (
            {"type": "string", "pattern": "^a+$", "minLength": 1, "maxLength": 2},
            StringNode("^a+$", 1, 2),
        ),
        ({"type": "integer"}, IntegerNode(-(2**63), 2**63 - 1)),
        ({"type": "integer", "x-aws-type": "integer"}, IntegerNode(-(2**31), 2**31 - 1)),
        ({"type": "integer", "minimum": 1}, IntegerNode(1, 2**63 - 1, frozenset({"minimum"}))),
        ({"type": "integer", "maximum": 9}, IntegerNode(-(2**63), 9, frozenset({"maximum"}))),
        # What the model states, where the schema also asserts the type's width.
        (
            {"type": "integer", "minimum": 1, "maximum": 9, "x-aws-modelled": ["maximum"]},
            IntegerNode(1, 9, frozenset({"maximum"})),
        ),
        ({"type": "number", "minimum": 0.5, "maximum": 1}, NumberNode(0.5, 1)),
        ({"type": ["number", "string"]}, NumberNode(None, None, True)),
        ({"type": "boolean"}, BooleanNode()),
    ],
)
def test_a_schema_becomes_a_node(schema: Any, node: Node) -> None:
    properties = {"type": "object", "properties": {"Member": schema}}
    root = compile_schema(properties).root
    assert isinstance(root, ObjectNode)
    assert root.properties == {"Member": node}


@pytest.mark.parametrize(
    ("schema", "broken"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 1}, [("minimum", "below", 0), ("maximum", "above", 2)]),
        (
            {"type": "integer", "minimum": 1, "maximum": 4},
            [("type", "decimal", 1.5), ("minimum", "below", 0), ("maximum", "above", 5)],
        ),
        (
            {"type": "integer", "minimum": 1, "maximum": 4, "x-aws-modelled": ["maximum"]},
            [("type", "decimal", 1.5), ("minimum", "beyond width", 0), ("maximum", "above", 5)],
        ),
        (
            {"type": "number", "minimum": 1, "maximum": 4},
            [("minimum", "below", 0), ("maximum", "above", 5)],
        ),
        ({"type": "number"}, []),
        ({"enum": ["A", "B"]}, [("enum", "unlisted", "NOT_ONE_OF_THEM")]),
        ({"enum": ["NOT_ONE_OF_THEM"]}, []),
        ({"type": "boolean"}, []),
        (
            {"type": "string", "minLength": 2, "maxLength": 3},
            [("minLength", "shorter", "a"), ("maxLength", "longer", "aaaa")],
        ),
        (
            {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 2},
            [("minItems", "one less", []), ("maxItems", "one more", [False] * 3)],
        ),
        (
            {
                "type": "string",
                "contentEncoding": "base64",
                "x-aws-min-bytes": 4,
                "x-aws-max-bytes": 5,
            },
            [
                ("pattern", "not base64", "*AAAAA=="),
                ("minLength", "one quantum less", "AA=="),
                ("maxLength", "one quantum more", "AAAAAAAAAAA="),
            ],
        ),
        ({"type": "number", "x-aws-timestamp-format": "unixTimestamp"}, []),
        (
            {"type": "string", "x-aws-timestamp-format": "iso8601"},
            [
                ("pattern", "not a timestamp", "not-a-timestamp"),
                ("format", "no such day", "2023-02-30T00:00:00Z"),
            ],
        ),
        (
            {"type": "string", "x-aws-timestamp-format": "rfc822"},
            [
                ("pattern", "not a timestamp", "not-a-timestamp"),
                ("format", "no such day", "Thu, 30 Feb 2023 00:00:00 GMT"),
            ],
        ),
    ],
)
def test_what_is_broken_beside_the_type(schema: Any, broken: list[tuple[str, str, Any]]) -> None:
    tree = compile_schema({"type": "object", "properties": {"Member": schema}})
    assert [
        (mutation.keyword, mutation.value_class, mutation.document["Member"])
        for mutation in enumerated_mutations(tree)
        if mutation.pointer == ("Member",)
        and (mutation.keyword != "type" or mutation.value_class == "decimal")
    ] == broken


def test_keys_of_a_map_are_texts_of_different_lengths_and_then_others_of_each() -> None:
    def keys(node: StringNode, count: int) -> list[str]:
        node_of_map = MapNode(node, BooleanNode(), 0, None)
        return map_keys(Tree(node_of_map), node_of_map, RecordedChoices(()), count)

    assert keys(TEXT, 0) == []
    assert [len(key) for key in keys(StringNode(None, 1, None), 4)] == [1, 2, 3, 4]
    # Two lengths for five keys.
    pairs = keys(StringNode("^[ab]{1,2}$", 1, 2), 5)
    assert len(set(pairs)) == 5
    assert sorted(map(len, pairs)) == [1, 1, 2, 2, 2]
    # There are no more.
    assert sorted(keys(StringNode("^[ab]$", 1, 1), 5)) == ["a", "b"]
