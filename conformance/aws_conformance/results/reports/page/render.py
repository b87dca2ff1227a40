# SPDX-License-Identifier: Apache-2.0
"""One file from runs: the template filled, with style and script inside and a policy that allows no other.

It owns what the template is handed. It refuses to know what stands in a cell, in a finding or in a plot.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TextIO

import jinja2

from ...causes import Cause, causes
from ...events import Event
from ..escape import printable
from ..plain_text import unrepeated_text
from ..recorded import RecordedRun, recorded
from .findings import finding_index, safe_json
from .matrix import STANDINGS, coverage_rows, matrix
from .plots import plots

__all__ = ["page", "together"]

_SYMBOLS: Mapping[str, str] = {
    "conforms": "✓",
    "remarks": "~",
    "violations": "✗",
    "not reached": "?",
    "not implemented": "–",
    "unfinished": "…",
    "not run": "",
}


@dataclass(frozen=True, slots=True)
class _PageRow:
    """A cause over all runs: its number of places in each of them, `new` if no baseline excuses all of it."""

    cause: Cause
    places: tuple[int, ...]
    new: bool


def together(stream: TextIO, runs: Sequence[Iterable[Event]]) -> None:
    """Writes one page of several runs."""
    stream.write(page([recorded(events) for events in runs]))


def page(runs: Sequence[RecordedRun]) -> str:
    """The page as text, which is equal for equal runs."""
    ranked = causes(finding for run in runs for finding in run.summary.findings)
    rows = tuple(_cause_rows(runs, ranked))
    cause_of = {key: cause.id for cause in ranked for key in cause.findings}
    index = finding_index(runs, cause_of)
    style, script = _resource("page.css"), _resource("page.js")
    return _template().render(
        style=style,
        script=script,
        policy=(
            "default-src 'none'; base-uri 'none'; form-action 'none'; "
            f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
        ),
        runs=runs,
        figures=[run.coverage for run in runs],
        causes=rows,
        matrix=matrix(runs),
        standings=STANDINGS,
        symbols=_SYMBOLS,
        coverage=[coverage_rows(run) for run in runs],
        plots=plots(runs),
        doubtful=[
            (run.target, unrepeated_text(item))
            for run in runs
            for operation in run.summary.operations
            for item in operation.unrepeated
        ],
        index=safe_json(
            {
                **index.index,
                "runs": [printable(run.target) for run in runs],
                "causes": {row.cause.id: printable(row.cause.title) for row in rows},
            }
        ),
        parts=index.parts,
    )


def _cause_rows(runs: Sequence[RecordedRun], ranked: Iterable[Cause]) -> Iterator[_PageRow]:
    places = [{cause.id: cause for cause in run.summary.causes} for run in runs]
    rows = [
        _PageRow(
            cause,
            tuple(by_id[cause.id].places if cause.id in by_id else 0 for by_id in places),
            any(by_id[cause.id].known < by_id[cause.id].places for by_id in places if cause.id in by_id),
        )
        for cause in ranked
    ]
    # What a baseline excuses is known: it stands after all that is new.
    yield from sorted(rows, key=lambda row: not row.new)


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shown": _shown, "percent": _percent, "path": _line_path}
    return environment.from_string(_resource("page.html"))


def _resource(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"


def _shown(text: object) -> str:
    """A text of a target that is safe to show; the template escapes markup besides."""
    return printable(str(text))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def _line_path(points: Sequence[tuple[float, float]], steps: bool) -> str:
    """The path of an SVG through points."""
    words = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for x, y in points[1:]:
        words.append(f"H{x:.1f}V{y:.1f}" if steps else f"L{x:.1f} {y:.1f}")
    return "".join(words)
