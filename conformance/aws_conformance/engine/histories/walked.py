# SPDX-License-Identifier: Apache-2.0
"""What walks the stories of one operation, and walks them again: the interface of both kinds of phases.

It owns the interface. It refuses to know what a story is of: a lifecycle, or a model alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from ...cases.contract import OperationContract
from ...results.events import CaseInfo, Reproduction, Violation
from ..plan import Plan
from ..session import Session
from .result import Execution, Unconfirmed, WalkedStory

__all__ = ["HistoryConfirmer", "WalkPhase"]

_S = TypeVar("_S", bound=WalkedStory)


class HistoryConfirmer(Protocol[_S]):
    """What can carry out a history again, on a setup of its own."""

    def until(self, violation: Violation, history: _S, execution: Execution, /) -> _S | None:
        """The history up to the step that showed a violation."""

    def confirmed(
        self, violation: Violation, history: _S, execution: Execution, /
    ) -> tuple[_S, Execution] | Unconfirmed | None:
        """The shortest history that shows a violation again; Unconfirmed if nothing came as far."""


class WalkPhase(HistoryConfirmer[_S], Protocol[_S]):
    """The histories of one operation: how many there are, and each with what walks it."""

    session: Session
    contract: OperationContract
    plan: Plan

    def planned(self) -> int:
        """How many histories there will be."""

    def enumerated(self) -> Iterator[tuple[_S, Callable[[], Execution]]]:
        """Each history that needs no chance, with what walks it."""

    def written(self, shown: Reproduction, /) -> tuple[_S, Callable[[], Execution]] | None:
        """A history that a report or a corpus holds, with what walks it; None if it is of another kind.

        Raises UsageError for one that can't be read, or that there is nothing for any more.
        """

    def random(self, take: Callable[[_S, Execution], None], /) -> None:
        """Walk the histories that are left to chance; `take` gets each."""

    def chosen(self) -> Iterator[CaseInfo]:
        """Random histories that will not be walked."""

    def close(self) -> None:
        """Undo whatever histories stood on."""
