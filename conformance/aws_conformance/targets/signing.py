# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4 on requests: signed as a client does, or wrong in exactly one named way.

It owns credentials and the forged signatures that negative checks send. It refuses to read a clock or
an environment: time, region and credentials are passed in. The signature itself is sigv4.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias

from ..http import Request
from .sigv4 import SigV4

__all__ = ["FORGERIES", "Credentials", "Forgery", "Signer"]

# AWS takes 5 minutes of skew, S3 takes 15.
_EXPIRED = timedelta(hours=1)
# Names that services sign by whose variant of the signature is S3's: s3, s3-outposts, s3-object-lambda.
_S3 = "s3"
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
        self._signature = SigV4(
            access_key,
            secret_key,
            session_token,
            region,
            signing_name,
            payload_header=signing_name.startswith(_S3),
        )

    def __repr__(self) -> str:
        return f"Signer({self.credentials!r}, {self.region!r}, {self.signing_name!r})"

    def sign(self, request: Request, host: str, now: datetime) -> Request:
        """The request with X-Amz-Date, X-Amz-Security-Token if there is a token, and Authorization.

        S3 is told the hash of the body as well, in X-Amz-Content-SHA256, and refuses requests without.

        `host` is the value of the Host header that will be sent: it is signed, not added. `now` is an
        aware datetime. A signature that the request has already is replaced.
        """
        return Request(
            request.method, request.path, self._signature.headers(request, host, now), request.body
        )

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
