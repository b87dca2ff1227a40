# SPDX-License-Identifier: Apache-2.0
"""The command line: what each command prints, how a process ends, and what a mistake looks like.

Most tests call `main` in this process; what only a process of its own can show runs in one. The engine
is a fake here, because what is checked is what stands before and behind it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

import jsonschema
import pytest

from aws_conformance.cli import cli, main
from aws_conformance.engine.head import head_of
from aws_conformance.engine.plan import EmbeddedReference, Plan, StartedTarget, UrlTarget
from aws_conformance.errors import TargetUnreachableError
from aws_conformance.results.events import Event, OperationFinished, RunFinished, RunStarted
from aws_conformance.results.reports.summary_schema import report_schema
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.vocabulary import SIDES
from aws_conformance.spec.schema.write import dump_schema, operation_schemas
from aws_conformance.spec.selectors import find_operation

START = "cognito-idp:StartUserImportJob"
OPERATIONS = len(load_service("cognito-idp").operations)
TIMESTAMP = {"UserImportJob": {"JobId": "import-1", "CreationDate": "2026-11-23T10:00:00Z"}}
FITTING = {"UserImportJob": {"JobId": "import-1", "CreationDate": 1736443020.081}}
HEADERS = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": ["a"]}

Engine: TypeAlias = Callable[[Plan, Callable[[Event], None]], int]


def _conforming(plan: Plan, emit: Callable[[Event], None]) -> int:
    emit(RunStarted("reference", plan.seed, plan.phases, plan.operations, {"botocore": "1"}, "now"))
    for name in plan.operations:
        emit(OperationFinished(name, True, "", True, 1, verified=1))
    emit(RunFinished(0, ("all is well",), 0.5))
    return 0


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the configuration of the folder that tests are started from."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Plan]]:
    """Puts an engine in place of the real one and returns the plans that it is given."""

    def install(run: Engine = _conforming) -> list[Plan]:
        plans: list[Plan] = []

        def recording(plan: Plan, emit: Callable[[Event], None]) -> int:
            plans.append(plan)
            return run(plan, emit)

        monkeypatch.setattr("aws_conformance.engine.run.run", recording)
        return plans

    return install


def _error_line(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("error: ")
    assert "Traceback" not in captured.err
    return lines[0]


# --- run


def test_run_hands_the_engine_its_defaults(engine: Callable[..., list[Plan]]) -> None:
    plans = engine()
    assert main(["run"]) == 0
    assert len(plans[0].operations) == 6
    assert plans[0] == Plan(operations=plans[0].operations)


def test_every_option_reaches_the_plan(engine: Callable[..., list[Plan]]) -> None:
    plans = engine()
    options = (
        "--target http://127.0.0.1:5000 --protocol json --phase random,enumerated --seed 7 --max-examples 3 "
        "--max-time 60 --request-timeout 2.5 --name ours --workers 2 "
        "--check response.body.type --check server.crash "
        "--exclude-check server.timeout --allow-remote --fail-on note"
    )
    assert main(["run", START, *options.split()]) == 0
    assert plans == [
        Plan(
            operations=(START,),
            target=UrlTarget("http://127.0.0.1:5000"),
            protocol="json",
            phases=("random", "enumerated"),
            seed=7,
            max_examples=3,
            max_time=60.0,
            timeout=2.5,
            name="ours",
            workers=2,
            checks=("response.body.type", "server.crash"),
            excluded_checks=("server.timeout",),
            allow_remote=True,
            fail_on="note",
        )
    ]


def test_start_makes_a_target_that_is_started(engine: Callable[..., list[Plan]]) -> None:
    plans = engine()
    assert main(["run", START, "--start", "server -p {port}"]) == 0
    assert plans[0].target == StartedTarget("server -p {port}")


def test_the_command_line_overrides_the_configuration(
    engine: Callable[..., list[Plan]], tmp_path: Path
) -> None:
    (tmp_path / "aws-conformance.toml").write_text(
        'target = "http://127.0.0.1:1"\nseed = 3\nworkers = 2\nallow-remote = true', "utf-8"
    )
    plans = engine()
    assert main(["run", START, "--target", "reference", "--seed", "0"]) == 0
    assert plans[0].target == EmbeddedReference()
    assert (plans[0].seed, plans[0].workers, plans[0].allow_remote) == (0, 2, True)


def test_run_shows_the_verdict_and_returns_the_engines_code(
    engine: Callable[..., list[Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    def violating(plan: Plan, emit: Callable[[Event], None]) -> int:
        emit(RunStarted("reference", 0, (), plan.operations, {}, ""))
        emit(RunFinished(1, ("a reason",), 0.1))
        return 1

    engine(violating)
    assert main(["run", START]) == 1
    captured = capsys.readouterr()
    assert "exit 1: violations" in captured.out
    assert captured.err == ""


def test_a_report_on_stdout_has_it_for_itself(
    engine: Callable[..., list[Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    engine()
    assert main(["run", START, "--report", "json=-"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["operations"][START]["reached"] is True
    assert "exit 0: conforms" in captured.err


def test_reports_go_to_files_in_new_folders(
    engine: Callable[..., list[Plan]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine()
    assert main(["run", START, "--report", "json=out/a.json", "--report", "json=b.json"]) == 0
    assert (tmp_path / "out" / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "b.json").read_bytes())["exit"] == 0
    assert "exit 0" in capsys.readouterr().out


def test_a_real_run_on_the_reference_keeps_to_the_published_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", START, "--phase", "enumerated", "--report", "json=a.json"]) == 0
    summary = json.loads((tmp_path / "a.json").read_bytes())
    jsonschema.Draft202012Validator(report_schema()).validate(summary)
    assert summary["operations"][START]["reached"] is True
    assert "exit 0: conforms" in capsys.readouterr().out


def test_an_interrupted_run_tells_what_it_saw(
    engine: Callable[..., list[Plan]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(plan: Plan, emit: Callable[[Event], None]) -> int:
        emit(RunStarted("reference", 0, (), plan.operations, {}, ""))
        emit(OperationFinished(START, True, "", True, 5, verified=5))
        raise KeyboardInterrupt

    engine(interrupted)
    assert main(["run", START, "--report", "json=a.json"]) == 130
    assert "exit 130: interrupted" in capsys.readouterr().out
    summary = json.loads((tmp_path / "a.json").read_bytes())
    assert (summary["exit"], summary["totals"]["cases"]) == (130, 5)


def test_a_run_interrupted_before_it_began_says_so(
    engine: Callable[..., list[Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_plan: Plan, _emit: Callable[[Event], None]) -> int:
        raise KeyboardInterrupt

    engine(interrupted)
    assert main(["run", START]) == 130
    assert capsys.readouterr() == ("", "Interrupted before anything was sent.\n")


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (("--target", "127.0.0.1:5000"), ("--target", "localhost:5001"), 0),
        (("--start", "a {port}", "--name", "ours"), ("--target", "[::1]:80", "--name", "ours"), 0),
        (("--start", "a {port}"), ("--start", "b {port}"), 2),
        (("--start", "a {port}"), ("--start", "a {port}", "--name", "ours"), 2),
        (("--target", "127.0.0.1:80", "--name", "ours"), ("--target", "127.0.0.1:80", "--name", "theirs"), 2),
    ],
)
def test_a_run_is_resumed_on_the_same_target(
    first: tuple[str, ...], second: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(plan: Plan, emit: Callable[[Event], None]) -> int:
        emit(head_of(plan))
        raise KeyboardInterrupt

    def finishing(plan: Plan, emit: Callable[[Event], None], _events: tuple[Event, ...]) -> int:
        return _conforming(plan, emit)

    monkeypatch.setattr("aws_conformance.engine.run.run", interrupted)
    assert main(["run", START, *first, "--report", "ndjson=run.ndjson"]) == 130
    monkeypatch.setattr("aws_conformance.engine.run.run", finishing)
    assert main(["run", START, *second, "--resume", "run.ndjson"]) == code


def test_an_interruption_before_a_command_began_is_a_single_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_arguments: Any, **_more: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    assert main(["run"]) == 130
    assert capsys.readouterr() == ("", "Interrupted.\n")


@pytest.mark.parametrize("module", ["aws_conformance.errors", "aws_conformance.frontends.config"])
def test_an_interruption_of_the_import_is_a_single_line(module: str) -> None:
    """While what finds the command is imported, and while the command is."""
    program = (
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {module!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from aws_conformance.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, "run"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "Interrupted.")


def test_termination_ends_a_run_as_an_interruption_does(engine: Callable[..., list[Plan]]) -> None:
    def terminated(_plan: Plan, _emit: Callable[[Event], None]) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    before = signal.getsignal(signal.SIGTERM)
    engine(terminated)
    assert main(["run", START]) == 130
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_unreachable_target_is_a_single_line(
    engine: Callable[..., list[Plan]], capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(_plan: Plan, _emit: Callable[[Event], None]) -> int:
        raise TargetUnreachableError("Nothing answers\nat http://127.0.0.1:1.", "Is it running?")

    engine(unreachable)
    assert main(["run", "--target", "http://127.0.0.1:1"]) == 3
    assert _error_line(capsys) == "error: Nothing answers at http://127.0.0.1:1. Is it running?"


def test_a_fault_of_ours_is_a_single_line_and_a_file(
    engine: Callable[..., list[Plan]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def broken(_plan: Plan, _emit: Callable[[Event], None]) -> int:
        raise ZeroDivisionError("oh\x1b[2J\nno")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine(broken)
    assert main(["run", START]) == 2
    line = _error_line(capsys)
    assert "internal error: ZeroDivisionError: oh\\x1b[2J no." in line
    file = Path(line.rpartition(" with ")[2].rstrip("."))
    assert "Traceback" in file.read_text("utf-8")


# --- mistakes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Missing command"),
        ("rum", "no command named 'rum'. Did you mean run?"),
        ("run --sede 3", "No such option"),
        ("run --seed x", "--seed"),
        ("run --seed -1", "--seed"),
        ("run --seed 1.5", "--seed"),
        ("run --seed", "requires an argument"),
        ("run --workers 0", "--workers"),
        ("run --max-examples -1", "--max-examples"),
        ("run --max-time 0", "--max-time"),
        ("run --max-time nan", "--max-time"),
        ("run --max-time inf", "--max-time"),
        ("run --max-time soon", "--max-time"),
        ("run --fail-on fatal", "--fail-on"),
        ("run --phase rando", "no phase 'rando'. Did you mean random?"),
        ("run --phase ,", "no phase ''"),
        ("run cognito-ipd", "no service named 'cognito-ipd'. Did you mean cognito-idp"),
        ("run cognito-idp:StartUserImportJobb", "Did you mean StartUserImportJob"),
        ("run cognito-idp:Qq*", "matches 'Qq*'"),
        (
            "run --check response.body.typ",
            "no check named 'response.body.typ'. Did you mean response.body.type",
        ),
        ("run --exclude-check q", "no check named 'q'"),
        ("run --target nonesuch", "Supported: reference, "),
        ("run --target http://u:p@h", "must not hold credentials"),
        ("run --target reference --start x{port}", "Give one of the two"),
        ("run --start x", "has no {port}"),
        ("run --report jsn=x", "no report format named 'jsn'. Did you mean json or ndjson?"),
        ("run --report json", "names no file"),
        ("run --report json=", "names no file"),
        ("run --report json=- --report json=-", "Two reports go to the standard output"),
        ("run --report json=a --report json=./a", "Two reports go to"),
        ("run --report json=folder", "cannot be written"),
        ("schema", "Missing argument"),
        (
            "schema cognito-idp",
            f"selects {OPERATIONS} operations. Write them with --out DIR",
        ),
        ("schema cognito-idp:StartUserImportJob --side inputs", "--side"),
        ("schema cognito-idp:StartUserImportJob --protocol query", "does not speak 'query'"),
        ("schema cognito-idp:StartUserImportJob --out file", "--out"),
        ("schema cognito-idp:StartUserImportJob --out file/below", "cannot be written"),
        ("plan cognito-idp:StartUserImportJb", "Did you mean StartUserImportJob"),
        ("explain response.body.typ", "Did you mean response.body.type"),
        ("explain", "Missing argument"),
        ("serve cognito-ipd", "Did you mean cognito-idp"),
        ("serve sqss", "Did you mean sqs"),
        ("serve --port 65536", "--port"),
        ("validate", "Give one of --exchange, --instance and --batch"),
        ("validate cognito-idp:StartUserImportJob", "Give one of"),
        ("validate cognito-idp:StartUserImportJob --exchange file --instance file", "Give one of"),
        ("validate --instance file", "Which operation?"),
        ("validate cognito-idp:StartUserImportJob --batch file", "each line names its own"),
        ("validate cognito-idp --instance file", "does not name an operation"),
        ("validate cognito-idp:StartUserImportJobs --instance file", "Did you mean StartUserImportJob"),
        ("validate cognito-idp:StartUserImportJob --instance missing", "missing cannot be read"),
        ("validate cognito-idp:StartUserImportJob --instance folder", "folder cannot be read"),
        ("validate cognito-idp:StartUserImportJob --instance file", "file is not JSON"),
        ("validate cognito-idp:StartUserImportJob --exchange file", "file is not JSON"),
        ("validate cognito-idp:StartUserImportJob --exchange bytes", "bytes is not UTF-8"),
        ("validate cognito-idp:StartUserImportJob --instance nan", "NaN is no JSON number"),
        ("validate cognito-idp:StartUserImportJob --instance deep", "is not JSON"),
        ("validate cognito-idp:StartUserImportJob --instance list --schemas nowhere", "nowhere is no folder"),
        ("validate cognito-idp:StartUserImportJob --exchange list", "An exchange is a JSON object"),
        ("validate --batch missing", "missing cannot be read"),
        ("run --request-timeout 0", "0 is not a number of seconds above 0."),
        ("run --request-timeout -1", "-1 is not a number of seconds above 0."),
        ("run --request-timeout nan", "nan is not a number of seconds above 0."),
        ("run --request-timeout soon", "'soon' is not a number of seconds."),
        ("run --request-timeout 3601", "3601 is more than 3600 seconds."),
        ("replay list --timeout 1e300", "1e300 is more than 3600 seconds."),
        ("run --name http://127.0.0.1:1", "The name of a target must not be an address."),
        ("run --name=", "'' is no name for a target."),
    ],
)
def test_a_mistake_is_a_single_line_and_exit_code_2(
    arguments: str,
    message: str,
    tmp_path: Path,
    engine: Callable[..., list[Plan]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine()
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("{", "utf-8")
    (tmp_path / "list").write_text("[]", "utf-8")
    (tmp_path / "nan").write_text("[NaN]", "utf-8")
    (tmp_path / "deep").write_text("[" * 100_000, "utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert main(arguments.split()) == 2
    assert message in _error_line(capsys)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed = ", "aws-conformance.toml is not valid TOML"),
        ("sed = 1", "aws-conformance.toml: sed: unknown key. Did you mean seed?"),
        ('seed = "1"', "aws-conformance.toml: seed must be a whole number"),
        ('checks = ["server.crsh"]', "Did you mean server.crash"),
    ],
)
def test_a_bad_configuration_is_a_single_line_and_exit_code_2(
    text: str,
    message: str,
    tmp_path: Path,
    engine: Callable[..., list[Plan]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    plans = engine()
    (tmp_path / "aws-conformance.toml").write_text(text, "utf-8")
    assert main(["run", START]) == 2
    assert message in _error_line(capsys)
    assert plans == []


@pytest.mark.parametrize(
    ("exchange", "message"),
    [
        ({}, "needs a 'status'"),
        ({"status": "200"}, "'status' must be a whole number"),
        ({"status": True}, "'status' must be a whole number"),
        ({"status": 99}, "'status' must be a whole number"),
        ({"status": 200, "header": {}}, "no 'header'. Did you mean headers?"),
        ({"status": 200, "headers": ["a"]}, "'headers' must be an object"),
        ({"status": 200, "headers": {"a": 1}}, "Header 'a' must be text"),
        ({"status": 200, "body": 5}, "'body' must be text"),
        ({"status": 200, "body": {"base64": "?"}}, "'body' is not base64"),
        ({"status": 200, "body": {"base64": "", "x": 1}}, "'body' must be text"),
    ],
)
def test_a_bad_exchange_is_a_single_line_and_exit_code_2(
    exchange: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "e.json").write_text(json.dumps(exchange), "utf-8")
    assert main(["validate", START, "--exchange", "e.json"]) == 2
    assert message in _error_line(capsys)


def test_a_port_that_is_taken_is_a_single_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"Port {port}" in _error_line(capsys)


# --- schema, plan, checks, explain


def test_a_single_schema_is_printed_as_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    service, operation = find_operation(START)
    schemas = operation_schemas(service, operation, "json")
    for side in SIDES:
        assert main(["schema", START, "--side", side]) == 0
        assert capsys.readouterr().out == dump_schema(schemas[side])
    assert main(["schema", START]) == 0
    assert json.loads(capsys.readouterr().out) == schemas
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept").touch()
    assert main(["schema", "cognito-idp:*UserImportJob", "--out", "out"]) == 0
    folder = tmp_path / "out" / "cognito-idp" / "StartUserImportJob"
    for side in SIDES:
        assert (folder / f"{side}.json").read_text("utf-8") == dump_schema(schemas[side])
    assert sorted(path.name for path in folder.parent.iterdir()) == [
        f"{verb}UserImportJob" for verb in ("Create", "Describe", "Start", "Stop")
    ]
    assert (tmp_path / "out" / "kept").exists()


def test_a_single_side_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", START, "--side", "input", "--out", "."]) == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["input.json"]
    assert capsys.readouterr() == ("", "1 schema in .\n")


def test_a_plan_lists_the_cases_of_an_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", START, "--phase", "enumerated"]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    chain = [line for line in rest if line.startswith("  needs ")]
    assert first.startswith(f"{START}: {len(rest) - len(chain)} cases (")
    assert len(rest) > 20
    assert chain[0] == "  needs 1. CreateUserPool, undone by DeleteUserPool"
    assert "  needs JobId: CreateUserImportJob.UserImportJob.JobId" in chain
    assert main(["plan", START, "--phase", "enumerated", "--seed", "9"]) == 0
    assert capsys.readouterr().out.splitlines() == [first, *rest]


def test_a_plan_says_what_the_models_leave_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "sqs:DeleteMessage", "--phase", "enumerated"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  needs QueueUrl: CreateQueue.QueueUrl" in lines
    looked_for = "nothing is sure to give it; a run looks for it in ReceiveMessage"
    assert f"  needs ReceiptHandle: {looked_for}" in lines


def test_a_plan_counts_the_cases_of_several(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["plan", "cognito-idp:St*UserImportJob", "sts:GetCallerIdentity", "--phase", "enumerated"]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[0] for line in lines[:2]] == [START, "cognito-idp:StopUserImportJob"]
    assert main([*arguments, "--verbose"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > len(lines) + 20


def test_a_plan_of_several_makes_no_random_cases(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["plan", START, "cognito-idp:StopUserImportJob", "--phase", "random", "--max-examples", "7"]
    with mock.patch("aws_conformance.cases.cases.CaseMaker.numbered", side_effect=AssertionError):
        assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["0 cases, up to 7 random"] * 2


def test_every_check_is_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert "response.timestamp.form" in names
    assert names == sorted(names)
    for name in names:
        assert main(["explain", name]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == name
        listed = [line.split()[0] for line in lines[1:]]
        assert listed[:5] == ["requirement", "severity", "provenance", "citation", "concerns"]


# --- validate


def _write(path: Path, value: Any) -> str:
    path.write_text(json.dumps(value), "utf-8")
    return str(path)


def test_a_finding_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", START, "--instance", _write(tmp_path / "i", TIMESTAMP)]) == 1
    shown = capsys.readouterr().out
    assert f"{START}   response.timestamp.form   error   [PROTOCOL]" in shown
    assert "$.UserImportJob.CreationDate" in shown
    assert '"2026-11-23T10:00:00Z"' in shown


def test_no_findings_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", START, "--instance", _write(tmp_path / "i", FITTING)]) == 0
    assert capsys.readouterr().out == "No findings.\n"


def test_findings_below_error_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = _write(tmp_path / "i", {**FITTING, "NoSuchMember": 1})
    assert main(["validate", START, "--instance", odd, "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(finding["check"], finding["severity"], finding["path"]) for finding in findings] == [
        ("response.member.unknown", "warning", "$.NoSuchMember")
    ]


@pytest.mark.parametrize("encode", [str, lambda text: {"base64": _base64(text)}])
def test_an_exchange_in_both_forms(
    encode: Callable[[str], Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for document, code in ((FITTING, 0), (TIMESTAMP, 1)):
        exchange = {"status": 200, "headers": HEADERS, "body": encode(json.dumps(document))}
        file = _write(tmp_path / "e", exchange)
        assert main(["validate", START, "--exchange", file, "--json"]) == code
        findings = json.loads(capsys.readouterr().out)["findings"]
        assert [finding["check"] for finding in findings] == ["response.timestamp.form"] * code
        assert all({"check", "severity", "path", "message"} <= finding.keys() for finding in findings)


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


def test_edited_schemas_decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", START, "--out", "edited"]) == 0
    file = tmp_path / "edited" / "cognito-idp" / "StartUserImportJob" / "output.json"
    schema = json.loads(file.read_text("utf-8"))
    schema["$defs"]["DateType"]["type"] = "string"
    file.write_text(json.dumps(schema), "utf-8")
    instance = _write(tmp_path / "i", TIMESTAMP)
    assert main(["validate", START, "--instance", instance]) == 1
    assert main(["validate", START, "--instance", instance, "--schemas", "edited"]) == 0


def _batch(rows: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    code = main(["validate", "--batch", str(file)])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _row(**more: Any) -> dict[str, Any]:
    return {"service": "cognito-idp", "operation": "StartUserImportJob", **more}


def test_a_batch_answers_each_line_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exchange = {"status": 200, "headers": HEADERS, "body": json.dumps(TIMESTAMP)}
    rows = [_row(instance=FITTING), _row(instance=TIMESTAMP), _row(exchange=exchange)] * 400
    code, answers = _batch(rows, tmp_path, capsys)
    assert code == 1
    checks = [[finding["check"] for finding in answer["findings"]] for answer in answers]
    assert checks == [[], ["response.timestamp.form"], ["response.timestamp.form"]] * 400
    assert _batch(rows[:1], tmp_path, capsys)[0] == 0


def test_a_batch_of_many_operations_is_answered_in_its_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {"service": "dynamodb", "operation": "UpdateTable"}
    rows = [
        {**table, "instance": {"TableDescription": {"ItemCount": 1}}},
        _row(instance=FITTING),
        {**table, "instance": {"TableDescription": {"ItemCount": 1.0}}},
        _row(instance=TIMESTAMP),
        {**table, "instance": {"TableDescription": {"ItemCount": 1}}},
    ]
    _, answers = _batch(rows * 300, tmp_path, capsys)
    checks = [[finding["check"] for finding in answer["findings"]] for answer in answers]
    assert checks == [[], [], ["response.integer.form"], ["response.timestamp.form"], []] * 300


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("", "line 2 is not JSON"),
        ("{", "line 2 is not JSON"),
        ("[]", "A line must be a JSON object"),
        ({}, "'service' is missing"),
        ({"service": 5}, "'service' must be text"),
        (_row(), "one of 'instance', 'exchange' and 'error'"),
        (_row(instance={}, exchange={}), "one of 'instance', 'exchange' and 'error'"),
        (_row(instance={}, status="x"), "'status' must be a whole number"),
        (_row(instance={}, protocol="query"), "does not speak 'query'"),
        (_row(instance={}) | {"operation": "StartUserImportJb"}, "Did you mean StartUserImportJob"),
        (_row(instance={}) | {"service": "cognito-ipd"}, "Did you mean cognito-idp"),
        (_row(exchange={}), "needs a 'status'"),
        ('{"a": 1e999}', "beyond every number"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_a_bad_line_spoils_no_other(
    bad: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answers = _batch([_row(instance=TIMESTAMP), bad, _row(instance=FITTING)], tmp_path, capsys)
    assert code == 2
    assert len(answers[0]["findings"]) == 1
    assert message in answers[1]["error"]
    assert answers[2] == {"findings": []}


def test_an_error_of_ours_spoils_no_other_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from aws_conformance.checks import validate

    real = validate.validate_instance

    def fragile(service: str, operation: str, instance: Any, **more: Any) -> Any:
        return real(service, operation, instance, **more) if instance != {} else 1 / 0

    monkeypatch.setattr(validate, "validate_instance", fragile)
    code, answers = _batch([_row(instance={}, status=200), _row(instance=FITTING)], tmp_path, capsys)
    assert code == 2
    assert answers == [{"error": "internal error: ZeroDivisionError: division by zero"}, {"findings": []}]


# --- as a process


def _process(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    start = "import sys; from aws_conformance.cli import main; sys.exit(main())"
    program = [sys.executable, "-c", start, *arguments]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


# Of others, what takes longer to import than all that a line of help needs.
HEAVY = ("botocore", "hypothesis", "jsonschema", "jsonschema_rs", "rich", "urllib3", "yaml", "referencing")


def _imported_by(*command_lines: str) -> tuple[str, set[str]]:
    """What command lines print, and the modules that a process has imported when all of them are done."""
    program = (
        "import sys; from aws_conformance.cli import main\n"
        "for line in sys.argv[1:]: main(line.split())\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command_lines], capture_output=True, text=True, check=True
    )
    return done.stdout, set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    output, modules = _imported_by("--help", "run --help")
    assert modules.isdisjoint(HEAVY)
    for command in ("run", "schema", "plan", "validate", "serve", "checks", "explain"):
        assert f"  {command} " in output


def test_a_command_imports_no_other() -> None:
    """Telling the version takes what finds a command and nothing more of ours; a command, its own module."""
    output, modules = _imported_by("--version")
    assert output.startswith("aws-conformance ")
    assert modules.isdisjoint(HEAVY)
    assert {name for name in modules if name.startswith("aws_conformance.")} == {
        "aws_conformance.cli",
        "aws_conformance.errors",
        "aws_conformance.frontends",
        "aws_conformance.frontends.command_line",
    }
    _, modules = _imported_by("checks")
    commands = "aws_conformance.frontends.commands."
    assert f"{commands}catalogue" in modules
    assert modules.isdisjoint({f"{commands}run", f"{commands}validate", f"{commands}reproduce"})


def test_the_version_names_what_verdicts_depend_on() -> None:
    out, err = _process("--version").communicate(timeout=60)
    assert out.startswith("aws-conformance ")
    assert "botocore" in out
    assert err == ""


def test_a_batch_from_a_pipe_is_answered_line_by_line() -> None:
    with _process("validate", "--batch", "-", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for instance, number in ((FITTING, 0), (TIMESTAMP, 1), (FITTING, 0)):
            process.stdin.write(json.dumps(_row(instance=instance)) + "\n")
            process.stdin.flush()
            assert len(json.loads(process.stdout.readline())["findings"]) == number
        process.stdin.close()
        assert process.wait(timeout=60) == 1


def test_an_instance_from_a_pipe() -> None:
    process = _process("validate", START, "--instance", "-", "--json", stdin=subprocess.PIPE)
    out, err = process.communicate(json.dumps(TIMESTAMP), timeout=60)
    assert (process.returncode, err) == (1, "")
    assert len(json.loads(out)["findings"]) == 1


def test_a_reader_that_leaves_is_no_error() -> None:
    with _process("schema", START, "--side", "input") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0


def test_a_reader_that_leaves_changes_no_verdict(tmp_path: Path) -> None:
    report = tmp_path / "run.json"
    options = ("--phase", "enumerated", "--report", f"json={report}", "--max-time", "0.001")
    with _process("run", START, *options) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        code = process.wait(timeout=60)
    assert code == json.loads(report.read_bytes())["exit"] == 4


def test_help_may_be_left_unread() -> None:
    with _process("run", "--help") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 0


def test_the_package_is_a_command() -> None:
    program = [sys.executable, "-m", "aws_conformance", "explain", "server.crash"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("server.crash")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_its_url_and_ends_on_a_signal(number: signal.Signals) -> None:
    from urllib.request import Request, urlopen

    with _process("serve", "cognito-idp", "--seed", "7") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        target = "AWSCognitoIdentityProviderService.GetCSVHeader"
        request = Request(url, b"{}", {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"})
        with pytest.raises(OSError, match="HTTP Error 400"):
            urlopen(request, timeout=60)
        process.send_signal(number)
        try:
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
        assert "Traceback" not in process.stderr.read()
