# SPDX-License-Identifier: Apache-2.0
"""Every option and argument of every command, and what a user may hand it that is no good: one line, exit 2.

The tree of commands is walked, so that a new option is looked at without anybody thinking of it. A value that
is refused costs one line on the standard error and nothing of what is there; a value that is taken after all
must not end in an error of ours. Nothing listens where runs are sent, so that no run is carried out.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

import click
import pytest

from aws_conformance.cli import cli, main
from aws_conformance.engine.campaign import conduct
from aws_conformance.engine.ledgers.ledger import LedgerEntry
from aws_conformance.errors import TargetUnreachableError

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
# (NUL can stand in no argument of a process.)
TEXTS = ("", " ", "\udcff", "\x1b[2J", "no such thing", "a" * 10_000, "../..", "-")
NUMBERS = ("", "x", "-5", "nan", "1e999", "9" * 5_000, "0x10", "１/")
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
        context = click.Context(command)
        for name in command.list_commands(context):
            subcommand = command.get_command(context, name)
            assert subcommand is not None
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
    # A campaign would start processes before it finds nobody.
    monkeypatch.setattr(conduct, "campaign", nobody)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for name in ("folder", "corpus"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("empty", "known.yaml"):
        (tmp_path / name).touch()
    entry = LedgerEntry("cognito-idp", "json", "CreateUserPool", url=NOBODY, undo="DeleteUserPool")
    (tmp_path / "ledger").write_text(f"{json.dumps(asdict(entry))}\n", "utf-8")
    (tmp_path / "utf-16").write_text("{}\n", "utf-16")
    (tmp_path / "latin-1").write_bytes(b"\xe9\xff\0\x1b[2J\n" * 20)
    (tmp_path / "deep").write_bytes(b"[" * 20_000)
    with (tmp_path / "huge").open("wb") as stream:
        stream.truncate(20 * 1024 * 1024)
    (tmp_path / "exchange.json").write_text('{"status": 200, "headers": {}, "body": "{}"}', "utf-8")
    return tmp_path


def nobody(*_: object, **__: object) -> int:
    """What a campaign comes to where nobody listens."""
    raise TargetUnreachableError("Nothing answers.")


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
        own_words = [value] if param is probe.param else list(needed.get(param.name or "", ()))
        if isinstance(param, click.Argument):
            positional += own_words
        elif own_words:
            words += [param.opts[0], *own_words]
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
        outcome = f"{[word[:60] for word in words]} ended with {code}: {output.err[:600]!r}"
        errors = [line for line in output.err.splitlines() if line.startswith("error:")]
        assert "internal error" not in output.err, outcome
        assert "Traceback" not in output.err, outcome
        assert code in range(5), outcome
        assert len(errors) == (1 if code in (2, 3) else 0), outcome
        assert all(len(line) < 1_000 and line.isprintable() for line in errors), outcome
        assert code == 2 or not must_be_refused(probe, value), outcome
    assert contents(folder) == before


def must_be_refused(probe: Probe, value: str) -> bool:
    """Whether a value is none in any reading, rather than odd."""
    if probe.values[0] == NUMBERS[0] and probe.values[1] == NUMBERS[1]:
        return value in ("", "x", "nan")
    reads = is_file(probe.param) and probe.param.opts[0] not in WRITTEN
    return (
        reads
        and value in ("missing", "loop", "utf-16", "latin-1", "deep", "huge")
        and "DIR" not in str(probe.param.metavar)
    )


VARIABLES = [
    ("AWS_CONFORMANCE_AWS", "missing", ["run", START, "--target", "aws-cli"]),
    ("AWS_CONFORMANCE_AWS", "folder", ["run", START, "--target", "aws-cli"]),
    ("AWS_CONFORMANCE_AWS", "pipe", ["run", START, "--target", "aws-cli"]),
    ("AWS_CONFORMANCE_AWS", "huge", ["run", START, "--target", "aws-cli"]),
    ("AWS_CONFORMANCE_AWS", "a" * 5_000, ["run", START, "--target", "aws-cli"]),
    ("AWS_CONFORMANCE_CACHE", "huge", ["run", START, "--target", "moto"]),
    ("AWS_CONFORMANCE_CACHE", "a" * 5_000, ["run", START, "--target", "moto"]),
    ("AWS_CA_BUNDLE", "missing", ["run", START, "--target", "https://127.0.0.1:9"]),
    ("AWS_CA_BUNDLE", "pipe", ["run", START, "--target", "https://127.0.0.1:9"]),
    ("AWS_CA_BUNDLE", "latin-1", ["run", START, "--target", "https://127.0.0.1:9"]),
    ("AWS_PROFILE", "missing", ["run", START, "--target", "https://x.example", "--allow-host", "x.example"]),
    ("AWS_CONFIG_FILE", "latin-1", ["run", START, "--target", NOBODY, "--profile", "missing"]),
    ("AWS_SHARED_CREDENTIALS_FILE", "deep", ["run", START, "--target", NOBODY, "--profile", "missing"]),
    ("AWS_REGION", "not a region", ["run", START, "--target", "aws", "--i-own", "111122223333"]),
    ("AWS_ENDPOINT_URL", "no address", ["run", "sqs:List*", "--target", "aws", "--i-own", "111122223333"]),
]


@pytest.mark.parametrize(("name", "value", "words"), VARIABLES)
def test_a_bad_variable_is_refused_in_a_line(
    name: str,
    value: str,
    words: list[str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if name.startswith(("AWS_REGION", "AWS_ENDPOINT")):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOURS")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-ours")
        monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY)
    monkeypatch.setenv(name, value)
    with bounded():
        code = main(words)
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert (code, len(errors)) == (2, 1), errors
    assert "internal" not in errors[0]
    assert contents(folder)
