# SPDX-License-Identifier: Apache-2.0
"""Addresses that are none: what a target hands out for uploads leaves its own operation open at most."""

from __future__ import annotations

import json

import pytest

from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.reference import Reference
from aws_conformance.results.events import Event, OperationFinished, RunFinished
from aws_conformance.targets.server import serve

START = "cognito-idp:StartUserImportJob"


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1",
        "http://127.0.0.1:99999/a",
        "http://127.0.0.1:x/a",
        "http:// 127.0.0.1/a b",
        "http://127.0.0.1:1/a\r\nX-Evil: b",
        "http://127.0.0.1:1/\x00",
        "http://127.0.0.1:1/\u03a9",
        "http://\udcff/",
        "",
        "file:///etc/passwd",
        "nothing",
        {"not": "text"},
        "http://127.0.0.1:1?a=b c",
    ],
    ids=lambda address: ascii(address)[:30],
)
@pytest.mark.parametrize("phases", [("enumerated",), ("stateful",)], ids="".join)
def test_the_run_goes_on(address: object, phases: tuple[str, ...]) -> None:
    reference = Reference()

    def handler(request: Request) -> Response:
        response = reference.handle(request)
        if b"PreSignedUrl" not in response.body:
            return response
        document = json.loads(response.body)
        document["UserImportJob"]["PreSignedUrl"] = address
        return Response(response.status, response.headers, json.dumps(document).encode())

    events: list[Event] = []
    with serve(handler) as server:
        plan = Plan((START,), UrlTarget(server.url), phases=phases, max_examples=0, max_wait=0.5)  # type: ignore[arg-type]
        code = run(plan, events.append)
    assert code in (1, 4)
    assert any(isinstance(event, RunFinished) for event in events)
    (finished,) = (event for event in events if isinstance(event, OperationFinished))
    assert not finished.reached
