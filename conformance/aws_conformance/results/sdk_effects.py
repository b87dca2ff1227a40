# SPDX-License-Identifier: Apache-2.0
"""Which of AWS's SDKs a finding breaks, where that was seen: data with evidence, and how it is said.

It owns the reading of data/sdk-effects.yaml. It refuses to guess: an SDK or an answer that nobody has tried
is left out. It is a function of findings, so that reports of any age have it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, TypeAlias

from ..spec.botocore import service_heads
from .events import Violation

__all__ = ["SDK_EFFECTS", "SdkBreak", "SdkRow", "sdk_breaks", "sdk_rows", "sdk_words"]

SdkEffect: TypeAlias = Literal["fails", "loses", "misreads"]

#: What each effect means to whoever calls.
SDK_EFFECTS: Mapping[SdkEffect, str] = {
    "fails": "the call raises an error",
    "loses": "the value is lost without a word",
    "misreads": "another value is read",
}


@dataclass(frozen=True, slots=True)
class SdkBreak:
    """An SDK that a finding breaks, how, and how that is known."""

    sdk: str
    effect: SdkEffect
    evidence: str


@dataclass(frozen=True, slots=True)
class SdkRow:
    """A kind of finding and what SDKs were seen to make of it; patterns that are None match everything.

    `example` is the body that was read, as an answer of `operation` with `status` and `headers`.
    """

    check: str
    expected: re.Pattern[str] | None
    got: re.Pattern[str] | None
    breaks: tuple[SdkBreak, ...]
    example: str
    operation: str
    status: int
    headers: tuple[tuple[str, str], ...]

    def fits(self, violation: Violation) -> bool:
        """Whether a finding is of this kind."""
        sides = ((self.expected, violation.expected), (self.got, violation.got))
        return self.check == violation.check and all(
            pattern is None or pattern.fullmatch(text) is not None for pattern, text in sides
        )


@functools.cache
def sdk_rows() -> tuple[SdkRow, ...]:
    """The rows of the table, in order."""
    text = resources.files("aws_conformance").joinpath("data/sdk-effects.yaml").read_text("utf-8")
    # Most runs show no finding.
    import yaml

    table = yaml.safe_load(text)
    return tuple(_row(row, table["sdks"]) for row in table["rows"])


def _row(row: Mapping[str, Any], evidence: Mapping[str, str]) -> SdkRow:
    return SdkRow(
        row["check"],
        _pattern(row.get("expected")),
        _pattern(row.get("got")),
        tuple(SdkBreak(sdk, effect, evidence[sdk]) for sdk, effect in row["breaks"].items()),
        row["example"],
        row.get("operation", "DescribeUserImportJob"),
        row.get("status", 200),
        tuple(row.get("header", {}).items()),
    )


def _pattern(source: Any) -> re.Pattern[str] | None:
    return None if source is None else re.compile(str(source), re.DOTALL)


def sdk_breaks(violation: Violation) -> tuple[SdkBreak, ...]:
    """The SDKs that are known to break on what a finding shows; none where nobody has tried."""
    rows = [row for row in sdk_rows() if row.fits(violation)]
    if not rows or violation.operation.partition(":")[0] not in _json_services():
        return ()
    return rows[0].breaks


@functools.cache
def _json_services() -> frozenset[str]:
    """The services of AWS JSON, of whose answers the table is."""
    return frozenset(head.name for head in service_heads() if "jsonVersion" in head.marks)


def sdk_words(breaks: Iterable[SdkBreak]) -> str:
    """What is known in words, such as `Go and Rust fail; boto3 loses the value`; empty if nothing is."""
    parts = []
    for effect, words in _WORDS.items():
        names = [broken.sdk for broken in breaks if broken.effect == effect]
        if names:
            listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
            parts.append(f"{listed} {words[len(names) > 1]}")
    return "; ".join(parts)


_WORDS: Mapping[SdkEffect, tuple[str, str]] = {
    "fails": ("fails", "fail"),
    "loses": ("loses it silently", "lose it silently"),
    "misreads": ("reads something else", "read something else"),
}
