# SPDX-License-Identifier: Apache-2.0
"""Servers that we start, listen to and stop: a command with `{port}` in it, ready when its port answers.

It owns the command, the free port, what the server prints, and its end. It refuses to know which server
it is: presets are commands, environments and texts to look for, and live elsewhere. POSIX only: process
groups are what makes sure that nothing stays behind (watchdog.py does the starting and the killing).
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from ..errors import TargetUnreachableError, UsageError
from ..http import Request
from .connection import Connection

__all__ = ["Probe", "StartedServer", "answers_http", "healthy", "started"]

Probe: TypeAlias = Callable[[str], bool]

_PORT = "{port}"
_WATCHDOG = Path(__file__).with_name("watchdog.py")
# Seconds between SIGTERM and SIGKILL.
_GRACE = 5.0
_TRIES = 3
_IN_USE = re.compile(r"address already in use|address in use|EADDRINUSE|port .*in use", re.IGNORECASE)
_LINES = 2_000
_LINE_LENGTH = 2_000
# So much of a line may have been no text, or nothing for a terminal.
_CUT = 200
# Lines of output that an error repeats.
_LAST_LINES = 5
# Node resolves `localhost` to ::1 first, so its servers often listen there alone.
_HOSTS = ("127.0.0.1", "[::1]")
# What a terminal would obey; a server's output is shown to the user, and is not ours.
_CONTROLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _OutputLog:
    """The last lines that the server printed, numbered from the first; a thread fills it."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._count = 0
        self._changed = threading.Condition()

    def add(self, line: bytes) -> None:
        text = _CONTROLS.sub("", line[:_LINE_LENGTH].decode("utf-8", "replace"))
        with self._changed:
            self._lines.append(text)
            self._count += 1
            self._changed.notify_all()

    def mark(self) -> int:
        with self._changed:
            return self._count

    def since(self, mark: int, wait: float) -> tuple[str, ...]:
        with self._changed:
            self._changed.wait_for(lambda: self._count > mark, wait)
            new = min(self._count - mark, len(self._lines))
            return tuple(self._lines)[len(self._lines) - new :] if new > 0 else ()

    def drain(self, stream: IO[bytes]) -> None:
        """Read to the end, so that the server never blocks on a full pipe. Memory stays bounded."""
        rest = b""
        with stream:
            while data := os.read(stream.fileno(), 64 * 1024):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.add(line.removesuffix(b"\r"))
                if len(rest) > _LINE_LENGTH:
                    rest = rest[:_LINE_LENGTH]
        if rest:
            self.add(rest)


@dataclass(frozen=True, slots=True)
class StartedServer:
    """A server that runs: where it listens, its process id, and what it prints.

    Standard output and standard error are one stream here, in the order in which they came: servers
    disagree on which of the two a traceback belongs to. The last 2,000 lines are kept.
    """

    url: str
    pid: int
    _log: _OutputLog = field(repr=False, compare=False)
    _guard: _Guard = field(repr=False, compare=False)

    @property
    def running(self) -> bool:
        """Whether the server's first process still runs."""
        return not self._guard.ended()

    def mark(self) -> int:
        """A place in what is printed, for `stderr_since`: now."""
        return self._log.mark()

    def stderr_since(self, mark: int, wait: float = 0.0) -> str:
        """The lines printed since the mark, as far as they are kept.

        A server's answer may overtake its own traceback, so a caller that expects one gives `wait`: up
        to how many seconds to wait for the first line.
        """
        return "\n".join(self._log.since(mark, wait))

    def stderr_tail(self, lines: int = 20) -> str:
        """The last lines printed."""
        return "\n".join(self._log.since(0, 0.0)[-lines:])


def answers_http(url: str) -> bool:
    """The usual probe: whether any HTTP answer comes from the URL, whatever its status."""
    with Connection(url, timeout=2.0) as connection:
        return connection.send(Request("GET", "/")).response.fate == "answered"


def healthy(path: str) -> Probe:
    """A probe that asks for a path which answers 200 once a server can be used."""

    def ask(url: str) -> bool:
        with Connection(url, timeout=2.0) as connection:
            response = connection.send(Request("GET", path)).response
            return response.fate == "answered" and response.status == 200

    return ask


@contextlib.contextmanager
def started(
    command: str,
    *,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
    ready: Probe = answers_http,
    timeout: float = 60.0,
) -> Iterator[StartedServer]:
    """Run a server on a free loopback port for as long as the context lasts.

    `command` is split as a shell splits words, without a shell; `{port}` in it, or in a value of `env`,
    is the port. `env` is set on top of our own environment. `ready` is asked with the server's URL until
    it agrees, for at most `timeout` seconds.

    Raises UsageError for a command that can not be run as it stands, TargetUnreachableError with the
    last lines of output if the server ends or stays silent.
    """
    words = _words(command)
    environment = dict(env or {})
    if not any(_PORT in text for text in (*words, *environment.values())):
        raise UsageError(
            f"The command {command!r} has no {_PORT}, so the server would not know where to listen.",
            f"Write for example: --start '{command} --port {_PORT}'.",
        )
    if cwd is not None and not Path(cwd).is_dir():
        raise UsageError(f"{str(cwd)!r} is no directory to start a server in.", "Give one that exists.")
    guard, server = _ready_server(command, words, environment, cwd, ready, timeout)
    try:
        yield server
    finally:
        guard.stop()


class _Guard:
    """The watchdog process of one server, as seen from here."""

    def __init__(
        self, words: list[str], environment: Mapping[str, str], cwd: str | Path | None, port: int
    ) -> None:
        self.port = port
        self.pid = 0
        self.log = _OutputLog()
        self.failed = ""
        self._ended = False
        self._code: int | None = None
        self._heard = b""
        self._lock = threading.Lock()
        self._report, report = os.pipe()
        os.set_blocking(self._report, False)
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(_WATCHDOG), str(os.getpid()), str(report), str(_GRACE)),
                    *(word.replace(_PORT, str(port)) for word in words),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=os.environ | {key: text.replace(_PORT, str(port)) for key, text in environment.items()},
                pass_fds=(report,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._report)
            raise
        finally:
            os.close(report)
        stream = self._process.stdout
        assert stream is not None  # because it was asked for
        self._drain = threading.Thread(target=self.log.drain, args=(stream,), daemon=True)
        self._drain.start()

    def ended(self) -> bool:
        """Whether the server's first process has ended, or never began."""
        with self._lock:
            # Asked first: what a watchdog says before it dies is in the pipe when it is dead.
            dead = self._process.poll() is not None
            self._hear()
            return self._ended or dead

    def _hear(self) -> None:
        with contextlib.suppress(OSError):  # nothing said, or the pipe is closed already
            while data := os.read(self._report, 4096):
                self._heard += data
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            word, _, rest = line.decode("utf-8", "replace").partition(" ")
            match word:
                case "pid":
                    self.pid = int(rest)
                case "failed":
                    self.failed, self._ended = rest, True
                case _:
                    self._ended = True
                    self._code = int(rest) if rest.lstrip("-").isdigit() else None

    def outcome(self) -> str:
        """How the server ended, in words."""
        if self.failed:
            return f"could not be started: {self.failed}"
        if self._code is None:
            return "ended"
        if self._code < 0:
            return f"was ended by signal {-self._code}"
        return f"ended with exit code {self._code}"

    def stop(self) -> None:
        """End the server and all that it started; stopping twice is no mistake."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(3 * _GRACE)
        except subprocess.TimeoutExpired:
            # Stopped by a debugger, or starved: then by our own hand.
            self._process.kill()
            self._process.wait()
        with self._lock:
            self._hear()
        if self.pid and not self._ended:
            # The watchdog was killed, and its server goes on.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        # A process that left the group may still hold the pipe; the thread must not hold us.
        self._drain.join(1.0)
        with self._lock:
            self._hear()
            if self._report >= 0:
                os.close(self._report)
                self._report = -1


def _ready_server(
    command: str,
    words: list[str],
    environment: Mapping[str, str],
    cwd: str | Path | None,
    ready: Probe,
    timeout: float,
) -> tuple[_Guard, StartedServer]:
    """Start the server, again if another process took its port, and wait until it answers."""
    tries = 0
    while True:
        tries += 1
        guard = _Guard(words, environment, cwd, _free_port())
        try:
            url = _await_answer(guard, ready, timeout)
        except BaseException:
            guard.stop()
            raise
        if url is not None:
            return guard, StartedServer(url, guard.pid, guard.log, guard)
        silent = not guard.ended()
        guard.stop()
        last = guard.log.since(0, 0.0)[-_LAST_LINES:]
        # Between our look and the server's bind somebody else may have taken the port.
        if tries < _TRIES and not silent and any(_IN_USE.search(line) for line in last):
            continue
        outcome = f"did not answer within {timeout:g} s" if silent else guard.outcome()
        said = f" It said last: {' | '.join(map(_without_cut_word, last))}." if last else ""
        hint = "Check its first word, and that it is on the PATH."
        if not guard.failed:
            hint = f"Run it by hand with a port in place of {_PORT}, to see whether it serves HTTP there."
        raise TargetUnreachableError(f"The server {command!r} {outcome}.{said}", hint)


def _without_cut_word(line: str) -> str:
    """A line without the word that its length was cut in: who masks secrets can't know the half of one."""
    return line if len(line.encode()) < _LINE_LENGTH - _CUT else f"{line.rpartition(' ')[0]} ..."


def _await_answer(guard: _Guard, ready: Probe, timeout: float) -> str | None:
    """The URL at which the server answers; None when it ended or the time is over."""
    until = time.monotonic() + timeout
    pause = 0.01
    while not guard.ended() and time.monotonic() < until:
        for host in _HOSTS:
            url = f"http://{host}:{guard.port}"
            # Asked again after the probe: an answer while our server is dead is somebody else's.
            if guard.pid and ready(url) and not guard.ended():
                return url
        time.sleep(pause)
        pause = min(2 * pause, 0.2)
    return None


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            f"The command {command!r} can not be split into words: {error}.", "Check its quotes."
        ) from None
    if not words:
        raise UsageError("The command to start a server is empty.", "Write it as --start 'CMD {port}'.")
    return words


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
