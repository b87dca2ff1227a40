# SPDX-License-Identifier: Apache-2.0
"""Gates on how much was checked: shares below what was asked for do not pass."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.results.events import Covered, OperationFinished, RunStarted
from aws_conformance.results.verdict import decide


def operation(name: str, *, reached: bool, judged: int) -> OperationFinished:
    return OperationFinished(
        operation=name,
        implemented=True,
        evidence="",
        reached=reached,
        cases=10,
        verified=10,
        violated=0,
        inconclusive=0,
        not_implemented=0,
        errored=0,
        flaky=0,
        errors={},
        unreached="" if reached else "nothing worked",
        excused=not reached,
        coverage=(Covered("input constraints", 10, judged, 0),),
    )


def verdict(**settings: Any) -> tuple[int, list[str]]:
    operations = {
        "s:A": operation("s:A", reached=True, judged=8),
        "s:B": operation("s:B", reached=False, judged=2),
    }
    head = RunStarted("t", 0, ("enumerated",), tuple(operations), {}, "2026-01-01T00:00:00", settings)
    decided = decide(head, operations, baseline=None)
    return decided.exit, list(decided.reasons)


@pytest.mark.parametrize(
    ("settings", "code", "reason"),
    [
        ({}, 0, "but for what the baseline lists"),
        ({"fail_under_reached": 50}, 0, "but for what the baseline lists"),
        ({"fail_under_reached": 51}, 4, "50.0 % of the implemented operations were reached, under 51 %"),
        ({"fail_under_coverage": 50}, 0, "but for what the baseline lists"),
        ({"fail_under_coverage": 51.5}, 4, "50.0 % of what there is was judged, under 51.5 %"),
    ],
)
def test_a_share_below_what_was_asked_for_does_not_pass(
    settings: dict[str, float], code: int, reason: str
) -> None:
    decided, reasons = verdict(**settings)
    assert decided == code
    assert any(reason in line for line in reasons), reasons
