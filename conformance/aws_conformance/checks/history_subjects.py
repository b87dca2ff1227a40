# SPDX-License-Identifier: Apache-2.0
"""Moments of a history, as checks see them: what was shown, waited for, brought about, and raced.

It owns these values and refuses to know how a history is walked (the engine) and how it is judged
(lifecycle.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..cases.lifecycles.model import Citation, DocumentLine, Effect, Race
from ..protocols.findings import DocumentPlace, Path
from ..spec.shapes import Operation, Service
from .check import Breach, NoSingleAnswer
from .places import place

__all__ = [
    "ConcurrentRun",
    "HistoryMoment",
    "HistorySubject",
    "Observation",
    "ObservedEffect",
    "ObservedResource",
    "WaitTimeout",
]


@dataclass(frozen=True, slots=True)
class Observation:
    """A resource as one answer shows it.

    `path` is where its document stands in the answer; `document` is None where the answer says that there
    is none. `state` is the one that it shows, `epoch` changes whenever something is done or time passes.
    """

    shown_by: str
    operation: Operation
    path: Path
    document: Mapping[str, Any] | None
    state: str | None
    epoch: int

    @property
    def listed(self) -> bool:
        """Whether it is one of a list, rather than shown alone."""
        return any(isinstance(step, int) for step in self.path)


@dataclass(frozen=True, slots=True)
class ObservedResource:
    """A observation, with what was known before it.

    `believed` are the states that the resource may be in by all that was done and seen; `lines` say what
    the document shows in this state, by the `facts`; `earlier` are all observations before. `rests` tells
    that the state does not change by itself. `marks` are members by which the state was recognised, `asked`
    is the document of the request that created the resource. `masked` is as in `ObservedEffect`.
    """

    observation: Observation
    before: frozenset[str]
    believed: frozenset[str]
    lines: tuple[DocumentLine, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    earlier: tuple[Observation, ...] = ()
    rests: bool = False
    marks: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    masked: bool = False

    @property
    def operation(self) -> Operation:
        return self.observation.operation


@dataclass(frozen=True, slots=True)
class WaitTimeout:
    """A resource that was waited for longer than its documents have it take; `seconds` is how long."""

    observation: Observation
    seconds: float
    source: Citation | None

    @property
    def operation(self) -> Operation:
        return self.observation.operation


@dataclass(frozen=True, slots=True)
class ObservedEffect:
    """What a state should have brought about, and what was found.

    `status` and `code` are the answer's, `document` a success's. `masked` tells that it was recorded, and
    sensitive texts in it are but `x` as often as they are long.
    """

    effect: Effect
    operation: Operation
    status: int
    code: str
    document: Any
    shows: Mapping[str, Any] = field(default_factory=dict)
    masked: bool = False


@dataclass(frozen=True, slots=True)
class ConcurrentRun:
    """Actions that were sent at once: how many of which were accepted and refused, and the state after.

    `order` explains them, one action after the other; empty if no order does.
    """

    race: Race
    operation: Operation
    outcomes: Mapping[tuple[str, bool], int]
    state: str
    order: tuple[str, ...]


HistorySubject: TypeAlias = ObservedResource | WaitTimeout | ObservedEffect | ConcurrentRun


@dataclass(frozen=True, slots=True)
class HistoryMoment(NoSingleAnswer):
    """A moment of a history of a service, as the judge sees it."""

    service: Service
    shown: HistorySubject

    @property
    def operation(self) -> Operation:
        return self.shown.operation

    @property
    def topics(self) -> frozenset[str]:
        """The one kind of moment that it is."""
        return frozenset({type(self.shown).__name__})

    def locate(self, breach: Breach) -> DocumentPlace:
        """The place of a breach in the answer that shows it, in words."""
        return place(self.service, self.operation.output, breach.path)
