"""`run`: a plan from options and configuration, and what a resumed run must have in common with its plan.

It refuses to know how the run is carried out (execution.py) and what an event means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...engine.plan import Plan
from ...errors import UsageError
from ...results.events import Event, OperationFinished
from ...results.known import same_target
from .execution import carry_out
from .planning import plan_options, planned
from .reporting import RequestedReport, parse_reports

__all__ = ["run"]


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
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Begin with what this file has learned of the target, and write what the run has learned.",
)
@click.option("-v", "--verbose", is_flag=True, help="Tell every finding in full, with boto3 and curl.")
def run(
    selectors: Sequence[str],
    reports: Sequence[str],
    verbose: bool,
    resume: Path | None,
    baseline: Path | None,
    record: str | None,
    plan_file: Path | None,
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
    from ...engine.frozen_chains import read_chains, write_chains
    from ...engine.run import run as engine

    requested = parse_reports(reports)
    known = str(baseline) if baseline is not None else None
    plan = replace(planned(selectors, {**settings, "baseline": known}), record=record or "")
    resumed = _interrupted(resume, plan, requested) if resume is not None else ()
    if plan_file is None:
        return carry_out(engine, plan, requested, verbose=verbose, resumed=resumed)
    chains = dict(read_chains(plan_file))
    plan = replace(plan, chains=dict(chains))

    def learn(event: Event) -> None:
        if isinstance(event, OperationFinished) and event.chain:
            chains[event.operation] = event.chain

    code = carry_out(engine, plan, requested, verbose=verbose, resumed=resumed, learner=learn)
    write_chains(plan_file, chains)
    return code


def _interrupted(path: Path, plan: Plan, requested: Sequence[RequestedReport]) -> tuple[Event, ...]:
    """The events of the run that is to be finished. Raises UsageError if it was a run of another plan."""
    from ...engine.head import head_of
    from ...results.reports.ndjson import read_log

    log = read_log(path)
    if any(report.path is not None and report.path.absolute() == path.absolute() for report in requested):
        raise UsageError(f"{path} would be overwritten by what it is read for.", "Name another report.")
    if log.complete:
        raise UsageError(f"{path} is of a run that came to its end.", "There is nothing to resume.")
    ours, theirs = head_of(plan), log.header
    same: dict[str, tuple[Any, Any]] = {
        "target": (theirs.target, ours.target),
        "operations": (list(theirs.operations), list(ours.operations)),
        "seed": (theirs.seed, ours.seed),
        "phases": (list(theirs.phases), list(ours.phases)),
        **{
            f"version of {name}": (theirs.versions.get(name), version)
            for name, version in ours.versions.items()
        },
        **{name: (theirs.settings.get(name), setting) for name, setting in ours.settings.items()},
    }
    for what, (before, now) in same.items():
        if before != now and not (what == "target" and same_target(before, now)):
            hint = "Resume it with the options that it was begun with."
            if what == "operations":
                raise UsageError(f"{path} is of a run of other operations.", hint)
            raise UsageError(f"{path} is of a run with another {what}: {before}, not {now}.", hint)
    return log.events
