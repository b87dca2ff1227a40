# SPDX-License-Identifier: Apache-2.0
"""Oracles of what documents say of a resource: dates, identifiers, ARNs.

It owns these rules. It refuses to know what a resource is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ...cases.oracles.words import is_identifying, noun_of, plain
from ...protocols.findings import Path
from ...spec.shapes import ListShape, MapShape, Service, StringShape, StructureShape, TimestampShape
from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, shown_in

__all__ = ["arn_named", "dated", "dates_advance", "dates_ordered", "unique"]

_CREATED = re.compile(
    r"(?i)^(?:\w*creat(?:e|ed|ion)_?(?:date|time|at|on|timestamp)?|registered(?:at|date)|created)$"
)
_MODIFIED = re.compile(
    r"(?i)^(?:\w*(?:modif(?:ied|ication)|updated?|changed)_?(?:date|time|at|on|timestamp)?|lastmodified)$"
)
# Clocks differ, and what is shown may be rounded.
_SLACK = 300.0
_ROUNDING = 1.0
# Within so many seconds a clock may say the same twice.
_TICK = 0.002
_ARN = re.compile(r"arn:([^:]*):([^:]*):([^:]*):([^:]*):(.+)")
_ACCOUNT = re.compile(r"(?:\d{12}|aws|)")
_PARTITION = re.compile(r"aws(?:-[a-z]+)*")


def _about(story: Story) -> Iterator[tuple[AnsweredMove, AnsweredMove, Path, Any, str]]:
    """Documents about a resource: the move that made it, the one that shows it, place, value and shape."""
    for move in story.moves:
        creation = story.created(move.about)
        if creation is None or not move.succeeds:
            continue
        if move.role in ("create", "read"):
            yield creation, move, (), move.document, move.operation.output or ""
        elif move.role == "list":
            for element in story.listed(move, creation):
                yield creation, move, element.path, element.value, element.shape


def dated(story: Story) -> Iterator[Breach]:
    """A resource was created when it was, and not at another time."""
    if not story.timely or any(move.repeats for move in story.moves):
        return
    for creation, move, path, value, shape in _about(story):
        for where, name, moment in _moments(story.service, value, shape, path):
            early, late = creation.began - _SLACK, creation.ended + _SLACK
            if _CREATED.match(name) and not early <= moment <= late:
                got = f"{_written(moment)}, {abs(moment - creation.ended):.0f} seconds off"
                yield shown_in(
                    move, Breach(where, f"about {_written(creation.ended)}, when it was made", got)
                )


def dates_ordered(story: Story) -> Iterator[Breach]:
    """Nothing was changed before it was created, and a change does not go back in time."""
    latest: dict[tuple[str, Path], float] = {}
    for creation, move, path, value, shape in _about(story):
        by_holder: dict[Path, dict[str, float]] = {}
        for where, name, moment in _moments(story.service, value, shape, path):
            by_holder.setdefault(where[:-1], {})[name] = moment
        for holder, moments in by_holder.items():
            created = [moment for name, moment in moments.items() if _CREATED.match(name)]
            for name, moment in moments.items():
                if not _MODIFIED.match(name):
                    continue
                if created and moment + _ROUNDING < min(created):
                    expected = f"{_written(min(created))} or later, when it was created"
                    yield shown_in(move, Breach((*holder, name), expected, _written(moment)))
                key = (creation.label, (move.operation.name, *holder, name))
                if moment + _ROUNDING < latest.get(key, moment):
                    expected = f"{_written(latest[key])} or later, as before"
                    yield shown_in(move, Breach((*holder, name), expected, _written(moment), "goes back"))
                latest[key] = moment


def dates_advance(story: Story) -> Iterator[Breach]:
    """What says when it was changed says another time after a change.

    Where times are whole seconds, two changes may be within one. What another thing's operation changes of
    it (`SetUserPoolMfaConfig` of a pool) need not count as a change of its own.
    """
    before: dict[Path, tuple[float, float]] = {}
    change: AnsweredMove | None = None
    for move in story.moves:
        if move.role == "update":
            change = move if move.succeeds else None
        if move.role != "read" or not move.succeeds or not _is_of(story, move):
            continue
        shape = move.operation.output or ""
        for where, name, moment in _moments(story.service, move.document, shape, (move.operation.name,)):
            if not _MODIFIED.match(name):
                continue
            earlier, seen = before.get(where, (0.0, 0.0))
            fine = moment % 1 != 0 and story.timely
            if fine and change is not None and change.began > seen + _TICK and moment == earlier:
                expected = f"later than {_written(moment)}, as it was changed since"
                foreign = plain(noun_of(change.operation.name)) != plain(story.noun)
                yield shown_in(move, Breach(where[1:], expected, "the same time"), foreign)
            before[where] = moment, move.began


def _is_of(story: Story, move: AnsweredMove) -> bool:
    """Whether a read is of the resource itself."""
    return plain(noun_of(move.operation.name)) == plain(story.noun)


def _moments(service: Service, value: Any, shape: str, path: Path) -> Iterator[tuple[Path, str, float]]:
    """The timestamps of a document by their shapes: place, name, and seconds since the epoch."""
    match service.shapes.get(shape), value:
        case StructureShape(members=members), Mapping():
            for name, item in value.items():
                if name in members:
                    yield from _moments(service, item, members[name].target, (*path, name))
        case ListShape() | MapShape(), _:
            # What is in a list of a document may be older than it.
            return
        case TimestampShape(), _:
            moment = _moment(value)
            if moment is not None and path:
                yield path, str(path[-1]), moment


def _moment(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError, OverflowError):
            continue
        return moment.timestamp() if moment.tzinfo is not None else None
    return None


def _written(moment: float) -> str:
    try:
        return f"{datetime.fromtimestamp(moment).astimezone().isoformat(timespec='seconds')}"
    except (ValueError, OverflowError, OSError):
        return f"{moment:g}"


def unique(story: Story) -> Iterator[Breach]:
    """Two resources share no identifier."""
    creation = [move for move in story.moves if move.role == "create" and move.succeeds and not move.repeats]
    for index, second in enumerate(creation):
        after = dict(story.identifiers(second))
        for first in creation[:index]:
            if story.names(first) == story.names(second) and story.naming:
                continue
            for path, value in story.identifiers(first):
                if not story.naming and str(path[-1]).lower().endswith("name"):
                    # Who was told no name may give one that others have.
                    continue
                if after.get(path) == value:
                    expected = f"another than {shorten(value)}, which is the first's"
                    alike = first.sent == second.sent and _may_be_named(story, second)
                    yield shown_in(second, Breach(path, expected, shorten(value)), alike)
                    return


def _may_be_named(story: Story, creation: AnsweredMove) -> bool:
    """Whether a text that a creation has to be told may be what its resource is known by."""
    asked = story.service.structure(creation.operation.input)
    shapes = (
        story.service.shapes.get(asked.members[name].target)
        for name in asked.required
        if name in asked.members and not is_identifying(name)
    )
    return any(isinstance(shape, StringShape) and not shape.enum for shape in shapes)


def arn_named(story: Story) -> Iterator[Breach]:
    """A resource's ARN names its region and an account."""
    for creation, move, path, value, shape in _about(story):
        identity = story.identity(creation)
        for where, text in _arns(story.service, value, shape, path):
            match = _ARN.fullmatch(text)
            if text not in identity and not any(name in text for name in story.names(creation)):
                continue
            if match is None:
                yield shown_in(
                    move,
                    Breach(where, "arn:partition:service:region:account:resource", shorten(text), "form"),
                )
                continue
            partition, _, region, account, _ = match.groups()
            if region not in ("", story.region):
                yield shown_in(move, Breach(where, f"the region {story.region}", shorten(text), "region"))
            if not _ACCOUNT.fullmatch(account):
                yield shown_in(move, Breach(where, "an account of 12 digits", shorten(text), "account"))
            if not _PARTITION.fullmatch(partition):
                yield shown_in(move, Breach(where, "a partition of AWS", shorten(text), "partition"))


def _arns(service: Service, value: Any, shape: str, path: Path) -> Iterator[tuple[Path, str]]:
    match service.shapes.get(shape), value:
        case StructureShape(members=members), Mapping():
            for name, item in value.items():
                if name in members:
                    yield from _arns(service, item, members[name].target, (*path, name))
        case StringShape(), str() if (
            path and str(path[-1]).lower().endswith("arn") and value.startswith("arn:")
        ):
            yield path, value
        case _:
            return
