# SPDX-License-Identifier: Apache-2.0
"""Losing data never improves a verdict: what a proxy loses before a conforming target is named at error.

`python -m tools.lose_data` does the same before an emulator; docs/verdicts.md has its table.
"""

from __future__ import annotations

import pytest
from tests.miniatures.shelf import OPERATIONS, SecretShelf
from tests.planted.losses import LOSSES, LosingProxy, Loss

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.events import Event, Reported
from aws_conformance.targets.server import Handler, serve

JOBS = ("cognito-idp:ListUserImportJobs",)


def _shown(handler: Handler, operations: tuple[str, ...], *phases: str, loss: Loss) -> tuple[int, set[str]]:
    """How much a proxy lost, and the checks of what a run shows at error behind it."""
    proxy = LosingProxy(handler, loss)
    events: list[Event] = []
    with serve(proxy) as server:
        run(Plan(operations, UrlTarget(server.url), phases=phases, max_examples=0), events.append)  # type: ignore[arg-type]
    reported = [event.violation for event in events if isinstance(event, Reported)]
    return proxy.lost, {violation.check for violation in reported if violation.severity == "error"}


def _loss(name: str) -> Loss:
    return next(loss for loss in LOSSES if loss.name == name)


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("changes forget a setting", "oracle.read.value"),
        ("the token of the next page is lost", "oracle.page.sum"),
        ("tags told at creation are forgotten", "oracle.tags"),
    ],
)
def test_what_is_lost_of_a_secret_is_named(name: str, check: str) -> None:
    lost, checks = _shown(SecretShelf(), OPERATIONS, "stateful", loss=_loss(name))
    assert lost
    assert check in checks


def test_an_empty_list_of_an_absent_parent_is_named() -> None:
    reference = Reference(Settings())

    def handle(request: Request) -> Response:
        return reference.handle(request)

    loss = _loss("the list of what an absent parent has is empty")
    lost, checks = _shown(handle, JOBS, "enumerated", loss=loss)
    assert lost
    assert checks == {"lifecycle.refusal"}
