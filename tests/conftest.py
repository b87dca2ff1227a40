# SPDX-License-Identifier: Apache-2.0
"""What all tests share: this suite's own mark, and that Ctrl-C means Ctrl-C to the processes they start."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from aws_conformance.engine import mistakes
from aws_conformance.frontends import config as configuration
from aws_conformance.spec import botocore, model_files
from aws_conformance.spec.shapes import Service

# Suites of other projects, and one that stands for them: they are run by tests, and are none of ours.
collect_ignore = ["suites"]


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of tests that take long, and take back an ignored SIGINT.

    A shell that runs us in the background has SIGINT ignored, and processes inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "slow: reads the models of all services; deselect with -m 'not slow'")


@pytest.fixture(autouse=True)
def _two_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test of the command line names no phases, it has those that show the most in the least time.

    What the real default is, tests/frontends/test_config.py and the plugin's own processes tell.
    """
    monkeypatch.setattr(configuration, "DEFAULT_PHASES", ("enumerated", "random"))


@pytest.fixture(autouse=True)
def _own_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command line adds the models that it names to its own process, and a test is no process."""
    added: dict[str, Service] = {}
    monkeypatch.setattr(botocore, "_ADDED", added)
    monkeypatch.setattr(model_files, "_FILES", {})
    yield
    # What is derived of all models is kept by how often one was added.
    botocore._ADDITIONS.extend(added)


@pytest.fixture(autouse=True)
def _our_mistakes_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run goes on after a mistake of ours; a test does not."""
    monkeypatch.setattr(mistakes, "TOLERATED", ())
