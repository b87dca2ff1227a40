# SPDX-License-Identifier: Apache-2.0
"""The formats `badge` and `shields`: one figure of a run, as an image and as the JSON that shields.io reads.

It owns the image and the colours. It refuses to know how the figure comes about (RecordedRun.score): nobody
earns it by refusing, nor by what is not implemented.
"""

from __future__ import annotations

import json
from html import escape

from .recorded import RecordedRun, at_end

__all__ = ["begin_shields", "begin_svg"]

_LABEL = "AWS conformance"
# From this share on, a colour.
_COLOURS = ((0.95, "#2e7d32"), (0.8, "#7a8b1f"), (0.5, "#b7791f"), (0.0, "#b3261e"))
_NEUTRAL = "#6e7781"
# Exit codes of runs that went to their end.
_VERDICTS = (0, 1, 4)
_HEIGHT = 20
# The width of a character of the image's font, in pixels, at most.
_CHARACTER = 7


def _figure(run: RecordedRun) -> tuple[str, str]:
    """What the badge says, and its colour."""
    if run.score is None or run.exit not in _VERDICTS:
        return "unknown", _NEUTRAL
    # Rounded down: 99.6 % of the way is not the end of it.
    words = f"{int(run.score * 100)} %"
    return words, next(colour for least, colour in _COLOURS if run.score >= least)


def _svg(run: RecordedRun) -> str:
    words, colour = _figure(run)
    left, right = (len(text) * _CHARACTER + 10 for text in (_LABEL, words))
    title = escape(f"{_LABEL}: {words}")
    texts = "".join(
        f'<text x="{x:.0f}" y="14" textLength="{len(text) * _CHARACTER - 4}">{escape(text)}</text>'
        for x, text in ((left / 2, _LABEL), (left + right / 2, words))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left + right}" height="{_HEIGHT}" rx="3" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" rx="3" fill="{colour}"/>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{texts}</g></svg>\n"
    )


def _shields(run: RecordedRun) -> str:
    words, colour = _figure(run)
    badge = {"schemaVersion": 1, "label": _LABEL, "message": words, "color": colour}
    return json.dumps(badge, indent=2) + "\n"


begin_svg = at_end(_svg)
begin_shields = at_end(_shields)
