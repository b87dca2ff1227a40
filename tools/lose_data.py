# SPDX-License-Identifier: Apache-2.0
"""Data lost by a proxy before an emulator: is each loss named, beyond what the emulator shows by itself?

    python -m tools.lose_data [TARGET] [--loss NAME]...

The losses are those of tests/planted/losses.py, over secrets and over groups of user pools. TARGET is
ministack unless it is named. It owns the runs, and what the emulator shows without a loss, which is left out
of the count. Prints a row for each; exits 1 if a loss that changed something has no finding at error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from tests.planted.losses import LOSSES, LosingProxy, Loss

from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.http import Request, Response
from aws_conformance.results.events import Event, Reported
from aws_conformance.spec.selectors import select
from aws_conformance.targets.connection import Connection
from aws_conformance.targets.server import serve

OPERATIONS = select(
    (
        "secretsmanager:*Secret",
        "secretsmanager:ListSecrets",
        "secretsmanager:*Resource",
        "cognito-idp:*Group*",
    )
)
# What is of one connection, and what the proxy's own server says anew.
_HOPS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "te", "trailer", "transfer-encoding"}
)


def passing(connection: Connection, request: Request) -> Response:
    """The answer of the target behind a connection."""
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in (*_HOPS, "host"))
    answered = connection.send(replace(request, headers=headers)).response
    return replace(answered, headers=tuple(pair for pair in answered.headers if pair[0].lower() not in _HOPS))


def shown(target: str, loss: Loss | None) -> tuple[int, dict[str, str]]:
    """How much was lost, and the checks of what a run shows at error, by finding.

    Each run has a target of its own: names that another run has used up would be refused.
    """
    events: list[Event] = []
    with opened(Plan(OPERATIONS, parse_target(target))) as session:
        connection = Connection(session.url)
        proxy = LosingProxy(lambda request: passing(connection, request), loss)
        with serve(proxy) as server:
            plan = Plan(OPERATIONS, UrlTarget(server.url), phases=("enumerated", "stateful"), max_examples=0)
            run(plan, events.append)
    violations = [event.violation for event in events if isinstance(event, Reported)]
    return proxy.lost, {item.id: item.check for item in violations if item.severity == "error"}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Lose data on the way to a target.")
    parser.add_argument("target", nargs="?", default="ministack")
    parser.add_argument("--loss", action="append", help="only this loss; repeatable")
    options = parser.parse_args(arguments)
    missed = 0
    _, before = shown(options.target, None)
    print(f"{options.target} shows {len(before)} findings at error without a loss", flush=True)
    for loss in LOSSES:
        if options.loss and loss.name not in options.loss:
            continue
        lost, after = shown(options.target, loss)
        checks = sorted({check for key, check in after.items() if key not in before})
        missed += bool(lost) and not checks
        said = ", ".join(checks) or ("NOT NAMED" if lost else "changes nothing")
        print(f"| {loss.name} | {said} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
