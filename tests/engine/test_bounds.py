# SPDX-License-Identifier: Apache-2.0
"""Targets that answer with more than anybody wants to read: the run ends in time, the report stays a
report."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.events import Event, Reported
from aws_conformance.results.reports.ndjson import begin as begin_ndjson
from aws_conformance.results.reports.summary import begin as begin_summary
from aws_conformance.targets.server import serve

HEADER = "cognito-idp:GetCSVHeader"
MEGABYTES = 7 * 1024 * 1024


def _findings(
    change: Callable[[Response], Response], folder: Path, *, max_time: float | None = None
) -> list[Reported]:
    """What a run finds on the reference with changed answers; it writes both reports to the folder."""
    reference = Reference(Settings())

    def handle(request: Request) -> Response:
        return change(reference.handle(request))

    events: list[Event] = []
    with (
        serve(handle) as server,
        (folder / "run.json").open("w") as summary,
        (folder / "run.ndjson").open("w") as log,
    ):
        consumers = (events.append, begin_summary(summary), begin_ndjson(log))

        def emit(event: Event) -> None:
            for consume in consumers:
                consume(event)

        run(Plan((HEADER,), UrlTarget(server.url), max_examples=2, max_time=max_time), emit)
    return [event for event in events if isinstance(event, Reported)]


def _with_new_members(number: int) -> Callable[[Response], Response]:
    names = itertools.count()

    def change(response: Response) -> Response:
        if response.status != 200:
            return response
        document = json.loads(response.body) | {f"New{next(names)}": "x" for _ in range(number)}
        return Response(200, response.headers, json.dumps(document).encode())

    return change


def test_names_that_a_target_makes_up_share_a_finding(tmp_path: Path) -> None:
    """The first few are told as they are; a baseline knows the others by a name that stays."""
    unknown = [
        finding.violation
        for finding in _findings(_with_new_members(30), tmp_path)
        if finding.violation.check == "response.member.unknown"
    ]
    assert sum(violation.operation == HEADER for violation in unknown) == 9
    (shared,) = (violation for violation in unknown if violation.path == "$.*")
    assert shared.id == "48eb21df"


def test_a_handful_of_unknown_members_keeps_their_names(tmp_path: Path) -> None:
    def change(response: Response) -> Response:
        if response.status != 200:
            return response
        document = json.loads(response.body) | {f"New{index}": "x" for index in range(5)}
        return Response(200, response.headers, json.dumps(document).encode())

    paths = {finding.violation.path for finding in _findings(change, tmp_path)}
    assert {f"$.New{index}" for index in range(5)} <= paths
    assert "$.*" not in paths


def test_thousands_of_new_members_in_every_answer_end_in_time(tmp_path: Path) -> None:
    began = time.monotonic()
    _findings(_with_new_members(2_000), tmp_path, max_time=4.0)
    assert time.monotonic() - began < 20
    assert (tmp_path / "run.ndjson").stat().st_size < 2_000_000


@pytest.mark.parametrize("member", ["__type", "message"])
def test_megabytes_of_an_error_are_cut(tmp_path: Path, member: str) -> None:
    """In the code and in the text, and new in every answer."""
    count = itertools.count()

    def change(response: Response) -> Response:
        if response.status == 200:
            return response
        document = json.loads(response.body) | {member: f"{next(count)}" + "x" * MEGABYTES}
        return Response(400, response.headers, json.dumps(document).encode())

    findings = _findings(change, tmp_path, max_time=15.0)
    assert findings
    assert max(len(finding.violation.got) for finding in findings) <= 1_000
    assert (tmp_path / "run.ndjson").stat().st_size < 4_000_000
    assert (tmp_path / "run.json").stat().st_size < 500_000
