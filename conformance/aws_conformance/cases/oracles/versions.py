# SPDX-License-Identifier: Apache-2.0
"""Versions: what a write makes beside what was there, and a read or a deletion can be asked for by its name.

It owns by which members one version is named, and the moves of a script about two of them. It refuses to
know which writes a family has (scripts.py), and what each version ought to show.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...spec.shapes import IntegerShape, Operation, Service, StringShape
from .families import Family, RelatedOperation
from .places import structures
from .samples import versioned_by
from .script import Move
from .values import Change, weight

__all__ = ["two_values", "version_moves"]

_VERSION = re.compile(r"(?i)(?:version|revision)(?:id|number)?$")
# So many members are told otherwise, each in a script of its own.
_MEMBERS = 3


def version_moves(service: Service, family: Family, writes: Sequence[Move]) -> list[Move]:
    """The moves by which each of two writes' versions is looked at, and one taken away; empty for no such.

    `writes` are the moves that make them, each with a label of its own.
    """
    looks: list[list[Move]] = []
    for write in writes:
        named = [
            _of_version(reader, "version", write, members)
            for reader in family.readers
            if (members := _named(service, reader, service.operations[write.operation]))
        ]
        looks.append(named)
    if not all(looks):
        return []
    moves = [*_switched_on(service, family, writes), *writes]
    moves += [
        Move(reader.name, "read", reader.name, reader.template)
        for reader in family.readers
        if _named(service, reader, service.operations[writes[0].operation])
    ]
    moves += [replace(look, label=f"{look.label} at first") for look in (*looks[0], *looks[1])]
    for deleter in family.deleters[:1]:
        if members := _named(service, deleter, service.operations[writes[0].operation]):
            moves += [_of_version(deleter, "purge", writes[0], members), *looks[0], *looks[1]]
            # What has versions is not taken away while there are any.
            moves.append(_of_version(deleter, "purge", writes[1], members))
    return moves


def two_values(service: Service, family: Family, every: Iterable[Change]) -> Iterator[tuple[Change, Change]]:
    """Two values for each of some members that a read shows which can be asked for a version."""
    shown = {
        name
        for reader in family.readers
        if any(_VERSION.search(name) for name in _free(service, reader))
        for _, holder in structures(service, reader.operation.output)
        for name in holder.members
        if not _VERSION.search(name)
    }
    by_member: dict[str, list[Change]] = defaultdict(list)
    for change in every if shown else ():
        if change.member in shown and weight(change.value):
            by_member[change.member].append(change)
    number = 0
    for first, *others in by_member.values():
        other = next((change for change in others if change.value != first.value), None)
        if other is not None and number < _MEMBERS:
            number += 1
            yield first, other


def _of_version(related: RelatedOperation, role: Any, write: Move, members: Mapping[str, str]) -> Move:
    named = {member: {"$from": f"{write.label}.{path}"} for member, path in members.items()}
    label = f"{related.name} of {write.label}"
    return Move(label, role, related.name, {**related.template, **named}, about=write.label)


def _free(service: Service, related: RelatedOperation) -> Iterator[str]:
    """The members of an input that a family does not need."""
    for name in service.structure(related.operation.input).members:
        if name not in related.template:
            yield name


def _named(service: Service, related: RelatedOperation, write: Operation) -> dict[str, str]:
    """The member that names a version, with where a write's answer shows that; empty if none does."""
    members = service.structure(related.operation.input).members
    shown = {
        (*path, name): member.target
        for path, holder in structures(service, write.output)
        for name, member in holder.members.items()
        if _VERSION.search(name)
    }
    for asked in _free(service, related):
        if not _VERSION.search(asked):
            continue
        for path, target in shown.items():
            same = path[-1].lower() == asked.lower()
            part = asked.lower().endswith(path[-1].lower()) and members[asked].target == target
            if (same or part) and _is_plain(service, target) and _is_plain(service, members[asked].target):
                return {asked: ".".join(path)}
    return {}


def _is_plain(service: Service, target: str) -> bool:
    return isinstance(service.shape(target), StringShape | IntegerShape)


def _switched_on(service: Service, family: Family, writes: Sequence[Move]) -> Iterator[Move]:
    """What has to be asked for before anything has versions."""
    switch = versioned_by(service.name, writes[0].operation)
    if switch:
        operation = service.operations[str(switch["operation"])]
        inputs: dict[str, Any] = {
            name: writes[0].input[name]
            for name in service.structure(operation.input).members
            if name in family.recipe.bind and name in writes[0].input
        }
        yield Move("versioning", "arrange", operation.name, {**inputs, **switch["with"]})
