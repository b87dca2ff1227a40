"""`report merge` and `report render`: what can be made of the NDJSON of runs after the runs.

It owns the words of the two commands; it refuses to know what runs amount to and how formats look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from ...errors import UsageError
from ...results.events import Event
from .reporting import Reports, parse_reports

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
@click.argument("run", metavar="RUN.ndjson", type=_FILE)
@click.argument("formats", metavar="FORMAT=PATH...", nargs=-1, required=True)
def render(run: Path, formats: Sequence[str]) -> int:
    """Make reports from the NDJSON of a run, as the run itself would have written them.

    Of a run that was cut off they tell what was seen until then.
    """
    from ...results.reports.merge import as_far_as_seen
    from ...results.reports.ndjson import read_log

    log = read_log(run)
    _not_over(run, [requested.path for requested in parse_reports(formats) if requested.path is not None])
    _write(log.events if log.footer is not None else as_far_as_seen(log), formats)
    return 0


def _not_over(file: Path, others: Iterable[Path]) -> None:
    if any(file.absolute() == other.absolute() for other in others):
        raise UsageError(f"{file} would be overwritten by what it is read for.", "Name another file.")


def _write(events: Iterable[Event], formats: Sequence[str]) -> None:
    with Reports(parse_reports(formats)) as reports:
        for event in events:
            reports.consume(event)
    if reports.failures:
        raise UsageError(" ".join(reports.failures))
