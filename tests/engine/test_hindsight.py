# SPDX-License-Identifier: Apache-2.0
"""An answer judged again, once more is known of the state that it met: what is told holds no secrets."""

from __future__ import annotations

import json
from unittest import mock

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Expectation
from aws_conformance.checks import CATALOGUE
from aws_conformance.checks.response import interpret
from aws_conformance.engine.crashes import Crashes
from aws_conformance.engine.histories.harness import Harness, Judges, Reply
from aws_conformance.engine.leftovers import Leftovers
from aws_conformance.http import Response

_SECRET = "planted-password-0123456789"


def test_what_is_said_in_hindsight_holds_no_secret() -> None:
    compiled = contract_of("cognito-idp")
    operation = compiled.operation("AdminSetUserPassword")
    body = json.dumps({"__type": "NotAuthorizedException", "message": f"{_SECRET} is taken"}).encode()
    response = Response(400, (("Content-Type", "application/x-amz-json-1.1"),), body)
    validators = compiled.validators(operation.name)
    answer = interpret(
        compiled.service, operation, compiled.protocol, validators, response, Expectation("answered")
    )
    reply = Reply(operation, answer, (), "", secrets=(_SECRET,))
    stage = mock.Mock(spec=Harness, judges=Judges(tuple(CATALOGUE.values()), ()))
    stage._invented, stage._crashes = {}, Crashes(mock.Mock(reads_log=False), (), {})
    stage.session = mock.Mock(leftovers=Leftovers())
    stage._violations = Harness._violations.__get__(stage)
    again = Harness.rejudged(stage, reply, Expectation("accepted", accepted_before=True, state="confirmed"))
    refused = [violation for violation in again.violations if violation.check == "request.valid.refused"]
    assert refused
    assert "is taken" in refused[0].got
    assert all(_SECRET not in violation.got for violation in again.violations)
