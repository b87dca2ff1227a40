"""Where reports go: `--report FORMAT=PATH`, its file, and what is written to it.

It owns the words of the option and the files; it refuses to know any format, and what an event means.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ...errors import UsageError
from ...results.events import Event, RunFinished

__all__ = ["RequestedReport", "begin", "parse_reports", "write_together"]


@dataclass(frozen=True, slots=True)
class RequestedReport:
    """A report that was asked for; `path` is None for the standard output."""

    format: str
    path: Path | None
    begin: Callable[[TextIO], Callable[[Event], None]]
    together: Callable[[TextIO, Sequence[Iterable[Event]]], None] | None = None


def parse_reports(texts: Sequence[str]) -> tuple[RequestedReport, ...]:
    """The reports that were asked for. Raises UsageError for an unknown format, or one place for two."""
    requested = tuple(map(_parse, texts))
    places = [report.path.absolute() if report.path else None for report in requested]
    for report, place in zip(requested, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(
                f"Two reports go to {report.path or 'the standard output'}.", "Give each its own."
            )
    return requested


def _parse(text: str) -> RequestedReport:
    from ...results.reports import report_format

    name, equals, path = text.partition("=")
    row = report_format(name)
    if not equals or not path:
        raise UsageError(
            f"--report {text!r} names no file.", f"Write --report {name}=PATH, or {name}=- for stdout."
        )
    return RequestedReport(row.name, None if path == "-" else Path(path), row.begin, row.together)


def begin(requested: RequestedReport, stack: ExitStack) -> Callable[[Event], None]:
    """The consumer that writes the report; its file is opened now, before anything takes time."""
    stream = _opened(requested.path, stack)
    consume = requested.begin(stream)

    def write(event: Event) -> None:
        try:
            consume(event)
            if isinstance(event, RunFinished):
                stream.flush()
        except OSError as error:
            # A reader of our standard output may leave when it likes; that is not the report's fault.
            if requested.path is None:
                raise
            raise UsageError(f"Report {requested.path} cannot be written: {error.strerror}.") from None

    return write


def write_together(requested: RequestedReport, runs: Sequence[Iterable[Event]], stack: ExitStack) -> None:
    """Write several runs side by side, in a format that can."""
    assert requested.together is not None
    stream = _opened(requested.path, stack)
    try:
        requested.together(stream, runs)
        stream.flush()
    except OSError as error:
        raise UsageError(f"Report {requested.path} cannot be written: {error.strerror}.") from None


def _opened(path: Path | None, stack: ExitStack) -> TextIO:
    try:
        return _open(path, stack)
    except OSError as error:
        raise UsageError(f"Report {path} cannot be written: {error.strerror}.") from None


def _open(path: Path | None, stack: ExitStack) -> TextIO:
    if path is None:
        return sys.stdout
    path.parent.mkdir(parents=True, exist_ok=True)
    return stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
