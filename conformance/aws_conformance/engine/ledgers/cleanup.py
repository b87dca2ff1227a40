# SPDX-License-Identifier: Apache-2.0
"""A ledger replayed: what is there still is taken away, wherever it stands.

It owns the order of things and what is left in the file. It refuses to know how a place is got to, which it
is handed as a plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...cases.compile import contract_of
from ...reproduce.secret_variables import environment_secrets
from ..opening import connected
from ..plan import Plan
from .ledger import Ledger, LedgerEntry, read_ledger, rewrite_ledger
from .sweeping import sweep

__all__ = ["CleanupResult", "clean_up"]


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """How many entries were taken away, of how many nothing was ever there, and those that are left."""

    gone: int
    absent: int
    left: tuple[LedgerEntry, ...]


def clean_up(path: Path, plan_of: Callable[[LedgerEntry], Plan]) -> CleanupResult:
    """Take away what a ledger says is there; what could not be taken away stays in it.

    `plan_of` is how the place of an entry is got to. Raises UsageError for a file that is no ledger or a
    place that may not be spoken to, TargetUnreachableError for one that does not answer; then all stays.
    """
    state = read_ledger(path)
    places: dict[tuple[str, str, str], list[LedgerEntry]] = {}
    for entry in state.entries:
        # An account is in one place, whatever endpoint a run called it by.
        places.setdefault((entry.account, "" if entry.account else entry.url, entry.region), []).append(entry)
    if not places:
        return CleanupResult(0, 0, ())
    absent = 0
    ledger = Ledger(path, state, environment_secrets(os.environ))
    try:
        for entries in places.values():
            with connected(plan_of(entries[0])) as session:
                absent += sweep(session.channel, ledger, entries, contract_of, settled=True)
    finally:
        ledger.close()
    left = rewrite_ledger(path).entries
    return CleanupResult(len(state.entries) - len(left) - absent, absent, left)
