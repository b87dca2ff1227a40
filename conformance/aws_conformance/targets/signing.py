# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4 on requests: signed as a client does, or wrong in exactly one named way.

It owns credentials and the forged signatures that negative checks send. It refuses to read a clock or
an environment: time, region and credentials are passed in. The signature itself is botocore's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

from ..http import Request

__all__ = ["FORGERIES", "Credentials", "Forgery", "Signer"]

_TIMESTAMP = "%Y%m%dT%H%M%SZ"
# AWS takes 5 minutes of skew, S3 takes 15.
_EXPIRED = timedelta(hours=1)
# Names that services sign by whose variant of the signature is S3's: s3, s3-outposts, s3-object-lambda.
_S3 = "s3"
_PAYLOAD_HASH = "X-Amz-Content-SHA256"
_NOBODY = "AKIDCONFORMANCENOBODY"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key with its secret; the secret and the token never appear in its repr.

    `region` is where it is used, if not where everything else is.
    """

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    region: str = ""


class Signer:
    """Signs requests of one service in one region; safe to share between threads."""

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        region: str,
        signing_name: str,
        session_token: str | None = None,
    ) -> None:
        self.credentials = Credentials(access_key, secret_key, session_token)
        self.region = region
        self.signing_name = signing_name
        auth = _s3_auth_class() if signing_name.startswith(_S3) else _auth_class()
        self._auth = auth(_botocore_credentials(self.credentials), signing_name, region)

    def __repr__(self) -> str:
        return f"Signer({self.credentials!r}, {self.region!r}, {self.signing_name!r})"

    def sign(self, request: Request, host: str, now: datetime) -> Request:
        """The request with X-Amz-Date, X-Amz-Security-Token if there is a token, and Authorization.

        S3 is told the hash of the body as well, in X-Amz-Content-SHA256, and refuses requests without.

        `host` is the value of the Host header that will be sent: it is signed, not added. `now` is an
        aware datetime. A signature that the request has already is replaced.
        """
        from botocore.compat import HTTPHeaders

        headers = HTTPHeaders()
        for name, value in request.headers:
            headers.add_header(name, value)
        added = "host" not in headers
        if added:
            headers["host"] = host
        signing = _Signing(
            request.method,
            f"http://{host}{request.path}",
            headers,
            request.body,
            {"timestamp": now.astimezone(UTC).strftime(_TIMESTAMP)},
        )
        self._auth.add_auth(signing)
        if added:
            del headers["host"]
        return replace(request, headers=tuple(headers.items()))

    def with_secret(self, secret_key: str) -> Signer:
        """The same signer with another secret."""
        credentials = self.credentials
        return Signer(
            credentials.access_key, secret_key, self.region, self.signing_name, credentials.session_token
        )

    def with_region(self, region: str) -> Signer:
        """The same signer for another region."""
        credentials = self.credentials
        return Signer(
            credentials.access_key,
            credentials.secret_key,
            region,
            self.signing_name,
            credentials.session_token,
        )

    def with_access_key(self, access_key: str) -> Signer:
        """The same signer with another access key, and the same secret."""
        credentials = self.credentials
        return Signer(
            access_key, credentials.secret_key, self.region, self.signing_name, credentials.session_token
        )


Forgery: TypeAlias = Callable[[Signer, Request, str, datetime], Request]


def _unsigned(signer: Signer, request: Request, host: str, now: datetime) -> Request:
    for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token"):
        request = request.without_header(name)
    return request


def _unknown_key(signer: Signer, request: Request, host: str, now: datetime) -> Request:
    return signer.with_access_key(_NOBODY).sign(request, host, now)


def _wrong_secret(signer: Signer, request: Request, host: str, now: datetime) -> Request:
    return signer.with_secret(f"{signer.credentials.secret_key[::-1]}0").sign(request, host, now)


def _wrong_region(signer: Signer, request: Request, host: str, now: datetime) -> Request:
    other = "eu-west-1" if signer.region == "us-west-2" else "us-west-2"
    return signer.with_region(other).sign(request, host, now)


def _tampered_body(signer: Signer, request: Request, host: str, now: datetime) -> Request:
    # A space behind a JSON or XML document changes its hash and not its meaning: a server that does not
    # verify signatures has no other reason to refuse it.
    return replace(signer.sign(request, host, now), body=request.body + b" ")


def _expired_date(signer: Signer, request: Request, host: str, now: datetime) -> Request:
    return signer.sign(request, host, now - _EXPIRED)


# Each is wrong in one way only: nothing but the signature gives a reason to refuse the request.
FORGERIES: Mapping[str, Forgery] = MappingProxyType(
    {
        "expired-date": _expired_date,
        "tampered-body": _tampered_body,
        "unknown-key": _unknown_key,
        "unsigned": _unsigned,
        "wrong-region": _wrong_region,
        "wrong-secret": _wrong_secret,
    }
)


@dataclass(slots=True)
class _Signing:
    """What botocore's signer reads of a request.

    Its own AWSRequest prepares the whole request anew whenever the body is looked at.
    """

    method: str
    url: str
    headers: Any
    body: bytes
    context: dict[str, Any]
    params: Mapping[str, str] = field(default_factory=dict)
    to_sign: Any = None


def _botocore_credentials(credentials: Credentials) -> Any:
    from botocore.credentials import ReadOnlyCredentials

    return ReadOnlyCredentials(credentials.access_key, credentials.secret_key, credentials.session_token)


@functools.cache
def _auth_class() -> Any:
    """botocore's SigV4Auth, with the clock and the cache that it lacks.

    Made when the first signer is: botocore takes long to import.
    """
    from botocore.auth import SigV4Auth

    class Auth(SigV4Auth):  # type: ignore[misc]  # botocore has no types
        """`add_auth` of the parent reads the clock itself, so the same steps are taken here without it.

        The alternative, to patch the clock in botocore's module, would reach every other user of it in
        this process. A test compares the result with the parent's.
        """

        _derived: tuple[str, bytes] | None = None

        def add_auth(self, request: _Signing) -> None:
            self._modify_request_before_signing(request)
            to_sign = self.string_to_sign(request, self.canonical_request(request))
            self._inject_signature_to_request(request, self.signature(to_sign, request))

        def headers_to_sign(self, request: _Signing) -> Any:
            """As the parent's, which is asked twice for each request, but selected once."""
            if request.to_sign is None:
                request.to_sign = super().headers_to_sign(request)
            return request.to_sign

        def signature(self, string_to_sign: str, request: _Signing) -> Any:
            """As the parent's, but the key is derived once a day instead of with every request."""
            day = request.context["timestamp"][:8]
            derived = self._derived
            if derived is None or derived[0] != day:
                key = self._sign(f"AWS4{self.credentials.secret_key}".encode(), day)
                for part in (self._region_name, self._service_name, "aws4_request"):
                    key = self._sign(key, part)
                derived = self._derived = (day, key)
            return self._sign(derived[1], string_to_sign, hex=True)

    return Auth


@functools.cache
def _s3_auth_class() -> Any:
    """The same as S3 has it: the body's hash is a header, and a path is signed as it stands."""
    parent = _auth_class()

    class S3Auth(parent):  # type: ignore[misc, valid-type]  # botocore has no types
        def _modify_request_before_signing(self, request: _Signing) -> None:
            super()._modify_request_before_signing(request)
            if _PAYLOAD_HASH in request.headers:
                del request.headers[_PAYLOAD_HASH]
            request.headers[_PAYLOAD_HASH] = self.payload(request)

        def _normalize_url_path(self, path: str) -> str:
            return path

    return S3Auth
