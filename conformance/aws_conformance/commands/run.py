"""`run`: a plan from options and configuration, the engine, and whoever listens to its events.

It owns where reports go and what an interruption leaves behind; it refuses to know any format, and what
an event means.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import click

from ..config import SEVERITIES, Config, load_config, plan_from
from ..errors import UsageError
from ..outcomes import Event, RunFinished, RunStarted
from ..plan import CLAIMS, DEFAULT_SELECTORS, Plan
from .options import (
    SecondsType,
    max_examples_option,
    phase_option,
    protocol_option,
    seed_option,
    selectors_argument,
)

__all__ = ["exit_on_terminate", "run"]


@click.command()
@selectors_argument()
@click.option(
    "--target",
    metavar="TARGET",
    help="`reference` (embedded, the default), a URL, or an installed emulator: NAME[==VERSION].",
)
@click.option("--start", metavar="'CMD {port}'", help="Start the target by this command, and stop it.")
@click.option(
    "--claims",
    multiple=True,
    type=click.Choice(CLAIMS),
    help="Hold the target to this: sigv4, that it verifies signatures.",
)
@protocol_option
@phase_option
@seed_option
@max_examples_option
@click.option("--max-time", type=SecondsType(), metavar="S", help="Seconds that the run may take.")
@click.option(
    "--workers", type=click.IntRange(1, 512), metavar="N", help="Processes that share the operations."
)
@click.option("--check", "checks", multiple=True, metavar="ID", help="Apply only this check; repeatable.")
@click.option(
    "--exclude-check", "exclude_checks", multiple=True, metavar="ID", help="Leave this check out; repeatable."
)
@click.option(
    "--allow-remote", is_flag=True, default=None, help="Speak to hosts other than the loopback too."
)
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="The least severity that fails the run (error)."
)
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Write a report; `-` is stdout."
)
@click.option("-v", "--verbose", is_flag=True, help="Tell every finding in full, with boto3 and curl.")
def run(selectors: Sequence[str], reports: Sequence[str], verbose: bool, **settings: Any) -> int:
    """Check operations of a target against what AWS documents.

    \b
    SELECTOR  service | service:Operation | service:Glob* | '*'
              (StartUserImportJob and its family if none is given)
    \b
    exit      0 conforms, 1 violations, 2 usage, 3 target unreachable,
              4 nothing verified or an operation unreached, 130 interrupted
    """
    from ..selectors import select

    wanted = [_parse_report(text) for text in reports]
    _distinct(wanted)
    # What click calls "not given" is None or an empty tuple; a Config knows only None.
    given: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    operations = select(selectors or DEFAULT_SELECTORS)
    plan = plan_from(load_config(), Config(**given), operations=operations)
    return _carry_out(plan, wanted, verbose=verbose)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A report that was asked for; `path` is None for the standard output."""

    format: str
    path: Path | None
    begin: Callable[[TextIO], Callable[[Event], None]]


def _parse_report(text: str) -> _Wanted:
    from ..reports import report_format

    name, equals, path = text.partition("=")
    row = report_format(name)
    if not equals or not path:
        raise UsageError(
            f"--report {text!r} names no file.", f"Write --report {name}=PATH, or {name}=- for stdout."
        )
    return _Wanted(row.name, None if path == "-" else Path(path), row.begin)


def _distinct(wanted: Sequence[_Wanted]) -> None:
    places = [one.path.absolute() if one.path else None for one in wanted]
    for one, place in zip(wanted, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"Two reports go to {one.path or 'the standard output'}.", "Give each its own.")


def _carry_out(plan: Plan, wanted: Sequence[_Wanted], *, verbose: bool) -> int:
    from .. import engine
    from ..reports.console import ConsoleReport

    began = time.monotonic()
    # A report on the standard output has it for itself.
    onto_stdout = any(one.path is None for one in wanted)
    console = ConsoleReport(sys.stderr if onto_stdout else sys.stdout, verbose=verbose)
    seen: set[type] = set()
    with ExitStack() as stack:
        listeners: list[Callable[[Event], None]] = [_begin(one, stack) for one in wanted]
        listeners.append(console)
        stack.callback(console.close)

        def emit(event: Event) -> None:
            seen.add(type(event))
            for consume in listeners:
                consume(event)

        restore = exit_on_terminate()
        try:
            return engine.run(plan, emit)
        except KeyboardInterrupt:
            # What was seen so far is worth telling, as long as it is not taken for a verdict.
            if RunStarted in seen and RunFinished not in seen:
                reason = "Interrupted: this is only what was seen until then."
                emit(RunFinished(130, (reason,), time.monotonic() - began))
            return 130
        finally:
            restore()


def _begin(one: _Wanted, stack: ExitStack) -> Callable[[Event], None]:
    """The consumer that writes the report; its file is opened now, before anything takes time."""
    try:
        stream = _open(one.path, stack)
    except OSError as error:
        raise UsageError(f"Report {one.path} cannot be written: {error.strerror}.") from None
    consume = one.begin(stream)

    def write(event: Event) -> None:
        try:
            consume(event)
            if isinstance(event, RunFinished):
                stream.flush()
        except OSError as error:
            # A reader of our standard output may leave when it likes; that is not the report's fault.
            if one.path is None:
                raise
            raise UsageError(f"Report {one.path} cannot be written: {error.strerror}.") from None

    return write


def _open(path: Path | None, stack: ExitStack) -> TextIO:
    if path is None:
        return sys.stdout
    path.parent.mkdir(parents=True, exist_ok=True)
    return stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))


def exit_on_terminate() -> Callable[[], object]:
    """From here on SIGTERM ends this process as Ctrl-C does, so that what it started is stopped.

    A worker that inherits this by a fork ends at once instead: whoever asks it to end is its parent,
    which does the tidying up. Returns what undoes it. Only a main thread may handle signals; in any
    other nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    owner = os.getpid()

    def handle(number: int, _frame: FrameType | None) -> None:
        if os.getpid() == owner:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    previous = signal.signal(signal.SIGTERM, handle)
    return lambda: signal.signal(signal.SIGTERM, previous)
