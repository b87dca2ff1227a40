# SPDX-License-Identifier: Apache-2.0
"""A check, whatever it looks at: the row of a rule, what it looks at as the judge sees it, and a breach.

It owns these three. It refuses to know which checks there are, and what an answer, a history or a command is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from ..protocols.findings import DocumentPlace, Path
from ..results.terms import Answers, Provenance, Severity
from ..spec.shapes import Operation, Service

__all__ = [
    "ANSWER",
    "BYTES",
    "CASE_ERROR",
    "CASE_SUCCESS",
    "DOCUMENT",
    "ERROR",
    "EXCHANGE",
    "FORGED",
    "FRAMING",
    "SUCCESS",
    "Breach",
    "Check",
    "HasOperation",
    "NoSingleAnswer",
    "Schema",
    "Subject",
    "as_it_is",
]

SubjectT = TypeVar("SubjectT", contravariant=True)
Schema: TypeAlias = Mapping[str, Any]

# What a rule about an answer is about: the answer as a whole, whatever it is, or only if it is a success or
# an error; that to a case, which expects something, or to a forged signature; what its reader had to forgive;
# the codec's findings; what does not fit the schema. Where a document is all that is known, no exchange is.
ANSWER = frozenset({"answer"})
SUCCESS = frozenset({"success"})
ERROR = frozenset({"error"})
CASE_SUCCESS = frozenset({"success of a case"})
CASE_ERROR = frozenset({"error of a case"})
EXCHANGE = frozenset({"exchange"})
FORGED = frozenset({"forged"})
FRAMING = frozenset({"framing"})
BYTES = frozenset({"bytes"})
DOCUMENT = frozenset({"document"})


class HasOperation(Protocol):
    """Something that is of an operation, such as an answer."""

    @property
    def operation(self) -> Operation:
        """The operation."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule at a place of what was looked at; `cause` tells apart what shares a place.

    `everywhere` marks a cause that lies in front of all operations, whatever the check's own scope.
    `provenance` is who says so in this case, where that is not always the same. `quotes` tells that
    `expected` quotes a value which the target showed before. What is `doubtful` may be right in ways that
    no document tells: never more than a warning, unless somebody has set the severity. `shown_by` is the
    answer that shows it, where several were looked at.
    """

    path: Path
    expected: str
    got: str
    cause: str = ""
    everywhere: bool = False
    provenance: Provenance | None = None
    quotes: bool = False
    doubtful: bool = False
    shown_by: HasOperation | None = None


class Subject(Protocol):
    """What checks look at: an answer, a moment of a history or all of it, what a command did."""

    @property
    def service(self) -> Service:
        """The service that it is of."""

    @property
    def operation(self) -> Operation:
        """The operation that it is of, unless a breach names an answer of another."""

    @property
    def topics(self) -> frozenset[str]:
        """What can be asked of it: a check looks at it that is about any of them."""

    @property
    def everywhere(self) -> bool:
        """Whether whatever is wrong with it lies in front of all operations."""

    @property
    def answers(self) -> Answers | Literal[""]:
        """The kind of answer that it is, or nothing where it is none."""

    def locate(self, breach: Breach) -> DocumentPlace:
        """The place of a breach, in words."""


class NoSingleAnswer:
    """Part of a subject that is more or other than an answer: what is wrong with it is its operation's."""

    __slots__ = ()

    @property
    def everywhere(self) -> bool:
        """Whether whatever is wrong with it lies in front of all operations."""
        return False

    @property
    def answers(self) -> Literal[""]:
        """No kind of answer."""
        return ""


def _of_its_own(service: Service, operation: Operation, schema: Schema) -> None:
    """No schema: nobody knows what the rule objects to."""


def as_it_is(service: Service, operation: Operation, schema: Schema) -> Schema:
    """The same schema, for a rule that has nothing to say of a document by itself."""
    return schema


# A rule is itself and no other: whoever keeps tables by rules has no need to compare all of their texts.
@dataclass(frozen=True, slots=True, eq=False)
class Check(Generic[SubjectT]):
    """One rule: a stable id, what it requires, how grave a breach is, who says so, and the function.

    `scope` is "target" where one cause shows in every operation alike and is reported once. `about` is what
    it is about, of the topics of its subjects. Rules about documents are not held against the answer to a
    request that should have been refused, because whatever is odd there came with the request.

    `narrowed` makes an output's schema so strict that the rule has nothing to say of a document that fits
    it, of which nothing else is known; None where no schema is.
    """

    id: str
    requirement: str
    severity: Severity
    provenance: Provenance
    citation: str
    run: Callable[[SubjectT], Iterator[Breach]]
    scope: Literal["operation", "target"] = "operation"
    about: frozenset[str] = ANSWER
    narrowed: Callable[[Service, Operation, Schema], Schema | None] = _of_its_own

    @property
    def shown_by_bytes(self) -> bool:
        """Whether a breach is one of an answer's bytes or document, whatever state it met."""
        return not self.about.isdisjoint(BYTES | DOCUMENT)
