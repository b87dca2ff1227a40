# SPDX-License-Identifier: Apache-2.0
"""What the `aws` command did once, laid out for the checks about it.

It owns the values that those checks look at: what was tried, what came of it, what the endpoint saw of it.
It refuses to judge, and to know how a command is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..protocols.findings import DocumentPlace
from ..spec.shapes import Operation, Service
from .check import Breach, Check, NoSingleAnswer

__all__ = ["BROKEN", "About", "CommandCheck", "CommandResult", "Trial", "breach_at"]

# What a rule is about that looks at commands which crashed or hung.
BROKEN = frozenset({"broken"})

# What an invocation tries, one thing each.
About: TypeAlias = Literal[
    "below minimum",
    "bad json",
    "connection",
    "credentials",
    "duplicate",
    "file",
    "merge",
    "missing member",
    "missing option",
    "no object",
    "options",
    "override",
    "service error",
    "skeleton",
    "skeleton ignoring",
    "skeleton input",
    "skeleton output",
    "skeleton output invalid",
    "skeleton output required",
    "unknown key",
    "wrong type",
]


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that is tried of one operation.

    `option` is the one that the trial is about (`--job-id`), `member` the one it fills, if there is one.
    """

    about: About
    title: str
    option: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class CommandResult(NoSingleAnswer):
    """What the command did with one invocation.

    `exit` is None for a command that did not end in time. `requested` is the request that should have been
    sent, `sent` those that were, decoded. `answer` is the document that the endpoint answered with, if it
    succeeded; `code` and `message` its error, if it refused; `calls` counts everything that reached it.
    `plain` and `known` are the input and output skeletons that this command printed before, if it did.
    """

    service: Service
    operation: Operation
    major: int
    trial: Trial
    exit: int | None
    stdout: str
    stderr: str
    calls: int = 0
    requested: Any = None
    sent: tuple[Any, ...] = ()
    answer: Any = None
    answered: bool = False
    code: str = ""
    message: str = ""
    plain: Any = None
    known: Any = None

    @property
    def broken(self) -> bool:
        """Whether it crashed or hung, so that nothing else can be said of it."""
        return self.exit is None or self.exit < 0 or "Traceback (most recent call last)" in self.stderr

    @property
    def topics(self) -> frozenset[str]:
        """What was tried; of a command that broke, nothing but that it did."""
        return BROKEN if self.broken else frozenset({self.trial.about})

    def locate(self, breach: Breach) -> DocumentPlace:
        """The place of a breach, which is in words already; rules mask what is sensitive themselves."""
        place = str(breach.path[0])
        return DocumentPlace(place, place)


def breach_at(place: str, expected: str, got: str, cause: str = "") -> Breach:
    """A broken rule at a place of what was printed or sent, in words."""
    return Breach((place,), expected, got, cause)


CommandCheck: TypeAlias = Check[CommandResult]
