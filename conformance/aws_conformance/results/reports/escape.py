# SPDX-License-Identifier: Apache-2.0
"""Text of others made safe to show: what a target sent must not act upon the reader's terminal.

It owns that one transformation and refuses to know who shows the text.
"""

from __future__ import annotations

__all__ = ["printable", "single_line"]


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might act upon or that cannot be seen.

    Control characters, line breaks, direction marks and halves of surrogate pairs become what Python
    writes for them (`\\x1b`), so that nothing is lost either.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def single_line(text: str) -> str:
    """The text as one line that is safe to show; runs of white space become one space."""
    return printable(" ".join(text.split()))
