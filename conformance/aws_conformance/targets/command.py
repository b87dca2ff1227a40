# SPDX-License-Identifier: Apache-2.0
"""Commands that we run to their end: what they print, and the code that they exit with.

It owns the process, its time limit and its end. It refuses to know which command it is. POSIX only, as
process.py: a command that does not end is ended with all that it started.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import TargetUnreachableError

__all__ = ["Finished", "run_command", "run_watched"]

_WATCHDOG = Path(__file__).with_name("watchdog.py")
# Seconds between SIGTERM and SIGKILL.
_GRACE = 2.0

_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended; `exit` is negative for a signal and None if it was ended for taking too long.

    `elapsed` is in seconds. Texts are cut at 8 MiB.
    """

    exit: int | None
    stdout: str
    stderr: str
    elapsed: float


def run_command(
    words: Sequence[str], *, environment: Mapping[str, str], folder: Path, timeout: float
) -> Finished:
    """Run a command with nothing but this environment, in this folder, without standard input.

    Raises TargetUnreachableError if it can't be started.
    """
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            list(words),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise TargetUnreachableError(f"{words[0]} can't be started: {reason}.", "Is it a program?") from None
    try:
        stdout, stderr = process.communicate(timeout=timeout)
        exit_code: int | None = process.returncode
    except subprocess.TimeoutExpired:
        exit_code = None
        _end(process)
        stdout, stderr = process.communicate()
    except BaseException:
        _end(process)
        process.wait()
        raise
    return Finished(exit_code, _text(stdout), _text(stderr), time.monotonic() - began)


def run_watched(words: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Finished:
    """Run a command that may take long, and that ends with all that it started when we do, however we do.

    Raises FileNotFoundError if there is no such command.
    """
    began = time.monotonic()
    program = shutil.which(words[0], path=environment.get("PATH"))
    if program is None:
        raise FileNotFoundError(words[0])
    # The watchdog ends when nobody holds the other end of its input any more; the report tells the code.
    (watched, hold), (report, reporting) = os.pipe(), os.pipe()
    try:
        with subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(_WATCHDOG), str(os.getpid()), str(reporting)),
                *(str(_GRACE), program, *words[1:]),
            ],
            env=dict(environment),
            cwd=folder,
            stdin=watched,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(reporting,),
            start_new_session=True,
        ) as process:
            os.close(reporting)
            reporting = -1
            try:
                stdout, stderr = process.communicate()
            except BaseException:
                os.close(hold)
                hold = -1
                process.wait()
                raise
        said = os.read(report, 4096).decode("utf-8", "replace")
    finally:
        for descriptor in (watched, hold, report, reporting):
            if descriptor >= 0:
                os.close(descriptor)
    ended = re.search(r"^exit (-?\d+)$", said, re.MULTILINE)
    exit_code = int(ended[1]) if ended else None
    return Finished(exit_code, _text(stdout), _text(stderr), time.monotonic() - began)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _text(content: bytes) -> str:
    return content[:_LIMIT].decode("utf-8", "replace")
