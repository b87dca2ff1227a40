# SPDX-License-Identifier: Apache-2.0
"""What wrong requests of a run have left on a target, and shows in the answers to right ones since.

It owns which values those are, by the names of their members. It refuses to know why a request was wrong.
That a target took it is a finding of its own, and the value that another answer holds is no second fault: on
a target that starts afresh nobody would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from ..checks.response import shorten
from ..results.events import Violation

__all__ = ["Leftovers"]


_ANY = "*"


@dataclass(slots=True)
class Leftovers:
    """Values that a target may hold although no right request has sent them."""

    _values: Set[tuple[str, str]] = frozenset()

    def leave(self, document: Any, pointer: str) -> None:
        """Remember what a request that should have been refused has at the place that is wrong."""
        self._values |= _named(document, pointer)

    def without(
        self, violations: Iterable[Violation], document: Any = None, pointer: str = ""
    ) -> list[Violation]:
        """The violations of an answer but those that show such a value under such a name.

        What the request itself has at a place that is wrong comes from nowhere else.
        """
        values = self._values - _named(document, pointer)
        return [violation for violation in violations if not _explained(violation, values)]


def _explained(violation: Violation, values: Set[tuple[str, str]]) -> bool:
    if not violation.check.startswith("response."):
        return False
    name = violation.path.replace("[*]", "").removesuffix(".*").rpartition(".")[2]
    # Bounds are told with the size before the value, unknown members with their names.
    shown = {(name, violation.got), (name, violation.got.partition(": ")[2]), (_ANY, violation.got)}
    return not values.isdisjoint(shown)


def _named(document: Any, pointer: str) -> Set[tuple[str, str]]:
    """The value at a pointer as it is told, by the names of the member that it is and of the one around."""
    if not pointer and isinstance(document, str | int | float):
        # A document that is no structure: a target that takes it may read any of its members from it.
        return {(_ANY, shorten(document))}
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    names = [step for step in steps if step and not step.isdecimal()][-2:]
    return {(name, shorten(value)) for value in _reached(document, steps) for name in names}


def _reached(document: Any, steps: list[str]) -> Iterator[Any]:
    """The value at a pointer, in which nothing stands for the only key of a map; none if it leads nowhere."""
    for step in steps:
        match document:
            case dict() if step in document:
                document = document[step]
            case dict() if step == "" and document:
                document = next(iter(document.values()))
            case list() if step.isdecimal() and int(step) < len(document):
                document = document[int(step)]
            case _:
                return
    yield document
