# SPDX-License-Identifier: Apache-2.0
"""Faults planted in every answer of an emulator by a proxy: is each found, beyond what the emulator shows?

    python -m tools.plant_faults [TARGET] [--fault NAME]...

The faults are those of tests/planted, which a test plants before the reference in a user import; here they
are planted in groups, which emulators have. TARGET is ministack unless it is named. It owns the proxy, and
what the emulator shows without a fault, which is left out of the count. It refuses to know which check finds
a fault. Prints a row for each; exits 1 if a fault is not found where it changed an answer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from tests.planted import GROUP, Fault, faults

from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.http import Request, Response, header
from aws_conformance.results.events import Event, Phase, Reported, Violation
from aws_conformance.results.terms import at_least
from aws_conformance.targets.connection import Connection
from aws_conformance.targets.server import serve

OPERATIONS = GROUP.operations
PHASES: tuple[Phase, ...] = ("enumerated", "stateful")
# What is of one connection, and what the proxy's own server says anew.
_HOPS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "te", "trailer", "transfer-encoding"}
    # A second name of the request id, which would stand in for the one that a fault takes away.
    | {"x-amz-request-id"}
)


@dataclass(slots=True)
class Proxy:
    """Answers as the target does, with a fault; `changed` counts the answers that it made other."""

    connection: Connection
    fault: Fault | None = None
    changed: int = field(default=0)

    def __call__(self, request: Request) -> Response:
        headers = tuple(pair for pair in request.headers if pair[0].lower() not in (*_HOPS, "host"))
        answered = self.connection.send(replace(request, headers=headers)).response
        passed = tuple(pair for pair in answered.headers if pair[0].lower() not in _HOPS)
        response = Response(answered.status, passed, answered.body)
        name = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        if self.fault is None or not any(item.endswith(f":{name}") for item in OPERATIONS):
            return response
        try:
            planted = self.fault.plant(response)
        except ValueError:
            # An answer that is no document has no place for this one.
            return response
        self.changed += planted != response
        return planted


def shown(url: str, phase: Phase) -> list[Violation]:
    """What a phase of a run shows of a target behind a proxy."""
    events: list[Event] = []
    run(Plan(OPERATIONS, UrlTarget(url), phases=(phase,), max_examples=0, fail_on="note"), events.append)
    return [event.violation for event in events if isinstance(event, Reported)]


def checks_of(fault: Fault, violations: Sequence[Violation], before: Container[str]) -> list[str]:
    """The checks that find a fault as grave as it has to be, beyond what was there before."""
    new = (item for item in violations if item.id not in before and at_least(item.severity, fault.severity))
    return sorted({violation.check for violation in new})


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Plant faults in the answers of a target.")
    parser.add_argument("target", nargs="?", default="ministack")
    parser.add_argument("--fault", action="append", help="only this fault; repeatable")
    options = parser.parse_args(arguments)
    chosen = [fault for fault in faults(GROUP) if not options.fault or fault.name in options.fault]
    missed, nowhere = 0, 0
    with opened(Plan(OPERATIONS, parse_target(options.target))) as session:
        proxy = Proxy(Connection(session.url))
        with serve(proxy) as server:
            # What one answer does not tell, a resource that is made and looked at does.
            before = {violation.id for phase in PHASES for violation in shown(server.url, phase)}
            print(f"{options.target} shows {len(before)} findings without a fault")
            for fault in chosen:
                proxy.fault, proxy.changed = fault, 0
                by_phase = (checks_of(fault, shown(server.url, phase), before) for phase in PHASES)
                checks = next(filter(None, by_phase), [])
                nowhere += not proxy.changed
                missed += bool(proxy.changed) and not checks
                said = ", ".join(checks) or ("NOT FOUND" if proxy.changed else "changes no answer")
                print(f"{fault.name} | {fault.answers} | {fault.severity} | {said}", flush=True)
    print(f"{len(chosen) - missed - nowhere} of {len(chosen)} found, {missed} not, {nowhere} change nothing")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
