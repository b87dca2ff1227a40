# SPDX-License-Identifier: Apache-2.0
"""Which operations of services a target can be brought to answer with a success, by the engine's own way.

Each operation is explored as a run explores it, but no further than its first success or a few cases. Prints,
by service, how many of the implemented operations were reached, and for every other one why not.

    python tools/reach.py sqs dynamodb --target moto [--no-hints] [--names]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from aws_conformance.cases import hints
from aws_conformance.cases.compile import contract_of
from aws_conformance.engine.explore import explore
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan
from aws_conformance.engine.session import Session
from aws_conformance.frontends.config import Config, load_config, plan_from
from aws_conformance.results.events import CaseFinished, Event, OperationFinished

CASES = 6


def explored(session: Session, plan: Plan, name: str, seconds: float) -> OperationFinished:
    """The end of an operation's exploration that stops at its first success."""
    service, _, operation = name.partition(":")
    contract = contract_of(service)
    events: list[Event] = []
    until = time.monotonic() + seconds

    def expired() -> bool:
        ended = [event for event in events if isinstance(event, CaseFinished)]
        return (
            time.monotonic() > until
            or len(ended) >= CASES
            or any(200 <= event.answered < 300 for event in ended)
        )

    explore(session, contract, contract.operation(operation), plan, events.append, expired=expired)
    return next(event for event in events if isinstance(event, OperationFinished))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("selectors", nargs="+", metavar="SERVICE[:OPERATION]")
    parser.add_argument("--target", default="moto")
    parser.add_argument("--no-hints", action="store_true", help="By what the models tell alone.")
    parser.add_argument("--names", action="store_true", help="List what was reached, too.")
    parser.add_argument("--seconds", type=float, default=20.0, help="For one operation.")
    options = parser.parse_args()
    if options.no_hints:
        hints.forget()
    names = [
        f"{service}:{operation}"
        for service, _, only in (text.partition(":") for text in options.selectors)
        for operation in contract_of(service).service.operations
        if only in ("", operation)
    ]
    plan = plan_from(load_config(), Config(target=options.target), operations=tuple(names))
    reached = implemented = 0
    with opened(replace(plan, phases=("enumerated",))) as session:
        for service in dict.fromkeys(name.partition(":")[0] for name in names):
            began = time.monotonic()
            ends = [
                explored(session, session.plan, name, options.seconds)
                for name in names
                if name.startswith(f"{service}:")
            ]
            there = [end for end in ends if end.implemented]
            there_reached = [end for end in there if end.succeeded]
            reached, implemented = reached + len(there_reached), implemented + len(there)
            share = 100 * len(there_reached) / max(1, len(there))
            print(
                f"{service}: reached {len(there_reached)} of {len(there)} ({share:.0f} %)"
                f" in {time.monotonic() - began:.0f} s",
                flush=True,
            )
            for end in there:
                if not end.succeeded:
                    print(f"  - {end.operation}: {end.unreached}", flush=True)
                elif options.names:
                    print(f"  + {end.operation}", flush=True)
    print(f"all: reached {reached} of {implemented}")


if __name__ == "__main__":
    main()
