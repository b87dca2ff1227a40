"""Several runs as one: shards of a target's operations, run apart, with one verdict.

It owns which runs fit together and what they amount to. It refuses to know where their events are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...errors import UsageError
from ..events import CaseFinished, Event, OperationFinished, OperationStarted, Reported, RunFinished
from ..verdict import decide, merged
from .ndjson import Log

__all__ = ["as_far_as_seen", "merge"]

_INTERRUPTED = 130


def merge(logs: Sequence[Log]) -> Iterator[Event]:
    """The events of one run that did what all of these did. Raises UsageError for runs that don't fit."""
    _fit(logs)
    head = replace(
        logs[0].header,
        operations=tuple(name for log in logs for name in log.header.operations),
        started=min(log.header.started for log in logs),
    )
    yield head
    operations: dict[str, OperationFinished] = {}
    excused: dict[tuple[str, ...], str] = {}
    for log in logs:
        for event in log.events:
            if isinstance(event, OperationFinished):
                operations[event.operation] = event
            if isinstance(event, OperationStarted | CaseFinished | OperationFinished):
                yield event
            elif isinstance(event, Reported) and event.baseline:
                excused[event.violation.key] = event.baseline
    footers = [log.footer for log in logs if log.footer is not None]
    complaints = dict.fromkeys(line for footer in footers for line in footer.complaints)
    verdict = decide(head, operations, baseline=None, excused=excused, complaints=complaints)
    yield from verdict.findings
    elapsed = sum(footer.elapsed for footer in footers)
    yield RunFinished(verdict.exit, verdict.reasons, elapsed, verdict.complaints)


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


def _fit(logs: Sequence[Log]) -> None:
    first = logs[0]
    seen: dict[str, str] = {}
    for log in logs:
        if not log.complete:
            raise UsageError(
                f"{log.path} is of a run that was cut off.", "Finish it with `aws-conformance run --resume`."
            )
        ours, theirs = first.header, log.header
        same = {
            "target": (ours.target, theirs.target),
            "seed": (ours.seed, theirs.seed),
            "phases": (list(ours.phases), list(theirs.phases)),
            **{
                f"version of {name}": (ours.versions.get(name), theirs.versions.get(name))
                for name in (*ours.versions, *theirs.versions)
            },
            **{
                name: (ours.settings.get(name), theirs.settings.get(name))
                for name in (*ours.settings, *theirs.settings)
            },
        }
        for what, (expected, actual) in same.items():
            if expected != actual:
                raise UsageError(
                    f"{first.path} and {log.path} don't fit: another {what} ({expected} and {actual})."
                )
        for name in theirs.operations:
            if name in seen:
                raise UsageError(f"{seen[name]} and {log.path} overlap: both have {name}.")
            seen[name] = log.path
