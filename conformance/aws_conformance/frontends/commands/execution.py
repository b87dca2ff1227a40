"""A run as a command carries it out: who listens to its events, and what an interruption leaves behind.

It owns the console, the reports and the signals of a run. It refuses to know any format, what an event
means, and how a plan is carried out, which it is handed as a function.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import FrameType

import click

from ...engine.plan import Plan
from ...results.events import Event, RunFinished, RunStarted
from .reporting import RequestedReport, begin

__all__ = ["carry_out", "exit_on_terminate"]


def carry_out(
    engine: Callable[..., int],
    plan: Plan,
    requested: Sequence[RequestedReport],
    *,
    verbose: bool,
    resumed: tuple[Event, ...] = (),
    listener: Callable[[Event], None] | None = None,
    learner: Callable[[Event], None] | None = None,
) -> int:
    """Run the plan; the console, all reports, listener and learner get its events. Returns the exit code.

    `engine` is engine.run's `run`. A command with a `listener` has an exit code of its own, so the console
    prints none.
    """
    from ...results.reports.console import ConsoleReport

    began = time.monotonic()
    # A report on the standard output has it for itself.
    onto_stdout = any(report.path is None for report in requested)
    console = ConsoleReport(
        sys.stderr if onto_stdout else sys.stdout, verbose=verbose, verdict=listener is None
    )
    seen: set[type] = set()
    with ExitStack() as stack:
        listeners: list[Callable[[Event], None]] = [begin(report, stack) for report in requested]
        listeners += [listener] if listener is not None else []
        listeners += [learner] if learner is not None else []
        listeners.append(console)
        stack.callback(console.close)

        def emit(event: Event) -> None:
            seen.add(type(event))
            for consume in listeners:
                consume(event)

        restore = exit_on_terminate()
        try:
            return engine(plan, emit, resumed) if resumed else engine(plan, emit)
        except KeyboardInterrupt:
            # What was seen so far is worth telling, as long as it is not taken for a verdict.
            if RunStarted not in seen:
                click.echo("Interrupted before anything was sent.", err=True)
            elif RunFinished not in seen:
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
