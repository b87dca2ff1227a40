# SPDX-License-Identifier: Apache-2.0
"""What is known of a resource within a walk, by its answers and by its facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from aws_conformance.checks.history_subjects import Observation
from aws_conformance.engine.histories.resource import ModelResource
from aws_conformance.spec.botocore import load_service

_DESCRIBE = load_service("cognito-idp").operations["DescribeUserPool"]


def _observation(document: Mapping[str, Any] | None) -> Observation:
    return Observation("DescribeUserPool", _DESCRIBE, (), document, None, 0)


def _otherwise(symbol: Mapping[str, Any]) -> Any:
    return f"filled {symbol}"


def test_the_creation_is_asked_first_and_then_the_last_answer() -> None:
    resource = ModelResource("pool", frozenset({"active"}), {}, created={"Id": "p-1"})
    resource.seen = [
        _observation({"Id": "p-2", "Status": "old", "Arn": "a"}),
        _observation({"Status": "new"}),
        _observation(None),
    ]
    assert (resource.own("Id"), resource.own("Status"), resource.own("Arn")) == ("p-1", "new", "a")
    with pytest.raises(LookupError, match="no answer has shown Name"):
        resource.own("Name")


def test_without_a_creation_answers_tell() -> None:
    resource = ModelResource("pool", frozenset({"active"}), {}, seen=[_observation({"Id": "p-3"})])
    assert resource.own("Id") == "p-3"
    # A member that stands there with nothing is not shown.
    resource.seen.append(_observation({"Id": None}))
    assert resource.own("Id") == "p-3"


def test_symbols_are_of_the_resource_or_of_others() -> None:
    resource = ModelResource("pool", frozenset({"active"}), {"size": {"$own": "Size"}}, created={"Size": 3})
    assert resource.resolve({"$own": "Size"}, _otherwise) == 3
    assert resource.resolve({"$fact": "size"}, _otherwise) == 3
    assert resource.resolve({"$from": "CreateUser.Id"}, _otherwise) == "filled {'$from': 'CreateUser.Id'}"
    with pytest.raises(LookupError, match="pool has no color"):
        resource.resolve({"$fact": "color"}, _otherwise)


def test_a_name_is_chosen_once() -> None:
    resource = ModelResource("pool", frozenset({"active"}), {})
    chosen = iter(("first", "second"))
    names = [resource.resolve({"$name": "user"}, lambda symbol: next(chosen)) for _ in range(2)]
    assert names == ["first", "first"]
    assert resource.resolve({"$name": "other"}, lambda symbol: next(chosen)) == "second"


@pytest.mark.parametrize(
    ("believed", "state", "label"),
    [({"active"}, "active", "active"), ({"b", "a"}, "", "a or b"), (set(), "", "")],
)
def test_it_is_in_a_state_only_where_there_is_no_other(believed: set[str], state: str, label: str) -> None:
    resource = ModelResource("pool", frozenset(believed), {})
    assert (resource.state, resource.label) == (state, label)
