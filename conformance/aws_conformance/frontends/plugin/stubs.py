"""AWS as its specification describes it, for consumers' tests: bytes in, bytes out, no state.

It owns what is answered: a generated output, what a test has pinned of it, an error that it asked for, or
the refusal that an invalid request earns. It refuses to know how requests come to it (patches.py). Every
answer is marked `x-aws-conformance: generated`: it says what AWS may answer, not what it would.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from ...cases.compile import contract_of
from ...cases.contract import Contract
from ...checks.common_errors import FRAMEWORK_CODES
from ...choices import RecordedChoices, SeededChoices
from ...errors import UsageError, did_you_mean
from ...generate.compiler import compile_schema
from ...generate.nodes import Tree
from ...generate.values import generate
from ...http import Request, Response
from ...protocols.routing import route
from ...reference.answers import error, serialization
from ...reference.constraints import Checker, check, compile_checker
from ...reference.inputs import Reader, compile_reader, read_root
from ...reference.refusal import Refusal
from ...spec.patterns.refusal import PatternRefused
from ...spec.schema.write import error_schema
from ...spec.shapes import ListShape, Operation, StructureShape
from .answers import wire_document
from .full_outputs import full_schema

__all__ = ["Stub", "StubCall"]

_MARK = ("x-aws-conformance", "generated")
# Errors common to all of AWS travel with 400 but for those that are AWS's own fault.
_STATUSES = {"InternalFailure": 500, "ServiceUnavailable": 503, "ServiceUnavailableException": 503}
# How a service calls a request that breaks a constraint of the model: by the one that it declares.
_INVALID = ("InvalidParameterException", "ValidationException", "InvalidParameterValueException")
_NOT_JSON = frozenset(("body.nonfinite", "body.encoding", "body.depth", "body.malformed"))


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
    _trees: dict[tuple[str, str], tuple[Tree, ...]] = field(default_factory=dict)
    _gates: dict[tuple[str, str], tuple[Reader, Checker]] = field(default_factory=dict)

    def pin(self, service: str, operation: str, output: Mapping[str, Any]) -> None:
        """Let an operation's answers hold these members; the rest is generated around them.

        Values are given as boto3 gives them or as they travel. A pinned list replaces the generated one,
        and what its elements leave open is generated. Raises UsageError for members that the output
        does not have, and for values that AWS could not send.
        """
        contract, known = _find(service, operation)
        pinned = wire_document(contract, known.output, output)
        sample = _merged(self._generated(contract, known, {}), pinned)
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
        if code not in declared and code not in FRAMEWORK_CODES:
            hint = did_you_mean(code, (*declared, *FRAMEWORK_CODES))
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
        name = path.service
        contract = contract_of(name, path.protocol)
        decoded = contract.protocol.decode_request(contract.service, request)
        operation = contract.service.operations.get(decoded.operation or "")
        if operation is None:
            response = error(contract.service, Refusal("UnknownOperationException"))
        else:
            try:
                broken = not decoded.readable or any(
                    finding.rule in _NOT_JSON for finding in decoded.findings
                )
                if broken:
                    raise serialization()
                document = self._read(contract, operation, decoded.document)
                response = self._answer(contract, operation, document)
            except Refusal as refusal:
                response = error(contract.service, _renamed(contract, operation, refusal))
        response = self._marked(response, name, decoded.operation or "", decoded.document)
        self.calls.append(StubCall(name, decoded.operation or "", decoded.document, response))
        return response

    def _read(self, contract: Contract, operation: Operation, document: Any) -> Any:
        """The document as AWS reads it. Raises Refusal as AWS refuses it."""
        if operation.input is None:
            return {}
        key = (contract.service.name, operation.name)
        if key not in self._gates:
            service = contract.service
            self._gates[key] = (
                compile_reader(service, operation.input),
                compile_checker(service, operation.input),
            )
        reader, checker = self._gates[key]
        read = read_root(reader, document)
        check(checker, read)
        return read

    def _answer(self, contract: Contract, operation: Operation, document: Any) -> Response:
        key = (contract.service.name, operation.name)
        failure = self._failures.get(key)
        if failure is not None and failure.left != 0:
            if failure.left is not None:
                failure.left -= 1
            return _error(contract, operation, failure)
        output = _merged(self._generated(contract, operation, document), self._pins.get(key, {}))
        return contract.protocol.encode_response(contract.service, operation, output)

    def _generated(self, contract: Contract, operation: Operation, document: Any) -> Any:
        key = (contract.service.name, operation.name)
        if key not in self._trees:
            schema = contract.schema(operation.name, "output")
            # A few models have patterns that no text of the documented length meets.
            forms = (full_schema(schema), full_schema(schema, advisory=False), schema)
            self._trees[key] = tuple(compile_schema(form) for form in forms)
        asked = json.dumps(document, sort_keys=True, default=str)
        for tree in self._trees[key]:
            try:
                output = generate(tree, SeededChoices(f"{self.seed}:{':'.join(key)}:{asked}"))
            except PatternRefused:
                continue
            return _echoed(contract, operation, output, document)
        return {}

    def _marked(self, response: Response, service: str, operation: str, document: Any) -> Response:
        asked = json.dumps(document, sort_keys=True, default=str)
        bits = Random(f"{self.seed}:{service}:{operation}:{asked}:{len(self.calls)}").getrandbits(128)
        request_id = str(uuid.UUID(int=bits, version=4))
        headers = (*response.headers, ("x-amzn-RequestId", request_id), _MARK)
        return Response(response.status, headers, response.body)


def _find(service: str, operation: str) -> tuple[Contract, Operation]:
    contract = contract_of(service)
    assert contract.protocol is not None  # raises UsageError where there is none
    if operation not in contract.service.operations:
        hint = did_you_mean(operation, contract.service.operations)
        raise UsageError(f"{service} has no operation {operation!r}.", hint)
    return contract, contract.operation(operation)


def _renamed(contract: Contract, operation: Operation, refusal: Refusal) -> Refusal:
    """The refusal under the name that this service has for it; the words are alike everywhere."""
    if refusal.code != "InvalidParameterException":
        return refusal
    declared = {contract.service.error_code(name) for name in operation.errors}
    code = next((name for name in _INVALID if name in declared), "ValidationException")
    return Refusal(code, refusal.message, refusal.key)


def _error(contract: Contract, operation: Operation, failure: _Failure) -> Response:
    service = contract.service
    shape = next((name for name in operation.errors if service.error_code(name) == failure.code), None)
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


def _echoed(contract: Contract, operation: Operation, output: Any, document: Any) -> Any:
    """The output, saying of the resource what the request said: members of the same name and shape."""
    service = contract.service
    sent_members = service.structure(operation.input).members

    def walk(name: str | None, value: Any) -> Any:
        shape = service.shapes.get(name) if name else None
        match shape, value:
            case StructureShape(members=members), dict():
                echoed = {}
                for key, item in value.items():
                    member = members.get(key)
                    same = (
                        member is not None
                        and key in sent_members
                        and sent_members[key].target == member.target
                    )
                    said = document.get(key) if same and isinstance(document, dict) else None
                    repeated = isinstance(said, str | int | float) and not isinstance(item, dict | list)
                    echoed[key] = said if repeated else walk(member.target if member else None, item)
                return echoed
            case ListShape(member=member), list():
                return [walk(member.target, item) for item in value]
            case _:
                return value

    return walk(operation.output, output)
