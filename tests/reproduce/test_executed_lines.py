# SPDX-License-Identifier: Apache-2.0
"""Printed lines, executed: boto3 snippets and curl send what the case says, and open no file.

The `aws` command takes a while to load: its lines are executed where it is installed for tests, and all
lines of a report by `make lines`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tools.printed_lines import PrintedLine, asked, faults_of, lines_of, runner, wrong

from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.reproduce.case import reproduction

AWSCLI = os.environ.get("AWS_CONFORMANCE_AWSCLI_PYTHON", "")
OPERATIONS = ("cognito-idp:AddCustomAttributes", "cognito-idp:SetUICustomization", "cognito-idp:ListUsers")
# Of so many cases one is taken; all of them take a minute.
STEP = 21


def _lines() -> Iterator[PrintedLine]:
    for name in OPERATIONS:
        service, _, operation_name = name.partition(":")
        contract = contract_of(service).of(contract_of(service).operation(operation_name))
        for case in list(enumerated_cases(contract))[::STEP]:
            shown = reproduction(contract, case, None, "$ENDPOINT_URL", "us-east-1")
            yield from lines_of(shown)


def test_lines_send_what_their_cases_say_and_open_no_file() -> None:
    lines = [line for line in _lines() if line.means != "aws" or AWSCLI]
    assert sum(line.means == "boto3" and not line.is_excused for line in lines) > 5
    assert sum(line.means == "curl" and not line.is_excused for line in lines) > 10
    with runner(AWSCLI or sys.executable, ["cognito-idp"]) as aws, runner(sys.executable, []) as python:
        assert [fault for fault in faults_of(lines, aws, python) if fault] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("print(open('secrets.txt'))", "it opens"),
        ("pass", "it sends 0 requests"),
        ("raise ValueError('no')", "it sends 0 requests: .*no"),
    ],
)
def test_a_line_that_does_something_else_is_a_fault(text: str, what: str) -> None:
    boto3 = next(line for line in _lines() if line.means == "boto3" and not line.is_excused)
    changed = replace(boto3, text=boto3.text.replace("'CustomAttributes': [", "'CustomAttributes': [{}, "))
    with runner(sys.executable, []) as python:
        fault, other = faults_of([replace(boto3, text=text), changed], python, python)
    assert fault is not None
    assert other is not None
    assert other.what.startswith("it sends AddCustomAttributes")
    assert re.match(what, fault.what)


@pytest.mark.parametrize(
    "refusal",
    [
        f"Unknown parameter in input: 'New', must be one of: {', '.join(['AMember'] * 200)}",
        "usage: aws [options] <command>\n\nUnknown options: --client-type, a",
    ],
    ids=["a member", "an option"],
)
def test_a_command_that_is_older_than_our_models_is_no_fault(refusal: str) -> None:
    """However many members it has to list when it says so; boto3's are those of our models."""
    boto3 = next(line for line in _lines() if line.means == "boto3" and not line.is_excused)
    refusing = f"raise ValueError({refusal!r})"
    with runner(sys.executable, []) as python:
        (fault,) = faults_of([replace(boto3, text=refusing)], python, python)
    assert fault is not None
    with runner(sys.executable, []) as python:
        said = asked(python, {"python": refusing, "environment": {}})
    assert wrong(replace(boto3, means="aws"), said, [], "") == ""
