# SPDX-License-Identifier: Apache-2.0
"""Any service as its model describes it: requests decoded and validated strictly, answers generated.

It owns how a request without an implementation behind it is answered: with a seeded output that is valid and
as full as can be, which repeats what the request said of the same things, or with the refusal that a wrong
request earns, in its protocol's form. Every answer is marked `x-aws-conformance: generated`: it says what AWS
may answer, not what it would. It refuses to know sockets and signatures.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ..cases.contract import Contract, OperationContract
from ..choices import SeededChoices
from ..generate.compiler import compile_schema
from ..generate.nodes import Tree
from ..generate.values import generate
from ..http import Request, Response
from ..protocols.message_digests import message_digests
from ..spec.patterns.refusal import PatternRefused
from ..spec.shapes import (
    ListShape,
    MapShape,
    Member,
    Service,
    StructureShape,
    TimestampShape,
)
from ..spec.timestamps import timestamp_format
from .carriable import arrives, carriable_schema, fits_header
from .checksums import check_checksums
from .complaints import field_refusal, has_fields, is_unreadable, worded
from .constraints import Checker, check, compile_checker
from .full_outputs import full_schema
from .inputs import Reader, compile_reader, read_root
from .refusal import Refusal

__all__ = ["GENERATED", "GeneratedAnswer", "GeneratedService"]

GENERATED = ("x-aws-conformance", "generated")
# How a service calls a request that breaks a constraint of the model: by the one that it declares.
_INVALID = ("InvalidParameterException", "ValidationException", "InvalidParameterValueException")
_UNREADABLE = frozenset(
    (
        "body.nonfinite",
        "body.encoding",
        "body.depth",
        "body.malformed",
        "header.form",
        "uri.form",
        "integer.form",
    )
)


@dataclass(frozen=True, slots=True)
class GeneratedAnswer:
    """An answer with what it is one to: the operation's name as the request says it, and its document."""

    response: Response
    operation: str
    document: Any


# What is answered to a valid request, in place of a generated output.
Respond = Callable[[OperationContract, Any], Response]


@dataclass(slots=True)
class GeneratedService:
    """Answers any operation of any service; equal requests of equal seeds get equal answers."""

    seed: int = 0
    _trees: dict[tuple[str, str, str], tuple[Tree, ...]] = field(default_factory=dict)
    _gates: dict[tuple[str, str], tuple[Reader, Checker]] = field(default_factory=dict)

    def answer(self, contract: Contract, request: Request, respond: Respond | None = None) -> GeneratedAnswer:
        """The answer to a request for a service; `respond` is asked for that to a valid one."""
        protocol, service = contract.protocol, contract.service
        decoded = protocol.decode_request(service, request)
        name = decoded.operation or ""
        operation = service.operations.get(name)
        if operation is None:
            code, status = protocol.unknown_operation
            response = protocol.encode_error(service, code, {}, status)
            return self._marked(contract, GeneratedAnswer(response, name, decoded.document))
        try:
            for finding in decoded.findings if protocol.refused_labels else ():
                if finding.rule in protocol.refused_labels:
                    code, status = protocol.refused_labels[finding.rule]
                    raise Refusal(code, finding.got, status=status)
            unreadable = any(finding.rule in _UNREADABLE for finding in decoded.findings)
            if unreadable or not decoded.readable:
                raise Refusal(protocol.unreadable, key="Message")
            if any(row.keyword == "checksum" for row in protocol.malformations):
                check_checksums(request)
            known = contract.of(operation)
            document = self._read(known, decoded.document)
            response = (respond or self.respond)(known, document)
        except Refusal as refusal:
            response = _refused(contract.of(operation), refusal)
        return self._marked(contract, GeneratedAnswer(response, name, decoded.document))

    def respond(self, contract: OperationContract, document: Any) -> Response:
        """A generated success."""
        output = self.output(contract, document)
        return contract.encode_response(output)

    def output(self, contract: OperationContract, document: Any) -> Any:
        """A generated output that says of the resource what the request said."""
        key = (contract.service.name, contract.protocol_name, contract.name)
        if key not in self._trees:
            schema = carriable_schema(contract.schema("output"), contract.service, contract.operation)
            # A few models have patterns that no text of the documented length meets.
            forms = (full_schema(schema), full_schema(schema, advisory=False), schema)
            self._trees[key] = tuple(compile_schema(form) for form in forms)
        choices = f"{self.seed}:{contract.service.name}:{contract.name}:{_canonical(document)}"
        for tree in self._trees[key]:
            try:
                output = generate(tree, SeededChoices(choices))
            except PatternRefused:
                continue
            if arrives(contract, output):
                return _echoed(contract, output, document)
        return {}

    def _read(self, contract: OperationContract, document: Any) -> Any:
        """The document as AWS reads it. Raises Refusal as AWS refuses it."""
        if contract.operation.input is None:
            return {}
        if not contract.protocol.reads_leniently:
            return _validated(contract, document)
        key = (contract.service.name, contract.name)
        if key not in self._gates:
            self._gates[key] = (
                compile_reader(contract.service, contract.operation.input),
                compile_checker(contract.service, contract.operation.input),
            )
        reader, checker = self._gates[key]
        read = read_root(reader, document)
        check(checker, read)
        return read

    def _marked(self, contract: Contract, answer: GeneratedAnswer) -> GeneratedAnswer:
        asked = f"{self.seed}:{contract.service.name}:{answer.operation}:{_canonical(answer.document)}"
        request_id = str(uuid.UUID(int=Random(asked).getrandbits(128), version=4))
        response = answer.response
        headers = (*response.headers, ("x-amzn-RequestId", request_id), GENERATED)
        marked = Response(response.status, headers, response.body)
        return GeneratedAnswer(marked, answer.operation, answer.document)


def _canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, default=str)


def _validated(contract: OperationContract, document: Any) -> Any:
    """The document without nulls. Raises Refusal for what does not fit the schema but unknown members."""
    read = _without_nulls(contract.service, contract.operation.input, document)
    service, root = contract.service, contract.operation.input or ""
    findings = [
        finding
        for finding in contract.validator("input").findings(read)
        if finding.keyword != "additionalProperties" or is_unreadable(service, root, finding)
    ]
    mistyped = next((finding for finding in findings if is_unreadable(service, root, finding)), None)
    if mistyped is not None:
        where = ".".join(map(str, mistyped.path))
        raise Refusal(
            contract.protocol.unreadable, f"{where} can not be read: not of the type {mistyped.kind}"
        )
    if findings and has_fields(service, contract.operation.errors):
        raise field_refusal(service, root, read, findings)
    if findings:
        texts = "; ".join(map(worded, findings))
        plural = "s" if len(findings) > 1 else ""
        raise Refusal(
            "InvalidParameterException", f"{len(findings)} validation error{plural} detected: {texts}"
        )
    return read


def _without_nulls(service: Service, name: str | None, document: Any) -> Any:
    """A document without members that are null, which are as good as absent; null is an element in others."""
    shape = service.shapes.get(name or "")
    match shape, document:
        case StructureShape(members=members), dict():
            return {
                key: _without_nulls(service, members[key].target if key in members else None, value)
                for key, value in document.items()
                if value is not None
            }
        case ListShape(member=member), list():
            return [_without_nulls(service, member.target, value) for value in document]
        case MapShape(value=member), dict():
            return {key: _without_nulls(service, member.target, value) for key, value in document.items()}
        case _:
            return document


def _refused(contract: OperationContract, refusal: Refusal) -> Response:
    """The refusal under the name that this service has for it, in its protocol's form."""
    service, code = contract.service, refusal.code
    if code == "InvalidParameterException":
        declared = {service.error_code(name): name for name in contract.operation.errors}
        code = next((name for name in _INVALID if name in declared), "ValidationException")
    shapes = {service.error_code(name): name for name in contract.operation.errors}
    status = refusal.status or (service.error_status(shapes[code]) if code in shapes else 400)
    key = (service.message_member(code) if code in shapes else "") or refusal.key
    members = {key: refusal.message} if refusal.message is not None else {}
    return contract.protocol.encode_error(service, code, {**members, **refusal.members}, status)


def _echoed(contract: OperationContract, output: Any, document: Any) -> Any:
    """The output, saying of the resource what the request said: members of the same name, shape and form.

    A digest of what was said is that.
    """
    service = contract.service
    sent_members = service.structure(contract.operation.input).members
    said = document if isinstance(document, dict) else {}

    def echo(key: str, member: Member | None) -> Any:
        sent = sent_members.get(key)
        if member is None or sent is None or sent.target != member.target:
            return None
        value = said.get(key)
        if member.location == "header" and isinstance(value, str) and not fits_header(value):
            return None
        return value if _written_alike(contract.service_contract, sent, member) else None

    def walk(name: str | None, value: Any) -> Any:
        shape = service.shapes.get(name) if name else None
        match shape, value:
            case StructureShape(members=members), dict():
                echoed = {}
                for key, item in value.items():
                    member = members.get(key)
                    repeated = None if isinstance(item, dict | list) else echo(key, member)
                    plain = isinstance(repeated, str | int | float)
                    echoed[key] = repeated if plain else walk(member.target if member else None, item)
                return echoed
            case ListShape(member=member), list():
                return [walk(member.target, item) for item in value]
            case _:
                return value

    echoed = walk(contract.operation.output, output)
    if isinstance(echoed, dict):
        for digest in list(message_digests(said, echoed)):
            digest.holder[str(digest.path[-1])] = digest.expected
    return echoed


def _written_alike(contract: Contract, sent: Member, member: Member) -> bool:
    """Whether documents hold both members' values in one form; a moment's is that of its place."""
    shape = contract.service.shapes.get(member.target)
    if member.location == "statusCode":
        return False
    if not isinstance(shape, TimestampShape):
        return True
    forms = {timestamp_format(shape, place, contract.protocol_name) for place in (sent, member)}
    return len(forms) == 1
