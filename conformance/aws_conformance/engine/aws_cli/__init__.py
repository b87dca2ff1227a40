# SPDX-License-Identifier: Apache-2.0
"""The `aws` command as an implementation under check: what is tried of it, and what comes of that.

It owns the trials of an operation, how they are put on a command line and their story in events. It
refuses to know how state is provided: whoever runs it hands in something that does (engine/).
"""

from __future__ import annotations

from .explore import CommandSettings, StateProvider, explore
from .invocation import Commander

__all__ = ["CommandSettings", "Commander", "StateProvider", "explore"]
