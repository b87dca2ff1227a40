# SPDX-License-Identifier: Apache-2.0
"""Time that passes on a target: moved where it can be, else waited for.

It owns how one waits, and from when on a wait is told. It refuses to know what for.
"""

from __future__ import annotations

import time

from .session import Session

__all__ = ["let_pass"]

# A wait as long as this is told, in seconds.
_LONG = 5.0


def let_pass(session: Session, seconds: float) -> str:
    """Let time pass on the target, moved if it can be; what went wrong, or the empty string."""
    if session.moves_time:
        return session.pass_time(seconds)
    if not session.channel.masks_secrets:
        if seconds >= _LONG:
            session.waits("for what it does in its own time", seconds)
        time.sleep(seconds)
    return ""
