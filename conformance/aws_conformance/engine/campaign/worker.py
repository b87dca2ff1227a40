# SPDX-License-Identifier: Apache-2.0
"""One unit carried out, from a target that is started for it to the events that it leaves.

It owns what a unit brings back, and that a target's death by somebody else's hand leaves no trace in it. It
refuses to know of other units, and where results go.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from ...checks.extensions import load_extensions
from ...errors import TargetUnreachableError
from ...results.event_json import event_to_json
from ...results.events import CaseFinished, Event, OperationFinished, Reported
from ...spec.model_files import add_models
from ..explore import exploration_of
from ..opening import opened
from ..plan import Plan, UrlTarget
from ..schedule import carry_out, replay_first
from ..shards import exclusive_groups
from .results import OperationShare, UnitResult

__all__ = ["carry_out_unit"]

# Seconds for what another worker holds of a shared target.
_PATIENCE = 3600


def carry_out_unit(plan: Plan) -> dict[str, Any]:
    """The result of a unit, as plain data that any version of Python reads.

    A unit in which the target died is carried out once more on a new one: a target that is killed from
    outside does not die again, and what it answered to nobody is asked again. A request that kills it is
    found both times.
    """
    add_models(plan.models)
    load_extensions()
    with _alone(plan):
        result = _carried_out(plan)
        if result.deaths and not isinstance(plan.target, UrlTarget):
            result = _undisturbed(plan, result)
    # What a unit leaves behind are few objects in cycles that hold much, and Python counts objects.
    gc.collect()
    return {
        "seconds": result.seconds,
        "deaths": result.deaths,
        "shares": [
            [event_to_json(share.finished), [event_to_json(event) for event in share.cases]]
            for share in result.shares
        ],
    }


def _carried_out(plan: Plan) -> UnitResult:
    started = time.monotonic()
    shares: list[OperationShare] = []
    cases: list[CaseFinished] = []
    findings: list[Reported] = []

    def take(event: Event) -> None:
        if isinstance(event, CaseFinished):
            cases.append(event)
        elif isinstance(event, Reported):
            findings.append(event)
        elif isinstance(event, OperationFinished):
            shares.append(OperationShare(replace(event, findings=tuple(findings)), tuple(cases)))
            cases.clear()
            findings.clear()

    with opened(plan) as session:
        explorations = [exploration_of(session, plan, name, take, lambda: False) for name in plan.operations]
        replay_first([item for item in explorations if item.standing.name in plan.corpus])
        carry_out(explorations, None)
        if session.liveness.gone and isinstance(plan.target, UrlTarget):
            # Nobody knows what it would have answered: the unit waits until it is there again.
            raise TargetUnreachableError(f"{plan.target_name} has died: {session.liveness.death}.")
        deaths = session.liveness.deaths
    return UnitResult(tuple(shares), deaths, time.monotonic() - started)


def _undisturbed(plan: Plan, first: UnitResult) -> UnitResult:
    """The result of a unit whose target died: of those of several tries that of the fewest deaths.

    What killed it in two tries is in that result; a death that came once is told as a story.
    """
    results = [first, _carried_out(plan)]
    if _deadly(results[0]) != _deadly(results[1]):
        results.append(_carried_out(plan))
    times = Counter(key for result in results for key in _deadly(result))
    killers = {key for key, count in times.items() if count > 1}
    calm = min((result for result in results if _deadly(result) >= killers), key=lambda result: result.deaths)
    seconds = sum(result.seconds for result in results)
    if not calm.shares or calm.deaths == first.deaths:
        return replace(calm, seconds=seconds)
    stories: dict[str, tuple[str, ...]] = {
        share.finished.operation: share.finished.deaths for share in first.shares
    }
    name = calm.shares[0].finished.operation
    if not any(stories.values()):
        stories[name] = ("the target died, and did not when all of it was sent again",)
    shares = tuple(
        replace(share, finished=replace(share.finished, deaths=_both(share, stories)))
        for share in calm.shares
    )
    return UnitResult(shares, first.deaths, seconds)


def _both(share: OperationShare, stories: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*share.finished.deaths, *stories.get(share.finished.operation, ()))))


def _deadly(result: UnitResult) -> frozenset[tuple[str, ...]]:
    """The findings of requests that the target dies of."""
    return frozenset(
        finding.violation.key
        for share in result.shares
        for finding in share.finished.findings
        if finding.violation.got.startswith("died")
    )


@contextmanager
def _alone(plan: Plan) -> Iterator[None]:
    """Holds what only one operation at a time may have of a target that all workers share."""
    groups = exclusive_groups(plan) if isinstance(plan.target, UrlTarget) else ()
    with ExitStack() as stack:
        if groups:
            from distributed import Semaphore

            for group in groups:
                # A semaphore, because its lease ends with the worker that holds it.
                semaphore = Semaphore(max_leases=1, name=f"aws-conformance {plan.target_name} {group}")
                semaphore.acquire(timeout=_PATIENCE)
                stack.callback(semaphore.release)
        yield
