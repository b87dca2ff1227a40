# SPDX-License-Identifier: Apache-2.0
"""Targets of the run's kind that hold nothing yet: each is started for one look, and stopped after it.

It owns how many there may be, and which causes one has shown. It refuses to know how a target is started
(opening.py), and what is looked for on it (afresh.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["FreshTargets"]

# So many are started in a run, and for no longer than this part of a limited time.
_MOST = 80
_PART = 0.1


@dataclass(slots=True)
class FreshTargets:
    """Fresh targets as sessions: `start` gives one; None where nobody can, as for an address.

    `seconds` is the time that a run has, if that is limited. `shown` are the keys of causes that a fresh
    target has shown.
    """

    start: Callable[[], AbstractContextManager[Any]] | None = None
    seconds: float | None = None
    shown: set[tuple[str, ...]] = field(default_factory=set)
    _started: int = 0
    _spent: float = 0.0

    @property
    def left(self) -> bool:
        """Whether another one may be started."""
        if self.start is None or self._started >= _MOST:
            return False
        return self.seconds is None or self._spent < _PART * self.seconds

    @contextmanager
    def started(self) -> Iterator[Any]:
        """A session of a target that holds nothing. Raises TargetUnreachableError if it does not start."""
        assert self.start is not None
        since = time.monotonic()
        self._started += 1
        try:
            with self.start() as session:
                yield session
        finally:
            self._spent += time.monotonic() - since
