# SPDX-License-Identifier: Apache-2.0
"""Replay: FIXED, STILL, FLAKY, and what may not be called FIXED; out of both kinds of report."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.switchable import DESCRIBE, Switch, conforming, events_of, findings, miniature
from tests.switchable import switchable as _switchable

from aws_conformance.cases.case import Case
from aws_conformance.cases.cases import enumerated_cases, random_case, shrunk_case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Earns
from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.replay import replay
from aws_conformance.errors import UsageError
from aws_conformance.http import Request, Response, header
from aws_conformance.reproduce.rebuild import rebuilt
from aws_conformance.reproduce.redact import redact_document
from aws_conformance.reproduce.source import source_of
from aws_conformance.results.events import CaseInfo, Reproduction


@pytest.fixture
def target() -> Iterator[Switch]:
    with _switchable(miniature("counter-as-text")) as switch:
        yield switch


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _plan(target: Switch) -> Plan:
    return Plan((DESCRIBE,), UrlTarget(target.url), max_examples=0)


def _fates(target: Switch) -> list[tuple[str, str]]:
    reported = findings(events_of(_plan(target)))
    return [(result.finding.violation.check, result.fate) for result in replay(_plan(target), reported)]


def test_what_shows_again_is_still(target: Switch) -> None:
    assert _fates(target) == [("response.body.type", "STILL")]


def test_what_was_mended_is_fixed(target: Switch) -> None:
    reported = findings(events_of(_plan(target)))
    target.handler = conforming(DESCRIBE)
    assert [result.fate for result in replay(_plan(target), reported)] == ["FIXED"]


def test_what_shows_now_and_then_is_flaky(target: Switch) -> None:
    reported = findings(events_of(_plan(target)))
    wrong = target.handler
    turns = itertools.cycle([True, False])

    def handler(request: Request) -> Response:
        response = wrong(request)
        mended = re.sub(rb'("ImportedUsers": ?)"0"', rb"\g<1>0", response.body)
        if mended == response.body or next(turns):
            return response
        headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-length")
        return Response(response.status, headers, mended)

    target.handler = handler
    assert [result.fate for result in replay(_plan(target), reported)] == ["FLAKY"]


def _refusing(request: Request) -> Response:
    body = b'{"__type":"InvalidParameterException","message":"no"}'
    return Response(400, (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "a")), body)


def _missing(request: Request) -> Response:
    return Response(501, (), b"")


@pytest.mark.parametrize("handler", [_refusing, _missing])
def test_a_target_that_refuses_everything_has_mended_nothing(target: Switch, handler: object) -> None:
    reported = findings(events_of(_plan(target)))
    target.handler = handler  # type: ignore[assignment]
    replayed = list(replay(_plan(target), reported))
    assert [result.fate for result in replayed] == ["UNKNOWN"]
    assert replayed[0].reason


def test_a_fault_of_negatives_is_fixed_only_if_the_operation_can_be_reached(target: Switch) -> None:
    target.handler = miniature("breaks-at-unknown-members")
    plan = replace(_plan(target), operations=("cognito-idp:GetCSVHeader",))
    reported = [item for item in findings(events_of(plan)) if item.violation.check == "server.crash"]
    assert [item.fate for item in replay(plan, reported)] == ["STILL"]
    target.handler = _refusing
    assert [item.fate for item in replay(plan, reported)] == ["UNKNOWN"]
    target.handler = conforming("cognito-idp:GetCSVHeader")
    assert [item.fate for item in replay(plan, reported)] == ["FIXED"]


@pytest.mark.parametrize("earns", ["refused", "unknown", "answered"])
def test_a_refusal_says_nothing_while_the_operation_is_not_reached(
    target: Switch, monkeypatch: pytest.MonkeyPatch, earns: Earns
) -> None:
    target.handler = miniature("breaks-at-unknown-members")
    plan = replace(_plan(target), operations=("cognito-idp:GetCSVHeader",))
    reported = [item for item in findings(events_of(plan)) if item.violation.check == "server.crash"]

    def earning(*arguments: Any) -> Case:
        case = rebuilt(*arguments)
        return replace(case, expectation=replace(case.expectation, earns=earns))

    monkeypatch.setattr("aws_conformance.engine.replay.rebuilt", earning)
    right = conforming("cognito-idp:GetCSVHeader")

    def refusing_this(request: Request) -> Response:
        operation = (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]
        return _refusing(request) if operation == "GetCSVHeader" else right(request)

    target.handler = refusing_this
    assert [(result.fate, result.reason) for result in replay(plan, reported)] == [
        ("UNKNOWN", "no valid request succeeds, so that the refusal of this one says nothing")
    ]


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_the_command_reads_both_reports_and_exits_by_what_it_saw(
    target: Switch, folder: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    options = ["--target", target.url, "--max-examples", "0", "--report", f"{kind}=report"]
    assert main(["run", DESCRIBE, *options]) == 1
    capsys.readouterr()
    assert main(["replay", "report"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("STILL   ")
    assert "response.body.type at $.UserImportJob.ImportedUsers: seen 3 times out of 3" in lines[0]
    assert lines[1] == "1 STILL"
    name = lines[0].split()[1]
    target.handler = conforming(DESCRIBE)
    assert main(["replay", "report", name]) == 0
    assert capsys.readouterr().out.startswith("FIXED")
    target.handler = _refusing
    assert main(["replay", "report", name, "--target", target.url]) == 4
    assert main(["replay", "report", "00000000"]) == 2
    assert f"has no violation 00000000. It has {name}" in capsys.readouterr().err


def test_a_file_that_is_no_report_is_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a").write_text("{}", "utf-8")
    assert main(["replay", "a"]) == 2
    (folder / "b").write_text("no", "utf-8")
    assert main(["replay", "b"]) == 2
    assert main(["replay", "c"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert ["no summary" in lines[0], "no report" in lines[1], "cannot be read" in lines[2]] == [True] * 3


# Cases out of reports.


def _shown(case: Case) -> Reproduction:
    """What a report holds of a case, as it comes back from a file."""
    source = source_of(case)
    source = replace(
        source,
        sent=json.loads(json.dumps(source.sent)),
        expectation=json.loads(json.dumps(source.expectation)),
    )
    template = json.loads(json.dumps(case.template))
    return Reproduction("", "", "", case.info, template, "", "", source=source)


def _shown_before(case: Case) -> Reproduction:
    """The same from a release that took what the kit made up for a secret."""
    shown = _shown(case)
    contract = contract_of("cognito-idp")
    root = contract.operation("AdminCreateUser").input
    sent = dict(shown.source.sent)
    if "twin" in sent:
        sent["twin"] = redact_document(contract.service, root, sent["twin"])
    template = redact_document(contract.service, root, shown.template)
    redacted = template != shown.template or sent != shown.source.sent
    return replace(shown, template=template, source=replace(shown.source, sent=sent, redacted=redacted))


@pytest.mark.parametrize("operation", ["StartUserImportJob", "DescribeUserImportJob", "AdminCreateUser"])
def test_every_enumerated_case_comes_back_out_of_a_report(operation: str) -> None:
    compiled = contract_of("cognito-idp")
    described = compiled.operation(operation)
    for case in itertools.islice(enumerated_cases(compiled.of(described), ("sigv4",)), 0, None, 7):
        back = rebuilt(compiled.of(described), _shown(case), ("sigv4",))
        assert (back, back.twin) == (case, case.twin)


def test_an_enumerated_case_that_was_written_without_secrets_is_found_by_its_id() -> None:
    compiled = contract_of("cognito-idp")
    described = compiled.operation("AdminCreateUser")
    secret = 0
    # Making a case with secrets again goes through all of them: a sample is enough.
    for case in itertools.islice(enumerated_cases(compiled.of(described)), 0, None, 14):
        shown = _shown_before(case)
        secret += shown.source.redacted
        back = rebuilt(compiled.of(described), shown)
        assert (back, back.twin) == (case, case.twin)
    assert secret > 0


def test_random_cases_with_secrets_come_again_from_their_choices() -> None:
    compiled = contract_of("cognito-idp")
    described = compiled.operation("AdminCreateUser")
    secret = 0
    for index in range(30):
        drawn = random_case(compiled.of(described), 7, index)
        # As a run does it: what is reported was made from recorded choices.
        case = shrunk_case(compiled.of(described), drawn, drawn.choices)
        shown = _shown_before(case)
        secret += shown.source.redacted
        assert rebuilt(compiled.of(described), shown) == case
    assert secret > 5


def test_a_case_that_is_not_there_any_more_is_said_so() -> None:
    compiled = contract_of("cognito-idp")
    described = compiled.operation("AdminCreateUser")
    case = next(
        case for case in enumerated_cases(compiled.of(described)) if "TemporaryPassword" in case.template
    )
    shown = _shown_before(case)
    gone = replace(shown, case=replace(shown.case, id="000000000000"))
    with pytest.raises(UsageError, match=r"000000000000 is not written out .* is not made any more"):
        rebuilt(compiled.of(described), gone)
    with pytest.raises(UsageError, match="written in version 2"):
        rebuilt(compiled.of(described), replace(shown, source=replace(shown.source, version=2)))
    empty = Reproduction("", "", "", CaseInfo("1", "a:B", "random", "positive", "t"), {}, "", "")
    with pytest.raises(UsageError, match="does not hold its case"):
        rebuilt(compiled.of(described), empty)
