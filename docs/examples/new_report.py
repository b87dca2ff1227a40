# SPDX-License-Identifier: Apache-2.0
"""A new report format: a consumer of a run's events, and its row.

In the kit the module stands in `results/reports/`, the row in the table of `results/reports/__init__.py`.
"""

from __future__ import annotations

from typing import TextIO

from aws_conformance.results.events import Event, OperationFinished, RunFinished
from aws_conformance.results.reports import Consumer, ReportFormat


def begin(stream: TextIO) -> Consumer:
    """Write a line for each operation as it ends, and one for the run."""

    def consume(event: Event) -> None:
        match event:
            case OperationFinished(operation=operation, findings=findings):
                stream.write(f"{operation}\t{len(findings)}\n")
            case RunFinished(exit=code):
                stream.write(f"exit\t{code}\n")
            case _:
                # Whatever else happened is told by other formats.
                pass

    return consume


FORMAT = ReportFormat("lines", begin, streams=True)
