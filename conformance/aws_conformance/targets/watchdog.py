# SPDX-License-Identifier: Apache-2.0
"""A process that starts a server and outlives it: it stops the server when the one who asked is gone.

It owns one server's process group, from start to end. It refuses to know what the server is for. It is
run as a script by an isolated interpreter (see process.py) and imports the standard library only.

A server must not survive us, not even when we are killed in a way that no handler sees. So we are not
its parent: this process is, and its standard input is a pipe whose other end only we hold. The end of
that pipe, or another parent than the one it had, means that we are gone. It reports on a second pipe,
one line each: `pid N` or `failed WHY`, then `exit CODE`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

__all__ = ["main"]

_PR_SET_CHILD_SUBREAPER = 36
_POLL = 0.5
_LOOK = 0.02
# Seconds between SIGTERM and SIGKILL for a server whose user is gone.
_ORPHAN_GRACE = 1.5


class _WatchedServer:
    """The server's process group; `code` is its leader's exit code once that has ended."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.pid = self._process.pid
        self.code: int | None = None

    def reap(self) -> None:
        """Collect whoever has ended; orphans of the group are ours on Linux."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.pid:
                    self.code = self._process.returncode = os.waitstatus_to_exitcode(status)

    def signal(self, number: int) -> bool:
        """Signal the whole group; whether it still had a member. 0 only asks."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:  # macOS says so of a group of zombies
            return self.code is None
        return True

    def stop(self, grace: float) -> None:
        """SIGTERM, and SIGKILL to what is left after `grace` seconds."""
        until = time.monotonic() + grace
        self.signal(signal.SIGTERM)
        while time.monotonic() < until:
            self.reap()
            if not self.signal(0):
                return
            time.sleep(_LOOK)
        self.signal(signal.SIGKILL)
        until = time.monotonic() + grace
        while self.code is None and time.monotonic() < until:
            time.sleep(_LOOK)
            self.reap()


def main(arguments: list[str]) -> int:
    """`PARENT-PID STATUS-FD GRACE-SECONDS COMMAND...`; returns 0 when the server is gone."""
    parent, report, grace = int(arguments[0]), int(arguments[1]), float(arguments[2])
    os.set_inheritable(report, False)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: stopped.append(received))
    signal.signal(signal.SIGCHLD, lambda _received, _frame: None)
    _adopt_orphans()
    try:
        server = _WatchedServer(arguments[3:])
    except (OSError, ValueError) as error:
        _tell(report, f"failed {getattr(error, 'strerror', None) or error}")
        return 0
    _tell(report, f"pid {server.pid}")
    while not stopped and server.code is None and os.getppid() == parent:
        ready, _, _ = select.select([0, woken], [], [], _POLL)
        if woken in ready:
            os.read(woken, 512)
        if 0 in ready and not os.read(0, 512):
            break
        server.reap()
    ended = server.code is not None
    if ended:
        _tell(report, f"exit {server.code}")
    # Also after the leader has ended by itself: what it left behind would keep the port.
    # Nobody waits for a server whose user is gone, so it gets little time. A user who dies closes the pipe
    # a moment before that shows in whose child we are.
    time.sleep(_LOOK)
    server.stop(grace if os.getppid() == parent else min(grace, _ORPHAN_GRACE))
    if not ended:
        _tell(report, f"exit {server.code}")
    return 0


def _adopt_orphans() -> None:
    """Become the parent of orphans below us, where the system can (Linux).

    A wrapper such as npm may die before the server that it started. In containers process 1 often never
    collects the dead, and a group of dead members looks alive.
    """
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _tell(report: int, line: str) -> None:
    with contextlib.suppress(OSError):  # nobody may be left to read it
        os.write(report, f"{line}\n".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
