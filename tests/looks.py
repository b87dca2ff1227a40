# SPDX-License-Identifier: Apache-2.0
"""A run's time, counted in looks at the clock: a slow machine comes as far as a fast one.

It owns the clock and where the engine looks at it. It refuses to know what is run.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass

from aws_conformance.http import Exchange, Request
from aws_conformance.targets.connection import Connection

__all__ = ["LookClock"]


@dataclass(slots=True)
class LookClock:
    """Goes on by one with each look; `late` counts requests that are sent after `limit` looks."""

    limit: int
    now: int = 0
    late: int = 0

    def monotonic(self) -> float:
        """As time.monotonic, of which the engine needs no more."""
        self.now += 1
        return self.now

    def patches(self) -> Iterator[tuple[object, str, object]]:
        """What has to be replaced for a run to go by this clock: holder, attribute, value."""
        send = Connection.send

        def counted(connection: Connection, request: Request, *, timeout: float | None = None) -> Exchange:
            # The first looks are at when the run began, and at when its time will be up.
            self.late += self.now > self.limit + 2
            return send(connection, request, timeout=timeout)

        # The package has a function of the module's name.
        yield importlib.import_module("aws_conformance.engine.run"), "time", self
        yield Connection, "send", counted
