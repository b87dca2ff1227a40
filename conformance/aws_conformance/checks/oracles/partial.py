# SPDX-License-Identifier: Apache-2.0
"""An oracle of changes: what a change does not speak of stays as it was, where the documents say so.

It owns this rule. It refuses to know in which sentences documents say so (spec/documented_changes.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...cases.oracles.words import is_identifying
from ...protocols.findings import Path
from ...spec.shapes import StringShape, StructureShape
from ..check import Breach
from ..response import shorten
from .compare import nearest_structure
from .reading import shown_whole
from .story import AnsweredMove, Story, inside, is_unsettled, shown_in

__all__ = ["unsaid_stays"]

_NOTHING: tuple[Any, ...] = (None, "", [], {})
_CHANGING = re.compile(r"(?i)(?:status|state|version|token|revision\w*|etag|date|time\w*|\w+at|by)$")
# Switches by which a change says that it is all that there is to be.
_REPLACES = re.compile(r"(?i)(?:replace|overwrite|reset)")
_WRITES = ("create", "again", "refuse", "update", "delete")


def unsaid_stays(story: Story) -> Iterator[Breach]:
    """After a change each member that it did not speak of is shown as before, and is not lost."""
    for index, move in enumerate(story.moves):
        change = story.last_write(index) if move.role in ("read", "list") else None
        if change is None or change.role != "update" or any(map(_REPLACES.match, change.sent)):
            continue
        earlier = _look_before(story, change, move)
        first = _described(story, change, earlier) if earlier is not None else None
        second = _described(story, change, move)
        if first is None or second is None:
            continue
        before, (path, holder, after) = first[-1], second
        settling = is_unsettled(before) or is_unsettled(after)
        for name in _unsaid(story, change, holder):
            old, new = before.get(name), after.get(name)
            if old in _NOTHING or old == new:
                continue
            shape = story.service.shape(holder.members[name].target)
            # One setting may well change another; it does not make it vanish.
            lost = new in _NOTHING or (isinstance(shape, StringShape) and not shape.enum)
            expected = f"{shorten(old)} as before, of which {change.operation.name} was not told"
            breach = Breach(
                (*path, name),
                expected,
                "nothing" if new is None else shorten(new),
                f"after {change.operation.name}",
            )
            yield shown_in(move, breach, settling or not lost)


def _unsaid(story: Story, change: AnsweredMove, holder: StructureShape) -> Iterator[str]:
    """Members that a change could have been told, was not told, and leaves alone by its documents."""
    asked = story.service.structure(change.operation.input).members
    excluded = {
        exclusion.other for name in change.sent if name in asked for exclusion in asked[name].exclusions
    }
    partial = (
        change.operation.partial
        or change.operation.method == "PATCH"
        or change.operation.name.startswith("Modify")
    )
    for name, member in holder.members.items():
        ours = asked.get(name)
        if ours is None or name in change.sent or name in excluded:
            continue
        # One is often required where the other is not, and has a shape of its own for that.
        if type(story.service.shape(ours.target)) is not type(story.service.shape(member.target)):
            continue
        if (partial or ours.unsaid_stays) and not is_identifying(name) and not _CHANGING.search(name):
            yield name


def _look_before(story: Story, change: AnsweredMove, look: AnsweredMove) -> AnsweredMove | None:
    """The last look by the same operation before a change; None where something was written between."""
    for move in reversed(story.moves[: story.moves.index(change)]):
        if move.about != change.about:
            continue
        if move.role == look.role and move.operation == look.operation and move.succeeds:
            return move
        if move.role in _WRITES and move.kind != "error":
            return None
    return None


def _described(
    story: Story, change: AnsweredMove, look: AnsweredMove
) -> tuple[Path, StructureShape, Mapping[str, Any]] | None:
    """What a look shows of what a change may be told: the place, its shape and the document."""
    whole = shown_whole(story, look)
    if whole is None:
        return None
    place, document = whole
    asked = story.service.structure(change.operation.input)
    if look.role == "list":
        creation = story.created(look.about)
        elements = story.listed(look, creation) if creation is not None else []
        holder = story.service.shapes.get(elements[0].shape) if elements else None
        path: Path = ()
    else:
        nearest = nearest_structure(story.service, asked, look.operation)
        path, holder = nearest if nearest is not None else ((), None)
    shown = inside(document, path)
    if not isinstance(holder, StructureShape) or not isinstance(shown, Mapping):
        return None
    return (*place, *path), holder, shown
