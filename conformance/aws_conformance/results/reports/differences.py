# SPDX-License-Identifier: Apache-2.0
"""The differences of two targets as lines of text, by operation.

It owns the wording. It refuses to know how differences come about.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..differences import TargetComparison, TargetDifference
from .escape import printable

__all__ = ["side_by_side"]

_MOST = 40


def side_by_side(
    comparison: TargetComparison, names: tuple[str, str], *, verbose: bool = False
) -> Iterator[str]:
    """The lines that tell a comparison; without `verbose` the first differences only."""
    first, second = map(printable, names)
    differences = comparison.differences
    yield ""
    yield f"{first} against {second}: {len(differences):,} differences in {comparison.cases:,} common cases"
    operation = ""
    for difference in differences if verbose else differences[:_MOST]:
        if difference.operation != operation:
            operation = difference.operation
            yield f"  {printable(operation)}"
        yield f"    {_line(difference, (first, second))}"
    if not verbose and len(differences) > _MOST:
        yield f"  and {len(differences) - _MOST:,} more: --verbose"


def _line(difference: TargetDifference, names: tuple[str, str]) -> str:
    what = " ".join(part for part in (difference.kind, printable(difference.place)) if part)
    sides = f"{printable(difference.first)} / {printable(difference.second)}"
    departs = {
        "first": f"{names[0]} departs from the documents",
        "second": f"{names[1]} departs from the documents",
        "both": "both depart from the documents",
        "neither": "",
    }[difference.departs]
    case = f"{difference.case.title} ({difference.case.id})" if difference.case is not None else ""
    count = f"{difference.count} cases" if difference.count > 1 else ""
    return "; ".join(part for part in (f"{what}: {sides}", departs, count, printable(case)) if part)
