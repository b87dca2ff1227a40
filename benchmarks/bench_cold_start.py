# SPDX-License-Identifier: Apache-2.0
"""CPU time until a command has told its version, beside `aws --version` and an interpreter that does nothing.

    python -m benchmarks.bench_cold_start

The three take turns, and the best of each counts. `aws` is that of the interpreter which
AWS_CONFORMANCE_AWSCLI_PYTHON names, that of `make walks`, or the one on the path (which may be a shim that
takes time of its own).
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["main"]

ROUNDS = 7
WALKS = Path(__file__).parent.parent / ".walks" / "awscli" / "bin"


def cpu_seconds(command: list[str]) -> float:
    """CPU seconds of a command and what it starts. Raises CalledProcessError if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the table; always 0."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "aws-conformance --version": [str(Path(sys.executable).with_name("aws-conformance")), "--version"],
    }
    python = os.environ.get("AWS_CONFORMANCE_AWSCLI_PYTHON")
    folder = Path(python).parent if python else WALKS
    aws = shutil.which("aws", path=str(folder)) or shutil.which("aws")
    if aws is None:
        print("aws --version is skipped: there is no aws (`make walks` installs one)")
    else:
        commands["aws --version"] = [aws, "--version"]
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(ROUNDS):
        for name, command in commands.items():
            best[name] = min(best[name], cpu_seconds(command))
    base = best["python -c pass"]
    for name, seconds in best.items():
        print(f"{name:<28} {seconds * 1e3:>7.0f} ms of CPU {seconds / base:>8.1f} x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
