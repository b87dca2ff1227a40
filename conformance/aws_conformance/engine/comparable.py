# SPDX-License-Identifier: Apache-2.0
"""What of an answer can be compared with another target's: its leaves without what every target makes up.

It owns what counts as made up: identifiers, times, addresses, secrets, the names of a run. It refuses to know
who is compared with whom (results/differences.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..spec.shapes import (
    BlobShape,
    DocumentShape,
    ListShape,
    MapShape,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)

__all__ = ["comparable"]

# So many places of an answer are compared; more say nothing that these don't.
_PLACES = 300
_DEEPEST = 16
_LONGEST = 80
_WORDS: Mapping[type, str] = {
    TimestampShape: "(time)",
    BlobShape: "(bytes)",
    DocumentShape: "(document)",
}
# In this order: the first that fits stands for the text.
_VARYING = (
    ("(arn)", re.compile(r"arn:[\w-]+:.*")),
    ("(address)", re.compile(r"https?://.*|.*\.amazonaws\.com.*")),
    ("(name of the run)", re.compile(r".*\b(?:run|again|life|oracle)\d+\w*-.*")),
    ("(identifier)", re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")),
    ("(identifier)", re.compile(r"(?=.*\d)[\w.+/=-]{16,}")),
    ("(identifier)", re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d_\w+")),
    ("(identifier)", re.compile(r"[a-z]+-[0-9a-f]{8,}")),
)


def comparable(service: Service, root: str | None, document: Any) -> dict[str, tuple[str, ...]]:
    """By generalised place (`$.Users[*].Username`), what a document holds there, in no order."""
    places: dict[str, list[str]] = {}
    for place, text in _leaves(service, root, document, "$", 0):
        if place in places or len(places) < _PLACES:
            places.setdefault(place, []).append(text)
    return {place: tuple(sorted(set(texts))) for place, texts in places.items()}


def _leaves(
    service: Service, name: str | None, document: Any, place: str, depth: int
) -> Iterator[tuple[str, str]]:
    shape = service.shapes.get(name) if name else None
    if depth > _DEEPEST:
        return
    match shape, document:
        case StructureShape(members=members), Mapping():
            for member, value in document.items():
                target = members[member].target if member in members else None
                yield from _leaves(service, target, value, f"{place}.{member}", depth + 1)
        case ListShape(member=element), list():
            yield f"{place}[]", "empty" if not document else "some"
            for value in document:
                yield from _leaves(service, element.target, value, f"{place}[*]", depth + 1)
        case MapShape(value=item), Mapping():
            for key, value in document.items():
                yield from _leaves(service, item.target, value, f"{place}.{_text(str(key))}", depth + 1)
        case _:
            yield place, _scalar(shape, document)


def _scalar(shape: Shape | None, value: Any) -> str:
    """What stands for a value: the word for its kind where each target makes up its own."""
    if shape is not None and type(shape) in _WORDS:
        return _WORDS[type(shape)]
    if isinstance(shape, StringShape) and shape.sensitive:
        return "(secret)"
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value, sort_keys=True, default=str)[:_LONGEST]


def _text(text: str) -> str:
    for word, pattern in _VARYING:
        if pattern.fullmatch(text):
            return word
    return text[:_LONGEST]
