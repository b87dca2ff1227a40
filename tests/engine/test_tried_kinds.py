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
from aws_conformance.results.events import CaseFinished, CaseInfo, Event, Violation

CONTRACT = contract_of("cognito-idp")
NAMES = ("CreateUserPool", "CreateGroup", "AdminCreateUser")


def _kind(info: CaseInfo) -> tuple[str, str, str]:
    return info.kind, info.keyword, info.value_class


def _cases(name: str) -> tuple[Case, ...]:
    return planned_cases(CONTRACT.of(CONTRACT.operation(name)), ("enumerated",), 0, 0, budget=350).cases


def test_each_operation_is_asked_what_others_were_not() -> None:
    tried_kinds = TriedKinds()
    kinds: list[tuple[str, ...]] = []
    for name in NAMES:
        newest = tried_kinds.newest(_cases(name), 8)
        assert len({case.info.id for case in newest}) == 8
        # What is sent last is what may spoil the state that others need.
        assert [case.info.kind for case in newest] == sorted(
            (case.info.kind for case in newest), key="negative".__eq__
        )
        kinds += [(*_kind(case.info), case.place_kind) for case in newest]
    assert len(set(kinds)) >= 22


def test_what_crashes_targets_more_often_is_new_for_longer() -> None:
    tried_kinds = TriedKinds()
    chosen = [case for _ in range(20) for case in tried_kinds.newest(_cases("AdminCreateUser"), 8)]
    of_lists = sum(case.info.keyword == "type" and case.place_kind == "list" for case in chosen)
    of_booleans = sum(case.info.keyword == "type" and case.place_kind == "boolean" for case in chosen)
    assert of_lists > 2 * of_booleans > 0


def test_an_operation_with_many_enumerations_is_asked_for_more_than_their_values() -> None:
    newest = TriedKinds().newest(_cases("AdminInitiateAuth"), 8)
    assert sum(case.info.keyword.startswith("enum ") for case in newest) == 1


def test_all_cases_have_their_turn_in_the_order_of_what_was_tried_least() -> None:
    cases = _cases("CreateUserPool")
    tried_kinds = TriedKinds()
    sent = list(tried_kinds.by_turns(cases, 8))
    assert sorted(case.info.id for case in sent) == sorted(case.info.id for case in cases)
    assert [case.info.id for case in sent[:8]] == [case.info.id for case in TriedKinds().newest(cases, 8)]
    # Another operation is asked meanwhile: what it was asked for is not new any more.
    turns = TriedKinds()
    rest = turns.by_turns(cases, 8)
    first = [next(rest).info.id for _ in range(8)]
    turns.newest(_cases("UpdateUserPool"), 40)
    assert first == [case.info.id for case in sent[:8]]
    assert [next(rest).info.id for _ in range(8)] != [case.info.id for case in sent[8:16]]


@pytest.mark.parametrize("news", [True, False])
def test_what_showed_something_new_comes_again_before_what_showed_what_is_known(news: bool) -> None:
    tried_kinds = TriedKinds()
    cases = [case for case in _cases("CreateUserPool") if case.info.keyword in ("minLength", "maxLength")]
    violation = Violation("server.crash", "error", "MODEL", "x:Y", "$", "r", "e", "g", site="KeyError in a")
    tried_kinds.note(_cases("AdminGetUser")[0], () if news else (violation,))
    (first,) = tried_kinds.newest(cases, 1)
    tried_kinds.note(first, (violation,))
    chosen = [*tried_kinds.newest([case for case in cases if case != first], 3)]
    again = [case for case in chosen if case.info.keyword == first.info.keyword]
    assert len(again) == (2 if news else 0)


def test_what_is_wrong_with_every_answer_makes_no_kind_wait() -> None:
    tried_kinds = TriedKinds()
    violation = Violation("response.header.request_id", "warning", "MODEL", "x:Y", "$", "r", "e", "g")
    cases = [case for case in _cases("CreateUserPool") if case.info.keyword in ("minLength", "maxLength")]
    for _ in range(2):
        (case,) = tried_kinds.newest(cases, 1)
        tried_kinds.note(case, (violation,))
    keywords = [case.info.keyword for case in tried_kinds.newest(cases, 4)]
    assert len(set(keywords)) == 2


def test_few_cases_are_all_chosen() -> None:
    cases = _cases("CreateGroup")[:3]
    assert sorted(case.info.id for case in TriedKinds().newest(cases, 8)) == sorted(
        case.info.id for case in cases
    )


def test_new_kinds_come_before_stories_and_once_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[CaseInfo | None] = []
    attempt, stories = Attempter.attempt, Exploration._stories

    def attempted(self: Attempter, case: Case, environment: Environment, **options: bool) -> Attempt:
        sent.append(case.info)
        return attempt(self, case, environment, **options)

    def told(self: Exploration, **options: bool) -> Iterator[None]:
        sent.append(None)
        return stories(self, **options)

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
    assert 6 <= len(kinds) <= 16
    ids = [event.case.id for event in events if isinstance(event, CaseFinished)]
    assert len(ids) == len(set(ids))
    assert {info.id for info in before if info is not None} < set(ids)
