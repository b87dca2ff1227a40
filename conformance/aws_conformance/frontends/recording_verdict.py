# SPDX-License-Identifier: Apache-2.0
"""What a recording shows, counted: calls, those that were judged, faults with the exchanges that show them.

It owns the value. It refuses to know how calls are judged, and how it is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..results.events import Violation
from .plugin.request_check import RequestFault

__all__ = ["RecordingVerdict", "SeenFault"]


@dataclass(slots=True)
class SeenFault:
    """A violation with the numbers of the exchanges that show it."""

    violation: Violation
    exchanges: list[int] = field(default_factory=list)


@dataclass(slots=True)
class RecordingVerdict:
    """What a recording shows.

    `calls` are its exchanges with AWS APIs, `validated` those whose two sides were judged; `unvalidated`
    counts the others by service and reason. `faults` are the target's by id; `requests` are calls whose own
    requests AWS would refuse, each with the number of its exchange.
    """

    exchanges: int = 0
    calls: int = 0
    validated: int = 0
    operations: set[str] = field(default_factory=set)
    unvalidated: Counter[str] = field(default_factory=Counter)
    faults: dict[str, SeenFault] = field(default_factory=dict)
    requests: list[tuple[int, RequestFault]] = field(default_factory=list)

    def add(self, number: int, violations: Sequence[Violation]) -> None:
        """Take in what an exchange shows."""
        for violation in violations:
            self.faults.setdefault(violation.id, SeenFault(violation)).exchanges.append(number)
