# SPDX-License-Identifier: Apache-2.0
"""docs/lifecycles.md is true: its example is the file beside it, works as it stands, and finds what is wrong.

It owns the comparison of the page with the code, and refuses to know how histories are walked.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aws_conformance.cases.lifecycles.predicates import PREDICATES
from aws_conformance.cases.lifecycles.registry import shipped_files
from aws_conformance.cases.symbols import is_symbol
from aws_conformance.checks import LIFECYCLE_CATALOGUE
from aws_conformance.cli import main
from aws_conformance.engine.plan import Plan, TargetSpec, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.results.events import Event, OperationFinished, Reported
from aws_conformance.targets.server import Handler, serve

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "lifecycles.md").read_text("utf-8")
EXAMPLE = DOCS / "examples" / "app-client.yaml"
OPERATIONS = tuple(
    f"cognito-idp:{name}"
    for name in (
        "CreateUserPoolClient",
        "DeleteUserPoolClient",
        "DescribeUserPoolClient",
        "ListUserPoolClients",
    )
)


def events_of(target: TargetSpec) -> list[Event]:
    events: list[Event] = []
    plan = Plan(OPERATIONS, target, phases=("stateful",), max_examples=10, seed=3, lifecycles=(str(EXAMPLE),))
    run(plan, events.append)
    return events


def findings(events: list[Event]) -> set[tuple[str, str]]:
    violations = (event.violation for event in events if isinstance(event, Reported))
    return {(violation.check, violation.path) for violation in violations if violation.severity != "note"}


def answers(change: str) -> Handler:
    """The reference with one thing wrong about app clients."""
    right = Reference(Settings(seed=3, time_control=True)).handle

    def handle(request: Request) -> Response:
        response = right(request)
        operation = (header(request.headers, "X-Amz-Target") or "").rpartition(".")[2]
        asked = change == "a secret that nobody asked for" and b"ClientSecret" not in response.body
        if asked and operation == "DescribeUserPoolClient":
            shown = response.body.replace(b'{"UserPoolClient":{', b'{"UserPoolClient":{"ClientSecret":"s",')
            return Response(response.status, response.headers, shown)
        if change == "delete twice" and operation == "DeleteUserPoolClient":
            return Response(200, response.headers, b"{}")
        return response

    return handle


def test_each_part_of_the_example_is_what_the_page_shows() -> None:
    text = EXAMPLE.read_text("utf-8")
    parts = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(parts) == 7
    for part in parts:
        assert part in text


def test_the_example_holds_on_the_reference() -> None:
    with serve(answers("")) as server:
        events = events_of(UrlTarget(server.url, ("clock",)))
    lived = [
        history
        for event in events
        if isinstance(event, OperationFinished)
        for history in event.histories
        # The oracles of the models are walked beside the example's own histories.
        if not history.case.lifecycle.startswith("oracles of")
    ]
    assert {(history.case.kind, history.case.title): history.outcome for history in lived} == {
        ("path", "there → gone"): "verified",
        ("path", "create: with a secret"): "verified",
        ("path", "describe in there"): "verified",
        ("path", "list in there"): "verified",
        ("forbidden", "delete in gone"): "verified",
        ("race", "delete from 4 connections"): "verified",
    }
    assert findings(events) == set()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (
            "a secret that nobody asked for",
            {("lifecycle.member.unexpected", "$.UserPoolClient.ClientSecret")},
        ),
        (
            "delete twice",
            {
                ("lifecycle.refusal", "(delete in gone)"),
                ("lifecycle.concurrency", "(requests at once)"),
            },
        ),
    ],
)
def test_the_example_finds_what_is_wrong(change: str, wrong: set[tuple[str, str]]) -> None:
    with serve(answers(change)) as server:
        assert findings(events_of(UrlTarget(server.url, ("clock",)))) == wrong


def test_the_command_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DOCS.parent)
    command = "'cognito-idp:*UserPoolClient' --phase stateful --lifecycle docs/examples/app-client.yaml"
    assert f"aws-conformance run {command}" in PAGE
    words = [word.strip("'") for word in command.split()]
    assert main(["run", *words, "--max-examples", "2"]) == 0


def test_the_page_knows_every_condition_symbol_check_and_lifecycle() -> None:
    for name, meaning in PREDICATES.items():
        assert re.search(rf"\| `{name}: [^|]*\| {re.escape(meaning)} \|", PAGE), name
    for word in re.findall(r"\| `\{(\$\w+): ", PAGE):
        assert is_symbol({word: "x"})
    names = set(re.findall(r"`(lifecycle\.[a-z.]+)`", PAGE))
    assert set(LIFECYCLE_CATALOGUE) == names & set(LIFECYCLE_CATALOGUE)
    for name, _ in shipped_files():
        assert f"`{name.removesuffix('.yaml')}`" in PAGE
