# SPDX-License-Identifier: Apache-2.0
"""The command `aws-conformance`: its commands in one table, and how a process of it ends.

It owns exit codes and the one line that an error is told in. It refuses to know what any command does;
they stand in commands/, and what they share with the pytest plugin stands below them.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..errors import ConformanceError, did_you_mean

__all__ = ["cli", "main"]

_INTERRUPTED = 130
_INTERNAL = 2

# Each command with the module of commands/ that has it, under its own name.
_COMMANDS: Mapping[str, str] = {
    "baseline": "baseline",
    "campaign": "campaign",
    "checks": "catalogue",
    "cleanup": "cleanup",
    "corpus": "corpus",
    "drift": "pages",
    "explain": "catalogue",
    "page": "pages",
    "plan": "documents",
    "replay": "replay",
    "report": "report",
    "reproduce": "reproduce",
    "run": "run",
    "schema": "documents",
    "serve": "serve",
    "targets": "targets",
    "trend": "trend",
    "validate": "validate",
}


class _Commands(click.Group):
    """A group that imports a command when it is asked for, and suggests one for a misspelt one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f".commands.{_COMMANDS[cmd_name]}", __package__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            hint = did_you_mean(name, _COMMANDS) or f"There is {', '.join(sorted(_COMMANDS))}."
            raise click.UsageError(f"There is no command named {name!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from .commands.help import write_commands

        commands = {name: self.get_command(ctx, name) for name in _COMMANDS}
        write_commands({name: command for name, command in commands.items() if command}, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click would end the process with 1, which here means violations.
            raise _PipeBrokenError from error


class _PipeBrokenError(Exception):
    """A pipe broke that is not our output: something of ours went wrong."""


def _version(ctx: click.Context, _param: click.Parameter, requested: bool) -> None:
    if not requested or ctx.resilient_parsing:
        return
    import platform
    from importlib.metadata import version

    # Verdicts depend on the models, and these on the botocore that is installed.
    click.echo(
        f"aws-conformance {version('aws-conformance')} "
        f"(botocore {version('botocore')}, Python {platform.python_version()})"
    )
    ctx.exit()


@click.group(cls=_Commands, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the versions."
)
def cli() -> None:
    """Check any implementation of an AWS API against what AWS documents."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code; an error is one line on stderr, never a traceback."""
    _never_fail_to_print()
    exit_code = _run(arguments)
    failure = getattr(sys.stdout, "failure", "") or getattr(sys.stderr, "failure", "")
    return _tell(failure, 2) if failure else exit_code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result: Any = cli.main(arguments, prog_name="aws-conformance", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except ConformanceError as error:
        return _tell(str(error), error.exit_code)
    except click.ClickException as error:
        return _tell(_advised(error), 2)
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__, EOFError):
            return _tell_internal(error.__cause__)
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    except OSError as error:
        if error.errno in _FULL:
            where = f" ({error.filename})" if error.filename else ""
            return _tell(f"Nothing more can be written: {error.strerror}{where}.", 2)
        if error.errno in _NAMELESS and error.filename:
            return _tell(f"{str(error.filename)!r} is no name of a file: {error.strerror}.", 2)
        return _tell_internal(error)
    except Exception as error:
        return _tell_internal(error)


# An error that repeats what it was handed, or what a target said, is still read on a terminal.
_LONGEST_LINE = 800
# What is said of names that no file can have.
_NAMELESS = frozenset({errno.ENAMETOOLONG, errno.ELOOP})
# What a full or a read-only disk says.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class _Output(io.TextIOWrapper):
    """Standard output or error whose reader may leave (`| head -1`): the rest of the output is dropped.

    A command goes on to its own exit code, which a run's reports and a script still need. So it does when
    its terminal is closed. On a full disk the rest is dropped as well, and `failure` says so.
    """

    failure = ""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._drop(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._drop(error)

    def _drop(self, error: OSError) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if error.errno not in (errno.EPIPE, errno.EIO):
            self.failure = f"The output cannot be written: {error.strerror}."


def _never_fail_to_print() -> None:
    """Let output neither fail on what a target sent, which is escaped, nor on a reader that leaves."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is io.TextIOWrapper:
            output = _Output(
                stream.buffer,
                stream.encoding,
                "backslashreplace",
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, output)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _advised(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "aws-conformance"
    return f"{error.format_message()} See `{command} --help`."


def _tell(message: str, exit_code: int) -> int:
    from ..reproduce.mask import without_secrets
    from ..reproduce.secret_variables import environment_secrets
    from ..results.reports.escape import single_line

    # A server that we started repeats its environment, and that is ours.
    line = single_line(without_secrets(message, environment_secrets(os.environ)))
    if len(line) > _LONGEST_LINE:
        half = _LONGEST_LINE // 2
        line = f"{line[:half]} ... {line[-half:]}"
    click.echo(f"error: {line}", err=True)
    return exit_code


def _tell_internal(error: BaseException) -> int:
    import tempfile
    import traceback

    with_file = ""
    with contextlib.suppress(OSError):
        with tempfile.NamedTemporaryFile(
            "w", prefix="aws-conformance-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write("".join(traceback.format_exception(error)))
        with_file = f", with {file.name}"
    return _tell(f"internal error: {type(error).__name__}: {error}. Please report it{with_file}.", _INTERNAL)
