# SPDX-License-Identifier: Apache-2.0
"""The reports: one pure consumer of a run's events per format, one row of a table each.

It owns the table. A format is begun on a stream that somebody else opened and closes, is handed every
event in order, and writes what it has to say when it sees fit; it refuses to know where events come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO, TypeAlias

from ...errors import UsageError, did_you_mean
from ..events import Event
from . import badge, ctrf, github, har, junit, markdown, ndjson, sarif, summary, wfc

__all__ = ["REPORTS", "Consumer", "ReportFormat", "report_format"]

Consumer: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """A format: its name, and `begin(stream)`, which returns a consumer of events.

    `streams` tells that it writes each event as it comes, and not the whole at the end.
    `together(stream, runs)` writes several runs side by side, in formats that can.
    """

    name: str
    begin: Callable[[TextIO], Consumer]
    streams: bool = False
    together: Callable[[TextIO, Sequence[Iterable[Event]]], None] | None = None


def _console(stream: TextIO) -> Consumer:
    # rich takes a while to import, and few ask for a file of what the terminal shows anyway.
    from .console import ConsoleReport

    return ConsoleReport(stream, live=False)


def _html(stream: TextIO) -> Consumer:
    # So does the engine of templates.
    from .page.render import page
    from .recorded import at_end

    return at_end(lambda run: page([run]))(stream)


def _html_together(stream: TextIO, runs: Sequence[Iterable[Event]]) -> None:
    from .page.render import together

    together(stream, runs)


_FORMATS = (
    ReportFormat("badge", badge.begin_svg),
    ReportFormat("console", _console),
    ReportFormat("ctrf", ctrf.begin),
    ReportFormat("github", github.begin),
    ReportFormat("har", har.begin),
    ReportFormat("html", _html, together=_html_together),
    ReportFormat("json", summary.begin),
    ReportFormat("junit", junit.begin),
    ReportFormat("markdown", markdown.begin, together=markdown.together),
    ReportFormat("ndjson", ndjson.begin, streams=True),
    ReportFormat("sarif", sarif.begin),
    ReportFormat("shields", badge.begin_shields),
    ReportFormat("wfc", wfc.begin),
)

REPORTS: Mapping[str, ReportFormat] = {row.name: row for row in _FORMATS}


def report_format(name: str) -> ReportFormat:
    """The format of that name. Raises UsageError, with a suggestion, for an unknown one."""
    if name not in REPORTS:
        hint = did_you_mean(name, REPORTS) or f"There is {', '.join(sorted(REPORTS))}."
        raise UsageError(f"There is no report format named {name!r}.", hint)
    return REPORTS[name]
