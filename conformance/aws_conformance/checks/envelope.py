# SPDX-License-Identifier: Apache-2.0
"""Checks of errors and statuses: the envelope in which an error travels, its code, its status.

It refuses to know whether an error was deserved (verdict.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..http import header
from ..protocols.findings import STATUS_SOURCE
from ..spec.shapes import StructureShape
from .check import ERROR, EXCHANGE, SUCCESS, Breach, Check, as_it_is
from .citations import JSON, MODEL, RECORDED
from .common_errors import framework_codes, is_common
from .errata import statuses_recorded
from .response import AnswerCheck, DecodedResponse
from .verdict import is_crash, is_too_large, is_unsupported

__all__ = [
    "ROWS",
    "code_contradiction",
    "code_undeclared",
    "code_unknown",
    "error_status",
    "error_type",
    "message_casing",
    "request_id",
    "success_status",
    "success_status_loose",
]


def _legible(answer: DecodedResponse) -> bool:
    """Whether there is an error envelope to judge at all; what isn't one has checks of its own.

    A crash is one finding, and not also one of each rule that it breaks on its way.
    """
    legible = answer.error is not None and answer.error.readable and answer.expects_envelope
    return legible and not (is_crash(answer) or is_unsupported(answer) or is_too_large(answer))


def error_type(answer: DecodedResponse) -> Iterator[Breach]:
    error = answer.error
    if error is None or not _legible(answer) or answer.is_web_page:
        return
    place = answer.protocol.error_place
    if not error.code:
        got = f"{error.raw_code!r}" if error.raw_code is not None else f"no {place.label}"
        yield Breach(answer.code_path, "the error's code", got)
    elif (
        error.source == STATUS_SOURCE and answer.operation.method != "HEAD" and answer.response.status >= 400
    ):
        # An answer to HEAD has no body, nor has 304.
        yield Breach(answer.code_path, "the error's code", "no body")
    elif error.source not in place.sources:
        yield Breach(
            answer.code_path,
            "the error's code",
            f"no {place.label}; the code is in {error.source}",
        )
    elif error.raw_code is not None and error.raw_code != error.raw_code.strip():
        yield Breach(
            answer.code_path,
            "the error's code without blanks around it",
            f"{error.raw_code!r}",
        )


def code_contradiction(answer: DecodedResponse) -> Iterator[Breach]:
    """Places that name different errors: which of them a client sees depends on its SDK."""
    error = answer.error
    if error is None or not _legible(answer) or len(set(error.codes.values())) < 2:
        return
    got = " but ".join(f"{code!r} in {place}" for place, code in error.codes.items())
    yield Breach(answer.code_path, "the same error everywhere", got)


def message_casing(answer: DecodedResponse) -> Iterator[Breach]:
    error = answer.error
    if error is None or not _legible(answer) or answer.root is None:
        return
    shape = answer.service.shapes[answer.root]
    assert isinstance(shape, StructureShape)
    modelled = next((name for name in shape.members if name.lower() == "message"), None)
    # The wire may have another name for the member; what the codec has read by it stands under the model's.
    if modelled is None or error.message_key == modelled or modelled in error.document:
        return
    got = f"it under {error.message_key!r}" if error.message_key else "no message"
    yield Breach((modelled,), f"the error's text under {modelled!r}", got)


def _is_foreign(answer: DecodedResponse) -> bool:
    """Whether the error's code is neither declared by the operation nor common to all of AWS."""
    if not answer.service.declared_codes:
        # The model is silent on errors, as that of EC2 on all of its 830 operations.
        return False
    if answer.error is not None and answer.error.source == STATUS_SOURCE:
        # The name of a status, for want of a body; the target wrote no code.
        return False
    common = is_common(answer.service.name, answer.code)
    foreign = bool(answer.code) and answer.root is None and not common
    return foreign and not is_crash(answer) and not is_unsupported(answer)


def code_undeclared(answer: DecodedResponse) -> Iterator[Breach]:
    if _is_foreign(answer) and answer.code in answer.service.declared_codes:
        yield Breach(answer.code_path, _declared(answer), answer.code, cause=answer.code)


def code_unknown(answer: DecodedResponse) -> Iterator[Breach]:
    if _is_foreign(answer) and answer.code not in answer.service.declared_codes:
        yield Breach(answer.code_path, _declared(answer), answer.code, cause=answer.code)


def _declared(answer: DecodedResponse) -> str:
    names = [answer.service.error_code(name) for name in answer.operation.errors]
    return "one of " + ", ".join(names) if names else "a documented error code"


def success_status(answer: DecodedResponse) -> Iterator[Breach]:
    if not _is_loosely_modelled(answer):
        yield from _other_status(answer)


def success_status_loose(answer: DecodedResponse) -> Iterator[Breach]:
    """AWS was recorded to answer such operations with 201, 202 and 204; no SDK tells these apart."""
    if _is_loosely_modelled(answer):
        yield from _other_status(answer)


def _other_status(answer: DecodedResponse) -> Iterator[Breach]:
    status = answer.response.status
    if status == (answer.operation.status or 200):
        return
    if answer.kind == "success" and status not in _success_statuses(answer):
        expected = " or ".join(map(str, sorted(_success_statuses(answer))))
        yield Breach(("(status)",), expected, str(status))


def _is_loosely_modelled(answer: DecodedResponse) -> bool:
    """Whether 200 may be what the model says for want of better: others of the service have their own."""
    if answer.response.status not in (201, 202) or (answer.operation.status or 200) != 200:
        return False
    return any((operation.status or 200) != 200 for operation in answer.service.operations.values())


def _success_statuses(answer: DecodedResponse) -> frozenset[int]:
    """The statuses that a success of the operation may have."""
    expected = {answer.operation.status or 200}
    members = answer.service.structure(answer.operation.output).members.values()
    if any(member.location == "statusCode" for member in members):
        # The operation says by its status what it did; the model leaves open which.
        expected |= set(range(200, 300))
    if any((member.location_name or "").lower() in _RANGES for member in members):
        expected.add(206)
    if not members:
        # Real services answer 204 to operations whose output is empty though the model says 200 or nothing.
        expected.add(204)
    expected |= statuses_recorded(f"{answer.service.name}:{answer.operation.name}")
    return frozenset(expected)


# Headers of an answer to a request for a part, which travels under 206 (RFC 9110, 15.3.7).
_RANGES = frozenset({"content-range", "accept-ranges"})


def error_status(answer: DecodedResponse) -> Iterator[Breach]:
    if answer.kind != "error" or is_too_large(answer) or (is_crash(answer) and answer.root is None):
        return
    status = answer.response.status
    if answer.root is not None:
        expected = answer.service.error_status(answer.root)
        if status != expected:
            yield Breach(("(status)",), f"{expected} with {answer.code}", str(status), cause=answer.code)
    elif not 400 <= status < 600:
        yield Breach(("(status)",), "a status of success or of an error", str(status))
    elif answer.code in framework_codes() and status >= 500 and answer.code not in _SERVER_SIDE:
        yield Breach(("(status)",), f"4xx with {answer.code}", str(status), cause=answer.code)


_SERVER_SIDE = frozenset(
    {"InternalFailure", "RequestTimeoutException", "ServiceUnavailable", "ServiceUnavailableException"}
)


def request_id(answer: DecodedResponse) -> Iterator[Breach]:
    if answer.kind == "none":
        return
    decoded = answer.error or answer.decoded
    if decoded is not None and decoded.request_id:
        return
    names = ("x-amzn-requestid", "x-amz-request-id", "x-amz-requestid")
    if not any(header(answer.response.headers, name) for name in names):
        yield Breach(("(headers)",), "a header x-amzn-RequestId", "none")


ROWS: tuple[AnswerCheck, ...] = (
    Check(
        "error.code.contradiction",
        "All places of an answer that name its error name the same one.",
        "error",
        "PROTOCOL",
        f"{JSON}: operation error serialization; SDKs differ in the place that they read",
        code_contradiction,
        about=ERROR,
    ),
    Check(
        "error.code.undeclared",
        "An operation answers with errors that it declares, or with those common to all of AWS.",
        "warning",
        "MODEL",
        f"{MODEL}: the operation's errors",
        code_undeclared,
        about=ERROR,
    ),
    Check(
        "error.code.unknown",
        "An error code is one that the service or AWS documents; SDKs know no other.",
        "warning",
        "MODEL",
        f"{MODEL}: the errors of all its operations; AWS, Common Errors",
        code_unknown,
        about=ERROR,
    ),
    Check(
        "error.envelope.message",
        "A modelled error's text stands under the member that its shape has for it.",
        "warning",
        "MODEL",
        f"{MODEL}; {RECORDED}: modelled errors use `message`, framework errors `Message`",
        message_casing,
        about=ERROR,
    ),
    Check(
        "error.envelope.type",
        "An error response names its code where SDKs of its protocol read it (`__type` in JSON's body).",
        "error",
        "PROTOCOL",
        f"{JSON}: operation error serialization",
        error_type,
        about=ERROR,
    ),
    Check(
        "response.request-id",
        "Every response carries a request id.",
        "warning",
        "OBSERVED",
        f"{RECORDED}: x-amzn-requestid",
        request_id,
        "target",
        about=EXCHANGE,
    ),
    Check(
        "response.status.error",
        "An error has the status of its shape: 400 unless modelled, 500 for faults; AWS departs from it.",
        "warning",
        "MODEL",
        f"{MODEL}; {JSON}",
        error_status,
        about=ERROR,
    ),
    Check(
        "response.status.success",
        "A success travels with the operation's modelled status.",
        "error",
        "MODEL",
        MODEL,
        success_status,
        about=SUCCESS,
        narrowed=as_it_is,
    ),
    Check(
        "response.status.success.loose",
        "A success travels with 200 where a REST model says nothing else; AWS departs from it now and then.",
        "warning",
        "MODEL",
        f"{MODEL}; {RECORDED}: apigatewayv2 UpdateApi 201, s3 RestoreObject 202",
        success_status_loose,
        about=SUCCESS,
        narrowed=as_it_is,
    ),
)
