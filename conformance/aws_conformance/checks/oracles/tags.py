"""The oracle of tags: what was added is shown, and what was taken away is not.

It owns this rule. It refuses to know how tags are sent.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...cases.oracles.tagging import shown_tags, tags_sent
from ..check import Breach
from ..response import shorten
from .story import Story, shown_in

__all__ = ["tagged"]


def tagged(story: Story) -> Iterator[Breach]:
    """The tags that were added, and not taken away, are shown."""
    tags: dict[str, str] = {}
    removed: set[str] = set()
    for move in story.moves:
        if move.role == "tag" and move.kind == "success":
            tags |= tags_sent(move.sent)
            removed -= tags.keys()
        elif move.role == "untag" and move.kind == "success":
            removed |= {key for key in tags if key in _keys(move.sent)}
            tags = {key: value for key, value in tags.items() if key not in removed}
        elif move.role in ("tag", "untag"):
            return
        elif move.role == "tags" and move.succeeds:
            shown = shown_tags(move.document)
            if shown is None:
                return
            for key, value in tags.items():
                if shown.get(key) != value:
                    got = shorten(shown[key]) if key in shown else "no such tag"
                    yield shown_in(move, Breach(("(tags)",), f"{key}: {shorten(value)}", got, "lost"))
                    return
            for key in sorted(removed & shown.keys()):
                yield shown_in(
                    move,
                    Breach(("(tags)",), f"no tag {key}, which was taken away", shorten(shown[key]), "left"),
                )


def _keys(sent: object) -> set[str]:
    """All texts in lists of a request: the keys that are to go."""
    if not isinstance(sent, dict):
        return set()
    return {
        item for value in sent.values() if isinstance(value, list) for item in value if isinstance(item, str)
    }
