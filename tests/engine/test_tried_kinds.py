# SPDX-License-Identifier: Apache-2.0
"""In a limited time, what no operation was asked yet comes before what others were asked already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aws_conformance.cases.case import Case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.planned import planned_cases
from aws_conformance.engine.attempt import Attempt, Attempter
from aws_conformance.engine.environment import Environment
from aws_conformance.engine.explore import Exploration
from aws_conformance.engine.plan import EmbeddedReference, Plan
from aws_conformance.engine.run import run
from aws_conformance.engine.tried_kinds import TriedKinds
from aws_conformance.results.events import CaseFinished, CaseInfo, Event

CONTRACT = contract_of("cognito-idp")
NAMES = ("CreateUserPool", "CreateGroup", "AdminCreateUser")


def _kind(info: CaseInfo) -> tuple[str, str, str]:
    return info.kind, info.keyword, info.value_class


def test_each_operation_is_asked_what_others_were_not() -> None:
    tried_kinds = TriedKinds()
    kinds: list[tuple[str, str, str]] = []
    for name in NAMES:
        contract = CONTRACT.of(CONTRACT.operation(name))
        cases = planned_cases(contract, ("enumerated",), 0, 0, budget=350).cases
        newest = tried_kinds.newest(cases, 8)
        assert len({case.info.id for case in newest}) == 8
        kinds += [_kind(case.info) for case in newest]
    assert len(set(kinds)) == 24


def test_few_cases_are_all_chosen() -> None:
    contract = CONTRACT.of(CONTRACT.operation("CreateGroup"))
    cases = planned_cases(contract, ("enumerated",), 0, 0, budget=350).cases[:3]
    assert sorted(case.info.id for case in TriedKinds().newest(cases, 8)) == sorted(
        case.info.id for case in cases
    )


def test_new_kinds_come_before_stories_and_once_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[CaseInfo | None] = []
    attempt, stories = Attempter.attempt, Exploration._stories

    def attempted(self: Attempter, case: Case, environment: Environment, **options: bool) -> Attempt:
        sent.append(case.info)
        return attempt(self, case, environment, **options)

    def told(self: Exploration) -> Iterator[None]:
        sent.append(None)
        return stories(self)

    monkeypatch.setattr(Attempter, "attempt", attempted)
    monkeypatch.setattr(Exploration, "_stories", told)
    events: list[Event] = []
    plan = Plan(
        ("cognito-idp:DescribeUserPool",),
        EmbeddedReference(),
        phases=("enumerated", "stateful"),
        max_time=300.0,
        budget=60,
    )
    run(plan, events.append)
    before = sent[: sent.index(None)]
    kinds = [_kind(info) for info in before[1:] if info is not None]
    assert len(kinds) == len(set(kinds)) == 8
    ids = [event.case.id for event in events if isinstance(event, CaseFinished)]
    assert len(ids) == len(set(ids))
    assert {info.id for info in before if info is not None} < set(ids)
