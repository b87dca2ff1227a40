"""Throwaway repositories: a folder with files of its own, in which pytest runs as a process of its own.

It owns how that process is started, with nothing of this suite's environment, and how its end is read.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Outcome", "Repository", "outside"]

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
    """A folder with files of its own, and a Python to run pytest with."""

    root: Path
    python: str = sys.executable

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
        done = subprocess.run(
            [self.python, "-m", "pytest", "-p", "no:hypothesispytest", *arguments],
            cwd=self.root,
            env={**outside(), "COLUMNS": "150"},
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )
        text = done.stdout + done.stderr
        last = text.rstrip().splitlines()[-1] if text.strip() else ""
        counts = {what.rstrip("s") if what == "errors" else what: int(n) for n, what in _COUNTS.findall(last)}
        return Outcome(done.returncode, text, counts)
