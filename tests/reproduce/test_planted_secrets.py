# SPDX-License-Identifier: Apache-2.0
"""Secrets planted in the environment, in requests and in answers, in every spelling: no output has them.

A target repeats all that it was told and all that it issued, wherever an answer has room for a text, each
time in another spelling. Everything that the kit writes or prints of it is then searched.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tests.frontends.plugin.repositories import Repository
from tests.reproduce.planted import SPELLINGS, leaks
from tests.switchable import switchable

from aws_conformance.cli import main
from aws_conformance.engine.campaign.results import results_of
from aws_conformance.engine.campaign.store import CampaignStore
from aws_conformance.engine.campaign.units import Units
from aws_conformance.engine.campaign.worker import carry_out_unit
from aws_conformance.engine.head import head_of
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.http import Request, Response, header
from aws_conformance.reproduce.mask import without_secrets
from aws_conformance.results.reports import REPORTS

ISSUED = "issu3d/S3cret+7d4d0c11"
HEADER = "h3ader/Pl4nted+55aa77ee"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAPL4NTED00KEY91XQ",
    "AWS_SECRET_ACCESS_KEY": "wJ4lrXUt/Pl4nted+bPxRfiCY9Zq",
    "AWS_SESSION_TOKEN": "FwoGZXIv/Pl4nt3d+Tok3nValue==",
    "DATABASE_PASSWORD": "c0rrect/h0rse+batt3ry",
}
PLANTED = (ISSUED, HEADER, *ENVIRONMENT.values())
OPERATION = "cognito-idp:AdminCreateUser"


_JSON = ("Content-Type", "application/x-amz-json-1.1")
_USER = {"Username": "u", "Enabled": True, "Attributes": [{"Name": "a", "Value": ISSUED}]}
_TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/app/server.py", line 3, in handle\n    return answer()\nValueError: '
)


def _answer(status: int, document: object, *more: tuple[str, str]) -> Response:
    return Response(status, (_JSON, ("x-amzn-RequestId", "a"), *more), json.dumps(document).encode())


# Every place that an answer has for a text.
_PLACES: Sequence[Callable[[str], Response]] = (
    lambda said: _answer(200, {"User": _USER, "Unknown": {"deep": [said]}}),
    lambda said: _answer(200, {"User": {**_USER, "UserStatus": said}}),
    lambda said: _answer(400, {"__type": "InvalidParameterException", "message": f"Bad value {said}."}),
    lambda said: _answer(400, {"__type": said, "message": "no"}),
    lambda said: _answer(200, {"User": _USER, said: 1}),
    lambda said: _answer(200, {"User": {**_USER, "Enabled": said}}, ("Location", f"/?next={_line(said)}")),
    lambda said: _answer(500, {"message": f"Traceback: {said}"}, ("X-Debug", _line(said))),
    lambda said: Response(200, (("Content-Type", _line(said)),), f"<html>{said}</html>".encode()),
    lambda said: _answer(200, {"User": {**_USER, "UserCreateDate": said}}, ("x-amzn-errortype", _line(said))),
    lambda said: Response(500, (("Content-Type", "text/plain"),), f"{_TRACE}{_line(said)}\n".encode()),
    lambda said: Response(200, (_JSON,), f'{{"User": {{"Username": "u{_line(said)}", "Enabled": tr'.encode()),
)


def _line(said: str) -> str:
    return said.replace("\n", " ")


class Repeating:
    """Answers CreateUserPool rightly, and all else with secrets, in every place and spelling in turn.

    It issues its own before it repeats it.
    """

    def __init__(self, secrets: Sequence[str] = PLANTED) -> None:
        spelled = itertools.cycle(itertools.product(secrets, SPELLINGS.values()))
        self._answers = (
            place(spell(secret)) for place, (secret, spell) in zip(itertools.cycle(_PLACES), spelled)
        )

    def __call__(self, request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or ".").rpartition(".")[2]
        if operation == "CreateUserPool":
            return _answer(200, {"UserPool": {"Id": "us-east-1_Planted01"}})
        return next(self._answers)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def _assert_clean(outputs: Mapping[str, str]) -> None:
    assert not {name: places for name, text in outputs.items() if (places := leaks(text, PLANTED))}


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", PLANTED)
def test_every_spelling_is_found_and_nothing_else_is_touched(spelling: str, secret: str) -> None:
    said = SPELLINGS[spelling](secret)
    assert leaks(f"x {said} y", [secret])
    shown = without_secrets(f"x (%41) \\\\ &lt; {said} y\\n", ("another-0123456", secret))
    assert not leaks(shown, [secret])
    assert shown.startswith("x (%41) \\\\ &lt; ")
    assert shown.endswith(" y\\n")


def test_no_output_of_a_run_holds_a_planted_secret(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with switchable(Repeating()) as target:
        run = ["run", OPERATION, "--target", target.url, "--effort", "quick", "--max-examples", "5"]
        run += ["--header", f"X-Api-Key: {HEADER}"]
        reports = [word for kind in REPORTS for word in ("--report", f"{kind}=run.{kind}")]
        assert main([*run, *reports, "--ledger", "made.ledger", "--corpus", "corpus", "-v"]) == 1
        target.handler = Repeating()
        assert main([*run, "--plan", "learned.json", "-q"]) == 1
        target.handler = Repeating()
        assert main([*run, "--against", target.url, "--report", "json=two.json"]) == 1
        target.handler = Repeating()
        assert main([*run, "--record", "tape", "--report", "ndjson=recorded.ndjson"]) == 1
        # Of these two it is told nothing but what the environment has.
        target.handler = Repeating(tuple(ENVIRONMENT.values()))
        main(["replay", "run.json"])
        main(["cleanup", "made.ledger"])
    main(["run", OPERATION, "--target", "recorded:tape", "-v"])
    main(["reproduce", "run.json"])
    main(["reproduce", "run.ndjson", "--out", "scripts"])
    main(["reproduce", "run.json", "--pytest", "test_found.py"])
    main(["report", "merge", "run.ndjson", "recorded.ndjson", "--out", "merged.ndjson"])
    main(["report", "render", "merged.ndjson", "html=merged.html"])
    main(["baseline", "update", "known.yaml", "--from", "run.ndjson"])
    main(["corpus", "ls", "corpus"])
    captured = capfd.readouterr()
    outputs = {**_files(folder), "stdout": captured.out, "stderr": captured.err}
    assert len(outputs) > len(REPORTS) + 10
    _assert_clean(outputs)


def test_no_unit_of_a_campaign_and_no_report_of_it_holds_a_planted_secret(folder: Path) -> None:
    with switchable(Repeating()) as target:
        plan = Plan(
            (OPERATION,), UrlTarget(target.url), phases=("enumerated",), headers=(("X-Api-Key", HEADER),)
        )
        units = Units(plan, 2)
        database = CampaignStore(folder / "campaign", head_of(plan), 2)
        for number in units.numbers(0):
            database.add(number, results_of(carry_out_unit(units.plan_of(number))), base=True)
        database.close()
    _assert_clean(_files(folder))


_SERVER = """\
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(404, b"")

    def do_POST(self):
        try:
            raise ValueError(repr(dict(os.environ)))
        except ValueError:
            import traceback
            traceback.print_exc()
        self.answer(500, repr(dict(os.environ)).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

port = int(sys.argv[1])
if port == 0:
    sys.exit(f"no port: {dict(os.environ)}")
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def test_a_started_server_that_tells_its_environment_leaks_nothing(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "server.py").write_text(_SERVER, "utf-8")
    command = f"{sys.executable} server.py {{port}} --key {ENVIRONMENT['DATABASE_PASSWORD']}"
    run = ["run", OPERATION, "--phase", "enumerated", "--effort", "quick", "-v"]
    reports = [word for kind in REPORTS for word in ("--report", f"{kind}=run.{kind}")]
    main([*run, "--start", command, *reports, "--record", "tape"])
    # A server that does not come up is told with what it said last.
    assert (
        main([*run, "--start", command.replace("{port}", "0{port}").replace("server.py 0", "server.py 0 ")])
        == 3
    )
    captured = capfd.readouterr()
    (folder / "server.py").unlink()
    _assert_clean({**_files(folder), "stdout": captured.out, "stderr": captured.err})


# What the suite itself tells is its own business: it gets what is secret from a file.
_SUITE = """\
import json, os, pathlib
import boto3

secrets = json.loads(pathlib.Path("secrets.json").read_text())
os.environ.update(secrets)

def test_create():
    client = boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=URL)
    password = secrets["DATABASE_PASSWORD"] * 20
    for _ in range(40):
        try:
            client.admin_create_user(UserPoolId="not a pool", Username="u", TemporaryPassword=password)
        except Exception:
            pass
"""


def test_no_report_of_the_plugin_holds_a_planted_secret(folder: Path) -> None:
    repository = Repository(folder)
    settings = '[tool.aws-conformance]\nphases = ["enumerated"]\neffort = "quick"\n'
    repository.put("pyproject.toml", settings)
    repository.put("secrets.json", json.dumps(ENVIRONMENT))
    # It is told no header.
    planted = (ISSUED, *ENVIRONMENT.values())
    with switchable(Repeating(planted)) as target:
        repository.write(conftest="import test_suite", test_suite=_SUITE.replace("URL", repr(target.url)))
        words = ["--conformance", OPERATION, "--conformance-target", target.url]
        checked = repository.pytest(*words, "-v", "--junitxml", "checked.xml")
        target.handler = Repeating(planted)
        words = ["--conformance-observe=fail", "--conformance-observe-report", "seen.json"]
        observed = repository.pytest(*words, "--junitxml", "observed.xml", "test_suite.py")
    (folder / "secrets.json").unlink()
    assert checked.counts["failed"] == 1, checked.text
    assert "request pattern" in observed.text
    outputs = {**_files(folder), "checked": checked.text, "observed": observed.text}
    assert {"checked.xml", "observed.xml", "seen.json"} <= set(outputs)
    _assert_clean(outputs)
