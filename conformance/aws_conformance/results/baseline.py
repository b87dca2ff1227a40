# SPDX-License-Identifier: Apache-2.0
"""Known violations: what excuses a finding, and when a baseline itself is wrong.

It owns the comparison of a baseline (known.py) with what a run saw: exact, without margin. It
refuses to know how a baseline is written down (baseline_yaml.py) and what time it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .events import OperationFinished, Reported, Violation
from .known import Baseline, Known

__all__ = ["Judged", "judge", "known_from", "watched"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings with the reasons that excuse them, and what is to be said of the baseline.

    `complaints` fail the run; `remarks` only explain. `stale` are entries that no longer apply.
    """

    findings: tuple[Reported, ...]
    complaints: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    stale: tuple[Known, ...] = ()


def watched(baseline: Baseline) -> frozenset[str]:
    """The cases whose outcome decides whether an entry is stale."""
    return frozenset(case for known in baseline.known for case in known.cases)


def judge(
    baseline: Baseline,
    findings: Sequence[Reported],
    operations: Mapping[str, OperationFinished],
    *,
    target: str,
    today: str,
    verified: Container[str],
    settings: Mapping[str, Any],
) -> Judged:
    """A run compared with the baseline: what excuses its findings, and what is to be said of the baseline.

    `verified` holds the enumerated cases, of those `watched`, that ran and were verified; `settings` are
    RunStarted's: a check that was not asked for can't show that an entry is stale.
    """
    own = baseline.of(target)
    holding = {known.key: known for known in own.known if not known.expired(today)}
    lapsed = {known.key: known for known in own.known if known.expired(today)}
    marked, remarks = [], []
    parts: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        key = finding.violation.key
        entry = holding.get(key) or holding.get(finding.violation.merged_key)
        if entry is not None and entry.key != key:
            parts[entry.key] += 1
        marked.append(replace(finding, baseline=entry.reason) if entry else finding)
        if entry is None and key in lapsed:
            old = lapsed[key]
            remarks.append(f"{_where(own, old)}: expired on {old.expires} and no longer covers {_what(old)}")
    remarks += [
        f"{_where(own, holding[key])}: covers {number} findings, told apart by service and kind of answer"
        f" since it was written: {_what(holding[key])}"
        for key, number in parts.items()
    ]
    seen = {key for finding in findings for key in (finding.violation.key, finding.violation.merged_key)}
    stale = tuple(
        known
        for known in own.known
        if known.key not in seen
        and known.cases
        and all(case in verified for case in known.cases)
        and _in_force(settings, known)
    )
    complaints = [
        f"{_where(own, known)}: stale, because its cases conform now: {_what(known)}" for known in stale
    ]
    complaints += _lost(own, operations, target)
    return Judged(tuple(marked), tuple(complaints), tuple(remarks), stale)


def _lost(own: Baseline, operations: Mapping[str, OperationFinished], target: str) -> Iterable[str]:
    for name in own.reached.get(target, ()):
        finished = operations.get(name)
        if finished is not None and not finished.reached:
            why = finished.unreached or finished.evidence or "no 2xx was seen"
            yield f"{own.source}: {name} was reached before and no longer is: {why}"
    for name in own.unreached.get(target, ()):
        finished = operations.get(name)
        if finished is not None and finished.reached:
            yield f"{own.source}: stale, because {name} is listed as unreached and was reached"


def _in_force(settings: Mapping[str, Any], known: Known) -> bool:
    """Whether the run asked for the entry's check at all."""
    chosen, left_out = settings.get("checks") or (), settings.get("excluded_checks") or ()
    if (chosen and known.check not in chosen) or known.check in left_out:
        return False
    service = known.operation.partition(":")[0]
    severities: Mapping[str, str] = settings.get("severities") or {}
    return not any(
        level == "off"
        and check.rpartition("/")[2] == known.check
        # What concerns every answer alike is not in force everywhere if it is off for one service.
        and (service == "*" or "/" not in check or check.partition("/")[0] == service)
        for check, level in severities.items()
    )


def _where(baseline: Baseline, known: Known) -> str:
    return f"{baseline.source}:{known.line}" if known.line else baseline.source


def _what(known: Known) -> str:
    return f"{known.operation} {known.check} at {known.place}"


def known_from(violation: Violation, **extra: Any) -> Known:
    """The entry that would cover a violation."""
    operation, check, place, cause = violation.key
    return Known(operation=operation, check=check, place=place, cause=cause, **extra)
