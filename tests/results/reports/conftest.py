# SPDX-License-Identifier: Apache-2.0
"""A run's events, made up: two severities, two ways of provoking errors, one operation not implemented."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aws_conformance.results.events import (
    CaseFinished,
    CaseInfo,
    Event,
    OperationFinished,
    OperationStarted,
    Reported,
    Reproduction,
    RunFinished,
    RunStarted,
    Verified,
    Violated,
    Violation,
)
from aws_conformance.results.terms import Provenance, Severity

START = "cognito-idp:StartUserImportJob"
STOP = "cognito-idp:StopUserImportJob"
HEADER = "cognito-idp:GetCSVHeader"

CASE = CaseInfo("e-1", START, "enumerated", "positive", "all members", "", "", "")


def _violation(
    operation: str = START,
    check: str = "response.timestamp.form",
    severity: Severity = "error",
    provenance: Provenance = "PROTOCOL",
    path: str = "$.UserImportJob.CreationDate",
    got: str = '"2026-11-23T10:00:00Z"',
) -> Violation:
    requirement = "In AWS JSON 1.1 a timestamp without a timestampFormat is a number of epoch seconds."
    return Violation(check, severity, provenance, operation, path, requirement, "number", got)


def _reported(violation: Violation, count: int = 12, operations: tuple[str, ...] = ()) -> Reported:
    shown = Reproduction(
        aws="aws cognito-idp start-user-import-job --user-pool-id us-east-1_a --job-id import-1",
        boto3="client = boto3.client('cognito-idp')\nclient.start_user_import_job(UserPoolId='us-east-1_a')",
        curl="curl http://127.0.0.1:1",
        case=CASE,
        template={"UserPoolId": {"$from": "CreateUserPool.UserPool.Id"}},
        request="POST / HTTP/1.1",
        response="HTTP/1.1 200 OK",
        steps=("CreateUserPool",),
    )
    return Reported(violation, count, shown, operations)


@pytest.fixture
def violation() -> Callable[..., Violation]:
    """Makes a violation of the timestamp check, but for what is given."""
    return _violation


@pytest.fixture
def reported() -> Callable[..., Reported]:
    """Makes the event of a violation: `reported(violation, count, operations)`."""
    return _reported


@pytest.fixture
def events() -> list[Event]:
    """As two workers would emit them: not in model order."""
    violation = _violation()
    noted = _violation(STOP, "response.constraint.length", "note", "MODEL", "$.UserImportJob.JobId")
    return [
        RunStarted(
            target="http://127.0.0.1:5000",
            seed=7,
            phases=("enumerated", "random"),
            operations=(HEADER, START, STOP),
            versions={"aws-conformance": "0.1.0", "botocore": "1.40.0"},
            started="2026-01-01T00:00:00Z",
        ),
        OperationStarted(STOP, 1),
        OperationStarted(START, 2),
        CaseFinished(CASE, Verified(), 200),
        CaseFinished(CASE, Violated((violation,)), 200),
        _reported(noted, 1),
        OperationFinished(STOP, True, "", False, 1, inconclusive=1, unreached="no job could be made"),
        _reported(violation),
        OperationFinished(
            START,
            True,
            "",
            True,
            2,
            verified=1,
            violated=1,
            errors={"ResourceNotFoundException": "request", "InternalErrorException": "fault injection"},
        ),
        OperationFinished(HEADER, False, "501 to every request", False, 1, not_implemented=1),
        RunFinished(1, ("1 violation at error severity.",), 2.5),
    ]
