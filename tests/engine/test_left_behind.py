# SPDX-License-Identifier: Apache-2.0
"""What a wrong request has left on a target is no fault of the answers that show it later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aws_conformance.engine.leftovers import Leftovers
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response, header
from aws_conformance.results.events import Event, Reported, Violation
from aws_conformance.targets.server import serve

KEY = "kms:CreateKey"
LONG = "x" * 513


def _violation(path: str, got: str, check: str = "response.body.type") -> Violation:
    return Violation(check, "error", "MODEL", KEY, path, "It is so.", "another", got)


@pytest.mark.parametrize(
    ("document", "pointer", "path", "got"),
    [
        ({"Name": 12}, "/Name", "$.Key.Name", "12"),
        (
            {"Tags": [{"Key": "x" * 513}]},
            "/Tags/0/Key",
            "$.Tags[*].Key",
            f'513: "{"x" * 99}... (515 characters)',
        ),
        ({"Names": [None]}, "/Names/0", "$.Keys[*].Names[*]", "null"),
        (12, "", "$.Keys[*].Name", "12"),
        ({"Context": {"a": 1.5}}, "/Context/", "$.Context[*]", "1.5"),
        ({"Key": {"Odd": "unknown"}}, "/Key/Odd", "$.Key.Odd", 'Odd: "unknown"'),
    ],
)
def test_a_value_that_a_wrong_request_had_is_known_by_its_member(
    document: Any, pointer: str, path: str, got: str
) -> None:
    leftovers = Leftovers()
    shown = _violation(path, got)
    assert leftovers.without([shown]) == [shown]
    leftovers.leave(document, pointer)
    assert leftovers.without([shown]) == []


@pytest.mark.parametrize(
    ("path", "got", "check"),
    [
        ("$.Name", "13", "response.body.type"),
        ("$.Other", "12", "response.body.type"),
        ("$.Name", "12", "request.valid.refused"),
    ],
)
def test_other_values_and_other_members_are_faults(path: str, got: str, check: str) -> None:
    leftovers = Leftovers()
    leftovers.leave({"Name": 12}, "/Name")
    leftovers.leave({"Name": 12}, "/Nowhere/0/At")
    shown = _violation(path, got, check)
    assert leftovers.without([shown]) == [shown]


def test_what_a_request_has_itself_comes_from_nowhere_else() -> None:
    leftovers, shown = Leftovers(), _violation("$.Key.Size", "6.5")
    leftovers.leave({"Size": 6.5}, "/Size")
    assert leftovers.without([shown], {"Size": 6.5}, "/Size") == [shown]


def _grants(*, number: bool) -> list[Reported]:
    """What a run finds on a target that takes any grant and lists all; with a `number` of its own for one."""
    grants: list[dict[str, Any]] = []

    def handle(request: Request) -> Response:
        action = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        try:
            document = json.loads(request.body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            return _answer({"__type": "SerializationException", "message": "no"}, 400)
        if action == "CreateKey":
            return _answer({"KeyMetadata": {"KeyId": "12345678-1234-1234-1234-123456789012"}})
        if action == "CreateGrant":
            grants.append({"GranteePrincipal": document.get("GranteePrincipal")})
            return _answer({"GrantId": "g", "GrantToken": "t"})
        if action == "ListGrants":
            return _answer({"Grants": [*grants, *([{"GranteePrincipal": 7}] if number else [])]})
        return _answer({"__type": "UnknownOperationException", "message": "no"}, 400)

    events: list[Event] = []
    with serve(handle) as server:
        operations = ("kms:CreateGrant", "kms:ListGrants")
        run(Plan(operations, UrlTarget(server.url), phases=("enumerated",), max_examples=0), events.append)
    return [event for event in events if isinstance(event, Reported)]


def _answer(document: Any, status: int = 200) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "r"))
    return Response(status, headers, json.dumps(document).encode())


def test_lists_that_show_what_wrong_requests_sent_have_no_fault() -> None:
    findings = _grants(number=False)
    accepted = {finding.violation.path for finding in findings if finding.violation.cause == "type"}
    assert "(request /GranteePrincipal: type)" in accepted
    assert not [finding for finding in findings if finding.violation.check == "response.body.type"]


def test_lists_that_make_up_a_wrong_value_have_it() -> None:
    (wrong,) = (
        finding for finding in _grants(number=True) if finding.violation.check == "response.body.type"
    )
    assert (wrong.violation.path, wrong.violation.got) == ("$.Grants[*].GranteePrincipal", "7")
