"""A whole run: shards of operations, worker processes, the merge of what has one cause, the exit code.

It owns the order of events and the verdict. It refuses to know what happens within an operation.
"""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from ..compiled import compiled_service
from ..errors import ConformanceError, UsageError, did_you_mean
from ..models import model_version
from ..outcomes import (
    Event,
    OperationFinished,
    Reported,
    RunFinished,
    RunStarted,
    at_least,
    event_from_json,
    event_to_json,
)
from ..plan import Plan, target_name
from ..resources import recipe_for
from .explore import explore, selected_checks
from .session import opened

__all__ = ["run", "shards"]


def run(plan: Plan, emit: Callable[[Event], None]) -> int:
    """Carry out a plan, emit its events, and return the exit code (0, 1 or 4; see docs).

    Raises UsageError for a plan that can't be carried out, TargetUnreachableError for a target that
    does not answer, before the first event.
    """
    started = time.monotonic()
    _check(plan)
    gathered = _Gathered(emit, plan)
    head = RunStarted(
        target=target_name(plan.target),
        seed=plan.seed,
        phases=plan.phases,
        operations=plan.operations,
        versions=_versions(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    parts = shards(plan)
    if len(parts) > 1:
        _run_in_processes(plan, parts, lambda: emit(head), gathered.take)
    else:
        _run_here(plan, lambda: emit(head), gathered.take)
    return gathered.conclude(time.monotonic() - started)


def shards(plan: Plan) -> list[Plan]:
    """The plan cut by operation for its workers; what is exclusive to one operation at a time stays together.

    Operations go round the workers in order, so that equal plans make equal shards.
    """
    groups: dict[str, list[str]] = {}
    for name in plan.operations:
        service_name, _, operation_name = name.partition(":")
        service = compiled_service(service_name, plan.protocol).service
        exclusive = recipe_for(service, service.operations[operation_name]).exclusive
        key = f"{service_name} {exclusive}" if exclusive else name
        groups.setdefault(key, []).append(name)
    count = max(1, min(plan.workers, len(groups)))
    hands: list[list[str]] = [[] for _ in range(count)]
    for index, group in enumerate(groups.values()):
        hands[index % count].extend(group)
    return [replace(plan, operations=tuple(hand), workers=1) for hand in hands]


def _check(plan: Plan) -> None:
    """Everything about a plan that can be wrong before anything is sent."""
    if not plan.operations:
        raise UsageError("No operation is selected.", "`aws-conformance plan '*'` lists what there is.")
    selected_checks(plan)
    for name in plan.operations:
        service, _, operation = name.partition(":")
        compiled = compiled_service(service, plan.protocol)
        if operation not in compiled.service.operations:
            hint = did_you_mean(operation, compiled.service.operations)
            raise UsageError(f"{service} has no operation {operation!r}.", hint)
        assert compiled.codec is not None  # raises UsageError where there is none


def _run_here(plan: Plan, begin: Callable[[], None], emit: Callable[[Event], None]) -> None:
    deadline = time.monotonic() + plan.max_time if plan.max_time is not None else None
    with opened(plan) as session:
        begin()
        for name in plan.operations:
            service, _, operation = name.partition(":")
            compiled = compiled_service(service, plan.protocol)
            explore(
                session,
                compiled,
                compiled.operation(operation),
                plan,
                emit,
                expired=lambda: deadline is not None and time.monotonic() > deadline,
            )


def _worker(plan: Plan, outbox: Any) -> None:
    """The body of a worker process: its events travel as plain data, its end as a last message."""
    try:
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
    plan: Plan, parts: list[Plan], begin: Callable[[], None], emit: Callable[[Event], None]
) -> None:
    # Spawned, not forked: a worker is rebuilt from plain data and inherits no connection and no lock.
    context = multiprocessing.get_context("spawn")
    outbox = context.Queue()
    workers = [context.Process(target=_worker, args=(part, outbox), daemon=False) for part in parts]
    for worker in workers:
        worker.start()
    try:
        for kind, content in _messages(outbox, workers):
            if kind == "begun":
                begin()
                begin = _nothing
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


@dataclass(slots=True)
class _Gathered:
    """Events of all shards on their way out; findings wait until one cause can be one finding."""

    emit: Callable[[Event], None]
    plan: Plan
    reported: dict[tuple[str, ...], Reported] = field(default_factory=dict)
    operations: dict[str, OperationFinished] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        match event:
            case Reported():
                self._merge(event)
            case OperationFinished():
                self.operations[event.operation] = event
                self.emit(event)
            case _:
                self.emit(event)

    def _merge(self, event: Reported) -> None:
        key = event.violation.key
        known = self.reported.get(key)
        if known is None:
            self.reported[key] = event
            return
        operations = tuple(sorted({*known.operations, *event.operations}, key=self.plan.operations.index))
        # Whichever worker was first, the witness is the first operation's.
        first = min(known, event, key=lambda item: self.plan.operations.index(item.operations[0]))
        self.reported[key] = replace(first, count=known.count + event.count, operations=operations)

    def conclude(self, elapsed: float) -> int:
        order = {name: index for index, name in enumerate(self.plan.operations)}
        findings = sorted(
            self.reported.values(),
            key=lambda item: (order[item.operations[0]], item.violation.check, item.violation.path),
        )
        for finding in findings:
            self.emit(finding)
        code, reasons = self._verdict()
        self.emit(RunFinished(code, tuple(reasons), elapsed))
        return code

    def _verdict(self) -> tuple[Literal[0, 1, 4], list[str]]:
        failing = [
            item for item in self.reported.values() if at_least(item.violation.severity, self.plan.fail_on)
        ]
        reached = [item for item in self.operations.values() if item.reached]
        unreached = [item for item in self.operations.values() if item.implemented and not item.reached]
        reasons = []
        if failing:
            plural = "s" if len(failing) > 1 else ""
            reasons.append(f"{len(failing)} violation{plural} at severity {self.plan.fail_on} or above")
        if not reached:
            reasons.append("no operation was reached, so nothing was verified")
        reasons.extend(f"{item.operation} was not reached: {item.unreached}" for item in unreached)
        if failing:
            return 1, reasons
        return (4, reasons) if reasons else (0, ["every implemented operation was reached and conforms"])


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    names = ("aws-conformance", "hypothesis", "jsonschema", "jsonschema-rs")
    return {"aws-conformance": version(names[0]), "botocore": model_version(), "python": _python()} | {
        name: version(name) for name in names[1:]
    }


def _python() -> str:
    import platform

    return platform.python_version()
