# SPDX-License-Identifier: Apache-2.0
"""Mistakes of our own while an operation is explored: they cost that operation, and not the run.

It owns which errors those are, and what is told of one. It refuses to know what was under way.
"""

from __future__ import annotations

import hashlib
import traceback
from pathlib import Path

from ..errors import ConformanceError
from ..results.events import CaseInfo, Errored, Phase

__all__ = ["TOLERATED", "errored_case", "is_ours"]

# A test of this project gets to see them.
TOLERATED: tuple[type[Exception], ...] = (Exception,)


def is_ours(error: Exception) -> bool:
    """Whether an error is a mistake of ours: neither the user's, nor the disk's or the memory's."""
    return isinstance(error, TOLERATED) and not isinstance(error, ConformanceError | OSError | MemoryError)


def errored_case(operation: str, phase: Phase, error: Exception) -> tuple[CaseInfo, Errored]:
    """What stands in a run for all that an error has cost: no run with it conforms."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    reason = f"internal error: {type(error).__name__}: {error}"[:300] + f"{where}. Please report it"
    digest = hashlib.sha256(f"{operation} internal error".encode()).hexdigest()[:12]
    return CaseInfo(digest, operation, phase, "positive", "whatever else there is"), Errored(reason)
