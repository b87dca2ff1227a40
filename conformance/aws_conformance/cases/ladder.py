# SPDX-License-Identifier: Apache-2.0
"""The ladder of variants of a request, for where a refusal tells nothing; and which places a variant fills.

It owns the order of what is tried blindly: what the operation is about, other values, one more member. It
refuses to read refusals.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..generate.nodes import (
    BooleanNode,
    EnumNode,
    IntegerNode,
    ListNode,
    MapNode,
    Node,
    ObjectNode,
    StringNode,
)
from .api_words import words_of
from .drafts import InputPlace, InputVariant, accepts
from .name_reading import read_name

__all__ = ["as_literal", "is_filled", "ladder", "listed_values"]

# So many other values of an enumeration or a list are tried.
_OTHERS = 6
# So many members are added one at a time.
_ALONE = 24
# So deep are the members that a structure is tried with.
_NEAR = 3


def ladder(operation: str, places: tuple[InputPlace, ...], variant: InputVariant) -> Iterator[InputVariant]:
    """What the operation's noun needs; other values of enumerations; optional members, one at a time."""
    optional = [place for place in places if not is_filled(place, places, variant)]
    near = [place for place in optional if len(place.path) == 1]
    about = set(read_name(operation).about)
    telling = [
        place
        for place in near
        if isinstance(place.node, StringNode)
        and place.need(operation).is_identity
        and about & {word.lower() for word in words_of(place.name)}
    ]
    if telling:
        yield variant.adding(*(place.path for place in telling[:3]))
    for place in places:
        if (
            isinstance(place.node, EnumNode)
            and is_filled(place, places, variant)
            and place.path not in variant.literals
        ):
            for value in place.node.values[1 : 1 + _OTHERS]:
                yield variant.saying(place.path, value)
        elif place.path not in variant.literals and is_filled(place, places, variant):
            yield from listed_values(place, variant)
    for place in sorted(near, key=_weight)[:_ALONE]:
        if place not in telling[:1] or len(telling) > 1:
            yield variant.adding(place.path)
    yield from _together(places, near, variant)
    inner = (place for place in optional if len(place.path) > 1 and _held(place, places, variant))
    for place in itertools.islice(inner, _ALONE):
        yield variant.adding(place.path)


def _together(
    places: tuple[InputPlace, ...], near: list[InputPlace], variant: InputVariant
) -> Iterator[InputVariant]:
    """Optional members that may only help together: all texts, or a structure with all that is in it."""
    texts = [place.path for place in near if isinstance(place.node, StringNode | EnumNode)]
    if len(texts) > 1:
        yield variant.adding(*texts)
    for place in near:
        within = [other.path for other in places if other.path[:1] == place.path]
        within = [path for path in within if len(path) <= _NEAR]
        if len(within) > 1:
            yield variant.adding(*within)


def _weight(place: InputPlace) -> int:
    """Texts that name something before structures, lists and numbers; switches last."""
    match place.node:
        case StringNode() | EnumNode():
            return 0
        case ObjectNode():
            return 1
        case ListNode() | MapNode():
            return 2
        case BooleanNode():
            return 4
        case _:
            return 3


def is_filled(place: InputPlace, places: tuple[InputPlace, ...], variant: InputVariant) -> bool:
    """Whether a draft of the variant has something at a place."""
    if any(path[: len(place.path)] == place.path for path in variant.optional):
        return True
    return not place.optional and _held(place, places, variant)


def _held(place: InputPlace, places: tuple[InputPlace, ...], variant: InputVariant) -> bool:
    """Whether a draft of the variant has what holds a place."""
    holder = place.path[:-1]
    while holder and holder[-1] == "*":
        holder = holder[:-1]
    if not holder:
        return True
    outer = next((other for other in places if other.path == holder), None)
    return outer is not None and is_filled(outer, places, variant)


def listed_values(place: InputPlace, variant: InputVariant) -> Iterator[InputVariant]:
    """The values that a text lists for a place, but the one that it has."""
    literals = (as_literal(place.node, value) for value in place.listed_values)
    known = [literal for literal in literals if literal is not None][:_OTHERS]
    yield from (
        variant.saying(place.path, literal)
        for literal in known
        if literal != variant.literals.get(place.path)
    )


def as_literal(node: Node, text: str) -> Any:
    """A text as a value of a node; None where it is none."""
    match node:
        case EnumNode(values=values):
            return next((value for value in values if str(value) == text), None)
        case StringNode():
            return text if accepts(node, text) else None
        case IntegerNode(low=low, high=high):
            return int(text) if text.isdecimal() and low <= int(text) <= high else None
        case _:
            return None
