# SPDX-License-Identifier: Apache-2.0
"""Where one operation stands in a run: implemented, reached, how its cases came out; told in events.

It owns the tally and what follows from it. It refuses to know how cases and histories are tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..cases.case import LeftOut
from ..checks.common_errors import framework_codes
from ..checks.response import DecodedResponse
from ..results.events import (
    CaseFinished,
    CaseInfo,
    Event,
    Lived,
    OperationFinished,
    Outcome,
    Tallied,
    UnrepeatedViolation,
    tallied_as,
)
from .attempt import Attempt
from .comparable import comparable
from .coverage import OperationCoverage
from .evidence import speaks_for_itself

__all__ = ["REQUIRED_WITNESSES", "OperationTally"]

# So many different requests must all earn the invented operation's answer before an operation counts as
# not implemented by that answer alone.
REQUIRED_WITNESSES = 3


def _compared(answer: DecodedResponse) -> dict[str, tuple[str, ...]] | None:
    """What of an answer two targets are compared by; None of one that is no success."""
    if answer.kind != "success" or answer.decoded is None:
        return None
    return comparable(answer.service, answer.operation.output, answer.decoded.document, answer.sent)


@dataclass(slots=True)
class OperationTally:
    """One operation's standing; `name` is its full name, `emit` gets the events.

    `first_refusal` is of the first valid request that was refused, `last_refusal` what a search for the state
    that it needs came to. `shown_by` tells which findings a case counts for; `partial` that the run has only
    a part of the cases.
    """

    name: str
    emit: Callable[[Event], None]
    coverage: OperationCoverage | None = None
    compares: bool = False
    left_out: LeftOut = field(default_factory=LeftOut)
    reached: bool = False
    succeeded: bool = False
    answered: int = 0
    witnesses: int = 0
    evidence: str = ""
    ambiguity: str = ""
    first_refusal: str = ""
    last_refusal: str = ""
    errors: dict[str, Literal["request", "fault injection"]] = field(default_factory=dict)
    histories: list[Lived] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    chain: Mapping[str, Any] = field(default_factory=dict)
    tally: Counter[Tallied] = field(default_factory=Counter)
    shown_by: Callable[[str], tuple[str, ...]] = lambda case: ()
    partial: bool = False

    @property
    def absent(self) -> bool:
        """Whether it is shown by now that the target does not implement the operation."""
        return self.witnesses >= REQUIRED_WITNESSES and not self.answered

    def weigh(self, attempt: Attempt) -> None:
        """Whether an attempt shows that there is such an operation, or that there is none."""
        if attempt.evidence and not self.answered:
            # 501 and a target's own signature speak for themselves, the invented name's answer only
            # together.
            self.witnesses += 1
            self.evidence = self.evidence or attempt.evidence
        elif attempt.ambiguous:
            self.ambiguity = self.ambiguity or attempt.ambiguous
        elif attempt.answer is not None and not self._says_little(attempt, attempt.answer):
            self.answered += 1

    def leaves_open(self, attempt: Attempt) -> bool:
        """Whether an answer may come from a door that nobody has gone through to look for the operation.

        So may one to what is wrong below the document; and, where the target has said that it lacks the
        operation, a refusal of what breaks its shapes, which are looked at before what is made of them, and
        one by a code that front ends have for all operations.
        """
        if attempt.below_document:
            return True
        answer = attempt.answer
        if answer is None or answer.kind != "error" or not speaks_for_itself(self.evidence):
            return False
        return attempt.case.info.kind == "negative" or answer.code in framework_codes()

    def _says_little(self, attempt: Attempt, answer: DecodedResponse) -> bool:
        """Whether an answer leaves it in doubt that there is such an operation; documents may crash it."""
        crashed = answer.kind == "error" and answer.response.status >= 500
        return self._in_doubt and (crashed or self.leaves_open(attempt))

    @property
    def _in_doubt(self) -> bool:
        """Whether something spoke for there being no such operation."""
        return bool(self.ambiguity or self.witnesses)

    def refused(self, reason: str) -> None:
        """A search for the state that the operation needs came to its end for that reason."""
        self.last_refusal = reason

    def died(self, story: str) -> None:
        """The target died of nothing that it dies of again."""
        self.deaths.append(story)

    def missing(self, evidence: str) -> None:
        """The target has shown that it does not implement the operation."""
        self.witnesses = max(self.witnesses, REQUIRED_WITNESSES)
        self.evidence = self.evidence or evidence

    def count(self, case: CaseInfo, outcome: Outcome, attempt: Attempt | None = None) -> None:
        """A case came out."""
        self.tally[tallied_as(outcome)] += 1
        if self.coverage is not None:
            self.coverage.came_out(case, outcome)
        answer = attempt.answer if attempt else None
        self.emit(
            CaseFinished(
                case,
                outcome,
                answered=answer.response.status if answer else 0,
                code=answer.code if answer else "",
                elapsed=answer.response.elapsed if answer else 0.0,
                answer=_compared(answer) if answer is not None and self.compares else None,
                shows=self.shown_by(case.id),
            )
        )

    def unsent(self, cases: int) -> None:
        """So many cases were not even made when the run ended; they are counted, and not told one by one."""
        self.tally["inconclusive"] += cases

    def lived(self, case: CaseInfo, outcome: Outcome, reason: str = "") -> None:
        """A history came out; one that every run has is listed.

        `reason` is why it was not walked to its end, for an outcome that says nothing of it.
        """
        self.count(case, outcome)
        if case.repeatable:
            word = tallied_as(outcome).replace("_", " ")
            self.histories.append(Lived(case, word, getattr(outcome, "reason", reason)))

    def conclude(self, failed_step: str, unrepeated: tuple[UnrepeatedViolation, ...] = ()) -> None:
        """All cases are through; `failed_step` is why what they needed could not be provided."""
        none = self.tally.total() > 0 and self.tally["not_implemented"] == self.tally.total()
        implemented = not (self.witnesses and not self.answered) and not none
        unreached = ""
        if implemented and not self.reached:
            wrong = "every success that was seen is in violation of something" if self.succeeded else ""
            story = next((lived.reason for lived in self.histories if lived.reason), "")
            unclear = self.ambiguity if not self.answered else ""
            unreached = (
                unclear
                or failed_step
                or wrong
                or self.last_refusal
                or self.first_refusal
                or story
                or "no valid request succeeded"
            )
        self.emit(
            OperationFinished(
                operation=self.name,
                implemented=implemented,
                evidence=self.evidence if not implemented else "",
                reached=self.reached,
                cases=self.tally.total(),
                verified=self.tally["verified"],
                violated=self.tally["violated"],
                inconclusive=self.tally["inconclusive"],
                not_implemented=self.tally["not_implemented"],
                errored=self.tally["errored"],
                flaky=self.tally["flaky"],
                errors=dict(sorted(self.errors.items())),
                unreached=unreached,
                succeeded=self.succeeded,
                histories=tuple(self.histories),
                deaths=tuple(self.deaths),
                unrepeated=unrepeated,
                coverage=self.coverage.figures() if self.coverage is not None else (),
                left_out=self.left_out.cases,
                places_left_out=self.left_out.places,
                chain=self.chain if self.reached or self.succeeded else {},
                judged=self.coverage.items() if self.coverage is not None and self.partial else {},
            )
        )
