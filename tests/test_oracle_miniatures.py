# SPDX-License-Identifier: Apache-2.0
"""Every oracle catches the implementation that breaks its rule, and no other oracle does.

The miniatures are rows of tests/miniatures/shelf.py; an oracle without one fails here.
"""

from __future__ import annotations

import pytest
from tests.miniatures.baselines import BASELINE_OPERATIONS, BaselineRegister
from tests.miniatures.shelf import ACTION_OPERATIONS, BATCH_OPERATIONS, FAULTS, OPERATIONS, Fault, SecretShelf
from tests.miniatures.streams import STREAM_OPERATIONS, StreamRegister
from tests.miniatures.templates import TEMPLATE_OPERATIONS, TemplateRegister
from tests.miniatures.versions import VERSION_OPERATIONS, VersionedVault

from aws_conformance.checks.oracles import ORACLE_CATALOGUE
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.results.events import Event, OperationFinished, Reported
from aws_conformance.targets.server import Handler, serve


def _events_of(handler: Handler, operations: tuple[str, ...] = OPERATIONS) -> list[Event]:
    events: list[Event] = []
    errors: list[str] = []
    with serve(handler, on_error=errors.append) as server:
        plan = Plan(operations, UrlTarget(server.url), phases=("stateful",), max_examples=0)
        run(plan, events.append)
    assert errors == []
    return events


def _grave(events: list[Event]) -> set[str]:
    violations = [event.violation for event in events if isinstance(event, Reported)]
    return {item.check for item in violations if item.severity == "error"}


def test_every_oracle_has_a_miniature() -> None:
    assert {fault.breaks for fault in FAULTS} == set(ORACLE_CATALOGUE)


@pytest.mark.parametrize(
    ("handler", "operations"),
    [
        (SecretShelf(), ACTION_OPERATIONS),
        (SecretShelf(), BATCH_OPERATIONS),
        (StreamRegister(), STREAM_OPERATIONS),
        (BaselineRegister(), BASELINE_OPERATIONS),
        (TemplateRegister(), TEMPLATE_OPERATIONS),
        (VersionedVault(), VERSION_OPERATIONS),
    ],
    ids=["secrets", "batches", "streams", "baselines", "templates", "versions"],
)
def test_the_unchanged_implementation_breaks_nothing(handler: Handler, operations: tuple[str, ...]) -> None:
    events = _events_of(handler, operations)
    violations = [event.violation for event in events if isinstance(event, Reported)]
    assert [f"{item.check} {item.message}" for item in violations if item.severity != "note"] == []
    tallies = [event for event in events if isinstance(event, OperationFinished)]
    assert {event.operation for event in tallies if event.reached} == set(operations)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.breaks)
def test_a_miniature_is_caught_by_its_oracle_alone(fault: Fault) -> None:
    assert _grave(_events_of(fault.make(), fault.operations)) == {fault.breaks}
