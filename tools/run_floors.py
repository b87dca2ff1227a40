# SPDX-License-Identifier: Apache-2.0
"""Run tests on the lowest versions that pyproject.toml names, in an environment of their own, .floors.

It owns the environment and which tests are run: those of what depends on other packages' behaviour most.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_FLOORS = _ROOT / ".floors"
_UV = Path(sys.executable).with_name("uv")
_TESTS = ("cases", "checks", "generate", "protocols", "reference", "results", "spec")


def main() -> int:
    """The exit code of pytest. Raises CalledProcessError, after what uv says, where that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="2")
    parser.add_argument("tests", nargs="*", default=[f"tests/{name}" for name in _TESTS])
    options = parser.parse_args()
    python = _FLOORS / "bin" / "python"
    subprocess.run([_UV, "venv", "--quiet", "--clear", "--python", sys.executable, _FLOORS], check=True)
    # zensical is pinned, and builds pages alone.
    install = [_UV, "pip", "install", "--quiet", "--python", python, "--resolution", "lowest-direct"]
    subprocess.run([*install, "--editable", ".[test]"], cwd=_ROOT, check=True)
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", options.workers]
    return subprocess.run([*pytest, *options.tests], cwd=_ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
