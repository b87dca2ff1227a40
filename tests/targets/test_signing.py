# SPDX-License-Identifier: Apache-2.0
"""Signatures: the same as botocore's own, at the time that is passed in, and wrong when asked to be."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from aws_conformance.errors import UsageError
from aws_conformance.http import Headers, Request, header
from aws_conformance.targets.signing import FORGERIES, Credentials, Signer
from aws_conformance.targets.signing_v4a import EveryRegionSigner

NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
HOST = "127.0.0.1:4566"
BODY = b'{"UserPoolId":"us-east-1_AbCdEf012","JobId":"import-AbCdEf0123"}'
ASK = Request(
    "POST",
    "/",
    (
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "AWSCognitoIdentityProviderService.StartUserImportJob"),
    ),
    BODY,
)


def signer(token: str | None = None, service: str = "cognito-idp") -> Signer:
    return Signer("AKIDEXAMPLE", "a/secret+key", "us-east-1", service, token)


def botocores(request: Request, host: str, token: str | None, service: str) -> tuple[Headers, datetime]:
    """The headers that botocore's own signer makes, and when: it reads the clock itself."""
    signing = AWSRequest(request.method, f"http://{host}{request.path}", data=request.body)
    signing.headers = HTTPHeaders()
    for name, value in request.headers:
        signing.headers.add_header(name, value)
    credentials = ReadOnlyCredentials("AKIDEXAMPLE", "a/secret+key", token)
    auth = S3SigV4Auth if service.startswith("s3") else SigV4Auth
    auth(credentials, service, "us-east-1").add_auth(signing)
    moment = datetime.strptime(signing.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return tuple(signing.headers.items()), moment


@pytest.mark.parametrize("token", [None, "a-token"])
@pytest.mark.parametrize("host", [HOST, "localhost", "[::1]:4566"])
@pytest.mark.parametrize(
    "request_",
    [
        ASK,
        Request("POST", "/", ASK.headers, b""),
        Request("GET", "/"),
        Request("GET", "/a/../b//c%20d/~e?b=2&a=1&a=0&c&d=%2F"),
        Request("PUT", "/x", (("X-B", "2"), ("x-a", "  1   2 "), ("X-b", "1")), b"\x00\xff"),
        Request("POST", "/", (("X-A", "\xe9"), ("User-Agent", "u"), ("Connection", "close")), b"x"),
        Request("POST", "/", (("Date", "yesterday"), ("X-Amz-Date", "yesterday")), b"x"),
        Request("POST", "/", (("Authorization", "old"), ("X-Amz-Security-Token", "old")), b"x"),
        Request("POST", "/", (("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),), b"x"),
    ],
)
@pytest.mark.parametrize("service", ["cognito-idp", "s3", "s3-outposts"])
def test_signatures_are_those_of_botocore(
    request_: Request, host: str, token: str | None, service: str
) -> None:
    headers, moment = botocores(request_, host, token, service)
    signed = signer(token, service).sign(request_, host, moment)
    assert signed.headers == headers
    assert (signed.method, signed.path, signed.body) == (request_.method, request_.path, request_.body)


NAMES = (
    *("X-A", "x-a", "Date", "Authorization", "X-Amz-Date", "X-Amz-Security-Token", "User-Agent", "Host"),
    *("Content-Type", "X-Amz-Content-SHA256", "Expect", "X-Amzn-Trace-Id", "a~b", "Content-Length"),
)


@given(
    request=st.builds(
        Request,
        st.sampled_from(("GET", "post", "PUT")),
        st.text("/a.%2?&=~ +;:@#\xe9", max_size=30).map(lambda text: f"/{text}"),
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.text("a1 ,\t\xa0\x85\xe9\u20ac", max_size=8)), max_size=8
        ).map(tuple),
        st.binary(max_size=40),
    ),
    host=st.sampled_from((HOST, "localhost", "[::1]:4566", "Example.com:80")),
    token=st.sampled_from((None, "a-token")),
    service=st.sampled_from(("cognito-idp", "s3", "s3-outposts")),
)
def test_any_request_is_signed_as_botocore_signs_it(
    request: Request, host: str, token: str | None, service: str
) -> None:
    named = any(name.lower() == "host" for name, _ in request.headers)
    request = request if named else request.with_headers([("Host", host)])
    headers, moment = botocores(request, host, token, service)
    assert signer(token, service).sign(request, host, moment).headers == headers


def test_a_host_of_the_request_itself_is_signed() -> None:
    request = ASK.with_headers([("Host", "elsewhere")])
    headers, moment = botocores(request, HOST, None, "cognito-idp")
    signed = signer().sign(request, HOST, moment)
    assert signed.headers == headers
    assert header(signed.headers, "host") == "elsewhere"
    assert signed == signer().sign(request, "anywhere", moment)


def test_the_time_is_what_is_passed_in_in_whatever_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-9)))
    signed = signer().sign(ASK, HOST, elsewhere)
    assert header(signed.headers, "x-amz-date") == "20261123T100000Z"
    assert signed == signer().sign(ASK, HOST, NOW)


def test_a_new_day_has_a_new_key() -> None:
    reused = signer()
    days = [reused.sign(ASK, HOST, NOW + timedelta(days=day)) for day in (0, 1, 0)]
    assert days[0] == days[2] != days[1]
    assert days[1] == signer().sign(ASK, HOST, NOW + timedelta(days=1))


def test_signing_again_replaces_the_signature() -> None:
    reused = signer("a-token")
    assert reused.sign(reused.sign(ASK, HOST, NOW - timedelta(hours=2)), HOST, NOW) == reused.sign(
        ASK, HOST, NOW
    )


def parts(request: Request) -> dict[str, str]:
    """What a signed request claims: scope, signed headers, signature, date and body."""
    algorithm, _, rest = (header(request.headers, "authorization") or "").partition(" ")
    claims = dict(part.strip().split("=", 1) for part in rest.split(",") if part)
    return {
        "algorithm": algorithm,
        **claims,
        "date": header(request.headers, "x-amz-date") or "",
        "body": request.body.decode(),
    }


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("expired-date", {"Signature", "date"}),
        ("tampered-body", {"body"}),
        ("unknown-key", {"Credential"}),
        ("wrong-region", {"Signature", "Credential"}),
        ("wrong-secret", {"Signature"}),
    ],
)
def test_a_forgery_is_wrong_in_a_single_way(name: str, differs: set[str]) -> None:
    right, wrong = parts(signer().sign(ASK, HOST, NOW)), parts(FORGERIES[name](signer(), ASK, HOST, NOW))
    assert {key for key in right if right[key] != wrong[key]} == differs


def test_an_unsigned_request_has_neither_signature_nor_date_nor_token() -> None:
    signed = signer("a-token").sign(ASK, HOST, NOW)
    assert FORGERIES["unsigned"](signer("a-token"), signed, HOST, NOW) == ASK


def test_forgeries_are_no_other_than_these() -> None:
    assert sorted(FORGERIES) == [
        "expired-date",
        "tampered-body",
        "unknown-key",
        "unsigned",
        "wrong-region",
        "wrong-secret",
    ]


def test_an_expired_date_is_consistent_in_itself() -> None:
    forged = FORGERIES["expired-date"](signer(), ASK, HOST, NOW)
    assert forged == signer().sign(ASK, HOST, NOW - timedelta(hours=1))


def test_a_wrong_region_is_always_another_region() -> None:
    west = Signer("A", "s", "us-west-2", "cognito-idp")
    assert "/eu-west-1/" in parts(FORGERIES["wrong-region"](west, ASK, HOST, NOW))["Credential"]
    assert "/us-west-2/" in parts(FORGERIES["wrong-region"](signer(), ASK, HOST, NOW))["Credential"]


def test_secrets_are_never_shown() -> None:
    shown = repr(Credentials("AKIDEXAMPLE", "a-secret", "a-token")) + repr(
        Signer("AKIDEXAMPLE", "a-secret", "us-east-1", "cognito-idp", "a-token")
    )
    assert "AKIDEXAMPLE" in shown
    assert "a-secret" not in shown
    assert "a-token" not in shown


def test_signing_takes_no_import_of_botocore() -> None:
    code = (
        "import datetime, sys; from aws_conformance.http import Request; "
        "from aws_conformance.targets.signing import Signer; "
        "now = datetime.datetime.now(datetime.UTC); "
        "Signer('A', 's', 'us-east-1', 's3').sign(Request('GET', '/'), 'localhost', now); "
        "sys.exit('botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_signature_for_every_region_is_that_of_awscrt() -> None:
    """It is random in part, so what is compared is what it says it signs, and that it changes with that."""
    pytest.importorskip("awscrt", reason="needs the extra crt")
    own = EveryRegionSigner("AKIDEXAMPLE", "a/secret+key", "*", "cloudfront-keyvaluestore", "a-token")
    signed = own.sign(ASK, HOST, NOW)
    again = own.sign(signed, HOST, NOW)
    for request in (signed, again):
        authorization = header(request.headers, "authorization") or ""
        assert authorization.startswith(
            "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20261123/cloudfront-keyvaluestore/aws4_request, "
        )
        signs = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        assert {"host", "x-amz-date", "x-amz-region-set", "x-amz-security-token", "x-amz-target"} <= set(
            signs
        )
        assert header(request.headers, "x-amz-region-set") == "*"
        assert header(request.headers, "x-amz-date") == "20261123T100000Z"
        assert header(request.headers, "host") is None
    assert len(again.headers) == len(signed.headers)
    assert signed.body == BODY


def test_without_awscrt_such_a_signature_is_refused_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "awscrt", None)
    monkeypatch.delitem(sys.modules, "awscrt.auth", raising=False)
    with pytest.raises(UsageError, match=r"needs awscrt\. Install aws-conformance\[crt\]\."):
        EveryRegionSigner("AKIDEXAMPLE", "a/secret+key", "*", "cloudfront-keyvaluestore")
