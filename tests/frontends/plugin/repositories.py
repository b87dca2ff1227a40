# SPDX-License-Identifier: Apache-2.0
"""Throwaway repositories: a folder with files of its own, in which pytest runs in a process of its own.

It owns how that process is come by, with nothing of this suite's environment, and how its end is read: it is
a fork of one that has pytest loaded (fork_server.py), or one that a Python of the repository's own starts.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Outcome", "Repository", "outside"]

# Seconds; no run comes near it.
_LONGEST = 1200
_COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?|deselected)")


def outside() -> dict[str, str]:
    """The environment without what this suite, its caller or a developer's shell has put into it for us.

    With a PYTHONPATH that leads to our sources, nobody would notice that a wheel lacks something.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTEST_")) and name not in ("PYTHONPATH", "CI")
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of pytest ended: its exit code, all that it printed, and the counts of its last line."""

    exit: int
    text: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder with files of its own, and a Python to start for each run of pytest; None for forks.

    A fork has this suite's Python, and modules loaded that a new process would have to load.
    """

    root: Path
    python: str | None = None

    def write(self, **files: str) -> None:
        """Write modules beside one another: `test_x` is test_x.py."""
        for name, text in files.items():
            self.put(f"{name}.py", text)

    def put(self, path: str, text: str) -> None:
        """Write a file, and the folders above it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def pytest(self, *arguments: str) -> Outcome:
        """Run pytest in the folder, with nothing of this suite's environment."""
        words = ["-p", "no:hypothesispytest", *arguments]
        code, text = self._fork(words) if self.python is None else self._start(self.python, words)
        last = text.rstrip().splitlines()[-1] if text.strip() else ""
        counts = {what.rstrip("s") if what == "errors" else what: int(n) for n, what in _COUNTS.findall(last)}
        return Outcome(code, text, counts)

    def _start(self, python: str, words: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            [python, "-m", "pytest", *words],
            cwd=self.root,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def _fork(self, words: list[str]) -> tuple[int, str]:
        output = self.root / ".output"
        order = {
            "folder": str(self.root),
            "environment": _environment(),
            "arguments": words,
            "output": str(output),
        }
        code = _ask(_fork_server(), json.dumps(order))
        text = output.read_text("utf-8")
        output.unlink()
        return code, text


def _environment() -> dict[str, str]:
    return {**outside(), "COLUMNS": "150"}


def _ask(server: subprocess.Popen[str], line: str) -> int:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(line + "\n")
    server.stdin.flush()
    ready, _, _ = select.select([server.stdout], [], [], _LONGEST)
    answer = server.stdout.readline() if ready else ""
    assert answer, "the process whose forks run pytest has ended, or takes too long"
    return int(answer)


@functools.cache
def _fork_server() -> subprocess.Popen[str]:
    """The process whose forks run pytest, in this process's stead: it has no threads and patches nothing."""
    server = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("fork_server.py"))],
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def end() -> None:
        server.communicate()

    atexit.register(end)
    return server
