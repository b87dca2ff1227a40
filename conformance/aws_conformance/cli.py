"""The command `aws-conformance`: its commands in one table, and how a process of it ends.

It owns exit codes and the one line that an error is told in. It refuses to know what any command does;
they stand in frontends/commands/, and what they share with the pytest plugin stands below them.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Sequence
from typing import Any

import click

from .errors import ConformanceError, did_you_mean
from .frontends.commands.baseline import baseline
from .frontends.commands.catalogue import checks, explain
from .frontends.commands.documents import plan, schema
from .frontends.commands.pages import drift, page
from .frontends.commands.replay import replay
from .frontends.commands.report import report
from .frontends.commands.run import run
from .frontends.commands.serve import serve
from .frontends.commands.targets import targets
from .frontends.commands.validate import validate

__all__ = ["cli", "main"]

_INTERRUPTED = 130
_INTERNAL = 2
# Nobody took what was asked for, so it cannot count as a verdict.
_UNDELIVERED = 2


class _Commands(click.Group):
    """A group that suggests a command for a misspelt one, in every version of click."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            hint = did_you_mean(name, self.commands) or f"There is {', '.join(sorted(self.commands))}."
            raise click.UsageError(f"There is no command named {name!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # click would end the process with 1, which here means violations.
            raise _PipeBrokenError from error


class _PipeBrokenError(Exception):
    """A pipe broke: the reader of our output left, or something of ours went wrong."""


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import platform
    from importlib.metadata import version

    from .spec.botocore import model_version

    # Verdicts depend on the models, and these on the botocore that is installed.
    click.echo(
        f"aws-conformance {version('aws-conformance')} "
        f"(botocore {model_version()}, Python {platform.python_version()})"
    )
    ctx.exit()


@click.group(cls=_Commands, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the versions."
)
def cli() -> None:
    """Check any implementation of an AWS API against what AWS documents."""


for _command in (
    run,
    schema,
    plan,
    validate,
    serve,
    targets,
    checks,
    explain,
    baseline,
    replay,
    report,
    page,
    drift,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code; an error is one line on stderr, never a traceback."""
    _never_fail_to_print()
    try:
        result: Any = cli.main(arguments, prog_name="aws-conformance", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except ConformanceError as error:
        return _tell(str(error), error.exit_code)
    except click.ClickException as error:
        return _tell(_advised(error), 2)
    except (click.Abort, KeyboardInterrupt) as error:
        return _tell_internal(error.__cause__) if isinstance(error.__cause__, EOFError) else _INTERRUPTED
    except SystemExit:
        # Only click's own end, when whoever reads `--help` left.
        return _UNDELIVERED
    except (BrokenPipeError, _PipeBrokenError) as error:
        return _UNDELIVERED if _reader_left() else _tell_internal(error)
    except Exception as error:
        return _tell_internal(error)


def _never_fail_to_print() -> None:
    """What a target sent may hold anything; a terminal that cannot show it gets it escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _reader_left() -> bool:
    """Whether it is our own output that nobody reads any more; what is left of it is then dropped."""
    left = False
    for stream in (sys.stdout, sys.stderr):
        try:
            number = stream.fileno()
            poll = select.poll()
        except (AttributeError, OSError, ValueError):
            continue
        poll.register(number, select.POLLOUT)
        if any(state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0)):
            left = True
            # Python flushes once more as it ends, and would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    return left


def _advised(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "aws-conformance"
    return f"{error.format_message()} See `{command} --help`."


def _tell(message: str, exit_code: int) -> int:
    from .results.reports.escape import single_line

    click.echo(f"error: {single_line(message)}", err=True)
    return exit_code


def _tell_internal(error: BaseException) -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="aws-conformance-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    message = f"internal error: {type(error).__name__}: {error}. Please report it, with {file.name}."
    return _tell(message, _INTERNAL)
