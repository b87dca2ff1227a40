# SPDX-License-Identifier: Apache-2.0
"""`targets`: what can be checked by name, what of it is installed, and `targets install`.

It owns how that is told; it refuses to know where emulators live and how they get there.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ...targets.presets import Preset
from .execution import exit_on_terminate

__all__ = ["targets"]


@click.group(invoke_without_command=True)
@click.pass_context
def targets(context: click.Context) -> int:
    """List the targets that have a name: what each offers, and the versions that are installed."""
    from ...targets.presets import add_presets
    from ..config import load_config

    add_presets(load_config().presets)
    if context.invoked_subcommand is not None:
        return 0
    from ...targets.installed import cache_folder, installations
    from ...targets.presets import presets

    installed = installations()
    rows = [("reference", "cognito-idp", "embedded")]
    for preset in presets().values():
        versions = [installation.version for installation in installed if installation.preset == preset]
        rows.append((preset.name, _offered(preset), " ".join(versions) or _absent(preset)))
    names, offers = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, offer, state in rows:
        click.echo(f"{name:<{names}}  {offer:<{offers}}  {state}")
    click.echo(f"Emulators live in {cache_folder()}; `targets doctor NAME` tells what one needs.", err=True)
    return 0


def _offered(preset: Preset) -> str:
    return " ".join(preset.services).replace("many", "many services") or "?"


def _absent(preset: Preset) -> str:
    if preset.url:
        return f"at {preset.url}, once it is started"
    if preset.registry == "none":
        return "started by its own command"
    return f"not installed; aws-conformance targets install {preset.name}"


@targets.command()
@click.argument("name", metavar="NAME")
def doctor(name: str) -> int:
    """Tell what an emulator needs of this machine, and what of it is missing (exit 1)."""
    from ...targets.doctor import diagnosed
    from ...targets.presets import parse_requested

    diagnoses = tuple(diagnosed(parse_requested(name).preset))
    width = max((len(diagnosis.what) for diagnosis in diagnoses), default=0)
    for diagnosis in diagnoses:
        click.echo(f"{diagnosis.what:<{width}}  {diagnosis.there}")
    for diagnosis in diagnoses:
        if diagnosis.remedy:
            click.echo(f"missing: {diagnosis.remedy}", err=True)
    return 0 if all(diagnosis.well for diagnosis in diagnoses) else 1


@targets.command()
@click.argument("names", metavar="NAME[==VERSION]...", nargs=-1, required=True)
def install(names: Sequence[str]) -> int:
    """Install emulators, each in an environment of its own; what is there already stays as it is.

    Without a version it is the newest. The downloads are made by pip, npm, cargo, go or mvn, as this machine
    has them configured.
    """
    from ...targets.installed import install as make
    from ...targets.presets import parse_requested

    requested = [parse_requested(name) for name in names]
    restore = exit_on_terminate()
    try:
        for request in requested:
            click.echo(f"{request}: installing, unless it is there", err=True)
            click.echo(f"{make(request)} is installed")
    finally:
        restore()
    return 0
