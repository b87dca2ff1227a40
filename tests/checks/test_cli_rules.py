# SPDX-License-Identifier: Apache-2.0
"""What the rules about the `aws` command say of single invocations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aws_conformance.checks import CLI_CATALOGUE
from aws_conformance.checks.check import Breach
from aws_conformance.checks.command import CommandResult, Trial, breach_at
from aws_conformance.spec.botocore import load_service

SERVICE = load_service("cognito-idp")
OPERATION = SERVICE.operations["DescribeUserImportJob"]
OPTION = Trial("missing option", "no --job-id", "--job-id", "JobId")
USAGE = "usage: aws [options]\naws: error: the following arguments are required: --job-id"


def invocation(exit_: int | None = 0, **facts: Any) -> CommandResult:
    """A result of version 1, whose trial is about a missing option unless `trial` says otherwise."""
    about = {"major": 1, "trial": OPTION, "stdout": "", "stderr": "", **facts}
    return CommandResult(SERVICE, OPERATION, exit=exit_, **about)


def trial(about: Any) -> Trial:
    return Trial(about, about)


def _exit(expected: str, got: int) -> Breach:
    return breach_at("(exit)", f"exit {expected}", f"exit {got}")


NAME = "DescribeUserImportJob"
REFUSAL = {"code": "ResourceNotFoundException", "message": "There is none."}
SAID = f"{' '.join(REFUSAL.values())} {NAME}"
REQUEST = {"UserPoolId": "a", "JobId": "import-1"}
IGNORING, INPUT = trial("skeleton ignoring"), trial("skeleton input")

ROWS: list[tuple[str, CommandResult, list[Breach]]] = [
    ("cli.required.enforced", invocation(252), []),
    (
        "cli.required.enforced",
        invocation(0, calls=1),
        [breach_at("(exit)", "a refusal before anything is sent", "exit 0 after 1 call")],
    ),
    (
        "cli.required.enforced",
        invocation(252, calls=2),
        [breach_at("(exit)", "a refusal before anything is sent", "exit 252 after 2 calls")],
    ),
    (
        "cli.required.enforced",
        invocation(0),
        [breach_at("(exit)", "a refusal before anything is sent", "exit 0")],
    ),
    ("cli.required.named", invocation(2, stderr=USAGE), []),
    (
        "cli.required.named",
        invocation(2, stderr="usage: no"),
        [breach_at("(stderr)", "--job-id named", '"usage: no"')],
    ),
    (
        "cli.required.named",
        invocation(2, stderr="--job-id"),
        [breach_at("(stderr)", "the usage", '"--job-id"', "usage")],
    ),
    # Version 2 shows no usage.
    ("cli.required.named", invocation(252, major=2, stderr="--job-id"), []),
    # That nothing is refused is another rule's.
    ("cli.required.named", invocation(0), []),
    (
        "cli.exit.success",
        invocation(1, trial=trial("options"), answered=True, calls=1),
        [breach_at("(exit)", "exit 0, as the service succeeded", "exit 1 after 1 call")],
    ),
    ("cli.exit.success", invocation(0, trial=trial("options"), answered=True, calls=1), []),
    ("cli.exit.success", invocation(1, trial=trial("options"), calls=1), []),
    (
        "cli.exit.failure",
        invocation(0, trial=trial("service error"), code="ResourceNotFoundException", calls=1),
        [breach_at("(exit)", "a failure", "exit 0 after 1 call", "service error")],
    ),
    # An endpoint that refuses nothing is no fault of the command.
    ("cli.exit.failure", invocation(0, trial=trial("service error"), calls=1), []),
    (
        "cli.exit.failure",
        invocation(0, trial=trial("connection")),
        [breach_at("(exit)", "a failure", "exit 0", "connection")],
    ),
    ("cli.exit.failure", invocation(255, trial=trial("connection")), []),
    ("cli.exit.usage", invocation(2), []),
    ("cli.exit.usage", invocation(252), [breach_at("(exit)", "exit 2", "exit 252")]),
    ("cli.exit.usage", invocation(2, major=2), [breach_at("(exit)", "exit 252", "exit 2")]),
    ("cli.exit.usage", invocation(252, major=3), []),
    ("cli.exit.usage", invocation(1, calls=1), []),
    ("cli.exit.object", invocation(1, major=2, trial=trial("no object")), [_exit("252 or 255", 1)]),
    ("cli.exit.service", invocation(1, trial=trial("service error"), calls=1), [_exit("255", 1)]),
    ("cli.exit.service", invocation(254, major=2, trial=trial("service error"), calls=1), []),
    ("cli.exit.credentials", invocation(1, major=2, trial=trial("credentials")), [_exit("253", 1)]),
    ("cli.exit.connection", invocation(1, trial=trial("connection"), calls=1), [_exit("255", 1)]),
    (
        "cli.error.message",
        invocation(254, trial=trial("service error"), **REFUSAL, stderr="An error"),
        [breach_at("(stderr)", '"ResourceNotFoundException" in what is said', '"An error"')],
    ),
    (
        "cli.error.message",
        invocation(254, trial=trial("service error"), **REFUSAL, stderr="ResourceNotFoundException"),
        [breach_at("(stderr)", '"DescribeUserImportJob" in what is said', '"ResourceNotFoundException"')],
    ),
    (
        "cli.error.message",
        invocation(
            254, trial=trial("service error"), **REFUSAL, stderr=f"{' '.join(REFUSAL.values())} {NAME}"
        ),
        [],
    ),
    ("cli.error.message", invocation(0, trial=trial("service error"), **REFUSAL), []),
    ("cli.skeleton.ignores", invocation(0, trial=IGNORING, stdout='{"A": "x"}', plain={"A": ""}), []),
    ("cli.skeleton.ignores", invocation(0, trial=IGNORING, stdout="{}"), []),
    (
        "cli.skeleton.ignores",
        invocation(0, trial=IGNORING, stdout='{"A": [0]}', plain={"A": [""]}),
        [breach_at("(stdout)", '{"A": [""]}', json.dumps('{"A": [0]}'))],
    ),
    (
        "cli.skeleton.ignores",
        invocation(1, trial=IGNORING, stdout='{"A": ""}', plain={"A": ""}),
        [breach_at("(exit)", "a skeleton, and exit 0", "exit 1")],
    ),
    ("cli.skeleton.offline", invocation(0, trial=IGNORING), []),
    (
        "cli.skeleton.offline",
        invocation(0, trial=IGNORING, calls=1),
        [breach_at("(request)", "nothing sent", "1 sent")],
    ),
    ("cli.skeleton.input.form", invocation(0, trial=INPUT, stdout='{"UserPoolId": "", "JobId": ""}'), []),
    (
        "cli.skeleton.input.form",
        invocation(0, trial=INPUT, stdout='{"UserPoolId": 1}'),
        [breach_at("$.UserPoolId", "a string", "1")],
    ),
    (
        "cli.skeleton.input.form",
        invocation(0, trial=INPUT, stdout="no"),
        [breach_at("(stdout)", "a JSON object", '"no"')],
    ),
    (
        "cli.skeleton.input.form",
        invocation(1, trial=INPUT),
        [breach_at("(exit)", "a skeleton, and exit 0", "exit 1")],
    ),
    (
        "cli.skeleton.input.members",
        invocation(0, trial=INPUT, stdout='{"UserPoolId": 1, "Zzz": ""}'),
        [
            breach_at("$.Zzz", "a member of the shape", '"Zzz"'),
            breach_at("$.JobId", "the member", "nothing"),
        ],
    ),
    (
        "cli.skeleton.output.timestamp",
        invocation(
            0, trial=trial("skeleton output"), stdout='{"UserImportJob": {"JobId": 1, "CreationDate": "now"}}'
        ),
        [breach_at("$.UserImportJob.CreationDate", '"1970-01-01T00:00:00"', '"now"')],
    ),
    (
        "cli.skeleton.output.required",
        invocation(0, trial=trial("skeleton output required")),
        [breach_at("(exit)", "a refusal, and no skeleton", "exit 0")],
    ),
    ("cli.skeleton.output.required", invocation(252, trial=trial("skeleton output required")), []),
    (
        "cli.options.request",
        invocation(0, trial=trial("options"), requested=REQUEST, sent=()),
        [breach_at("(request)", "one request", '0 requests, exit 0: ""')],
    ),
    ("cli.options.request", invocation(0, trial=trial("options"), requested=REQUEST, sent=(REQUEST,)), []),
    (
        "cli.options.request",
        invocation(0, trial=trial("options"), requested=REQUEST, sent=({"UserPoolId": "b", "Zzz": 1},)),
        [
            breach_at("(request) $.UserPoolId", '"a"', '"b"'),
            breach_at("(request) $.JobId", '"import-1"', "nothing"),
            breach_at("(request) $.Zzz", "nothing", "1"),
        ],
    ),
    (
        "cli.input-json.override",
        invocation(0, trial=Trial("override", "", "--job-id", "JobId"), requested=REQUEST, sent=({},)),
        [breach_at("(request) $.JobId", '"import-1"', "null")],
    ),
    (
        "cli.input-json.override",
        invocation(0, trial=Trial("override", "", "--job-id", "JobId"), requested=REQUEST, sent=(REQUEST,)),
        [],
    ),
    (
        "cli.output.document",
        invocation(0, trial=trial("options"), answered=True, answer={}, stdout=" \n"),
        [],
    ),
    (
        "cli.output.document",
        invocation(0, trial=trial("options"), answered=True, answer={}, stdout="[]"),
        [breach_at("(stdout)", "a JSON object", '"[]"')],
    ),
    (
        "cli.output.document",
        invocation(0, trial=trial("options"), answered=True, answer={"UserImportJob": {}}, stdout="{}"),
        [breach_at("$.UserImportJob", "{}", "nothing")],
    ),
    ("cli.output.document", invocation(1, trial=trial("options"), answered=True, answer={}, stdout="[]"), []),
    (
        "cli.crash",
        invocation(1, stderr="Traceback (most recent call last)\n  ...\nKeyError: 'A'\n"),
        [breach_at("(stderr)", "an orderly end", "\"KeyError: 'A'\"", "missing option")],
    ),
    (
        "cli.crash",
        invocation(-11),
        [breach_at("(stderr)", "an orderly end", '"exit -11"', "missing option")],
    ),
    ("cli.crash", invocation(None), []),
    (
        "cli.timeout",
        invocation(None, calls=3),
        [breach_at("(exit)", "an end", "none; by then 3 calls were made", "missing option")],
    ),
    ("cli.timeout", invocation(1), []),
]


@pytest.mark.parametrize(
    ("check", "result", "breaches"), ROWS, ids=[f"{number} {row[0]}" for number, row in enumerate(ROWS)]
)
def test_what_a_rule_says(check: str, result: CommandResult, breaches: list[Breach]) -> None:
    rule = CLI_CATALOGUE[check]
    assert result.trial.about in rule.about
    assert list(rule.run(result)) == breaches


def test_every_check_says_what_it_requires_and_why() -> None:
    for check in CLI_CATALOGUE.values():
        assert check.requirement.endswith("."), check.id
        assert check.citation, check.id
        assert check.provenance in ("MODEL", "DOC", "PROTOCOL", "OBSERVED"), check.id
