# SPDX-License-Identifier: Apache-2.0
"""The options that make a plan, for every command that has a run made.

It owns how they are written on a command line; it refuses to know what is done with the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from ...engine.plan import CLAIMS, DEFAULT_SELECTORS, AccountTarget, Plan
from ..config import SEVERITIES, Config, load_config, plan_from
from .options import (
    PercentType,
    SecondsType,
    effort_option,
    exhaustive_option,
    lifecycles_option,
    max_examples_option,
    model_option,
    phase_option,
    protocol_option,
    request_timeout_option,
    seed_option,
    selectors_argument,
)

__all__ = ["access_options", "plan_options", "planned"]

# How a run gets to its target.
_ACCESS_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--allow-host",
        "allow_hosts",
        multiple=True,
        metavar="HOST",
        help="Speak to this host beside the loopback; repeatable.",
    ),
    click.option(
        "--allow-upload-to",
        "allow_uploads",
        multiple=True,
        metavar="HOST:PORT",
        help="Upload files there, if the target asks for it; else only to the target itself; repeatable.",
    ),
    click.option("--profile", metavar="NAME", help="Sign with the keys of this profile of the AWS command."),
    click.option(
        "--credentials", metavar="FILE", help="Look for keys in this file, in the AWS command's form."
    ),
    click.option(
        "--ca-bundle", metavar="FILE", help="Trust these authorities, in PEM, for the target's TLS."
    ),
    click.option(
        "--client-certificate", metavar="FILE", help="Show this certificate, in PEM, to the target."
    ),
    click.option("--client-key", metavar="FILE", help="The certificate's key, if it is in another file."),
)

_PLAN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    selectors_argument(),
    click.option(
        "--target",
        metavar="TARGET",
        help="`reference` (embedded, the default), a URL, an installed emulator "
        "(NAME[==VERSION]), `aws-cli`, the aws command, or `aws`, an account of yours.",
    ),
    click.option(
        "--endpoint", metavar="URL", help="What the target aws-cli speaks to; else the embedded reference."
    ),
    click.option("--start", metavar="'CMD {port}'", help="Start the target by this command, and stop it."),
    click.option(
        "--name",
        metavar="NAME",
        help="Call the target this in baselines and reports, wherever it listens and however it starts.",
    ),
    click.option(
        "--claims",
        multiple=True,
        type=click.Choice(CLAIMS),
        help="Hold the target to this: sigv4, that it verifies signatures; clock, that its time moves.",
    ),
    protocol_option,
    model_option,
    phase_option,
    seed_option,
    max_examples_option,
    effort_option,
    exhaustive_option,
    lifecycles_option,
    click.option("--max-time", type=SecondsType(), metavar="S", help="Seconds that the run may take."),
    click.option(
        "--max-wait",
        type=SecondsType(),
        metavar="S",
        help="Seconds to wait for what the target does in its own time; what takes longer is left open.",
    ),
    request_timeout_option(),
    click.option(
        "--workers", type=click.IntRange(1, 512), metavar="N", help="Processes that share the operations."
    ),
    click.option("--check", "checks", multiple=True, metavar="ID", help="Apply only this check; repeatable."),
    click.option(
        "--exclude-check",
        "exclude_checks",
        multiple=True,
        metavar="ID",
        help="Leave this check out; repeatable.",
    ),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="NAME:VALUE",
        help="Add a header to every request to the target; in no report; repeatable.",
    ),
    click.option(
        "--max-failures",
        type=click.IntRange(1),
        metavar="N",
        help="Explore nothing more after N findings that fail the run (with --workers, of each).",
    ),
    click.option(
        "--allow-remote", is_flag=True, default=None, help="Speak to hosts other than the loopback too."
    ),
    *_ACCESS_OPTIONS,
    click.option(
        "--i-own", metavar="ACCOUNT", help="Whose account `--target aws` speaks to: twelve digits, and yours."
    ),
    click.option(
        "--allow-writes", is_flag=True, default=None, help="On an account, let more than reading through."
    ),
    click.option(
        "--max-costly",
        type=click.IntRange(0),
        metavar="N",
        help="On an account, requests that are known to cost and are sent all the same (0).",
    ),
    click.option(
        "--max-requests",
        type=click.IntRange(1),
        metavar="N",
        help="Explore nothing more after N requests (on an account, 1000).",
    ),
    click.option(
        "--ledger",
        metavar="FILE",
        help="Write down what the run makes before it does, and undo it in the end; `cleanup` goes on.",
    ),
    click.option(
        "--fail-on", type=click.Choice(SEVERITIES), help="The least severity that fails the run (error)."
    ),
    click.option(
        "--fail-under-coverage",
        type=PercentType(0, 100),
        metavar="N",
        help="Percent of what there is that has to be judged for the run to pass.",
    ),
    click.option(
        "--fail-under-reached",
        type=PercentType(0, 100),
        metavar="N",
        help="Percent of the implemented operations that have to be reached for the run to pass.",
    ),
)


def access_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options that say how its target is got to."""
    for option in reversed(_ACCESS_OPTIONS):
        function = option(function)
    return function


def plan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command all options that make a plan; `planned` makes it."""
    for option in reversed(_PLAN_OPTIONS):
        function = option(function)
    return function


def planned(selectors: Sequence[str], settings: Mapping[str, Any]) -> Plan:
    """The plan of a command line over the configuration. Raises UsageError for what can't be planned."""
    from ...spec.botocore import added_services
    from ...spec.model_files import added_files
    from ...spec.selectors import select

    # What click calls "not given" is None or an empty tuple; a Config knows only None.
    overrides: dict[str, Any] = {name: value if value != () else None for name, value in settings.items()}
    operations = select(selectors or added_services() or DEFAULT_SELECTORS)
    plan = plan_from(load_config(), Config(**overrides), operations=operations)
    plan = replace(plan, models=added_files())
    if not isinstance(plan.target, AccountTarget):
        return plan
    from ...engine.accounts.selection import permitted

    plan, lines = permitted(plan, plan.target)
    for line in lines:
        click.echo(line, err=True)
    return plan
