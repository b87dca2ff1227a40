# SPDX-License-Identifier: Apache-2.0
"""Write the lock files: versions and hashes of their files, for every platform and Python that is supported.

It owns which file holds what. Versions that still fit stay as they are; `--upgrade` takes the newest. The
resolver is uv.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
# What builds the package is installed with what it needs, so that nothing that builds it is unlocked.
_BUILD = "setuptools\n"
# By file: the extra that it is for, what it holds in words, and the lowest Python that all of it runs on.
_LOCKS = {
    "requirements.lock": ("", "what the kit needs", "3.11"),
    "requirements-test.lock": ("test", "what its development and CI need", "3.11.5"),
}
_HEAD = "# Made by `make locks`: versions and hashes of {}, for every platform and Python from {} on.\n"


def main() -> int:
    """Write both files. Raises CalledProcessError, after what uv says, where no versions fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = parser.parse_args().upgrade
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder, "build.in")
        build.write_text(_BUILD, "utf-8")
        for name, (extra, words, python) in _LOCKS.items():
            result = Path(folder, name)
            # uv keeps the versions of a file that it writes anew.
            if not upgrade:
                result.write_bytes(Path(_ROOT, name).read_bytes())
            wanted = ["--extra", extra] if extra else []
            options = ["--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
            if not upgrade and extra:
                options += ["--constraint", str(_ROOT / "requirements.lock")]
            command = ["uv", "pip", "compile", *options, "--python-version", python, *wanted]
            subprocess.run([*command, "pyproject.toml", str(build), "-o", str(result)], cwd=_ROOT, check=True)
            Path(_ROOT, name).write_text(_HEAD.format(words, python) + result.read_text("utf-8"), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
