# SPDX-License-Identifier: Apache-2.0
"""Findings of histories on their way through files: reports, replay, baselines, resumed runs, recordings.

The target is the reference, but for a start that needs no CSV file, behind an address that stays when it is
mended.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.frontends.plugin.repositories import Repository
from tests.miniatures.lives import LIVES, conforming
from tests.switchable import Switch, events_of, findings, footer
from tests.switchable import switchable as _switchable

from aws_conformance import Plan, UrlTarget, run
from aws_conformance.checks import ORACLE_CATALOGUE
from aws_conformance.cli import main
from aws_conformance.engine.replay import replay
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import ManualClock
from aws_conformance.results.baseline_yaml import read_baseline
from aws_conformance.results.event_json import event_from_json, event_to_json
from aws_conformance.results.events import CaseFinished, Event, Reported, Violated
from aws_conformance.results.reports.ndjson import read_log
from aws_conformance.results.reports.reading import read_report
from aws_conformance.results.reports.summary_schema import report_schema
from aws_conformance.targets.server import Handler

CREATE, START, STOP = (
    f"cognito-idp:{name}" for name in ("CreateUserImportJob", "StartUserImportJob", "StopUserImportJob")
)
FAMILY = (CREATE, "cognito-idp:DescribeUserImportJob", "cognito-idp:ListUserImportJobs", START, STOP)
USERS = ("cognito-idp:AdminCreateUser", "cognito-idp:AdminInitiateAuth")
CHECK, PLACE = "lifecycle.refusal", "(start in Created)"
# Oracles have tests of their own; these are about documented lives.
_LIVES = tuple(word for name in ORACLE_CATALOGUE for word in ("--exclude-check", name))
STATEFUL = ("--phase", "stateful", "--claims", "clock", *_LIVES)
QUICK = (*STATEFUL, "--max-examples", "0")


def _broken() -> Handler:
    life = next(life for life in LIVES if life.name == "starts-without-a-file")
    return life.make(7, ManualClock())


def _mended() -> Handler:
    return conforming(7, ManualClock())


@pytest.fixture
def target() -> Iterator[Switch]:
    with _switchable(_broken()) as switch:
        yield switch


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _plan(target: Switch, *operations: str, **changes: Any) -> Plan:
    plan = Plan(
        operations or (START,),
        UrlTarget(target.url, ("clock",)),
        phases=("stateful",),
        max_examples=0,
        excluded_checks=tuple(ORACLE_CATALOGUE),
    )
    return replace(plan, **changes)


def _grave(events: list[Event]) -> Reported:
    (grave,) = (finding for finding in findings(events) if finding.violation.severity == "error")
    return grave


def _run(target: Switch, *words: str) -> int:
    return main(["run", START, "--target", target.url, *QUICK, *words])


def _reports(target: Switch) -> None:
    """The run that finds it, as both kinds of report: `run.json` and `run.ndjson`."""
    assert _run(target, "--report", "json=run.json", "--report", "ndjson=run.ndjson") == 1


def _named(path: str) -> str:
    """The id of the one grave violation of a report."""
    (name,) = (
        finding.violation.id
        for finding in read_report(Path(path)).findings
        if finding.violation.severity == "error"
    )
    return name


# --- reports


def test_a_finding_of_a_history_is_a_story_with_scripts(target: Switch) -> None:
    finding = _grave(events_of(_plan(target)))
    shown = finding.reproduction
    assert (finding.violation.check, finding.violation.path) == (CHECK, PLACE)
    # The setup, the job, the start: the shortest history that shows it, with the state that is believed.
    names = [line.split()[1] for line in shown.transcript]
    assert names == ["CreateUserPool", "CreateUserImportJob", "StartUserImportJob"]
    assert [line.split(".")[0] for line in shown.transcript] == ["1", "2", "3"]
    assert shown.transcript[1].endswith("[first is Created]")
    assert '"$first_JobId"' in shown.transcript[2]
    assert " → 200 " in shown.transcript[2]
    assert "aws cognito-idp start-user-import-job" in shown.aws
    assert "call('start_user_import_job', " in shown.boto3
    assert f"ENDPOINT_URL={target.url}" in shown.aws
    assert shown.case.phase == "stateful"
    assert [move["name"] for move in shown.source.sent["history"]["moves"]] == ["create", "start"]


def test_events_of_histories_survive_json(target: Switch) -> None:
    events = events_of(_plan(target, max_examples=3))
    assert any(isinstance(event, Reported) for event in events)
    for event in events:
        assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


def test_both_kinds_of_report_hold_the_finding_completely(target: Switch, folder: Path) -> None:
    _reports(target)
    raw = json.loads((folder / "run.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(report_schema()).validate(raw)
    by_title = {finding["title"]: finding for finding in raw["operations"][START]["histories"]}
    assert by_title["start in Created (file is none)"]["outcome"] == "violated"
    assert by_title["Created → Pending → InProgress → Succeeded"]["outcome"] == "verified"
    assert by_title["start from 16 connections"]["kind"] == "race"
    shown = {finding["id"]: finding for finding in raw["violations"]}[_named("run.json")]
    assert len(shown["reproduce"]["transcript"]) == 3
    log, summary = (
        {finding.violation.id: finding for finding in read_report(folder / name).findings}
        for name in ("run.ndjson", "run.json")
    )
    assert summary[_named("run.json")] == log[_named("run.ndjson")]
    # What represents no cause is told in short there, and can be walked again all the same.
    moves = [
        {name: finding.reproduction.source.sent for name, finding in findings.items()}
        for findings in (log, summary)
    ]
    assert moves[0] == moves[1]


def test_junit_tells_it_under_the_phase(target: Switch, folder: Path) -> None:
    assert _run(target, "--report", "junit=run.xml") == 1
    cases = {
        (case.get("classname"), case.get("name")): case
        for case in ET.parse(folder / "run.xml").getroot().iter("testcase")
    }
    failure = cases[START.replace(":", "."), "stateful"].find("failure")
    assert failure is not None
    assert failure.get("type") == CHECK
    assert "start-user-import-job" in (failure.text or "")


def test_the_console_tells_the_history(target: Switch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(target, "--verbose") == 1
    shown = capsys.readouterr().out
    assert "StartUserImportJob" in shown
    assert "1. CreateUserPool" in shown
    assert re.search(r"user-import-job: \d+ of \d+ illegal transitions verified", shown)
    assert re.search(r"user-import-job: 2 of 2 races verified", shown)
    assert "violated" in shown


# --- replay


def _missing(request: Request) -> Response:
    return Response(501, (), b"")


def _lacking(request: Request) -> Response:
    """The reference without StartUserImportJob."""
    asked = (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]
    return _missing(request) if asked == "StartUserImportJob" else _REFERENCE(request)


_REFERENCE = _mended()


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_a_history_is_walked_again(
    target: Switch, folder: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    _reports(target)
    report = f"run.{kind}"
    name = _named(report)
    capsys.readouterr()
    assert main(["replay", report, name]) == 1
    assert capsys.readouterr().out.startswith(f"STILL   {name}  {START} {CHECK} at {PLACE}: seen 3 times")
    target.handler = _mended()
    assert main(["replay", report, name]) == 0
    assert capsys.readouterr().out.startswith("FIXED")
    target.handler = _lacking
    assert main(["replay", report, name]) == 4
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("UNKNOWN")
    assert "StartUserImportJob is not implemented: answers 501" in shown[0]
    assert shown[1:] == ["1 UNKNOWN"]
    target.handler = _missing
    assert main(["replay", report, name]) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda shown: shown.update(lifecycle="nothing"), "there is no lifecycle 'nothing'"),
        (lambda shown: shown.pop("moves"), "its history can't be read"),
        (lambda shown: shown["moves"][0].update(name="invent"), "invent"),
        (lambda shown: shown["moves"][0].update(variant="odd"), "odd"),
        (lambda shown: shown["moves"][-1].update(refusal=999), "'act start'"),
        (lambda shown: shown.update(setting="elsewhere"), "elsewhere"),
    ],
    ids=["lifecycle", "no moves", "action", "variant", "refusal", "setting"],
)
def test_a_history_that_is_none_any_more_is_unknown_in_a_line(
    target: Switch, folder: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    """A file of lifecycles may have changed since the report was written."""
    _reports(target)
    finding = next(
        finding for finding in read_report(folder / "run.json").findings if finding.violation.check == CHECK
    )
    shown = json.loads(json.dumps(finding.reproduction.source.sent["history"]))
    change(shown)
    source = replace(finding.reproduction.source, sent={"history": shown})
    changed = replace(finding, reproduction=replace(finding.reproduction, source=source))
    (replayed,) = replay(_plan(target), [changed])
    assert replayed.fate == "UNKNOWN"
    assert message in replayed.reason
    assert "\n" not in replayed.reason


# --- baselines


def test_a_baseline_holds_the_history_until_it_is_mended(
    target: Switch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [START, "--target", target.url, *QUICK]
    assert main(["baseline", "update", "known.yaml", *options, "--reason", "seen"]) == 0
    known = read_baseline(folder / "known.yaml")
    (entry,) = known.known
    assert (entry.check, entry.place, entry.reason) == (CHECK, PLACE, "seen")
    histories = {
        event.case.id: event
        for event in events_of(_plan(target))
        if isinstance(event, CaseFinished) and isinstance(event.outcome, Violated)
    }
    assert entry.cases
    assert set(entry.cases) <= set(histories)
    assert _run(target, "--baseline", "known.yaml") == 0
    target.handler = _mended()
    capsys.readouterr()
    assert _run(target, "--baseline", "known.yaml") == 1
    assert "stale" in capsys.readouterr().out
    # Another phase says nothing of it.
    assert (
        main(["run", START, "--target", target.url, "--max-examples", "0", "--baseline", "known.yaml"]) == 0
    )
    assert main(["baseline", "prune", "known.yaml", *options]) == 0
    assert read_baseline(folder / "known.yaml").known == ()


# --- resumed runs


def test_a_run_that_was_cut_off_is_finished(target: Switch, folder: Path) -> None:
    words = ["run", CREATE, START, "--target", target.url, *STATEFUL, "--max-examples", "3"]
    assert main([*words, "--report", "ndjson=cut.ndjson", "--report", "json=whole.json"]) == 1
    lines = (folder / "cut.ndjson").read_text("utf-8").splitlines(keepends=True)
    end = next(number for number, line in enumerate(lines) if line.startswith('{"@":"OperationFinished"'))
    # Some way into the second operation.
    (folder / "cut.ndjson").write_text("".join(lines[: end + 6]), "utf-8")
    reports = ["--report", "json=resumed.json", "--report", "ndjson=resumed.ndjson"]
    assert main([*words, "--resume", "cut.ndjson", *reports]) == 1
    assert _summary("resumed.json") == _summary("whole.json")
    before, after = (
        [event for event in read_log(folder / name).events if _of(event, CREATE)]
        for name in ("cut.ndjson", "resumed.ndjson")
    )
    assert before == after
    assert len(after) > 1


def _of(event: Event, operation: str) -> bool:
    return isinstance(event, CaseFinished) and event.case.operation == operation


def _summary(path: str) -> dict[str, Any]:
    """What a run says, without when it was and how its findings can be seen again."""
    summary: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    for name in ("elapsed", "started", "target", "versions"):
        del summary[name]
    for finding in summary["violations"]:
        # Who comes first in a race decides in which histories a note is seen, and how often.
        del finding["reproduce"], finding["count"], finding["cases"]
    for cause in summary["causes"]:
        del cause["representative"], cause["cases"], cause["valid_request"]
    summary["causes"].sort(key=lambda cause: str(cause["id"]))
    return summary


# --- recordings

_NO_ORACLES = [word for name in ORACLE_CATALOGUE for word in ("--exclude-check", name)]


@pytest.mark.parametrize(
    "operations",
    [
        FAMILY,
        ("cognito-idp:CreateUserPool", "cognito-idp:UpdateUserPool", "cognito-idp:DeleteUserPool"),
        USERS,
    ],
    ids=["jobs", "pools", "users"],
)
def test_a_recording_earns_the_verdicts_that_it_was_recorded_with(
    folder: Path, operations: tuple[str, ...]
) -> None:
    # What a recording masks, such as a user's name, oracles can't know again.
    words = ["run", *operations, "--phase", "stateful", "--seed", "3", "--max-examples", "3", *_NO_ORACLES]
    assert main([*words, "--record", "tape", "--report", "json=live.json"]) == 0
    assert main([*words, "--target", "recorded:tape", "--report", "json=played.json"]) == 0
    assert _summary("played.json") == _summary("live.json")
    assert _summary("live.json")["totals"]["verified"] > 5


def test_the_attribute_of_a_user_is_the_recordings_too(folder: Path) -> None:
    words = ["run", "cognito-idp:AdminUpdateUserAttributes", "--phase", "stateful", "--seed", "3"]
    words += _NO_ORACLES
    assert main([*words, "--record", "tape", "--report", "json=live.json"]) == 0
    assert main([*words, "--target", "recorded:tape", "--report", "json=played.json"]) == 0
    assert _summary("played.json") == _summary("live.json")


# --- lifecycles of one's own

_MORE = (
    "refusals:\n  - {of: update, in: there, with: {UserPoolId: {$other: pool}}, title: an unknown pool,"
    ' code: ResourceNotFoundException, observed: "recordings: User pool X does not exist."}\n'
)
UPDATE = "cognito-idp:UpdateUserPool"


def _own_file(path: Path) -> None:
    """The kit's pool under another name, with one refusal more."""
    text = resources.files("aws_conformance.cases.lifecycles").joinpath("user-pool.yaml").read_text("utf-8")
    text = text.replace("name: user-pool", "name: strict-pool", 1).replace("refusals:\n", _MORE, 1)
    text = text.replace(
        "facts: {updated: none}", "facts: {updated: none}\nothers: {pool: us-east-1_Nonexist9}", 1
    )
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def _strict(path: Path) -> dict[str, str]:
    """What came of the histories of one's own file."""
    raw = json.loads(path.read_text("utf-8"))
    own = (
        history for history in raw["operations"][UPDATE]["histories"] if history["lifecycle"] == "strict-pool"
    )
    return {history["title"]: history["outcome"] for history in own}


def test_a_lifecycle_is_named_on_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _own_file(folder / "own.yaml")
    words = [UPDATE, "--phase", "stateful", "--max-examples", "0"]
    assert main(["run", *words, "--report", "json=without.json"]) == 0
    assert _strict(folder / "without.json") == {}
    assert main(["run", *words, "--lifecycle", "own.yaml", "--report", "json=with.json"]) == 0
    assert _strict(folder / "with.json")["update in there (an unknown pool)"] == "verified"
    capsys.readouterr()
    assert main(["plan", *words, "--lifecycle", "own.yaml"]) == 0
    assert "update in there (an unknown pool)" in capsys.readouterr().out


def test_a_configuration_names_lifecycles_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _own_file(folder / "lives" / "own.yaml")
    (folder / "aws-conformance.toml").write_text(
        'phases = ["stateful"]\nlifecycles = ["lives/own.yaml"]\nmax-examples = 0\n', "utf-8"
    )
    below = folder / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert main(["run", UPDATE, "--report", "json=made.json"]) == 0
    assert _strict(below / "made.json")["update in there (an unknown pool)"] == "verified"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("of: update, in: there", "of: updat, in: there", "there is no action 'updat'. Did you mean update"),
        ("refusals:", "refusal:", "refusal"),
        ("name: strict-pool", "name: [", "YAML"),
    ],
    ids=["name", "key", "YAML"],
)
def test_a_mistake_in_a_lifecycle_is_a_line_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, message: str
) -> None:
    # A name of its own for each: what is read once is kept for the process.
    file = folder / f"{before[:4]}-own.yaml"
    _own_file(file)
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    words = [UPDATE, "--phase", "stateful", "--lifecycle", file.name]
    for command in ("run", "plan"):
        assert main([command, *words]) == 2
        (shown,) = capsys.readouterr().err.splitlines()
        assert re.search(rf"{file.name}:\d+: ", shown)
        assert message in shown
    assert main(["run", UPDATE, "--phase", "stateful", "--lifecycle", "none.yaml"]) == 2
    assert "none.yaml cannot be read" in capsys.readouterr().err


def test_a_plan_lists_histories(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", START, "--phase", "stateful"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split(maxsplit=3) for line in lines[1:] if not line.startswith("  needs ")]
    assert {phase for _, phase, _, _ in rows} == {"stateful"}
    kinds = [kind for _, _, kind, _ in rows]
    assert (kinds.count("race"), kinds.count("walk")) == (2, 0)
    assert ["race", "start from 16 connections"] in [row[2:] for row in rows]
    assert ["path", "Created → Pending → InProgress → Succeeded"] in [row[2:] for row in rows]
    assert ["forbidden", "start in Stopped"] in [row[2:] for row in rows]
    assert lines[0].startswith(f"{START}: {len(rows)} cases (")


# --- secrets

_TOKENS = {name: f"planted-{name.lower()}-0123456789" for name in ("AccessToken", "IdToken", "RefreshToken")}


def _talkative(right: Handler, seen: set[str]) -> Handler:
    """Whoever is disabled signs in all the same; messages repeat passwords; collects what was sent."""

    def handle(request: Request) -> Response:
        response = right(request)
        asked = (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]
        document = json.loads(request.body) if asked else {}
        members = {**document, **document.get("AuthParameters", {})}
        passwords = [
            members[name] for name in ("TemporaryPassword", "Password", "PASSWORD") if name in members
        ]
        seen.update(passwords)
        headers = tuple(pair for pair in response.headers if not pair[0].lower().startswith("x-amzn-error"))
        if asked == "AdminInitiateAuth" and b"disabled" in response.body:
            result = {**_TOKENS, "TokenType": "Bearer", "ExpiresIn": 3600}
            value = {"ChallengeParameters": {}, "AuthenticationResult": result}
            return Response(200, headers, json.dumps(value).encode())
        if response.status == 400 and passwords:
            error = {
                "__type": "NotAuthorizedException",
                "message": f"{passwords} of {members.get('USERNAME')}",
            }
            return Response(400, headers, json.dumps(error).encode())
        return response

    return handle


def test_nothing_that_a_run_leaves_behind_holds_a_secret(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: set[str] = set()
    formats = ("json", "ndjson", "junit", "console")
    with _switchable(_talkative(_mended(), seen)) as target:
        options = [word for kind in formats for word in ("--report", f"{kind}=run.{kind}")]
        words = [*USERS, "--target", target.url, *STATEFUL, "--max-examples", "4", "--verbose"]
        assert main(["run", *words, *options, "--record", "tape"]) == 1
        assert main(["replay", "run.json"]) == 1
        assert main(["baseline", "update", "known.yaml", "--from", "run.ndjson"]) == 0
    captured = capsys.readouterr()
    outputs = {str(path): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    outputs |= {"stdout": captured.out, "stderr": captured.err}
    assert "AccessToken" in outputs["stdout"]
    assert len(seen) >= 2
    for name, text in outputs.items():
        for secret in {*seen, *_TOKENS.values()}:
            assert secret not in text, f"{secret} in {name}: {text[max(0, text.find(secret) - 80) :][:200]}"


def test_what_two_answers_contradict_each_other_in_may_be_a_secret(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = _mended()

    def renaming(request: Request) -> Response:
        response = right(request)
        if (header(request.headers, "X-Amz-Target") or "").endswith(
            ".AdminGetUser"
        ) and response.status == 200:
            document = {**json.loads(response.body), "Username": "planted-username"}
            return replace(response, body=json.dumps(document).encode())
        return response

    with _switchable(renaming) as target:
        words = [
            USERS[0],
            "cognito-idp:AdminUpdateUserAttributes",
            "--target",
            target.url,
            *QUICK,
            "--verbose",
        ]
        assert main(["run", *words, "--report", "json=run.json", "--report", "ndjson=run.ndjson"]) == 1
    outputs = {str(path): path.read_text("utf-8") for path in folder.iterdir()}
    for name, text in {**outputs, "stdout": capsys.readouterr().out}.items():
        at = text.find("planted-username")
        assert at < 0, f"in {name}: {text[max(0, at - 160) :][:240]}"
    assert "lifecycle.agreement" in outputs[str(folder / "run.json")]


def test_the_names_in_an_uploaded_file_are_not_recorded(folder: Path) -> None:
    """A user's name is sensitive in the model, and what an answer shows of it goes into a CSV file."""
    words = ["run", START, "--phase", "stateful", "--max-examples", "0", "--seed", "3", "--record", "tape"]
    assert main(words) == 0
    text = (folder / "tape" / "cognito-idp.StartUserImportJob.ndjson").read_text("utf-8")
    assert "cognito:username" in text
    assert re.findall(r"life3-existing-\d+", text) == []


# --- three ways

_LISTENER = """\
import json
def pytest_conformance_event(config, event):
    if type(event).__name__ == "CaseFinished":
        with open("outcomes.jsonl", "a") as file:
            file.write(json.dumps([event.case.id, type(event.outcome).__name__]) + "\\n")
"""


def _rows(events: tuple[Event, ...] | list[Event]) -> list[list[str]]:
    return [
        [event.case.id, type(event.outcome).__name__] for event in events if isinstance(event, CaseFinished)
    ]


@pytest.mark.parametrize("wrong", [True, False])
def test_command_line_plugin_and_api_agree(
    folder: Path, target: Switch, wrong: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def fresh() -> None:
        target.handler = _broken() if wrong else _mended()

    fresh()
    events: list[Event] = []
    by_api = run(_plan(target, max_examples=4, seed=5), events.append)
    assert by_api == (1 if wrong else 0)
    settings = f'target = "{target.url}"\nclaims = ["clock"]\nseed = 5\nmax-examples = 4\n'
    (folder / "aws-conformance.toml").write_text(settings, "utf-8")
    fresh()
    assert main(["run", START, "--phase", "stateful", "--report", "ndjson=run.ndjson"]) == by_api
    assert _rows(read_log(folder / "run.ndjson").events) == _rows(events)
    repository = Repository(folder)
    repository.write(conftest=_LISTENER)
    fresh()
    done = repository.pytest("--conformance", START, "--conformance-phase", "stateful")
    assert dict(done.counts) == ({"failed": 1} if wrong else {"passed": 1}), done.text
    lines = (folder / "outcomes.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == _rows(events)
    if wrong:
        assert f"FAILED {START.replace(':', '::')}::stateful - 1 violation: {CHECK}" in done.text
        assert footer(events).exit == 1
