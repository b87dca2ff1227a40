# SPDX-License-Identifier: Apache-2.0
"""Errors that models leave out, beside what AWS was recorded to send."""

from __future__ import annotations

import gzip
import json
from importlib import resources

import pytest
from tests.shared_data import require

from aws_conformance.checks.common_errors import framework_codes, is_common
from aws_conformance.spec.botocore import load_service, service_names


@pytest.mark.parametrize(
    ("service", "code", "common"),
    [
        ("sqs", "ThrottlingException", True),
        ("cognito-idp", "UnrecognizedClientException", True),
        ("s3", "NoSuchTagSet", True),
        ("s3", "ThrottlingException", True),
        # Another service has not got what S3 has, and no service what nobody has recorded.
        ("sqs", "NoSuchTagSet", False),
        ("s3", "NoSuchTag", False),
        ("s3", "", False),
    ],
)
def test_what_may_come_from_any_operation(service: str, code: str, common: bool) -> None:
    assert is_common(service, code) is common


def test_each_list_is_in_order_and_has_its_evidence() -> None:
    text = resources.files("aws_conformance").joinpath("data/common-errors.json").read_text("utf-8")
    document = json.loads(text)
    lists = {"every service": document["every service"], **document["of a service"]}
    assert document["evidence"].keys() == lists.keys()
    for codes in lists.values():
        assert codes == sorted(set(codes))
    assert not framework_codes() & set(document["of a service"]["s3"]) - {"SignatureDoesNotMatch"}


def test_what_is_listed_of_a_service_is_not_what_its_model_declares_for_the_same_operations() -> None:
    """What every operation of a service declares needs no list."""
    service = load_service("s3")
    declared = [
        {service.error_code(name) for name in operation.errors} for operation in service.operations.values()
    ]
    everywhere = set.intersection(*declared)
    assert not any(is_common("s3", code) for code in everywhere)


def test_codes_that_were_recorded_are_known() -> None:
    """EC2's model declares none of its hundreds."""
    path = require("oracle/recorded-errors.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["service"] != "ec2"]
    unknown = {
        (row["service"], row["code"])
        for row in rows
        if row["service"] in service_names()
        and not is_common(row["service"], row["code"])
        and row["code"] not in load_service(row["service"]).declared_codes
        and not row["code"].isdecimal()
    }
    assert len(rows) > 500
    assert unknown == set()
