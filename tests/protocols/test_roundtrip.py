# SPDX-License-Identifier: Apache-2.0
"""A sample of all operations there and back: botocore's client at one end, our server side at the other.

`make roundtrip` has all of them, with more cases each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.installed_models import of_newer_models
from tools.roundtrip import Difference, Trip, Wire, differences, go_round, read_ledger, sample

from aws_conformance.http import Response

OPERATIONS = 1_000
PARTS = 4
LEDGER = read_ledger()
PORTIONS = sample(OPERATIONS)


@of_newer_models
def test_the_sample_is_of_as_many_operations_over_all_protocols() -> None:
    assert sum(len(operations or ()) for _, _, operations in PORTIONS) == OPERATIONS
    assert {protocol for _, protocol, _ in PORTIONS} == {
        "ec2",
        "json",
        "query",
        "rest-json",
        "rest-xml",
        "smithy-rpc-v2-cbor",
    }


@of_newer_models
@pytest.mark.parametrize("part", range(PARTS))
def test_what_goes_round_comes_back_as_it_was(part: int) -> None:
    changes, unnoticed = 0, 0
    for name, protocol, operations in PORTIONS[part::PARTS]:
        tally = go_round(name, protocol, (1,), 2, LEDGER, operations)
        assert tally.differing == {}
        changes += tally.changes
        unnoticed += len(tally.unnoticed)
    assert changes > 40
    assert unnoticed <= changes * 0.01


def test_at_most_twenty_operations_are_excluded_each_with_a_reason() -> None:
    assert sum(1 for row in LEDGER if row.place == "*") <= 20
    assert all(len(row.reason) > 30 for row in LEDGER)


def _trip() -> tuple[Wire, Any, Any, Trip]:
    wire = Wire("sqs", "json")
    operation = wire.service.operations["SendMessage"]
    document = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/q", "MessageBody": "body"}
    return (
        wire,
        operation,
        document,
        wire.trip(operation, document, {"MessageId": "1", "MD5OfMessageBody": "2"}),
    )


@pytest.mark.parametrize(
    ("spoil", "stage"),
    [
        (lambda trip: replace(trip, document={**trip.document, "MessageBody": "other"}), "request"),
        (lambda trip: replace(trip, document={"MessageBody": "body"}), "request"),
        (lambda trip: replace(trip, operation="ReceiveMessage"), "route"),
        (lambda trip: replace(trip, protocol="query"), "route"),
        (lambda trip: replace(trip, refusal="ClientError"), "refused"),
        (lambda trip: replace(trip, parsed={**trip.parsed, "MessageId": "3"}), "parsed"),
        (lambda trip: replace(trip, response=Response(200, trip.response.headers, b"{}")), "decoded"),
        (lambda trip: replace(trip, response=Response(200, (), trip.response.body)), "response findings"),
    ],
)
def test_each_kind_of_difference_shows(spoil: Any, stage: str) -> None:
    wire, operation, document, trip = _trip()
    assert list(differences(wire, operation, document, trip)) == []
    spoilt: list[Difference] = list(differences(wire, operation, document, spoil(trip)))
    assert stage in {difference.stage for difference in spoilt}
