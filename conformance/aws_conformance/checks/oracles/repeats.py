# SPDX-License-Identifier: Apache-2.0
"""An oracle of repetition: what documents call idempotent can be asked for twice.

It owns this rule. It refuses to know in which sentences documents say so (spec/documented_changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..check import Breach
from .story import AnsweredMove, Story, shown_in

__all__ = ["repeated"]

_REPEATING = ("again", "vain", "untag")
_WRITES = (
    *("create", "again", "refuse", "update", "delete", "vain", "tag", "untag"),
    *("associate", "dissociate", "provide", "drop", "stranger"),
)
_CLIENT, _SERVER = 400, 500


def repeated(story: Story) -> Iterator[Breach]:
    """The same request, sent once more with nothing between, is not refused the second time."""
    for index, move in enumerate(story.moves):
        refused = move.kind == "error" and _CLIENT <= move.status < _SERVER
        if move.role not in _REPEATING or move.repeats or not refused or not move.operation.repeatable:
            continue
        first = _last_write(story, index)
        if first is not None and first.operation == move.operation and first.sent == move.sent:
            expected = f"success, as {move.operation.name} is documented as idempotent"
            got = f"{move.status} {move.code}".strip()
            doubtful = _contradicts_its_errors(story, move)
            yield shown_in(move, Breach(("(answer)",), expected, got, "repeated"), doubtful)


def _contradicts_its_errors(story: Story, move: AnsweredMove) -> bool:
    """Whether an operation declares the code for what there is not, and can mean nothing else by it.

    What is told one name and nothing more has no parent that may be missing: of its text and its error one
    must be wrong (iam's DeleteOpenIDConnectProvider), and nobody can tell which.
    """
    declared = [story.service.error_code(name) for name in move.operation.errors]
    required = story.service.structure(move.operation.input).required
    return move.role == "vain" and move.code in declared and move.finds_nothing and len(required) == 1


def _last_write(story: Story, index: int) -> AnsweredMove | None:
    """What was last accepted that may have changed something; None if that was nothing or is not known."""
    for move in reversed(story.moves[:index]):
        if move.role in _WRITES and move.kind != "error":
            return move if move.kind == "success" else None
    return None
