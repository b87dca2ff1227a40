# SPDX-License-Identifier: Apache-2.0
"""A run that is killed in its middle: its NDJSON can be read, says so, and the run can be finished."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cli import main
from aws_conformance.results.events import OperationFinished
from aws_conformance.results.reports.ndjson import read_log

OPERATIONS = [f"cognito-idp:{name}" for name in ("GetCSVHeader", "CreateUserImportJob", "StopUserImportJob")]
OPTIONS = ["--seed", "7", "--max-examples", "40", "--phase", "enumerated,random"]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _kill_in_the_middle(path: Path) -> None:
    """Start a run, and kill it -9 once its first operation is through.

    It writes into a pipe that is read no further than that, so it can't be through before it is killed.
    """
    command = [sys.executable, "-c", "import sys; from aws_conformance.cli import main; sys.exit(main())"]
    pipe = path.with_name("pipe.ndjson")
    os.mkfifo(pipe)
    command += ["run", *OPERATIONS, *OPTIONS, "--report", f"ndjson={pipe}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with pipe.open("rb") as stream, path.open("wb") as copy:
            for line in stream:
                copy.write(line)
                if line.startswith(b'{"@":"OperationFinished"'):
                    break
            # Some way into the next.
            copy.writelines(itertools.islice(stream, 8))
            os.kill(process.pid, signal.SIGKILL)
            copy.write(stream.read())
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL


def _report_without_times(path: str) -> dict[str, Any]:
    """The summary without times, and without what a target makes up and when it answers."""
    report: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    del report["elapsed"], report["started"]
    for violation in report["violations"]:
        del violation["reproduce"]["request"], violation["reproduce"]["response"]
    return report


def test_a_killed_run_is_finished_and_equals_an_undisturbed_run() -> None:
    _kill_in_the_middle(Path("killed.ndjson"))
    log = read_log(Path("killed.ndjson"))
    assert log.footer is None
    through = [event.operation for event in log.events if isinstance(event, OperationFinished)]
    assert 0 < len(through) < len(OPERATIONS)
    undisturbed = main(["run", *OPERATIONS, *OPTIONS, "--report", "json=whole.json"])
    reports = ["--report", "json=resumed.json", "--report", "ndjson=resumed.ndjson"]
    assert main(["run", *OPERATIONS, *OPTIONS, "--resume", "killed.ndjson", *reports]) == undisturbed
    assert _report_without_times("resumed.json") == _report_without_times("whole.json")
    # What was through was taken over, not run again: its times are those of the killed run.
    resumed = read_log(Path("resumed.ndjson"))
    assert resumed.complete
    for name in through:
        assert _cases(resumed.events, name) == _cases(log.events, name)


def _cases(events: tuple[Any, ...], operation: str) -> list[Any]:
    return [event for event in events if getattr(getattr(event, "case", None), "operation", "") == operation]


def _cut(name: str, keep: str) -> None:
    """A run of two operations, cut off after the last line that begins so."""
    assert main(["run", *OPERATIONS[:2], "--max-examples", "2", "--report", f"ndjson={name}"]) == 0
    lines = Path(name).read_text("utf-8").splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.startswith(f'{{"@":"{keep}"'))
    Path(name).write_text("".join(lines[: last + 1]), "utf-8")


def test_with_every_operation_through_only_the_verdict_is_left() -> None:
    _cut("cut.ndjson", "OperationFinished")
    options = ["--max-examples", "2", "--resume", "cut.ndjson", "--report", "json=made.json"]
    assert main(["run", *OPERATIONS[:2], *options]) == 0
    assert json.loads(Path("made.json").read_text("utf-8"))["totals"]["operations"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seed", "8"], "another seed: 0, not 8. Resume it with the options that it was begun with"),
        (["--phase", "random"], "another phases"),
        (["--max-examples", "3"], "another max_examples: 2, not 3"),
        (["--fail-on", "note"], "another fail_on"),
        (["--check", "server.crash"], "another checks"),
        (["--target", "http://127.0.0.1:1"], "another target"),
        (["--report", "ndjson=cut.ndjson"], "would be overwritten by what it is read for"),
    ],
)
def test_only_the_same_run_is_resumed(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _cut("cut.ndjson", "OperationStarted")
    before = Path("cut.ndjson").read_bytes()
    capsys.readouterr()
    # What is given twice holds as given last.
    arguments = ["--max-examples", "2", *options, "--resume", "cut.ndjson"]
    assert main(["run", *OPERATIONS[:2], *arguments]) == 2
    assert message in capsys.readouterr().err
    assert Path("cut.ndjson").read_bytes() == before


def test_other_operations_and_finished_runs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    _cut("cut.ndjson", "OperationStarted")
    assert main(["run", OPERATIONS[0], "--max-examples", "2", "--resume", "cut.ndjson"]) == 2
    assert "of a run of other operations" in capsys.readouterr().err
    assert main(["run", OPERATIONS[0], "--max-examples", "0", "--report", "ndjson=whole.ndjson"]) == 0
    assert main(["run", OPERATIONS[0], "--max-examples", "0", "--resume", "whole.ndjson"]) == 2
    assert "came to its end. There is nothing to resume" in capsys.readouterr().err
