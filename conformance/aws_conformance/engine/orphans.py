# SPDX-License-Identifier: Apache-2.0
"""Where a worker process begins: it ends with the process that waits for it, from its first moment on.

It owns that watch, and imports next to nothing, so that a worker whose parent was killed while it was still
importing ends as soon as any other. It refuses to know what workers do.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["begin_worker", "packed"]

# The exit code of a worker without parent, which nobody reads.
_ORPHANED = 70


def packed(work: Callable[[Any, Any], None], part: Any) -> bytes:
    """What a worker is to do, in a form whose imports wait until `begin_worker` reads it."""
    return pickle.dumps((work, part))


def begin_worker(parcel: bytes, outbox: Any) -> None:
    """The body of a worker process: what was packed, with the queue that its messages go to."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work, part = pickle.loads(parcel)
    work(part, outbox)


def _end_with_parent() -> None:
    """End this worker when the process that waits for it is gone, however it went.

    At once, from whatever is under way: nobody is left to be told. What it started ends with it, because
    its servers have watchdogs of their own.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(_ORPHANED)
