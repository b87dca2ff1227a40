# SPDX-License-Identifier: Apache-2.0
"""An operation's cases in somebody's own tests: `aws_conformance.operation(...).cases()`.

It owns how a case is handed to a test. It refuses to know how cases are made (cases/cases.py) and how they
are sent (target.py); a test may do with a case whatever it likes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...cases.case import Case
from ...cases.cases import cases_for
from ...cases.compile import contract_of
from ...cases.contract import Contract, OperationContract
from ...cases.expectations import Expectation
from ...cases.prerequisites import prerequisites_for
from ...cases.symbols import substitute, symbols
from ...checks import CATALOGUE
from ...checks.judge import judge
from ...checks.response import interpret
from ...errors import UsageError, did_you_mean
from ...http import Request, Response
from ...results.events import Kind, Phase, Violation
from ...spec.selectors import find_operation
from ...spec.shapes import Operation
from .answers import check, fail_with, violations_of

if TYPE_CHECKING:
    import pytest

__all__ = ["OperationUnderTest", "ProvidedCase", "operation"]

_KINDS: tuple[Kind, ...] = ("positive", "unbound", "negative", "tolerance", "probe", "fault")


@dataclass(frozen=True, slots=True)
class ProvidedCase:
    """One case of an operation, for a test to use.

    `document(bindings)` is what to send; `bindings` names the values that only a run can know, and
    `expectation` is what the case should earn.
    """

    case: Case
    of: OperationUnderTest

    def __repr__(self) -> str:
        return f"<{self.operation} {self.kind} {self.id}: {self.title}>"

    @property
    def id(self) -> str:
        """The case's id: the same in every run, in reports and in the plugin's items."""
        return self.case.info.id

    @property
    def title(self) -> str:
        """What the case tries, in words."""
        return self.case.info.title

    @property
    def kind(self) -> Kind:
        """positive, unbound, negative, tolerance, probe or fault."""
        return self.case.info.kind

    @property
    def phase(self) -> Phase:
        """The phase that has made it."""
        return self.case.info.phase

    @property
    def operation(self) -> str:
        """The operation's full name."""
        return self.case.info.operation

    @property
    def expectation(self) -> Expectation:
        """What the case should earn, and why: `expectation.earns` is accepted, answered, refused, ..."""
        return self.case.expectation

    @property
    def contract(self) -> Contract:
        """The service's schemas and codec."""
        return self.of.contract.service_contract

    @property
    def known(self) -> Operation:
        """The operation, as its model has it."""
        return self.of.contract.operation

    @property
    def bindings(self) -> tuple[str, ...]:
        """Names of the values that the document needs, such as `CreateUserPool.UserPool.Id`."""
        sources = (symbol["$from"] for symbol in symbols(self.case.template) if "$from" in symbol)
        return tuple(dict.fromkeys(sources))

    def document(self, bindings: Mapping[str, Any] | None = None) -> Any:
        """The document to send. Each binding is given under its name, or under that of its member.

        Raises UsageError for one that is missing, and for one that the case doesn't have.
        """
        values = dict(bindings or {})
        prerequisites = prerequisites_for(self.of.contract)
        members = {
            item["$from"]: name
            for name, item in (self.case.template.items() if isinstance(self.case.template, dict) else ())
            if isinstance(item, dict) and set(item) == {"$from"}
        }
        unknown = [name for name in values if name not in self.bindings and name not in prerequisites.bind]
        if unknown:
            hint = did_you_mean(unknown[0], (*self.bindings, *prerequisites.bind))
            raise UsageError(f"{self.operation} needs no binding {unknown[0]!r}.", hint)

        def resolve(symbol: Mapping[str, str]) -> Any:
            if "$name" in symbol:
                return f"conformance-{symbol['$name'][:12]}"
            if "$other" in symbol:
                return prerequisites.others[symbol["$other"]]
            source = symbol["$from"]
            for name in (source, members.get(source, "")):
                if name in values:
                    return values[name]
            raise UsageError(
                f"The case {self.id} of {self.operation} needs a value for {source!r}.",
                "Pass it in the bindings, or take conformance_target.bindings(case).",
            )

        return substitute(self.case.template, resolve)

    def request(self, bindings: Mapping[str, Any] | None = None) -> Request:
        """The request on the wire, not signed; broken below its document if the case is about that."""
        encoded = self.of.contract.encode_request(self.document(bindings))
        return self.of.contract.protocol.malformed(encoded, self.case.tamper)

    def violations(self, response: Response) -> list[Violation]:
        """Violations of every severity in the answer to this case: in its form, or in what it says."""
        contract = self.of.contract
        answer = interpret(
            contract.service,
            contract.operation,
            contract.protocol,
            contract.validators,
            response,
            self.expectation,
        )
        return judge(answer, checks=CATALOGUE.values())

    def check(self, response: Response) -> None:
        """Raise AssertionError, listing the violations, for an answer that breaks a rule at error."""
        __tracebackhide__ = True
        fail_with([violation for violation in self.violations(response) if violation.severity == "error"])

    def siblings(self, kind: Kind) -> tuple[ProvidedCase, ...]:
        """The operation's enumerated cases of a kind."""
        return tuple(case for case in self.of.provided_cases(("enumerated",), 0, 0) if case.kind == kind)


@dataclass(frozen=True, eq=False)
class OperationUnderTest:
    """One operation, for a user's own tests."""

    contract: OperationContract

    @property
    def name(self) -> str:
        """The full name, `service:Operation`."""
        return self.contract.full_name

    def cases(
        self,
        *,
        phases: Sequence[Phase] = ("enumerated",),
        kinds: Sequence[Kind] = _KINDS,
        seed: int = 0,
        max_examples: int = 50,
        argument: str = "case",
    ) -> pytest.MarkDecorator:
        """A decorator by which a test is called with each case, as the argument `case`.

        Test ids are `kind-id` and the same in every run. Raises UsageError for a kind that there isn't.
        """
        import pytest

        for kind in kinds:
            if kind not in _KINDS:
                raise UsageError(f"There is no kind of case {kind!r}.", did_you_mean(kind, _KINDS))
        chosen = [
            case for case in self.provided_cases(tuple(phases), seed, max_examples) if case.kind in kinds
        ]
        parameters = [pytest.param(case, id=f"{case.kind}-{case.id}") for case in _unlike(chosen)]
        return pytest.mark.parametrize(argument, parameters)

    def violations(self, response: Any) -> list[Violation]:
        """Violations of every severity in a response of this operation, in any form that `check` takes."""
        return violations_of(self.name, response)

    def check(self, response: Any) -> None:
        """As aws_conformance.check, for this operation."""
        __tracebackhide__ = True
        check(response, self.name)

    def provided_cases(
        self, phases: tuple[Phase, ...], seed: int, max_examples: int
    ) -> tuple[ProvidedCase, ...]:
        """The operation's cases, in the order of a run."""
        cases = _cases(self.contract.service_contract, self.contract.name, phases, seed, max_examples)
        return tuple(ProvidedCase(case, self) for case in cases)


@functools.lru_cache(maxsize=64)
def _cases(
    contract: Contract, name: str, phases: tuple[Phase, ...], seed: int, max_examples: int
) -> tuple[Case, ...]:
    return tuple(cases_for(contract.of(contract.operation(name)), phases, seed, max_examples))


def _unlike(cases: Sequence[ProvidedCase]) -> list[ProvidedCase]:
    """Each case once: two random choices may lead to one request."""
    return list({case.id: case for case in cases}.values())


def operation(service: str, name: str, *, protocol: str | None = None) -> OperationUnderTest:
    """An operation for one's own tests: `@operation("cognito-idp", "StartUserImportJob").cases()`.

    Raises UsageError, with a suggestion, for an unknown service, operation or protocol.
    """
    service_model, known = find_operation(f"{service}:{name}")
    contract = contract_of(service_model.name, protocol)
    assert contract.protocol is not None  # raises UsageError where there is none
    return OperationUnderTest(contract.of(known))
