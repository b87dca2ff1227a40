# SPDX-License-Identifier: Apache-2.0
"""The steps by which state is set up: operations with their inputs, uploads, and how each is undone.

It owns these values. It refuses to know which operation needs which step (prerequisites.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["SetupStep", "Upload", "with_dependents"]


@dataclass(frozen=True, slots=True)
class Upload:
    """A PUT of a CSV file to an address that an earlier step gave."""

    url: Any
    headers: Mapping[str, str]
    columns: Any
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a chain: an operation with its input, or an upload; and how to undo it."""

    name: str
    operation: str = ""
    input: Any = None
    upload: Upload | None = None
    needs: tuple[str, ...] = ()
    undo: SetupStep | None = None


def with_dependents(steps: Iterable[SetupStep], names: Iterable[str]) -> frozenset[str]:
    """The names of steps, and those of all that stand on them."""
    closure = set(names)
    for step in steps:
        if closure.intersection(step.needs):
            closure.add(step.name)
    return frozenset(closure)
