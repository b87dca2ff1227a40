# SPDX-License-Identifier: Apache-2.0
"""Environments of other tools that benchmarks compare with, each made from a pinned requirements file here.

It owns where they are and when they are made anew, and refuses to know what is asked of them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["PeerMissingError", "peer_python"]

FOLDER = Path(__file__).parent
PEERS = FOLDER.parent / ".peers"


class PeerMissingError(Exception):
    """A peer cannot be had here; one line says why."""


def peer_python(name: str, peers: Path = PEERS) -> Path:
    """The interpreter that has what `NAME.txt` pins, installed if need be. Raises PeerMissingError."""
    requirements = FOLDER / f"{name}.txt"
    folder = peers / name
    python = folder / "bin" / "python"
    # Written last, so that what was interrupted is made anew; and so is what was pinned otherwise.
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_bytes() == requirements.read_bytes():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*install, "-r", str(requirements)]):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            lines = (ran.stderr or ran.stdout).strip().splitlines() or [f"exit status {ran.returncode}"]
            raise PeerMissingError(f"{name} cannot be installed: {lines[-1]}")
    shutil.copyfile(requirements, stamp)
    return python
