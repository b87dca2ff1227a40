"""Validating what somebody already has: a decoded output, or an exchange, without any target.

It owns `validate_instance` and `validate_exchange`, which the command line and the plugin share with
the engine's checks, and refuses to know where the values come from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..cases.contract import Contract, contract_of
from ..errors import UsageError, did_you_mean
from ..http import Response
from ..protocols import Decoded, Finding
from ..results.events import Violation
from ..spec.shapes import Operation
from . import DecodedResponse, judge
from .response import interpret

__all__ = ["validate_exchange", "validate_instance"]


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
    compiled = contract_of(service, protocol, schemas)
    known = _known(compiled, operation)
    if status is not None and not 200 <= status < 300:
        return _error_instance(compiled, known, instance, status)
    # The instance is decoded: only what a schema sees, and the root, can be wrong with it.
    if isinstance(instance, dict):
        findings: tuple[Finding, ...] = ()
        unfit = compiled.validator(operation, "output").findings(instance)
    else:
        findings = (Finding("body.root", (), "an object", type(instance).__name__),)
        unfit = ()
    answer = DecodedResponse(
        compiled.service,
        known,
        # Without a status, the one that the model expects; and headers of which nothing is known.
        Response(status or known.status or 200, _QUIET),
        "success",
        decoded=Decoded(instance, findings),
        root=known.output,
        findings=findings,
        unfit=unfit,
    )
    return judge(answer, general=False)


# An instance has no headers to judge: the checks about them are satisfied.
_QUIET = (("x-amzn-requestid", "-"),)


def _error_instance(compiled: Contract, operation: Operation, instance: Any, status: int) -> list[Violation]:
    import json

    content_type = compiled.codec.content_type(compiled.service)
    response = Response(status, (("content-type", content_type), *_QUIET), json.dumps(instance).encode())
    return _judged(compiled, operation, response)


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
    compiled = contract_of(service, protocol, schemas)
    return _judged(compiled, _known(compiled, operation), response)


def _known(compiled: Contract, operation: str) -> Operation:
    if operation not in compiled.service.operations:
        hint = did_you_mean(operation, compiled.service.operations)
        raise UsageError(f"{compiled.service.name} has no operation {operation!r}.", hint)
    return compiled.operation(operation)


def _judged(compiled: Contract, operation: Operation, response: Response) -> list[Violation]:
    validators = compiled.validators(operation.name)
    answer = interpret(compiled.service, operation, compiled.codec, validators, response)
    return judge(answer, general=False)
