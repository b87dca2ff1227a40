# SPDX-License-Identifier: Apache-2.0
"""State that is left whole serves the next operation; what anybody may have changed serves nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import OperationContract
from aws_conformance.cases.prerequisites import Prerequisites, prerequisites_for
from aws_conformance.engine.environment import Environment
from aws_conformance.engine.plan import EmbeddedReference, Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.engine.session import Session
from aws_conformance.engine.shared_states import SharedStates
from aws_conformance.http import Exchange, Request, Response
from aws_conformance.results.events import Event, OperationFinished
from aws_conformance.targets.server import serve

CONTRACT = contract_of("cognito-idp")


class _Pools:
    """A session whose target makes pools and users, and knows which are there."""

    def __init__(self) -> None:
        self.generation = 0
        self.death = ""
        self.liveness = self
        self.states = SharedStates()
        self.asked: list[str] = []
        self.names: list[str] = []
        self.pools: list[str] = []
        self.refused: set[str] = set()

    def secrets(self, contract: OperationContract, exchange: Exchange | None) -> tuple[str, ...]:
        return ()

    def settle(self, contract: OperationContract, sent: Any, document: Any) -> float:
        return 0.0

    def invoke(self, contract: OperationContract, document: Any) -> Exchange:
        self.asked.append(contract.name)
        answer: dict[str, Any] = {}
        if contract.name in self.refused:
            return Exchange(Request("POST", "/", (), b""), Response(400, (), b"{}"))
        if contract.name == "CreateUserPool":
            self.pools.append(f"us-east-1_{len(self.asked)}")
            answer = {"UserPool": {"Id": self.pools[-1]}}
        elif contract.name == "DeleteUserPool":
            self.pools.remove(document["UserPoolId"])
        elif contract.name == "AdminCreateUser":
            self.names.append(document["Username"])
            answer = {"User": {"Username": document["Username"]}}
        elif contract.name == "CreateGroup":
            answer = {"Group": {name: document[name] for name in ("GroupName", "UserPoolId")}}
        headers = (("Content-Type", "application/x-amz-json-1.1"),)
        return Exchange(Request("POST", "/", (), b""), Response(200, headers, json.dumps(answer).encode()))

    def environment(self, operation: str, purpose: str = "run", recipe: Prerequisites | None = None) -> Any:
        recipe = recipe or prerequisites_for(CONTRACT.of(CONTRACT.operation(operation)))
        return Environment(cast("Session", self), CONTRACT, recipe, "t", purpose)


def test_what_is_as_it_was_serves_the_next_operation() -> None:
    session = _Pools()
    for operation in ("DescribeUserPool", "GetUserPoolMfaConfig", "ListGroups"):
        environment = session.environment(operation)
        environment.provide()
        environment.reset()
    # Lists of groups need a group: it is made in the pool that is there.
    assert session.asked == ["CreateUserPool", "CreateGroup"]
    session.states.close()
    assert session.pools == []


def test_of_a_recording_only_what_is_the_same_is_shared() -> None:
    session = _Pools()
    session.states.entire = True
    for operation in ("DescribeUserPool", "ListGroups", "GetUserPoolMfaConfig", "DeleteUserPool"):
        environment = session.environment(operation)
        environment.provide()
        environment.reset()
    assert session.asked.count("CreateUserPool") == 3
    changed = session.environment("UpdateGroup")
    changed.provide()
    changed.change()
    changed.reset()
    assert session.asked.count("DeleteUserPool") == 2


def test_what_goes_beyond_is_undone_and_the_rest_serves() -> None:
    session = _Pools()
    for operation in ("ListGroups", "AdminGetUser", "DescribeUserPool"):
        environment = session.environment(operation)
        environment.provide()
        assert environment.missing(environment._recipe.bind) == ""
        environment.reset()
    assert session.asked == [
        "CreateUserPool",
        "CreateGroup",
        "DeleteGroup",
        "AdminCreateUser",
        "AdminDeleteUser",
    ]


def test_what_can_not_be_undone_serves_nobody_who_needs_less() -> None:
    session = _Pools()
    session.refused.add("DeleteGroup")
    for operation in ("ListGroups", "AdminGetUser"):
        environment = session.environment(operation)
        environment.provide()
        environment.reset()
    assert session.asked[:3] == ["CreateUserPool", "CreateGroup", "DeleteGroup"]
    assert session.asked[-2:] == ["CreateUserPool", "AdminCreateUser"]
    assert len(session.pools) == 1


@pytest.mark.parametrize("how", ["change", "spoil", "doubt"])
def test_of_what_a_request_changed_only_what_it_is_about_is_renewed(how: str) -> None:
    session = _Pools()
    environment = session.environment("AdminGetUser")
    environment.provide()
    getattr(environment, how)()
    environment.provide()
    environment.reset()
    session.environment("DescribeUserPool").provide()
    again = ["AdminDeleteUser", "AdminCreateUser"]
    expected = ["AdminDeleteUser"] if how == "change" else [*again, "AdminDeleteUser"]
    assert session.asked == ["CreateUserPool", "AdminCreateUser", *expected]


@pytest.mark.parametrize("how", ["everything", "again"])
def test_what_may_have_changed_more_than_it_is_about_serves_nobody(how: str) -> None:
    session = _Pools()
    environment = session.environment("AdminGetUser", "again" if how == "again" else "run")
    environment.provide()
    environment.change(everything=how == "everything")
    environment.reset()
    assert session.pools == []


def test_where_time_is_short_what_is_spoilt_serves_who_needs_nothing_better() -> None:
    session = _Pools()
    session.states.keeps_spoilt = True
    first = session.environment("DescribeUserPool")
    first.provide(clean=False)
    first.spoil()
    first.provide()
    first.provide(clean=False)
    first.reset()
    # One pool is whole, and one is not.
    assert session.asked == ["CreateUserPool", "CreateUserPool"]
    other = session.environment("GetUserPoolMfaConfig")
    other.provide(clean=False)
    spoilt = other.fill(other._recipe.bind)
    other.provide()
    assert other.fill(other._recipe.bind) != spoilt
    other.reset()
    assert session.asked == ["CreateUserPool", "CreateUserPool"]
    session.states.close()
    assert session.pools == []


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("how", ["change", "spoil", ""])
def test_what_an_operation_has_changed_waits_for_its_next_turn_where_time_is_short(
    short: bool, how: str
) -> None:
    session = _Pools()
    session.states.keeps_spoilt = short
    environment = session.environment("DescribeUserPool")
    environment.provide()
    if how:
        getattr(environment, how)()
    environment.rest()
    other = session.environment("GetUserPoolMfaConfig")
    other.provide()
    other.reset()
    environment.provide()
    pools = 2 if how else 1
    assert session.asked.count("CreateUserPool") == pools
    # Its own pool is used again only if nothing was wrong with what changed it, and time is short.
    own = environment.fill(environment._recipe.bind)["UserPoolId"] == "us-east-1_1"
    assert own == (how == "" or (how == "change" and short))
    environment.reset()
    session.states.close()
    assert session.pools == []


def test_in_front_of_what_a_success_uses_up_states_are_shared() -> None:
    session = _Pools()
    for _ in range(2):
        environment = session.environment("AdminDeleteUser")
        environment.provide()
        environment.change()
        environment.consumed()
        environment.reset()
    assert session.asked == ["CreateUserPool", "AdminCreateUser", "AdminCreateUser"]


@pytest.mark.parametrize("how", ["change", "spoil", "apart", "no purpose"])
def test_what_may_be_changed_is_undone(how: str) -> None:
    session = _Pools()
    first = session.environment("DescribeUserPool", "" if how == "no purpose" else "run")
    first.provide()
    if how in ("change", "spoil"):
        getattr(first, how)()
    first.reset()
    second = session.environment("DescribeUserPool", "again" if how == "apart" else "run")
    second.provide()
    assert session.asked.count("CreateUserPool") == 2
    assert session.asked.count("DeleteUserPool") == (0 if how == "apart" else 1)


def test_a_name_that_was_chosen_is_not_chosen_again() -> None:
    session = _Pools()
    first = session.environment("AdminGetUser")
    first.provide()
    chosen = first.fill({"$name": "user"})
    first.reset()
    second = session.environment("AdminGetUser")
    second.provide()
    assert session.asked.count("AdminCreateUser") == 1
    assert second.fill({"$name": "user"}) not in (chosen, *session.names)


def test_what_died_with_the_target_serves_nobody() -> None:
    session = _Pools()
    first = session.environment("DescribeUserPool")
    first.provide()
    first.reset()
    session.generation += 1
    session.environment("DescribeUserPool").provide()
    assert session.asked == ["CreateUserPool", "CreateUserPool"]


def test_a_state_of_which_steps_are_used_up_is_not_shared() -> None:
    session = _Pools()
    recipe = prerequisites_for(CONTRACT.of(CONTRACT.operation("DescribeUserPool")))
    environment = session.environment(
        "DescribeUserPool", recipe=replace(recipe, fresh=frozenset({"CreateUserPool"}))
    )
    environment.provide()
    environment.reset()
    assert session.pools == []


def test_few_states_wait_at_a_time() -> None:
    session = _Pools()
    for number in range(20):
        environment = session.environment("DescribeUserPool", f"purpose {number}")
        environment.provide()
        environment.reset()
    assert 0 < len(session.pools) < 10


def test_what_waits_for_a_purpose_is_not_in_the_way_of_others() -> None:
    session = _Pools()
    first = session.environment("DescribeUserPool")
    several = [session.environment("DescribeUserPool", "again") for _ in range(8)]
    for environment in (first, *several):
        environment.provide()
    for environment in (first, *several):
        environment.reset()
    asked = len(session.asked)
    session.environment("DescribeUserPool").provide()
    assert len(session.asked) == asked


def _shown(end: OperationFinished) -> tuple[int, int, set[tuple[str, ...]]]:
    """How many cases were verified and violated, and what is wrong."""
    return end.verified, end.violated, {finding.violation.key for finding in end.findings}


def test_readers_share_a_pool_and_see_the_same_as_alone() -> None:
    def explored(*names: str) -> dict[str, OperationFinished]:
        events: list[Event] = []
        plan = Plan(names, EmbeddedReference(), phases=("enumerated",))
        run(plan, events.append)
        return {event.operation: event for event in events if isinstance(event, OperationFinished)}

    names = ("cognito-idp:DescribeUserPool", "cognito-idp:GetCSVHeader", "cognito-idp:DeleteUserPool")
    together = explored(*names)
    for name in names:
        alone = explored(name)[name]
        assert alone.reached
        assert _shown(together[name]) == _shown(alone)


class _Poisoned:
    """Activities that take any tags, and crash on all that comes after tags that they should have refused.

    With `status` 500 they crash on those, too, after they have taken them.
    """

    def __init__(self, status: int = 200) -> None:
        self.poisoned: dict[str, bool] = {}
        self._status = status

    def __call__(self, request: Request) -> Response:
        headers = {name.lower(): text for name, text in request.headers}
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        common = (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "a" * 32))
        try:
            document = json.loads(request.body)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not isinstance(document.get("resourceArn", ""), str):
            return Response(400, common, b'{"__type": "SerializationException", "message": ""}')
        answer: dict[str, Any] = {}
        if operation == "CreateActivity":
            arn = f"arn:aws:states:us-east-1:123456789012:activity:a{len(self.poisoned)}"
            self.poisoned[arn] = False
            answer = {"activityArn": arn, "creationDate": 1_700_000_000}
        elif operation == "DeleteActivity":
            self.poisoned.pop(document["activityArn"], None)
        elif operation != "TagResource":
            return Response(400, common, b'{"__type": "UnknownOperationException"}')
        elif document.get("resourceArn") not in self.poisoned:
            return Response(400, common, b'{"__type": "ResourceNotFound", "message": "no"}')
        elif self.poisoned[document["resourceArn"]]:
            return Response(500, common, b'{"__type": "InternalFailure"}')
        else:
            self.poisoned[document["resourceArn"]] = not _is_right(document.get("tags"))
            if self.poisoned[document["resourceArn"]]:
                return Response(self._status, common, b'{"__type": "InternalFailure"}')
        return Response(200, common, json.dumps(answer).encode())


def _is_right(tags: Any) -> bool:
    return isinstance(tags, list) and all(
        isinstance(tag, dict) and all(isinstance(text, str | None) for text in tag.values()) for tag in tags
    )


def test_what_an_earlier_request_left_behind_confirms_no_crash() -> None:
    events: list[Event] = []
    with serve(_Poisoned()) as server:
        plan = Plan(("stepfunctions:TagResource",), UrlTarget(server.url), phases=("enumerated",))
        run(plan, events.append)
    end = next(event for event in events if isinstance(event, OperationFinished))
    checks = [finding.violation.check for finding in end.findings]
    assert "request.invalid.accepted" in checks
    assert "server.crash" not in checks
    assert any(doubt.violation.check == "server.crash" for doubt in end.unrepeated)


def test_a_crash_that_leaves_half_of_what_it_did_makes_no_valid_request_crash() -> None:
    events: list[Event] = []
    with serve(_Poisoned(500)) as server:
        plan = Plan(("stepfunctions:TagResource",), UrlTarget(server.url), max_examples=20)
        run(plan, events.append)
    end = next(event for event in events if isinstance(event, OperationFinished))
    crashed = {
        finding.reproduction.case.kind
        for finding in end.findings
        if finding.violation.check == "server.crash"
    }
    assert crashed == {"negative"}
    assert end.reached


@pytest.mark.parametrize("max_time", [None, 60.0], ids=["in order", "by turns"])
def test_what_is_absent_leaves_a_state_for_the_next_operation(max_time: float | None) -> None:
    asked: list[str] = []
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "a" * 32))

    def answered(request: Request) -> Response:
        target = next(text for name, text in request.headers if name.lower() == "x-amz-target")
        asked.append(target.rpartition(".")[2])
        if asked[-1] == "CreateUserPool":
            pool = {"Id": f"us-east-1_{len(asked)}", "Name": "p"}
            return Response(200, headers, json.dumps({"UserPool": pool}).encode())
        if asked[-1] == "DeleteUserPool":
            return Response(200, headers, b"{}")
        # As moto says it: by its status it might be a crash.
        return Response(500, headers, b'{"message": "The action has not been implemented"}')

    names = ("GetCSVHeader", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig")
    events: list[Event] = []
    with serve(answered) as server:
        plan = Plan(tuple(f"cognito-idp:{name}" for name in names), UrlTarget(server.url), max_time=max_time)
        run(plan, events.append)
    ends = [event for event in events if isinstance(event, OperationFinished)]
    assert [end.implemented for end in ends] == [False] * 3
    assert asked.count("CreateUserPool") == 1
    assert asked.count("DeleteUserPool") == 1
    assert all(asked.count(name) == 3 for name in names)


def test_a_state_that_another_operation_has_spoilt_serves_nobody() -> None:
    """Buckets that go with their settings, as those of an emulator do."""
    buckets: set[str] = set()
    headers = (("x-amz-request-id", "A" * 16), ("x-amz-id-2", "a" * 32))

    def answered(request: Request) -> Response:
        path, _, query = request.path.partition("?")
        name = path.strip("/")
        if request.method == "PUT" and not query:
            buckets.add(name)
        elif name not in buckets:
            error = b"<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>"
            return Response(404, (*headers, ("Content-Type", "application/xml")), error)
        if request.method == "DELETE":
            buckets.discard(name)
            return Response(204, headers, b"")
        return Response(200, headers, b"")

    names = ("s3:PutBucketAnalyticsConfiguration", "s3:PutBucketCors")
    events: list[Event] = []
    with serve(answered) as server:
        run(Plan(names, UrlTarget(server.url), phases=("random",), max_examples=1), events.append)
    ends = {event.operation: event for event in events if isinstance(event, OperationFinished)}
    assert ends["s3:PutBucketCors"].succeeded
