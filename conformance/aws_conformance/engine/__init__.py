"""The engine: a plan goes in, events come out; it never prints and never exits.

`run` is the one way in for all front ends. It shards the plan's operations over worker processes,
gathers their events, merges what has one cause, and decides the exit code.
"""

from __future__ import annotations

from .run import run

__all__ = ["run"]
