# SPDX-License-Identifier: Apache-2.0
"""What histories cost beyond the requests that they send: ratios within one run, against bare exchanges.

    python benchmarks/bench_histories.py

The target is the embedded reference, whose own time is in every row. A machine that does other work adds
to all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.lifecycles.coverage import enumerated_histories
from aws_conformance.cases.lifecycles.load import read_lifecycle
from aws_conformance.cases.lifecycles.registry import shipped_files
from aws_conformance.cases.smallest import smallest_input
from aws_conformance.engine.opening import opened
from aws_conformance.engine.plan import Plan
from aws_conformance.engine.run import run
from aws_conformance.http import Exchange, Request
from aws_conformance.results.events import Event
from aws_conformance.spec.botocore import load_service
from aws_conformance.targets.connection import Connection

__all__ = ["main"]

_SENT = 200
_BY_CHANCE = 30
_OPERATION = "cognito-idp:StartUserImportJob"


class _Counting:
    """Counts what connections send, in whichever part of a run."""

    def __init__(self) -> None:
        self.sent = 0
        self._send = Connection.send

    def __enter__(self) -> _Counting:
        def send(connection: Connection, request: Request, **more: float) -> Exchange:
            self.sent += 1
            return self._send(connection, request, **more)

        Connection.send = send  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *_: object) -> None:
        Connection.send = self._send  # type: ignore[method-assign]


def timed(work: Callable[[], object]) -> float:
    """Seconds of the faster of two rounds."""
    rounds = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        rounds.append(time.perf_counter() - start)
    return min(rounds)


def exchanges() -> None:
    """Signed requests one after the other, whose answers nobody looks at."""
    compiled = contract_of("cognito-idp")
    with opened(Plan((_OPERATION,))) as session:
        for _ in range(_SENT):
            session.invoke(compiled.of(compiled.operation("ListUserPools")), {"MaxResults": 1})


def histories(by_chance: int) -> tuple[float, int]:
    """Seconds for each request of a run of histories, and how many there were."""
    plan = Plan((_OPERATION,), phases=("stateful",), max_examples=by_chance, seed=1)
    with _Counting() as counting:
        start = time.perf_counter()
        events: list[Event] = []
        run(plan, events.append)
        seconds = time.perf_counter() - start
    return seconds / counting.sent, counting.sent


def main() -> int:
    """Print the table; always 0."""
    load_service("cognito-idp")
    texts = shipped_files()
    lifecycles = [read_lifecycle(text, name, load_service, smallest_input) for name, text in texts]
    base = timed(exchanges) / _SENT
    enumerated, sent = histories(0)
    chosen, more = histories(_BY_CHANCE)
    rows = [
        ("a bare exchange", base),
        (f"a request of histories ({sent} of them)", enumerated),
        (f"the same with {_BY_CHANCE} by chance ({more})", chosen),
        (
            "reading a lifecycle",
            timed(lambda: [read_lifecycle(text, name, load_service, smallest_input) for name, text in texts])
            / len(texts),
        ),
        (
            "finding all its histories",
            timed(lambda: [enumerated_histories(lifecycle) for lifecycle in lifecycles]) / len(lifecycles),
        ),
    ]
    for what, seconds in rows:
        print(f"{what:<44} {seconds * 1e3:>9.2f} ms {seconds / base:>8.1f} x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
