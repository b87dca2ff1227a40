# SPDX-License-Identifier: Apache-2.0
"""A run over every protocol that its services list: one run for each, and what differs between them.

It owns which operations are in which run, where each run's reports go, and the comparison: what is answered
over one protocol and not over another is a fault, because users meet it (a command line speaks query where
an SDK speaks cbor). It refuses to know how a run is carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import click

from ...engine.plan import Plan
from ...errors import UsageError
from ...results.events import Event, OperationFinished
from ..listed_protocols import listed_protocols
from .reporting import RequestedReport

__all__ = ["carry_out_everywhere", "uneven_operations"]

# What a run says of its target where the comparison finds a fault that the run itself did not.
_VIOLATIONS = 1


def carry_out_everywhere(
    run_part: Callable[[Callable[..., int], Plan, Sequence[RequestedReport]], int],
    engine: Callable[..., int],
    plan: Plan,
    requested: Sequence[RequestedReport],
) -> int:
    """Run the plan over each protocol, then tell what differs. Returns the first exit code that is not 0.

    `run_part` carries out a plan by an engine, with the console and the reports.
    A report's path gets the protocol's name before its suffix. Raises UsageError for one on standard output
    if there are several.
    """
    parts = listed_protocols(plan.operations)
    if len(parts) > 1 and any(report.path is None for report in requested):
        raise UsageError(
            "With --protocol all there is a report for each protocol.", "Name a file in place of `-`."
        )
    answered: dict[str, dict[str, bool]] = {}
    code = 0
    for protocol, operations in parts.items():
        click.echo(f"Over {protocol}:", err=True)
        reports = [_beside(report, protocol) for report in requested] if len(parts) > 1 else requested
        part = replace(plan, operations=operations, protocol=protocol)
        ended = run_part(partial(_noted, engine, answered.setdefault(protocol, {})), part, reports)
        if ended == 130:
            return ended
        code = code or ended
    uneven = uneven_operations(answered)
    for line in uneven:
        click.echo(f"error: {line}")
    return code or (_VIOLATIONS if uneven else 0)


def _noted(
    engine: Callable[..., int], answered: dict[str, bool], plan: Plan, emit: Callable[[Event], None]
) -> int:
    """Runs the plan; puts down which operations were answered by a success."""

    def listen(event: Event) -> None:
        if isinstance(event, OperationFinished):
            answered[event.operation] = event.reached or event.succeeded
        emit(event)

    return engine(plan, listen)


def _beside(report: RequestedReport, protocol: str) -> RequestedReport:
    if report.path is None:
        return report
    return replace(report, path=report.path.with_name(f"{report.path.stem}-{protocol}{report.path.suffix}"))


def uneven_operations(answered: dict[str, dict[str, bool]]) -> list[str]:
    """A line for each operation that was answered over some of its protocols and not over others."""
    lines = []
    operations = dict.fromkeys(name for outcomes in answered.values() for name in outcomes)
    for operation in operations:
        over = [name for name, outcomes in answered.items() if outcomes.get(operation)]
        not_over = [name for name, outcomes in answered.items() if outcomes.get(operation) is False]
        if over and not_over:
            lines.append(
                f"{operation} is answered over {', '.join(over)}, and not over {', '.join(not_over)}"
            )
    return lines
