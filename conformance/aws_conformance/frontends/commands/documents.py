# SPDX-License-Identifier: Apache-2.0
"""`schema` and `plan`: what the documents amount to before anything is sent.

It owns how schemas are laid out in a folder and how a plan is listed; it refuses to know how either is
made.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...engine.plan import DEFAULT_SELECTORS
from ...errors import UsageError
from ...results.events import CaseInfo
from ..config import Config, load_config, plan_from
from ..listed_protocols import listed_protocols
from .options import (
    ALL_PROTOCOLS,
    effort_option,
    exhaustive_option,
    lifecycles_option,
    max_examples_option,
    model_option,
    phase_option,
    protocol_option,
    seed_option,
    selectors_argument,
)

if TYPE_CHECKING:
    from ...cases.case import LeftOut
    from ...spec.schema.vocabulary import Side

__all__ = ["plan", "schema"]

_SIDES: tuple[Side, ...] = ("input", "output", "errors")


@click.command()
@selectors_argument(required=True)
@click.option("--side", type=click.Choice(_SIDES), help="One side only; all three if not given.")
@protocol_option
@model_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write DIR/<service>/<Operation>/<side>.json; nothing is removed. All protocols: DIR/<protocol>/...",
)
def schema(selectors: Sequence[str], side: Side | None, protocol: str | None, out: Path | None) -> int:
    """Print the JSON Schema of an operation, or write those of many.

    Without --side, the three sides of one operation are printed as one object, by their names.
    """
    from ...spec.schema.write import dump_schema
    from ...spec.selectors import select

    operations = select(selectors)
    sides = (side,) if side else _SIDES
    if out is not None:
        written = (
            sum(
                _write(names, sides, name, out / name) for name, names in listed_protocols(operations).items()
            )
            if protocol == ALL_PROTOCOLS
            else _write(operations, sides, protocol, out)
        )
        click.echo(f"{written} schema{'' if written == 1 else 's'} in {out}", err=True)
        return 0
    if len(operations) > 1:
        raise UsageError(
            f"{', '.join(selectors)} selects {len(operations)} operations.", "Write them with --out DIR."
        )
    if protocol == ALL_PROTOCOLS:
        spoken = listed_protocols(operations)
        everywhere = {name: _schemas(operations[0], sides, name) for name in spoken}
        chosen = {name: schemas[side] if side else schemas for name, schemas in everywhere.items()}
        click.echo(dump_schema(chosen), nl=False)
        return 0
    schemas = _schemas(operations[0], sides, protocol)
    click.echo(dump_schema(schemas[side] if side else schemas), nl=False)
    return 0


def _schemas(operation: str, sides: Iterable[Side], protocol: str | None) -> dict[str, dict[str, Any]]:
    from ...protocols import resolve_protocol
    from ...spec.schema.write import side_schema
    from ...spec.selectors import find_operation

    service, known = find_operation(operation)
    spoken = resolve_protocol(service, protocol)
    return {side: side_schema(service, known, side, spoken) for side in sides}


def _write(operations: Sequence[str], sides: Sequence[Side], protocol: str | None, out: Path) -> int:
    from ...protocols import resolve_protocol
    from ...spec.botocore import load_service
    from ...spec.schema.texts import ServiceTexts
    from ...spec.selectors import split_operation

    # The models stay until the end; without this they are looked through anew for every few schemas.
    gc.freeze()
    written = 0
    for service_name, group in groupby(map(split_operation, operations), key=itemgetter(0)):
        service = load_service(service_name)
        texts = ServiceTexts(service, resolve_protocol(service, protocol))
        for _, name in group:
            folder = out / service_name / name
            for side in sides:
                _write_file(folder / f"{side}.json", texts.text(service.operations[name], side))
                written += 1
    return written


def _write_file(file: Path, text: str) -> None:
    content = text.encode("ascii")
    try:
        try:
            file.write_bytes(content)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from None


@click.command()
@selectors_argument()
@protocol_option
@model_option
@phase_option
@seed_option
@max_examples_option
@exhaustive_option
@effort_option
@lifecycles_option
@click.option("-v", "--verbose", is_flag=True, help="List each case, for several operations too.")
def plan(selectors: Sequence[str], verbose: bool, **settings: Any) -> int:
    """List the cases that a run of these operations would send.

    For one operation each case is listed, and what it needs; for several only their numbers, without that of
    random cases: those are made when they are sent, or listed, and some may come about twice. Random
    histories are chosen while they are walked, and are not among them.
    """
    from ...cases.chain_text import chain_lines
    from ...cases.compile import contract_of
    from ...cases.lifecycles.registry import planned_histories
    from ...cases.oracles.scripts import scripts_for
    from ...cases.planned import planned_cases
    from ...spec.botocore import added_services
    from ...spec.selectors import select, split_operation

    operations = select(selectors or added_services() or DEFAULT_SELECTORS)
    overrides: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    run_plan = plan_from(load_config(), Config(**overrides), operations=operations)
    everywhere = run_plan.protocol == ALL_PROTOCOLS
    listed = listed_protocols(operations) if everywhere else {}
    rows: list[tuple[str, str | None]] = [(name, run_plan.protocol) for name in operations]
    if everywhere:
        rows = [(name, spoken) for name in operations for spoken in listed if name in listed[spoken]]
    listing = verbose or len(operations) == 1
    for name, protocol in rows:
        service, operation = split_operation(name)
        label = f"{name} over {protocol}" if everywhere else name
        try:
            contract = contract_of(service, protocol)
            known = contract.operation(operation)
            planned = planned_cases(
                contract.of(known),
                run_plan.phases,
                run_plan.seed,
                run_plan.max_examples,
                run_plan.target.claims,
                budget=None if run_plan.exhaustive else run_plan.budget,
                drawn=None if listing else 0,
            )
            cases = [case.info for case in planned.cases]
            if "stateful" in run_plan.phases:
                cases += planned_histories(service, run_plan.lifecycles, operation)
                cases += [script.info for script in scripts_for(contract.of(known))]
        except UsageError as error:
            # Of many operations some may not be plannable yet; the others are.
            if len(operations) == 1:
                raise
            click.echo(f"{label}: {error}")
            continue
        random = f", up to {len(planned.undrawn):,} random" if planned.undrawn else ""
        click.echo(f"{label}: {_counts(cases)}{random}{_left_out(planned.left_out)}")
        if len(operations) == 1:
            for line in chain_lines(contract.of(known)):
                click.echo(f"  needs {line}")
        if listing:
            for case in cases:
                click.echo(f"  {case.id}  {case.phase:<10}  {case.kind:<9}  {case.title}")
    return 0


def _left_out(left_out: LeftOut) -> str:
    """What a run leaves out unless it is exhaustive."""
    if not left_out.cases and not left_out.places:
        return ""
    return f"; left out: {left_out.cases} cases, {left_out.places} places of known shapes"


def _counts(cases: Sequence[CaseInfo]) -> str:
    kinds = Counter(case.kind for case in cases)
    total = f"{len(cases)} case{'' if len(cases) == 1 else 's'}"
    return f"{total} ({', '.join(f'{number} {kind}' for kind, number in kinds.items())})" if kinds else total
