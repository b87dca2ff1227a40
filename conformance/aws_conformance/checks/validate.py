# SPDX-License-Identifier: Apache-2.0
"""Validating what somebody already has: a decoded output, or an exchange, without any target.

It owns `validate_instance` and `validate_exchange`, which the command line and the plugin share with
the engine's checks, and refuses to know where the values come from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..cases.compile import contract_of
from ..cases.contract import Contract, OperationContract
from ..codings import READABLE, codings_of
from ..errors import UsageError, did_you_mean
from ..http import Response, headers_named
from ..protocols.findings import Decoded, DecodedError, Finding
from ..results.events import Violation
from ..spec.schema.validate import Validator
from ..spec.shapes import IntegerShape, ListShape, MapShape, Operation, Service, StructureShape
from . import CATALOGUE
from .framing import without_encoding
from .judge import judge
from .quick import quick_validator
from .response import DecodedResponse, interpret

__all__ = ["QuickLook", "quick_look", "validate_error", "validate_exchange", "validate_instance"]


def validate_instance(
    service: str,
    operation: str,
    instance: Any,
    *,
    protocol: str | None = None,
    status: int | None = None,
    schemas: Path | None = None,
) -> list[Violation]:
    """Violations in a decoded output, given in the schema's own terms; paths are exact.

    A status outside of 2xx, if given, means that the instance is an error's document, whose `__type` or
    `Code` names the error. Raises UsageError for an unknown service, operation or protocol.
    """
    look = quick_look(service, operation, protocol) if status is None and schemas is None else None
    if look is not None and look.takes(instance):
        return []
    contract = contract_of(service, protocol, schemas)
    known = _known(contract, operation)
    if status is not None and not 200 <= status < 300:
        return _error_instance(contract.of(known), instance, status)
    # The instance is decoded: only what a schema sees, and the root, can be wrong with it.
    if isinstance(instance, dict):
        findings = tuple(_lexical(contract.service, known.output, instance, ()))
        unfit = contract.validator(operation, "output").findings(instance)
    else:
        findings = (Finding("body.root", (), "an object", type(instance).__name__),)
        unfit = ()
    answer = DecodedResponse(
        contract.service,
        contract.protocol,
        known,
        # Without a status, the one that the model expects; and headers of which nothing is known.
        Response(status or known.status or 200, _QUIET),
        "success",
        decoded=Decoded(instance, findings),
        root=known.output,
        findings=findings,
        unfit=unfit,
        bare=True,
    )
    return judge(answer, checks=CATALOGUE.values(), general=False)


def quick_look(service: str, operation: str, protocol: str | None = None) -> QuickLook | None:
    """What takes most right outputs at once; None where there is no such look.

    Raises UsageError for an unknown service, operation or protocol.
    """
    contract = contract_of(service, protocol)
    known = _known(contract, operation)
    validator = quick_validator(contract, operation)
    return None if validator is None else QuickLook(contract.service, known.output, validator)


@dataclass(frozen=True, slots=True)
class QuickLook:
    """One look at decoded outputs of an operation, of which nothing else is known."""

    service: Service
    output: str | None
    validator: Validator

    def takes(self, instance: Any, *, fractions: bool = True) -> bool:
        """Whether nothing is wrong with it. A document that is not taken may be right.

        `fractions` tells that there may be numbers that are written with a fraction.
        """
        if not isinstance(instance, dict) or not self.validator.is_valid(instance):
            return False
        return not fractions or next(_lexical(self.service, self.output, instance, ()), None) is None


def validate_error(
    service: str,
    operation: str,
    code: str,
    message: str | None = None,
    *,
    protocol: str | None = None,
    status: int | None = None,
    schemas: Path | None = None,
) -> list[Violation]:
    """Violations in an error that is known by its code and text alone; without a status, none is judged.

    Raises UsageError for an unknown service, operation or protocol.
    """
    contract = contract_of(service, protocol, schemas)
    known = _known(contract, operation)
    shapes = {contract.service.error_code(name): name for name in known.errors}
    root = shapes.get(code)
    key = contract.service.message_member(code) or "message"
    assumed = contract.service.error_status(root) if root is not None else 400
    protocol_record = contract.protocol
    source = min(protocol_record.error_place.sources)
    error = DecodedError(code=code, raw_code=code, message=message, message_key=key, source=source)
    response = Response(assumed if status is None else status, _QUIET)
    return judge(
        DecodedResponse(contract.service, protocol_record, known, response, "error", error=error, root=root),
        checks=CATALOGUE.values(),
        general=False,
    )


def _lexical(
    service: Service, name: str | None, value: Any, path: tuple[str | int, ...]
) -> Iterator[Finding]:
    """Whole numbers that are written with a fraction: a schema takes 1.0 for 1, strict SDKs don't."""
    holders = service.integer_holders
    if name is None or name not in holders:
        return
    match service.shapes[name], value:
        case IntegerShape(), float() if value.is_integer():
            yield Finding("integer.form", path, "a whole number in digits", json.dumps(value))
        case StructureShape(members=members), dict():
            for key, item in value.items():
                if key in members and members[key].target in holders:
                    yield from _lexical(service, members[key].target, item, (*path, key))
        case ListShape(member=member), list():
            for index, item in enumerate(value):
                yield from _lexical(service, member.target, item, (*path, index))
        case MapShape(value=member), dict():
            for key, item in value.items():
                yield from _lexical(service, member.target, item, (*path, key))
        case _:
            return


# An instance has no headers to judge: the checks about them are satisfied.
_QUIET = (("x-amzn-requestid", "-"),)


def _error_instance(contract: OperationContract, instance: Any, status: int) -> list[Violation]:
    service, protocol = contract.service, contract.protocol
    headers = (("content-type", protocol.content_type(service)), *_QUIET)
    response = Response(status, headers, json.dumps(instance).encode())
    if isinstance(instance, dict) and not protocol.decode_error(service, response).readable:
        # A protocol whose errors are no JSON: there the document has another form on the wire.
        code = str(next((instance[name] for name in _CODES if name in instance), ""))
        members = {name: item for name, item in instance.items() if name not in _CODES}
        response = protocol.encode_error(service, code, members, status)
        response = replace(response, headers=(*response.headers, *_QUIET))
    return _judged(contract, response)


_CODES = ("__type", "Code", "code")


def validate_exchange(
    service: str,
    operation: str,
    response: Response,
    *,
    protocol: str | None = None,
    schemas: Path | None = None,
) -> list[Violation]:
    """Violations in a response as it came over the wire; paths are exact.

    Raises UsageError for an unknown service, operation or protocol, or one without a codec.
    """
    contract = contract_of(service, protocol, schemas)
    known = _known(contract, operation)
    _refuse_unread(response)
    return _judged(contract.of(known), without_encoding(contract.service, known, response, _DECOMPRESSED))


# A body that grows beyond this is no answer of AWS.
_DECOMPRESSED = 64 * 1024 * 1024


def _refuse_unread(response: Response) -> None:
    """Raise UsageError for a coding that isn't read: whose client asked for it may have got it rightly."""
    codings = codings_of(headers_named(response.headers, "content-encoding"))
    unread = next((coding for coding in codings if coding not in READABLE), None)
    if unread is not None:
        raise UsageError(f"The exchange is encoded as {unread}, which is not read.", "Decode it first.")


def _known(contract: Contract, operation: str) -> Operation:
    if operation not in contract.service.operations:
        hint = did_you_mean(operation, contract.service.operations)
        raise UsageError(f"{contract.service.name} has no operation {operation!r}.", hint)
    return contract.operation(operation)


def _judged(contract: OperationContract, response: Response) -> list[Violation]:
    validators = contract.validators
    answer = interpret(contract.service, contract.operation, contract.protocol, validators, response)
    return judge(answer, checks=CATALOGUE.values(), general=False)
