# SPDX-License-Identifier: Apache-2.0
"""Units of a campaign, in any order, twice or killed: what is kept is what one run would have told."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.switchable import HEADER, events_of, footer, miniature, switchable

from aws_conformance.engine.campaign import store, worker
from aws_conformance.engine.campaign.conduct import Conditions, campaign
from aws_conformance.engine.campaign.results import OperationShare, UnitResult, results_of
from aws_conformance.engine.campaign.store import CampaignStore
from aws_conformance.engine.campaign.units import Units
from aws_conformance.engine.campaign.worker import carry_out_unit
from aws_conformance.engine.head import head_of
from aws_conformance.engine.plan import Plan, StartedTarget, UrlTarget
from aws_conformance.errors import UsageError
from aws_conformance.results.events import (
    CaseFinished,
    CaseInfo,
    Event,
    OperationFinished,
    Reported,
    Reproduction,
    RunStarted,
    Verified,
    Violation,
)
from aws_conformance.results.reports.summary import Summary, summary_to_json

CREATE = "cognito-idp:CreateUserImportJob"
PLAN = Plan((HEADER, CREATE), phases=("enumerated", "random"), seed=7, max_examples=6, budget=40)


def _summary(events: Sequence[Event]) -> dict[str, object]:
    summary = summary_to_json(Summary.from_events(events))
    for violation in summary["violations"]:
        # What the target made up and when it answered differs from run to run.
        violation["reproduce"]["response"] = violation["reproduce"]["request"] = ""
    return {key: value for key, value in summary.items() if key not in ("elapsed", "started")}


def _concluded(plan: Plan, folder: Path, rounds: int = 0) -> list[Event]:
    """The events of a campaign whose units are through: no worker is asked for anything."""
    events: list[Event] = []
    code = campaign(
        plan, events.append, Conditions(folder, rounds=rounds), lambda standing: None, carry_out_unit
    )
    assert footer(events).exit == code
    return events


def _carried_out(plan: Plan, folder: Path, count: int, rounds: int = 0) -> None:
    """Carry out the units of a campaign here, in any order and some of them twice."""
    units = Units(plan, count)
    numbers = list(units.numbers(rounds))
    numbers += numbers[:2]
    random.Random(3).shuffle(numbers)
    for number in numbers:
        # Each time anew, as a process that was killed would.
        database = CampaignStore(folder, head_of(plan), count)
        database.add(number, results_of(carry_out_unit(units.plan_of(number))), base=units.base(number))
        database.close()


def test_units_in_any_order_and_twice_equal_a_run(tmp_path: Path) -> None:
    _carried_out(PLAN, tmp_path, 5)
    assert _summary(_concluded(PLAN, tmp_path)) == _summary(events_of(PLAN))


def test_findings_of_units_count_as_in_a_run(tmp_path: Path) -> None:
    with switchable(miniature("untraceable")) as target:
        plan = Plan((HEADER,), UrlTarget(target.url), max_examples=10, fail_on="warning")
        _carried_out(plan, tmp_path, 3)
        unsplit = events_of(plan)
    assert _summary(_concluded(plan, tmp_path)) == _summary(unsplit)


def test_rounds_add_random_cases_that_no_other_unit_has(tmp_path: Path) -> None:
    plan = replace(PLAN, operations=(HEADER,))
    _carried_out(plan, tmp_path, 1, rounds=2)
    (finished,) = (event for event in _concluded(plan, tmp_path, 2) if isinstance(event, OperationFinished))
    longer = events_of(replace(plan, max_examples=6 + 400))
    assert finished.cases == len({event.case.id for event in longer if isinstance(event, CaseFinished)})


def _case(identifier: str) -> CaseFinished:
    info = CaseInfo(identifier, HEADER, "random", "positive", "random")
    return CaseFinished(info, Verified(), shows=("a1b2c3d4",))


def _share(*cases: CaseFinished) -> OperationShare:
    return OperationShare(OperationFinished(HEADER, True, "", True, len(cases)), cases)


def test_a_unit_that_is_cut_off_while_it_is_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = CampaignStore(tmp_path, head_of(PLAN), 2)
    database.add(0, UnitResult((_share(_case("a")),), 0, 1.0), base=True)
    monkeypatch.setattr(store, "beyond_cases", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        database.add(1, UnitResult((_share(_case("b"), _case("c")),), 0, 1.0), base=True)
    assert database.done() == {0}
    assert database.progress().cases == 1
    database.close()


def test_what_a_later_round_keeps_does_not_grow_with_what_its_cases_say(tmp_path: Path) -> None:
    database = CampaignStore(tmp_path, head_of(PLAN), 1)
    database.add(0, UnitResult((_share(_case("a")),), 0, 1.0), base=True)
    database.add(1, UnitResult((_share(_case("a"), _case("b")),), 0, 1.0), base=False)
    events = list(database.events_of(HEADER, complete=True))
    assert [event.case.id for event in events if isinstance(event, CaseFinished)] == ["a"]
    (finished,) = (event for event in events if isinstance(event, OperationFinished))
    assert (finished.cases, finished.verified) == (2, 2)
    database.close()


def test_a_campaign_goes_on_with_its_own_plan_alone(tmp_path: Path) -> None:
    CampaignStore(tmp_path, head_of(PLAN), 2).close()
    with pytest.raises(UsageError, match="another seed"):
        CampaignStore(tmp_path, head_of(replace(PLAN, seed=8)), 2)
    with pytest.raises(UsageError, match="another selection of operations"):
        CampaignStore(tmp_path, head_of(replace(PLAN, operations=(HEADER,))), 2)
    # How many units it was cut into is the campaign's own business.
    database = CampaignStore(tmp_path, head_of(PLAN), 9)
    assert database.count == 2
    with pytest.raises(UsageError, match="in use by another campaign"):
        CampaignStore(tmp_path, head_of(PLAN), 2)
    database.close()
    (tmp_path / "campaign.sqlite").write_text("no database, but long enough to be looked at as one" * 99)
    with pytest.raises(UsageError, match="can't be used"):
        CampaignStore(tmp_path, head_of(PLAN), 2)


def _deadly(name: str, deaths: int, *, shows: bool) -> UnitResult:
    violation = Violation(
        "server.crash", "error", "PROTOCOL", HEADER, "(request)", "", "an answer", "died: x"
    )
    info = CaseInfo("a", HEADER, "enumerated", "positive", name)
    finding = Reported(violation, 1, Reproduction("", "", "", info, {}, "", ""), (HEADER,))
    stories = () if shows or not deaths else (f"died in {name}",)
    finished = OperationFinished(
        HEADER, True, "", True, 1, findings=(finding,) if shows else (), deaths=stories, unreached=name
    )
    return UnitResult((OperationShare(finished, ()),), deaths, 1.0)


@pytest.mark.parametrize(
    ("tries", "chosen", "findings", "stories"),
    [
        # Somebody killed it once: what it answered then is asked again, and the death is told.
        ([(1, False), (0, False)], 1, 0, 1),
        # A request kills it, each time.
        ([(1, True), (1, True)], 0, 1, 0),
        # Killed by a request in each try, and by somebody else in the first.
        ([(2, True), (1, True)], 1, 1, 1),
        # It looked like a request once, and never again.
        ([(1, True), (0, False), (0, False)], 1, 0, 1),
        # Not at once, but again.
        ([(1, True), (0, False), (1, True)], 0, 1, 0),
    ],
)
def test_a_death_by_another_hand_leaves_no_trace_in_a_unit(
    tries: list[tuple[int, bool]], chosen: int, findings: int, stories: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [_deadly(f"try {index}", deaths, shows=killed) for index, (deaths, killed) in enumerate(tries)]
    left = iter(results)
    monkeypatch.setattr(worker, "_carried_out", lambda plan: next(left))
    plan = Plan((HEADER,), StartedTarget("server {port}"))
    (share,) = results_of(carry_out_unit(plan)).shares
    assert next(left, None) is None
    assert share.finished.unreached == f"try {chosen}"
    assert len(share.finished.findings) == findings
    assert len(share.finished.deaths) == stories


def test_what_is_missing_of_a_campaign_is_reported(tmp_path: Path) -> None:
    plan = replace(PLAN, operations=(HEADER,))
    units = Units(plan, 3)
    database = CampaignStore(tmp_path, head_of(plan), 3)
    for number in (0, 2):
        database.add(number, results_of(carry_out_unit(units.plan_of(number))), base=True)
    database.close()
    events: list[Event] = []
    # Its time is up before anything is begun.
    code = campaign(
        plan, events.append, Conditions(tmp_path, seconds=-1.0), lambda standing: None, carry_out_unit
    )
    assert code == 4
    assert footer(events).reasons == ("missing of seed 7: shards 2/3",)
    assert isinstance(events[0], RunStarted)
    assert events[0].settings["shards"] == {"7": ["1/3", "3/3"]}


def test_shares_of_a_campaign_have_each_unit_once() -> None:
    every = list(Units(PLAN, 5).numbers(3))
    shares = [list(Units(PLAN, 5, (index, 3)).numbers(3)) for index in (1, 2, 3)]
    assert sorted(number for share in shares for number in share) == every == list(range(5 + 3 * 2))
    # Without random cases there is nothing that further rounds could add.
    assert list(Units(replace(PLAN, phases=("enumerated",)), 5).numbers(3)) == list(range(5))


def test_the_database_is_plain_sqlite(tmp_path: Path) -> None:
    CampaignStore(tmp_path, head_of(PLAN), 2).close()
    with sqlite3.connect(tmp_path / "campaign.sqlite") as database:
        assert dict(database.execute("SELECT name, value FROM about"))["count"] == "2"
