# SPDX-License-Identifier: Apache-2.0
"""How lists are paged, by botocore's rows or by their members, and what a page shows."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.oracles.paging import Paging, paging_of
from aws_conformance.spec.botocore import load_service, parse_service


def _paging(name: str, noun: str = "thing") -> Paging:
    service, _, operation = name.partition(":")
    loaded = load_service(service)
    return paging_of(loaded, loaded.operations[operation], noun)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "cognito-idp:ListUserPools",
            Paging(("NextToken",), ("NextToken",), "", "MaxResults", 1, ("UserPools",), True),
        ),
        (
            "iam:ListUsers",
            Paging(("Marker",), ("Marker",), "IsTruncated", "MaxItems", 1, ("Users",), True),
        ),
        # A token that is a key means something.
        (
            "dynamodb:ListTables",
            Paging(
                ("ExclusiveStartTableName",), ("LastEvaluatedTableName",), "", "Limit", 1, ("TableNames",)
            ),
        ),
        # Where no model says so, documents do.
        (
            "rds:DescribeDBInstances",
            Paging(("Marker",), ("Marker",), "", "MaxRecords", 20, ("DBInstances",), True),
        ),
        # The least that its shape allows.
        (
            "datasync:ListTasks",
            Paging(("NextToken",), ("NextToken",), "", "MaxResults", 1, ("Tasks",), True),
        ),
    ],
)
def test_rows_of_botocore_tell_how_a_list_is_paged(name: str, expected: Paging) -> None:
    assert _paging(name) == expected


def _service(members: dict[str, Any], shown: dict[str, Any]) -> Any:
    shapes = {
        "In": {"type": "structure", "members": {name: {"shape": shape} for name, shape in members.items()}},
        "Out": {"type": "structure", "members": {name: {"shape": shape} for name, shape in shown.items()}},
        "Text": {"type": "string"},
        "Number": {"type": "integer"},
        "Few": {"type": "integer", "min": 5, "max": 50},
        "None": {"type": "integer", "min": 0},
        "Things": {"type": "list", "member": {"shape": "Thing"}},
        "Names": {"type": "list", "member": {"shape": "Text"}},
        "ByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Thing"}},
        "Thing": {"type": "structure", "members": {"Name": {"shape": "Text"}}},
    }
    operation = {"name": "ListThings", "http": {}, "input": {"shape": "In"}, "output": {"shape": "Out"}}
    raw = {
        "metadata": {"protocol": "json", "apiVersion": "2020-01-01", "endpointPrefix": "paged"},
        "operations": {"ListThings": operation},
        "shapes": shapes,
    }
    return parse_service("paged-by-members", raw)


@pytest.mark.parametrize(
    ("members", "shown", "expected"),
    [
        (
            {"NextToken": "Text", "MaxResults": "Few"},
            {"NextToken": "Text", "Others": "Names", "Things": "Things"},
            Paging(("NextToken",), ("NextToken",), "", "MaxResults", 5, ("Things",), True),
        ),
        ({"marker": "Text"}, {"marker": "Text", "Names": "Names"},
         Paging(("marker",), ("marker",), results=("Names",), opaque=True)),
        # A token that no answer shows, or that is no text, turns no page.
        ({"NextToken": "Text"}, {"Things": "Things"}, Paging(results=("Things",))),
        ({"NextToken": "Number"}, {"NextToken": "Number"}, Paging()),
        # A limit is a number, and one that may be nothing is at least 1.
        ({"Limit": "Text"}, {"Things": "Things"}, Paging(results=("Things",))),
        ({"page_size": "None"}, {"ByName": "ByName"}, Paging(limit="page_size", results=("ByName",))),
        ({"MaxItems": "Number"}, {}, Paging(limit="MaxItems")),
        ({"MaxThings": "Number"}, {}, Paging()),
    ],
)  # fmt: skip
def test_members_tell_where_no_row_does(members: Any, shown: Any, expected: Paging) -> None:
    service = _service(members, shown)
    assert paging_of(service, service.operations["ListThings"], "Thing") == expected


def test_the_next_page_is_asked_for_by_what_the_last_shows() -> None:
    paging = Paging(("A", "B"), ("Next", "Position.Other"), more="IsTruncated")
    page = {"IsTruncated": True, "Next": "n", "Position": {"Other": "o"}}
    assert paging.following(page) == {"A": "n", "B": "o"}
    assert paging.following({**page, "Position": None}) == {"A": "n"}
    assert paging.following({**page, "Next": ""}) == {"B": "o"}
    assert paging.following({**page, "IsTruncated": False}) == {}
    assert Paging(("A",), ("Next",)).following({"Next": "n"}) == {"A": "n"}


def test_elements_stand_in_lists_and_in_maps() -> None:
    paging = Paging(results=("Things", "Deep.ByName"))
    page = {"Things": ["a", "b"], "Deep": {"ByName": {"k": 1}}}
    assert list(paging.elements(page)) == [
        ("Things", 0, "a"),
        ("Things", 1, "b"),
        ("Deep.ByName", 0, ("k", 1)),
    ]
    assert list(paging.elements({"Things": None})) == []


def test_the_structures_of_elements_are_those_of_lists_at_the_root() -> None:
    service = _service({}, {"Things": "Things", "Names": "Names", "ByName": "ByName"})
    operation = service.operations["ListThings"]
    paging = Paging(results=("Things", "Names", "ByName", "Deep.Things"))
    assert [list(shape.members) for shape in paging.shapes(service, operation)] == [["Name"]]
