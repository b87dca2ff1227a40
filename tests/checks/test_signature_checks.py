# SPDX-License-Identifier: Apache-2.0
"""Signatures: a target that claims to verify them is held to it, and no other target is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aws_conformance.cases.cases import cases_for, enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import signature_expectations
from aws_conformance.checks import CATALOGUE
from aws_conformance.cli import main
from aws_conformance.engine.plan import (
    DEFAULT_SELECTORS,
    EmbeddedReference,
    Plan,
    StartedTarget,
    TargetSpec,
    UrlTarget,
)
from aws_conformance.engine.run import run
from aws_conformance.errors import UsageError
from aws_conformance.frontends.config import Config, parse_config, plan_from
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import ACCESS_KEY, REGION, SECRET_KEY, Reference, Settings
from aws_conformance.reproduce.case import reproduction
from aws_conformance.results.events import CaseFinished, Event, Inconclusive, Reported, Verified
from aws_conformance.spec.selectors import select
from aws_conformance.targets.server import Handler, serve
from aws_conformance.targets.signing import FORGERIES, Signer

HEADER = ("cognito-idp:GetCSVHeader",)
NEVER_FORGED = {"signature.code", "signature.status"}


def events_of(target: TargetSpec, operations: tuple[str, ...]) -> tuple[int, list[Event]]:
    events: list[Event] = []
    plan = Plan(operations, target, phases=("enumerated",), seed=7)
    return run(plan, events.append), events


def served(handler: Handler, claims: bool, operations: tuple[str, ...] = HEADER) -> tuple[int, list[Event]]:
    with serve(handler) as server:
        return events_of(UrlTarget(server.url, ("sigv4",) if claims else ()), operations)


def forged(events: list[Event]) -> list[CaseFinished]:
    return [item for item in events if isinstance(item, CaseFinished) and item.case.keyword == "signature"]


def reported(events: list[Event]) -> list[Reported]:
    return [item for item in events if isinstance(item, Reported) and item.violation.severity == "error"]


def resigning(handler: Handler) -> Handler:
    """A server that believes everybody: whatever signature a request has, it is given a good one."""

    def handle(request: Request) -> Response:
        credential = (header(request.headers, "authorization") or "").partition("Credential=")[2]
        known = credential.startswith(("AKIDCONFORMANCE9", "AKIDCONFORMANCE0"))
        key = credential.partition("/")[0] if known else ACCESS_KEY
        host = header(request.headers, "host") or ""
        for name in ("Authorization", "X-Amz-Date"):
            request = request.without_header(name)
        signer = Signer(key, SECRET_KEY, REGION, "cognito-idp")
        return handler(signer.sign(request, host, datetime.now(UTC)) if request.path == "/" else request)

    return handle


def test_each_forgery_has_a_row_of_the_table_and_a_check() -> None:
    rows = signature_expectations("json")
    assert sorted(row.forgery for row in rows) == sorted(FORGERIES)
    checks = {name for name in CATALOGUE if name.startswith("signature.")}
    assert checks - NEVER_FORGED == {f"signature.{name}" for name in FORGERIES}
    assert all((row.earns, row.status) == ("refused", 400) and row.codes for row in rows)


def test_a_protocol_without_records_has_no_expectations() -> None:
    assert signature_expectations("query") == ()


def test_the_reference_refuses_all_of_them_as_recorded() -> None:
    operations = select(DEFAULT_SELECTORS)
    code, events = events_of(EmbeddedReference(), operations)
    assert code == 0
    tried = Counter(
        (item.case.value_class, type(item.outcome), item.answered, item.code) for item in forged(events)
    )
    assert tried == {
        ("expired-date", Verified, 400, "InvalidSignatureException"): len(operations),
        ("tampered-body", Verified, 400, "InvalidSignatureException"): len(operations),
        ("unknown-key", Verified, 400, "UnrecognizedClientException"): len(operations),
        ("unsigned", Verified, 400, "MissingAuthenticationTokenException"): len(operations),
        ("wrong-region", Verified, 400, "InvalidSignatureException"): len(operations),
        ("wrong-secret", Verified, 400, "InvalidSignatureException"): len(operations),
    }


def test_a_target_that_verifies_nothing_is_violated_by_each_check() -> None:
    operations = ("cognito-idp:GetCSVHeader", "cognito-idp:StartUserImportJob")
    code, events = served(resigning(Reference(Settings(seed=7)).handle), True, operations)
    assert code == 1
    # One finding for the whole target, each with the number of operations that show it.
    assert {
        (item.violation.check, item.violation.path, item.count, item.operations) for item in reported(events)
    } == {(f"signature.{name}", "(request)", 2, operations) for name in FORGERIES}
    assert len(reported(events)) == len(FORGERIES)


def test_a_target_that_does_not_claim_it_is_not_asked() -> None:
    code, events = served(resigning(Reference(Settings(seed=7)).handle), False)
    assert (code, forged(events)) == (0, [])


def test_nobody_verifies_by_refusing_everything() -> None:
    error = json.dumps({"__type": "MissingAuthenticationTokenException", "message": "Missing"}).encode()
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "1"))
    code, events = served(lambda request: Response(400, headers, error), True)
    assert code != 0
    assert not any(isinstance(item.outcome, Verified) for item in forged(events))


def test_a_refusal_of_the_state_is_no_verified_signature() -> None:
    """Whoever looks for the pool first and at the signature never is told which code is missing."""

    def handle(request: Request) -> Response:
        response = verifying(request)
        if b"SignatureException" not in response.body:
            return response
        body = b'{"__type":"ResourceNotFoundException","message":"User pool does not exist."}'
        others = tuple(pair for pair in response.headers if pair[0].lower() != "x-amzn-errortype")
        return Response(400, others, body)

    verifying = Reference(Settings(seed=7)).handle
    code, events = served(handle, True)
    assert code == 1
    assert {item.violation.got for item in reported(events)} == {
        f"ResourceNotFoundException to a request that is {name}"
        for name in ("expired-date", "tampered-body", "wrong-region", "wrong-secret")
    }


def test_a_throttled_forgery_is_neither_verified_nor_violated() -> None:
    verifying = Reference(Settings(seed=7)).handle
    body = b'{"__type":"ThrottlingException","message":"Rate exceeded"}'

    def handle(request: Request) -> Response:
        response = verifying(request)
        if b"SignatureException" not in response.body:
            return response
        others = tuple(pair for pair in response.headers if pair[0].lower() != "x-amzn-errortype")
        return Response(400, others, body)

    code, events = served(handle, True)
    assert (code, reported(events)) == (0, [])
    slowed = [item for item in forged(events) if item.code == "ThrottlingException"]
    assert len(slowed) == 4
    assert all(isinstance(item.outcome, Inconclusive) for item in slowed)


def test_the_claim_adds_cases_and_changes_none() -> None:
    compiled = contract_of("cognito-idp")
    operation = compiled.operation("StartUserImportJob")
    without, claiming = (
        list(cases_for(compiled.of(operation), ("enumerated", "random"), 7, 20, claims))
        for claims in ((), ("sigv4",))
    )
    added = [case for case in claiming if case.signature]
    assert [case for case in claiming if not case.signature] == without
    assert [case.signature for case in added] == [row.forgery for row in signature_expectations("json")]
    ids = [case.info.id for case in claiming]
    assert all(ids.count(case.info.id) == 1 for case in added)


def test_an_operation_for_anybody_has_none() -> None:
    compiled = contract_of("cognito-idp")
    operation = compiled.operation("SignUp")
    assert not operation.signed
    assert not any(case.signature for case in enumerated_cases(compiled.of(operation), ("sigv4",)))


@pytest.mark.parametrize(
    ("forgery", "holds", "lacks"),
    [
        ("expired-date", "X-Amz-Date: 20", "\0"),
        ("tampered-body", "X-Amz-Content-Sha256: ", "\0"),
        ("unknown-key", "AKIDCONFORMANCENOBODY:$AWS_SECRET_ACCESS_KEY", "$AWS_ACCESS_KEY_ID"),
        ("unsigned", "curl", "--aws-sigv4"),
        ("wrong-region", "aws:amz:us-west-2:cognito-idp", "us-east-1:cognito"),
        ("wrong-secret", "$AWS_ACCESS_KEY_ID:another-secret", "$AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_curl_forges_the_same(forgery: str, holds: str, lacks: str) -> None:
    compiled = contract_of("cognito-idp")
    operation = compiled.operation("ListUserPools")
    cases = enumerated_cases(compiled.of(operation), ("sigv4",))
    case = next(case for case in cases if case.signature == forgery)
    shown = reproduction(compiled.of(operation), case, None, "$ENDPOINT_URL", "us-east-1")
    assert holds in shown.curl
    assert lacks not in shown.curl
    # Neither of these can send what is forged, and must not seem to.
    assert shown.aws.startswith("#")
    assert shown.boto3.startswith("#")


# --- how a target comes to claim it


@pytest.fixture
def planned() -> Callable[..., Plan]:
    def make(raw: object, **over: object) -> Plan:
        config = parse_config(raw, source="a file")
        return plan_from(config, Config(**over), operations=HEADER)  # type: ignore[arg-type]

    return make


def test_only_the_reference_claims_it_by_itself(planned: Callable[..., Plan]) -> None:
    assert planned({}).target.claims == ("clock", "sigv4")
    assert planned({"target": "http://127.0.0.1:1"}).target.claims == ()
    assert planned({"start": "server {port}"}).target.claims == ()


def test_a_claim_comes_from_the_configuration_or_the_command_line(planned: Callable[..., Plan]) -> None:
    url = "http://127.0.0.1:1"
    claiming = UrlTarget(url, ("sigv4",))
    assert planned({"target": url, "claims": ["sigv4"]}).target == claiming
    assert planned({"target": url}, claims=("sigv4",)).target == claiming
    assert planned({"start": "server {port}", "claims": ["sigv4"]}).target == StartedTarget(
        "server {port}", claims=("sigv4",)
    )


def test_what_a_file_says_of_its_target_says_nothing_of_another(planned: Callable[..., Plan]) -> None:
    raw = {"target": "http://127.0.0.1:1", "claims": ["sigv4"]}
    assert planned(raw, target="http://127.0.0.1:2").target == UrlTarget("http://127.0.0.1:2")
    assert planned(raw, target="reference").target == EmbeddedReference()


def test_an_unknown_claim_is_a_mistake(
    planned: Callable[..., Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match=r"claims"):
        planned({"claims": ["sigv5"]})
    assert main(["run", "--claims", "sigv5"]) == 2
    assert "sigv4" in capsys.readouterr().err
