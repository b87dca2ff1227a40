# SPDX-License-Identifier: Apache-2.0
"""Same case, same verdict: through the command line, the plugin and the API, on targets good and bad."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.canaries import CANARIES
from tests.frontends.plugin.repositories import Repository

from aws_conformance import Plan, UrlTarget, run
from aws_conformance.cli import main
from aws_conformance.results.events import CaseFinished, Event, Violated
from aws_conformance.results.reports.ndjson import read_log

_OPERATIONS = (
    "cognito-idp:AdminGetUser",
    "cognito-idp:CreateUserImportJob",
    "cognito-idp:DescribeUserImportJob",
    "cognito-idp:GetCSVHeader",
    "cognito-idp:ListUserImportJobs",
    "cognito-idp:StartUserImportJob",
)
# A case's id, the class of its outcome, and the ids of its violations.
_Row: TypeAlias = tuple[str, str, tuple[str, ...]]
# Writes each case's outcome, with the fault if there is one.
_LISTENER = """\
import json
def pytest_conformance_event(config, event):
    if type(event).__name__ == "CaseFinished":
        outcome = event.outcome
        violated = type(outcome).__name__ == "Violated"
        found = sorted(one.id for one in outcome.violations) if violated else []
        with open("outcomes.jsonl", "a") as file:
            file.write(json.dumps([event.case.id, type(outcome).__name__, found]) + "\\n")
"""


def _rows(events: Iterable[Event]) -> list[_Row]:
    """What became of each case, in order: two random choices may make one case, sent twice."""
    return [
        (event.case.id, type(event.outcome).__name__, tuple(sorted(_violation_ids(event))))
        for event in events
        if isinstance(event, CaseFinished)
    ]


def _violation_ids(event: CaseFinished) -> list[str]:
    return (
        [violation.id for violation in event.outcome.violations]
        if isinstance(event.outcome, Violated)
        else []
    )


def _three_ways(
    repository: Repository, url: str, examples: int, capsys: pytest.CaptureFixture[str]
) -> tuple[list[_Row], int, dict[str, int]]:
    """The outcomes, which all three agree on, the exit code, and the counts of pytest."""
    seed = 5
    events: list[Event] = []
    plan = Plan(_OPERATIONS, UrlTarget(url), seed=seed, max_examples=examples)
    exit_code = run(plan, events.append)
    by_api = _rows(events)

    log = repository.root / "events.ndjson"
    words = ["run", *_OPERATIONS, "--target", url, "--seed", str(seed), "--max-examples", str(examples)]
    assert main([*words, "--report", f"ndjson={log}"]) == exit_code
    capsys.readouterr()
    assert _rows(read_log(log).events) == by_api

    repository.write(conftest=_LISTENER)
    settings = ("--conformance-seed", str(seed), "--conformance-max-examples", str(examples))
    done = repository.pytest("--conformance", ",".join(_OPERATIONS), "--conformance-target", url, *settings)
    assert _plugin_rows(repository.root / "outcomes.jsonl") == by_api
    assert (done.exit == 0) == (exit_code == 0), done.text
    return by_api, exit_code, dict(done.counts)


def _plugin_rows(file: Path) -> list[_Row]:
    lines = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return [(case, kind, tuple(violations)) for case, kind, violations in lines]


def test_a_conforming_target(
    repository: Repository, reference_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, exit_code, counts = _three_ways(repository, reference_url, 40, capsys)
    assert len({case for case, _, _ in rows}) >= 200
    assert {kind for _, kind, _ in rows} <= {"Verified", "Inconclusive"}
    assert exit_code == 0
    assert counts == {"passed": 12}


def test_a_faulty_target(repository: Repository, faulty_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows, exit_code, counts = _three_ways(repository, faulty_url, 40, capsys)
    assert len({case for case, _, _ in rows}) >= 200
    assert {kind for _, kind, _ in rows} >= {"Verified", "Violated"}
    assert exit_code == 1
    assert counts == {"passed": 10, "failed": 2}


@pytest.mark.parametrize("name", ["always-declared-error", "always-empty-object", "echo"])
def test_a_target_that_implements_nothing(
    repository: Repository, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that knows no operation passes in none of the three ways."""
    with CANARIES[name]() as url:
        _, exit_code, _ = _three_ways(repository, url, 2, capsys)
    assert exit_code != 0
