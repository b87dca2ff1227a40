# SPDX-License-Identifier: Apache-2.0
"""Findings, seen again or not: the case of each is sent three times, each time from new state.

It owns what the three tries amount to. It refuses to know where findings were kept.

What no longer shows is `FIXED` only if the answer could have shown it: a refusal for lack of state, an
operation that is gone or one that refuses whatever it is sent mends nothing, and is `UNKNOWN`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ..cases.case import Case
from ..cases.cases import enumerated_cases
from ..cases.compile import contract_of
from ..cases.contract import OperationContract
from ..cases.lifecycles.histories import from_json
from ..cases.oracles.script_reading import script_from_json
from ..cases.prerequisites import Prerequisites, prerequisites_for
from ..checks.verdict import is_crash, is_throttled
from ..errors import UsageError
from ..reproduce.rebuild import as_learned, rebuilt
from ..results.events import Reported
from ..spec.shapes import Operation
from .attempt import Attempt, Attempter
from .environment import Environment
from .histories.harness import Judges
from .histories.phase import StatefulPhase
from .opening import opened
from .oracles.phase import OraclePhase
from .oracles.walk import ScriptJudges
from .plan import Plan
from .selection import selected_checks, selected_history_checks, selected_oracles, severities_for
from .session import Session
from .state_search import learned_prerequisites

__all__ = ["Fate", "Replayed", "replay"]

_TRIES = 3
# So many valid requests are tried to see whether an operation can be reached at all.
_REACHES = 5

Fate: TypeAlias = Literal["FIXED", "STILL", "FLAKY", "UNKNOWN"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a finding; `reason` says how it was seen, or why nothing can be said."""

    finding: Reported
    fate: Fate
    reason: str


def replay(plan: Plan, findings: Sequence[Reported]) -> Iterator[Replayed]:
    """Send the case of each finding again to the plan's target; the plan's operations are not looked at.

    Raises TargetUnreachableError for a target that does not answer.
    """
    with opened(plan) as session:
        reached: dict[str, bool] = {}
        for finding in findings:
            yield _Replay(session, plan, finding, reached).run()


@dataclass(slots=True)
class _Replay:
    session: Session
    plan: Plan
    finding: Reported
    reached: dict[str, bool]

    def run(self) -> Replayed:
        source = self.finding.reproduction.source.sent.get("history")
        if source is not None:
            return self._run_history(source)
        source = self.finding.reproduction.source.sent.get("oracle")
        if source is not None:
            return self._run_script(source)
        name = self.finding.violation.operation
        service, _, operation_name = name.partition(":")
        try:
            known = contract_of(service, self.plan.protocol)
            if operation_name not in known.service.operations:
                raise UsageError(f"{service} has no operation {operation_name!r} any more.")
            contract = known.of(known.operation(operation_name))
            contract = as_learned(contract, self.finding.reproduction)
            case = rebuilt(contract, self.finding.reproduction, self.plan.target.claims)
        except UsageError as error:
            return Replayed(self.finding, "UNKNOWN", str(error))
        self.session.begin(name, contract.protocol)
        attempter = Attempter(
            self.session,
            contract,
            selected_checks(self.plan),
            severities_for(self.plan, service),
        )
        attempts = [self._attempt(contract, attempter, case) for _ in range(_TRIES)]
        seen = self._seen(sum(map(self._shows, attempts)))
        if seen is not None:
            return seen
        doubt = next(filter(None, (self._doubt(attempt) for attempt in attempts)), "")
        if not doubt and case.expectation.earns in ("refused", "unknown", "answered"):
            if name not in self.reached:
                self.reached[name] = self._reaches(contract, attempter)
            if not self.reached[name]:
                doubt = "no valid request succeeds, so that the refusal of this one says nothing"
        if doubt:
            return Replayed(self.finding, "UNKNOWN", doubt)
        return Replayed(self.finding, "FIXED", f"not seen in {_TRIES} tries")

    def _seen(self, times: int) -> Replayed | None:
        """What is to be said of a violation that was seen so often; None if it never was."""
        if not times:
            return None
        fate: Fate = "STILL" if times == _TRIES else "FLAKY"
        return Replayed(self.finding, fate, f"seen {times} times out of {_TRIES}")

    def _run_history(self, source: Mapping[str, Any]) -> Replayed:
        """A history is walked three times, each time on a setup of its own."""
        service = self.finding.violation.operation.partition(":")[0]
        try:
            contract = contract_of(service, self.plan.protocol)
            history = from_json(self.finding.reproduction.case, source)
            if history.subject not in contract.service.operations:
                raise UsageError(f"{service} has no operation {history.subject!r} any more.")
            judges = Judges(
                selected_checks(self.plan),
                selected_history_checks(self.plan),
                severities_for(self.plan, service),
            )
            phase = StatefulPhase(
                self.session, contract.of(contract.operation(history.subject)), self.plan, judges
            )
            self.session.begin(f"{service}:{history.subject}", contract.protocol)
            walks = [phase.replayed(history) for _ in range(_TRIES)]
        except UsageError as error:
            return Replayed(self.finding, "UNKNOWN", str(error))
        key = self.finding.violation.key
        seen = self._seen(sum(walk.shows(key) is not None for walk in walks))
        if seen is not None:
            return seen
        doubt = next((walk.reason for walk in walks if walk.reason), "")
        if not doubt and history.kind == "forbidden" and not self._lives_reach(phase):
            doubt = "no history of the operation succeeds, so that the refusal at the end says nothing"
        if doubt:
            return Replayed(self.finding, "UNKNOWN", doubt)
        return Replayed(self.finding, "FIXED", f"not seen in {_TRIES} tries")

    def _run_script(self, source: Mapping[str, Any]) -> Replayed:
        """A script is walked three times, each time on a setup of its own."""
        service = self.finding.violation.operation.partition(":")[0]
        try:
            contract = contract_of(service, self.plan.protocol)
            script = script_from_json(contract, self.finding.reproduction.case, source)
        except UsageError as error:
            return Replayed(self.finding, "UNKNOWN", str(error))
        judges = ScriptJudges(
            selected_checks(self.plan), selected_oracles(self.plan), severities_for(self.plan, service)
        )

        def search(creator: Operation) -> Prerequisites | None:
            return next(learned_prerequisites(self.session, contract.of(creator), "orl"), None)

        subject = contract.of(contract.operation(script.subject))
        phase = OraclePhase(self.session, subject, self.plan, judges, search=search)
        self.session.begin(f"{service}:{script.subject}", contract.protocol)
        walks = [phase.replayed(script) for _ in range(_TRIES)]
        seen = self._seen(sum(walk.shows(self.finding.violation.key) is not None for walk in walks))
        doubt = next((walk.reason for walk in walks if walk.reason), "")
        if seen is not None or not doubt:
            return seen or Replayed(self.finding, "FIXED", f"not seen in {_TRIES} tries")
        return Replayed(self.finding, "UNKNOWN", doubt)

    def _lives_reach(self, phase: StatefulPhase) -> bool:
        name = phase.contract.full_name
        if name not in self.reached:
            legal = (walk for history, walk in phase.enumerated() if history.kind == "path")
            tried = itertools.islice(legal, _REACHES)
            self.reached[name] = any(phase.contract.name in walk().reached for walk in tried)
            phase.close()
        return self.reached[name]

    def _attempt(self, contract: OperationContract, attempter: Attempter, case: Case) -> Attempt:
        """One try from state that is made for it, and undone."""
        recipe = prerequisites_for(contract)
        environment = Environment(
            self.session, contract.service_contract, recipe, f"again{self.plan.seed % 10_000}"
        )
        try:
            return attempter.attempt(case, environment, doubtful=True)
        finally:
            environment.reset()

    def _shows(self, attempt: Attempt) -> bool:
        key = self.finding.violation.key
        return any(key in (violation.key, violation.merged_key) for violation in attempt.violations)

    def _doubt(self, attempt: Attempt) -> str:
        """Why an answer without the violation says nothing of it, or the empty string."""
        answer, expectation = attempt.answer, attempt.case.expectation
        if answer is None:
            return attempt.reason
        said = f"{answer.response.status} {answer.code}".strip()
        if attempt.evidence:
            return f"not implemented: {attempt.evidence}"
        if answer.kind == "none" or is_crash(answer):
            return f"no usable answer: {answer.response.fate} {said}"
        if is_throttled(answer):
            return f"the target asks to slow down: {said}"
        if expectation.accepted_before:
            return "it depends on what was sent before"
        if expectation.earns in ("accepted", "tolerated") and answer.kind != "success":
            return f"refused with {said}"
        return ""

    def _reaches(self, contract: OperationContract, attempter: Attempter) -> bool:
        valid = (case for case in enumerated_cases(contract) if case.info.kind == "positive")
        for _, case in zip(range(_REACHES), valid, strict=False):
            if self._attempt(contract, attempter, replace(case)).reaches:
                return True
        return False
