# SPDX-License-Identifier: Apache-2.0
"""`reproduce`: the scripts of a report run as printed on a fresh target, and show their findings again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.frontends.command_line import main
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import ACCESS_KEY, SECRET_KEY, Reference, Settings
from aws_conformance.results.causes import causes
from aws_conformance.results.events import Event
from aws_conformance.results.reports import REPORTS
from aws_conformance.results.reports.reading import read_report
from aws_conformance.targets.server import Handler, serve

HEADER = "cognito-idp:GetCSVHeader"
START = "cognito-idp:StartUserImportJob"


def _faulty() -> Handler:
    """A new reference that crashes on lists, takes identifiers that are too long, and writes dates as
    text."""
    reference = Reference(Settings())

    def handle(request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        try:
            document = json.loads(request.body)
        except ValueError:
            document = None
        pool = document.get("UserPoolId") if isinstance(document, dict) else None
        if operation in ("GetCSVHeader", "StartUserImportJob") and isinstance(pool, list):
            return Response(500, (("x-amzn-requestid", "a"),), b'{"__type": "InternalError"}')
        if operation == "GetCSVHeader" and isinstance(pool, str) and len(pool) > 55:
            return Response(200, (("x-amzn-requestid", "a"),), b'{"CSVHeader": [], "UserPoolId": "a_b"}')
        response = reference.handle(request)
        if operation == "StartUserImportJob" and response.status == 200:
            body = re.sub(rb'("StartDate": ?)[\d.]+', rb'\1"2026-11-28T00:00:00Z"', response.body)
            response = replace(response, body=body)
        return response

    return handle


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The NDJSON of a run that found something; its JSON stands beside it."""
    folder = tmp_path_factory.mktemp("run")
    with (
        serve(_faulty()) as server,
        (folder / "run.ndjson").open("w") as log,
        (folder / "run.json").open("w") as summary,
    ):
        consumers = (REPORTS["ndjson"].begin(log), REPORTS["json"].begin(summary))

        def emit(event: Event) -> None:
            for consume in consumers:
                consume(event)

        run(Plan((HEADER, START), UrlTarget(server.url), phases=("enumerated",)), emit)
    return folder / "run.ndjson"


def _scripts(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["reproduce", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("curl") is None, reason="needs bash and curl"
)
@pytest.mark.parametrize("form", ["run.ndjson", "run.json"])
def test_each_script_shows_its_cause_again_on_a_fresh_target(
    report: Path, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = read_report(report.with_name(form))
    assert _scripts(capsys, str(report.with_name(form)), "--out", str(tmp_path))[0] == 0
    kinds = set()
    for cause in causes(read.findings):
        (script,) = tmp_path.glob(f"*-{cause.id}.sh")
        with serve(_faulty()) as server:
            environment = {
                **os.environ,
                "ENDPOINT_URL": server.url,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            }
            done = subprocess.run(
                ["bash", str(script)], env=environment, capture_output=True, text=True, timeout=60, check=True
            )
        answered = re.match(r"HTTP/1.1 (\d+)", cause.representative.reproduction.response)
        assert answered is not None
        assert re.findall(r"^HTTP/1.1 (\d+)", done.stdout, re.MULTILINE)[-1:] == [answered[1]], script.name
        if cause.representative.violation.check == "response.timestamp.form":
            assert '"2026-11-28T00:00:00Z"' in done.stdout
        kinds.add(cause.kind)
    assert {"crash", "bytes", "accepted"} <= kinds


def test_a_script_of_one_cause_or_finding(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = read_report(report)
    cause = next(cause for cause in causes(read.findings) if cause.kind == "crash")
    code, script, _ = _scripts(capsys, str(report), cause.id)
    assert code == 0
    assert script.count("#!/usr/bin/env bash") == 1
    assert cause.title in script
    assert "export AWS_DEFAULT_REGION=us-east-1" in script
    for finding in cause.findings:
        code, script, _ = _scripts(capsys, str(report), finding)
        assert code == 0
        assert finding in script


def test_without_an_id_all_causes_are_printed(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ranked = causes(read_report(report).findings)
    _, scripts, _ = _scripts(capsys, str(report))
    assert scripts.count("#!/usr/bin/env bash") == len(ranked)


def test_an_unknown_id_is_refused(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, said = _scripts(capsys, str(report), "ffffffff")
    assert code == 2
    assert "has no cause and no finding ffffffff" in said


def test_a_summary_has_the_causes_of_the_log(report: Path) -> None:
    """What is written in short represents no cause, so both forms have the same ones, and the same order."""
    log, summary = (
        causes(read_report(report.with_name(name)).findings) for name in ("run.ndjson", "run.json")
    )
    assert [cause.id for cause in log] == [cause.id for cause in summary]
    written = json.loads(report.with_name("run.json").read_text())["causes"]
    assert [cause["id"] for cause in written] == [cause.id for cause in log]
    assert [cause["representative"] for cause in written] == [
        cause.representative.violation.id for cause in summary
    ]
