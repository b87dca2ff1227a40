# SPDX-License-Identifier: Apache-2.0
"""What is provided for a case, and what is left out with what it does not want."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import OperationContract
from aws_conformance.cases.prerequisites import Prerequisites, prerequisites_for
from aws_conformance.cases.setup import SetupStep
from aws_conformance.engine.environment import Environment
from aws_conformance.engine.session import Session
from aws_conformance.http import Exchange, Request, Response

CONTRACT = contract_of("cognito-idp")


class _Accepting:
    """A session whose target accepts everything; it remembers what was asked of it."""

    def __init__(self) -> None:
        self.generation = 0
        self.liveness = self
        self.operations: list[str] = []

    @property
    def death(self) -> str:
        return ""

    def settle(self, contract: OperationContract, sent: Any, document: Any) -> float:
        return 0.0

    def invoke(self, contract: OperationContract, document: Any) -> Exchange:
        self.operations.append(contract.name)
        headers = (("Content-Type", "application/x-amz-json-1.1"),)
        return Exchange(Request("POST", "/", (), b""), Response(200, headers, b"{}"))


def _prerequisites() -> Prerequisites:
    """Three steps, each standing on the one before it, and one that stands alone."""
    steps = (
        SetupStep("Pool", "CreateUserPool", {"PoolName": "a"}, None),
        SetupStep("Client", "CreateUserPoolClient", {"UserPoolId": "a", "ClientName": "c"}, None, ("Pool",)),
        SetupStep("Group", "CreateGroup", {"UserPoolId": "a", "GroupName": "g"}, None, ("Client",)),
        SetupStep("Terms", "CreateTerms", {"UserPoolId": "a"}, None),
    )
    own = prerequisites_for(CONTRACT.of(CONTRACT.operation("DescribeUserPool")))
    return replace(own, steps=steps, bind={}, fresh=frozenset(), after=())


def _asked(without: tuple[str, ...]) -> list[str]:
    session = _Accepting()
    Environment(cast("Session", session), CONTRACT, _prerequisites(), "t").provide(without)
    return session.operations


def test_with_a_step_all_that_stands_on_it_is_left_out() -> None:
    everything = ["CreateUserPool", "CreateUserPoolClient", "CreateGroup", "CreateTerms"]
    assert _asked(()) == everything
    assert _asked(("Group",)) == ["CreateUserPool", "CreateUserPoolClient", "CreateTerms"]
    assert _asked(("Pool",)) == ["CreateTerms"]
