# SPDX-License-Identifier: Apache-2.0
"""The checks of the `aws` command: what its reference pages promise of every operation, as a table.

It owns the rows and refuses to know how a command is run. Each rule judges its own trials, and none
judges a command that crashed or hung but those that say so; then one mistake is one finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import get_args

from ..results.terms import Severity
from . import cli_rules as rules
from .check import Breach, Check
from .command import BROKEN, About, CommandCheck, CommandResult

__all__ = ["CLI_CATALOGUE"]

_PAGE = "AWS CLI Command Reference: Options of every operation"
_SKELETON = f"{_PAGE}, --generate-cli-skeleton"
_INPUT = f"{_PAGE}, --cli-input-json"
_CODES = "AWS CLI User Guide, return codes; of version 1 as executed"
_EXECUTED = "awscli 1.46 and 2.36, executed"
_SKELETONS: tuple[About, ...] = ("skeleton", "skeleton ignoring", "skeleton input", "skeleton output")


def _row(
    name: str,
    requirement: str,
    about: Iterable[str],
    run: Callable[[CommandResult], Iterator[Breach]],
    citation: str,
    *,
    severity: Severity = "error",
    observed: bool = False,
    operation: bool = False,
) -> CommandCheck:
    return Check(
        id=f"cli.{name}",
        requirement=requirement,
        severity=severity,
        provenance="OBSERVED" if observed else "DOC",
        citation=citation,
        about=frozenset(about),
        run=run,
        scope="operation" if operation else "target",
    )


_EVERY = get_args(About)
_PARAMETERS: tuple[About, ...] = ("below minimum", "missing member", "skeleton output invalid")
_ROWS: tuple[CommandCheck, ...] = (
    _row(
        "crash",
        "The command ends in order, without a traceback.",
        (*_EVERY, *BROKEN),
        rules.crash,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "error.message",
        "What the service refuses is told on standard error, with its code, its text and the operation.",
        ["service error"],
        rules.message,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "exit.connection",
        "A refused connection has its own exit code: 255.",
        ["connection"],
        rules.exits("connection"),
        _CODES,
    ),
    _row(
        "exit.credentials",
        "Lacking credentials have their own exit code: 255, in version 2 253.",
        ["credentials"],
        rules.exits("credentials"),
        _CODES,
    ),
    _row(
        "exit.failure",
        "What failed does not exit with 0: no credentials, no connection, a refusal of the service.",
        ["connection", "credentials", "service error"],
        rules.fails,
        _CODES,
    ),
    _row(
        "exit.json",
        "Malformed JSON exits with 255, in version 2 with 252.",
        ["bad json"],
        rules.exits("json"),
        _CODES,
    ),
    _row(
        "exit.object",
        "JSON that is no object exits with 255, in version 2 with 252 or 255.",
        ["no object"],
        rules.exits("object"),
        _EXECUTED,
        observed=True,
    ),
    _row(
        "exit.parameters",
        "Parameters that are not valid exit with 255, in version 2 with 252.",
        [*_PARAMETERS, "unknown key", "wrong type"],
        rules.exits("parameters"),
        _CODES,
    ),
    _row(
        "exit.service",
        "What the service refuses exits with 255, in version 2 with 254.",
        ["service error"],
        rules.exits("service"),
        _CODES,
    ),
    _row(
        "exit.success", "What the service accepts exits with 0.", ["file", "options"], rules.success, _CODES
    ),
    _row(
        "exit.usage",
        "A missing option exits with 2, in version 2 with 252.",
        ["missing option", "skeleton output required"],
        rules.exits("usage"),
        _CODES,
    ),
    _row(
        "input-json.duplicate",
        "Of a key that the JSON has twice, the last value is sent.",
        ["duplicate"],
        rules.sends_member,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "input-json.form",
        "JSON in the form of the skeleton is sent, whole, as the request.",
        ["file"],
        rules.sends,
        _INPUT,
    ),
    _row(
        "input-json.malformed",
        "Malformed JSON is refused, and nothing sent.",
        ["bad json"],
        rules.refuses,
        _INPUT,
    ),
    _row(
        "input-json.merge",
        "Members of the JSON and those of options are sent as one request.",
        ["merge"],
        rules.sends,
        _INPUT,
    ),
    _row(
        "input-json.object",
        "JSON that is no object is refused, and nothing sent.",
        ["no object"],
        rules.refuses,
        _INPUT,
    ),
    _row(
        "input-json.override",
        "A value on the command line overrides the one in the JSON.",
        ["override"],
        rules.sends_member,
        _INPUT,
    ),
    _row(
        "input-json.required",
        "JSON without a required member is refused, and nothing sent.",
        ["missing member"],
        rules.refuses,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "input-json.type",
        "JSON with a member of a wrong type is refused, and nothing sent.",
        ["wrong type"],
        rules.refuses,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "input-json.unknown-key",
        "JSON with a key that no member has is refused, and nothing sent.",
        ["unknown key"],
        rules.refuses,
        _EXECUTED,
        observed=True,
    ),
    _row("options.request", "What options say is sent as the request.", ["options"], rules.sends, _PAGE),
    _row(
        "output.document",
        "What is printed on success is the service's answer: its members and their values.",
        ["file", "options"],
        rules.document,
        "AWS CLI Command Reference: Output",
        operation=True,
    ),
    _row(
        "parameters.minimum",
        "A value below its documented minimum is refused, and nothing sent.",
        ["below minimum"],
        rules.refuses,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "required.enforced",
        "Without a required option nothing is sent.",
        ["missing option"],
        rules.refuses,
        "AWS CLI Command Reference: Synopsis",
    ),
    _row(
        "required.named",
        "The refusal names the option that is missing; version 1 tells the usage as well.",
        ["missing option"],
        rules.named,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "skeleton.default",
        "Without a value, --generate-cli-skeleton prints what it prints for `input`.",
        ["skeleton"],
        rules.as_plain,
        _SKELETON,
    ),
    _row(
        "skeleton.ignores",
        "An input skeleton needs no other option and does not depend on any.",
        ["skeleton ignoring"],
        rules.as_plain,
        _SKELETON,
    ),
    _row(
        "skeleton.input.form",
        "An input skeleton is a JSON object of the input's types.",
        ["skeleton input"],
        rules.form("input"),
        _SKELETON,
        operation=True,
    ),
    _row(
        "skeleton.input.members",
        "An input skeleton has the members of the input (a command may be older or newer than the models).",
        ["skeleton input"],
        rules.members("input"),
        _SKELETON,
        severity="warning",
        operation=True,
    ),
    _row("skeleton.offline", "Making a skeleton sends no request.", _SKELETONS, rules.offline, _SKELETON),
    _row(
        "skeleton.output.form",
        "An output skeleton is a JSON object of the output's types.",
        ["skeleton output"],
        rules.form("output"),
        _SKELETON,
        operation=True,
    ),
    _row(
        "skeleton.output.members",
        "An output skeleton has the members of the output (a command may be older or newer than the models).",
        ["skeleton output"],
        rules.members("output"),
        _SKELETON,
        severity="warning",
        operation=True,
    ),
    _row(
        "skeleton.output.required",
        "An output skeleton is not printed while a required option is missing.",
        ["skeleton output required"],
        rules.validates,
        _SKELETON,
    ),
    _row(
        "skeleton.output.timestamp",
        "Timestamps of an output skeleton are 1970-01-01T00:00:00.",
        ["skeleton output"],
        rules.times,
        _EXECUTED,
        observed=True,
        operation=True,
    ),
    _row(
        "skeleton.output.validates",
        "An output skeleton is not printed for input that is not valid.",
        ["skeleton output invalid"],
        rules.validates,
        _SKELETON,
    ),
    _row("timeout", "The command ends in time.", (*_EVERY, *BROKEN), rules.timeout, _EXECUTED, observed=True),
)

CLI_CATALOGUE: Mapping[str, CommandCheck] = MappingProxyType({check.id: check for check in _ROWS})
