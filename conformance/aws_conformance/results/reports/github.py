# SPDX-License-Identifier: Apache-2.0
"""The format `github`: workflow commands, which GitHub shows as annotations of a job.

It owns how they are written and how many there are: GitHub shows ten of a kind and drops the rest without a
word, so causes are told rather than findings. It refuses to know where the lines go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..causes import Cause
from ..sdk_effects import sdk_breaks, sdk_words
from ..terms import Severity
from .escape import printable
from .recorded import RecordedRun, at_end
from .summary import SEVERITIES

__all__ = ["begin"]

_COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
# One less than GitHub shows, so that there is room to say how many there are.
_SHOWN = 9


def _annotations(run: RecordedRun) -> Iterator[str]:
    new = [cause for cause in run.summary.causes if cause.known < cause.places]
    for severity in SEVERITIES:
        causes = [cause for cause in new if cause.severity == severity]
        for cause in causes[:_SHOWN]:
            yield _command(_COMMANDS[severity], _title(cause), _words(cause))
        if causes[_SHOWN:]:
            left = len(causes) - _SHOWN
            yield _command(_COMMANDS[severity], "More causes", f"{left} more at {severity} in the reports")
    if run.summary.finished is not None and run.exit:
        yield _command("error", f"Conformance of {run.target}", "\n".join(run.summary.finished.reasons))


def _title(cause: Cause) -> str:
    places = f"{cause.places} place{'' if cause.places == 1 else 's'}"
    return f"{cause.kind}, {places}, {cause.id}"


def _words(cause: Cause) -> str:
    violation = cause.representative.violation
    breaks = sdk_words(sdk_breaks(violation))
    lines = (
        cause.title,
        f"{violation.operation} {violation.message}",
        *([f"SDKs: {breaks}"] if breaks else ()),
        cause.representative.reproduction.aws,
    )
    return "\n".join(lines)


def _command(name: str, title: str, message: str) -> str:
    lines = "\n".join(map(printable, message.split("\n")))
    return f"::{name} title={_property(printable(title))}::{_data(lines)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


begin = at_end(lambda run: "".join(f"{line}\n" for line in _annotations(run)))
