"""`targets`: what can be checked by name, what of it is installed, and `targets install`.

It owns how that is told; it refuses to know where emulators live and how they get there.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from .execution import exit_on_terminate

__all__ = ["targets"]


@click.group(invoke_without_command=True)
@click.pass_context
def targets(context: click.Context) -> int:
    """List the targets that have a name, with the versions that are installed."""
    if context.invoked_subcommand is not None:
        return 0
    from ...targets.installed import cache_folder, installations
    from ...targets.presets import presets

    installed = installations()
    width = max(map(len, ("reference", *presets())))
    click.echo(f"{'reference':<{width}}  embedded")
    for preset in presets().values():
        versions = [installation.version for installation in installed if installation.preset == preset]
        state = " ".join(versions) or f"not installed; aws-conformance targets install {preset.name}"
        click.echo(f"{preset.name:<{width}}  {state}")
    click.echo(f"Emulators live in {cache_folder()}.", err=True)
    return 0


@targets.command()
@click.argument("names", metavar="NAME[==VERSION]...", nargs=-1, required=True)
def install(names: Sequence[str]) -> int:
    """Install emulators, each in an environment of its own; what is there already stays as it is.

    Without a version it is the newest. The downloads are made by pip and npm, as this machine has them
    configured.
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
