# SPDX-License-Identifier: Apache-2.0
"""What a project adds to the kit: checks, expectations, values for members, hooks around requests.

It owns how they are registered: by decorators, in a conftest.py or in modules that the entry points
`aws_conformance.checks` name. It refuses to know what is done with what is registered.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import TypeAlias

from ..cases.additions import AfterResponse, BeforeRequest, Provider, additions
from ..cases.expectations import Earns, Row, add_row
from ..errors import UsageError
from ..results.terms import Severity
from . import add_check
from .check import Breach, Check
from .response import DecodedResponse

__all__ = [
    "GROUP",
    "Rule",
    "after_response",
    "before_request",
    "define_check",
    "expectation",
    "load_extensions",
    "provider",
]

GROUP = "aws_conformance.checks"
_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)+")
_SEVERITIES = ("error", "warning", "note")

Rule: TypeAlias = Callable[[DecodedResponse], Iterator[Breach]]


def define_check(
    name: str, *, requirement: str, severity: Severity = "error", citation: str = ""
) -> Callable[[Rule], Rule]:
    """Make a check of a function, which yields a Breach for each place of an answer that breaks it.

    `name` is the check's stable id, such as `acme.tags`, under which options, baselines and reports know it.
    Raises UsageError for an id of another form, for one that exists, and for a severity that there isn't.
    """
    if not _ID.fullmatch(name):
        raise UsageError(f"{name!r} is no id for a check.", "Write it as `project.rule`.")
    if severity not in _SEVERITIES:
        raise UsageError(f"There is no severity {severity!r}.", f"There is {', '.join(_SEVERITIES)}.")

    def register(rule: Rule) -> Rule:
        add_check(Check(name, requirement, severity, "DOC", citation, rule))
        return rule

    return register


def expectation(
    protocol: str,
    *,
    earns: Earns,
    evidence: str,
    keyword: str = "*",
    value: str = "*",
    place: str = "*",
    services: tuple[str, ...] = (),
) -> None:
    """Say what a request with one broken constraint should earn, ahead of what the kit holds for known.

    Names are globs, as in the kit's own table: `keyword` is that of JSON Schema, `value` the kind of the
    broken value, `place` the kind of what it stands for. Raises UsageError for a protocol that there isn't.
    """
    add_row(protocol, Row(earns, "DOC", evidence, keyword, value, place, services=services))


def provider(service: str, member: str) -> Callable[[Provider], Provider]:
    """Let a function give the value of a member, such as `UserPoolId`, instead of one that the kit creates.

    It is called once for each operation that needs the value; what it names is never deleted as a cleanup.
    """

    def register(function: Provider) -> Provider:
        additions.providers[service, member] = function
        return function

    return register


def before_request(hook: BeforeRequest) -> BeforeRequest:
    """Call a function with each request to the target, signed as it is; what it returns is sent.

    What it adds is in no report and no recording.
    """
    additions.before.append(hook)
    return hook


def after_response(hook: AfterResponse) -> AfterResponse:
    """Call a function with each exchange with the target, before it is judged."""
    additions.after.append(hook)
    return hook


@functools.cache
def load_extensions() -> None:
    """Import what installed projects have added. Raises UsageError for an entry point that can't be used."""
    for entry in metadata.entry_points(group=GROUP):
        try:
            entry.load()
        except UsageError:
            raise
        except Exception as error:
            raise UsageError(
                f"{entry.value}, an entry point {GROUP}, can't be used: {type(error).__name__}: {error}.",
                "Mend it, or uninstall the package that has it.",
            ) from error
