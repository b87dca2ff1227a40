# SPDX-License-Identifier: Apache-2.0
"""Texts of models that say what becomes of what a change leaves out."""

from __future__ import annotations

import pytest

from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.documented_changes import is_repeatable, leaves_unsaid


@pytest.mark.parametrize(
    ("stays", "text"),
    [
        (True, "<p>Changes it. Fields not specified in the request are left unchanged.</p>"),
        (True, "<p>For any parameters that you omit, the existing values are kept.</p>"),
        (True, "<p>If you don't include the <code>name</code>, the existing name is unchanged.</p>"),
        (True, "<p>If you omit this parameter, the existing setting is not changed.</p>"),
        (False, "<p>If you don't provide a value, it is set to its default value.</p>"),
        (False, "<p>If you don't specify a value, the existing value is deleted.</p>"),
        (False, "<p>Values that are not 10% greater are rounded. The current value stays.</p>"),
        (False, "<p>A name that remains unchanged.</p>"),
    ],
)
def test_what_a_text_says_of_what_is_left_out(stays: bool, text: str) -> None:
    assert leaves_unsaid(text) is stays


def test_what_models_say() -> None:
    ssm, cognito = load_service("ssm"), load_service("cognito-idp")
    assert ssm.operations["UpdatePatchBaseline"].partial
    assert not cognito.operations["UpdateUserPool"].partial
    members = load_service("dynamodb").structure("UpdateTableInput").members
    assert not members["BillingMode"].unsaid_stays


@pytest.mark.parametrize(
    ("repeatable", "text"),
    [
        (True, "<p>This operation is idempotent, which means that it completes at most one time.</p>"),
        (True, "<p><code>CreateActivity</code> is an idempotent API. Later requests make no other.</p>"),
        (False, "<p><code>StartExecution</code> is idempotent for <code>STANDARD</code> workflows.</p>"),
        (False, "<p>The view is idempotent if ClientToken is provided.</p>"),
        (False, "<p>The operation is not idempotent.</p>"),
        (False, "<p>Make sure that your application is idempotent with a token.</p>"),
    ],
)
def test_what_a_text_says_of_repetition(repeatable: bool, text: str) -> None:
    assert is_repeatable(text) is repeatable


@pytest.mark.parametrize(
    ("service", "operation", "repeatable"),
    [
        ("elbv2", "CreateLoadBalancer", True),
        ("stepfunctions", "CreateStateMachine", True),
        ("stepfunctions", "StartExecution", False),
        ("sns", "DeleteTopic", True),
        ("cognito-idp", "CreateGroup", False),
    ],
)
def test_what_models_say_of_repetition(service: str, operation: str, repeatable: bool) -> None:
    assert load_service(service).operations[operation].repeatable is repeatable
