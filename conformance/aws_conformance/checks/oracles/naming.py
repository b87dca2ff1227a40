# SPDX-License-Identifier: Apache-2.0
"""An oracle of names: what documents say may be named by its name or by its ARN is found by either.

It owns this rule. It refuses to know which members take both (cases/oracles/alternatives.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, shown_in, texts_of

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
        if move.kind == "error" and (again if move.role == "read" else move.finds_nothing):
            said = f"{move.status} {move.code}".strip()
            yield shown_in(move, Breach(("(answer)",), f"{expected}, by {shorten(name)}", said, cause))
        elif move.role == "list" and move.succeeds and again and not story.listed(move, creation):
            breach = Breach(("(answer)",), f"{expected}, by {shorten(name)}", "a list without it", cause)
            yield shown_in(move, breach)


def _other_name(story: Story, index: int) -> str:
    """The name in a request by which nobody has asked before, where the thing was found by another."""
    move = story.moves[index]
    asked = {
        text
        for other in _moves_that_found(story, index)
        for value in other.sent.values()
        for text in _names_in(value)
    }
    creation = story.created(move.about)
    known = set(story.identity(creation)) if creation is not None else set()
    known |= {text for other in story.before(index, "read") for text in texts_of(other.document)}
    members = story.service.structure(move.operation.input).members
    for member, value in move.sent.items():
        if member in members and members[member].beside_arn and asked:
            names = list(_names_in(value))
            if len(names) == 1 and names[0] in known - asked:
                return names[0]
    return ""


def _moves_that_found(story: Story, index: int) -> Iterator[AnsweredMove]:
    """Moves before one that tell that its thing would be found, and that nothing else is missing."""
    move = story.moves[index]
    for other in story.before(index, "create", "again", "refuse", "delete", "update", "read", "list", "act"):
        creation = story.created(other.about)
        if other.role in ("refuse", "again", "create", "delete") or not other.succeeds or creation is None:
            return
        match move.role:
            case "read" | "list" | "update" | "act":
                # The same request by another name tells that nothing else in it is lacking.
                if other.operation == move.operation:
                    yield other
            case "delete":
                if not move.free and (other.role == "read" or story.listed(other, creation)):
                    yield other
            case _:
                return


def _names_in(value: object) -> Iterator[str]:
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
