# SPDX-License-Identifier: Apache-2.0
"""How a history would go: what its moves mean beforehand, and which shorter ones still mean the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aws_conformance.cases.lifecycles.belief import Rules
from aws_conformance.cases.lifecycles.histories import History, Step, doubled, shorter, without_stops
from aws_conformance.cases.lifecycles.registry import histories_of, lifecycles_of
from aws_conformance.cases.lifecycles.simulate import foresee, keeps_meaning

_LIFE = {history.name: history for history in lifecycles_of("cognito-idp")}
RULES = Rules(_LIFE["user-import-job"])
HISTORIES = histories_of("cognito-idp", (), "user-import-job")


def _history(title: str) -> History:
    return next(history for history in HISTORIES if history.info.title == title)


def _words(history: History) -> list[str]:
    return [" in ".join(filter(None, (said, ", ".join(where)))) for _, said, where in foresee(RULES, history)]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "Created → Pending → InProgress → Succeeded",
            [
                "legal in nowhere",
                "legal in Created",
                "legal in Created",
                "comes",
                "comes",
            ],
        ),
        ("Created → Expired", ["legal in nowhere", "comes"]),
        (
            "start in Created (file is none)",
            [
                "legal in nowhere",
                (
                    "forbidden: published recordings of the service's answers: "
                    "No csv file was uploaded for import-... in Created"
                ),
            ],
        ),
        ("start in Created (an unknown pool)", ["legal in nowhere", "forbidden in Created"]),
        (
            "start from 16 connections",
            [
                "legal in nowhere",
                "legal in Created",
                "['legal'] in Created",
            ],
        ),
    ],
)
def test_what_each_move_means(title: str, words: list[str]) -> None:
    assert _words(_history(title)) == words


def test_what_can_not_be_is_said() -> None:
    alone = replace(_history("Created → Expired"), moves=(Step("wait", "first"),))
    assert _words(alone) == ["impossible"]
    history = _history("Created → Pending → InProgress → Succeeded")
    without_a_start = replace(history, moves=(*history.moves[:2], *history.moves[3:]))
    assert _words(without_a_start)[2:] == ["impossible", "impossible"]


@pytest.mark.parametrize(
    "title",
    [history.info.title for history in HISTORIES if history.kind != "path" and history.moves[-1].refusal < 0],
)
def test_a_history_that_is_as_short_as_can_be_has_nothing_to_leave_out(title: str) -> None:
    history = _history(title)
    meant = foresee(RULES, history)
    candidates = [history for history in shorter(history) if keeps_meaning(foresee(RULES, history), meant)]
    # A stop that leads to Stopped at once or by Stopping is waited for, though it need not be.
    assert all(
        move.do in ("wait",) for history in candidates for move in set(history.moves) - set(history.moves)
    )


def test_what_does_not_matter_is_left_out() -> None:
    history = _history("start in Pending")
    create, upload, start, again = history.moves
    read, other = Step("read", "first", "list"), Step("act", "second", "create")
    longer = replace(history, moves=(create, other, read, upload, start, again))
    meant = foresee(RULES, longer)
    candidates = {
        history.moves for history in shorter(longer) if keeps_meaning(foresee(RULES, history), meant)
    }
    assert (create, upload, start, again) in candidates
    # To start once is something else than to start twice, and to start without a file is, too.
    assert (create, other, read, upload, again) not in candidates
    assert (create, other, read, start, again) not in candidates


def test_what_leads_to_the_same_state_another_way_is_left_out() -> None:
    rules = Rules(_LIFE["user"])
    histories = histories_of("cognito-idp", (), "user")
    direct = next(history for history in histories if history.info.title == "update in gone")
    create, delete, update = direct.moves
    disable = Step("act", "first", "disable", create.variant)
    longer = replace(direct, moves=(create, replace(disable, name="set password"), disable, delete, update))
    meant = foresee(rules, longer)
    candidates = [history for history in shorter(longer) if keeps_meaning(foresee(rules, history), meant)]
    assert (create, delete, update) in {
        two.moves for history in candidates for two in (history, *shorter(history))
    }
    # Where the last one meets its resource is what the violation is of.
    assert all(history.moves[-2:] == (delete, update) for history in candidates)


def test_stops_on_the_way_are_left_out_and_no_others() -> None:
    history = _history("Created → Pending → InProgress → Succeeded")
    assert [history.until for history in without_stops(history).moves if history.do == "wait"] == [
        ("Succeeded",)
    ]
    stopped = _history("Created → Pending → InProgress → (Stopping) → Stopped")
    assert without_stops(stopped).moves == stopped.moves


def test_doubled_does_the_same_to_another_first() -> None:
    history = _history("start in Created (file is none)")
    moves = doubled(history).moves
    assert [(history.who, history.name) for history in moves] == [
        ("second", "create"),
        ("second", "start"),
        ("first", "create"),
        ("first", "start"),
    ]
