# SPDX-License-Identifier: Apache-2.0
"""Several runs as one: shards, runs with other seeds, the same run twice; with one verdict.

It owns which runs fit together, what they amount to and what of them is missing. It refuses to know where
their events are kept, and what shares of one operation amount to (joined.py).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...errors import UsageError
from ..events import (
    CaseFinished,
    CaseInfo,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    RunFinished,
    RunStarted,
    tallied_as,
)
from ..joined import beyond_cases, counted, joined, with_reach
from ..verdict import Verdict, decide, merged
from .ndjson import Log

__all__ = ["as_far_as_seen", "merge"]

_INTERRUPTED = 130
# What of a run's settings is of its shard; all others have to be the same.
_OF_SHARDS = ("selected", "shards")


@dataclass(frozen=True, slots=True)
class _Share:
    """What one run has of one operation."""

    finished: OperationFinished
    cases: tuple[CaseFinished, ...]


def merge(logs: Sequence[Log]) -> Iterator[Event]:
    """The events of one run that did what all of these did. Raises UsageError for runs that don't fit.

    Cases that several runs have count once, by their ids, so that a run merged with itself is itself. What is
    missing is among the reasons of the verdict, which is no 0 then.
    """
    logs = _different(sorted(logs, key=_place))
    _fit(logs)
    head = _head(logs)
    missing = [*_missing_shards(head), *_missing_operations(logs)]
    yield head
    operations: dict[str, OperationFinished] = {}
    shares = _shares(logs)
    for name in head.operations:
        if name in shares:
            cases, finished = _joined(shares[name], complete="shards" not in head.settings)
            operations[name] = finished
            yield OperationStarted(name, finished.cases)
            yield from cases
            yield finished
    excused = {
        event.violation.key: event.baseline
        for log in logs
        for event in log.events
        if isinstance(event, Reported) and event.baseline
    }
    footers = [log.footer for log in logs if log.footer is not None]
    complaints = dict.fromkeys(line for footer in footers for line in footer.complaints)
    verdict = decide(head, operations, baseline=None, excused=excused, complaints=complaints)
    yield from verdict.findings
    yield _end(verdict, missing, sum(footer.elapsed for footer in footers))


def as_far_as_seen(log: Log) -> Iterator[Event]:
    """The events of a run that was cut off, with an end: what was found until then, and no verdict."""
    operations: dict[str, OperationFinished] = {}
    reported = False
    for event in log.events:
        yield event
        reported = reported or isinstance(event, Reported)
        if isinstance(event, OperationFinished):
            operations[event.operation] = event
    if not reported:
        own = (finding for operation in operations.values() for finding in operation.findings)
        yield from merged(own, log.header.operations)
    yield RunFinished(_INTERRUPTED, ("Cut off: this is only what was seen until then.",), 0.0)


def _different(logs: Sequence[Log]) -> list[Log]:
    """The logs without those of a run that is there already."""
    different: list[Log] = []
    for log in logs:
        if all(
            (known.header, known.footer) != (log.header, log.footer) or not log.complete
            for known in different
        ):
            different.append(log)
    return different


def _place(log: Log) -> tuple[object, ...]:
    """By what runs are ordered, however they are listed: seeds, then shards in the order of their cases."""
    shards = log.header.settings.get("shards", {}).get(str(log.header.seed), ())
    return (log.header.seed, [_numbers(shard) for shard in shards], log.header.started, log.path)


def _numbers(shard: str) -> tuple[float, int]:
    """Where a shard begins among all cases, and of how many it is."""
    index, _, count = shard.partition("/")
    return ((int(index) - 1) / int(count), int(count))


def _head(logs: Sequence[Log]) -> RunStarted:
    first = logs[0].header
    names = dict.fromkeys(name for log in logs for name in log.header.operations)
    settings = {name: value for name, value in first.settings.items() if name not in (*_OF_SHARDS, "seeds")}
    seeds = sorted(
        {seed for log in logs for seed in (log.header.seed, *log.header.settings.get("seeds", ()))}
    )
    shards = _shards(logs)
    if shards:
        settings |= {
            "shards": shards,
            "selected": max(log.header.settings.get("selected", 0) for log in logs),
        }
    if len(seeds) > 1:
        settings["seeds"] = seeds
    return replace(
        first,
        operations=tuple(names),
        started=min(log.header.started for log in logs),
        settings=settings,
    )


def _shards(logs: Sequence[Log]) -> dict[str, list[str]]:
    """By seed, the shards that there are of it; without seeds of which there is everything."""
    by_seed: dict[str, set[str]] = {}
    complete: set[str] = set()
    for log in logs:
        settings = log.header.settings
        partial = settings.get("shards", {})
        complete |= {str(seed) for seed in (log.header.seed, *settings.get("seeds", ()))} - set(partial)
        for seed, shards in partial.items():
            # What is left of a shard that was cut off is taken, and the shard is missing all the same.
            by_seed.setdefault(seed, set()).update(shards if log.complete else ())
    return {
        seed: sorted(shards, key=_numbers)
        for seed, shards in sorted(by_seed.items())
        if seed not in complete and _lacking(shards)
    }


def _lacking(shards: Iterable[str]) -> list[str]:
    """The shards that are not there, of the cut of which the most are; none if any cut is complete."""
    there: dict[int, set[int]] = {}
    for shard in shards:
        index, _, count = shard.partition("/")
        there.setdefault(int(count), set()).add(int(index))
    lacking = [
        [f"{index}/{count}" for index in range(1, count + 1) if index not in indices]
        for count, indices in sorted(there.items())
    ]
    return min(lacking, key=len, default=[])


def _missing_shards(head: RunStarted) -> Iterator[str]:
    for seed, shards in head.settings.get("shards", {}).items():
        lacking = _lacking(shards)
        total = head.settings.get("selected", 0)
        listed = ", ".join(f"{shard}{_stretch(shard, total)}" for shard in lacking)
        yield f"missing of seed {seed}: shard{'' if len(lacking) == 1 else 's'} {listed}"


def _stretch(shard: str, total: int) -> str:
    """Which operations a shard has, by their numbers among all that were selected."""
    index, count = map(int, shard.split("/"))
    first, last = total * (index - 1) // count + 1, -(-total * index // count)
    if not total:
        return ""
    numbers = f"{first}" if first == last else f"{first} to {last}"
    return f" (operation{'' if first == last else 's'} {numbers} of {total})"


def _missing_operations(logs: Sequence[Log]) -> Iterator[str]:
    """Operations that a run was to have and that no run brought to their end."""
    through = {
        event.operation for log in logs for event in log.events if isinstance(event, OperationFinished)
    }
    for log in logs:
        lacking = [name for name in log.header.operations if name not in through]
        if lacking:
            more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
            yield f"missing: {', '.join(lacking[:3])}{more}, which {log.path} did not come to the end of"


def _shares(logs: Sequence[Log]) -> dict[str, list[_Share]]:
    """By operation, what each run has of it; what a run did not bring to an end is left out."""
    shares: dict[str, list[_Share]] = {}
    for log in logs:
        cases: dict[str, list[CaseFinished]] = {}
        for event in log.events:
            if isinstance(event, CaseFinished):
                cases.setdefault(event.case.operation, []).append(event)
            elif isinstance(event, OperationFinished):
                share = _Share(event, tuple(cases.pop(event.operation, ())))
                shares.setdefault(event.operation, []).append(share)
    return shares


def _joined(shares: Sequence[_Share], *, complete: bool) -> tuple[Iterable[CaseFinished], OperationFinished]:
    """The cases of an operation, each once, and the operation itself."""
    finished = functools.reduce(joined, (share.finished for share in shares))
    if len(shares) == 1 and not finished.judged:
        return shares[0].cases, finished
    cases: dict[tuple[str, int], CaseFinished] = {}
    hindsight: list[CaseInfo] = []
    beyond: dict[str, int] = {}
    for share in shares:
        shows = Counter(identifier for event in share.cases for identifier in event.shows)
        for identifier, count in beyond_cases(share.finished, shows).items():
            beyond[identifier] = max(count, beyond.get(identifier, 0))
        times: Counter[str] = Counter()
        for event in share.cases:
            # A history that is chosen by chance may be chosen twice in one run, and then counts twice.
            times[event.case.id] += 1
            key = (event.case.id, times[event.case.id])
            if key not in cases:
                cases[key] = known = with_reach(event, reached=finished.reached)
                if known != event:
                    hindsight.append(event.case)
    counts = Counter(identifier for event in cases.values() for identifier in event.shows)
    counts.update(beyond)
    tally = Counter(tallied_as(event.outcome) for event in cases.values())
    return cases.values(), counted(finished, tally, counts, hindsight, complete=complete)


def _end(verdict: Verdict, missing: Sequence[str], elapsed: float) -> RunFinished:
    """The verdict, which is no 0 where something is missing: nobody knows what that would have shown."""
    code = 4 if missing and verdict.exit == 0 else verdict.exit
    reasons = verdict.reasons if code == verdict.exit else ()
    return RunFinished(code, (*reasons, *missing), elapsed, verdict.complaints)


def _fit(logs: Sequence[Log]) -> None:
    first = logs[0]
    for log in logs:
        for what, (expected, actual) in _settings(first.header, log.header).items():
            if expected != actual:
                raise UsageError(
                    f"{first.path} and {log.path} don't fit: another {what} ({expected} and {actual})."
                )


def _settings(ours: RunStarted, theirs: RunStarted) -> Mapping[str, tuple[Any, Any]]:
    """What two runs must have in common, as both have it."""
    free = (*_OF_SHARDS, "seeds")
    return {
        "target": (ours.target, theirs.target),
        "phases": (list(ours.phases), list(theirs.phases)),
        **{
            f"version of {name}": (ours.versions.get(name), theirs.versions.get(name))
            for name in (*ours.versions, *theirs.versions)
        },
        **{
            name: (ours.settings.get(name), theirs.settings.get(name))
            for name in (*ours.settings, *theirs.settings)
            if name not in free
        },
    }
