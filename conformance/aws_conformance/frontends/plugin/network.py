# SPDX-License-Identifier: Apache-2.0
"""No connection to AWS while a stub answers: whichever library asks for one, in this process.

It owns the refusal, where names become addresses, and the answers to aiobotocore, which sends by libraries
of its own. It refuses to know what is answered (stubs.py).

Every library resolves a host's name before it connects, nearly all by `socket.getaddrinfo`: urllib3,
requests, http.client, asyncio, aiohttp, httpx. A proxy would resolve it elsewhere, so AWS's names go to none.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...http import Response
from ...protocols.routing import aws_host

if TYPE_CHECKING:
    import pytest

__all__ = ["answer_aiobotocore", "refuse_aws"]

_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "aws.amazon.com",
    "on.aws",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
)
# Where a machine or a container of AWS's gets keys and data about itself.
_METADATA = frozenset({"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"})
# The senders of aiobotocore, and what each makes of an answer.
_SENDERS = (
    ("aiobotocore.httpsession", "AIOHTTPSession", "AioAWSResponse"),
    ("aiobotocore.httpxsession", "HttpxSession", "HttpxAWSResponse"),
)


def refuse_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing in this process connects to a host of AWS by its name.

    Raises ConnectionRefusedError in whoever tries.
    """
    getaddrinfo = socket.getaddrinfo

    def resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        _require_other(host)
        return getaddrinfo(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    _refuse_resolver_of_aiohttp(monkeypatch)
    for name in ("no_proxy", "NO_PROXY"):
        others = [part for part in (os.environ.get(name), *_DOMAINS) if part]
        monkeypatch.setenv(name, ",".join(others))


def _refuse_resolver_of_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp may resolve names without the system."""
    if importlib.util.find_spec("aiohttp") is None:
        return
    resolver = importlib.import_module("aiohttp.resolver").AsyncResolver
    resolve_by_itself = resolver.resolve

    async def resolve(self: Any, host: str, *arguments: Any, **options: Any) -> Any:
        _require_other(host)
        return await resolve_by_itself(self, host, *arguments, **options)

    monkeypatch.setattr(resolver, "resolve", resolve)


def _require_other(host: Any) -> None:
    """Raises ConnectionRefusedError for a host of AWS."""
    text = host.decode("latin-1") if isinstance(host, bytes | bytearray) else str(host or "")
    name = text.lower().rstrip(".")
    of_aws = any(name == domain or name.endswith(f".{domain}") for domain in _DOMAINS)
    if of_aws or name in _METADATA or aws_host(name):
        raise ConnectionRefusedError(f"conformance_stub lets no connection leave for AWS: {name}")


def answer_aiobotocore(handle: Callable[[Any], Response], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `handle` answer what clients of aiobotocore send, if there is aiobotocore."""
    if importlib.util.find_spec("aiobotocore") is None:
        return
    responses = importlib.import_module("aiobotocore.awsrequest")
    for module, name, kind in _SENDERS:
        if importlib.util.find_spec(module) is None:
            continue
        sender = getattr(importlib.import_module(module), name, None)
        response_type = getattr(responses, kind, responses.AioAWSResponse)
        if sender is not None:
            monkeypatch.setattr(sender, "send", _sending(handle, response_type))


def _sending(handle: Callable[[Any], Response], response_type: Any) -> Any:
    async def send(_session: Any, request: Any) -> Any:
        response = handle(request)
        raw = _AsyncRaw(response.body, request.url)
        return response_type(request.url, response.status, dict(response.headers), raw)

    return send


@dataclass(slots=True)
class _AsyncRaw:
    """A body as aiobotocore reads it from aiohttp or httpx."""

    body: bytes
    url: str

    async def read(self, amount: int = -1) -> bytes:
        """The next bytes, all of them by default."""
        size = len(self.body) if amount is None or amount < 0 else amount
        part, self.body = self.body[:size], self.body[size:]
        return part

    aread = read

    @property
    def content(self) -> _AsyncRaw:
        """What aiohttp reads a body in parts from."""
        return self

    def at_eof(self) -> bool:
        """Whether everything was read."""
        return not self.body

    async def __aenter__(self) -> _AsyncRaw:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is open."""
