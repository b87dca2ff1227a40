# SPDX-License-Identifier: Apache-2.0
"""The steps by which state is set up: operations with their inputs, uploads, and how each is undone.

It owns these values. It refuses to know which operation needs which step (prerequisites.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["NEW_STEP", "SetupStep", "StepWait", "Upload", "with_dependents"]

# What stands in the input of a wait for the step that it comes after.
NEW_STEP = "new"


@dataclass(frozen=True, slots=True)
class Upload:
    """A PUT of a CSV file to an address that an earlier step gave."""

    url: Any
    headers: Mapping[str, str]
    columns: Any
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepWait:
    """A look at what a step has brought about, until it can be used: an operation with its input.

    It can be used where the answer holds one of the texts `until`; where there are none, where there is one.
    """

    operation: str
    input: Any
    until: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a chain: an operation with its input, or an upload; how to undo it, what to wait for."""

    name: str
    operation: str = ""
    input: Any = None
    upload: Upload | None = None
    needs: tuple[str, ...] = ()
    undo: SetupStep | None = None
    wait: StepWait | None = None


def with_dependents(steps: Iterable[SetupStep], names: Iterable[str]) -> frozenset[str]:
    """The names of steps, and those of all that stand on them."""
    closure = set(names)
    for step in steps:
        if closure.intersection(step.needs):
            closure.add(step.name)
    return frozenset(closure)
