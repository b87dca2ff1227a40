# SPDX-License-Identifier: Apache-2.0
"""aioboto3 and aiobotocore under plain asyncio, pytest-asyncio and anyio; many tasks at once."""

import asyncio

import pytest

aioboto3 = pytest.importorskip("aioboto3")


async def ask_all(number):
    async with aioboto3.Session().client("dynamodb") as client:

        async def ask(key):
            return (await client.get_item(TableName="table", Key={"id": {"S": key}}))["Item"]["id"]["S"]

        return await asyncio.gather(*(ask(str(n)) for n in range(number)))


def test_asyncio():
    assert asyncio.run(ask_all(20)) == [str(n) for n in range(20)]


@pytest.mark.asyncio
async def test_pytest_asyncio():
    assert await ask_all(5) == [str(n) for n in range(5)]


@pytest.mark.anyio
async def test_anyio():
    assert await ask_all(5) == [str(n) for n in range(5)]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.asyncio
async def test_resource():
    async with aioboto3.Session().resource("dynamodb") as resource:
        table = await resource.Table("table")
        assert (await table.get_item(Key={"id": "a"}))["Item"] == {"id": "a"}


@pytest.mark.asyncio
async def test_what_fails_stays_failed():
    assert await ask_all(1) == []
