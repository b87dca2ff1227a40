# SPDX-License-Identifier: Apache-2.0
"""An oracle of versions: each shows what it was written with, until it is taken away, and it alone.

It owns this rule. It refuses to know which operations make versions (cases/oracles/versions.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...protocols.findings import Path
from ..check import Breach
from ..response import shorten
from .compare import nearest_structure
from .story import AnsweredMove, Story, inside, is_leaving, shown_in

__all__ = ["version_contents"]

_WRITES = ("create", "again", "update")


def version_contents(story: Story) -> Iterator[Breach]:
    """Of two versions each shows its own, and what is taken away of one leaves the other."""
    for index, move in enumerate(story.moves):
        write = story.created(move.about) if move.role == "version" else None
        other = _other_write(story.moves[:index], write, move) if write is not None else None
        if write is None or other is None:
            continue
        purged = any(
            earlier.role == "purge" and earlier.kind == "success" and earlier.about == move.about
            for earlier in story.moves[:index]
        )
        yield from _gone(move) if purged else _stays(story, write, other, move)


def _other_write(
    before: Sequence[AnsweredMove], write: AnsweredMove, look: AnsweredMove
) -> AnsweredMove | None:
    """What wrote the other version; None where the two have one name."""
    asked = set(_scalars(look.sent)) & set(_scalars(write.document))
    for other in before:
        writes = other.role in _WRITES and other.succeeds and other is not write
        differs = any(other.sent.get(name, item) != item for name, item in write.sent.items())
        if writes and differs:
            return other if asked - set(_scalars(other.document)) else None
    return None


def _scalars(document: Any) -> Iterator[str | int]:
    """The texts and numbers of a document."""
    match document:
        case str() | int():
            yield document
        case Mapping():
            for item in document.values():
                yield from _scalars(item)
        case list():
            for item in document:
                yield from _scalars(item)


def _stays(story: Story, write: AnsweredMove, other: AnsweredMove, move: AnsweredMove) -> Iterator[Breach]:
    """The version that a write has made is there, and shows what that was told."""
    cause = f"after another {other.operation.name}"
    if move.finds_nothing:
        said = f"{move.status} {move.code}".strip()
        expected = f"the version that {write.operation.name} has shown"
        yield shown_in(move, Breach(("(answer)",), expected, said, cause))
    for path, own, theirs in _both_sent(story, write, other, move):
        shown = inside(move.document, path)
        expected = f"{shorten(own)}, as this version was written"
        if shown is not None and shown != own and shown == theirs:
            yield shown_in(move, Breach(path, expected, f"what another has, {shorten(shown)}", cause))
        elif shown is None and _is_shown_at_all(story, move, path, (own, theirs)):
            yield shown_in(move, Breach(path, expected, "nothing", cause))


def _is_shown_at_all(story: Story, look: AnsweredMove, path: Path, values: tuple[Any, ...]) -> bool:
    """Whether a read without a version has shown at a place what one of them was written with."""
    return any(
        move.role == "read" and move.operation == look.operation and inside(move.document, path) in values
        for move in story.moves
    )


def _gone(move: AnsweredMove) -> Iterator[Breach]:
    """The version that was taken away shows nothing."""
    if move.succeeds and not is_leaving(move.document):
        expected = "a refusal, as this version was taken away"
        yield shown_in(move, Breach(("(answer)",), expected, f"{move.status}", "after it was taken away"))


def _both_sent(
    story: Story, write: AnsweredMove, other: AnsweredMove, move: AnsweredMove
) -> Iterator[tuple[Path, Any, Any]]:
    """Where an answer shows what both writes were told, each otherwise."""
    asked = story.service.structure(write.operation.input)
    nearest = nearest_structure(story.service, asked, move.operation) if move.succeeds else None
    if nearest is None:
        return
    path, holder = nearest
    for name, own in write.sent.items():
        if name in other.sent and own != other.sent[name] and name in holder.members:
            yield (*path, name), own, other.sent[name]
