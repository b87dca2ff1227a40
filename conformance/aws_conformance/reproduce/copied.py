# SPDX-License-Identifier: Apache-2.0
"""Modules of ours as text that stands alone, for scripts and tests that import nothing of ours.

It owns what is left out of them. It refuses to know what they do.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["body_of"]


def body_of(file: str) -> str:
    """A module's text without its first paragraph, which is about this package, and without our imports."""
    text = Path(file).read_text("utf-8").partition('"""\n\n')[2]
    return re.sub(r"(?m)^from \.\w+ import .*\n+", "", text).rstrip()
