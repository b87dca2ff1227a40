# SPDX-License-Identifier: Apache-2.0
"""Our own exceptions: what went wrong on this side, never what a target did.

Fields hold the facts and the text is computed from them, so that the command line, the plugin and a
caller in Python say the same. This module knows no other module of the package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ConformanceError", "TargetUnreachableError", "UsageError", "did_you_mean"]

_LONGEST_WORD = 200


@dataclass(eq=False)
class ConformanceError(Exception):
    """A mistake of ours or of the user's, told in one line with the next step in `hint`.

    Not frozen, as other values are: the interpreter writes an exception's traceback onto it.

    `code` is stable and meant for scripts; `exit_code` is the documented exit code of the command line.
    """

    message: str
    hint: str = ""
    code: str = "error"
    exit_code: int = 2

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


@dataclass(eq=False)
class UsageError(ConformanceError):
    """The request made of us cannot be carried out as it stands (exit code 2)."""

    code: str = "usage"


@dataclass(eq=False)
class TargetUnreachableError(ConformanceError):
    """The target does not answer or could not be started (exit code 3)."""

    code: str = "target-unreachable"
    exit_code: int = 3


def did_you_mean(word: str, known: Iterable[str], *, limit: int = 3) -> str:
    """A hint such as `Did you mean StartUserImportJob?`, or nothing when no known word is close."""
    if len(word) > _LONGEST_WORD:
        # Nothing is near to it, and to find that out takes long.
        return ""
    folded = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), folded, n=limit, cutoff=0.6)
    if not close:
        return ""
    names = [folded[name] for name in close]
    return f"Did you mean {' or '.join(names)}?"
