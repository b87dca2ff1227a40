# SPDX-License-Identifier: Apache-2.0
"""`campaign`: a plan carried out for hours, by many workers, that goes on where it was killed.

It owns the words of the command and the line that tells how it goes; it refuses to know how units are
carried out and kept.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...engine.plan import AccountTarget, Plan
from ...errors import UsageError
from ...results.events import Event
from .corpus import CorpusKeeper, corpus_option, with_corpus
from .execution import ConsoleStyle, carry_out
from .help import GroupedCommand
from .options import RateType, ShardType
from .planning import plan_options, planned
from .reporting import parse_reports

if TYPE_CHECKING:
    from ...engine.campaign.conduct import Conditions, Standing

    _DurationParam = click.ParamType[float]
else:
    _DurationParam = click.ParamType

__all__ = ["campaign"]

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# Where nobody sits at a terminal, a line now and then is enough.
_LINE = 60.0
_EXAMPLES = {
    "aws-conformance campaign '*' --target moto --for 8h": "overnight, over everything, on this machine",
    "aws-conformance campaign sqs --target moto --scheduler tcp://127.0.0.1:8786": "on a Dask cluster",
}


class DurationType(_DurationParam):
    """A time such as `90s`, `30m`, `8h` or `2d`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd]?)", str(value))
        seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
        if not seconds:
            self.fail(f"{value!r} is no time; write it as 90s, 30m, 8h or 2d.", param, ctx)
        return seconds


@click.command(cls=GroupedCommand, examples=_EXAMPLES)
@plan_options
@click.option("--for", "seconds", type=DurationType(), metavar="TIME", help="End after this time: 8h.")
@click.option(
    "--rounds",
    type=click.IntRange(0),
    metavar="N",
    help="Rounds of further random cases of each operation after the plan is through; with --for, no end.",
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("aws-conformance-campaign"),
    show_default=True,
    metavar="DIR",
    help="Where the campaign is kept; one that is there goes on.",
)
@click.option(
    "--cuts",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="Cut the plan into so many units of work; as many as operations, and 8 at least.",
)
@click.option("--scheduler", default="", metavar="ADDRESS", help="Use the workers of this Dask scheduler.")
@click.option(
    "--shard",
    type=ShardType(),
    default="1/1",
    metavar="I/N",
    help="Leave the other units to N - 1 other campaigns; `report merge` makes one of them.",
)
@corpus_option
@click.option("--rate", type=RateType(), metavar="N", help="Send no more than N requests a second.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Known violations, which don't fail."
)
@click.option(
    "--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Write a report; `-` is stdout."
)
@click.option("-v", "--verbose", is_flag=True, help="Tell every finding in full, with boto3 and curl.")
@click.option("-q", "--quiet", is_flag=True, help="Tell the verdict alone, and why.")
@click.option("--no-color", is_flag=True, help="No colors; so does the variable NO_COLOR.")
def campaign(
    selectors: Sequence[str],
    seconds: float | None,
    rounds: int | None,
    folder: Path,
    cuts: int | None,
    scheduler: str,
    shard: tuple[int, int],
    rate: float | None,
    corpus: Path | None,
    baseline: Path | None,
    reports: Sequence[str],
    verbose: bool,
    quiet: bool,
    no_color: bool,
    **settings: Any,
) -> int:
    """Check operations for hours, on all processors or many machines, and go on after any kill.

    \b
    The same command goes on with a campaign that was killed. Without --for and --rounds it ends when the
    plan is through. exit: as of `run`
    """
    from ...engine.campaign.conduct import Conditions

    requested = parse_reports(reports)
    known = str(baseline) if baseline is not None else None
    plan = replace(planned(selectors, {**settings, "baseline": known}), rate=rate)
    if isinstance(plan.target, AccountTarget):
        raise UsageError("A campaign is for targets of your own, and not for AWS.", "Use `run`.")
    workers = plan.workers if settings["workers"] is not None else max(plan.workers, os.cpu_count() or 1)
    conditions = Conditions(folder, seconds, rounds, scheduler, workers, cuts, shard)
    engine = partial(_engine, conditions, _Watcher(quiet=quiet))
    keeper = CorpusKeeper(corpus) if corpus is not None else None
    if corpus is not None:
        plan = with_corpus(plan, corpus)
    code = carry_out(engine, plan, requested, look=ConsoleStyle(verbose, quiet, not no_color), learner=keeper)
    if keeper is not None:
        keeper.close()
    return code


def _engine(conditions: Conditions, watcher: _Watcher, plan: Plan, emit: Callable[[Event], None]) -> int:
    from ...engine.campaign.conduct import campaign as conducted
    from ...engine.campaign.worker import carry_out_unit

    try:
        return conducted(plan, emit, conditions, watcher.look, carry_out_unit)
    finally:
        watcher.close()


class _Watcher:
    """Tells on standard error how a campaign goes: one line that changes, or now and then a line."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._last = -_LINE
        self._open = False

    def look(self, standing: Standing) -> None:
        if standing.incident:
            self.close()
            click.echo(f"{_clock()} {standing.incident}", err=True)
        if self._quiet:
            return
        if self._terminal:
            click.echo(f"\r\x1b[K{_line(standing)}", err=True, nl=False)
            self._open = True
        elif standing.elapsed - self._last >= _LINE:
            self._last = standing.elapsed
            click.echo(f"{_clock()} {_line(standing)}", err=True)

    def close(self) -> None:
        """End the line that changes."""
        if self._open:
            click.echo("", err=True)
            self._open = False


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def _line(standing: Standing) -> str:
    progress = standing.progress
    units = f"{progress.units}" + (f" of {standing.planned}" if standing.planned is not None else "")
    coverage = f", coverage {progress.coverage:.0%}" if progress.coverage is not None else ""
    deaths = f", {progress.deaths} deaths of the target" if progress.deaths else ""
    return (
        f"{standing.elapsed:.0f} s: units {units}, {progress.cases} cases ({standing.rate:.0f}/s){coverage}, "
        f"{standing.causes} causes, {standing.fresh} of them new in the last hour{deaths}"
    )
