# SPDX-License-Identifier: Apache-2.0
"""Where reports go: `--report FORMAT=PATH`, its file, and what is written to it.

It owns the words of the option and the files; it refuses to know any format, and what an event means. A
report that can't be written any more ends no run: the others are written, and what went wrong is told last.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from ...errors import UsageError
from ...files import replace_file
from ...results.events import Event, RunFinished

__all__ = ["Reports", "RequestedReport", "parse_reports", "write_together"]


@dataclass(frozen=True, slots=True)
class RequestedReport:
    """A report that was asked for; `path` is None for the standard output.

    `streams` tells that it is written event by event, so that a run that is killed leaves what it saw.
    """

    format: str
    path: Path | None
    begin: Callable[[TextIO], Callable[[Event], None]]
    streams: bool = False
    together: Callable[[TextIO, Sequence[Iterable[Event]]], None] | None = None

    @property
    def place(self) -> str:
        """What an error calls it."""
        return f"Report {self.path}" if self.path is not None else "The standard output"


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
    return RequestedReport(
        row.name, None if path == "-" else Path(path), row.begin, row.streams, row.together
    )


def write_together(report: RequestedReport, runs: Sequence[Iterable[Event]]) -> None:
    """Write several runs side by side, in a format that can. Raises UsageError if that can't be written."""
    assert report.together is not None
    text = io.StringIO()
    report.together(text, runs)
    try:
        if report.path is None:
            sys.stdout.write(text.getvalue())
            sys.stdout.flush()
        else:
            report.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(report.path, text.getvalue())
    except OSError as error:
        raise UsageError(_failure(report, error)) from None


class Reports:
    """The reports of one run, open for as long as the context lasts.

    Files are opened at once, before anything takes time; entering raises UsageError for one that can't be
    written.
    """

    def __init__(self, requested: Iterable[RequestedReport]) -> None:
        self._requested = tuple(requested)
        self._written: list[_Written] = []

    def __enter__(self) -> Reports:
        try:
            for report in self._requested:
                self._written.append(_opened(report))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def consume(self, event: Event) -> None:
        """Hand an event to every report that can still be written."""
        for written in self._written:
            written.consume(event)

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong, a line for each report that is not whole."""
        return tuple(written.failure for written in self._written if written.failure)

    def _close(self) -> None:
        for written in self._written:
            written.close()


class _Written:
    """One report: the stream that its format writes to, and how that gets to its place."""

    def __init__(self, report: RequestedReport, stream: TextIO, finish: Callable[[], None]) -> None:
        self._report = report
        self._stream = stream
        self._finish = finish
        self._consume = report.begin(stream)
        self.failure = ""

    def consume(self, event: Event) -> None:
        if self.failure:
            return
        try:
            self._consume(event)
            if isinstance(event, RunFinished):
                self._finish()
        except BrokenPipeError as error:
            # A reader of our standard output may leave when it likes; that is not the report's fault.
            if self._report.path is None:
                raise
            self.failure = _failure(self._report, error)
        except OSError as error:
            self.failure = _failure(self._report, error)

    def close(self) -> None:
        if self._stream is not sys.stdout:
            with contextlib.suppress(OSError):  # told already
                self._stream.close()


def _failure(report: RequestedReport, error: OSError) -> str:
    return f"{report.place} cannot be written: {error.strerror}."


def _opened(report: RequestedReport) -> _Written:
    path = report.path
    if path is None:
        return _Written(report, sys.stdout, sys.stdout.flush)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if report.streams or (path.exists() and not path.is_file()):
            stream = _in_place(path)
            return _Written(report, stream, stream.flush)
        _make_way(path)
    except OSError as error:
        raise UsageError(_failure(report, error)) from None
    text = io.StringIO()
    return _Written(report, text, lambda: replace_file(path, text.getvalue()))


def _in_place(path: Path) -> TextIO:
    """A file that is written to as it stands. Raises UsageError if another run writes it."""
    # Without O_NONBLOCK a pipe without a reader would keep us for ever.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o666)
    try:
        os.set_blocking(descriptor, True)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(f"Report {path} is being written by another run.", "Name another file.") from None
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")


def _make_way(path: Path) -> None:
    """Find out whether a file can be made there; what an earlier run left must not pass for this one's."""
    place = Path(os.path.realpath(path))
    with tempfile.TemporaryFile(dir=place.parent):
        place.unlink(missing_ok=True)
