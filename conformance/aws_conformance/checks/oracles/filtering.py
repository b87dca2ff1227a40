# SPDX-License-Identifier: Apache-2.0
"""Oracles of filters and of tokens: a list shows what it is asked for, a repetition makes nothing new.

It owns these rules. It refuses to know by which members a list is narrowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...spec.shapes import ListShape, StringShape, StructureShape
from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, shown_in, texts_of

__all__ = ["filtered", "let_pass", "replayed"]

_EXISTS = re.compile(r"(?i)already_?exist|(?<!not)exists|duplicate")


def filtered(story: Story) -> Iterator[Breach]:
    """Of two things that a list shows, it shows the one that is asked for, and not the other."""
    yield from _in_two_states(story)
    for index, move in enumerate(story.moves):
        first = story.created(move.about) if move.role == "filter" and move.succeeds else None
        every = next(
            (
                other
                for other in story.before(index, "list")
                if other.operation == move.operation and other.succeeds
            ),
            None,
        )
        if first is None or every is None or not move.complete:
            continue
        asked = {name: value for name, value in move.sent.items() if every.sent.get(name, None) != value}
        cause = f"asked for by {', '.join(asked)}"
        for other in story.moves:
            if other.role != "create" or not other.succeeds or other is first:
                continue
            if story.identity(first) & story.identity(other) or _is_asked(asked, story, first, other):
                continue
            elements = story.listed(move, other)
            if elements and story.listed(every, other):
                breach = Breach(elements[0].path, "only what is asked for", shorten(elements[0].value), cause)
                yield shown_in(move, breach, _is_guessed(story, move))
                break
        else:
            if story.listed(every, first) and not story.listed(move, first):
                breach = Breach(_where(story, every, first), "what is asked for", "a list without it", cause)
                yield shown_in(move, breach)


def _in_two_states(story: Story) -> Iterator[Breach]:
    """What a list shows as in one state, and still does, it does not show as in another."""
    facets = [move for move in story.moves if move.role == "facet" and move.succeeds]
    creation = story.created(facets[0].about) if len(facets) == 3 else None
    if creation is None:
        return
    elements = [story.listed(move, creation) for move in facets]
    if all(elements):
        element, asked = elements[2][0], facets[1].sent
        names = ", ".join(name for name, value in asked.items() if facets[0].sent.get(name) != value)
        shown = f"listed for two: {shorten(element.value)}"
        breach = Breach((f"(asked for by {names})",), f"listed for one {names} alone", shown)
        # Only the last of the three answers tells that nothing has passed from one state to the other.
        yield shown_in(facets[2], breach)


def _is_guessed(story: Story, move: AnsweredMove) -> bool:
    """Whether the name of a filter is by custom alone, and the service not known to refuse other ones."""
    if story.service.protocols[:1] == ("ec2",):
        return False
    members = story.service.structure(move.operation.input).members
    for name, value in move.sent.items():
        shape = story.service.shape(members[name].target) if name in members else None
        holder = story.service.shape(shape.member.target) if isinstance(shape, ListShape) else None
        if not isinstance(holder, StructureShape) or not isinstance(value, list):
            continue
        documented = members[name].filter_names
        asked = {str(item.get("Name", item.get("name", ""))) for item in value if isinstance(item, Mapping)}
        if all(word in documented or word.startswith("tag:") for word in asked) and documented:
            continue
        names = [inner for inner in holder.members if inner.lower() in ("name", "key")]
        kinds = [story.service.shape(holder.members[inner].target) for inner in names]
        if any(isinstance(kind, StringShape) and not kind.enum for kind in kinds):
            return True
    return False


def _where(story: Story, every: AnsweredMove, first: AnsweredMove) -> tuple[str | int, ...]:
    """The place of a list, by where another list shows an element."""
    return story.listed(every, first)[0].path[:-1]


def _is_asked(asked: Mapping[str, Any], story: Story, first: AnsweredMove, other: AnsweredMove) -> bool:
    """Whether a filter may well be meant for something else too, by what that is called.

    A part of a name may be at its beginning, and where it is the whole name of the first, anywhere.
    """
    whole = story.identity(first)
    return any(
        text and (name.startswith(text) or (text in whole and text in name))
        for text in _texts(asked)
        for name in story.identity(other)
    )


def _texts(value: Any) -> Iterator[str]:
    """What a filter asks for: of a name with its values the values alone."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if len(value) == 1 or name.lower() not in ("name", "key"):
                yield from _texts(item)
    else:
        yield from texts_of(value)


def let_pass(story: Story) -> Iterator[Breach]:
    """What AWS is known to refuse, though it is right by its shapes, is refused."""
    for index, move in enumerate(story.moves):
        about = next((other for other in reversed(story.moves[:index]) if other.succeeds), None)
        if move.role == "unmet" and move.kind == "success" and about is not None:
            known = {name for other in story.moves[:index] for name in other.sent}
            reasons = ", ".join(name for name in move.sent if name not in known) or move.operation.name
            yield shown_in(move, Breach(("(request)",), f"a refusal for {reasons}", f"{move.status}"))


def replayed(story: Story) -> Iterator[Breach]:
    """What is asked for twice with one token is made once, and the repetition is no mistake."""
    for move in story.moves:
        first = story.created(move.about)
        if move.role != "replay" or first is None:
            continue
        if move.kind == "error" and _EXISTS.search(move.code) and not _refuses_tokens(story, move):
            expected = f"what {first.operation.name} has made, as the token is the same"
            yield shown_in(move, Breach(("(answer)",), expected, f"{move.status} {move.code}"))
        before, after = dict(story.identifiers(first)), dict(story.identifiers(move))
        for path in before.keys() & after.keys() if move.succeeds else ():
            if before[path] != after[path]:
                expected = f"{shorten(before[path])}, as the token is the same"
                yield shown_in(move, Breach(path, expected, shorten(after[path])))
                return


def _refuses_tokens(story: Story, move: AnsweredMove) -> bool:
    """Whether a refusal is documented as what a token gets that was sent before."""
    shapes = [
        story.service.shapes.get(name)
        for name in move.operation.errors
        if story.service.error_code(name) == move.code
    ]
    return any(isinstance(shape, StructureShape) and shape.error and shape.error.of_token for shape in shapes)
