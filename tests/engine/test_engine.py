# SPDX-License-Identifier: Apache-2.0
"""The engine as a whole: reach, evidence, confirmation, shrinking, workers, verdicts and exit codes.

Targets here are the embedded reference with one thing changed, served on the loopback.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from aws_conformance.engine.plan import EmbeddedReference, Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.engine.shards import shards
from aws_conformance.errors import TargetUnreachableError, UsageError
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.event_json import event_from_json, event_to_json
from aws_conformance.results.events import (
    CaseFinished,
    Event,
    Flaky,
    Inconclusive,
    NotImplementedByTarget,
    OperationFinished,
    Phase,
    Reported,
    RunFinished,
    Verified,
    Violated,
)
from aws_conformance.targets.server import serve

CSV_HEADER = "cognito-idp:GetCSVHeader"
START = "cognito-idp:StartUserImportJob"
CREATE_JOB = "cognito-idp:CreateUserImportJob"

Change = Callable[[Request, Response], Response]


@contextmanager
def changed(change: Change) -> Iterator[str]:
    """The reference, with each of its answers changed; yields its address."""
    reference = Reference(Settings())
    with serve(lambda request: change(request, reference.handle(request))) as server:
        yield server.url


def operation_of(request: Request) -> str:
    return (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]


def events_of(plan: Plan) -> tuple[int, list[Event]]:
    events: list[Event] = []
    code = run(plan, events.append)
    return code, events


def finished(events: list[Event], name: str) -> OperationFinished:
    return next(event for event in events if isinstance(event, OperationFinished) and event.operation == name)


def error(code: str, message: str = "") -> Response:
    body = json.dumps({"__type": code, "message": message}).encode()
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "1"))
    return Response(400, headers, body)


def test_the_reference_conforms_and_every_outcome_is_verified() -> None:
    code, events = events_of(Plan((CSV_HEADER, START), max_examples=10))
    assert code == 0
    outcomes = [event.outcome for event in events if isinstance(event, CaseFinished)]
    assert len(outcomes) > 80
    assert set(map(type, outcomes)) == {Verified}
    start = finished(events, START)
    assert start.reached
    assert start.implemented
    assert start.errors["PreconditionNotMetException"] == "request"
    assert start.errors["NotAuthorizedException"] == "request"
    assert start.errors["TooManyRequestsException"] == "fault injection"


def test_events_survive_json() -> None:
    _, events = events_of(Plan((CSV_HEADER,), max_examples=2))
    for event in events:
        assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


def without_times(event: Event) -> str:
    raw = event_to_json(event)
    return json.dumps({key: value for key, value in raw.items() if key not in ("elapsed", "started")})


def test_equal_seeds_make_equal_events_and_other_seeds_other_cases() -> None:
    first, second, other = (
        [without_times(event) for event in events_of(Plan((CREATE_JOB,), seed=seed, max_examples=30))[1]]
        for seed in (5, 5, 6)
    )
    assert first == second
    assert first != other


def test_workers_come_to_the_same_verdicts() -> None:
    plan = Plan((CSV_HEADER, CREATE_JOB, START), max_examples=6)
    alone, together = events_of(plan), events_of(replace(plan, workers=2))
    assert alone[0] == together[0] == 0
    for name in plan.operations:
        assert finished(alone[1], name) == finished(together[1], name)


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (error("InvalidParameterException", "not today"), "400 InvalidParameterException: not today"),
        (error("InvalidParameterException", "x" * 200), f"400 InvalidParameterException: {'x' * 129}"),
        (Response(400, error("").headers, b'{"message": "not today"}'), "400"),
    ],
)
def test_an_operation_that_refuses_every_valid_request_is_unreached_for_the_first_refusal(
    refusal: Response, reason: str
) -> None:
    def change(request: Request, response: Response) -> Response:
        return refusal if operation_of(request) == "GetCSVHeader" else response

    with changed(change) as url:
        _, events = events_of(Plan((CSV_HEADER,), UrlTarget(url), max_examples=0))
    end = finished(events, CSV_HEADER)
    assert (end.reached, end.implemented, end.unreached) == (False, True, reason)


def test_what_was_accepted_once_and_is_refused_in_the_same_state_is_a_finding() -> None:
    """A target that forgets what it has: a reading operation succeeds once, and never again."""
    accepted = 0

    def change(request: Request, response: Response) -> Response:
        nonlocal accepted
        if operation_of(request) != "ListUserPools" or response.status != 200:
            return response
        accepted += 1
        return response if accepted == 1 else error("ResourceNotFoundException", "gone")

    with changed(change) as url:
        _, events = events_of(Plan(("cognito-idp:ListUserPools",), UrlTarget(url), max_examples=0))
    reported = [
        event.violation
        for event in events
        if isinstance(event, Reported) and event.violation.check == "request.valid.refused"
    ]
    assert [(item.cause, item.got) for item in reported] == [
        ("accepted before", "ResourceNotFoundException: gone")
    ]


def test_only_a_valid_request_tells_why_an_operation_is_unreached() -> None:
    headers = error("").headers

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) != "GetCSVHeader":
            return response
        return Response(403 if response.status == 200 else 400, headers, b"{}")

    with changed(change) as url:
        _, events = events_of(Plan((CSV_HEADER,), UrlTarget(url), max_examples=0))
    assert finished(events, CSV_HEADER).unreached == "403"


def test_what_is_exclusive_stays_on_its_worker() -> None:
    names = (START, CSV_HEADER, "cognito-idp:StopUserImportJob", CREATE_JOB)
    parts = [part.operations for part in shards(Plan(names, workers=3))]
    assert any({START, "cognito-idp:StopUserImportJob"} <= set(part) for part in parts)
    assert sorted(itertools.chain.from_iterable(parts)) == sorted(names)


def test_refusals_alone_verify_nothing() -> None:
    with changed(lambda request, response: error("InvalidParameterException", "no")) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=4))
    assert code == 4
    assert not any(isinstance(event.outcome, Verified) for event in events if isinstance(event, CaseFinished))


def test_an_unknown_operation_needs_three_witnesses() -> None:
    """An operation that gets the invented one's answer is not implemented, and the answer is the evidence."""

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) in ("GetCSVHeader", "AwsConformanceInventedOperation"):
            return error("UnknownOperationException")
        return response

    with changed(change) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=4))
    end = finished(events, CSV_HEADER)
    assert (code, end.implemented, end.reached) == (4, False, False)
    assert "exactly as to an operation that does not exist" in end.evidence
    outcomes = {type(event.outcome) for event in events if isinstance(event, CaseFinished)}
    assert NotImplementedByTarget in outcomes


@pytest.mark.parametrize("phases", [("enumerated", "random", "stateful"), ("random",)])
def test_what_a_target_lacks_is_asked_for_three_times_and_no_more(phases: tuple[Phase, ...]) -> None:
    name = "dynamodb:PutItem"
    code, events = events_of(Plan((name, CSV_HEADER), EmbeddedReference(), phases=phases, max_examples=6))
    end = finished(events, name)
    assert (code, end.implemented, end.cases, end.not_implemented) == (0, False, 3, 3)
    ids = [
        event.case.id for event in events if isinstance(event, CaseFinished) and event.case.operation == name
    ]
    assert len(set(ids)) == 3
    assert finished(events, CSV_HEADER).reached


def test_what_answers_otherwise_at_last_is_asked_everything_once() -> None:
    asked: list[bytes] = []

    def change(request: Request, response: Response) -> Response:
        name = operation_of(request)
        if name == "ListUserImportJobs":
            asked.append(request.body)
        if name == "AwsConformanceInventedOperation" or (name == "ListUserImportJobs" and len(asked) < 3):
            return error("UnknownOperationException")
        return response

    name = "cognito-idp:ListUserImportJobs"
    plan = Plan((name,), phases=("enumerated",))
    with changed(lambda request, response: response) as url:
        ordinary = finished(events_of(replace(plan, target=UrlTarget(url)))[1], name)
    with changed(change) as url:
        _, events = events_of(replace(plan, target=UrlTarget(url)))
    end = finished(events, name)
    assert end.implemented
    assert end.reached
    ids = [event.case.id for event in events if isinstance(event, CaseFinished)]
    assert len(ids) == len(set(ids)) == ordinary.cases


def test_501_is_evidence_and_a_crash_is_not() -> None:
    def not_there(request: Request, response: Response) -> Response:
        return Response(501, (), b"") if operation_of(request) == "GetCSVHeader" else response

    def crashing(request: Request, response: Response) -> Response:
        return Response(500, (), b"boom") if operation_of(request) == "GetCSVHeader" else response

    with changed(not_there) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    assert (code, finished(events, CSV_HEADER).implemented) == (4, False)
    assert "501" in finished(events, CSV_HEADER).evidence
    with changed(crashing) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    assert (code, finished(events, CSV_HEADER).implemented) == (1, True)
    reported = [event.violation for event in events if isinstance(event, Reported)]
    # One cause: the operation crashes on valid requests, so no fault of a request is to blame.
    crashes = {(item.path, item.cause) for item in reported if item.check == "server.crash"}
    assert ("(request)", "") in crashes
    assert not any("/UserPoolId" in path for path, _ in crashes)


def test_shapes_that_are_looked_at_first_do_not_hide_that_an_operation_is_lacking() -> None:
    """A target that checks all requests by the model, and then says 501, lacks the operation."""

    def change(request: Request, response: Response) -> Response:
        broken = response.status == 400 and b"ResourceNotFound" not in response.body
        if operation_of(request) != "GetCSVHeader" or broken:
            return response
        if len(request.body) > 100:
            # Some front ends take more than the model does for missing.
            return Response(400, response.headers, b'{"__type":"MissingParameter"}')
        body = b'{"__type":"NotImplemented","message":"GetCSVHeader is not there yet"}'
        return Response(501, response.headers, body)

    with changed(change) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    end = finished(events, CSV_HEADER)
    assert (code, end.implemented, end.evidence) == (4, False, "answers 501 Not Implemented")
    assert not [event for event in events if isinstance(event, Reported)]


def test_a_crash_like_the_invented_operations_is_neither_absence_nor_conformance() -> None:
    """Where no log can be read, a 5xx to whatever is asked may be either, and is never exit 0."""

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) in ("GetCSVHeader", "AwsConformanceInventedOperation"):
            return Response(500, (), b"boom")
        return response

    with changed(change) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    end = finished(events, CSV_HEADER)
    assert (code, end.implemented, end.reached) == (4, True, False)
    assert "absent or crashing" in end.unreached
    assert "use --start or a preset" in end.unreached
    outcomes = {
        type(event.outcome)
        for event in events
        if isinstance(event, CaseFinished) and event.case.kind == "positive"
    }
    assert outcomes == {Inconclusive}


def test_a_presets_words_of_absence_count_at_an_address_too() -> None:
    def change(request: Request, response: Response) -> Response:
        if operation_of(request) == "GetCSVHeader":
            return Response(500, (), b"The get_csv_header action has not been implemented")
        return response

    with changed(change) as url:
        _, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    end = finished(events, CSV_HEADER)
    assert not end.implemented
    assert "action has not been implemented" in end.evidence


def test_a_change_below_the_document_is_not_blamed_for_what_crashes_without_it() -> None:
    def change(request: Request, response: Response) -> Response:
        crashing = Response(500, response.headers, b"{}")
        return crashing if operation_of(request) == "GetCSVHeader" else response

    with changed(change) as url:
        _, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    crashes = [
        event for event in events if isinstance(event, Reported) and event.violation.check == "server.crash"
    ]
    causes = {event.violation.cause for event in crashes}
    assert not causes & {"content-type", "malformed"}
    assert "" in causes


def test_a_null_that_crashes_as_absence_does_is_not_to_blame() -> None:
    """The smallest request that crashes lacks the member; what is wrong with its value adds nothing."""

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) != "CreateUserImportJob":
            return response
        algorithm = (
            json.loads(request.body).get("PasswordHashingAlgorithm") if request.body[:1] == b"{" else 1
        )
        return response if algorithm else Response(500, response.headers, b"{}")

    with changed(change) as url:
        plan = Plan((CREATE_JOB,), target=UrlTarget(url), max_examples=0)
        _, events = events_of(plan)
    paths = {
        event.violation.path
        for event in events
        if isinstance(event, Reported) and event.violation.check == "server.crash"
    }
    assert "(request)" in paths
    assert not any("PasswordHashingAlgorithm" in path for path in paths)


def test_a_cause_in_every_operation_is_a_single_finding() -> None:
    def change(request: Request, response: Response) -> Response:
        headers = tuple(item for item in response.headers if item[0].lower() != "x-amzn-requestid")
        return replace(response, headers=headers)

    with changed(change) as url:
        code, events = events_of(Plan((CSV_HEADER, CREATE_JOB), target=UrlTarget(url), max_examples=0))
    reported = [event for event in events if isinstance(event, Reported)]
    assert code == 0  # a warning
    assert {item.violation.check for item in reported} == {"response.request-id"}
    # A maintainer who mends it for successes has not mended it for errors.
    kinds = {item.violation.answers: item for item in reported}
    assert len(kinds) == len(reported) == len({item.violation.id for item in reported}) == 3
    assert kinds["successes"].violation.key[0] == "cognito-idp:*"
    assert kinds["modelled errors"].operations == (CSV_HEADER, CREATE_JOB)
    assert sum(item.count for item in reported) > 60


def once(wrong: Callable[[Response], Response]) -> Change:
    """Only the first success of the operation is wrong."""
    calls = itertools.count()

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) == "GetCSVHeader" and response.status == 200 and next(calls) == 0:
            return wrong(response)
        return response

    return change


def test_a_crash_that_does_not_come_back_is_flaky() -> None:
    with changed(once(lambda response: Response(500, response.headers, b"boom"))) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    assert code == 0
    assert finished(events, CSV_HEADER).flaky == 1
    flaky = [
        event for event in events if isinstance(event, CaseFinished) and isinstance(event.outcome, Flaky)
    ]
    assert len(flaky) == 1
    assert not any(
        isinstance(event, Reported) and event.violation.check == "server.crash" for event in events
    )
    unrepeated = next(
        item for item in finished(events, CSV_HEADER).unrepeated if item.violation.check == "server.crash"
    )
    assert unrepeated.outcome == "flaky"
    assert "boom" in unrepeated.reproduction.response


def test_what_a_single_answer_shows_needs_no_repetition() -> None:
    """A number for a text is one, though the same request is answered rightly ever after."""
    body = b'{"UserPoolId": 1, "CSVHeader": []}'
    with changed(once(lambda response: replace(response, body=body))) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0))
    assert code == 1
    assert finished(events, CSV_HEADER).flaky == 0
    (finding,) = (event for event in events if isinstance(event, Reported))
    assert finding.violation.check == "response.body.type"
    assert finding.reproduction.response.endswith(body.decode())


def test_a_random_case_is_shrunk_to_what_matters() -> None:
    """The server crashes whenever an optional member is there: nothing else needs to be in the request."""

    def change(request: Request, response: Response) -> Response:
        if operation_of(request) == "CreateUserImportJob" and b"PasswordHashingAlgorithm" in request.body:
            return Response(500, response.headers, b"{}")
        return response

    with changed(change) as url:
        plan = Plan((CREATE_JOB,), target=UrlTarget(url), phases=("random",), max_examples=40)
        _, events = events_of(plan)
    crashes = [
        event
        for event in events
        if isinstance(event, Reported)
        and event.violation.check == "server.crash"
        and event.violation.path == "(request)"
    ]
    assert len(crashes) == 1
    template = crashes[0].reproduction.template
    assert set(template) == {"JobName", "UserPoolId", "CloudWatchLogsRoleArn", "PasswordHashingAlgorithm"}
    assert len(template["JobName"]) == 1
    assert template["UserPoolId"] == {"$from": "CreateUserPool.UserPool.Id"}


def test_accepting_what_should_be_refused_spoils_no_later_case() -> None:
    """A target that stores garbage is violated for taking it, not for what it answers afterwards."""
    seen: list[str] = []

    def change(request: Request, response: Response) -> Response:
        seen.append(operation_of(request))
        if operation_of(request) == "GetCSVHeader" and response.status == 400:
            return Response(200, response.headers, b'{"UserPoolId":"x","CSVHeader":[]}')
        return response

    with changed(change) as url:
        code, events = events_of(Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=4))
    assert code == 1
    checks = {event.violation.check for event in events if isinstance(event, Reported)}
    assert {"request.invalid.accepted", "lifecycle.refusal"} <= checks
    assert seen.count("CreateUserPool") >= 3


def test_a_finding_can_be_seen_again_without_us() -> None:
    def change(request: Request, response: Response) -> Response:
        if operation_of(request) == "StartUserImportJob" and response.status == 200:
            document = json.loads(response.body)
            document["UserImportJob"]["CreationDate"] = "2026-11-23T10:00:00Z"
            return replace(response, body=json.dumps(document).encode())
        return response

    with changed(change) as url:
        code, events = events_of(Plan((START,), target=UrlTarget(url), max_examples=0))
    reported = [
        event for event in events if isinstance(event, Reported) and event.violation.severity == "error"
    ]
    assert code == 1
    assert [(item.violation.check, item.violation.path) for item in reported] == [
        ("response.timestamp.form", "$.UserImportJob.CreationDate")
    ]
    shown = reported[0].reproduction
    assert shown.aws.startswith('aws cognito-idp start-user-import-job --user-pool-id "$CreateUserPool')
    assert url in shown.aws
    assert "client.start_user_import_job(" in shown.boto3
    assert "--aws-sigv4 aws:amz:us-east-1:cognito-idp" in shown.curl
    assert "2026-11-23T10:00:00Z" in shown.response
    assert any("create-user-pool" in step for step in shown.steps)
    everything = json.dumps(event_to_json(reported[0]))
    assert "AKIDCONFORMANCE" not in everything
    assert "conformance-reference-secret" not in everything


def test_time_is_bounded() -> None:
    code, events = events_of(Plan((CSV_HEADER, CREATE_JOB), max_examples=5, max_time=0.0))
    assert code == 4
    # Nothing was sent, and nothing is said of operations that nobody asked.
    assert not [event for event in events if isinstance(event, CaseFinished)]
    assert finished(events, CSV_HEADER).unreached == "not started: the time was up"
    assert finished(events, CREATE_JOB).cases == 0


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(()), "No operation is selected"),
        (
            Plan(("cognito-idp:ListDevices",), phases=("stateful",)),
            "No lifecycle has histories of the selected operations",
        ),
        (Plan(("cognito-idp:StartImport",)), "Did you mean StartUserImportJob"),
        (Plan(("cognito:StartImport",)), "no service named 'cognito'"),
        (Plan((CSV_HEADER,), checks=("response.body.typ",)), "Did you mean response.body.type"),
        (Plan((CSV_HEADER,), checks=("lifecycle.stuck",)), "looks at histories, and none is walked"),
        (Plan((CSV_HEADER,), protocol="query"), "does not speak 'query'"),
        (Plan((CSV_HEADER,), target=UrlTarget("http://192.0.2.1:80")), "allow-remote"),
    ],
)
def test_plans_that_cannot_be_carried_out(plan: Plan, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        events_of(plan)


def test_a_target_that_does_not_answer() -> None:
    with serve(lambda request: Response(200)) as server:
        url = server.url
    with pytest.raises(TargetUnreachableError, match="Nothing answers"):
        events_of(Plan((CSV_HEADER,), target=UrlTarget(url)))


def test_fail_on_decides_what_fails() -> None:
    def change(request: Request, response: Response) -> Response:
        headers = tuple(item for item in response.headers if item[0].lower() != "x-amzn-requestid")
        return replace(response, headers=headers)

    with changed(change) as url:
        plan = Plan((CSV_HEADER,), target=UrlTarget(url), max_examples=0, fail_on="warning")
        code, events = events_of(plan)
        assert code == 1
        assert any(
            isinstance(event, CaseFinished) and isinstance(event.outcome, Violated) for event in events
        )
        quiet = replace(plan, severities={"cognito-idp/response.request-id": "off"})
        assert events_of(quiet)[0] == 0
        assert events_of(replace(plan, excluded_checks=("response.request-id",)))[0] == 0


def test_the_last_event_is_the_verdict() -> None:
    code, events = events_of(Plan((CSV_HEADER,), target=EmbeddedReference(), max_examples=0))
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.exit == code == 0


def test_an_interrupted_run_reports_its_findings() -> None:
    def change(request: Request, response: Response) -> Response:
        headers = tuple(item for item in response.headers if item[0].lower() != "x-amzn-requestid")
        return replace(response, headers=headers)

    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, OperationFinished):
            raise KeyboardInterrupt

    with changed(change) as url, pytest.raises(KeyboardInterrupt):
        run(Plan((CSV_HEADER, START), target=UrlTarget(url), max_examples=0), emit)
    last = events[-1]
    assert isinstance(last, Reported)
    assert last.violation.check == "response.request-id"
