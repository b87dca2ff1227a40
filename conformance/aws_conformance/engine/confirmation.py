# SPDX-License-Identifier: Apache-2.0
"""Whether a violation has to be seen twice, and what its case, sent again, says of it.

It owns the difference between what one answer's bytes show, which no repetition can excuse, and what
depends on the target's state or behaviour. It refuses to know how a case is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from ..cases.case import Case
from ..cases.contract import Contract, OperationContract
from ..checks.response import DecodedResponse
from ..checks.verdict import is_crash, is_throttled
from ..results.events import Violation
from ..spec.shapes import StringShape, StructureShape
from .attempt import Attempt, blames_state

__all__ = ["Doubt", "FreshConfirmer", "doubt_of", "needs_repetition", "with_new_names"]

# Checks of what a target does with a request; all others judge what stands in one answer.
_BEHAVIOUR = ("lifecycle.", "oracle.", "request.", "server.", "signature.", "error.code.recorded")
# Members that say what something new is to be called.
_NAMING = re.compile(r"(?:name|identifier|alias)$", re.IGNORECASE)
_TURNED = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a grave violation is no finding: it is flaky, or its repetition said nothing of it."""

    outcome: Literal["flaky", "unconfirmed"]
    reason: str
    violation: Violation
    attempt: Attempt


class FreshConfirmer(Protocol):
    """What looks for the violations of one operation on targets that hold nothing yet."""

    def accepted(self, case: Case, /) -> None:
        """A valid request was accepted on the run's own target."""

    def has_shown(self, cause: tuple[str, ...], /) -> bool:
        """Whether such a target has shown a cause of that key."""

    def shown(self, violation: Violation, attempt: Attempt, cause: tuple[str, ...], /) -> Attempt | Doubt:
        """The attempt with what else it takes to show the violation there, or a doubt about it."""


def needs_repetition(violation: Violation, answer: DecodedResponse | None = None) -> bool:
    """Whether a violation must be seen again from fresh state to count.

    What is odd in the bytes of a crash came with the crash, and is as sure as that is.
    """
    return violation.check.startswith(_BEHAVIOUR) or (answer is not None and is_crash(answer))


def doubt_of(violation: Violation, first: Attempt, again: Attempt) -> Doubt:
    """What a repetition that did not show the violation leaves of it.

    Only an answer to the same question excuses: a refusal for state, or none at all, says nothing.
    """
    answer = again.answer
    if answer is None:
        return Doubt("unconfirmed", f"sent again: {again.reason}", violation, first)
    response = answer.response
    if response.fate != "answered":
        return Doubt(
            "unconfirmed", f"sent again: {response.fate} {response.detail}".rstrip(), violation, first
        )
    said = f"sent again, it was answered with {response.status} {answer.code}".rstrip()
    valid = again.case.info.kind in ("positive", "tolerance")
    refused = answer.kind == "error" and (valid or is_throttled(answer) or blames_state(answer))
    silent = refused or is_crash(answer)
    return Doubt("unconfirmed" if silent else "flaky", said, violation, first)


def with_new_names(contract: OperationContract, case: Case) -> Case:
    """The case with other names for what it makes, where its template spells them out.

    A name of the same length and from the same classes of characters, so that what was valid stays valid;
    what the case is about, enumerations and symbols are left as they are.
    """
    shape = contract.service.shapes.get(contract.operation.input or "")
    if not isinstance(shape, StructureShape) or not isinstance(case.template, dict):
        return case
    names = set(_names(contract.service_contract, shape, case))
    if not names:
        return case
    template = {name: _turned(item) if name in names else item for name, item in case.template.items()}
    return replace(case, template=template)


def _names(contract: Contract, shape: StructureShape, case: Case) -> Iterator[str]:
    for name, item in case.template.items():
        member = shape.members.get(name)
        target = contract.service.shapes.get(member.target) if member else None
        names = isinstance(target, StringShape) and not target.enum and bool(_NAMING.search(name))
        if names and isinstance(item, str) and not case.info.pointer.startswith(f"/{name}"):
            yield name


def _turned(text: str) -> Any:
    """The text with its last letters and digits exchanged for their successors."""
    characters, left = list(text), _TURNED
    for index in range(len(characters) - 1, -1, -1):
        character = characters[index]
        if left and character.isascii() and character.isalnum():
            characters[index] = _successor(character)
            left -= 1
    return "".join(characters)


def _successor(character: str) -> str:
    for row in ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if character in row:
            return row[(row.index(character) + 1) % len(row)]
    return character
