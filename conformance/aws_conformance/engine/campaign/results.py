# SPDX-License-Identifier: Apache-2.0
"""What a unit of a campaign brings back.

It owns these values. It refuses to know how a unit is carried out, and where results go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...results.event_json import event_from_json
from ...results.events import CaseFinished, OperationFinished

__all__ = ["OperationShare", "UnitResult", "results_of"]


@dataclass(frozen=True, slots=True)
class OperationShare:
    """What a unit has to say of one operation: its cases, and its own event with its findings."""

    finished: OperationFinished
    cases: tuple[CaseFinished, ...]


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What a unit came to; `deaths` counts how often its target died, `seconds` what it took."""

    shares: tuple[OperationShare, ...]
    deaths: int
    seconds: float


def results_of(raw: dict[str, Any]) -> UnitResult:
    """The result that `carry_out_unit` wrote as plain data."""
    shares = []
    for finished, cases in raw["shares"]:
        event = event_from_json(finished)
        assert isinstance(event, OperationFinished)
        through = [event_from_json(case) for case in cases]
        shares.append(
            OperationShare(event, tuple(case for case in through if isinstance(case, CaseFinished)))
        )
    return UnitResult(tuple(shares), raw["deaths"], raw["seconds"])
