"""The reports: one pure consumer of a run's events per format, one row of a table each.

It owns the table. A format is begun on a stream that somebody else opened and closes, is handed every
event in order, and writes what it has to say when it sees fit; it refuses to know where events come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TextIO, TypeAlias

from ..errors import UsageError, did_you_mean
from ..outcomes import Event
from . import summary

__all__ = ["REPORTS", "Consumer", "ReportFormat", "report_format"]

Consumer: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format: its name, what it is good for, and `begin(stream)`, which returns a consumer of events."""

    name: str
    purpose: str
    begin: Callable[[TextIO], Consumer]


_FORMATS = (ReportFormat("json", "the summary of a run, for scripts; its fields are stable", summary.begin),)

REPORTS: Mapping[str, ReportFormat] = {row.name: row for row in _FORMATS}


def report_format(name: str) -> ReportFormat:
    """The format of that name. Raises UsageError, with a suggestion, for an unknown one."""
    if name not in REPORTS:
        hint = did_you_mean(name, REPORTS) or f"There is {', '.join(sorted(REPORTS))}."
        raise UsageError(f"There is no report format named {name!r}.", hint)
    return REPORTS[name]
