"""`serve`: the embedded reference on a port, until somebody stops it.

It owns the lines that tell where it listens; it refuses to know what is served.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import click

from ...errors import UsageError, did_you_mean
from .execution import exit_on_terminate
from .options import SEED_LIMIT

__all__ = ["serve"]

_SERVED = ("cognito-idp",)


@click.command()
@click.argument("services", metavar="SERVICE...", nargs=-1)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The port; a free one if not given."
)
@click.option(
    "--seed",
    type=click.IntRange(0, SEED_LIMIT),
    default=0,
    metavar="N",
    help="What the identifiers that it hands out derive from.",
)
def serve(services: Sequence[str], port: int, seed: int) -> int:
    """Serve the embedded reference on the loopback, until Ctrl-C or SIGTERM.

    Its URL is the only line on the standard output. A POST to /_aws-conformance/advance moves its clock.
    """
    for name in services:
        if name not in _SERVED:
            hint = did_you_mean(name, _SERVED) or f"Served: {', '.join(_SERVED)}."
            raise UsageError(f"There is no embedded implementation of {name!r}.", hint)
    from ...reference.service import Reference
    from ...reference.settings import ACCESS_KEY, SECRET_KEY, Settings
    from ...targets.server import serve as listen

    reference = Reference(Settings(seed=seed, faults=True, time_control=True, stopping_seconds=1.0))
    restore = exit_on_terminate()
    try:
        with listen(reference.handle, port, lambda line: click.echo(f"error: {line}", err=True)) as server:
            click.echo(server.url)
            click.echo(
                f"Serving {', '.join(_SERVED)}; Ctrl-C stops it. It knows these credentials:\n"
                f"AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}",
                err=True,
            )
            threading.Event().wait()
    except KeyboardInterrupt:
        pass  # how it is meant to end
    finally:
        restore()
    return 0
