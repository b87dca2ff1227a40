# SPDX-License-Identifier: Apache-2.0
"""What an SDK waits for after something was made: the member that tells that it is there.

It owns the reading of botocore's waiters. It refuses to know how long one waits, and how an answer is judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import jmespath

from ...spec.botocore import waiters
from ...spec.shapes import Operation, Service
from ..readiness import NEW_THING
from .words import plain

__all__ = ["Awaited", "awaited_of"]

# One member of what an answer shows, or of each element of its list.
_ARGUMENT = re.compile(r"[A-Za-z]+(?:\[\])?(?:\.[A-Za-z]+)?")


@dataclass(frozen=True, slots=True)
class Awaited:
    """A waiter with the expression that it looks at, and the value that it waits for."""

    waiter: str
    argument: str
    expected: str

    def values(self, document: Any) -> list[Any]:
        """What a document shows there."""
        value = jmespath.search(self.argument, document)
        return [item for item in (value if isinstance(value, list) else [value]) if item is not None]


def awaited_of(service: Service, operation: Operation, noun: str) -> tuple[Awaited, ...]:
    """What the waiters for a new thing of this noun look at in an operation's answer."""
    return tuple(
        Awaited(name, acceptor["argument"], acceptor["expected"])
        for name, row in waiters(service.name).items()
        if row["operation"] == operation.name
        and NEW_THING.search(name)
        and plain(NEW_THING.sub("", name)) == plain(noun)
        for acceptor in row["acceptors"]
        if acceptor["state"] == "success"
        and isinstance(acceptor["expected"], str)
        and _ARGUMENT.fullmatch(acceptor.get("argument", ""))
    )
