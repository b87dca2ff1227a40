# SPDX-License-Identifier: Apache-2.0
"""Operations by runs: in one row, what each target and version made of an operation.

It owns which words stand in a cell. It refuses to know how a cell looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from ...coverage import run_coverage
from ...events import Covered, OperationFinished
from ...terms import Severity
from ..recorded import RecordedRun
from ..summary import SEVERITIES

__all__ = [
    "STANDINGS",
    "CoverageRow",
    "Matrix",
    "MatrixCell",
    "MatrixRow",
    "Standing",
    "coverage_rows",
    "matrix",
]

# What became of an operation in a run, the best first.
Standing: TypeAlias = Literal[
    "conforms", "remarks", "violations", "not reached", "not implemented", "unfinished", "not run"
]
STANDINGS: Sequence[Standing] = get_args(Standing)


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One operation in one run: its standing, and the number of findings of each severity, gravest first.

    `evidence` says why it is not reached or not implemented; an operation with violations may be `unreached`
    besides.
    """

    standing: Standing
    findings: tuple[tuple[Severity, int], ...] = ()
    evidence: str = ""
    unreached: bool = False

    @property
    def worst(self) -> int:
        """The number of findings of the gravest severity; 0 if there are none."""
        return next((number for _, number in self.findings if number), 0)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    operation: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows in model order, and of each run how many operations have which standing."""

    rows: tuple[MatrixRow, ...]
    totals: tuple[tuple[tuple[Standing, int], ...], ...]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What there is of one operation, was judged and departs, by kind; None where there is none of a kind."""

    operation: str
    kinds: tuple[Covered | None, ...]


def matrix(runs: Sequence[RecordedRun]) -> Matrix:
    """The operations that any of the runs had, each with its cell of every run."""
    columns = [_column(run) for run in runs]
    names = dict.fromkeys(name for column in columns for name in column)
    absent = MatrixCell("not run")
    rows = tuple(MatrixRow(name, tuple(column.get(name, absent) for column in columns)) for name in names)
    totals = tuple(
        tuple(
            (standing, number)
            for standing in STANDINGS
            if (number := sum(row.cells[index].standing == standing for row in rows))
        )
        for index in range(len(runs))
    )
    return Matrix(rows, totals)


def _column(run: RecordedRun) -> dict[str, MatrixCell]:
    counts: dict[str, dict[Severity, int]] = {}
    for finding in run.summary.findings:
        for name in finding.operations or (finding.violation.operation,):
            severities = counts.setdefault(name, dict.fromkeys(SEVERITIES, 0))
            severities[finding.violation.severity] += 1
    finished = {
        operation.operation: _cell(operation, counts.get(operation.operation, {}))
        for operation in run.summary.operations
    }
    return {**finished, **{name: MatrixCell("unfinished") for name in run.summary.unfinished}}


def _cell(operation: OperationFinished, counts: dict[Severity, int]) -> MatrixCell:
    findings = tuple(counts.items())
    if not operation.implemented:
        return MatrixCell("not implemented", findings, operation.evidence)
    if counts.get("error"):
        reached = operation.reached or operation.succeeded
        return MatrixCell("violations", findings, "" if reached else operation.unreached, not reached)
    if not operation.reached:
        return MatrixCell("not reached", findings, operation.unreached)
    return MatrixCell("remarks" if any(counts.values()) else "conforms", findings)


def coverage_rows(run: RecordedRun) -> tuple[tuple[str, ...], tuple[CoverageRow, ...], CoverageRow]:
    """The kinds of what there is, a row for each implemented operation, and the row of the whole run."""
    totals = {kind.what: kind for kind in run_coverage(run.summary.operations).kinds}
    kinds = tuple(kind for kind in totals if kind != "operations")
    rows = []
    for operation in run.summary.operations:
        if operation.implemented and operation.coverage:
            covered = {kind.what: kind for kind in operation.coverage}
            rows.append(CoverageRow(operation.operation, tuple(covered.get(kind) for kind in kinds)))
    return kinds, tuple(rows), CoverageRow("all", tuple(totals[kind] for kind in kinds))
