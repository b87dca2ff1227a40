# SPDX-License-Identifier: Apache-2.0
"""Members that AWS has always sent: the data says so with counts, and an answer without one is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.shared_data import require

from aws_conformance.checks.presence import structures
from aws_conformance.checks.validate import validate_instance
from aws_conformance.spec.botocore import load_service

_TABLE: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "CreationDateTime": 1_700_000_000,
    "DeletionProtectionEnabled": False,
    "ItemCount": 0,
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    "TableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/t",
    "TableId": "01234567-89ab-cdef-0123-456789abcdef",
    "TableName": "table",
    "TableSizeBytes": 0,
    "TableStatus": "ACTIVE",
}


def absent(document: Any) -> list[tuple[str, str, str]]:
    violations = validate_instance("dynamodb", "DescribeTable", document)
    return [
        (violation.path, violation.severity, violation.expected)
        for violation in violations
        if violation.check == "response.member.absent"
    ]


def test_a_member_that_aws_always_sent_is_missed() -> None:
    assert absent({"Table": _TABLE}) == []
    poorer = {name: value for name, value in _TABLE.items() if name != "TableId"}
    (path, severity, expected) = absent({"Table": poorer})[0]
    assert (path, severity) == ("$.Table.TableId", "warning")
    assert "of" in expected
    # An empty answer is a matter of another check.
    assert absent({}) == []


def test_structures_have_their_places() -> None:
    service = load_service("dynamodb")
    output = service.operations["DescribeTable"].output
    places = [place for _, place, _, _ in structures(service, output, {"Table": _TABLE})]
    assert places == [
        "$",
        "$.Table",
        "$.Table.AttributeDefinitions[*]",
        "$.Table.KeySchema[*]",
        "$.Table.ProvisionedThroughput",
    ]


def test_the_data_are_what_the_tool_counts() -> None:
    recordings = [require(f"oracle/{name}.jsonl.gz") for name in ("real-responses", "recorded-success")]
    counted = subprocess.run(
        [sys.executable, "tools/mine_presence.py", *map(str, recordings)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    data = Path("conformance/aws_conformance/data/presence.json").read_text("utf-8")
    assert json.loads(counted) == json.loads(data)
