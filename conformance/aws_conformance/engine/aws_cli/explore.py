# SPDX-License-Identifier: Apache-2.0
"""One operation of the `aws` command, from its first trial to its tally, as events.

It owns what each invocation amounts to: findings confirmed, each once, and outcomes that wait for reach.
It refuses to know which rules there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ...cases.contract import OperationContract
from ...checks.command import CommandCheck, CommandResult
from ...checks.judge import judge
from ...protocols.masking import secrets_in
from ...reproduce.mask import without_secrets
from ...results.events import (
    UNREACHED,
    CaseFinished,
    Errored,
    Event,
    Flaky,
    Inconclusive,
    NotImplementedByTarget,
    OperationFinished,
    OperationStarted,
    Outcome,
    Reported,
    Tallied,
    Verified,
    Violated,
    Violation,
    tallied_as,
)
from ...results.terms import Severity, at_least
from .case import CommandCase
from .invocation import Commander, Invocation
from .shown import shown

__all__ = ["CommandSettings", "StateProvider", "explore"]

_MOST_CASE_IDS = 20
# What argument parsers say of a word that they have no choice for.
_UNKNOWN = "nvalid choice"


class StateProvider(Protocol):
    """What provides the state that a request needs, at the endpoint itself."""

    def provide(self) -> None: ...

    def missing(self, template: Any) -> str: ...

    def fill(self, template: Any) -> Any: ...

    def consumed(self) -> None: ...

    def renew(self) -> None: ...

    def reset(self) -> None: ...

    def failed_steps(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """What counts: the checks, other severities for them, and what fails a run.

    `secrets` are texts that must not be shown; `expired` tells when the run's time is up.
    """

    checks: tuple[CommandCheck, ...]
    severities: Mapping[str, str]
    fail_on: Severity
    region: str
    secrets: tuple[str, ...] = ()
    expired: Callable[[], bool] = field(default=lambda: False)


@dataclass(frozen=True, slots=True)
class _CommandAttempt:
    """What came of a trial: nothing (`reason` says why), or what the command did, with its violations."""

    case: CommandCase
    result: CommandResult | None = None
    invocation: Invocation | None = None
    violations: tuple[Violation, ...] = ()
    reason: str = ""


def explore(
    commander: Commander,
    contract: OperationContract,
    cases: Sequence[CommandCase],
    state: StateProvider,
    settings: CommandSettings,
    emit: Callable[[Event], None],
) -> None:
    """Try all of one operation and emit its events."""
    _CommandExploration(commander, contract, cases, state, settings, emit).run()


@dataclass(slots=True)
class _CommandFinding:
    violation: Violation
    attempt: _CommandAttempt
    cases: list[str] = field(default_factory=list)
    count: int = 0


@dataclass(slots=True)
class _CommandExploration:
    commander: Commander
    contract: OperationContract
    cases: Sequence[CommandCase]
    state: StateProvider
    settings: CommandSettings
    emit: Callable[[Event], None]
    reached: bool = False
    missing: str = ""
    refusal: str = ""
    plain: Any = None
    known: Any = None
    findings: dict[tuple[str, ...], _CommandFinding] = field(default_factory=dict)
    waiting: list[tuple[CommandCase, _CommandAttempt]] = field(default_factory=list)
    tally: Counter[Tallied] = field(default_factory=Counter)
    codes: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.contract.full_name

    def run(self) -> None:
        self.emit(OperationStarted(self.name, len(self.cases)))
        failed: Mapping[str, str] = {}
        try:
            for case in self.cases:
                self._try(case)
            failed = self.state.failed_steps()
        finally:
            self.state.reset()
        for case, attempt in self.waiting:
            self._count(case, self._outcome(attempt), attempt)
        for event in self._reported():
            self.emit(event)
        self._conclude(next(iter(failed.values()), ""))

    def _try(self, case: CommandCase) -> None:
        if self.missing:
            self._count(case, NotImplementedByTarget(self.missing))
        elif self.settings.expired():
            self._count(case, Inconclusive("the time for the run was up"))
        else:
            self._take(case, self._attempt(case))

    def _attempt(self, case: CommandCase) -> _CommandAttempt:
        self.state.provide()
        lacking = self.state.missing(case.template)
        if lacking:
            return _CommandAttempt(case, reason=f"what it needs could not be provided: {lacking}")
        document = self.state.fill(case.template)
        invocation = self.commander.run(self.contract, case, document)
        result = self._result_of(case, document, invocation)
        if result.answered:
            self.state.consumed()
        secrets = self.settings.secrets + _secrets(self.contract, invocation)
        judged = judge(result, checks=self.settings.checks, severities=self.settings.severities)
        violations = tuple(
            replace(violation, got=without_secrets(violation.got, secrets)) for violation in judged
        )
        return _CommandAttempt(case, result, invocation, violations)

    def _result_of(self, case: CommandCase, document: Any, invocation: Invocation) -> CommandResult:
        service, codec = self.contract.service, self.contract.protocol
        result = CommandResult(
            service,
            self.contract.operation,
            self.commander.major,
            case.trial,
            invocation.finished.exit,
            invocation.finished.stdout,
            invocation.finished.stderr,
            calls=len(invocation.exchanges),
            requested=document,
            sent=tuple(
                codec.decode_request(service, exchange.request).document for exchange in invocation.exchanges
            ),
            plain=self.plain,
            known=self.known,
        )
        if not invocation.exchanges:
            return result
        response = invocation.exchanges[-1].response
        if response.fate == "answered" and 200 <= response.status < 300:
            decoded = codec.decode_response(service, self.contract.operation, response)
            return replace(result, answer=decoded.document, answered=decoded.readable)
        if response.fate == "answered":
            error = codec.decode_error(service, response)
            return replace(result, code=error.code or "", message=error.message or "")
        return result

    def _take(self, case: CommandCase, attempt: _CommandAttempt) -> None:
        result = attempt.result
        if result is not None:
            self._learn(case, result)
            if self.missing:
                self._count(case, NotImplementedByTarget(self.missing), attempt)
                return
        flaky = False
        for violation in attempt.violations:
            flaky = self._see(violation, case, attempt) or flaky
        if flaky:
            self._count(case, Flaky(attempt.violations), attempt)
        else:
            self.waiting.append((case, attempt))

    def _learn(self, case: CommandCase, result: CommandResult) -> None:
        """What later trials and the tally need to know of this one."""
        if case.trial.about == "skeleton input":
            self.plain = _document(result)
            self.missing = self._unknown(case, result)
        if case.trial.about == "skeleton output":
            self.known = _document(result)
        if result.code:
            self.codes.add(result.code)
        if case.succeeds and result.answered and result.exit == 0:
            self.reached = True
        elif case.succeeds and not self.refusal:
            by_exit = f"exit {result.exit}: {result.stderr.strip()}"
            refusal = f"{result.code}: {result.message}" if result.code else by_exit
            self.refusal = without_secrets(refusal, self.settings.secrets)[:160]

    def _unknown(self, case: CommandCase, result: CommandResult) -> str:
        """Evidence that the command has no such operation: it says to it what it says to an invented one."""
        if result.exit == 0 or _UNKNOWN not in result.stderr:
            return ""
        invented = replace(self.contract.operation, name="AwsConformanceInventedOperation")
        invocation = self.commander.run(self.contract.service_contract.of(invented), case, {})
        if invocation.finished.exit == result.exit and _UNKNOWN in invocation.finished.stderr:
            return f"the command exits with {result.exit} exactly as for an operation that does not exist"
        return ""

    def _see(self, violation: Violation, case: CommandCase, attempt: _CommandAttempt) -> bool:
        """Record a violation; True if it is grave and did not come back."""
        known = self.findings.get(violation.key)
        if known is None:
            grave = at_least(violation.severity, self.settings.fail_on)
            if grave and not any(self._again(violation, case) for _ in range(2)):
                return True
            known = self.findings[violation.key] = _CommandFinding(violation, attempt)
        known.count += 1
        if len(known.cases) < _MOST_CASE_IDS:
            known.cases.append(case.info.id)
        return False

    def _again(self, violation: Violation, case: CommandCase) -> bool:
        self.state.renew()
        return any(other.key == violation.key for other in self._attempt(case).violations)

    def _outcome(self, attempt: _CommandAttempt) -> Outcome:
        result, case = attempt.result, attempt.case
        if result is None:
            return Inconclusive(attempt.reason)
        grave = tuple(
            violation
            for violation in attempt.violations
            if at_least(violation.severity, self.settings.fail_on)
        )
        if grave:
            return Violated(grave)
        if result.broken:
            return Inconclusive("the command did not come to an orderly end")
        exchanges = attempt.invocation.exchanges if attempt.invocation else ()
        if any(exchange.response.fate != "answered" for exchange in exchanges):
            return Errored("the endpoint did not answer")
        if case.succeeds and not result.answered:
            return Inconclusive(f"not accepted, so nothing can be said of the answer: {self.refusal}")
        if case.trial.about == "service error" and not result.code:
            return Inconclusive("the endpoint refused nothing")
        if case.succeeds or case.skeleton or self.reached:
            return Verified()
        return Inconclusive(UNREACHED)

    def _count(self, case: CommandCase, outcome: Outcome, attempt: _CommandAttempt | None = None) -> None:
        self.tally[tallied_as(outcome)] += 1
        invocation = attempt.invocation if attempt else None
        status = invocation.exchanges[-1].response.status if invocation and invocation.exchanges else 0
        code = attempt.result.code if attempt and attempt.result else ""
        elapsed = invocation.finished.elapsed if invocation else 0.0
        self.emit(CaseFinished(case.info, outcome, answered=status, code=code, elapsed=elapsed))

    def _reported(self) -> list[Reported]:
        return [
            Reported(
                finding.violation,
                finding.count,
                shown(
                    self.contract,
                    finding.attempt.case,
                    finding.attempt.invocation,
                    self.settings.region,
                    self.settings.secrets,
                ),
                operations=(self.name,),
                cases=tuple(finding.cases),
            )
            for finding in self.findings.values()
        ]

    def _conclude(self, failed: str) -> None:
        implemented = not self.missing
        unreached = (
            "" if self.reached or not implemented else failed or self.refusal or "no request succeeded"
        )
        self.emit(
            OperationFinished(
                operation=self.name,
                implemented=implemented,
                evidence=self.missing,
                reached=self.reached,
                cases=self.tally.total(),
                verified=self.tally["verified"],
                violated=self.tally["violated"],
                inconclusive=self.tally["inconclusive"],
                not_implemented=self.tally["not_implemented"],
                errored=self.tally["errored"],
                flaky=self.tally["flaky"],
                errors=dict.fromkeys(sorted(self.codes), "request"),
                unreached=unreached,
            )
        )


def _document(result: CommandResult) -> Any:
    try:
        return json.loads(result.stdout) if result.exit == 0 else None
    except (ValueError, RecursionError):
        return None


def _secrets(contract: OperationContract, invocation: Invocation) -> tuple[str, ...]:
    """What sensitive members held, in the requests and answers that passed."""
    secrets: list[str] = []
    masking = contract.protocol.masking
    for exchange in invocation.exchanges:
        secrets += secrets_in(masking, contract.service, contract.operation.input, exchange.request.body)
        secrets += secrets_in(masking, contract.service, contract.operation.output, exchange.response.body)
    return tuple(dict.fromkeys(secrets))
