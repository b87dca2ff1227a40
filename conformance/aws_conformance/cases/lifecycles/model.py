# SPDX-License-Identifier: Apache-2.0
"""The life of a resource as values: states, what moves it, what is refused, what its documents show.

It owns the form that a lifecycle has once it is read. It refuses to know files (file_schema.py, load.py) and
targets. Everything is frozen; lines carry who says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...results.terms import Provenance
from ..setup import SetupStep
from .predicates import Predicate

__all__ = [
    "NOWHERE",
    "Act",
    "Action",
    "Citation",
    "Csv",
    "DocumentLine",
    "Effect",
    "Lifecycle",
    "Put",
    "Race",
    "ReadAction",
    "RefusalRule",
    "Setting",
    "State",
    "Transition",
    "Variant",
    "Waiting",
]

# The state of what has not been created yet.
NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Citation:
    """Who says a line: the documents, recorded answers, or nobody (`known` is False).

    Where nobody says it, every modelled refusal is right, and only a success or a crash is remarked on.
    """

    text: str
    provenance: Provenance
    known: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """A state and how it is recognised: by members of the document, or by the refusal to show one.

    `absent` is the error code with which a reader says that the resource is not there.
    """

    name: str
    shown: Mapping[str, Any] = field(default_factory=dict)
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Csv:
    """A CSV file: rows by column; `leave_out` columns; `before` is text in front of all; `text` replaces all.

    `width` pads each row to that many characters, in the columns of `pad`.
    """

    rows: tuple[Mapping[str, Any], ...] = ()
    leave_out: tuple[str, ...] = ()
    before: str = ""
    text: str | None = None
    width: int = 0
    pad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """An upload to an address that the target gave; its body is a variant's CSV file."""

    url: Any
    headers: Mapping[str, str]
    columns: Any


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to take an action: members of its input that differ, a file, and facts that it makes true."""

    name: str = ""
    input: Mapping[str, Any] = field(default_factory=dict)
    csv: Csv | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a client does to the resource: an operation with its input, or an upload.

    `shows` is the path of the resource's document in the answer (None: the answer does not show it).
    `then` are actions that follow in an enumerated history, to see what the variant leads to.
    `answers` are members that a success has, by path, with their values (`...` for any).
    """

    name: str
    operation: str = ""
    input: Any = None
    put: Put | None = None
    shows: tuple[str, ...] | None = None
    variants: tuple[Variant, ...] = (Variant(),)
    then: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)

    def variant(self, name: str) -> Variant:
        """The variant of that name. Raises KeyError if there is none."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class ReadAction:
    """An operation that shows the resource: alone (`shows`), or among others in a list (`lists`).

    `key` are the members by which it is found in the list; `token` is the member with which the next page
    is asked for, `next` the output's member that holds it.
    """

    name: str
    operation: str
    input: Any
    shows: tuple[str, ...] | None = None
    lists: tuple[str, ...] | None = None
    key: tuple[str, ...] = ()
    token: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """From a state to one of others: by an action (`by`), or by itself (`by` is empty).

    `after` is the least and the most time, in seconds, after which it happens by itself; None: soon, within
    what the lifecycle waits. `attempt` are conditions that a history fulfils which wants to see it, where
    they are more than what makes it possible.
    """

    by: str
    origin: str
    to: tuple[str, ...]
    when: tuple[Predicate, ...]
    source: Citation
    after: tuple[float, float] | None = None
    attempt: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """An action that a state, a condition or a wrong identifier forbids.

    `replace` are members of the input that differ; `title` says in words what is wrong; `code` is the
    error code on record, if one is.
    """

    of: str
    states: tuple[str, ...]
    when: tuple[Predicate, ...]
    source: Citation
    code: str = ""
    replace: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """What the resource's document shows in some states (none: in all), whoever shows it (or `shown_by`).

    `has` and `lacks` are members; `values` by member, which may be `{$fact: name}`; `counts` the same for
    numbers; `sums` are members whose sum is one of `totals`, or at most the first of them with `at_most`.
    `constant` members never change; `same` ones are equal whoever shows them, in a state that rests.
    `requested` are members that are as the request which created the resource had them, by its own members.
    """

    source: Citation
    states: frozenset[str] = frozenset()
    when: tuple[Predicate, ...] = ()
    shown_by: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    totals: tuple[Any, ...] = ()
    at_most: bool = False
    constant: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    requested: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a state has brought about elsewhere: an operation that succeeds, or is refused with `refused`.

    `each` names a fact that holds a list; the operation is sent for each element, `{$each: true}`.
    `shows` are members of its output by path, with their values.
    """

    name: str
    states: frozenset[str]
    when: tuple[Predicate, ...]
    operation: str
    input: Any
    source: Citation
    each: str = ""
    shows: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """An action within a race, and from how many connections at once."""

    action: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Race:
    """Actions sent at once to a resource in one state; some order of them must explain all answers."""

    name: str
    state: str
    when: tuple[Predicate, ...]
    acts: tuple[Act, ...]
    source: Citation


@dataclass(frozen=True, slots=True)
class Setting:
    """What a history can stand on: facts, and members of the setup's inputs that differ (None: left out)."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for what happens by itself: first pause and longest wait, in seconds."""

    pause: float = 1.0
    at_most: float = 300.0


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The documented life of one kind of resource.

    `subject` is the operation under which random histories are told. `exclusive` names what only one such
    history at a time may hold in an account. `tidy` are actions that end what a history leaves behind.
    `others` are well-formed identifiers that nobody has. `source` is the file.
    """

    name: str
    service: str
    resource: str
    title: str
    subject: str
    setup: tuple[SetupStep, ...]
    settings: tuple[Setting, ...]
    states: Mapping[str, State]
    actions: Mapping[str, Action]
    readers: Mapping[str, ReadAction]
    transitions: tuple[Transition, ...]
    refusals: tuple[RefusalRule, ...] = ()
    documents: tuple[DocumentLine, ...] = ()
    effects: tuple[Effect, ...] = ()
    races: tuple[Race, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    tidy: tuple[str, ...] = ()
    exclusive: str = ""
    waiting: Waiting = field(default_factory=Waiting)
    source: str = ""

    @property
    def operations(self) -> frozenset[str]:
        """The operations that its actions and readers call."""
        acting = {action.operation for action in self.actions.values() if action.operation}
        return frozenset(acting | {reader.operation for reader in self.readers.values()})

    def setting(self, name: str) -> Setting:
        """The setting of that name. Raises KeyError if there is none."""
        for setting in self.settings:
            if setting.name == name:
                return setting
        raise KeyError(name)
