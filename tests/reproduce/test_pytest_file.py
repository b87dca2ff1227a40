# SPDX-License-Identifier: Apache-2.0
"""Exported tests fail on what they came from, pass on the reference, and need nothing of ours."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.switchable import conforming, events_of, miniature, switchable

from aws_conformance.cli import main
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.errors import UsageError
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.http import Response
from aws_conformance.reference.settings import ACCESS_KEY, SECRET_KEY
from aws_conformance.reproduce import standalone
from aws_conformance.results.events import Event, Reported
from aws_conformance.results.reports import REPORTS
from aws_conformance.results.reports.ndjson import begin

CREATE = "cognito-idp:CreateUserImportJob"
DESCRIBE = "cognito-idp:DescribeUserImportJob"
HEADER = "cognito-idp:GetCSVHeader"


def exported(events: Iterable[Event], folder: Path, *words: str) -> Path:
    """The file that `reproduce --pytest` writes of a run."""
    with (folder / "run.ndjson").open("w", encoding="utf-8") as stream:
        consume = begin(stream)
        for event in events:
            consume(event)
    file = folder / "test_exported.py"
    assert main(["reproduce", str(folder / "run.ndjson"), *words, "--pytest", str(file)]) == 0
    return file


def outcomes(file: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What becomes of each test of a file on a target, without a trace of our own package."""
    monkeypatch.setenv("ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    # Dataclasses look their module up by its name.
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(file.read_text("utf-8"), str(file), "exec"), namespace)
    tests: dict[str, Callable[[], None]] = {
        name: item for name, item in namespace.items() if name.startswith("test_")
    }
    said = {}
    for name, test in tests.items():
        try:
            test()
        except AssertionError as error:
            said[name] = "not prepared" if "could not be prepared" in str(error) else "failed"
        else:
            said[name] = "passed"
    return said


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (CREATE, "any-algorithm"),
        (CREATE, "missing-member"),
        (CREATE, "long-names-refused"),
        (DESCRIBE, "timestamp-as-text"),
        (HEADER, "breaks-at-unknown-members"),
        (HEADER, "empty"),
    ],
)
def test_exported_tests_fail_on_their_target_and_pass_on_the_reference(
    operation: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with switchable(miniature(name)) as target:
        plan = Plan((operation,), UrlTarget(target.url), phases=("enumerated",))
        file = exported(events_of(plan), tmp_path)
        there = outcomes(file, target.url, monkeypatch)
        target.handler = conforming(operation)
        here = outcomes(file, target.url, monkeypatch)
    assert there
    assert set(there.values()) == {"failed"}
    assert set(here.values()) == {"passed"}


def test_an_exported_file_imports_nothing_of_ours(tmp_path: Path) -> None:
    with switchable(miniature("any-algorithm")) as target:
        plan = Plan((CREATE,), UrlTarget(target.url), phases=("enumerated",))
        text = exported(events_of(plan), tmp_path).read_text("utf-8")
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"botocore", "urllib3"}


def test_tests_of_moto_fail_on_moto_and_pass_on_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = ("cognito-idp:DeleteUserPool", "cognito-idp:DescribeUserPool")
    try:
        moto = parse_target("moto")
    except UsageError as error:
        pytest.skip(f"moto is not installed: {error}")
    plan = Plan(operations, moto, phases=("enumerated",))
    file = exported(events_of(plan), tmp_path)
    with opened(plan) as session:
        there = outcomes(file, session.url, monkeypatch)
    with switchable(conforming(HEADER)) as target:
        here = outcomes(file, target.url, monkeypatch)
    assert len(there) > 3
    assert set(there.values()) == {"failed"}
    assert set(here.values()) == {"passed"}


def test_what_can_not_be_a_test_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A finding that no line can assert is left out aloud; with nothing left there is no file."""
    with switchable(miniature("status-in-capitals")) as target:
        events = events_of(Plan((DESCRIBE,), UrlTarget(target.url), phases=("enumerated",)))
    with (tmp_path / "run.ndjson").open("w", encoding="utf-8") as stream:
        consume = begin(stream)
        for event in events:
            consume(event)
    file = tmp_path / "test_exported.py"
    code = main(["reproduce", str(tmp_path / "run.ndjson"), "--pytest", str(file)])
    assert code == 2
    assert "has nothing that can be a test" in capsys.readouterr().err
    assert not file.exists()


def test_what_a_summary_tells_in_short_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the recorded answer nothing shows that a test would fail on it."""
    with switchable(miniature("number-for-text")) as target:
        events = events_of(Plan((CREATE,), UrlTarget(target.url), phases=("enumerated",)))
    findings = [event for event in events if isinstance(event, Reported)]
    assert len(findings) > 1
    with (tmp_path / "run.json").open("w", encoding="utf-8") as stream:
        consume = REPORTS["json"].begin(stream)
        for event in events:
            consume(event)
    file = tmp_path / "test_exported.py"
    assert main(["reproduce", str(tmp_path / "run.json"), "--pytest", str(file)]) == 0
    assert "left out: it is told in short here" in capsys.readouterr().err
    assert 0 < file.read_text("utf-8").count("def test_") < len(findings)


# What a file is built of


def test_marks_become_what_a_run_knows() -> None:
    state = standalone.FreshState()
    state.values = {"A_Id": 'x"y', "A_List": ["a", "b"]}
    body = '{"Id":"zzVzzA_Idzzzz","List":"zzVzzA_Listzzzz","Name":"zzNzzpoolzzzz"}'
    assert json.loads(state.body(body)) == {"Id": 'x"y', "List": ["a", "b"], "Name": state.name("pool")}
    assert state.text("/pools/zzVzzA_Idzzzz/x", lambda text: text.replace('"', "%22")) == "/pools/x%22y/x"
    assert standalone.FreshState().name("pool") != state.name("pool")


def test_what_was_sent_names_something_later() -> None:
    state = standalone.FreshState()
    state.sent({"CreateGroup__in_Name": "zzNzzgroupzzzz"})
    assert state.body('"zzVzzCreateGroup__in_Namezzzz"') == f'"{state.name("group")}"'


def test_what_a_target_can_not_make_is_made_up_as_it_was_recorded() -> None:
    refusing = switchable(lambda _request: Response(400, (), b"{}"))
    with refusing as target, pytest.MonkeyPatch.context() as patch:
        patch.setattr(standalone, "ENDPOINT", target.url)
        state = standalone.FreshState()
        state.step({"Made_Id": ["Id"]}, {"Made_Id": "made-up"}, "POST", "/", [], "{}")
        assert state.values == {"Made_Id": "made-up"}
        with pytest.raises(AssertionError, match="could not be prepared"):
            state.step({"Made_Id": ["Id"]}, {}, "POST", "/", [], "{}")


@pytest.mark.parametrize(
    ("assertion", "path", "right", "wrong"),
    [
        (standalone.refused, "", (400, ""), (200, "{}")),
        (standalone.refused, "", (404, ""), (500, "")),
        (standalone.refused, "", (400, ""), (0, "no answer")),
        (standalone.accepted, "", (204, ""), (400, "")),
        (standalone.survived, "", (400, ""), (502, "")),
        (standalone.survived, "", (200, ""), (0, "no answer")),
        (standalone.readable, "$", (200, "{}"), (200, "<html>")),
        (standalone.numbers, "$.A[*].B", (200, '{"A": [{"B": 1.5}]}'), (200, '{"A": [{"B": "1"}]}')),
        (standalone.numbers, "$.A[*]", (200, '{"A": {"k": 1}}'), (200, '{"A": {"k": true}}')),
        (standalone.present, "$.A.B", (200, '{"A": {"B": 0}}'), (200, '{"A": {}}')),
        (standalone.present, "$.A.B", (200, '{"A": {"B": ""}}'), (200, '{"A": {"B": null}}')),
        (standalone.present, "$.B", (200, '{"B": 1}'), (400, '{"B": 1}')),
    ],
)
def test_assertions(
    assertion: Callable[..., None], path: str, right: tuple[int, str], wrong: tuple[int, str]
) -> None:
    assertion(standalone.Answer(*right), path)
    with pytest.raises(AssertionError):
        assertion(standalone.Answer(*wrong), path)
