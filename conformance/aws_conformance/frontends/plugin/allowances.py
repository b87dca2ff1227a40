# SPDX-License-Identifier: Apache-2.0
"""What a project allows its tests and its targets, in mode `fail` of observing.

It owns the form of such words and what they cover. It refuses to know what follows from it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import UsageError

__all__ = ["Allowance", "parse_allowances"]

_HINT = (
    "Write a check's id (response.enum.value, request.pattern, or a glob such as response.*), an operation "
    "(sqs:SendMessage, sqs:*), or an operation and a check with a space between."
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Findings that fail nothing: those of the operations and of the checks that two globs name."""

    operation: str = "*"
    check: str = "*"

    def covers(self, operation: str, check: str) -> bool:
        """Whether it covers a finding of a check in an operation, given by its full name."""
        return fnmatch.fnmatchcase(operation, self.operation) and fnmatch.fnmatchcase(check, self.check)


def parse_allowances(words: object) -> tuple[Allowance, ...]:
    """The allowances that a word, or a list of words, amounts to. Raises UsageError for what is none."""
    if isinstance(words, str):
        words = [words]
    if not isinstance(words, Iterable):
        raise UsageError(f"{words!r} allows nothing.", _HINT)
    return tuple(map(_parse, words))


def _parse(word: object) -> Allowance:
    parts = word.split() if isinstance(word, str) else []
    operations = [part for part in parts if ":" in part]
    checks = [part for part in parts if ":" not in part]
    if not parts or len(operations) > 1 or len(checks) > 1 or not all("." in check for check in checks):
        raise UsageError(f"{word!r} allows nothing.", _HINT)
    return Allowance(*(operations or ["*"]), *(checks or ["*"]))
