# SPDX-License-Identifier: Apache-2.0
"""Oracles of single resources: what was written is read, what was deleted is gone, refusals change nothing.

It owns these rules. It refuses to know how a script is carried out; a story has all that a rule needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...cases.oracles.places import structures
from ...cases.oracles.samples import is_gone
from ...cases.oracles.words import is_identifying, noun_of, plain, verb_of
from ...protocols.findings import Path
from ...spec.shapes import Operation, StringShape, StructureShape
from ..check import Breach
from ..response import shorten
from .compare import ShownDifference, member_differences, nearest_structure
from .story import AnsweredMove, Story, inside, is_leaving, is_unsettled, shown_in, texts_of

__all__ = [
    "changed_by_refusal",
    "changed_too_late",
    "gone",
    "identified",
    "left_behind",
    "misused",
    "outlives",
    "replaced",
    "shown_whole",
    "stable",
    "written",
]

# What may be another whenever one looks.
_VOLATILE = re.compile(
    r"(?i)(?:url|uri|token|status|state|count|size|bytes|usage|etag|revision\w*|requestid|age|remaining|number"
    r"|approximate\w*|\w*date|\w*time\w*|\w*used|\w*at|messages\w*|estimated\w*|password|secret\w*|signature"
    r"|expir\w*|retry\w*|hostid|metadata)$"
)


# Codes by which a name is said to be taken.
_TAKEN = re.compile(r"(?i)already_?exist|(?<!not)exists|duplicate|conflict|in_?use")


def written(story: Story) -> Iterator[Breach]:
    """What a write was told is shown by the reads after it, and by the lists."""
    for index, move in enumerate(story.moves):
        if move.role not in ("read", "list") or not move.succeeds:
            continue
        write = story.last_write(index)
        if write is None or write.role == "delete":
            continue
        settling = is_unsettled(move.document)
        # Who reads may say in which form.
        asked = story.service.structure(move.operation.input).members
        differences = _differences if move.role == "read" else _listed_differences
        for difference in differences(story, write, move):
            breach = Breach(
                difference.path,
                f"{shorten(difference.sent)}, as it was sent",
                "nothing" if difference.shown is None else shorten(difference.shown),
                f"after {write.operation.name}",
            )
            chosen = any(str(step) in asked for step in difference.path)
            of_change = difference.shown is None and _is_of_change(story, write, difference)
            yield shown_in(move, breach, difference.doubtful or settling or chosen or of_change)


def _is_of_change(story: Story, write: AnsweredMove, difference: ShownDifference) -> bool:
    """Whether only a change can be told a member: it may say how the change goes, such as where first."""
    creation = next((move for move in story.moves if move.role == "create"), None)
    if write.role != "update" or creation is None:
        return False
    holders = structures(story.service, creation.operation.input)
    names = {plain(name) for _, holder in holders for name in holder.members}
    return not any(plain(str(step)) in names for step in difference.path if str(step) in write.sent)


def _differences(story: Story, write: AnsweredMove, read: AnsweredMove) -> Iterator[ShownDifference]:
    """Where a read shows something else than a write was told."""
    asked = story.service.structure(write.operation.input)
    nearest = nearest_structure(story.service, asked, read.operation)
    if nearest is None or all(
        is_identifying(name) for name in asked.members.keys() & nearest[1].members.keys()
    ):
        yield from _nested_differences(story, write, read, asked)
    if nearest is None:
        return
    path, holder = nearest
    yield from _placed_elsewhere(story, write, read, asked, holder)
    document = inside(read.document, path)
    if isinstance(document, Mapping):
        # What is about something else of the resource has members of its own by the same names.
        foreign = not _is_about(story, read.operation) and plain(noun_of(write.operation.name)) != plain(
            noun_of(read.operation.name)
        )
        yield from member_differences(
            story.service, write.sent, document, asked, holder, path, doubtful=foreign
        )


def _nested_differences(
    story: Story, write: AnsweredMove, read: AnsweredMove, asked: StructureShape
) -> Iterator[ShownDifference]:
    """Differences of settings that are told and shown within structures of their own, called otherwise."""
    shown = list(structures(story.service, read.operation.output))
    for name, value in write.sent.items():
        inner = story.service.shapes.get(asked.members[name].target) if name in asked.members else None
        if not isinstance(inner, StructureShape) or not isinstance(value, Mapping):
            continue
        places = [
            (path, holder)
            for path, holder in shown
            if any(
                other in holder.members and holder.members[other].target == member.target
                for other, member in inner.members.items()
                if not is_identifying(other)
            )
        ]
        if len(places) == 1 and name not in places[0][1].members and _is_about(story, read.operation):
            path, holder = places[0]
            document = inside(read.document, path)
            if isinstance(document, Mapping):
                yield from member_differences(story.service, value, document, inner, holder, path)


def _placed_elsewhere(
    story: Story, write: AnsweredMove, read: AnsweredMove, asked: StructureShape, nearest: StructureShape
) -> Iterator[ShownDifference]:
    """Differences of members that have the one place of their name and shape in another structure.

    Not in one that the write can be told as well: what it means there is said there.
    """
    told = {
        (name,)
        for name, member in asked.members.items()
        if isinstance(story.service.shapes.get(member.target), StructureShape)
    }
    for name, value in write.sent.items():
        target = asked.members[name].target if name in asked.members else ""
        if name in nearest.members or not target:
            continue
        places = [
            (path, holder)
            for path, holder in structures(story.service, read.operation.output)
            if name in holder.members and holder.members[name].target == target
        ]
        if len(places) == 1 and places[0][0][-1:] not in told and _is_about(story, read.operation):
            path, holder = places[0]
            shown = inside(read.document, path)
            document = shown if isinstance(shown, Mapping) else {}
            shape = story.service.shape(target)
            # What is the default may go without saying. A structure that is not there at all may be about
            # something else, unless it is called after the member.
            default = isinstance(shape, StringShape) and shape.enum[:1] == (value,)
            absent = bool(path) and not document and plain(name) not in plain(path[-1])
            yield from member_differences(
                story.service, {name: value}, document, asked, holder, path, doubtful=default or absent
            )


def _listed_differences(story: Story, write: AnsweredMove, move: AnsweredMove) -> Iterator[ShownDifference]:
    """Where a list's element shows something else than a write was told; what it leaves out, if it may not.

    What only lists may sum up, but for what an element has to have; what describes shows each whole.
    """
    creation = story.created(move.about)
    elements = story.listed(move, creation) if creation is not None else []
    holder = story.service.shapes.get(elements[0].shape) if elements else None
    if len(elements) != 1 or not isinstance(holder, StructureShape):
        return
    value, path = elements[0].value, elements[0].path
    asked = story.service.structure(write.operation.input)
    if isinstance(value, Mapping):
        for difference in member_differences(story.service, write.sent, value, asked, holder, path):
            whole = verb_of(move.operation.name) == "read" or difference.path[-1] in holder.required
            if difference.shown is not None or whole:
                yield difference


def _is_about(story: Story, operation: Operation) -> bool:
    """Whether an operation is about the resource itself, rather than something of it."""
    return plain(noun_of(operation.name)) == plain(story.noun)


def gone(story: Story) -> Iterator[Breach]:
    """What was made can be read."""
    for index, move in enumerate(story.moves):
        if move.role != "read" or not _is_about(story, move.operation):
            continue
        write = story.last_write(index)
        if write is None or write.role == "delete":
            continue
        if move.succeeds:
            yield from _left_out(story, move)
        elif move.finds_nothing and story.found_otherwise(index) is None:
            said = f"{move.status} {move.code}".strip()
            breach = Breach(
                ("(answer)",), f"what {story.creator.name} has made", said, f"after {write.operation.name}"
            )
            creation = story.created(move.about)
            # Of what is put onto something, nothing may be as good as nothing.
            doubtful = (
                creation is None
                or not story.says_something(creation)
                or story.is_placed_elsewhere(move)
                or _asks_in_part(story, move)
            )
            yield shown_in(move, breach, doubtful)


def _asks_in_part(story: Story, read: AnsweredMove) -> bool:
    """Whether a read that has to be sent nothing was sent some of what identifies, and not all."""
    asked = story.service.structure(read.operation.input)
    return not asked.required and any(
        is_identifying(name) and name not in read.sent for name in asked.members
    )


def _left_out(story: Story, read: AnsweredMove) -> Iterator[Breach]:
    """The structures at the root of a read that creating showed, and that a read has nothing of."""
    creation = story.created(read.about)
    if creation is None or not creation.succeeds:
        return
    created = story.service.structure(story.creator.output).members
    for name, member in story.service.structure(read.operation.output).members.items():
        alike = name in created and created[name].target == member.target
        if not alike or not isinstance(story.service.shape(member.target), StructureShape):
            continue
        if creation.document.get(name) and not read.document.get(name):
            shown = shorten(creation.document[name])
            breach = Breach((name,), f"what {story.creator.name} has shown, {shown}", "nothing of it")
            yield shown_in(read, breach)


def stable(story: Story) -> Iterator[Breach]:
    """Two reads with nothing written between them show the same."""
    for index, move in enumerate(story.moves):
        earlier = _earlier_read(story, index)
        if earlier is None or _wrote(story, earlier, move):
            continue
        if any(between.role == "refuse" for between in _between(story, earlier, move)):
            continue
        yield from _changes(story, earlier, move, "between two reads")


def changed_by_refusal(story: Story) -> Iterator[Breach]:
    """A request that was refused has changed nothing."""
    for index, move in enumerate(story.moves):
        earlier = _earlier_read(story, index)
        if earlier is None or _wrote(story, earlier, move):
            continue
        refused = [
            between for between in _between(story, earlier, move) if between.role in ("refuse", "again")
        ]
        if refused and all(between.kind == "error" and between.status < 500 for between in refused):
            first = _earlier_read(story, story.moves.index(earlier))
            if first is None:
                # What is never the same twice would be laid at the refusal's door.
                continue
            restless = {change.path for change in _changes(story, first, earlier, "")}
            cause = f"after a refused {refused[-1].operation.name}"
            for change in _changes(story, earlier, move, cause):
                if change.path not in restless:
                    yield change


def _earlier_read(story: Story, index: int) -> AnsweredMove | None:
    """The look at the same thing by the same operation before this one, if both succeeded."""
    move = story.moves[index]
    if shown_whole(story, move) is None:
        return None
    return next(
        (
            earlier
            for earlier in story.before(index, move.role)
            if earlier.operation.name == move.operation.name and shown_whole(story, earlier) is not None
        ),
        None,
    )


def shown_whole(story: Story, move: AnsweredMove) -> tuple[Path, Any] | None:
    """The document that a look shows of the resource, with its place; None if it shows none of it, or a sum.

    That is all of a read, and of a list that describes what there is the one element.
    """
    if move.role == "read" and move.succeeds:
        return (), move.document
    creation = story.created(move.about)
    if move.role != "list" or not move.succeeds or creation is None or verb_of(move.operation.name) != "read":
        return None
    elements = story.listed(move, creation)
    return (elements[0].path, elements[0].value) if len(elements) == 1 else None


def _between(story: Story, first: AnsweredMove, last: AnsweredMove) -> tuple[AnsweredMove, ...]:
    moves = list(story.moves)
    return tuple(moves[moves.index(first) + 1 : moves.index(last)])


def _wrote(story: Story, first: AnsweredMove, last: AnsweredMove) -> bool:
    """Whether anything between two moves was accepted that may change what they show."""
    return any(
        move.kind != "error" and move.role in ("create", "again", "update", "delete", "refuse")
        for move in _between(story, first, last)
    )


def _changes(story: Story, first: AnsweredMove, last: AnsweredMove, cause: str) -> Iterator[Breach]:
    """Where two answers of one operation differ, but for what changes by itself."""
    service = story.service
    ours = {name for _, holder in structures(service, story.creator.input) for name in holder.members}
    (_, earlier), (place, later) = (
        shown_whole(story, first) or ((), None),
        shown_whole(story, last) or ((), None),
    )
    settling = is_unsettled(earlier) or is_unsettled(later)
    for path, before, after in _scalars_that_differ(earlier, later, place):
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        if _VOLATILE.search(name) and name not in ours:
            continue
        breach = Breach(path, f"{shorten(before)}, as before", shorten(after), cause)
        yield shown_in(last, breach, settling or name not in ours)


def _scalars_that_differ(before: Any, after: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from _scalars_that_differ(before.get(name), after.get(name), (*path, str(name)))
    elif isinstance(before, list) and isinstance(after, list):
        if sorted(map(repr, before)) != sorted(map(repr, after)):
            if len(before) != len(after):
                yield path, before, after
            else:
                for index, pair in enumerate(zip(before, after, strict=True)):
                    yield from _scalars_that_differ(*pair, (*path, index))
    elif before != after:
        yield path, before, after


def identified(story: Story) -> Iterator[Breach]:
    """What a creator has shown of a resource's identifiers, reads show as well."""
    for index, move in enumerate(story.moves):
        creation = story.created(move.about) if move.role == "read" and move.succeeds else None
        if creation is None or not _is_about(story, move.operation):
            continue
        if story.last_write(index) is not creation:
            continue
        read = list(structures(story.service, move.operation.output))
        for path, value in story.identifiers(creation):
            name = str(path[-1])
            # Where the same place is there, what is called so elsewhere is something else's.
            same_place = [(where, holder) for where, holder in read if where == path[:-1]]
            for where, holder in same_place or read:
                document = inside(move.document, where)
                shown = document.get(name) if isinstance(document, Mapping) else None
                same = _target(story, creation.operation, path) == _member_target(holder, name)
                if same and isinstance(shown, str) and shown != value and is_identifying(name):
                    expected = f"{shorten(value)}, as {creation.operation.name} has shown it"
                    breach = Breach((*where, name), expected, shorten(shown))
                    yield shown_in(move, breach)


def _target(story: Story, operation: Operation, path: Path) -> str:
    for where, holder in structures(story.service, operation.output):
        if where == path[:-1]:
            return _member_target(holder, str(path[-1]))
    return ""


def _member_target(holder: StructureShape, name: str) -> str:
    return holder.members[name].target if name in holder.members else " "


def outlives(story: Story) -> Iterator[Breach]:
    """What was taken away is neither read nor listed any more."""
    for index, move in enumerate(story.moves):
        if move.role not in ("read", "list") or not move.succeeds:
            continue
        write = story.last_write(index)
        creation = story.created(move.about)
        if creation is None or write is None or write.role != "delete":
            continue
        cause = f"after {write.operation.name}"
        if move.role == "list":
            for element in story.listed(move, creation)[:1]:
                if not is_leaving(element.value):
                    breach = Breach(element.path, "nothing of it", shorten(element.value), cause)
                    yield shown_in(move, breach, not story.naming)
        elif not _shows(story, creation, move) and not is_gone(story.service.name, move.operation.name):
            # What there is not may be shown by an answer with nothing in it, or with the defaults.
            continue
        elif not is_leaving(move.document) and not is_leaving(write.document):
            breach = Breach(("(answer)",), "that there is none any more", f"{move.status}", cause)
            yield shown_in(move, breach, not _is_about(story, move.operation))


def _shows(story: Story, creation: AnsweredMove, read: AnsweredMove) -> bool:
    """Whether a read shows what a creator has made: its name, an identifier, or what it was told of it."""
    identity = story.identity(creation)
    if identity:
        return any(text in identity for text in texts_of(read.document))
    nearest = nearest_structure(
        story.service, story.service.structure(creation.operation.input), read.operation
    )
    document = inside(read.document, nearest[0]) if nearest is not None else None
    asked = story.service.structure(read.operation.input).members
    if not isinstance(document, Mapping):
        return False
    return any(
        document.get(name) == value and value not in (None, "", [], {}, False)
        for name, value in creation.sent.items()
        if name not in asked
    )


def changed_too_late(story: Story) -> Iterator[Breach]:
    """What was taken away, so that no read finds it, is not changed any more."""
    for index, move in enumerate(story.moves):
        if move.role != "late" or move.kind != "success":
            continue
        read = next(story.before(index, "read", "list"), None)
        delete = next(story.before(index, "delete"), None)
        if delete is None or delete.kind != "success" or read is None:
            continue
        if read.finds_nothing or (read.role == "list" and _lists_without(story, read)):
            cause = f"after {delete.operation.name}"
            yield shown_in(
                move, Breach(("(answer)",), "that there is none any more", f"{move.status}", cause)
            )


def misused(story: Story) -> Iterator[Breach]:
    """What was taken away is not there for anything else, where an operation has the code for that.

    A read after the deletion has answered with a code of what there is not. An operation that declares
    that very code refuses the same name with it.
    """
    for index, move in enumerate(story.moves):
        read = next(story.before(index, "read", "list"), None)
        delete = next(story.before(index, "delete"), None)
        if move.role != "misuse" or move.kind != "success" or read is None or delete is None:
            continue
        if delete.kind != "success" or not read.finds_nothing:
            continue
        declared = {story.service.error_code(name) for name in move.operation.errors}
        expected = f"{read.code}, as {read.operation.name} answers after {delete.operation.name}"
        breach = Breach(("(answer)",), expected, f"{move.status}", f"after {delete.operation.name}")
        yield shown_in(move, breach, read.code not in declared)


def _lists_without(story: Story, move: AnsweredMove) -> bool:
    """Whether a list, by which one could tell, shows all that there is, and not what was made."""
    creation = story.created(move.about)
    return (
        creation is not None
        and move.succeeds
        and move.complete
        and bool(story.identity(creation))
        and story.tells_apart(move.operation)
        and not story.listed(move, creation)
    )


def replaced(story: Story) -> Iterator[Breach]:
    """What was made is not silently replaced by a second creation under its name.

    A read shows what only the second was told, and one before it something else.
    """
    for index, move in enumerate(story.moves):
        second = next(story.before(index, "create", "again", "update", "delete"), None)
        first = story.created(move.about)
        if move.role != "read" or not move.succeeds or first is None or second is None:
            continue
        before = next(
            (
                other
                for other in story.before(story.moves.index(second), "read")
                if other.operation == move.operation and other.succeeds
            ),
            None,
        )
        if second.role != "again" or second.kind != "success" or before is None or not _is_exclusive(story):
            continue
        for name, value in second.sent.items():
            told = replace(second, sent={name: value})
            news = list(_differences(story, told, before)) if first.sent.get(name) != value else []
            if news and not any(True for _ in _differences(story, told, move)):
                breach = Breach(
                    news[0].path,
                    f"a refusal, or {shorten(news[0].shown)} as before",
                    f"{shorten(news[0].sent)}, which the second was told",
                    f"after a second {second.operation.name}",
                )
                yield shown_in(move, breach, news[0].doubtful)


def _is_exclusive(story: Story) -> bool:
    """Whether a creator has an error for a name that is taken."""
    declared = [story.service.error_code(name) for name in story.creator.errors]
    made = verb_of(story.creator.name) == "create" and story.creator.name.startswith("Create")
    return made and any(_TAKEN.search(code) for code in declared)


def left_behind(story: Story) -> Iterator[Breach]:
    """A request to make something that was refused has made nothing."""
    for index, move in enumerate(story.moves):
        if move.role not in ("read", "list") or not move.succeeds:
            continue
        refused = next(story.before(index, "create", "refuse", "again", "update"), None)
        if refused is None or refused.role != "refuse" or refused.kind != "error" or not story.names(refused):
            continue
        if refused.operation.name != story.creator.name or refused.status >= 500:
            continue
        cause = f"after a refused {refused.operation.name}"
        if move.role == "list":
            for element in story.listed(move, refused)[:1]:
                yield shown_in(move, Breach(element.path, "nothing of it", shorten(element.value), cause))
        elif _is_about(story, move.operation):
            yield shown_in(move, Breach(("(answer)",), "that there is none", f"{move.status}", cause))
