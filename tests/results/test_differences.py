# SPDX-License-Identifier: Apache-2.0
"""Two targets side by side: nothing between equal ones, and what one does otherwise, with who departs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.switchable import DESCRIBE, HEADER, conforming, events_of, miniature, switchable

from aws_conformance.cli import main
from aws_conformance.engine.comparable import comparable
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.http import Request, Response
from aws_conformance.results.differences import compare
from aws_conformance.spec.botocore import load_service
from aws_conformance.targets.server import Handler


def events_with(handler: Handler, operation: str = HEADER) -> list[Any]:
    with switchable(handler) as switch:
        plan = Plan((operation,), UrlTarget(switch.url), phases=("enumerated",), compares=True)
        return events_of(plan)


def test_a_target_does_not_differ_from_itself() -> None:
    comparison = compare(
        events_with(conforming(DESCRIBE), DESCRIBE), events_with(conforming(DESCRIBE), DESCRIBE)
    )
    assert comparison.differences == ()
    assert comparison.cases > 30


def test_who_departs_from_the_documents_is_said() -> None:
    right, wrong = events_with(conforming(HEADER)), events_with(miniature("any-pool-exists"))
    differences = compare(right, wrong).differences
    assert {item.operation for item in differences} == {HEADER}
    assert {item.departs for item in differences} <= {"second", "neither"}
    answers = [item for item in differences if item.kind == "answer"]
    assert any((item.first, item.second) == ("400 ResourceNotFoundException", "200") for item in answers)
    turned = compare(wrong, right).differences
    assert [(item.second, item.first) for item in turned] == [
        (item.first, item.second) for item in differences
    ]


def _shortened(handler: Handler) -> Handler:
    def handle(request: Request) -> Response:
        response = handler(request)
        if b'"CSVHeader"' not in response.body:
            return response
        document = json.loads(response.body)
        document["CSVHeader"] = document["CSVHeader"][:3]
        document.pop("UserPoolId")
        body = json.dumps(document).encode()
        headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-length")
        return Response(response.status, headers, body)

    return handle


def test_a_member_and_a_value_differ_at_their_places() -> None:
    right = conforming(HEADER)
    differences = compare(events_with(right), events_with(_shortened(conforming(HEADER)))).differences
    kinds = {(item.kind, item.place) for item in differences}
    assert kinds == {("member", "$.UserPoolId"), ("value", "$.CSVHeader[*]")}
    absent = next(item for item in differences if item.kind == "member")
    assert (absent.first, absent.second) == ("(as sent)", "absent")


def test_what_each_target_makes_up_is_not_compared() -> None:
    service = load_service("cognito-idp")
    output = service.operations["DescribeUserPool"].output
    pool = {"Id": "us-east-1_Ab12Cd34e", "Name": "run7-CreateUserPo-1", "CreationDate": 1_700_000_000.5}
    other = {"Id": "eu-central-1_Zz98Yy76x", "Name": "run7-CreateUserPo-4", "CreationDate": 1_800_000_000}
    first, second = (comparable(service, output, {"UserPool": item}) for item in (pool, other))
    assert first == second
    assert comparable(service, output, {"UserPool": {**pool, "MfaConfiguration": "ON"}}) != first


@pytest.mark.parametrize("job", ["import-rxbYynvhww", "import-3nWj0EluQ1", "7", "import-0123456789abcdef"])
def test_an_identifier_is_known_by_its_member(job: str) -> None:
    """Not by how it looks: by chance it has digits, or none."""
    service = load_service("cognito-idp")
    output = service.operations["StartUserImportJob"].output
    sent = {"UserPoolId": "p_1", "JobId": "import-abcdefghij"}
    document = {"UserImportJob": {"JobId": job, "Status": "Pending"}}
    assert comparable(service, output, document, sent) == {
        "$.UserImportJob.JobId": ("(identifier)",),
        "$.UserImportJob.Status": ("Pending",),
    }
    # What was asked for, and what was not.
    echoed = comparable(service, output, document, {**sent, "JobId": job})
    assert echoed["$.UserImportJob.JobId"] == ("(as sent)",)


def test_lists_are_compared_without_their_order() -> None:
    service = load_service("cognito-idp")
    output = service.operations["GetCSVHeader"].output
    assert comparable(service, output, {"CSVHeader": ["a", "b"]}) == comparable(
        service, output, {"CSVHeader": ["b", "a"]}
    )


def test_the_command_tells_differences_after_the_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with switchable(miniature("any-pool-exists")) as switch:
        code = main(["run", HEADER, "--phase", "enumerated", "--against", switch.url])
    text = capsys.readouterr().out
    assert code == 0
    assert f"reference against {switch.url}: " in text
    assert "200 / " not in text
    assert f"{switch.url} departs from the documents" in text
    assert main(["run", HEADER, "--against", "no-such-thing"]) == 2
