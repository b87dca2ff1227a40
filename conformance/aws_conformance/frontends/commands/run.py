# SPDX-License-Identifier: Apache-2.0
"""`run`: a plan from options and configuration, and what a resumed run must have in common with its plan.

It refuses to know how the run is carried out (execution.py) and what an event means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ...engine.plan import AwsCliTarget, Plan
from ...errors import UsageError
from ...results.events import Event, OperationFinished
from ...results.known import same_target
from ..target_words import parse_target
from .cleanup import tell_left
from .corpus import CorpusKeeper, corpus_option, with_corpus
from .every_protocol import carry_out_everywhere
from .execution import INTERRUPTED, ConsoleStyle, carry_out
from .help import GroupedCommand
from .options import ALL_PROTOCOLS, RateType, ShardType
from .planning import plan_options, planned
from .reporting import RequestedReport, parse_reports

__all__ = ["run"]

_EXAMPLES = {
    "aws-conformance run cognito-idp --target moto": "all operations of a service, on an installed emulator",
    "aws-conformance run 's3:*Bucket' --target 127.0.0.1:4566": "some of them, on a server that runs",
    "aws-conformance run sqs --start 'python -m mine --port {port}'": "started and stopped by the run",
    "aws-conformance run sqs --target 127.0.0.1:4566 --report html=page.html": "with a page to look at",
    "aws-conformance run sqs --baseline known.yaml -q": "in a gate: what is known does not fail",
}


@click.command(cls=GroupedCommand, examples=_EXAMPLES)
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
    "--against",
    metavar="TARGET",
    help="Send the same to this target, too, and tell where the two differ and who keeps to the documents.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Begin with what this file has learned of the target, and write what the run has learned.",
)
@click.option(
    "--shard",
    type=ShardType(),
    metavar="I/N",
    help="Run the I-th of N equal parts of the plan; `report merge` makes one run of all.",
)
@corpus_option
@click.option("--rate", type=RateType(), metavar="N", help="Send no more than N requests a second.")
@click.option("-v", "--verbose", is_flag=True, help="Tell every finding in full, with boto3 and curl.")
@click.option("-q", "--quiet", is_flag=True, help="Tell the verdict alone, and why.")
@click.option("--no-color", is_flag=True, help="No colors; so does the variable NO_COLOR.")
def run(
    selectors: Sequence[str],
    reports: Sequence[str],
    verbose: bool,
    quiet: bool,
    no_color: bool,
    resume: Path | None,
    baseline: Path | None,
    record: str | None,
    against: str | None,
    plan_file: Path | None,
    shard: tuple[int, int] | None,
    rate: float | None,
    corpus: Path | None,
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
    from ...engine.run import run as engine

    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other.", "Leave one out.")
    requested = parse_reports(reports)
    known = str(baseline) if baseline is not None else None
    plan = replace(planned(selectors, {**settings, "baseline": known}), record=record or "")
    plan = replace(plan, rate=rate) if rate is not None else plan
    look = ConsoleStyle(verbose, quiet, not no_color)
    if shard is not None:
        plan = _shard(plan, shard)
    if plan.protocol == ALL_PROTOCOLS:
        if against is not None:
            raise UsageError("--against compares over one protocol.", "Name it by --protocol.")
        if resume is not None or corpus is not None:
            raise UsageError(
                "--resume and --corpus go on with runs over one protocol.", "Name it by --protocol."
            )
        return carry_out_everywhere(partial(carry_out, look=look), engine, plan, requested)
    resumed = _interrupted(resume, plan, requested) if resume is not None else ()
    if against is not None and (resume, plan_file, corpus) != (None, None, None):
        raise UsageError(
            "--against goes with none of --resume, --plan and --corpus.",
            "Finish the run, then compare the targets.",
        )
    if against is not None:
        return _side_by_side(engine, plan, against, requested, look)
    lessons = _Lessons(plan_file, corpus)
    plan = lessons.applied(plan)
    code = carry_out(engine, plan, requested, look=look, resumed=resumed, learner=lessons.learn)
    lessons.write()
    if plan.ledger:
        tell_left(Path(plan.ledger))
    return code


class _Lessons:
    """What earlier runs have left for this one, and this one leaves: chains in a file, cases in a corpus."""

    def __init__(self, plan_file: Path | None, corpus: Path | None) -> None:
        from ...engine.frozen_chains import read_chains

        self._plan_file = plan_file
        self._corpus = corpus
        self._chains = dict(read_chains(plan_file)) if plan_file is not None else {}
        self._keeper = CorpusKeeper(corpus) if corpus is not None else None

    def applied(self, plan: Plan) -> Plan:
        """The plan with what earlier runs have left."""
        plan = replace(plan, chains=dict(self._chains))
        return with_corpus(plan, self._corpus) if self._corpus is not None else plan

    def learn(self, event: Event) -> None:
        """Listen to the run."""
        if isinstance(event, OperationFinished) and event.chain:
            self._chains[event.operation] = event.chain
        if self._keeper is not None:
            self._keeper(event)

    def write(self) -> None:
        """Leave what was learned to the next run."""
        from ...engine.frozen_chains import write_chains

        if self._plan_file is not None:
            write_chains(self._plan_file, self._chains)
        if self._keeper is not None:
            self._keeper.close()


def _shard(plan: Plan, shard: tuple[int, int]) -> Plan:
    from ...engine.head import narrowed
    from ...engine.shards import shard_of

    if plan.protocol == ALL_PROTOCOLS:
        raise UsageError("--shard cuts runs over one protocol.", "Name it by --protocol.")
    if isinstance(plan.target, AwsCliTarget):
        raise UsageError("--shard cuts no runs of the aws command.", "Select fewer operations.")
    return shard_of(narrowed(plan), *shard)


def _side_by_side(
    engine: Callable[..., int],
    plan: Plan,
    against: str,
    requested: Sequence[RequestedReport],
    look: ConsoleStyle,
) -> int:
    """Run the plan on both targets and tell their differences; the exit code is the first one's."""
    from ...results.differences import compare
    from ...results.reports.differences import side_by_side

    other = replace(plan, target=parse_target(against), name="", baseline=None, record="", compares=True)
    seen: tuple[list[Event], list[Event]] = ([], [])
    code = carry_out(engine, replace(plan, compares=True), requested, look=look, listener=seen[0].append)
    if (
        code != INTERRUPTED
        and carry_out(engine, other, (), look=look, listener=seen[1].append) != INTERRUPTED
    ):
        names = plan.target_name, other.target_name
        click.echo("\n".join(side_by_side(compare(*seen), names, verbose=look.verbose)))
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
