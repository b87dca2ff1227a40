# SPDX-License-Identifier: Apache-2.0
"""`baseline update` and `baseline prune`: a file of known violations brought in line with a run.

It owns what the two commands change; it refuses to know how the file is written (results/baseline_yaml.py)
and what a run amounts to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from ...errors import UsageError
from ...files import locked, read_text, replace_file
from ...results.baseline import Judged, judge, known_from, watched
from ...results.events import (
    CaseFinished,
    Event,
    OperationFinished,
    Reported,
    RunFinished,
    RunStarted,
    Verified,
)
from ...results.known import Baseline, names_target
from ...results.terms import Severity, at_least
from .execution import carry_out
from .planning import plan_options, planned

__all__ = ["baseline"]

_INTERRUPTED = 130
# An entry names this many cases: enough to tell that a violation is gone, few enough to be read.
_CASES = 3


@click.group()
def baseline() -> None:
    """Keep a file of known violations, which a run with --baseline does not fail on."""


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The file, and the run: one that is made now by the options of `run`, or one that was written down."""
    source = click.option(
        "--from", "run", type=click.Path(path_type=Path), metavar="RUN.ndjson", help="Take this run."
    )
    file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
    decorated: Callable[..., Any] = file(plan_options(source(function)))
    return decorated


@baseline.command()
@_shared
@click.option("--reason", default="not looked into yet", metavar="TEXT", help="Why new entries are known.")
@click.option("--link", default="", metavar="URL", help="Where new entries are followed up.")
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The last day of new entries."
)
def update(
    file: Path,
    run: Path | None,
    selectors: Sequence[str],
    reason: str,
    link: str,
    expires: Any,
    **settings: Any,
) -> int:
    """Add what a run shows to FILE, and make FILE if there is none; comments and order stay.

    What is there and shows again gets its cases brought up to date. Nothing is taken out: see `prune`.
    """
    from ...results.baseline_yaml import EMPTY, edited

    if not reason.strip():
        raise UsageError("An entry needs a reason.", "Say why it is known with --reason.")
    text = _text(file) if file.exists() else EMPTY
    seen, before = _seen(file, text, run, selectors, settings)
    if seen is None:
        return _INTERRUPTED
    day = expires.date().isoformat() if expires is not None else ""
    changed_baseline, added = _updated(before, seen, reason=reason.strip(), link=link, expires=day)
    changed = edited(text, changed_baseline, source=str(file), target=seen.target)
    _save(file, changed, text)
    unchanged = len(changed_baseline.known) - added
    click.echo(f"{file}: {added} added, {unchanged} kept{'' if changed != text else '; nothing changed'}")
    return 0


@baseline.command()
@_shared
def prune(file: Path, run: Path | None, selectors: Sequence[str], **settings: Any) -> int:
    """Take out of FILE what a run shows to be stale; comments and order of the rest stay."""
    from ...results.baseline_yaml import edited

    text = _text(file)
    seen, before = _seen(file, text, run, selectors, settings)
    if seen is None:
        return _INTERRUPTED
    stale = seen.judged(before).stale
    reached = {name for name, finished in seen.operations.items() if finished.reached}
    unreached = {
        named: tuple(name for name in names if name not in reached)
        if names_target(named, seen.target)
        else names
        for named, names in before.unreached.items()
    }
    known = tuple(entry for entry in before.known if entry not in stale)
    pruned = replace(before, known=known, unreached=unreached)
    _save(file, edited(text, pruned, source=str(file), target=seen.target), text)
    listed = sum(map(len, before.unreached.values())) - sum(map(len, unreached.values()))
    more = f", {listed} reached by now" if listed else ""
    click.echo(f"{file}: {len(stale)} stale taken out{more}, {len(pruned.known)} kept")
    return 0


@dataclass(slots=True)
class _RunSeen:
    """What a run said, as far as a baseline is concerned."""

    cases: frozenset[str]
    head: RunStarted | None = None
    finished: RunFinished | None = None
    findings: list[Reported] = field(default_factory=list)
    operations: dict[str, OperationFinished] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.head = event
            case RunFinished():
                self.finished = event
            case Reported():
                self.findings.append(event)
            case OperationFinished():
                self.operations[event.operation] = event
            case CaseFinished(case=case, outcome=Verified()) if case.id in self.cases:
                if case.repeatable:
                    self.verified.add(case.id)
            case _:
                pass

    @property
    def target(self) -> str:
        return self.head.target if self.head else ""

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.head.settings if self.head else {}

    def judged(self, baseline: Baseline) -> Judged:
        assert self.head is not None
        return judge(
            baseline,
            self.findings,
            self.operations,
            target=self.target,
            today=self.head.started[:10],
            verified=self.verified,
            settings=self.settings,
        )


def _seen(
    file: Path, text: str, run: Path | None, selectors: Sequence[str], settings: Mapping[str, Any]
) -> tuple[_RunSeen | None, Baseline]:
    """The run and the baseline as it stands; no run if it was interrupted."""
    from ...results.baseline_yaml import parse_baseline

    before = parse_baseline(text, source=str(file))
    seen = _RunSeen(watched(before))
    if run is not None:
        run_options = [name for name, value in settings.items() if value not in (None, ())]
        if run_options or selectors:
            raise UsageError("Options of a run are given beside --from.", "Give one of the two.")
        _read(run, seen)
        return seen, before
    from ...engine.run import run as engine

    # The file itself must not excuse anything here: what it says is being compared.
    plan = replace(planned(selectors, settings), baseline=None)
    carry_out(engine, plan, (), listener=seen.take)
    through = seen.finished is not None and seen.finished.exit != _INTERRUPTED
    return (seen if through else None), before


def _read(run: Path, seen: _RunSeen) -> None:
    from ...results.reports.ndjson import read_log

    log = read_log(run)
    if not log.complete:
        raise UsageError(
            f"{run} is of a run that was cut off.", "Finish it with `aws-conformance run --resume`."
        )
    for event in log.events:
        seen.take(event)


def _updated(
    before: Baseline, seen: _RunSeen, *, reason: str, link: str, expires: str
) -> tuple[Baseline, int]:
    """The baseline with what the run shows, and the number of new entries."""
    fail_on: Severity = seen.settings.get("fail_on", "error")
    by_key = {finding.violation.merged_key: finding for finding in reversed(seen.findings)}
    by_key |= {finding.violation.key: finding for finding in seen.findings}
    known = []
    for entry in before.known:
        finding = by_key.get(entry.key) if names_target(entry.target, seen.target) else None
        cases = finding.cases[:_CASES] if finding is not None else ()
        known.append(replace(entry, cases=cases) if cases else entry)
    covered = {entry.key for entry in known if names_target(entry.target, seen.target)}
    named = _named(before, seen.target)
    new = [
        known_from(
            reported.violation,
            target=named,
            reason=reason,
            link=link,
            expires=expires,
            cases=reported.cases[:_CASES],
        )
        for reported in seen.findings
        if at_least(reported.violation.severity, fail_on)
        and not covered & {reported.violation.key, reported.violation.merged_key}
    ]
    operations = seen.operations.values()
    # What succeeded only in violation of something is reached once the baseline knows the violation.
    reached = [tally.operation for tally in operations if tally.reached or tally.succeeded]
    unreached = [
        tally.operation for tally in operations if tally.implemented and tally.operation not in reached
    ]
    return Baseline(
        (*known, *new),
        _listed(before.reached, named, seen, reached),
        _listed(before.unreached, named, seen, unreached),
        before.source,
    ), len(new)


def _named(before: Baseline, target: str) -> str:
    """How the file calls the target: as it did before, or by its whole name."""
    names = (*(entry.target for entry in before.known), *before.reached, *before.unreached)
    return next((name for name in names if names_target(name, target)), target)


def _listed(
    lists: Mapping[str, tuple[str, ...]], named: str, seen: _RunSeen, now: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Lists of operations with those of this run in the place of what was said of them before."""
    lists_now = {
        target: tuple(name for name in names if name not in seen.operations or name in now)
        if names_target(target, seen.target)
        else names
        for target, names in lists.items()
    }
    listed = {
        name for target, names in lists_now.items() if names_target(target, seen.target) for name in names
    }
    added = tuple(name for name in now if name not in listed)
    if added:
        lists_now[named] = (*lists_now.get(named, ()), *added)
    return lists_now


def _text(file: Path) -> str:
    try:
        return read_text(file)
    except OSError as error:
        hint = f"Make it with `aws-conformance baseline update {file}`."
        raise UsageError(f"The baseline {file} cannot be read: {error.strerror}.", hint) from None
    except UnicodeDecodeError:
        raise UsageError(f"The baseline {file} is not UTF-8.") from None


def _save(file: Path, text: str, before: str) -> None:
    """Write the file. Raises UsageError if it is no longer what it was: the change was made of that."""
    from ...results.baseline_yaml import EMPTY

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with locked(file.parent):
            now = read_text(file) if file.exists() else EMPTY
            if now != before:
                raise UsageError(f"{file} was changed by somebody else meanwhile.", "Do it again.")
            replace_file(file, text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None
