# SPDX-License-Identifier: Apache-2.0
"""The findings of runs as the page's script reads them: an index in full, and details in compressed parts.

It owns both forms. A page must open at once though it has twenty thousand findings, so what is filtered
stands in the index, and what is read of one finding, raw exchanges above all, is unpacked when it is opened.
It refuses to know where they stand in the page.
"""

from __future__ import annotations

import base64
import difflib
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...events import Reported, Violation
from ...sdk_effects import sdk_breaks, sdk_words
from ..escape import printable
from ..recorded import RecordedRun
from ..summary import finding_order

__all__ = ["FindingIndex", "finding_index", "safe_json"]

_LONGEST_EXCHANGE = 20_000
_LONGEST_COMMAND = 20_000
# Characters of JSON in a part: enough to compress well, little enough to be unpacked at once.
_PART = 400_000
# White space goes with the word before it: alone it would be all that two sentences have in common.
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True, slots=True)
class FindingIndex:
    """`index` are JSON values for the script; `parts` are texts in base64 of compressed JSON lists."""

    index: Mapping[str, Any]
    parts: tuple[str, ...]


def finding_index(runs: Sequence[RecordedRun], cause_of: Mapping[str, str]) -> FindingIndex:
    """The findings of all runs, each once, the gravest first as runs order them.

    `cause_of` are ids of causes by ids of findings.
    """
    shown: dict[str, list[tuple[int, Reported]]] = {}
    for number, run in enumerate(runs):
        for finding in run.summary.findings:
            shown.setdefault(finding.violation.id, []).append((number, finding))
    requirements: dict[str, str] = {}
    rows = []
    parts = _Parts()
    for key, sightings in sorted(shown.items(), key=lambda item: finding_order(item[1][0][1])):
        violation = sightings[0][1].violation
        requirements.setdefault(violation.check, violation.requirement)
        place = parts.add([_detail(number, finding) for number, finding in sightings])
        rows.append(
            [
                key,
                violation.check,
                violation.severity,
                violation.operation,
                printable(violation.path),
                printable(violation.expected),
                printable(violation.got),
                cause_of.get(key, ""),
                [_sighting(number, finding) for number, finding in sightings],
                place,
            ]
        )
    return FindingIndex({"requirements": requirements, "findings": rows}, parts.closed())


def _sighting(number: int, finding: Reported) -> list[Any]:
    """What the index has of a finding in a run; operations where it is about more than its own."""
    operations = list(finding.operations) if len(finding.operations) > 1 else []
    return [number, finding.count, printable(finding.baseline), operations]


class _Parts:
    """Details in parts; a place is the part's number and the position in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._texts: list[str] = []
        self._size = 0

    def add(self, detail: Any) -> list[int]:
        text = _compact(detail)
        if self._size + len(text) > _PART:
            self._close()
        self._texts.append(text)
        self._size += len(text)
        return [len(self._parts), len(self._texts) - 1]

    def _close(self) -> None:
        if self._texts:
            # Without a time: equal events make equal pages.
            packed = gzip.compress(f"[{','.join(self._texts)}]".encode("ascii"), mtime=0)
            self._parts.append(base64.b64encode(packed).decode("ascii"))
        self._texts, self._size = [], 0

    def closed(self) -> tuple[str, ...]:
        self._close()
        return tuple(self._parts)


def _detail(number: int, finding: Reported) -> dict[str, Any]:
    """What is read of a finding in one run when it is opened; nothing that is empty."""
    violation, shown = finding.violation, finding.reproduction
    detail: dict[str, Any] = {
        "run": number,
        "tried": printable(shown.case.title),
        "case": shown.case.id,
        "phase": shown.case.phase,
        "provenance": violation.provenance,
        "operations": list(finding.operations),
        "site": printable(violation.site),
        "thrown": printable(violation.thrown),
        "sdks": sdk_words(sdk_breaks(violation)),
        "diff": _diff(violation),
        "request": _exchange(shown.request),
        "response": _exchange(shown.response),
        "transcript": [printable(line) for line in shown.transcript],
        "steps": list(shown.steps),
        "aws": _command(shown.aws),
        "boto3": _command(shown.boto3),
        "curl": _command(shown.curl),
    }
    return {name: value for name, value in detail.items() if value not in ("", [])}


def _diff(violation: Violation) -> list[list[str]]:
    """Both sides word by word: pairs of "=", "-" (only expected) or "+" (only came) and a text."""
    expected, got = (_WORDS.findall(printable(text)) for text in (violation.expected, violation.got))
    return [
        [sign, text]
        for opcode in difflib.SequenceMatcher(None, expected, got, autojunk=False).get_opcodes()
        for sign, text in _signed(opcode, expected, got)
        if text
    ]


def _signed(
    opcode: tuple[str, int, int, int, int], expected: Sequence[str], got: Sequence[str]
) -> Iterator[tuple[str, str]]:
    tag, first, last, start, end = opcode
    if tag == "equal":
        yield "=", "".join(expected[first:last])
    else:
        yield "-", "".join(expected[first:last])
        yield "+", "".join(got[start:end])


def _exchange(text: str) -> str:
    """A raw message line by line, with what can't be seen escaped, cut if it is long."""
    lines = "\n".join(printable(line) for line in text[:_LONGEST_EXCHANGE].replace("\r\n", "\n").split("\n"))
    left = len(text) - _LONGEST_EXCHANGE
    return f"{lines}\n... {left:,} more characters: see the NDJSON" if left > 0 else lines


def _command(text: str) -> str:
    # A command that is cut runs as something else.
    return "" if len(text) > _LONGEST_COMMAND else text


def _compact(value: Any) -> str:
    # ASCII, because what a target sent need not be valid Unicode.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def safe_json(value: Any) -> str:
    """The value as JSON that can stand in a script element: nothing in it ends that or begins a tag."""
    text = _compact(value)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
