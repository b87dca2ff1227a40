# SPDX-License-Identifier: Apache-2.0
"""Checks of signatures: what a target that claims to verify them does with a request that is forged.

It owns their rows of the catalogue. It refuses to know how a request is forged (targets/) and which target
claims what (cases/cases.py): an answer carries what is wrong with its request's signature, and what is on
record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .check import FORGED, Breach, Check
from .response import AnswerCheck, DecodedResponse
from .verdict import is_crash, is_throttled

__all__ = ["ROWS"]

_SIGV4 = "AWS, Signature Version 4 for API requests; recorded answers of AWS"


def _refused(forgery: str) -> Callable[[DecodedResponse], Iterator[Breach]]:
    """The function that looks whether a request with this forgery was accepted."""

    def look(answer: DecodedResponse) -> Iterator[Breach]:
        expectation = answer.expectation
        if expectation is None or expectation.forgery != forgery:
            return
        if answer.kind == "success" and not answer.is_web_page:
            expected = f"{' or '.join(expectation.codes)} ({expectation.evidence})"
            yield Breach(("(request)",), expected, f"status {answer.response.status}")

    return look


def _code(answer: DecodedResponse) -> Iterator[Breach]:
    expectation = answer.expectation
    if expectation is None or not expectation.forgery or answer.kind != "error":
        return
    if answer.code in ("", *expectation.codes) or is_crash(answer) or is_throttled(answer):
        return
    said = f"{answer.code} to a request that is {expectation.forgery}"
    cause = f"{expectation.forgery} {answer.code}"
    yield Breach(answer.code_path, " or ".join(expectation.codes), said, cause)


def _status(answer: DecodedResponse) -> Iterator[Breach]:
    expectation = answer.expectation
    if expectation is None or not expectation.status or answer.code not in expectation.codes:
        return
    if answer.response.status != expectation.status:
        yield Breach(("(status)",), f"{expectation.status} with {answer.code}", str(answer.response.status))


def _row(forgery: str, requirement: str) -> AnswerCheck:
    return Check(
        f"signature.{forgery}", requirement, "error", "OBSERVED", _SIGV4, _refused(forgery), "target", FORGED
    )


ROWS: tuple[AnswerCheck, ...] = (
    Check(
        "signature.code",
        "A request that is refused for its signature is told so by the code on record for it.",
        "error",
        "OBSERVED",
        "recorded answers of AWS; AWS, Common Errors; SDKs correct their clock, or renew credentials, by it",
        _code,
        "target",
        FORGED,
    ),
    _row("expired-date", "A request that was signed an hour ago is refused."),
    Check(
        "signature.status",
        "A refusal of a signature has the recorded status; AWS's own list of common errors has 403 for some.",
        "note",
        "OBSERVED",
        "recorded answers of AWS: 400 in the json protocols",
        _status,
        "target",
        FORGED,
    ),
    _row("tampered-body", "A request whose body is not the one that was signed is refused."),
    _row("unknown-key", "A request that was signed with an access key that nobody has is refused."),
    _row("unsigned", "A request without a signature is refused where the operation wants one."),
    _row("wrong-region", "A request that was signed for another region is refused."),
    _row("wrong-secret", "A request that was signed with another secret than its access key's is refused."),
)
