# SPDX-License-Identifier: Apache-2.0
"""docs/pytest.md: each example is run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.frontends.plugin.repositories import Repository

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "pytest.md"
_EXAMPLE = re.compile(r"```python\n# (?P<file>\w+)\.py\n(?P<code>.*?)```", re.DOTALL)
_COMMAND = re.compile(r"```\n(pytest [^\n]+)\n```")


def _examples() -> dict[str, str]:
    return {match["file"]: match["code"] for match in _EXAMPLE.finditer(_PAGE.read_text("utf-8"))}


def _command(beginning: str) -> list[str]:
    commands = (match[1].split() for match in _COMMAND.finditer(_PAGE.read_text("utf-8")))
    return next(words[1:] for words in commands if words[1] == beginning)


def test_all_examples_are_run_here() -> None:
    assert sorted(_examples()) == [
        "acme_conformance",
        "conftest",
        "test_app",
        "test_consumer",
        "test_import_job",
    ]


def test_the_items(repository: Repository, faulty_url: str) -> None:
    repository.write(conftest=_examples()["conftest"])
    words = [faulty_url if "://" in word else word for word in _command("--conformance")]
    done = repository.pytest(*words, "-v", "-s", "--conformance-phase", "enumerated,random,stateful")
    for line in re.findall(r"^cognito-idp::\S+$", _PAGE.read_text("utf-8"), re.MULTILINE):
        assert f"{line} " in done.text
    assert "the smallest" in done.text or "minimal at /" in done.text


@pytest.mark.parametrize("name", ["test_consumer", "test_import_job"])
def test_a_module_passes(repository: Repository, name: str) -> None:
    repository.write(**{name: _examples()[name]})
    done = repository.pytest("-W", "error")
    assert done.exit == 0, done.text
    assert "failed" not in done.counts


def test_the_observed_suite(repository: Repository) -> None:
    """With a mock that takes whatever it gets, as the example says that a mock may."""
    repository.write(
        test_app=_examples()["test_app"],
        conftest=(
            "import botocore.session, pytest\n"
            "from botocore.awsrequest import AWSResponse\n"
            "class Raw:\n"
            "    def stream(self, **options): yield b'{}'\n"
            "def answer(request, **rest):\n"
            "    kind = {'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': '1'}\n"
            "    return AWSResponse(request.url, 200, kind, Raw())\n"
            "@pytest.fixture\n"
            "def client():\n"
            "    keys = dict(aws_access_key_id='a', aws_secret_access_key='b', region_name='us-east-1')\n"
            "    made = botocore.session.get_session().create_client('cognito-idp', **keys)\n"
            "    made.meta.events.register('before-send', answer)\n"
            "    return made\n"
        ),
    )
    assert repository.pytest().counts == {"passed": 1}
    done = repository.pytest(*_command("--conformance-observe"))
    assert done.counts == {"passed": 1}
    assert "Invalid requests of the suite itself: in 1 test\n  test_app.py::test_app\n" in done.text
    assert "cognito-idp:StartUserImportJob   request pattern   error" in done.text
    done = repository.pytest("--conformance-observe=fail")
    assert done.counts == {"failed": 1}
    assert "The test sent an invalid request, which AWS refuses" in done.text


def test_what_a_project_adds(repository: Repository) -> None:
    repository.write(
        conftest=_examples()["acme_conformance"],
        test_own=(
            "import aws_conformance\n"
            "def test_own(conformance_validate):\n"
            "    shown = {'UserPool': {'Name': 'other', 'Id': 'us-east-1_AbCdEfGhI'}}\n"
            "    violations = conformance_validate('cognito-idp:DescribeUserPool', shown)\n"
            "    assert [item.path for item in violations if item.check == 'acme.pool-name'] "
            "== ['$.UserPool.Name']\n"
        ),
    )
    done = repository.pytest("-W", "error")
    assert done.counts == {"passed": 1}, done.text


def test_every_option_is_documented() -> None:
    from aws_conformance import pytest_plugin

    options = set(re.findall(r'"(--conformance[a-z-]*)"', Path(pytest_plugin.__file__).read_text("utf-8")))
    page = _PAGE.read_text("utf-8")
    assert len(options) >= 10
    assert [option for option in options if option not in page] == []
