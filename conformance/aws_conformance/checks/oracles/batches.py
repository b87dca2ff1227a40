# SPDX-License-Identifier: Apache-2.0
"""An oracle of batches: of things asked for at once, each is shown, or named as what could not be.

It owns this rule. It refuses to know which operations show several things (cases/oracles/families.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...protocols.findings import Path
from ...spec.shapes import ListShape, MapShape
from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, is_leaving, shown_in, texts_of

__all__ = ["answered_for_each"]

# Lists of what could not be shown, and why.
_REFUSED = re.compile(r"(?i)error|unprocessed|fail|not_?found|missing|invalid|unavailable|unresolved")


def answered_for_each(story: Story) -> Iterator[Breach]:
    """What was taken away is not shown among several, where it was before, and is named as missing.

    Silence is a breach where an answer has a list of what could not be shown.
    """
    for index, move in enumerate(story.moves):
        creation = story.created(move.about) if move.role == "batch" and move.succeeds else None
        write = story.last_write(index)
        before = next(story.before(index, "batch"), None)
        if creation is None or write is None or write.role != "delete" or before is None:
            continue
        if not before.succeeds or not any(True for _ in _shown(story, creation, before, refused=False)):
            continue
        cause = f"after {write.operation.name}"
        shown = next(_shown(story, creation, move, refused=False), None)
        lists = [name for name in _lists(story, move) if _REFUSED.search(name)]
        if shown is not None:
            path, element = shown
            if not is_leaving(element):
                yield shown_in(move, Breach(path, "nothing of it", shorten(element), cause), not story.naming)
        elif lists and not any(True for _ in _shown(story, creation, move, refused=True)):
            expected = "what was asked for, as it is not there any more"
            yield shown_in(move, Breach((lists[0],), expected, "nothing of it", cause))


def _lists(story: Story, move: AnsweredMove) -> Iterator[str]:
    """The members of an answer that hold several things."""
    for name, member in story.service.structure(move.operation.output).members.items():
        if isinstance(story.service.shape(member.target), ListShape | MapShape):
            yield name


def _shown(
    story: Story, creation: AnsweredMove, move: AnsweredMove, *, refused: bool
) -> Iterator[tuple[Path, Any]]:
    """The elements that are about what a move has made, of what is shown or of what is refused."""
    identity = story.identity(creation)
    for name in _lists(story, move):
        value = move.document.get(name)
        if bool(_REFUSED.search(name)) is not refused or not value:
            continue
        elements = list(value.items()) if isinstance(value, Mapping) else value
        for position, element in enumerate(elements if isinstance(elements, list) else ()):
            if any(text in identity for text in texts_of(element)):
                yield (name, position), element
