# SPDX-License-Identifier: Apache-2.0
"""`--target aws-cli`: the real command conforms, and each check catches the stand-in that breaks its rule.

The stand-ins are standin.py, a program of its own, wrong in the way that is named as the check is.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.checks import (
    ALL_CHECKS,
    CATALOGUE,
    CLI_CATALOGUE,
    LIFECYCLE_CATALOGUE,
    ORACLE_CATALOGUE,
)
from aws_conformance.cli import main
from aws_conformance.engine.aws_cli.cases import command_cases
from aws_conformance.engine.plan import AwsCliTarget, Plan, target_name
from aws_conformance.engine.run import run
from aws_conformance.errors import UsageError
from aws_conformance.frontends.config import Config, plan_from
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference
from aws_conformance.reference import Settings as ReferenceSettings
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    Inconclusive,
    OperationFinished,
    Reported,
    RunFinished,
    RunStarted,
    Verified,
)
from aws_conformance.targets.relay import refusing
from aws_conformance.targets.server import serve

HERE = Path(__file__).parent
REAL = HERE.parents[2] / ".walks" / "awscli" / "bin" / "aws"
DESCRIBE = "cognito-idp:DescribeUserImportJob"
START = "cognito-idp:StartUserImportJob"
HEADER = "cognito-idp:GetCSVHeader"


@dataclass(frozen=True)
class Verdict:
    exit: int
    events: tuple[Event, ...]

    @property
    def reported(self) -> dict[str, Reported]:
        return {event.violation.check: event for event in self.events if isinstance(event, Reported)}

    @property
    def reasons(self) -> tuple[str, ...]:
        return next(event.reasons for event in self.events if isinstance(event, RunFinished))

    @property
    def outcomes(self) -> dict[str, object]:
        return {
            event.case.value_class: event.outcome for event in self.events if isinstance(event, CaseFinished)
        }


def standin(folder: Path, wrong: str = "", major: int = 1) -> AwsCliTarget:
    """A command of its own that is wrong in that way."""
    file = folder / "aws"
    lines = (
        f"#!{sys.executable} -IS",
        "import sys",
        f"sys.path.insert(0, {str(HERE)!r})",
        "from standin import main",
        f"sys.exit(main(sys.argv[1:], {wrong!r}, {major}))",
    )
    file.write_text("\n".join(lines) + "\n", "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return AwsCliTarget(str(file), f"{major}.36.7")


def verdict_on(target: AwsCliTarget, *operations: str, timeout: float = 120.0, **settings: object) -> Verdict:
    events: list[Event] = []
    plan = Plan(operations or (DESCRIBE,), target, timeout=timeout, **settings)  # type: ignore[arg-type]
    code = run(plan, events.append)
    return Verdict(code, tuple(events))


def real() -> AwsCliTarget:
    """The real command. Without it a test is skipped, and fails where everything has to be (CI)."""
    if REAL.is_file():
        return AwsCliTarget(str(REAL), "1.46.3")
    reason = "the aws command is not in .walks/awscli; `make walks` puts it there"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


# --- the real command


def test_the_real_command_conforms() -> None:
    verdict = verdict_on(real(), HEADER, START, timeout=60.0)
    assert verdict.reported == {}
    assert verdict.exit == 0, verdict.reasons
    (finished,) = (event for event in verdict.events if isinstance(event, RunFinished))
    assert finished.reasons == ("every implemented operation was reached and conforms",)
    tallies = [event for event in verdict.events if isinstance(event, OperationFinished)]
    assert [(tally.reached, tally.verified == tally.cases) for tally in tallies] == [(True, True)] * 2
    for about in ("skeleton", "skeleton output", "override", "service error", "connection"):
        assert verdict.outcomes[about] == Verified()


# --- stand-ins


def test_every_check_has_a_stand_in() -> None:
    """The parameters below are the catalogue itself, and each name must change what the stand-in does."""
    text = (HERE / "standin.py").read_text("utf-8")
    generic = {f"cli.exit.{kind}" for kind in ("usage", "json", "object", "parameters", "service")}
    generic |= {"cli.exit.credentials", "cli.exit.connection"}
    assert {name for name in CLI_CATALOGUE if f'"{name}"' not in text} == generic


@pytest.mark.parametrize("major", [1, 2])
def test_a_right_stand_in_is_caught_by_no_check(major: int, tmp_path: Path) -> None:
    verdict = verdict_on(standin(tmp_path, major=major))
    assert verdict.reported == {}
    assert verdict.exit == 0, verdict.reasons
    tallies = [event for event in verdict.events if isinstance(event, OperationFinished)]
    assert [(tally.reached, tally.verified) for tally in tallies] == [
        (True, tally.cases) for tally in tallies
    ]


@pytest.fixture
def _no_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command's time is up as soon as it says that it hangs, and never before."""
    communicate = subprocess.Popen.communicate
    hangs = tmp_path / "hangs"

    def until_it_hangs(
        process: subprocess.Popen[bytes], *, timeout: float | None = None
    ) -> tuple[bytes, bytes]:
        while True:
            try:
                return communicate(process, timeout=None if timeout is None else 0.1)
            except subprocess.TimeoutExpired:
                if hangs.exists():
                    hangs.unlink()
                    raise

    monkeypatch.setattr(subprocess.Popen, "communicate", until_it_hangs)


@pytest.mark.usefixtures("_no_waiting")
@pytest.mark.parametrize("check", CLI_CATALOGUE)
def test_a_stand_in_is_caught_by_its_check_alone(check: str, tmp_path: Path) -> None:
    verdict = verdict_on(standin(tmp_path, check))
    assert set(verdict.reported) == {check}
    severity = CLI_CATALOGUE[check].severity
    assert verdict.reported[check].violation.severity == severity
    assert verdict.exit == (1 if severity == "error" else 0), verdict.reasons


def test_exit_codes_of_version_1_are_wrong_for_version_2(tmp_path: Path) -> None:
    target = standin(tmp_path)
    verdict = verdict_on(AwsCliTarget(target.command, "2.36.7"))
    expected = {"json", "parameters", "service", "credentials", "usage"}
    assert set(verdict.reported) == {f"cli.exit.{kind}" for kind in expected}


def test_a_finding_tells_the_line_and_what_came_of_it(tmp_path: Path) -> None:
    finding = verdict_on(standin(tmp_path, "cli.input-json.override")).reported["cli.input-json.override"]
    assert finding.violation.path == "(request) $.UserPoolId"
    shown = finding.reproduction
    assert shown.aws.startswith("aws cognito-idp describe-user-import-job --endpoint-url ")
    assert '"$ENDPOINT_URL"' in shown.aws
    assert "$CreateUserImportJob_UserImportJob_JobId" in shown.aws
    assert "--cli-input-json" in shown.aws
    assert shown.response.startswith("exit 255")
    assert shown.steps != ()
    for text in (shown.aws, shown.request, shown.response):
        assert "conformance-reference-secret" not in text


# --- nothing passes vacuously


def command(folder: Path, body: str) -> AwsCliTarget:
    file = folder / "aws"
    file.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    file.chmod(0o755)
    return AwsCliTarget(str(file), "1.46.3")


@pytest.mark.parametrize(
    "body", ["exit 0", "exit 255", "echo '{}'", "exit 2", "echo nonsense >&2; exit 1", "kill -9 $$"]
)
def test_a_command_that_always_does_the_same_never_conforms(body: str, tmp_path: Path) -> None:
    assert verdict_on(command(tmp_path, body)).exit == 1


def test_a_command_without_the_operation_does_not_implement_it(tmp_path: Path) -> None:
    verdict = verdict_on(standin(tmp_path), HEADER)
    (tally,) = (event for event in verdict.events if isinstance(event, OperationFinished))
    assert not tally.implemented
    assert "does not exist" in tally.evidence
    assert verdict.exit == 4
    assert verdict.reported == {}


def test_an_endpoint_that_refuses_everything_is_no_fault_of_the_command(tmp_path: Path) -> None:
    def refuse(request: Request) -> Response:
        return Response(400, (), b'{"__type":"NotAuthorizedException","message":"no"}')

    target = standin(tmp_path)
    with serve(refuse) as server:
        verdict = verdict_on(AwsCliTarget(target.command, target.version, server.url))
    assert verdict.exit == 4
    assert verdict.reported == {}
    assert isinstance(verdict.outcomes["options"], Inconclusive)
    # A refusal proves nothing while nothing was accepted.
    assert verdict.outcomes["missing option"] != Verified()


def test_another_endpoint_is_spoken_to_if_it_is_named(tmp_path: Path) -> None:
    seen: list[Request] = []
    reference = Reference(ReferenceSettings())

    def remember(request: Request) -> Response:
        seen.append(request)
        return reference.handle(request)

    target = standin(tmp_path)
    with serve(remember) as server:
        verdict = verdict_on(AwsCliTarget(target.command, target.version, server.url))
    assert verdict.exit == 0, verdict.reasons
    assert len(seen) > 8
    (head,) = (event for event in verdict.events if isinstance(event, RunStarted))
    assert head.target == f"aws-cli==1.36.7 at {server.url}"


# --- the command line


def test_the_target_is_the_command_that_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = standin(tmp_path, major=2)
    monkeypatch.setenv("AWS_CONFORMANCE_AWS", target.command)
    plan = plan_from(Config(target="aws-cli"), operations=(DESCRIBE,))
    assert plan.target == target
    assert target_name(plan.target) == "aws-cli==2.36.7"
    assert plan_from(Config(target="aws-cli==2.36.7"), operations=(DESCRIBE,)) == plan
    with pytest.raises(UsageError, match=r"is version 2\.36\.7, not 1\.0\.0"):
        plan_from(Config(target="aws-cli==1.0.0"), operations=(DESCRIBE,))
    plan = plan_from(Config(target="aws-cli", endpoint="http://127.0.0.1:5000/"), operations=(DESCRIBE,))
    assert plan.target == AwsCliTarget(target.command, target.version, "http://127.0.0.1:5000")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (Config(endpoint="http://127.0.0.1:1"), "An endpoint is given without the `aws` command"),
        (Config(target="reference", endpoint="http://127.0.0.1:1"), "An endpoint is given without"),
        (Config(target="aws-cli"), "There is no command 'nowhere'"),
        (Config(target="aws-cly"), "Did you mean aws-cli"),
    ],
)
def test_what_is_wrong_with_the_target_is_said(
    config: Config, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFORMANCE_AWS", "nowhere")
    with pytest.raises(UsageError, match=message):
        plan_from(config, operations=(DESCRIBE,))


def test_a_program_without_a_version_is_not_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFORMANCE_AWS", command(tmp_path, "echo hello").command)
    with pytest.raises(UsageError, match="names no version of the AWS CLI"):
        plan_from(Config(target="aws-cli"), operations=(DESCRIBE,))


def test_checks_go_with_their_targets(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not apply to this target"):
        run(Plan((DESCRIBE,), checks=("cli.crash",)), print)
    with pytest.raises(UsageError, match="does not apply to this target"):
        run(Plan((DESCRIBE,), standin(tmp_path), checks=("server.crash",)), print)
    verdict = verdict_on(standin(tmp_path, "cli.exit.json"), checks=("cli.exit.object",))
    assert verdict.reported == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"phases": ("random",)}, "no cases but enumerated ones"),
        ({"record": "anywhere"}, "can't be recorded"),
    ],
)
def test_what_the_command_does_not_have_is_refused(
    settings: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        verdict_on(standin(tmp_path), **settings)


def test_workers_and_reports_take_it_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_CONFORMANCE_AWS", standin(tmp_path, "cli.exit.json").command)
    reports = [f"--report={form}={tmp_path / form}" for form in ("json", "ndjson", "junit")]
    words = ["run", DESCRIBE, HEADER, "--target", "aws-cli", "--workers", "2", *reports]
    assert main(words) == 1
    printed = capsys.readouterr().out
    assert "DescribeUserImportJob" in printed
    assert "cli.exit.json" in (tmp_path / "junit").read_text("utf-8")
    summary = json.loads((tmp_path / "json").read_text("utf-8"))
    assert summary["target"] == "aws-cli==1.36.7"
    assert [violation["check"] for violation in summary["violations"]] == ["cli.exit.json"]
    assert summary["operations"][HEADER]["implemented"] is False
    assert main(["replay", str(tmp_path / "ndjson")]) != 0


def test_severities_can_be_set(tmp_path: Path) -> None:
    target = standin(tmp_path, "cli.exit.json")
    verdict = verdict_on(target, severities={"cli.exit.json": "note"})
    assert verdict.exit == 0
    assert verdict.reported["cli.exit.json"].violation.severity == "note"


def test_checks_and_explain_know_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert (
        set(listed)
        == set(ALL_CHECKS)
        == {
            *CATALOGUE,
            *CLI_CATALOGUE,
            *LIFECYCLE_CATALOGUE,
            *ORACLE_CATALOGUE,
        }
    )
    assert main(["explain", "cli.input-json.override"]) == 0
    assert "overrides the one in the JSON" in capsys.readouterr().out


# --- cases


def test_cases_have_stable_ids_and_are_few() -> None:
    compiled = contract_of("cognito-idp")
    for operation in compiled.service.operations.values():
        cases = command_cases(compiled.of(operation))
        assert len({case.info.id for case in cases}) == len(cases)
        assert len(cases) <= 30, operation.name
        assert cases == command_cases(compiled.of(operation))


def test_a_refusing_port_refuses() -> None:
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with refusing() as url, pytest.raises(urllib.error.URLError, match="refused"):
        opener.open(url, timeout=5)
