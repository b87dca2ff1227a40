# SPDX-License-Identifier: Apache-2.0
"""What of a finding every report says in plain text: values cut, and what did not show again.

It owns these texts. It refuses to know of terminals and their styles.
"""

from __future__ import annotations

from ..events import UnrepeatedViolation
from .escape import printable

__all__ = ["cut", "unrepeated_text"]

_LONGEST_VALUE = 300


def unrepeated_text(item: UnrepeatedViolation) -> str:
    """A grave violation that did not show again, with what came instead and its exchange or its history."""
    violation, shown = item.violation, item.reproduction
    exchange = "\n".join(shown.transcript) or f"{shown.request}\n\n{shown.response}"
    lines = (
        f"{item.outcome}: {violation.operation} {violation.check} {cut(violation.message)}",
        cut(item.reason),
        *exchange.splitlines(),
    )
    return "\n".join(map(printable, lines))


def cut(text: str) -> str:
    """A text of a target, safe to show and not too long."""
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_VALUE else f"{shown[: _LONGEST_VALUE - 3]}..."
