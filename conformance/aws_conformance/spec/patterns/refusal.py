# SPDX-License-Identifier: Apache-2.0
"""What it is for a pattern to be refused.

It owns the exception and its words. It refuses to know why any pattern is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import ConformanceError

__all__ = ["PatternRefused"]


@dataclass(eq=False, init=False)
class PatternRefused(ConformanceError):  # noqa: N818 - the outcome's name; every caller treats it as one
    """A pattern that has no translation which every engine reads alike; `reason` says why."""

    source: str = ""
    reason: str = ""
    position: int = 0

    def __init__(self, source: str, reason: str, position: int = 0) -> None:
        super().__init__(
            message=f"Pattern {source!r} is refused at {position}: {reason}.",
            hint="Correct it in the errata, or list it in data/refused-patterns.yaml.",
            code="pattern-refused",
        )
        self.source = source
        self.reason = reason
        self.position = position
