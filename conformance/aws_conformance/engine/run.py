# SPDX-License-Identifier: Apache-2.0
"""A whole run: shards of operations, worker processes, the merge of what has one cause, the exit code.

It owns the order of events and the verdict. It refuses to know what happens within an operation.
"""

from __future__ import annotations

import functools
import multiprocessing
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from ..checks.extensions import load_extensions
from ..errors import ConformanceError
from ..results.baseline import watched
from ..results.event_json import event_from_json, event_to_json
from ..results.events import (
    CaseFinished,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    RunFinished,
    RunStarted,
    Verified,
    WaitStarted,
)
from ..results.terms import at_least
from ..results.verdict import decide, merged
from ..spec.model_files import add_models
from .command import run_command_target
from .explore import exploration_of
from .head import check_plan, head_of, narrowed
from .opening import opened
from .orphans import begin_worker, packed
from .plan import AwsCliTarget, Plan, RecordedTarget
from .schedule import carry_out, replay_first
from .shards import shards

__all__ = ["run"]


def run(plan: Plan, emit: Callable[[Event], None], resumed: Iterable[Event] = ()) -> int:
    """Carry out a plan, emit its events, and return the exit code (0, 1 or 4; see docs).

    `resumed` are events of an interrupted run of the same plan: operations that were through are taken
    from them and not explored again.

    Raises UsageError for a plan that can't be carried out, TargetUnreachableError for a target that
    does not answer, before the first event.
    """
    started = time.monotonic()
    load_extensions()
    check_plan(plan)
    plan = narrowed(plan)
    head = head_of(plan)
    gathered = _Gathered(emit, plan, head)
    before = _through(resumed)
    rest = tuple(name for name in plan.operations if name not in before)

    def begin() -> None:
        emit(head)
        for name in plan.operations:
            for event in before.get(name, ()):
                gathered.take(event)

    left = replace(plan, operations=rest)
    parts = shards(left) if rest else []
    try:
        if len(parts) > 1:
            _run_in_processes(left, parts, begin, gathered.take)
        elif rest:
            _run_here(left, begin, gathered.take)
        else:
            begin()
    except KeyboardInterrupt:
        gathered.tell()
        raise
    return gathered.conclude(time.monotonic() - started)


def _through(events: Iterable[Event]) -> dict[str, list[Event]]:
    """By operation, the events of those that were through when a run was interrupted."""
    by_operation: dict[str, list[Event]] = {}
    done: set[str] = set()
    for event in events:
        match event:
            case CaseFinished():
                by_operation.setdefault(event.case.operation, []).append(event)
            case OperationStarted() | OperationFinished():
                by_operation.setdefault(event.operation, []).append(event)
                if isinstance(event, OperationFinished):
                    done.add(event.operation)
            case RunStarted() | Reported() | RunFinished() | WaitStarted():
                pass
            case _:
                assert_never(event)
    return {name: events for name, events in by_operation.items() if name in done}


def _run_here(plan: Plan, begin: Callable[[], None], emit: Callable[[Event], None]) -> None:
    deadline = time.monotonic() + plan.max_time if plan.max_time is not None else None
    failures = _Failures(emit, plan)
    emit = failures.take

    def expired() -> bool:
        return failures.enough or (deadline is not None and time.monotonic() > deadline)

    if isinstance(plan.target, AwsCliTarget):
        run_command_target(plan, plan.target, begin, emit, expired)
        return
    with opened(plan) as session:
        begin()

        def over() -> bool:
            if failures.enough:
                session.stopped = f"the run had {plan.max_failures} findings that fail it"
            return expired()

        # A recording holds the requests of one operation after the other.
        sequential = deadline is None or plan.record or isinstance(plan.target, RecordedTarget)
        explorations = [exploration_of(session, plan, name, emit, over) for name in plan.operations]
        replay_first([item for item in explorations if item.standing.name in plan.corpus])
        carry_out(explorations, None if sequential else deadline)


@dataclass(slots=True)
class _Failures:
    """Passes events on, and counts the findings that fail the run; of processes, each counts its own."""

    emit: Callable[[Event], None]
    plan: Plan
    keys: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, event: Event) -> None:
        if isinstance(event, Reported) and at_least(event.violation.severity, self.plan.fail_on):
            known = self.plan.baseline.keys(self.plan.target_name) if self.plan.baseline else frozenset()
            if known.isdisjoint({event.violation.key, event.violation.merged_key}):
                self.keys.add(event.violation.key)
        self.emit(event)

    @property
    def enough(self) -> bool:
        """Whether there are as many as the plan stops at."""
        return self.plan.max_failures is not None and len(self.keys) >= self.plan.max_failures


def _worker(plan: Plan, outbox: Any) -> None:
    """The body of a worker process: its events travel as plain data, its end as a last message."""
    try:
        add_models(plan.models)
        load_extensions()
        _run_here(
            plan,
            lambda: outbox.put(("begun", None)),
            lambda event: outbox.put(("event", event_to_json(event))),
        )
    except ConformanceError as error:
        outbox.put(("failed", error))
    except KeyboardInterrupt:
        outbox.put(("done", None))
    else:
        outbox.put(("done", None))


def _run_in_processes(
    plan: Plan, parts: list[Plan], start: Callable[[], None], emit: Callable[[Event], None]
) -> None:
    # Spawned, not forked: a worker is rebuilt from plain data and inherits no connection and no lock.
    context = multiprocessing.get_context("spawn")
    outbox = context.Queue()
    workers = [
        context.Process(target=begin_worker, args=(packed(_worker, part), outbox), daemon=False)
        for part in parts
    ]
    for worker in workers:
        worker.start()
    try:
        for kind, content in _messages(outbox, workers):
            if kind == "begun":
                start()
                start = _nothing
            elif kind == "event":
                emit(event_from_json(content))
            elif kind == "failed":
                raise content
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
            worker.join(timeout=10)


def _nothing() -> None:
    return None


def _messages(outbox: Any, workers: list[Any]) -> Iterator[tuple[str, Any]]:
    """Messages of all workers until each has said its last; a worker that dies silently is an error."""
    running = len(workers)
    while running:
        try:
            kind, content = outbox.get(timeout=1.0)
        except queue.Empty:
            dead = [worker for worker in workers if worker.exitcode not in (None, 0)]
            if dead:
                raise ConformanceError(
                    f"A worker process ended with {dead[0].exitcode} in the middle of its work.",
                    "Run again with --workers 1 to see why.",
                ) from None
            continue
        if kind == "done":
            running -= 1
        else:
            yield kind, content


@dataclass
class _Gathered:
    """Events of all shards on their way out; findings wait until one cause can be one finding."""

    emit: Callable[[Event], None]
    plan: Plan
    head: RunStarted
    findings: dict[str, list[Reported]] = field(default_factory=dict)
    operations: dict[str, OperationFinished] = field(default_factory=dict)
    verified: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        match event:
            case Reported():
                self.findings.setdefault(event.operations[0], []).append(event)
            case OperationFinished():
                self._close(event)
            case CaseFinished(case=case, outcome=Verified()):
                if case.repeatable and case.id in self._watched:
                    self.verified.add(case.id)
                self.emit(event)
            case _:
                self.emit(event)

    @functools.cached_property
    def _watched(self) -> frozenset[str]:
        return watched(self.plan.baseline) if self.plan.baseline else frozenset()

    def _close(self, event: OperationFinished) -> None:
        """An operation is through: its event takes its findings along, so that it stands for itself."""
        listed = self.plan.baseline.of(self.head.target).unreached if self.plan.baseline else {}
        excused = event.operation in listed.get(self.head.target, ())
        own = (*event.findings, *self.findings.pop(event.operation, ()))
        event = replace(event, findings=own, excused=excused and event.implemented and not event.reached)
        self.operations[event.operation] = event
        self.emit(event)

    def tell(self) -> None:
        """What was found so far, for a run that ends before its time."""
        own = (finding for operation in self.operations.values() for finding in operation.findings)
        for finding in merged(own, self.head.operations):
            self.emit(finding)

    def conclude(self, elapsed: float) -> int:
        verdict = decide(
            self.head,
            self.operations,
            baseline=self.plan.baseline,
            verified=frozenset(self.verified),
        )
        for finding in verdict.findings:
            self.emit(finding)
        self.emit(RunFinished(verdict.exit, verdict.reasons, elapsed, verdict.complaints))
        return verdict.exit
