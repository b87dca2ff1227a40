# SPDX-License-Identifier: Apache-2.0
"""A few kills of what `make kills` does many of; they take seconds because processes are what is killed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.kill_runs import main


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked up in /proc")
def test_a_kill_loses_nothing_and_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--runs", "0", "--workers", "0", "--ledgers", "1", "--installs", "0", "--updates", "1"])
    assert code == 0, capsys.readouterr().out
