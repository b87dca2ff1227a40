# SPDX-License-Identifier: Apache-2.0
"""`--protocol all`: each protocol that a service lists, and what one of them answers and another does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aws_conformance.engine.plan import Plan
from aws_conformance.errors import UsageError
from aws_conformance.frontends.commands.documents import plan, schema
from aws_conformance.frontends.commands.every_protocol import carry_out_everywhere
from aws_conformance.frontends.commands.execution import carry_out
from aws_conformance.frontends.commands.reporting import parse_reports
from aws_conformance.frontends.commands.validate import validate
from aws_conformance.frontends.listed_protocols import listed_protocols
from aws_conformance.results.events import Event, OperationFinished

CLOUDWATCH = ("smithy-rpc-v2-cbor", "json", "query")
XML = (
    '<ListDashboardsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><ListDashboardsResult>'
    "<DashboardEntries/></ListDashboardsResult><ResponseMetadata>"
    "<RequestId>4b5a7a3e-0000-4000-8000-000000000000</RequestId>"
    "</ResponseMetadata></ListDashboardsResponse>"
)
OPERATIONS = ("cloudwatch:ListDashboards", "sns:ListTopics")


def _engine(answers: dict[str, bool]) -> Callable[..., int]:
    """An engine that finds every operation answered over those protocols that the mapping says."""

    def run(plan: Plan, emit: Callable[[Event], None]) -> int:
        for operation in plan.operations:
            reached = answers.get(plan.protocol or "", True)
            emit(OperationFinished(operation, implemented=reached, evidence="", reached=reached, cases=1))
        return 0

    return run


def test_operations_stand_under_each_protocol_that_their_services_list() -> None:
    listed = listed_protocols(OPERATIONS)
    assert set(CLOUDWATCH) == set(listed)
    assert listed["query"] == OPERATIONS
    assert listed["json"] == ("cloudwatch:ListDashboards",)


@pytest.mark.parametrize(
    ("answers", "code", "line"),
    [
        ({}, 0, ""),
        (
            {"query": False},
            1,
            "error: cloudwatch:ListDashboards is answered over smithy-rpc-v2-cbor, json, and not over query",
        ),
        (dict.fromkeys(CLOUDWATCH, False), 0, ""),
    ],
)
def test_what_is_not_answered_over_each_protocol_is_a_fault(
    capsys: pytest.CaptureFixture[str], answers: dict[str, bool], code: int, line: str
) -> None:
    plan = Plan(operations=OPERATIONS, protocol="all")
    assert carry_out_everywhere(carry_out, _engine(answers), plan, ()) == code
    out = capsys.readouterr().out
    assert [row for row in out.splitlines() if row.startswith("error: ")] == ([line] if line else [])


def test_there_is_a_report_of_each_run(tmp_path: Path) -> None:
    plan = Plan(operations=OPERATIONS, protocol="all")
    reports = parse_reports([f"ndjson={tmp_path / 'run.ndjson'}"])
    carry_out_everywhere(carry_out, _engine({}), plan, reports)
    assert {file.name for file in tmp_path.iterdir()} == {f"run-{name}.ndjson" for name in CLOUDWATCH}
    with pytest.raises(UsageError, match="a report for each protocol"):
        carry_out_everywhere(carry_out, _engine({}), plan, parse_reports(["ndjson=-"]))


def test_schemas_and_plans_are_made_for_each_protocol(tmp_path: Path) -> None:
    arguments = ["cloudwatch:ListDashboards", "--protocol", "all", "--side", "output"]
    printed = CliRunner().invoke(schema, arguments, standalone_mode=False)
    schemas: dict[str, Any] = json.loads(printed.stdout)
    assert {name: item["x-aws-protocol"] for name, item in schemas.items()} == {
        name: name for name in CLOUDWATCH
    }
    CliRunner().invoke(schema, [*arguments, "--out", str(tmp_path)], standalone_mode=False)
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.json")}
    assert files == {f"{name}/cloudwatch/ListDashboards/output.json" for name in CLOUDWATCH}
    planned = CliRunner().invoke(
        plan, ["cloudwatch:ListDashboards", "--protocol", "all", "--max-examples", "0"], standalone_mode=False
    )
    heads = [line.partition(": ")[0] for line in planned.stdout.splitlines() if not line.startswith(" ")]
    assert heads == [f"cloudwatch:ListDashboards over {name}" for name in CLOUDWATCH]


@pytest.mark.parametrize(
    ("body", "label", "code"),
    [
        ('{"DashboardEntries": []}', "application/x-amz-json-1.0", 0),
        (
            XML,
            "text/xml",
            0,
        ),
        ('{"DashboardEntries": "none"}', "application/x-amz-json-1.0", 1),
    ],
)
def test_an_answer_is_judged_over_the_protocol_that_it_is_in(
    tmp_path: Path, body: str, label: str, code: int
) -> None:
    file = tmp_path / "exchange.json"
    headers = {"Content-Type": label, "x-amzn-RequestId": "4b5a7a3e-0000-4000-8000-000000000000"}
    file.write_text(json.dumps({"status": 200, "headers": headers, "body": body}), "utf-8")
    arguments = ["cloudwatch:ListDashboards", "--exchange", str(file), "--protocol", "all"]
    assert CliRunner().invoke(validate, arguments, standalone_mode=False).return_value == code
