# SPDX-License-Identifier: Apache-2.0
"""Every history that needs no chance: which there are, that none is missing, that each is what it says.

What a history should be is derived anew here from what the lifecycle says of states, by a walk without a
target.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from aws_conformance.cases.lifecycles.belief import Belief, Rules
from aws_conformance.cases.lifecycles.coverage import enumerated_histories
from aws_conformance.cases.lifecycles.histories import History, Step
from aws_conformance.cases.lifecycles.model import NOWHERE, Lifecycle
from aws_conformance.cases.lifecycles.predicates import Scene
from aws_conformance.cases.lifecycles.registry import lifecycles_of

_LIFE = {lifecycle.name: lifecycle for lifecycle in lifecycles_of("cognito-idp")}
_HISTORIES = {name: enumerated_histories(life) for name, life in _LIFE.items()}
_EVERY = [history for histories in _HISTORIES.values() for history in histories]

every_lifecycle = pytest.mark.parametrize("name", list(_LIFE))
every_history = pytest.mark.parametrize("history", _EVERY, ids=[history.info.id for history in _EVERY])


def test_all_histories_of_an_import_job() -> None:
    histories = [(history.kind, history.info.title) for history in _HISTORIES["user-import-job"]]
    assert len(histories) == 46
    assert sorted(histories) == sorted(
        [
            ("path", "Created → Expired"),
            ("path", "upload: Created → Created"),
            ("path", "describe in Created"),
            ("path", "list in Created"),
            ("path", "Created → Pending → Failed"),
            ("path", "upload: escaped commas, then start"),
            ("path", "upload: rows of 16000 characters, then start"),
            ("path", "upload: an existing user, then start"),
            ("path", "upload: an unverified row, then start"),
            ("path", "upload: longer rows, then start"),
            ("path", "upload: a byte-order mark, then start"),
            ("path", "upload: malformed, then start"),
            ("path", "Created → Pending → InProgress → Succeeded"),
            ("path", "Created → Pending → InProgress → Failed"),
            ("path", "Created → Pending → (Stopping) → Stopped"),
            ("path", "Created → Pending → InProgress → (Stopping) → Stopped"),
            ("forbidden", "start in Created (file is none)"),
            ("forbidden", "stop in Created"),
            ("forbidden", "start in Created (an unknown pool)"),
            ("forbidden", "start in Created (an unknown job)"),
            ("forbidden", "stop in Created (an unknown job)"),
            ("forbidden", "start in Created (file is not none and verifies is no), unverified"),
            ("forbidden", "start in Expired"),
            ("forbidden", "stop in Expired"),
            ("forbidden", "upload in Expired"),
            ("forbidden", "start in Created (the job of another pool)"),
            ("forbidden", "start in Pending"),
            ("forbidden", "upload in Pending"),
            ("forbidden", "stop in Pending (the job of another pool)"),
            ("forbidden", "start in InProgress"),
            ("forbidden", "start in Stopping"),
            ("forbidden", "start in Failed"),
            ("forbidden", "stop in Stopping"),
            ("forbidden", "stop in Failed"),
            ("forbidden", "upload in InProgress"),
            ("forbidden", "upload in Stopping"),
            ("forbidden", "upload in Failed"),
            (
                "forbidden",
                (
                    "start in Created (verifies is yes and file is not none"
                    " and another is InProgress or Pending)"
                ),
            ),
            ("forbidden", "start in Stopped"),
            ("forbidden", "start in Succeeded"),
            ("forbidden", "stop in Stopped"),
            ("forbidden", "stop in Succeeded"),
            ("forbidden", "upload in Stopped"),
            ("forbidden", "upload in Succeeded"),
            ("race", "start from 16 connections"),
            ("race", "start and stop at once"),
        ]
    )


@pytest.mark.parametrize(
    ("name", "counts", "some"),
    [
        (
            "user-pool",
            {"path": 6, "forbidden": 2, "race": 1},
            {
                ("path", "there → gone"),
                ("path", "update: there → there"),
                ("path", "update: administration"),
                ("path", "update: tags"),
                ("path", "describe in there"),
                ("path", "list in there"),
                ("forbidden", "update in gone"),
                ("forbidden", "delete in gone"),
                ("race", "delete from 8 connections"),
            },
        ),
        (
            "user",
            {"path": 22, "forbidden": 17, "race": 2},
            {
                ("path", "invited → confirmed → confirmed and disabled → gone"),
                ("path", "invited → invited and disabled → confirmed and disabled → confirmed → gone"),
                ("path", "enable: invited and disabled → invited"),
                ("path", "update: another nickname"),
                ("forbidden", "create in confirmed and disabled"),
                ("forbidden", "first sign-in in confirmed"),
                ("race", "disable and enable at once"),
            },
        ),
        ("user-import-job", {"path": 16, "forbidden": 28, "race": 2}, set()),
    ],
)
def test_how_many_there_are_of_each_kind(
    name: str, counts: dict[str, int], some: set[tuple[str, str]]
) -> None:
    histories = _HISTORIES[name]
    assert Counter(history.kind for history in histories) == counts
    assert some <= {(history.kind, history.info.title) for history in histories}


def _in_words(moves: tuple[Step, ...]) -> list[str]:
    """Moves in short: who does what, in which variant, and what is waited for."""
    words = []
    for step in moves:
        what = [
            step.name,
            step.variant,
            "/".join(step.until),
            f"line {step.refusal}" if step.refusal >= 0 else "",
        ]
        words.append(" ".join(filter(None, (step.do, "2nd" if step.who != "first" else "", *what))))
    return words


@pytest.mark.parametrize(
    ("name", "title", "setting", "subject", "state", "moves"),
    [
        (
            "user-import-job",
            "Created → Expired",
            "usual",
            "CreateUserImportJob",
            "",
            ["act create", "pass Expired"],
        ),
        (
            "user-import-job",
            "Created → Pending → InProgress → (Stopping) → Stopped",
            "usual",
            "StopUserImportJob",
            "",
            ["act create", "act upload plain", "act start", "wait InProgress", "act stop", "wait Stopped"],
        ),
        (
            # A file is chosen with which it may fail.
            "user-import-job",
            "Created → Pending → InProgress → Failed",
            "usual",
            "StartUserImportJob",
            "",
            ["act create", "act upload failing rows alone", "act start", "wait InProgress", "wait Failed"],
        ),
        (
            # What comes of it is not said: it is waited until the job rests.
            "user-import-job",
            "upload: malformed, then start",
            "usual",
            "StartUserImportJob",
            "",
            ["act create", "act upload malformed", "act start", "wait"],
        ),
        (
            "user-import-job",
            "start in Created (file is not none and verifies is no), unverified",
            "unverified",
            "StartUserImportJob",
            "Created",
            ["act create", "act upload plain", "act start"],
        ),
        (
            "user-import-job",
            "start in Created (verifies is yes and file is not none and another is InProgress or Pending)",
            "usual",
            "StartUserImportJob",
            "Created",
            [
                "act create",
                "act upload plain",
                "act 2nd create",
                "act 2nd upload plain",
                "act 2nd start",
                "act start",
            ],
        ),
        (
            "user-import-job",
            "stop in Pending (the job of another pool)",
            "usual",
            "StopUserImportJob",
            "Pending",
            ["act create", "act upload plain", "act start", "act stop line 12"],
        ),
        (
            # An upload has no operation: it is told under the lifecycle's own.
            "user-import-job",
            "upload in Succeeded",
            "usual",
            "StartUserImportJob",
            "Succeeded",
            [
                "act create",
                "act upload plain",
                "act start",
                "wait InProgress",
                "wait Succeeded",
                "act upload plain",
            ],
        ),
        (
            "user-import-job",
            "start from 16 connections",
            "usual",
            "StartUserImportJob",
            "Created",
            ["act create", "act upload plain", "race start from 16 connections"],
        ),
        (
            "user-pool",
            "list in there",
            "usual",
            "ListUserPools",
            "",
            ["act create", "read list"],
        ),
        (
            "user",
            "sign-in in confirmed and disabled",
            "usual",
            "AdminInitiateAuth",
            "confirmed and disabled",
            ["act create", "act set password", "act disable", "act sign-in"],
        ),
    ],
)
def test_what_is_done(
    name: str, title: str, setting: str, subject: str, state: str, moves: list[str]
) -> None:
    (history,) = (candidate for candidate in _HISTORIES[name] if candidate.info.title == title)
    assert _in_words(history.moves) == moves
    assert (history.setting, history.subject, history.state) == (setting, subject, state)
    assert (history.lifecycle, history.info.operation) == (name, f"cognito-idp:{subject}")


def test_other_ways_to_a_state_that_a_target_may_skip() -> None:
    """A target that is Stopped at once is never seen Stopping; and it may be stopped in either state."""
    histories = {
        history.info.title: [_in_words(way)[2:] for way in history.otherwise]
        for history in _HISTORIES["user-import-job"]
        if history.otherwise
    }
    late = ["act start", "wait InProgress", "act stop"]
    assert histories == {
        **{f"{name} in Stopping": [[*late, f"act {act}"]] for name, act in _LAST.items()},
        **{
            f"{name} in Stopped": [["act start", "act stop", f"act {act}"], [*late, f"act {act}"]]
            for name, act in _LAST.items()
        },
    }


_LAST = {"start": "start", "stop": "stop", "upload": "upload plain"}


@every_lifecycle
def test_no_history_is_there_twice(name: str) -> None:
    histories = _HISTORIES[name]
    assert len({history.info.id for history in histories}) == len(histories)
    assert len({history.info.title for history in histories}) == len(histories)


def _part(history: History) -> str:
    """What a history is among, as to its order."""
    life = _LIFE[history.lifecycle]
    if history.kind == "race":
        race = next(race for race in life.races if race.name == history.info.title)
        return "known" if len(race.acts) == 1 else "unknown"
    if history.kind != "forbidden":
        return history.kind
    last = history.moves[-1]
    if life.actions[last.name].put is not None:
        return "upload"
    lines = [
        line
        for index, line in enumerate(life.refusals)
        if line.of == last.name
        and history.state in line.states
        and (index == last.refusal if last.refusal >= 0 else not line.replace)
    ]
    return "known" if any(line.source.known for line in lines) else "unknown"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        # What tells most comes first.
        ("user-import-job", ["path", "known", "unknown", "path", "upload"]),
        ("user-pool", ["path", "known", "path"]),
        ("user", ["path", "known", "unknown", "path"]),
    ],
)
def test_what_tells_most_comes_first_and_of_it_the_shortest(name: str, parts: list[str]) -> None:
    usual = _LIFE[name].settings[0].name
    groups = [(part, list(histories)) for part, histories in itertools.groupby(_HISTORIES[name], _part)]
    assert [part for part, _ in groups] == parts
    # The second group of paths is of two kinds: other ways, and what the rest is made of.
    for histories in [
        histories for index, (part, histories) in enumerate(groups) if part != "path" or index == 0
    ]:
        lengths = [
            (history.setting != usual, len(history.moves) + (history.kind == "race")) for history in histories
        ]
        assert lengths == sorted(lengths)


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        # The shortest way to each end.
        (
            "user-import-job",
            [
                "Created → Expired",
                "Created → Pending → Failed",
                "Created → Pending → InProgress → Succeeded",
                "Created → Pending → (Stopping) → Stopped",
            ],
        ),
        ("user-pool", ["there → gone"]),
        ("user", ["invited → gone"]),
    ],
)
def test_a_way_to_each_end_comes_before_all_else(name: str, titles: list[str]) -> None:
    histories = itertools.takewhile(lambda history: history.kind == "path", _HISTORIES[name])
    assert [history.info.title for history in histories] == titles


@every_lifecycle
def test_the_same_histories_every_time(name: str) -> None:
    assert enumerated_histories(_LIFE[name]) == _HISTORIES[name]


# Nothing is missing.


@every_lifecycle
def test_every_state_is_come_to_on_some_path(name: str) -> None:
    life = _LIFE[name]
    been = {
        state
        for history in _HISTORIES[name]
        if history.kind == "path"
        for state in _walked(life, history).been
    }
    assert been - {NOWHERE} == set(life.states)


@every_lifecycle
def test_every_transition_is_on_some_path(name: str) -> None:
    life = _LIFE[name]
    taken = {
        transition
        for history in _HISTORIES[name]
        if history.kind == "path"
        for transition in _walked(life, history).taken
    }
    expected = {(line.by, line.origin, to) for line in life.transitions for to in line.to}
    # That a stop is seen to be Stopping is the target's choice.
    assert expected - taken == set()


@every_lifecycle
def test_every_refusal_is_tried_in_every_state_that_it_is_of(name: str) -> None:
    life = _LIFE[name]
    forbidden = [history for history in _HISTORIES[name] if history.kind == "forbidden"]
    tried = Counter(
        (history.moves[-1].name, history.state, history.moves[-1].refusal) for history in forbidden
    )
    expected = Counter(
        (line.of, state, index if line.replace else -1)
        for index, line in enumerate(life.refusals)
        for state in line.states
    )
    assert tried == expected


@every_lifecycle
def test_every_action_variant_reader_and_race_is_in_some_history(name: str) -> None:
    life = _LIFE[name]
    paths = [history for history in _HISTORIES[name] if history.kind == "path"]
    acted = {(move.name, move.variant) for history in paths for move in history.moves if move.do == "act"}
    assert acted == {(act.name, variant.name) for act in life.actions.values() for variant in act.variants}
    read = {move.name for history in paths for move in history.moves if move.do == "read"}
    assert read == set(life.readers)
    raced = {history.moves[-1].name for history in _HISTORIES[name] if history.kind == "race"}
    assert raced == {race.name for race in life.races}


def test_an_upload_is_reported_under_the_operation_before_it_unless_it_is_forbidden() -> None:
    """What no operation does is the lifecycle's own subject where it alone is what must be refused."""
    subjects = {
        (history.kind, history.info.title): history.subject for history in _HISTORIES["user-import-job"]
    }
    assert subjects["path", "upload: Created → Created"] == "CreateUserImportJob"
    assert subjects["forbidden", "upload in Stopped"] == "StartUserImportJob"
    assert subjects["forbidden", "upload in Expired"] == "StartUserImportJob"


def test_an_uploaded_file_of_every_variant_is_started() -> None:
    variants = {variant.name for variant in _LIFE["user-import-job"].actions["upload"].variants}
    assert len(variants) == 10
    started = set()
    for variant in _HISTORIES["user-import-job"]:
        if variant.kind == "path" and any(move.name == "start" for move in variant.moves):
            started |= {move.variant for move in variant.moves if move.name == "upload"}
    assert started == variants


# Each is what it says.


@dataclass(slots=True)
class _Walk:
    """Resources as they are believed to be: the state and facts of each; all states and edges met."""

    believed: dict[str, Belief] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    been: set[str] = field(default_factory=set)
    taken: set[tuple[str, str, str]] = field(default_factory=set)
    illegal: list[str] = field(default_factory=list)
    last: str = ""


def _walked(life: Lifecycle, history: History) -> _Walk:
    """The history as a target would walk it that is in no haste: nothing happens but what is waited for."""
    rules, walk = Rules(life), _Walk()
    for move in history.moves:
        known = walk.believed.setdefault(move.who, frozenset({NOWHERE}))
        facts = walk.facts.setdefault(move.who, {**life.facts, **life.setting(history.setting).facts})
        others = tuple(states for who, states in walk.believed.items() if who != move.who)
        scene = Scene(facts, others)
        walk.believed[move.who] = _moved(life, rules, walk, move, known, scene)
        walk.been |= walk.believed[move.who]
    return walk


def _moved(life: Lifecycle, rules: Rules, walk: _Walk, move: Step, known: Belief, scene: Scene) -> Belief:
    match move.do:
        case "act":
            walk.last = rules.ruling(move.name, known, scene).verdict
            if move.refusal >= 0:
                walk.last = "forbidden"
            after = rules.after(move.name, known, scene)
            if walk.last not in ("legal", "open") or not after:
                walk.illegal.append(f"{move.name} in {'/'.join(sorted(known))}")
                return known
            _take(life, walk, move.name, known, after)
            walk.facts[move.who] |= life.actions[move.name].variant(move.variant).facts
            return after
        case "wait" | "pass":
            reached = rules.closure(known, scene, timed=move.do == "pass")
            _take(life, walk, "", reached, reached)
            expected = frozenset(move.until) or frozenset(filter(rules.rests, reached))
            if not expected & reached:
                walk.illegal.append(f"{move.do} {'/'.join(move.until)} in {'/'.join(sorted(known))}")
            return expected & reached
        case _:
            return known


def _take(life: Lifecycle, walk: _Walk, by: str, origins: Belief, after: Belief) -> None:
    for line in life.transitions:
        if line.by == by and line.origin in origins:
            walk.taken |= {(by, line.origin, to) for to in line.to if to in after}


@every_history
def test_a_path_is_legal_and_a_forbidden_history_is_but_for_its_last_move(history: History) -> None:
    life = _LIFE[history.lifecycle]
    walk = _walked(life, history)
    assert history.moves[0] == Step("act", "first", "create")
    match history.kind:
        case "path":
            assert walk.illegal == []
        case "forbidden":
            assert len(walk.illegal) == 1
            assert walk.last == "forbidden"
            assert history.state in walk.believed["first"]
            # Nothing but the last move is wrong.
            before = History(
                history.info, history.lifecycle, "path", history.setting, history.moves[:-1], history.subject
            )
            assert _walked(life, before).illegal == []
        case _:
            assert walk.illegal == []
            assert walk.believed["first"] == {history.state}


def _alternatives() -> Iterator[tuple[History, tuple[Step, ...]]]:
    for history in _EVERY:
        for way in history.otherwise:
            yield history, way


def test_other_ways_lead_to_the_same_state_and_end_with_the_same_move() -> None:
    assert len(list(_alternatives())) == 9
    for history, way in _alternatives():
        life = _LIFE[history.lifecycle]
        other = History(history.info, history.lifecycle, "path", history.setting, way[:-1], history.subject)
        walk = _walked(life, other)
        assert walk.illegal == []
        assert history.state in walk.believed["first"]
        assert way[-1] == history.moves[-1]
        assert way != history.moves
