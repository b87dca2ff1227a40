# SPDX-License-Identifier: Apache-2.0
"""The `aws` command that is installed: where it is, and which version.

It owns how it is found. It refuses to know what it is asked.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .command import run_command

__all__ = ["VARIABLE", "InstalledCommand", "find_command"]

#: The environment variable that names the command, if it is not the `aws` of the path.
VARIABLE = "AWS_CONFORMANCE_AWS"
_VERSION = re.compile(r"\baws-cli/(\d+\.\d+\.\d+\S*)")
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class InstalledCommand:
    """An `aws` command: its path and its version, such as `1.46.3`."""

    path: str
    version: str


def find_command() -> InstalledCommand:
    """The `aws` command, as the variable or else the path has it.

    Raises UsageError if there is none or it does not name its version, TargetUnreachableError if it can't
    be started.
    """
    hint = f"Install awscli, or name the command in {VARIABLE}."
    named = os.environ.get(VARIABLE)
    executable = shutil.which(named or "aws")
    if executable is None:
        raise UsageError(
            f"There is no command {named!r}." if named else "There is no `aws` on the path.", hint
        )
    path = str(Path(executable).absolute())
    with tempfile.TemporaryDirectory(prefix="aws-conformance-") as folder:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": folder}
        done = run_command(
            (path, "--version"), environment=environment, folder=Path(folder), timeout=_PATIENCE
        )
    # Old versions print it on standard error.
    version = _VERSION.search(done.stdout + done.stderr)
    if version is None:
        raise UsageError(f"{path} --version names no version of the AWS CLI.", hint)
    return InstalledCommand(path, version[1])
