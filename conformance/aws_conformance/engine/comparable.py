# SPDX-License-Identifier: Apache-2.0
"""What of an answer can be compared with another target's: its leaves without what every target makes up.

It owns what counts as made up: identifiers, times, addresses, secrets, the names of a run. It refuses to know
who is compared with whom (results/differences.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
# Members whose texts a target makes up, however they look; names are what somebody chose.
_IDENTIFIES = re.compile(r"(?:Identifiers?|Arns?|ARNs?|Ids?|IDs?|Handle|Token|Marker|ETag)$")
# In this order: the first that fits stands for the text.
_VARYING = (
    ("(arn)", re.compile(r"arn:[\w-]+:.*")),
    ("(address)", re.compile(r"https?://.*|.*\.amazonaws\.com.*")),
    ("(name of the run)", re.compile(r".*\b(?:(?:run|again|life|oracle)\d+\w*|or[0-9a-f]{6})-.*")),
    ("(identifier)", re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")),
    ("(identifier)", re.compile(r"(?=.*\d)[\w.+/=-]{16,}")),
    ("(identifier)", re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d_\w+")),
    ("(identifier)", re.compile(r"[a-z]+-[0-9a-f]{8,}")),
)


def comparable(
    service: Service, root: str | None, document: Any, sent: Any = None
) -> dict[str, tuple[str, ...]]:
    """By generalised place (`$.Users[*].Username`), what a document holds there, in no order.

    `sent` is the document that it answers: an identifier which does not stand there is the target's own.
    """
    leaves = _Leaves(service, frozenset(_texts(sent, 0)))
    places: dict[str, list[str]] = {}
    for place, text in leaves.read(root, document, "$", "", 0):
        if place in places or len(places) < _PLACES:
            places.setdefault(place, []).append(text)
    return {place: tuple(sorted(set(texts))) for place, texts in places.items()}


def _texts(document: Any, depth: int) -> Iterator[str]:
    """All texts of a document, as far as one is read."""
    if depth > _DEEPEST:
        return
    if isinstance(document, str):
        yield document
    elif isinstance(document, Mapping):
        for value in document.values():
            yield from _texts(value, depth + 1)
    elif isinstance(document, list):
        for value in document:
            yield from _texts(value, depth + 1)


@dataclass(frozen=True, slots=True)
class _Leaves:
    """What the leaves of a document come to, beside the texts that were sent."""

    service: Service
    sent: frozenset[str]

    def read(
        self, name: str | None, document: Any, place: str, called: str, depth: int
    ) -> Iterator[tuple[str, str]]:
        """The leaves of a document of a shape, with their places; `called` is the member that holds it."""
        shape = self.service.shapes.get(name) if name else None
        if depth > _DEEPEST:
            return
        match shape, document:
            case StructureShape(members=members), Mapping():
                for member, value in document.items():
                    target = members[member].target if member in members else None
                    yield from self.read(target, value, f"{place}.{member}", member, depth + 1)
            case ListShape(member=element), list():
                yield f"{place}[]", "empty" if not document else "some"
                for value in document:
                    yield from self.read(element.target, value, f"{place}[*]", called, depth + 1)
            case MapShape(value=item), Mapping():
                for key, value in document.items():
                    yield from self.read(item.target, value, f"{place}.{_text(str(key))}", called, depth + 1)
            case _:
                yield place, self._scalar(shape, called, document)

    def _scalar(self, shape: Shape | None, called: str, value: Any) -> str:
        """What stands for a value: the word for its kind where each target makes up its own."""
        if shape is not None and type(shape) in _WORDS:
            return _WORDS[type(shape)]
        if isinstance(shape, StringShape) and shape.sensitive:
            return "(secret)"
        if isinstance(value, str):
            if _IDENTIFIES.search(called) is None:
                return _text(value)
            return "(as sent)" if value in self.sent else "(identifier)"
        return json.dumps(value, sort_keys=True, default=str)[:_LONGEST]


def _text(text: str) -> str:
    for word, pattern in _VARYING:
        if pattern.fullmatch(text):
            return word
    return text[:_LONGEST]
