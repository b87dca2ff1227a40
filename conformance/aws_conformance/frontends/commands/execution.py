# SPDX-License-Identifier: Apache-2.0
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
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...results.reports.console import ConsoleReport

from ...engine.plan import Plan
from ...errors import ConformanceError, UsageError
from ...results.events import Event, RunFinished, RunStarted
from .reporting import Reports, RequestedReport

__all__ = ["INTERRUPTED", "ConsoleStyle", "carry_out", "exit_on_terminate"]

INTERRUPTED = 130
_INTERNAL = 2
_UNTIL_THEN = "Interrupted: this is only what was seen until then."


@dataclass(frozen=True, slots=True)
class ConsoleStyle:
    """How much the console tells, and whether in colors."""

    verbose: bool = False
    quiet: bool = False
    color: bool = True


_PLAIN = ConsoleStyle()


def carry_out(
    engine: Callable[..., int],
    plan: Plan,
    requested: Sequence[RequestedReport],
    *,
    look: ConsoleStyle = _PLAIN,
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
        sys.stderr if onto_stdout else sys.stdout,
        verbose=look.verbose,
        quiet=look.quiet,
        color=look.color,
        verdict=listener is None,
    )
    with Reports(requested) as reports:
        audience = _Audience(reports, console, [item for item in (listener, learner) if item is not None])
        restore = exit_on_terminate()
        try:
            code = engine(plan, audience.take, resumed) if resumed else engine(plan, audience.take)
        except KeyboardInterrupt:
            code = INTERRUPTED
            audience.leave(plan, code, _UNTIL_THEN, time.monotonic() - began)
        except Exception as error:
            code = error.exit_code if isinstance(error, ConformanceError) else _INTERNAL
            audience.dismiss(plan, code, str(error) or type(error).__name__, time.monotonic() - began)
            raise
        finally:
            restore()
            console.close()
    if reports.failures:
        raise UsageError(" ".join(reports.failures))
    return code


class _Audience:
    """Who listens to a run: its reports, the console, and a command that asked for it."""

    def __init__(
        self, reports: Reports, console: ConsoleReport, listeners: Sequence[Callable[[Event], None]]
    ) -> None:
        self._reports = reports
        self._console = console
        self._listeners = listeners
        self._seen: set[type] = set()

    def take(self, event: Event) -> None:
        self._seen.add(type(event))
        self._reports.consume(event)
        for listener in self._listeners:
            listener(event)
        self._console(event)

    def leave(self, plan: Plan, code: int, reason: str, elapsed: float) -> None:
        """The run was interrupted: what was seen so far is worth telling, and no verdict."""
        if RunStarted not in self._seen:
            click.echo("Interrupted before anything was sent.", err=True)
            self.dismiss(plan, code, reason, elapsed)
        elif RunFinished not in self._seen:
            self.take(RunFinished(code, (reason,), elapsed))

    def dismiss(self, plan: Plan, code: int, reason: str, elapsed: float) -> None:
        """The run ended in an error, which is told elsewhere: reports say so too, and are whole."""
        from ...engine.head import head_of

        if RunFinished in self._seen:
            return
        with suppress(ConformanceError):  # a plan that can't be carried out may have no head either
            if RunStarted not in self._seen:
                self._reports.consume(head_of(plan))
            self._reports.consume(RunFinished(code, (reason,), elapsed))


def exit_on_terminate() -> Callable[[], object]:
    """From here on SIGTERM, and SIGHUP of a terminal that is closed, end this process as Ctrl-C does.

    So what it started is stopped. A worker that inherits this by a fork ends at once instead: whoever asks
    it to end is its parent, which does the tidying up. A signal that is ignored (nohup) stays so. Returns
    what undoes it. Only a main thread may handle signals; in any other nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    owner = os.getpid()

    def handle(number: int, _frame: FrameType | None) -> None:
        if os.getpid() == owner:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    previous = {
        number: signal.signal(number, handle)
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    return restore
