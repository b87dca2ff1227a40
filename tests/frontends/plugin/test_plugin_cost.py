# SPDX-License-Identifier: Apache-2.0
"""What the plugin costs a run of pytest that does not use it."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

from tests.frontends.plugin.repositories import Repository

_HEAVY = ("botocore", "hypothesis", "jsonschema", "jsonschema_rs", "yaml", "rich", "click", "urllib3")
# The part of what pytest takes without us. It is some milliseconds on any machine, which noise may hide.
_LIMIT = 0.08


def test_nothing_heavy_is_imported(repository: Repository) -> None:
    repository.write(
        test_own=(
            "import sys\n"
            "def test_own(pytestconfig):\n"
            "    assert pytestconfig.pluginmanager.has_plugin('aws_conformance')\n"
            f"    assert not [name for name in {_HEAVY} if name in sys.modules]\n"
            "    own = sorted(name for name in sys.modules if name.startswith('aws_conformance'))\n"
            "    assert own == ['aws_conformance', 'aws_conformance.frontends',\n"
            "                   'aws_conformance.frontends.plugin',\n"
            "                   'aws_conformance.frontends.plugin.hooks', 'aws_conformance.pytest_plugin']\n"
        )
    )
    # A fork would have what others of this suite need.
    done = Repository(repository.root, sys.executable).pytest()
    assert done.counts == {"passed": 1}, done.text


def test_its_import_takes_no_time() -> None:
    """What the interpreter itself says that the modules took, beside pytest's own: the machine is the same.

    At best of a few, because others use it, too.
    """
    code = "import pytest, aws_conformance.pytest_plugin, aws_conformance.frontends.plugin.hooks"
    parts = []
    for _ in range(12):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
        )
        taken = re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", done.stderr)
        own = [int(time) for time, name in taken if name.startswith("aws_conformance")]
        assert len(own) == 5
        parts.append(sum(own) / sum(int(time) for time, _ in taken))
        if parts[-1] < _LIMIT:
            return
    raise AssertionError(parts)


def test_a_run_takes_as_long_with_it_as_without(repository: Repository) -> None:
    """By turns, until the best of each are close: noise only ever adds, so a real cost would stay."""
    repository.write(test_own="def test_own(): pass")
    with_it, without = [], []
    for _ in range(12):
        with_it.append(_processor_seconds(repository.root))
        without.append(_processor_seconds(repository.root, "-p", "no:aws_conformance"))
        if len(with_it) >= 3 and min(with_it) < min(without) * (1 + _LIMIT):
            return
    raise AssertionError(f"with the plugin {with_it}, without it {without}")


def _processor_seconds(folder: Path, *arguments: str) -> float:
    """The time that a run of pytest is on a processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", *arguments]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
