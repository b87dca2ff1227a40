# SPDX-License-Identifier: Apache-2.0
"""The named predicates: a closed set of four, each with three truth values, and how each is told."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.lifecycles.file_schema import lifecycle_schema
from aws_conformance.cases.lifecycles.predicates import (
    PREDICATES,
    Is,
    OthersIn,
    Predicate,
    Scene,
    Truth,
    all_hold,
    holds,
    parse,
)

JOB = {"file": "good", "verifies": True, "rows": 0, "name": None}


def _others(*states: str) -> tuple[frozenset[str], ...]:
    """Other resources, each of which may be in any of the states named, such as "Created/Pending"."""
    return tuple(frozenset(state.split("/")) for state in states)


def test_the_set_is_closed_and_each_is_documented_in_a_sentence() -> None:
    assert set(PREDICATES) == {"is", "is-not", "some-in", "none-in"}
    for meaning in PREDICATES.values():
        assert 20 < len(meaning) < 110
        assert not set(meaning) & set(".;\n")
    with pytest.raises(TypeError, match="does not support item assignment"):
        PREDICATES["near"] = "somewhere"  # type: ignore[index]  # that is the test


def test_the_published_schema_has_the_same_predicates_with_the_same_words() -> None:
    condition = lifecycle_schema()["properties"]["transitions"]["items"]["properties"]["when"]["items"]
    assert {name: predicate["description"] for name, predicate in condition["properties"].items()} == dict(
        PREDICATES
    )
    assert condition["additionalProperties"] is False


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        ({"is": {"file": "good"}}, True),
        ({"is": {"file": "bad"}}, False),
        ({"is": {"file": ["bad", "good"]}}, True),
        ({"is": {"file": ["bad", "odd"]}}, False),
        ({"is": {"verifies": True}}, True),
        ({"is": {"verifies": False}}, False),
        ({"is": {"rows": 0}}, True),
        ({"is": {"rows": 1}}, False),
        ({"is-not": {"file": "good"}}, False),
        ({"is-not": {"file": "bad"}}, True),
        ({"is-not": {"file": ["bad", "good"]}}, False),
        ({"is-not": {"file": ["bad", "odd"]}}, True),
        # A fact that nobody has told is none of the values.
        ({"is": {"colour": "red"}}, False),
        ({"is-not": {"colour": "red"}}, True),
        # Several facts are several conditions, all of which must hold.
        ({"is": {"file": "good", "verifies": True}}, True),
        ({"is": {"file": "good", "verifies": False}}, False),
        ({"is": {"file": "bad", "verifies": True}}, False),
        # None of them may have its value: one that has is enough to break it.
        ({"is-not": {"file": "bad", "verifies": False}}, True),
        ({"is-not": {"file": "good", "verifies": False}}, False),
        ({"is-not": {"file": "bad", "verifies": True}}, False),
        # Two words in one entry.
        ({"is": {"file": "good"}, "is-not": {"rows": 1}}, True),
        ({"is": {"file": "good"}, "is-not": {"rows": 0}}, False),
    ],
)
def test_facts(raw: dict[str, Any], truth: Truth) -> None:
    assert all_hold(parse(raw), Scene(JOB)) is truth


@pytest.mark.parametrize(
    ("others", "some", "none"),
    [
        # There is no other resource.
        ((), False, True),
        # It is known where the other is.
        (("Pending",), True, False),
        (("Created",), False, True),
        # It may move, but only within the states asked for, or only outside of them.
        (("Pending/InProgress",), True, False),
        (("Created/Expired",), False, True),
        # It may have moved by itself into one of them, or out of them.
        (("Created/Pending",), None, None),
        # One is enough, wherever the rest is.
        (("Created", "InProgress"), True, False),
        (("Created/Pending", "InProgress"), True, False),
        (("InProgress", "Created/Pending"), True, False),
        (("Created", "Stopped/Expired"), False, True),
        (("Created", "Created/Pending"), None, None),
        # Each of two may have left: nobody can tell whether both have.
        (("Pending/Failed", "InProgress/Succeeded"), None, None),
    ],
)
def test_other_resources(others: tuple[str, ...], some: Truth, none: Truth) -> None:
    scene = Scene({}, _others(*others))
    asked = ["Pending", "InProgress"]
    assert all_hold(parse({"some-in": asked}), scene) is some
    assert all_hold(parse({"none-in": asked}), scene) is none


@pytest.mark.parametrize(
    ("truths", "together"),
    [
        ([], True),
        ([True], True),
        ([None], None),
        ([False], False),
        ([True, True], True),
        ([True, None], None),
        ([None, True], None),
        # What doesn't hold settles it, whatever can't be told beside it.
        ([None, False], False),
        ([False, None], False),
        ([True, None, False], False),
    ],
)
def test_all_of_several(truths: list[Truth], together: Truth) -> None:
    predicate: dict[Truth, Predicate] = {
        True: Is("file", ("good",)),
        False: Is("file", ("bad",)),
        None: OthersIn(frozenset({"Pending"})),
    }
    scene = Scene(JOB, _others("Created/Pending"))
    assert [holds(predicate[truth], scene) for truth in truths] == truths
    assert all_hold((predicate[truth] for truth in truths), scene) is together


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"is": {"file": "none"}}, ["file is none"]),
        ({"is-not": {"file": "none"}}, ["file is not none"]),
        ({"is": {"file": ["good", "mixed"]}}, ["file is good or mixed"]),
        ({"is-not": {"file": ["good", "mixed"]}}, ["file is not good or mixed"]),
        ({"is": {"verifies": True}}, ["verifies is yes"]),
        ({"is": {"verifies": False}}, ["verifies is no"]),
        ({"is": {"rows": 0}}, ["rows is 0"]),
        ({"is": {"verifies": True, "file": "good"}}, ["verifies is yes", "file is good"]),
        ({"some-in": ["Pending", "InProgress"]}, ["another is InProgress or Pending"]),
        ({"none-in": ["Stopping"]}, ["no other is Stopping"]),
        ({"is": {"file": "good"}, "none-in": ["A", "B"]}, ["file is good", "no other is A or B"]),
    ],
)
def test_described_in_words(raw: dict[str, Any], words: list[str]) -> None:
    assert [str(predicate) for predicate in parse(raw)] == words


def test_read_into_values() -> None:
    assert parse({"is-not": {"file": ["a", "b"]}, "some-in": ["X", "Y"], "is": {"n": 1}}) == (
        Is("file", ("a", "b"), negated=True),
        OthersIn(frozenset({"X", "Y"})),
        Is("n", (1,)),
    )
    assert parse({"none-in": ["X"]}) == (OthersIn(frozenset({"X"}), negated=True),)
