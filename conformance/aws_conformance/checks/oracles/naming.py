# SPDX-License-Identifier: Apache-2.0
"""An oracle of names: what documents say may be named by its name or by its ARN is found by either.

It owns this rule. It refuses to know which members take both (cases/oracles/alternatives.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, shown_in

__all__ = ["found_by_either"]


def found_by_either(story: Story) -> Iterator[Breach]:
    """What was found by one name is found by the other that its documents allow."""
    for index, move in enumerate(story.moves):
        creation = story.created(move.about)
        name = _other_name(story, index) if creation is not None else ""
        if not name or creation is None:
            continue
        expected = f"what {creation.operation.name} has made, which another name has found"
        cause = "named otherwise"
        again = story.found_otherwise(index) is not None
        if move.finds_nothing or (move.kind == "error" and move.role == "read" and again):
            said = f"{move.status} {move.code}".strip()
            yield shown_in(move, Breach(("(answer)",), f"{expected}, by {shorten(name)}", said, cause))
        elif move.role == "list" and move.succeeds and again and not story.listed(move, creation):
            breach = Breach(("(answer)",), f"{expected}, by {shorten(name)}", "a list without it", cause)
            yield shown_in(move, breach)


def _other_name(story: Story, index: int) -> str:
    """The name in a request by which nobody has asked before, where a look has found the thing by another."""
    move = story.moves[index]
    if move.role not in ("read", "list", "update", "delete"):
        return ""
    looks = list(_looks_that_found(story, index))
    members = story.service.structure(move.operation.input).members
    for member, value in move.sent.items():
        if member not in members or not members[member].beside_arn or not looks:
            continue
        names = list(_names_in(value))
        asked = {text for look in looks for other in look.sent.values() for text in _names_in(other)}
        if len(names) == 1 and names[0] not in asked:
            return names[0]
    return ""


def _names_in(value: object) -> Iterator[str]:
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))


def _looks_that_found(story: Story, index: int) -> Iterator[AnsweredMove]:
    """Looks before a move that have found what it is about, since it was made or last changed."""
    for other in story.before(index, "create", "again", "refuse", "delete", "update", "read", "list"):
        if other.role in ("refuse", "again") and other.kind == "error":
            continue
        if other.role not in ("read", "list"):
            return
        creation = story.created(other.about)
        if (
            other.succeeds
            and creation is not None
            and (other.role == "read" or story.listed(other, creation))
        ):
            yield other
