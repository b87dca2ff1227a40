# SPDX-License-Identifier: Apache-2.0
"""A story that meets another operation's document ends there, and what it was to show is not missed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.miniatures.shelf import OPERATIONS, SecretShelf

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.results.events import Event, Reported
from aws_conformance.targets.server import serve


class _ListsWhateverIsAsked(SecretShelf):
    """A server that reads the address alone, and answers a subresource with what it is part of."""

    def describe(self, region: str, sent: Any) -> Any:
        self.secret(region, sent)
        return {"SecretList": self.listed(region), "NextToken": "page-9"}


class _ForgetsUnderAnEnvelope(SecretShelf):
    """Its changes are answered in an envelope of its own, and lose what they were told."""

    def update(self, region: str, sent: Any) -> Any:
        return {"UpdateSecretResponse": super().update(region, sent), "UpdateSecretResult": {}}

    def written(self, secret: Any, sent: Any) -> None:
        super().written(secret, {name: item for name, item in sent.items() if name != "Description"})


class _ListsNothingOfIt(SecretShelf):
    def describe(self, region: str, sent: Any) -> Any:
        self.secret(region, sent)
        return {}


@pytest.mark.parametrize(
    ("shelf", "checks"),
    [
        (_ListsWhateverIsAsked, {"response.document.foreign"}),
        # What is another operation's is no excuse for what has lost all.
        (_ListsNothingOfIt, {"oracle.read.value"}),
    ],
)
def test_another_operations_document_is_reported_and_nothing_of_it(
    shelf: type[SecretShelf], checks: set[str]
) -> None:
    events: list[Event] = []
    with serve(shelf()) as server:
        plan = Plan(OPERATIONS, UrlTarget(server.url), phases=("stateful",), max_examples=0)
        run(plan, events.append)
    violations = [event.violation for event in events if isinstance(event, Reported)]
    described = [item for item in violations if item.operation == "secretsmanager:DescribeSecret"]
    assert checks <= {item.check for item in described if item.severity == "error"}
    assert {item.check for item in violations if item.severity == "error"} - {"oracle.tags"} == checks


def test_the_envelope_of_a_write_hides_nothing_of_what_came_of_it() -> None:
    events: list[Event] = []
    with serve(_ForgetsUnderAnEnvelope()) as server:
        plan = Plan(OPERATIONS, UrlTarget(server.url), phases=("stateful",), max_examples=0)
        run(plan, events.append)
    violations = [event.violation for event in events if isinstance(event, Reported)]
    graves = {item.check for item in violations if item.severity == "error"}
    assert {"response.document.foreign", "oracle.read.value"} <= graves
