# SPDX-License-Identifier: Apache-2.0
"""No canary and no cheater lives a resource's documented life, and none makes the engine raise.

The servers are those of tests/canaries.py and tests/miniatures/cheaters.py; the runs have histories alone,
which is the phase that a server without state should find hardest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.canaries import CANARIES
from tests.looks import LookClock
from tests.miniatures.cheaters import CHEATERS
from tests.switchable import events_of, footer

from aws_conformance.engine.plan import DEFAULT_SELECTORS, Claim, Plan, UrlTarget
from aws_conformance.reference import ManualClock, Reference, Settings
from aws_conformance.results.events import CaseFinished, OperationFinished, OperationStarted, Verified
from aws_conformance.spec.selectors import select
from aws_conformance.targets.server import serve

_USERS = (
    "AdminCreateUser",
    "AdminDeleteUser",
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminGetUser",
    "AdminInitiateAuth",
    "AdminSetUserPassword",
    "AdminUpdateUserAttributes",
)
SELECTIONS: dict[str, tuple[str, ...]] = {
    "import family": select(DEFAULT_SELECTORS),
    "a job alone": ("cognito-idp:CreateUserImportJob",),
    "a pool alone": ("cognito-idp:CreateUserPool",),
    "users": tuple(f"cognito-idp:{name}" for name in _USERS),
}
# Seconds for each request: short, because some servers never answer, and none has to be in time here.
_TIMEOUT = 0.1
# A run's time, in looks at the clock: a slow machine comes as far as a fast one.
_MAX_LOOKS = 40
# What may be under way when a run's time is up, in requests: the rest of a history, and cleaning up.
_UNDER_WAY = 5


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> LookClock:
    """The clock of the runs of this test, in place of the machine's."""
    clock = LookClock(_MAX_LOOKS)
    for holder, name, value in clock.patches():
        monkeypatch.setattr(holder, name, value)
    return clock


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The life of an import job with short pauses, for targets whose time can't be moved."""
    file: Path = tmp_path_factory.mktemp("lives") / "impatient.yaml"
    text = (
        resources.files("aws_conformance")
        .joinpath("cases/lifecycles", "user-import-job.yaml")
        .read_text("utf-8")
    )
    impatient, replaced = re.subn(r"(?m)^wait: .*$", "wait: {pause: 0.02, at-most: 0.5}", text)
    assert replaced == 1
    file.write_text(impatient, "utf-8")
    return str(file)


def _plan(url: str, operations: tuple[str, ...], *claims: Claim, **changes: Any) -> Plan:
    settings = {"max_examples": 1, "timeout": _TIMEOUT, "max_time": _MAX_LOOKS, **changes}
    return Plan(operations, UrlTarget(url, claims), phases=("stateful",), **settings)


def _rows(servers: Mapping[str, Any]) -> list[Any]:
    return [pytest.param(canary, id=name) for name, canary in servers.items()]


@pytest.mark.parametrize("canary", _rows({**CANARIES, **CHEATERS}))
@pytest.mark.parametrize("selection", SELECTIONS)
def test_it_never_conforms(canary: Any, selection: str, clock: LookClock) -> None:
    # What the engine raises, and what it warns of, fails here.
    # Of making a pool alone there are random histories only.
    examples = 5 if selection == "a pool alone" else 0
    with canary() as url:
        events = events_of(_plan(url, SELECTIONS[selection], "clock", max_examples=examples))
    assert footer(events).exit in (1, 4), footer(events).reasons
    assert footer(events).reasons
    assert clock.late <= _UNDER_WAY
    closed = [event for event in events if isinstance(event, OperationFinished)]
    assert not all(event.implemented and event.reached and event.violated == 0 for event in closed)


@pytest.mark.parametrize("canary", _rows(CHEATERS))
def test_neither_does_a_cheater_where_time_can_not_be_moved(
    canary: Any, impatient: str, clock: LookClock
) -> None:
    operations = SELECTIONS["a job alone"]
    with canary() as url:
        events = events_of(_plan(url, operations, lifecycles=(impatient,), max_examples=0))
    assert footer(events).exit in (1, 4), footer(events).reasons


@pytest.mark.parametrize("name", ["always-declared-error", "closes-at-once", "html-500", "never-answers"])
def test_each_planned_history_has_an_outcome_and_none_is_verified(name: str, clock: LookClock) -> None:
    """A server without any usable answer has verified nothing, random histories included."""
    with CANARIES[name]() as url:
        events = events_of(_plan(url, (*SELECTIONS["import family"], *SELECTIONS["users"]), "clock"))
    cases = [event for event in events if isinstance(event, CaseFinished)]
    assert [case.case.title for case in cases if isinstance(case.outcome, Verified)] == []
    assert len(cases) == sum(event.cases for event in events if isinstance(event, OperationStarted))


def test_shortening_heeds_the_time_of_the_run(impatient: str, clock: LookClock) -> None:
    """A cheater with many findings, each of which is walked again dozens of times."""
    clock.limit = 12
    with CHEATERS["shaped-for-everything"]() as url:
        plan = _plan(
            url, SELECTIONS["a job alone"], lifecycles=(impatient,), max_time=clock.limit, timeout=30.0
        )
        assert footer(events_of(plan)).exit == 1
    assert clock.late <= _UNDER_WAY


def test_the_same_runs_call_the_reference_conforming() -> None:
    """Without this, a phase that failed everybody would prove the canaries wrong."""
    settings = Settings(seed=7, time_control=True, stopping_seconds=1.0)
    for operations in SELECTIONS.values():
        with serve(Reference(settings, ManualClock()).handle) as server:
            events = events_of(_plan(server.url, operations, "clock", timeout=60.0, max_time=None))
        assert footer(events).exit == 0, footer(events).reasons
