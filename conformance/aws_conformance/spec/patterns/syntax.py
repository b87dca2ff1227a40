# SPDX-License-Identifier: Apache-2.0
"""The nodes of a regular expression, and what of them may match without taking a character.

It owns the tree that the parser makes, and everything else reads: nothing here parses, translates or
matches. Groups, names, flags, greed and escapes are gone from it, because under a full match none of them
changes which strings are matched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from .charset import CharClass

__all__ = [
    "EMPTY",
    "NEVER",
    "Chars",
    "Choice",
    "Either",
    "End",
    "Look",
    "Node",
    "Pattern",
    "Repeat",
    "Sequence",
    "Start",
    "WordBoundary",
    "nullable",
    "zero_width",
]


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a class."""

    members: CharClass


@dataclass(frozen=True, slots=True)
class Sequence:
    """All parts, one after the other; without parts, the empty string."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of the branches; without branches, nothing at all."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`low` to `high` times the body; any number of times from `low` if `high` is None."""

    body: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of the text."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the text; with `loose`, in some readings also before a line end that closes it."""

    loose: bool


@dataclass(frozen=True, slots=True)
class WordBoundary:
    """Between a word character and another one, or (`inside`) anywhere else."""

    inside: bool


@dataclass(frozen=True, slots=True)
class Look:
    """The text ahead, or behind, matches the body, or (`negated`) does not."""

    body: Node
    behind: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Either:
    """Syntax that engines read in two ways: Java as `narrow`, some other as `wide`, which holds more."""

    narrow: Node
    wide: Node


Node: TypeAlias = Chars | Sequence | Choice | Repeat | Start | End | WordBoundary | Look | Either

EMPTY = Sequence(())
NEVER = Choice(())


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern: AWS's own text and its tree."""

    source: str
    node: Node


def zero_width(node: Node) -> bool:
    """Whether the node never takes a character."""
    match node:
        case Start() | End() | WordBoundary() | Look():
            return True
        case Chars():
            return False
        case Sequence(parts) | Choice(parts):
            return all(zero_width(part) for part in parts)
        case Repeat(body, _, high):
            return high == 0 or zero_width(body)
        case Either(narrow, wide):
            return zero_width(narrow) and zero_width(wide)
        case _:
            assert_never(node)


def nullable(node: Node) -> bool:
    """Whether the node may match without taking a character, whatever stands around it."""
    match node:
        case Start() | End() | WordBoundary() | Look():
            return True
        case Chars():
            return False
        case Sequence(parts):
            return all(nullable(part) for part in parts)
        case Choice(branches):
            return any(nullable(branch) for branch in branches)
        case Repeat(body, low, _):
            return low == 0 or nullable(body)
        case Either(narrow, wide):
            return nullable(narrow) or nullable(wide)
        case _:
            assert_never(node)
