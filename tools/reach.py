# SPDX-License-Identifier: Apache-2.0
"""Which operations of services a target can be brought to answer with a success, by the engine's own way.

Each operation is explored as a run explores it, but no further than its first success or a few cases. Prints,
by service, how many of the implemented operations were reached, and for every other one why not; or rows of
the table in docs/findings.md. With the folder of the target's own source, also where that and the evidence
of the run differ on what is implemented: an operation counts as listed there that is spelled as Python,
JavaScript or a table of actions would spell it.

    python tools/reach.py sqs dynamodb --target moto [--no-hints] [--names] [--table] [--source FOLDER]
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

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

    explore(session, contract.of(contract.operation(operation)), plan, events.append, expired=expired)
    return next(event for event in events if isinstance(event, OperationFinished))


def listed_in(folder: Path, names: Sequence[str]) -> set[str]:
    """Those operations that the sources in a folder have a function or an entry of a table for."""
    files = [file for ending in ("py", "js", "ts") for file in folder.rglob(f"*.{ending}")]
    text = "\n".join(file.read_text("utf-8", "replace") for file in files)
    words = set(re.findall(r"def (\w+)\(", text)) | set(re.findall(r"[\"']?(\w+)[\"']?\s*[:,=]", text))
    snakes = {
        name: re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower() for name in names
    }
    return {name for name in names if name in words or snakes[name] in words}


def tell_differences(ends: Sequence[OperationFinished], folder: Path) -> None:
    """Print which operations the source lists though the run has evidence against them, and the reverse."""
    listed = listed_in(folder, [end.operation.partition(":")[2] for end in ends])
    for end in ends:
        name = end.operation.partition(":")[2]
        if name in listed and not end.implemented:
            print(f"  ? {name} is in the source: {end.evidence}", flush=True)
        elif name not in listed and end.implemented:
            says = "it succeeded" if end.succeeded else end.unreached
            print(f"  ? {name} is not in the source: {says}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("selectors", nargs="+", metavar="SERVICE[:OPERATION]")
    parser.add_argument("--target", default="moto")
    parser.add_argument("--no-hints", action="store_true", help="By what the models tell alone.")
    parser.add_argument("--names", action="store_true", help="List what was reached, too.")
    parser.add_argument("--table", action="store_true", help="A row of Markdown for each service instead.")
    parser.add_argument("--source", type=Path, metavar="FOLDER", help="Of the target, for that service.")
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
            share = f"{100 * len(there_reached) / max(1, len(there)):.0f} %"
            if options.table:
                missed = ", ".join(end.operation.partition(":")[2] for end in there if not end.succeeded)
                figures = f"{len(there_reached)} of {len(there)} | {share}"
                print(f"| {options.target} | {service} | {figures} | {missed} |", flush=True)
                continue
            print(
                f"{service}: reached {len(there_reached)} of {len(there)} ({share})"
                f" in {time.monotonic() - began:.0f} s",
                flush=True,
            )
            for end in there:
                if not end.succeeded:
                    print(f"  - {end.operation}: {end.unreached}", flush=True)
                elif options.names:
                    print(f"  + {end.operation}", flush=True)
            if options.source is not None:
                tell_differences(ends, options.source)
    if not options.table:
        print(f"all: reached {reached} of {implemented}")


if __name__ == "__main__":
    main()
