# SPDX-License-Identifier: Apache-2.0
"""The scripts that a report gives for a history do it again, without the kit: boto3, and `aws` with curl.

It owns how transcripts are made (histories are walked on the reference) and run, and that a script's last
answer is the transcript's. It refuses to know how scripts are written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest
from tests.miniatures.lives import LIVES, conforming
from tests.switchable import events_of, findings
from tests.walks.test_walks import AWS, PATIENCE, require

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.lifecycles.belief import Rules
from aws_conformance.cases.lifecycles.coverage import enumerated_histories
from aws_conformance.cases.lifecycles.registry import lifecycles_of
from aws_conformance.engine.histories.harness import Judges
from aws_conformance.engine.histories.phase import Harnesses
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import EmbeddedReference, Plan, TargetSpec, UrlTarget
from aws_conformance.reference import ACCESS_KEY, REGION, SECRET_KEY, ManualClock, Reference, Settings
from aws_conformance.reproduce.scripts import aws_script, boto3_script
from aws_conformance.reproduce.transcript import Transcript, TranscriptStep
from aws_conformance.targets.server import Handler, serve

_PRESENT = re.compile(r"['\"](?:User)?Status['\"]: ?['\"](\w+)['\"]")
_REFUSED = re.compile(r"An error occurred \((\w+)\)")


def _transcript(
    name: str, title: str, target: TargetSpec | None = None, files: tuple[str, ...] = ()
) -> Transcript:
    """How the history of that title goes on a target, by default the embedded reference."""
    lifecycle = next(item for item in lifecycles_of("cognito-idp", files) if item.name == name)
    (history,) = (item for item in enumerated_histories(lifecycle) if item.info.title == title)
    plan = Plan((history.info.operation,), target or EmbeddedReference(), lifecycles=files)
    with opened(plan) as session:
        session.begin(history.info.operation, contract_of("cognito-idp").protocol)
        harnesses = Harnesses(session, contract_of("cognito-idp"), Rules(lifecycle), Judges((), ()), "walked")
        try:
            execution = harnesses.walk(history)
        finally:
            harnesses.close()
    assert execution.reason == ""
    assert not execution.violations
    return execution.transcript


@contextmanager
def _fresh(*, moved: bool = True) -> Iterator[str]:
    """A reference that has never seen the history, with other identifiers than where it was executed."""
    settings = Settings(seed=99, time_control=True, stopping_seconds=1.0)
    quick = Settings(seed=99, pending_seconds=0.2, progress_seconds=0.3)
    handler: Handler = (Reference(settings, ManualClock()) if moved else Reference(quick)).handle
    with serve(handler) as server:
        yield server.url


def _environment(url: str, home: Path) -> dict[str, str]:
    """Nothing of this machine's own AWS configuration."""
    return {
        "PATH": f"{AWS.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def _run(words: list[str], url: str, home: Path) -> str:
    """What a program says, errors among the rest in the order in which they come."""
    done = subprocess.run(
        words,
        cwd=home,
        env=_environment(url, home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    assert "syntax error" not in done.stdout, done.stdout
    return done.stdout


def _by_boto3(script: str, url: str, home: Path) -> str:
    require("boto3")
    file = home / "script.py"
    file.write_text(script, "utf-8")
    return _run([sys.executable, str(file)], url, home)


def _by_aws(script: str, url: str, home: Path) -> str:
    require("aws")
    for program in ("bash", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on the path")
    file = home / "script.sh"
    file.write_text(script, "utf-8")
    return _run(["bash", str(file)], url, home)


def _last(steps: tuple[TranscriptStep, ...]) -> str:
    """What the last request of a transcript earned: the state that is shown, or the code of the refusal."""
    step = next(step for step in reversed(steps) if step.did == "request")
    if step.success:
        return str(_PRESENT.findall(step.answer)[-1])
    return step.answer.split()[1].rstrip(":")


def _seen(text: str) -> list[str]:
    """States and codes in the order in which a program said them."""
    matches = re.finditer(f"{_PRESENT.pattern}|{_REFUSED.pattern}", text)
    return [next(filter(None, match.groups())) for match in matches]


def _did(transcript: Transcript) -> set[str]:
    return {step.did for step in transcript.steps}


_RUNNERS: dict[str, tuple[Callable[[Transcript], str], Callable[[str, str, Path], str]]] = {
    "boto3": (lambda transcript: boto3_script(transcript, "a history", "$ENDPOINT_URL", REGION), _by_boto3),
    "aws": (lambda transcript: aws_script(transcript, "a history", "$ENDPOINT_URL"), _by_aws),
}
runners = pytest.mark.parametrize("runner", _RUNNERS)


def _again(runner: str, transcript: Transcript, home: Path, *, moved: bool = True) -> list[str]:
    """What the runner's script of a transcript sees on a fresh reference."""
    write, execute = _RUNNERS[runner]
    with _fresh(moved=moved) as url:
        return _seen(execute(write(transcript), url, home))


@runners
def test_a_job_that_failed_is_started_again(runner: str, tmp_path: Path) -> None:
    """An upload, and time that is moved until the job rests."""
    transcript = _transcript("user-import-job", "start in Failed")
    assert {"put", "time", "request"} <= _did(transcript)
    seen = _again(runner, transcript, tmp_path)
    assert seen[-3:] == ["Failed", "PreconditionNotMetException", "Failed"]
    assert [_last(transcript.steps[:-1]), _last(transcript.steps)] == seen[-2:]


@runners
def test_users_whose_passwords_are_invented_by_the_script(runner: str, tmp_path: Path) -> None:
    transcript = _transcript("user", "first sign-in in confirmed")
    seen = _again(runner, transcript, tmp_path)
    assert "NotAuthorizedException" in seen
    assert seen[-1] == _last(transcript.steps) == "CONFIRMED"


@runners
def test_a_race_is_run_again(runner: str, tmp_path: Path) -> None:
    # Sixteen processes of `aws` at once are more than a small machine should be asked for.
    title = "start from 16 connections" if runner == "boto3" else "start and stop at once"
    transcript = _transcript("user-import-job", title)
    raced = [step for step in transcript.steps if step.at_once]
    times = sum(step.times for step in raced)
    assert times == (16 if runner == "boto3" else 4)
    seen = _again(runner, transcript, tmp_path)
    # Each request, and a last look; before them the job, unless what is shown of it went into variables.
    assert len(seen) == times + (2 if runner == "boto3" else 1)
    answers = seen[-times - 1 : -1]
    if runner == "boto3":
        assert sorted(answers) == ["Pending"] + ["PreconditionNotMetException"] * 15
        assert seen[-1] == _last(transcript.steps) == "Pending"
    else:
        # Whether a stop comes after the start is chance.
        assert answers.count("Pending") == 1
        assert seen[-1] == ("Stopped" if "Stopped" in answers else "Pending")


def test_time_is_moved_to_the_end_and_a_user_is_there(tmp_path: Path) -> None:
    transcript = _transcript("user-import-job", "Created → Pending → InProgress → Succeeded")
    assert {"put", "time", "request"} <= _did(transcript)
    seen = _again("boto3", transcript, tmp_path)
    order = [state for index, state in enumerate(seen) if seen[index - 1] != state or index == 0]
    assert order == ["Created", "Pending", "InProgress", "Succeeded", "RESET_REQUIRED"]
    assert _last(transcript.steps) == "RESET_REQUIRED"


def test_where_time_can_not_be_moved_the_script_waits(tmp_path: Path) -> None:
    text = (
        resources.files("aws_conformance")
        .joinpath("cases/lifecycles", "user-import-job.yaml")
        .read_text("utf-8")
    )
    own = tmp_path / "impatient.yaml"
    own.write_text(re.sub(r"(?m)^wait: .*$", "wait: {pause: 0.1, at-most: 20}", text), "utf-8")
    with _fresh(moved=False) as url:
        title = "upload: a byte-order mark, then start"
        transcript = _transcript("user-import-job", title, UrlTarget(url), (str(own),))
    assert {"put", "pause", "request"} <= _did(transcript)
    # What becomes of it is the target's to say; the script waits as long, and sees the same.
    assert _again("boto3", transcript, tmp_path, moved=False)[-1] == _last(transcript.steps)
    assert _last(transcript.steps) in ("Failed", "Succeeded")


@runners
def test_a_finding_is_seen_again_by_its_own_script(runner: str, tmp_path: Path) -> None:
    """As a report gives it: against the address that showed it, and against a mended target."""
    miniature = next(item for item in LIVES if item.name == "starts-without-a-file")
    with serve(miniature.make(7, ManualClock())) as server:
        plan = Plan(
            (miniature.operation,), UrlTarget(server.url, ("clock",)), phases=("stateful",), max_examples=0
        )
        (finding,) = (item for item in findings(events_of(plan)) if item.violation.severity == "error")
        shown = finding.reproduction
        script = shown.boto3 if runner == "boto3" else shown.aws
        assert _seen(_RUNNERS[runner][1](script, server.url, tmp_path))[-1:] == ["Pending"]
    assert '"Status":"Pending"' in shown.response.replace(" ", "")
    with serve(conforming(8, ManualClock())) as mended:
        moved = script.replace(server.url, mended.url)
        seen = _seen(_RUNNERS[runner][1](moved, mended.url, tmp_path))
        assert seen[-1:] == ["PreconditionNotMetException"]
