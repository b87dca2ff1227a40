# SPDX-License-Identifier: Apache-2.0
"""No credential and nothing secret that a target issued in anything that a run leaves behind.

The target issues secrets in sensitive members, and repeats them and the caller's keys wherever it can: in
messages, in other members, in what is no JSON, in addresses. Every output of a run, a recording, a replay and
a baseline is then searched. What the kit itself made up is shown, because it has to be sent again.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from tests.switchable import events_of, switchable

from aws_conformance.cases.cases import enumerated_cases, random_case
from aws_conformance.cases.compile import contract_of
from aws_conformance.checks.envelope import code_unknown
from aws_conformance.checks.response import DecodedResponse
from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.session import Session
from aws_conformance.frontends import config
from aws_conformance.http import Exchange, Request, Response, header
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.json_masking import JSON_MASKING
from aws_conformance.protocols.masking import fixed, mask_body, secrets_in
from aws_conformance.reproduce.mask import without_secrets
from aws_conformance.reproduce.redact import redact_document, redact_headers
from aws_conformance.results.events import OperationFinished
from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.shapes import Service
from aws_conformance.targets.server import Handler
from aws_conformance.targets.signing import Credentials

ACCESS, SECRET, TOKEN = (
    "AKIAPLANTED00000ACCESS",
    "planted/secret/key+0123456789",
    "planted-session-token-0123",
)
OPERATION = "cognito-idp:AdminCreateUser"


def _repeating(issued: set[str]) -> Handler:
    """Answers with secrets of its own, and repeats them; collects what it issued."""
    answered = 0

    def handler(request: Request) -> Response:
        nonlocal answered
        answered += 1
        body = request.body.decode("utf-8", "replace")
        operation = (header(request.headers, "x-amz-target") or ".").rpartition(".")[2]
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "a")]
        headers += [("Set-Cookie", f"session={TOKEN}"), ("X-Amz-Security-Token", TOKEN)]
        try:
            document = json.loads(body)
        except ValueError:
            document = {}
        if operation == "CreateUserPool":
            # What a target hands out may be signed; nobody else's signature belongs into a report.
            url = f"https://example.com/?X-Amz-Credential={ACCESS}%2F1&X-Amz-Signature={'ab' * 32}"
            answer = {"UserPool": {"Id": "us-east-1_Planted01", "Domain": url}}
            return Response(200, tuple(headers), json.dumps(answer).encode())
        if operation != "AdminCreateUser":
            return Response(200, tuple(headers), b"{}")
        secrets = [f"issued-{answered:05}-{hashlib.sha256(str(answered).encode()).hexdigest()[:12]}"]
        issued.update(secrets)
        credentials = f"{header(request.headers, 'authorization')} {TOKEN}"
        kinds = [
            json.dumps(
                {
                    "User": {"Username": secrets[0], "Enabled": secrets},
                    "Odd": document,
                }
            ),
            json.dumps({"User": [document], "TemporaryPassword": secrets, "Said": f"{credentials} {SECRET}"}),
            f"<html>{body} {credentials} {SECRET}",
            f'{{"User": {{"Username": "{secrets[0]}", "Enabled": tru',
            json.dumps(
                {"__type": "Odd", "Username": secrets[0], "message": f"Bad {secrets} {SECRET} {ACCESS}"}
            ),
        ]
        kind = answered % len(kinds)
        return Response(400 if kind == 4 else 200, tuple(headers), kinds[kind].encode())

    return handler


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of the caller, wherever a plan is made."""

    def plan_from(*args: Any, **kwargs: Any) -> Plan:
        from dataclasses import replace

        plan = config.plan_from(*args, **kwargs)
        return replace(plan, access_key=ACCESS, secret_key=SECRET, session_token=TOKEN)

    monkeypatch.setattr("aws_conformance.frontends.commands.planning.plan_from", plan_from)


def test_nothing_that_a_run_leaves_behind_holds_a_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _planted(monkeypatch)
    issued: set[str] = set()
    formats = ("json", "ndjson", "junit", "console")
    with switchable(_repeating(issued)) as target:
        options = [OPERATION, "--target", target.url, "--seed", "3", "--max-examples", "20"]
        reports = [word for kind in formats for word in ("--report", f"{kind}=run.{kind}")]
        assert main(["run", *options, *reports, "--record", "tape", "--verbose"]) == 1
        main(["replay", "run.json"])
        assert main(["baseline", "update", "known.yaml", "--from", "run.ndjson"]) == 0
    captured = capsys.readouterr()
    assert len(issued) > 10, "the target must have issued secrets that can be looked for"
    planted = {ACCESS, SECRET, TOKEN, "ab" * 32}
    outputs = {str(path): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}
    outputs |= {"stdout": captured.out, "stderr": captured.err}
    assert len(outputs) >= 9
    for name, text in outputs.items():
        for secret in planted | issued:
            for form in {secret, json.dumps(secret)[1:-1]}:
                assert form not in text, (
                    f"{form!r} in {name}: ...{text[max(0, text.find(form) - 80) :][:200]}"
                )


@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminSetUserPassword", "ConfirmForgotPassword"])
def test_a_shown_case_is_the_one_that_was_sent(operation: str) -> None:
    """The kit made its sensitive members up; without them, the printed lines would get another answer."""
    from aws_conformance.reproduce.case import reproduction

    contract = contract_of("cognito-idp")
    described = contract.operation(operation)
    cases = [*list(enumerated_cases(contract.of(described)))[::5]]
    cases += [random_case(contract.of(described), 7, index) for index in range(10)]
    for case in cases:
        shown = reproduction(contract.of(described), case, None, "$ENDPOINT_URL", "us-east-1")
        assert shown.template == case.template
        assert not shown.source.redacted
        assert "***" not in shown.aws + shown.boto3 + shown.curl


# The rules themselves.


def _masked(body: str, shape: str = "AdminCreateUserRequest") -> str:
    return mask_body(JSON_MASKING, load_service("cognito-idp"), shape, body, fixed)


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ('{"TemporaryPassword":"a\\"b"}', '{"TemporaryPassword":"***"}'),
        ('{"TemporaryPassword" : 5 , "UserPoolId":"p"}', '{"TemporaryPassword" : "***" , "UserPoolId":"p"}'),
        ('{"TemporaryPassword":{"a":["b"]}}', '{"TemporaryPassword":{"a":["***"]}}'),
        ('{"TemporaryPassword":null}', '{"TemporaryPassword":null}'),
        ('{"temporarypassword":"b"}', '{"temporarypassword":"***"}'),
        ('[{"TemporaryPassword":"b"}]', '[{"TemporaryPassword":"***"}]'),
        ('{"TemporaryPassword":"b"', '{"TemporaryPassword":"***"'),
        ('{"TemporaryPassword":"b', '{"TemporaryPassword":"***"'),
        ('{"UserAttributes":[{"Name":"n","Value":"v"}]}', '{"UserAttributes":[{"Name":"n","Value":"***"}]}'),
        (
            '{"TemporaryPassword":"a","TemporaryPassword":"b"}',
            '{"TemporaryPassword":"***","TemporaryPassword":"***"}',
        ),
        ('{"UserPoolId":"p",  "x":0.0}', '{"UserPoolId":"p",  "x":0.0}'),
        ("", ""),
        ("not JSON", "not JSON"),
    ],
)
def test_bodies_are_masked_in_place(body: str, masked: str) -> None:
    assert _masked(body) == masked


def test_deep_bodies_are_no_way_around() -> None:
    body = '{"a":' * 5000 + '{"TemporaryPassword":"b"}' + "}" * 5000
    assert '"b"' not in _masked(body)


def test_secrets_are_taken_out_where_they_were_shortened_too() -> None:
    service = load_service("cognito-idp")
    body = b'{"TemporaryPassword":"planted-password","Username":"bob","UserPoolId":"pool-name"}'
    assert secrets_in(JSON_MASKING, service, "AdminCreateUserRequest", body) == ("planted-password",)
    shown = without_secrets('got "planted-passwo"... and planted-password', ("planted-password",))
    assert "planted" not in shown
    assert without_secrets("planted-trees", ("planted-password",)) == "planted-trees"


ISSUED = 'issued/0042+&="7d4dd\u00e9'


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("after", ["", "z", "zy"])
def test_secrets_are_taken_out_in_every_spelling(before: str, after: str) -> None:
    surrounded = f"{before}{ISSUED}{after}".encode()
    spelled = [
        surrounded.decode(),
        json.dumps(surrounded.decode()),
        json.dumps(surrounded.decode(), ensure_ascii=False),
        quote(surrounded, safe=""),
        quote_plus(surrounded),
        html.escape(surrounded.decode()),
        surrounded.hex(),
        surrounded.hex().upper(),
        base64.b64encode(surrounded).decode(),
        base64.urlsafe_b64encode(surrounded).decode(),
    ]
    # What is the same wherever the text stands within base64.
    inner = [base64.b64encode(b"ab"[:shift] + ISSUED.encode()).decode()[4:-4] for shift in range(3)]
    for text in spelled:
        shown = without_secrets(f"x {text} y", (ISSUED, *(f"another-{number}" for number in range(200))))
        assert "***" in shown, text
        assert "0042" not in shown
        assert not any(part in shown or part.replace("+", "-").replace("/", "_") in shown for part in inner)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("X-Auth-Token", "abcdef", "***"),
        ("x-api-key", "abcdef", "***"),
        ("Location", "http://x/?a=1&token=abc&b=2", "http://x/?a=1&token=***&b=2"),
        ("Location", "http://x/#id_token=abc", "http://x/#id_token=***"),
        ("Location", "http://x/?X-Amz-Signature=abc", "http://x/?X-Amz-Signature=***"),
        ("Location", "http://x/a?page=2", "http://x/a?page=2"),
        ("X-Other", "token=abc", "token=abc"),
    ],
)
def test_headers_that_hold_secrets_by_their_name(name: str, value: str, shown: str) -> None:
    assert redact_headers(((name, value),)) == ((name, shown),)


def test_credentials_do_not_show_in_a_plan() -> None:
    plan = Plan((OPERATION,), access_key=ACCESS, secret_key=SECRET, session_token=TOKEN)
    assert SECRET not in repr(plan)
    assert TOKEN not in repr(plan)
    assert SECRET not in repr(Credentials(ACCESS, SECRET, TOKEN))


def _things(*, sensitive: bool) -> Service:
    """A service whose member and error are named after whether the member is sensitive."""
    member, error = ("Secret", "SecretFault") if sensitive else ("Public", "PublicFault")
    return parse_service(
        "things",
        {
            "metadata": {"protocol": "json"},
            "operations": {"Get": {"input": {"shape": "In"}, "errors": [{"shape": error}]}},
            "shapes": {
                "In": {"type": "structure", "members": {member: {"shape": "Text"}}},
                "Text": {"type": "string", "sensitive": sensitive},
                error: {"type": "structure", "members": {}, "exception": True},
            },
        },
    )


def test_what_is_known_of_a_service_dies_with_it() -> None:
    """A new service may lie where another lay in memory, and is none the less itself."""
    places = set()
    for round_ in range(50):
        sensitive = bool(round_ % 2)
        service = _things(sensitive=sensitive)
        places.add(id(service))
        body = '{"Unknown": {"secret": "hunter2-hunter2"}}'
        assert ("hunter2" in mask_body(JSON_MASKING, service, "In", body, fixed)) is not sensitive
        document = redact_document(service, "In", json.loads(body))
        assert ("hunter2" in json.dumps(document)) is not sensitive
        response = Response(400, (), b'{"__type": "SecretFault"}')
        decoded = codec_for(service, "json").decode_error(service, response)
        answer = DecodedResponse(
            service, codec_for(service, "json"), service.operations["Get"], response, "error", error=decoded
        )
        assert bool(list(code_unknown(answer))) is not sensitive
        del service, answer
    assert len(places) < 50


def test_a_refusal_is_readable_where_a_service_keeps_a_message_secret() -> None:
    """KMS signs a `Message` that is sensitive; what its errors say under that name is for all to read."""
    said = "Invalid keyId: no key of that name"

    def refuse(request: Request) -> Response:
        known = (header(request.headers, "x-amz-target") or "").endswith(".DescribeKey")
        code = "NotFoundException" if known else "UnknownOperationException"
        body = json.dumps({"__type": code, "message": said}).encode()
        return Response(400, (("Content-Type", "application/x-amz-json-1.1"),), body)

    assert "message" in load_service("kms").sensitive_names
    with switchable(refuse) as target:
        plan = Plan(("kms:DescribeKey",), UrlTarget(target.url), phases=("enumerated",))
        (finished,) = (event for event in events_of(plan) if isinstance(event, OperationFinished))
    assert finished.unreached.endswith(said)


def test_what_was_put_into_a_sensitive_member_is_no_secret_when_it_comes_back() -> None:
    """A service that keeps secrets gives back what the kit has made up; what it makes itself is masked."""
    contract = contract_of("secretsmanager")
    exchanges = []

    def send(operation: str, document: Any, answer: Any) -> None:
        called = contract.of(contract.operation(operation))
        response = Response(200, (), json.dumps(answer).encode())
        exchanges.append(Exchange(called.encode_request(document), response))
        session.send(called, exchanges[-1].request)

    plan = Plan(("secretsmanager:GetSecretValue",))
    channel = SimpleNamespace(send=lambda call: exchanges[-1])
    session = Session(plan, "http://127.0.0.1:1", "a target", channel, SimpleNamespace(), {})  # type: ignore[arg-type]
    send("CreateSecret", {"Name": "a", "SecretString": "kept as it was sent"}, {"ARN": "arn:a"})
    send("GetSecretValue", {"SecretId": "a"}, {"SecretString": "kept as it was sent"})
    send("GetRandomPassword", {}, {"RandomPassword": "made-by-the-target"})
    send("PutSecretValue", {"SecretId": "a", "SecretString": "made-by-the-target"}, {"ARN": "arn:a"})
    send("GetSecretValue", {"SecretId": "a"}, {"SecretString": "made-by-the-target"})
    secrets = session.secrets(contract.of(contract.operation("GetSecretValue")), None)
    assert "made-by-the-target" in secrets
    assert "kept as it was sent" not in secrets
