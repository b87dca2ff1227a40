# SPDX-License-Identifier: Apache-2.0
"""A finding as text for people: its form, and how it is seen again.

It owns the columns and what is cut. It trusts no text of a target: control characters are shown escaped, and
nothing is read as markup. It refuses to know which findings are shown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from rich.text import Text

from ..events import Reported, Violation
from ..sdk_effects import sdk_breaks, sdk_words
from .escape import printable
from .plain_text import cut

__all__ = [
    "STYLES",
    "Line",
    "counted",
    "finding_in_full",
    "finding_lines",
    "hanging",
]

Line: TypeAlias = Text

STYLES: Mapping[str, str] = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_LONGEST_COMMAND = 2_000
_LABEL_WIDTH = 13


def finding_lines(violation: Violation, *, width: int = 120) -> Iterable[Line]:
    """What a violation says, without how often and how to see it again."""
    style = STYLES[violation.severity]
    yield Text.assemble(
        (printable(violation.operation), "bold"),
        "   ",
        printable(violation.check),
        "   ",
        (violation.severity, style),
        f"   [{violation.provenance}]",
    )
    yield from hanging(f"  {'requirement':<{_LABEL_WIDTH - 2}}", printable(violation.requirement), width)
    yield _labelled("at", violation.path)
    yield Text.assemble(
        _label("expected"),
        cut(violation.expected),
        ("      got  ", "dim"),
        cut(violation.got),
        overflow="fold",
    )
    if words := sdk_words(sdk_breaks(violation)):
        yield from hanging(f"  {'sdks':<{_LABEL_WIDTH - 2}}", words, width)


def finding_in_full(finding: Reported, *, width: int) -> Iterable[Line]:
    """A finding with how often it was seen, and all ways to see it again."""
    yield from finding_lines(finding.violation, width=width)
    yield _labelled("tried", finding.reproduction.case.title)
    yield _labelled("seen", _seen(finding))
    if finding.violation.site:
        yield _labelled("thrown", f"{finding.violation.site}: {cut(finding.violation.thrown)}".rstrip(": "))
    if finding.baseline:
        yield _labelled("baseline", finding.baseline)
    shown = finding.reproduction
    for number, line in enumerate(shown.transcript):
        yield _labelled("history" if number == 0 else "", line)
    yield from _command("reproduce", shown.aws)
    for number, step in enumerate(shown.steps, 1):
        yield _labelled("before" if number == 1 else "", step)
    yield from _command("boto3", shown.boto3)
    yield from _command("curl", shown.curl)


def _label(name: str) -> tuple[str, str]:
    return (f"  {name:<{_LABEL_WIDTH - 2}}  ", "dim")


def _labelled(name: str, text: str) -> Line:
    return Text.assemble(_label(name), printable(text))


def _command(name: str, text: str) -> Iterable[Line]:
    if not text:
        return
    if len(text) > _LONGEST_COMMAND:
        text = f"({len(text):,} characters: see the JSON report)"
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        yield _labelled(name if number == 0 else "", line)


def _seen(finding: Reported) -> str:
    times = "once" if finding.count == 1 else f"{finding.count:,} times"
    return f"{times}, in {len(finding.operations)} operations" if len(finding.operations) > 1 else times


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def hanging(label: str, text: str, width: int) -> Iterable[Line]:
    """The label and the text, wrapped into the column beside it."""
    indent = len(label) + 2
    for number, part in enumerate(textwrap.wrap(text, max(30, width - indent)) or [""]):
        yield Text.assemble((f"{label if number == 0 else '':<{indent}}", "dim"), part)
