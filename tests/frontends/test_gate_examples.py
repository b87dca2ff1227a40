# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/gate.md: they parse, and every command line and file in them is one of ours."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from aws_conformance.checks import CATALOGUE
from aws_conformance.cli import cli
from aws_conformance.results.baseline_yaml import parse_baseline

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"


def _load(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text("utf-8"))


def _command_lines() -> list[str]:
    """Every `aws-conformance ...` of the examples and of the page."""
    lines = []
    for job in _load("github-actions.yml")["jobs"].values():
        lines += [step["run"] for step in job["steps"] if "run" in step]
    for repository in _load("pre-commit-config.yaml")["repos"]:
        for hook in repository["hooks"]:
            lines.append(shlex.join([*shlex.split(hook["entry"]), *hook["args"]]))
    page = (DOCS / "gate.md").read_text("utf-8")
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        lines += block.splitlines() if not language else []
    return [line.strip() for line in lines if line.strip().startswith("aws-conformance ")]


def test_there_are_commands_to_look_at() -> None:
    assert len(_command_lines()) >= 10


@pytest.mark.parametrize("line", _command_lines())
def test_a_command_line_can_be_read(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        name, subcommand, words = command.resolve_command(context, words)
        assert subcommand is not None
        command = subcommand
        context = click.Context(subcommand, parent=context, info_name=name)
    # Parsed and not carried out; a mistake raises.
    command.make_context(command.name, list(words), resilient_parsing=False)


def test_the_workflow_gates_both_ways_of_having_an_emulator() -> None:
    jobs = _load("github-actions.yml")["jobs"]
    text = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert "--start 'python -m my_emulator --port {port}'" in text["own-server"]
    # The emulator is another host, by the name of its service.
    (service,) = jobs["container"]["services"]
    assert f"--target http://{service}:5000 --allow-remote" in text["container"]
    assert all("--baseline" in command for command in text.values())


def test_the_baseline_of_the_examples_can_be_read() -> None:
    text = (EXAMPLES / "known.yaml").read_text("utf-8")
    baseline = parse_baseline(text, source="known.yaml")
    assert {known.check for known in baseline.known} <= set(CATALOGUE)
    assert baseline.reached.keys() == baseline.unreached.keys()


def test_the_baseline_on_the_page_can_be_read() -> None:
    page = (DOCS / "gate.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert [known.check for known in parse_baseline(text, source="gate.md").known] == ["response.body.type"]
