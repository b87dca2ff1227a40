# SPDX-License-Identifier: Apache-2.0
"""The embedded reference: a stateful implementation of Cognito's user pools, to check checks against.

It owns the names that others build on. Byte in, byte out: it opens no socket (targets/server.py serves
it) and reads no time but its clocks'.
"""

from __future__ import annotations

from .clock import Clock, ManualClock, SystemClock
from .control import ADVANCE_PATH
from .service import Reference
from .settings import ACCESS_KEY, ACCOUNT_ID, REGION, SECRET_KEY, AccessKey, Settings

__all__ = [
    "ACCESS_KEY",
    "ACCOUNT_ID",
    "ADVANCE_PATH",
    "REGION",
    "SECRET_KEY",
    "AccessKey",
    "Clock",
    "ManualClock",
    "Reference",
    "Settings",
    "SystemClock",
]
