# SPDX-License-Identifier: Apache-2.0
"""The values that texts of models list, in the forms that they have."""

from __future__ import annotations

import pytest

from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.documented_values import documented_values


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("a", "b-c"), "<p>Valid values: <code>a</code> | <code>b-c</code></p>"),
        (
            ("ON", "NOT-IN-USE"),
            "<p>Valid Values: <code>ON | NOT-IN-USE</code>.</p> <p>See <code>x</code></p>",
        ),
        (("1", "3", "5", "7"), "<p>Days. Possible values are: 1, 3, 5, and 7. If you set 9, 11</p>"),
        (("x", "y"), "<p>It can be one of <code>x</code> or <code>y</code> for z. Else <code>n</code></p>"),
        (
            ("http", "sqs"),
            "<p>Those:</p> <ul> <li> <p> <code>http</code> – by POST</p><li><code>sqs</code></ul>",
        ),
        # A range, one value alone, and words are no lists.
        ((), "<p>Valid values: <code>1</code> to <code>100</code></p>"),
        ((), "<p>Valid values are from 1 to 50, or 100.</p>"),
        ((), "<p>The valid value is <code>default</code>.</p>"),
        ((), "<p>Valid values are any names, or the ARN of one.</p>"),
        ((), "<p>A name.</p>"),
    ],
)
def test_values_of_a_text(values: tuple[str, ...], text: str) -> None:
    assert documented_values(text) == values


@pytest.mark.parametrize(
    ("service", "structure", "member", "value"),
    [
        ("sns", "SubscribeInput", "protocol", "sqs"),
        ("sns", "SetTopicAttributesInput", "attributeName", "DisplayName"),
        ("logs", "PutRetentionPolicyRequest", "retentionInDays", "365"),
    ],
)
def test_values_of_models(service: str, structure: str, member: str, value: str) -> None:
    members = load_service(service).structure(structure).members
    known = {name.lower(): each.listed_values for name, each in members.items()}
    assert value in known[member.lower()]
    assert not any(
        each.listed_values for name, each in members.items() if name.lower().endswith(("arn", "endpoint"))
    )
