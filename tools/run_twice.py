# SPDX-License-Identifier: Apache-2.0
"""Run the same plan twice on targets that start afresh: are cases, findings and causes the same, in order?

    python tools/run_twice.py [TARGET]... [--operations SELECTOR]... [--effort quick] [--seed N]

By default the reference and the emulators of the presets, on the groups of cognito-idp. It owns what of a
run is compared: each case with its outcome, each finding's id with its count, each cause's id with its
number of places, all in order. It refuses to know what they mean. Nothing is limited in time, since a limit
would end two runs at different cases. Prints the first places where two runs differ, and exits 1 if any do.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from aws_conformance.engine.plan import EFFORTS, Plan
from aws_conformance.engine.run import run
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.results.causes import causes
from aws_conformance.results.events import CaseFinished, Event, OperationFinished, Reported
from aws_conformance.spec.selectors import select

TARGETS = ("reference", "moto", "ministack", "cognito-local")
OPERATIONS = ("cognito-idp:*Group*",)
SHOWN = 10


@dataclass(slots=True)
class Said:
    """What a run said, in the order in which it said it."""

    cases: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)


def said_by(plan: Plan) -> Said:
    """What a run of a plan says."""
    said, reported = Said(), []

    def emit(event: Event) -> None:
        match event:
            case CaseFinished(case=case, outcome=outcome):
                said.cases.append(f"{case.operation} {case.id} {case.title}: {type(outcome).__name__}")
            case Reported(violation=violation):
                said.findings.append(
                    f"{violation.id} x{event.count} {violation.operation} {violation.check} {violation.path}"
                )
                reported.append(event)
            case OperationFinished():
                said.operations.append(f"{event.operation} reached {event.reached}")
            case _:
                pass

    run(plan, emit)
    said.causes = [f"{cause.id} {cause.places} places: {cause.title}" for cause in causes(reported)]
    return said


def differences(first: Sequence[str], second: Sequence[str]) -> Iterator[str]:
    """The places where two lists differ, as lines."""
    for before, after in itertools.zip_longest(first, second, fillvalue="nothing"):
        if before != after:
            yield f"    {before[:160]}\n    {after[:160]}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run the same plan twice, and compare.")
    parser.add_argument("targets", nargs="*", default=TARGETS)
    parser.add_argument("--operations", action="append", help="a selector; repeatable")
    parser.add_argument("--effort", choices=list(EFFORTS), default="standard")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    phases = ("enumerated", "random", "stateful")
    plan = Plan(select(options.operations or OPERATIONS), phases=phases, seed=options.seed)
    plan = replace(plan, **EFFORTS[options.effort])
    same = True
    for name in options.targets:
        began = time.monotonic()
        first, second = (said_by(replace(plan, target=parse_target(name))) for _ in range(2))
        print(f"{name}: {len(first.cases)} cases, {len(first.findings)} findings, {len(first.causes)} causes")
        for what in ("operations", "cases", "findings", "causes"):
            places = list(differences(getattr(first, what), getattr(second, what)))
            same = same and not places
            print(f"  {what}: {len(places) or 'none'} different")
            print("\n".join(places[:SHOWN]), end="\n" if places else "")
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
