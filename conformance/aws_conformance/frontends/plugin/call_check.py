# SPDX-License-Identifier: Apache-2.0
"""A call that was seen, judged: what is wrong with its request, and with its answer.

It owns whose fault an invalid value is, the suite's that sent it or the target's that had answered it before,
and what of a call can be judged at all. It refuses to know which test made the call and what follows for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ...cases.compile import contract_of
from ...cases.contract import Contract
from ...cases.expectations import Expectation
from ...checks import CATALOGUE
from ...checks.judge import judge
from ...checks.refusals import blames_form
from ...checks.response import DecodedResponse, interpret
from ...engine.plan import Plan
from ...engine.selection import severities_for
from ...errors import ConformanceError
from ...http import Headers, Response, header
from ...protocols.bindings.forms import BODILESS_STATUSES
from ...protocols.routing import route
from ...results.events import Violation
from .call_secrets import CallSecrets
from .observed_call import ObservedCall
from .request_check import Intake, RequestFault, read_request

__all__ = ["CallCheck", "CallVerdict", "RememberedValues"]

_FORM_CODES = frozenset(
    {
        "InvalidAttributeName",
        "InvalidParameterException",
        "InvalidParameterValueException",
        "SerializationException",
        "UnknownOperationException",
        "ValidationError",
        "ValidationException",
    }
)
# Constraints that a value breaks by itself, wherever it stands.
_OF_VALUES = frozenset({"pattern", "minLength", "maxLength"})
# Shorter texts are the same by chance.
_SHORTEST = 4
# Values that are remembered of a run; a suite that goes beyond it has its own word for the rest.
_MOST_VALUES = 500_000


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """What a call showed. `operation` is its full name, or None where it is none that there is.

    `unvalidated` is why it was not judged as a whole, or None. `faults` are the request's own that AWS
    refuses, `returned` those of values that the target had answered, `refused` whether the request was
    refused for its form, `violations` the target's faults. `answer` is what was answered to which document,
    where both could be read.
    """

    service: str | None
    operation: str | None = None
    unvalidated: str | None = None
    faults: tuple[RequestFault, ...] = ()
    returned: tuple[RequestFault, ...] = ()
    refused: bool = False
    violations: tuple[Violation, ...] = ()
    answer: DecodedResponse | None = field(default=None, repr=False)


@dataclass(slots=True)
class RememberedValues:
    """Texts of requests and answers so far, so that a text is known to be whose it was first.

    Hashes are enough: nothing of what a suite sends is held longer than it is looked at.
    """

    _sent: set[int] = field(default_factory=set)
    _answered: set[int] = field(default_factory=set)

    def send(self, document: Any) -> None:
        """Take in a request."""
        if len(self._sent) < _MOST_VALUES:
            self._sent.update(map(hash, _texts(document)))

    def answer(self, document: Any) -> None:
        """Take in an answer: what no request has had before it is the target's."""
        if len(self._answered) < _MOST_VALUES:
            self._answered.update({hash(text) for text in _texts(document)} - self._sent)

    def is_targets(self, fault: RequestFault) -> bool:
        """Whether what is wrong is a value that the target had answered."""
        if fault.keyword not in _OF_VALUES or not isinstance(fault.value, str):
            return False
        return hash(fault.value) in self._answered


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            if len(item) >= _SHORTEST:
                yield item
        elif isinstance(item, Mapping):
            left += item.values()
        elif isinstance(item, list | tuple):
            left += item


@dataclass(slots=True)
class CallCheck:
    """Judges the calls of a run, in order.

    `of_parsed` judges an answer that took the place of bytes; without it, such a call is not validated.
    """

    plan: Plan
    of_parsed: Callable[[str, Any], list[Violation]] | None = None
    _values: RememberedValues = field(default_factory=RememberedValues)
    _secrets: CallSecrets = field(default_factory=CallSecrets)

    def verdict(self, call: ObservedCall) -> CallVerdict:
        """The verdict on a call."""
        answered = call.response
        if answered and (call.request.method == "HEAD" or answered.status in BODILESS_STATUSES):
            # A mock in the same process may answer with a body, which no connection would carry.
            call = replace(call, response=replace(answered, body=b""))
        path = None if call.service else route(call.request, urlsplit(call.url).hostname or "")
        service = call.service or (path.service if path else None)
        protocol = call.protocol or (path.protocol if path else None)
        unread = call.unread_request or _event_stream(call.request.headers)
        if service is None or (unread is not None and call.operation is None):
            return CallVerdict(service, unvalidated=unread or "")
        try:
            contract = contract_of(service, protocol)
            assert contract.protocol is not None
        except ConformanceError:
            return CallVerdict(service, unvalidated=unread or protocol or "a protocol without a codec")
        if unread is not None:
            return self._of_unread(contract, call, unread)
        return self._of_contract(contract, call)

    def _of_unread(self, contract: Contract, call: ObservedCall, unread: str) -> CallVerdict:
        """Of an exchange whose request was not looked at the answer alone is judged."""
        service, name = contract.service.name, call.operation or ""
        verdict = CallVerdict(service, f"{service}:{name}", unvalidated=unread)
        response = call.response
        if name not in contract.service.operations or response is None or call.unread_response is not None:
            return replace(verdict, operation=None) if name not in contract.service.operations else verdict
        if _event_stream(response.headers) is not None:
            return verdict
        operation, validators = contract.operation(name), contract.validators(name)
        answer = interpret(contract.service, operation, contract.protocol, validators, response)
        if answer.decoded is not None:
            self._values.answer(answer.decoded.document)
        severities = severities_for(self.plan, service)
        violations = judge(answer, checks=CATALOGUE.values(), severities=severities)
        self._secrets.keep(contract, name, call, None)
        return replace(verdict, violations=self._secrets.without(violations))

    def _of_contract(self, contract: Contract, call: ObservedCall) -> CallVerdict:
        intake = read_request(contract, call.request, call.operation)
        name = intake.operation
        grave = [fault for fault in intake.faults if fault.severity == "error"]
        if name is None or name not in contract.service.operations:
            refused = call.response is not None and call.response.status >= 400
            return CallVerdict(contract.service.name, faults=tuple(grave), refused=refused)
        returned = tuple(fault for fault in grave if self._values.is_targets(fault))
        self._values.send(intake.document)
        self._secrets.keep(contract, name, call, intake.document)
        verdict = CallVerdict(
            contract.service.name,
            f"{contract.service.name}:{name}",
            faults=tuple(fault for fault in grave if fault not in returned),
            returned=returned,
        )
        unread = call.unread_response or (_event_stream(call.response.headers) if call.response else None)
        if unread is not None:
            # Of such an exchange the request alone is judged.
            return replace(verdict, unvalidated=unread)
        if call.response is not None:
            return self._of_answer(contract, name, call.response, intake, verdict)
        if call.parsed is not None and self.of_parsed is None:
            return replace(verdict, unvalidated="an answer without bytes")
        if call.parsed is not None and self.of_parsed is not None:
            metadata = {"HTTPStatusCode": 200, **call.parsed.get("ResponseMetadata", {})}
            parsed = {**call.parsed, "ResponseMetadata": metadata}
            self._values.answer(call.parsed)
            violations = self.of_parsed(f"{contract.service.name}:{name}", parsed)
            return replace(verdict, violations=self._secrets.without(violations))
        return verdict

    def _of_answer(
        self, contract: Contract, name: str, response: Response, intake: Intake, verdict: CallVerdict
    ) -> CallVerdict:
        answer = _interpreted(contract, name, response, intake.faults)
        if answer.decoded is not None:
            self._values.answer(answer.decoded.document)
        refused = answer.kind == "error" and (blames_form(answer) or answer.code in _FORM_CODES)
        severities = severities_for(self.plan, contract.service.name)
        violations = judge(answer, checks=CATALOGUE.values(), severities=severities)
        shown = self._secrets.without(violations)
        answered = replace(answer, sent=intake.document)
        return replace(verdict, refused=refused, violations=shown, answer=answered)


def _event_stream(headers: Headers) -> str | None:
    """Why a message of these headers can't be read, if it is an event stream, which has a form of its own."""
    kind = header(headers, "content-type") or ""
    return "an event stream" if kind.startswith("application/vnd.amazon.eventstream") else None


def _interpreted(
    contract: Contract, name: str, response: Response, faults: tuple[RequestFault, ...]
) -> DecodedResponse:
    """The answer, held to what the request should earn: an invalid one that is accepted is a finding too."""
    worst = next((fault for fault in faults if fault.earns == "refused"), next(iter(faults), None))
    if worst is None:
        expectation = Expectation("answered")
    else:
        expectation = Expectation(worst.earns, worst.evidence, pointer=worst.pointer, keyword=worst.keyword)
    return interpret(
        contract.service,
        contract.operation(name),
        contract.protocol,
        contract.validators(name),
        response,
        expectation,
    )
