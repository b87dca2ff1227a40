# SPDX-License-Identifier: Apache-2.0
"""Servers that a lazy implementer might write: each earns many right verdicts without doing its work.

They are subtler than canaries, because they know the model. It owns the servers, and refuses to know
what a run makes of them (tests/test_canaries.py).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, TypeAlias

from aws_conformance.cases.compile import contract_of
from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.targets.server import Handler, serve

from .stub import stub

__all__ = ["CHEATERS"]

_SERVICE = "cognito-idp"
_HEADERS = (
    ("Content-Type", "application/x-amz-json-1.1"),
    ("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000"),
)


def _asked(request: Request) -> str:
    return (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]


def _answer(status: int, value: Any) -> Response:
    return Response(status, _HEADERS, json.dumps(value).encode())


def _refuses_everything() -> Handler:
    """It takes no request for a valid one, and says so as AWS does."""
    text = (
        "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must not be null"
    )
    return lambda request: _answer(400, {"__type": "ValidationException", "message": text})


def _error_in_a_success() -> Handler:
    """Its errors travel with 200, as in a batch."""
    error = {"__type": "ResourceNotFoundException", "message": "User pool us-east-1_a does not exist."}
    return lambda request: _answer(200, error)


def _asserted(schema: Any) -> Any:
    """The schema with its advisory constraints asserted, so that what is made of it keeps to them too."""
    if isinstance(schema, Mapping):
        asserted = {key: _asserted(value) for key, value in schema.items() if key != "x-aws-advisory"}
        return asserted | schema.get("x-aws-advisory", {})
    return [_asserted(item) for item in schema] if isinstance(schema, list) else schema


def _shaped(operation: str) -> Any:
    """An output that meets its schema, down to patterns and lengths, and means nothing.

    The fullest of some, because one without identifiers would be found out at once.
    """
    tree = compile_schema(_asserted(contract_of(_SERVICE).schema(operation, "output")))
    outputs = (generate(tree, SeededChoices(f"{operation} {index}")) for index in range(30))
    return max(outputs, key=lambda value: json.dumps(value).count('":'))


def _shaped_for_everything() -> Handler:
    """It answers every request with an output made from the operation's schema."""
    known = contract_of(_SERVICE).service.operations
    responses: dict[str, Response] = {}

    def handle(request: Request) -> Response:
        name = _asked(request)
        if name not in known:
            return _answer(400, {"__type": "UnknownOperationException"})
        if name not in responses:
            responses[name] = _answer(200, _shaped(name))
        return responses[name]

    return handle


def _without_state() -> Handler:
    """It refuses what the schemas refuse, and answers all else with an output made from the schema."""
    known = contract_of(_SERVICE).service.operations
    stubs: dict[str, Handler] = {}

    def handle(request: Request) -> Response:
        name = _asked(request)
        if name not in known:
            return _answer(400, {"__type": "UnknownOperationException"})
        if name not in stubs:
            stubs[name] = stub(f"{_SERVICE}:{name}", _shaped(name))
        return stubs[name](request)

    return handle


def _first_answer_for_ever() -> Handler:
    """Each operation's first success is right, and is the answer to whatever comes afterwards."""
    reference = Reference(Settings(seed=7))
    first: dict[str, Response] = {}

    def handle(request: Request) -> Response:
        name = _asked(request)
        if name == "DeleteUserPool":
            # It forgets nothing: its first pool must be there for as long as it is answered with.
            return Response(200, _HEADERS)
        if name in first:
            return first[name]
        response = reference.handle(request)
        if response.status == 200 and request.path == "/":
            first[name] = response
        return response

    return handle


def _works_once() -> Handler:
    """Each operation succeeds once in each pool; after that it refuses with an error that it declares."""
    reference = Reference(Settings(seed=7))
    done: set[tuple[str, str]] = set()

    def handle(request: Request) -> Response:
        name, pool = _asked(request), _pool(request)
        if (name, pool) in done:
            return _answer(400, {"__type": "ResourceNotFoundException", "message": "It does not exist."})
        response = reference.handle(request)
        if response.status == 200 and request.path == "/" and pool:
            done.add((name, pool))
        return response

    return handle


def _pool(request: Request) -> str:
    try:
        return str(json.loads(request.body)["UserPoolId"])
    except (ValueError, TypeError, KeyError):
        return ""


def _served(make: Callable[[], Handler]) -> Callable[[], AbstractContextManager[str]]:
    @contextlib.contextmanager
    def canary() -> Iterator[str]:
        with serve(make()) as server:
            yield server.url

    return canary


_Canary: TypeAlias = Callable[[], AbstractContextManager[str]]

CHEATERS: Mapping[str, _Canary] = MappingProxyType(
    {
        "error-in-a-success": _served(_error_in_a_success),
        "first-answer-for-ever": _served(_first_answer_for_ever),
        "refuses-everything": _served(_refuses_everything),
        "shaped-for-everything": _served(_shaped_for_everything),
        "without-state": _served(_without_state),
        "works-once": _served(_works_once),
    }
)
