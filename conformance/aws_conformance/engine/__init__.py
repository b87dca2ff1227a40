"""The engine: a plan goes in, events come out; it never prints and never exits.

`run` is the one way in for all front ends, and `replay` for the findings of a run before. `run` shards
the plan's operations over worker processes, gathers their events, and has the verdict decided.
"""

from __future__ import annotations

from .replay import Replayed, replay
from .run import head_of, run

__all__ = ["Replayed", "head_of", "replay", "run"]
