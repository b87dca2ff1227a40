# SPDX-License-Identifier: Apache-2.0
"""Values in JSON bodies by their shapes: members under the names that they have on the wire, and back.

It owns the names, and forms that JSON alone cannot tell right from wrong. It refuses to know envelopes, and
what is JSON at all (json_text.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..spec.shapes import IntegerShape, ListShape, MapShape, Member, Service, Shape, StructureShape
from .findings import Finding, Path

__all__ = ["from_wire", "integer_findings", "member_path", "to_wire", "wire_name"]


def wire_name(member: Member) -> str:
    """The key under which a structure's member stands in a body."""
    # Within a body a location says nothing; the name of one does in botocore.
    return member.location_name or member.name


def _renamed(service: Service) -> frozenset[str]:
    """The shapes that have a member of another name on the wire, or reach one that has."""
    return service.holders(
        lambda shape: (
            isinstance(shape, StructureShape)
            and any(wire_name(member) != member.name for member in shape.members.values())
        )
    )


def _inner(shape: Shape | None) -> str | None:
    match shape:
        case ListShape(member=member) | MapShape(value=member):
            return member.target
        case _:
            return None


def to_wire(service: Service, name: str, value: Any) -> Any:
    """A document in the body's terms; what is no member keeps its name, what has no shape its value."""
    if name not in service.derived(_renamed):
        return value
    shape = service.shape(name)
    match shape, value:
        case StructureShape(members=members), dict():
            written = {}
            for key, item in value.items():
                member = members.get(key)
                if member is None:
                    written[key] = item
                else:
                    written[wire_name(member)] = to_wire(service, member.target, item)
            return written
        case ListShape(member=member), list():
            return [to_wire(service, member.target, item) for item in value]
        case MapShape(value=member), dict():
            return {key: to_wire(service, member.target, item) for key, item in value.items()}
        case _:
            return value


def from_wire(
    service: Service,
    name: str,
    value: Any,
    path: Path,
    findings: list[Finding],
    elsewhere: Mapping[str, str] | None = None,
) -> Any:
    """What a body says in the document's terms; `elsewhere` are members of the root with another place.

    Keys that are no member's are kept, for the schema to tell of them. A key that is a member's name and not
    its key would look like the member, which no client sees: it is left out, with a finding.
    """
    if name not in service.derived(_renamed) and not elsewhere:
        return value
    shape = service.shape(name)
    match shape, value:
        case StructureShape(members=members), dict():
            keys = {
                wire_name(member): member
                for member in members.values()
                if elsewhere is None or member.name not in elsewhere
            }
            read = {}
            for key, item in value.items():
                member = keys.get(key)
                if member is not None:
                    here = (*path, member.name)
                    read[member.name] = from_wire(service, member.target, item, here, findings)
                elif key not in members:
                    read[key] = item
                elif item is not None:
                    place = (elsewhere or {}).get(key) or f"key {wire_name(members[key])!r}"
                    findings.append(
                        Finding("member.place", (*path, key), f"as {place}", f"as key {key!r} of the body")
                    )
            return read
        case ListShape(member=member), list():
            return [
                from_wire(service, member.target, item, (*path, index), findings)
                for index, item in enumerate(value)
            ]
        case MapShape(value=member), dict():
            return {
                key: from_wire(service, member.target, item, (*path, key), findings)
                for key, item in value.items()
            }
        case _:
            return value


def member_path(service: Service, name: str, path: Path) -> Path:
    """A path of keys on the wire as the path of members that it is."""
    shape: Shape | None = service.shapes.get(name)
    steps: list[str | int] = []
    for step in path:
        if isinstance(shape, StructureShape):
            member = next((each for each in shape.members.values() if wire_name(each) == step), None)
            steps.append(member.name if member is not None else step)
            shape = service.shapes.get(member.target) if member is not None else None
        else:
            steps.append(step)
            shape = service.shapes.get(_inner(shape) or "")
    return tuple(steps)


def integer_findings(service: Service, name: str, value: Any, path: Path, findings: list[Finding]) -> None:
    """Findings for whole numbers that are written as decimals, wherever a shape says integer."""
    holders = service.integer_holders
    if name not in holders:
        return
    match service.shape(name), value:
        case StructureShape(members=members), dict():
            for key, item in value.items():
                member = members.get(key)
                if member is not None and member.target in holders:
                    integer_findings(service, member.target, item, (*path, key), findings)
        case ListShape(member=member), list():
            for index, item in enumerate(value):
                integer_findings(service, member.target, item, (*path, index), findings)
        case MapShape(value=member), dict():
            for key, item in value.items():
                integer_findings(service, member.target, item, (*path, key), findings)
        case IntegerShape(), float() if value.is_integer():
            # Some SDKs refuse 1.0 and 1e3 where the model says integer. JSON Schema does not, so it is
            # found here; a number with a real fraction is a type error, which the schema finds.
            got = f"the decimal {value!r}"
            findings.append(Finding("integer.form", path, "digits without fraction or exponent", got))
        case _:
            pass
