# SPDX-License-Identifier: Apache-2.0
"""How a protocol writes bodies, as the record that rest-json and rest-xml hand to the HTTP bindings.

It owns the form of that record and what the whole of a body is. It refuses to know any body's grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ...spec.shapes import Member, Operation, Service
from ..event_stream import EventForm
from ..findings import Decoded
from .places import Places

__all__ = ["BODILESS_STATUSES", "BodyForm", "Root", "Side", "root_of"]

# RFC 9110, 15.3.5 and 15.4.5: such a response ends with its headers.
BODILESS_STATUSES = frozenset({204, 304})
Side: TypeAlias = Literal["input", "output", "error"]


@dataclass(frozen=True, slots=True)
class Root:
    """What the whole of a body is: a value of the shape `shape`.

    That is the payload `member`; where it is None, the members of a side that travel in the body.
    `elsewhere` are then its other members, with the place of each in words. `operation` is None for errors.
    """

    shape: str
    side: Side
    operation: Operation | None = None
    member: Member | None = None
    elsewhere: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BodyForm:
    """How the bodies of a protocol are written and read.

    `protocol` is its name; `media_types` label its bodies: the first is written, all are read.
    `writes_empty`: a structure none of whose members is there is written nonetheless. `write(service,
    root, value)` takes any JSON value; `read(service, root, body)` is never asked about an empty body.
    `unlabelled`: there are clients that label no body of a request, which services read all the same.
    """

    protocol: str
    media_types: tuple[str, ...]
    writes_empty: bool
    write: Callable[[Service, Root, Any], bytes]
    read: Callable[[Service, Root, bytes], Decoded]
    unlabelled: bool = False

    @property
    def events(self) -> EventForm:
        """How structures in events are written: as those in bodies."""

        def write(service: Service, shape: str, member: Member | None, value: Any) -> bytes:
            return self.write(service, Root(shape, "output", member=member), value)

        def read(service: Service, shape: str, member: Member | None, payload: bytes) -> Decoded:
            return self.read(service, Root(shape, "output", member=member), payload)

        return EventForm(self.protocol, self.media_types, write, read)


def root_of(operation: Operation | None, side: Side, places: Places) -> Root:
    """What the whole of a side's body is: its payload, or its members without another place."""
    if places.payload is not None:
        return Root(places.payload.target, side, operation, places.payload)
    return Root(places.structure.name, side, operation, elsewhere=places.elsewhere)
