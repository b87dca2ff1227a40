# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4 of requests over plain HTTP, byte for byte as botocore makes it.

It owns the steps of the signature and the variant of S3. It refuses to know who signs what, and to read a
clock. A property test holds it against botocore's signers.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import quote, urlsplit

from ..http import Headers, Request

__all__ = ["SigV4"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_TERMINATOR = "aws4_request"
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_PAYLOAD_HASH = "X-Amz-Content-SHA256"
# What a proxy may change, or adds by itself, is not signed.
_UNSIGNED = frozenset(
    {
        "baggage",
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amzn-trace-id",
    }
)
# Headers that a signature brings along, and replaces.
_OWN = frozenset({"authorization", "x-amz-date"})


class SigV4:
    """The signature of one service in one region, by one key; safe to share between threads.

    `payload_header` is the variant of S3: the body's hash is a header, and a path is signed as it stands.
    """

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        session_token: str | None,
        region: str,
        service: str,
        *,
        payload_header: bool = False,
    ) -> None:
        self._secret_key = secret_key
        self._token = session_token
        self._region = region
        self._service = service
        self._payload_header = payload_header
        self._credential = f"{_ALGORITHM} Credential={access_key}/"
        self._scope_end = f"/{region}/{service}/{_TERMINATOR}"
        # The last second with its text, and the last day with its key: both are told anew when they change.
        self._stamp: tuple[int, str] = (-1, "")
        self._key: tuple[str, bytes] = ("", b"")

    def headers(self, request: Request, host: str, now: datetime) -> Headers:
        """The request's headers, signed; `host` is signed as well, unless they have one of their own."""
        stamp = self._text(now)
        headers = self._unsigned(request, stamp)
        payload = hashlib.sha256(request.body).hexdigest()
        if self._payload_header:
            headers.append((_PAYLOAD_HASH, payload))
        names, canonical, payload = _canonical(headers, host, payload)
        path, query = self._place(request.path, host)
        text = f"{request.method.upper()}\n{path}\n{query}\n{canonical}\n{names}\n{payload}"
        day = stamp[:8]
        hashed = hashlib.sha256(text.encode()).hexdigest()
        to_sign = f"{_ALGORITHM}\n{stamp}\n{day}{self._scope_end}\n{hashed}"
        signature = hmac.digest(self._signing_key(day), to_sign.encode(), "sha256").hex()
        scope = f"{self._credential}{day}{self._scope_end}"
        headers.append(("Authorization", f"{scope}, SignedHeaders={names}, Signature={signature}"))
        return tuple(headers)

    def _text(self, now: datetime) -> str:
        second = int(now.timestamp())
        stamp = self._stamp
        if stamp[0] != second:
            stamp = self._stamp = (second, now.astimezone(UTC).strftime(_TIMESTAMP))
        return stamp[1]

    def _signing_key(self, day: str) -> bytes:
        derived = self._key
        if derived[0] != day:
            key = f"AWS4{self._secret_key}".encode()
            for part in (day, self._region, self._service, _TERMINATOR):
                key = hmac.digest(key, part.encode(), "sha256")
            derived = self._key = (day, key)
        return derived[1]

    def _unsigned(self, request: Request, stamp: str) -> list[tuple[str, str]]:
        """The request's headers with the date and the token, in botocore's order."""
        replaced = _OWN | ({"x-amz-security-token"} if self._token else set())
        if self._payload_header:
            replaced |= {_PAYLOAD_HASH.lower()}
        headers, dated = [], False
        for pair in request.headers:
            name = pair[0].lower()
            if name == "date":
                dated = True
            elif name not in replaced:
                headers.append(pair)
        if dated:
            seconds = calendar.timegm(datetime.strptime(stamp, _TIMESTAMP).timetuple())
            headers.append(("Date", formatdate(seconds)))
        else:
            headers.append(("X-Amz-Date", stamp))
        if self._token:
            headers.append(("X-Amz-Security-Token", self._token))
        return headers

    def _place(self, target: str, host: str) -> tuple[str, str]:
        """Path and query in canonical form."""
        if target == "/":
            return "/", ""
        parts = urlsplit(f"http://{host}{target}")
        query = parts.query
        if "&" in query or (query and "=" not in query):
            pairs = sorted(_halves(query.split("&")))
            query = "&".join(f"{key}={value}" for key, value in pairs)
        path = parts.path
        if not self._payload_header:
            path = quote(_without_dots(path), safe="/~")
        return path, query


def _canonical(headers: Iterable[tuple[str, str]], host: str, payload: str) -> tuple[str, str, str]:
    """The names of what is signed, its lines, and the hash of the body, which a header may tell."""
    values: dict[str, str] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered in _UNSIGNED:
            continue
        spare = " ".join(value.split())
        if lowered in values:
            values[lowered] += f",{spare}"
            continue
        values[lowered] = spare
        if lowered == "x-amz-content-sha256":
            payload = value
    values.setdefault("host", host)
    names = sorted(values)
    lines = "".join([f"{name}:{values[name]}\n" for name in names])
    return ";".join(names), lines, payload


def _halves(pairs: Iterable[str]) -> Iterable[tuple[str, str]]:
    for pair in pairs:
        key, _, value = pair.partition("=")
        yield key, value


def _without_dots(path: str) -> str:
    """A path without dot segments (RFC 3986, 5.2.4), and without empty ones, as AWS wants it."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment and segment != ".":
            segments.append(segment)
    start = "/" if path.startswith("/") or not path else ""
    end = "/" if path.endswith("/") and segments else ""
    return f"{start}{'/'.join(segments)}{end}"
