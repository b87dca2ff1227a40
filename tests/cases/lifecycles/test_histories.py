# SPDX-License-Identifier: Apache-2.0
"""Histories as values: ids that stay, the form that reports hold, and what a shorter one is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.cases.lifecycles.histories import History, Step, from_json, history, shorter, to_json
from aws_conformance.cases.lifecycles.registry import histories_of, lifecycles_of
from aws_conformance.errors import UsageError

_LIFE = {lifecycle.name: lifecycle for lifecycle in lifecycles_of("cognito-idp")}
_JOB = _LIFE["user-import-job"]
_EVERY = [lifecycle for name in _LIFE for lifecycle in histories_of("cognito-idp", (), name)]

CREATE = Step("act", "first", "create")
UPLOAD = Step("act", "first", "upload", "plain")
START = Step("act", "first", "start")
WAIT = Step("wait", "first", until=("InProgress",))
STOP = Step("act", "first", "stop")


# Baselines and reports name histories by these: a change of any is a change that users see.
@pytest.mark.parametrize(
    ("life", "title", "identity"),
    [
        ("user-import-job", "Created → Pending → InProgress → Succeeded", "2949189364a8"),
        ("user-import-job", "Created → Expired", "5ee47664f606"),
        ("user-import-job", "upload: malformed, then start", "afb169a2ea05"),
        ("user-import-job", "describe in Created", "77493a190578"),
        ("user-import-job", "start in Created (an unknown pool)", "d78df573db3f"),
        (
            "user-import-job",
            "start in Created (file is not none and verifies is no), unverified",
            "246ca07f0418",
        ),
        ("user-import-job", "start from 16 connections", "47fae33370a4"),
        ("user-pool", "there → gone", "ec14bfceb0c1"),
        ("user", "sign-in in invited and disabled", "5ba2271214a0"),
        ("user", "delete from 8 connections", "f0e46df85569"),
    ],
)
def test_ids_stay(life: str, title: str, identity: str) -> None:
    ids = [
        history.info.id for history in histories_of("cognito-idp", (), life) if history.info.title == title
    ]
    assert ids == [identity]


def _history(**changes: Any) -> History:
    members: dict[str, Any] = {
        "lifecycle": _JOB,
        "kind": "forbidden",
        "title": "a title",
        "setting": "usual",
        "moves": (CREATE, UPLOAD, START),
        "subject": "StartUserImportJob",
        "state": "Created",
    }
    return history(**{**members, **changes})


def test_an_id_does_not_depend_on_how_a_history_is_called_and_what_it_is_about() -> None:
    first = _history()
    for renamed in (_history(title="another"), _history(subject="StopUserImportJob")):
        assert renamed.info.id == first.info.id
    assert len(first.info.id) == 12


@pytest.mark.parametrize(
    "changes",
    [
        {"lifecycle": _LIFE["user"]},
        {"kind": "path"},
        {"setting": "unverified"},
        {"state": "Pending"},
        {"moves": (CREATE, START)},
        {"moves": (CREATE, START, UPLOAD)},
        {"moves": (CREATE, UPLOAD, replace(START, refusal=8))},
        {"moves": (CREATE, UPLOAD, replace(START, refusal=0))},
        {"moves": (CREATE, UPLOAD, replace(START, who="second"))},
        {"moves": (CREATE, replace(UPLOAD, variant="malformed"), START)},
        {"moves": (CREATE, UPLOAD, Step("wait", "first"))},
        {"moves": (CREATE, UPLOAD, Step("pass", "first"))},
        {"moves": (CREATE, UPLOAD, Step("wait", "first", until=("Created",)))},
    ],
)
def test_an_id_depends_on_all_that_is_done(changes: dict[str, Any]) -> None:
    assert _history(**changes).info.id != _history().info.id


def test_what_reports_need_to_know_is_its_info() -> None:
    info = _history().info
    assert (info.operation, info.phase, info.kind) == (
        "cognito-idp:StartUserImportJob",
        "stateful",
        "forbidden",
    )
    assert (info.title, info.lifecycle, info.state) == ("a title", "user-import-job", "Created")


def test_the_form_that_reports_hold() -> None:
    moves = (CREATE, UPLOAD, START, replace(WAIT, until=("A", "B")), replace(STOP, refusal=0))
    assert to_json(_history(moves=moves)) == {
        "lifecycle": "user-import-job",
        "kind": "forbidden",
        "setting": "usual",
        "subject": "StartUserImportJob",
        "state": "Created",
        "moves": [
            {"do": "act", "who": "first", "name": "create"},
            {"do": "act", "who": "first", "name": "upload", "variant": "plain"},
            {"do": "act", "who": "first", "name": "start"},
            {"do": "wait", "who": "first", "until": ["A", "B"]},
            {"do": "act", "who": "first", "name": "stop", "refusal": 0},
        ],
    }


def test_every_history_is_read_back_as_it_was() -> None:
    assert len(_EVERY) == 96
    for planned in _EVERY:
        written = json.loads(json.dumps(to_json(planned)))
        # Other ways there are for the walk; a report holds the one that was taken.
        assert from_json(planned.info, written) == replace(planned, otherwise=())


@pytest.mark.parametrize(
    "junk",
    [
        {"moves": None},
        {"moves": [3]},
        {"moves": ["act"]},
        {"moves": [{}]},
        {"moves": [{"do": "act"}]},
        {"moves": [{"do": "act", "who": "first", "name": "x", "colour": "red"}]},
        {"moves": [{"do": "wait", "who": "first", "until": 3}]},
    ],
)
def test_junk_is_no_history(junk: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"^its history can't be read: [\w.]+ is not as it should be\.$"):
        from_json(_history().info, {**to_json(_history()), **junk})


@pytest.mark.parametrize("key", ["lifecycle", "kind", "setting", "subject", "state", "moves"])
def test_a_history_with_a_part_missing_is_none(key: str) -> None:
    raw = to_json(_history())
    del raw[key]
    with pytest.raises(UsageError, match=rf"^its history can't be read: {key} is not as it should be\.$"):
        from_json(_history().info, raw)


def test_shorter_leaves_out_the_biggest_parts_first() -> None:
    moves = (CREATE, UPLOAD, START, WAIT, STOP)
    cut = [history.moves for history in shorter(_history(moves=moves))]
    assert cut == [
        (STOP,),
        (START, WAIT, STOP),
        (CREATE, WAIT, STOP),
        (CREATE, UPLOAD, STOP),
        (UPLOAD, START, WAIT, STOP),
        (CREATE, START, WAIT, STOP),
        (CREATE, UPLOAD, WAIT, STOP),
        (CREATE, UPLOAD, START, STOP),
    ]


def test_another_resource_is_left_out_entirely() -> None:
    others = tuple(replace(step, who="second") for step in (CREATE, UPLOAD))
    cut = [step.moves for step in shorter(_history(moves=(CREATE, *others, START)))]
    assert cut[0] == (CREATE, START)
    # That of the last move stays.
    assert all("first" in {step.who for step in moves} for moves in cut)


def test_nothing_is_shorter_than_a_single_move() -> None:
    assert list(shorter(_history(moves=(CREATE,)))) == []


def test_what_is_shorter_is_so_and_ends_with_the_same_move() -> None:
    for planned in _EVERY:
        cut = list(shorter(planned))
        assert len(cut) >= len(planned.moves) - 1
        for shortened in cut:
            assert 0 < len(shortened.moves) < len(planned.moves)
            assert shortened.moves[-1] == planned.moves[-1]
            # What is left stands in the same order, and in the same history.
            left = iter(planned.moves)
            assert all(move in left for move in shortened.moves)
            assert replace(shortened, moves=planned.moves) == replace(planned, otherwise=())
