# SPDX-License-Identifier: Apache-2.0
"""Oracles of lists: what was made is in them, once, on some page, and only where it was made.

It owns these rules. It refuses to know how pages are asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...cases.oracles.paging import paging_of
from ...cases.oracles.words import plain
from ...spec.shapes import ListShape
from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, ListedElement, Story, is_leaving, shown_in, texts_of

__all__ = [
    "created_twice",
    "elsewhere",
    "forged_token",
    "limit_respected",
    "listed",
    "pages_end",
    "pages_sum",
]

_EXISTS = re.compile(r"(?i)already_?exist|(?<!not)exists|duplicate")
_IN_THE_WAY = re.compile(rf"{_EXISTS.pattern}|conflict|in_?use")
_TOKEN_CODE = re.compile(r"(?i)invalid.*(?:token|marker|cursor)|expired.*token|pagination")


def listed(story: Story) -> Iterator[Breach]:
    """What was made is in the list of all that there is."""
    for index, move in enumerate(story.moves):
        if move.role != "list" or not move.succeeds or not move.complete:
            continue
        write = story.last_write(index)
        creation = story.created(move.about)
        if creation is None or write is None or write.role == "delete":
            continue
        if (
            not story.identity(creation)
            or not story.tells_apart(move.operation)
            or story.listed(move, creation)
            or story.found_otherwise(index) is not None
        ):
            continue
        count = sum(1 for _ in story.elements(move))
        breach = Breach(
            _where(story, move), f"what {creation.operation.name} has made", f"{count} others, and not this"
        )
        yield shown_in(
            move,
            breach,
            _is_narrow(story, move)
            or story.is_placed_elsewhere(move)
            or _is_displaced(story, index, creation),
        )


def _is_displaced(story: Story, index: int, creation: AnsweredMove) -> bool:
    """Whether a list shows the latest of what was made, and nothing else: there may be one at a time.

    An account's alias is such a thing, and a story that makes one alone tells whether it is shown.
    """
    move = story.moves[index]
    later = [
        other
        for other in story.moves[story.moves.index(creation) + 1 : index]
        if other.role == "create" and other.succeeds
    ]
    return bool(later and story.listed(move, later[-1])) and sum(1 for _ in story.elements(move)) == 1


def _where(story: Story, move: AnsweredMove) -> tuple[str, ...]:
    results = paging_of(story.service, move.operation, story.noun).results
    return tuple(results[0].split(".")) if results else ("(answer)",)


def _is_narrow(story: Story, move: AnsweredMove) -> bool:
    """Whether a list was asked for a choice of what there is, that may leave this out."""
    paging = paging_of(story.service, move.operation, story.noun)
    creation = story.created(move.about)
    parents = list(creation.sent.values()) if creation is not None else []
    return (
        not story.naming
        or _is_asked_for_some(story, move)
        or any(
            name not in (*paging.tokens, paging.limit) and value not in parents
            for name, value in move.sent.items()
            if isinstance(value, str)
        )
    )


def _is_asked_for_some(story: Story, move: AnsweredMove) -> bool:
    """Whether a list can be told which things to show, and was not: then some have one that is meant.

    Such members are called as the things are (ECS's `clusters`); those that only narrow what there is have
    another name (EC2's `VolumeIds`).
    """
    members = story.service.structure(move.operation.input).members
    return any(
        plain(name) == plain(story.noun)
        and isinstance(story.service.shape(member.target), ListShape)
        and name not in move.sent
        for name, member in members.items()
    )


def created_twice(story: Story) -> Iterator[Breach]:
    """Of one name there is one, however often it is asked for."""
    declared = [story.service.error_code(name) for name in story.creator.errors]
    grave = any(_EXISTS.search(code) for code in declared)
    if not grave and not any(_IN_THE_WAY.search(code) for code in declared):
        # Where a name may be used twice, two is right.
        return
    creation = [move for move in story.moves if move.role in ("create", "again") and move.succeeds]
    if not creation or not any(move.role == "again" for move in story.moves):
        return
    first = creation[0]
    cause = "at once" if first.repeats else "one after the other"
    for second in creation[1:]:
        before, after = dict(story.identifiers(first)), dict(story.identifiers(second))
        for path in before.keys() & after.keys():
            if before[path] != after[path]:
                expected = f"a refusal, or {shorten(before[path])} again"
                yield shown_in(second, Breach(path, expected, shorten(after[path]), cause), not grave)
                return
    for move in story.moves:
        if move.role == "list" and move.succeeds:
            elements = story.listed(move, first)
            if len(elements) > 1:
                got = f"{len(elements)} of that name"
                yield shown_in(move, Breach(elements[1].path, "one of that name", got, cause), not grave)


def _pages(story: Story) -> Iterator[AnsweredMove]:
    return (move for move in story.moves if move.role == "page" and move.succeeds)


def limit_respected(story: Story) -> Iterator[Breach]:
    """A page holds no more than it was asked for."""
    for move in _pages(story):
        paging = paging_of(story.service, move.operation, story.noun)
        limit = move.sent.get(paging.limit)
        if not isinstance(limit, int):
            continue
        counts = Counter(element.page for element in story.elements(move))
        largest = max(counts.values(), default=0)
        if largest > limit:
            breach = Breach(
                _where(story, move), f"no more than {limit} ({paging.limit})", f"{largest} elements"
            )
            yield shown_in(move, breach, len(paging.results) > 1)


def pages_end(story: Story) -> Iterator[Breach]:
    """The tokens of pages come to an end."""
    for move in _pages(story):
        if not move.repeats:
            continue
        shown = paging_of(story.service, move.operation, story.noun).shown
        breach = Breach((shown[0].split(" ")[0],), "another token, or none", "one that was there before")
        yield shown_in(move, breach)


def pages_sum(story: Story) -> Iterator[Breach]:
    """All pages together hold everything, and nothing twice."""
    for move in _pages(story):
        every = next(
            (
                other
                for other in story.moves
                if other.role == "list" and other.operation == move.operation and other.succeeds
            ),
            None,
        )
        if every is None or move.repeats or not move.complete or not every.complete:
            continue
        for creation in story.moves:
            if creation.role != "create" or not creation.succeeds or not story.listed(every, creation):
                continue
            shown = story.listed(move, creation)
            if not shown:
                yield shown_in(
                    move,
                    Breach(_where(story, move), "every element on some page", "a list without one", "lost"),
                )
                return
            if len(shown) > len(story.listed(every, creation)):
                yield shown_in(
                    move,
                    Breach(_where(story, move), "every element on one page", "an element twice", "twice"),
                )
                return


def forged_token(story: Story) -> Iterator[Breach]:
    """A token that was never issued is refused."""
    for move in story.moves:
        if move.role != "forge" or not move.succeeds:
            continue
        declared = [story.service.error_code(name) for name in move.operation.errors]
        name = paging_of(story.service, move.operation, story.noun).tokens[0]
        breach = Breach(("(request)",), f"a refusal of a {name} that was never issued", f"{move.status}")
        yield shown_in(move, breach, not any(_TOKEN_CODE.search(code) for code in declared))


def elsewhere(story: Story) -> Iterator[Breach]:
    """What was made in one region is in no other."""
    for index, move in enumerate(story.moves):
        creation = story.created(move.about)
        if move.role != "elsewhere" or not move.succeeds or creation is None:
            continue
        shown: list[ListedElement] = [
            element for element in story.listed(move, creation) if not is_leaving(element.value)
        ]
        here = any(story.listed(other, creation) for other in story.before(index, "list") if other.succeeds)
        if shown and here:
            breach = Breach(shown[0].path, "nothing of another region", shorten(shown[0].value))
            yield shown_in(move, breach, _is_of_no_region(story, creation, shown[0].value))


def _is_of_no_region(story: Story, creation: AnsweredMove, element: Any) -> bool:
    """Whether the ARN of what was made has no region in it, as that of what belongs to all of them."""
    ours = story.identity(creation)
    arns = {text for text in texts_of(element) if text.startswith("arn:") and text in ours}
    return any(arn.split(":")[3:4] == [""] for arn in arns)
