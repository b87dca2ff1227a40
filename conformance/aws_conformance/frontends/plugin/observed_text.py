# SPDX-License-Identifier: Apache-2.0
"""What was seen of a suite, told to a person: the summary at the end of a run, and the text of a failure.

It owns the words and how much of each list is shown. It refuses to know how anything came to be seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from ...results.events import Violation
from ...results.reports.escape import printable
from .observations import OUTSIDE, Observations
from .request_check import RequestFault, fault_text
from .text import counted, violations_text

__all__ = ["Mode", "failure_text", "summary"]

Mode: TypeAlias = Literal["report", "fail"]

_SHOWN = 20
# Of one test.
_SHOWN_FAULTS = 3


def failure_text(own: Sequence[RequestFault], theirs: Sequence[Violation]) -> str:
    """What a failure says: the faults of the test's own requests, and its target's."""
    parts = []
    if own:
        what = "an invalid request" if len(own) == 1 else f"invalid requests ({len(own)} faults)"
        parts += [f"The test sent {what}, which AWS refuses:", *map(fault_text, own)]
    if theirs:
        parts += ["The target answered what AWS does not document:", violations_text(theirs)]
    return "\n\n".join(parts)


def summary(seen: Observations, mode: Mode) -> Iterator[str]:
    """The lines of the summary."""
    where = f" of {counted(len(seen.operations), 'operation')}" if seen.operations else ""
    yield f"{counted(seen.calls, 'AWS call')}, {seen.validated:,} validated{where}"
    reasons = sorted(seen.unvalidated.items())
    for what, number in reasons[:_SHOWN]:
        yield f"Not validated: {counted(number, 'call')} to {printable(what)}"
    yield from _more(len(reasons) - _SHOWN, "reason", "")
    if seen.invalid:
        yield from _invalid(seen, mode)
    if seen.outside:
        yield f"Invalid requests {OUTSIDE}:"
        for text in seen.outside[:_SHOWN]:
            yield from (f"  {line}" for line in text.splitlines())
        yield from _more(len(seen.outside) - _SHOWN, "fault", "  ")
    if seen.refused:
        number = len(seen.refused)
        yield f"Invalid requests that were refused as AWS refuses them, taken for deliberate: {number:,}"
    yield from _counts("Invalid values that the target itself had answered, taken for its own", seen.returned)
    yield from _counts("Allowed", seen.allowed)
    severities = Counter(fault.severity for fault in seen.faults.values())
    levels = ", ".join(counted(severities[level], level) for level in ("error", "warning", "note"))
    yield f"The target's faults: {levels}"
    ordered = list(seen.ordered())
    for fault in ordered[:_SHOWN]:
        times = "once" if fault.count == 1 else f"{fault.count:,} times"
        yield f"  {fault.severity}  {printable(fault.line)}"
        yield f"         {times}, first in {printable(fault.tests[0])}"
    yield from _more(len(ordered) - _SHOWN, "fault", "  ")


def _invalid(seen: Observations, mode: Mode) -> Iterator[str]:
    yield f"Invalid requests of the suite itself: in {counted(len(seen.invalid), 'test')}"
    for test, texts in list(seen.invalid.items())[:_SHOWN]:
        yield f"  {printable(test)}"
        # Where tests fail for it, their failures have told.
        if mode == "report":
            for text in texts[:_SHOWN_FAULTS]:
                yield from (f"    {line}" for line in text.splitlines())
            yield from _more(len(texts) - _SHOWN_FAULTS, "fault", "    ")
    yield from _more(len(seen.invalid) - _SHOWN, "test", "  ")


def _counts(title: str, counts: Counter[str]) -> Iterator[str]:
    if not counts:
        return
    yield f"{title}: {sum(counts.values()):,}"
    for what, number in sorted(counts.items())[:_SHOWN]:
        yield f"  {printable(what)}{'' if number == 1 else f'  ({number:,} times)'}"
    yield from _more(len(counts) - _SHOWN, "kind", "  ")


def _more(number: int, noun: str, indent: str) -> Iterator[str]:
    """The last line of a list that was cut."""
    if number > 0:
        yield f"{indent}and {counted(number, f'more {noun}')}"
