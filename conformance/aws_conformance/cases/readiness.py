# SPDX-License-Identifier: Apache-2.0
"""When something that was just made can be used: what an SDK's waiters ask, and which answers they wait for.

It owns the reading of botocore's waiters for new things. It refuses to know how long one waits, and who asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import jmespath
from jmespath.exceptions import JMESPathError

from ..spec.botocore import waiters
from ..spec.shapes import Service
from .name_reading import plain_name, read_name

__all__ = ["NEW_THING", "ReadinessWaiter", "readiness_waiter"]

# Waiters for what was just made; others wait for what comes of a later request, and look at what shows that.
NEW_THING = re.compile(r"(?:Exists|Active|Available|InService|Running|Ready|Created|Deployed)$")

Readiness = Literal["ready", "pending", "unseen", "unclear"]


@dataclass(frozen=True, slots=True)
class ReadinessWaiter:
    """A waiter for a new thing: its name, what it asks, and the acceptors that judge each answer.

    `longest` is for how many seconds an SDK waits at most.
    """

    name: str
    operation: str
    acceptors: tuple[Mapping[str, Any], ...]
    longest: float

    @property
    def until(self) -> tuple[str, ...]:
        """The texts of which an answer that tells that it can be used holds one, where there are such."""
        texts = (item["expected"] for item in self.acceptors if item["state"] == "success")
        return tuple(text for text in texts if isinstance(text, str))

    def readiness(self, status: int, code: str, document: Any) -> Readiness:
        """What an answer tells: its HTTP status, the code of its error or the empty string, its document.

        Unseen is what is not shown yet; unclear is an answer that says neither, or that it failed.
        """
        for acceptor in self.acceptors:
            if _accepts(acceptor, status, code, document):
                states: Mapping[str, Readiness] = {
                    "success": "ready",
                    "retry": "unseen" if code else "pending",
                }
                return states.get(acceptor["state"], "unclear")
        # Who shows no state at all will not show another one later.
        shows = not code and any(_shown(acceptor, document) for acceptor in self.acceptors)
        return "pending" if shows else "unclear"


def readiness_waiter(service: Service, creator: str) -> ReadinessWaiter | None:
    """The waiter for what an operation makes; None where no SDK waits for it."""
    reading = read_name(creator)
    if reading.verb != "create":
        return None
    # What exists may not be running yet.
    known = sorted(waiters(service.name).items(), key=lambda item: (item[0].endswith("Exists"), item[0]))
    for name, row in known:
        if NEW_THING.search(name) and plain_name(NEW_THING.sub("", name)) == reading.noun:
            longest = float(row["delay"]) * float(row["maxAttempts"])
            if row["operation"] in service.operations:
                return ReadinessWaiter(name, row["operation"], tuple(row["acceptors"]), longest)
    return None


def _accepts(acceptor: Mapping[str, Any], status: int, code: str, document: Any) -> bool:
    expected = acceptor["expected"]
    match acceptor["matcher"]:
        case "status":
            return bool(status == expected)
        case "error":
            return bool(code) if isinstance(expected, bool) else code == expected
        case _ if code:
            return False
        case "path":
            return bool(_shown(acceptor, document) == expected)
        case matcher:
            shown = _shown(acceptor, document)
            if not isinstance(shown, list) or not shown:
                return False
            same = [item == expected for item in shown]
            return all(same) if matcher == "pathAll" else any(same)


def _shown(acceptor: Mapping[str, Any], document: Any) -> Any:
    """What a document has where an acceptor looks; None where that has no meaning for it."""
    if "argument" not in acceptor:
        return None
    try:
        return jmespath.search(acceptor["argument"], document)
    except JMESPathError:
        # A list's length, of what the target shows as something else.
        return None
