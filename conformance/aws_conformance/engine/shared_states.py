# SPDX-License-Identifier: Apache-2.0
"""State that was made for the cases of one operation, left whole, and kept for those of the next.

It owns what is kept, for whom, and how much of it. It refuses to know how state is made, used or undone
(environment.py), and whether it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..cases.setup import SetupStep

__all__ = ["SharedState", "SharedStates", "state_key"]

# So many are kept at a time: whoever lists what there is has more to list with each.
_MOST = 6


@dataclass(frozen=True, slots=True)
class SharedState:
    """What steps have provided: their answers and what was sent for each, by their names.

    `names` and `uses` are how many names were chosen, and how many cases had it, so far. `undo` takes it
    away.
    """

    steps: tuple[SetupStep, ...]
    answers: dict[str, Any]
    sent: dict[str, Any]
    names: int
    uses: int
    generation: int
    undo: Callable[[], None]


def state_key(purpose: str, service: str, protocol: str, steps: Iterable[SetupStep]) -> str:
    """What states have in common of which one serves as well as the other."""
    return json.dumps([purpose, service, protocol, *map(repr, steps)])


@dataclass(slots=True)
class SharedStates:
    """The states of one target that wait for somebody to use them, the newest last."""

    _waiting: list[tuple[str, SharedState]] = field(default_factory=list)

    def take(self, key: str) -> SharedState | None:
        """A state to use, which is nobody else's from now on; None if there is none."""
        for index, (known, state) in enumerate(self._waiting):
            if known == key:
                del self._waiting[index]
                return state
        return None

    def give(self, key: str, state: SharedState) -> None:
        """Keep a state that was left whole; the oldest is undone where there are too many."""
        self._waiting.append((key, state))
        while len(self._waiting) > _MOST:
            self._waiting.pop(0)[1].undo()

    def close(self) -> None:
        """Undo all that is kept, the newest first."""
        while self._waiting:
            self._waiting.pop()[1].undo()
