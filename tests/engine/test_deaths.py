# SPDX-License-Identifier: Apache-2.0
"""Targets that die: the killer named, a started one started anew, and none of them called conforming.

Each target is the embedded reference in a process of its own that ends as a test wants it to.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aws_conformance.engine.liveness import Liveness
from aws_conformance.engine.plan import Plan, StartedTarget, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Fate, Response
from aws_conformance.results.events import (
    CaseFinished,
    Errored,
    Event,
    Flaky,
    OperationFinished,
    Reported,
    RunFinished,
    Violated,
)

HEADER = "cognito-idp:GetCSVHeader"
START = "cognito-idp:StartUserImportJob"
START_OF_SERVER = """
import json, os, sys, threading
from aws_conformance.reference import Reference, Settings
from aws_conformance.targets.server import serve

reference = Reference(Settings())
mark = {mark!r}

def name(request):
    return next((v for k, v in request.headers if k.lower() == "x-amz-target"), "").rpartition(".")[2]

def handle(request):
    body = request.body
{body}
    return reference.handle(request)

with serve(handle, int(sys.argv[1])) as server:
    print("listening", flush=True)
    threading.Event().wait()
"""
# Dies of a body that is no JSON object, where GetCSVHeader is asked for.
OF_A_LIST = 'if name(request) == "GetCSVHeader" and body.startswith(b"["): os._exit(7)'
# May answer it, and dies a moment later.
LATER = """
if name(request) == "GetCSVHeader" and body.startswith(b"["):
    threading.Timer(0.002, lambda: os._exit(7)).start()
"""
# Dies once, of whatever comes as the twentieth request.
ONCE = """
count = globals().setdefault("count", [0])
count[0] += 1
if count[0] == 20 and not os.path.exists(mark):
    open(mark, "w").close()
    os._exit(7)
"""
# Dies of each request that sets a pool up.
SETUP = 'if name(request) == "CreateUserPool": os._exit(7)'


@pytest.fixture
def server(tmp_path: Path) -> _Maker:
    return _Maker(tmp_path)


class _Maker:
    """Makes servers that die as `body` says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def command(self, body: str) -> list[str]:
        file = self._folder / "server.py"
        mark = str(self._folder / "mark")
        text = START_OF_SERVER.format(mark=mark, body=textwrap.indent(body.strip(), "    "))
        file.write_text(text, "utf-8")
        return [sys.executable, str(file)]

    def started(self, body: str) -> StartedTarget:
        return StartedTarget(" ".join([*self.command(body), "{port}"]), name="dying")

    @contextmanager
    def running(self, body: str) -> Iterator[str]:
        """The address of one that nobody starts again."""
        from aws_conformance.targets.process import _free_port

        port = _free_port()
        process = subprocess.Popen(
            [*self.command(body), str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.communicate()


def events_of(plan: Plan) -> tuple[int, list[Event]]:
    events: list[Event] = []
    return run(plan, events.append), events


def deaths(events: list[Event]) -> list[Reported]:
    return [
        event
        for event in events
        if isinstance(event, Reported)
        and event.violation.check == "server.crash"
        and "accepts no connection any more" in event.violation.got
    ]


def outcomes(events: list[Event]) -> set[type]:
    return {type(event.outcome) for event in events if isinstance(event, CaseFinished)}


@pytest.mark.parametrize(("fate", "told_as"), [("dropped", "died"), ("refused", "gone")])
def test_a_death_says_that_nobody_listens_any_more(fate: Fate, told_as: str) -> None:
    liveness = Liveness(listens=lambda: False)
    assert liveness.after(Response(0, fate=fate, detail="why")).fate == told_as
    assert liveness.death.endswith("it accepts no connection any more")


@pytest.mark.parametrize("body", [OF_A_LIST, LATER], ids=["at once", "after its answer"])
def test_the_killer_is_named_and_the_rest_goes_on(server: _Maker, body: str) -> None:
    plan = Plan((HEADER, START), target=server.started(body), phases=("enumerated",))
    code, events = events_of(plan)
    assert code == 1
    (death,) = deaths(events)
    assert death.violation.operation == HEADER
    assert death.violation.severity == "error"
    assert death.reproduction.case.keyword == "type"
    assert death.reproduction.request.endswith("[]")
    assert Errored not in outcomes(events)
    ends = [event for event in events if isinstance(event, OperationFinished)]
    assert [end.reached for end in ends] == [True, True]
    assert all(end.verified > 20 for end in ends)


@pytest.mark.parametrize("body", [OF_A_LIST, LATER], ids=["at once", "after its answer"])
def test_where_nobody_starts_it_again_its_death_is_the_finding(server: _Maker, body: str) -> None:
    with server.running(body) as url:
        code, events = events_of(Plan((HEADER, START), target=UrlTarget(url), phases=("enumerated",)))
    assert code == 1
    (death,) = deaths(events)
    assert death.violation.operation == HEADER
    late = "this request or one shortly before" in death.violation.got
    # Which request was under way when a timer ended it is chance.
    assert late or body == LATER or death.reproduction.request.endswith("[]")
    assert Errored in outcomes(events)
    last = next(
        event for event in events if isinstance(event, OperationFinished) and event.operation == START
    )
    assert (last.cases, last.reached, last.unreached) == (
        0,
        False,
        "the target has died, and could not be started again",
    )
    (end,) = [event for event in events if isinstance(event, RunFinished)]
    assert any("could not be sent" in reason for reason in end.reasons)


def test_a_death_that_nothing_repeats_is_reported_and_is_no_finding(server: _Maker) -> None:
    plan = Plan((HEADER,), target=server.started(ONCE), phases=("enumerated",))
    code, events = events_of(plan)
    assert (code, deaths(events)) == (0, [])
    assert not outcomes(events) & {Errored, Flaky, Violated}
    (end,) = [event for event in events if isinstance(event, OperationFinished)]
    (story,) = end.deaths
    assert "does not kill it again" in story


def test_a_step_that_kills_is_not_done_again_and_again(server: _Maker) -> None:
    plan = Plan((HEADER,), target=server.started(SETUP), phases=("enumerated",))
    code, events = events_of(plan)
    assert code in (1, 4)
    (end,) = [event for event in events if isinstance(event, OperationFinished)]
    assert not end.reached
    assert "CreateUserPool" in end.unreached


def test_a_step_that_kills_is_the_finding_where_nobody_starts_it_again(server: _Maker) -> None:
    with server.running(SETUP) as url:
        code, events = events_of(Plan((HEADER,), target=UrlTarget(url), phases=("enumerated",)))
    assert (code, len(deaths(events))) == (1, 1)


def test_a_target_that_dies_of_everything_ends_a_run(server: _Maker) -> None:
    plan = Plan((HEADER,), target=server.started("os._exit(7) if body else None"), max_examples=4)
    code, _ = events_of(plan)
    assert code in (1, 4)
