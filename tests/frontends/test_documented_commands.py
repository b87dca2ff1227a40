# SPDX-License-Identifier: Apache-2.0
"""Every command line of the README and of docs/ is carried out, or its page says why tests can't.

A page says so in a comment: `<!-- not run in tests: TEXT: why -->`, for the lines that have TEXT. Those are
still read by the parser of the command. The rest runs in a folder that has the files which the pages name.
Ids of findings are those of the run there; what stands in brackets is left out. This file owns the reading of
the pages. It refuses to know what the commands tell.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore
import click
import pytest
from _pytest.config.argparsing import Parser
from tests.captures.import_walk import archive_of, dump_of
from tests.miniatures.lives import conforming, edited

from aws_conformance import pytest_plugin
from aws_conformance.cli import cli, main
from aws_conformance.http import Request, Response
from aws_conformance.reference import ManualClock
from aws_conformance.targets.server import serve

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SHELLS = ("", "bash", "console", "sh")
_EXCUSE = re.compile(r"<!-- not run in tests: (.+?): (.+?) -->", re.DOTALL)
_COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )?(?:aws-conformance|eval|bash|make|pip|pytest|python)\b.*")
_ID = re.compile(r"\b(?=\w*\d)[0-9a-f]{8}\b")


@dataclass(frozen=True, slots=True)
class Line:
    """A command line of a page; `excuse` is why it is not carried out here, or the empty string."""

    page: str
    text: str
    excuse: str

    @property
    def words(self) -> list[str]:
        return [word for word in shlex.split(self.text, comments=True) if not re.fullmatch(r"\[\w+\]", word)]

    @property
    def program(self) -> str:
        return self.words[0]


@functools.cache
def _lines() -> tuple[Line, ...]:
    return tuple(line for page in PAGES for line in _lines_of(page, (ROOT / page).read_text("utf-8")))


def _lines_of(page: str, text: str) -> Iterator[Line]:
    excuses = _EXCUSE.findall(text)
    for line in _shell_lines(text):
        if _COMMAND.fullmatch(line.strip()):
            why = next((why for part, why in excuses if part in line), "")
            yield Line(page, line.strip(), why)


def _shell_lines(text: str) -> list[str]:
    blocks = _FENCE.findall(text)
    return [line for language, block in blocks if language in _SHELLS for line in block.splitlines()]


def _of(program: str, *, carried_out: bool = False) -> list[Line]:
    return [line for line in _lines() if line.program == program and not (carried_out and line.excuse)]


OURS = pytest.mark.parametrize("line", _of("aws-conformance"), ids=lambda line: line.text[:60])


def test_every_kind_of_command_line_is_looked_at() -> None:
    programs = {line.program for line in _lines() if not line.excuse}
    assert programs == {"aws-conformance", "make", "pip", "pytest"}
    assert len(_of("aws-conformance")) > 50


def test_every_excuse_excuses_something() -> None:
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for part, _ in _EXCUSE.findall(text):
            assert any(part in line for line in _shell_lines(text)), f"{page}: {part}"


@OURS
def test_a_command_line_is_read(line: Line, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    command: click.Command = cli
    words, context = line.words[1:], click.Context(cli)
    while isinstance(command, click.Group) and words:
        name, subcommand, words = command.resolve_command(context, words)
        assert subcommand is not None
        command = subcommand
        context = click.Context(subcommand, parent=context, info_name=name)
    command.make_context(command.name, list(words), resilient_parsing=False)


@pytest.mark.parametrize(
    "page", dict.fromkeys(line.page for line in _of("aws-conformance", carried_out=True))
)
def test_the_command_lines_of_a_page_are_carried_out(
    page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In their order: a line may read what one before it has written."""
    monkeypatch.chdir(folder)
    for line in _of("aws-conformance", carried_out=True):
        if line.page == page:
            finding = json.loads((folder / "run.json").read_text("utf-8"))["violations"][0]["id"]
            code = main([_ID.sub(finding, word) for word in line.words[1:]])
            said = capsys.readouterr()
            # 1 is for findings, of which files of the folder have some.
            assert code in (0, 1), f"{line.text}: {said.out[-1500:]}{said.err}"


@pytest.mark.parametrize("line", _of("make"), ids=lambda line: line.text[:60])
def test_a_target_of_make_is_there(line: Line) -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{line.words[1]}:.* ## ", text, re.MULTILINE)


@pytest.mark.parametrize("line", _of("pip"), ids=lambda line: line.text[:60])
def test_what_pip_installs_is_this_project(line: Line) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    match = re.fullmatch(r"aws-conformance(?:\[(\w+)\])?", line.words[-1])
    assert match is not None
    assert match[1] is None or match[1] in project["optional-dependencies"]


@pytest.mark.parametrize("line", _of("pytest"), ids=lambda line: line.text[:60])
def test_options_of_pytest_are_the_plugins(line: Line) -> None:
    parser = Parser(_ispytest=True)
    pytest_plugin.pytest_addoption(parser)
    parsed = parser.parse_known_args(line.words[1:])
    assert [name for name, value in vars(parsed).items() if name.startswith("conformance") and value]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the files that the pages name, and a configuration that keeps runs short.

    The run that it has was of a target that is wrong in one way, which stays there to be asked again.
    """
    path = tmp_path_factory.mktemp("documented") / "project"
    path.mkdir()
    (path / "docs").symlink_to(ROOT / "docs")
    short = 'effort = "quick"\nmax-examples = 0\nphases = ["enumerated"]\n'
    (path / "aws-conformance.toml").write_text(short, "utf-8")
    _write_answers(path)
    _write_recordings(path)
    _write_models(path)
    shutil.copy(ROOT / "tests" / "data" / "start-user-import-job-2017.rst", path / "page.rst")
    with serve(edited(conforming(1, ManualClock()), _odd)) as server:
        reports = [word for name in ("ndjson", "json") for word in ("--report", f"{name}=run.{name}")]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(path)
            run = ["run", "cognito-idp:CreateUserImportJob", "--target", server.url, *reports, "--quiet"]
            assert main(run) == 1
        for name in ("a", "b", "main", "branch", "first", "shard-1", "shard-2"):
            shutil.copy(path / "run.ndjson", path / f"{name}.ndjson")
        yield path


def _odd(job: dict[str, Any]) -> None:
    job["CreationDate"] = "2026-11-23T10:00:00Z"


def _write_answers(path: Path) -> None:
    document = {"UserImportJob": {"JobName": "walk", "CreationDate": "2026-11-23T10:00:00Z"}}
    exchange = {"status": 200, "headers": {"content-type": "application/x-amz-json-1.1"}}
    (path / "answer.json").write_text(json.dumps({**exchange, "body": json.dumps(document)}), "utf-8")
    (path / "output.json").write_text('{"Buckets": []}', "utf-8")
    row = {"service": "cognito-idp", "operation": "StartUserImportJob", "instance": document}
    (path / "answers.jsonl").write_text(json.dumps(row) + "\n", "utf-8")


def _write_recordings(path: Path) -> None:
    """One exchange, as each of the tools writes it."""
    target = ("X-Amz-Target", "AWSCognitoIdentityProviderService.ListUserPools")
    kind = ("Content-Type", "application/x-amz-json-1.1")
    request = Request("POST", "/", (target, kind), b'{"MaxResults": 5}')
    response = Response(200, (kind, ("x-amzn-RequestId", "1")), b'{"UserPools": []}')
    url = "http://127.0.0.1:1"
    (path / "session.har").write_text(json.dumps(archive_of(url, [(request, response)])), "utf-8")
    (path / "flows.dump").write_bytes(dump_of(url, [(request, response)]))
    interaction = {
        "request": {
            "method": "POST",
            "uri": f"{url}/",
            "headers": {name: [value] for name, value in request.headers},
            "body": request.body.decode(),
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {name: [value] for name, value in response.headers},
            "body": {"string": response.body.decode()},
        },
    }
    (path / "cassette.yaml").write_text(json.dumps({"interactions": [interaction]}), "utf-8")
    parameters = {"body": request.body, "context": {}}
    sent = f"stream_output=False, method=POST, url={url}/, headers={dict(request.headers)!r}"
    lines = (
        f"Making request for OperationModel(name=ListUserPools) with params: {parameters!r}",
        f"Sending http request: <AWSPreparedRequest {sent}>",
        f'{url} "POST / HTTP/1.1" 200 17',
        f"Response headers: {dict(response.headers)!r}",
        "Response body:",
        repr(response.body),
    )
    event = {
        "eventSource": "cognito-idp.amazonaws.com",
        "eventName": "ListUserPools",
        "requestParameters": {"maxResults": 5},
    }
    (path / "trail.json").write_text(json.dumps({"Records": [event]}), "utf-8")
    (path / "debug.log").write_text("\n".join(lines) + "\n", "utf-8")


def _write_models(path: Path) -> None:
    """An older folder of botocore's models, and a model in Smithy's form."""
    models = Path(botocore.__file__).parent / "data" / "cognito-idp"
    old = path.parent / "old" / "botocore" / "data"
    old.mkdir(parents=True)
    shutil.copytree(models, old / "cognito-idp")
    smithy = {
        "smithy": "2.0",
        "shapes": {
            "example#Mine": {
                "type": "service",
                "version": "2026-11-28",
                "operations": [{"target": "example#Look"}],
                "traits": {
                    "aws.api#service": {"sdkId": "Mine", "arnNamespace": "mine", "endpointPrefix": "mine"},
                    "aws.auth#sigv4": {"name": "mine"},
                    "aws.protocols#awsJson1_1": {},
                },
            },
            "example#Look": {"type": "operation"},
        },
    }
    (path / "my-service.json").write_text(json.dumps(smithy), "utf-8")
