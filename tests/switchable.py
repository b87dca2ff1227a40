# SPDX-License-Identifier: Apache-2.0
"""A target whose implementation can be exchanged while its address stays, for tests that run it twice.

It owns the server and the miniatures that it is given; what a run of it says is each test's own business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.miniatures import BASES, MINIATURES

from aws_conformance.engine.plan import Plan
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.results.events import Event, Reported, RunFinished
from aws_conformance.targets.server import Handler, serve

__all__ = [
    "DESCRIBE",
    "HEADER",
    "Switch",
    "conforming",
    "events_of",
    "findings",
    "footer",
    "miniature",
    "switchable",
]

HEADER = "cognito-idp:GetCSVHeader"
DESCRIBE = "cognito-idp:DescribeUserImportJob"


class Switch:
    """What is served at `url`, exchanged by setting `handler`."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.url = ""

    def __call__(self, request: Request) -> Response:
        return self.handler(request)


@contextmanager
def switchable(handler: Handler) -> Iterator[Switch]:
    switch = Switch(handler)
    with serve(switch) as server:
        switch.url = server.url
        yield switch


def miniature(name: str) -> Handler:
    """The handler of the row of that name, wrong in its one way."""
    return next(row for row in MINIATURES if row.name == name).handler()


def conforming(operation: str) -> Handler:
    """The handler that rows of this operation are made from."""
    return BASES[operation]()


def events_of(plan: Plan, resumed: tuple[Event, ...] = ()) -> list[Event]:
    """All events of a run in this process."""
    events: list[Event] = []
    code = run(plan, events.append, resumed)
    assert footer(events).exit == code
    return events


def footer(events: list[Event]) -> RunFinished:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last


def findings(events: list[Event]) -> list[Reported]:
    """What was reported of a run, in order."""
    return [event for event in events if isinstance(event, Reported)]
