# SPDX-License-Identifier: Apache-2.0
"""AWS as its specification describes it, for consumers' tests: bytes in, bytes out, no state.

It owns what is answered: a generated output, what a test has pinned of it, an error that it asked for, or
the refusal that an invalid request earns. It refuses to know how requests come to it (patches.py). Every
answer is marked `x-aws-conformance: generated`: it says what AWS may answer, not what it would.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ...cases.compile import contract_of
from ...cases.contract import Contract, OperationContract
from ...checks.common_errors import framework_codes
from ...choices import RecordedChoices
from ...errors import UsageError, did_you_mean
from ...generate.compiler import compile_schema
from ...generate.values import generate
from ...http import Request, Response
from ...protocols.routing import route
from ...reference.generated import GeneratedService
from ...spec.schema.write import error_schema
from ...spec.shapes import Operation
from .answers import wire_document

__all__ = ["Stub", "StubCall"]

# Errors common to all of AWS travel with 400 but for those that are AWS's own fault.
_STATUSES = {"InternalFailure": 500, "ServiceUnavailable": 503, "ServiceUnavailableException": 503}


@dataclass(frozen=True, slots=True)
class StubCall:
    """A call that the stub answered: the operation, the request's document, and the answer."""

    service: str
    operation: str
    document: Any
    response: Response


@dataclass(slots=True)
class _Failure:
    code: str
    message: str
    members: Mapping[str, Any]
    left: int | None


@dataclass(slots=True)
class Stub:
    """Answers any operation of any service that there is a codec for.

    Equal requests of equal seeds get equal answers, however many there were before. `calls` are the calls
    so far, in order.
    """

    seed: int = 0
    calls: list[StubCall] = field(default_factory=list)
    _pins: dict[tuple[str, str], Any] = field(default_factory=dict)
    _failures: dict[tuple[str, str], _Failure] = field(default_factory=dict)
    _generated: GeneratedService = field(init=False)

    def __post_init__(self) -> None:
        self._generated = GeneratedService(self.seed)

    def pin(self, service: str, operation: str, output: Mapping[str, Any]) -> None:
        """Let an operation's answers hold these members; the rest is generated around them.

        Values are given as boto3 gives them or as they travel. A pinned list replaces the generated one,
        and what its elements leave open is generated. Raises UsageError for members that the output
        does not have, and for values that AWS could not send.
        """
        contract, known = _find(service, operation)
        pinned = wire_document(contract, known.output, output)
        sample = _merged(self._generated.output(contract.of(known), {}), pinned)
        unfit = [
            finding
            for finding in contract.validator(operation, "output").findings(sample)
            if not finding.advisory
        ]
        if unfit:
            first = unfit[0]
            where = "/".join(map(str, first.path))
            if first.keyword == "additionalProperties":
                hint = did_you_mean(str(first.path[-1]), first.bound or ())
                hint = hint or f"It has {', '.join(first.bound or ())}."
                raise UsageError(f"{service}:{operation} answers without a member {where!r}.", hint)
            raise UsageError(
                f"{service}:{operation} can't answer {first.value!r} at {where}: "
                f"{first.keyword} {first.bound}.",
                "Pin a value that the model allows.",
            )
        self._pins[service, operation] = _over(self._pins.get((service, operation), {}), pinned)

    def fail(
        self,
        service: str,
        operation: str,
        code: str,
        message: str = "",
        *,
        times: int | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        """Let an operation answer with an error: always, or so many `times`.

        `members` are further members of the error's shape. Raises UsageError, with a suggestion, for an
        error that neither the operation nor AWS as a whole documents.
        """
        contract, known = _find(service, operation)
        declared = {contract.service.error_code(name): name for name in known.errors}
        if code not in declared and code not in framework_codes():
            hint = did_you_mean(code, (*declared, *framework_codes()))
            hint = hint or f"It documents {', '.join(sorted(declared)) or 'none of its own'}."
            raise UsageError(f"{service}:{operation} does not document the error {code!r}.", hint)
        document = wire_document(contract, declared.get(code), dict(members or {}))
        self._failures[service, operation] = _Failure(code, message, document, times)

    def reset(self) -> None:
        """Forget all pins, failures and calls."""
        self._pins.clear()
        self._failures.clear()
        self.calls.clear()

    def handle(self, url: str, request: Request) -> Response:
        """The answer to a request. Raises UsageError for one that can't be answered, and for no other."""
        path = route(request, urlsplit(url).hostname or "")
        if path is None:
            raise UsageError(
                f"{request.method} {url} is for AWS, and nothing in it tells for which service.",
                "The stub answers services whose protocol there is a codec for.",
            )
        contract = contract_of(path.service, path.protocol)
        answer = self._generated.answer(contract, request, self._answer)
        document = answer.document
        self.calls.append(StubCall(path.service, answer.operation, document, answer.response))
        return answer.response

    def _answer(self, contract: OperationContract, document: Any) -> Response:
        key = (contract.service.name, contract.name)
        failure = self._failures.get(key)
        if failure is not None and failure.left != 0:
            if failure.left is not None:
                failure.left -= 1
            return _error(contract, failure)
        output = _merged(self._generated.output(contract, document), self._pins.get(key, {}))
        return contract.encode_response(output)


def _find(service: str, operation: str) -> tuple[Contract, Operation]:
    contract = contract_of(service)
    assert contract.protocol is not None  # raises UsageError where there is none
    if operation not in contract.service.operations:
        hint = did_you_mean(operation, contract.service.operations)
        raise UsageError(f"{service} has no operation {operation!r}.", hint)
    return contract, contract.operation(operation)


def _error(contract: OperationContract, failure: _Failure) -> Response:
    service = contract.service
    shape = next(
        (name for name in contract.operation.errors if service.error_code(name) == failure.code), None
    )
    document: dict[str, Any] = {}
    status = _STATUSES.get(failure.code, 400)
    if shape is not None:
        status = service.error_status(shape)
        members_document = generate(
            compile_schema(error_schema(service, shape, contract.protocol_name)), RecordedChoices(())
        )
        document = {key: item for key, item in members_document.items() if key not in ("message", "Message")}
    key = "Message" if shape and "Message" in service.structure(shape).members else "message"
    message = failure.message or f"{failure.code}, as the test asked for."
    document = {key: message, **document, **failure.members}
    return contract.protocol.encode_error(service, failure.code, document, status)


def _merged(generated: Any, pinned: Any) -> Any:
    """The generated value with what is pinned; a pinned null leaves the member out."""
    match generated, pinned:
        case dict(), dict():
            merged = dict(generated)
            for key, value in pinned.items():
                if value is None:
                    merged.pop(key, None)
                else:
                    merged[key] = _merged(generated.get(key), value)
            return merged
        case list(), list():
            # Elements beyond the generated ones are like the last of these, but for what is pinned.
            like = [*generated, *[generated[-1]] * len(pinned)] if generated else [None] * len(pinned)
            return [_merged(pattern, value) for pattern, value in zip(like, pinned, strict=False)]
        case _:
            return copy.deepcopy(pinned)


def _over(earlier: Any, later: Any) -> Any:
    """Two pins as one: the later wins, member by member."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        return {**earlier, **{key: _over(earlier.get(key), item) for key, item in later.items()}}
    return later
