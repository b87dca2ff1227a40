# SPDX-License-Identifier: Apache-2.0
"""Answers in whatever form a test holds them, judged by the checks that the engine applies.

It owns the reading of those forms: what botocore parsed, what requests or urllib3 received, bytes, decoded
documents. It refuses to know any rule, and raises nothing but AssertionError and UsageError.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, overload
from urllib.parse import urlsplit

from ...cases.compile import contract_of
from ...cases.contract import Contract
from ...checks.extensions import Rule, define_check
from ...checks.validate import validate_exchange, validate_instance
from ...errors import UsageError
from ...generate.values import timestamp_text
from ...http import Exchange, Request, Response
from ...protocols.routing import route
from ...results.events import Violation
from ...results.terms import Severity, at_least
from ...spec.selectors import find_operation
from ...spec.shapes import BlobShape, ListShape, MapShape, Member, StructureShape, TimestampShape
from ...spec.timestamps import timestamp_format
from .text import counted, violations_text

__all__ = ["Validate", "check", "fail_with", "violations_of", "wire_document"]

_HINT = 'Name it: check(response, operation="cognito-idp:StartUserImportJob").'


class Validate(Protocol):
    """What the fixture `conformance_validate` is: see `violations_of`."""

    def __call__(self, operation: str | None, response: Any) -> list[Violation]:
        """Violations in a response of an operation."""


@overload
def check(response: Any, operation: str | None = None, *, fail_on: Severity = "error") -> None: ...


@overload
def check(
    response: str, *, requirement: str, severity: Severity = "error", citation: str = ""
) -> Callable[[Rule], Rule]: ...


def check(
    response: Any,
    operation: str | None = None,
    *,
    fail_on: Severity = "error",
    requirement: str | None = None,
    severity: Severity = "error",
    citation: str = "",
) -> Callable[[Rule], Rule] | None:
    """Raise AssertionError, listing the violations by check, if a response is not what AWS documents.

    `response` is what botocore returned or raised (ClientError), a response of requests, urllib3 or this
    package, the bytes of a body, or a decoded output. `operation` is `service:Operation`; where the
    response knows its own request it may be left out. Raises UsageError if it can't be told.

    With a `requirement` it is a decorator instead, which makes a check of a function: see
    checks/extensions.py, and docs/pytest.md for an example.
    """
    __tracebackhide__ = True
    if requirement is not None:
        return define_check(response, requirement=requirement, severity=severity, citation=citation)
    violations = violations_of(operation, response)
    fail_with([violation for violation in violations if at_least(violation.severity, fail_on)])
    return None


def fail_with(violations: list[Violation]) -> None:
    """Raise AssertionError for violations, if there are any."""
    __tracebackhide__ = True
    if violations:
        raise AssertionError(
            f"{counted(len(violations), 'violation')} of what AWS documents\n\n{violations_text(violations)}"
        )


def violations_of(operation: str | None, response: Any) -> list[Violation]:
    """Violations of every severity in a response of `service:Operation`, in whatever form it comes.

    Raises UsageError for an unknown operation, for a form that is not known, and where the operation is
    None and the response does not tell it.
    """
    named = operation or _operation_of(response)
    if named is None:
        raise UsageError("Nothing tells which operation this is a response of.", _HINT)
    service, known = find_operation(named)
    contract = contract_of(service.name)
    parsed = _parsed(response)
    if parsed is not None:
        return _violations_of_parsed(contract, known.name, parsed)
    wire = _wire(contract, response)
    if wire is not None:
        return validate_exchange(service.name, known.name, wire)
    if isinstance(response, Mapping | list):
        return validate_instance(service.name, known.name, wire_document(contract, known.output, response))
    raise UsageError(
        f"A {type(response).__name__} is no response that can be checked.",
        "Pass what botocore or requests returned, the bytes of a body, or a decoded output.",
    )


def wire_document(contract: Contract, root: str | None, value: Any) -> Any:
    """A document in the wire's terms, of Python values as boto3 takes and gives them.

    A datetime becomes the form that its member travels in, bytes become base64.
    """
    return _Terms(contract).of(root, None, value)


class _Terms:
    """The wire's terms of Python values; of `parsed` ones any spelling of a moment is that moment."""

    def __init__(self, contract: Contract, *, parsed: bool = False) -> None:
        self._contract = contract
        self._shapes = contract.service.shapes
        self._parsed = parsed

    def of(self, name: str | None, member: Member | None, value: Any) -> Any:
        shape = self._shapes.get(name) if name else None
        match shape, value:
            case StructureShape(members=members), Mapping():
                return {
                    key: self.of(members[key].target if key in members else None, members.get(key), item)
                    for key, item in value.items()
                }
            case ListShape(member=inner), list() | tuple():
                return [self.of(inner.target, inner, item) for item in value]
            case MapShape(value=inner), Mapping():
                return {key: self.of(inner.target, inner, item) for key, item in value.items()}
            case TimestampShape(), datetime():
                return self._timestamp(shape, member, value)
            case TimestampShape(), str() | int() | float() if self._parsed:
                return self._spelled(shape, member, value)
            case BlobShape(), bytes() | bytearray():
                return base64.b64encode(bytes(value)).decode("ascii")
            case BlobShape(), _ if hasattr(value, "read"):
                return base64.b64encode(value.read()).decode("ascii")
            case _:
                return value

    def _spelled(self, shape: TimestampShape, member: Member | None, value: str | float) -> Any:
        """A moment that a stub was given as a text or a number, which botocore's Stubber takes for one."""
        from botocore.utils import parse_to_aware_datetime

        try:
            return self._timestamp(shape, member, parse_to_aware_datetime(value))
        except (ValueError, TypeError, OverflowError, RuntimeError):
            return value

    def _timestamp(self, shape: TimestampShape, member: Member | None, value: datetime) -> Any:
        moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        form = timestamp_format(shape, member, self._contract.protocol_name)
        if form != "unixTimestamp":
            return timestamp_text(form, moment.astimezone(UTC))
        seconds = moment.timestamp()
        return int(seconds) if seconds.is_integer() else seconds


def _parsed(response: Any) -> Mapping[str, Any] | None:
    """What botocore parsed, if that is what it is; a ClientError holds it."""
    if isinstance(response, BaseException):
        response = getattr(response, "response", None)
    if isinstance(response, Mapping) and "ResponseMetadata" in response:
        return response
    return None


def _violations_of_parsed(contract: Contract, operation: str, parsed: Mapping[str, Any]) -> list[Violation]:
    """Only what survived botocore's parsing can be judged: forms are gone, members and values are left.

    Nobody has parsed what a Stubber answers: its texts for moments never stood on a wire either.
    """
    terms = _Terms(contract, parsed=True)
    service = contract.service
    status = parsed["ResponseMetadata"].get("HTTPStatusCode")
    content = {key: item for key, item in parsed.items() if key not in ("ResponseMetadata", "Error")}
    error = parsed.get("Error")
    if not isinstance(error, Mapping):
        document = terms.of(service.operations[operation].output, None, content)
        return validate_instance(service.name, operation, document, status=status)
    code = str(error.get("Code", ""))
    names = service.operations[operation].errors
    root = next((name for name in names if service.error_code(name) == code), None)
    document = {**terms.of(root, None, content), "__type": code}
    if "message" not in document and "Message" not in document:
        # Parsing has left nothing of how the wire spelt it.
        key = service.message_member(code) or "message"
        member = service.structure(root).members.get(key) if root is not None else None
        document[(member.location_name if member is not None else None) or key] = error.get("Message", "")
    return validate_instance(service.name, operation, document, status=status or 400)


def _wire(contract: Contract, response: Any) -> Response | None:
    """A response as bytes, of whatever carries one; None if this carries none."""
    match response:
        case Response():
            return response
        case Exchange():
            return response.response
        case bytes() | bytearray() | str():
            body = response.encode() if isinstance(response, str) else bytes(response)
            headers = (
                ("Content-Type", contract.protocol.content_type(contract.service)),
                ("x-amzn-requestid", "-"),
            )
            return Response(200, headers, body)
        case _:
            pass
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    if not isinstance(status, int) or not hasattr(response, "headers"):
        return None
    content = getattr(response, "content", None)
    content = getattr(response, "data", None) if content is None else content
    came = Response(status, tuple(_header_lines(response.headers)), bytes(content or b""))
    # Most clients hand out the content decoded, and leave the header that says how it came.
    return came if came.body.startswith(_GZIP) else _plain(came)


_GZIP = b"\x1f\x8b"


def _plain(response: Response) -> Response:
    headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-encoding")
    return Response(response.status, headers, response.body)


def _header_lines(headers: Any) -> Iterable[tuple[str, str]]:
    return ((str(name), str(value)) for name, value in headers.items())


def _operation_of(response: Any) -> str | None:
    """The operation that a response tells by itself: requests keeps the request beside it."""
    if isinstance(response, Exchange):
        url, asked = response.url, response.request
    else:
        request = getattr(response, "request", None)
        if request is None or not hasattr(request, "headers"):
            return None
        url = str(request.url)
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = tuple(_header_lines(_texts(request.headers)))
        body = getattr(request, "body", None)
        content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
        asked = Request(str(getattr(request, "method", "POST")), path, headers, content)
    destination = route(asked, urlsplit(url).hostname or "")
    return (
        f"{destination.service}:{destination.operation}"
        if destination is not None and destination.operation
        else None
    )


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers of requests may be bytes."""
    return {_text(name): _text(value) for name, value in headers.items()}


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
