# SPDX-License-Identifier: Apache-2.0
"""`trend`: one plan run on several versions of a target, and which causes came and went with each.

It refuses to know how a cause is found and how the runs are carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...results.events import Event, Reported
from ..config import Config, load_config, plan_from
from ..target_words import parse_target
from .execution import INTERRUPTED, carry_out
from .options import (
    SecondsType,
    effort_option,
    exhaustive_option,
    lifecycles_option,
    max_examples_option,
    phase_option,
    protocol_option,
    request_timeout_option,
    seed_option,
)
from .reporting import parse_reports

if TYPE_CHECKING:
    from ...results.trend import TrendRow

__all__ = ["trend"]

_TITLE = 58


@click.command()
@click.argument("names", metavar="TARGET...", nargs=-1, required=True)
@click.option("--select", "selectors", multiple=True, metavar="SELECTOR", help="What to check; repeatable.")
@protocol_option
@phase_option
@seed_option
@max_examples_option
@exhaustive_option
@effort_option
@lifecycles_option
@click.option("--max-time", type=SecondsType(), metavar="S", help="Seconds that each run may take.")
@request_timeout_option()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the NDJSON of each run there: `report render DIR/*.ndjson html=page.html` draws them.",
)
def trend(names: Sequence[str], selectors: Sequence[str], out: Path | None, **settings: Any) -> int:
    """Run one plan on several targets, such as versions of one, and tell which causes came and went.

    \b
    aws-conformance trend moto==5.1.11 moto==5.1.12 moto==5.2.5 --select cognito-idp --effort quick
    exit      0 all runs came to their end, 2 usage, 3 a target can't be reached, 130 interrupted
    """
    from ...engine.run import run as engine
    from ...results.causes import Cause, causes
    from ...results.trend import trend_of
    from ...spec.selectors import select

    overrides: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    operations = select(tuple(selectors)) if selectors else None
    plan = plan_from(load_config(), Config(**overrides), operations=operations)
    targets = {name: parse_target(name) for name in names}
    runs: dict[str, tuple[Cause, ...]] = {}
    for name, target in targets.items():
        seen: list[Event] = []
        requested = parse_reports([f"ndjson={out / _file_name(name)}"] if out is not None else [])
        code = carry_out(engine, replace(plan, target=target), requested, listener=seen.append)
        if code == INTERRUPTED:
            return INTERRUPTED
        # A version may have mended one member of what a resource loses.
        runs[name] = causes([event for event in seen if isinstance(event, Reported)], apart=True)
    rows = trend_of(runs)
    click.echo("")
    for number, name in enumerate(runs, 1):
        click.echo(f"  {number}  {name}: {len(runs[name])} causes")
    click.echo("")
    for row in rows:
        click.echo(_line(row))
    born, fixed = sum(bool(row.born) for row in rows), sum(bool(row.fixed) for row in rows)
    click.echo(f"{len(rows)} causes in all, {born} came and {fixed} went between the first and the last.")
    return 0


def _line(row: TrendRow) -> str:
    title = row.cause.title if len(row.cause.title) <= _TITLE else f"{row.cause.title[: _TITLE - 3]}..."
    shows = "".join(str(number) if here else "." for number, here in enumerate(row.shows, 1))
    changes = [f"came with {row.born}" if row.born else "", f"went with {row.fixed}" if row.fixed else ""]
    change = ", ".join(filter(None, changes))
    grave = row.cause.severity[0].upper()
    return f"{grave} {row.cause.kind:<8} {title:<{_TITLE}} {shows}  {row.cause.id}  {change}".rstrip()


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "=.-" else "-" for letter in name) + ".ndjson"
