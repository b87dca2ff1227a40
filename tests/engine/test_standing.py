# SPDX-License-Identifier: Apache-2.0
"""The tally: each outcome under its own name, and nothing under another's."""

from __future__ import annotations

import typing

import pytest

from aws_conformance.engine.tally import OperationTally
from aws_conformance.results.events import (
    CaseFinished,
    CaseInfo,
    Errored,
    Event,
    Flaky,
    Inconclusive,
    NotImplementedByTarget,
    OperationFinished,
    Outcome,
    Tallied,
    Verified,
    Violated,
    tallied_as,
)

CASE = CaseInfo("1", "a:B", "enumerated", "positive", "t")
OUTCOMES: dict[Tallied, Outcome] = {
    "verified": Verified(),
    "violated": Violated(()),
    "inconclusive": Inconclusive("r"),
    "not_implemented": NotImplementedByTarget("e"),
    "errored": Errored("r"),
    "flaky": Flaky(()),
}


def test_every_outcome_has_a_name_of_its_own() -> None:
    assert set(OUTCOMES) == set(typing.get_args(Tallied))
    assert {type(outcome) for outcome in OUTCOMES.values()} == set(typing.get_args(Outcome))
    for name, outcome in OUTCOMES.items():
        assert tallied_as(outcome) == name


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_outcome_is_counted_where_it_belongs(name: Tallied) -> None:
    events: list[Event] = []
    standing = OperationTally("a:B", events.append)
    standing.count(CASE, OUTCOMES[name])
    standing.conclude("")
    finished = events[-1]
    assert isinstance(finished, OperationFinished)
    assert {other: getattr(finished, other) for other in OUTCOMES} == {
        other: int(other == name) for other in OUTCOMES
    }


def test_what_is_no_outcome_is_counted_nowhere() -> None:
    """An outcome that is new must not pass for an errored one."""
    events: list[Event] = []
    standing = OperationTally("a:B", events.append)
    with pytest.raises(AssertionError, match="unreachable"):
        standing.count(CASE, typing.cast("Outcome", CaseFinished(CASE, Verified())))
    assert events == []
