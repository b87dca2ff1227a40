# SPDX-License-Identifier: Apache-2.0
"""What an attempt amounts to: verified, violated, errored, or the reason why nothing can be said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from aws_conformance.cases.case import Case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Earns, Expectation
from aws_conformance.checks.response import DecodedResponse, interpret
from aws_conformance.engine.attempt import Attempt, Attempter, blames_state, outcome_of
from aws_conformance.engine.environment import Environment
from aws_conformance.engine.session import Session
from aws_conformance.http import Exchange, Fate, Request, Response
from aws_conformance.results.events import (
    CaseInfo,
    Errored,
    Inconclusive,
    Kind,
    Outcome,
    Verified,
    Violated,
    Violation,
)

CONTRACT = contract_of("cognito-idp")
OPERATION = CONTRACT.operation("DescribeUserImportJob")
HEADERS = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "1"))
NAME = "cognito-idp:DescribeUserImportJob"
MISSING = "ResourceNotFoundException"
WRONG = "InvalidParameterException"


def case(earns: Earns, kind: Kind = "positive", **facts: Any) -> Case:
    info = CaseInfo("1", NAME, "enumerated", kind, "t")
    return Case(info, {"UserPoolId": "a", "JobId": "b"}, Expectation(earns, **facts))


def answered(response: Response) -> DecodedResponse:
    validators = CONTRACT.validators(OPERATION.name)
    return interpret(CONTRACT.service, OPERATION, CONTRACT.protocol, validators, response)


def refused(code: str, message: str = "no", status: int = 400) -> DecodedResponse:
    return answered(Response(status, HEADERS, json.dumps({"__type": code, "message": message}).encode()))


SUCCESS = answered(Response(200, HEADERS, b"{}"))
LIMITED = refused("TooManyRequestsException")
UNSUPPORTED = refused("NotImplemented", "", 501)


@pytest.mark.parametrize(
    ("sent", "answer", "reached", "expected"),
    [
        (case("accepted"), SUCCESS, False, Verified()),
        (case("answered"), SUCCESS, False, Verified()),
        (case("tolerated"), SUCCESS, False, Verified()),
        *(
            (
                case(earns, "negative"),
                SUCCESS,
                True,
                Inconclusive("accepted with 200; what AWS does here is not on record"),
            )
            for earns in ("refused", "unknown")
        ),
        (
            case("accepted"),
            refused(MISSING),
            True,
            Inconclusive(f"refused with 400 {MISSING}, which blames the state rather than the request"),
        ),
        (case("tolerated"), refused(WRONG), True, Inconclusive(f"refused with 400 {WRONG}")),
        # A refusal verifies something only of an operation that was reached.
        *(
            (case(earns, "negative"), refused(WRONG), True, Verified())
            for earns in ("answered", "refused", "unknown")
        ),
        *(
            (
                case(earns, "negative"),
                refused(WRONG),
                False,
                Inconclusive("the operation was not reached in this run"),
            )
            for earns in ("answered", "refused", "unknown")
        ),
        (
            case("refused", "negative"),
            refused(MISSING),
            True,
            Inconclusive(f"refused with 400 {MISSING}, which is not for the constraint that it breaks"),
        ),
        # Where that code is on record, and where nothing is broken, it is what should come.
        (case("refused", "negative", codes=(MISSING,)), refused(MISSING), True, Verified()),
        (case("answered", "probe"), refused(MISSING), True, Verified()),
        (
            case("refused", "negative"),
            UNSUPPORTED,
            True,
            Inconclusive("the target says that it lacks a part of the operation: 501 NotImplemented"),
        ),
        (
            case("refused", "negative"),
            LIMITED,
            True,
            Inconclusive("the target asked to slow down: 400 TooManyRequestsException"),
        ),
        (
            case("accepted"),
            refused("InternalErrorException", "boom", 500),
            True,
            Inconclusive("no usable answer: answered 500 InternalErrorException"),
        ),
        (case("accepted"), None, True, Inconclusive("why")),
    ],
)
def test_what_an_answer_amounts_to(
    sent: Case, answer: DecodedResponse | None, reached: bool, expected: Outcome
) -> None:
    attempt = Attempt(sent, answer=answer, reason="why")
    assert outcome_of(attempt, reached=reached, fail_on="error") == expected


def test_what_was_not_sent_is_an_error_and_no_verdict() -> None:
    attempt = Attempt(case("accepted"), reason="no connection", unsent=True)
    assert outcome_of(attempt, reached=True, fail_on="error") == Errored("no connection")


def test_a_violation_counts_from_the_severity_on_that_fails_a_run() -> None:
    warning = Violation("a.b", "warning", "MODEL", NAME, "$.A", "r", "e", "g")
    error = replace(warning, check="a.c", severity="error")
    attempt = Attempt(case("accepted"), answer=SUCCESS, violations=(warning, error))
    assert outcome_of(attempt, reached=True, fail_on="error") == Violated((error,))
    assert outcome_of(attempt, reached=True, fail_on="warning") == Violated((warning, error))
    lenient = replace(attempt, violations=(warning,))
    assert outcome_of(lenient, reached=True, fail_on="error") == Verified()


@pytest.mark.parametrize(
    ("answer", "blames"),
    [
        (refused(MISSING), True),
        (refused("UserNotFoundException"), True),
        (refused(WRONG), False),
        (
            refused(MISSING, "1 validation error detected: Value at 'jobId' failed to satisfy constraint"),
            False,
        ),
        (SUCCESS, False),
    ],
)
def test_whether_a_refusal_is_for_the_state(answer: DecodedResponse, blames: bool) -> None:
    assert blames_state(answer) is blames


class _Stub:
    """A session whose target answers everything with the same fate; it is its own channel and liveness."""

    faults = True

    def __init__(self, fate: Fate) -> None:
        self.response = Response(0, (), b"", fate=fate, detail="so it is")
        self.channel = self.liveness = self

    def revive(self) -> bool:
        return True

    def mark(self) -> int:
        return 0

    def send(self, *_: Any, **__: Any) -> Exchange:
        return Exchange(Request("POST", "/", (), b""), self.response)


class _Nothing:
    """An environment in which nothing has to be provided."""

    def provide(self, *_: Any, **__: Any) -> None: ...

    def missing(self, _: Any) -> str:
        return ""

    def fill(self, template: Any) -> Any:
        return template


@pytest.mark.parametrize("fate", ["refused", "gone"])
def test_without_a_connection_nothing_was_sent(fate: Fate) -> None:
    attempter = Attempter(cast("Session", _Stub(fate)), CONTRACT.of(OPERATION), (), {})
    attempt = attempter.attempt(case("accepted"), cast("Environment", _Nothing()))
    assert (attempt.answer, attempt.unsent, attempt.reason) == (None, True, "no connection: so it is")
