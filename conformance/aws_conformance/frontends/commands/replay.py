# SPDX-License-Identifier: Apache-2.0
"""`replay`: the findings of a report, sent again.

It owns which findings are meant, which target they are sent to, and the exit code. It refuses to know how
a case is made again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...engine.plan import CLAIMS, Plan, StartedTarget
from ...errors import UsageError, did_you_mean
from ..config import Config, load_config, plan_from
from ..target_words import parse_target
from .options import request_timeout_option
from .planning import access_options

__all__ = ["replay"]

_NOTHING_KNOWN = 4


@click.command()
@click.argument("report", metavar="REPORT", type=click.Path(path_type=Path))
@click.argument("violation", metavar="[ID]", required=False)
@click.option("--target", metavar="TARGET", help="Another target than the report's.")
@click.option("--start", metavar="'CMD {port}'", help="Start the target by this command, and stop it.")
@click.option(
    "--claims", multiple=True, type=click.Choice(CLAIMS), help="What the target claims, as for `run`."
)
@click.option(
    "--allow-remote", is_flag=True, default=None, help="Speak to hosts other than the loopback too."
)
@access_options
@request_timeout_option("--timeout")
def replay(report: Path, violation: str | None, **settings: Any) -> int:
    """Send the violations of a report (JSON or NDJSON) again, each from new state.

    \b
    FIXED    not seen in three tries      STILL    seen in each of them
    FLAKY    seen, then not               UNKNOWN  the answers could not have shown it
    \b
    exit     0 all fixed, 1 any STILL or FLAKY, 4 otherwise any UNKNOWN
    """
    from ...engine.replay import replay as replay_findings
    from ...results.reports.escape import printable
    from ...results.reports.reading import Report, read_report

    read: Report = read_report(report)
    findings = [
        finding for finding in read.findings if violation is None or finding.violation.id == violation
    ]
    if violation is not None and not findings:
        known = [finding.violation.id for finding in read.findings]
        hint = did_you_mean(violation, known) or f"It has {', '.join(known[:10]) or 'none'}."
        raise UsageError(f"{report} has no violation {violation}.", hint)
    overrides: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    plan = _plan(read.target, read.seed, read.settings, overrides)
    fates: Counter[str] = Counter()
    for replayed in replay_findings(plan, findings):
        fates[replayed.fate] += 1
        seen_violation = replayed.finding.violation
        place = f"{seen_violation.operation} {seen_violation.check} at {seen_violation.path}"
        click.echo(printable(f"{replayed.fate:<7} {seen_violation.id}  {place}: {replayed.reason}"))
    click.echo(", ".join(f"{number} {fate}" for fate, number in sorted(fates.items())) or "no violations")
    if fates["STILL"] or fates["FLAKY"]:
        return 1
    return _NOTHING_KNOWN if fates["UNKNOWN"] else 0


def _plan(target: str, seed: int, settings: Any, overrides: dict[str, Any]) -> Plan:
    """The plan of the run that made the report, against its target unless another one is given."""
    over = Config(**overrides)
    if over.target is None and over.start is None:
        # A target that was started without a name is called by its command.
        over = replace(over, start=target) if "{port}" in target else replace(over, target=target)
        if over.target is not None:
            parse_target(over.target)
    if over.claims is None and settings.get("claims"):
        over = replace(over, claims=tuple(settings["claims"]))
    here = load_config()
    plan = plan_from(replace(here, baseline=None), over, operations=("replay",))
    if isinstance(plan.target, StartedTarget) and not overrides.get("start"):
        plan = replace(plan, target=replace(plan.target, name=plan.target.name or target))
    return replace(
        plan,
        seed=seed,
        protocol=settings.get("protocol"),
        checks=tuple(settings.get("checks", ())),
        excluded_checks=tuple(settings.get("excluded_checks", ())),
        severities=dict(settings.get("severities", {})),
        region=settings.get("region", plan.region),
        lifecycles=tuple(settings.get("lifecycles", ())),
    )
