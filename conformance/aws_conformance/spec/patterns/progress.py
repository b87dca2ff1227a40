# SPDX-License-Identifier: Apache-2.0
"""Repetitions whose body always takes a character.

It owns one rewriting: `(a?b?)*` becomes `(ab?|b)*`, so that an automaton never goes round without moving on.
It changes no language, and refuses where it would have to.
"""

from __future__ import annotations

from typing import assert_never

from .syntax import (
    EMPTY,
    NEVER,
    Chars,
    Choice,
    Either,
    End,
    Look,
    Node,
    Repeat,
    Sequence,
    Start,
    WordBoundary,
    nullable,
    zero_width,
)

__all__ = ["ConditionallyEmpty", "progressive"]


class ConditionallyEmpty(Exception):  # noqa: N818 - a reason for refusal, turned into one by the caller
    """A repeated body may match nothing, depending on what surrounds it."""


def progressive(node: Node) -> Node:
    """The same language, where no repeated body matches the empty string.

    Raises ConditionallyEmpty for the rare body that is empty only under a lookaround's condition.
    """
    match node:
        case Chars() | Start() | End() | WordBoundary() | Either():
            return node
        case Sequence(parts):
            return Sequence(tuple(progressive(part) for part in parts))
        case Choice(branches):
            return Choice(tuple(progressive(branch) for branch in branches))
        case Look(body, behind, negated):
            return Look(progressive(body), behind, negated)
        case Repeat(body, low, high):
            inner = progressive(body)
            if not nullable(inner):
                return Repeat(inner, low, high)
            if low and not _surely_empty(inner):
                raise ConditionallyEmpty
            return Repeat(_nonempty(inner), 0, high)
        case _:
            assert_never(node)


def _surely_empty(node: Node) -> bool:
    """Whether the node matches the empty string anywhere."""
    match node:
        case Chars() | Start() | End() | WordBoundary() | Look() | Either():
            return False
        case Sequence(parts):
            return all(_surely_empty(part) for part in parts)
        case Choice(branches):
            return any(_surely_empty(branch) for branch in branches)
        case Repeat(body, low, _):
            return low == 0 or _surely_empty(body)
        case _:
            assert_never(node)


def _empty_part(node: Node) -> Node:
    """What of the node takes no character."""
    match node:
        case Chars():
            return NEVER
        case Start() | End() | WordBoundary() | Look():
            return node
        case Sequence(parts):
            return Sequence(tuple(_empty_part(part) for part in parts))
        case Choice(branches):
            return Choice(tuple(_empty_part(branch) for branch in branches))
        case Repeat(body, low, _):
            return EMPTY if low == 0 else _empty_part(body)
        case Either():
            raise TypeError(f"{node} was not read")
        case _:
            assert_never(node)


def _nonempty(node: Node) -> Node:
    """What of the node takes at least one character; repetitions inside are progressive already."""
    match node:
        case Chars():
            return node
        case Start() | End() | WordBoundary() | Look():
            return NEVER
        case Choice(branches):
            return Choice(tuple(_nonempty(branch) for branch in branches))
        case Sequence(()):
            return NEVER
        case Sequence(parts):
            first, rest = parts[0], Sequence(parts[1:])
            if zero_width(first):
                return Sequence((first, _nonempty(rest)))
            if not nullable(first):
                return node
            return Choice(
                (
                    Sequence((_nonempty(first), *parts[1:])),
                    Sequence((_empty_part(first), _nonempty(rest))),
                )
            )
        case Repeat(body, low, high):
            # The body takes a character, so one round is what makes it non-empty.
            rest_high = None if high is None else high - 1
            if rest_high == 0:
                return body
            return Sequence((body, Repeat(body, max(low - 1, 0), rest_high)))
        case Either():
            raise TypeError(f"{node} was not read")
        case _:
            assert_never(node)
