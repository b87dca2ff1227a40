"""`run`: a plan from options and configuration, the engine, and whoever listens to its events.

It owns the options that make a plan and what an interruption leaves behind; it refuses to know any
format, and what an event means.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

from ...engine.plan import CLAIMS, DEFAULT_SELECTORS, Plan
from ...errors import UsageError
from ...results.events import Event, RunFinished, RunStarted
from ..config import SEVERITIES, Config, load_config, plan_from
from .options import (
    SecondsType,
    lifecycles_option,
    max_examples_option,
    phase_option,
    protocol_option,
    seed_option,
    selectors_argument,
)
from .reporting import RequestedReport, begin, parse_reports

__all__ = ["carry_out", "exit_on_terminate", "plan_options", "planned", "run"]


_PLAN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    selectors_argument(),
    click.option(
        "--target",
        metavar="TARGET",
        help="`reference` (embedded, the default), a URL, an installed emulator "
        "(NAME[==VERSION]), or `aws-cli`, the aws command.",
    ),
    click.option(
        "--endpoint", metavar="URL", help="What the target aws-cli speaks to; else the embedded reference."
    ),
    click.option("--start", metavar="'CMD {port}'", help="Start the target by this command, and stop it."),
    click.option(
        "--claims",
        multiple=True,
        type=click.Choice(CLAIMS),
        help="Hold the target to this: sigv4, that it verifies signatures; clock, that its time moves.",
    ),
    protocol_option,
    phase_option,
    seed_option,
    max_examples_option,
    lifecycles_option,
    click.option("--max-time", type=SecondsType(), metavar="S", help="Seconds that the run may take."),
    click.option(
        "--workers", type=click.IntRange(1, 512), metavar="N", help="Processes that share the operations."
    ),
    click.option("--check", "checks", multiple=True, metavar="ID", help="Apply only this check; repeatable."),
    click.option(
        "--exclude-check",
        "exclude_checks",
        multiple=True,
        metavar="ID",
        help="Leave this check out; repeatable.",
    ),
    click.option(
        "--allow-remote", is_flag=True, default=None, help="Speak to hosts other than the loopback too."
    ),
    click.option(
        "--fail-on", type=click.Choice(SEVERITIES), help="The least severity that fails the run (error)."
    ),
)


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command all options that make a plan; `planned` makes it."""
    for option in reversed(_PLAN_OPTIONS):
        function = option(function)
    return function


def planned(selectors: Sequence[str], settings: Mapping[str, Any]) -> Plan:
    """The plan of a command line over the configuration. Raises UsageError for what can't be planned."""
    from ...spec.selectors import select

    # What click calls "not given" is None or an empty tuple; a Config knows only None.
    given: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    operations = select(selectors or DEFAULT_SELECTORS)
    return plan_from(load_config(), Config(**given), operations=operations)


@click.command()
@plan_options
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Known violations, which don't fail."
)
@click.option("--record", metavar="DIR", help="Write every exchange to this folder, without secrets.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Finish the interrupted run whose NDJSON report this is.",
)
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Write a report; `-` is stdout."
)
@click.option("-v", "--verbose", is_flag=True, help="Tell every finding in full, with boto3 and curl.")
def run(
    selectors: Sequence[str],
    reports: Sequence[str],
    verbose: bool,
    resume: Path | None,
    baseline: Path | None,
    record: str | None,
    **settings: Any,
) -> int:
    """Check operations of a target against what AWS documents.

    \b
    SELECTOR  service | service:Operation | service:Glob* | '*'
              (StartUserImportJob and its family if none is given)
    \b
    exit      0 conforms, 1 violations, 2 usage, 3 target unreachable,
              4 nothing verified or an operation unreached, 130 interrupted
    """
    wanted = parse_reports(reports)
    known = str(baseline) if baseline is not None else None
    plan = replace(planned(selectors, {**settings, "baseline": known}), record=record or "")
    resumed = _interrupted(resume, plan, wanted) if resume is not None else ()
    return carry_out(plan, wanted, verbose=verbose, resumed=resumed)


def _interrupted(path: Path, plan: Plan, wanted: Sequence[RequestedReport]) -> tuple[Event, ...]:
    """The events of the run that is to be finished. Raises UsageError if it was a run of another plan."""
    from ...engine.run import head_of
    from ...results.reports.ndjson import read_log

    log = read_log(path)
    if any(one.path is not None and one.path.absolute() == path.absolute() for one in wanted):
        raise UsageError(f"{path} would be overwritten by what it is read for.", "Name another report.")
    if log.complete:
        raise UsageError(f"{path} is of a run that came to its end.", "There is nothing to resume.")
    ours, theirs = head_of(plan), log.header
    same: dict[str, tuple[Any, Any]] = {
        "target": (theirs.target, ours.target),
        "operations": (list(theirs.operations), list(ours.operations)),
        "seed": (theirs.seed, ours.seed),
        "phases": (list(theirs.phases), list(ours.phases)),
        **{f"version of {name}": (theirs.versions.get(name), found) for name, found in ours.versions.items()},
        **{name: (theirs.settings.get(name), found) for name, found in ours.settings.items()},
    }
    for what, (before, now) in same.items():
        if before != now:
            hint = "Resume it with the options that it was begun with."
            if what == "operations":
                raise UsageError(f"{path} is of a run of other operations.", hint)
            raise UsageError(f"{path} is of a run with another {what}: {before}, not {now}.", hint)
    return log.events


def carry_out(
    plan: Plan,
    wanted: Sequence[RequestedReport],
    *,
    verbose: bool,
    resumed: tuple[Event, ...] = (),
    listener: Callable[[Event], None] | None = None,
) -> int:
    """Run the plan; the console, all reports and the listener get its events. Returns the exit code."""
    from ...engine.run import run as run_plan
    from ...results.reports.console import ConsoleReport

    began = time.monotonic()
    # A report on the standard output has it for itself.
    onto_stdout = any(one.path is None for one in wanted)
    console = ConsoleReport(sys.stderr if onto_stdout else sys.stdout, verbose=verbose)
    seen: set[type] = set()
    with ExitStack() as stack:
        listeners: list[Callable[[Event], None]] = [begin(one, stack) for one in wanted]
        listeners += [listener] if listener is not None else []
        listeners.append(console)
        stack.callback(console.close)

        def emit(event: Event) -> None:
            seen.add(type(event))
            for consume in listeners:
                consume(event)

        restore = exit_on_terminate()
        try:
            return run_plan(plan, emit, resumed) if resumed else run_plan(plan, emit)
        except KeyboardInterrupt:
            # What was seen so far is worth telling, as long as it is not taken for a verdict.
            if RunStarted in seen and RunFinished not in seen:
                reason = "Interrupted: this is only what was seen until then."
                emit(RunFinished(130, (reason,), time.monotonic() - began))
            return 130
        finally:
            restore()


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
