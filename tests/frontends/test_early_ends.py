# SPDX-License-Identifier: Apache-2.0
"""Runs that end early, and places that can't be written: one line, its exit code, and reports that are whole.

The engine is a fake here, because what is checked is what stands behind it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from aws_conformance.cli import main
from aws_conformance.engine.head import head_of
from aws_conformance.engine.plan import Plan
from aws_conformance.errors import ConformanceError, TargetUnreachableError
from aws_conformance.results.events import Event, OperationFinished, RunFinished
from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.results.reports.summary_schema import report_schema

START = "cognito-idp:StartUserImportJob"
BASELINE = "version: 1\nviolations:\n"
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _engine(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[Plan, Callable[[Event], None]], Any]) -> None:
    """Put an engine in place of the real one that does these things and then conforms."""

    def run(plan: Plan, emit: Callable[[Event], None]) -> int:
        for act in acts:
            act(plan, emit)
        emit(RunFinished(0, ("all is well",), 0.5))
        return 0

    monkeypatch.setattr("aws_conformance.engine.run.run", run)


def begin(plan: Plan, emit: Callable[[Event], None]) -> None:
    emit(head_of(plan))
    emit(OperationFinished(START, True, "", True, 5, verified=5))


def unreachable(plan: Plan, emit: Callable[[Event], None]) -> None:
    raise TargetUnreachableError("Nothing answers.", "Is it running?")


def dies(plan: Plan, emit: Callable[[Event], None]) -> None:
    raise ConformanceError("A worker process ended.")


def breaks(plan: Plan, emit: Callable[[Event], None]) -> None:
    raise ZeroDivisionError("oh")


def interrupt(plan: Plan, emit: Callable[[Event], None]) -> None:
    raise KeyboardInterrupt


def hang_up(plan: Plan, emit: Callable[[Event], None]) -> None:
    os.kill(os.getpid(), signal.SIGHUP)


@pytest.fixture(autouse=True)
def hearing() -> Iterator[None]:
    """Whoever runs the tests may have hang-ups ignored (nohup); here they are heard."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


REPORTS = ("--report", "json=a.json", "--report", "junit=a.xml", "--report", "ndjson=a.ndjson")


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ((unreachable,), 3),
        ((begin, unreachable), 3),
        ((begin, dies), 2),
        ((begin, breaks), 2),
        ((interrupt,), 130),
        ((begin, interrupt), 130),
        ((begin, hang_up), 130),
    ],
    ids=lambda value: "-".join(act.__name__ for act in value) if isinstance(value, tuple) else "",
)
def test_every_report_of_a_run_that_ends_early_is_complete(
    acts: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.json").write_text('{"exit": 0}', "utf-8")  # of an earlier run
    _engine(monkeypatch, *acts)
    assert main(["run", START, *REPORTS]) == code
    summary = json.loads(Path("a.json").read_bytes())
    jsonschema.Draft202012Validator(report_schema()).validate(summary)
    assert summary["exit"] == code
    assert ET.fromstring(Path("a.xml").read_text("utf-8")).find(".//failure") is not None
    log = read_log(Path("a.ndjson"))
    assert log.footer is not None
    assert (log.footer.exit, log.complete) == (code, False)


def test_an_ignored_hang_up_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        _engine(monkeypatch, begin, hang_up)
        assert main(["run", START]) == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@needs_full
@pytest.mark.parametrize("kind", ["json", "junit", "ndjson", "console"])
def test_a_full_disk_takes_a_report_and_not_the_verdict(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _engine(monkeypatch, begin)
    assert main(["run", START, "--report", f"{kind}={FULL}", "--report", "ndjson=b.ndjson"]) == 2
    captured = capsys.readouterr()
    assert "exit 0: conforms" in captured.out
    assert captured.err.count("\n") == 1
    assert f"Report {FULL} cannot be written: No space left on device." in captured.err
    assert read_log(Path("b.ndjson")).complete


@needs_full
@pytest.mark.parametrize("arguments", [("checks",), ("run", START, "--max-examples", "0")])
def test_a_full_disk_behind_the_output_is_a_single_line(arguments: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "aws_conformance", *arguments], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 2
    assert done.stderr == b"error: The output cannot be written: No space left on device.\n"


@needs_full
def test_where_nothing_can_be_written_the_exit_code_remains() -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "aws_conformance", "explain", "no.such.check"], stdout=full, stderr=full
        )
    assert done.returncode == 2


@pytest.mark.parametrize("place", ["folder", "file/under.json", "pipe"])
def test_a_report_that_never_can_be_written_is_refused_before_anything_is_sent(
    place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("folder").mkdir()
    Path("file").touch()
    os.mkfifo("pipe")
    _engine(monkeypatch, breaks)
    assert main(["run", START, "--report", f"json={place}"]) == 2
    assert capsys.readouterr().err.startswith(f"error: Report {place} cannot be written: ")


def test_a_pipe_that_somebody_reads_gets_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    _engine(monkeypatch, begin)
    while main(["run", START, "--report", "json=pipe"]) == 2:
        pass  # nobody had opened it yet
    reader.join()
    assert json.loads(read[0])["exit"] == 0


def test_two_runs_do_not_write_into_a_single_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inner: list[int] = []

    def run_again(plan: Plan, emit: Callable[[Event], None]) -> None:
        if not inner:
            inner.append(main(["run", START, "--report", "ndjson=a.ndjson"]))

    _engine(monkeypatch, begin, run_again)
    assert main(["run", START, "--report", "ndjson=a.ndjson"]) == 0
    assert inner == [2]
    assert "is being written by another run" in capsys.readouterr().err
    assert read_log(Path("a.ndjson")).complete


def test_a_report_keeps_the_link_and_the_permissions_of_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("real.json").touch(0o640)
    Path("link.json").symlink_to("real.json")
    _engine(monkeypatch, begin)
    assert main(["run", START, "--report", "json=link.json"]) == 0
    assert Path("link.json").is_symlink()
    assert json.loads(Path("real.json").read_bytes())["exit"] == 0
    assert [path.name for path in Path.cwd().iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("before", [None, BASELINE])
def test_an_update_of_a_baseline_that_changed_meanwhile_is_refused(
    before: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path("known.yaml")
    if before is not None:
        file.write_text(before, "utf-8")
    theirs = f"{BASELINE}# by somebody else\n"
    _engine(monkeypatch, begin, lambda plan, emit: file.write_text(theirs, "utf-8"))
    assert main(["baseline", "update", str(file), START]) == 2
    assert "was changed by somebody else meanwhile" in capsys.readouterr().err
    assert file.read_text("utf-8") == theirs
