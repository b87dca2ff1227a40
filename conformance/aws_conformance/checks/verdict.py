# SPDX-License-Identifier: Apache-2.0
"""Checks of what a case earned: was the right request accepted, the wrong one refused, did it survive.

It refuses to know how cases are made; an answer carries its case's expectation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..cases.expectations import Earns
from .check import CASE_ERROR, CASE_SUCCESS, ERROR, EXCHANGE, Breach, Check
from .citations import JSON, MODEL, RECORDED
from .common_errors import framework_codes
from .refusals import blames_form, unmodelled_constraint
from .response import AnswerCheck, DecodedResponse, shorten

__all__ = [
    "ROWS",
    "body_size",
    "code_of_form",
    "code_recorded",
    "crash",
    "invalid_accepted",
    "invalid_tolerated",
    "is_crash",
    "is_throttled",
    "is_too_large",
    "is_unsupported",
    "lifecycle_refusal",
    "lifecycle_unrecorded",
    "timeout",
    "tolerance_refused",
    "too_large",
    "unsupported",
    "valid_refused",
    "valid_unmodelled",
]

_TOO_LARGE = 413
# What a target says of a feature that it lacks, and what interpreters say when they crash in the same words.
_UNSUPPORTED_CODE = re.compile(r"(?:Unsupported|NotSupported|NotImplemented)(?:Error|Exception)?")
_UNSUPPORTED_TEXT = re.compile(
    r"\b(?:is|are) (?:not (?:yet |currently )?(?:supported|implemented)|unsupported)\b"
    r"|\bnot (?:yet |currently )?(?:supported|implemented)\b|^[Uu]nsupported\b"
    # What an emulator does only where something else is installed.
    r"|\brequires? the \S+ (?:package|module|library)\b"
)
_INTERPRETER_TEXT = re.compile(
    r"not supported between instances|[Uu]nsupported (?:operand|format|pickle|Type)|Traceback \(most recent"
    r"|\b(?:Attribute|Index|Key|Name|Reference|Syntax|Type|Value)Error\b|\w+\.\w*Exception:"
)
_THROTTLES = frozenset(
    {"ThrottlingException", "TooManyRequestsException", "ServiceUnavailable", "ServiceUnavailableException"}
    | {"RequestLimitExceeded", "SlowDown", "Throttling", "LimitExceededException"}
)


def is_throttled(answer: DecodedResponse) -> bool:
    """Whether the target asked us to slow down or to come back: no verdict on the case."""
    injected = answer.expectation is not None and answer.expectation.injected
    return answer.kind == "error" and answer.code in _THROTTLES and not injected


def is_unsupported(answer: DecodedResponse) -> bool:
    """Whether the target says of a part of an operation that it does not have it, by 501 or in words."""
    if answer.kind != "error" or answer.response.status < 500:
        return False
    said = (answer.error.message or "") if answer.error is not None else ""
    if answer.response.status == 501 or _UNSUPPORTED_CODE.fullmatch(answer.code):
        return True
    return bool(_UNSUPPORTED_TEXT.search(said)) and not _INTERPRETER_TEXT.search(said)


def is_too_large(answer: DecodedResponse) -> bool:
    """Whether a front end found the request too large to read."""
    return answer.response.fate == "answered" and answer.response.status == _TOO_LARGE


def is_crash(answer: DecodedResponse) -> bool:
    """Whether the target broke rather than answered: 5xx, a web page, a broken connection, its death."""
    response = answer.response
    if response.fate in ("died", "dropped", "malformed"):
        return True
    if response.fate != "answered":
        return False
    if is_too_large(answer):
        return False
    if answer.is_web_page:
        # Nobody serves what nobody asks for: that a web server says so in its own form is no crash.
        return response.status >= 500 or not _names_nothing(answer)
    injected = answer.expectation is not None and answer.expectation.injected
    broken = response.status >= 500 and not injected
    return broken and not is_throttled(answer) and not is_unsupported(answer)


def _names_nothing(answer: DecodedResponse) -> bool:
    """Whether a request was for an operation that there is not, or for none."""
    return answer.expectation is not None and answer.expectation.keyword == "target"


def _request(answer: DecodedResponse) -> tuple[tuple[str], str]:
    """The place in the request that a case is about, and the cause by which findings are told apart."""
    expectation = answer.expectation
    if expectation is not None and expectation.state:
        return (f"({expectation.state})",), expectation.state
    if expectation is None or not expectation.keyword:
        return ("(request)",), ""
    if expectation.protocol_level:
        return ("(request)",), expectation.keyword
    return (f"(request {expectation.pointer or '/'}: {expectation.keyword})",), expectation.keyword


def crash(answer: DecodedResponse) -> Iterator[Breach]:
    if not is_crash(answer):
        return
    response = answer.response
    path, cause = _request(answer)
    if response.fate != "answered":
        got = f"{response.fate}: {response.detail}"
        yield Breach(path, "an HTTP response", got, f"{cause} {response.fate}".strip())
        return
    kind = "a web page" if answer.is_web_page else answer.code or "no error code"
    start = shorten(response.body[:80].decode("utf-8", "replace"))
    yield Breach(path, "an answer of the protocol", f"{response.status}, {kind}: {start}", cause)


def too_large(answer: DecodedResponse) -> Iterator[Breach]:
    """A front end that refuses large bodies does so for every operation alike."""
    if is_too_large(answer):
        got = f"413, {shorten(answer.response.body[:40].decode('utf-8', 'replace'))}"
        yield Breach(
            ("(request)",), "an answer to a request of the documented size", got, "size", everywhere=True
        )


def unsupported(answer: DecodedResponse) -> Iterator[Breach]:
    """A part of an operation that the target says it does not have."""
    if is_unsupported(answer):
        said = (answer.error.message or "") if answer.error is not None else ""
        path, cause = _request(answer)
        yield Breach(path, "an answer", f"{answer.response.status} {answer.code}: {said}"[:200], cause)


def timeout(answer: DecodedResponse) -> Iterator[Breach]:
    if answer.response.fate == "timeout":
        path, cause = _request(answer)
        yield Breach(path, "a response", answer.response.detail or "none in time", cause)


def body_size(answer: DecodedResponse) -> Iterator[Breach]:
    if answer.response.fate == "oversized":
        yield Breach(("(body)",), "a body of at most a few megabytes", answer.response.detail)


def valid_refused(answer: DecodedResponse) -> Iterator[Breach]:
    expectation = answer.expectation
    if expectation is None or expectation.earns not in ("accepted", "answered") or is_crash(answer):
        return
    if answer.kind != "error" or answer.error is None:
        return
    said = f"{answer.code}: {answer.error.message or ''}"[:200]
    if blames_form(answer):
        if not unmodelled_constraint(answer):
            yield Breach(("(request)",), "the valid request to be read", said, answer.code)
    elif expectation.accepted_before and not is_throttled(answer):
        expected = "success, as the same request had in the same state"
        path, cause = _request(answer)
        yield Breach(path, expected, said, cause or "accepted before")


def valid_unmodelled(answer: DecodedResponse) -> Iterator[Breach]:
    """A valid request refused for a constraint that the model does not have, as AWS does in places."""
    expectation = answer.expectation
    if expectation is None or expectation.earns not in ("accepted", "answered") or not blames_form(answer):
        return
    constraint = unmodelled_constraint(answer)
    if constraint:
        said = f"{answer.code}: {(answer.error.message if answer.error else '') or ''}"[:200]
        yield Breach(("(request)",), "only constraints that the model has", said, constraint)


def invalid_accepted(answer: DecodedResponse) -> Iterator[Breach]:
    if _earned(answer, "refused") and answer.expectation is not None:
        yield _accepted(answer, f"a refusal ({answer.expectation.evidence})")


def invalid_tolerated(answer: DecodedResponse) -> Iterator[Breach]:
    if _earned(answer, "unknown"):
        yield _accepted(answer, "a refusal, as the model says")


def _earned(answer: DecodedResponse, earns: Earns) -> bool:
    """Whether a request with one constraint broken was accepted where the table says `earns`."""
    expectation = answer.expectation
    if expectation is None or expectation.earns != earns or expectation.codes or expectation.state:
        return False
    return answer.kind == "success" and not answer.is_web_page


def _accepted(answer: DecodedResponse, expected: str) -> Breach:
    path, cause = _request(answer)
    return Breach(path, expected, f"status {answer.response.status}", cause)


def tolerance_refused(answer: DecodedResponse) -> Iterator[Breach]:
    expectation = answer.expectation
    if expectation is None or expectation.earns != "tolerated" or is_crash(answer):
        return
    if blames_form(answer) and answer.error is not None:
        said = f"{answer.code}: {answer.error.message or ''}"[:200]
        path, cause = _request(answer)
        yield Breach(path, f"acceptance ({expectation.evidence})", said, cause)


def lifecycle_refusal(answer: DecodedResponse) -> Iterator[Breach]:
    """A request that is well formed and that the documents say this state refuses."""
    yield from _let_pass(answer, "refused")


def lifecycle_unrecorded(answer: DecodedResponse) -> Iterator[Breach]:
    """A request that is well formed and that this state should refuse, by all that is plausible."""
    yield from _let_pass(answer, "unknown")


def _let_pass(answer: DecodedResponse, earns: Earns) -> Iterator[Breach]:
    expectation = answer.expectation
    if expectation is None or expectation.earns != earns or expectation.forgery:
        return
    if not (expectation.codes or expectation.state):
        return
    if answer.kind == "success" and not answer.is_web_page:
        codes = " or ".join(expectation.codes) or "a refusal"
        path, cause = _request(answer)
        expected, got = f"{codes} ({expectation.evidence})", f"status {answer.response.status}"
        yield Breach(path, expected, got, cause, provenance=expectation.provenance)


def code_recorded(answer: DecodedResponse) -> Iterator[Breach]:
    """A refusal with another code than the one on record for this case."""
    expectation = answer.expectation
    if expectation is not None:
        yield from _another_code(answer, expectation.codes, expectation.state)


def code_of_form(answer: DecodedResponse) -> Iterator[Breach]:
    """A refusal of a broken constraint with another code than its service has for that.

    A code that the operation does not have at all is told by checks of its own.
    """
    expectation = answer.expectation
    foreign = answer.root is None and answer.code not in framework_codes()
    if expectation is not None and not expectation.codes and not foreign:
        yield from _another_code(answer, expectation.recorded, expectation.keyword)


def _another_code(answer: DecodedResponse, codes: tuple[str, ...], situation: str) -> Iterator[Breach]:
    expectation = answer.expectation
    if expectation is None or expectation.earns != "refused" or expectation.forgery:
        return
    if answer.kind != "error" or not answer.code or not codes or answer.code in codes:
        return
    if is_crash(answer) or is_throttled(answer) or is_unsupported(answer) or is_too_large(answer):
        return
    cause = f"{situation} {answer.code}".strip()
    expected = " or ".join(codes)
    yield Breach(answer.code_path, expected, answer.code, cause, provenance=expectation.provenance)


ROWS: tuple[AnswerCheck, ...] = (
    Check(
        "error.code.form",
        "What breaks a constraint is refused by the code that the service is known to have for that.",
        "warning",
        "OBSERVED",
        f"{RECORDED}: data/validation.yaml, with counts; for what can't be read, SerializationException",
        code_of_form,
        about=CASE_ERROR,
    ),
    Check(
        "error.code.recorded",
        "A refusal whose code is on record for this situation has that code.",
        "error",
        "OBSERVED",
        RECORDED,
        code_recorded,
        about=CASE_ERROR,
    ),
    Check(
        "lifecycle.refusal",
        "What the resource's documented state forbids is refused.",
        "error",
        "OBSERVED",
        f"{RECORDED}; Amazon Cognito, importing users from a CSV file",
        lifecycle_refusal,
        about=CASE_SUCCESS,
    ),
    Check(
        "lifecycle.refusal.unrecorded",
        "What the documented life of a resource has no room for is refused; AWS's answer is not on record.",
        "warning",
        "DOC",
        "Amazon Cognito, importing users from a CSV file; lifecycles",
        lifecycle_unrecorded,
        about=CASE_SUCCESS,
    ),
    Check(
        "request.invalid.accepted",
        "A request that breaks one constraint which AWS is known to enforce is refused.",
        "error",
        "OBSERVED",
        "data/expectations.yaml, with the evidence for each constraint",
        invalid_accepted,
        about=CASE_SUCCESS,
    ),
    Check(
        "request.invalid.tolerated",
        "A request that breaks a modelled constraint is refused; what AWS does here is not on record.",
        "warning",
        "MODEL",
        MODEL,
        invalid_tolerated,
        about=CASE_SUCCESS,
    ),
    Check(
        "request.tolerance.refused",
        "What AWS is known to tolerate in requests is tolerated.",
        "note",
        "OBSERVED",
        "data/expectations.yaml, with the evidence for each tolerance",
        tolerance_refused,
        about=CASE_ERROR,
    ),
    Check(
        "request.valid.refused",
        "A valid request is not refused for its form or for a constraint that it meets.",
        "error",
        "MODEL",
        MODEL,
        valid_refused,
        about=CASE_ERROR,
    ),
    Check(
        "request.valid.unmodelled",
        "A valid request is refused for no constraint but those of the model; AWS itself knows others.",
        "note",
        "MODEL",
        MODEL,
        valid_unmodelled,
        about=CASE_ERROR,
    ),
    Check(
        "response.body.size",
        "A response ends before it exhausts its reader.",
        "error",
        "PROTOCOL",
        "AWS documents responses of at most a few megabytes for these operations",
        body_size,
        "target",
        about=EXCHANGE,
    ),
    Check(
        "server.crash",
        "A target answers in its protocol whatever it is sent: no 5xx, no web page, no dropped connection.",
        "error",
        "PROTOCOL",
        JSON,
        crash,
        about=EXCHANGE,
    ),
    Check(
        "server.request-size",
        "A request of a documented size is read.",
        "warning",
        "MODEL",
        MODEL,
        too_large,
        "target",
        about=EXCHANGE,
    ),
    Check(
        "server.timeout",
        "A target answers in time.",
        "error",
        "PROTOCOL",
        JSON,
        timeout,
        about=EXCHANGE,
    ),
    Check(
        "server.unsupported",
        "An operation that is implemented is so with all its parts.",
        "warning",
        "MODEL",
        MODEL,
        unsupported,
        about=ERROR,
    ),
)
