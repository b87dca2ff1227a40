# SPDX-License-Identifier: Apache-2.0
"""What botocore's waiters for new things make of answers, of odd ones too."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.cases.readiness import readiness_waiter
from aws_conformance.spec.botocore import load_service

ODD: tuple[Any, ...] = (None, {}, [], "text", 1, {"Reservations": 5}, {"Table": []})


def _instance(state: str) -> Any:
    return {"Reservations": [{"Instances": [{"State": {"Name": state}}]}]}


@pytest.mark.parametrize(
    ("name", "code", "document", "readiness"),
    [
        ("dynamodb:CreateTable", "", {"Table": {"TableStatus": "ACTIVE"}}, "ready"),
        ("dynamodb:CreateTable", "", {"Table": {"TableStatus": "CREATING"}}, "pending"),
        ("dynamodb:CreateTable", "", {"Table": {}}, "unclear"),
        ("dynamodb:CreateTable", "ResourceNotFoundException", None, "unseen"),
        ("dynamodb:CreateTable", "InternalServerError", None, "unclear"),
        (
            "ec2:RunInstances",
            "",
            _instance("pending"),
            "pending",
        ),
        (
            "ec2:RunInstances",
            "",
            _instance("running"),
            "ready",
        ),
        ("ec2:RunInstances", "", {}, "unclear"),
    ],
)
def test_what_an_answer_tells(name: str, code: str, document: Any, readiness: str) -> None:
    service, _, operation = name.partition(":")
    waiter = readiness_waiter(load_service(service), operation)
    assert waiter is not None
    assert waiter.readiness(400 if code else 200, code, document) == readiness


@pytest.mark.parametrize("service_name", ["ec2", "dynamodb", "rds", "kinesis", "iam", "lambda", "s3"])
def test_no_document_is_too_odd(service_name: str) -> None:
    """Expressions with functions raise on what they do not fit: `length` of what is no list."""
    service = load_service(service_name)
    known = [waiter for name in service.operations if (waiter := readiness_waiter(service, name))]
    assert known
    for waiter in known:
        by_status = any(acceptor["matcher"] == "status" for acceptor in waiter.acceptors)
        expected = {"ready"} if by_status else {"pending", "unclear"}
        assert {waiter.readiness(200, "", document) for document in ODD} <= expected
