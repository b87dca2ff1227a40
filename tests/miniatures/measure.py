# SPDX-License-Identifier: Apache-2.0
"""One run of the engine against an address, in a process of its own, with what it cost.

It owns the measurement: peak memory is a process's, so each run needs one. Prints one line of JSON and
refuses to know what stands behind the address. Arguments: URL, seconds for a request, and for the run how
often it may look at the clock.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.looks import LookClock

from aws_conformance.engine.plan import DEFAULT_SELECTORS, Plan, UrlTarget
from aws_conformance.engine.run import run
from aws_conformance.results.events import Event, OperationFinished, Reported, RunFinished
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.selectors import select

__all__: list[str] = []


def main(url: str, timeout: float, looks: int | None) -> None:
    """Run the default plan, with few random cases, and print the measurement."""
    events: list[Event] = []
    plan = Plan(
        select(DEFAULT_SELECTORS),
        UrlTarget(url),
        max_examples=4,
        timeout=timeout,
        max_time=looks,
        # A server that does not answer in earnest does not answer later either.
        max_wait=1.0,
    )
    load_service("cognito-idp")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock = LookClock(looks or 0)
    if looks is not None:
        for holder, name, value in clock.patches():
            setattr(holder, name, value)
    code = run(plan, events.append)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    operations = [event for event in events if isinstance(event, OperationFinished)]
    measured = {
        "exit": code,
        "late": clock.late,
        "looks": clock.now,
        # Kilobytes on Linux, bytes on macOS.
        "grown": (after - before) * (1 if sys.platform == "darwin" else 1024),
        "reasons": next(event.reasons for event in events if isinstance(event, RunFinished)),
        "checks": sorted({event.violation.check for event in events if isinstance(event, Reported)}),
        "verified": sum(event.verified for event in operations),
        "cases": sum(event.cases for event in operations),
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
