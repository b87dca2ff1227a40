# SPDX-License-Identifier: Apache-2.0
"""The format `ndjson`: every event as a line of JSON, written as it happens; and reading it again.

It owns the lines: RunStarted is the header, RunFinished the footer, and a file without a footer is one of
a run that was cut off. It refuses to know what is made of the events.
"""

from __future__ import annotations

import errno
import gzip
import io
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ...errors import UsageError
from ...files import LARGEST_LOG, read_bytes
from ..event_json import READABLE_VERSIONS, event_from_json, event_to_json
from ..events import Event, RunFinished, RunStarted, WaitStarted

__all__ = ["Log", "begin", "log_text", "read_log"]

# What a compressed file begins with.
_GZIP = b"\x1f\x8b"
_HINT = "Make one with `aws-conformance run --report ndjson=PATH`."


# Exit codes of runs that went to their end.
_VERDICTS = (0, 1, 4)


@dataclass(frozen=True, slots=True)
class Log:
    """The events of one file; `footer` is None if the run was cut off before its end."""

    path: str
    header: RunStarted
    events: tuple[Event, ...]
    footer: RunFinished | None

    @property
    def complete(self) -> bool:
        """Whether the run came to its own end, rather than to a kill, an interruption or an error."""
        return self.footer is not None and self.footer.exit in _VERDICTS


def begin(stream: TextIO) -> Callable[[Event], None]:
    """Writes each event as a line at once, so that a run that is killed leaves what it saw."""

    def consume(event: Event) -> None:
        if isinstance(event, WaitStarted):
            return
        # ASCII, because what a target sent need not be valid Unicode.
        stream.write(json.dumps(event_to_json(event), ensure_ascii=True, separators=(",", ":")))
        stream.write("\n")
        stream.flush()

    return consume


def log_text(path: Path, hint: str) -> str:
    """The text of a file that may be gzipped. Raises UsageError where it can't be read, with the hint."""
    try:
        raw = read_bytes(path, LARGEST_LOG)
        return (_unpacked(raw) if raw.startswith(_GZIP) else raw).decode("utf-8")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(f"{path} cannot be unpacked: {error}.", hint) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8.", hint) from None


def read_log(path: Path) -> Log:
    """The events of a file, which may be gzipped. Raises UsageError, with the line, for one that is none.

    A last line that breaks off is left out: that is how the file of a killed run ends.
    """
    text = log_text(path, _HINT)
    if not text.startswith("{"):
        raise UsageError(f"{path} does not begin with the header of a run.", _HINT)
    *lines, last = text.split("\n")
    events = []
    for number, line in enumerate(lines, 1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise UsageError(f"{path}:{number}: not JSON.", _HINT) from None
        if not isinstance(value, dict):
            raise UsageError(f"{path}:{number}: not an event of aws-conformance.", _HINT)
        if number == 1:
            _readable(path, value)
        try:
            events.append(event_from_json(value))
        except UsageError as error:
            raise UsageError(f"{path}:{number}: {error}") from None
    if not events or not isinstance(events[0], RunStarted):
        raise UsageError(f"{path} does not begin with the header of a run.", _HINT)
    footer = events[-1] if isinstance(events[-1], RunFinished) and not last else None
    return Log(str(path), events[0], tuple(events), footer)


def _readable(path: Path, raw: dict[str, object]) -> None:
    version = raw.get("version")
    if raw.get("@") == "RunStarted" and version not in READABLE_VERSIONS:
        raise UsageError(
            f"{path} is of version {version}, and this release reads up to {READABLE_VERSIONS[-1]}.",
            "Render it with the release that wrote it.",
        )


def _unpacked(raw: bytes) -> bytes:
    """The content of a gzip file. Raises OSError if that is larger than a log may be."""
    with gzip.open(io.BytesIO(raw)) as stream:
        content = stream.read(LARGEST_LOG + 1)
    if len(content) > LARGEST_LOG:
        raise OSError(errno.EFBIG, "What it unpacks to is too large")
    return content
