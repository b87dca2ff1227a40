# SPDX-License-Identifier: Apache-2.0
"""Clients and resources, in threads, in tasks and under a clock that stands still."""

import asyncio
import functools
import itertools
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

TRIES = itertools.count()


def item(key):
    return {"TableName": "table", "Key": {"id": {"S": key}}}


@functools.cache
def client():
    return boto3.session.Session().client("dynamodb")


@pytest.mark.parametrize("key", ["a", "b"])
def test_client(key):
    assert client().get_item(**item(key))["Item"] == {"id": {"S": key}}


def test_resource():
    table = boto3.session.Session().resource("dynamodb").Table("table")
    assert table.get_item(Key={"id": "a"})["Item"] == {"id": "a"}


def test_resource_in_threads():
    table = boto3.session.Session().resource("dynamodb").Table("table")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: table.get_item(Key={"id": str(n)})["Item"]["id"], range(20)))
    assert answers == [str(n) for n in range(20)]


def test_threads_within_tasks():
    own = client()

    async def ask(key):
        return (await asyncio.to_thread(own.get_item, **item(key)))["Item"]["id"]["S"]

    async def ask_all():
        return await asyncio.gather(*(ask(str(n)) for n in range(10)))

    assert asyncio.run(ask_all()) == [str(n) for n in range(10)]


def test_what_fails_stays_failed():
    assert client().get_item(**item("a"))["Item"] == {}


@pytest.mark.xfail(strict=True)
def test_what_is_expected_to_fail():
    assert client().get_item(**item("a"))["Item"] == {}


def test_what_botocore_refuses():
    with pytest.raises(ParamValidationError):
        client().get_item(TableName="table")


def test_an_answer_that_botocore_can_not_read():
    with pytest.raises((AttributeError, TypeError)) as raised:
        client().get_item(TableName="broken", Key={"id": {"S": "a"}})
    assert not isinstance(raised.value, BotoCoreError | ClientError)


def test_freezegun():
    freezegun = pytest.importorskip("freezegun")
    with freezegun.freeze_time("2020-02-02"):
        assert client().get_item(**item("a"))["Item"] == {"id": {"S": "a"}}
        with ThreadPoolExecutor(2) as pool:
            assert len(list(pool.map(lambda n: client().get_item(**item(str(n))), range(2)))) == 2


@pytest.mark.flaky(reruns=2)
def test_reruns(request):
    own = client().get_item(**item("a"))
    if request.config.pluginmanager.has_plugin("rerunfailures"):
        assert next(TRIES) > 0
    assert own["Item"]
