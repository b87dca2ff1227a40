# SPDX-License-Identifier: Apache-2.0
"""Oracles of associations: what was added is shown from both sides, once, until it is taken off or gone.

It owns these rules. It refuses to know which operations add (cases/oracles/association_looks.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ...cases.oracles.association_looks import AssociationLook, Shown, looks_of, shown_at
from ...cases.oracles.words import plain
from ...cases.symbols import value_at
from ..check import Breach
from ..response import shorten
from .story import AnsweredMove, Story, is_leaving, is_unsettled, shown_in

__all__ = ["absent", "added_to_nothing", "added_twice", "dangling", "others_lost", "outlives_removal"]

_State = Literal["added", "off", "dropped", "unknown"]
_SEPARATORS = re.compile(r"[:/,|]")
_IN_USE = re.compile(r"(?i)in_?use|delete_?conflict|dependenc|dependent|has_?attached|not_?empty")
_NOT_FOUND = re.compile(r"(?i)not_?found|no_?such|not_?exist|non_?exist")
# Codes that are said of whatever is not there.
_OF_ANYTHING = re.compile(
    r"(?i)^(?:resource|entity|item|object)?_?(?:not_?found|no_?such_?(?:entity|resource)"
    r"|not_?exist|does_?not_?exist)\w*$|^no_?such_?entity\w*$"
)
_STATE = re.compile(r"(?i)(?:status|state)$")
_OFF = re.compile(r"(?i)detach|disassoc|disabl|revok|unassoc|unassign|unused|unsubscri")
_CRASH = 500


def _looks(story: Story) -> Iterator[tuple[int, AnsweredMove, AssociationLook]]:
    """The looks of a story that were answered, whole, each with what it ought to show."""
    for index, move in enumerate(story.moves):
        if move.role != "members" or not move.succeeds or not move.complete:
            continue
        for look in looks_of(story.service, story.creator):
            if look.operation.name == move.operation.name:
                yield index, move, look


def _additions(story: Story) -> Iterator[AnsweredMove]:
    return (move for move in story.moves if move.role == "associate" and move.kind == "success")


def _element(look: AssociationLook, addition: AnsweredMove) -> str:
    """What an addition was sent that a look ought to show; empty if it was sent nothing there."""
    value = value_at(dict(addition.sent), look.element.split("."))
    return value if isinstance(value, str) else ""


def _is_asked(look: AssociationLook, move: AnsweredMove, addition: AnsweredMove) -> bool:
    """Whether a look was asked for the other side of an addition."""
    for name, path in look.asked.items():
        asked = move.sent.get(name)
        asked = asked[0] if isinstance(asked, list) and len(asked) == 1 else asked
        if asked is not None and asked != value_at(dict(addition.sent), path.split(".")):
            return False
    return True


def _shown(look: AssociationLook, move: AnsweredMove, addition: AnsweredMove) -> list[Shown]:
    """Where a look shows what was added, in all of its pages."""
    value = _element(look, addition)
    return [
        shown
        for page in move.pages
        for form in look.paths
        for shown in shown_at(page, form)
        if value and _is_same(shown.value, value)
    ]


def _is_same(shown: str, sent: str) -> bool:
    """Whether two texts name the same: one may be the ARN or URL that ends in the other."""
    ours, theirs = sent.casefold(), shown.casefold()
    return ours == theirs or ours in _SEPARATORS.split(theirs) or theirs in _SEPARATORS.split(ours)


def _state(story: Story, addition: AnsweredMove, until: int) -> _State:
    """What has become of an addition before a move."""
    state: _State = "unknown"
    for move in story.moves[:until]:
        if move is addition:
            state = "added"
        elif move.role == "dissociate" and move.about == addition.about:
            state = "off" if move.kind == "success" else state if _is_refused(move) else "unknown"
        elif move.role == "drop":
            state = "dropped" if move.kind == "success" else state if _is_refused(move) else "unknown"
    return state


def _is_refused(move: AnsweredMove) -> bool:
    return move.kind == "error" and move.status < _CRASH


def _before(
    story: Story, index: int, look: AssociationLook, addition: AnsweredMove
) -> Iterator[tuple[int, list[Shown]]]:
    """What the same look, asked for the same, has shown before, the last first."""
    for at, move, other in reversed(list(_looks(story))):
        if at < index and other is look and move.sent == story.moves[index].sent:
            yield at, _shown(look, move, addition)


def _is_there_anyway(story: Story, index: int, look: AssociationLook, addition: AnsweredMove) -> bool:
    """Whether the look has shown what was added before it was: then it does not tell what is added."""
    added = story.moves.index(addition)
    return any(shown and at < added for at, shown in _before(story, index, look, addition))


def absent(story: Story) -> Iterator[Breach]:
    """What was added is in the lists of either side."""
    for index, move, look in _looks(story):
        earlier = [addition for addition in _additions(story) if story.moves.index(addition) < index]
        # What is added later may take the place of what was there.
        for addition in earlier[-1:]:
            value = _element(look, addition)
            since = story.moves[story.moves.index(addition) : index]
            if any(other.role in ("dissociate", "vain", "drop") for other in since):
                continue
            if not value or not _is_asked(look, move, addition) or _state(story, addition, index) != "added":
                continue
            if not _shown(look, move, addition) and not _is_there_anyway(story, index, look, addition):
                count = sum(1 for page in move.pages for _ in shown_at(page, look.paths[0]))
                breach = Breach(
                    _where(look),
                    f"{shorten(value)}, which {addition.operation.name} has added",
                    f"{count} others, and not this" if count else "nothing",
                    f"after {addition.operation.name}",
                )
                yield shown_in(move, breach, is_unsettled(addition.document))


def _where(look: AssociationLook) -> tuple[str, ...]:
    """The list in which something is shown."""
    path = look.paths[0]
    return path[: path.index("*")] if "*" in path else path


def outlives_removal(story: Story) -> Iterator[Breach]:
    """What was taken off is in no list any more."""
    for index, move, look in _looks(story):
        for addition in _additions(story):
            if _state(story, addition, index) != "off" or not _is_asked(look, move, addition):
                continue
            if not _was_looked_at_before(story, look, move, addition):
                # It may be there for another reason.
                continue
            forms = _forms_before(story, index, look, addition)
            for shown in _shown(look, move, addition):
                if shown.form in forms and not _is_going(shown.element):
                    removal = _last(story, index, "dissociate")
                    cause = f"after {removal.operation.name}" if removal is not None else ""
                    yield shown_in(move, Breach(shown.path, "nothing of it", shorten(shown.value), cause))
                    return


def _forms_before(
    story: Story, index: int, look: AssociationLook, addition: AnsweredMove
) -> frozenset[tuple[str, ...]]:
    """Where a look has shown an addition while it was there, and only then."""
    added = story.moves.index(addition)
    earlier = list(_before(story, index, look, addition))
    anyway = {item.form for at, shown in earlier if at < added for item in shown}
    return frozenset(item.form for at, shown in earlier if at > added for item in shown) - anyway


def _was_looked_at_before(
    story: Story, look: AssociationLook, move: AnsweredMove, addition: AnsweredMove
) -> bool:
    """Whether it was looked in the same place before anything was added."""
    added = story.moves.index(addition)
    return any(
        at < added and other is look and earlier.sent == move.sent for at, earlier, other in _looks(story)
    )


def _is_going(element: Any) -> bool:
    """Whether an element says of itself that it is off, or about to be."""
    if not isinstance(element, Mapping):
        return False
    off = any(
        _STATE.search(str(name)) and isinstance(value, str) and _OFF.search(value)
        for name, value in element.items()
    )
    return off or is_leaving(element) or is_unsettled(element)


def _last(story: Story, index: int, *roles: str) -> AnsweredMove | None:
    return next((move for move in reversed(story.moves[:index]) if move.role in roles), None)


def added_twice(story: Story) -> Iterator[Breach]:
    """What is added twice is there once."""
    for index, move, look in _looks(story):
        again = _last(story, index, "again")
        if again is None or again.kind != "success":
            continue
        for addition in _additions(story):
            if again.operation != addition.operation or _state(story, addition, index) != "added":
                continue
            for at, earlier in _before(story, index, look, addition):
                later = _shown(look, move, addition)
                if at < story.moves.index(again) and len(earlier) == 1 and len(later) > 1:
                    cause = f"after {addition.operation.name} twice"
                    breach = Breach(later[1].path, "what was added twice, once", f"{len(later)} of it", cause)
                    yield shown_in(move, breach)
                    return


def others_lost(story: Story) -> Iterator[Breach]:
    """What takes off one leaves the others, also where it takes off nothing any more."""
    for index, move, look in _looks(story):
        removal = _last(story, index, "dissociate", "vain")
        if removal is None:
            continue
        since = story.moves.index(removal)
        for addition in _additions(story):
            still = addition.about != removal.about and _state(story, addition, index) == "added"
            still = still and _is_asked(look, move, addition)
            earlier = next((shown for at, shown in _before(story, index, look, addition) if at < since), None)
            between = [
                other
                for other in story.moves[:index]
                if other.role in ("associate", "drop") and story.moves.index(other) > since
            ]
            if still and earlier and not between and not _shown(look, move, addition):
                value = shorten(_element(look, addition))
                cause = f"after {removal.operation.name} of another"
                yield shown_in(move, Breach(_where(look), f"{value}, as before", "nothing of it", cause))
                return


def dangling(story: Story) -> Iterator[Breach]:
    """What was deleted is in no list of what was added."""
    for index, move, look in _looks(story):
        for addition in _additions(story):
            drop = _last(story, index, "drop")
            if drop is None or _state(story, addition, index) != "dropped":
                continue
            forms = _forms_before(story, index, look, addition)
            for shown in _shown(look, move, addition):
                if shown.form not in forms or _is_going(shown.element):
                    continue
                declared = [story.service.error_code(name) for name in drop.operation.errors]
                grave = any(_IN_USE.search(code) for code in declared)
                expected = "a refusal, or nothing of it any more" if grave else "nothing of it any more"
                cause = f"after {drop.operation.name}"
                yield shown_in(move, Breach(shown.path, expected, shorten(shown.value), cause), not grave)
                return


def added_to_nothing(story: Story) -> Iterator[Breach]:
    """What is not there any more is not added to anything, where that has an error that says so."""
    for index, move in enumerate(story.moves):
        drop = _last(story, index, "drop")
        if move.role != "stranger" or move.kind != "success" or drop is None or drop.kind != "success":
            continue
        codes = [story.service.error_code(name) for name in move.operation.errors]
        codes = [code for code in codes if _NOT_FOUND.search(code)]
        sought = _last(story, index, "sought")
        if not codes or (sought is not None and sought.succeeds and not is_leaving(sought.document)):
            continue
        noun = plain(drop.operation.name.removeprefix("Delete"))
        of_it = any(_OF_ANYTHING.match(code) or noun in code.lower() for code in codes)
        sure = of_it and sought is not None and sought.finds_nothing
        expected = f"a refusal, {' or '.join(codes)}"
        cause = f"{move.operation.name} after {drop.operation.name}"
        breach = Breach(("(request)",), expected, f"{move.status}", cause)
        yield shown_in(move, breach, not sure)
