# SPDX-License-Identifier: Apache-2.0
"""Whether a target lives: its death noticed, and itself started anew where it is ours to start.

It owns the count of its lives (`generation`), by which everything that holds state on the target tells
that the state is gone. It refuses to know which request killed it: who sent it finds out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import TargetUnreachableError
from ..http import Response

__all__ = ["Liveness"]

_DEAF = "accepts no connection any more"
# Seconds between two looks at a target that broke a connection: a process ends a moment after its sockets.
_PAUSE = 0.05
# A target that breaks connections and lives is looked at twice only so often.
_SECOND_LOOKS = 5
# Seconds for a target that somebody else may start anew, and between two looks at it.
_RETURN = 3.0
_LOOK = 0.1


@dataclass(slots=True)
class Liveness:
    """The lives of one target.

    `listens` tells whether it takes connections and, where we started it, runs. `restart` starts it anew;
    None for a target that is not ours. `death` says how it died, while it is dead; `gone` that it stays so.
    """

    listens: Callable[[], bool]
    restart: Callable[[], None] | None = None
    generation: int = 0
    deaths: int = 0
    death: str = ""
    gone: bool = False
    _survived: int = 0

    def after(self, response: Response) -> Response:
        """The response, told as a death if it is one: the connection broke and nobody listens any more."""
        if response.fate not in ("dropped", "refused") or self._listens_still():
            return response
        sent = response.fate == "dropped"
        self.die(f"{response.detail}, and it {_DEAF}" if sent else f"it {_DEAF}")
        return replace(response, status=0, fate="died" if sent else "gone", detail=self.death)

    def die(self, how: str) -> None:
        """The target is dead."""
        if not self.death:
            self.deaths += 1
            self.death = how

    def dies_soon(self, seconds: float) -> bool:
        """Whether the target, which has answered, ends within a moment."""
        until = time.monotonic() + seconds
        while self.listens():
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)
        self.die(f"it answered, and {_DEAF}")
        return True

    def revive(self) -> bool:
        """Whether the target can be spoken to; one that died is started anew, or waited for a moment."""
        if self.gone:
            return False
        if not self.death:
            return True
        if self.restart is None:
            self.gone = not self._returns()
        else:
            try:
                self.restart()
            except TargetUnreachableError:
                self.gone = True
        if not self.gone:
            self.death = ""
            self.generation += 1
        return not self.gone

    def _listens_still(self) -> bool:
        if not self.listens():
            return False
        if self._survived < _SECOND_LOOKS:
            self._survived += 1
            time.sleep(_PAUSE)
            return self.listens()
        return True

    def _returns(self) -> bool:
        until = time.monotonic() + _RETURN
        while not self.listens():
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK)
        return True
