# SPDX-License-Identifier: Apache-2.0
"""`validate --har FILE` and its like: which forms of recordings there are, and what is said of one.

It owns the options' names and both forms of the answer. It refuses to know how a file is read and judged.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import click

from ...captures.botocore_log import read_botocore_log
from ...captures.capture import Capture
from ...captures.cassette import read_cassette
from ...captures.cloudtrail import read_cloudtrail
from ...captures.har import read_har
from ...captures.mitmproxy import read_mitmproxy
from ...engine.plan import Plan
from ...errors import UsageError
from ...files import LARGEST_FILE, read_bytes
from ...results.events import Violation
from ..recording_verdict import RecordingVerdict
from ..recordings import judge_captures
from ..trails import judge_trail

__all__ = ["JUDGES", "validate_recording"]

Judge: TypeAlias = Callable[[bytes, Plan], RecordingVerdict]


def _of_exchanges(read: Callable[[bytes], tuple[Capture, ...]]) -> Judge:
    return lambda content, plan: judge_captures(read(content), plan)


JUDGES: Mapping[str, Judge] = MappingProxyType(
    {
        "har": _of_exchanges(read_har),
        "vcr": _of_exchanges(read_cassette),
        "mitmproxy": _of_exchanges(read_mitmproxy),
        "botocore_log": _of_exchanges(read_botocore_log),
        "cloudtrail": lambda content, plan: judge_trail(read_cloudtrail(content), plan),
    }
)
_SHOWN = 12


def validate_recording(
    form: str,
    file: str,
    lifecycles: tuple[str, ...],
    as_json: bool,
    finding: Callable[[Violation], dict[str, Any]],
) -> int:
    """Judge a recording and say what is wrong in it; the exit code.

    `form` is a key of JUDGES, `finding` how a violation is written as JSON. Raises UsageError for what is no
    such recording, or holds nothing that could be judged.
    """
    content = _content(file)
    try:
        verdict = JUDGES[form](content, Plan((), lifecycles=lifecycles))
    except UsageError as error:
        raise UsageError(f"{file}: {error.message}", error.hint) from None
    if not verdict.validated:
        raise UsageError(f"{file} holds no call to an AWS API that can be judged.", _why_none(verdict))
    if as_json:
        click.echo(json.dumps(_document(verdict, finding), indent=2))
    else:
        _tell(file, verdict)
    return int(any(fault.violation.severity == "error" for fault in verdict.faults.values()))


def _content(file: str) -> bytes:
    if file == "-":
        content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise UsageError(f"The standard input is larger than {LARGEST_FILE // 1024 // 1024} MiB.")
        return content
    try:
        return read_bytes(Path(file), LARGEST_FILE)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _why_none(verdict: RecordingVerdict) -> str:
    if not verdict.exchanges:
        return "It holds no exchange at all."
    reasons = ", ".join(_reasons(verdict))
    return (
        f"Its calls were not judged: {reasons}."
        if reasons
        else "Calls are told by host, signature or headers."
    )


def _reasons(verdict: RecordingVerdict) -> Iterator[str]:
    return (f"{count} of {where}" for where, count in sorted(verdict.unvalidated.items()))


def _document(verdict: RecordingVerdict, finding: Callable[[Violation], dict[str, Any]]) -> dict[str, Any]:
    return {
        "exchanges": verdict.exchanges,
        "calls": verdict.calls,
        "validated": verdict.validated,
        "operations": sorted(verdict.operations),
        "not_validated": dict(sorted(verdict.unvalidated.items())),
        "invalid_requests": [
            {
                "exchange": number,
                "operation": fault.operation,
                "path": fault.path,
                "expected": fault.expected,
                "got": fault.got,
            }
            for number, fault in verdict.requests
        ],
        "findings": [
            {**finding(fault.violation), "exchanges": fault.exchanges} for fault in verdict.faults.values()
        ],
    }


def _tell(file: str, verdict: RecordingVerdict) -> None:
    from rich.console import Console

    from ...results.reports.escape import printable
    from ...results.reports.finding_text import counted, finding_lines
    from ..plugin.request_check import fault_text

    console = Console(markup=False, highlight=False, emoji=False, force_terminal=sys.stdout.isatty())
    width = max(60, console.width)
    parts = [
        counted(verdict.exchanges, "exchange"),
        f"{counted(verdict.calls, 'call')} to AWS",
        f"{verdict.validated:,} judged, of {counted(len(verdict.operations), 'operation')}",
    ]
    console.print(printable(f"{file}: {', '.join(parts)}"), soft_wrap=True)
    if reasons := ", ".join(_reasons(verdict)):
        console.print(printable(f"not judged: {reasons}"), soft_wrap=True)
    for fault in verdict.faults.values():
        console.print()
        for line in finding_lines(fault.violation, width=width):
            console.print(line, soft_wrap=True)
        console.print(f"  seen         in {_numbers(fault.exchanges)}", soft_wrap=True)
    if not verdict.faults:
        console.print("No findings.")
    for number, request in verdict.requests[:_SHOWN]:
        console.print()
        console.print(fault_text(request), soft_wrap=True)
        console.print(f"  sent         in exchange {number}", soft_wrap=True)
    if len(verdict.requests) > _SHOWN:
        console.print(f"... and {len(verdict.requests) - _SHOWN} more in requests", soft_wrap=True)


def _numbers(exchanges: Iterable[int]) -> str:
    numbers = list(dict.fromkeys(exchanges))
    shown = ", ".join(map(str, numbers[:_SHOWN]))
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"exchange{'' if len(numbers) == 1 else 's'} {shown}{more}"
