# SPDX-License-Identifier: Apache-2.0
"""The search for state finds values that only a text lists, and documents where a text is asked for JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.engine.test_state_search import RefusalError, explored, finished

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.hints import Hints
from aws_conformance.engine import search_trial
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response
from aws_conformance.results.events import Event
from aws_conformance.targets.server import serve


@pytest.fixture(autouse=True)
def _no_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_trial, "hints_of", lambda service: Hints(service, {}, {}))


def _topics(request: Request) -> Response:
    """A service that looks at one member after the other, and at how two of them go together."""
    contract = contract_of("sns")
    decoded = contract.protocol.decode_request(contract.service, request)
    sent = decoded.document

    def refuse(code: str, message: str) -> Response:
        return contract.protocol.encode_error(contract.service, code, {"message": message}, 400)

    arn = f"arn:aws:sns:us-east-1:123456789012:{sent.get('Name', '')}"
    match decoded.operation:
        case "CreateTopic":
            return contract.of(contract.operation("CreateTopic")).encode_response({"TopicArn": arn})
        case "Subscribe" if sent["Protocol"] not in ("http", "https", "lambda"):
            return refuse("InvalidParameter", "Amazon SNS does not support this protocol string")
        case "Subscribe" if not sent.get("Endpoint"):
            return refuse("InvalidParameter", "Invalid parameter: Endpoint")
        case "Subscribe" if not sent["Endpoint"].startswith(f"{sent['Protocol']}:"):
            return refuse("InvalidParameter", "Invalid parameter: Endpoint is of another kind")
        case "Subscribe":
            subscribing = contract.of(contract.operation("Subscribe"))
            return subscribing.encode_response({"SubscriptionArn": f"{arn}:1"})
        case _:
            return refuse("InvalidAction", "no such thing")


def _rule(operation: str, document: dict[str, Any]) -> Any:
    if operation != "PutRule":
        raise RefusalError("UnknownOperationException", "no such thing")
    pattern = document.get("EventPattern")
    if pattern is None:
        raise RefusalError("ValidationException", "EventPattern is required")
    try:
        json.loads(pattern)
    except ValueError:
        raise RefusalError("InvalidEventPatternException", "EventPattern must be valid JSON") from None
    return {"RuleArn": "arn:aws:events:us-east-1:123456789012:rule/a"}


def test_another_value_that_a_text_lists_gets_further_with_the_same_members() -> None:
    events: list[Event] = []
    with serve(_topics) as server:
        plan = Plan(("sns:Subscribe",), UrlTarget(server.url), phases=("random",), max_examples=3)
        run(plan, events.append)
    ended = finished(events)
    assert ended.succeeded
    assert ended.chain["input"]["Protocol"] == "https"
    assert ended.chain["input"]["Endpoint"].startswith("https:")


def test_a_text_that_has_to_be_json_is_a_document() -> None:
    ended = finished(explored(_rule, "events:PutRule"))
    assert ended.succeeded
    assert ended.chain["input"]["EventPattern"] == "{}"
