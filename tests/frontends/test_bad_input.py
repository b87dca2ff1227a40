# SPDX-License-Identifier: Apache-2.0
"""Every option and argument of every command, and what a user may hand it that is no good: one line, exit 2.

The tree of commands is walked, so that a new option is looked at without anybody thinking of it. A value that
is refused costs one line on the standard error and nothing of what is there; a value that is taken after all
must not end in an error of ours. Nothing listens where runs are sent, so that no run is carried out.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
import pytest

from aws_conformance.cli import cli, main

NOBODY = "http://127.0.0.1:9"
START = "cognito-idp:StartUserImportJob"
# What a command needs beside what is looked at, by its parameters' names.
ARGUMENTS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "baseline prune": {"file": ["known.yaml"], "selectors": [START]},
    "baseline update": {"file": ["known.yaml"], "selectors": [START]},
    "campaign": {"selectors": [START]},
    "cleanup": {"ledger": ["ledger"]},
    "corpus add": {"folder": ["corpus"], "runs": ["run.ndjson"]},
    "corpus ls": {"folder": ["corpus"]},
    "corpus merge": {"folder": ["corpus"], "others": ["corpus"]},
    "corpus min": {"folder": ["corpus"]},
    "drift": {"old": ["cognito-idp"], "new": ["cognito-idp"]},
    "explain": {"check_id": ["response.body.type"]},
    "page": {"file": ["page.txt"]},
    "plan": {"selectors": [START]},
    "replay": {"report": ["run.ndjson"]},
    "report merge": {"runs": ["run.ndjson"], "out": ["merged.ndjson"]},
    "report render": {"words": ["run.ndjson", "markdown=page.md"]},
    "reproduce": {"report": ["run.ndjson"]},
    "run": {"selectors": [START]},
    "schema": {"selectors": [START]},
    "serve": {"services": []},
    "targets doctor": {"name": ["moto"]},
    "targets install": {"names": ["no-emulator"]},
    "trend": {"names": ["no-emulator"]},
    "validate": {"operation": [START], "exchange": ["exchange.json"]},
}
SENDERS = ("baseline prune", "baseline update", "campaign", "cleanup", "replay", "run")
# Files that are written to, and may be missing; folders that are made.
WRITTEN = {"--ledger", "--out", "--plan", "--pytest", "--record", "--report", "--dir", "--corpus", "file"}
TEXTS = ("", " ", "\0", "\udcff", "\x1b[2J", "no such thing", "a" * 100_000, "../..", "-")
NUMBERS = ("", "x", "-5", "nan", "1e999", "9" * 5_000, "\0", "0x10", "１/")
FILES = (
    "",
    "missing",
    "folder",
    "pipe",
    "/proc/self/mem",
    "loop",
    "empty",
    "utf-16",
    "latin-1",
    "deep",
    "huge",
    "a\0b",
    "\udcff",
    "a" * 5_000,
)
# Seconds after which a command hangs.
HANG = 20


@dataclass(frozen=True)
class Probe:
    """A parameter of a command, and the values that it is handed."""

    command: str
    param: click.Parameter
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.command} {self.param.opts[0]}"


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """All commands that do something, by their words."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield " ".join(path), command
    if isinstance(command, click.Group):
        for name, subcommand in command.commands.items():
            yield from leaves(subcommand, (*path, name))


def probes() -> Iterator[Probe]:
    """What is looked at; a value that several commands read in the same way is tried once in full."""
    seen: set[tuple[str, str]] = set()
    for name, command in leaves(cli):
        for param in command.params:
            if getattr(param, "is_flag", False):
                continue
            values = _values(param)
            key = (param.opts[0], type(param.type).__name__)
            yield Probe(name, param, values[:4] if key in seen else values)
            seen.add(key)


def _values(param: click.Parameter) -> tuple[str, ...]:
    if isinstance(param.type, click.Path) or is_file(param):
        return FILES
    return TEXTS if isinstance(param.type, click.types.StringParamType) else NUMBERS


def is_file(param: click.Parameter) -> bool:
    """Whether a parameter is a file that is read, by what help calls it."""
    words = (param.metavar or "").upper()
    return any(part in words for part in ("FILE", "DIR", ".NDJSON", "REPORT", "LEDGER"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with files of all kinds, which is where the commands are given."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFORMANCE_AWS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "no-config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "no-keys")
    monkeypatch.setenv("AWS_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for name in ("folder", "corpus"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("empty", "known.yaml", "ledger"):
        (tmp_path / name).touch()
    (tmp_path / "utf-16").write_text("{}\n", "utf-16")
    (tmp_path / "latin-1").write_bytes(b"\xe9\xff\0\x1b[2J\n" * 20)
    (tmp_path / "deep").write_bytes(b"[" * 200_000)
    with (tmp_path / "huge").open("wb") as stream:
        stream.truncate(300 * 1024 * 1024)
    (tmp_path / "exchange.json").write_text('{"status": 200, "headers": {}, "body": "{}"}', "utf-8")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """What files hold that a command must not touch."""
    names = ("exchange.json", "utf-16", "latin-1", "deep", "empty")
    return {name: (folder / name).read_bytes() for name in names}


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Ends what hangs."""

    def hangs(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it hangs")

    previous = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(HANG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def words_of(probe: Probe, value: str) -> list[str]:
    """The command line."""
    words = probe.command.split()
    positional: list[str] = []
    needed = dict(ARGUMENTS.get(probe.command, {}))
    needed.pop(probe.param.name or "", None)
    command = next(command for name, command in leaves(cli) if name == probe.command)
    for param in command.params:
        given_words = [value] if param is probe.param else list(needed.get(param.name or "", ()))
        if isinstance(param, click.Argument):
            positional += given_words
        elif given_words:
            words += [param.opts[0], *given_words]
    # What an option of its own names is looked at alone.
    taken = ("--target", "--start", "--endpoint", "--against")
    if probe.command in SENDERS and probe.param.opts[0] not in taken:
        words += ["--target", NOBODY]
    return [*words, "--", *positional]


@pytest.mark.parametrize("probe", list(probes()), ids=str)
def test_bad_input_is_refused_in_a_line(
    probe: Probe, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(folder)
    for value in probe.values:
        words = words_of(probe, value)
        with bounded():
            code = main(words)
        output = capsys.readouterr()
        told = f"{[word[:60] for word in words]} ended with {code}: {output.err[:600]!r}"
        errors = [line for line in output.err.splitlines() if line.startswith("error:")]
        assert "internal error" not in output.err, told
        assert "Traceback" not in output.err, told
        assert code in range(5), told
        assert len(errors) == (1 if code in (2, 3) else 0), told
        assert all(len(line) < 1_000 and line.isprintable() for line in errors), told
        assert code == 2 or not must_be_refused(probe, value), told
    assert contents(folder) == before


def must_be_refused(probe: Probe, value: str) -> bool:
    """Whether a value is none in any reading, rather than odd."""
    if probe.values[0] == NUMBERS[0] and probe.values[1] == NUMBERS[1]:
        return value in ("", "x", "nan", "\0")
    return "\0" in value
