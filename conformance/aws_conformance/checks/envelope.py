"""Checks of errors and statuses: the envelope in which an error travels, its code, its status.

It refuses to know whether an error was deserved (verdict.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..http import header
from ..spec.shapes import StructureShape
from .response import Breach, DecodedResponse, looks_like_html

__all__ = [
    "FRAMEWORK_CODES",
    "code_undeclared",
    "code_unknown",
    "error_status",
    "error_type",
    "message_casing",
    "request_id",
    "success_status",
]

# Errors that any AWS service may answer with and that models leave out: AWS's "Common Errors" page, and
# what the front ends of json services were recorded to send.
FRAMEWORK_CODES = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InternalFailure",
        "InvalidSignatureException",
        "MalformedHttpRequestException",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestAbortedException",
        "RequestEntityTooLargeException",
        "RequestExpired",
        "RequestTimeoutException",
        "SerializationException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationError",
        "ValidationException",
    }
)


def _legible(answer: DecodedResponse) -> bool:
    """Whether there is an error envelope to judge at all; what isn't one has checks of its own."""
    return answer.error is not None and answer.error.readable and answer.expects_envelope


def error_type(answer: DecodedResponse) -> Iterator[Breach]:
    error = answer.error
    if error is None or not _legible(answer) or looks_like_html(answer.response):
        return
    if not error.code and answer.response.status >= 500:
        return  # a crash, which has a check of its own
    if not error.code:
        got = f"{error.raw_code!r}" if error.raw_code is not None else "no __type"
        yield Breach(("__type",), "the error's code", got)
    elif error.source not in ("__type", "x-amzn-query-error"):
        # botocore and the aws command read the code nowhere else.
        yield Breach(("__type",), "the error's code", f"no __type; the code is in {error.source}")


def message_casing(answer: DecodedResponse) -> Iterator[Breach]:
    error = answer.error
    if error is None or not _legible(answer) or answer.root is None:
        return
    shape = answer.service.shapes[answer.root]
    assert isinstance(shape, StructureShape)
    modelled = next((name for name in shape.members if name.lower() == "message"), None)
    if modelled is None or error.message_key == modelled:
        return
    got = f"it under {error.message_key!r}" if error.message_key else "no message"
    yield Breach((modelled,), f"the error's text under {modelled!r}", got)


def _is_foreign(answer: DecodedResponse) -> bool:
    """Whether the error's code is neither declared by the operation nor common to all of AWS."""
    return bool(answer.code) and answer.root is None and answer.code not in FRAMEWORK_CODES


def code_undeclared(answer: DecodedResponse) -> Iterator[Breach]:
    if _is_foreign(answer) and answer.code in answer.service.declared_codes:
        yield Breach(("__type",), _declared(answer), answer.code, cause=answer.code)


def code_unknown(answer: DecodedResponse) -> Iterator[Breach]:
    if _is_foreign(answer) and answer.code not in answer.service.declared_codes:
        yield Breach(("__type",), _declared(answer), answer.code, cause=answer.code)


def _declared(answer: DecodedResponse) -> str:
    names = [answer.service.error_code(name) for name in answer.operation.errors]
    return "one of " + ", ".join(names) if names else "a documented error code"


def success_status(answer: DecodedResponse) -> Iterator[Breach]:
    expected = answer.operation.status or 200
    status = answer.response.status
    if answer.kind != "success" or status == expected:
        return
    # Real services answer 204 to operations whose output is empty though the model says 200 or nothing.
    if status != 204 or answer.service.structure(answer.operation.output).members:
        yield Breach(("(status)",), str(expected), str(answer.response.status))


def error_status(answer: DecodedResponse) -> Iterator[Breach]:
    if answer.kind != "error":
        return
    status = answer.response.status
    if answer.root is not None:
        expected = answer.service.error_status(answer.root)
        if status != expected:
            yield Breach(("(status)",), f"{expected} with {answer.code}", str(status), cause=answer.code)
    elif not 400 <= status < 600:
        yield Breach(("(status)",), "a status of success or of an error", str(status))
    elif answer.code in FRAMEWORK_CODES and status >= 500 and answer.code not in _SERVER_SIDE:
        yield Breach(("(status)",), f"4xx with {answer.code}", str(status), cause=answer.code)


_SERVER_SIDE = frozenset(
    {"InternalFailure", "RequestTimeoutException", "ServiceUnavailable", "ServiceUnavailableException"}
)


def request_id(answer: DecodedResponse) -> Iterator[Breach]:
    if answer.kind == "none":
        return
    names = ("x-amzn-requestid", "x-amz-request-id", "x-amz-requestid")
    if not any(header(answer.response.headers, name) for name in names):
        yield Breach(("(headers)",), "a header x-amzn-RequestId", "none")
