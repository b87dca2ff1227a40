# SPDX-License-Identifier: Apache-2.0
"""No connection leaves for AWS while the stub answers, by whatever library; aiobotocore is answered.

Libraries that are not installed are skipped; what they stand on (sockets, asyncio) is always tried.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import socket
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from aws_conformance.frontends.plugin.stubs import Stub
from aws_conformance.http import Request, Response
from aws_conformance.targets.server import serve

HOST = "sqs.us-east-1.amazonaws.com"
HOSTS = (
    HOST,
    "bucket.s3.amazonaws.com",
    "S3.AMAZONAWS.COM.",
    "lambda.cn-north-1.amazonaws.com.cn",
    "ec2.us-east-1.api.aws",
    "sts.eusc-de-east-1.amazonaws.eu",
    "169.254.169.254",
    "x.lambda-url.us-east-1.on.aws",
)


def _by_urllib3(url: str) -> Any:
    return urllib3.PoolManager(retries=False).request("GET", url, timeout=5)


def _by_http_client(url: str) -> Any:
    host = url.split("/")[2]
    with contextlib.closing(http.client.HTTPConnection(host, timeout=5)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().read()


def _by_urllib(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as response:
        return response.read()


def _by_asyncio(url: str) -> Any:
    host, _, port = url.split("/")[2].partition(":")

    async def ask() -> Any:
        _, writer = await asyncio.open_connection(host, int(port or 80))
        writer.close()
        await writer.wait_closed()

    return asyncio.run(ask())


def _by_httpx(url: str) -> Any:
    httpx = pytest.importorskip("httpx")
    return httpx.get(url, timeout=5)


def _by_async_httpx(url: str) -> Any:
    httpx = pytest.importorskip("httpx")

    async def ask() -> Any:
        async with httpx.AsyncClient() as client:
            return await client.get(url, timeout=5)

    return asyncio.run(ask())


def _by_aiohttp(url: str) -> Any:
    aiohttp = pytest.importorskip("aiohttp")

    async def ask() -> Any:
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as response:
            return await response.read()

    return asyncio.run(ask())


WAYS: tuple[Callable[[str], Any], ...] = (
    _by_urllib3,
    _by_http_client,
    _by_urllib,
    _by_asyncio,
    _by_httpx,
    _by_async_httpx,
    _by_aiohttp,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_library_reaches_aws_and_each_reaches_others(
    way: Callable[[str], Any], conformance_stub: Stub
) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each library has a type of its own
        way(f"http://{HOST}/")
    chain = []
    error: BaseException | None = raised.value
    while error is not None:
        chain.append(str(error))
        error = error.__cause__ or error.__context__
    assert any("lets no connection leave for AWS" in text for text in chain), chain
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response(200)

    with serve(answer) as server:
        way(f"{server.url}/")
    assert seen or way is _by_asyncio
    assert conformance_stub.calls == []


@pytest.mark.parametrize("host", HOSTS)
def test_names_of_aws_are_not_resolved(host: str, conformance_stub: Stub) -> None:
    for name in (host, host.encode()):
        with pytest.raises(ConnectionRefusedError, match="lets no connection leave for AWS"):
            socket.getaddrinfo(name, 443)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", None])
def test_other_names_are(host: str | None, conformance_stub: Stub) -> None:
    assert socket.getaddrinfo(host, 443)


def test_no_proxy_is_asked_for_aws(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.com")
    request.getfixturevalue("conformance_stub")
    assert os.environ["NO_PROXY"].startswith("example.com,amazonaws.com,")
    assert urllib.request.proxy_bypass(HOST)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("sender", ["aiohttp", "httpx"])
def test_aiobotocore_is_answered(sender: str, conformance_stub: Stub) -> None:
    pytest.importorskip("aiobotocore")
    session_module = pytest.importorskip("aiobotocore.session")
    options: dict[str, Any] = {}
    if sender == "httpx":
        module = pytest.importorskip("aiobotocore.httpxsession")
        config = pytest.importorskip("aiobotocore.config").AioConfig
        options["config"] = config(http_session_cls=module.HttpxSession)
    conformance_stub.pin("sqs", "GetQueueUrl", {"QueueUrl": "http://x/1"})

    async def ask() -> Any:
        session = session_module.get_session()
        async with session.create_client("sqs", region_name="us-east-1", **options) as client:
            answer = await client.get_queue_url(QueueName="a")
        async with session.create_client("lambda", region_name="us-east-1", **options) as client:
            invoked = await client.invoke(FunctionName="f")
            return answer, await invoked["Payload"].read()

    answer, body = asyncio.run(ask())
    assert answer["QueueUrl"] == "http://x/1"
    assert isinstance(body, bytes)
    assert [call.operation for call in conformance_stub.calls] == ["GetQueueUrl", "Invoke"]
