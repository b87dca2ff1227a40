# SPDX-License-Identifier: Apache-2.0
"""A few kills of what `make kills` does many of; they take seconds because processes are what is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # stubs would be one more dependency
import pytest
from tools.kill_campaign import targets_below
from tools.kill_runs import main

from aws_conformance.targets import watchdog


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked up in /proc")
def test_a_kill_loses_nothing_and_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--runs", "0", "--workers", "0", "--ledgers", "1", "--installs", "0", "--updates", "1"])
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("serve",), (watchdog.__file__,)])
def test_a_target_is_what_a_watchdog_watches(words: tuple[str, ...]) -> None:
    """Whatever its command is called, and though the watchdog has all of that among its own words."""
    reading, report = os.pipe()
    command = (sys.executable, "-c", "import time; time.sleep(60)", *words)
    watching = (sys.executable, "-I", "-S", watchdog.__file__, str(os.getpid()), str(report), "1", *command)
    process = subprocess.Popen(watching, stdin=subprocess.PIPE, pass_fds=(report,))
    try:
        os.close(report)
        word, number = os.read(reading, 100).split()[:2]
        assert word == b"pid"
        assert [target.pid for target in targets_below(psutil.Process())] == [int(number)]
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        os.close(reading)
