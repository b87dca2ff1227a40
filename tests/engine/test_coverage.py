# SPDX-License-Identifier: Apache-2.0
"""Coverage: what there is to judge of an operation, counted once each, and what of it departs."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.switchable import events_of

from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.coverage import OperationCoverage
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.coverage import run_coverage
from aws_conformance.results.events import Covered, Event, Inconclusive, OperationFinished, Verified, Violated
from aws_conformance.targets.server import Handler, serve

HEADER = "cognito-idp:GetCSVHeader"


def _finished(events: list[Event]) -> OperationFinished:
    (event,) = (event for event in events if isinstance(event, OperationFinished))
    return event


def _run(handler: Handler) -> OperationFinished:
    with serve(handler) as server:
        return _finished(events_of(Plan((HEADER,), UrlTarget(server.url), phases=("enumerated",))))


def _kinds(event: OperationFinished) -> dict[str, Covered]:
    return {item.what: item for item in event.coverage}


def test_what_there_is_comes_from_the_model_and_the_cases() -> None:
    kinds = _kinds(_run(Reference(Settings()).handle))
    service = contract_of("cognito-idp")
    assert kinds["errors"].there == len(service.operation("GetCSVHeader").errors)
    assert kinds["output members"].there == 2  # UserPoolId, CSVHeader
    # Length, pattern, presence and type of UserPoolId.
    assert (kinds["input constraints"].there, kinds["input constraints"].judged) == (4, 4)
    assert sum(item.departing for item in kinds.values()) == 0


def test_a_member_that_is_wrong_departs_and_others_do_not() -> None:
    reference = Reference(Settings())

    def handle(request: Request) -> Response:
        response = reference.handle(request)
        if response.status != 200 or b"CSVHeader" not in response.body:
            return response
        document = {**json.loads(response.body), "CSVHeader": "a,b"}
        return replace(response, body=json.dumps(document).encode())

    members = _kinds(_run(handle))["output members"]
    assert (members.there, members.judged, members.departing) == (2, 2, 1)


def test_what_is_tried_twice_counts_once_and_what_is_left_open_does_not() -> None:
    contract = contract_of("cognito-idp")
    operation = contract.operation("GetCSVHeader")
    cases = list(enumerated_cases(contract.of(operation)))
    coverage = OperationCoverage(contract.service, operation, cases)
    broken = [case for case in cases if case.info.keyword == "type" and case.info.pointer]
    assert len(broken) > 1
    coverage.came_out(broken[0].info, Inconclusive("the operation was not reached"))
    assert _constraints(coverage).judged == 0
    assert _constraints(coverage).unjudged == tuple(
        f"/UserPoolId {keyword}" for keyword in ("maxLength", "pattern", "required", "type")
    )
    for case in broken:
        coverage.came_out(case.info, Verified())
    assert (_constraints(coverage).judged, _constraints(coverage).departing) == (1, 0)
    assert "/UserPoolId type" not in _constraints(coverage).unjudged
    coverage.came_out(broken[0].info, Violated(()))
    assert (_constraints(coverage).judged, _constraints(coverage).departing) == (1, 1)


def _constraints(coverage: OperationCoverage) -> Covered:
    return next(item for item in coverage.figures() if item.what == "input constraints")


def test_what_a_target_lacks_is_no_part_of_what_there_is() -> None:
    """The two figures of a run are of implemented operations, and neither is a part of the other."""
    there = (Covered("errors", 8, 4, 1),)
    operations = [
        OperationFinished("s:A", True, "", True, 1, coverage=there),
        OperationFinished("s:B", True, "", False, 1, coverage=there),
        OperationFinished("s:C", False, "501", False, 1, coverage=there),
    ]
    figures = run_coverage(operations)
    assert figures.kinds == (Covered("operations", 2, 1, 0), Covered("errors", 16, 8, 2))
    assert (figures.coverage, figures.divergence) == (0.5, 2 / 9)
    assert run_coverage([]).coverage is None
