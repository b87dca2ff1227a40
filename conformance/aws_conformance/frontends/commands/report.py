# SPDX-License-Identifier: Apache-2.0
"""`report merge` and `report render`: what can be made of the NDJSON of runs after the runs.

It owns the words of the two commands; it refuses to know what runs amount to and how formats look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from ...errors import UsageError
from ...results.events import Event
from .reporting import Reports, parse_reports, write_together

__all__ = ["report"]

_FILE = click.Path(path_type=Path)


@click.group()
def report() -> None:
    """Combine runs, or make other formats, from their NDJSON."""


@report.command()
@click.argument("runs", metavar="RUN.ndjson...", nargs=-1, required=True, type=_FILE)
@click.option("--out", required=True, type=_FILE, metavar="FILE", help="Where the combined NDJSON goes.")
def merge(runs: Sequence[Path], out: Path) -> int:
    """Make one run of runs of the same target that had different operations.

    Exits as that one run would have.
    """
    from ...results.events import RunFinished
    from ...results.reports.merge import merge as merged
    from ...results.reports.ndjson import read_log

    _not_over(out, runs)
    events = list(merged([read_log(path) for path in runs]))
    _write(events, (f"ndjson={out}",))
    footer = events[-1]
    return footer.exit if isinstance(footer, RunFinished) else 2


@report.command()
@click.argument("words", metavar="RUN.ndjson... FORMAT=PATH...", nargs=-1, required=True)
def render(words: Sequence[str]) -> int:
    """Make reports from the NDJSON of a run, as the run itself would have written them.

    Of a run that was cut off they tell what was seen until then.

    \b
    Of several runs, of other targets or versions, formats that can show them side by side:
      aws-conformance report render moto.ndjson ministack.ndjson html=page.html
    """
    from ...results.reports.merge import as_far_as_seen
    from ...results.reports.ndjson import read_log

    runs, formats = _runs_and_formats(words)
    requested = parse_reports(formats)
    for run in runs:
        _not_over(run, [report.path for report in requested if report.path is not None])
    if len(runs) > 1:
        single = next((report.format for report in requested if report.together is None), None)
        if single is not None:
            raise UsageError(f"The format {single} is of one run.", "Render each run by itself.")
    logs = [read_log(run) for run in runs]
    events = [log.events if log.footer is not None else as_far_as_seen(log) for log in logs]
    if len(events) == 1:
        _write(events[0], formats)
        return 0
    for report in requested:
        write_together(report, events)
    return 0


def _runs_and_formats(words: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The words of `render` told apart: a format holds `=`.

    A run's name may hold `=` too, as `moto==5.2.5.ndjson` does; a file that exists is a run.
    """
    formats = [word for word in words if "=" in word and not Path(word).exists()]
    runs = [Path(word) for word in words if word not in formats]
    if not runs:
        raise UsageError("No run is named.", "Name the NDJSON of a run before the formats.")
    if not formats:
        raise UsageError("No format is named.", "Write FORMAT=PATH, such as html=page.html, after the runs.")
    return runs, formats


def _not_over(file: Path, others: Iterable[Path]) -> None:
    if any(file.absolute() == other.absolute() for other in others):
        raise UsageError(f"{file} would be overwritten by what it is read for.", "Name another file.")


def _write(events: Iterable[Event], formats: Sequence[str]) -> None:
    with Reports(parse_reports(formats)) as reports:
        for event in events:
            reports.consume(event)
    if reports.failures:
        raise UsageError(" ".join(reports.failures))
