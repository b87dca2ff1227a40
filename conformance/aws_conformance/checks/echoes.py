# SPDX-License-Identifier: Apache-2.0
"""What an answer shows of what its own request was told.

It owns which members of both are one and the same, and which values. It refuses to know what later answers
show (oracles/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..cases.oracles.words import verb_of
from ..protocols.findings import Path
from ..spec.shapes import BlobShape, Member, Service, StructureShape
from .check import Breach
from .response import DecodedResponse, shorten

__all__ = ["member_changed"]

# Members that lead from one page of a list to the next.
_ARN = "arn:"
_TOKEN = re.compile(r"Token$|Marker$|^Position$|Cursor$")
# Operations that answer with what they have written.
_WRITES = ("create", "put", "update")


@dataclass(frozen=True, slots=True)
class _Level:
    """A structure of an answer: its path, its members by the model, and its values."""

    path: Path
    members: Mapping[str, Member]
    values: Mapping[str, Any]


def member_changed(answer: DecodedResponse) -> Iterator[Breach]:
    """What was sent and is shown under the same member and shape is another value now, or is left out.

    Only texts and numbers directly in the input, shown at the output's root or one structure below it. A
    name for which the answer has a longer form (an ARN, a domain with its dot) is the same. What one place
    shows as it was sent, another may show of something else (CallerReference of a zone and of its servers).
    What is left out is missed where what was written is shown otherwise.
    """
    expectation = answer.expectation
    readable = answer.decoded is not None and answer.decoded.readable
    document = answer.decoded.document if answer.decoded is not None and readable else None
    if answer.kind != "success" or not isinstance(document, dict) or not isinstance(answer.sent, dict):
        return
    if expectation is not None and expectation.earns not in ("accepted", "answered"):
        return
    levels = [
        level
        for level in _levels(answer.service, answer.root, document)
        if not answer.sent.keys().isdisjoint(level.members)
    ]
    accepted = answer.service.structure(answer.operation.input).members
    shared = {
        level.path: [
            name
            for name in level.members
            if name in answer.sent and _is_shared(answer, accepted.get(name), level.members[name])
        ]
        for level in levels
    }
    echoed = {
        name
        for level in levels
        for name in shared[level.path]
        if level.values.get(name) is not None and _same(answer.sent[name], level.values[name])
    }
    odd = {finding.path for finding in answer.findings}
    for level in levels:
        for name in shared[level.path]:
            place = (*level.path, name)
            if name in echoed or place in odd:
                continue
            if level.values.get(name) is not None:
                yield Breach(place, "the value that was sent", shorten(level.values[name]))
            elif _is_missed(answer, name, level, echoed):
                yield Breach(place, f"{shorten(answer.sent[name])}, as it was sent", "no such member", "lost")


def _levels(service: Service, root: str | None, document: Mapping[str, Any]) -> Iterator[_Level]:
    members = service.structure(root).members
    yield _Level((), members, document)
    for name, value in document.items():
        if name in members and isinstance(value, dict):
            shape = service.shapes[members[name].target]
            if isinstance(shape, StructureShape):
                yield _Level((name,), shape.members, value)


def _is_shared(answer: DecodedResponse, sent: Member | None, shown: Member) -> bool:
    """Whether a member of an answer is the one that was sent, of the same shape."""
    if sent is None or sent.target != shown.target:
        return False
    # The way to the next page is another one on each page. A recording holds no secrets, so that what is
    # masked there differs from what was sent. Bytes are what an operation works on (ReEncrypt).
    shape = answer.service.shapes[shown.target]
    return not (_TOKEN.search(shown.name) or shape.sensitive or isinstance(shape, BlobShape))


def _is_missed(answer: DecodedResponse, name: str, level: _Level, echoed: set[str]) -> bool:
    """Whether a structure that shows what was written has to show this of it, too.

    What asks for nothing (an empty text, zero) may be left out.
    """
    sent = answer.sent[name]
    about = any(other in level.values for other in echoed if other in level.members)
    return verb_of(answer.operation.name) in _WRITES and about and isinstance(sent, str | int) and bool(sent)


def _same(sent: object, shown: object) -> bool:
    """Whether two values may be one; what is of another type has a check of its own."""
    match sent, shown:
        case str(), str():
            # An alias, or a name, has an ARN that says nothing of it.
            named_otherwise = sent.startswith(_ARN) != shown.startswith(_ARN)
            return named_otherwise or sent.lower() in shown.lower() or shown.lower() in sent.lower()
        case bool(), bool():
            return sent == shown
        case int(), int():
            # Zero asks for the default in many places: a client's RefreshTokenValidity of 0 means 30 days.
            return sent in (0, shown)
        case _:
            return True
