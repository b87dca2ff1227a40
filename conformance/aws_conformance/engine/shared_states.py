# SPDX-License-Identifier: Apache-2.0
"""State that was made for the cases of one operation, left whole, and kept for those of the next.

It owns what is kept, for whom, and how much of it. It refuses to know how state is made, used or undone
(environment.py), and whether it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..cases.setup import SetupStep

__all__ = ["SharedState", "SharedStates", "state_key"]

# So many are kept at a time: whoever lists what there is has more to list with each.
_MOST = 6
# So many that begin with the same step, for one purpose: the others would only be in the way.
_MOST_ALIKE = 1


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

    def serving(self, steps: Sequence[SetupStep]) -> int:
        """How many of some steps are carried out in it, first to last; 0 if the others can't be undone."""
        common = 0
        for own, asked in zip(self.steps, steps, strict=False):
            if own != asked:
                break
            common += 1
        beyond = self.steps[common:]
        return common if all(step.undo is not None for step in beyond) else 0


def state_key(purpose: str, service: str, protocol: str) -> str:
    """What states have in common that may serve for the same steps."""
    return json.dumps([purpose, service, protocol])


@dataclass(slots=True)
class SharedStates:
    """The states of one target that wait for somebody to use them, the newest last.

    Where it `keeps_spoilt` ones, they wait for who needs nothing better. Where they are `entire`, each serves
    only who needs all of it: so recordings have what an operation needs beside its requests.
    """

    keeps_spoilt: bool = False
    entire: bool = False
    _waiting: list[tuple[str, SharedState]] = field(default_factory=list)

    def __contains__(self, key: str) -> bool:
        return any(known == key for known, _ in self._waiting)

    def take(self, key: str, steps: Sequence[SetupStep], generation: int) -> SharedState | None:
        """A state in which the most of some steps are carried out, first to last; None if none has any.

        It is nobody else's from now on. Of those that have as many of the steps it is the one that has the
        fewest others, which whoever takes it has to undo. A `generation` is over when the target died.
        """
        self._waiting = [(known, state) for known, state in self._waiting if state.generation == generation]
        best, index = (0, 0), -1
        for number, (known, state) in enumerate(self._waiting):
            fits = known == key and (not self.entire or state.steps == tuple(steps))
            serves = state.serving(steps) if fits else 0
            if serves and (serves, -len(state.steps)) > best:
                best, index = (serves, -len(state.steps)), number
        return self._waiting.pop(index)[1] if index >= 0 else None

    def give(self, key: str, state: SharedState) -> None:
        """Keep a state that was left whole; the oldest is undone where there are too many."""
        self._waiting.append((key, state))
        alike = [
            index
            for index, (known, other) in enumerate(self._waiting)
            if known == key and other.steps[:1] == state.steps[:1]
        ]
        if len(alike) > _MOST_ALIKE and not self.entire:
            self._waiting.pop(alike[0])[1].undo()
        while len(self._waiting) > _MOST:
            self._waiting.pop(0)[1].undo()

    def close(self) -> None:
        """Undo all that is kept, the newest first."""
        while self._waiting:
            self._waiting.pop()[1].undo()
