# SPDX-License-Identifier: Apache-2.0
"""A protocol that somebody registers from outside: nothing else has to know it.

The protocol is the worked example of CONTRIBUTING.md (docs/examples/new_protocol.py). What an operation of it
goes through here is what every protocol goes through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.examples import example

from aws_conformance import protocols
from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.plan import Plan, RecordedTarget, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.frontends.plugin.call_check import CallCheck
from aws_conformance.frontends.plugin.observed_call import ObservedCall
from aws_conformance.frontends.plugin.stubs import Stub
from aws_conformance.http import Request, Response
from aws_conformance.protocols import Protocol, register
from aws_conformance.results.events import CaseFinished, Event, Reported, Verified
from aws_conformance.spec import botocore
from aws_conformance.targets.server import serve

LINES: Protocol = example("new_protocol").LINES
read_lines = example("new_protocol").read_lines

MODEL = {
    "version": "2.0",
    "metadata": {
        "apiVersion": "2026-01-01",
        "endpointPrefix": "things",
        "protocol": "lines",
        "protocols": ["lines"],
        "serviceId": "Things",
        "signingName": "things",
    },
    "operations": {
        "CountThings": {
            "name": "CountThings",
            "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "CountRequest"},
            "output": {"shape": "CountResponse"},
            "errors": [{"shape": "BadLine"}],
        }
    },
    "shapes": {
        "CountRequest": {
            "type": "structure",
            "required": ["Word"],
            "members": {"Word": {"shape": "Word"}, "Password": {"shape": "Password"}},
        },
        "CountResponse": {
            "type": "structure",
            "required": ["Count"],
            "members": {"Count": {"shape": "Count"}, "Password": {"shape": "Password"}},
        },
        "BadLine": {"type": "structure", "members": {"message": {"shape": "Word"}}, "exception": True},
        "Word": {"type": "string", "min": 1, "max": 20},
        "Password": {"type": "string", "sensitive": True, "min": 8, "max": 30},
        "Count": {"type": "integer"},
    },
}


@pytest.fixture
def things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A service of that protocol, as if botocore described it."""
    folder = tmp_path / "models" / "things" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(MODEL))
    monkeypatch.setattr(botocore, "data_folder", lambda: tmp_path / "models")
    monkeypatch.setattr(protocols, "_REGISTERED", {})
    register(LINES)
    caches = (botocore._installed_heads, protocols.routing._called, protocols.routing._marked)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def _server(request: Request, *, count: Any = 4) -> Response:
    service = botocore.load_service("things")
    decoded = LINES.decode_request(service, request)
    if decoded.operation != "CountThings":
        return LINES.encode_error(service, "NoSuchOperation", {"message": "unknown"}, 404)
    validator = contract_of("things").validator("CountThings", "input")
    if not decoded.readable or validator.findings(decoded.document):
        return LINES.encode_error(service, "BadLine", {"message": "validation failed"}, 400)
    output = {"Count": count, "Password": decoded.document.get("Password", "nobody-knows")}
    return LINES.encode_response(service, service.operations["CountThings"], output)


def _run(plan: Plan) -> tuple[int, list[Event]]:
    events: list[Event] = []
    return run(plan, events.append), events


def _findings(events: list[Event]) -> set[tuple[str, str]]:
    return {(event.violation.check, event.violation.path) for event in events if isinstance(event, Reported)}


def test_it_is_run_and_a_fault_is_named(things: None) -> None:
    with serve(_server) as server:
        code, events = _run(Plan(("things:CountThings",), UrlTarget(server.url), max_examples=6))
    assert code == 0, _findings(events)
    finished = [event for event in events if isinstance(event, CaseFinished)]
    assert len(finished) > 12
    # The server has no fault injection, so nobody asks it for an error.
    assert all(isinstance(event.outcome, Verified) for event in finished)
    assert not any(event.case.kind == "fault" for event in finished)
    assert any(event.case.title == "a body that is no line" for event in finished)
    with serve(lambda request: _server(request, count="four")) as server:
        code, events = _run(Plan(("things:CountThings",), UrlTarget(server.url), max_examples=6))
    assert code == 1
    assert ("response.body.type", "$.Count") in _findings(events)


def test_it_is_recorded_without_secrets_and_replayed(things: None, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    with serve(lambda request: _server(request, count="four")) as server:
        live = _run(Plan(("things:CountThings",), UrlTarget(server.url), max_examples=6, record=str(tape)))
    text = (tape / "things.CountThings.ndjson").read_text("utf-8")
    assert "Password: " in text
    assert set(re.findall(r'Password: \\"(.)', text)) == {"x"}
    replayed = _run(Plan(("things:CountThings",), RecordedTarget(str(tape)), max_examples=6))
    assert replayed[0] == live[0] == 1
    assert _findings(replayed[1]) == _findings(live[1])


def test_reports_show_no_secret(things: None) -> None:
    with serve(lambda request: _server(request, count="four")) as server:
        _, events = _run(Plan(("things:CountThings",), UrlTarget(server.url), max_examples=6))
    shown = [event.reproduction.response for event in events if isinstance(event, Reported)]
    assert any('Password: "***"' in text for text in shown)
    assert not any("nobody-knows" in text for text in shown)


def test_it_is_observed(things: None) -> None:
    request = Request("POST", "/", (("X-Thing", "CountThings"),), b'Word: "a"\n')
    answer = _server(request, count="four")
    verdict = CallCheck(Plan(())).verdict(ObservedCall("http://127.0.0.1:1/", request, answer))
    assert (verdict.operation, verdict.unvalidated) == ("things:CountThings", None)
    assert [(violation.check, violation.message) for violation in verdict.violations] == [
        ("response.body.type", '$.Count: expected a whole number, got "four"')
    ]


def test_it_is_stubbed(things: None) -> None:
    stub = Stub()
    request = Request("POST", "/", (("X-Thing", "CountThings"),), b'Word: "a"\n')
    answer = stub.handle("http://127.0.0.1:1/", request)
    document = read_lines(answer.body).document
    assert not contract_of("things").validator("CountThings", "output").findings(document)
    refused = stub.handle("http://127.0.0.1:1/", Request("POST", "/", request.headers, b"Word: 5\n"))
    assert refused.status == 400
