# SPDX-License-Identifier: Apache-2.0
"""The fixture `conformance_target`: the configured target, open, for a test that wants to speak to it.

It owns the state that sent cases stand on and what came of each. It refuses to know what a case is worth:
the engine judges it here as it does in a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...cases.compile import contract_of
from ...cases.contract import Contract
from ...cases.prerequisites import prerequisites_for
from ...engine.attempt import Attempt, Attempter, outcome_of
from ...engine.environment import Environment
from ...engine.opening import opened
from ...engine.plan import Plan
from ...engine.selection import selected_checks, severities_for
from ...engine.session import Session
from ...http import Response
from ...results.events import Inconclusive, NotImplementedByTarget, Outcome, Verified, Violated, Violation
from ...spec.selectors import find_operation
from .answers import fail_with, violations_of
from .cases_api import ProvidedCase
from .settings import plan_of

if TYPE_CHECKING:
    import pytest

__all__ = ["OpenTarget", "Tried", "open_target"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of sending a case: its outcome, the violations of every severity, the response, if any."""

    outcome: Outcome
    violations: tuple[Violation, ...]
    response: Response | None

    def check(self) -> None:
        """Raise AssertionError if the case was violated; skip the test where no verdict would be honest.

        Inconclusive is not verified: a test must not pass by it. Not implemented is told with its evidence.
        """
        __tracebackhide__ = True
        match self.outcome:
            case Violated(violations=violations):
                fail_with(list(violations))
            case Inconclusive(reason=reason):
                _skip(f"inconclusive: {reason}")
            case NotImplementedByTarget(evidence=evidence):
                _skip(f"not implemented: {evidence}")
            case Verified():
                return
            case other:
                raise AssertionError(getattr(other, "reason", "") or f"{type(other).__name__}")


@dataclass(slots=True)
class _Used:
    """One operation in use: who sends its cases, the state that they stand on, whether it was reached."""

    contract: Contract
    attempter: Attempter
    environment: Environment
    answered: bool = False
    reached: bool = False


@dataclass(slots=True)
class OpenTarget:
    """A target that answers: `url` is its base address, `name` what reports call it."""

    plan: Plan
    _session: Session
    _used: dict[str, _Used] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The base address, without a slash at its end."""
        return self._session.url

    @property
    def name(self) -> str:
        """The target as reports name it: `reference`, a URL, `moto==5.1.11`."""
        return self.plan.target_name

    @property
    def credentials(self) -> Mapping[str, str]:
        """Keys that the target knows, under the names that botocore and boto3 take."""
        held = self._session.credentials["own"]
        return {"aws_access_key_id": held.access_key, "aws_secret_access_key": held.secret_key}

    def client(self, service: str, **options: Any) -> Any:
        """A botocore client of a service of the target, with the keys that it knows."""
        import botocore.session

        settings = {
            "region_name": self.plan.region,
            "endpoint_url": self.url,
            **self.credentials,
            **options,
        }
        return botocore.session.get_session().create_client(service, **settings)

    def call(self, operation: str, document: Any) -> Response:
        """The answer to a document, sent as it is, valid or not, as `service:Operation`."""
        service, known = find_operation(operation)
        contract = contract_of(service.name, self.plan.protocol)
        return self._session.invoke(contract.of(known), document).response

    def validate(self, operation: str, response: Any) -> list[Violation]:
        """As the fixture `conformance_validate`."""
        return violations_of(operation, response)

    def bindings(self, case: ProvidedCase) -> dict[str, Any]:
        """The values that a case's document needs, of state that is made on the target for it."""
        used = self._operation(case)
        used.environment.provide(case.case.without)
        names = [name for name in case.bindings if not used.environment.missing({"$from": name})]
        return {name: used.environment.fill({"$from": name}) for name in names}

    def send(self, case: ProvidedCase) -> Tried:
        """Send a case, with the state that it needs, and judge the answer as a run does.

        What is refused counts only in an operation that was reached: for the first such case the smallest
        valid request is sent before it.
        """
        used = self._operation(case)
        if not used.reached and case.kind != "positive":
            for first in case.siblings("positive")[:1]:
                self._attempt(used, first)
        attempt = self._attempt(used, case)
        if attempt.evidence:
            return Tried(NotImplementedByTarget(attempt.evidence), attempt.violations, _response(attempt))
        outcome = outcome_of(attempt, reached=used.reached, fail_on=self.plan.fail_on)
        return Tried(outcome, attempt.violations, _response(attempt))

    def check(self, case: ProvidedCase) -> Response | None:
        """Send a case and raise AssertionError if it is violated (see Tried.check); the response."""
        __tracebackhide__ = True
        tried = self.send(case)
        tried.check()
        return tried.response

    def close(self) -> None:
        """Undo what was made for cases."""
        for used in self._used.values():
            used.environment.reset()
        self._used.clear()

    def _attempt(self, used: _Used, case: ProvidedCase) -> Attempt:
        attempt = used.attempter.attempt(case.case, used.environment, doubtful=not used.answered)
        used.answered = used.answered or (attempt.answer is not None and not attempt.evidence)
        used.reached = used.reached or attempt.reaches
        return attempt

    def _operation(self, case: ProvidedCase) -> _Used:
        if case.operation not in self._used:
            contract, known = case.contract, case.known
            service = contract.service
            attempter = Attempter(
                self._session,
                contract.of(known),
                selected_checks(self.plan),
                severities_for(self.plan, service.name),
            )
            prerequisites = prerequisites_for(contract.of(known))
            environment = Environment(self._session, contract, prerequisites, f"own{self.plan.seed % 10_000}")
            self._used[case.operation] = _Used(contract, attempter, environment)
        return self._used[case.operation]


def _response(attempt: Attempt) -> Response | None:
    return attempt.exchange.response if attempt.exchange is not None else None


def _skip(reason: str) -> None:
    import pytest

    pytest.skip(reason)


@contextmanager
def open_target(config: pytest.Config) -> Iterator[OpenTarget]:
    """The target that a pytest run is configured for, started if it is ours to start.

    Raises UsageError and TargetUnreachableError as a run does.
    """
    plan = plan_of(config)
    with opened(plan) as session:
        target = OpenTarget(plan, session)
        try:
            yield target
        finally:
            target.close()
