# SPDX-License-Identifier: Apache-2.0
"""What a project adds in code: checks, expectations, providers and hooks, and headers of a plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import botocore.session
import pytest

import aws_conformance
from aws_conformance.cases import expectations
from aws_conformance.cases.additions import additions
from aws_conformance.cases.expectations import expectation_of
from aws_conformance.checks import ALL_CHECKS, CATALOGUE
from aws_conformance.checks.validate import validate_instance
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.errors import UsageError
from aws_conformance.frontends.target_words import parse_header
from aws_conformance.http import Exchange, Request, Response, header
from aws_conformance.reference import ACCESS_KEY, SECRET_KEY, Reference, Settings
from aws_conformance.results.event_json import event_to_json
from aws_conformance.results.events import Event, OperationFinished, Reported
from aws_conformance.targets.server import serve

DESCRIBE = "cognito-idp:DescribeUserPool"


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has registers of its own."""
    monkeypatch.setattr(expectations, "_added", {})
    before = set(ALL_CHECKS)
    yield
    additions.clear()
    expectation_of.cache_clear()
    from aws_conformance import checks

    for name in set(ALL_CHECKS) - before:
        checks._CATALOGUE.pop(name)
        checks._ALL.pop(name)


class Witness:
    """The reference, and the requests that it got."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._reference = Reference(Settings(seed=7))

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        return self._reference.handle(request)

    def named(self, operation: str) -> list[Request]:
        target = f".{operation}"
        return [
            request
            for request in self.requests
            if (header(request.headers, "x-amz-target") or "").endswith(target)
        ]


def explored(plan: Plan) -> tuple[int, list[Event], Witness]:
    witness, events = Witness(), list[Event]()
    with serve(witness.handle) as server:
        code = run(replace(plan, target=UrlTarget(server.url), max_examples=2), events.append)
    return code, events, witness


def test_a_check_of_ones_own_is_one_of_all() -> None:
    @aws_conformance.check("acme.named", requirement="A pool has a name of ours.")
    def named(answer: aws_conformance.DecodedResponse) -> Iterator[aws_conformance.Breach]:
        if answer.kind == "success":
            yield aws_conformance.Breach(("UserPool", "Name"), "ours", "theirs")

    assert CATALOGUE["acme.named"].severity == "error"
    violations = validate_instance("cognito-idp", "DescribeUserPool", {"UserPool": {"Name": "a"}})
    assert ("acme.named", "$.UserPool.Name") in [(item.check, item.path) for item in violations]
    code, events, _ = explored(Plan((DESCRIBE,), checks=("acme.named",)))
    assert code == 1
    assert {event.violation.check for event in events if isinstance(event, Reported)} == {"acme.named"}


@pytest.mark.parametrize(
    ("name", "severity", "said"),
    [
        ("acme", "error", "'acme' is no id for a check"),
        ("Acme.Rule", "error", "is no id for a check"),
        ("response.body.type", "error", "There is a check 'response.body.type' already"),
        ("acme.rule", "loud", "There is no severity 'loud'"),
    ],
)
def test_checks_that_can_not_be_added(name: str, severity: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        aws_conformance.check(name, requirement="r", severity=severity)(lambda answer: iter(()))  # type: ignore[call-overload]


def test_an_expectation_decides_ahead_of_the_kits() -> None:
    assert expectation_of("json", "pattern", "", "string").earns == "refused"
    aws_conformance.expectation("json", keyword="pattern", earns="tolerated", evidence="Acme says so.")
    assert expectation_of("json", "pattern", "", "string").evidence == "Acme says so."
    assert expectation_of("json", "maxLength", "", "string").earns == "refused"
    with pytest.raises(UsageError, match="There is no table of expectations for 'jsn'"):
        aws_conformance.expectation("jsn", earns="refused", evidence="none")


def test_a_provider_stands_for_what_would_be_created() -> None:
    witness, plan = Witness(), Plan((DESCRIBE,), max_examples=2)
    with serve(witness.handle) as server:
        plan = replace(plan, target=UrlTarget(server.url))
        pool = _created_pool(server.url)
        run(plan, lambda event: None)
        assert len(witness.named("CreateUserPool")) > 1
        assert witness.named("DeleteUserPool")
        aws_conformance.provider("cognito-idp", "UserPoolId")(lambda: pool)
        witness.requests.clear()
        assert run(plan, lambda event: None) == 0
    assert not witness.named("CreateUserPool")
    assert not witness.named("DeleteUserPool")
    assert any(pool.encode() in request.body for request in witness.named("DescribeUserPool"))


def _created_pool(url: str) -> str:
    session = botocore.session.get_session()
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
    client = session.create_client("cognito-idp", "us-east-1", endpoint_url=url, **keys)
    pool: str = client.create_user_pool(PoolName="own")["UserPool"]["Id"]
    return pool


def test_hooks_see_every_request_and_reports_nothing_of_what_they_add() -> None:
    exchanges: list[Exchange] = []
    aws_conformance.before_request(lambda request: request.with_headers([("X-Acme", "planted-tenant")]))
    aws_conformance.after_response(exchanges.append)
    code, events, witness = explored(Plan((DESCRIBE,), headers=(("X-Acme-Key", "planted-key"),)))
    assert code == 0
    assert len(exchanges) == len(witness.requests)
    for request in witness.requests:
        assert header(request.headers, "x-acme") == "planted-tenant"
        assert header(request.headers, "x-acme-key") == "planted-key"
    shown = json.dumps([event_to_json(event) for event in events]) + repr(exchanges)
    assert "planted" not in shown


def test_a_hook_that_returns_nothing_is_reported() -> None:
    aws_conformance.before_request(lambda request: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(UsageError, match="gave back a NoneType"):
        explored(Plan((DESCRIBE,)))


def test_after_so_many_failures_nothing_more_is_explored() -> None:
    @aws_conformance.check("acme.never", requirement="There is no success.")
    def never(answer: aws_conformance.DecodedResponse) -> Iterator[aws_conformance.Breach]:
        if answer.kind == "success":
            yield aws_conformance.Breach((), "none", "a success")

    names = (DESCRIBE, "cognito-idp:CreateUserPool", "cognito-idp:ListUserPools")
    _, _, all_of_them = explored(Plan(names, checks=("acme.never",)))
    code, events, first = explored(Plan(names, checks=("acme.never",), max_failures=1))
    assert code == 1
    assert all_of_them.named("ListUserPools")
    assert not first.named("ListUserPools")
    unreached = [event.unreached for event in events if isinstance(event, OperationFinished)]
    assert unreached[-1] == "not started: the run had 1 findings that fail it"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("X-Acme", "begins no header"),
        ("X Acme: a", "begins no header"),
        ("X-Acme: a\nb", "begins no header"),
        ("Authorization: a", "is the requests' own"),
        ("x-amz-date: a", "is the requests' own"),
    ],
)
def test_headers_that_can_not_be_added(word: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_header(word)


def test_a_header_is_read_at_its_first_colon() -> None:
    assert parse_header("X-Acme: a:b") == ("X-Acme", "a:b")
