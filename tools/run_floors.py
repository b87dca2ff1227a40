# SPDX-License-Identifier: Apache-2.0
"""Run tests on the lowest versions that pyproject.toml names, in an environment of their own, .floors.

It owns the environment and which tests are run: those of what depends on other packages' behaviour most.
Most of them know what stands in today's models, so they run with botocore's of today and all else at its
lowest; with the lowest botocore run those of bytes and reports, of which the few that need newer models skip.
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
_MODELS = "botocore>=1.44.5"
_TESTS = ("cases", "checks", "generate", "protocols", "reference", "results", "spec")
_TESTS_OF_LOWEST = ("protocols", "results")


def main() -> int:
    """The exit code of pytest. Raises CalledProcessError, after what uv says, where that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="2")
    options = parser.parse_args()
    python = _FLOORS / "bin" / "python"
    subprocess.run([_UV, "venv", "--quiet", "--clear", "--python", sys.executable, _FLOORS], check=True)
    install = [_UV, "pip", "install", "--quiet", "--python", python, "--resolution", "lowest-direct"]
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", options.workers]
    for names, newer in ((_TESTS, [_MODELS]), (_TESTS_OF_LOWEST, [])):
        # zensical is pinned, and builds pages alone.
        subprocess.run([*install, "--editable", ".[test]", *newer], cwd=_ROOT, check=True)
        ran = subprocess.run([*pytest, *(f"tests/{name}" for name in names)], cwd=_ROOT, check=False)
        if ran.returncode:
            return ran.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
