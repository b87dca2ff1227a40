# SPDX-License-Identifier: Apache-2.0
"""What scripts take out of answers is what stands there, over every protocol that has text for a body."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from aws_conformance.cases.case import Case
from aws_conformance.cases.cases import first_case
from aws_conformance.cases.chains import frozen
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.expectations import Expectation
from aws_conformance.cases.prerequisites import modelled_prerequisites, prerequisites_for
from aws_conformance.cases.setup import SetupStep
from aws_conformance.errors import UsageError
from aws_conformance.http import Response, header
from aws_conformance.reproduce import standalone
from aws_conformance.reproduce.case import reproduction
from aws_conformance.reproduce.case_script import case_script
from aws_conformance.reproduce.picking import picked
from aws_conformance.reproduce.rebuild import as_learned, rebuilt
from aws_conformance.reproduce.wire_paths import wire_path
from aws_conformance.results.events import CaseInfo, Reported, Violation
from aws_conformance.targets.server import serve

ROWS: list[tuple[str, str, Any, str, Any]] = [
    ("kms", "CreateKey", {"KeyMetadata": {"KeyId": "k"}}, "KeyMetadata.KeyId", "k"),
    ("ssm", "GetParameters", {"InvalidParameters": ["a", "b"]}, "InvalidParameters.1", "b"),
    ("apigatewayv2", "CreateApi", {"ApiId": "a"}, "ApiId", "a"),
    ("sns", "CreateTopic", {"TopicArn": "arn:aws:sns:x"}, "TopicArn", "arn:aws:sns:x"),
    ("iam", "CreateRole", {"Role": {"RoleId": "A", "Arn": "arn"}}, "Role.Arn", "arn"),
    ("iam", "ListUsers", {"Users": [{"UserId": "A"}, {"UserId": "B"}]}, "Users.1.UserId", "B"),
    ("ec2", "RunInstances", {"Instances": [{"InstanceId": "i-1"}]}, "Instances.0.InstanceId", "i-1"),
    ("route53", "CreateHostedZone", {"HostedZone": {"Id": "/z/1"}, "Location": "l"}, "HostedZone.Id", "/z/1"),
    ("route53", "CreateHostedZone", {"HostedZone": {"Id": "/z/1"}, "Location": "l"}, "Location", "l"),
    ("s3", "ListObjects", {"Contents": [{"Key": "a"}, {"Key": "b"}]}, "Contents.1.Key", "b"),
    ("s3", "PutObject", {"ETag": '"e"'}, "ETag", '"e"'),
    ("cloudfront", "CreateDistribution", {"Distribution": {"Id": "D"}, "ETag": "e"}, "Distribution.Id", "D"),
]


@pytest.mark.parametrize(("service", "name", "document", "path", "value"), ROWS)
def test_what_an_answer_holds_is_taken_out(
    service: str, name: str, document: Any, path: str, value: Any
) -> None:
    contract = contract_of(service)
    operation = contract.operation(name)
    response = contract.protocol.encode_response(contract.service, operation, document)
    head = "".join(f"{header}: {text}\r\n" for header, text in response.headers)
    answer = f"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\n{head}\r\n{response.body.decode()}"
    assert picked(answer, list(wire_path(contract.service, operation, path.split(".")))) == value


@pytest.mark.parametrize("answer", ["", "{}", "<a/>", "HTTP/1.1 200\nA: b\n\n", '{"Role": {}}'])
def test_what_an_answer_does_not_hold_is_an_error(answer: str) -> None:
    with pytest.raises((LookupError, ValueError, StopIteration)):
        picked(answer, ["Role", "Arn"])


def _learned(endpoint: str) -> str:
    """The script of a case that stands on steps which were learned of a target."""
    contract = contract_of("iam").apart()
    operation = contract.operation("AttachRolePolicy")
    steps = (
        SetupStep("a role", "CreateRole", {"RoleName": "r+1", "AssumeRolePolicyDocument": "{}"}),
        SetupStep("a policy", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": "{}"}),
    )
    base = {"RoleName": {"$from": "a role.$in.RoleName"}, "PolicyArn": {"$from": "a policy.Policy.Arn"}}
    recipe = replace(modelled_prerequisites(contract.of(operation)), steps=steps, base=base, bind=base)
    contract.learned[operation.name] = recipe
    first = first_case(contract.of(operation))
    assert first is not None
    case = replace(first, template=base)
    shown = reproduction(contract.of(operation), case, None, "$ENDPOINT_URL", "us-east-1")
    again = as_learned(contract_of("iam").of(operation), shown)
    assert frozen(again.service_contract.learned[operation.name]) == frozen(recipe)  # type: ignore[arg-type]
    assert rebuilt(again, shown) == case
    violation = Violation(
        "server.crash", "error", "MODEL", "iam:AttachRolePolicy", "(request)", "It answers.", "a", "b"
    )
    finding = Reported(violation, 1, shown, ("iam:AttachRolePolicy",))
    return case_script(again, case, finding, "a cause", endpoint, "us-east-1")


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
def test_a_script_makes_the_state_that_was_learned() -> None:
    """What later requests need goes into their forms as it has to stand there."""
    contract = contract_of("iam")
    arn = "arn:aws:iam::123456789012:policy/a b&c"
    seen: list[tuple[str, Any]] = []

    def handle(request: Any) -> Any:
        name = contract.protocol.operation_named(contract.service, request) or ""
        seen.append((name, contract.protocol.decode_request(contract.service, request).document))
        document = {"Policy": {"Arn": arn}} if name == "CreatePolicy" else {}
        return contract.protocol.encode_response(contract.service, contract.operation(name), document)

    with serve(handle) as server:
        subprocess.run(["bash", "-c", _learned(server.url)], check=True, capture_output=True, timeout=30)
    assert [name for name, _ in seen] == ["CreateRole", "CreatePolicy", "AttachRolePolicy"]
    assert seen[-1][1] == {"RoleName": "r+1", "PolicyArn": arn}


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
def test_what_is_shown_behind_its_kind_is_asked_for_without_it() -> None:
    """As a run does, and every SDK: Route 53 shows `/hostedzone/Z1`, which stands in an address as `Z1`."""
    contract = contract_of("route53")
    operation = contract.of(contract.operation("GetHostedZone"))
    case = first_case(operation)
    assert case is not None
    shown = reproduction(operation, case, None, "$ENDPOINT_URL", "us-east-1")
    violation = Violation(
        "server.crash", "error", "MODEL", "route53:GetHostedZone", "(request)", "r", "e", "g"
    )
    finding = Reported(violation, 1, shown, ("route53:GetHostedZone",))
    paths: list[str] = []

    def handle(request: Any) -> Any:
        paths.append(request.path)
        document = {"HostedZone": {"Id": "/hostedzone/Z1"}, "Location": "l"}
        name = "CreateHostedZone" if request.method == "POST" else "GetHostedZone"
        return contract.protocol.encode_response(contract.service, contract.operation(name), document)

    with serve(handle) as server:
        script = case_script(operation, case, finding, "a cause", server.url, "us-east-1")
        subprocess.run(["bash", "-c", script], check=True, capture_output=True, timeout=30)
    assert paths[-1] == "/2013-04-01/hostedzone/Z1"
    assert standalone.in_url("/hostedzone/Z1") == "Z1"
    assert standalone.in_url("/a b") == "%2Fa%20b"


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
def test_a_body_without_bytes_is_no_form() -> None:
    """As the run sent it: curl would call it one."""
    contract = contract_of("route53")
    operation = contract.of(contract.operation("ListTagsForResources"))
    info = CaseInfo("c", "route53:ListTagsForResources", "enumerated", "negative", "no members")
    case = Case(info, {"ResourceType": "healthcheck"}, Expectation("refused"))
    labels: list[str | None] = []

    def handle(request: Any) -> Any:
        labels.append(header(request.headers, "content-type"))
        return Response(400, (), b"")

    with serve(handle) as server:
        line = reproduction(operation, case, None, server.url, "us-east-1").curl
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        subprocess.run(["bash", "-c", line], check=True, capture_output=True, timeout=30, env=environment)
    assert labels == [None]


@pytest.mark.parametrize(
    ("target", "needs", "names"),
    [
        ("b", (), ["CreateAlias", "CreateKey"]),
        ({"$from": "CreateKey.KeyMetadata.KeyId"}, ("CreateKey",), ["CreateKey", "CreateAlias"]),
    ],
    ids=["before them", "on them"],
)
def test_steps_beside_those_of_a_case_are_carried_out(target: Any, needs: Any, names: list[str]) -> None:
    contract = contract_of("kms")
    operation = contract.of(contract.operation("DescribeKey"))
    case = first_case(operation)
    assert case is not None
    beside = (
        SetupStep("CreateAlias", "CreateAlias", {"AliasName": "alias/a", "TargetKeyId": target}, needs=needs),
    )
    shown = reproduction(operation, case, None, "$ENDPOINT_URL", "us-east-1", (), beside, afresh=True)
    again = as_learned(operation, shown)
    assert [step.name for step in prerequisites_for(again).steps] == names
    assert [step.name for step in prerequisites_for(operation).steps] == ["CreateKey"]
    assert rebuilt(again, shown) == case
    assert [line.split()[2] for line in shown.steps] == [f"create-{name[6:].lower()}" for name in names]


@pytest.mark.parametrize("beside", [[{"name": "a"}], ["a"], [{"name": "a", "operation": "No", "input": {}}]])
def test_steps_that_do_not_fit_are_refused(beside: Any) -> None:
    contract = contract_of("kms")
    operation = contract.of(contract.operation("DescribeKey"))
    case = first_case(operation)
    assert case is not None
    shown = reproduction(operation, case, None, "$ENDPOINT_URL", "us-east-1")
    source = replace(shown.source, sent={**shown.source.sent, "beside": beside})
    with pytest.raises(UsageError, match="Steps of kms:DescribeKey can't be used"):
        as_learned(operation, replace(shown, source=source))
