"""The nodes of a regular expression, and what it is to be refused.

It owns the tree that the parser makes, and everything else reads: nothing here parses, translates or
matches. Groups, names, flags, greed and escapes are gone from it, because under a full match none of them
changes which strings are matched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ...errors import ConformanceError
from .properties import CharClass

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
    "PatternRefused",
    "Repeat",
    "Sequence",
    "Start",
    "WordBoundary",
]


@dataclass(eq=False, init=False)
class PatternRefused(ConformanceError):  # noqa: N818 - the outcome's name; every caller treats it as one
    """A pattern that has no translation which every engine reads alike; `reason` says why."""

    source: str = ""
    reason: str = ""
    position: int = 0

    def __init__(self, source: str, reason: str, position: int = 0) -> None:
        super().__init__(
            message=f"Pattern {source!r} is refused at {position}: {reason}.",
            hint="Correct it in the errata, or list it in data/refused-patterns.yaml.",
            code="pattern-refused",
        )
        self.source = source
        self.reason = reason
        self.position = position


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
