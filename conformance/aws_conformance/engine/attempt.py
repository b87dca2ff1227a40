# SPDX-License-Identifier: Apache-2.0
"""One case, sent once: from its template to an interpreted answer and its violations.

It owns the order of things within a case, and refuses to know of other cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..cases.case import Case
from ..cases.contract import OperationContract
from ..cases.name_reading import read_name
from ..cases.setup import SetupStep, StepWait
from ..checks.judge import judge
from ..checks.refusals import blames_form
from ..checks.response import AnswerCheck, DecodedResponse, interpret
from ..checks.verdict import is_crash, is_throttled, is_unsupported
from ..http import Exchange, Response, uncarriable
from ..reproduce.mask import without_secrets
from ..results.events import UNREACHED, Errored, Inconclusive, Outcome, Verified, Violated, Violation
from ..results.terms import Severity, at_least
from ..spec.shapes import Operation
from .bounds import InventedNames, bounded
from .crashes import Crashes
from .environment import Environment
from .evidence import Evidence
from .masked_events import violation_without
from .session import Session

__all__ = ["GONE", "Attempt", "Attempter", "blames_state", "outcome_of"]

# Refusals for what a target holds, whether the request is right or wrong.
_STATE = re.compile(
    r"Exist|Conflict|InUse|NotFound|Duplicate|LimitExceeded|InvalidState|NotMet|Busy|Pending|Concurrent"
)
# Verbs of operations that leave everything as it is.
_READERS = ("Describe", "Get", "Head", "List")
# Kinds of cases whose requests hold what no right one does.
_ODD = ("negative", "tolerance")
GONE = "the target has died, and could not be started again"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a case: nothing (`reason` says why) or an answer with its violations.

    `unsent` tells that there was no connection to send it on; `evidence` is what shows that there is no
    such operation, `ambiguous` what may show that, or a crash. `mark` is where the target's log stood before.
    `afresh` tells that a target that held nothing has shown the same, after the steps `beside` its own.
    """

    case: Case
    exchange: Exchange | None = None
    answer: DecodedResponse | None = None
    violations: tuple[Violation, ...] = ()
    reason: str = ""
    evidence: str = ""
    ambiguous: str = ""
    unsent: bool = False
    mark: int | None = None
    afresh: bool = False
    beside: tuple[SetupStep, ...] = ()
    known: frozenset[tuple[str, ...]] = frozenset()

    @property
    def below_document(self) -> bool:
        """Whether the request was changed after its document was encoded, or signed by a forgery."""
        return bool(self.case.tamper or self.case.signature)

    @property
    def succeeds(self) -> bool:
        """Whether this is a success of the operation, asked for by a request that may have one."""
        return (
            self.answer is not None
            and self.answer.kind == "success"
            and self.case.info.kind in ("positive", "unbound", "tolerance", "probe")
        )

    @property
    def reaches(self) -> bool:
        """Whether this is a success of the operation that was validated without error, but for known ones."""
        return self.succeeds and not any(
            violation.severity == "error" and not self.known & {violation.key, violation.merged_key}
            for violation in self.violations
        )


class Attempter:
    """Sends the cases of one operation to one target."""

    def __init__(
        self,
        session: Session,
        contract: OperationContract,
        checks: Iterable[AnswerCheck],
        severities: Mapping[str, str],
        known: frozenset[tuple[str, ...]] = frozenset(),
    ) -> None:
        """`known` are the keys of violations that do not keep an operation from being reached."""
        self._session = session
        self._contract = contract
        self._checks = tuple(checks)
        self._severities = severities
        self._known = known
        self._evidence = Evidence(session, contract)
        self._crashes = Crashes(session, self._checks, severities)
        self._names = InventedNames()

    def attempt(self, case: Case, environment: Environment, *, doubtful: bool = False) -> Attempt:
        """Provide what the case needs, send it and judge the answer.

        While it is `doubtful` that the operation is implemented, evidence that it isn't is looked for.
        """
        if case.fault and not self._session.faults:
            return Attempt(case, reason="the target has no fault injection")
        if not self._session.liveness.revive():
            return Attempt(case, reason=GONE, unsent=True)
        if case.without or case.twice:
            environment.renew()
        environment.provide(case.without, clean=case.info.kind != "negative")
        case = _as_known(case, environment)
        lacking = environment.missing(case.template)
        if lacking and case.info.kind != "negative":
            return Attempt(case, reason=f"what it needs could not be provided: {lacking}")
        # A negative needs no state to crash a server or to be accepted: send it with what there is.
        document = _stripped(case.template, environment) if lacking else environment.fill(case.template)
        request = self._contract.encode_request(document)
        request = self._contract.protocol.malformed(request, case.tamper)
        if reason := uncarriable(request):
            return Attempt(case, reason=f"HTTP can not carry it: {reason}")
        mark = self._session.channel.mark()
        times = 2 if case.twice else 1
        for _ in range(times):
            exchange = self._session.send(
                self._contract,
                request,
                principal=case.principal,
                signature=case.signature,
                fault=case.fault,
            )
        response = exchange.response
        if response.fate in ("refused", "gone", "withheld"):
            return _unsent(case, exchange)
        answer = self._interpreted(case, response, document)
        asks = doubtful and not case.tamper and not case.signature
        evidence = self._evidence.of(document, answer, mark) if asks else ""
        ambiguous = self._evidence.ambiguous(document, answer) if asks and not evidence else ""
        settled = bool(evidence) and self._evidence.logged
        violations = self._violations(answer, exchange, mark, settled=settled)
        odd = case.info.pointer if case.info.kind in _ODD else ""
        leftovers = self._session.leftovers
        violations = tuple(leftovers.without(violations, document, odd))
        if answer.kind == "success" or is_crash(answer):
            leftovers.leave(document, odd)
        self._settle(case, answer, document, environment, absent=bool(evidence))
        return Attempt(
            case,
            exchange,
            answer,
            violations,
            evidence=evidence,
            ambiguous=ambiguous,
            mark=mark,
            known=self._known,
        )

    def _settle(
        self, case: Case, answer: DecodedResponse, document: Any, environment: Environment, *, absent: bool
    ) -> None:
        """Leave the state behind a case so that the next can be judged in it, or know that it can't.

        An operation that is `absent` leaves all as it was, whatever status says so.
        """
        undone = False
        if answer.kind == "success" and answer.decoded is not None:
            undone = environment.discard(answer.decoded.document, document)
        if case.twice or not (undone or absent or _changes_nothing(self._contract.operation, answer)):
            environment.change(everything=read_name(self._contract.name).verb == "create")
        if answer.kind == "success" or case.twice:
            environment.consumed()
            if case.info.kind == "negative" and not undone:
                environment.spoil()
        elif case.without:
            environment.renew()
        elif case.info.kind == "negative" and is_crash(answer) and not absent:
            environment.doubt()

    def deadly(self, attempt: Attempt) -> Attempt:
        """The attempt as that of which the target died, though it may have answered before it ended."""
        exchange, answer = attempt.exchange, attempt.answer
        if exchange is None or (answer is not None and answer.response.fate == "died"):
            return attempt
        ended = Response(
            0, fate="died", detail=self._session.liveness.death, elapsed=exchange.response.elapsed
        )
        exchange = replace(exchange, response=ended)
        answer = self._interpreted(attempt.case, ended, None)
        violations = self._violations(answer, exchange, attempt.mark)
        return replace(attempt, exchange=exchange, answer=answer, violations=violations, unsent=False)

    def with_last_exchange(self, attempt: Attempt) -> Attempt:
        """The attempt with the last exchange of the session, whatever that was for."""
        return replace(attempt, exchange=self._session.last)

    def _interpreted(self, case: Case, response: Response, document: object) -> DecodedResponse:
        answer = bounded(
            interpret(
                self._contract.service,
                self._contract.operation,
                self._contract.protocol,
                self._contract.validators,
                response,
                case.expectation,
                document,
            )
        )
        if answer.error is None or not answer.code:
            return answer
        # A code is told in outcomes as well; no code of AWS is a secret that a target has issued.
        secrets = self._session.secrets(self._contract, None)
        code = without_secrets(answer.code, secrets)
        return answer if code == answer.code else replace(answer, error=replace(answer.error, code=code))

    @property
    def waits_after(self) -> Mapping[str, StepWait]:
        """What was waited for on the target, by the full names of the operations that it came after."""
        return self._session.waits_after

    def secrets(self, exchange: Exchange | None) -> tuple[str, ...]:
        """The texts of an exchange of this operation that must not be shown."""
        return self._session.secrets(self._contract, exchange)

    def _violations(
        self,
        answer: DecodedResponse,
        exchange: Exchange,
        mark: int | None = None,
        *,
        settled: bool = False,
    ) -> tuple[Violation, ...]:
        """What is wrong with an answer, without what is secret in the exchange, which it may repeat.

        `mark` is where the target's log stood before the request, which is `settled` where nothing more is
        to be expected of it.
        """
        judged = judge(answer, checks=self._checks, severities=self._severities)
        violations = self._names.bounded(judged)
        if not violations:
            return ()
        secrets = self.secrets(exchange)
        named = self._crashes.named(violations, answer, mark, secrets, settled=settled)
        return tuple(violation_without(item, secrets) for item in named)


def _as_known(case: Case, environment: Environment) -> Case:
    """The case as it can be judged: where nothing could be made, nobody can tell what does not exist."""
    if not case.expectation.nonexistent or environment.knows(case.expectation.pointer.split("/")[1]):
        return case
    return replace(case, expectation=replace(case.expectation, nonexistent=False))


def _changes_nothing(operation: Operation, answer: DecodedResponse) -> bool:
    """Whether a request has left what a target holds as it was: it was refused, or reads.

    Of what crashes nobody knows how far it came.
    """
    refused = answer.kind == "error" and not is_crash(answer)
    return refused or read_name(operation.name).word in _READERS


def blames_state(answer: DecodedResponse) -> bool:
    """Whether a refusal is for what the target holds, and so not for what is wrong in the request."""
    return answer.kind == "error" and bool(_STATE.search(answer.code)) and not blames_form(answer)


def _unsent(case: Case, exchange: Exchange) -> Attempt:
    """The attempt at a case that did not leave: for want of a connection, or for a rule of ours."""
    response = exchange.response
    if response.fate == "withheld":
        return Attempt(case, reason=f"not sent: {response.detail}")
    return Attempt(case, exchange, reason=f"no connection: {response.detail}", unsent=True)


def _stripped(template: object, environment: Environment) -> object:
    """A template without the members that nothing provides."""
    if not isinstance(template, dict):
        return template
    present = {name: item for name, item in template.items() if not environment.missing(item)}
    return environment.fill(present)


def outcome_of(attempt: Attempt, *, reached: bool, fail_on: Severity) -> Outcome:
    """The outcome of an attempt, given whether its operation has been reached in this run."""
    answer = attempt.answer
    if answer is None:
        return Errored(attempt.reason) if attempt.unsent else Inconclusive(attempt.reason)
    grave = tuple(item for item in attempt.violations if at_least(item.severity, fail_on))
    if grave:
        return Violated(grave)
    return _outcome_unviolated(attempt, answer, reached=reached)


def _outcome_unviolated(attempt: Attempt, answer: DecodedResponse, *, reached: bool) -> Outcome:
    """The outcome of an answer in which nothing grave was seen: what it earns, or why it earns nothing."""
    expectation = attempt.case.expectation
    said = f"{answer.response.status} {answer.code}".strip()
    if answer.kind == "none" or is_crash(answer):
        # Its check was switched off or lowered; there is still nothing to verify.
        return Inconclusive(f"no usable answer: {answer.response.fate} {said}")
    if is_unsupported(answer):
        return Inconclusive(f"the target says that it lacks a part of the operation: {said}")
    if is_throttled(answer):
        return Inconclusive(f"the target asked to slow down: {said}")
    if answer.kind == "success":
        if expectation.earns in ("refused", "unknown"):
            return Inconclusive(f"accepted with {said}; what AWS does here is not on record")
        return Verified()
    match expectation.earns:
        case "accepted":
            return Inconclusive(f"refused with {said}, which blames the state rather than the request")
        case "tolerated":
            return Inconclusive(f"refused with {said}")
        case "answered" | "refused" | "unknown":
            if attempt.case.info.kind == "negative" and not expectation.codes and blames_state(answer):
                return Inconclusive(f"refused with {said}, which is not for the constraint that it breaks")
            return Verified() if reached else Inconclusive(UNREACHED)
