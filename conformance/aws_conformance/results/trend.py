# SPDX-License-Identifier: Apache-2.0
"""Causes over the versions of a target: which came with a version, and which went with one.

It owns the comparison of causes by their ids over runs in order. It refuses to know how a version was run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .causes import Cause

__all__ = ["TrendRow", "trend_of"]


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One cause over the runs: in which it shows, and the name of the run it came or went with.

    `born` is empty for a cause that the first run has, `fixed` for one that the last has. A cause that comes
    and goes again has the last of each.
    """

    cause: Cause
    shows: tuple[bool, ...]
    born: str
    fixed: str


def trend_of(runs: Mapping[str, Sequence[Cause]]) -> tuple[TrendRow, ...]:
    """The causes of all runs, in the order of the runs and of each run's ranking."""
    names = list(runs)
    ids = [{cause.id for cause in causes} for causes in runs.values()]
    causes: dict[str, Cause] = {}
    for ranked in runs.values():
        for cause in ranked:
            causes.setdefault(cause.id, cause)
    return tuple(
        _row(cause, names, [identifier in present for present in ids]) for identifier, cause in causes.items()
    )


def _row(cause: Cause, names: Sequence[str], shows: Sequence[bool]) -> TrendRow:
    born = fixed = ""
    for index in range(1, len(names)):
        if shows[index] and not shows[index - 1]:
            born = names[index]
        if shows[index - 1] and not shows[index]:
            fixed = names[index]
    return TrendRow(cause, tuple(shows), born, "" if shows[-1] else fixed)
