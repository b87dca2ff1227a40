# SPDX-License-Identifier: Apache-2.0
"""`--help`: under headings, with examples that the command takes, and nothing left out."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.testing import CliRunner

from aws_conformance.cli import main
from aws_conformance.frontends.command_line import cli
from aws_conformance.frontends.commands.help import GroupedCommand
from aws_conformance.frontends.commands.run import run


def shown(*words: str, width: int = 80) -> str:
    return CliRunner().invoke(cli, [*words, "--help"], terminal_width=width, max_content_width=width).output


def test_options_of_a_run_stand_under_headings() -> None:
    text = shown("run")
    headings = re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE)
    assert headings[:5] == ["Target", "What is tried", "Time and load", "What fails", "What is told"]
    assert headings[-1] == "Examples"
    target = text[text.index("\nTarget:") : text.index("\nWhat is tried:")]
    assert "--start" in target
    assert "--seed" not in target


def test_no_option_is_left_out() -> None:
    """One that stands under no heading comes under the last."""
    option = click.Option(["--made-up"], help="Nothing.")
    command = GroupedCommand("run", params=[*run.params, option])
    context = click.Context(command)
    text = command.get_help(context)
    for param in command.params:
        if isinstance(param, click.Option):
            assert re.search(rf"^  .*{param.opts[-1]}\b", text, re.MULTILINE), param.opts
    assert text.index("\nMore:") < text.index("--made-up")


def test_no_command_is_left_out() -> None:
    text = shown()
    names = cli.list_commands(click.Context(cli))
    assert len(names) >= 18
    for name in names:
        assert re.search(rf"^  {name}  ", text, re.MULTILINE), name
    assert text.index("\nCheck:") < text.index("\nRead results:") < text.index("\nSpecifications:")


def test_examples_are_command_lines_that_are_taken() -> None:
    assert isinstance(run, GroupedCommand)
    for line in run.examples:
        program, command, *words = shlex.split(line)
        assert (program, command) == ("aws-conformance", "run")
        assert run.make_context("run", words).params["selectors"]
        # Unbroken, in a window of any width.
        assert line in shown("run", width=40)


def test_words_are_completed_as_the_readme_tells(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, place, expected in (
        ("aws-conformance repr", 1, "reproduce"),
        ("aws-conformance run --qui", 2, "--quiet"),
    ):
        monkeypatch.setenv("_AWS_CONFORMANCE_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(place))
        with pytest.raises(SystemExit):
            main([])
        assert capsys.readouterr().out.split() == [f"plain,{expected}"]


def test_quiet_and_verbose_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "-q", "-v"]) == 2
    assert "--quiet and --verbose exclude each other" in capsys.readouterr().err
