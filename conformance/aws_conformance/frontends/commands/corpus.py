# SPDX-License-Identifier: Apache-2.0
"""`corpus`: what earlier runs found worth keeping, listed, added to, made smaller, merged.

It owns the words of the commands, and how a plan gets the corpus of a folder. It refuses to know what makes a
case worth keeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...engine.plan import Plan, RecordedTarget
from ...errors import UsageError
from ...results.events import CaseFinished, Event, Reported, Reproduction

__all__ = ["CorpusKeeper", "corpus", "corpus_option", "with_corpus"]

_FOLDER = click.Path(path_type=Path)


def corpus_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the option `--corpus`."""
    return click.option(
        "--corpus",
        type=_FOLDER,
        metavar="DIR",
        help="Send the cases of this folder first, and add those that show something new.",
    )(function)


def with_corpus(plan: Plan, folder: Path) -> Plan:
    """The plan with what a folder has of its operations; nothing where there is no folder yet."""
    from ...results.corpus_files import read_corpus

    if plan.record or isinstance(plan.target, RecordedTarget):
        raise UsageError(
            "A recording is of one operation after the other, and goes with no --corpus.", "Leave one out."
        )
    by_operation: dict[str, list[Reproduction]] = {}
    for case in read_corpus(folder) if folder.exists() else ():
        if case.case.operation in plan.operations:
            by_operation.setdefault(case.case.operation, []).append(case.reproduction)
    return replace(plan, corpus={name: tuple(cases) for name, cases in by_operation.items()})


class CorpusKeeper:
    """Listens to a run, and adds to a folder what of it is worth keeping."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events: list[Event] = []

    def __call__(self, event: Event) -> None:
        # Of cases only those that may be the first of something; a long run has many others.
        if isinstance(event, Reported) or (isinstance(event, CaseFinished) and event.case.repeatable):
            self._events.append(event)

    def close(self) -> None:
        """Write what is new into the folder."""
        _add(self._folder, (self._events,))


@click.group()
def corpus() -> None:
    """Cases that were worth something, kept in a folder for the next run."""


@corpus.command("ls")
@click.argument("folder", metavar="DIR", type=_FOLDER)
def listed(folder: Path) -> int:
    """List the cases, each with what it shows."""
    from ...results.corpus import listing
    from ...results.corpus_files import read_corpus
    from ...results.reports.escape import printable

    cases = read_corpus(folder)
    for line in listing(cases):
        click.echo(printable(line))
    click.echo(f"{len(cases)} cases")
    return 0


@corpus.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("runs", metavar="RUN.ndjson...", nargs=-1, required=True, type=_FOLDER)
def add(folder: Path, runs: Sequence[Path]) -> int:
    """Add what runs found, from their NDJSON: cases that show something which none in DIR shows."""
    from ...results.reports.merge import as_far_as_seen
    from ...results.reports.ndjson import read_log

    logs = [read_log(run) for run in runs]
    _add(folder, (log.events if log.footer is not None else as_far_as_seen(log) for log in logs))
    return 0


@corpus.command("min")
@click.argument("folder", metavar="DIR", type=_FOLDER)
def minimise(folder: Path) -> int:
    """Delete all cases that the others make superfluous."""
    from ...results.corpus import minimised
    from ...results.corpus_files import read_corpus, write_corpus

    cases = read_corpus(folder)
    fewest = minimised(cases)
    write_corpus(folder, fewest)
    click.echo(f"{len(fewest)} of {len(cases)} cases are enough")
    return 0


@corpus.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("others", metavar="DIR...", nargs=-1, required=True, type=_FOLDER)
def merge(folder: Path, others: Sequence[Path]) -> int:
    """Add to the first folder what the others show and it does not."""
    from ...results.corpus import united
    from ...results.corpus_files import read_corpus, write_corpus

    before = read_corpus(folder) if folder.exists() else ()
    cases = before
    for other in others:
        cases = united(cases, read_corpus(other))
    write_corpus(folder, cases)
    click.echo(_grown(len(before), len(cases)))
    return 0


def _add(folder: Path, runs: Iterable[Iterable[Event]]) -> None:
    from ...results.corpus import corpus_of, united
    from ...results.corpus_files import read_corpus, write_corpus

    before = read_corpus(folder) if folder.exists() else ()
    cases = before
    for events in runs:
        cases = united(cases, corpus_of(events))
    write_corpus(folder, cases)
    click.echo(_grown(len(before), len(cases)), err=True)


def _grown(before: int, after: int) -> str:
    return f"Corpus: {after} cases, {after - before} of them new"
