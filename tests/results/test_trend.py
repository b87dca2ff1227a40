# SPDX-License-Identifier: Apache-2.0
"""Causes over versions: what came with one, what went with one, told by the command."""

from __future__ import annotations

import pytest
from tests.switchable import HEADER, conforming, events_of, miniature, switchable

from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.results.causes import Cause, causes
from aws_conformance.results.events import Reported
from aws_conformance.results.trend import trend_of


def causes_of(name: str) -> tuple[Cause, ...]:
    handler = miniature(name) if name else conforming(HEADER)
    with switchable(handler) as switch:
        events = events_of(Plan((HEADER,), UrlTarget(switch.url), phases=("enumerated",)))
    return causes([event for event in events if isinstance(event, Reported)])


def test_a_cause_comes_and_goes_with_versions() -> None:
    right, wrong = causes_of(""), causes_of("any-pool-exists")
    rows = trend_of({"1": right, "2": wrong, "3": wrong, "4": right})
    own = [row for row in rows if row.cause.id not in {cause.id for cause in right}]
    assert own
    assert {(row.shows, row.born, row.fixed) for row in own} == {((False, True, True, False), "2", "4")}
    assert trend_of({"1": wrong, "2": wrong})[0].born == trend_of({"1": wrong, "2": wrong})[0].fixed == ""
    again = trend_of({"1": wrong, "2": right, "3": wrong})
    assert {(row.born, row.fixed) for row in again if row.shows == (True, False, True)} == {("3", "")}


def test_the_command_tells_what_came_and_went(capsys: pytest.CaptureFixture[str]) -> None:
    with switchable(miniature("any-pool-exists")) as wrong, switchable(conforming(HEADER)) as right:
        command = ["trend", wrong.url, right.url, "--select", HEADER, "--phase", "enumerated"]
        assert main(command) == 0
        text = capsys.readouterr().out
    assert f"  2  {right.url}: 0 causes" in text
    assert f"went with {right.url}" in text
    assert main(["trend", "no-such-target"]) == 2
