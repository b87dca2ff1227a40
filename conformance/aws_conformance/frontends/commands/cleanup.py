# SPDX-License-Identifier: Apache-2.0
"""`cleanup`: what a run has written down as its own, taken away.

It owns how the places of a ledger are got to, what is told, and the exit code. It refuses to know what takes
anything away.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...engine.ledgers.ledger import LedgerEntry, rewrite_ledger
from ...engine.plan import Plan
from ..config import Config, load_config, plan_from
from ..target_words import AWS
from .options import request_timeout_option
from .planning import access_options

__all__ = ["cleanup", "tell_left"]

_SHOWN = 20


@click.command()
@click.argument("ledger", metavar="LEDGER", type=click.Path(path_type=Path))
@click.option("--target", metavar="URL", help="Where it all stands, if not where the run left it.")
@click.option(
    "--allow-remote", is_flag=True, default=None, help="Speak to hosts other than the loopback too."
)
@access_options
@request_timeout_option()
def cleanup(ledger: Path, target: str | None, **settings: Any) -> int:
    """Take away what runs with `--ledger LEDGER` have made and left.

    The newest first. What can't be taken away stays in the ledger, so the command can be given again.

    \b
    exit     0 nothing is left, 1 something is, 2 usage, 3 target unreachable
    """
    from ...engine.ledgers.cleanup import clean_up

    overrides: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    here = replace(load_config(), baseline=None, claims=None, ledger=None)

    def plan_of(entry: LedgerEntry) -> Plan:
        place: dict[str, Any] = {"target": target or entry.url}
        if entry.account:
            place = {"target": AWS, "i_own": entry.account}
        over = Config(**overrides, **place, region=entry.region or None)
        return plan_from(here, over, operations=(f"{entry.service}:{entry.operation}",))

    result = clean_up(ledger, plan_of)
    absent = f"{result.absent} never made, " if result.absent else ""
    click.echo(f"{result.gone} taken away, {absent}{len(result.left)} left")
    _tell(result.left)
    return 1 if result.left else 0


def tell_left(path: Path) -> None:
    """Leave in the ledger of a run what is there still, and say so."""
    left = rewrite_ledger(path).entries
    if left:
        click.echo(f"{len(left)} things that the run made may be there still, as {path} says:", err=True)
        _tell(left, err=True)
        click.echo(f"`aws-conformance cleanup {path}` tries again.", err=True)


def _tell(entries: tuple[LedgerEntry, ...], *, err: bool = False) -> None:
    from ...results.reports.escape import printable, single_line

    lines = Counter(f"{entry}: {entry.reason or 'not tried'}" for entry in entries)
    for line, count in lines.most_common(_SHOWN):
        times = f" ({count} times)" if count > 1 else ""
        click.echo(printable(single_line(f"left  {line}{times}")), err=err)
    if len(lines) > _SHOWN:
        click.echo(f"and {len(lines) - _SHOWN} kinds more", err=err)
