# SPDX-License-Identifier: Apache-2.0
"""`serve`: the embedded reference and the specification of any other service on a port, until it is stopped.

It owns the lines that tell where it listens; it refuses to know what is served.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import click

from ...errors import UsageError, did_you_mean
from .execution import exit_on_terminate
from .options import ALL_PROTOCOLS, SEED_LIMIT, model_option, protocol_option

__all__ = ["serve"]

_REFERENCE = "cognito-idp"


@click.command()
@click.argument("services", metavar="SERVICE...", nargs=-1)
@protocol_option
@model_option
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The port; a free one if not given."
)
@click.option(
    "--seed",
    type=click.IntRange(0, SEED_LIMIT),
    default=0,
    metavar="N",
    help="What the identifiers and outputs that it hands out derive from.",
)
@click.option(
    "--accept",
    type=click.Choice(["known", "any"]),
    default="known",
    help="Whose signatures cognito-idp takes: those of keys that it knows, or anybody's.",
)
def serve(services: Sequence[str], protocol: str | None, port: int, seed: int, accept: str) -> int:
    """Serve services on the loopback, until Ctrl-C or SIGTERM.

    cognito-idp, the default, is the embedded reference; a POST to /_aws-conformance/advance moves its clock.
    Any other service is answered as its model describes it, without state, and its answers say so
    (x-aws-conformance: generated). The URL is the only line on the standard output.
    """
    from ...spec.botocore import added_services, load_service, service_names

    served = tuple(dict.fromkeys(services)) or added_services() or (_REFERENCE,)
    for name in served:
        if name not in service_names():
            hint = did_you_mean(name, service_names()) or "`aws-conformance plan '*'` lists what there is."
            raise UsageError(f"There is no service named {name!r}.", hint)
    from ...protocols import resolve_protocol
    from ...reference.server import Served
    from ...reference.settings import ACCESS_KEY, ACCOUNT_ID, SECRET_KEY, AccessKey, Settings
    from ...targets.server import serve as listen

    if protocol == ALL_PROTOCOLS:
        # As without the option: each request says which it is in.
        protocol = None
    for name in served:
        resolve_protocol(load_service(name), protocol)
    own = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    access_keys = (AccessKey(own[0], own[1], ACCOUNT_ID),) if own[0] and own[1] else ()
    settings = Settings(
        seed=seed,
        faults=True,
        time_control=True,
        stopping_seconds=1.0,
        access_keys=access_keys,
        accept_any=accept == "any",
    )
    handler = Served(served, settings, protocol).handle
    restore = exit_on_terminate()
    try:
        with listen(handler, port, lambda line: click.echo(f"error: {line}", err=True)) as server:
            click.echo(server.url)
            more = ", and those of the environment" if access_keys else ""
            whose = "anybody's credentials" if accept == "any" else f"these credentials{more}"
            click.echo(
                f"Serving {', '.join(served)}; Ctrl-C stops it. It takes {whose}:\n"
                f"AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}",
                err=True,
            )
            threading.Event().wait()
    except KeyboardInterrupt:
        pass  # how it is meant to end
    finally:
        restore()
    return 0
