# SPDX-License-Identifier: Apache-2.0
"""A fault in every answer of a conforming target is in the verdict of a run, as grave as it has to be.

The same proxy without a fault stays clean. docs/verdicts.md shows the table; this module writes it:
`python -m tests.test_planted_faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.planted import FAULTS, IMPORT_JOB, Fault

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.events import Event, Reported, RunFinished
from aws_conformance.results.terms import at_least
from aws_conformance.targets.server import serve

OPERATIONS = IMPORT_JOB.operations
PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
BEGIN, END = "<!-- planted faults: begin -->", "<!-- planted faults: end -->"
AT_LEAST = 115


def judged(fault: Fault | None) -> tuple[int, list[Reported]]:
    """The exit code and the findings of a run over a reference with a fault, failing on its severity."""
    reference = Reference(Settings())
    asked_for = tuple(name.partition(":")[2] for name in OPERATIONS)

    def handle(request: Request) -> Response:
        response = reference.handle(request)
        target = next((value for name, value in request.headers if name.lower() == "x-amz-target"), "")
        planted = fault is not None and target.endswith(asked_for)
        return fault.plant(response) if fault is not None and planted else response

    events: list[Event] = []
    with serve(handle) as server:
        plan = Plan(OPERATIONS, target=UrlTarget(server.url), phases=("enumerated",))
        if fault is not None:
            plan = Plan(
                OPERATIONS, target=UrlTarget(server.url), phases=("enumerated",), fail_on=fault.severity
            )
        run(plan, events.append)
    *_, end = (event for event in events if isinstance(event, RunFinished))
    return end.exit, [event for event in events if isinstance(event, Reported)]


def test_there_are_enough_and_names_are_unique() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= AT_LEAST


def test_the_proxy_without_a_fault_is_clean() -> None:
    assert judged(None) == (0, [])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_in_the_verdict(fault: Fault) -> None:
    code, findings = judged(fault)
    assert code == 1
    assert any(at_least(finding.violation.severity, fault.severity) for finding in findings)


def test_the_page_has_the_table() -> None:
    text = PAGE.read_text("utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0]
    for fault in FAULTS:
        assert f"| {fault.name} | {fault.answers} | {fault.severity} |" in shown, "make it again, see above"


def rows() -> Iterator[str]:
    """The table, with the checks that find each fault."""
    yield "| fault, in every answer | of | at least | found by |"
    yield "|---|---|---|---|"
    for fault in FAULTS:
        _, findings = judged(fault)
        checks = {
            finding.violation.check
            for finding in findings
            if at_least(finding.violation.severity, fault.severity)
        }
        named = ", ".join(f"`{check}`" for check in sorted(checks)) or "nothing"
        yield f"| {fault.name} | {fault.answers} | {fault.severity} | {named} |"


if __name__ == "__main__":
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    table = "\n".join(rows())
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", "utf-8")
