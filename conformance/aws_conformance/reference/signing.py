# SPDX-License-Identifier: Apache-2.0
"""Who calls: the signature of a request, verified as AWS's front door does.

It owns Signature Version 4 of headers and the refusals that it earns. It refuses to know operations.
botocore recomputes the signature from what arrived; only the derivation of the signing key is done
here, because it costs four of the five HMACs and is the same for all requests of a day.

Codes are documented, and 400 in json protocols (recorded); the texts are AWS's as far as they are
public. A security token is accepted and ignored: nothing here issues any.
"""

from __future__ import annotations

import calendar
import functools
import hashlib
import hmac
import time
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.auth import SigV4Auth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from ..http import Request, header, headers_named
from .refusal import Refusal
from .settings import ACCOUNT_ID, AccessKey, Settings, find_access_key

__all__ = ["HeaderSignature", "Received", "signing_key", "verify"]

_ALGORITHM = "AWS4-HMAC-SHA256"
# How far a client's clock may be off, in seconds.
_SKEW = 300
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class Received:
    """What botocore's signer needs to see of a request, without what its own request class adds."""

    __slots__ = ("context", "headers", "method", "params", "url")

    def __init__(self, method: str, url: str, headers: Any, timestamp: str) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.params: dict[str, str] = {}
        self.context = {"timestamp": timestamp}


class HeaderSignature(SigV4Auth):  # type: ignore[misc]  # botocore publishes no types
    """botocore's signer over the headers that the client says it signed, with a cached signing key."""

    def __init__(self, secret: str, service: str, region: str, payload: str) -> None:
        super().__init__(Credentials("", secret), service, region)
        self._payload = payload

    def headers_to_sign(self, request: Received) -> Any:
        return request.headers

    def payload(self, request: Received) -> str:
        return self._payload

    def _normalize_url_path(self, path: str) -> str:
        # S3 takes a path as it stands.
        return path if self._service_name.startswith("s3") else str(super()._normalize_url_path(path))

    def signature(self, string_to_sign: str, request: Received) -> str:
        day = request.context["timestamp"][:8]
        key = signing_key(self.credentials.secret_key, day, self._region_name, self._service_name)
        return hmac.new(key, string_to_sign.encode(), hashlib.sha256).hexdigest()

    def of(self, request: Received) -> str:
        """The signature that the request should carry."""
        signature: str = self.signature(
            self.string_to_sign(request, self.canonical_request(request)), request
        )
        return signature


@functools.lru_cache(maxsize=256)
def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key that signs all requests of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def verify(settings: Settings, service: str, request: Request, now: float) -> AccessKey:
    """The access key that signed the request, for `service`; `now` is in seconds since the epoch.

    Raises Refusal: MissingAuthenticationTokenException, IncompleteSignatureException,
    UnrecognizedClientException or InvalidSignatureException, in the order of the checks.
    """
    authorization = header(request.headers, "authorization")
    if not authorization:
        raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
    credential, signed, signature = _parse(authorization)
    timestamp, sent = _date(request)
    scope = credential.split("/")
    if len(scope) != 5:
        raise Refusal(
            "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential}'",
        )
    access_key = find_access_key(settings, scope[0])
    if settings.accept_any:
        return access_key or AccessKey(scope[0], "", ACCOUNT_ID)
    if access_key is None:
        raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
    _check_scope(scope, timestamp[:8], settings.region, service)
    _check_skew(timestamp, sent, now)
    names = signed.lower().split(";")
    if "host" not in names:
        raise Refusal(
            "InvalidSignatureException",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        )
    headers = HTTPHeaders()
    for name in names:
        for value in headers_named(request.headers, name):
            headers[name] = value
    payload = hashlib.sha256(request.body).hexdigest()
    # A declared hash that is not the body's must not be what the signature is computed over.
    if header(request.headers, "x-amz-content-sha256") not in (None, payload):
        raise Refusal("InvalidSignatureException", _MISMATCH)
    received = Received(request.method, f"http://host{request.path}", headers, timestamp)
    signer = HeaderSignature(access_key.secret, service, settings.region, payload)
    if not hmac.compare_digest(signer.of(received).encode(), signature.encode()):
        raise Refusal("InvalidSignatureException", _MISMATCH)
    return access_key


def _parse(authorization: str) -> tuple[str, str, str]:
    """Credential, SignedHeaders and Signature of an Authorization header."""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != _ALGORITHM:
        # Not recorded for this service; the code is the documented one for what AWS cannot read.
        raise Refusal("IncompleteSignatureException", f"Unsupported AWS 'algorithm': '{algorithm}'.")
    fields: dict[str, str] = {}
    for part in rest.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals:
            raise Refusal(
                "IncompleteSignatureException",
                f"'{part.strip()}' not a valid key=value pair (missing equal-sign) in Authorization header.",
            )
        fields[name] = value
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not fields.get(name)]
    if missing:
        raise Refusal(
            "IncompleteSignatureException",
            " ".join(f"Authorization header requires '{name}' parameter." for name in missing),
        )
    return fields["Credential"], fields["SignedHeaders"], fields["Signature"].lower()


def _date(request: Request) -> tuple[str, float]:
    """The request's date as SigV4 writes it and in seconds; Date stands in for X-Amz-Date."""
    text = header(request.headers, "x-amz-date")
    try:
        if text is not None:
            return text, float(calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ")))
        date = header(request.headers, "date")
        if date is not None:
            moment = parsedate_to_datetime(date)
            return moment.strftime("%Y%m%dT%H%M%SZ"), moment.timestamp()
    except ValueError:
        raise Refusal(
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format', i.e. YYYYMMDDTHHMMSSZ.",
        ) from None
    raise Refusal(
        "IncompleteSignatureException",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    )


def _check_scope(scope: list[str], day: str, region: str, service: str) -> None:
    _, got_day, got_region, got_service, term = scope
    problems = []
    if got_region != region:
        problems.append(f"Credential should be scoped to a valid region, not '{got_region}'.")
    if got_service != service:
        problems.append(f"Credential should be scoped to correct service: '{service}'.")
    if term != "aws4_request":
        problems.append(f"Credential should be scoped with a valid terminator: 'aws4_request', not '{term}'.")
    if got_day != day:
        problems.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{got_day}' != '{day}'."
        )
    if problems:
        raise Refusal("InvalidSignatureException", " ".join(problems))


def _check_skew(timestamp: str, sent: float, now: float) -> None:
    if abs(sent - now) <= _SKEW:
        return
    stamp = "%Y%m%dT%H%M%SZ"
    server = time.strftime(stamp, time.gmtime(now))
    if sent < now:
        edge = time.strftime(stamp, time.gmtime(now - _SKEW))
        text = f"Signature expired: {timestamp} is now earlier than {edge} ({server} - 5 min.)"
    else:
        edge = time.strftime(stamp, time.gmtime(now + _SKEW))
        text = f"Signature not yet current: {timestamp} is still later than {edge} ({server} + 5 min.)"
    raise Refusal("InvalidSignatureException", text)
