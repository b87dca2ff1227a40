# SPDX-License-Identifier: Apache-2.0
"""What was asked for and never answered for: looked up by the name that a run gave it, and taken away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.symbols import is_name_of_run, name_of
from aws_conformance.cli import main
from aws_conformance.engine.channel import Channel, OutgoingCall
from aws_conformance.engine.ledgers.ledger import Ledger, LedgerEntry, LedgerState, read_ledger
from aws_conformance.engine.ledgers.lookup import Absent, Located, Lookup, Sighting, Unlocated
from aws_conformance.engine.ledgers.sweeping import sweep
from aws_conformance.http import Exchange, Request, Response, header
from aws_conformance.reference.service import Reference
from aws_conformance.reference.settings import Settings
from aws_conformance.targets.server import serve
from aws_conformance.targets.signing import Signer

OURS = "run71c79-poolname-3"
TWO = {"UserPools": [{"Id": "p", "Name": OURS}, {"Id": "q", "Name": OURS}]}


@dataclass
class Shelf:
    """A channel to a target that answers each operation with what it is given, or refuses it."""

    answers: Mapping[str, Any]
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def send(self, call: OutgoingCall) -> Exchange:
        sent = call.protocol.decode_request(call.service, call.request).document
        self.asked.append((call.operation.name, sent))
        pages = self.answers.get(call.operation.name)
        if pages is None:
            return Exchange(call.request, Response(404, (), b""))
        page = pages(sent) if callable(pages) else pages
        if isinstance(page, Response):
            return Exchange(call.request, page)
        return Exchange(call.request, call.protocol.encode_response(call.service, call.operation, page))


def entry_of(name: str, names: Mapping[str, str]) -> LedgerEntry:
    service, _, operation = name.partition(":")
    return LedgerEntry(service, contract_of(service).protocol_name, operation, names=names)


def located(entry: LedgerEntry, answers: Mapping[str, Any], *others: LedgerEntry) -> Sighting:
    channel: Channel = Shelf(answers)  # type: ignore[assignment]  # all that is used of one
    contract = contract_of(entry.service, entry.protocol)
    return Lookup(channel).locate(contract, entry, LedgerState((*others, entry)))


@pytest.mark.parametrize(
    ("name", "names", "answers", "undo", "document"),
    [
        (
            "cognito-idp:CreateUserPool",
            {"PoolName": OURS},
            {"ListUserPools": {"UserPools": [{"Id": "p-1", "Name": "other"}, {"Id": "p-2", "Name": OURS}]}},
            "DeleteUserPool",
            {"UserPoolId": "p-2"},
        ),
        (
            "cognito-idp:CreateUserPoolClient",
            {"UserPoolId": "p-1", "ClientName": OURS},
            {
                "ListUserPoolClients": {
                    "UserPoolClients": [{"UserPoolId": "p-1", "ClientId": "c-1", "ClientName": OURS}]
                }
            },
            "DeleteUserPoolClient",
            {"UserPoolId": "p-1", "ClientId": "c-1"},
        ),
        (
            "sqs:CreateQueue",
            {"QueueName": OURS},
            {"ListQueues": {"QueueUrls": ["http://h/1/other", f"http://h/1/{OURS}", f"http://h/1/{OURS}4"]}},
            "DeleteQueue",
            {"QueueUrl": f"http://h/1/{OURS}"},
        ),
        (
            "sns:CreateTopic",
            {"Name": OURS},
            {"ListTopics": {"Topics": [{"TopicArn": f"arn:aws:sns:us-east-1:111122223333:{OURS}"}]}},
            "DeleteTopic",
            {"TopicArn": f"arn:aws:sns:us-east-1:111122223333:{OURS}"},
        ),
        (
            "apigateway:CreateApiKey",
            {"name": OURS},
            {"GetApiKeys": {"items": [{"id": "k-1", "name": "other"}, {"id": "k-2", "name": OURS}]}},
            "DeleteApiKey",
            {"apiKey": "k-2"},
        ),
        (
            "route53:CreateHealthCheck",
            {"CallerReference": OURS},
            {"ListHealthChecks": {"HealthChecks": [{"Id": "h-1", "CallerReference": OURS}]}},
            "DeleteHealthCheck",
            {"HealthCheckId": "h-1"},
        ),
    ],
)
def test_a_thing_is_known_by_the_name_that_a_run_gave_it(
    name: str, names: Mapping[str, str], answers: Mapping[str, Any], undo: str, document: Any
) -> None:
    sighting = located(entry_of(name, names), answers)
    assert isinstance(sighting, Located)
    assert (sighting.entry.undo, sighting.entry.input) == (undo, document)


def test_a_list_is_read_to_its_end() -> None:
    pages = {
        None: {"UserPools": [{"Id": "p-1", "Name": "other"}], "NextToken": "more"},
        "more": {"UserPools": [{"Id": "p-2", "Name": OURS}]},
    }
    answers = {"ListUserPools": lambda sent: pages[sent.get("NextToken")]}
    sighting = located(entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS}), answers)
    assert isinstance(sighting, Located)
    assert sighting.entry.input == {"UserPoolId": "p-2"}


def test_a_list_that_leads_nowhere_tells_nothing() -> None:
    answers = {"ListUserPools": {"UserPools": [], "NextToken": "same"}}
    sighting = located(entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS}), answers)
    assert sighting == Unlocated("ListUserPools leads from a page to itself")


@pytest.mark.parametrize(
    ("names", "answers", "reason"),
    [
        ({"PoolName": "production"}, {"ListUserPools": {"UserPools": [{"Id": "p", "Name": "production"}]}},
         "nothing that was sent"),
        ({}, {}, "nothing that was sent"),
        ({"PoolName": OURS}, {}, "ListUserPools was refused: 404"),
        ({"PoolName": OURS}, {"ListUserPools": TWO}, "ListUserPools shows 2 that are called so"),
    ],
)  # fmt: skip
def test_what_is_not_surely_ours_stays(names: Mapping[str, str], answers: Any, reason: str) -> None:
    sighting = located(entry_of("cognito-idp:CreateUserPool", names), answers)
    assert isinstance(sighting, Unlocated)
    assert sighting.reason.startswith(reason)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            Response(0, fate="timeout", detail="after 10 s"),
            "ListUserPools was not answered: timeout after 10 s",
        ),
        (Response(0, fate="gone"), "ListUserPools was not answered: gone"),
        (
            Response(400, (("Content-Type", "application/x-amz-json-1.1"),), b'{"__type":"a#SlowDown"}'),
            "ListUserPools was refused: 400 SlowDown",
        ),
        (Response(503, (), b"busy"), "ListUserPools was refused: 503"),
        (Response(200, (), b"{"), "the answer of ListUserPools cannot be read"),
        (Response(200, (), b"[]"), "the answer of ListUserPools cannot be read"),
        (
            lambda sent: {"UserPools": [], "NextToken": f"{sent.get('NextToken', '')}a"},
            "ListUserPools has more than 1000 pages",
        ),
    ],
)
def test_a_list_that_cannot_be_read_says_why(answer: Any, reason: str) -> None:
    entry = entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS})
    assert located(entry, {"ListUserPools": answer}) == Unlocated(reason)


def test_what_another_entry_is_about_is_not_taken_for_it() -> None:
    answers = {"ListUserPools": TWO}
    begun = entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS})
    there = replace(begun, id="2", status="there", undo="DeleteUserPool", input={"UserPoolId": "p"})
    sighting = located(begun, answers, there)
    assert isinstance(sighting, Located)
    assert sighting.entry.input == {"UserPoolId": "q"}


def test_as_many_as_were_asked_for_go_in_turn() -> None:
    answers = {"ListUserPools": TWO}
    begun = entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS})
    assert isinstance(located(begun, answers, replace(begun, id="2")), Located)


def test_what_no_list_shows_was_not_made_once_all_is_settled(tmp_path: Path) -> None:
    """At the end of a run what was slow may come yet; later it does not."""
    channel: Channel = Shelf({"ListUserPools": {"UserPools": []}})  # type: ignore[assignment]
    ledger = Ledger(tmp_path / "ledger")
    begun = entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS})
    assert located(begun, {"ListUserPools": {"UserPools": []}}) == Absent(
        "ListUserPools shows none that is called so"
    )
    ledger.put(begun)
    assert sweep(channel, ledger, ledger.state.entries, contract_of) == 0
    (left,) = read_ledger(ledger.path).entries
    assert (left.status, left.reason) == ("begun", "ListUserPools shows none that is called so")
    assert sweep(channel, ledger, ledger.state.entries, contract_of, settled=True) == 1
    assert read_ledger(ledger.path).entries == ()
    ledger.close()


def test_a_pool_whose_answer_never_came_is_cleaned_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So it stands in the ledger of a run that was killed before the answer."""
    reference = Reference(Settings(accept_any=True))
    contract = contract_of("cognito-idp")
    signer = Signer("AKIDANYBODY", "any-secret", "us-east-1", contract.service.signing_name)
    ledger = Ledger(tmp_path / "ledger")

    def asked(operation: str, document: Any) -> Any:
        request = contract.protocol.encode_request(contract.service, contract.operation(operation), document)
        signed = signer.sign(request.with_headers([("Host", "ours")]), "ours", datetime.now(UTC))
        return json.loads(reference.handle(signed).body)

    def answer(request: Request) -> Response:
        name = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        seen.append(name)
        return reference.handle(request)

    seen: list[str] = []
    theirs = asked("CreateUserPool", {"PoolName": "theirs"})["UserPool"]["Id"]
    with serve(answer) as server:
        begun = replace(entry_of("cognito-idp:CreateUserPool", {"PoolName": OURS}), url=server.url)
        ledger.put(begun)
        ledger.put(replace(begun, id="2", names={"PoolName": "run71c79-poolname-4"}))
        asked("CreateUserPool", {"PoolName": OURS})
        assert main(["cleanup", str(ledger.path)]) == 0
    assert capsys.readouterr().out == "1 taken away, 1 never made, 0 left\n"
    assert [pool["Id"] for pool in asked("ListUserPools", {"MaxResults": 10})["UserPools"]] == [theirs]
    assert seen.count("ListUserPools") == 1
    assert read_ledger(ledger.path).entries == ()


@pytest.mark.parametrize(
    "name",
    [
        name_of("poolname", "run71c79", 1),
        name_of("poolname", "run7p2n1c79", 12),
        name_of("pool", "life7", 3),
        name_of("callerreference", "or7c51f1", 1),
        name_of("name", "orl1c79s", 1),
        name_of("name", "again9999abcd", 1),
    ],
)
def test_names_that_a_run_makes_up_are_known(name: str) -> None:
    assert is_name_of_run(name)


@pytest.mark.parametrize(
    "name", ["", "production", "run-7", "run7-data", "life", "orders-2026-1", "runs71c79-a-1", "a"]
)
def test_names_of_others_are_not(name: str) -> None:
    assert not is_name_of_run(name)
