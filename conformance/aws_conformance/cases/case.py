# SPDX-License-Identifier: Apache-2.0
"""A case: a request's template with its expectation and how it was made.

It owns the record, and what is done to the bytes of a request below its document. It refuses to know how
cases come about (cases.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..results.events import CaseInfo
from .expectations import Expectation

__all__ = ["Case", "LeftOut"]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of an operation.

    `template` is the document to send, with symbols; `tamper` the malformation of the
    protocol that is done to the request's bytes;
    `fault` the error that a target with fault injection is asked for; `principal` "other" signs as
    another account; `signature` is the forgery that it is signed by; `without` leaves steps of the recipe
    out; `twice` sends the request two times.
    `twin` is the template without its mutation: a valid request that tells whether the mutation matters.
    `choices` are the answers from which a random template was made, for shrinking. `place_kind` is of what
    kind the place is that the case is about (`string`, ...), where that is broken.
    """

    info: CaseInfo
    template: Any
    expectation: Expectation
    tamper: str = ""
    fault: str = ""
    principal: str = ""
    signature: str = ""
    without: tuple[str, ...] = ()
    twice: bool = False
    twin: Any = field(default=None, compare=False)
    choices: tuple[int, ...] = field(default=(), compare=False)
    place_kind: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a run leaves out by default: cases of places that it tries, and whole places of known shapes.

    `constraints` are places with the keyword that no case breaks for want of room; some may be broken by
    another kind of value.
    """

    cases: int = 0
    places: int = 0
    constraints: tuple[tuple[str, str], ...] = ()
