# SPDX-License-Identifier: Apache-2.0
"""CONTRIBUTING.md's worked examples do what it says of them.

The protocol's is run by protocols/test_outside_protocol.py, the lifecycle's by
cases/lifecycles/test_lifecycle_docs.py.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from tests.examples import EXAMPLES, example

from aws_conformance.cases.compile import contract_of
from aws_conformance.checks.judge import judge
from aws_conformance.checks.response import interpret
from aws_conformance.engine.plan import EmbeddedReference, Plan
from aws_conformance.engine.run import run
from aws_conformance.frontends.target_words import started_from
from aws_conformance.http import Response
from aws_conformance.results.events import Event, OperationFinished
from aws_conformance.results.reports import REPORTS
from aws_conformance.targets.installed import Installation
from aws_conformance.targets.presets import read_presets

CONTRIBUTING = EXAMPLES.parent.parent / "CONTRIBUTING.md"


def test_every_example_that_it_names_is_there_and_the_other_way_round() -> None:
    names = set(re.findall(r"docs/examples/([\w.-]+)", CONTRIBUTING.read_text("utf-8")))
    assert names == {path.name for path in EXAMPLES.glob("new_*")} | {"app-client.yaml"}


@pytest.mark.parametrize(
    ("headers", "findings"),
    [
        ((), []),
        ((("X-Powered-By", "Express"),), [("example.powered-by", "note", "(headers)", "Express", "target")]),
    ],
)
def test_the_check_says_what_is_wrong_and_nothing_of_what_is_right(
    headers: tuple[tuple[str, str], ...], findings: list[tuple[str, ...]]
) -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation("DeleteUserPool")
    validators = contract.validators(operation.name)
    response = Response(200, (("Content-Type", "application/x-amz-json-1.1"), *headers), b"{}")
    answer = interpret(contract.service, operation, contract.protocol, validators, response)
    violations = judge(answer, checks=[example("new_check").CHECK])
    assert findings == [
        (violation.check, violation.severity, violation.path, violation.got, violation.scope)
        for violation in violations
    ]


def test_the_report_is_written_as_its_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    row = example("new_report").FORMAT
    assert row.name not in REPORTS
    consumer = row.begin(stream)
    finished: list[str] = []

    def consume(event: Event) -> None:
        consumer(event)
        if isinstance(event, OperationFinished):
            finished.append(event.operation)

    plan = Plan(
        ("cognito-idp:DescribeUserImportJob",), EmbeddedReference(), phases=("random",), max_examples=2
    )
    assert run(plan, consume) == 0
    assert finished == ["cognito-idp:DescribeUserImportJob"]
    assert stream.getvalue() == "cognito-idp:DescribeUserImportJob\t0\nexit\t0\n"


def test_the_preset_is_started_and_known_to_lack_the_operation(tmp_path: Path) -> None:
    (preset,) = read_presets((EXAMPLES / "new_preset.yaml").read_text("utf-8")).values()
    target = started_from(Installation(preset, "1", tmp_path))
    events: list[Event] = []
    plan = Plan(("cognito-idp:DescribeUserImportJob",), target, phases=("random",), max_examples=2)
    assert run(plan, events.append) != 0
    (finished,) = (event for event in events if isinstance(event, OperationFinished))
    assert not finished.implemented
    assert finished.not_implemented
