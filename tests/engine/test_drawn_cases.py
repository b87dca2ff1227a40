# SPDX-License-Identifier: Apache-2.0
"""Random cases are made as they are sent: a run that ends early has not made those that it never sends."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.cases import CaseMaker
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.planned import DRAWN_AT_ONCE, drawn_cases, planned_cases
from aws_conformance.engine.plan import EmbeddedReference, Plan
from aws_conformance.engine.run import run
from aws_conformance.results.events import CaseFinished, Event, OperationFinished, OperationStarted

JOB = "cognito-idp:StartUserImportJob"


def _run(**settings: Any) -> list[Event]:
    events: list[Event] = []
    run(Plan((JOB,), EmbeddedReference(), phases=("random",), seed=7, **settings), events.append)
    return events


def test_a_run_draws_no_case_that_it_does_not_send(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered = CaseMaker.numbered
    indices: list[int] = []

    def counting(maker: CaseMaker, seed: int, index: int) -> Any:
        indices.append(index)
        return numbered(maker, seed, index)

    monkeypatch.setattr(CaseMaker, "numbered", counting)
    events = _run(max_examples=100_000, max_requests=40)
    # The first is made once more before all others.
    assert len(indices) <= DRAWN_AT_ONCE + 2
    sent = [event for event in events if isinstance(event, CaseFinished)]
    assert 0 < len(sent) <= DRAWN_AT_ONCE
    assert any(event.answered for event in sent)
    # What was never made is counted.
    (started,) = (event for event in events if isinstance(event, OperationStarted))
    (finished,) = (event for event in events if isinstance(event, OperationFinished))
    assert finished.cases - len(sent) == 100_000 - DRAWN_AT_ONCE
    assert finished.inconclusive >= 100_000 - DRAWN_AT_ONCE
    assert started.cases == finished.cases


def test_cases_are_the_same_as_if_all_were_drawn_at_once() -> None:
    examples = DRAWN_AT_ONCE + 20
    events = _run(max_examples=examples)
    contract = contract_of("cognito-idp").of(contract_of("cognito-idp").operation("StartUserImportJob"))
    planned = planned_cases(contract, ("random",), 7, examples, budget=None)
    ids = [case.info.id for case in planned.cases]
    sent = [event.case.id for event in events if isinstance(event, CaseFinished)]
    assert sorted(sent) == sorted(ids)
    assert planned.undrawn == range(0)


def test_what_is_drawn_later_goes_on_where_the_plan_ends() -> None:
    contract = contract_of("cognito-idp").of(contract_of("cognito-idp").operation("StartUserImportJob"))
    every = planned_cases(contract, ("random",), 7, 450, budget=None, first_example=3).cases
    some = planned_cases(contract, ("random",), 7, 450, budget=None, first_example=3, drawn=DRAWN_AT_ONCE)
    assert some.undrawn == range(203, 453)
    rest = [case.info.id for case in drawn_cases(contract, 7, some.undrawn)]
    ids = dict.fromkeys([*(case.info.id for case in some.cases), *rest])
    assert list(ids) == [case.info.id for case in every]
