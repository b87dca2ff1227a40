# SPDX-License-Identifier: Apache-2.0
"""A campaign: the units of a plan carried out until all are through or the time is up; its events at the end.

It owns what is still to be done, when it is over, and the verdict. It refuses to know who carries out a unit
(cluster.py), and how results are kept (store.py).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...checks.extensions import load_extensions
from ...errors import TargetUnreachableError, UsageError
from ...results.causes import cause_key
from ...results.events import Event, OperationFinished, RunFinished
from ...results.verdict import decide
from ..head import check_plan, head_of, narrowed
from ..plan import AwsCliTarget, Plan, RecordedTarget
from .cluster import Cluster, Delivery, cluster
from .results import results_of
from .store import CampaignProgress, CampaignStore
from .units import Units

__all__ = ["Conditions", "Standing", "campaign"]

# Cuts of a plan, at least: so many workers always have something to do.
_CUTS = 8
# So often a unit is tried whose target can't be reached, or that takes its workers along; seconds between.
_TRIES = 3
_PAUSE = 5.0
_HOUR = 3600.0
# Seconds between two looks at where it stands, but for what is worth telling at once.
_LOOK = 5.0


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a campaign is to go: its folder, how long, by whom.

    `seconds` end it; after `rounds` rounds of further random cases it is over; with neither it ends when the
    plan is through. `share` (2 of 3) leaves the other units to other machines. `cuts` is the number of units
    that the plan itself is cut into.
    """

    folder: Path
    seconds: float | None = None
    rounds: int | None = None
    scheduler: str = ""
    workers: int = 1
    cuts: int | None = None
    share: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a campaign looks like at a moment, for who watches it; `fresh` causes came in the last hour."""

    progress: CampaignProgress
    planned: int | None
    causes: int
    fresh: int
    rate: float
    elapsed: float
    incident: str = ""


def campaign(
    plan: Plan,
    emit: Callable[[Event], None],
    conditions: Conditions,
    watch: Callable[[Standing], None],
    work: Callable[[Plan], dict[str, Any]],
) -> int:
    """Carry out a campaign, or go on with it; emit its events when it ends, and return the exit code.

    `work` is what a worker does with a unit (`carry_out_unit`).

    Raises UsageError for what can't be a campaign, TargetUnreachableError if the target stays away; what was
    done until then is kept.
    """
    load_extensions()
    check_plan(plan)
    if isinstance(plan.target, AwsCliTarget | RecordedTarget):
        raise UsageError("A campaign needs a target that can be asked anything.", "Use `run`.")
    plan = narrowed(plan)
    cuts = conditions.cuts or max(len(plan.operations), _CUTS)
    store = CampaignStore(conditions.folder, head_of(plan), cuts)
    try:
        conduct = _Conduct(plan, store, conditions, watch, work)
        try:
            conduct.go_on()
        except KeyboardInterrupt:
            _tell(store, conduct.units, emit)
            raise
        return _conclude(plan, store, conduct, emit)
    finally:
        store.close()


@dataclass(slots=True)
class _Conduct:
    """A campaign on its way."""

    plan: Plan
    store: CampaignStore
    conditions: Conditions
    watch: Callable[[Standing], None]
    work: Callable[[Plan], dict[str, Any]]
    lost: dict[int, str] = field(default_factory=dict)
    _started: float = field(default_factory=time.monotonic)
    _looked: float = 0.0
    _cases: int = 0
    _causes: dict[tuple[str, ...], float] = field(default_factory=dict)
    _again: list[int] = field(default_factory=list)
    _tries: Counter[int] = field(default_factory=Counter)

    @property
    def units(self) -> Units:
        return Units(self.plan, self.store.count, self.conditions.share)

    def go_on(self) -> None:
        """Carry out what is not through yet."""
        conditions, plan = self.conditions, self.plan
        for finding, seen in self.store.findings():
            self._causes.setdefault(cause_key(finding), seen)
        self._cases = self.store.progress().cases
        waiting = self._waiting(self.store.done())
        first = next(waiting, None)
        if first is None:
            return
        self._again.append(first)
        with cluster(
            conditions.scheduler, conditions.workers, allow_remote=plan.allow_remote, hosts=plan.hosts
        ) as workers:
            self._carry_out(workers, waiting)

    def _waiting(self, done: frozenset[int]) -> Iterator[int]:
        """The units that are still to be done, those first that have to be done again."""
        endless = self.conditions.seconds is not None and self.conditions.rounds is None
        rounds = None if endless else self.conditions.rounds or 0
        units = (number for number in self.units.numbers(rounds) if number not in done)
        while not self._over():
            number = self._again.pop() if self._again else next(units, None)
            if number is None:
                return
            yield number

    def _over(self) -> bool:
        seconds = self.conditions.seconds
        return seconds is not None and time.monotonic() - self._started > seconds

    def _carry_out(self, workers: Cluster, waiting: Iterator[int]) -> None:
        rate = self.plan.rate / workers.workers if self.plan.rate is not None else None

        def submit(number: int) -> tuple[Callable[..., Any], Plan]:
            return self.work, replace(self.units.plan_of(number), rate=rate)

        while True:
            for delivery in workers.carried_out(waiting, submit, tick=1.0):
                incident = self._take(delivery) if delivery is not None else ""
                if incident or time.monotonic() - self._looked > _LOOK:
                    self._looked = time.monotonic()
                    self.watch(self._standing(incident))
            if not self._again or self._over():
                return
            waiting = self._waiting(self.store.done() | frozenset(self.lost))

    def _take(self, delivery: Delivery) -> str:
        """Write down what came back; what is worth telling at once, or the empty string."""
        number = delivery.number
        if delivery.result is not None:
            result = results_of(delivery.result)
            self.store.add(number, result, base=self.units.base(number))
            for share in result.shares:
                for finding in share.finished.findings:
                    self._causes.setdefault(cause_key(finding), time.time())
            return f"the target died in unit {number + 1}" if result.deaths else ""
        self._tries[number] += 1
        if self._tries[number] < _TRIES:
            if delivery.fate == "unreachable":
                time.sleep(_PAUSE)
            self._again.append(number)
        elif delivery.fate == "unreachable":
            raise TargetUnreachableError(
                delivery.reason, "The campaign is kept; the same command goes on with it."
            )
        else:
            self.lost[number] = delivery.reason
        return f"unit {number + 1}: {delivery.reason}"

    def _standing(self, incident: str) -> Standing:
        progress = self.store.progress()
        now = time.time()
        elapsed = time.monotonic() - self._started
        endless = self.conditions.seconds is not None and self.conditions.rounds is None
        planned = None if endless else sum(1 for _ in self.units.numbers(self.conditions.rounds or 0))
        return Standing(
            progress,
            planned,
            len(self._causes),
            sum(now - seen < _HOUR for seen in self._causes.values()),
            (progress.cases - self._cases) / elapsed if elapsed else 0.0,
            elapsed,
            incident,
        )


def _missing(store: CampaignStore, units: Units) -> list[str]:
    """The units of the plan itself that are not through, as merging calls them."""
    done = store.done()
    return [units.shard(number) for number in range(units.count) if number not in done]


def _tell(store: CampaignStore, units: Units, emit: Callable[[Event], None]) -> dict[str, OperationFinished]:
    """Emit the head and all that is known of each operation."""
    missing = _missing(store, units)
    head = store.head
    if missing:
        done = [units.shard(number) for number in sorted(store.done()) if units.base(number)]
        shards = {"shards": {str(head.seed): done}, "selected": len(head.operations)}
        head = replace(head, settings={**head.settings, **shards})
    emit(head)
    operations: dict[str, OperationFinished] = {}
    for name in store.operations():
        for event in store.events_of(name, complete=not missing):
            emit(event)
            if isinstance(event, OperationFinished):
                operations[name] = event
    return operations


def _conclude(plan: Plan, store: CampaignStore, conduct: _Conduct, emit: Callable[[Event], None]) -> int:
    operations = _tell(store, conduct.units, emit)
    listed = plan.baseline.of(store.head.target).unreached if plan.baseline else {}
    excused = frozenset(listed.get(store.head.target, ()))
    operations = {
        name: replace(event, excused=name in excused and event.implemented and not event.reached)
        for name, event in operations.items()
    }
    verdict = decide(store.head, operations, baseline=plan.baseline)
    for finding in verdict.findings:
        emit(finding)
    missing = _missing(store, conduct.units)
    reasons = [f"unit {number + 1} was given up: {reason}" for number, reason in conduct.lost.items()]
    if missing:
        reasons.append(f"missing of seed {store.head.seed}: shards {', '.join(missing[:5])}")
    code = 4 if reasons and verdict.exit == 0 else verdict.exit
    decided = () if code != verdict.exit else verdict.reasons
    emit(RunFinished(code, (*decided, *reasons), store.seconds(), verdict.complaints))
    return code
