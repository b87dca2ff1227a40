# SPDX-License-Identifier: Apache-2.0
"""The oracle of tags: what was added is shown, and what was taken away is not.

It owns this rule. It refuses to know how tags are sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...cases.oracles.places import structures
from ...cases.oracles.tagging import has_tags, shown_tags, tags_sent, tags_within
from ...cases.oracles.words import verb_of
from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, shown_in

__all__ = ["tagged"]


def tagged(story: Story) -> Iterator[Breach]:
    """The tags that were added, and not taken away, are shown."""
    tags: dict[str, str] = {}
    removed: set[str] = set()
    for move in story.moves:
        if move.role == "create" and move.kind == "success":
            tags |= _plain_tags(move.sent)
        elif move.role == "tag" and move.kind == "success":
            tags |= tags_sent(move.sent)
            removed -= tags.keys()
        elif move.role == "untag" and move.kind == "success":
            removed |= {key for key in tags if key in _keys(move.sent)}
            tags = {key: value for key, value in tags.items() if key not in removed}
        elif move.role in ("tag", "untag", "again", "refuse", "update", "delete"):
            return
        elif move.role in ("tags", "read", "list"):
            shown = _shown(story, move, wanting=bool(tags))
            if shown is None:
                continue
            for key, value in tags.items():
                if shown.get(key) != value:
                    got = shorten(shown[key]) if key in shown else "no such tag"
                    breach = Breach(("(tags)",), f"{key}: {shorten(value)}", got, "lost")
                    yield shown_in(move, breach, _is_chosen(story, move))
                    return
            for key in sorted(removed & shown.keys()):
                yield shown_in(
                    move,
                    Breach(("(tags)",), f"no tag {key}, which was taken away", shorten(shown[key]), "left"),
                )


def _shown(story: Story, move: AnsweredMove, *, wanting: bool) -> Mapping[str, str] | None:
    """The tags that an answer shows of the resource; None if it has no place for them."""
    creation = story.created(move.about)
    if move.role == "tags":
        if wanting and move.finds_nothing and "tag" in move.code.lower():
            return {}
        return (tags_within(move.document) or shown_tags(move.document)) if move.succeeds else None
    if not move.succeeds or creation is None:
        return None
    if move.role == "read":
        return _within(story, move.document, move.operation.output)
    # Lists that are no more than summaries leave tags out.
    elements = story.listed(move, creation) if verb_of(move.operation.name) == "read" else []
    return _within(story, elements[0].value, elements[0].shape) if elements else None


def _within(story: Story, document: Any, shape: str | None) -> Mapping[str, str] | None:
    """The tags of a document; none of them where its shape has a place that is empty."""
    shown = tags_within(document)
    if shown is None and any(has_tags(holder) for _, holder in structures(story.service, shape)):
        return {}
    return shown


def _plain_tags(sent: Any) -> Mapping[str, str]:
    """The tags that a creator was told, but for those that services keep for themselves."""
    tags = tags_within(sent) or {}
    return {} if any(not key or key.startswith("aws:") for key in tags) else tags


def _is_chosen(story: Story, move: AnsweredMove) -> bool:
    """Whether a request says what it wants to be shown."""
    return any(name.lower() == "include" for name in story.service.structure(move.operation.input).members)


def _keys(sent: object) -> set[str]:
    """All texts in lists of a request: the keys that are to go."""
    if not isinstance(sent, dict):
        return set()
    return {
        item for value in sent.values() if isinstance(value, list) for item in value if isinstance(item, str)
    }
