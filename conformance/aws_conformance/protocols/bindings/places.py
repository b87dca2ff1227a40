# SPDX-License-Identifier: Apache-2.0
"""Where the members of an input, an output or an error travel in HTTP: the plan of a structure.

It owns the reading of the model's locations, made once for each structure and side and kept with the service.
It refuses to know how values are written in those places (bindings.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ...spec.shapes import ListShape, MapShape, Member, Service, StructureShape

__all__ = ["Direction", "Places", "places_of"]

Direction: TypeAlias = Literal["request", "response"]

# A location says something in one direction only; elsewhere the member is an ordinary one of the body.
_LOCATIONS: Mapping[Direction, frozenset[str]] = {
    "request": frozenset({"uri", "querystring", "header", "headers"}),
    "response": frozenset({"header", "headers", "statusCode"}),
}


@dataclass(frozen=True, slots=True)
class Places:
    """The members of one structure by where they travel.

    `labels`, `queries` and `headers` are by name on the wire (headers in lower case), `body` by member
    name. `query_maps` and `header_maps` take all parameters and all headers of a prefix that are left.
    `payload` is the member that is the whole body; then `body` is empty. `required_queries` and
    `required_headers` are the names on the wire that every request of this kind has.
    """

    structure: StructureShape
    labels: Mapping[str, Member]
    queries: Mapping[str, Member]
    query_maps: tuple[Member, ...]
    headers: Mapping[str, Member]
    header_maps: tuple[Member, ...]
    status: Member | None
    payload: Member | None
    body: Mapping[str, Member]
    required_queries: frozenset[str]
    required_headers: frozenset[str]

    @property
    def elsewhere(self) -> Mapping[str, str]:
        """The members that do not travel in the body, with the place that each has in words."""
        words = {member.name: f"label {name}" for name, member in self.labels.items()}
        words |= {member.name: f"query parameter {name}" for name, member in self.queries.items()}
        words |= {member.name: "query parameters" for member in self.query_maps}
        words |= {member.name: f"header {_wire(member)}" for member in self.headers.values()}
        words |= {member.name: f"headers {_wire(member)}*" for member in self.header_maps}
        if self.status is not None:
            words[self.status.name] = "HTTP status"
        return words


def _wire(member: Member) -> str:
    return member.name if member.location_name is None else member.location_name


def places_of(service: Service, structure: str | None, direction: Direction) -> Places:
    """The plan of a structure for one direction; that of the empty structure for None."""
    plans = service.derived(_plans)
    key = (structure, direction)
    if key not in plans:
        plans[key] = _places(service, service.structure(structure), direction)
    return plans[key]


def _plans(_: Service) -> dict[tuple[str | None, Direction], Places]:
    return {}


def _places(service: Service, structure: StructureShape, direction: Direction) -> Places:
    labels, queries, headers = {}, {}, {}
    query_maps, header_maps = [], []
    body: dict[str, Member] = {}
    status = None
    for member in structure.members.values():
        location = member.location if member.location in _LOCATIONS[direction] else None
        match location:
            case "uri":
                labels[_wire(member)] = member
            case "querystring" if isinstance(service.shape(member.target), MapShape):
                query_maps.append(member)
            case "querystring":
                queries[_wire(member)] = member
            case "header":
                headers[_wire(member).lower()] = member
            case "headers":
                header_maps.append(member)
            case "statusCode":
                status = member
            case _ if direction == "response" and member.location in ("uri", "querystring"):
                # A structure of both sides: what is bound to the URI of requests is in no response.
                body[member.name] = member
            case _ if member.name != structure.payload:
                body[member.name] = member
            case _:
                pass
    payload = structure.members.get(structure.payload) if structure.payload else None
    if payload is None:
        payload = service.event_stream(structure.name) if structure.members else None
    required = frozenset(structure.required)
    return Places(
        structure=structure,
        labels=labels,
        queries=queries,
        query_maps=tuple(query_maps),
        headers=headers,
        header_maps=tuple(header_maps),
        status=status,
        payload=payload,
        body={} if payload is not None else body,
        required_queries=_required(queries, required),
        required_headers=frozenset(
            # An empty list is no header at all, even where the member is required.
            name
            for name in _required(headers, required)
            if not isinstance(service.shape(headers[name].target), ListShape)
        ),
    )


def _required(members: Mapping[str, Member], required: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name, member in members.items() if member.name in required)
