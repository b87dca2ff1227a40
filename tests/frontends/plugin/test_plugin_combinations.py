# SPDX-License-Identifier: Apache-2.0
"""Observing a suite that combines libraries which take hold of calls, of time, of order and of processes.

The suite is tests/suites/combinations. It runs with the Python of the environment that `make suites` makes
for it, which has all of them, or else with what is installed here: tests of what is missing are skipped.
"""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from tests.frontends.plugin.repositories import Repository

_ROOT = Path(__file__).resolve().parents[3]
_SUITE = _ROOT / "tests" / "suites" / "combinations"
_ENVIRONMENT = _ROOT / ".walks" / "suites" / "environments" / "combinations"
_QUIET = ("passed", "skipped")


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A copy of the suite."""
    root = tmp_path_factory.mktemp("combinations") / "suite"
    shutil.copytree(_SUITE, root, ignore=shutil.ignore_patterns("__pycache__"))
    is_there = (_ENVIRONMENT / ".installed").is_file()
    return Repository(root, str(_ENVIRONMENT / "bin" / "python") if is_there else None)


@pytest.fixture(scope="module")
def plain(combined: Repository) -> dict[str, str]:
    """How each test ends when nobody looks, in the order in which they stand."""
    outcomes, text = _outcomes(combined, "-p", "no:randomly")
    failed = {name.rpartition(".")[2] for name, outcome in outcomes.items() if outcome not in _QUIET}
    assert failed == {"test_what_fails_stays_failed"}, text
    return outcomes


def _outcomes(repository: Repository, *words: str) -> tuple[dict[str, str], str]:
    done = repository.pytest("--junitxml=results.xml", "-p", "no:cacheprovider", *words)
    outcomes = {}
    for case in ElementTree.parse(repository.root / "results.xml").iter("testcase"):
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        outcomes[f"{case.get('classname')}.{case.get('name')}"] = kinds[0] if kinds else "passed"
    return outcomes, done.text


def _observed(repository: Repository, *words: str) -> tuple[dict[str, str], dict[str, Any]]:
    options = ("--conformance-observe", "--conformance-observe-report", "seen.json")
    outcomes, _ = _outcomes(repository, *options, *words)
    return outcomes, json.loads((repository.root / "seen.json").read_text("utf-8"))


def test_outcomes_are_the_same_in_another_order_and_in_workers(
    combined: Repository, plain: dict[str, str]
) -> None:
    outcomes, seen = _observed(combined)
    assert outcomes == plain
    assert seen["mistakes"] == {}
    assert seen["not_validated"] == {}
    assert seen["calls"] == seen["validated"] >= 40
    assert sorted(seen["invalid_requests"]) == ["test_wire.py::test_responses[not a pool]"]
    errors = [fault["text"] for fault in seen["target_faults"] if fault["severity"] == "error"]
    assert any("dynamodb:GetItem  response." in text for text in errors), errors
    outcomes, in_workers = _observed(combined, "-n2")
    assert outcomes == plain
    assert in_workers["mistakes"] == {}
    assert in_workers["calls"] == in_workers["validated"] == seen["calls"]
